"""The parts of saved graphs: what their state is, which classes it needs, what a call must be like."""

"""Graph in, graph out: one optimisation a file."""

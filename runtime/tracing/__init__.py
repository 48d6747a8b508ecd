"""From NumPy calls on tracers to a graph."""

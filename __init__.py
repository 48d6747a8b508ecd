"""Plain NumPy with native control flow, run as a graph."""

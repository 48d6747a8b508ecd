"""The graph meaning of the protocol: tracing, optimising and running."""

"""The graph: values, nodes, symbolic dimensions, verification and a text form."""

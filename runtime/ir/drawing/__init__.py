"""Pictures of graphs, without anything from outside: ``layout`` says where things are, ``svg`` and ``page`` show it.

``dot`` writes a graph for Graphviz.
"""

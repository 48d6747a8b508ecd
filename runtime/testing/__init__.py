"""Comparing a graph function with eager NumPy: ``equivalence`` is the entry, ``observe`` and ``compare`` its two
halves.
"""

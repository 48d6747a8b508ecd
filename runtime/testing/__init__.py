"""Comparing a graph function with eager NumPy."""

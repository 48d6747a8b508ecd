"""Python into Python: control flow becomes calls of a small protocol."""

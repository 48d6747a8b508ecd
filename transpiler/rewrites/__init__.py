"""One construct a file: source that uses it in, protocol calls out."""

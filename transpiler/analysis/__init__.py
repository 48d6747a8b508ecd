"""Facts about a function's syntax tree, in tables keyed by node; nothing here changes a tree."""

"""Facts about a function, as tables keyed by node; nothing is hung on nodes."""

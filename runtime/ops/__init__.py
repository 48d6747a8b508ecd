"""Every op, each defined once: type rule, kernel, gradient, samples."""

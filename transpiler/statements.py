"""Functions compiled from a line of Python: what a statement does, and its errors, are CPython's own then."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any


@cache
def unpacker(before: int, after: int | None) -> Callable[[Any], tuple[Any, ...]]:
    """Return a function that unpacks by an assignment, so that its errors are CPython's own."""
    names = [f"v{i}" for i in range(before + (after or 0))]
    targets = names if after is None else [*names[:before], "*starred", *names[before:]]
    values = [name.removeprefix("*") for name in targets]
    left, right = (f"[{', '.join(each)}]" for each in (targets, values))
    unpackers: dict[str, Any] = {}
    exec(f"def unpacker(value):\n    {left} = value\n    return tuple({right})", unpackers)
    return unpackers["unpacker"]


@cache
def matcher(pattern: str, parts: str) -> Callable[[Any, Any, Any], tuple[Any, ...] | None]:
    """Return a function that matches ``pattern``, so that what it does and its errors are CPython's own."""
    matchers: dict[str, Any] = {}
    taken = f"({parts},)" if parts else "()"
    exec(f"def matcher(subject, kind, keys):\n match subject:\n  case {pattern}:\n   return {taken}", matchers)
    return matchers["matcher"]

"""Keys in words: ``float64[n, 3], read-only``, ``list of int``.

The keys of a trace are described, and those of a saved graph, which say less of arrays and name what a trace compares
by identity.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from .keys import ABSENT, OTHER, Abstract, Exactly, Identity

DTYPES = {np.dtype(code).num: np.dtype(code) for code in np.typecodes["All"]}  # by the number that keys have
LAYOUTS = {"C": "", "F": ", in Fortran's order", "": ", not contiguous"}
NAMED, OBJECT = "named", "object"


def describe_key(key: Any) -> str:
    """A key in words, on one line; ``n`` is a size of 2 or more."""
    if isinstance(key, type):
        return key.__name__
    if isinstance(key, Identity):
        return getattr(key.value, "__name__", None) or repr(key.value)
    if isinstance(key, Abstract):
        return "any of its type"
    if not isinstance(key, tuple) or not key:
        return repr(key.value if isinstance(key, Exactly) else key)
    if key == ABSENT:
        return "not there"
    first, *rest = key
    if isinstance(first, (int, np.dtype)):
        return _array(first, *rest)
    if first == OTHER:
        return f"{rest[0]} {_array(*rest[1:])}"
    if first == NAMED:
        return rest[0]
    if first == OBJECT:
        return _object(*rest)
    if first is tuple:
        return _filled("tuple", rest)
    if first is list and rest[:1] == ["many"]:
        return _filled("list", sorted(rest[1], key=str))
    if first is list:
        return _filled("list", rest)
    if first is dict and len(rest) == 2:
        return _filled("dict", [f"{describe_key(name)}: {describe_key(item)}" for name in rest[0] for item in rest[1]])
    if first is dict:
        return _filled("dict", [f"{describe_key(name)}: {describe_key(item)}" for name, item in rest[0]])
    if first in (set, frozenset):
        return _filled(first.__name__, sorted(rest[0], key=str))
    if first is slice:
        return f"slice({', '.join(map(describe_key, rest))})"
    return repr(rest[0])


def _array(dtype: int | np.dtype[Any], sizes: tuple[int, ...], layout: str = "C", writeable: bool = True) -> str:
    dtype = DTYPES[dtype] if isinstance(dtype, int) else dtype
    shape = ", ".join(["n" if size == 2 else str(size) for size in sizes])
    return f"{dtype}[{shape}]{LAYOUTS[layout]}{'' if writeable else ', read-only'}"


def _object(cls: Any = None, attributes: Iterable[tuple[str, Any]] = ()) -> str:
    if cls is None:
        return OBJECT
    name = cls.value.__name__ if isinstance(cls, Identity) else cls
    names = ", ".join([name for name, _ in attributes])
    return f"{name} with {names}" if names or not isinstance(cls, Identity) else name


def _filled(kind: str, items: Iterable[Any]) -> str:
    told = ", ".join([item if isinstance(item, str) else describe_key(item) for item in items])
    return f"{kind} of {told}" if told else f"empty {kind}"

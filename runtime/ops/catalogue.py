"""What of NumPy is supported, as a document: ``python -P -m tograph.runtime.ops.catalogue > docs/numpy.md``."""

from __future__ import annotations

import builtins
import cmath
import math
import operator
import textwrap
from collections.abc import Iterable, Iterator
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np
from numpy.polynomial import polyutils

from . import (
    TABLE,
    array_iteration,
    bits,
    contractions,
    conversion,
    creation,
    dtypes,
    elementwise,
    functions,
    grids,
    indexing,
    joining,
    layout,
    linalg,
    mathematics,
    polynomials,
    products,
    questions,
    reduce,
    sets,
    settings,
    sorting,
    striding,
    transforms,
)
from .op import Op
from .refused import ANSWERED, NAMESPACES, reasons

PLACES: tuple[tuple[str, Any], ...] = (
    ("np.", np), ("np.linalg.", np.linalg), ("np.fft.", np.fft),
    ("np.lib.stride_tricks.", np.lib.stride_tricks),
    ("np.lib.array_utils.", np.lib.array_utils), ("np.ndarray.", np.ndarray), ("math.", math), ("cmath.", cmath),
    ("operator.", operator), ("", builtins),
    *((f"np.polynomial.{module.__name__.rpartition('.')[2]}.", module) for _, module in polynomials.BASES),
    ("np.polynomial.polyutils.", polyutils),
)
# Some modules have the ops of others among theirs: the parts stand first.
FAMILIES: tuple[tuple[str, ModuleType], ...] = (
    ("Element by element: ufuncs", elementwise),
    ("Element by element: other functions", functions),
    ("Scalars of a dtype", mathematics),
    ("Arrays of other values", conversion),
    ("Arrays of a shape or a range", creation),
    ("Grids, and arrays written as an index", grids),
    ("Reductions, running and average values", reduce),
    ("Sorting, searching, counting, sets", sorting),
    ("Sets, and counts in several dimensions", sets),
    ("Bits in bytes", bits),
    ("Picking and placing elements", indexing),
    ("Joining, splitting, repeating, padding", joining),
    ("Shape and order of axes", layout),
    ("Views with strides of their own", striding),
    ("Products of arrays", products),
    ("Further products, tensor equations", contractions),
    ("Fourier transforms, polynomials, covariances", transforms),
    ("Linear algebra", linalg),
    ("Series of polynomials", polynomials),
    ("Elements of arrays one by one", array_iteration),
    ("Questions", questions),
    ("Dtypes", dtypes),
    ("Settings of NumPy", settings),
)
INTRODUCTION = """\
# The NumPy that works

The functions of NumPy that a graph function may call, made from the table of ops by
`python -P -m tograph.runtime.ops.catalogue`. All take the arguments that they take in NumPy, `out=`, `where=`,
`axis=`, `dtype=` and `keepdims=` too. They give what NumPy gives, bit for bit, since NumPy computes them. A function
that is not listed is refused by name. Names in parentheses are other names of the same function.

Of 406 rules of the [array API standard](https://data-apis.org/array-api/2024.12/) that NumPy's functions are tested by,
plain and each one compiled (`tests/ops/test_standard.py`), 3 are not kept: `np.floor_divide` gives nan for infinity
divided by a finite number. It does so without tograph too.

Besides, all of `math` works, and the operators and builtin functions of Python: see
[python-subset.md](python-subset.md).
"""
TRACED = "Their work is written out in the graph: functions of the program are traced, and called by loops."
REFUSED = """\
## Refused, {total}

Public functions and classes of the same namespaces that a graph does not call. They are refused by name, with the line.
"""


@cache
def names() -> dict[int, tuple[str, ...]]:
    """The public names of every callable that means an op, by its identity; the callable's own name comes first."""
    found: dict[int, list[str]] = {}
    for prefix, place in PLACES:
        for name in dir(place):
            value = getattr(place, name) if not name.startswith("_") else None
            if value is not None and TABLE.of_callable(value) is not None:
                found.setdefault(id(value), []).append(prefix + name)
    return {key: tuple(sorted(paths, key=lambda path: not _is_own(path, key))) for key, paths in found.items()}


def _is_own(path: str, key: int) -> bool:
    function = next(value for op in TABLE.by_name.values() for value in op.captures if id(value) == key)
    return path.rpartition(".")[2] == getattr(function, "__name__", None)


def catalogue() -> str:
    """The document."""
    parts = [INTRODUCTION]
    seen: set[Op] = set()
    for title, module in FAMILIES:
        parts.append(_section(title, _functions(op for op in module.OPS if op not in seen)))
        seen.update(module.OPS)
    methods = sorted(f"x.{name}()" for name in TABLE.by_method)
    attributes = sorted(f"x.{op.name.partition('.')[2]}" for op in TABLE.by_name.values()
                        if op.name.startswith("attribute."))
    ufuncs = sorted(f"np.{function.__name__}" for function in elementwise.WITH_METHODS)
    parts.append(_section("Methods of arrays", methods))
    parts.append(_section("Attributes of arrays and ranges", attributes))
    every = ", ".join(f"`{name}`" for name in elementwise.METHODS)
    parts.append(_section("Methods of ufuncs", ufuncs, f"{every}, of each of these:"))
    answered = sorted({path for value in ANSWERED for path in _paths(value)}, key=str.lower)
    parts.append(_section("With functions of the program, element by element, for a while", answered, TRACED))
    parts.append(_refused())
    return "\n".join(parts)


def _paths(value: Any) -> Iterator[str]:
    """The first public name of what has no op."""
    yield next(prefix + name for prefix, place in NAMESPACES for name in dir(place)
               if not name.startswith("_") and getattr(place, name) is value)


def _refused() -> str:
    groups = list(reasons())
    total = sum(len(names) for _, names in groups)
    lines = [REFUSED.format(total=total)]
    lines += [f"* {reason} {', '.join(f'`{name}`' for name in names)}" for reason, names in groups]
    return "\n".join(textwrap.fill(line, 120, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
                     if line.startswith("*") else line for line in lines) + "\n"


def _functions(ops: Iterable[Op]) -> list[str]:
    """The functions of NumPy among the captures of ``ops``, with their other names."""
    return sorted(_entries(ops), key=str.lower)


def _entries(ops: Iterable[Op]) -> Iterator[str]:
    for function in [function for op in ops for function in op.captures]:
        paths = [path for path in names().get(id(function), ()) if path.startswith("np.")]
        if paths and not paths[0].startswith("np.ndarray."):
            yield paths[0] + (f" ({', '.join(paths[1:])})" if paths[1:] else "")


def _section(title: str, entries: list[str], introduction: str = "") -> str:
    marked = ", ".join(_marked(entry) for entry in entries)
    body = textwrap.fill(marked, 120, break_long_words=False, break_on_hyphens=False)
    return "\n".join([f"## {title}, {len(entries)}", "", *([introduction, ""] if introduction else []), body, ""])


def _marked(entry: str) -> str:
    own, _, others = entry.partition(" ")
    return f"`{own}`" + (f" ({', '.join(f'`{name}`' for name in others.strip('()').split(', '))})" if others else "")


if __name__ == "__main__":
    print(catalogue(), end="")

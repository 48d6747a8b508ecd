"""Iterators of ``itertools``, heaps in lists, and lists in order: calls that work on containers when the graph runs.

The iterators stay lazy, as they are Python's own.  Functions that are given a function of the user's are none of these;
tracing writes them out in Python (``tracing.library``).
"""

from __future__ import annotations

import bisect
import heapq
import itertools
import operator
from collections.abc import Callable, Sequence
from typing import Any

from ..ir.types import ANY, INT, NONE, IteratorType, ListType, Type
from .op import Op, Result


def ordered(items: Sequence[Any], keys: Sequence[Any], reverse: bool = False) -> list[Any]:
    """``items`` in the order of their ``keys``; equal ones keep theirs."""
    order = sorted(range(len(items)), key=keys.__getitem__, reverse=reverse)
    return [items[place] for place in order]


def _gives(type: Type) -> Callable[..., Type]:
    return lambda *args, **kwargs: type


def _op(function: Callable[..., Any], name: str, type: Type, changes: bool = False) -> Op:
    return Op(
        name,
        lambda xp: function,
        _gives(type),
        captures=(function,),
        result=Result.VIEW,
        writes=(0,) if changes else (),
        effect=changes,
    )


ITERATORS = {
    name: _op(getattr(itertools, name), f"itertools.{name}", IteratorType(ANY))
    for name in (
        "accumulate", "chain", "combinations", "combinations_with_replacement", "compress", "count", "cycle", "groupby",
        "islice", "pairwise", "permutations", "product", "repeat", "zip_longest",
    )
}  # fmt: skip
MERGE = _op(heapq.merge, "heapq.merge", IteratorType(ANY))
FROM_ITERABLE = Op(
    "itertools.chain.from_iterable",
    lambda xp: itertools.chain.from_iterable,
    _gives(IteratorType(ANY)),
    result=Result.VIEW,
)
TEE = _op(itertools.tee, "itertools.tee", ANY)
ORDERED = _op(ordered, "ordered", ListType(ANY))
HEAPS = {
    name: _op(getattr(heapq, name), f"heapq.{name}", type, changes=True)
    for name, type in (
        ("heappush", NONE),
        ("heapify", NONE),
        ("heappop", ANY),
        ("heapreplace", ANY),
        ("heappushpop", ANY),
        ("_heapify_max", NONE),   # with the greatest item first: what nsmallest() and merge() work with
        ("_heappop_max", ANY),
        ("_heapreplace_max", ANY),
    )
}
SMALLEST = {name: _op(getattr(heapq, name), f"heapq.{name}", ListType(ANY)) for name in ("nsmallest", "nlargest")}
PLACES = {
    name: _op(getattr(bisect, name), f"bisect.{name}", INT if name.startswith("bisect") else NONE, "insort" in name)
    for name in ("bisect_left", "bisect_right", "insort_left", "insort_right")
}
COUNT_OF = _op(operator.countOf, "operator.countOf", INT)
INDEX_OF = _op(operator.indexOf, "operator.indexOf", INT)

OPS = (
    *ITERATORS.values(),
    FROM_ITERABLE,
    MERGE,
    TEE,
    ORDERED,
    *HEAPS.values(),
    *SMALLEST.values(),
    *PLACES.values(),
    COUNT_OF,
    INDEX_OF,
)

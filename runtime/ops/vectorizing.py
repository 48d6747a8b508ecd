"""What ``np.vectorize`` does around the calls of the function: which elements it is given, and the arrays of results.

NumPy itself is asked, with a function of ours in place of the user's: so the order of the elements, what Python makes
of each, and how results become arrays are NumPy's own.  The calls in between are a loop of the graph.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..ir.types import ArrayType, ListType, TupleType, Type, join
from .infer import NoNumbers, broadcast, kind_of, probe, shape_of, static
from .op import Op
from .rules import array_like, checked, leaves, size_of
from .specimens import COMPLEX, EMPTY, FLOATS, INT_MATRIX, MASK, MATRIX, SINGLE, SMALL_INTS, ZERO_D, call


class _Reached(Exception):
    """Raised in place of the first call."""

    def __init__(self, items: tuple[Any, ...]) -> None:
        self.items = items


def first_items(*args: Any) -> tuple[Any, ...]:
    """The arguments of the call that finds out what the results are.  Raises ValueError where there is no element."""

    def reach(*items: Any) -> Any:
        raise _Reached(items)

    try:
        np.vectorize(reach)(*args)
    except _Reached as reached:
        return reached.items
    raise AssertionError("np.vectorize makes a first call")


def all_items(*args: Any) -> list[tuple[Any, ...]]:
    """The arguments of each call, in the order of the calls.  Raises ValueError where shapes do not broadcast."""
    found: list[tuple[Any, ...]] = []
    np.vectorize(lambda *items: found.append(items), otypes="O")(*args)
    return found


def gathered(results: Sequence[Any], otypes: Any, *args: Any) -> Any:
    """The arrays that the results of the calls make, of the dtypes ``otypes``."""
    remaining = iter(results)
    return np.vectorize(lambda *items: next(remaining), otypes=otypes)(*args)


def dtypes_of(outputs: Any) -> str:
    """The dtypes of the arrays: those of the results of the first call."""
    parts = outputs if isinstance(outputs, tuple) else (outputs,)
    return "".join([np.asarray(part).dtype.char for part in parts])


def gathered_like(results: Sequence[Any], outputs: Any, *args: Any) -> Any:
    """The arrays that the results of the calls make, of which ``outputs`` is the first."""
    return gathered(results, dtypes_of(outputs), *args)


def _element(arg: Any) -> Type:
    """What is in an array of objects made of ``arg``."""
    return join(*(kind_of(probe(_object_in, ArrayType(leaf.dtype, ()))) if isinstance(leaf, ArrayType)
                  else kind_of(leaf) for leaf in leaves(arg)))


def _object_in(array: Any) -> Any:
    return array.astype(object).item()


@checked
def infer_first(*args: Any) -> Type:
    return TupleType(tuple([kind_of(item) for item in probe(first_items, *args)]))


@checked
def infer_all(*args: Any) -> Type:
    length = size_of(broadcast(*map(shape_of, args)))
    return ListType(TupleType(tuple(map(_element, args))), length)


@checked
def infer_gathered(results: Any, otypes: Any, *args: Any) -> Type:
    shape = broadcast(*map(shape_of, args))
    found = [np.dtype(char) for char in static(otypes, "otypes")]
    for dtype in found:
        if dtype.kind not in "biufc":
            raise NoNumbers(dtype)
    arrays = tuple([ArrayType(dtype, shape) for dtype in found])
    return arrays[0] if len(arrays) == 1 else TupleType(arrays)


@checked
def infer_gathered_like(results: Any, outputs: Any, *args: Any) -> Type:
    shape = broadcast(*map(shape_of, args))
    parts = outputs.items if isinstance(outputs, TupleType) else outputs if type(outputs) is tuple else None
    arrays = tuple([ArrayType(array_like(part).dtype, shape) for part in (outputs,) if parts is None])
    if parts is None:
        return arrays[0]
    return TupleType(tuple([ArrayType(array_like(part).dtype, shape) for part in parts]))


ARGUMENTS = ((FLOATS,), (SMALL_INTS[::-1], 2), (INT_MATRIX.T, SMALL_INTS[:3]), (COMPLEX,), (MASK, FLOATS), (ZERO_D,),
             (np.float32(2), 1.5), ([1, 2.5], [[1], [2]]), (MATRIX, INT_MATRIX), (SINGLE.astype(np.float16),))
ELEMENTS = tuple([call(*args) for args in (*ARGUMENTS, (EMPTY,))])

FIRST = Op("vectorize.first_items", lambda xp: first_items, infer_first, samples=ELEMENTS)
ALL = Op("vectorize.all_items", lambda xp: all_items, infer_all, samples=ELEMENTS)
GATHERED = Op("vectorize.gathered", lambda xp: gathered, infer_gathered, samples=(
    call([1.5, 2, True, 4, 5], "f", FLOATS), call([(1, 2.5)] * 5, "id", FLOATS), call([], "d", EMPTY),
    call([1 + 1j], "D", ZERO_D), call([2.5] * 6, "e", MATRIX), call([1j], "d", ZERO_D)))
GATHERED_LIKE = Op("vectorize.gathered_like", lambda xp: gathered_like, infer_gathered_like, samples=(
    call([1.5, 2, True, 4, 5], 1.5, FLOATS), call([(1, 2.5)] * 5, (1, 2.5), FLOATS), call([True] * 6, True, MATRIX),
    call([np.float32(2)], np.float32(2), ZERO_D), call([1, 2], 1, [3, 4]), call([1j], 1j, 2.0)))

OPS = (FIRST, ALL, GATHERED, GATHERED_LIKE)

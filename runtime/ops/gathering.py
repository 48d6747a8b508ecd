"""Elements picked and placed by positions, masks or choices: ``take``, ``put``, ``compress``, ``select``, index makers.

The ops are part of ``indexing.OPS``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..ir import dims
from ..ir.dims import Dim
from ..ir.graph import map_leaves
from ..ir.types import NONE, ArrayType, IntType, ListType, TupleType, Type
from .infer import Unknown, broadcast, probe, shape_of, static, type_of
from .op import Op, Result
from .rules import (
    Infer,
    array_like,
    as_method,
    as_numpy,
    as_operand,
    axes_of,
    checked,
    count_argument,
    method,
    out_type,
    plain,
    result,
    sequence_argument,
    size_of,
)
from .specimens import (
    COMPLEX,
    CUBE,
    EMPTY,
    EMPTY_MATRIX,
    FLOATS,
    INT_MATRIX,
    MASK,
    MATRIX,
    SINGLE,
    SMALL_INTS,
    STRIDED_MATRIX,
    ZERO_D,
    call,
    each,
)

INTP = np.dtype(np.intp)


def positions_like(value: Any) -> ArrayType:
    """The positions an argument stands for: an empty list is an array of none, and an int that fits no dtype raises."""
    match value:
        case list() | tuple() if not value:
            return ArrayType(INTP, (0,))
        case ListType(IntType(), length):
            return ArrayType(INTP, (dims.fresh() if length is None else length,))
        case TupleType(items):
            value = items
    return array_like(map_leaves(value, lambda leaf: 0 if isinstance(leaf, IntType) else leaf))


def cast_positions(value: Any) -> ArrayType:
    """The positions that ``take`` and ``put`` make of an argument: they cut off floats that are in no array."""
    where = positions_like(value)
    is_cast = where.dtype.kind == "f" and not isinstance(value, ArrayType)
    return ArrayType(INTP, where.shape) if is_cast else where


def items_of(value: Any) -> tuple[ArrayType, ...]:
    """The arrays of a sequence of arrays: those of a list, or along the first axis of an array."""
    match value:
        case TupleType(items):
            return tuple(map(array_like, items))
        case ListType(item, length) if isinstance(length, int):
            return (array_like(item),) * length
        case ListType(item):
            return (array_like(item),)
        case ArrayType(dtype, (_, *rest)):
            return (ArrayType(dtype, tuple(rest)),)
        case list() | tuple():
            return tuple(map(array_like, value))
        case np.ndarray():
            return items_of(type_of(value))
    raise Unknown(value)


def _sequences(value: Any) -> Any:
    """``value`` with its sequence of arrays as stand-ins take it."""
    return list(items_of(value))



def taking(run: Callable[..., Any]) -> Infer:
    """The rule of ``take``: the shape of the indices replaces the axis."""

    @checked
    def infer(a: Any, indices: Any, axis: Any = None, out: Any = None, mode: Any = "raise") -> Type:
        stored = out_type(out)
        if stored is not None:
            return stored
        axis, source, where = static(axis, "axis"), array_like(a), cast_positions(indices)
        # Wrapped positions fit stand-ins of any size.
        probed = probe(run, a, where, axis, None, "wrap")
        at = axes_of(axis, source.rank)
        if axis is None or not at:
            return result(probed, where.shape)
        return result(probed, (*source.shape[:at[0]], *where.shape, *source.shape[at[0] + 1:]))

    return infer


@checked
def infer_take_along_axis(arr: Any, indices: Any, axis: Any = -1) -> Type:
    axis, source, where = static(axis, "axis"), array_like(arr), array_like(indices)
    if axis is None:
        return ArrayType(source.dtype, where.shape)
    if source.rank != where.rank:
        raise ValueError("`indices` and `arr` must have the same number of dimensions")
    (at,) = axes_of(axis, source.rank)
    others = broadcast(*(shape[:at] + (1,) + shape[at + 1:] for shape in (source.shape, where.shape)))
    return ArrayType(source.dtype, others[:at] + (where.shape[at],) + others[at + 1:])


def compressing(run: Callable[..., Any], condition_first: bool) -> Infer:
    """The rule of ``compress``: as many of the axis as the condition has true elements."""

    def rule(condition: Any, a: Any, axis: Any, out: Any) -> Type:
        stored = out_type(out)
        if stored is not None:
            return stored
        axis, source, chosen = static(axis, "axis"), array_like(a), array_like(condition)
        probed = probe(run, *((chosen, a) if condition_first else (a, chosen)), axis)
        shape = (size_of(source.shape),) if axis is None else source.shape
        (at,) = axes_of(0 if axis is None else axis, len(shape))
        count = dims.fresh("m", high=dims.minimum(size_of(chosen.shape), shape[at]))
        return result(probed, shape[:at] + (count,) + shape[at + 1:])

    if condition_first:
        return checked(lambda condition, a, axis=None, out=None: rule(condition, a, axis, out))
    return checked(lambda a, condition, axis=None, out=None: rule(condition, a, axis, out))


@checked
def infer_extract(condition: Any, arr: Any) -> Type:
    source = array_like(arr)
    count = dims.minimum(size_of(array_like(condition).shape), size_of(source.shape))
    return ArrayType(source.dtype, (dims.fresh("m", high=count),))


@checked
def infer_choose(a: Any, choices: Any, out: Any = None, mode: Any = "raise") -> Type:
    stored = out_type(out)
    if stored is not None:
        return stored
    probed = probe(np.choose, a, _sequences(choices), mode="wrap")
    return result(probed, broadcast(shape_of(a), *map(shape_of, items_of(choices))))


@checked
def infer_choose_method(a: Any, *choices: Any, out: Any = None, mode: Any = "raise") -> Type:
    return infer_choose(a, choices[0] if len(choices) == 1 else choices, out)


@checked
def infer_select(condlist: Any, choicelist: Any, default: Any = 0) -> Type:
    conditions, choices = items_of(condlist), items_of(choicelist)
    probed = probe(np.select, list(conditions), _weak_items(choicelist), as_operand(default))
    return result(probed, broadcast(*map(shape_of, (*conditions, *choices)), shape_of(default)))


def _weak_items(value: Any) -> Any:
    """Items as they are, so that Python numbers stay weak in promotion."""
    items = value.items if isinstance(value, TupleType) else value
    return list(map(as_operand, items)) if type(items) in (tuple, list) else _sequences(value)



@checked
def infer_placing(target: Any, /, *args: Any, **kwargs: Any) -> Type:
    if isinstance(target, ArrayType | np.ndarray):
        return NONE
    raise Unknown(target)


@checked
def infer_item(x: Any, *args: Any) -> Type:
    if array_like(x).dtype.kind not in "biufc":
        raise Unknown(x)
    if isinstance(x, ArrayType) and not args:
        size = size_of(x.shape)
        if isinstance(size, int) and size != 1:
            raise ValueError("can only convert an array of size 1 to a Python scalar")
        x = ArrayType(x.dtype, ())
    return result(probe(method("item"), x, *map(_first, args)), ())


def _first(position: Any) -> Any:
    """A position that any stand-in has, in the form of this one."""
    if isinstance(position, TupleType):
        return tuple(map(_first, position.items))
    return tuple(map(_first, position)) if type(position) is tuple else 0



@checked
def infer_diag_indices(n: Any, ndim: Any = 2) -> Type:
    return TupleType((ArrayType(INTP, (count_argument(n),)),) * static(ndim, "ndim"))


@checked
def infer_diag_indices_from(arr: Any) -> Type:
    array = array_like(arr)
    if array.rank < 2:
        raise ValueError("input array must be at least 2-d")
    return TupleType((ArrayType(INTP, array.shape[:1]),) * array.rank)


def _triangle_size(n: Dim, m: Dim, k: Any, lower: bool) -> Dim:
    """How many elements of an ``n`` by ``m`` matrix lie on or below (above) the diagonal ``k``."""
    k = plain(k)
    if isinstance(n, int) and isinstance(m, int) and isinstance(k, int) and n <= 4096:
        return sum(min(max(i + k + 1, 0), m) if lower else m - min(max(i + k, 0), m) for i in range(n))
    if dims.known_equal(n, m) and isinstance(k, int):
        shift = k if lower else -k
        if shift == 0:
            return n * (n + 1) // 2
        if shift == -1:
            return n * (n - 1) // 2
    return dims.fresh(high=n * m)


def _triangle(lower: bool) -> Infer:
    @checked
    def infer(n: Any, k: Any = 0, m: Any = None) -> Type:
        rows = count_argument(n)
        count = _triangle_size(rows, rows if m is None else count_argument(m), k, lower)
        return TupleType((ArrayType(np.dtype(np.int64), (count,)),) * 2)

    return infer


def _triangle_from(lower: bool) -> Infer:
    @checked
    def infer(arr: Any, k: Any = 0) -> Type:
        n, m = array_like(arr).shape
        return TupleType((ArrayType(np.dtype(np.int64), (_triangle_size(n, m, k, lower),)),) * 2)

    return infer


@checked
def infer_ravel_multi_index(multi_index: Any, dims: Any, mode: Any = "raise", order: Any = "C") -> Type:
    if not isinstance(multi_index, TupleType | tuple | list):
        raise Unknown(multi_index)
    parts = tuple(multi_index.items if isinstance(multi_index, TupleType) else multi_index)
    small = tuple([part if shape_of(part) else 0 for part in parts])
    return result(probe(_raveled, small), broadcast(*map(shape_of, parts)))


def _raveled(positions: Any) -> Any:
    return np.ravel_multi_index(positions, (16,) * len(positions))


@checked
def infer_unravel_index(indices: Any, shape: Any, order: Any = "C") -> Type:
    rank = len(sequence_argument(shape, "shape"))
    where = positions_like(indices)
    item = result(probe(_unraveled, where if where.rank else indices), where.shape)
    return TupleType((item,) * rank)


def _unraveled(indices: Any) -> Any:
    return np.unravel_index(indices, (16,))[0]


@checked
def infer_ix_(*args: Any) -> Type:
    items: list[Type] = []
    for axis, arg in enumerate(args):
        array = positions_like(arg)
        if array.rank != 1:
            raise ValueError("Cross index must be 1 dimensional")
        is_mask = array.dtype.kind == "b"
        size = dims.fresh("m", high=array.shape[0]) if is_mask else array.shape[0]
        items.append(ArrayType(INTP if is_mask else array.dtype, (1,) * axis + (size,) + (1,) * (len(args) - axis - 1)))
    return TupleType(tuple(items))


PICKS = (0, -1, [0, 1, 0], np.array([[1, 0], [0, 0]]), [], np.int64(1), np.array(1))
TAKES = (*[call(a, picks) for a in (FLOATS, SMALL_INTS[::-1], COMPLEX, MATRIX, STRIDED_MATRIX) for picks in PICKS],
         *[call(CUBE, picks, axis=1) for picks in PICKS], call(INT_MATRIX, [9], 0),
         call(INT_MATRIX, [9], 0, mode="clip"),
         call(EMPTY, []), call(FLOATS, 7), call(FLOATS, 1.5), call(FLOATS, [1.0, 2.9]),
         call(EMPTY_MATRIX, [0, 2], axis=-1),
         call(SINGLE, 0, out=np.array(0, np.float32)))
PUTS = (call(FLOATS, [0, 2], [1.5, 2.5]), call(SMALL_INTS, 0, 9), call(MATRIX, np.array([5]), 1.0, mode="wrap"),
        call(EMPTY, [], 0.0), call(FLOATS, 9, 0.0))
CONDITIONS = ([True, False, True], [False, True, False, False, True], MASK[:2], np.array([0, 1]))
ORDERS = np.array([[2, 0, 1], [1, 2, 0]])
CHOICES = (call(np.array([1, 0, 1]), [np.array([1, 2, 3]), np.array([4.0, 5.0, 6.0])]),
           call(np.array([[0], [1]]), (FLOATS, SINGLE)), call(np.array([0, 3]), (FLOATS[:2], 1), mode="clip"),
           call(np.array([0, 1, 0]), INT_MATRIX[:, :3]), call(np.array([5]), [FLOATS]))

OPS: tuple[Op, ...] = (
    Op("take", as_numpy(np.take), taking(np.take), captures=(np.take,), writes=(3,),
       samples=(*TAKES, call([1.0, 2.0], 1))),
    Op("method.take", as_method("take"), taking(method("take")), captures=(np.ndarray.take,), method="take",
       writes=(3,),
       samples=TAKES),
    Op("take_along_axis", as_numpy(np.take_along_axis), infer_take_along_axis, captures=(np.take_along_axis,), samples=(
        call(MATRIX, ORDERS, 1), call(MATRIX, ORDERS[:1, :], 1), call(MATRIX, ORDERS[:, :1]),
        call(MATRIX, np.array([5, 0]), None),
        call(INT_MATRIX, np.argsort(-INT_MATRIX, axis=0), axis=0), call(FLOATS, np.array([1, 1, 0])),
        call(CUBE, ORDERS, 1))),
    Op("compress", as_numpy(np.compress), compressing(np.compress, condition_first=True), captures=(np.compress,),
       writes=(3,),
       samples=tuple([call(c, a, **options) for c in CONDITIONS for a, options in (
           (FLOATS, {}), (INT_MATRIX, {"axis": 0}), (STRIDED_MATRIX, {}), (CUBE, {"axis": -1}))])),
    Op("method.compress", as_method("compress"), compressing(method("compress"), condition_first=False),
       method="compress",
       captures=(np.ndarray.compress,), writes=(3,),
       samples=tuple([call(a, c, 0) for c in CONDITIONS for a in (FLOATS, INT_MATRIX)])),
    Op("extract", as_numpy(np.extract), infer_extract, captures=(np.extract,), samples=(
        call(FLOATS > 0, FLOATS), call(INT_MATRIX % 2, INT_MATRIX), call(EMPTY > 0, EMPTY),
        call([True, False], COMPLEX))),
    Op("choose", as_numpy(np.choose), infer_choose, captures=(np.choose,), writes=(2,), samples=CHOICES),
    Op("method.choose", as_method("choose"), infer_choose_method, captures=(np.ndarray.choose,),
       method="choose", writes=(2,), samples=(*CHOICES, call(np.array([1, 0]), FLOATS[:2], SINGLE, mode="wrap"))),
    Op("select", as_numpy(np.select), infer_select, captures=(np.select,), samples=(
        call([FLOATS > 1, FLOATS < 0], [FLOATS, -FLOATS]), call([SMALL_INTS > 3], [SMALL_INTS], -1),
        call([MATRIX > 0, MATRIX[0] < 0], [1.0, MATRIX], default=0.5), call([FLOATS > 0], [np.float32(1)], 2),
        call([MASK, ~MASK], [1, 2]))),
    Op("put", as_numpy(np.put), infer_placing, captures=(np.put,), writes=(0,), result=Result.IMMUTABLE, samples=PUTS),
    Op("method.put", as_method("put"), infer_placing, captures=(np.ndarray.put,), method="put", writes=(0,),
       result=Result.IMMUTABLE, samples=PUTS),
    Op("put_along_axis", as_numpy(np.put_along_axis), infer_placing, captures=(np.put_along_axis,), writes=(0,),
       result=Result.IMMUTABLE, samples=(call(MATRIX, ORDERS, 0.0, 1), call(INT_MATRIX, ORDERS[:1, :1], 9, axis=0))),
    Op("place", as_numpy(np.place), infer_placing, captures=(np.place,), writes=(0,), result=Result.IMMUTABLE,
       samples=(call(FLOATS, FLOATS > 0, [9.0, 8.0]), call(MATRIX, MATRIX < 0, [0.0]), call(EMPTY, EMPTY > 0, [1.0]))),
    Op("putmask", as_numpy(np.putmask), infer_placing, captures=(np.putmask,), writes=(0,), result=Result.IMMUTABLE,
       samples=(call(FLOATS, FLOATS > 0, [9.0, 8.0]), call(SMALL_INTS, SMALL_INTS > 3, 0))),
    Op("copyto", as_numpy(np.copyto), infer_placing, captures=(np.copyto,), writes=(0,), result=Result.IMMUTABLE,
       samples=(
        call(FLOATS, 1.5), call(MATRIX, FLOATS[:3]), call(SMALL_INTS, 2.5),
        call(STRIDED_MATRIX, 0.0, where=STRIDED_MATRIX > 3),
        call(SMALL_INTS, FLOATS, casting="unsafe"), call(MATRIX, FLOATS))),
    Op("fill_diagonal", as_numpy(np.fill_diagonal), infer_placing, captures=(np.fill_diagonal,), writes=(0,),
       result=Result.IMMUTABLE, samples=(call(MATRIX, 0.0), call(INT_MATRIX, [1, 2, 3]), call(INT_MATRIX.T, 5, True),
                                         call(FLOATS, 1.0))),
    Op("method.fill", as_method("fill"), infer_placing, captures=(np.ndarray.fill,), method="fill", writes=(0,),
       result=Result.IMMUTABLE, samples=(*each((FLOATS, SMALL_INTS, STRIDED_MATRIX, EMPTY, ZERO_D, MASK), 2.5),
                                         call(COMPLEX, 1j), call(SMALL_INTS, 2**40), call(FLOATS, [1.0, 2.0]))),
    Op("method.item", as_method("item"), infer_item, captures=(np.ndarray.item,), method="item",
       result=Result.IMMUTABLE,
       samples=(*each((SINGLE, ZERO_D, np.float32(1), np.array([[7]]), np.array([True]), FLOATS, COMPLEX[:1], EMPTY)),
                call(FLOATS, 2), call(MATRIX, 1, 2), call(MATRIX, (0, -1)), call(INT_MATRIX, 11), call(FLOATS, 9))),
    Op("diag_indices", as_numpy(np.diag_indices), infer_diag_indices, captures=(np.diag_indices,), samples=(
        call(4), call(2, 3), call(0), call(3, ndim=1))),
    Op("diag_indices_from", as_numpy(np.diag_indices_from), infer_diag_indices_from, captures=(np.diag_indices_from,),
       samples=(call(np.eye(3)), call(np.zeros((2, 2, 2))), call(FLOATS))),
    *[Op(function.__name__, as_numpy(function), _triangle(lower), captures=(function,), samples=(
        call(4), call(3, -1), call(3, 1), call(3, 0, 5), call(5, 2, 2), call(0), call(2, m=3)))
      for function, lower in ((np.tril_indices, True), (np.triu_indices, False))],
    *[Op(function.__name__, as_numpy(function), _triangle_from(lower), captures=(function,), samples=(
        call(np.eye(4)), call(INT_MATRIX), call(np.eye(3), 1), call(np.eye(3), k=-1), call(EMPTY_MATRIX)))
      for function, lower in ((np.tril_indices_from, True), (np.triu_indices_from, False))],
    Op("ravel_multi_index", as_numpy(np.ravel_multi_index), infer_ravel_multi_index, captures=(np.ravel_multi_index,),
       samples=(
        call((1, 2), (3, 4)), call((np.array([0, 1]), np.array([2, 3])), (3, 4)), call((np.array([0, 1]), 1), (3, 4)),
        call(([0, 5], [1, 1]), (3, 4), mode="wrap"), call((np.array([0, 9]), 1), (3, 4)),
        call((np.array(1), 0), (2, 2)))),
    Op("unravel_index", as_numpy(np.unravel_index), infer_unravel_index, captures=(np.unravel_index,), samples=(
        call(5, (2, 3)), call(np.int64(5), (2, 3)), call(np.array([1, 4]), (2, 3)), call([1, 0], 7),
        call(np.array([], int), (2, 2)),
        call(np.array([[9]]), (2, 2)))),
    # Arrays of positions come back as views of themselves.
    Op("ix_", as_numpy(np.ix_), infer_ix_, captures=(np.ix_,), result=Result.VIEW, samples=(
        call([0, 1], [2]), call(np.array([1, 0]), MASK), call([], np.array([1])), call(SMALL_INTS), call(range(3), [1]),
        call(INT_MATRIX))),
)

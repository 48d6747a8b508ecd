"""Arrays put together, taken apart, repeated, padded and edited.  The ops are part of ``layout.OPS``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..ir import dims
from ..ir.dims import Dim
from ..ir.slices import slice_length
from ..ir.types import ArrayType, IntType, ListType, ScalarType, TupleType, Type, join
from .infer import Unknown, as_dim, probe, shape_of, static, type_of
from .op import Op, Result
from .rules import (
    Infer,
    agreed,
    array_like,
    as_method,
    as_numpy,
    axes_of,
    checked,
    method,
    out_type,
    plain,
    result,
    sequence_argument,
    shape_argument,
    size_argument,
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
    MATRICES,
    MATRIX,
    SINGLE,
    SMALL_INTS,
    STRIDED_MATRIX,
    VECTORS,
    ZERO_D,
    call,
    each,
)


def operands_of(arrays: Any) -> tuple[list[ArrayType], Dim]:
    """The arrays of a sequence and how many there are; of a run-time list one stands for all.  Raises ``Unknown``."""
    match arrays:
        case TupleType(items):
            arrays = items
        case ListType(item, int() as length) if length <= 64:
            arrays = (item,) * length
        case ListType(item, length):
            if length is None or (dims.lower_bound(length) or 0) < 1:
                length = dims.fresh(low=1)
            return [array_like(item)], length
        case ArrayType(dtype, (count, *rest)):
            return [ArrayType(dtype, tuple(rest))], count
        case np.ndarray():
            return operands_of(type_of(arrays))
    if not isinstance(arrays, tuple | list):
        raise Unknown(arrays)
    return [array_like(array) for array in arrays], len(arrays)


def joined(shapes: list[tuple[Dim, ...]], count: Dim, axis: int) -> tuple[Dim, ...]:
    """The shape of arrays put together along ``axis``; where one stands for ``count``, sizes may differ there."""
    if isinstance(count, int) and len(shapes) == count:
        along = sum((shape[axis] for shape in shapes), start=0)
    else:
        along = dims.fresh() if dims.is_fresh(shapes[0][axis]) else count * shapes[0][axis]
    return tuple([along if i == axis else agreed(*(shape[i] for shape in shapes)) for i in range(len(shapes[0]))])


@checked
def infer_concatenate(arrays: Any, /, axis: Any = 0, out: Any = None, *, dtype: Any = None,
                      casting: Any = "same_kind") -> Type:
    stored = out_type(out)
    if stored is not None:
        return stored
    axis, (operands, count) = static(axis, "axis"), operands_of(arrays)
    probed = probe(np.concatenate, operands, axis=axis, dtype=static(dtype, "dtype"),
                   casting=static(casting, "casting"))
    if axis is None:
        flat = [(size_of(operand.shape),) for operand in operands]
        return result(probed, joined(flat, count, 0))
    (at,) = axes_of(axis, operands[0].rank)
    return result(probed, joined([operand.shape for operand in operands], count, at))


def _dtype_of(operands: list[ArrayType], options: dict[str, Any]) -> np.dtype[Any]:
    """The dtype of arrays put together with the options ``dtype`` and ``casting`` of ``concatenate``."""
    flat = [ArrayType(operand.dtype, (1,)) for operand in operands]
    return probe(np.concatenate, flat, **{name: static(value, name) for name, value in options.items()}).dtype


@checked
def infer_stack(arrays: Any, axis: Any = 0, out: Any = None, **options: Any) -> Type:
    stored = out_type(out)
    if stored is not None:
        return stored
    axis, (operands, count) = static(axis, "axis"), operands_of(arrays)
    if not operands:
        raise ValueError("need at least one array to stack")
    ranks = {operand.rank for operand in operands}
    if len(ranks) > 1:
        raise ValueError("all input arrays must have the same shape")
    (at,) = axes_of(axis, operands[0].rank + 1)
    shape = [agreed(*sizes) for sizes in zip(*(operand.shape for operand in operands))]
    return ArrayType(_dtype_of(operands, options), (*shape[:at], count, *shape[at:]))


def stacking(raised: Callable[[tuple[Dim, ...]], tuple[Dim, ...]], axis_for: Callable[[int], int]) -> Infer:
    """The rule of ``vstack`` and its kin: each shape is ``raised`` to a rank, then they are joined along an axis."""

    @checked
    def infer(tup: Any, **options: Any) -> Type:
        operands, count = operands_of(tup)
        if not operands:
            raise ValueError("need at least one array to concatenate")
        shapes = [raised(operand.shape) for operand in operands]
        if len({len(shape) for shape in shapes}) > 1:
            raise ValueError("all the input array dimensions must match")
        return ArrayType(_dtype_of(operands, options), joined(shapes, count, axis_for(len(shapes[0]))))

    return infer


def _at_least_1d(shape: tuple[Dim, ...]) -> tuple[Dim, ...]:
    return shape or (1,)


def _at_least_2d(shape: tuple[Dim, ...]) -> tuple[Dim, ...]:
    return (1,) * (2 - len(shape)) + shape


def _column(shape: tuple[Dim, ...]) -> tuple[Dim, ...]:
    return (*(shape or (1,)), 1) if len(shape) < 2 else shape


def _at_least_3d(shape: tuple[Dim, ...]) -> tuple[Dim, ...]:
    return (1, *(shape or (1,)), 1) if len(shape) < 2 else shape if len(shape) > 2 else (*shape, 1)


@checked
def infer_block(arrays: Any) -> Type:
    depth = _depth(arrays)
    rank = max(depth, max(len(shape_of(leaf)) for leaf in _leaves(arrays)))
    shape = _block_shape(arrays, depth, rank)
    return ArrayType(_dtype_of([array_like(leaf) for leaf in _leaves(arrays)], {}), shape)


def _depth(block: Any) -> int:
    if type(block) is tuple or isinstance(block, TupleType | ListType):
        raise Unknown(block)
    return 1 + max((_depth(part) for part in block), default=0) if type(block) is list else 0


def _leaves(block: Any) -> list[Any]:
    return [leaf for part in block for leaf in _leaves(part)] if type(block) is list else [block]


def _block_shape(block: Any, depth: int, rank: int) -> tuple[Dim, ...]:
    if type(block) is not list:
        shape = shape_of(block)
        return (1,) * (rank - len(shape)) + shape
    shapes = [_block_shape(part, depth - 1, rank) for part in block]
    return joined(shapes, len(shapes), rank - depth)


def splitting(function: Callable[..., Any], axis: Callable[[int], int] | None = None, exact: bool = True) -> Infer:
    """The rule of ``split`` and its kin: equal parts for a number, else slices between the indices."""

    def rule(ary: Any, sections: Any, along: Any) -> Type:
        along, operand = static(along, "axis"), array_like(ary)
        (at,) = axes_of(along if axis is None else axis(operand.rank), operand.rank)
        sections, size = plain(sections), operand.shape[at]

        def part(length: Dim) -> Type:
            return ArrayType(operand.dtype, operand.shape[:at] + (length,) + operand.shape[at + 1:])

        if isinstance(sections, Type) and not shape_of(sections):
            length = size_argument(sections)
            each_part = part(size // length if exact and (dims.lower_bound(length) or 0) > 0 else dims.fresh(high=size))
            return ListType(each_part, length)
        if isinstance(sections, int | np.integer):
            if sections <= 0 or exact and isinstance(size, int) and size % sections:
                raise ValueError("array split does not result in an equal division")
            if exact:
                return ListType(part(size // int(sections)), int(sections))
            lengths = [(size + int(sections) - 1 - i) // int(sections) for i in range(int(sections))]
        else:
            ends = [_bound(item) for item in sequence_argument(sections, "indices_or_sections")]
            lengths = [slice_length(start, stop, None, size) for start, stop in zip([0, *ends], [*ends, None])]
        return ListType(join(*map(part, lengths)), len(lengths))

    if axis is not None:
        return checked(lambda ary, indices_or_sections: rule(ary, indices_or_sections, 0))
    return checked(lambda ary, indices_or_sections, axis=0: rule(ary, indices_or_sections, axis))


def _bound(item: Any) -> Dim:
    item = plain(item)
    if isinstance(item, IntType) and item.value is not None:
        return item.value
    return dims.fresh(low=None) if isinstance(item, Type) else int(item)


@checked
def infer_unstack(x: Any, /, *, axis: Any = 0) -> Type:
    axis, operand = static(axis, "axis"), array_like(x)
    (at,) = axes_of(axis, operand.rank)
    count = operand.shape[at]
    if not isinstance(count, int):
        raise Unknown(x)
    rest = operand.shape[:at] + operand.shape[at + 1:]
    return TupleType((ArrayType(operand.dtype, rest) if rest else ScalarType(operand.dtype),) * count)


@checked
def infer_tile(A: Any, reps: Any) -> Type:
    operand = array_like(A)
    times = tuple([as_dim(plain(item), low=None) for item in sequence_argument(reps, "reps")])
    if any(isinstance(n, int) and n < 0 for n in times):
        raise Unknown(reps)
    rank = max(operand.rank, len(times))
    padded = (1,) * (rank - operand.rank) + operand.shape
    return ArrayType(operand.dtype, tuple([
        size * n for size, n in zip(padded, (1,) * (rank - len(times)) + times)]))


def repeating(run: Callable[..., Any]) -> Infer:
    @checked
    def infer(a: Any, repeats: Any, axis: Any = None) -> Type:
        axis, operand = static(axis, "axis"), array_like(a)
        probed = probe(run, a, 1, axis)
        shape = (size_of(operand.shape),) if axis is None else operand.shape
        (at,) = axes_of(0 if axis is None else axis, len(shape))
        return result(probed, shape[:at] + (_repeated(shape[at], repeats),) + shape[at + 1:])

    return infer


def _repeated(size: Dim, repeats: Any) -> Dim:
    if isinstance(repeats, ArrayType | np.ndarray | ScalarType):
        return dims.fresh()
    if isinstance(repeats, int | IntType):
        return size * as_dim(repeats, low=None)      # of nothing, even a negative number of copies is nothing
    times = shape_argument(repeats, "repeats")
    return size * times[0] if len(times) == 1 else sum(times, start=0)


@checked
def infer_pad(array: Any, pad_width: Any, mode: Any = "constant", **kwargs: Any) -> Type:
    operand = array_like(array)
    if isinstance(pad_width, dict):
        raise Unknown(pad_width)
    pairs = _paddings(pad_width, operand.rank)
    return ArrayType(operand.dtype, tuple([
        before + size + after for size, (before, after) in zip(operand.shape, pairs)]))


def _paddings(width: Any, rank: int) -> list[tuple[Dim, Dim]]:
    """How much ``pad`` puts before and after each axis: a number, a pair, or a pair (or number) an axis."""
    if not isinstance(width, tuple | list | TupleType):
        if shape_of(width):
            return [(dims.fresh(), dims.fresh()) for _ in range(rank)]
        amount = size_argument(width)
        return [(amount, amount)] * rank
    items = [plain(item) for item in (width.items if isinstance(width, TupleType) else width)]
    rows = [item.items if isinstance(item, TupleType) else item for item in items]
    if not any(isinstance(row, tuple | list) for row in rows):
        amounts = [size_argument(row) for row in rows]
        if len(amounts) not in (1, 2):
            raise Unknown(width)
        return [(amounts[0], amounts[-1])] * rank
    if any(not isinstance(row, tuple | list) or len(row) not in (1, 2) for row in rows):
        raise Unknown(width)
    pairs = [(size_argument(plain(row[0])), size_argument(plain(row[-1]))) for row in rows]
    if len(pairs) not in (1, rank):
        raise ValueError("operands could not be broadcast together: pad_width and the array's axes")
    return pairs * (rank if len(pairs) == 1 else 1)


@checked
def infer_append(arr: Any, values: Any, axis: Any = None) -> Type:
    axis = static(axis, "axis")
    operands = [array_like(arr), array_like(values)]
    if axis is None:
        total = sum((size_of(operand.shape) for operand in operands), start=0)
        return ArrayType(_dtype_of(operands, {}), (total,))
    return infer_concatenate((arr, values), axis)


@checked
def infer_insert(arr: Any, obj: Any, values: Any, axis: Any = None) -> Type:
    axis, operand = static(axis, "axis"), array_like(arr)
    shape = (size_of(operand.shape),) if axis is None else operand.shape
    (at,) = axes_of(0 if axis is None else axis, len(shape))
    obj = plain(obj)
    single = not isinstance(obj, slice | tuple | list | np.ndarray) and not shape_of(obj)
    given = shape_of(values)
    if single:
        # What is inserted at one position has its first axis along ``axis``; what has a lower rank is one layer.
        added = 1 if len(given) < len(shape) else given[0] if len(given) == len(shape) else dims.fresh()
    elif isinstance(obj, slice):
        added = dims.fresh(high=shape[at])
    else:
        where = array_like(obj)
        counted = where.dtype.kind != "b" and isinstance(where.shape[0], int) and where.shape[0] != 1
        added = where.shape[0] if counted else dims.fresh()
    return ArrayType(operand.dtype, shape[:at] + (shape[at] + added,) + shape[at + 1:])


@checked
def infer_delete(arr: Any, obj: Any, axis: Any = None) -> Type:
    axis, operand = static(axis, "axis"), array_like(arr)
    shape = (size_of(operand.shape),) if axis is None else operand.shape
    (at,) = axes_of(0 if axis is None else axis, len(shape))
    obj, size = plain(obj), shape[at]
    if isinstance(obj, slice):
        start, stop, step = [None if plain(part) is None else _bound(part) for part in (obj.start, obj.stop, obj.step)]
        left = size - slice_length(start, stop, step, size)
    elif not shape_of(obj) and not _is_mask(obj):
        left = dims.maximum(size - 1, 0)
    else:
        left = dims.fresh(high=size)
    return ArrayType(operand.dtype, shape[:at] + (left,) + shape[at + 1:])


def _is_mask(value: Any) -> bool:
    return isinstance(value, ArrayType | ScalarType) and value.dtype.kind == "b" or isinstance(value, bool)


@checked
def infer_resize(a: Any, new_shape: Any) -> Type:
    return ArrayType(array_like(a).dtype, shape_argument(new_shape, "new_shape"))


@checked
def infer_trim_zeros(filt: Any, trim: Any = "fb", axis: Any = None) -> Type:
    if not isinstance(filt, ArrayType | np.ndarray):
        raise Unknown(filt)
    shape = shape_of(filt)
    return ArrayType(array_like(filt).dtype, tuple([dims.fresh("m", high=size) for size in shape]))


JOINED = (call([FLOATS, SMALL_INTS]), call((MATRIX, MATRIX, INT_MATRIX[:2, :3])), call([EMPTY, FLOATS]),
          call([SINGLE]), call([]),
          call((COMPLEX, FLOATS)), call([MATRIX, FLOATS]), call([MASK, MASK]), call(CUBE),
          call([STRIDED_MATRIX[:, ::-1]]))
STACKED = (call([FLOATS, SMALL_INTS]), call((MATRIX, STRIDED_MATRIX[:, :3])), call([1.0, 2.0]),
           call([ZERO_D, np.float32(1)]),
           call([FLOATS, FLOATS[:2]]), call([]), call([[1, 2], [3, 4]]), call((EMPTY, EMPTY)), call(CUBE))
SPLIT = (call(INT_MATRIX, 2), call(FLOATS, 5), call(FLOATS, [2, 3]), call(np.arange(6), 3), call(FLOATS, (1, 9)),
         call(FLOATS, 2),
         call(CUBE, 2), call(FLOATS, [-1]), call(EMPTY, 2))
REPEATED = (*each((*VECTORS, EMPTY, *MATRICES), 2), call(MATRIX, 3, 0), call(MATRIX, [1, 2], 0),
            call(FLOATS, SMALL_INTS),
            call(CUBE, 2, axis=-1), call(FLOATS, 0), call(np.float32(2), 3), call(MATRIX, np.array([2]), 1),
            call(FLOATS, [2]))


def _op(function: Callable[..., Any], infer: Infer, samples: tuple[Any, ...], result: Result = Result.FRESH,
        **options: Any) -> Op:
    return Op(function.__name__, as_numpy(function), infer, captures=(function,), result=result, samples=samples,
              **options)


OPS: tuple[Op, ...] = (
    Op("concatenate", as_numpy(np.concatenate), infer_concatenate, captures=(np.concatenate,), writes=(2,), samples=(
        *JOINED, call((MATRIX, MATRIX), 1), call((MATRIX, EMPTY_MATRIX)), call([MATRIX, FLOATS], None),
        call([CUBE, CUBE], axis=-1),
        call([FLOATS, SMALL_INTS], dtype=np.float32), call([1.0, 2.0]), call([[1, 2], [3]]))),
    Op("stack", as_numpy(np.stack), infer_stack, captures=(np.stack,), writes=(2,), samples=(
        *STACKED, call((MATRIX, MATRIX), 1), call((MATRIX, MATRIX), axis=-1),
        call([FLOATS, SMALL_INTS], dtype=np.float32))),
    _op(np.vstack, stacking(_at_least_2d, lambda rank: 0), (*STACKED, *JOINED)),
    _op(np.hstack, stacking(_at_least_1d, lambda rank: 0 if rank == 1 else 1), (*STACKED, *JOINED)),
    _op(np.dstack, stacking(_at_least_3d, lambda rank: 2), (*STACKED, *JOINED)),
    _op(np.column_stack, stacking(_column, lambda rank: 1), (*STACKED, *JOINED)),
    _op(np.block, infer_block, (
        call([[MATRIX, MATRIX], [MATRIX, MATRIX]]), call([FLOATS, SMALL_INTS]), call([[FLOATS[:3]], [MATRIX]]),
        call(FLOATS),
        call([[np.eye(2), np.zeros((2, 1))], [1.0, 2.0, 3.0]]), call([1, 2]), call([CUBE, CUBE]))),
    _op(np.split, splitting(np.split), (*SPLIT, call(INT_MATRIX, 2, axis=1), call(INT_MATRIX, 4, -1)), Result.VIEW),
    _op(np.array_split, splitting(np.array_split, exact=False), (*SPLIT, call(INT_MATRIX, 3, axis=1), call(CUBE, 7, 2)),
        Result.VIEW),
    _op(np.hsplit, splitting(np.hsplit, lambda rank: 0 if rank == 1 else 1), (*SPLIT, call(MATRIX, 3)), Result.VIEW),
    _op(np.vsplit, splitting(np.vsplit, lambda rank: 0), (call(MATRIX, 2), call(INT_MATRIX, [1]), call(CUBE, 1)),
        Result.VIEW),
    _op(np.dsplit, splitting(np.dsplit, lambda rank: 2), (call(CUBE, 2), call(CUBE, [1, 2])), Result.VIEW),
    _op(np.tile, infer_tile, (*each((*VECTORS, EMPTY, *MATRICES, 1.5), 2), call(FLOATS, (2, 2)), call(CUBE, (2, 1)),
                              call(ZERO_D, (3,)),
                              call(MATRIX, (2, 1, 3)), call(FLOATS, ()), call([1, 2], [2]))),
    _op(np.repeat, repeating(np.repeat), (*REPEATED, call(3, 4), call([1, 2], 2))),
    Op("method.repeat", as_method("repeat"), repeating(method("repeat")), captures=(np.ndarray.repeat,),
       method="repeat", samples=REPEATED),
    _op(np.pad, infer_pad, (
        *each((FLOATS, SMALL_INTS, MATRIX, COMPLEX), 1), call(MATRIX, (1, 2)), call(MATRIX, ((0, 1), (2, 0)), "edge"),
        call(CUBE, ((1, 1),)), call(FLOATS, (2,), mode="wrap"), call(FLOATS, (1, 1), "constant", constant_values=5),
        call(EMPTY, 2),
        call(FLOATS, np.array([1, 2])), call(MATRIX, [[1], [2]]), call(MATRIX, ((1, 1), (1, 1), (1, 1))))),
    _op(np.append, infer_append, (call(FLOATS, 1), call(SMALL_INTS, [1.5, 2.5]), call(MATRIX, MATRIX, axis=0),
                                  call(MATRIX, FLOATS),
                                  call(EMPTY, MATRIX), call(MATRIX, FLOATS, 0), call([1], 2))),
    _op(np.insert, infer_insert, (
        call(FLOATS, 1, 9), call(FLOATS, 1, [8, 9]), call(MATRIX, 1, 5.0), call(MATRIX, 1, 5.0, axis=0),
        call(MATRIX, 1, [1, 2, 3], 0),
        call(MATRIX, 1, [1, 2], axis=1), call(FLOATS, [0, 2], 7), call(FLOATS, [0, 2], [7, 8]),
        call(MATRIX, [0], [[1], [2]], 1),
        call(MATRIX, 1, [[1], [2]], 1), call(FLOATS, slice(1, 3), 0), call(SMALL_INTS, -1, 2.5),
        call(CUBE, 0, MATRIX[0, 0], 1),
        call(MATRIX, 0, MATRIX, 0), call(FLOATS, MASK, 1), call(FLOATS, 9, 1), call(EMPTY, 0, 1),
        call(FLOATS, [1], [1, 2, 3]))),
    _op(np.delete, infer_delete, (
        call(FLOATS, 1), call(FLOATS, -1), call(MATRIX, 0, 0), call(MATRIX, 1, axis=1), call(MATRIX, 2),
        call(FLOATS, [0, 0, 1]),
        call(FLOATS, slice(1, None, 2)), call(FLOATS, MASK), call(SMALL_INTS, np.array([1])),
        call(INT_MATRIX, np.s_[:2], 0),
        call(FLOATS, 9), call(EMPTY, []), call(FLOATS, np.s_[::-1]))),
    _op(np.resize, infer_resize, (call(FLOATS, 3), call(FLOATS, (2, 4)), call(EMPTY, (2,)), call(MATRIX, (0,)),
                                  call(SMALL_INTS, [5]))),
    _op(np.trim_zeros, infer_trim_zeros, (call(FLOATS), call(np.array([0, 0, 1, 2, 0])), call(EMPTY),
                                          call(np.zeros(3)), call(
        np.array([0, 1.0]), "f")), Result.VIEW),
    *([_op(np.unstack, infer_unstack, (call(MATRIX), call(CUBE, axis=1), call(FLOATS), call(EMPTY_MATRIX),
                                       call(ZERO_D)),
           Result.VIEW)] if hasattr(np, "unstack") else []),
)

"""The same elements in another shape or order of axes: ``reshape``, ``transpose``, ``squeeze``, copies.

Most of these give views where memory allows it.  ``joining`` has what puts arrays together or takes them apart.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

from ..ir import dims
from ..ir.dims import Dim
from ..ir.types import (
    NONE,
    ArrayType,
    DictType,
    IntType,
    ListType,
    PythonType,
    ScalarType,
    SetType,
    TupleType,
    Type,
    join,
)
from . import joining
from .infer import NoNumbers, Unknown, array_or_scalar, broadcast, probe, shape_of, static
from .op import Op, Result
from .rules import (
    NOT_INFERRED,
    Infer,
    array_like,
    as_method,
    as_numpy,
    as_operand,
    axes_of,
    checked,
    method,
    numeric,
    out_type,
    plain,
    result,
    sequence_argument,
    shape_argument,
    size_argument,
    size_of,
)
from .specimens import (
    COLUMN_MAJOR,
    COMPLEX,
    CUBE,
    EMPTY,
    EMPTY_MATRIX,
    FLOATS,
    INT_MATRIX,
    MATRICES,
    MATRIX,
    ONE_BY_ONE,
    POINTS,
    SINGLE,
    SMALL_INTS,
    VECTORS,
    ZERO_D,
    call,
    each,
)

ARRAYS = (*VECTORS, EMPTY, *MATRICES, EMPTY_MATRIX, CUBE, ZERO_D)


def reshaped(shape: tuple[Dim, ...], target: tuple[Any, ...]) -> tuple[Dim, ...]:
    """The shape that ``reshape(target)`` gives; a single length that is negative or unknown follows from the rest.

    Raises ValueError where the sizes are known to differ.
    """
    total, lengths = size_of(shape), [_length(item) for item in target]
    open_places = [i for i, length in enumerate(lengths) if length is None]
    rest = size_of(length for length in lengths if length is not None)
    if not open_places:
        if dims.known_unequal(total, rest):
            raise ValueError(f"cannot reshape array of size {total} into shape {tuple(lengths)}")
    elif len(open_places) == 1 and (dims.lower_bound(rest) or 0) >= 1:
        if isinstance(total, int) and isinstance(rest, int) and total % rest:
            raise ValueError(f"cannot reshape array of size {total} into shape {target}")
        lengths[open_places[0]] = total // rest
    return tuple([dims.fresh(high=None) if length is None else length for length in lengths])


def _length(item: Any) -> Dim | None:
    """A length in a target shape, or None where it is negative or may be."""
    item = plain(item)
    if isinstance(item, IntType) and item.value is not None and dims.is_nonnegative(item.value):
        return item.value
    return None if isinstance(item, Type) or is_negative(item) else size_argument(item)


def is_negative(item: Any) -> bool:
    """Whether a length in a target shape stands for what is left: -1 is usual, but NumPy takes any negative int."""
    return isinstance(item, (int, np.integer)) and int(item) < 0


@checked
def infer_reshape(a: Any, /, shape: Any, order: Any = "C", *, copy: Any = None) -> Type:
    operand = array_like(a)
    return ArrayType(operand.dtype, reshaped(operand.shape, sequence_argument(shape, "shape")))


@checked
def infer_reshape_method(a: Any, *shape: Any, order: Any = "C", copy: Any = None) -> Type:
    if len(shape) == 1:
        return infer_reshape(a, plain(shape[0]))
    return infer_reshape(a, shape)


def reshape_is_total(a: Any, *shape: Any, **options: Any) -> bool:
    """Whether the sizes are proved to be equal."""
    if not isinstance(a, ArrayType) or options or not shape:
        return False
    target = shape[0] if len(shape) == 1 else shape
    try:
        given = sequence_argument(plain(target), "shape")
        lengths = [_length(item) for item in given]
    except NOT_INFERRED:
        return False
    size, rest = size_of(a.shape), size_of(length for length in lengths if length is not None)
    if None not in lengths:
        return dims.known_equal(size, rest)
    return lengths.count(None) == 1 and is_negative(plain(given[lengths.index(None)])) and (
        dims.lower_bound(rest) or 0) >= 1 and dims.known_equal(size, size // rest * rest)


def flattening(run: Callable[..., Any]) -> Infer:
    @checked
    def infer(a: Any, order: Any = "C") -> Type:
        return result(probe(run, a, static(order, "order")), (size_of(array_like(a).shape),))

    return infer


def _permuted(shape: tuple[Dim, ...], axes: Any) -> tuple[Dim, ...]:
    if axes is None:
        return shape[::-1]
    return tuple([shape[axis] for axis in axes_of(tuple(sequence_argument(axes, "axes")), len(shape))])


@checked
def infer_transpose(a: Any, axes: Any = None) -> Type:
    axes, operand = static(axes, "axes"), array_like(a)
    return result(probe(np.transpose, a, axes), _permuted(operand.shape, axes))


@checked
def infer_transpose_method(a: Any, *axes: Any) -> Type:
    axes = static(axes, "axes")
    order = axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes or None
    return result(probe(method("transpose"), a, *axes), _permuted(array_like(a).shape, order))


def permuting(run: Callable[..., Any]) -> Infer:
    """The rule of what permutes axes that are known: which, it is asked with an array whose sizes are all different."""

    @checked
    def infer(a: Any, *args: Any, **kwargs: Any) -> Type:
        operand = array_like(a)
        args, kwargs = static(args, "axes"), {name: static(value, name) for name, value in kwargs.items()}
        marked = run(np.empty(tuple(range(operand.rank)), np.bool_), *args, **kwargs)
        return result(probe(run, a, *args, **kwargs), tuple([operand.shape[size] for size in marked.shape]))

    return infer


def squeezing(run: Callable[..., Any]) -> Infer:
    """The rule of ``squeeze``; without axes, each size that may be 1 makes two cases."""

    @checked
    def infer(a: Any, axis: Any = None) -> Type:
        axis, operand = static(axis, "axis"), array_like(a)
        if axis is not None:
            axes = axes_of(axis, operand.rank)
            if any(dims.known_unequal(operand.shape[i], 1) for i in axes):
                raise ValueError("cannot select an axis to squeeze out which has size not equal to one")
            kept = tuple([size for i, size in enumerate(operand.shape) if i not in axes])
            return result(probe(run, a, axis), kept)
        doubtful = [size for size in dict.fromkeys(operand.shape)
                    if size != 1 and not dims.known_unequal(size, 1)]
        if len(doubtful) > 2:
            raise Unknown(a)
        cases = []
        for ones in itertools.product((True, False), repeat=len(doubtful)):
            gone = {1, *(size for size, one in zip(doubtful, ones) if one)}
            kept = tuple([size for size in operand.shape if size not in gone])
            cases.append(array_or_scalar(probe(run, a), kept))
        return join(*cases)

    return infer


@checked
def infer_expand_dims(a: Any, axis: Any) -> Type:
    axis, operand = static(axis, "axis"), array_like(a)
    added = axis if isinstance(axis, tuple | list) else (axis,)
    axes = axes_of(tuple(added), operand.rank + len(added))
    sizes = iter(operand.shape)
    return result(probe(np.expand_dims, a, axis),
                  tuple([1 if i in axes else next(sizes) for i in range(operand.rank + len(added))]))


@checked
def infer_broadcast_to(array: Any, shape: Any, subok: Any = False) -> Type:
    operand, target = array_like(array), shape_argument(shape)
    if len(target) < operand.rank or any(
            dims.known_unequal(n, 1) and dims.known_unequal(n, m) for n, m in zip(operand.shape[::-1], target[::-1])):
        raise ValueError("operands could not be broadcast together with remapped shapes")
    return ArrayType(operand.dtype, target)


@checked
def infer_broadcast_arrays(*args: Any, subok: Any = False) -> Type:
    operands = list(map(array_like, args))
    shape = broadcast(*(operand.shape for operand in operands))
    return TupleType(tuple([ArrayType(operand.dtype, shape) for operand in operands]))


@checked
def infer_broadcast_shapes(*args: Any) -> Type:
    shapes = [shape_argument(arg) for arg in args]
    return TupleType(tuple(map(IntType, broadcast(*shapes))))


def at_least(rank: int) -> Infer:
    """The rule of ``atleast_1d`` to ``atleast_3d``."""

    def one(value: Any) -> Type:
        operand = array_like(value)
        shape = operand.shape
        if rank == 3 and len(shape) in (1, 2):
            shape = (1, *shape, 1) if len(shape) == 1 else (*shape, 1)
        return ArrayType(operand.dtype, (1,) * (rank - len(shape)) + shape)

    @checked
    def infer(*arys: Any) -> Type:
        return one(arys[0]) if len(arys) == 1 else TupleType(tuple(map(one, arys)))

    return infer


def flipping(run: Callable[..., Any]) -> Infer:
    @checked
    def infer(m: Any, axis: Any = None) -> Type:
        axis = static(axis, "axis")
        return result(probe(run, m, *(() if axis is None else (axis,))), array_like(m).shape)

    return infer


@checked
def infer_rot90(m: Any, k: Any = 1, axes: Any = (0, 1)) -> Type:
    turns, axes, operand = plain(k), static(axes, "axes"), array_like(m)
    probed = probe(np.rot90, m, 1, axes)
    first, second = axes_of(tuple(axes), operand.rank)
    swapped = list(operand.shape)
    swapped[first], swapped[second] = swapped[second], swapped[first]
    turned, straight = result(probed, tuple(swapped)), result(probed, operand.shape)
    if not isinstance(turns, int):
        return join(turned, straight)
    return turned if turns % 2 else straight


@checked
def infer_roll(a: Any, shift: Any, axis: Any = None) -> Type:
    axis = static(axis, "axis")
    return result(probe(np.roll, a, as_operand(shift), axis), array_like(a).shape)


def same_shape(run: Callable[..., Any], static_names: tuple[str, ...] = ()) -> Infer:
    """The rule of what keeps the shape; the kind is that of a probe with the same arguments."""

    @checked
    def infer(a: Any, *args: Any, **kwargs: Any) -> Type:
        if kwargs.get("out") is not None and (stored := out_type(kwargs["out"])) is not None:
            return stored
        probed = probe(run, a, *static(args, static_names[0] if static_names else "arguments"),
                       **{name: static(value, name) for name, value in kwargs.items()})
        return result(probed, array_like(a).shape)

    return infer


@checked
def infer_copy_method(a: Any, order: Any = "C") -> Type:
    match a:
        case ListType() | DictType() | SetType():
            return a
        case list() | dict() | set():
            raise Unknown(a)
    return result(probe(method("copy"), a, static(order, "order")), array_like(a).shape)


@checked
def infer_astype(a: Any, dtype: Any, order: Any = "K", casting: Any = "unsafe", subok: Any = True,
                 copy: Any = True) -> Type:
    dtype, casting = np.dtype(static(dtype, "dtype")), static(casting, "casting")
    if dtype.kind not in "biufc":
        raise NoNumbers(dtype)
    probed = probe(method("astype"), a, dtype, casting=casting)
    return result(probed, array_like(a).shape)


@checked
def infer_view(a: Any, *args: Any, **kwargs: Any) -> Type:
    dtype = static(args[0] if args else kwargs.get("dtype"), "dtype")
    if len(args) > 1 or "type" in kwargs or isinstance(dtype, type) and issubclass(dtype, np.ndarray):
        raise Unknown(a)
    operand = array_like(a)
    if dtype is None:
        return result(probe(method("view"), a), operand.shape)
    dtype = np.dtype(dtype)
    if dtype.kind not in "biufc":
        raise NoNumbers(dtype)
    if not operand.rank:
        return result(probe(method("view"), a, dtype), ())
    *outer, last = operand.shape
    return ArrayType(dtype, (*outer, last * operand.dtype.itemsize // dtype.itemsize))


@checked
def infer_tolist(a: Any) -> Type:
    operand = array_like(a)
    if operand.dtype.kind not in "biufc":
        raise Unknown(a)
    nested: Type = result(probe(method("item"), ScalarType(operand.dtype)), ())
    for size in operand.shape[::-1]:
        nested = ListType(nested, size)
    return nested


@checked
def infer_tobytes(a: Any, order: Any = "C") -> Type:
    return PythonType(bytes)


@checked
def infer_clip_method(a: Any, min: Any = None, max: Any = None, out: Any = None, **kwargs: Any) -> Type:
    stored = out_type(out)
    if stored is not None:
        return stored
    bounds = [as_operand(bound) for bound in (min, max)]
    return result(probe(method("clip"), a, *bounds), broadcast(array_like(a).shape, *(
        shape_of(bound) for bound in bounds if bound is not None)))


@checked
def infer_setflags(a: Any, *args: Any, **kwargs: Any) -> Type:
    if isinstance(a, ArrayType):
        return NONE
    raise Unknown(a)


RESHAPED = (call(FLOATS, (5, 1)), call(FLOATS, -1), call(INT_MATRIX, (2, -1)), call(INT_MATRIX, 12),
            call(INT_MATRIX.T, (3, 4)),
            call(CUBE, (4, 3, 2)), call(CUBE, [2, -1]), call(EMPTY, (0, 3)), call(EMPTY, (3, -1)), call(ZERO_D, (1, 1)),
            call(ONE_BY_ONE, ()), call(MATRIX, (4, 2)), call(MATRIX, (-1, 4)), call(CUBE, (-1, 12), order="F"),
            call(SMALL_INTS[::-1], (1, 5)), call(np.float32(2), (1,)), call(EMPTY_MATRIX, (-1,)),
            call(CUBE, (-1, 2, -1)), call(CUBE, (-2, 12)), call(FLOATS, -3))
TRANSPOSED = (*each((*ARRAYS, *POINTS)), call(CUBE, (1, 0, 2)), call(CUBE, (-1, 0, 1)), call(MATRIX, (0, 1)),
              call(MATRIX, (0, 0)),
              call(MATRIX, None))
SQUEEZED = (*each((*ARRAYS, np.zeros((1, 3, 1)), np.zeros((2, 1, 1, 3), np.int8), *POINTS)),
            call(np.zeros((1, 3, 1)), 0),
            call(np.zeros((1, 3, 1)), axis=(0, -1)), call(MATRIX, 0), call(MATRIX, 5))
SWAPPED = (call(CUBE, 0, 2), call(MATRIX, -1, 0), call(INT_MATRIX.T, 0, 0), call(EMPTY_MATRIX, 0, 1),
           call(FLOATS, 0, 1))
DTYPES = tuple([call(a, dtype) for a in (FLOATS, SMALL_INTS, INT_MATRIX.T, EMPTY, ZERO_D, np.float32(1.5), COMPLEX)
                for dtype in (np.float32, "i8", bool, complex)])
VIEWED = (call(FLOATS), call(FLOATS, np.int64), call(FLOATS, np.float32), call(INT_MATRIX, np.complex128),
          call(SINGLE, "u1"),
          call(INT_MATRIX.T, np.int32), call(ZERO_D, np.int64), call(FLOATS, dtype=complex),
          call(np.float32(1), np.int32))
ROUNDED = (*each((FLOATS, MATRIX, INT_MATRIX, COMPLEX, EMPTY, ZERO_D, np.float32(1.25))), call(FLOATS, 1),
           call(FLOATS, decimals=-1))
CLIPPED = (call(FLOATS, 0, 1), call(SMALL_INTS, 2, 5), call(MATRIX, None, MATRIX[0]), call(FLOATS, min=0.5),
           call(INT_MATRIX, 2.5, None),
           call(np.float32(3), 0, 1), call(EMPTY, 0, 1), call(FLOATS, [0, 0, 0, 1, 1], 2))

VIEW, FRESH = Result.VIEW, Result.FRESH


# What raises for no array of numbers once its rule has given a type.
TOTAL = {"swapaxes", "moveaxis", "rollaxis", "matrix_transpose", "expand_dims", "atleast_1d", "atleast_2d",
         "atleast_3d",
         "flip", "fliplr", "flipud", "rot90", "roll", "ravel", "flatten", "transpose", "copy", "astype", "tolist",
         "tobytes",
         "conj", "conjugate", "round", "clip"}


def _method(name: str, infer: Infer, samples: tuple[Any, ...], result: Result = FRESH, **options: Any) -> Op:
    options = {"total": numeric(infer) if name in TOTAL else None, **options}
    return Op(f"method.{name}", as_method(name), infer, captures=(getattr(np.ndarray, name),), method=name,
              result=result, samples=samples, **options)


def _function(function: Callable[..., Any], infer: Infer, samples: tuple[Any, ...], result: Result = FRESH,
              **options: Any) -> Op:
    options = {"total": numeric(infer) if function.__name__ in TOTAL else None, **options}
    return Op(function.__name__, as_numpy(function), infer, captures=(function,), result=result, samples=samples,
              **options)


OPS: tuple[Op, ...] = (
    _function(np.reshape, infer_reshape, (*RESHAPED, call([1, 2, 3, 4], (2, 2))), VIEW, total=reshape_is_total),
    _method("reshape", infer_reshape_method, (*RESHAPED, call(CUBE, 6, 4), call(CUBE, -1, 2), call(FLOATS, 1, 1, 5)),
            VIEW, total=reshape_is_total),
    _function(np.ravel, flattening(np.ravel), (*each((*ARRAYS, *POINTS)), call(COLUMN_MAJOR, "F")), VIEW),
    _method("ravel", flattening(method("ravel")), (*each((*ARRAYS, *POINTS)), call(COLUMN_MAJOR, order="K")), VIEW),
    _method("flatten", flattening(method("flatten")), (*each((*ARRAYS, *POINTS)), call(COLUMN_MAJOR, "F"))),
    _function(np.transpose, infer_transpose, TRANSPOSED, VIEW),
    _function(np.matrix_transpose, permuting(np.matrix_transpose), each((MATRIX, CUBE, EMPTY_MATRIX, FLOATS)), VIEW),
    _method("transpose", infer_transpose_method, (*TRANSPOSED, call(CUBE, 2, 0, 1)), VIEW),
    _function(np.swapaxes, permuting(np.swapaxes), SWAPPED, VIEW),
    _method("swapaxes", permuting(method("swapaxes")), SWAPPED, VIEW),
    _function(np.moveaxis, permuting(np.moveaxis),
              (*SWAPPED, call(CUBE, (0, 1), (-1, 0)), call(CUBE, source=0, destination=-1)), VIEW),
    _function(np.rollaxis, permuting(np.rollaxis),
              (call(CUBE, 2), call(CUBE, 0, 3), call(MATRIX, axis=1, start=0), call(MATRIX, 4)), VIEW),
    _function(np.squeeze, squeezing(np.squeeze), SQUEEZED, VIEW),
    _method("squeeze", squeezing(method("squeeze")), SQUEEZED, VIEW),
    _function(np.expand_dims, infer_expand_dims, (
        *each((FLOATS, SMALL_INTS, MATRIX, EMPTY, ZERO_D, np.float32(1)), 0), call(CUBE, -1), call(MATRIX, (0, 2)),
        call(FLOATS, 3)), VIEW),
    _function(np.broadcast_to, infer_broadcast_to, (
        call(FLOATS, (3, 5)), call(ONE_BY_ONE, (2, 4)), call(1.5, (2,)), call(SINGLE, 3), call(MATRIX, (2, 3)),
        call(MATRIX, (3, 2)),
        call(ZERO_D, ()), call(SINGLE, (0,)), call(SMALL_INTS[::-1], [1, 5])), VIEW),
    _function(np.broadcast_arrays, infer_broadcast_arrays, (
        call(FLOATS, 1), call(MATRIX, SMALL_INTS[:3]), call(CUBE, MATRIX[:, :1, None], 2.0), call(FLOATS, MATRIX),
        call(EMPTY, SINGLE)), VIEW),
    _function(np.broadcast_shapes, infer_broadcast_shapes,
              (call((2, 1), (3,)), call((5,), ()), call(3, (1, 1)), call((2,), (3,))),
              Result.IMMUTABLE),
    *[_function(function, at_least(rank), (*each((*ARRAYS, *POINTS, 2.5, [1, 2])), call(FLOATS, 3)), VIEW)
      for rank, function in ((1, np.atleast_1d), (2, np.atleast_2d), (3, np.atleast_3d))],
    _function(np.flip, flipping(np.flip), (*each((*ARRAYS,)), call(CUBE, 1), call(CUBE, (0, -1)), call(FLOATS, 2)),
              VIEW),
    _function(np.fliplr, flipping(np.fliplr), each((*MATRICES, CUBE, EMPTY_MATRIX, FLOATS)), VIEW),
    _function(np.flipud, flipping(np.flipud), each((*VECTORS, *MATRICES, CUBE, EMPTY_MATRIX, ZERO_D)), VIEW),
    _function(np.rot90, infer_rot90, (*each((*MATRICES, EMPTY_MATRIX)), call(MATRIX, 2), call(MATRIX, k=3),
                                      call(CUBE, 1, (1, 2)),
                                      call(FLOATS), call(MATRIX, 0)), VIEW),
    _function(np.roll, infer_roll, (*each(ARRAYS, 1), call(CUBE, -2, 1), call(CUBE, (1, 2), (0, 2)),
                                    call(MATRIX, [1, 1], axis=[0, 1]))),
    _method("copy", infer_copy_method, (*each((*ARRAYS, *POINTS)), call(COLUMN_MAJOR, "F"))),
    _method("astype", infer_astype, (*DTYPES, call(FLOATS, np.int64, casting="safe")), VIEW),
    _method("view", infer_view, VIEWED, VIEW),
    _method("tolist", infer_tolist, each((*ARRAYS, *POINTS))),
    _method("tobytes", infer_tobytes, each((*ARRAYS, *POINTS)), Result.IMMUTABLE),
    _method("conj", same_shape(method("conj")), each((*ARRAYS[:4], *POINTS, COMPLEX[::-1])), VIEW),
    _method("conjugate", same_shape(method("conjugate")), each((*ARRAYS[:4], *POINTS, 2.5, 1j, 3)), VIEW),
    _method("round", same_shape(method("round"), ("decimals",)), ROUNDED, writes=(2,)),
    _method("clip", infer_clip_method, CLIPPED, writes=(3,)),
    _method("byteswap", same_shape(method("byteswap"), ("inplace",)), (
        *each((FLOATS, SMALL_INTS, EMPTY)), call(INT_MATRIX, False), call(INT_MATRIX, True)), VIEW, writes=(0,)),
    _method("setflags", infer_setflags, (call(FLOATS, write=True),), Result.IMMUTABLE, writes=(0,)),
    *joining.OPS,
)

"""Arrays made of sequences, numbers and other arrays: array, asarray, ascontiguousarray, copy, fromiter.

``asarray`` and its kin give their argument itself where they can, ``array`` may be told to: their results may be views.
"""

from __future__ import annotations

from collections.abc import Callable
from types import EllipsisType
from typing import Any

import numpy as np

from ..ir import dims
from ..ir.dims import Dim
from ..ir.types import (
    BOOL,
    COMPLEX,
    FLOAT,
    ArrayType,
    ConstantType,
    DictType,
    IntType,
    IteratorType,
    ListType,
    ObjectType,
    PythonType,
    RangeType,
    SetType,
    TupleType,
    Type,
    join,
    options,
)
from .infer import NoNumbers, Unknown, as_dim, contents, fits_int64, probe, shape_of, static, type_of
from .op import Op, Result
from .rules import array_like, as_numpy, leaves, plain, size_of
from .specimens import (
    COLUMN_MAJOR,
    EMPTY,
    FLOATS,
    INT_MATRIX,
    SMALL_INTS,
    STRIDED_MATRIX,
    ZERO_D,
    call,
    each,
)

Rule = Callable[..., Type]
# Least and greatest of some ints that make an array of int64, of uint64, of objects, of floats.
READ_AS_ARRAYS = ("__array__", "__array_interface__", "__array_struct__", "__buffer__", "__len__")
REPRESENTATIVES = ((1, 1), (2**63, 2**63), (2**70, 2**70), (-1, 2**63))


# ------------------------------------------------------------------------------------------------------------ arguments

def length(value: Any) -> Dim:
    """An int that must not be negative, as a dimension.  Raises ValueError where it is."""
    size = as_dim(plain(value))
    if dims.known_less(size, 0):
        raise ValueError("negative dimensions are not allowed")
    return size


def as_operand(value: Any) -> Any:
    """An argument that is converted to an array: sequences are arrays already, numbers stay as they are."""
    value = plain(value)
    return array_like(value) if isinstance(value, ListType | TupleType | list | tuple) else value


def dtype_argument(value: Any) -> Any:
    return static(plain(value), "dtype")


def without_like(given: dict[str, Any]) -> None:
    """Raise ``Unknown`` where another library is asked by ``like=``; ``device=`` and such do not matter."""
    if plain(given.get("like")) is not None:
        raise Unknown(given)


def arrays_of(value: Any, dtype: Any = None) -> Type:
    """What ``np.asarray(value, dtype)`` is: a union where ints may be larger than 64 bits.  Raises ``Unknown``."""
    value, dtype = plain(value), dtype_argument(dtype)
    if isinstance(value, ArrayType | np.ndarray):
        kind = type_of(value)
        return ArrayType(probe(np.asarray, kind, dtype).dtype, shape_of(kind))
    if dtype is not None:
        if np.dtype(dtype).hasobject or not np.dtype(dtype).itemsize:
            raise NoNumbers(np.dtype(dtype))    # objects may nest less deeply, texts are as long as the longest
        return ArrayType(np.dtype(dtype), shape_of(value))
    if _holds_objects(value):
        raise NoNumbers(np.dtype(object))
    parts = list(leaves(value))
    if any(map(_is_text, parts)):
        raise NoNumbers(np.dtype(str))
    if all(map(fits_int64, parts)) and not _is_wide_range(value):
        return array_like(value)
    return join(*(ArrayType(dtype, shape_of(value)) for dtype in _dtypes_of_any_ints(value, parts)))


def _is_text(part: Any) -> bool:
    return isinstance(part, str | bytes) or isinstance(part, PythonType) and part.cls in (str, bytes)


def _holds_objects(value: Any) -> bool:
    """Whether NumPy takes something in ``value`` for one object, in which it looks for no numbers."""
    match value:
        case tuple() | list():
            return any(map(_holds_objects, value))
        case TupleType(items):
            return any(map(_holds_objects, items))
        case ListType(item):
            return _holds_objects(item)
        case PythonType() | ConstantType():
            return value not in (BOOL, FLOAT, COMPLEX) and not _is_text(value)
        case ObjectType(cls):
            return not any(hasattr(cls, name) for name in READ_AS_ARRAYS)
        case DictType() | SetType() | IteratorType() | None | EllipsisType() | slice():
            return True
    return callable(value)


def _is_wide_range(value: Any) -> bool:
    return isinstance(value, RangeType) and not all(isinstance(bound, int) for bound in (value.start, value.step))


def _dtypes_of_any_ints(value: Any, parts: list[Any]) -> set[np.dtype[Any]]:
    if isinstance(value, RangeType):
        return {np.dtype(np.int64), np.dtype(np.uint64), np.dtype(object)}
    if any(shape_of(part) for part in parts):
        raise Unknown(value)
    found = set()
    for low, high in REPRESENTATIVES:
        numbers = [high if isinstance(part, IntType) and part.value is None else part for part in parts]
        found.add(probe(np.asarray, [low if numbers[0] is high else numbers[0], *numbers[1:]]).dtype)
    return found


# ---------------------------------------------------------------------------------------------------------------- rules

def _array_rule(object: Any, dtype: Any = None, *, copy: Any = True, order: Any = "K", subok: Any = False,
                ndmin: Any = 0, ndmax: Any = 0, like: Any = None) -> Type:
    without_like({"like": like})
    if static(ndmax, "ndmax"):
        raise Unknown(ndmax)
    return _at_least(arrays_of(object, dtype), static(ndmin, "ndmin"))


def _at_least(type: Type, rank: int) -> Type:
    """``type`` with axes of size 1 in front up to ``rank``."""
    return join(*(ArrayType(kind.dtype, (1,) * (rank - kind.rank) + kind.shape)
                  for kind in options(type) if isinstance(kind, ArrayType)))


def _asarray_rule(a: Any, dtype: Any = None, order: Any = None, **given: Any) -> Type:
    without_like(given)
    return arrays_of(a, dtype)


def _contiguous_rule(a: Any, dtype: Any = None, **given: Any) -> Type:
    without_like(given)
    return _at_least(arrays_of(a, dtype), 1)


def _require_rule(a: Any, dtype: Any = None, requirements: Any = None, **given: Any) -> Type:
    without_like(given)
    return arrays_of(a, dtype)


def _copy_rule(a: Any, order: Any = "K", subok: Any = False) -> Type:
    return arrays_of(a)


def _fromiter_rule(iter: Any, dtype: Any, count: Any = -1, **given: Any) -> Type:
    without_like(given)
    number = plain(count)
    size = length(number) if isinstance(number, int) and number >= 0 else contents(iter)[1] if number == -1 else None
    return ArrayType(np.dtype(dtype_argument(dtype)), (dims.fresh() if size is None else size,))


def _frombuffer_rule(buffer: Any, dtype: Any = float, count: Any = -1, offset: Any = 0, **given: Any) -> Type:
    """A view of the bytes of an array or of ``bytes``; how many there are has to come out even."""
    without_like(given)
    found, number = np.dtype(dtype_argument(dtype)), plain(count)
    if found.hasobject or not found.itemsize:
        raise NoNumbers(found)
    if isinstance(number, int) and number >= 0:
        return ArrayType(found, (number,))
    known = number == -1 and isinstance(buffer, ArrayType | np.ndarray) and isinstance(plain(offset), int)
    if not known:
        return ArrayType(found, (dims.fresh(),))
    source = type_of(buffer)
    assert isinstance(source, ArrayType)
    return ArrayType(found, ((size_of(source.shape) * source.dtype.itemsize - plain(offset)) // found.itemsize,))


# ------------------------------------------------------------------------------------------------------------ the table

SEQUENCES = each((
    FLOATS, SMALL_INTS[::-1], INT_MATRIX.T, COLUMN_MAJOR, ZERO_D, EMPTY, 3, 2.5, True, np.float32(2), 1j,
    [1, 2.5], [[1, 2], [3, 4]], (np.float32(1), np.float32(2)), [FLOATS, FLOATS], range(4), []))
TYPED = (call([1, 2], float), call(FLOATS, dtype="f4"), call(3, np.int8))

ROWS: tuple[tuple[Any, Rule, Result, tuple[Any, ...]], ...] = (
    (np.array, _array_rule, Result.VIEW,
     (*SEQUENCES, *TYPED, call(FLOATS, ndmin=2), call(3, ndmin=1), call(FLOATS, copy=None))),
    (np.asarray, _asarray_rule, Result.VIEW, SEQUENCES + TYPED),
    (np.asanyarray, _asarray_rule, Result.VIEW, SEQUENCES + TYPED),
    (np.asarray_chkfinite, _asarray_rule, Result.VIEW, SEQUENCES + TYPED),
    (np.ascontiguousarray, _contiguous_rule, Result.VIEW, SEQUENCES + TYPED),
    (np.asfortranarray, _contiguous_rule, Result.VIEW, SEQUENCES + TYPED),
    (np.require, _require_rule, Result.VIEW, (*SEQUENCES, *TYPED, call(STRIDED_MATRIX, requirements="C"))),
    (np.copy, _copy_rule, Result.FRESH, SEQUENCES),
    (np.fromiter, _fromiter_rule, Result.FRESH,
     (call([1, 2], float), call(FLOATS, np.float32), call(range(5), int, 3))),
    (np.frombuffer, _frombuffer_rule, Result.VIEW,
     (call(FLOATS), call(FLOATS, np.int32), call(INT_MATRIX, "u1", offset=8), call(b"abcd", np.uint8),
      call(FLOATS, "f4", 3, 4), call(b"abcd", dtype="i2", count=1), call(SMALL_INTS, "i4"), call(EMPTY),
      call(FLOATS, np.int64, 99), call(b"abc", "i2"))),
)

OPS = tuple(Op(function.__name__, as_numpy(function), rule, captures=(function,), result=result, samples=samples)
            for function, rule, result, samples in ROWS)

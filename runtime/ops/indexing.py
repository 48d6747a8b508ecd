"""``x[index]``, ``x[index] = y`` and ``del x[index]``, for arrays as NumPy has it and for Python's containers.

An index of an array is first read, item by item,
into ``Part`` records: which axis each uses and what it leaves in the result.
The result's shape and the proof that the index is in bounds follow from the parts.  ``gathering`` has ``take`` and kin.
"""

from __future__ import annotations

import operator
from types import EllipsisType
from typing import Any

import numpy as np

from ..ir import dims
from ..ir.dims import Dim
from ..ir.slices import slice_length
from ..ir.types import (
    BOOL,
    INT,
    NONE,
    STR,
    ArrayType,
    DictType,
    IntType,
    IteratorType,
    ListType,
    PythonType,
    RangeType,
    ScalarType,
    TupleType,
    Type,
    UnionType,
    join,
    scalar_of,
)
from ..records import record
from . import gathering
from .infer import Unknown, as_dim, broadcast, length_of, probe, type_of
from .op import Op, Result
from .rules import checked, plain, size_of
from .specimens import (
    COMPLEX,
    CUBE,
    EMPTY,
    EMPTY_MATRIX,
    FLOATS,
    INT_MATRIX,
    MASK,
    MATRIX,
    SCALAR,
    SMALL_INTS,
    STRIDED_MATRIX,
    ZERO_D,
    call,
)


@record
class Part:
    """One item of an index: the sizes of the axes it uses, and those it leaves in the result.

    ``position`` is an int's value; an ``advanced`` item's ``sizes`` are those of the array of positions it stands for.
    """

    uses: tuple[Dim, ...]
    sizes: tuple[Dim, ...]
    advanced: bool = False
    position: Dim | None = None
    index: Any = None

    @property
    def is_int(self) -> bool:
        return len(self.uses) == 1 and not self.sizes and not isinstance(self.index, slice)



def parts_of(index: Any, shape: tuple[Dim, ...]) -> list[Part]:
    """Read an index of an array of this shape.  Raises IndexError where it fits no array of the shape's rank."""
    items = [_readable(item) for item in _items(index)]
    spare = len(shape) - sum(map(_axes_used, items))
    if spare < 0:
        raise IndexError(f"too many indices for array: array is {len(shape)}-dimensional")
    if items.count(...) > 1:
        raise IndexError("an index can only have a single ellipsis ('...')")
    parts: list[Part] = []
    axis = 0
    for item in items:
        used = spare if item is ... else _axes_used(item)
        parts.extend(_parts(item, shape[axis:axis + used]))
        axis += used
    return parts + [Part((size,), (size,), index=slice(None)) for size in shape[axis:]]


def _items(index: Any) -> tuple[Any, ...]:
    if isinstance(index, TupleType):
        return index.items
    return index if type(index) is tuple else (index,)


def _readable(item: Any) -> Any:
    """An item with what can be said of it: None, Ellipsis, a slice, an int or its type, or the type of an array."""
    item = plain(item)
    match item:
        case None | EllipsisType() | slice():
            return item
        case bool() | np.bool_() | PythonType() if item == BOOL or not isinstance(item, PythonType):
            return ArrayType(np.dtype(bool), ())
        case PythonType(cls) if cls is slice:
            return slice(INT, INT, None)
        case ScalarType(dtype) if dtype.kind == "b":
            return ArrayType(dtype, ())
        case int() | IntType() | np.integer():
            return item
        case ScalarType(dtype) if dtype.kind in "iu":
            return item
        case ArrayType(dtype) if dtype.kind in "iub":
            return item
        case list() | tuple() | ListType() | TupleType() | np.ndarray():
            array = gathering.positions_like(item)
            if array.dtype.kind in "iub":
                return array
        case PythonType() | ScalarType() | ArrayType() | float() | complex() | str():
            pass
        case _:
            raise Unknown(item)
    raise IndexError("only integers, slices (`:`), ellipsis (`...`), numpy.newaxis (`None`) and integer or boolean "
                     "arrays are valid indices")


def _axes_used(item: Any) -> int:
    if item is None or item is ...:
        return 0
    return item.rank if isinstance(item, ArrayType) and item.dtype.kind == "b" else 1


def _parts(item: Any, uses: tuple[Dim, ...]) -> list[Part]:
    match item:
        case None:
            return [Part((), (1,))]
        case EllipsisType():
            return [Part((), (), index=...), *(Part((size,), (size,), index=slice(None)) for size in uses)]
        case slice():
            return [Part(uses, (slice_size(item, uses[0]),), index=item)]
        case ArrayType(dtype, shape) if dtype.kind == "b":
            for size, expected in zip(shape, uses):
                if dims.known_unequal(size, expected):
                    raise IndexError(f"boolean index did not match indexed array: {size} and {expected}")
            return [Part(uses, (dims.fresh("m", high=size_of(shape)),), advanced=True, index=item)]
        case ArrayType(_, shape):
            return [Part(uses, shape, advanced=bool(shape), index=item)]
    position = as_dim(item, low=None)
    if isinstance(uses[0], int) and isinstance(position, int) and not -uses[0] <= position < uses[0]:
        raise IndexError(f"index {position} is out of bounds for an axis with size {uses[0]}")
    return [Part(uses, (), position=position)]


def slice_size(index: slice, size: Dim) -> Dim:
    """The number of items that a slice selects of ``size``.  Raises TypeError and ValueError as slicing does."""
    start, stop, step = [None if plain(part) is None else as_dim(plain(part), low=None)
                         for part in (index.start, index.stop, index.step)]
    return slice_length(start, stop, step, size)


def indexed_shape(parts: list[Part]) -> tuple[Dim, ...]:
    """The result's shape: sizes in order, those of advanced parts together, in front where others separate them."""
    if not any(part.advanced for part in parts):
        return tuple([size for part in parts for size in part.sizes])
    together = [part for part in parts if part.advanced or part.is_int]
    try:
        common = broadcast(*(part.sizes for part in together))
    except ValueError as error:
        raise IndexError(f"shape mismatch: {error}") from None
    places = [i for i, part in enumerate(parts) if part in together]
    adjacent = places[-1] - places[0] == len(places) - 1
    before = [size for part in parts[:places[0]] for size in part.sizes] if adjacent else []
    kept = [size for part in parts if part not in together for size in part.sizes]
    return (*before, *common, *kept[len(before):])


def is_scalar(parts: list[Part]) -> bool:
    """Whether an element comes out, not an array: an int for each axis and nothing else, no ``...`` either."""
    return all(part.is_int for part in parts)


def in_bounds(receiver: ArrayType, index: Any) -> bool:
    """Whether ``receiver[index]`` is proved not to raise."""
    try:
        parts = parts_of(index, receiver.shape)
        return all(map(_is_safe, parts)) and sum(part.advanced for part in parts) <= 1
    except (Unknown, IndexError, TypeError, ValueError):
        return False


def _is_safe(part: Part) -> bool:
    if isinstance(part.index, slice):
        step = plain(part.index.step)
        return step is None or isinstance(step, int) or isinstance(step, IntType) and step.value is not None and (
            dims.known_unequal(step.value, 0))
    if part.position is not None:
        return is_position(part.position, part.uses[0])
    if isinstance(part.index, ArrayType):
        # Positions in an array are data; a mask only has to have the shape that it selects from.
        return part.index.dtype.kind == "b" and all(map(dims.known_equal, part.index.shape, part.uses))
    return True


def is_position(position: Dim, size: Dim) -> bool:
    """Whether ``position`` is proved to be an index of something of this length, counted from either end."""
    return dims.is_nonnegative(position + size) and dims.known_less(position, size)



@checked
def infer_get_item(receiver: Any, index: Any) -> Type:
    match lift(receiver):
        case ArrayType() as array:
            return _array_item(array, index)
        case ScalarType(dtype):
            return _array_item(ArrayType(dtype, ()), index)
        case TupleType(items):
            return _tuple_item(items, index)
        case ListType(item, length):
            return _list_item(item, length, index)
        case DictType(_, item):
            if type(receiver) is not dict or isinstance(index, Type):
                return renewed(item)
            if index not in receiver:
                raise IndexError(f"no key {index!r}")
            return lift(receiver[index])
        case RangeType() as numbers:
            return _range_item(numbers, index)
        case IteratorType(ScalarType(dtype), length):      # x.flat: no other iterator can be indexed
            return _array_item(ArrayType(dtype, (dims.fresh() if length is None else length,)), index)
        case PythonType(cls) if cls is str:
            _require_int_or_slice(index)
            return STR
        case PythonType(cls) if cls is bytes:
            return INT if _require_int_or_slice(index) else PythonType(bytes)
        case IntType() | PythonType():
            raise TypeError(f"{receiver} is not subscriptable")
    if isinstance(receiver, type(np.s_)):
        return lift(index)
    if isinstance(receiver, type(np.mgrid) | type(np.ogrid)):
        return _grid(receiver, index)
    raise Unknown(receiver)


def lift(value: Any) -> Type:
    """The type of a constant, also of a tuple, list or dict that holds types."""
    match value:
        case Type():
            return value
        case tuple() if type(value) is tuple:
            return TupleType(tuple(map(lift, value)))
        case list():
            return ListType(join(*map(lift, value)), len(value))
        case dict():
            return DictType(join(*map(lift, value)), join(*map(lift, value.values())))
    return type_of(value)


def renewed(item: Type) -> Type:
    """The type of one of several values of type ``item``: sizes that may differ get symbols of their own."""
    match item:
        case ArrayType(dtype, shape):
            return ArrayType(dtype, tuple(map(_renewed_size, shape)))
        case IntType(value) if value is not None:
            return IntType(None if any(map(_is_open, dims.symbols(value))) else value)
        case TupleType(items):
            return TupleType(tuple(map(renewed, items)))
        case ListType(inner, length):
            return ListType(renewed(inner), None if length is None else _renewed_size(length))
        case UnionType(choices):
            return join(*map(renewed, choices))
    return item


def _renewed_size(size: Dim) -> Dim:
    return dims.fresh() if any(map(_is_open, dims.symbols(size))) else size


def _is_open(symbol: dims.Symbol) -> bool:
    return symbol.name.startswith(dims.FRESH)


def _array_item(array: ArrayType, index: Any) -> Type:
    if array.dtype.names:
        return _field(array, index)
    parts = parts_of(index, array.shape)
    shape = indexed_shape(parts)
    return scalar_of(array.dtype) if not shape and is_scalar(parts) else ArrayType(array.dtype, shape)


def _field(array: ArrayType, index: Any) -> Type:
    if isinstance(index, str):
        if index not in (array.dtype.names or ()):
            raise ValueError(f"no field of name {index}")
        dtype = array.dtype[index]
        base, inner = dtype.subdtype or (dtype, ())
        return ArrayType(base, (*array.shape, *inner))
    if index == STR:
        return join(*(_field(array, name) for name in array.dtype.names or ()))
    if isinstance(index, Type | int | slice | tuple):
        parts = parts_of(index, array.shape)
        shape = indexed_shape(parts)
        return scalar_of(array.dtype) if not shape and is_scalar(parts) else ArrayType(array.dtype, shape)
    raise Unknown(index)


def _tuple_item(items: tuple[Type, ...], index: Any) -> Type:
    if isinstance(index, slice):
        parts = [plain(part) for part in (index.start, index.stop, index.step)]
        return _unknown(index) if any(isinstance(part, Type) for part in parts) else TupleType(items[slice(*parts)])
    _require_int_or_slice(index)
    position = as_dim(index, low=None)
    if isinstance(position, int):
        return items[position]
    near = [item for i, item in enumerate(items)
            if not (dims.known_unequal(position, i) and dims.known_unequal(position, i - len(items)))]
    if not near:
        raise IndexError("tuple index out of range")
    return join(*near)


def _list_item(item: Type, length: Dim | None, index: Any) -> Type:
    if _require_int_or_slice(index):
        if length == 0:
            raise IndexError("list index out of range")
        return renewed(item)
    if not isinstance(index, slice):
        return ListType(item)
    size = dims.fresh() if length is None else length
    selected = slice_size(index, size)
    return ListType(item, None if length is None else selected)


def _range_item(numbers: RangeType, index: Any) -> Type:
    start, step = numbers.start, numbers.step
    if not _require_int_or_slice(index):
        return RangeType(None, None, None)
    position = as_dim(index, low=None)
    if start is None or step is None:
        return INT
    if dims.is_nonnegative(position):
        return IntType(start + position * step)
    if dims.known_less(position, 0):
        return IntType(start + (length_of(numbers) + position) * step)
    return INT


def _require_int_or_slice(index: Any) -> bool:
    """Whether a sequence's index is an int (True) or a slice (False).  Raises TypeError for anything else."""
    match index:
        case slice():
            return False
        case PythonType(cls) if cls is slice:
            return False
        case int() | IntType() | np.integer():
            return True
        case PythonType(cls) if cls is bool:
            return True
        case ScalarType(dtype) | ArrayType(dtype, ()) if dtype.kind in "iu":
            return True
        case PythonType() | ScalarType() | ArrayType() | TupleType() | ListType() | str() | float() | tuple() | None:
            raise TypeError(f"indices must be integers or slices, not {index}")
    raise Unknown(index)


def _grid(grid: Any, index: Any) -> Type:
    """``np.mgrid`` and ``np.ogrid``: a slice for each axis, whose step may be a count times 1j."""
    slices = _items(index)
    if not all(isinstance(item, slice) for item in slices):
        raise Unknown(index)
    sizes = tuple(map(_grid_size, slices))
    small = tuple(slice(*(_small(part) for part in (s.start, s.stop, s.step))) for s in slices)
    probed = probe(operator.getitem, grid, small if type(index) is tuple or isinstance(index, TupleType) else small[0])
    if isinstance(probed, tuple | list):
        return lift(type(probed)(
            ArrayType(array.dtype, tuple([size if i == axis else 1 for i in range(len(sizes))]))
            for axis, (array, size) in enumerate(zip(probed, sizes))))
    return ArrayType(probed.dtype, (len(sizes), *sizes) if probed.ndim > 1 or type(index) is tuple else sizes)


def _grid_size(index: slice) -> Dim:
    start, stop, step = [plain(part) for part in (index.start, index.stop, index.step)]
    if isinstance(step, complex):
        return int(abs(step))
    ends = [default if part is None else part for part, default in ((start, 0), (stop, None), (step, 1))]
    if all(isinstance(part, int | IntType) for part in ends):
        return length_of(RangeType(*(part.value if isinstance(part, IntType) else part for part in ends)))
    return dims.fresh()


def _small(part: Any) -> Any:
    """A bound of a grid that gives the same dtype and few elements."""
    part = plain(part)
    return type(part)(1) if isinstance(part, int | float | np.number) else 1j if isinstance(part, complex) else part


def _unknown(value: Any) -> Type:
    raise Unknown(value)


def get_item_is_total(receiver: Any, index: Any) -> bool:
    """Whether the index is proved to be in bounds."""
    receiver, index = plain(receiver), plain(index)
    match lift(receiver):
        case ArrayType() as array if not array.dtype.names:
            return in_bounds(array, index)
        case TupleType(items):
            length: Dim | None = len(items)
        case ListType(_, length):
            pass
        case RangeType() as numbers:
            length = length_of(numbers)
        case _:
            return False
    position = index.value if isinstance(index, IntType) else index if isinstance(index, int) else None
    return length is not None and position is not None and is_position(position, length)


@checked
def infer_update(receiver: Any, index: Any, value: Any) -> Type:
    match lift(receiver):
        case ArrayType() as array if not array.dtype.names:
            indexed_shape(parts_of(index, array.shape))
        case ListType(_, length):
            if _require_int_or_slice(index) and length == 0:
                raise IndexError("list assignment index out of range")
        case TupleType() | ScalarType() | IntType() | PythonType() | RangeType():
            raise TypeError(f"{receiver} does not support item assignment")
    return NONE


@checked
def infer_delete_item(receiver: Any, index: Any) -> Type:
    match lift(receiver):
        case ArrayType():
            raise ValueError("cannot delete array elements")
        case TupleType() | ScalarType() | IntType() | PythonType() | RangeType():
            raise TypeError(f"{receiver} does not support item deletion")
    return NONE


ROWS = np.array([2, 0, 1])
TABLE_OF_ROWS = np.array([[0, 1], [1, 0]])
BASIC = tuple([call(receiver, index) for receiver, indices in (
    (FLOATS, (0, -1, np.int64(2), np.array(1), slice(1, None), slice(None, None, -1), slice(-3, 10, 2), ..., None, (),
              (..., 0),
              (0, ...), (None, 1), slice(4, 1), np.s_[5:], 7, (0, 0), 1.0)),
    (SMALL_INTS[::-1], (0, np.s_[1:-1], np.s_[::2])),
    (MATRIX, (0, (1, 2), (slice(None), 0), (0, slice(1, None)), (..., None, 0), np.s_[:, ::-1], np.s_[-1, :2],
              np.s_[1:, :0])),
    (STRIDED_MATRIX, ((1, 1), np.s_[:, 1], np.s_[::-1])),
    (CUBE, (1, (0, ..., 1), (0, slice(None), 2), np.s_[:, None, 1:, ::3], (1, 2, 3), np.s_[0, 1])),
    (EMPTY, (slice(None), 0)), (EMPTY_MATRIX, (np.s_[:, 1], np.s_[:0, 0])),
    (ZERO_D, ((), ..., None, 0)), (SCALAR, ((), ..., None, 0)), (COMPLEX, (0, np.s_[:1])),
) for index in indices])
ADVANCED = tuple([call(receiver, index) for receiver, indices in (
    (FLOATS, (ROWS, [0, 3], [], TABLE_OF_ROWS, MASK, FLOATS > 0, [True, False, True, False, False], True,
              np.bool_(False),
              (None, ROWS), np.array([7]))),
    (SMALL_INTS, (SMALL_INTS > 3, np.array([-1, 0], np.int8))),
    (INT_MATRIX, (ROWS, (ROWS, ROWS), (0, ROWS), (ROWS, 1), (slice(None), ROWS), (ROWS[:, None], [0, 1]),
                  INT_MATRIX > 4,
                  (np.array([True, False, True]), slice(1, 3)), (np.array([True, False, True]), 0),
                  np.ix_([0, 2], [1, 3]),
                  (..., ROWS), (ROWS, None, ROWS), (True, 0), (np.array(1), ROWS))),
    (CUBE, ((0, slice(None), ROWS), ([0, 1], slice(None), [1, 2]), (slice(None), [0, 1], [1, 2]), (0, [0, 1]),
            ([0, 1], ..., 0), (slice(1), ROWS, 0), (CUBE > 0), (CUBE[:, :, 0] > 0), (None, [0], 1, None))),
    (EMPTY, (EMPTY > 0, [], np.array([0]))),
) for index in indices])
OF_CONTAINERS = (call((1.0, FLOATS, "a"), 1), call((1.0, FLOATS, "a"), -1), call((1.0, FLOATS), np.s_[:1]),
                 call((FLOATS,), 3),
                 call([1, 2], 1), call([FLOATS, FLOATS], slice(1)), call({"a": FLOATS, "b": 2}, "a"), call("abc", 1),
                 call("abc", slice(2)), call(range(2, 9, 3), -1), call(range(9), slice(3)), call(5, 0), call(b"ab", 0),
                 call(np.mgrid, np.s_[0:3, 1:5:2]), call(np.ogrid, np.s_[0:3, 1:5:2]), call(np.mgrid, np.s_[0:1:5j]),
                 call(np.mgrid, np.s_[:4]), call(np.s_, 3))
RECORDS = np.array([(1, 2.0), (3, 4.0)], dtype=[("a", "i4"), ("b", "f8")])

OPS: tuple[Op, ...] = (
    Op("get_item", lambda xp: operator.getitem, infer_get_item, captures=(operator.getitem,), result=Result.VIEW,
       total=get_item_is_total,
       samples=(*BASIC, *ADVANCED, *OF_CONTAINERS, call(RECORDS, "b"), call(RECORDS, (slice(1), None)),
                call(RECORDS, slice(1)))),
    Op("update", lambda xp: operator.setitem, infer_update, captures=(operator.setitem,), writes=(0,),
       result=Result.IMMUTABLE, samples=(
           *[call(*sample.args, 1) for sample in (*BASIC, *ADVANCED, *OF_CONTAINERS[:-5])],
           call(MATRIX, 0, [1.0, 2.0, 3.0]), call(CUBE, (slice(None), 0), SMALL_INTS[:4]), call(SMALL_INTS, ..., 2.5))),
    Op("delete_item", lambda xp: operator.delitem, infer_delete_item, captures=(operator.delitem,), writes=(0,),
       result=Result.IMMUTABLE, samples=(call([1, 2, 3], 0), call([1, 2], slice(None)), call({"a": FLOATS}, "a"),
                                         call(FLOATS, 0), call((1,), 0))),
    *gathering.OPS,
)

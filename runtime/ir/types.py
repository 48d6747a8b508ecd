"""The kinds of values a graph computes.

Python numbers, NumPy scalars and arrays are distinct kinds, because NumPy's promotion (NEP 50) and Python's
exceptions treat them differently.  A type says what is known of a value before it is computed; where two paths meet
the result is a ``UnionType`` of what each may give, so nothing is ever widened to another dtype.  ``join`` is the
least upper bound.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from enum import Enum, Flag
from typing import Any

import numpy as np

from ..records import record
from .dims import Dim, fresh, is_fresh


@record
class Type:
    """What is known of a value before it is computed."""


@record
class ArrayType(Type):
    """An ``np.ndarray``: its dtype and shape; a dimension is an int or symbolic."""

    dtype: np.dtype[Any]
    shape: tuple[Dim, ...]

    @property
    def rank(self) -> int:
        return len(self.shape)


@record
class ScalarType(Type):
    """A NumPy scalar such as ``np.float64``: immutable, with a dtype in native byte order and no memory of its own."""

    dtype: np.dtype[Any]


def scalar_of(dtype: np.dtype[Any]) -> Type:
    """An item of an array with ``dtype``: NumPy's scalars are in native byte order, whatever the array's is.

    One record of an array is a reference into its memory, of which no more is known.
    """
    if dtype.names:
        return ANY
    return ScalarType(dtype if dtype.isnative else dtype.newbyteorder("="))


@record
class IntType(Type):
    """A Python int: unbounded; ``value`` is its symbolic value where one is known."""

    value: Dim | None = None


@record
class PythonType(Type):
    """Any other immutable Python value of exactly the class ``cls``: float, bool, complex, str, NoneType, slice, ..."""

    cls: type


@record
class TupleType(Type):
    """A tuple whose length and item types are known; ``cls`` is ``tuple`` or a named tuple's class."""

    items: tuple[Type, ...]
    cls: type = tuple


@record
class ListType(Type):
    """A reference to a list; all of its items, at any time, are of type ``item``."""

    item: Type
    length: Dim | None = None


@record
class SetType(Type):
    """A reference to a set."""

    item: Type


@record
class DictType(Type):
    """A reference to a dict."""

    key: Type
    item: Type


@record
class RangeType(Type):
    """A ``range``; each bound is an ``IntType`` value where it is known."""

    start: Dim | None
    stop: Dim | None
    step: Dim | None


@record
class IteratorType(Type):
    """Something a ``for`` can run over (enumerate, zip, reversed, dict views) that gives values of type ``item``."""

    item: Type
    length: Dim | None = None


@record
class ConstantType(Type):
    """Exactly this object (a function, class or module, compared by identity)."""

    value: Any

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ConstantType) and self.value is other.value

    def __hash__(self) -> int:
        return hash((ConstantType, id(self.value)))

    def __repr__(self) -> str:
        """Without the metaclass of a class, which may be one of the program's."""
        shown = type.__repr__(self.value) if isinstance(self.value, type) else repr(self.value)
        return f"ConstantType(value={shown})"


@record
class ObjectType(Type):
    """A reference to an object with attributes, of class ``cls``."""

    cls: type


@record
class UnboundType(Type):
    """A variable without a value."""


@record
class AnyType(Type):
    """Nothing is known; every use is decided when the graph runs."""


@record
class NeverType(Type):
    """No value: control does not come back."""


@record
class UnionType(Type):
    """One of several types; which one is known when the graph runs.  Made by ``join`` alone."""

    options: tuple[Type, ...]


ANY = AnyType()
NEVER = NeverType()
UNBOUND = UnboundType()
INT = IntType()
BOOL = PythonType(bool)
FLOAT = PythonType(float)
COMPLEX = PythonType(complex)
STR = PythonType(str)
NONE = PythonType(type(None))

WIDEST_UNION = 8


def is_member(value: Any) -> bool:
    """Whether ``value`` is a member of an enumeration, and no number, text or combination of flags besides."""
    return isinstance(value, Enum) and not isinstance(value, (int, float, complex, str, bytes, Flag))


def options(type: Type) -> tuple[Type, ...]:
    """The types a value may have: the options of a union, or the type itself."""
    return type.options if isinstance(type, UnionType) else () if isinstance(type, NeverType) else (type,)


def union(options: Iterable[Type]) -> Type:
    """One of ``options``, which must be of kinds that do not meet, in their order of sorting."""
    found = list(options)
    return UnionType(tuple(sorted(found, key=_kind_name if len({*map(_kind_name, found)}) == len(found) else _order)))


def join(*types: Type) -> Type:
    """The least type that covers all of ``types``.

    Arrays of one dtype and rank meet in an array whose differing dimensions are fresh symbols, ints in an int;
    everything else stays apart in a ``UnionType``, beyond ``WIDEST_UNION`` options in ``AnyType``.
    """
    if types and types.count(types[0]) == len(types):
        return types[0]
    result: list[Type] = []
    for option in (option for type in types for option in options(type)):
        if option == ANY:
            return ANY
        for i, present in enumerate(result):
            met = _meet(present, option)
            if met is not None:
                result[i] = met
                break
        else:
            result.append(option)
    if not result:
        return NEVER
    if len(result) > WIDEST_UNION:
        return ANY
    return result[0] if len(result) == 1 else union(result)


def _kind_name(type: Type) -> str:
    return type.__class__.__name__


def _order(type: Type) -> tuple[str, str]:
    """Sorts the options of a union; not by their dimensions, whose names are arbitrary."""
    return (_kind_name(type), repr(map_dims(type, lambda dim: 0)))


def _meet(a: Type, b: Type) -> Type | None:
    """One type that covers both without mixing kinds, or None."""
    if a == b:
        return a
    match a, b:
        case ArrayType(), ArrayType() if a.dtype == b.dtype and a.rank == b.rank:
            return ArrayType(a.dtype, tuple(_meet_dim(p, q) for p, q in zip(a.shape, b.shape)))
        case IntType(), IntType():
            return INT
        case TupleType(), TupleType() if len(a.items) == len(b.items) and a.cls is b.cls:
            return TupleType(tuple(join(p, q) for p, q in zip(a.items, b.items)), a.cls)
        case ConstantType(), ConstantType() | ObjectType() if is_member(a.value):
            return _meet_member(a.value, b)
        case ObjectType(), ConstantType() if is_member(b.value):
            return _meet_member(b.value, a)
        case ListType(), ListType():
            return ListType(join(a.item, b.item), a.length if a.length == b.length else None)
        case SetType(), SetType():
            return SetType(join(a.item, b.item))
        case DictType(), DictType():
            return DictType(join(a.key, b.key), join(a.item, b.item))
        case RangeType(), RangeType():
            return RangeType(*(p if p == q else None for p, q in zip(_bounds(a), _bounds(b))))
        case IteratorType(), IteratorType():
            return IteratorType(join(a.item, b.item), a.length if a.length == b.length else None)
    return None


def _meet_member(member: Any, other: ConstantType | ObjectType) -> Type | None:
    """Members of one enumeration meet in an object of its class."""
    cls = other.cls if isinstance(other, ObjectType) else type(other.value)
    return ObjectType(cls) if type(member) is cls else None


def _bounds(type: RangeType) -> tuple[Dim | None, ...]:
    return type.start, type.stop, type.step


def _meet_dim(a: Dim, b: Dim) -> Dim:
    return a if a == b else fresh("d")


def covers(wide: Type, narrow: Type) -> bool:
    """Whether every value of type ``narrow`` is of type ``wide``; a fresh dimension covers any other."""
    if wide == ANY:
        return True
    return all(any(_covers(w, n) for w in options(wide)) for n in options(narrow))


def _covers(w: Type, n: Type) -> bool:
    if w == n:
        return True
    match w, n:
        case ArrayType(), ArrayType():
            return w.dtype == n.dtype and w.rank == n.rank and all(
                p == q or is_fresh(p) for p, q in zip(w.shape, n.shape))
        case IntType(), IntType():
            return w.value is None
        case ObjectType(), ConstantType() if is_member(n.value):
            return type(n.value) is w.cls
        case TupleType(), TupleType():
            return w.cls is n.cls and len(w.items) == len(n.items) and all(map(covers, w.items, n.items))
        case ListType(), ListType():
            return covers(w.item, n.item) and w.length in (None, n.length)
        case SetType(), SetType():
            return covers(w.item, n.item)
        case DictType(), DictType():
            return covers(w.key, n.key) and covers(w.item, n.item)
        case RangeType(), RangeType():
            return all(p in (None, q) for p, q in zip(_bounds(w), _bounds(n)))
        case IteratorType(), IteratorType():
            return covers(w.item, n.item) and w.length in (None, n.length)
    return False


def kinds(type: Type) -> Iterable[Type]:
    """``options`` without what is unknown of sizes: dimensions and int values replaced by None-like placeholders."""
    return (_kind(option) for option in options(type))


def _kind(type: Type) -> Type:
    match type:
        case ArrayType(dtype, shape):
            return ArrayType(dtype, (0,) * len(shape))
        case IntType():
            return INT
        case TupleType(items):
            return TupleType(tuple(join(*kinds(item)) for item in items), type.cls)
        case ListType():
            return ListType(ANY)
        case _:
            return type


def dims_of(type: Type) -> Iterator[Dim]:
    """Every dimension, length and int value that ``type`` states, in order."""
    match type:
        case ArrayType(_, shape):
            yield from shape
        case IntType(value):
            yield from () if value is None else (value,)
        case TupleType(parts) | UnionType(parts):
            for part in parts:
                yield from dims_of(part)
        case ListType(item, length) | IteratorType(item, length):
            yield from dims_of(item)
            yield from () if length is None else (length,)
        case SetType(item):
            yield from dims_of(item)
        case DictType(key, item):
            yield from dims_of(key)
            yield from dims_of(item)
        case RangeType():
            yield from (bound for bound in _bounds(type) if bound is not None)


def map_dims(type: Type, function: Callable[[Dim], Dim]) -> Type:
    """``type`` with ``function`` applied to each dimension, length and int value it states."""

    def known(dim: Dim | None) -> Dim | None:
        return None if dim is None else function(dim)

    match type:
        case ArrayType(dtype, shape):
            return ArrayType(dtype, tuple(map(function, shape)))
        case IntType(value):
            return IntType(known(value))
        case TupleType(items):
            return TupleType(tuple(map_dims(item, function) for item in items), type.cls)
        case UnionType(options):
            # Options of one kind have met already, and their order does not depend on dimensions.
            return UnionType(tuple(map_dims(option, function) for option in options))
        case ListType(item, length):
            return ListType(map_dims(item, function), known(length))
        case IteratorType(item, length):
            return IteratorType(map_dims(item, function), known(length))
        case SetType(item):
            return SetType(map_dims(item, function))
        case DictType(key, item):
            return DictType(map_dims(key, function), map_dims(item, function))
        case RangeType():
            return RangeType(*map(known, _bounds(type)))
    return type

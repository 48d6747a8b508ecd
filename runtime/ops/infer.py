"""What type rules are made of: probes of NumPy, symbolic shapes and how they broadcast, static arguments.

A rule gets a ``Type`` where an operand goes and plain values elsewhere.  It asks the real callable with ``probe`` for
the kind of the result (dtype, rank, array or scalar), so promotion is NumPy's own; it works out the dimensions itself.
"""

from __future__ import annotations

import itertools
import math
import operator
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from inspect import Signature, signature
from types import NoneType
from typing import Any, TypeVar

import numpy as np

from ..ir import dims
from ..ir.call import map_leaves
from ..ir.dims import Dim
from ..ir.dtypes import unsupported
from ..ir.types import (
    ANY,
    INT,
    NEVER,
    ArrayType,
    ConstantType,
    DictType,
    IntType,
    IteratorType,
    ListType,
    PythonType,
    RangeType,
    ScalarType,
    SetType,
    TupleType,
    Type,
    UnionType,
    join,
    options,
    scalar_of,
)
from .op import Op
from .stand_ins import RAISED as RAISED
from .stand_ins import NoNumbers as NoNumbers
from .stand_ins import Unknown as Unknown
from .stand_ins import array_or_scalar as array_or_scalar
from .stand_ins import kind_of as kind_of
from .stand_ins import operands_of, type_of
from .stand_ins import probe as probe

Rule = TypeVar("Rule", bound=Callable[..., Type])

MOST_COMBINATIONS = 64
LARGE = range(2**16, 2**62)  # sizes of which no array is made to find out what it holds


class NeedsStatic(Exception):
    """An argument that decides the kind of the result (an ``axis``, a ``dtype``) is only known when the graph runs."""

    def __init__(self, parameter: str) -> None:
        super().__init__(parameter)
        self.parameter = parameter


# --------------------------------------------------------------------------------------------------------------- shapes

def shape_of(type: Any) -> tuple[Dim, ...]:
    """The shape NumPy sees: an array's, () for a number, (length, ...) for nested sequences.  Raises ``Unknown``."""
    match type:
        case ArrayType(_, shape):
            return shape
        case ScalarType() | IntType() | PythonType():
            return ()
        case TupleType(items):
            return _nested_shape(len(items), items)
        case ListType(item, length):
            return (dims.fresh() if length is None else length, *shape_of(item))
        case RangeType():
            return (length_of(type),)
        case Type():
            raise Unknown(type)
        case tuple() | list():
            return _nested_shape(len(type), type)
    return np.shape(type)


def _nested_shape(count: int, items: Iterable[Any]) -> tuple[Dim, ...]:
    shapes = [shape_of(item) for item in items]
    if not shapes:
        return (0,)
    if len({len(shape) for shape in shapes}) > 1:
        raise Unknown(shapes)
    return (count, *(_one_of(sizes) for sizes in zip(*shapes)))


def _one_of(sizes: tuple[Dim, ...]) -> Dim:
    """Sizes that must be equal, or NumPy raises: any of them, an int if there is one."""
    return next((size for size in sizes if isinstance(size, int)), sizes[0])


def length_of(type: RangeType) -> Dim:
    """The number of items of a range, exact where its sign is provable, else a fresh dimension."""
    start, stop, step = type.start, type.stop, type.step
    if isinstance(start, int) and isinstance(stop, int) and isinstance(step, int):
        return len(range(start, stop, step))
    if start is None or stop is None or not isinstance(step, int):
        return dims.fresh()
    span = stop - start if step > 0 else start - stop
    return dims.maximum((span + (abs(step) - 1)) // abs(step), 0)


def contents(type: Any) -> tuple[Type, Dim | None]:
    """What iterating over a value gives: the type of the items and their number.  Raises TypeError for a number."""
    match type:
        case TupleType(items):
            return join(*items), len(items)
        case ListType(item, length) | IteratorType(item, length):
            return item, length
        case SetType(item) | DictType(item, _):
            return item, None
        case RangeType():
            return INT, length_of(type)
        case PythonType(cls) if cls is str:
            return type, None
        case PythonType(cls) if cls is bytes:
            return INT, None
        case IntType() | PythonType() | ScalarType() | ArrayType(_, ()):
            raise TypeError(f"{type} is not iterable")
        case ArrayType(dtype, (length, *rest)):
            return (ArrayType(dtype, tuple(rest)) if rest else scalar_of(dtype)), length
        case Type():
            raise Unknown(type)
        case str():
            return PythonType(str), len(type)
    return contents(type_of(type))


def broadcast(*shapes: tuple[Dim, ...]) -> tuple[Dim, ...]:
    """The shape that ``shapes`` broadcast to; a fresh dimension where it depends on which of two sizes is 1.

    Raises ValueError where two sizes are known to clash.
    """
    rank = max(map(len, shapes), default=0)
    padded = [(1,) * (rank - len(shape)) + tuple(shape) for shape in shapes]
    return tuple([_broadcast_sizes(sizes) for sizes in zip(*padded)]) if rank else ()


def _broadcast_sizes(sizes: tuple[Dim, ...]) -> Dim:
    candidates = list(dict.fromkeys(size for size in sizes if size != 1))
    if not candidates:
        return 1
    certain = [size for size in candidates if _never_one(size)]     # these are the result: all others are 1 or equal
    for a, b in itertools.combinations(certain, 2):
        if dims.known_unequal(a, b):
            raise ValueError(f"operands could not be broadcast together: {a} and {b}")
    if certain:
        return _one_of(tuple(certain))
    if len(candidates) == 1:
        return candidates[0]
    return dims.fresh(low=min(dims.lower_bound(size) or 0 for size in candidates))


def _never_one(size: Dim) -> bool:
    if isinstance(size, int):
        return size != 1
    low = dims.lower_bound(size)
    return low is not None and low >= 2


def broadcasts(*shapes: tuple[Dim, ...]) -> bool:
    """Whether ``shapes`` provably broadcast, whatever their sizes are."""
    rank = max(map(len, shapes), default=0)
    padded = [(1,) * (rank - len(shape)) + tuple(shape) for shape in shapes]
    return all(len({size for size in sizes if size != 1}) <= 1 for sizes in zip(*padded))


def as_dim(value: Any, low: int | None = 0) -> Dim:
    """An int argument as a dimension: its value where it is known, else a fresh one that is at least ``low``.

    Raises TypeError for what cannot be used as an index.
    """
    match value:
        case IntType(known):
            return dims.fresh(low=low) if known is None else known
        case ScalarType(dtype) | ArrayType(dtype, ()) if dtype.kind in "iu":
            return dims.fresh(low=low)
        case PythonType(cls) if cls is bool:
            return dims.fresh(low=low)
        case PythonType() | ScalarType() | TupleType() | ListType():
            raise TypeError(f"{value} cannot be interpreted as an integer")
        case Type():
            raise Unknown(value)
    return operator.index(value)


def int_range(value: Any) -> tuple[int | None, int | None]:
    """The least and greatest value an int is known to have, both included; None where there is no known bound."""
    match value:
        case IntType(known) if known is not None:
            high = dims.upper_bound(known)
            return dims.lower_bound(known), high if isinstance(high, int) else None
        case PythonType(cls) if cls is bool:
            return 0, 1
        case int():
            return int(value), int(value)
    return None, None


def lies_in(value: Any, low: int, high: int) -> bool:
    """Whether an int is known to be at least ``low`` and at most ``high``."""
    least, greatest = int_range(value)
    return least is not None and greatest is not None and low <= least and greatest <= high


def fits_int64(value: Any) -> bool:
    """Whether an array made of this int has NumPy's default dtype: it is known to fit, or has a symbolic value.

    Symbolic values are sizes, positions and arguments, which tracing guards to fit; of other ints NumPy makes int64,
    uint64, or objects.
    """
    return not isinstance(value, IntType) or value.value is not None and (
        not isinstance(value.value, int) or -2**63 <= value.value < 2**63)


def static(value: Any, parameter: str) -> Any:
    """``value`` where it is known before the graph runs, containers included; raises ``NeedsStatic`` otherwise."""
    match value:
        case IntType(known) if isinstance(known, int):
            return known
        case PythonType(cls) if cls is NoneType:
            return None
        case ConstantType(constant):
            return constant
        case TupleType(items):
            return tuple([static(item, parameter) for item in items])
        case Type():
            raise NeedsStatic(parameter)
    if type(value) in (tuple, list):
        return type(value)([static(item, parameter) for item in value])
    return value


# --------------------------------------------------------------------------------------------------------- asking an op

_takes_any: set[Callable[..., Type]] = set()


def takes_any(rule: Rule) -> Rule:
    """Mark a rule that has an answer where an operand's type is ``ANY``."""
    _takes_any.add(rule)
    return rule


def infer_call(op: Op, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
    """The type of ``op(*args, **kwargs)``, of unions the join of what their options give.

    ``ANY`` where nothing is known, ``NEVER`` where the call raises.  Raises ``NeedsStatic`` where an argument that
    decides the kind of the result is not known.
    """
    try:
        return infer_numbers(op, args, kwargs)
    except NoNumbers:
        return ANY


def infer_numbers(op: Op, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Type:
    """As ``infer_call``, but raises ``NoNumbers`` where the result is an array of other things for certain."""
    call = (args, dict(kwargs))
    operands = list(operands_of(call))
    if NEVER in operands:
        return NEVER
    if ANY in operands and op.infer not in _takes_any:
        return ANY
    if not any(isinstance(operand, UnionType) for operand in operands):
        return _infer(op, *call)
    choices = [options(operand) for operand in operands]
    if math.prod(map(len, choices)) > MOST_COMBINATIONS:
        return ANY
    found: list[Type] = []
    others: list[NoNumbers] = []
    for chosen in itertools.product(*choices):
        try:
            found.append(_infer(op, *_replace(call, iter(chosen))))
        except NoNumbers as error:
            others.append(error)
    if not found:
        raise others[0]
    return ANY if others else join(*found)


def _infer(op: Op, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Type:
    try:
        return op.infer(*args, **kwargs)
    except NoNumbers:
        raise
    except Unknown:
        _check_numbers(op, args, kwargs)
        return ANY
    except RAISED as error:
        return ANY if isinstance(error, TypeError) and not _accepts(op.infer, args, kwargs) else NEVER


def _check_numbers(op: Op, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    """Ask NumPy itself, for small operands.  Raises ``NoNumbers`` where it gives an array of other things."""
    if not (is_numpys(op) or op.method is not None) or op.effect:
        return
    small = map_leaves((args, kwargs), lambda leaf: IntType() if type(leaf) is int and leaf in LARGE else leaf)
    try:
        found = probe(op.kernel(np), *small[0], **small[1])
    except (Unknown, *RAISED):
        return
    for part in found if isinstance(found, tuple | list) else (found,):
        if isinstance(part, np.ndarray | np.generic) and unsupported(part.dtype) is not None:
            raise NoNumbers(part.dtype)


def is_numpys(op: Op) -> bool:
    """Whether the op is a function of NumPy."""
    return any(map(is_numpys_function, op.captures))


def is_numpys_function(function: Any) -> bool:
    """Whether ``function`` is one of NumPy's."""
    return isinstance(function, np.ufunc) or (getattr(function, "__module__", None) or "").startswith("numpy")


def _accepts(rule: Callable[..., Type], args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    """Whether a rule has the parameters of a call; where not, its TypeError says nothing of the call itself."""
    try:
        signature_of(rule).bind(*args, **kwargs)
    except TypeError:
        return False
    return True


@lru_cache(maxsize=4096)
def signature_of(function: Callable[..., Any]) -> Signature:
    """``inspect.signature``, which takes long, asked once for each function."""
    return signature(function)


def _replace(value: Any, chosen: Any) -> Any:
    """``value`` with the types in it replaced, in the order of ``operands_of``."""
    if isinstance(value, Type):
        return next(chosen)
    if type(value) in (tuple, list):
        return type(value)([_replace(item, chosen) for item in value])
    if type(value) is dict:
        return {key: _replace(item, chosen) for key, item in value.items()}
    if type(value) is slice:
        return slice(*(_replace(part, chosen) for part in (value.start, value.stop, value.step)))
    return value

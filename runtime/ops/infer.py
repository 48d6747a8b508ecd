"""What type rules are made of: asking NumPy with tiny stand-ins, broadcasting of symbolic shapes, static arguments.

A rule gets a ``Type`` where an operand goes and plain values elsewhere.  It asks the real callable with ``probe`` for
the kind of the result (dtype, rank, array or scalar), so promotion is NumPy's own; it works out the dimensions itself.
"""

from __future__ import annotations

import itertools
import operator
import warnings
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from inspect import Signature, signature
from types import (
    BuiltinFunctionType,
    EllipsisType,
    FunctionType,
    MethodDescriptorType,
    ModuleType,
    NoneType,
    WrapperDescriptorType,
)
from typing import Any, TypeVar

import numpy as np

from ..ir import dims
from ..ir.dims import Dim
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
    ObjectType,
    PythonType,
    RangeType,
    ScalarType,
    SetType,
    TupleType,
    Type,
    UnionType,
    join,
    options,
)
from .op import Op

Rule = TypeVar("Rule", bound=Callable[..., Type])

VALUE_CLASSES = (float, bool, complex, str, bytes, NoneType, slice, EllipsisType)
CONSTANT_CLASSES = (type, ModuleType, FunctionType, BuiltinFunctionType, MethodDescriptorType, WrapperDescriptorType,
                    np.ufunc, np.dtype)
MOST_COMBINATIONS = 64
DEEPEST_CONTAINER = 16


class NeedsStatic(Exception):
    """An argument that decides the kind of the result (an ``axis``, a ``dtype``) is only known when the graph runs."""

    def __init__(self, parameter: str) -> None:
        super().__init__(parameter)
        self.parameter = parameter


class Unknown(Exception):
    """A rule can say nothing about this call; ``infer_call`` makes it ``ANY``."""


# --------------------------------------------------------------------------------------------- asking the real callable

@dataclass(frozen=True, slots=True)
class _Question:
    """A call on stand-ins; two questions are the same where ``key`` is."""

    key: Hashable
    function: Callable[..., Any] = field(compare=False)
    args: tuple[Any, ...] = field(compare=False)
    kwargs: Mapping[str, Any] = field(compare=False)


def probe(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """What ``function`` gives for stand-ins of the types among its arguments: arrays of ones with every dimension 1.

    Where that raises, other sizes and numbers are tried.  Raises what the call raises where all attempts agree on
    an exception of one of the classes ``RAISED``, else ``Unknown``.  Plain numbers are passed as they are (no huge
    shapes here); plain arrays are replaced by stand-ins as well.
    """
    try:
        question = _Question((id(function), _key(args), _key(kwargs)), function, args, kwargs)
        result, error = _answer(question)
    except _Unhashable:
        result, error = _ask(function, args, kwargs)
    if error is not None:
        raise error.with_traceback(None)
    return result


def _has_text(value: Any) -> bool:
    return any(operand in (PythonType(str), PythonType(bytes)) for operand in _operands(value))


# (size of each dimension, value of each number): the first attempt that does not raise answers.
ATTEMPTS = ((1, 1), (2, 2), (2, 0), (1, 0), (3, 1), (0, 1))
RAISED = (TypeError, ValueError, IndexError, ArithmeticError)


@lru_cache(maxsize=16384)
def _answer(question: _Question) -> tuple[Any, Exception | None]:
    return _ask(question.function, question.args, question.kwargs)


def _ask(function: Callable[..., Any], args: Any, kwargs: Any) -> tuple[Any, Exception | None]:
    errors: list[Exception] = []
    for size, number in ATTEMPTS:
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                return function(*stand_in(args, size, number), **stand_in(kwargs, size, number)), None
        except Unknown as error:
            return None, error
        except Exception as error:  # noqa: BLE001 - any exception of the user's call is an answer
            errors.append(error)
    trusted = TypeError if _has_text((args, kwargs)) else RAISED       # which text it is may decide all else
    if len({type(error) for error in errors}) == 1 and isinstance(errors[0], trusted):
        return None, errors[0].with_traceback(None)
    return None, Unknown(function)


def stand_in(value: Any, size: int = 1, number: int = 1) -> Any:
    """A small object of the type ``value``; plain values stay, containers are searched.  Raises ``Unknown``."""
    match value:
        case ArrayType(dtype, shape):
            return _array(dtype, (size,) * len(shape), number)
        case ScalarType(dtype):
            return _array(dtype, (), number)[()]
        case IntType(known):
            return known if isinstance(known, int) and abs(known) <= 2**16 else number
        case PythonType(cls):
            return _python_stand_in(cls, number)
        case TupleType(items):
            return tuple([stand_in(item, size, number) for item in items])
        case ListType(item, length):
            count = length if isinstance(length, int) and length <= 8 else size
            return [stand_in(item, size, number) for _ in range(count)]
        case SetType(item):
            return {stand_in(item, size, number)}
        case DictType(key, item):
            return {stand_in(key, size, number): stand_in(item, size, number)}
        case RangeType():
            return range(size)
        case IteratorType(item):
            return iter([stand_in(item, size, number) for _ in range(size)])
        case ConstantType(constant):
            return constant
        case Type():
            raise Unknown(value)
    if type(value) is np.ndarray:
        return _array(value.dtype, (size,) * value.ndim, number)
    if type(value) in (tuple, list):
        return type(value)([stand_in(item, size, number) for item in value])
    if type(value) is dict:
        return {key: stand_in(item, size, number) for key, item in value.items()}
    if type(value) is slice:
        return slice(*(stand_in(part, size, number) for part in (value.start, value.stop, value.step)))
    return value


def _array(dtype: np.dtype[Any], shape: tuple[int, ...], number: int) -> Any:
    if dtype.hasobject:
        raise Unknown(dtype)    # what its operations give depends on the objects
    return np.full(shape, number, dtype) if dtype.kind in "biufc" else np.ones(shape, dtype)


def _python_stand_in(cls: type, number: int) -> Any:
    if cls in (float, bool, complex):
        return cls(number)
    if cls is str:
        return "a"
    if cls is bytes:
        return b"a"
    if cls is NoneType:
        return None
    if cls is EllipsisType:
        return ...
    if cls is slice:
        return slice(None)
    raise Unknown(cls)


class _Unhashable(Exception):
    """An argument by which an answer cannot be remembered."""


def _key(value: Any) -> Hashable:
    """What a stand-in depends on: kinds without sizes, and plain values with their class (1, 1.0 and True differ)."""
    match value:
        case ArrayType(dtype, shape):
            return (ArrayType, dtype, len(shape))
        case IntType(known):
            return (IntType, known if isinstance(known, int) and abs(known) <= 2**16 else None)
        case TupleType(items):
            return (TupleType, *map(_key, items))
        case ListType(item, length):
            return (ListType, _key(item), length if isinstance(length, int) and length <= 8 else None)
        case SetType(item):
            return (SetType, _key(item))
        case DictType(key, item):
            return (DictType, _key(key), _key(item))
        case RangeType():
            return RangeType
        case IteratorType(item):
            return (IteratorType, _key(item))
        case Type():
            return value
    if type(value) is np.ndarray:
        return (np.ndarray, value.dtype, value.ndim)
    if type(value) in (tuple, list):
        return (type(value), *map(_key, value))
    if type(value) is dict:
        return (dict, *((key, _key(item)) for key, item in value.items()))
    if type(value) is slice:
        return (slice, _key(value.start), _key(value.stop), _key(value.step))
    try:
        hash(value)
    except TypeError:
        raise _Unhashable from None
    return (type(value), value)


def array_or_scalar(probed: Any, shape: tuple[Dim, ...]) -> Type:
    """The type of a result whose kind is that of ``probed`` and whose shape, if it is an array, is ``shape``."""
    if type(probed) is np.ndarray:
        return ArrayType(probed.dtype, shape)
    if isinstance(probed, np.generic):
        return ScalarType(probed.dtype)
    return kind_of(probed)


# ------------------------------------------------------------------------------------------------ types of real objects

def type_of(value: Any) -> Type:
    """The exact type of an object: its dimensions and int values are ints.  Types in it stand for themselves."""
    return _type_of(value, DEEPEST_CONTAINER)


def _type_of(value: Any, depth: int) -> Type:
    cls = type(value)
    if depth == 0:
        return ANY
    if isinstance(value, Type):
        return value
    if cls is np.ndarray:
        return ArrayType(value.dtype, value.shape)
    if isinstance(value, np.generic):
        return ScalarType(value.dtype)
    if cls is int:
        return IntType(value)
    if cls in VALUE_CLASSES:
        return PythonType(cls)
    if cls is tuple:
        return TupleType(tuple([_type_of(item, depth - 1) for item in value]))
    if cls is list:
        return ListType(_type_of_items(value, depth), len(value))
    if cls is set:
        return SetType(_type_of_items(value, depth))
    if cls is dict:
        return DictType(_type_of_items(value, depth), _type_of_items(value.values(), depth))
    if cls is range:
        return RangeType(value.start, value.stop, value.step)
    if isinstance(value, CONSTANT_CLASSES):
        return ConstantType(value)
    return ObjectType(cls)


def _type_of_items(items: Iterable[Any], depth: int) -> Type:
    return join(*(_type_of(item, depth - 1) for item in items))


def kind_of(value: Any) -> Type:
    """``type_of`` a stand-in's result: the values of its ints and the sizes of its arrays and lists mean nothing."""
    return _without_sizes(type_of(value))


def _without_sizes(type: Type) -> Type:
    match type:
        case ArrayType(dtype, shape):
            return ArrayType(dtype, tuple([dims.fresh() for _ in shape]))
        case IntType():
            return IntType()
        case TupleType(items):
            return TupleType(tuple(map(_without_sizes, items)))
        case ListType(item):
            return ListType(_without_sizes(item))
        case SetType(item):
            return SetType(_without_sizes(item))
        case DictType(key, item):
            return DictType(_without_sizes(key), _without_sizes(item))
        case RangeType():
            return RangeType(None, None, None)
        case UnionType(choices):
            return join(*map(_without_sizes, choices))
    return type


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
        case IntType() | PythonType() | ScalarType() | ArrayType(_, ()):
            raise TypeError(f"{type} is not iterable")
        case ArrayType(dtype, (length, *rest)):
            return (ArrayType(dtype, tuple(rest)) if rest else ScalarType(dtype)), length
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
    call = (args, dict(kwargs))
    operands = list(_operands(call))
    if NEVER in operands:
        return NEVER
    choices = [options(operand) for operand in operands]
    if any(ANY in choice for choice in choices) and op.infer not in _takes_any:
        return ANY
    if np.prod([len(choice) for choice in choices], dtype=float) > MOST_COMBINATIONS:
        return ANY
    return join(*(_infer(op, *_replace(call, iter(chosen))) for chosen in itertools.product(*choices)))


def _infer(op: Op, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Type:
    try:
        _signature(op.infer).bind(*args, **kwargs)
    except TypeError:
        return ANY
    try:
        return op.infer(*args, **kwargs)
    except Unknown:
        return ANY
    except RAISED:
        return NEVER


@lru_cache(maxsize=4096)
def _signature(rule: Callable[..., Type]) -> Signature:
    return signature(rule)


def _operands(value: Any) -> Iterable[Type]:
    """The types in a call, in order; containers of the call are searched."""
    if isinstance(value, Type):
        yield value
    elif type(value) in (tuple, list):
        for item in value:
            yield from _operands(item)
    elif type(value) is dict:
        yield from _operands(list(value.values()))
    elif type(value) is slice:
        yield from _operands((value.start, value.stop, value.step))


def _replace(value: Any, chosen: Any) -> Any:
    """``value`` with the types in it replaced, in the order of ``_operands``."""
    if isinstance(value, Type):
        return next(chosen)
    if type(value) in (tuple, list):
        return type(value)([_replace(item, chosen) for item in value])
    if type(value) is dict:
        return {key: _replace(item, chosen) for key, item in value.items()}
    if type(value) is slice:
        return slice(*(_replace(part, chosen) for part in (value.start, value.stop, value.step)))
    return value

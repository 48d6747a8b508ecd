"""The types of real objects, and small real objects of a type: how NumPy itself is asked what a call gives.

``probe`` calls the real callable on stand-ins: dtypes, ranks and the choice of array or scalar are NumPy's own answer.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import field
from functools import lru_cache
from types import (
    BuiltinFunctionType,
    EllipsisType,
    FunctionType,
    MethodDescriptorType,
    ModuleType,
    NoneType,
    WrapperDescriptorType,
)
from typing import Any

import numpy as np

from ..array_packages import package_of
from ..ir import dims
from ..ir.dims import Dim
from ..ir.library_values import SPECIMENS, plain_context
from ..ir.types import (
    ANY,
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
    is_member,
    join,
    scalar_of,
)
from ..records import record

CACHED = type(lru_cache(len))  # functions with ``functools.lru_cache`` or ``cache``
PLAIN_CLASSES = (float, bool, complex, str, bytes, NoneType, slice, EllipsisType)
VALUE_CLASSES = (*PLAIN_CLASSES, *SPECIMENS)
CONSTANT_CLASSES = (type, ModuleType, FunctionType, BuiltinFunctionType, MethodDescriptorType, WrapperDescriptorType,
                    CACHED, np.ufunc, np.dtype, type(np.sum), type(np.mgrid), type(np.ogrid), type(np.c_), type(np.r_),
                    type(np.s_))
PASSED_AS_IT_IS = (int, *PLAIN_CLASSES, type, np.generic, np.dtype, np.ufunc, range, type(np.mgrid), type(np.ogrid),
                   type(np.c_), type(np.r_))
DEEPEST_CONTAINER = 16


class Unknown(Exception):
    """A rule can say nothing about this call; ``infer_call`` makes it ``ANY``."""


class NoNumbers(Unknown):
    """A call gives an array of ``dtype``, which is none of numbers; of which shape, the rule cannot say."""

    def __init__(self, dtype: np.dtype[Any]) -> None:
        super().__init__(dtype)
        self.dtype = dtype


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
    if package_of(cls) is not None:
        return ArrayType(value.dtype, value.shape)
    if isinstance(value, np.generic):
        return ScalarType(value.dtype)
    if cls is int:
        return IntType(value)
    if cls in VALUE_CLASSES:
        return PythonType(cls)
    if cls is tuple or issubclass(cls, tuple) and hasattr(cls, "_fields"):
        return TupleType(tuple([_type_of(item, depth - 1) for item in value]), cls)
    if cls is list:
        return ListType(_type_of_items(value, depth), len(value))
    if cls is set:
        return SetType(_type_of_items(value, depth))
    if cls is dict:
        return DictType(_type_of_items(value, depth), _type_of_items(value.values(), depth))
    if cls is range:
        return RangeType(value.start, value.stop, value.step)
    if isinstance(value, CONSTANT_CLASSES) or is_member(value):
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
            return TupleType(tuple(map(_without_sizes, items)), type.cls)
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


def array_or_scalar(probed: Any, shape: tuple[Dim, ...]) -> Type:
    """The type of a result whose kind is that of ``probed`` and whose shape, if it is an array, is ``shape``."""
    if type(probed) is np.ndarray:
        return ArrayType(probed.dtype, shape)
    if isinstance(probed, np.generic):
        return scalar_of(probed.dtype)
    return kind_of(probed)


# --------------------------------------------------------------------------------------------- asking the real callable

@record
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
        question = _Question((_key(function), _key(args), _key(kwargs)), function, args, kwargs)
        result, error = _answer(question)
    except _Unhashable:
        result, error = _ask(function, args, kwargs)
    if error is not None:
        raise error.with_traceback(None)
    return result


def _has_text(value: Any) -> bool:
    return any(operand in (PythonType(str), PythonType(bytes)) for operand in operands_of(value))


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
            with warnings.catch_warnings(), np.errstate(all="ignore"), plain_context():
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
            return stand_in(constant)
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
    if isinstance(value, PASSED_AS_IT_IS) or value is np._NoValue or type(value) in SPECIMENS:
        return value
    raise Unknown(value)    # an object or function of the user's: nothing of it may run before its time


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
    if cls in SPECIMENS:
        return SPECIMENS[cls][number % len(SPECIMENS[cls])]
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


def operands_of(value: Any) -> Iterable[Type]:
    """The types in a call, in order; containers of the call are searched."""
    if isinstance(value, Type):
        yield value
    elif type(value) in (tuple, list):
        for item in value:
            yield from operands_of(item)
    elif type(value) is dict:
        yield from operands_of(list(value.values()))
    elif type(value) is slice:
        yield from operands_of((value.start, value.stop, value.step))

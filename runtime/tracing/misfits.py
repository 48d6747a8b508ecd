"""Calls whose arguments fit no parameters, of functions for which the trace has rules of its own.

Such a call raises whatever its arguments are.  It becomes a node, so that the exception comes when the graph runs, with
the text of the function itself.
"""

from __future__ import annotations

import functools
import inspect
import itertools
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NoReturn

from .. import calls
from ..errors import InternalError
from ..ir.types import (
    NEVER,
    AnyType,
    ArrayType,
    ConstantType,
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
    options,
)
from ..ops.closures import MISFIT, is_record
from ..ops.quiet import is_built_in
from .classes import class_attribute, class_name, has_user_method
from .heap import type_of
from .tracer import BoundMethod, Tracer, UserMethod, unwrap

if TYPE_CHECKING:
    from .trace import Trace

# Functions written in C that do not say what they take.
_PARAMETERS: dict[Any, Callable[..., Any]] = {
    bool: lambda value=0, /: None,
    filter: lambda function, iterable, /: None,
    functools.partial: lambda function, /, *args, **kwargs: None,
    functools.reduce: lambda function, iterable, initial=0, /: None,
    getattr: lambda value, name, default=0, /: None,
    enumerate: lambda iterable, start=0: None,
    iter: lambda value, sentinel=0, /: None,
    itertools.islice: lambda iterable, start, stop=0, step=1, /: None,
    dict: lambda items=(), /, **named: None,
    frozenset: lambda iterable=(), /: None,
    list: lambda iterable=(), /: None,
    map: lambda function, iterable, /, *iterables: None,
    next: lambda iterator, default=0, /: None,
    range: lambda start, stop=0, step=1, /: None,
    set: lambda iterable=0, /: None,
    slice: lambda start, stop=0, step=0, /: None,
    str: lambda object="", encoding="", errors="": None,
    tuple: lambda iterable=(), /: None,
    type: lambda value, bases=0, namespace=0, /: None,
}
_WITHOUT = {
    "__call__": "'{}' object is not callable",
    "__contains__": "argument of type '{}' is not iterable",
    "__delitem__": "'{}' object doesn't support item deletion",
    "__getitem__": "'{}' object is not subscriptable",
    "__len__": "object of type '{}' has no len()",
    "__setitem__": "'{}' object does not support item assignment",
}


def fits(function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> bool:
    """Whether ``function`` can be given these arguments; true where it does not say what it takes."""
    signature = _signature(function)
    try:
        if signature is not None:
            signature.bind(*args, **kwargs)
    except TypeError:
        return False
    return True


def fits_built_in(function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    """As ``fits``, for functions whose arguments nothing else looks at before they are used."""
    is_hashable = type(function).__hash__ is not None
    return not is_hashable or function not in _PARAMETERS or fits(function, *args, **kwargs)


@functools.lru_cache(maxsize=1024)
def _signature(function: Callable[..., Any]) -> inspect.Signature | None:
    try:
        return inspect.signature(_PARAMETERS.get(function, function))
    except (TypeError, ValueError):
        return None


def misfit(trace: Trace, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> NoReturn:
    """A call that the rule for ``function`` cannot take: it raises, unless only the rule does not know the argument."""
    if fits(function, *args, **kwargs) or kwargs.keys() & {"type", "refs"}:
        trace.refuse(
            f"These arguments of {function.__name__}() are not supported in a graph.",
            fix="give the first ones by position, and leave the others out",
        )
    given = [None if has_user_method(type_of(arg), "__next__") else arg for arg in args]    # their number is wrong
    trace.apply(MISFIT, function, *given, type=NEVER, **kwargs)
    raise InternalError("a call with unfit arguments came back")


def check_starred(trace: Trace, values: Iterable[Any], *called: Any) -> None:
    """Raise as Python does where a starred value is no iterable; ``called`` is what it is the only argument of."""
    for value in values:
        type_ = type_of(value)
        if isinstance(type_, ArrayType) and not type_.shape:
            trace.raise_now(TypeError("iteration over a 0-d array"))
        if not _can(value, "__iter__", "__getitem__"):
            what = f"{shown_function(called[0])} argument" if called else "Value"
            trace.raise_now(TypeError(f"{what} after * must be an iterable, not {_class_name(value)}"))


def is_iterable(value: Any) -> bool:
    """Whether a value may be gone over, as far as its type is known."""
    return _can(value, "__iter__", "__getitem__")


def check_iterable(trace: Trace, value: Any) -> None:
    """Raise as Python does where a value that is known now cannot be gone over."""
    if not isinstance(value, Tracer) and not is_iterable(value):
        trace.raise_now(TypeError(f"'{_class_name(value)}' object is not iterable"))


def check_mappings(trace: Trace, values: Iterable[Any]) -> None:
    """Raise as Python does where what follows ``**`` in a dict display is no mapping."""
    for value in values:
        if not _can(value, "keys"):
            trace.raise_now(TypeError(f"'{_class_name(value)}' object is not a mapping"))


def special(trace: Trace, obj: Tracer, name: str) -> Any:
    """The special method ``name`` of an object; where its class has none, what asks for it raises."""
    type_ = obj.graph_value.type
    if isinstance(type_, ObjectType) and class_attribute(type_.cls, name)[1] is None:
        trace.raise_now(TypeError(_WITHOUT[name].format(class_name(type_))))
    return trace.get_attribute(obj, name)


def check_iterator(trace: Trace, value: Any) -> Any:
    """``value``, which an ``__iter__`` returned; raises as Python does where it is no iterator."""
    if not isinstance(value, Tracer):
        is_one = isinstance(value, (BoundMethod, UserMethod)) is False and hasattr(type(unwrap(value)), "__next__")
    else:
        is_one = any(_may_be_iterator(option) for option in options(value.graph_value.type))
    if not is_one:
        trace.raise_now(TypeError(f"iter() returned non-iterator of type '{_class_name(value)}'"))
    return value


def _may_be_iterator(type_: Type) -> bool:
    if isinstance(type_, ObjectType):
        return class_attribute(type_.cls, "__next__")[1] is not None
    return isinstance(type_, (AnyType, ConstantType, IteratorType))


def _can(value: Any, *methods: str) -> bool:
    """Whether a value may have one of ``methods``, as far as its type is known."""
    if isinstance(value, (BoundMethod, UserMethod)):
        return False
    if not isinstance(value, Tracer):
        return any(hasattr(type(unwrap(value)), name) for name in methods)
    return any(_type_can(option, methods) for option in options(value.graph_value.type))


def _type_can(type_: Type, methods: tuple[str, ...]) -> bool:
    match type_:
        case ArrayType():
            return type_.rank > 0 and "__iter__" in methods
        case IntType():
            return False
        case ScalarType():
            return "__iter__" in methods and type_.dtype.kind in "SUV"
        case PythonType():
            return any(hasattr(type_.cls, name) for name in methods)
        case ListType() | SetType() | TupleType() | RangeType():
            return "__iter__" in methods
        case ObjectType(cls) if not is_record(type_) and (is_built_in(cls) or "keys" not in methods):
            return any(class_attribute(cls, name)[1] is not None for name in methods)
    return True


def _class_name(value: Any) -> str:
    if isinstance(value, Tracer):
        return class_name(value.graph_value.type)
    names = {BoundMethod: "builtin_function_or_method", UserMethod: "method"}
    return names.get(type(value), type(unwrap(value)).__name__)


def shown_function(function: Any) -> str:
    """A function as errors about its arguments name it."""
    if isinstance(function, BoundMethod):
        return f"{class_name(function.receiver.graph_value.type).rpartition('.')[2]}.{function.name}()"
    return calls.shown_function(unwrap(function.function if isinstance(function, UserMethod) else function))

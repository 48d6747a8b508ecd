"""Values of Python's library in a trace: attributes, methods, and methods of their classes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ..ir.library_values import LIBRARY_CLASSES
from ..ir.types import ObjectType, PythonType, Type, options
from ..ops.library_values import OF_CLASSES, OPS, READS, is_library_value, method_of
from ..ops.op import Op
from .classes import class_attribute
from .heap import type_of
from .trace import is_user_namespace
from .tracer import Tracer, UserMethod

if TYPE_CHECKING:
    from .attributes import Attributes


def library_class(type_: Type) -> type | None:
    """The class of values of ``type_``, if that is one of Python's classes of values."""
    return type_.cls if isinstance(type_, PythonType) and is_library_value(type_) else None


def library_attribute(trace: Attributes, value: Tracer, cls: type, name: str) -> tuple[Any] | None:
    """A tuple of what ``name`` of a value of the library is; None where a graph does not know it."""
    if (cls, name) in READS:
        return (trace.apply(READS[cls, name], value),)
    if method_of(cls, name) is not None:
        return (UserMethod(class_attribute(cls, name)[0], value),)
    if name in ("min", "max", "resolution") and hasattr(cls, name):
        return (getattr(cls, name),)
    return None


def check_arguments(trace: Attributes, op: Op, arguments: Iterable[Any]) -> None:
    """Refuse to give a function of such a class an object whose methods it would call, such as a time zone."""
    for option in [option for argument in arguments for option in options(type_of(argument))] if op in OPS else ():
        if isinstance(option, ObjectType) and is_user_namespace(option.cls):
            trace.refuse(
                f"{op.name}() would ask an object of the class '{option.cls.__name__}', which has methods of its own.",
                fix="give it numbers, text, or a time zone of Python's",
            )


def bound_op(function: Any) -> tuple[Op, tuple[Any, ...]] | None:
    """The op of a method bound to one of Python's classes of values, or to a value, and what goes before arguments."""
    owner = getattr(function, "__self__", None)
    if isinstance(owner, type):
        op = OF_CLASSES.get((owner, function.__name__))
        return None if op is None else (op, ())
    if type(owner) in LIBRARY_CLASSES:
        op = method_of(type(owner), function.__name__)
        return None if op is None else (op, (owner,))
    return None

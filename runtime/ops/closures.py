"""Functions as values of a graph: a record of what a function captured, whose class says which code it runs.

No code is in it: a call of a record is traced, with what it captured loaded from it. A graph tells its records apart
by their classes alone, so these have numbers: ``function_0`` is the first code of a graph that becomes a value.
"""

from __future__ import annotations

import functools
from collections.abc import Hashable
from types import BuiltinMethodType, FunctionType, MethodType
from typing import Any

from ..errors import InternalError
from ..ir.types import ANY, BOOL, NEVER, ObjectType, Type
from .op import Op, Result


class Record:
    """A function, method or partial object that a graph made; ``captured`` is all that its calls need."""

    __slots__ = ("__dict__", "__weakref__", "captured")
    python_class: type = FunctionType

    def __init__(self, *captured: Any) -> None:
        self.captured = captured

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise InternalError("a function of a graph is called by other code")

    def __repr__(self) -> str:
        return f"<{type(self).__name__} at {id(self):#x}>"


def _is_same_method(self: Any, other: Any) -> bool:
    return type(self) is type(other) and self.captured[0] is other.captured[0]


def _hash_of_method(self: Any) -> int:
    return hash((type(self), id(self.captured[0])))


class Method(Record):
    """A method bound to its object, which is all it captured; those of one object are equal."""

    __slots__ = ()
    # what a class says by a function would be traced
    __eq__ = functools.partialmethod(_is_same_method)  # type: ignore[assignment]
    __hash__ = functools.partialmethod(_hash_of_method)  # type: ignore[assignment]


KINDS: dict[str, tuple[type[Record], type]] = {
    "function": (Record, FunctionType),
    "method": (Method, MethodType),
    "builtin_function_or_method": (Method, BuiltinMethodType),
    "partial": (Record, functools.partial),
}


@functools.cache
def record_class(kind: str, number: int) -> type[Record]:
    """The class of the records of one code; its name is what Python's errors call such a function."""
    base, python_class = KINDS[kind]
    cls = type(f"functools.{kind}" if kind == "partial" else kind, (base,), {"python_class": python_class})
    cls.__module__, cls.__qualname__ = __name__, f"{kind}_{number}"
    return cls


def __getattr__(name: str) -> Any:
    """The class that a graph's text or file refers to by ``name``."""
    kind, _, number = name.rpartition("_")
    if kind in KINDS and number.isdecimal():
        return record_class(kind, int(number))
    raise AttributeError(name)


def is_record(type_: Type) -> bool:
    """Whether values of ``type_`` are functions that the graph makes."""
    return isinstance(type_, ObjectType) and issubclass(type_.cls, Record)


def _closure(cls: type[Record], *captured: Any) -> Record:
    return cls(*captured)


def _captured(function: Record, index: int) -> Any:
    return function.captured[index]


def _instance(cls: Any, *captured: Hashable) -> Type:
    return ObjectType(cls)


CLOSURE = Op("closure", lambda xp: _closure, _instance, total=lambda *args: True)
CAPTURED = Op("captured", lambda xp: _captured, lambda function, index: ANY, result=Result.VIEW, total=lambda *a: True)

NOT_CALLABLE = Op("not_callable", lambda xp: lambda value: value(), lambda value: NEVER, result=Result.IMMUTABLE)
MISFIT = Op("misfit", lambda xp: lambda function, /, *args, **kwargs: function(*args, **kwargs),
            lambda function, /, *args, **kwargs: NEVER, result=Result.IMMUTABLE)  # fmt: skip
CALLABLE = Op("builtins.callable", lambda xp: callable, lambda value: BOOL, result=Result.IMMUTABLE,
              total=lambda value: True)  # fmt: skip

OPS = (CLOSURE, CAPTURED, NOT_CALLABLE, MISFIT, CALLABLE)

"""What the type of a value says of its Python class, and what a class says of its attributes."""

from __future__ import annotations

from collections import deque
from types import FunctionType
from typing import Any, Generic

import numpy as np

from ..ir.types import (
    NONE,
    AnyType,
    ArrayType,
    ConstantType,
    DictType,
    IntType,
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
from ..ops.closures import is_record
from ..ops.quiet import is_built_in
from .tracer import BoundMethod, Tracer, UserMethod

CONTAINERS = (list, dict, set, frozenset, deque, bytearray)

CLASS_OF_KIND: dict[type, type] = {
    ListType: list,
    DictType: dict,
    RangeType: range,
    IntType: int,
    ArrayType: np.ndarray,
}


def class_of(type_: Type) -> type | None:
    """The Python class of values of ``type_``, if that is one; a SetType may be of a set or a frozenset."""
    match type_:
        case ScalarType(dtype):
            return dtype.type
        case ObjectType(cls):
            return getattr(cls, "python_class", cls) if is_record(type_) else cls
        case PythonType(cls):
            return cls
        case TupleType():
            return type_.cls
        case ConstantType(value):
            return type(value)
    return CLASS_OF_KIND.get(type(type_))


def has_parts(type_: Type) -> bool:
    """Whether the heap knows what values of ``type_`` hold, and of which one class they are."""
    return isinstance(type_, ListType | DictType | ObjectType)


def class_name(type_: Type) -> str:
    """The name of the class of values of ``type_``, as Python's errors write it."""
    cls = class_of(type_)
    if cls is None:
        return "object"
    if is_built_in(cls) and cls.__module__ != "builtins":
        return f"{cls.__module__}.{cls.__name__}"  # as classes written in C are called
    return cls.__name__


def may_be_immutable(type_: Type) -> bool:
    """Whether identity says little: equal numbers may or may not be one object."""
    return any(
        not isinstance(option, (ArrayType, ListType, DictType, SetType, ObjectType)) for option in options(type_)
    )


def may_be_one(a: Type, b: Type) -> bool:
    """Whether values of these types may be one object."""
    if isinstance(a, AnyType) or isinstance(b, AnyType):
        return True
    if isinstance(a, ArrayType) and isinstance(b, ArrayType):
        return a.dtype == b.dtype and a.rank == b.rank
    if isinstance(a, ConstantType) and isinstance(b, ConstantType):
        return a == b
    if isinstance(a, ConstantType) and isinstance(b, ObjectType):
        return isinstance(a.value, b.cls)
    if isinstance(a, ObjectType) and isinstance(b, ConstantType):
        return isinstance(b.value, a.cls)
    if isinstance(a, PythonType) and isinstance(b, PythonType):
        return a == b
    if isinstance(a, ObjectType) and isinstance(b, ObjectType):
        return is_derived(a.cls, b.cls) or is_derived(b.cls, a.cls)
    return type(a) is type(b)


def class_attribute(cls: type, name: str) -> tuple[Any, type | None]:
    """What a class says of ``name``, without binding it, and the class that says so."""
    for base in cls.__mro__:
        if name in vars(base):
            return vars(base)[name], base
    return None, None


def is_sequence(type_: Type) -> bool:
    """Whether values of ``type_`` are objects that are gone over by asking their ``__getitem__`` for 0, 1, 2, ..."""
    if not isinstance(type_, ObjectType) or class_attribute(type_.cls, "__iter__")[1] is not None:
        return False
    return has_user_method(type_, "__getitem__")


def says_truth(type_: Type) -> bool:
    """Whether the program says itself whether values of ``type_``, or some of them, are true."""
    return any(has_user_method(each, name) for each in options(type_) for name in ("__bool__", "__len__"))


def says_items(type_: Type) -> bool:
    """Whether the program says itself how values of ``type_`` are gone over."""
    return has_user_method(type_, "__next__") or has_user_method(type_, "__iter__") or is_sequence(type_)


def is_derived(cls: type, base: type) -> bool:
    """Whether ``cls`` is ``base`` or derived from it, whatever ``base`` says of that itself."""
    return base in cls.__mro__


def is_container(cls: type) -> bool:
    """Whether objects of ``cls`` hold items as a list, dict or set does; these themselves have types of their own."""
    return issubclass(cls, CONTAINERS)


def is_user_function(cls: type, name: str) -> bool:
    """Whether ``name`` of a class is a function of the user's."""
    return isinstance(class_attribute(cls, name)[0], (FunctionType, staticmethod))


def has_user_method(type_: Type, name: str) -> bool:
    """Whether an object's class says what ``name`` does by a function of the user's."""
    return isinstance(type_, ObjectType) and isinstance(class_attribute(type_.cls, name)[0], FunctionType)


def is_function(value: Any) -> bool:
    """Whether a value of the trace is a function, a method or None, which are compared by what they are."""
    if isinstance(value, Tracer):
        return all(is_record(option) or isinstance(option, ConstantType) or option == NONE
                   for option in options(value.graph_value.type))
    return value is None or isinstance(value, (BoundMethod, UserMethod)) or callable(value)


_OF_CONTAINERS = [vars(cls)["__class_getitem__"] for cls in (list, dict, set, frozenset, tuple, deque)]


def is_generic(cls: type) -> bool:
    """Whether ``cls[...]`` only says what its objects hold, as that of ``list`` and of ``typing.Generic`` does."""
    found = class_attribute(cls, "__class_getitem__")[0]
    return found is not None and found in (vars(Generic)["__class_getitem__"], *_OF_CONTAINERS)

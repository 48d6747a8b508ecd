"""What NumPy would ask of an object that it is given: conversions and operators of the user's, which no graph runs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from ..ir.types import ArrayType, ObjectType, ScalarType, Type, options
from ..ops.stand_ins import operands_of
from .classes import class_attribute, is_container
from .heap import type_of
from .trace import is_user_namespace

if TYPE_CHECKING:
    from .items import Items


def check_given(trace: Items, shown: str, operands: Iterable[Any]) -> None:
    """Refuse an object of a class of the user's, of which NumPy would make an array by calling its methods."""
    for operand in operands:
        for type_ in _types_in(trace, operand):
            if isinstance(type_, ObjectType) and is_user_namespace(type_.cls) and not is_container(type_.cls):
                trace.refuse(
                    f"{shown} is given an object of the class '{type_.cls.__name__}', whose methods NumPy would call.",
                    fix="give it an array or a number that the object holds",
                )


def _types_in(trace: Items, operand: Any) -> list[Any]:
    known = trace.known_items(operand) if not isinstance(operand, str | range) else None
    if known is not None:
        return [type_ for item in known for type_ in _types_in(trace, item)]
    return [option for part in operands_of(type_of(operand)) for option in options(part)]


ASKED_BY_NUMPY = ("__array_ufunc__", "__array_priority__", "__array__", "__array_interface__", "__array_struct__",
                  "__buffer__", "__getitem__", "__getattr__")  # fmt: skip


def is_left_to(type_: Type) -> bool:
    """Whether NumPy, given an object of ``type_`` beside a scalar, asks it for nothing and leaves it to Python."""
    return (
        isinstance(type_, ObjectType)
        and is_user_namespace(type_.cls)
        and not any(base.__module__ == "builtins" for base in type_.cls.__mro__[:-1])
        and class_attribute(type_.cls, "__getattribute__")[1] is object
        and all(class_attribute(type_.cls, name)[1] is None for name in ASKED_BY_NUMPY)
    )


def is_unwrapped(type_: ScalarType, name: str) -> bool:
    """Whether a scalar of ``type_`` has the operator ``name``, and does it as a Python number."""
    if name == "matmul" or type_.dtype.kind not in "biufc":
        return False
    if name in ("floordiv", "mod", "divmod") and type_.dtype.kind == "c":
        return False
    return not isinstance(type_.dtype.type(0).item(), np.generic)    # a long double has no Python number


def meets_array(operands: Iterable[Any]) -> bool:
    """Whether one of the operands of an operator is an array or scalar of NumPy, which then decides."""
    found = [option for operand in operands for option in options(type_of(operand))]
    return any(isinstance(option, ArrayType | ScalarType) for option in found)

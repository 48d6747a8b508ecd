"""What NumPy would ask of an object that it is given: conversions and operators of the user's, which no graph runs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ..ir.types import ArrayType, ObjectType, ScalarType, options
from ..ops.stand_ins import operands_of
from .classes import is_container
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


def meets_array(operands: Iterable[Any]) -> bool:
    """Whether one of the operands of an operator is an array or scalar of NumPy, which then decides."""
    found = [option for operand in operands for option in options(type_of(operand))]
    return any(isinstance(option, ArrayType | ScalarType) for option in found)

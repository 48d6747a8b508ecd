"""Arguments given as text: ``"f8[n, 3]"``, ``"int"`` and the like stand for any argument of that type."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from ..ir import dims
from ..ir.types import BOOL, COMPLEX, FLOAT, ArrayType, IntType, ScalarType, Type
from .keys import Abstract

PYTHON = {"float": FLOAT, "bool": BOOL, "complex": COMPLEX}
ARRAY = re.compile(r"([a-z]+\d*|bool|complex\d*)\s*\[(.*)\]$")


def parse_type(text: str) -> Type:
    """The type that ``text`` names: ``int``, ``float``, ``bool``, ``complex``, ``f8`` (a NumPy scalar), ``f8[n, 3]``.

    A size is a number or a name, which stands for any size of 2 or more; one name is one size.  Raises ValueError.
    """
    text = text.strip()
    if text == "int":
        return IntType(dims.symbol("int", low=None))
    if text in PYTHON:
        return PYTHON[text]
    array = ARRAY.match(text)
    try:
        if array is None:
            return ScalarType(np.dtype(text))
        sizes = [part.strip() for part in array[2].split(",") if part.strip()]
        shape = tuple(int(part) if part.isdigit() else dims.symbol(_name(part), low=2) for part in sizes)
        return ArrayType(np.dtype(array[1]), shape)
    except TypeError:
        raise ValueError(f"{text!r} names no type: write for example 'f8[n, 3]', 'i4[5]', 'f8' or 'int'") from None


def _name(text: str) -> str:
    if not text.isidentifier():
        raise ValueError(f"{text!r} is no size: write a number or a name")
    return text


def abstract_arguments(arguments: tuple[Any, ...]) -> tuple[Any, ...] | None:
    """The arguments with types in place of text, if any of them names a type."""
    found = False
    result = []
    for i, argument in enumerate(arguments):
        if isinstance(argument, str):
            try:
                type_ = parse_type(argument)
            except ValueError:
                result.append(argument)
                continue
            if isinstance(type_, IntType):
                type_ = IntType(dims.symbol(f"n{i}", low=None))
            argument, found = Abstract(type_), True
        result.append(argument)
    return tuple(result) if found else None

"""Arguments given as text: ``"f8[n, 3]"``, ``"int"`` and the like stand for any argument of that type."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..ir import dims
from ..ir.dim_text import parse_dim
from ..ir.dims import Dim
from ..ir.types import BOOL, COMPLEX, FLOAT, ArrayType, IntType, ScalarType, Type
from .keys import Abstract

PYTHON = {"int": IntType(), "float": FLOAT, "bool": BOOL, "complex": COMPLEX}
EXAMPLES = "write for example 'f8[n, 3]', 'i4[5]', 'f8' or 'int'"


class _Sizes(dict[str, Dim]):
    """The sizes by their names: one name is one size, of 2 or more."""

    def __missing__(self, name: str) -> Dim:
        return self.setdefault(name, dims.symbol(name, low=2))


def parse_type(text: str, sizes: Mapping[str, Dim] | None = None) -> Type:
    """The type that ``text`` names: ``int``, ``float``, ``bool``, ``complex``, ``f8`` (a NumPy scalar), ``f8[n, 3]``.

    A size is a number, a name, which stands for any size of 2 or more, or computed from these, as ``n + 1`` is.
    Raises ValueError.
    """
    text = text.strip()
    if text in PYTHON:
        return PYTHON[text]
    word, bracket, rest = text.partition("[")
    try:
        dtype = np.dtype(word.strip())
    except (TypeError, ValueError, SyntaxError):
        raise ValueError(f"{text!r} names no type: {EXAMPLES}") from None
    if not bracket:
        return ScalarType(dtype)
    if not rest.endswith("]"):
        raise ValueError(f"{text!r} names no type, the bracket is not closed: {EXAMPLES}")
    known = _Sizes() if sizes is None else sizes
    return ArrayType(dtype, tuple([_size(part.strip(), known) for part in rest[:-1].split(",") if part.strip()]))


def _size(text: str, sizes: Mapping[str, Dim]) -> Dim:
    try:
        size = parse_dim(text, sizes)
    except ValueError:
        raise ValueError(f"{text!r} is no size: write a number, a name or for example n + 1") from None
    if isinstance(size, int) and size < 0:
        raise ValueError(f"{text!r} is no size: it is negative")
    return size


class TypeText(str):
    """Text that names a type for certain; where it is among arguments, other text is text."""

    __slots__ = ()


def abstract_arguments(arguments: tuple[Any, ...], names: Sequence[str]) -> tuple[Any, ...] | None:
    """The arguments, of parameters called ``names``, with types in place of text, if any of them names a type.

    Raises ValueError where text has brackets as a type has, and names none.
    """
    sizes = _Sizes()
    kind = TypeText if any(isinstance(argument, TypeText) for argument in arguments) else str
    result = [_read(argument, sizes) if isinstance(argument, kind) else argument for argument in arguments]
    if not any(isinstance(argument, Abstract) for argument in result):
        return None
    for i, argument in enumerate(result):
        if isinstance(argument, Abstract) and isinstance(argument.type, IntType):
            result[i] = Abstract(IntType(_number(names[i], sizes)))
    return tuple(result)


def _number(name: str, sizes: _Sizes) -> Dim:
    """A symbol for any int, called as the parameter where no size is."""
    symbol, count = name, 1
    while symbol in sizes:
        count += 1
        symbol = f"{name}_{count}"
    sizes[symbol] = dims.symbol(symbol, low=None)
    return sizes[symbol]


def _read(text: str, sizes: Mapping[str, Dim]) -> Any:
    """What ``text`` stands for: any value of a type, or itself."""
    try:
        return Abstract(parse_type(text, sizes))
    except ValueError:
        word, bracket, _ = text.partition("[")
        opened = bool(bracket) and word.strip().isidentifier()
        closed = not bracket and text.rstrip().endswith("]")
        if opened or closed or isinstance(text, TypeText):
            raise
        return text

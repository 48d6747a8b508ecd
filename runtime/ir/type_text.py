"""Types as text: ``f8[n, 3]``, ``f8`` (a scalar), ``int[n - 1]``, ``list[f8; n]``, ``tuple[int, str]``, ``f8 | None``.

A dimension that is not known is left out or ``_``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, MutableMapping
from types import NoneType
from typing import Any

import numpy as np

from . import dims, literals
from .dim_text import parse_dim
from .dims import Dim
from .tokens import Tokens
from .types import (
    ANY,
    NEVER,
    NONE,
    UNBOUND,
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
    union,
)

DTYPE = re.compile(r"[biufcSUVO?]\d*|[bBhHiIlLqQefdgFDG]")
WORDS = {ANY: "any", NEVER: "never", UNBOUND: "unbound"}
CLASSES = {bool: "bool", float: "float", complex: "complex", str: "str", bytes: "bytes",
           NoneType: "None", slice: "slice"}
NAMED_TYPES: dict[str, Type] = {
    "int": IntType(), **{word: type for type, word in WORDS.items()},
    **{word: PythonType(cls) for cls, word in CLASSES.items()}}

DimText = Callable[[Dim], str]
ConstantText = Callable[[Any], str]


def write_type(type: Type, dim: DimText = str, constant: ConstantText = literals.write) -> str:
    """``type`` as text.  Raises UnwritableConstant where it names an object that has no name."""

    def write(type: Type) -> str:
        match type:
            case ArrayType(dtype, shape):
                return f"{write_dtype(dtype)}[{', '.join(map(dim, shape))}]"
            case ScalarType(dtype):
                return write_dtype(dtype)
            case IntType(value):
                return "int" if value is None else f"int[{dim(value)}]"
            case PythonType(cls):
                return CLASSES.get(cls) or f"python[{constant(cls)}]"
            case TupleType(items):
                named = "" if type.cls is tuple else f"; {constant(type.cls)}"
                return f"tuple[{', '.join(map(write, items))}{named}]"
            case ListType(item, length):
                return f"list[{write(item)}{measured(length)}]"
            case IteratorType(item, length):
                return f"iterator[{write(item)}{measured(length)}]"
            case SetType(item):
                return f"set[{write(item)}]"
            case DictType(key, item):
                return f"dict[{write(key)}, {write(item)}]"
            case RangeType(start, stop, step):
                return f"range[{', '.join('_' if bound is None else dim(bound) for bound in (start, stop, step))}]"
            case ConstantType(value):
                return f"constant[{constant(value)}]"
            case ObjectType(cls):
                return f"object[{constant(cls)}]"
            case UnionType(options):
                return " | ".join(map(write, sorted(options, key=lambda option: option == NONE)))
        return WORDS[type]

    def measured(length: Dim | None) -> str:
        return "" if length is None else f"; {dim(length)}"

    return write(type)


def describe_type(type: Type) -> str:
    """``type`` for a reader: classes by their names, a size that has no name as ``?``."""
    return write_type(
        type,
        lambda dim: "?" if dims.FRESH in str(dim) else str(dim),
        lambda value: getattr(value, "__name__", None) or repr(value),
    )


def write_dtype(dtype: np.dtype[Any]) -> str:
    """``f8`` for what a short word says, else as a constant: ``dtype('>f8')``."""
    text = literals.write(dtype)
    short = text.removeprefix("dtype('").removesuffix("')")
    return short if DTYPE.fullmatch(short) else text


def parse_type(text: str, names: MutableMapping[str, Dim] | None = None) -> Type:
    """The type that ``text`` says; names that ``names`` does not hold become symbols of that name.

    Raises ValueError where ``text`` is no type.
    """
    tokens = Tokens(text)
    try:
        result = read_type(tokens, _Undeclared() if names is None else names)
    except (KeyError, TypeError) as error:
        raise ValueError(f"{text!r} is no type: {error}") from None
    if not tokens.at_end():
        raise tokens.error("expected the end")
    return result


class _Undeclared(dict[str, Dim]):
    def __missing__(self, name: str) -> Dim:
        return self.setdefault(name, dims.symbol(name))


def read_type(tokens: Tokens, names: MutableMapping[str, Dim]) -> Type:
    """The type that comes next, with dimensions looked up in ``names``."""
    found = [_read_one(tokens, names)]
    while tokens.accept("|"):
        found.append(_read_one(tokens, names))
    return found[0] if len(found) == 1 else union(found)


def _read_one(tokens: Tokens, names: MutableMapping[str, Dim]) -> Type:
    word = tokens.take()
    if word == "dtype" or DTYPE.fullmatch(word):
        dtype = _read_dtype(word, tokens)
        if not tokens.accept("["):
            return ScalarType(dtype)
        shape: list[Dim] = []
        while not tokens.accept("]"):
            shape.append(_read_dim(tokens, names, ",", "]"))
            tokens.accept(",")
        return ArrayType(dtype, tuple(shape))
    if not tokens.accept("["):
        if word not in NAMED_TYPES:
            raise tokens.error(f"{word!r} is no type")
        return NAMED_TYPES[word]
    return _read_compound(word, tokens, names)


def _read_dtype(word: str, tokens: Tokens) -> np.dtype[Any]:
    if word != "dtype":
        return np.dtype(word)
    tokens.expect("(")
    description = tokens.items(lambda: literals.read(tokens, _no_operand), ")")
    return literals.read(Tokens(f"dtype({description[0]!r})"), _no_operand)


def _read_tuple(tokens: Tokens, names: MutableMapping[str, Dim]) -> TupleType:
    """The items, and after a semicolon the class of a named tuple."""
    items = []
    while not tokens.accept("]"):
        items.append(read_type(tokens, names))
        if tokens.accept(";"):
            cls = literals.read(tokens, _no_operand)
            tokens.expect("]")
            return TupleType(tuple(items), cls)
        tokens.accept(",")
    return TupleType(tuple(items))


def _read_compound(word: str, tokens: Tokens, names: MutableMapping[str, Dim]) -> Type:
    match word:
        case "int":
            value = _read_dim(tokens, names, "]")
            tokens.expect("]")
            return IntType(value)
        case "tuple":
            return _read_tuple(tokens, names)
        case "list" | "iterator":
            item = read_type(tokens, names)
            length = _read_dim(tokens, names, "]") if tokens.accept(";") else None
            tokens.expect("]")
            return (ListType if word == "list" else IteratorType)(item, length)
        case "set":
            (item,) = tokens.items(lambda: read_type(tokens, names), "]")
            return SetType(item)
        case "dict":
            key, item = tokens.items(lambda: read_type(tokens, names), "]")
            return DictType(key, item)
        case "range":
            bounds: list[Dim | None] = []
            for end in (",", ",", "]"):
                bounds.append(None if tokens.word == "_" and tokens.take() else _read_dim(tokens, names, end))
                tokens.expect(end)
            return RangeType(*bounds)
        case "constant" | "object" | "python":
            (value,) = tokens.items(lambda: literals.read(tokens, _no_operand), "]")
            return {"constant": ConstantType, "object": ObjectType, "python": PythonType}[word](value)
    raise tokens.error(f"{word!r} is no type")


def _read_dim(tokens: Tokens, names: MutableMapping[str, Dim], *ends: str) -> Dim:
    return parse_dim(tokens.until(*ends), names)


def _no_operand(tokens: Tokens) -> Any:
    raise tokens.error("no value can stand here")

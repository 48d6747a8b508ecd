"""Dimensions read from text, such as ``2*n + m//3``."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from operator import index

from .dims import NAME, Dim, floordiv, maximum, minimum

OPERATORS: dict[type[ast.operator], Callable[[Dim, Dim], Dim]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Pow: lambda a, b: a ** index(b),    # pyright: ignore[reportArgumentType]
    ast.FloorDiv: floordiv,
    ast.Mod: lambda a, b: a % b,
}


def parse_dim(text: str, names: Mapping[str, Dim]) -> Dim:
    """Read what ``str`` writes, with symbols looked up in ``names``; raises ValueError or KeyError on anything else."""
    found: list[str] = []

    def placeholder(match: re.Match[str]) -> str:
        if match[0] in ("min", "max"):
            return match[0]
        found.append(match[0])
        return f"_{len(found) - 1}"

    def read(tree: ast.expr) -> Dim:
        match tree:
            case ast.Constant(value=int(number)) if not isinstance(number, bool):
                return number
            case ast.Name(id=name):
                return names[found[int(name[1:])]]
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -read(operand)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
                return OPERATORS[type(op)](read(left), read(right))
            case ast.Call(func=ast.Name(id="min" | "max" as name), args=args, keywords=[]) if args:
                return (minimum if name == "min" else maximum)(*map(read, args))
        raise ValueError(f"{text!r} is no dimension")

    try:
        tree = ast.parse(NAME.sub(placeholder, text).strip(), mode="eval")
    except SyntaxError:
        raise ValueError(f"{text!r} is no dimension") from None
    return read(tree.body)

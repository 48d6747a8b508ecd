"""Quoted Python with named holes: how generated code is written down.

    quote("def test(parameters):\\n    return value", at=loop.test, parameters=[...], value=loop.test)

A hole is a name in the text: for an identifier (str), an expression, a list of statements where the name stands alone
as a statement, or a list of parameters.  What is made has the location of ``at``; what fills a hole keeps its own.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import gast


def quote(text: str, at: gast.AST, **holes: Any) -> list[Any]:
    """Return the statements of ``text`` with its holes filled."""
    statements = [copy.deepcopy(statement) for statement in _parsed(text)]
    filler = _Filler(at, holes)
    return [made for statement in statements for made in filler.statements(statement)]


def quote_expression(text: str, at: gast.AST, **holes: Any) -> Any:
    """Return the expression ``text`` with its holes filled."""
    (statement,) = quote(text, at, **holes)
    return statement.value


def load(name: str, at: gast.AST) -> gast.Name:
    """Return a read of a variable."""
    return located(gast.Name(name, gast.Load(), None, None), at)


def store(name: str, at: gast.AST) -> gast.Name:
    """Return a variable as the target of an assignment."""
    return located(gast.Name(name, gast.Store(), None, None), at)


def parameter(name: str, at: gast.AST) -> gast.Name:
    return located(gast.Name(name, gast.Param(), None, None), at)


def parameters(names: Sequence[str], at: gast.AST) -> gast.arguments:
    """Return the arguments of a function that takes ``names`` by position."""
    return gast.arguments([parameter(name, at) for name in names], [], None, [], [], None, [])


def constant(value: object, at: gast.AST) -> gast.Constant:
    return located(gast.Constant(value, None), at)


def tuple_of(items: Sequence[gast.expr], at: gast.AST, context: type = gast.Load) -> gast.Tuple:
    return located(gast.Tuple(list(items), context()), at)


def thunk(body: gast.expr) -> gast.Lambda:
    """Return a function without arguments that computes ``body``."""
    return located(gast.Lambda(parameters([], body), body), body)


def call(function: gast.expr, arguments: Sequence[gast.expr], at: gast.AST, **keywords: gast.expr) -> gast.Call:
    """Return ``function(*arguments, **keywords)`` as it is, not as a call of the protocol."""
    named = [located(gast.keyword(name, value), at) for name, value in keywords.items()]
    return located(gast.Call(function, list(arguments), named), at)


def assign(target: gast.expr, value: gast.expr, at: gast.AST) -> gast.Assign:
    return located(gast.Assign([target], value, None), at)


def statement(value: gast.expr, at: gast.AST) -> gast.Expr:
    return located(gast.Expr(value), at)


def located(node: Any, at: gast.AST) -> Any:
    """Return ``node``, placed where ``at`` stands."""
    return ast.copy_location(node, at)


@lru_cache(maxsize=256)
def _parsed(text: str) -> tuple[Any, ...]:
    return tuple(gast.parse(text).body)


class _Filler(gast.NodeTransformer):
    def __init__(self, at: gast.AST, holes: dict[str, Any]) -> None:
        self._at = at
        self._holes = holes

    def statements(self, node: Any) -> list[Any]:
        made = self.visit(node)
        return made if isinstance(made, list) else [made]

    def visit(self, node: Any) -> Any:
        if hasattr(node, "lineno"):
            located(node, self._at)
        return super().visit(node)

    def visit_Expr(self, node: Any) -> Any:
        match node.value:
            case gast.Name(id=name) if isinstance(self._holes.get(name), list):
                return self._holes[name]
        return self.generic_visit(node)

    def visit_Name(self, node: Any) -> Any:
        filling = self._holes.get(node.id, node)
        if isinstance(filling, str):
            node.id = filling
            return node
        return filling

    def visit_FunctionDef(self, node: Any) -> Any:
        node.name = self._holes.get(node.name, node.name)
        return self.generic_visit(node)

"""A program on its own: what one function and its arguments need of the module that they stand in.

A module that has a table of programs is taken apart into as many short modules, each with the names ``program`` and
``inputs``: the function, and a function that gives argument tuples.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

PROGRAM, INPUTS = "program", "inputs"


def excerpts(text: str, table: str = "PROGRAMS") -> Iterator[tuple[str, str]]:
    """The title and the text of each program of a module whose ``table`` is a list of calls.

    The calls are those of a record with a title, a function and a function that gives its inputs, in this order.
    """
    module = ast.parse(text)
    for statement in module.body:
        if isinstance(statement, ast.Assign) and table in bound(statement):
            assert isinstance(statement.value, ast.List)
            for row in statement.value.elts:
                if isinstance(row, ast.Call) and len(row.args) >= 3:
                    title, function, inputs = row.args[:3]
                    assert isinstance(title, ast.Constant)
                    yield str(title.value), alone(module, function, inputs)


def alone(module: ast.Module, function: ast.expr, inputs: ast.expr) -> str:
    """The text of a module that defines both, and all of ``module`` that they need."""
    values = {PROGRAM: function, INPUTS: inputs}
    given = [ast.Assign([ast.Name(name, ast.Store())], value) for name, value in values.items()]
    body = [*needed(module.body, _names(given)), *given]
    return ast.unparse(ast.fix_missing_locations(ast.Module(body, []))) + "\n"


def needed(body: list[ast.stmt], names: set[str]) -> list[ast.stmt]:
    """The statements of a module that say what ``names`` are, and what is used there, and so on."""
    kept: set[ast.stmt] = {each for each in body if isinstance(each, ast.ImportFrom) and each.module == "__future__"}
    wanted = set(names)
    while more := [each for each in body if each not in kept and _told(each) & wanted]:
        kept.update(more)
        wanted |= _names(more)
    return [each for each in body if each in kept]


def bound(statement: ast.stmt) -> set[str]:
    """The names that a statement of a module binds."""
    if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
        return {statement.name}
    if isinstance(statement, (ast.Import, ast.ImportFrom)):
        return {(alias.asname or alias.name).partition(".")[0] for alias in statement.names}
    return {name for each in _targets(statement) if isinstance(each, ast.Name) for name in _names([each])}


def _told(statement: ast.stmt) -> set[str]:
    """The names that a statement says something about: also those whose items or attributes it sets."""
    if isinstance(statement, ast.Expr):
        return set() if isinstance(statement.value, ast.Constant) else _names([statement])
    return bound(statement) | {name for each in _targets(statement) for name in _names([each])}


def _targets(statement: ast.stmt) -> Iterator[ast.expr]:
    """What a statement assigns, those in its blocks included; variables of comprehensions are their own."""
    waiting: list[ast.AST] = [] if isinstance(statement, (ast.FunctionDef, ast.ClassDef)) else [statement]
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.Name, ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load):
            yield node
        elif not isinstance(node, (ast.comprehension, ast.Lambda)):
            waiting.extend(ast.iter_child_nodes(node))


def _names(nodes: Sequence[ast.AST]) -> set[str]:
    """The names in ``nodes``, those in annotations written as text included."""
    found: set[str] = set()
    for node in (inner for each in nodes for inner in ast.walk(each)):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Global):
            found.update(node.names)
        elif isinstance(node, (ast.AnnAssign, ast.arg)) and isinstance(node.annotation, ast.Constant):
            found.update(re.findall(r"\w+", str(node.annotation.value)))
    return found

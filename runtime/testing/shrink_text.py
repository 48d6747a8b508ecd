"""Make the text of a failing module smaller: statements go away, expressions become parts of themselves.

Works on any text; ``shrink`` is for programs that the generator wrote, which keep their loops ending.
"""

from __future__ import annotations

import ast
import copy
import warnings
from collections.abc import Callable, Iterator
from typing import Any

_BLOCKS = ("body", "orelse", "finalbody", "handlers", "cases")


def minimise_text(text: str, fails: Callable[[str], bool], tries: int = 1500) -> str:
    """The smallest text found that ``fails``, after at most ``tries`` runs; ``text`` itself must fail."""
    text = ast.unparse(ast.parse(text)) + "\n"
    start = 0
    while tries > 0:
        place, found = start, False
        while (candidate := _candidate(text, place)) is not None:
            if candidate and len(candidate) < len(text):
                tries -= 1
                if fails(candidate):
                    text, found = candidate, True
                    continue    # what stands at this place now is another thing
                if tries <= 0:
                    return text
            place += 1
        if not found and start == 0:
            return text
        start = 0
    return text


def _candidate(text: str, place: int) -> str | None:
    """The text after the change with this number, empty if it is no Python; None if there are not so many."""
    module = ast.parse(text)
    changes = _changes(module)
    for _ in range(place):
        if next(changes, None) is None:
            return None
    change = next(changes, None)
    if change is None:
        return None
    change()
    try:
        made = ast.unparse(ast.fix_missing_locations(module)) + "\n"
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(made, "<candidate>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return ""
    return made


def _changes(module: ast.Module) -> Iterator[Callable[[], None]]:
    """Every way to make the tree smaller by one step; large steps first."""
    nodes = list(ast.walk(module))
    for node in nodes:
        for field in _BLOCKS:
            block = getattr(node, field, None)
            if isinstance(block, list):
                for position in range(len(block)):
                    yield _removal(node, field, block, position)
    for node in nodes:
        for field in ("body", "orelse", "finalbody"):
            block = getattr(node, field, None)
            if isinstance(block, list):
                for position, statement in enumerate(block):
                    for inner in ("body", "orelse", "finalbody"):
                        held = getattr(statement, inner, None)
                        if isinstance(held, list) and held:
                            yield _replacement(block, slice(position, position + 1), held)
    for node in nodes:
        for field, held in ast.iter_fields(node):
            if isinstance(held, list) and field not in _BLOCKS and field != "ops":
                for position in range(len(held)):
                    if isinstance(held[position], ast.AST):
                        yield _replacement(held, slice(position, position + 1), [])
            children = enumerate(held) if isinstance(held, list) else [(None, held)]
            for index, child in children:
                if isinstance(child, ast.expr):
                    for part in _parts(child):
                        yield _exchange(node, field, index, part)


def _parts(expression: ast.expr) -> Iterator[ast.expr]:
    """What may stand for an expression: the expressions in it, and nothing much."""
    for part in ast.walk(expression):
        if part is not expression and isinstance(part, ast.expr) and not isinstance(part, (ast.Starred, ast.Slice)):
            yield copy.deepcopy(part)
    if not isinstance(expression, (ast.Constant, ast.Name)):
        yield ast.Constant(None)
        yield ast.Constant(1)


def _removal(node: ast.AST, field: str, block: list[Any], position: int) -> Callable[[], None]:
    def change() -> None:
        del block[position]
        if not block and field == "body" and not isinstance(node, ast.Module):
            block.append(ast.Pass())

    return change


def _replacement(held: list[Any], where: slice, by: list[Any]) -> Callable[[], None]:
    def change() -> None:
        held[where] = by

    return change


def _exchange(node: ast.AST, field: str, index: int | None, by: ast.expr) -> Callable[[], None]:
    def change() -> None:
        if index is None:
            setattr(node, field, by)
        else:
            getattr(node, field)[index] = by

    return change

"""Make a failing random program smaller: statements, branches and calls are taken away as long as it still fails.

Works on the text, whatever the program was made by; Hypothesis shrinks the choices instead, which takes many more
runs.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import replace

from .control_statements import COUNTERS
from .generate import RandomProgram


def minimise(program: RandomProgram, fails: Callable[[RandomProgram], bool], tries: int = 500) -> RandomProgram:
    """The smallest program found that ``fails``, after at most ``tries`` runs; ``program`` itself must fail."""
    smaller = True
    while smaller:
        smaller = False
        for candidate in _candidates(program):
            tries -= 1
            if tries < 0:
                return program
            if fails(candidate):
                program, smaller = candidate, True
                break
    return program


def _candidates(program: RandomProgram) -> Iterator[RandomProgram]:
    for index in range(len(program.arguments)):
        if len(program.arguments) > 1:
            yield replace(program, arguments=program.arguments[:index] + program.arguments[index + 1 :])
    for number in range(_count(program.source)):
        for keep_body in (False, True):
            source = _without(program.source, number, keep_body)
            if source is not None:
                yield replace(program, source=source)


def _blocks(tree: ast.Module) -> Iterator[tuple[list[ast.stmt], int]]:
    """Each statement as its list and position, those of outer blocks first."""
    for node in ast.walk(tree):
        for field in ("body", "orelse", "finalbody"):
            block = getattr(node, field, None)
            if isinstance(block, list):
                yield from ((block, position) for position in range(len(block)))


def _count(source: str) -> int:
    return sum(1 for _ in _blocks(ast.parse(source)))


def _without(source: str, number: int, keep_body: bool) -> str | None:
    """The text without one statement, or with the statement's body in its place; None where that is no program."""
    tree = ast.parse(source)
    block, position = list(_blocks(tree))[number]
    statement = block[position]
    if keep_body:
        if not isinstance(statement, (ast.If, ast.For, ast.While)):
            return None
        block[position : position + 1] = statement.body
    else:
        del block[position]
        if not block and not isinstance(statement, ast.Pass):
            block.append(ast.Pass())
    try:
        text = ast.unparse(ast.fix_missing_locations(tree))
        compile(text, "<candidate>", "exec")
    except SyntaxError:
        return None
    ends = all(_ends(node) for node in ast.walk(tree) if isinstance(node, ast.While))
    return text if "def program" in text and ends else None


def _ends(loop: ast.While) -> bool:
    """Whether the loop still counts: its body stores a name that its exits test, and its counter if it has one."""
    exits = [loop.test]
    exits += [item.test for item in loop.body if isinstance(item, ast.If) and isinstance(item.body[-1], ast.Break)]
    tested = {node.id for test in exits for node in ast.walk(test) if isinstance(node, ast.Name)}
    targets = [item.target for item in loop.body if isinstance(item, ast.AugAssign)]
    targets += [target for item in loop.body if isinstance(item, ast.Assign) for target in item.targets]
    stored = {target.id for target in targets if isinstance(target, ast.Name)}
    counters = {name for name in tested if name.startswith(COUNTERS)}
    return bool(tested & stored) and counters <= stored

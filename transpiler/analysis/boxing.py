"""Which variables of a function are boxed: shared by generated functions that cannot hand them to each other.

A variable is carried in and out of branches and loops as a value; that is not enough if an inner function sees it
change, if an expression that is evaluated later assigns it, or if an exception may leave the block that assigns it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gast

from .assignment import Assignment
from .liveness import liveness
from .scopes import (
    COMPREHENSIONS,
    FUNCTIONS,
    all_arguments,
    assigned,
    blocks,
    every_use,
    free_nonlocals,
    local_names,
    own_nodes,
    parts,
    thunks,
    uses,
)  # fmt: skip


def boxed_variables(function: gast.FunctionDef, local: list[str], assignment: Assignment) -> list[str]:
    """Return the boxed ones of a function's ``local`` variables, in their order."""
    boxed = {*_assigned_by_inner(function), *_assigned_later(function), *_assigned_under_exceptions(function)}
    boxed |= assignment.inner   # reading them may fail as only a boxed variable can
    captured = {use.name for use in every_use(function.body) if use.kind == "capture"}
    boxed |= captured - {*local_names(function)}   # assigned only in code that is never reached
    arguments = {each.id for each in all_arguments(function.args)}
    for name in captured & {*local} - boxed:
        home, in_loop = (function.body, False) if name in arguments else _home(name, function.body)
        if in_loop or name in assignment.captures & _assigned_in_blocks(home) or _changes_after_capture(name, home):
            boxed.add(name)
    return [name for name in local if name in boxed]


def _assigned_by_inner(function: gast.FunctionDef) -> Iterator[str]:
    for node in own_nodes(function):
        if isinstance(node, FUNCTIONS):
            yield from free_nonlocals(node)


def _assigned_later(function: gast.FunctionDef) -> Iterator[str]:
    """Yield the targets of ``:=`` in what becomes a thunk, a test function or the function of a comprehension."""
    for node in own_nodes(function):
        inside = [node] if isinstance(node, COMPREHENSIONS) else thunks(node)
        yield from (use.name for each in inside for use in uses(each) if use.kind == "store")


def _assigned_under_exceptions(function: gast.FunctionDef) -> Iterator[str]:
    """Yield what a part of a ``try`` or ``with`` assigns, if something outside the part reads it, or the part later."""
    live = liveness(function.body)
    for node in own_nodes(function):
        if isinstance(node, gast.With | gast.Try):
            outside = live.after[node] if isinstance(node, gast.With) else live.entry[node]
            for part, targets in _parts_and_targets(node):
                read = outside | (live.before[part[0]] - targets if part else set())
                yield from read & {*assigned(part), *targets}


def _parts_and_targets(node: Any) -> Iterator[tuple[list[gast.stmt], set[str]]]:
    """Yield the parts of a ``with`` or ``try``, each with the names that are given a value as it begins."""
    if isinstance(node, gast.With):
        yield node.body, {use.name for item in node.items if item.optional_vars for use in uses(item.optional_vars)}
        return
    names = {id(handler.body): {handler.name.id} for handler in node.handlers if isinstance(handler.name, gast.Name)}
    for part in parts(node):
        yield part, names.get(id(part), set())


def _home(name: str, block: list[gast.stmt]) -> tuple[list[gast.stmt], bool]:
    """Return the innermost block that holds every use of ``name``, and whether it is run repeatedly."""
    using = [statement for statement in block if _uses_name([statement], name)]
    if len(using) == 1 and (inside := blocks(using[0])):
        own = [each for each in inside if _uses_name(each, name)]
        total = sum(use.name == name for use in every_use(using))
        if len(own) == 1 and sum(use.name == name for use in every_use(own[0])) == total:
            home, in_loop = _home(name, own[0])
            return home, in_loop or isinstance(using[0], gast.For | gast.While)
    return block, False


def _uses_name(nodes: list[gast.stmt], name: str) -> bool:
    return any(use.name == name for use in every_use(nodes))


def _assigned_in_blocks(block: list[gast.stmt]) -> set[str]:
    return {name for statement in block if blocks(statement) for name in assigned([statement])}


def _changes_after_capture(name: str, block: list[gast.stmt]) -> bool:
    """Say whether ``name`` is assigned once an inner function may exist, or anything deletes it."""
    captured = False
    for statement in block:
        kinds = [use.kind for use in every_use([statement]) if use.name == name]
        if "delete" in kinds:
            return True
        if "capture" in kinds and "store" in kinds[0 if blocks(statement) else kinds.index("capture") :]:
            return True
        if captured and "store" in kinds:
            return True
        captured = captured or "capture" in kinds
    return False

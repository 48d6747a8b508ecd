"""Generators that a variable holds until its function returns: there they end, and what they do then is seen.

    g = items(x)                g = items(x)
    return next(g)              return returning(next(g), g)

Only variables that are given a value in one place, and that the function itself advances, are looked at: of any other
it would have to be known who else holds what they hold.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile
from typing import Any

import gast

from ..analysis.scopes import all_arguments, declared, every_use, own_nodes
from ..names import Names
from ..template import call, constant, load, located
from .exits import escaping
from .resumption import yields

ADVANCING = frozenset({"send", "throw", "close", "__next__"})


def held_generators(function: gast.FunctionDef) -> list[str]:
    """Return the variables that may hold a generator to the end of ``function``, in the order in which they die."""
    if yields(function.body):
        return []
    found = [name.id for name, value in _given([*function.body, *_always_run(function.body)])
             if isinstance(name, gast.Name) and isinstance(value, gast.Call | gast.GeneratorExp)]
    advanced = set(_advanced(function)).intersection(found)
    if not advanced or _keeps_error(function):
        return []
    every = list(every_use(function.body))
    shared = {use.name for use in every if use.kind not in ("load", "store")}
    shared |= declared(function, gast.Global) | declared(function, gast.Nonlocal)
    shared |= {each.id for each in all_arguments(function.args)}
    stored = [use.name for use in every if use.kind == "store"]
    for name, value in _given(function.body):
        if isinstance(name, gast.Name) and isinstance(value, gast.Name) and name.id == value.id:
            stored.remove(name.id)   # it has had that value
    return [name for name in found if name in advanced - shared and stored.count(name) == 1]


def _given(block: list[Any]) -> Iterator[tuple[Any, Any]]:
    """Yield the targets of assignments with what each is given."""
    for node in block:
        match node:
            case gast.Assign(targets=[gast.Tuple(elts=targets)], value=gast.Tuple(elts=values)):
                yield from zip(targets, values) if len(targets) == len(values) else ()
            case gast.Assign(targets=[target], value=value):
                yield target, value
            case gast.If() | gast.For():
                yield from _given([*node.body, *node.orelse])


def _always_run(block: list[Any]) -> Iterator[gast.Assign]:
    """Yield the assignments in a ``try`` with nothing but a ``finally`` that have run where the function returns."""
    for node in block:
        if isinstance(node, gast.Try) and not node.handlers and not any(map(_leaves, node.finalbody)):
            certain = takewhile(lambda statement: not _leaves(statement), node.body)
            yield from (statement for statement in certain if isinstance(statement, gast.Assign))
            yield from _always_run(node.body)
        if _leaves(node):
            return


def _leaves(statement: Any) -> bool:
    return any(isinstance(node, gast.Return | gast.Break | gast.Continue) for node in gast.walk(statement))


def _keeps_error(function: gast.FunctionDef) -> bool:
    """Whether the function may keep an exception that it caught, which keeps all its variables."""
    caught = {handler.name.id for node in own_nodes(function) if isinstance(node, gast.Try)
              for handler in node.handlers if isinstance(handler.name, gast.Name)}
    looked_at: list[Any] = []
    for node in own_nodes(function):
        match node:
            case gast.Attribute(value=value) | gast.FormattedValue(value=value):
                looked_at.append(value)
            case gast.Call(func=gast.Name(id="str" | "repr" | "print" | "type" | "isinstance"), args=arguments):
                looked_at += arguments
            case gast.Raise(exc=error, cause=cause):
                looked_at += [error, cause]
    return any(isinstance(node, gast.Name) and isinstance(node.ctx, gast.Load) and node.id in caught
               and not any(node is each for each in looked_at) for node in own_nodes(function))


def _advanced(function: gast.FunctionDef) -> Iterator[str]:
    for node in own_nodes(function):
        match node:
            case gast.Call(func=gast.Name(id="next" | "islice"), args=[gast.Name(id=name), *_]):
                yield name
            case gast.Call(func=gast.Attribute(attr="islice"), args=[gast.Name(id=name), *_]):
                yield name
            case gast.Call(func=gast.Attribute(value=gast.Name(id=name), attr=attribute)) if attribute in ADVANCING:
                yield name
            case gast.For(iter=gast.Name(id=name)) if any(escaping(node.body)):
                yield name
            case gast.Try(body=body):   # what a loop raises leaves the rest
                for each in (each for statement in body for each in gast.walk(statement)):
                    if isinstance(each, gast.For) and isinstance(each.iter, gast.Name):
                        yield each.iter.id


def end_held(function: gast.FunctionDef, held: list[str], names: Names) -> None:
    """Let ``function``, which has one exit, end what the variables ``held`` hold there, if they have a value."""
    stored = {use.name for use in every_use(function.body) if use.kind == "store"}
    held = [name for name in held if name in stored]    # what never runs is gone, and its assignments with it
    if not held:
        return
    last = function.body[-1]
    if not isinstance(last, gast.Return):
        function.body.append(last := located(gast.Return(None), last))
    value = last.value or constant(None, last)
    ended = [load(name, last) for name in held]
    last.value = call(load(names.call("returning"), last), [value, *ended], last)

"""``with`` and ``try``: a function for each part, and one call; variables that leave a part are boxed.

    with m as v:                def body(v):
        A                           A
                                with_(m, body)

    try:                        def body():
        A                           A
    except E as e:              def handler(e):
        B                           B
                                try_(body, ((lambda: E, handler),))
"""

from __future__ import annotations

from typing import Any

import gast

from ..analysis.scopes import StarredTry
from ..template import assign, constant, load, located, thunk, tuple_of
from .lowering import Lowering


def lower_with(node: gast.With, lowering: Lowering) -> list[Any]:
    """Return the function of the body and the call."""
    (item,) = node.items
    manager = lowering.expression(item.context_expr)
    body = lowering.names.reused("body")
    argument, first = _taken(item.optional_vars, lowering.names.reused("value"))
    lowering.protected += 1
    function = lowering.region(body, [argument], [*first, *node.body], node)
    lowering.protected -= 1
    return [function, located(gast.Expr(lowering.call("with_", [manager, load(body, node)], node)), node)]


def lower_try(node: gast.Try, lowering: Lowering) -> list[Any]:
    """Return the functions of the parts and the call."""
    body = lowering.names.reused("body")
    may_be_read_later = lowering.protected > 0
    lowering.protected += 1
    functions = [lowering.region(body, [], node.body, node)]
    handlers = []
    for number, handler in enumerate(node.handlers):
        name = lowering.names.reused("handler", number)
        argument, statements = _taken(handler.name, lowering.names.reused("error"))
        statements += _forgetting(handler.body, handler.name, handler, may_be_read_later)
        functions.append(lowering.region(name, [argument], statements, handler))
        wanted = handler.type and lowering.expression(handler.type)
        types = thunk(wanted or load("BaseException", handler))
        handlers.append(tuple_of([types, load(name, handler)], handler))
    keywords = {}
    for keyword, part in (("otherwise", node.orelse), ("final", node.finalbody)):
        if part:
            name = lowering.names.reused(keyword)
            functions.append(lowering.region(name, [], part, part[0]))
            keywords[keyword] = load(name, part[0])
    lowering.protected -= 1
    kind = "try_star" if isinstance(node, StarredTry) else "try_"
    value = lowering.call(kind, [load(body, node), tuple_of(handlers, node)], node, **keywords)
    return [*functions, located(gast.Expr(value), node)]


def _taken(target: Any, unnamed: str) -> tuple[str, list[Any]]:
    """Return a parameter for ``target``, and the statements that assign it if it is boxed."""
    if isinstance(target, gast.Name):
        return target.id, []
    return unnamed, [] if target is None else [assign(target, load(unnamed, target), target)]


def _forgetting(body: list[Any], target: Any, at: Any, however_left: bool) -> list[Any]:
    """Python ends the variable of an ``except`` with its block, also where an exception leaves it and is caught."""
    if not isinstance(target, gast.Attribute):
        return body
    deleted = located(gast.Attribute(target.value, target.attr, gast.Del()), at)
    last = [assign(target, constant(None, at), at), located(gast.Delete([deleted]), at)]
    return [located(gast.Try(body, [], [], last), at)] if however_left else [*body, *last]

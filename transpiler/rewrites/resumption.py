"""Generators that are advanced item by item: a function that goes on where it stopped.

    def evens(n):               def frame(n):
        i = 0                       def resume(here, receive):
        while i < n:                    nonlocal i, n
            yield 2 * i                 if here == 0:
            i += 1                          i = 0
                                        while here == 1 or here == 0 and i < n:
                                            if here == 0:
                                                return (1, (2 * i,))
                                            if here == 1:
                                                here = 0
                                                received(receive)
                                            if here == 0:
                                                i += 1
                                        return (-1, ())
                                    return resume

Each ``yield`` has a number.  ``here`` is the one to go on from; until it is reached nothing is done but to enter the
blocks around it, and from there on ``here`` is 0.  What is returned is the number to go on from at the next call, -1
at the end, and the item in a tuple.  ``receive`` gives what is sent, or raises what is thrown.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

import gast

from ..analysis.scopes import all_arguments, local_names
from ..names import Names
from ..template import assign, call, constant, load, located, parameters, quote, quote_expression, store, tuple_of
from .blocks import rewrite_block
from .exits import escaping

YIELDS = (gast.Yield, gast.YieldFrom)


class CannotResume(Exception):
    """A ``yield`` stands where the code around it cannot be entered again."""


def yields(nodes: Iterable[Any]) -> bool:
    """Say whether there is a ``yield`` in ``nodes`` that belongs to the function around them."""
    return any(
        isinstance(node, YIELDS)
        or not isinstance(node, gast.FunctionDef | gast.Lambda) and yields(gast.iter_child_nodes(node))
        for node in nodes
    )


def resumable(function: gast.FunctionDef, body: list[Any], frame: str, names: Names) -> gast.FunctionDef | None:
    """Return the function ``frame`` for a generator function with ``body``; None where there is no such form."""
    making = _Resumable(names)
    rewrite_block(body, lambda each: [making.ending(each)] if isinstance(each, gast.Return) else [each])
    try:
        made = [*making.block(body), making.ending(located(gast.Return(None), function.body[-1]))]
    except CannotResume:
        return None
    arguments = [each.id for each in all_arguments(function.args)]
    own = list(dict.fromkeys([*local_names(function), *making.kept]))
    resume, here, receive = names.reused("resume"), making.here, making.receive
    text = """
def frame():
    variables
    def resume():
        own
        body
    return resume
"""
    (outer,) = quote(
        text, function, frame=frame, resume=resume, body=made, variables=[variable(each, function) for each in own],
        own=[located(gast.Nonlocal(own), function)] if own else [],
    )  # fmt: skip
    outer.args = parameters(arguments, function)
    (inner,) = (each for each in outer.body if isinstance(each, gast.FunctionDef))
    inner.args = parameters([here, receive], function)
    names.own_parts.add(resume)
    return outer


def variable(name: str, at: Any) -> Any:
    """A statement that makes ``name`` a variable of the function around it."""
    return located(gast.AnnAssign(store(name, at), constant(None, at), None, 1), at)


class _Resumable:
    def __init__(self, names: Names) -> None:
        self._names = names
        self.here, self.receive = names.reused("here"), names.reused("receive")
        self._suspended = names.reused("suspended")
        self.kept: list[str] = []   # variables that last from one call to the next, beside the user's
        self._last = 0
        self._finals = 0   # `finally` blocks around the place

    def ending(self, node: Any) -> Any:
        """Return a ``return`` of the generator's, as it ends the last call."""
        item = tuple_of([] if node.value is None else [node.value], node)
        return located(gast.Return(tuple_of([constant(-1, node), item], node)), node)

    def block(self, block: list[Any]) -> list[Any]:
        made: list[Any] = []
        waiting: list[Any] = []
        for node in block:
            if yields([node]):
                made += [*self.unless_entering(waiting), *self.statement(node)]
                waiting = []
            else:
                waiting.append(node)
        return made + self.unless_entering(waiting)

    def unless_entering(self, body: list[Any]) -> list[Any]:
        return self.quoted("if here == 0:\n    body", body[0], body=body) if body else []

    def quoted(self, text: str, at: Any, **holes: Any) -> list[Any]:
        return quote(text, at, here=self.here, receive=self.receive, **holes)

    def call(self, name: str, arguments: list[Any], at: Any) -> Any:
        return call(load(self._names.call(name), at), arguments, at)

    def keep(self, base: str) -> str:
        name = self._names.fresh(base)
        self.kept.append(name)
        return name

    def statement(self, node: Any) -> list[Any]:
        match node:
            case gast.Expr(value=gast.Yield(value=value)):
                return self.yielded(value, None, node)
            case gast.Assign(targets=[target], value=gast.Yield(value=value)):
                return self.yielded(value, target, node)
            case gast.Expr(value=gast.YieldFrom(value=value)):
                return self.delegated(value, None, node)
            case gast.Assign(targets=[target], value=gast.YieldFrom(value=value)):
                return self.delegated(value, target, node)
            case gast.If() if not yields([node.test]):
                return self.branch(node)
            case gast.While() if not yields([node.test]):
                first = self._last + 1
                body = self.block(node.body)
                test = self.entering(first, node.test, node.test)
                return [located(gast.While(test, body, self.block(node.orelse)), node)]
            case gast.For() if not yields([node.iter, node.target]):
                return self.loop(node)
            case gast.Try():
                return self.protected(node) if not yields(node.finalbody) else self.finished(node)
            case gast.With() if not yields(each.context_expr for each in node.items):
                return self.managed(node)
            case gast.Expr() | gast.Assign() | gast.AugAssign() | gast.Return() | gast.AnnAssign():
                return self.taken_apart(node)
        raise CannotResume

    def entering(self, first: int, test: Any, at: Any) -> Any:
        """Return ``test``, or whether one of the numbers since ``first`` is to be gone on from."""
        inside = f"here == {first}" if first == self._last else f"{first} <= here <= {self._last}"
        if isinstance(test, gast.Constant) and test.value:
            return quote_expression(f"here == 0 or {inside}", at, here=self.here)
        return quote_expression(f"{inside} or here == 0 and test", at, here=self.here, test=test)

    # What yields

    def yielded(self, value: Any, target: Any, at: Any) -> list[Any]:
        if value is not None and yields([value]):
            raise CannotResume
        self._last += 1
        item = tuple_of([value or constant(None, at)], at)
        return [
            *self.quoted("if here == 0:\n    leave", at, leave=self.leave(item, at)),
            *self.quoted(
                f"if here == {self._last}:\n    here = 0\n    taken", at,
                taken=self.taken(self.call("received", [load(self.receive, at)], at), target, at),
            ),
        ]  # fmt: skip

    def leave(self, item: Any, at: Any) -> list[Any]:
        """Return with ``item``; a ``finally`` around it is told once there is one: what computes it may raise."""
        if not self._finals:
            return quote(f"return ({self._last}, item)", at, item=item)
        text = f"given = item\nsuspended = True\nreturn ({self._last}, given)"
        return quote(text, at, given=self._names.reused("given"), item=item, suspended=self._suspended)

    def taken(self, value: Any, target: Any, at: Any) -> list[Any]:
        return [assign(target, value, at) if target is not None else located(gast.Expr(value), at)]

    def delegated(self, value: Any, target: Any, at: Any) -> list[Any]:
        if yields([value]):
            raise CannotResume
        self._last += 1
        items, item = self.keep("items"), self.keep("item")
        text = f"""
if here == 0:
    items = iterator(value)
if here == 0 or here == {self._last}:
    item = advance(items, receive, here == {self._last})
    if item:
        leave
    here = 0
"""
        calls = {name: self._names.call(name) for name in ("iterator", "advance")}
        leave = self.leave(load(item, at), at)
        made = self.quoted(text, at, items=items, item=item, value=value, leave=leave, **calls)
        result = self.taken(self.call("result_of", [load(items, at)], at), target, at) if target is not None else []
        return [*made, *self.unless_entering(result)]

    def taken_apart(self, node: Any) -> list[Any]:
        """A statement with one ``yield`` in an expression, if nothing that matters is evaluated before it."""
        found = _First(self._names.fresh("sent"))
        node = found.visit(node)
        if found.node is None or yields([node]):
            raise CannotResume
        self.kept.append(found.name)
        first = located(gast.Assign([store(found.name, found.node)], found.node, None), found.node)
        return [*self.statement(first), *self.unless_entering([node])]

    # Blocks

    def branch(self, node: Any) -> list[Any]:
        first = self._last + 1
        body = self.block(node.body)
        test = self.entering(first, node.test, node.test) if self._last >= first else quote_expression(
            "here == 0 and test", node.test, here=self.here, test=node.test
        )
        return [located(gast.If(test, body, self.block(node.orelse)), node)]

    def loop(self, node: Any) -> list[Any]:
        items, item = self.keep("items"), self.keep("item")
        first = self._last + 1
        body = self.block(node.body)
        at = node.iter
        fetched = located(gast.NamedExpr(store(item, at), self.call("advance", [load(items, at)], at)), at)
        test = self.entering(first, fetched, at)
        value = quote_expression("item[0]", at, item=item)
        begin = assign(store(items, at), self.call("iterator", [node.iter], at), at)
        next_one = self.unless_entering([assign(node.target, value, node.target)])
        loop = located(gast.While(test, [*next_one, *body], self.block(node.orelse)), node)
        return [*self.unless_entering([begin]), loop]

    def protected(self, node: Any) -> list[Any]:
        """A ``try`` is entered again; in a handler, by raising what it handled."""
        start = self._last + 1
        self._finals += bool(node.finalbody)
        body = self.block(node.body)
        inside = self._last
        error = self.keep("error") if any(yields(handler.body) for handler in node.handlers) else ""
        handlers = []
        for handler in node.handlers:
            if yields(handler.body):
                handler.name = handler.name or store(self.keep("handled"), handler)
                kept = self.quoted("if here == 0:\n    error = handled", handler, error=error, handled=handler.name.id)
                handler.body = [*kept, *self.block(handler.body)]
            handlers.append(handler)
        again: list[Any] = []
        if self._last > inside:
            test = self.entering(inside + 1, constant(False, node), node)
            again = [located(gast.If(test, quote("raise error", node, error=error), []), node)]
        orelse = self.block(node.orelse)
        self._finals -= bool(node.finalbody)
        final = []
        if node.finalbody:
            final = quote("if not suspended:\n    final", node, suspended=self._suspended, final=node.finalbody)
        made = located(gast.Try([*again, *body], handlers, orelse, final), node)
        first = quote("suspended = False", node, suspended=self._suspended) if node.finalbody else []
        test = self.entering(start, constant(True, node), node)
        return [located(gast.If(test, [*first, made], []), node)]

    def finished(self, node: Any) -> list[Any]:
        """A ``try`` whose ``finally`` yields: that stands twice, in a handler of everything and behind the rest."""
        if any(escaping([*node.body, *node.orelse, *(each for handler in node.handlers for each in handler.body)])):
            raise CannotResume
        inner = [located(gast.Try(node.body, node.handlers, node.orelse, []), node)] if node.handlers else node.body
        handler = located(gast.ExceptHandler(None, None, [*copy.deepcopy(node.finalbody), *quote("raise", node)]), node)
        return self.protected(located(gast.Try(inner, [handler], node.finalbody, []), node))

    def managed(self, node: Any) -> list[Any]:
        """A ``with`` is entered once, and left when nothing is given: by an exception, or in any other way.

            with m as v:                manager = m
                A                       v = enter(manager)
                                        failed = False
                                        try:
                                            try:
                                                A
                                            except BaseException as error:
                                                failed = True
                                                if not leave(manager, error): raise
                                        finally:
                                            if not failed: leave(manager)
        """
        item, *more = node.items
        body = [located(gast.With(more, node.body, None), node)] if more else node.body
        target, manager, failed = item.optional_vars, self.keep("manager"), self._names.fresh("failed")
        if not isinstance(target, gast.Name):
            value = self.keep("value")
            body = [*([] if target is None else [assign(target, load(value, node), node)]), *body]
            target = store(value, node)
        calls = {name: self._names.call(name) for name in ("enter", "leave")}
        at = item.context_expr
        holes = {"manager": manager, "failed": failed, "error": self._names.fresh("error"), **calls}
        begin = [
            assign(store(manager, at), at, at),
            assign(target, quote_expression("enter(manager)", at, **holes), at),
        ]
        text = """
try:
    try:
        body
    except BaseException as error:
        failed = True
        if not leave(manager, error):
            raise
finally:
    if not failed:
        leave(manager)
"""
        (made,) = quote(text, node, body=body, **holes)
        return [
            *self.unless_entering(begin), *quote("failed = False", node, failed=failed), *self.protected(made),
        ]  # fmt: skip


def _evaluated_first(node: Any) -> Any:
    """Return the part of an expression that is always evaluated, if others may not be; else the expression."""
    match node:
        case gast.BoolOp():
            return node.values[0]
        case gast.IfExp():
            return node.test
        case gast.Compare():
            return node.left
    return node


class _First(gast.NodeTransformer):
    """Puts a variable in the place of the one ``yield`` of a statement, unless something is evaluated before it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.node: Any = None

    def visit(self, node: Any) -> Any:
        if isinstance(node, YIELDS):
            if self.node is not None:
                raise CannotResume
            self.node = node
            return load(self.name, node)
        if not yields([node]):
            operators = gast.operator | gast.boolop | gast.unaryop | gast.cmpop
            steady = isinstance(node, gast.Name | gast.Constant | gast.expr_context | operators)
            if self.node is None and not steady:
                raise CannotResume
            return node
        if self.node is not None or not yields([_evaluated_first(node)]):
            raise CannotResume
        return self.generic_visit(node)

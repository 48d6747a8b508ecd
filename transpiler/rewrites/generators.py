"""Generators: the code of one becomes a function ``run`` that hands each item to a consumer.

    def evens(n):               def evens(n):
        i = 0                       def run(consumer, state, n):
        while i < n:                    i = 0
            yield 2 * i                 while not ended(consumer, state) and i < n:
            i += 1                          state = give(consumer, state, 2 * i)
                                            if not ended(consumer, state):
                                                i += 1
                                        return (state, None)
                                    def frame(n):
                                        ...
                                    return generator(run, (n,), frame=frame)

``state`` is whatever the consumer keeps from one item to the next: the variables of a ``for`` loop, say, which the
loops of the generator carry along with their own.  Once the consumer wants no more, nothing else is done.

That is not enough where a ``yield`` stands in a ``try`` or ``with``, which sees how it is left, or inside of an
expression.  There it is one call, which raises GeneratorExit if the consumer wants no more:

    sent = f(yield e)           sent = f(yield_(consumer, e))

A generator that is advanced item by item is run by ``frame``, see ``resumption.py``.  A generator expression is a
generator function, called where the expression stands.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Set
from typing import Any

import gast

from ..analysis.scopes import GuardedFor, all_arguments, blocks, declared, is_documented, local_names, own_nodes, uses
from ..names import Names
from ..template import call, constant, load, located, parameters, quote, quote_expression, statement, tuple_of
from .blocks import rewrite_block
from .exits import escaping
from .resumption import resumable, variable, yields


def write_out_generators(function: gast.FunctionDef, names: Names, outside: Set[str]) -> None:
    """Leave ``function`` without ``yield``, and without generator expressions that are not in inner functions.

    ``outside`` are variables of the functions around it.
    """
    kept = (outside - {*local_names(function)}) | _results_of_calls(function)
    rewrite_block(function.body, lambda each: [_named(each, kept, names)])
    if yields(function.body):
        _write_out(function, names)
    else:
        expressions = _Expressions(function, names)
        rewrite_block(function.body, expressions.statement)


def _results_of_calls(function: gast.FunctionDef) -> set[str]:
    """Return the variables that are given what a call or generator expression gives."""
    assignments = (node for node in own_nodes(function) if isinstance(node, gast.Assign | gast.NamedExpr))
    made = [node for node in assignments
            if any(isinstance(each, gast.Call | gast.GeneratorExp) for each in gast.walk(node.value))]
    return {use.name for node in made for use in uses(node) if use.kind == "store"}


def _named(node: Any, kept: Set[str], names: Names) -> Any:
    """A loop that may be left before the end of what a variable refers to as well."""
    if isinstance(node, gast.For) and any(not isinstance(each, gast.Continue) for each in escaping(node.body)):
        if isinstance(node.iter, gast.Name) and node.iter.id in kept or names.is_boxed(node.iter):
            node.iter = call(load(names.call("named"), node.iter), [node.iter], node.iter)
    return node


def _write_out(function: gast.FunctionDef, names: Names) -> None:
    run, consumer, state = names.reused("run"), names.reused("consumer"), names.reused("state")
    arguments = [each.id for each in all_arguments(function.args)]
    documented = is_documented(function)
    body = function.body[documented:]
    end = body[-1]
    frame = names.reused("frame")
    resuming = resumable(function, copy.deepcopy(body), frame, names)
    is_threaded = all(map(_is_plain, _statements(body))) and not any(map(_may_stop, body))
    if is_threaded:
        rewrite_block(body, lambda each: [_returned(each, state) if isinstance(each, gast.Return) else each])
        body = _Threaded(names, consumer, state).block(body)
    else:
        raising = _Raising(names, consumer)
        body = [raising.visit(each) for each in body]
        rewrite_block(body, lambda each: [_returned(each, state) if isinstance(each, gast.Return) else each])
    body.append(_returned(located(gast.Return(None), end), state))
    (made,) = quote("def run():\n    body", function, run=run, body=body)
    made.args = parameters([consumer, state, *arguments], function)
    given = tuple_of([load(each, function) for each in arguments], function)
    keywords = {} if is_threaded else {"raises": constant(True, function)}
    if resuming is not None:
        keywords["frame"] = load(frame, function)
    value = call(load(names.call("generator"), function), [load(run, function), given], function, **keywords)
    forms = [made] if resuming is None else [made, resuming]
    function.body = [*function.body[:documented], *forms, located(gast.Return(value), function)]


def _statements(block: list[Any], is_protected: bool = False) -> Iterable[tuple[Any, bool]]:
    """Yield every statement of a function with whether it stands in a ``try`` or ``with``."""
    for node in block:
        yield node, is_protected
        for inside in blocks(node):
            yield from _statements(inside, is_protected or isinstance(node, gast.Try | gast.With))


def _may_stop(node: gast.AST) -> bool:
    """Whether a statement may let StopIteration out by itself, which a generator turns into RuntimeError."""
    return any(isinstance(each, gast.Name) and each.id in ("next", "StopIteration") for each in gast.walk(node))


def _is_plain(place: tuple[Any, bool]) -> bool:
    """Say whether what a statement itself yields can be given by a statement, and left by a ``return``."""
    node, is_protected = place
    match node:
        case gast.Expr(value=gast.Yield() | gast.YieldFrom() as only):
            return not is_protected and not yields(gast.iter_child_nodes(only))
        case gast.Assign(targets=[_], value=gast.Yield() as only):
            return not is_protected and not yields(gast.iter_child_nodes(only))
    return not yields(_outside(node))


def _outside(node: Any) -> Iterable[Any]:
    """Yield what a statement consists of beside its blocks."""
    inside = {id(each) for block in blocks(node) for each in block}
    for each in gast.iter_child_nodes(node):
        if isinstance(each, gast.ExceptHandler):
            yield from () if each.type is None else (each.type,)
        elif id(each) not in inside:
            yield each


def _returned(node: Any, state: str) -> Any:
    """A ``return`` of the generator's: it gives the state as well."""
    value = tuple_of([load(state, node), node.value or constant(None, node)], node)
    return located(gast.Return(value), node)


class _Threaded:
    """Each ``yield`` is a statement that takes the state and gives the next; all that follows asks for it."""

    def __init__(self, names: Names, consumer: str, state: str) -> None:
        self._names = names
        self._holes = {"consumer": consumer, "state": state}

    def block(self, block: list[Any]) -> list[Any]:
        """Return the statements of a block, from the first ``yield`` on under the condition that more is wanted."""
        for index, node in enumerate(block):
            if yields([node]):
                made, first = self.statement(node)
                rest = [*first, *self.block(block[index + 1 :])]
                guarded = [located(gast.If(self.is_wanted(node), rest, []), node)] if rest else []
                return [*block[:index], *made, *guarded]
        return block

    def statement(self, node: Any) -> tuple[list[Any], list[Any]]:
        """Return what stands for a statement that yields, and what follows it if more is wanted."""
        match node:
            case gast.Expr(value=gast.Yield(value=value)):
                return self.given("give", value or constant(None, node), node), []
            case gast.Assign(value=gast.Yield(value=value)):
                node.value = constant(None, node)
                return self.given("give", value or constant(None, node), node), [node]
            case gast.Expr(value=gast.YieldFrom(value=value)):
                return self.given("give_all", value, node), []
            case gast.If():
                node.body, node.orelse = self.block(node.body), self.block(node.orelse)
            case gast.While() | gast.For():
                return self.loop(node)
        return [node], []

    def loop(self, node: Any) -> tuple[list[Any], list[Any]]:
        otherwise, node.orelse = self.block(node.orelse), []
        guard, body = self.is_wanted(node), self.block(node.body)
        if isinstance(node, gast.For):
            loop = GuardedFor(
                target=node.target, iter=node.iter, body=body, orelse=[], type_comment=None, guard=guard
            )
        else:
            loop = gast.While(located(gast.BoolOp(gast.And(), [guard, node.test]), node.test), body, [])
        if otherwise:
            loop.orelse = [located(gast.If(self.is_wanted(node), otherwise, []), node)]
        return [located(loop, node)], []

    def is_wanted(self, at: Any) -> Any:
        return quote_expression("not ended(consumer, state)", at, ended=self._names.call("ended"), **self._holes)

    def given(self, name: str, value: Any, at: Any) -> list[Any]:
        call = self._names.call(name)
        return quote("state = give(consumer, state, value)", at, give=call, value=value, **self._holes)


class _Raising(gast.NodeTransformer):
    """Each ``yield`` is an expression."""

    def __init__(self, names: Names, consumer: str) -> None:
        self._names = names
        self._consumer = consumer

    def visit_Yield(self, node: Any) -> Any:
        self.generic_visit(node)
        return self._call("yield_", node.value or constant(None, node), node)

    def visit_YieldFrom(self, node: Any) -> Any:
        self.generic_visit(node)
        return self._call("yield_from", node.value, node)

    def _call(self, name: str, value: Any, at: Any) -> Any:
        return call(load(self._names.call(name), at), [load(self._consumer, at), value], at)

    def visit_FunctionDef(self, node: Any) -> Any:
        return node

    visit_Lambda = visit_FunctionDef


class _Expressions(gast.NodeTransformer):
    """Turns generator expressions into calls of functions in front of the statement."""

    def __init__(self, function: gast.FunctionDef, names: Names) -> None:
        self._names = names
        self._globals = declared(function, gast.Global)
        self._elsewhere = self._globals | declared(function, gast.Nonlocal)
        self._made: list[Any] = []
        self._done: set[int] = set()

    def statement(self, node: Any) -> list[Any]:
        """Return a statement, whose blocks are done, behind the functions that its expressions need."""
        self._made = []
        self._done = {id(each) for block in blocks(node) for each in block}
        changed = super().visit(node)
        return [*self._made, changed]

    def visit(self, node: Any) -> Any:
        return node if id(node) in self._done else super().visit(node)

    def visit_FunctionDef(self, node: Any) -> Any:
        """Only what is evaluated outside of it belongs here."""
        for field in ("decorator_list", "args", "returns"):
            value = getattr(node, field, None)
            if isinstance(value, list):
                value[:] = [self.visit(each) for each in value]
            elif value is not None:
                setattr(node, field, self.visit(value))
        return node

    visit_Lambda = visit_FunctionDef

    def visit_ListComp(self, node: Any) -> Any:
        first = node.generators[0]
        first.iter = self.visit(first.iter)
        return node

    visit_SetComp = visit_DictComp = visit_ListComp

    def visit_GeneratorExp(self, node: Any) -> Any:
        first = node.generators[0]
        iterable = call(load(self._names.call("iterable"), first.iter), [self.visit(first.iter)], first.iter)
        name, values = self._names.fresh("generate"), self._names.reused("values")
        first.iter = load(values, first.iter)
        body = [statement(located(gast.Yield(node.elt), node.elt), node.elt)]
        for generator in reversed(node.generators):
            for test in reversed(generator.ifs):
                body = [located(gast.If(test, body, []), test)]
            body = [located(gast.For(generator.target, generator.iter, body, [], None), generator.target)]
        (function,) = quote("def name():\n    body", node, name=name, body=[*self._assigned(node), *body])
        function.args = parameters([values], node)
        self._made.append(function)
        return call(load(name, node), [iterable], node)

    def _assigned(self, node: Any) -> list[Any]:
        """Return declarations of what ``:=`` assigns: variables of the function around the expression."""
        targets = dict.fromkeys(each.target.id for each in gast.walk(node) if isinstance(each, gast.NamedExpr))
        self._made += [variable(name, node) for name in targets if name not in self._elsewhere]
        kinds = ((gast.Global, True), (gast.Nonlocal, False))
        declarations = ((kind, [name for name in targets if (name in self._globals) == is_it]) for kind, is_it in kinds)
        return [located(kind(found), node) for kind, found in declarations if found]

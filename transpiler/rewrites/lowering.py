"""Turns the statements of a function into generated ones: control flow becomes nested functions and calls.

Every construct has a file with a function ``(statement, lowering) -> statements``; this is what they share.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from typing import Any

import gast

from ..analysis.liveness import Liveness
from ..analysis.scopes import assigned, uses
from ..names import Names
from ..template import assign, call, constant, load, located, parameters, quote, statement, store, tuple_of

Construct = Callable[[Any, "Lowering"], list[Any]]


class Lowering:
    """The rewriting of one function's statements.

    ``convert`` rewrites an inner function whole.  ``stored`` are the variables, its own and those of functions around
    it, that are given something before its first statement.  ``hoisted`` are the functions that the expressions of
    the current statement need in front of it.
    """

    def __init__(
        self,
        names: Names,
        live: Liveness,
        constructs: Mapping[type, Construct],
        expressions: Callable[[Lowering], gast.NodeTransformer],
        convert: Callable[[gast.FunctionDef, Set[str]], gast.FunctionDef],
        stored: Set[str],
    ) -> None:
        self.names = names
        self.live = live
        self.hoisted: list[Any] = []
        self.protected = 0   # how many ``with`` and ``try`` stand around the statement at hand
        self._constructs = constructs
        self._expressions = expressions(self)
        self._convert = convert
        self._stored = {*stored}   # variables that the generated function at hand finds given something
        self._carried: frozenset[str] = frozenset()   # those it returns

    def block(self, block: Sequence[gast.stmt]) -> list[Any]:
        """Return the generated statements for ``block``."""
        made: list[Any] = []
        for node in block:
            outer, self.hoisted = self.hoisted, []
            lowered = self._constructs[type(node)](node, self) if type(node) in self._constructs else [node]
            made += [*self.hoisted, *lowered]
            self.hoisted = outer
        return made

    def convert(self, function: gast.FunctionDef) -> gast.FunctionDef:
        """Return an inner function, rewritten."""
        return self._convert(function, self._stored)

    def expression(self, node: Any) -> Any:
        """Return the generated expression for ``node``, and note the variables it gives a value to."""
        self.note([node])
        return self._expressions.visit(node)

    def note(self, nodes: Sequence[Any]) -> None:
        """Note the variables that expressions or simple statements give a value to, or take it from."""
        for node in nodes:
            for use in uses(node):
                if use.kind == "store":
                    self._stored.add(use.name)
                elif use.kind == "delete":
                    self._stored.discard(use.name)

    def region(
        self,
        name: str,
        arguments: Sequence[str],
        body: Sequence[gast.stmt],
        at: Any,
        carried: Sequence[str] | None = None,
    ) -> gast.FunctionDef:
        """Return a nested function that runs ``body`` and returns the variables ``carried``, None for nothing."""
        outer = self._stored, self._carried
        self._stored = self._stored - {*assigned(body)} | {*arguments}
        self._carried = frozenset(carried or ())
        lowered = self.block([node for node in body if not isinstance(node, gast.Pass)])
        self._stored, self._carried = outer
        if carried is not None:
            lowered.append(located(gast.Return(tuple_of([load(each, at) for each in carried], at)), at))
        (function,) = quote("def name():\n    body", at, name=name, body=lowered or [located(gast.Pass(), at)])
        function.args = parameters(arguments, at)
        return function

    def initial(self, carried: Sequence[str], at: Any) -> gast.Tuple:
        """Return what goes into a construct for the variables ``carried``."""
        values = [load(each, at) if each in self._stored else self.unbound(each, at) for each in carried]
        return tuple_of(values, at)

    def is_variable(self, name: str) -> bool:
        """Say whether a name is a variable that no call can change."""
        return name in self._stored

    def may_be_read(self, name: str, after: gast.stmt) -> bool:
        """Say whether the generated function at hand uses a variable after a statement, or returns it."""
        return name in self._carried or name in self.live.after[after]

    def with_unbound(self, node: gast.Call) -> gast.Call:
        """Return a generated call; if it checks a variable that was never given anything, it is shown why it fails.

        The variable is then unknown to the function at hand: its name might be one of a function around it.
        """
        if self.names.is_check(node):
            variable = node.args[0]
            if isinstance(variable, gast.Name) and variable.id not in self._stored:
                node.args[0] = self.unbound(variable.id, variable)
        return node

    def unbound(self, name: str, at: Any) -> gast.Call:
        return self.call("unbound", [constant(name, at)], at)

    def call(self, name: str, arguments: Sequence[Any], at: Any, **keywords: Any) -> gast.Call:
        """Return a call of the protocol."""
        return call(load(self.names.call(name), at), arguments, at, **keywords)

    def results(self, carried: Sequence[str], value: gast.expr, at: Any) -> Any:
        """Return the statement that gives the variables ``carried`` what a construct returns."""
        if not carried:
            return statement(value, at)
        self._stored.update(carried)
        return assign(tuple_of([store(each, at) for each in carried], at, gast.Store), value, at)

    def listed(self, carried: Sequence[str], at: Any) -> gast.Tuple:
        """Return the names of the variables ``carried``, as the calls of the protocol are told them."""
        return tuple_of([constant(each, at) for each in carried], at)

"""Definite assignment: which reads may find a variable without a value.

Forward over the statements of one function as the user wrote them, ``with`` having one manager each.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import gast

from .scopes import Use, every_use, uses


@dataclass(frozen=True, slots=True)
class Assignment:
    """The reads and captures of local variables that may have no value.

    ``captures`` are the names that an inner function was made with before they were certain to have a value, ``inner``
    those that a comprehension reads as one.
    """

    unproved: set[Any] = field(default_factory=set)
    captures: set[str] = field(default_factory=set)
    inner: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _State:
    surely: frozenset[str]   # have a value on every path
    reached: bool = True

    def join(self, other: _State) -> _State:
        if not (self.reached and other.reached):
            return self if self.reached else other
        return _State(self.surely & other.surely)


def definite_assignment(body: list[gast.stmt], parameters: list[str], local: list[str]) -> Assignment:
    """Return what is not proved about the variables ``local`` of a function, the parameters among them."""
    table = Assignment()
    _Walk(table, frozenset(local)).block(body, _State(frozenset(parameters)))
    return table


class _Walk:
    def __init__(self, table: Assignment, local: frozenset[str]) -> None:
        self._table = table
        self._local = local
        self._breaks: list[_State] = []

    def block(self, block: list[gast.stmt], state: _State) -> _State:
        for statement in block:
            state = self.statement(statement, state)
        return state

    def statement(self, node: Any, state: _State) -> _State:
        match node:
            case gast.If():
                state = self.expressions([node.test], state)
                return self.block(node.body, state).join(self.block(node.orelse, state))
            case gast.While():
                head = self.expressions([node.test], _at_head(node, state))
                return self.loop(node, head, replace(head, reached=head.reached and not is_true(node.test)))
            case gast.For():
                head = _at_head(node, self.expressions([node.iter], state))
                return self.loop(node, self.expressions([node.target], head), head)
            case gast.Break():
                self._breaks[-1] = self._breaks[-1].join(state)
                return replace(state, reached=False)
            case gast.Return() | gast.Continue():
                return replace(self.expressions([node], state), reached=False)
            case gast.With():
                (item,) = node.items
                state = self.expressions([item.context_expr], state)
                inside = state if item.optional_vars is None else self.expressions([item.optional_vars], state)
                self.block(node.body, inside)
                return _left_anywhere(node, state)
            case gast.Try():
                return self.try_(node, state)
            case gast.Raise():
                return replace(self.expressions([node], state), reached=False)
        return self.expressions([node], state)

    def loop(self, node: Any, inside: _State, ended: _State) -> _State:
        self._breaks.append(replace(ended, reached=False))
        self.block(node.body, inside)
        breaks = self._breaks.pop()
        return self.block(node.orelse, ended).join(breaks)

    def try_(self, node: Any, state: _State) -> _State:
        outside = _left_anywhere(node, state)
        self.block(node.body, state)
        for handler in node.handlers:
            names = [each for each in (handler.type, handler.name) if each is not None]
            self.block(handler.body, self.expressions(names, outside))
        self.block(node.orelse, outside)
        self.block(node.finalbody, outside)
        return outside

    def expressions(self, nodes: list[Any], state: _State) -> _State:
        surely = set(state.surely)
        for node in nodes:
            for use in uses(node):
                if use.kind == "store":
                    surely.add(use.name)
                else:
                    if state.reached and use.name in self._local - surely:
                        self._note(use)
                    if use.kind == "delete":
                        surely.discard(use.name)
        return replace(state, surely=frozenset(surely))

    def _note(self, use: Use) -> None:
        if use.kind == "capture":
            self._table.captures.add(use.name)
        elif use.kind == "load":
            if use.inner:
                self._table.inner.add(use.name)
            self._table.unproved.add(use.node)


def is_true(test: Any) -> bool:
    """Say whether a test is a constant that is true."""
    return isinstance(test, gast.Constant) and bool(test.value)


def _left_anywhere(node: Any, state: _State) -> _State:
    """Return what holds behind or within a ``with`` or ``try``, however much of it was run."""
    return _after_some([node], state)


def _at_head(loop: Any, state: _State) -> _State:
    """Return what holds at the head of a loop, however many rounds were run; its ``else`` comes later."""
    return _after_some(loop.body, state)


def _after_some(possible: list[Any], state: _State) -> _State:
    deleted = {use.name for use in every_use(possible) if use.kind == "delete"}
    return replace(state, surely=state.surely - deleted)

"""Live variables: which values may still be read.

Backward over the statements of one function whose loops have no ``break``, ``continue`` or ``else`` and whose only
``return`` comes last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import gast

from .scopes import Use, blocks, headers, uses

Live = frozenset[str]


@dataclass(frozen=True, slots=True)
class Liveness:
    """``before`` and ``after`` a statement, and at the ``entry`` of its blocks: for a loop before each test or item."""

    before: dict[gast.stmt, Live] = field(default_factory=dict)
    after: dict[gast.stmt, Live] = field(default_factory=dict)
    entry: dict[gast.stmt, Live] = field(default_factory=dict)
    _uses: dict[Any, list[Use]] = field(default_factory=dict)

    def uses(self, node: Any) -> list[Use]:
        """Return what an expression or simple statement does to variables, last thing first."""
        found = self._uses.get(node)
        if found is None:
            found = self._uses[node] = list(uses(node))[::-1]
        return found

    def carried(self, statement: gast.stmt, assigned: Iterable[str]) -> list[str]:
        """Return those of the variables ``assigned`` in a statement that go in and out of its blocks."""
        live = self.after[statement] | self.entry[statement]
        return [name for name in assigned if name in live]


def liveness(body: list[gast.stmt]) -> Liveness:
    """Return the live variables of a function's body."""
    table = Liveness()
    _before_block(body, frozenset(), table)
    return table


def _before_block(block: list[gast.stmt], live: Live, table: Liveness) -> Live:
    for statement in reversed(block):
        table.after[statement] = live
        live = table.before[statement] = _before(statement, live, table)
    return live


def _before(node: Any, after: Live, table: Liveness) -> Live:
    match node:
        case gast.If():
            entry = _before_block(node.body, after, table) | _before_block(node.orelse, after, table)
            table.entry[node] = entry
            return _before_expressions([node.test], entry, table)
        case gast.While():
            def round_of_while(head: Live) -> Live:
                return _before_expressions([node.test], after | _before_block(node.body, head, table), table)

            return _at_head(node, after, round_of_while, table)
        case gast.For():
            def round_of_for(head: Live) -> Live:
                inside = _before_expressions([node.target], _before_block(node.body, head, table), table)
                return after | _before_expressions(headers(node)[1:], after | inside, table)

            return _before_expressions([node.iter], _at_head(node, after, round_of_for, table), table)
        case gast.With():
            (item,) = node.items
            inside = _before_block(node.body, after, table)
            target = [] if item.optional_vars is None else [item.optional_vars]
            entry = table.entry[node] = after | _before_expressions(target, inside, table)
            return _before_expressions([item.context_expr], entry, table)
        case gast.Try():
            return _before_try(node, after, table)
        case gast.Raise():
            return _before_expressions([node], frozenset(), table)
    return _before_expressions([node], after, table)


def _at_head(node: Any, after: Live, before_round: Callable[[Live], Live], table: Liveness) -> Live:
    head, previous = after, None
    while head != previous:
        head, previous = head | before_round(head), head
    table.entry[node] = head
    return head


def _before_try(node: Any, after: Live, table: Liveness) -> Live:
    """A part may be left anywhere: what any of the others reads is live throughout."""
    entry, previous = after, None
    while entry != previous:
        previous = entry
        for block in blocks(node):
            entry |= _before_block(block, entry, table)
        entry = _before_expressions(headers(node), entry, table)
    table.entry[node] = entry
    return entry


def _before_expressions(nodes: list[Any], live: Live, table: Liveness) -> Live:
    for node in reversed(nodes):
        for use in table.uses(node):
            live = live - {use.name} if use.kind in ("store", "delete") else live | {use.name}
    return live

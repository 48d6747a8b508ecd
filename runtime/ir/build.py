"""Building graphs: scopes that import what they use from the scopes around them.

Only a ``Scope`` is ever changed; ``finish`` hands out a frozen ``Graph``.  A value of an outer scope becomes an input
of the inner one when it is first used there, so bodies are closed by construction.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .graph import NO_ARGUMENTS, Call, Graph, Location, Node, Operand, Value, map_leaves
from .types import Type

if TYPE_CHECKING:
    from ..ops.op import Op


class Scope:
    """A graph under construction.  ``captures`` maps values of ``parent`` to the inputs that stand for them here."""

    def __init__(self, parent: Scope | None = None) -> None:
        self.parent = parent
        self.inputs: list[Value] = []
        self.nodes: list[Node] = []
        self.captures: dict[Value, Value] = {}
        self._own: set[Value] = set()

    def input(self, type: Type, name: str = "") -> Value:
        """A new input, before the captures."""
        value = Value(type, name)
        self._own.add(value)
        self.inputs.append(value)
        return value

    def owns(self, value: Value) -> bool:
        return value in self._own

    def local(self, value: Value) -> Value:
        """``value`` as seen from here; raises AssertionError where its scope is not around this one."""
        if value in self._own:
            return value
        assert self.parent is not None, f"a value of type {value.type} is used outside of its scope"
        outer = self.parent.local(value)
        inner = self.captures.get(outer)
        if inner is None:
            inner = Value(outer.type, outer.name)
            self.captures[outer] = inner
            self._own.add(inner)
        return inner

    def emit(self, op: Op, inputs: Sequence[Value], types: Sequence[Type], call: Call = NO_ARGUMENTS,
             bodies: Sequence[Graph] = (), location: Location | None = None) -> tuple[Value, ...]:
        """Append a node; its results have ``types``."""
        outputs = tuple(Value(type) for type in types)
        self.nodes.append(Node(op, tuple(map(self.local, inputs)), outputs, call, tuple(bodies), location))
        self._own.update(outputs)
        return outputs

    def finish(self, outputs: Sequence[Value], captures: Sequence[Value] = ()) -> Graph:
        """The graph; its inputs are those of ``input``, then one for each of ``captures`` (values of the parent)."""
        outputs = tuple(map(self.local, outputs))
        inner = [self.captures.get(value) or Value(value.type, value.name) for value in captures]
        missing = set(self.captures) - set(captures)
        assert not missing, "a body uses values that it is not given"
        return Graph((*self.inputs, *inner), tuple(self.nodes), outputs)


def operands_of(template: Any, is_value: Any, value_of: Any) -> tuple[Any, list[Value]]:
    """Split a template into one with operands and the values they stand for; a value used twice counts once."""
    values: dict[Value, int] = {}

    def leaf(item: Any) -> Any:
        if not is_value(item):
            return item
        return Operand(values.setdefault(value_of(item), len(values)))

    return map_leaves(template, leaf), list(values)


def merged_captures(scopes: Sequence[Scope]) -> list[Value]:
    """What any of ``scopes`` uses of their parent, each once, in order of first use."""
    return list(dict.fromkeys(value for scope in scopes for value in scope.captures))

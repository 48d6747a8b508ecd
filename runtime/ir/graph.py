"""The graph: four small frozen records and one walk.

A ``Graph`` is a straight-line program; every value is defined once, before its first use, and nodes run in order, so
the order of the nodes *is* the order of effects.  Control flow is a node with closed ``bodies``: all that a body uses
is an input of it.

Values are references, as names are in Python: an array, list or object lives when the graph runs, a view is the view
NumPy makes, and a write (``update``, ``list.append``, ``store``) is a node with an effect on the thing its operand
refers to. Aliases, views, swaps and arguments seen by the caller need nothing further.  What a pass must know of
memory is a fact computed from the graph (``passes.memory``), not a record in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ..records import record
from . import writing
from .call import NO_ARGUMENTS, Call, Operand, arrange, map_leaves
from .drawing import page
from .types import Type

if TYPE_CHECKING:
    from ..ops.op import Op

__all__ = ["NO_ARGUMENTS", "Call", "Graph", "Location", "Node", "Operand", "Value", "arrange", "interpret",
           "map_leaves", "same", "walk"]


@record
class Location:
    """The user's line a node came from; ``column`` counts characters from 0."""

    filename: str
    line: int
    column: int = 0
    end_column: int = 0
    function: str = ""


@record(eq=False)
class Value:
    """What a node gives, or an input.  Compared by identity: two values may share a type."""

    type: Type
    name: str = ""


@record(eq=False)
class Node:
    """One application of an op: ``outputs = op(call arranged with inputs)``; control flow has ``bodies``."""

    op: Op
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]
    call: Call = NO_ARGUMENTS
    bodies: tuple[Graph, ...] = ()
    location: Location | None = None


@record(eq=False)
class Graph:
    """A straight-line program: every value is defined once, before its first use.

    Graphs are equal where they differ only in which objects their values are and how these and unknown dimensions
    are called.
    """

    inputs: tuple[Value, ...]
    nodes: tuple[Node, ...]
    outputs: tuple[Value, ...]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Graph) and same(self, other)

    def __hash__(self) -> int:
        return hash((len(self.inputs), tuple([node.op.name for node in self.nodes]), len(self.outputs)))

    def __str__(self) -> str:
        return writing.show(self)

    def _repr_html_(self) -> str:
        """The picture, as notebooks show it."""
        return page.fragment(self)


def interpret(graph: Graph, arguments: Sequence[Any], apply: Callable[[Node, list[Any]], Sequence[Any]]) -> list[Any]:
    """Walk ``graph`` in order, asking ``apply`` for the results of each node."""
    environment = dict(zip(graph.inputs, arguments, strict=True))
    for node in graph.nodes:
        results = apply(node, [environment[value] for value in node.inputs])
        environment.update(zip(node.outputs, results, strict=True))
    return [environment[value] for value in graph.outputs]


def walk(graph: Graph) -> Iterator[Node]:
    """Every node of ``graph`` and of the bodies inside it, outer before inner."""
    pending = [iter(graph.nodes)]
    while pending:
        for node in pending[-1]:
            yield node
            if node.bodies:
                pending += [iter(body.nodes) for body in reversed(node.bodies)]
                break
        else:
            pending.pop()


def same(g: Graph, h: Graph, *, locations: bool = True) -> bool:
    """Whether two graphs are equal, with or without regard to the lines their nodes came from."""
    return g is h or writing.identity(g, locations=locations) == writing.identity(h, locations=locations)

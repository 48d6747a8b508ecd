"""The graph: four small frozen records and one walk.

A ``Graph`` is a straight-line program; every value is defined once, before its first use, and nodes run in order, so the order
of the nodes *is* the order of effects.  Control flow is a node with closed ``bodies``: all that a body uses is an input of it.

Values are references, as names are in Python: an array, list or object lives when the graph runs, a view is the view NumPy makes,
and a write (``update``, ``list.append``, ``store``) is a node with an effect on the thing its operand refers to.
Aliases, views, swaps and arguments seen by the caller need nothing further.  What a pass must know of memory
is a fact computed from the graph (``passes.memory``), not a record in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .types import Type

if TYPE_CHECKING:
    from ..ops.op import Op


@dataclass(frozen=True, slots=True)
class Location:
    """The user's line a node came from; ``column`` counts characters from 0."""

    filename: str
    line: int
    column: int = 0
    end_column: int = 0
    function: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """What a node gives, or an input.  Compared by identity: two values may share a type."""

    type: Type
    name: str = ""


@dataclass(frozen=True, slots=True)
class Operand:
    """Stands for ``node.inputs[index]`` in the arguments of a call."""

    index: int


@dataclass(frozen=True, slots=True)
class Call:
    """How operands and constants are arranged: ``op(*args, **kwargs)`` with an ``Operand`` wherever a value goes.

    Operands may stand inside tuples, lists, slices and dicts: ``get_item(Operand(0), (slice(None, Operand(1)), 0))``.
    """

    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One application of an op: ``outputs = op(call arranged with inputs)``, with ``bodies`` where the op is control flow."""

    op: Op
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...]
    call: Call = Call()
    bodies: tuple[Graph, ...] = ()
    location: Location | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """A straight-line program: every value is defined once, before its first use."""

    inputs: tuple[Value, ...]
    nodes: tuple[Node, ...]
    outputs: tuple[Value, ...]


def interpret(graph: Graph, arguments: Sequence[Any], apply: Callable[[Node, list[Any]], Sequence[Any]]) -> list[Any]:
    """Walk ``graph`` in order, asking ``apply`` for the results of each node."""
    environment = dict(zip(graph.inputs, arguments, strict=True))
    for node in graph.nodes:
        results = apply(node, [environment[value] for value in node.inputs])
        environment.update(zip(node.outputs, results, strict=True))
    return [environment[value] for value in graph.outputs]


def arrange(template: Any, operands: Sequence[Any]) -> Any:
    """``template`` with each ``Operand`` replaced by what stands for it in ``operands``."""
    return map_leaves(template, lambda leaf: operands[leaf.index] if isinstance(leaf, Operand) else leaf)


def map_leaves(template: Any, function: Callable[[Any], Any]) -> Any:
    """``template`` with ``function`` applied to what is not a tuple, list, slice or dict."""
    kind = type(template)
    if kind is tuple or kind is list:
        return kind([map_leaves(item, function) for item in template])
    if kind is slice:
        return slice(*(map_leaves(part, function) for part in (template.start, template.stop, template.step)))
    if kind is dict:
        return {key: map_leaves(item, function) for key, item in template.items()}
    return function(template)


def walk(graph: Graph) -> Iterator[Node]:
    """Every node of ``graph`` and of the bodies inside it, outer before inner."""
    for node in graph.nodes:
        yield node
        for body in node.bodies:
            yield from walk(body)

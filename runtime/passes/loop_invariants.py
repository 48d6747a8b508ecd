"""Computing before a loop what every turn would compute again."""

from __future__ import annotations

from dataclasses import replace

from ..ir.dims import Dim, lower_bound
from ..ir.graph import Graph, Node, Value, walk
from ..ir.slices import slice_length
from ..ir.types import NEVER, ArrayType, RangeType, TupleType, Type
from .bodies import LOOPS, captures, entries
from .effects import has_effect, is_movable, may_raise, may_warn, written_operands
from .memory import Memory, memory
from .rewrite import map_bodies, reading, rename
from .roots import Roots


def hoist_loop_invariants(graph: Graph) -> Graph:
    """Move a call out of a loop if it gives the same in every turn and nobody can tell that it runs once, before.

    Before::

        graph(%x: f8[n], %numbers: range[0, 3, 1], %s: f8):
          %1: f8 = for_loop[%numbers, %s, %x](carried=1)
            body(%2: int, %3: f8, %4: f8[n]):
              %5: int = builtins.len(%4)
              %6: f8 = operator.mul(%3, %5)
              return %6
          return %1

    After::

        graph(%x: f8[n], %numbers: range[0, 3, 1], %s: f8):
          %1: int = builtins.len(%x)
          %2: f8 = for_loop[%numbers, %s, %x, %1](carried=1)
            body(%3: int, %4: f8, %5: f8[n], %6: int):
              %7: f8 = operator.mul(%4, %6)
              return %7
          return %2

    What may raise never moves; what may warn moves only where the loop is certain to come to it.  A result that is
    written, returned, kept or compared by identity is made anew in each turn, as is what reads what the loop writes.
    """
    if not any(node.op.name in LOOPS for node in walk(graph)):
        return graph
    return _hoisted(graph, memory(graph))


def _hoisted(graph: Graph, facts: Memory) -> Graph:
    nodes: list[Node] = []
    for node in graph.nodes:
        inside = map_bodies(node, lambda body: _hoisted(body, facts))
        if node.op.name in LOOPS:
            moved, inside = _split(inside, facts.written([node]), facts)
            nodes += moved
        nodes.append(inside)
    return replace(graph, nodes=tuple(nodes))


def _split(loop: Node, written: Roots, facts: Memory) -> tuple[list[Node], Node]:
    """What can be computed before ``loop``, and what is left of it."""
    outside = {inner: outer for outer, inners in captures(loop) for inner in inners}
    moved: list[Node] = []
    bodies: list[Graph] = []
    for entry in entries(loop):
        certain = _runs(loop, entry.body)
        kept: list[Node] = []
        for node in entry.body.nodes:
            if outside.keys() >= set(node.inputs) and _is_invariant(node, written, facts, certain):
                moved.append(reading(node, outside))
                outside.update((output, output) for output in node.outputs)
                continue
            certain = certain and not may_raise(node) and not has_effect(node)
            kept.append(node)
        bodies.append(replace(entry.body, nodes=tuple(kept)))
    made = [output for node in moved for output in node.outputs]
    return moved, replace(loop, inputs=(*loop.inputs, *made), bodies=tuple([_given(body, made) for body in bodies]))


def _given(body: Graph, values: list[Value]) -> Graph:
    """``body`` with ``values`` as further inputs."""
    inputs = {value: Value(value.type, value.name) for value in values}
    nodes = tuple([reading(node, inputs) for node in body.nodes])
    return Graph((*body.inputs, *inputs.values()), nodes, rename(body.outputs, inputs))


def _is_invariant(node: Node, written: Roots, facts: Memory, certain: bool) -> bool:
    """Whether ``node``, whose operands do not change, may run once instead of in each turn."""
    if any(output.type == NEVER or not facts.is_private(output) for output in node.outputs):
        return False
    if not written.isdisjoint(facts.reachable(node.inputs)) or node.op.name == "constant":
        return False
    if is_movable(node):
        return True
    if node.bodies or has_effect(node) or may_raise(node) or written_operands(node):
        return False
    return certain and may_warn(node)


def _runs(loop: Node, body: Graph) -> bool:
    """Whether ``body`` certainly begins to run: a test does, and a body without one whose iterable is not empty."""
    if loop.op.name == "while_loop":
        return body is loop.bodies[0]
    if len(loop.bodies) > 1:
        return body is loop.bodies[1] and _at_least_one(loop.inputs[0].type)
    return _at_least_one(loop.inputs[0].type)


def _at_least_one(iterable: Type) -> bool:
    length: Dim = 0
    match iterable:
        case ArrayType(_, (first, *_)):
            length = first
        case TupleType(items):
            length = len(items)
        case RangeType(int() as start, stop, int() as step) if start >= 0 and stop is not None:
            length = slice_length(start, stop, step, stop) if step > 0 else 0
    return (lower_bound(length) or 0) >= 1

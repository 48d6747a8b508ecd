"""Removing what nobody reads and nobody would miss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..ir.call import Call
from ..ir.graph import Graph, Node, Value
from ..ir.types import NEVER
from .bodies import LOOPS, captures, carried_count, carried_inputs, turning
from .effects import is_removable
from .rewrite import map_bodies


def remove_dead_code(graph: Graph) -> Graph:
    """Drop every node whose results nobody reads, if it has no effect and can neither raise nor warn.

    What the bodies of control flow do not need is no longer handed to them or out of them.

    Before::

        graph(%x: f8[n], %flag: bool):
          %1: tuple[int] = shape(%x)
          %2: f8 = get_item(%x, 0)
          %3: f8[n], %4: f8[n] = cond[%flag, %x, %2](%flag)
            then(%5: f8[n], %6: f8):
              %7: bool = operator.is(%6, None)
              return %5, %5
            otherwise(%8: f8[n], %9: f8):
              %10: f8[n] = negative(%8)
              return %10, %8
          return %3

    After::

        graph(%x: f8[n], %flag: bool):
          %1: f8 = get_item(%x, 0)
          %2: f8[n] = cond[%flag, %x](%flag)
            then(%3: f8[n]):
              return %3
            otherwise(%4: f8[n]):
              %5: f8[n] = negative(%4)
              return %5
          return %2

    The unread ``x[0]`` stays: it raises where ``x`` is empty.
    """
    live = set(graph.outputs)
    kept: list[Node] = []
    for node in reversed(graph.nodes):
        if not live.intersection(node.outputs) and is_removable(node):
            continue
        if node.bodies:
            node = _pruned(node, live)
        live.update(node.inputs)
        kept.append(node)
    return replace(graph, nodes=tuple(reversed(kept)))


def _pruned(node: Node, live: set[Value]) -> Node:
    """``node`` with only the results in ``live``, and bodies that take only what they use."""
    if node.op.name == "cond":
        wanted = [i for i, output in enumerate(node.outputs) if output in live or output.type == NEVER]
        node = replace(node, outputs=_pick(node.outputs, wanted),
                       bodies=tuple([replace(body, outputs=_pick(body.outputs, wanted)) for body in node.bodies]))
    if node.op.name in LOOPS and len(node.outputs) == carried_count(node):
        return _without_dead_captures(_without_dead_variables(node, live))
    return _without_dead_captures(map_bodies(node, remove_dead_code))


def _without_dead_variables(node: Node, live: set[Value]) -> Node:
    """A loop without the carried values that are read neither after it nor in any turn for the sake of another.

    What its bodies compute for nobody is removed, too; this is done once more only where another value is found read,
    since each time goes over all loops inside.
    """
    count = carried_count(node)
    standing = carried_inputs(node)
    wanted = {i for i in range(count) if node.outputs[i] in live}
    while True:
        bodies = [remove_dead_code(_giving(body, node, sorted(wanted))) for body in node.bodies]
        read = set().union(*map(_read, bodies))
        found = wanted | {i for i in range(count) if read.intersection(standing[i])}
        if found == wanted:
            break
        wanted = found
    if len(wanted) == count:
        return replace(node, bodies=tuple(bodies))
    dropped = {value for i in range(count) if i not in wanted for value in standing[i]}
    first = 1 if node.op.name == "for_loop" else 0
    kept = [i for i in range(len(node.inputs)) if not first <= i < first + count or i - first in wanted]
    call = Call(node.call.args, {**node.call.kwargs, "carried": len(wanted)})
    return replace(node, inputs=_pick(node.inputs, kept), outputs=_pick(node.outputs, sorted(wanted)), call=call,
                   bodies=tuple([_taking_no(dropped, body) for body in bodies]))


def _giving(body: Graph, node: Node, wanted: Sequence[int]) -> Graph:
    """``body`` with only the carried values ``wanted``, if it is the body that gives them."""
    return replace(body, outputs=_pick(body.outputs, wanted)) if body is turning(node) else body


def _without_dead_captures(node: Node) -> Node:
    """``node`` without the captures that no body reads."""
    read = set().union(*map(_read, node.bodies))
    dead = [inners for _, inners in captures(node) if not read.intersection(inners)]
    if not dead:
        return node
    dropped = {value for inners in dead for value in inners}
    first = len(node.inputs) - len(captures(node))
    kept = [*range(first), *(first + i for i, (_, inners) in enumerate(captures(node)) if inners not in dead)]
    bodies = tuple([_taking_no(dropped, body) for body in node.bodies])
    return replace(node, inputs=_pick(node.inputs, kept), bodies=bodies)


def _taking_no(dropped: set[Value], body: Graph) -> Graph:
    """``body`` without the inputs ``dropped``."""
    return replace(body, inputs=tuple([value for value in body.inputs if value not in dropped]))


def _read(graph: Graph) -> set[Value]:
    return set(graph.outputs).union(*(node.inputs for node in graph.nodes))


def _pick(values: tuple[Value, ...], wanted: Sequence[int]) -> tuple[Value, ...]:
    return tuple([values[i] for i in wanted])

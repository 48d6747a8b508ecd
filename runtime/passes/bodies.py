"""How values get into the bodies of control flow: the layouts that ``ops.control`` describes, as pairs."""

from __future__ import annotations

from collections.abc import Sequence

from ..ir.graph import Graph, Node, Value
from ..records import record

LOOPS = ("while_loop", "for_loop")


@record(eq=False)
class Entry:
    """One body: which inputs are inputs of the node (``flows``: outer and inner value), and which the node makes."""

    body: Graph
    flows: tuple[tuple[Value, Value], ...]
    made: tuple[Value, ...]


def entries(node: Node) -> list[Entry]:
    """How each body of ``node`` is entered.  Of an unknown op the last inputs of a body are those of the node."""
    return [_entry(node, body) for body in node.bodies]


def _entry(node: Node, body: Graph) -> Entry:
    outer = node.inputs[1:] if node.op.name in ("cond", "for_loop", "with_") else node.inputs
    own = max(len(body.inputs) - len(outer), 0)
    return Entry(body, tuple(zip(outer, body.inputs[own:])), body.inputs[:own])


def carried_count(node: Node) -> int:
    """How many values a loop hands from one turn to the next; 0 for anything else."""
    return node.call.kwargs["carried"] if node.op.name in LOOPS else 0


def turning(node: Node) -> Graph | None:
    """The body of a loop, which gives the carried values of the next turn."""
    return node.bodies[-1] if node.op.name == "while_loop" else node.bodies[0] if node.op.name == "for_loop" else None


def starts(node: Node) -> Sequence[Value]:
    """The carried values before the first turn of a loop."""
    offset = 1 if node.op.name == "for_loop" else 0
    return node.inputs[offset:offset + carried_count(node)]


def carried_inputs(node: Node) -> list[list[Value]]:
    """For each carried value of a loop, the inputs of its bodies that stand for it."""
    flows = [entry.flows for entry in entries(node)]
    return [[pairs[i][1] for pairs in flows] for i in range(carried_count(node))]


def captures(node: Node) -> list[tuple[Value, list[Value]]]:
    """What all bodies of ``node`` are given unchanged: the value outside and the inputs that stand for it."""
    flows = [entry.flows for entry in entries(node)]
    return [(flows[0][i][0], [pairs[i][1] for pairs in flows])
            for i in range(carried_count(node), min(map(len, flows), default=0))]

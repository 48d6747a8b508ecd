"""Computing once what is computed twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from ..errors import UnwritableConstant
from ..ir import literals
from ..ir.call import Operand
from ..ir.graph import Graph, Node, Value, walk
from ..ir.types import NEVER, covers
from ..ops.warning_filters import RECORDING
from .bodies import captures
from .effects import has_effect, is_barrier, may_warn, written_operands
from .memory import Memory, memory
from .rewrite import map_bodies, reading, rename

Key: TypeAlias = tuple[str, str, tuple[Value, ...]]


def merge_common_subexpressions(graph: Graph) -> Graph:
    """Replace a call by the result of an equal earlier call, where nobody can tell the two results apart.

    Before::

        graph(%x: f8[n], %i: int):
          %1: f8[n] = multiply(%x, 2.0)
          %2: f8[n] = multiply(%x, 2.0)
          %3: None = update(%x, %i, 1.0)
          %4: f8[n] = multiply(%x, 2.0)
          %5: f8[n] = add(%1, %2)
          %6: f8[n] = add(%5, %4)
          return %6

    After::

        graph(%x: f8[n], %i: int):
          %1: f8[n] = multiply(%x, 2.0)
          %2: None = update(%x, %i, 1.0)
          %3: f8[n] = multiply(%x, 2.0)
          %4: f8[n] = add(%1, %1)
          %5: f8[n] = add(%4, %3)
          return %5

    Equal calls give equal results while nothing they read is written in between; results that are written, returned,
    kept in a container or compared by identity stay two things.  The first of two equal calls has not raised when the
    second would run, so no exception is lost; where warnings are recorded, none of these is.
    """
    records = any(node.op is RECORDING for node in walk(graph))
    return _merged(graph, memory(graph), {}, has_effect if not records else _has_effect_or_warns)


def _has_effect_or_warns(node: Node) -> bool:
    return has_effect(node) or may_warn(node)


def _merged(graph: Graph, facts: Memory, names: dict[Value, Value], is_seen: Callable[[Node], bool]) -> Graph:
    """``graph`` with its values called as in ``names``, to which those that are merged are added."""
    available: dict[Key, Node] = {}
    kept: list[Node] = []
    for original in graph.nodes:
        node = reading(original, names)
        captured = _captured_twice(node)
        node = map_bodies(node, lambda body, captured=captured: _merged(body, facts, dict(captured), is_seen))
        if is_barrier(original):
            available.clear()
        written = facts.written([original])
        if written:
            available = {key: earlier for key, earlier in available.items()
                         if written.isdisjoint(facts.reachable(earlier.inputs))}
        key = _key(node)
        if key is not None and all(map(facts.is_private, node.outputs)) and not is_seen(node):
            earlier = available.get(key)
            if earlier is not None and all(covers(a.type, b.type) for a, b in zip(node.outputs, earlier.outputs)):
                names.update(zip(node.outputs, earlier.outputs))
                continue
            available[key] = node
        kept.append(node)
    return replace(graph, nodes=tuple(kept), outputs=rename(graph.outputs, names))


def _captured_twice(node: Node) -> dict[Value, Value]:
    """Inputs of bodies that stand for a value which an earlier input stands for already, and those."""
    first: dict[Value, list[Value]] = {}
    return {inner: known for outer, inners in captures(node)
            for inner, known in zip(inners, first.setdefault(outer, inners)) if inner is not known}


def _key(node: Node) -> Key | None:
    """What equal calls have in common, or None for what is never merged."""
    if node.bodies or written_operands(node) or any(output.type == NEVER for output in node.outputs):
        return None
    try:
        args = literals.write((node.call.args, dict(node.call.kwargs)), _operand)
    except UnwritableConstant:
        return None
    return node.op.name, args, node.inputs


def _operand(item: object) -> str | None:
    return f"${item.index}" if isinstance(item, Operand) else None

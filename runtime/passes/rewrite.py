"""What passes share: replacing values, renumbering operands, visiting the bodies of control flow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ..ir.call import Call, Operand, map_leaves
from ..ir.graph import Graph, Node, Value

Renaming = Mapping[Value, Value]


def renamed(graph: Graph, names: Renaming) -> Graph:
    """``graph`` with values replaced wherever they are read; bodies are closed, so only the inputs of nodes change."""
    if not names:
        return graph
    nodes = tuple([replace(node, inputs=rename(node.inputs, names)) for node in graph.nodes])
    return replace(graph, nodes=nodes, outputs=rename(graph.outputs, names))


def rename(values: tuple[Value, ...], names: Renaming) -> tuple[Value, ...]:
    return tuple([names.get(value, value) for value in values])


def map_bodies(node: Node, function: Callable[[Graph], Graph]) -> Node:
    """``node`` with ``function`` applied to each of its bodies."""
    return replace(node, bodies=tuple(map(function, node.bodies))) if node.bodies else node


def with_constants(node: Node, constants: Mapping[Value, Any]) -> Node:
    """``node`` with the inputs in ``constants`` written into the call; the others keep their order."""
    kept = [value for value in node.inputs if value not in constants]
    if len(kept) == len(node.inputs):
        return node
    position = {value: i for i, value in enumerate(dict.fromkeys(kept))}

    def leaf(item: Any) -> Any:
        if not isinstance(item, Operand):
            return item
        value = node.inputs[item.index]
        return constants[value] if value in constants else Operand(position[value])

    args, kwargs = map_leaves((node.call.args, dict(node.call.kwargs)), leaf)
    return replace(node, inputs=tuple(position), call=Call(args, kwargs))

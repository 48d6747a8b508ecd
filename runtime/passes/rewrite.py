"""What passes share: replacing values, renumbering operands, visiting the bodies of control flow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ..ir.call import Call, Operand, map_leaves
from ..ir.graph import Graph, Node, Value

Renaming = Mapping[Value, Value]


def rename(values: tuple[Value, ...], names: Renaming) -> tuple[Value, ...]:
    return tuple([names.get(value, value) for value in values])


def map_bodies(node: Node, function: Callable[[Graph], Graph]) -> Node:
    """``node`` with ``function`` applied to each of its bodies."""
    return replace(node, bodies=tuple(map(function, node.bodies))) if node.bodies else node


def reading(node: Node, names: Renaming, constants: Mapping[Value, Any] | None = None) -> Node:
    """``node`` with its inputs called as in ``names``; those in ``constants`` are written into the call.

    An input that is now there twice counts once, as it does where graphs are made.
    """
    known = constants or {}
    inputs = rename(node.inputs, names)
    kept = tuple(dict.fromkeys(value for value in inputs if value not in known))
    if node.bodies or len(kept) == len(inputs):
        return node if inputs == node.inputs else replace(node, inputs=inputs)

    def leaf(item: Any) -> Any:
        if not isinstance(item, Operand):
            return item
        value = inputs[item.index]
        return known[value] if value in known else Operand(kept.index(value))

    args, kwargs = map_leaves((node.call.args, dict(node.call.kwargs)), leaf)
    return replace(node, inputs=kept, call=Call(args, kwargs))

"""Removing objects that are only written."""

from __future__ import annotations

from dataclasses import replace
from types import WrapperDescriptorType

from ..ir.call import Operand
from ..ir.graph import Graph, Node, Value
from ..ir.types import ObjectType
from .bodies import captures
from .rewrite import map_bodies

MAKERS = ("variables", "allocate")


def remove_unread_objects(graph: Graph) -> Graph:
    """Drop every object whose attributes are set and never read, and that nothing else refers to.

    What tracing knows of an object it does not load, so such objects are common: the variables that functions share,
    and generators that are gone over where they are made.

    Before::

        graph(%x: f8[n]):
          %1: object[@tograph.runtime.ops.effects:Variables] = variables()
          %2: None = store(%1, 'x', %x)
          %3: f8 = get_item(%x, 0)
          return %3

    After::

        graph(%x: f8[n]):
          %1: f8 = get_item(%x, 0)
          return %1

    What was set is still computed; ``remove_dead_code`` collects it if nobody else reads it.
    """
    while True:
        unread = _made(graph) - _read(graph)
        if not unread:
            return graph
        graph = _without(graph, unread)


def _made(graph: Graph) -> set[Value]:
    found = {node.outputs[0] for node in graph.nodes if node.op.name in MAKERS and _is_plain(node)}
    return found.union(*(_made(body) for node in graph.nodes for body in node.bodies))


def _is_plain(node: Node) -> bool:
    """Whether neither setting attributes of the new object nor its end is noticed by its class."""
    type_ = node.outputs[0].type
    if not isinstance(type_, ObjectType):
        return False
    cls = type_.cls
    described = any(hasattr(type(item), "__set__") for base in cls.__mro__[:-1] for item in vars(base).values()
                    if not isinstance(item, (staticmethod, type)) and not _is_own_slot(item))
    return isinstance(cls.__setattr__, WrapperDescriptorType) and not hasattr(cls, "__del__") and not described


def _is_own_slot(item: object) -> bool:
    return getattr(item, "__name__", "") in ("__dict__", "__weakref__")


def _target(node: Node) -> Value | None:
    """The object whose attribute a node sets."""
    if node.op.name != "store" or not node.call.args or not isinstance(node.call.args[0], Operand):
        return None
    return node.inputs[node.call.args[0].index]


def _read(graph: Graph) -> set[Value]:
    """What is used otherwise than by having an attribute set."""
    found = set(graph.outputs)
    for node in graph.nodes:
        target = _target(node)
        if target is not None:
            others = [item for item in node.call.args[2:]]
            found |= {value for value in node.inputs if value is not target or _mentions(others, node, target)}
            continue
        if not node.bodies:
            found |= set(node.inputs)
            continue
        inner = set().union(*map(_read, node.bodies))
        pairs = captures(node)
        found |= inner | set(node.inputs[: len(node.inputs) - len(pairs)])
        found |= {outer for outer, inners in pairs if inner.intersection(inners)}
    return found


def _mentions(items: object, node: Node, value: Value) -> bool:
    if isinstance(items, Operand):
        return node.inputs[items.index] is value
    if isinstance(items, (list, tuple)):
        return any(_mentions(item, node, value) for item in items)
    return isinstance(items, type) or bool(items) and not isinstance(items, (str, int, float, complex))


def _without(graph: Graph, unread: set[Value]) -> Graph:
    """``graph`` without the objects ``unread`` and what is set in them."""
    kept: list[Node] = []
    for node in graph.nodes:
        if node.op.name in MAKERS and node.outputs[0] in unread or _target(node) in unread:
            continue
        if node.bodies:
            pairs = captures(node)
            inner = {value for outer, inners in pairs if outer in unread for value in inners}
            node = map_bodies(node, lambda body, gone=unread | inner: _without(body, gone))
            first = len(node.inputs) - len(pairs)
            keep = [*range(first), *(first + i for i, (outer, _) in enumerate(pairs) if outer not in unread)]
            bodies = tuple([replace(body, inputs=tuple([v for v in body.inputs if v not in inner]))
                            for body in node.bodies])
            node = replace(node, inputs=tuple([node.inputs[i] for i in keep]), bodies=bodies)
        kept.append(node)
    return replace(graph, nodes=tuple(kept))

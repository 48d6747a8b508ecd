"""Planted faults inside the engine: a graph is changed between tracing and compilation, or a check is left out.

Together with ``faults``, which stand around a graph function, they show that the harness finds what an engine or a
pass may break. The places in the engine are named by text, since it stands above this module.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from typing import Any
from unittest import mock

import numpy as np

from ..ir.graph import Graph, Node
from .equivalence import Engine
from .faults import Fault

TRACES = f"{__name__.removesuffix('.testing.graph_faults')}.traces"
GRAPH_FAULTS: dict[str, Fault] = {}
Kernel = Callable[..., Any]


def rewritten(graph: Graph, change: Callable[[Node], tuple[Node, ...]]) -> Graph:
    """``graph`` with each node, in bodies too, replaced by what ``change`` gives for it."""
    nodes: list[Node] = []
    for node in graph.nodes:
        bodies = tuple(rewritten(body, change) for body in node.bodies)
        nodes.extend(change(replace(node, bodies=bodies) if bodies else node))
    return replace(graph, nodes=tuple(nodes))


def _register(title: str, change: Callable[[Node], tuple[Node, ...]]) -> None:
    @contextmanager
    def plant(engine: Engine) -> Iterator[Engine]:
        compile_graph = import_module(TRACES).compile_graph

        def broken(graph: Graph, *rest: Any) -> Any:
            return compile_graph(rewritten(graph, change), *rest)

        with mock.patch(f"{TRACES}.compile_graph", broken):
            yield engine

    GRAPH_FAULTS[title] = Fault(title, plant)


def broken_kernel(title: str, *ops: str, kernel: Callable[[Kernel], Kernel]) -> None:
    """Register a fault in which the kernel of each of ``ops`` is another; a new name keeps it from being inlined."""

    def change(node: Node) -> tuple[Node, ...]:
        if node.op.name not in ops:
            return (node,)
        old = node.op.kernel
        return (replace(node, op=replace(node.op, name="broken", kernel=lambda xp: kernel(old(xp)))),)

    _register(title, change)


def constant_answer(title: str, place: str, result: Any) -> None:
    """Register a fault in which a function of the engine gives ``result``, whatever it is asked."""

    @contextmanager
    def plant(engine: Engine) -> Iterator[Engine]:
        with mock.patch(f"{TRACES}.{place}", lambda *arguments: result):
            yield engine

    GRAPH_FAULTS[title] = Fault(title, plant)


def _copied(value: Any) -> Any:
    return value.copy() if isinstance(value, np.ndarray) else value


def _in_place_as_new(kernel: Kernel) -> Kernel:
    return lambda left, right: kernel(_copied(left), right)


def _first_result(kernel: Kernel) -> Kernel:
    results: list[Any] = []

    def repeated(*arguments: Any) -> Any:
        results.append(kernel(*arguments))
        return results[0]

    return repeated


def _drawn_twice(kernel: Kernel) -> Kernel:
    def drawn(generator: Any, *arguments: Any) -> Any:
        result = kernel(generator, *arguments)
        kernel(generator)
        return result

    return drawn


broken_kernel("an item is not stored", "update", kernel=lambda kernel: lambda *arguments: None)
broken_kernel("an item is stored into a copy", "update", kernel=lambda kernel: lambda x, *to: kernel(_copied(x), *to))
broken_kernel("an item is stored twice", "operator.iadd", kernel=lambda kernel: lambda x, y: kernel(kernel(x, y), y))
broken_kernel("an in-place operator makes a new array", "operator.iadd", kernel=_in_place_as_new)
broken_kernel("an item that is a view is copied", "get_item", kernel=lambda kernel: lambda *all: _copied(kernel(*all)))
broken_kernel("a list's append is left out", "container.append", kernel=lambda kernel: lambda *arguments: None)
broken_kernel("a print is left out", "print", kernel=lambda kernel: lambda *arguments: None)
broken_kernel("an attribute is not stored", "store", kernel=lambda kernel: lambda *arguments: None)
broken_kernel("np.power for **", "operator.pow", kernel=lambda kernel: lambda x, y: np.power(x, np.float64(y)))
broken_kernel("a length is as at the first call", "builtins.len", kernel=_first_result)
broken_kernel("a random number more is drawn", "random.Generator.random", kernel=_drawn_twice)


def _turned(node: Node) -> tuple[Node, ...]:
    return (replace(node, bodies=node.bodies[::-1]),) if node.op.name == "cond" else (node,)


def _last_node_of_loop(node: Node) -> tuple[Node, ...]:
    if node.op.name not in ("for_loop", "while_loop"):
        return (node,)
    *first, body = node.bodies
    effects = [inner for inner in body.nodes if not inner.outputs]
    return (replace(node, bodies=(*first, replace(body, nodes=tuple(n for n in body.nodes if n not in effects[-1:])))),)


_register("the branches of an if are exchanged", _turned)
_register("the last effect of a loop's body is left out", _last_node_of_loop)
_register("a raise is left out", lambda node: () if node.op.name == "raise" else (node,))
constant_answer("guards are not checked", "Trace.failure", None)
constant_answer("the key is the same for all arguments", "TraceCache.key", ((), ()))

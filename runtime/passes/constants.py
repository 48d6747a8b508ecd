"""Computing what is known before the graph runs."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from types import BuiltinFunctionType, EllipsisType, FunctionType, NoneType
from typing import Any, TypeAlias

import numpy as np

from ..ir.call import Call, map_leaves
from ..ir.graph import Graph, Node, Value
from ..ir.types import BOOL
from ..ops.effects import CONSTANT
from .bodies import captures, entries
from .effects import has_effect, written_operands
from .memory import Memory, memory
from .rewrite import reading, rename

NUMBERS = (bool, int, float, complex)
FIXED = (*NUMBERS, str, bytes, NoneType, EllipsisType)                                # nobody can change them
SINGLE = (bool, NoneType, EllipsisType)                                               # there is one of each
REFERENCES = (type, FunctionType, BuiltinFunctionType, np.dtype, np.ufunc)
GROWING = frozenset({"pow", "power", "lshift", "left_shift", "mul", "multiply", "factorial", "comb", "perm"})
LARGEST = 64        # numbers beyond this are not given to ops whose results may be huge

Constants: TypeAlias = Mapping[Value, Any]
Facts: TypeAlias = Callable[[], Memory]     # asked for only where a call can be computed


def fold_constants(graph: Graph) -> Graph:
    """Write constants into the calls that use them, compute calls on constants alone, and choose known branches.

    Before::

        graph(%x: f8[n]):
          %1: int = constant(3)
          %2: int = operator.sub(%1, 1)
          %3: bool = operator.gt(%2, 0)
          %4: f8[n] = cond[%3, %x, %2](%3)
            then(%5: f8[n], %6: int):
              %7: f8[n] = multiply(%5, %6)
              return %7
            otherwise(%8: f8[n], %9: int):
              return %8
          return %4

    After::

        graph(%x: f8[n]):
          %1: int = constant(3)
          %2: int = constant(2)
          %3: bool = constant(True)
          %4: f8[n] = multiply(%x, 2)
          return %4

    A call that raises or warns is left to run; what is unread afterwards is dead code.
    """
    return _folded(graph, {}, functools.cache(lambda: memory(graph)))


def _folded(graph: Graph, known: Constants, facts: Facts) -> Graph:
    nodes, outputs = _fold(graph, dict(known), facts)
    return replace(graph, nodes=tuple(nodes), outputs=outputs)


def _fold(graph: Graph, known: dict[Value, Any], facts: Facts) -> tuple[list[Node], tuple[Value, ...]]:
    """The nodes and outputs of ``graph``, given values that are ``known``."""
    names: dict[Value, Value] = {}
    found: list[Node] = []
    for node in graph.nodes:
        node = reading(node, names)
        if node.bodies:
            branch = _known_branch(node, known)
            if branch is None:
                found.append(replace(node, bodies=tuple(_folded_bodies(node, known, facts))))
                continue
            inlined, outputs = _fold(*_opened(node, branch, known), facts)
            found += inlined
            names.update(zip(node.outputs, outputs))
            continue
        node = _computed(reading(node, {}, _usable(node, known)), facts)
        found.append(node)
        if node.op is CONSTANT and _is_fixed(node.call.args[0]):
            known[node.outputs[0]] = node.call.args[0]
    return found, rename(graph.outputs, names)


def _usable(node: Node, known: Constants) -> Constants:
    """Those of ``known`` that may stand in the call: where identity is compared, a number written anew is another."""
    if node.op.name not in ("operator.is", "operator.is_not"):
        return known
    return {value: known[value] for value in node.inputs if value in known and isinstance(known[value], SINGLE)}


def _known_branch(node: Node, known: Constants) -> Graph | None:
    """The branch of a ``cond`` that is taken, where that is known."""
    if node.op.name != "cond" or node.inputs[0] not in known or node.inputs[0].type != BOOL:
        return None
    return node.bodies[0 if known[node.inputs[0]] else 1]


def _opened(node: Node, branch: Graph, known: dict[Value, Any]) -> tuple[Graph, dict[Value, Any]]:
    """``branch`` with the values of the outer graph in place of its inputs, so that its nodes can stand there."""
    outer = dict(zip(branch.inputs, node.inputs[1:]))
    nodes = tuple([reading(inner, outer) for inner in branch.nodes])
    return Graph((), nodes, rename(branch.outputs, outer)), known


def _folded_bodies(node: Node, known: Constants, facts: Facts) -> Iterator[Graph]:
    """The bodies, which know the constants that they capture."""
    inside = {inner: known[outer] for outer, inners in captures(node) if outer in known for inner in inners}
    for entry in entries(node):
        yield _folded(entry.body, inside, facts)


def _computed(node: Node, facts: Facts) -> Node:
    """``node`` as a constant, if it can be computed now and nobody could tell."""
    if node.inputs or node.op is CONSTANT or len(node.outputs) != 1 or has_effect(node) or written_operands(node):
        return node
    if not _is_small(node):
        return node
    try:
        with warnings.catch_warnings(), np.errstate(all="raise"):
            warnings.simplefilter("error")
            result = node.op.kernel(np)(*node.call.args, **node.call.kwargs)
    except Exception:       # it raises, or warns, again when the graph runs
        return node
    if not (type(result) in NUMBERS or _is_scalar(result)) or not facts().is_private(node.outputs[0]):
        return node
    return replace(node, op=CONSTANT, call=Call((result,)))


def _is_small(node: Node) -> bool:
    """Whether computing takes no time worth mentioning."""
    leaves: list[Any] = []
    map_leaves((node.call.args, dict(node.call.kwargs)), leaves.append)
    if not all(isinstance(leaf, (*FIXED, np.generic, *REFERENCES)) for leaf in leaves):
        return False
    if node.op.name.rpartition(".")[2] not in GROWING:
        return True
    return all(isinstance(leaf, (int, float, complex, np.generic)) and abs(leaf) <= LARGEST  # pyright: ignore
               for leaf in leaves)


def _is_fixed(value: Any) -> bool:
    """Whether ``value`` may be written into a call: nobody can change it."""
    if type(value) is tuple:
        return all(map(_is_fixed, value))
    return type(value) in FIXED or _is_scalar(value) or isinstance(value, REFERENCES)


def _is_scalar(value: Any) -> bool:
    return isinstance(value, np.generic) and not value.dtype.hasobject

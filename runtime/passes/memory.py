"""What values refer to: which memory is shared, written, and seen by others.

A value refers to roots (see ``roots.py``): a view has those of what it looks into, a container holds roots.  The facts
say what *may* be so, whatever the order of the nodes: the sets only grow until no node adds to them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import BuiltinFunctionType, EllipsisType, FunctionType, ModuleType, NoneType
from typing import Any

import numpy as np

from ..ir.call import Operand, map_leaves
from ..ir.graph import Graph, Node, Value, walk
from ..ir.types import (
    BOOL,
    NEVER,
    NONE,
    UNBOUND,
    AnyType,
    ArrayType,
    ConstantType,
    DictType,
    IntType,
    IteratorType,
    ListType,
    ObjectType,
    PythonType,
    RangeType,
    ScalarType,
    SetType,
    TupleType,
    Type,
    UnionType,
    options,
)
from ..ops.op import Result
from ..records import record
from .bodies import carried_inputs, entries, starts, turning
from .effects import CONTROL, is_barrier, written_operands
from .roots import OUTSIDE_BIT, Holdings, Roots

SHELLS = frozenset({"tuple", "named_tuple", "list", "set", "dict"})      # made of their operands: nothing new inside
PLAIN = (int, float, complex, bool, str, bytes, NoneType, EllipsisType, ModuleType, BuiltinFunctionType, np.ufunc)
COMPARING = frozenset({"operator.is", "operator.is_not", "operator.contains",
                       "builtins.hash", "builtins.repr", "builtins.str"})


@record(eq=False)
class Memory:
    """Facts about a graph.  ``writes`` has an entry for each node that writes, in bodies too."""

    holdings: Holdings
    refers: Mapping[Value, Roots]
    writes: Mapping[Node, Roots]
    escaping: Roots      # returned, raised, or stored where others find it
    observed: Roots      # escaping, written, held by a container, or their identity may have been asked for

    def reachable(self, values: Iterable[Value]) -> Roots:
        """Every root that can be come by from ``values``."""
        found = self._all(self.refers[value] for value in values if value in self.refers)
        return Roots(self.holdings, self.holdings.reachable(found.bits))

    def written(self, nodes: Iterable[Node]) -> Roots:
        """What ``nodes`` and their bodies write."""
        return self._all(self.writes[node] for node in nodes if node in self.writes)

    def _all(self, parts: Iterable[Roots]) -> Roots:
        bits = 0
        for part in parts:
            bits |= part.bits
        return Roots(self.holdings, bits)

    def is_private(self, value: Value) -> bool:
        """Whether nobody can tell the thing made as ``value`` from one with equal contents made at another time.

        It is never written, returned, stored, put into a container or asked for its identity; or there is only one.
        An iterator is told apart by being used up.
        """
        if any(isinstance(option, IteratorType) for option in options(value.type)):
            return False
        return value not in self.observed or value.type in (NONE, BOOL)


def memory(graph: Graph) -> Memory:
    """The facts about ``graph`` and its bodies."""
    return _Solver(graph).solve()


class _Solver:
    """Sets of roots are ints here, as in ``Holdings``."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.holdings = Holdings()
        self.refers: dict[Value, int] = {}
        self.makers: dict[Value, Node] = {output: node for node in walk(graph) for output in node.outputs}
        self.barriers = {node for node in walk(graph) if is_barrier(node)}
        self.written = {node: written_operands(node) for node in walk(graph)}
        self.outside = {node for node in walk(graph) if _mentions_things(node)}
        self.settled = set(filter(self._settles, walk(graph)))      # nodes that add nothing after the first round
        self.seen: dict[Node, tuple[int, int, int]] = {}            # what a node saw when it was last looked at
        self.of_kind: dict[type[Type], int] = {}    # the roots that are, or have inside, a value of such a type
        self.changed = True

    def solve(self) -> Memory:
        for value in self.graph.inputs:
            if may_refer(value.type):
                self._refer(value, OUTSIDE_BIT)
        while self.changed:
            self.changed = False
            self._graph(self.graph)
        escaping = self.holdings.reachable(OUTSIDE_BIT) | self._reach(self.graph.outputs)
        writes: dict[Node, int] = {}
        for node in self.graph.nodes:
            self._writes(node, escaping, writes)
        observed = escaping | self.holdings.held
        for written in writes.values():
            observed |= written
        for node in walk(self.graph):
            if node.op.name in COMPARING:
                observed |= self._reach(node.inputs)
        return Memory(
            self.holdings,
            {value: self._set(bits) for value, bits in self.refers.items()},
            {node: self._set(bits) for node, bits in writes.items()},
            self._set(escaping),
            self._set(observed),
        )

    # -- the sets that grow

    def _bit(self, root: Value) -> int:
        bit = self.holdings.bits.get(root)
        if bit is None:
            bit = self.holdings.add(root, may_hold(root.type))
            shell = root in self.makers and self.makers[root].op.name in SHELLS
            for kind in {part.__class__ for part in (options(root.type) if shell else _parts(root.type))}:
                self.of_kind[kind] = self.of_kind.get(kind, 0) | bit
        return bit

    def _set(self, bits: int) -> Roots:
        return Roots(self.holdings, bits)

    def _refer(self, value: Value, bits: int) -> None:
        before = self.refers.get(value, 0)
        if bits & ~before:
            self.refers[value] = before | bits
            self.changed = True

    def _hold(self, holders: int, bits: int) -> None:
        self.changed |= self.holdings.hold(holders, bits)

    def _of(self, values: Iterable[Value]) -> int:
        found = 0
        for value in values:
            found |= self.refers.get(value, 0)
        return found

    def _reach(self, values: Iterable[Value]) -> int:
        return self.holdings.reachable(self._of(values))

    # -- one round

    def _settles(self, node: Node) -> bool:
        """Whether ``node`` writes nothing and makes things that hold nothing."""
        if node.bodies or node.op.effect or self.written[node] or node in self.barriers:
            return False
        return node.op.result is Result.IMMUTABLE or (
            node.op.result is Result.FRESH and not any(may_hold(output.type) for output in node.outputs))

    def _graph(self, graph: Graph) -> None:
        for node in graph.nodes:
            if node.bodies:
                self._control(node)
            elif node not in self.settled or node not in self.seen:
                self._node(node)

    def _node(self, node: Node) -> None:
        used = self._of(node.inputs)
        reached = self.holdings.reachable(used)
        if node in self.outside:
            used |= OUTSIDE_BIT
            reached |= OUTSIDE_BIT
        barrier = node in self.barriers
        receiver = _receiver(node) if node.op.name == "get_item" and not barrier else None
        source = reached if receiver is None else self._reach([receiver])
        targets = self._of(self.written[node] or (node.inputs if node.op.effect else ()))
        seen = reached, source, targets
        if self.seen.get(node) == seen:
            return
        self.seen[node] = seen
        if node.op.name == "raise" or barrier:
            self._hold(OUTSIDE_BIT, used)
        if node.op.effect or node.op.writes:
            self._hold(targets, used)
        for output in node.outputs:
            self._result(node, output, used, source | OUTSIDE_BIT if barrier else source)

    def _result(self, node: Node, output: Value, used: int, source: int) -> None:
        if output.type in (NONE, NEVER, UNBOUND):
            return
        if node.op.name == "constant" and may_refer(output.type):
            self._refer(output, OUTSIDE_BIT)
            return
        own = self._bit(output)
        self._refer(output, own)
        if node.op.result is not Result.IMMUTABLE:
            self._hold(own, used)
        if node.op.result is Result.VIEW or node in self.barriers:
            self._refer(output, self._candidates(source, output.type))
        elif self.written[node]:
            self._refer(output, self._of(self.written[node]))

    def _candidates(self, roots: int, type: Type) -> int:
        """Those of ``roots`` that a value of ``type`` can be, or look into."""
        wanted = {option.__class__ for option in options(type)}
        known = roots & ~OUTSIDE_BIT
        if wanted.isdisjoint((AnyType, IteratorType, ObjectType)):
            kinds = 0
            for kind in wanted | {AnyType, ObjectType}:
                kinds |= self.of_kind.get(kind, 0)
            known &= kinds
        return known | (roots & OUTSIDE_BIT if may_refer(type) else 0)

    def _control(self, node: Node) -> None:
        """Values flow into the bodies, around the loops, and out."""
        if node.op.name == "with_" or node.op.name not in CONTROL:
            self._hold(OUTSIDE_BIT, self._of(node.inputs))
        for entry in entries(node):
            for given, taken in entry.flows:
                self._refer(taken, self._of([given]))
            for value in entry.made:
                self._made_by_control(node, value)
            self._graph(entry.body)
        body = turning(node)
        if body is None:
            for branch in node.bodies:
                for output, given in zip(node.outputs, branch.outputs):
                    self._refer(output, self._of([given]))
            return
        for output, first, last, taken in zip(node.outputs, starts(node), body.outputs, carried_inputs(node)):
            self._refer(output, self._of([first, last]))
            for value in taken:
                self._refer(value, self._of([last]))

    def _made_by_control(self, node: Node, value: Value) -> None:
        """An item of an iterable, what a manager enters with, an exception: new, or anything within reach."""
        if not may_refer(value.type):
            self._refer(value, self._bit(value))
            return
        used = self._of(node.inputs[:1] if node.op.name == "for_loop" else node.inputs)
        if node.op.name != "for_loop":
            used |= self._of([output for body in node.bodies for output in body.outputs])
        source = self.holdings.reachable(used)
        if node.op.name != "for_loop":
            used |= OUTSIDE_BIT
            source |= OUTSIDE_BIT
        self._refer(value, self._bit(value) | self._candidates(source, value.type))
        self._hold(self._bit(value), used)

    def _writes(self, node: Node, escaping: int, found: dict[Node, int]) -> int:
        """What ``node`` and its bodies write, recorded for each of them."""
        written = self.written[node]
        inside = [value for value in written if isinstance(value.type, (TupleType, UnionType, AnyType))]
        roots = self._of(written) | self._reach(inside)
        if node in self.barriers:
            roots |= self._reach(node.inputs) | escaping | OUTSIDE_BIT
        for body in node.bodies:
            for inner in body.nodes:
                roots |= self._writes(inner, escaping, found)
        if roots:
            found[node] = roots
        return roots


def may_refer(type: Type) -> bool:
    """Whether a value of ``type`` may refer to something that can be written, or to memory."""
    return any(isinstance(part, (ArrayType, ListType, SetType, DictType, IteratorType, ObjectType, AnyType))
               for part in _parts(type))


def may_hold(type: Type) -> bool:
    """Whether a thing of ``type`` may hold references to others."""
    return any(not isinstance(option, (ScalarType, IntType, PythonType, RangeType, ConstantType))
               and not (isinstance(option, ArrayType) and not option.dtype.hasobject) for option in options(type))


def _parts(type: Type) -> Iterable[Type]:
    """``type`` and the types of what is inside it, unions taken apart."""
    for option in options(type):
        yield option
        match option:
            case TupleType(items):
                for item in items:
                    yield from _parts(item)
            case ListType(item) | SetType(item) | IteratorType(item):
                yield from _parts(item)
            case DictType(key, item):
                yield from _parts(key)
                yield from _parts(item)


def _receiver(node: Node) -> Value | None:
    """What ``get_item`` reads from."""
    receiver = node.call.args[0] if node.call.args else None
    return node.inputs[receiver.index] if isinstance(receiver, Operand) else None


def _mentions_things(node: Node) -> bool:
    """Whether an object that can be referred to stands in the call itself."""
    found: list[Any] = []
    map_leaves((node.call.args, dict(node.call.kwargs)), lambda leaf: found.append(leaf)
               if not isinstance(leaf, (Operand, type, FunctionType, np.generic, np.dtype, *PLAIN)) else None)
    return bool(found)

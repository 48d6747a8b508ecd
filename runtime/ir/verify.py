"""The rules of a graph's form: ``verify`` raises ``InvalidGraph``, naming node and line, where one is broken.

Every value is defined once and before its use, bodies are closed and fit their op, and types agree with what flows
and with what the ops infer.  Such a fault is ours, never the user's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..errors import InvalidGraph
from .call import Operand, arrange, map_leaves
from .dims import Dim, is_fresh, known_unequal
from .graph import Graph, Node, Value
from .type_text import write_type
from .types import (
    ANY,
    NEVER,
    ArrayType,
    DictType,
    IntType,
    IteratorType,
    ListType,
    ObjectType,
    PythonType,
    ScalarType,
    SetType,
    TupleType,
    Type,
    UnionType,
    covers,
    options,
)
from .writing import write_location

Infer = Callable[[Any, tuple[Any, ...], Mapping[str, Any]], Type]


def verify(graph: Graph, infer: Infer | None = None) -> None:
    """Check ``graph`` and all bodies in it; with ``infer`` (``ops.infer.infer_call``) also the types of results."""
    _Verifier(infer).graph(graph, "graph", None)


class _Verifier:
    def __init__(self, infer: Infer | None) -> None:
        self.infer = infer
        self.defined: set[Value] = set()     # in any graph: nothing is defined twice

    def graph(self, graph: Graph, place: str, node: Node | None) -> None:
        visible: set[Value] = set()

        def define(values: Sequence[Value], by: Node | None) -> None:
            for value in values:
                if value in self.defined:
                    raise fault("a value is defined twice", by or node)
                self.defined.add(value)
                visible.add(value)

        define(graph.inputs, None)
        for inner in graph.nodes:
            if not visible.issuperset(inner.inputs):
                elsewhere = self.defined.issuperset(inner.inputs)
                place = "of another graph is used" if elsewhere else "is used before it is defined"
                raise fault(f"a value {place}", inner)
            self.operands(inner)
            for i, body in enumerate(inner.bodies):
                self.graph(body, f"body {i}", inner)
            _check_layout(inner)
            if self.infer is not None and not inner.bodies:
                self.types(inner, self.infer)
            define(inner.outputs, inner)
        if not visible.issuperset(graph.outputs):
            raise fault(f"an output of the {place} is not defined in it", node)

    def operands(self, node: Node) -> None:
        used = operands_of_call(node)
        for index in used:
            if not 0 <= index < len(node.inputs):
                raise fault(f"operand {index} of a call with {len(node.inputs)} inputs", node)
        if not node.bodies and len(used) < len(node.inputs):
            raise fault("an input does not appear in the call", node)

    def types(self, node: Node, infer: Infer) -> None:
        """The recorded type covers what the op infers again, where it infers anything."""
        if len(node.outputs) != 1:
            return
        types = [value.type for value in node.inputs]
        try:
            inferred = infer(node.op, arrange(node.call.args, types), arrange(dict(node.call.kwargs), types))
        except AssertionError:
            raise
        except Exception:   # the kind depends on an argument that is known when the graph runs: nothing to compare
            return
        (output,) = node.outputs
        if output.type == NEVER and types and isinstance(types[0], ListType | DictType):
            return      # an index that is wrong for what it holds, which the types do not say
        if not _is_type(inferred):
            raise fault(f"the rule of the op answers {inferred!r}, which is no type", node)
        if inferred != ANY and not _agree(output.type, inferred):
            raise fault(f"its type is recorded as {show(output.type)}, but is {show(inferred)}", node)


def fault(message: str, node: Node | None) -> InvalidGraph:
    """The error that says ``message`` of ``node``."""
    if node is None:
        return InvalidGraph(message)
    place = "" if node.location is None else f" ({write_location(node.location)})"
    return InvalidGraph(f"{node.op.name}{place}: {message}")


def show(type: Type) -> str:
    return write_type(type, constant=repr)


def operands_of_call(node: Node) -> set[int]:
    """The indices of the inputs that the call mentions."""
    found: set[int] = set()
    map_leaves((node.call.args, dict(node.call.kwargs)),
               lambda leaf: found.add(leaf.index) if isinstance(leaf, Operand) else None)
    return found


def never_returns(graph: Graph) -> bool:
    """Whether control does not come back from ``graph``: some node of it gives no value."""
    return any(output.type == NEVER for node in graph.nodes for output in node.outputs)


def _check_layout(node: Node) -> None:
    """The bodies of a control op take and give what its inputs and outputs say."""
    match node.op.name, node.bodies:
        case "cond", (then, otherwise):
            for body in (then, otherwise):
                _check_flow(node, node.inputs[1:], body.inputs, "a capture")
                _check_results(node, body, node.outputs, "a branch")
        case "while_loop", (test, body):
            _check_loop(node, node.inputs, (), test, body)
        case "for_loop", (body, *tests):
            if len(tests) > 1:
                raise fault("a for_loop has one body and at most one test", node)
            _check_loop(node, node.inputs[1:], body.inputs[:1], tests[0] if tests else None, body)
        case "try_finally", (body, final):
            _check_flow(node, node.inputs, body.inputs, "a capture")
            _check_flow(node, node.inputs, final.inputs, "a capture")
            _check_results(node, body, _given(node), "the body")
        case "with_", (body,):
            _check_flow(node, node.inputs[1:], body.inputs[1:], "a capture")
            _check_results(node, body, _given(node), "the body")
        case "try_except", (body, *_):
            _check_flow(node, node.inputs, body.inputs, "a capture")
        case ("cond" | "while_loop" | "for_loop" | "try_finally" | "try_except" | "with_"), bodies:
            raise fault(f"it has {len(bodies)} bodies", node)


def _check_loop(node: Node, inputs: Sequence[Value], item: Sequence[Value], test: Graph | None, body: Graph) -> None:
    count = node.call.kwargs.get("carried")
    if not isinstance(count, int) or not 0 <= count <= len(inputs):
        raise fault(f"it carries {count!r} of {len(inputs)} values", node)
    for taken in [body.inputs[len(item):]] + ([test.inputs] if test is not None else []):
        _check_flow(node, inputs, taken, "a capture")
        for first, carried in zip(inputs[:count], taken):
            if not _agree(carried.type, first.type):
                raise fault(f"a carried value begins as {show(first.type)} where {show(carried.type)} is wanted", node)
        _check_results(node, body, taken[:count], "the body")
    if test is not None and len(test.outputs) != 1:
        raise fault(f"its test gives {len(test.outputs)} values", node)
    stops = test is not None and never_returns(test) and node.outputs[-1:] and node.outputs[-1].type == NEVER
    _check_results(node, body, node.outputs[:-1] if stops else node.outputs, "the body")


def _check_flow(node: Node, given: Sequence[Value], taken: Sequence[Value], what: str) -> None:
    if len(given) != len(taken):
        raise fault(f"a body takes {len(taken)} values, but is given {len(given)}", node)
    for outer, inner in zip(given, taken):
        if not _compatible(inner.type, outer.type):
            raise fault(f"{what} is {show(outer.type)}, but is taken as {show(inner.type)}", node)


def _given(node: Node) -> list[Value]:
    """The results of a node that may end the path: what says that it does comes from no body."""
    return [output for output in node.outputs if output.type != NEVER]


def _check_results(node: Node, body: Graph, wanted: Sequence[Value], what: str) -> None:
    if len(body.outputs) != len(wanted):
        raise fault(f"{what} gives {len(body.outputs)} values where {len(wanted)} are wanted", node)
    if never_returns(body):
        return
    for given, result in zip(body.outputs, wanted):
        if not _agree(result.type, given.type):
            raise fault(f"{what} gives {show(given.type)} where {show(result.type)} is wanted", node)


def _compatible(taken: Type, given: Type) -> bool:
    """Whether a body may take what is ``given`` as ``taken``, which a test may have narrowed."""
    return covers(taken, given) or any(_may_be(t, g) for t in options(taken) for g in options(given))


def _agree(recorded: Type, given: Type) -> bool:
    """Whether ``recorded`` has a place for each kind of value that is ``given``."""
    return all(any(_may_be(r, g) for r in options(recorded)) for g in options(given))


def _may_be(recorded: Type, inferred: Type) -> bool:
    """Whether what was inferred does not contradict what is recorded: one kind, no dimension proved to be another."""
    if ANY in (recorded, inferred) or recorded == inferred:
        return True
    match recorded, inferred:
        case ArrayType(), ArrayType():
            return recorded.dtype == inferred.dtype and recorded.rank == inferred.rank and not any(
                map(_differ, recorded.shape, inferred.shape))
        case IntType(a), IntType(b):
            return a is None or b is None or not _differ(a, b)
        case TupleType(), TupleType():
            return len(recorded.items) == len(inferred.items) and all(
                any(_may_be(p, q) for p in options(a) or (NEVER,) for q in options(b) or (NEVER,))
                for a, b in zip(recorded.items, inferred.items))
        case (ArrayType() | ScalarType() | PythonType(), _) | (_, ArrayType() | ScalarType() | PythonType()):
            return False
    return type(recorded) is type(inferred) or ObjectType in (type(recorded), type(inferred))


def _is_type(answer: object) -> bool:
    """Whether ``answer`` is a type through and through; plain values of a call must not get into it."""
    match answer:
        case TupleType(parts) | UnionType(parts):
            return all(map(_is_type, parts))
        case ListType(item) | SetType(item) | IteratorType(item):
            return _is_type(item)
        case DictType(key, item):
            return _is_type(key) and _is_type(item)
    return isinstance(answer, Type)


def _differ(recorded: Dim, given: Dim) -> bool:
    """Whether ``given`` is proved not to be ``recorded``; an unknown may be another number in each turn of a loop."""
    return not is_fresh(recorded) and known_unequal(recorded, given)

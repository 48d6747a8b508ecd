"""Staging: branches and loops become nodes whose bodies are traced in scopes of their own.

A branch is traced once; what both paths leave in a variable is either one thing, or an output of the node whose
type is the join of the two. A loop is traced with an assumption about what its variables and the heap hold when an
iteration begins; where the body breaks the assumption it is widened and the body traced again, so no type is ever
widened to another dtype: a variable that is an int in the first iteration and an array later gets its first
iteration peeled off, or else a type with two options.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import InternalError, TographError
from ..ir import dims
from ..ir.build import Scope, merged_captures
from ..ir.graph import Call, Operand, Value
from ..ir.types import NEVER, DictType, IteratorType, ListType, SetType, Type, join, options
from ..ops.control import COND, FOR_LOOP, WHILE_LOOP
from ..ops.op import Op
from ..records import record
from .heap import Heap, Loadable, join_heaps, refs_of, same, type_of
from .sizes import map_dims
from .trace import Raised, Trace
from .tracer import Tracer
from .widening import Widening, changes_kind, initial, leaves, parts, structure, widened_heap

MOST_ROUNDS = 12
EXACT_ROUNDS = 7  # after these, what still changes its type may be anything


@dataclass
class Region:
    """A body that was traced: what it returns (``returns`` is false where it always raises) and the heap at its end."""

    scope: Scope
    result: Any
    heap: Heap
    returns: bool


def trace_region(trace: Trace, run: Callable[[], Any], scope: Scope | None = None) -> Region:
    """Trace ``run`` into a scope inside the current one; the trace's heap afterwards is as before."""
    outer, before, learned = trace.block, trace.heap, len(trace.learned)
    scope = scope or Scope(outer)
    trace.block = scope
    try:
        result, returns = trace.storable(run()), True
    except Raised:
        result, returns = None, False
    except TographError:
        raise
    except Exception as error:
        if not trace.raised_by_user(error.__traceback__):
            raise
        result, returns = None, False
        trace.raise_quietly(error)
    finally:
        trace.block = outer
        trace.forget(learned)
    heap, trace.heap = trace.heap, before
    return Region(scope, result, trace.heap_here(heap), returns)


# -- branches


@record
class Output:
    """Stands for the output ``index`` of a node in a structure of results."""

    index: int


def trace_cond(trace: Trace, flag: Tracer, then: Callable[[], Any], otherwise: Callable[[], Any]) -> Any:
    """What ``then()`` or ``otherwise()`` returns, as ``flag`` says when the graph runs; results are tuples or one
    value.
    """
    trace.tests.append((trace.block, flag.graph_value))
    try:
        a, b = trace_region(trace, then), trace_region(trace, otherwise)
    finally:
        trace.tests.pop()
    if not a.returns and not b.returns:
        _emit_cond(trace, flag, a, b, [_last(a)], [_last(b)], [NEVER])
        raise Raised
    pairs: list[tuple[Any, Any]] = []
    only = a if not b.returns else b if not a.returns else None
    plan = _pair(only.result, only.result, pairs, only.scope) if only else _pair(a.result, b.result, pairs)
    types = [join(*(trace.settled(type_of(item), trace.block) for item in pair)) for pair in pairs]
    outputs_a = [trace_value(trace, a.scope, x) for x, _ in pairs] if a.returns else [_last(a)] * len(pairs)
    outputs_b = [trace_value(trace, b.scope, y) for _, y in pairs] if b.returns else [_last(b)] * len(pairs)
    values = _emit_cond(trace, flag, a, b, outputs_a, outputs_b, types)
    trace.heap = only.heap if only else join_heaps(a.heap, b.heap)
    results = [trace.wrap(value, refs_of(x) | refs_of(y)) for value, (x, y) in zip(values, pairs)]
    return _rebuilt(plan, results)


def _emit_cond(
    trace: Trace, flag: Tracer, a: Region, b: Region, outputs_a: list[Value], outputs_b: list[Value], types: list[Type]
) -> tuple[Value, ...]:
    captures = merged_captures([a.scope, b.scope])
    bodies = (a.scope.finish(outputs_a, captures), b.scope.finish(outputs_b, captures))
    return trace.emit_all(COND, Call((Operand(0),)), [flag.graph_value, *captures], types, bodies)


def trace_value(trace: Trace, scope: Scope, item: Any) -> Value:
    """``item`` as a value of ``scope``, which a node is added to where it is a constant."""
    with trace.inside(scope):
        return scope.local(trace.value_of(item))


def _last(region: Region) -> Value:
    """The value that never comes to be, at the end of a body that always raises."""
    value = region.scope.nodes[-1].outputs[-1]
    assert value.type == NEVER
    return value


def _pair(x: Any, y: Any, pairs: list[tuple[Any, Any]], scope: Scope | None = None) -> Any:
    """A structure of what is one thing on both paths and ``Output`` for what is not; ``scope`` is the only path's."""
    if type(x) is tuple and type(y) is tuple and len(x) == len(y):
        return tuple(_pair(p, q, pairs, scope) for p, q in zip(x, y))
    if same(x, y) and not (scope is not None and isinstance(x, Tracer) and scope.owns(x.graph_value)):
        return x
    for i, (p, q) in enumerate(pairs):
        if same(p, x) and same(q, y):
            return Output(i)
    pairs.append((x, y))
    return Output(len(pairs) - 1)


def _rebuilt(plan: Any, results: Sequence[Any]) -> Any:
    if isinstance(plan, Output):
        return results[plan.index]
    return tuple(_rebuilt(item, results) for item in plan) if type(plan) is tuple else plan


# -- loops


@dataclass
class Loop:
    """A loop to be staged.  ``items`` is None for a while loop; a for loop's ``test`` is asked before each item.

    ``item`` is what ``items`` gives when the loop begins.
    """

    body: Callable[..., Any]
    test: Callable[..., Any] | None
    names: Sequence[str]
    items: Tracer | None = None
    item: Loadable = Loadable(NEVER)
    is_fixed: bool = False  # whether the trips cannot change what ``items`` gives

    @property
    def op(self) -> Op:
        return WHILE_LOOP if self.items is None else FOR_LOOP


@dataclass
class Round:
    """One tracing of a loop's bodies under an assumption."""

    test: Region | None
    body: Region
    heap_at_exit: Heap


def holds_always(trace: Trace, test: Callable[..., Any], carried: Sequence[Any], names: Sequence[str]) -> bool:
    """Whether a loop's ``test`` is true whatever the variables and the objects hold at the start of an iteration."""
    scope, before, moments = Scope(trace.block), trace.heap, trace.moments
    trace.moments = None
    variables = _parameters(trace, scope, tuple(map(initial, carried)), names)
    trace.heap = before.all_summarised()
    try:
        return trace_region(trace, lambda: test(*variables), scope).result is True
    finally:
        trace.heap, trace.moments = before, moments


def trace_loop(trace: Trace, loop: Loop, carried: Sequence[Any], peel: Callable[[], Any] | None) -> Any:
    """The variables after the loop.

    ``peel`` stages the loop with its first iteration apart; it is used, where it is given, if the kind of a variable
    changes from the first iteration to the next.
    """
    carried = tuple(map(trace.storable, carried))
    assumptions = tuple(map(initial, carried))
    head = trace.heap
    widening = Widening()
    peeled = False
    with trace.in_loop() as frame:
        for number in range(MOST_ROUNDS):
            widening.anything = number >= EXACT_ROUNDS
            frame.seen.clear()
            done = _round(trace, loop, assumptions, head)
            if not done.body.returns:
                break
            wider = tuple(map(widening.widened, assumptions, done.body.result))
            if peel is not None and number == 0 and any(map(changes_kind, assumptions, wider)):
                peeled = True
                break
            wider_head = widened_heap(head, done.body.heap, wider, widening.anything)
            if wider == assumptions and wider_head is None:
                break
            assumptions = wider
            if wider_head is not None:
                head = wider_head
        else:
            raise InternalError("the types of a loop did not settle")
    trace.check_loop(frame, head.summaries)
    return peel() if peeled and peel is not None else _emit_loop(trace, loop, carried, assumptions, widening, done)


def _round(trace: Trace, loop: Loop, assumptions: Any, head: Heap) -> Round:
    """Trace test and body once."""
    before = trace.heap
    trace.heap = head
    try:
        test = None
        test_of = loop.test
        if test_of is not None:
            test_scope = Scope(trace.block)
            variables = _parameters(trace, test_scope, assumptions, loop.names)
            test = trace_region(trace, lambda: trace.truth(test_of(*variables)), test_scope)
            always = loop.items is not None and test.result is True and not test_scope.nodes
            if test.returns:
                test.result = trace_value(trace, test_scope, test.result)
            trace.heap = test.heap
            test = None if always else test
        at_exit = trace.heap
        scope = Scope(trace.block)
        first = []
        if loop.items is not None:
            first = [_parameter(trace, scope, _item_of(trace, loop), "item")]
        variables = _parameters(trace, scope, assumptions, loop.names)
        body = trace_region(trace, lambda: loop.body(*first, *variables), scope)
        return Round(test, body, at_exit)
    finally:
        trace.heap = before


def _item_of(trace: Trace, loop: Loop) -> Loadable:
    """What a for loop gives in each trip; its body may put more into the container that it goes over."""
    assert loop.items is not None
    found = options(loop.items.graph_value.type)
    if loop.is_fixed or not any(isinstance(option, (ListType, DictType, SetType, IteratorType)) for option in found):
        return loop.item
    now = trace.iterated(loop.items)
    return Loadable(join(loop.item.type, now.type), loop.item.refs | now.refs)


def _parameters(trace: Trace, scope: Scope, assumptions: Any, names: Sequence[str]) -> list[Any]:
    variables = []
    for assumption, name in zip(assumptions, names):
        values = [_parameter(trace, scope, leaf, name) for leaf in leaves(assumption)]
        variables.append(structure(assumption, iter(values)))
    return variables


def _parameter(trace: Trace, scope: Scope, leaf: Loadable, name: str) -> Any:
    type = trace.declared(leaf.type, scope)
    value = scope.input(type, name)
    with trace.inside(scope):
        return trace.wrap(value, leaf.refs)


def _emit_loop(
    trace: Trace, loop: Loop, carried: Sequence[Any], assumptions: Any, widening: Widening, done: Round
) -> Any:
    start = [
        trace.value_of(piece) for assumption, item in zip(assumptions, carried) for piece in parts(assumption, item)
    ]
    slots = [leaf for assumption in assumptions for leaf in leaves(assumption)]
    scopes = [region.scope for region in (done.test, done.body) if region is not None]
    body_outputs = (
        [
            trace_value(trace, done.body.scope, piece)
            for assumption, item in zip(assumptions, done.body.result)
            for piece in parts(assumption, item)
        ]
        if done.body.returns
        else [_last(done.body)] * len(slots)
    )
    captures = merged_captures(scopes)
    bodies = [done.body.scope.finish(body_outputs, captures)]
    if done.test is not None:
        answer = done.test.result if done.test.returns else _last(done.test)
        test = done.test.scope.finish([answer], captures)
        bodies = [test, *bodies] if loop.op is WHILE_LOOP else [*bodies, test]
    fresh = {symbol.name: dims.fresh("d") for size in widening.own for symbol in dims.symbols(size)}
    types = [map_dims(leaf.type, lambda dim: dims.substitute(dim, fresh)) for leaf in slots]
    call = Call((), {"carried": len(slots)})
    inputs = [*start, *captures] if loop.items is None else [loop.items.graph_value, *start, *captures]
    if done.test is not None and not done.test.returns:
        trace.emit_all(loop.op, call, inputs, [*types, NEVER], bodies)
        raise Raised
    values = trace.emit_all(loop.op, call, inputs, types, bodies)
    trace.heap = done.heap_at_exit
    results = iter([trace.wrap(value, leaf.refs) for value, leaf in zip(values, slots)])
    return tuple([structure(assumption, results) for assumption in assumptions])

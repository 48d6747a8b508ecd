"""Calls of functions with a cache.

What such a call gives depends on all calls before, so it is a node, in the order of effects.  To know what it gives and
may change, the function is traced where it is called as under a test of unknown outcome, and the nodes are dropped:
when the graph runs, it is the cache that calls the function's own graph, or not.  A function that calls itself is
traced with any numbers in place of its arguments, until what it gives is settled.
"""

from __future__ import annotations

import gc
from types import FunctionType
from typing import TYPE_CHECKING, Any

from ..ir import dims
from ..ir.build import Scope
from ..ir.graph import map_leaves
from ..ir.type_text import describe_type, write_type
from ..ir.types import (
    ANY,
    BOOL,
    COMPLEX,
    FLOAT,
    INT,
    NEVER,
    AnyType,
    ArrayType,
    IntType,
    PythonType,
    RangeType,
    ScalarType,
    TupleType,
    Type,
    join,
    options,
)
from ..ops.caches import CALL_CACHED, is_own, original
from .heap import join_heaps, type_of
from .keys import is_graph_function
from .regions import Region, trace_region
from .sizes import map_dims

if TYPE_CHECKING:
    from .calls import Calls

MOST_ROUNDS = 5
ANY_SIZE = dims.symbol("n", low=0)


class Recursion:
    """A function with a cache that is being traced: what calls of itself are taken to give, and whether it makes any.
    """

    def __init__(self) -> None:
        self.assumed: Type = NEVER
        self.is_met = False


def call_cached(trace: Calls, cached: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """A call of ``cached``, a function with ``functools.lru_cache`` or ``functools.cache``."""
    function = cached.__wrapped__
    is_known = is_own(function) or is_graph_function(function) or isinstance(function, (type(len), FunctionType))
    if not is_known or not any(function is each for each in gc.get_referents(cached)):
        trace.refuse(
            f"A cache for an object of the class '{type(function).__name__}' is not supported in a graph.",
            fix="put the decorator on a function that calls it",
        )
    args = tuple([trace.storable(trace.whole(arg)) for arg in args])
    kwargs = {name: trace.storable(trace.whole(arg)) for name, arg in kwargs.items()}
    trace.check_outlives((*args, *kwargs.values()), "kept in a cache")
    if trace.is_own_key((*args, *kwargs.values())):
        trace.refuse(
            f"The cache of '{cached.__name__}' would ask an object for a __hash__ or __eq__ of the program's own.",
            fix="give the function numbers or text",
        )
    running = trace.cached_calls.get(cached)
    if running is not None:
        running.is_met = True
        return _call(trace, cached, running.assumed, args, kwargs)
    return _call(trace, cached, _result(trace, cached, args, kwargs), args, kwargs)


def _call(trace: Calls, cached: Any, type_: Type, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    if type_ == NEVER:
        return trace.apply(CALL_CACHED, cached, None, None, args, kwargs, type=NEVER)
    may_share = any(not isinstance(option, (IntType, PythonType, ScalarType)) for option in options(type_))
    expected = None if type_ == ANY else write_type(type_)
    renewed = map_dims(type_, lambda dim: dim if isinstance(dim, int) else None)
    return trace.apply(
        CALL_CACHED, cached, expected, trace.surroundings() if may_share else None, args, kwargs, type=renewed
    )


def _result(trace: Calls, cached: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Type:
    """The type of what the function gives; the heap says afterwards what holds if it was called, and if it was not."""
    recursion = trace.cached_calls[cached] = Recursion()
    try:
        region = _traced(trace, cached, args, kwargs, False)
        if recursion.is_met:
            for _ in range(MOST_ROUNDS):
                region = _traced(trace, cached, args, kwargs, True)
                found = join(recursion.assumed, _given(trace, cached, region))
                if found == recursion.assumed:
                    break
                recursion.assumed = found
            else:
                recursion.assumed = ANY
    finally:
        del trace.cached_calls[cached]
    if region.returns:
        trace.heap = join_heaps(trace.heap, region.heap)
    type_ = recursion.assumed if recursion.is_met else _given(trace, cached, region)
    return ANY if type_ == NEVER else type_


def _traced(trace: Calls, cached: Any, args: tuple[Any, ...], kwargs: dict[str, Any], is_general: bool) -> Region:
    scope = Scope(trace.block)

    def run() -> Any:
        given = (_general(trace, scope, args), _general(trace, scope, kwargs)) if is_general else (args, kwargs)
        function = cached.__wrapped__
        return trace.call(original(function) if is_own(function) else function, *given[0], **given[1])

    around, trace.active = trace.active, []  # a call of its own, whatever is being traced
    try:
        return trace_region(trace, run, scope)
    finally:
        trace.active = around


def _general(trace: Calls, scope: Scope, arguments: Any) -> Any:
    """``arguments`` with any numbers of their kinds in place of the numbers among them."""

    def leaf(item: Any) -> Any:
        kind = type_of(item)
        kind = INT if isinstance(kind, IntType) else kind
        if kind not in (INT, FLOAT, BOOL, COMPLEX):
            return item
        return trace.wrap(scope.input(trace.declared(kind, scope)))

    return map_leaves(arguments, leaf)


def _given(trace: Calls, cached: Any, region: Region) -> Type:
    """The type of what the function gives, without what is known of values and sizes."""
    return _shared(trace, cached, type_of(region.result)) if region.returns else NEVER


def _shared(trace: Calls, cached: Any, type_: Type) -> Type:
    """``type_`` as that of anything that a cache may give.  Refuses what is changed in place."""
    found: list[Type] = []
    for option in options(type_):
        match option:
            case IntType():
                found.append(INT)
            case RangeType():
                found.append(RangeType(None, None, None))
            case TupleType(items):
                found.append(TupleType(tuple([_shared(trace, cached, item) for item in items]), option.cls))
            case ArrayType(dtype, shape):
                found.append(ArrayType(dtype, tuple([size if isinstance(size, int) else ANY_SIZE for size in shape])))
            case PythonType() | ScalarType() | AnyType():
                found.append(option)
            case _:
                trace.refuse(
                    f"'{cached.__name__}' has a cache, and gives what all its calls would share.",
                    [("it gives", describe_type(option))],
                    fix="return numbers, text, arrays or a tuple of these, or call it before",
                )
    return join(*found)

"""Times and memory of functions, measured so that they can be compared on a busy machine.

The functions take turns, so that what disturbs one disturbs all; a time is the median of several, and the spread says
how far apart the middle half of them lies.
"""

from __future__ import annotations

import statistics
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from ..function import GraphFunction
from ..testing.inputs import Arguments
from ..testing.snapshot import copy_values

SAMPLE = 1e-3    # seconds that a sample takes at least; quick functions are called several times for one
MOST_CALLS = 10_000
FEWEST_SAMPLES = 5


@dataclass(frozen=True)
class Time:
    """Seconds of a call: the median of ``samples``, and the distance of their quartiles as a part of it."""

    median: float
    spread: float
    samples: int


@dataclass(frozen=True)
class Comparison:
    """A function as it is and as a graph, called with the same arguments.

    ``first`` is the first call of the graph in seconds, with converting and tracing; ``hit`` what finding the trace
    costs at every other one; the peaks are bytes that a call allocates at most; ``nodes`` is how many it executes.
    """

    eager: Time
    graph: Time
    first: float
    hit: float
    eager_peak: int
    graph_peak: int
    nodes: int

    @property
    def ratio(self) -> float:
        """The time of the graph by that of the function."""
        return self.graph.median / self.eager.median


def compare(function: Callable[..., Any], arguments: Arguments, seconds: float = 1.0) -> Comparison:
    """Measure ``function``, eager and as a graph, with copies of ``arguments``; raises what it raises."""
    graph = GraphFunction(function)
    first = seconds_of(graph, copy_values(arguments))
    before = graph.executed_nodes
    graph(*copy_values(arguments))
    nodes = graph.executed_nodes - before
    eager_peak, graph_peak = (peak(each, arguments) for each in (function, graph))
    eager_time, graph_time = interleaved((function, graph), arguments, seconds)
    return Comparison(eager_time, graph_time, first, hit_seconds(graph, arguments), eager_peak, graph_peak, nodes)


def interleaved(functions: Sequence[Callable[..., Any]], arguments: Arguments, seconds: float) -> list[Time]:
    """The times of ``functions``, called in turn for about ``seconds``; each sample has its own copy of the arguments.
    """
    calls = [max(1, min(MOST_CALLS, round(SAMPLE / max(seconds_of(function, copy_values(arguments)), 1e-9))))
             for function in functions]
    samples: list[list[float]] = [[] for _ in functions]
    end = perf_counter() + seconds
    while perf_counter() < end or len(samples[-1]) < FEWEST_SAMPLES:
        for function, number, found in zip(functions, calls, samples):
            found.append(seconds_of(function, copy_values(arguments), number))
    return [_time(found) for found in samples]


def _time(samples: list[float]) -> Time:
    low, middle, high = statistics.quantiles(samples, n=4)
    return Time(middle, (high - low) / middle, len(samples))


def seconds_of(function: Callable[..., Any], arguments: Arguments, calls: int = 1) -> float:
    """The time of a call, the average of several one after the other."""
    start = perf_counter()
    for _ in range(calls):
        function(*arguments)
    return (perf_counter() - start) / calls


def hit_seconds(function: GraphFunction, arguments: Arguments, calls: int = 2000, repeats: int = 5) -> float:
    """What a call pays to find its trace when there is one: its key and guards.  ``arguments`` were given before."""
    given = function.bind(arguments, {})
    function.trace_for(given)

    def find(*given: Any) -> Any:
        return function.quick_trace(given) or function.trace_for(given)

    return min(seconds_of(find, given, calls) for _ in range(repeats))


def peak(function: Callable[..., Any], arguments: Arguments) -> int:
    """The most bytes that were allocated at a time during a call, its result included."""
    given = copy_values(arguments)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        function(*given)
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


def duration(seconds: float) -> str:
    """A time for people: ``12.3 us``."""
    for unit, factor in (("s", 1.0), ("ms", 1e3)):
        if seconds * factor >= 1.0:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds * 1e6:.3g} us"


def memory(size: int) -> str:
    """A number of bytes for people: ``1.2 MB``."""
    for unit, factor in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= factor:
            return f"{size / factor:.3g} {unit}"
    return f"{size} B"

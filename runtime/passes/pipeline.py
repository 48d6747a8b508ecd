"""The order of the passes, and the runner that times them, checks what they give and names the guilty one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import perf_counter
from typing import TypeAlias

from ..errors import InvalidGraph
from ..ir.graph import Graph, walk
from ..ir.verify import verify
from ..ops.infer import infer_call
from ..records import record
from .common_subexpressions import merge_common_subexpressions
from .constants import fold_constants
from .dead_code import remove_dead_code
from .loop_invariants import hoist_loop_invariants
from .unread_objects import remove_unread_objects

Pass: TypeAlias = Callable[[Graph], Graph]

STANDARD: tuple[Pass, ...] = (
    fold_constants,                 # before merging: equal constants make calls equal
    remove_dead_code,               # a dead reader may be all that keeps two results apart, or an object
    remove_unread_objects,
    hoist_loop_invariants,          # before merging: what two loops compute meets outside of them
    merge_common_subexpressions,
    remove_dead_code,               # last: collects what the others left behind
)


@record
class Step:
    """What one pass did: how long it took and how many nodes there were before and after, those in bodies included."""

    name: str
    seconds: float
    before: int
    after: int

    def __str__(self) -> str:
        return f"{self.name:30} {1e3 * self.seconds:8.2f} ms  {self.before:5} -> {self.after} nodes"


def optimise(graph: Graph, passes: Sequence[Pass] = STANDARD, check: bool = False) -> Graph:
    """``graph`` after ``passes``; with ``check`` every pass is verified."""
    return run(graph, passes, check)[0]


def run(graph: Graph, passes: Sequence[Pass] = STANDARD, check: bool = False) -> tuple[Graph, tuple[Step, ...]]:
    """``graph`` after ``passes``, and what each of them did.

    With ``check`` the graph is verified before the first and after each; raises InvalidGraph naming the guilty pass.
    """
    if check:
        verify(graph, infer_call)
    steps: list[Step] = []
    size = _size(graph)
    for transform in passes:
        begin = perf_counter()
        result = transform(graph)
        seconds, before, size = perf_counter() - begin, size, _size(result)
        steps.append(Step(transform.__name__, seconds, before, size))
        if check:
            _check(result, transform, graph)
        graph = result
    return graph, tuple(steps)


def _check(result: Graph, transform: Pass, before: Graph) -> None:
    try:
        verify(result, infer_call)
    except InvalidGraph as error:
        graphs = f"before it:\n{before}\nafter it:\n{result}"
        raise InvalidGraph(f"after {transform.__name__}: {error}\n\n{graphs}") from error


def _size(graph: Graph) -> int:
    return sum(1 for _ in walk(graph))

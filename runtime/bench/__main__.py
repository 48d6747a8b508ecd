"""``python -m tograph.runtime.bench``: what importing, tracing and calling cost, as tables.

Costs of tograph itself are the least of several, so that a busy machine shows as little as it can; programs on large
arrays are compared with eager NumPy by turns. The exit code is 1 where something is above the limits below.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

import numpy as np

from ...transpiler import TographError, convert
from ..demo import load_digits
from ..demo.kmeans import kmeans
from ..function import to_graph
from ..terminal import Page, progress
from . import arrays
from .timing import compare, duration, hit_seconds, memory, seconds_of

MOST_IMPORT = 60e-3    # seconds of processor time, above ``import numpy``
MOST_HIT = 5e-6    # for three arrays
MOST_FIRST_CALL = 60e-3    # the median over the fixtures
MOST_NEST = 1.0
MOST_RATIO = 1.2    # of time and memory, for programs on large arrays
REPEATS = 5
DEPTH = 8
FIXTURES = Path(__file__).resolve().parents[2] / "fixtures"    # in a checkout
CHILD = "import sys, time; start = time.process_time(); import {}; print(time.process_time() - start)"


def scale(x: np.ndarray, factor: float) -> np.ndarray:
    """Two NumPy calls, no control flow."""
    return np.abs(x * factor)


def root(x: float, tolerance: float) -> float:
    """A loop whose trips depend on data: about 10 rounds of Newton's method on numbers."""
    y = x
    while abs(y * y - x) > tolerance:
        y = 0.5 * (y + x / y)
    return y


def count_sign_changes(x: np.ndarray) -> int:
    """A loop with an item read and a branch in every trip."""
    changes = 0
    for i in range(1, len(x)):
        if x[i - 1] * x[i] < 0:
            changes += 1
    return changes


def nested(x: np.ndarray, n: int) -> float:
    """Loops inside of each other, ``DEPTH`` deep, each with a variable that changes its kind in the innermost."""
    s = 0
    for a in range(n):
        for b in range(n):
            for c in range(n):
                for d in range(n):
                    for e in range(n):
                        for f in range(n):
                            for g in range(n):
                                for h in range(n):
                                    s = s + x[a + b + c + d] * x[e + f + g + h]
    return s


def three(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> np.ndarray:
    """Does nothing, so that a call is nothing but its cost."""
    return a


def import_seconds(module: str) -> float:
    """Processor time of importing ``module`` in a fresh interpreter, from files compiled by the first of several."""
    command = [sys.executable, "-P", "-c", CHILD.format(module)]
    with tempfile.TemporaryDirectory() as compiled:
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": compiled}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        runs = [subprocess.run(command, check=True, env=environment, capture_output=True, text=True).stdout
                for _ in range(REPEATS + 1)]
    return min(map(float, runs[1:]))


def programs() -> list[tuple[Callable[..., Any], tuple[Any, ...]]]:
    """What is traced and called, small so that the cost of a call itself shows."""
    points = load_digits()[0].reshape(1797, -1).astype(np.float64)[:50]
    signs = np.random.default_rng(0).standard_normal(100)
    return [
        (scale, (np.arange(3.0), 2.0)),
        (root, (2.0, 1e-12)),
        (count_sign_changes, (signs,)),
        (kmeans, (points, points[:3], 0.0, 100)),
    ]


def first_call_seconds(function: Callable[..., Any], arguments: tuple[Any, ...], repeats: int = REPEATS) -> float:
    """The time of tracing, optimising and compiling: converting aside, which is done once for each function."""
    convert(function)
    return min(seconds_of(to_graph(function).trace, arguments) for _ in range(repeats))


def call_seconds(function: Callable[..., Any], arguments: tuple[Any, ...]) -> float:
    """The time of a call, the least average of several series."""
    times = max(1, int(0.02 / seconds_of(function, arguments, 3)))
    return min(seconds_of(function, arguments, times) for _ in range(REPEATS))


def fixtures() -> Iterator[tuple[Callable[..., Any], tuple[Any, ...]]]:
    """The programs of a checkout, each with its first arguments; none in an installed package."""
    if not (FIXTURES / "programs").is_dir():
        return
    if "fixtures" not in sys.modules:
        spec = ModuleSpec("fixtures", loader=None, is_package=True)
        spec.submodule_search_locations = [str(FIXTURES)]
        sys.modules["fixtures"] = importlib.util.module_from_spec(spec)
    for program in importlib.import_module("fixtures.programs").all_programs():
        yield program.function, program.inputs()[0]


def costs(page: Page) -> list[str]:
    """Print what each step costs; return what is over its limit."""
    numpy = import_seconds("numpy")
    found = [
        ("import tograph, above import numpy", import_seconds("numpy, tograph") - numpy, MOST_IMPORT),
        ("finding the trace of a call with three arrays",
         hit_seconds(to_graph(three), tuple([np.zeros((3, 4)) for _ in range(3)])), MOST_HIT),
        (f"the first call of {DEPTH} nested loops", first_call_seconds(nested, (np.ones(9), 1), 1), MOST_NEST),
    ]
    first_calls = []
    for function, arguments in fixtures():
        try:
            first_calls.append(first_call_seconds(function, arguments, 1))
        except TographError:    # some are there to be refused
            continue
    if first_calls:
        title = f"the first call, median of {len(first_calls)} programs"
        found.append((title, statistics.median(first_calls), MOST_FIRST_CALL))
    over = [title for title, seconds, limit in found if seconds > limit]
    rows = [(title, duration(seconds), duration(limit)) for title, seconds, limit in found]
    page.table(("cost", "measured", "limit"), rows, [i for i, row in enumerate(rows) if row[0] in over])
    return over


def calls(page: Page) -> None:
    """Print what a call of a small program costs as a graph."""
    rows = []
    for function, arguments in programs():
        graph_function = to_graph(function)
        graph_function(*arguments)
        before = graph_function.executed_nodes
        graph_function(*arguments)
        nodes = graph_function.executed_nodes - before
        eager, graph = call_seconds(function, arguments), call_seconds(graph_function, arguments)
        times = map(duration, (first_call_seconds(function, arguments), eager, graph))
        extra = f"{(graph - eager) / nodes * 1e9:.0f} ns"
        rows.append((function.__name__, *times, f"{graph / eager:.2f}", nodes, extra))
    page.table(("small program", "first call", "eager", "graph", "graph / eager", "nodes", "extra a node"), rows)


def large(page: Page) -> list[str]:
    """Print time and memory of programs on large arrays; return what is over the limit."""
    rows, over = [], []
    for function, arguments in arrays.programs():
        found = compare(function, arguments)
        peaks = found.graph_peak / found.eager_peak
        if max(found.ratio, peaks) > MOST_RATIO:
            over.append(function.__name__)
        times = (duration(found.eager.median), duration(found.graph.median), f"{found.ratio:.2f}")
        rows.append((function.__name__, *times, memory(found.eager_peak), memory(found.graph_peak), f"{peaks:.2f}"))
    page.table(("large arrays", "eager", "graph", "ratio", "eager peak", "graph peak", "ratio"), rows,
               [i for i, row in enumerate(rows) if row[0] in over])
    return over


def main() -> int:
    """Measure, print and return the exit code."""
    page = Page()
    with progress("measuring what importing and tracing cost") as doing:
        over = costs(page)
        page.line()
        doing("calling small programs")
        calls(page)
        page.line()
        doing("calling programs on large arrays")
        over += large(page)
    if over:
        page.line(f"\nover the limit: {', '.join(over)}", "bad")
    return 1 if over else 0


if __name__ == "__main__":
    raise SystemExit(main())

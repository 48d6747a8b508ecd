"""``python -m tograph.runtime.bench``: what importing, tracing and calling cost, as a table.

Times are the least of several, so that a busy machine shows as little as it can.  The exit code is 1 where
``import tograph`` takes more than ``MOST_IMPORT`` above ``import numpy``.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from ...transpiler import convert
from ..demo import load_digits
from ..demo.kmeans import kmeans
from ..function import to_graph
from ..testing.report import table

MOST_IMPORT = 60e-3    # seconds of processor time
REPEATS = 5
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


def trace_seconds(function: Callable[..., Any], arguments: tuple[Any, ...]) -> float:
    """The time of a first call: converting aside, which is done once for each function."""
    convert(function)
    found = []
    for _ in range(REPEATS):
        graph_function = to_graph(function)
        found.append(_seconds(graph_function, arguments, 1))
    return min(found)


def call_seconds(function: Callable[..., Any], arguments: tuple[Any, ...]) -> float:
    """The time of a call, the least average of several series."""
    times = max(1, int(0.02 / _seconds(function, arguments, 3)))
    return min(_seconds(function, arguments, times) for _ in range(REPEATS))


def _seconds(function: Callable[..., Any], arguments: tuple[Any, ...], times: int) -> float:
    start = time.perf_counter()
    for _ in range(times):
        function(*arguments)
    return (time.perf_counter() - start) / times


def main() -> int:
    """Measure, print and return the exit code."""
    numpy = import_seconds("numpy")
    extra = import_seconds("numpy, tograph") - numpy
    limit = f"limit {MOST_IMPORT * 1e3:.0f} ms"
    print(f"import numpy {numpy * 1e3:.0f} ms, import tograph {extra * 1e3:.0f} ms more ({limit})\n")
    rows = []
    for function, arguments in programs():
        graph_function = to_graph(function)
        graph_function(*arguments)
        before = graph_function.executed_nodes
        graph_function(*arguments)
        nodes = graph_function.executed_nodes - before
        eager, graph = call_seconds(function, arguments), call_seconds(graph_function, arguments)
        trace = trace_seconds(function, arguments)
        times = [f"{trace * 1e3:.2f} ms", f"{eager * 1e6:.1f} us", f"{graph * 1e6:.1f} us", f"{graph / eager:.2f}"]
        rows.append([function.__name__, *times, str(nodes), f"{(graph - eager) / nodes * 1e9:.0f} ns"])
    header = ("program", "first call", "eager call", "graph call", "graph / eager", "nodes", "extra a node")
    print("\n".join(table(header, rows)))
    return 0 if extra <= MOST_IMPORT else 1


if __name__ == "__main__":
    raise SystemExit(main())

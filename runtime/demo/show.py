"""What ``tograph demo`` prints: k-means as plain NumPy, converted, as a graph, compared with eager NumPy, and timed.

Everything shown is computed when it is shown, from the program in ``kmeans.py`` and the digits beside it.
"""

from __future__ import annotations

import inspect
import linecache
import math
import textwrap
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from ...testing import Report, check
from ..function import to_graph
from ..ir.graph import Graph, walk
from ..ir.type_text import write_type
from ..terminal import Page
from . import load_digits
from .kmeans import kmeans

TYPES = ("f8[n, d]", "f8[k, d]", "float", "int")
Size = tuple[int, int, int]    # images, pixels of each, clusters
COMPARED: tuple[Size, ...] = ((1797, 64, 10), (600, 64, 10), (150, 32, 5), (40, 16, 8))
TIMED: tuple[Size, ...] = ((100, 64, 4), (600, 64, 10), (1797, 64, 10))
ROUNDS = 100
SECONDS = 1.0    # how long each row of the times takes
WIDTH = 100
UNBROKEN = "\N{NO-BREAK SPACE}"


def show(page: Page) -> bool:
    """Print the demo; return whether the graph did what eager NumPy does."""
    images, labels = load_digits()
    points = images.reshape(len(images), -1).astype(np.float64)

    def arguments(size: Size) -> tuple[Any, ...]:
        count, pixels, clusters = size
        return points[:count, :pixels].copy(), points[:clusters, :pixels].copy(), 0.0, ROUNDS

    page.heading("A program in plain NumPy: k-means")
    page.code(inspect.getsource(kmeans))
    page.heading("Its control flow, converted to calls")
    page.code(to_graph(kmeans).source)
    page.heading("Its graph, for arrays of any size")
    _show_graph(page, to_graph(kmeans).graph(*TYPES))
    page.heading("The graph against eager NumPy")
    inputs = [arguments(size) for size in COMPARED]
    report = check(kmeans, inputs)
    _show_report(page, report, inputs)
    if report.differences:
        return False
    _show_clusters(page, labels, *to_graph(kmeans)(*arguments(COMPARED[0])))
    page.heading("Time")
    _show_times(page, [arguments(size) for size in TIMED])
    return True


def _show_graph(page: Page, graph: Graph) -> None:
    page.line("inputs   " + ", ".join(f"{value.name}: {write_type(value.type)}" for value in graph.inputs))
    page.line("results  " + ", ".join(write_type(value.type) for value in graph.outputs))
    counts = Counter(node.op.name for node in walk(graph))
    control = {node.op.name for node in walk(graph) if node.bodies}
    page.line(f"nodes    {counts.total()}")
    for title, names in (("control flow", control), ("others", counts.keys() - control)):
        found = ", ".join(f"{count}{UNBROKEN}{name}" for name, count in counts.most_common() if name in names)
        wrapped = textwrap.fill(f"{title}: {found}", WIDTH, initial_indent="  ", subsequent_indent="    ")
        page.line(wrapped.replace(UNBROKEN, " "))
    page.line("\nits loops and branches, with the lines they come from:")
    rows = list(_outline(graph, 0))
    width = max((len(name) for name, _ in rows), default=0)
    for name, line in rows:
        page.line(f"  {name:{width}}  {line}")


def _outline(graph: Graph, depth: int) -> Iterator[tuple[str, str]]:
    """The control flow of a graph, indented as it is nested, each with the line of the program."""
    for node in graph.nodes:
        if node.bodies:
            place = node.location
            line = f"{place.line:3}  {linecache.getline(place.filename, place.line).strip()}" if place else ""
            yield "  " * depth + node.op.name, line
            for body in node.bodies:
                yield from _outline(body, depth + 1)


def _show_report(page: Page, report: Report, inputs: list[tuple[Any, ...]]) -> None:
    rows: list[tuple[Any, ...]] = []
    bad: list[int] = []
    for number, arguments in enumerate(inputs):
        count, pixels, clusters = *arguments[0].shape, len(arguments[1])
        wrong = any(found.call.replace(",", "").split()[:2] == ["input", str(number)] for found in report.differences)
        bad += [number] * wrong
        rows.append((count, pixels, clusters, kmeans(*arguments)[2], "different" if wrong else "same"))
    page.table(("images", "pixels", "clusters", "rounds", "result"), rows, bad)
    for found in report.differences:
        page.line(str(found), "bad")
    for tally in report.tallies:
        sizes = f"{tally.traces} graph{'s' if tally.traces != 1 else ''} for {len(inputs)} sizes"
        page.line(f"{tally.engine} engine: {tally.calls} calls compared, {tally.nodes} nodes run, {sizes}",
                  "bad" if report.differences else "good")


def _show_clusters(page: Page, digits: np.ndarray, centers: np.ndarray, clusters: np.ndarray, rounds: int) -> None:
    alike = sum(np.bincount(digits[clusters == k]).max(initial=0) for k in range(len(centers)))
    page.line(f"{len(digits)} images in {len(centers)} clusters after {rounds} rounds: "
              f"{alike / len(digits):.0%} share the digit of most in their cluster")


def _show_times(page: Page, inputs: list[tuple[Any, ...]]) -> None:
    graph_function = to_graph(kmeans)
    first = _seconds(graph_function, inputs[0])
    rows = []
    for arguments in inputs:
        eager, graph = _fastest((kmeans, graph_function), arguments)
        times = (f"{eager * 1e3:.2f} ms", f"{graph * 1e3:.2f} ms", f"{graph / eager:.2f}")
        rows.append((len(arguments[0]), len(arguments[1]), *times))
    page.table(("images", "clusters", "eager", "graph", "graph / eager"), rows)
    page.line(f"The first call also made the graph: {first * 1e3:.0f} ms.")


def _fastest(functions: Sequence[Callable[..., Any]], arguments: tuple[Any, ...]) -> list[float]:
    """The least time of a call of each function, called in turn for ``SECONDS``."""
    best = [math.inf] * len(functions)
    end = time.perf_counter() + SECONDS
    while time.perf_counter() < end or math.inf in best:
        best = [min(least, _seconds(function, arguments)) for least, function in zip(best, functions)]
    return best


def _seconds(function: Callable[..., Any], arguments: tuple[Any, ...]) -> float:
    start = time.perf_counter()
    function(*arguments)
    return time.perf_counter() - start

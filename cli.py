"""The command ``tograph``: shows what becomes of a function, compares it with eager NumPy, and times it.

Exit codes: 0 all is well, 1 a difference was found, 2 the command cannot be done; then one line on standard error says
why, or the whole message where a construct is refused.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import io
import json
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import asdict
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn

import numpy as np

from . import __version__
from .runtime.bench.timing import Comparison, compare, duration, memory
from .runtime.demo.show import show
from .runtime.function import GraphFunction
from .runtime.ir.drawing import dot, svg
from .runtime.ir.drawing.page import page as html_page
from .runtime.terminal import Page, progress
from .runtime.testing.given import BadArgument, Given, Specification, given_for, groups
from .runtime.testing.inputs import Arguments, arguments, symbols
from .runtime.tracing.abstract import TypeText
from .testing import Report, check
from .transpiler import NoSource, TographError, convert

SAME, DIFFERENT, IMPOSSIBLE, INTERRUPTED = 0, 1, 2, 130
MOST_SHOWN = 5
COLUMNS = ("inputs", "number", "engine", "calls", "raised", "refused", "nodes", "traces", "result")
EXAMPLES = """\
examples:
  tograph demo                                          see what it is
  tograph convert model.py:f                            print f with its control flow converted
  tograph convert model.py:Net.step --lines             a method, with the line each line comes from
  tograph check model.py:f --arg x='f8[n, 3]' --arg k=5 compare f as a graph with f in eager NumPy
  tograph check package.model:f --npz arguments.npz     the same, on arrays from a file
  tograph graph model.py:f --arg x='f8[n]' -o f.html    draw the graph of f
  tograph explain model.py:f --arg x='f8[n]' --sizes 9,1  say what is assumed, and why f is traced again
  tograph bench model.py:f --arg x='f8[n]' --sizes 10,1000000  time f eager and as a graph
"""
ARGUMENT = """\
An argument is a Python value (5, 1e-6, None, "text", [1, 2]) or a type: 'int', 'float', 'bool', 'complex',
'f8' (a NumPy scalar), 'f8[n, n + 1]' (an array). Parameters annotated as numbers, and those with defaults, need none.
"""
CHECK = ARGUMENT + """\
A size n takes several values, 0 and 1 too. Each input is given several times, in two orders; values, dtypes, memory
layout and aliasing, changed arguments, printed text, warnings and exceptions must be those of eager NumPy.
"""
GRAPH = ARGUMENT + """\
Types stay types: a size n is any size of 2 or more, and one graph is for all of them. --output writes a picture to
FILE.svg or FILE.html, the text to FILE.txt, or what Graphviz reads to FILE.dot.
"""
EXPLAIN = ARGUMENT + """\
The function is traced for arguments of these types, at each of the sizes, and not run.
"""
BENCH = ARGUMENT + """\
Times are medians of runs that take turns, with the distance between their quartiles; the first call converts and
traces too; a hit is what finding the graph costs at every later call; the peak is memory allocated by one call.
"""
WRITERS = {
    ".svg": lambda graph, title: svg.draw(graph),
    ".html": html_page,
    ".txt": lambda graph, title: str(graph),
    ".dot": lambda graph, title: dot.write(graph),
}
BENCH_COLUMNS = ("sizes", "eager", "spread", "graph", "spread", "graph / eager", "first call", "hit", "eager peak",
                 "graph peak", "nodes")


class Impossible(Exception):
    """The command cannot be done; the text says why in one line."""


class Parser(argparse.ArgumentParser):
    """Says what is wrong with a command line in one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(IMPOSSIBLE, f"{self.prog}: {message} (see {self.prog} --help)\n")


def main(words: Sequence[str] | None = None) -> int:
    """Run the command with the arguments ``words``, those of the process by default; return the exit code."""
    options = _parser().parse_args(words)
    try:
        code = options.run(options)
        sys.stdout.flush()
        return code
    except Impossible as error:
        print(f"tograph: {error}", file=sys.stderr)
        return IMPOSSIBLE
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:    # the reader of our output has gone, as in ``tograph convert ... | head``
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return IMPOSSIBLE


def _parser() -> Parser:
    as_written = argparse.RawDescriptionHelpFormatter
    parser = Parser(
        "tograph",
        description="Plain NumPy with native control flow, run as a graph.",
        epilog=EXAMPLES,
        formatter_class=as_written,
    )
    parser.add_argument("--version", action="version", version=f"tograph {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True, parser_class=Parser)
    command = commands.add_parser(
        "convert",
        help="print the converted source of a function",
        description="Print the source of a function with its control flow converted to calls.",
    )
    _add_target(command)
    command.add_argument("--lines", action="store_true", help="put the original line number behind each line")
    command.set_defaults(run=_convert)

    command = commands.add_parser(
        "check",
        help="compare a function as a graph with eager NumPy",
        description="Compare a function, run as a graph, with the same function in eager NumPy.",
        epilog=CHECK,
        formatter_class=as_written,
    )
    _add_arguments(command)
    command.add_argument(
        "--exactness",
        choices=("E0", "E1", "E2"),
        default="E0",
        help="E0 the same bits (default), E1 a few units in the last place, E2 the error bound of a reduction",
    )
    command.add_argument("--edges", action="store_true", help="also try infinities, NaN and the greatest numbers")
    command.set_defaults(run=_check)

    command = commands.add_parser(
        "graph",
        help="print or draw the graph of a function",
        description="Print or draw the graph of a function, before and after the passes that optimise it.",
        epilog=GRAPH,
        formatter_class=as_written,
    )
    _add_arguments(command)
    command.add_argument("--before", action="store_true", help="the graph as it was traced")
    command.add_argument("--after", action="store_true", help="the graph that runs (default)")
    command.add_argument("--passes", action="store_true", help="say what each pass did")
    command.add_argument("--output", "-o", metavar="FILE", type=Path, help="draw to FILE.svg, .html, .txt or .dot")
    command.set_defaults(run=_graph)

    command = commands.add_parser(
        "explain",
        help="say what the graph of a function assumes, and why it is traced again",
        description="Say what the graphs of a function assume of a call, each with the line that it is due to.",
        epilog=EXPLAIN,
        formatter_class=as_written,
    )
    _add_arguments(command)
    _add_sizes(command, "7")
    command.set_defaults(run=_explain)

    command = commands.add_parser(
        "bench",
        help="time a function eager and as a graph",
        description="Time a function in eager NumPy and as a graph, and measure the memory of a call.",
        epilog=BENCH,
        formatter_class=as_written,
    )
    _add_arguments(command)
    _add_sizes(command, "10,1000,100000")
    command.add_argument("--seconds", type=_positive, default=1.0, help="how long each size takes (default 1)")
    command.add_argument("--json", action="store_true", help="print JSON, in seconds and bytes")
    command.set_defaults(run=_bench)

    command = commands.add_parser(
        "demo",
        help="k-means on handwritten digits, start to end",
        description="Convert, trace, compare and time k-means on 1797 handwritten digits.",
    )
    command.set_defaults(run=_demo)
    return parser


def _add_target(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "target", metavar="FILE.py:FUNC", help="the function, also module:FUNC; FUNC may be Class.method"
    )


def _add_arguments(command: argparse.ArgumentParser) -> None:
    _add_target(command)
    command.add_argument(
        "--arg",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        type=_named,
        help="an argument: a value, or a type like 'f8[n, 3]'; may be repeated",
    )
    command.add_argument("--npz", metavar="FILE", help="arrays named as parameters are; one without axes is a number")


def _add_sizes(command: argparse.ArgumentParser, default: str) -> None:
    command.add_argument(
        "--sizes", metavar="N,...", type=_sizes, default=default, help=f"what every named size is (default {default})"
    )


def _sizes(text: str) -> list[int]:
    sizes = [part.strip() for part in text.split(",")]
    if not all(size.isdecimal() for size in sizes):
        raise argparse.ArgumentTypeError(f"{text!r} is not like 10,1000")
    return [int(size) for size in sizes]


def _positive(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a positive number")
    return number


def _named(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip().isidentifier() or not value.strip():
        raise argparse.ArgumentTypeError(f"{text!r} is not like x='f8[n, 3]' or n=5")
    return name.strip(), value


def _convert(options: argparse.Namespace) -> int:
    printed = _converted(_find(options.target)).printed
    Page().code(printed.with_user_lines() if options.lines else printed.text)
    return SAME


def _check(options: argparse.Namespace) -> int:
    function, given = _given(options)
    try:
        inputs = list(groups(given, options.edges))
    except BadArgument as error:
        raise Impossible(error) from None
    page = Page()
    page.line(f"{function.__name__}({given}), exactness {options.exactness}")
    reports = []
    with progress("comparing") as doing:
        for number, (title, made) in enumerate(inputs, 1):
            doing(f"comparing {title}, {number} of {len(inputs)}")
            reports.append(check(function, made, exactness=options.exactness))
    rows = [row for (title, made), report in zip(inputs, reports) for row in _rows(title, len(made), report)]
    page.table(COLUMNS, rows, bad=[number for number, row in enumerate(rows) if row[-1] != "same"])
    for (title, _), report in zip(inputs, reports):
        for difference in report.differences[:MOST_SHOWN]:
            page.line(f"\n{title}, {difference}", "bad")
        if (more := len(report.differences) - MOST_SHOWN) > 0:
            page.line(f"\n{title}: {more} more")
    tallies = [tally for report in reports for tally in report.tallies]
    if all(tally.raised == tally.calls for tally in tallies):
        page.line("Eager NumPy raised in every call: other arguments (--arg) would say more.")
    return DIFFERENT if any(report.differences for report in reports) else SAME


def _rows(title: str, number: int, report: Report) -> Iterator[tuple[Any, ...]]:
    """The table's rows for one group of ``number`` inputs, one an engine."""
    for tally in report.tallies:
        wrong = sum(difference.engine == tally.engine for difference in report.differences)
        counts = (tally.calls, tally.raised, tally.refused, tally.nodes, tally.traces)
        yield title, number, tally.engine, *counts, f"{wrong} different" if wrong else "same"


def _graph(options: argparse.Namespace) -> int:
    function, given = _given(options)
    output: Path | None = options.output
    if output is not None and output.suffix not in WRITERS:
        raise Impossible(f"{output} can be none of {', '.join(WRITERS)}")
    types = [TypeText(value.text) if isinstance(value, Specification) else value for value in given.values]
    with progress(f"tracing {function.__name__}"), _refusals():
        trace = GraphFunction(function).trace(*types)
    made, screen = trace.made, Page()
    graphs = [("before", made.traced)] * options.before
    graphs += [("after", trace.graph)] * (options.after or not (options.before or options.passes))
    if output is not None:
        wanted = trace.graph if options.after or not options.before or made.traced is None else made.traced
        _write(output, WRITERS[output.suffix](wanted, f"{function.__name__}({given})"))
        graphs = []
    for number, (title, graph) in enumerate(graphs):
        if len(graphs) > 1 or options.passes:
            screen.line(("\n" if number else "") + f"{title} the passes", "heading")
        screen.line(str(graph).rstrip("\n"))
    if options.passes:
        screen.line(("\n" if graphs else "") + "the passes", "heading")
        rows = [(step.name, f"{1e3 * step.seconds:.2f} ms", step.before, step.after, step.after - step.before)
                for step in made.passes]
        screen.table(("pass", "time", "nodes before", "after", "change"), rows)
    return SAME


def _write(file: Path, text: str) -> None:
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Impossible(f"{file} cannot be written: {error.strerror or error}") from None


def _explain(options: argparse.Namespace) -> int:
    function, given = _given(options)
    traced = GraphFunction(function)
    with progress(f"tracing {function.__name__}"), _refusals():
        for _, made in _at_sizes(given, options.sizes):
            traced.trace_for(traced.bind(made, {}))
    Page().line(str(traced.explain()))
    return SAME


def _bench(options: argparse.Namespace) -> int:
    function, given = _given(options)
    found = []
    with progress(f"timing {function.__name__}") as doing, _refusals():
        for sizes, made in _at_sizes(given, options.sizes):
            doing(f"timing {function.__name__}, {sizes or 'once'}")
            found.append((sizes, _measured(function, made, options.seconds)))
    if options.json:
        print(json.dumps([{"sizes": sizes, **asdict(measured), "ratio": measured.ratio} for sizes, measured in found]))
        return SAME
    page = Page()
    page.line(f"{function.__name__}({given}), {options.seconds:g} s each")
    page.table(BENCH_COLUMNS, [_bench_row(sizes, measured) for sizes, measured in found])
    return SAME


def _measured(function: Callable[..., Any], arguments: Arguments, seconds: float) -> Comparison:
    """The times; raises Impossible where the function raises, since then there is nothing to time."""
    try:
        with redirect_stdout(io.StringIO()):
            return compare(function, arguments, seconds)
    except TographError:
        raise
    except Exception as error:
        raise Impossible(f"{function.__name__}() raised {type(error).__name__}: {_first_line(error)}") from None


def _bench_row(sizes: str, found: Comparison) -> tuple[str, ...]:
    times = [text for time in (found.eager, found.graph) for text in (duration(time.median), f"{time.spread:.0%}")]
    peaks = [memory(peak) for peak in (found.eager_peak, found.graph_peak)]
    calls = [f"{found.ratio:.2f}", duration(found.first), duration(found.hit)]
    return (sizes or "-", *times, *calls, *peaks, str(found.nodes))


def _at_sizes(given: Given, sizes: list[int]) -> list[tuple[str, Arguments]]:
    """The arguments with every named size as each of ``sizes``; once where nothing has a size."""
    specifications = given.specifications
    names = symbols(specifications)
    try:
        return [
            (", ".join(f"{name}={size}" for name in names),
             given.filled(arguments(specifications, dict.fromkeys(names, size))))
            for size in (sizes if names else [0])
        ]
    except (ValueError, MemoryError) as error:
        raise Impossible(f"arguments of these sizes cannot be made: {error}") from None


@contextmanager
def _refusals() -> Iterator[None]:
    """Let a refused construct end the command with its whole message."""
    try:
        yield
    except TographError as error:
        raise Impossible(error) from None


def _demo(options: argparse.Namespace) -> int:
    with progress("comparing and timing k-means"):
        return SAME if show(Page()) else DIFFERENT


def _given(options: argparse.Namespace) -> tuple[Callable[..., Any], Given]:
    """The function of a command, which can be converted, and its arguments."""
    function = _find(options.target)
    _converted(function)
    try:
        return function, given_for(function, dict(options.arg), _arrays(options.npz) if options.npz else {})
    except BadArgument as error:
        raise Impossible(error) from None


def _converted(function: Callable[..., Any]) -> Any:
    try:
        return convert(function)
    except NoSource as error:
        raise Impossible(error.message) from None
    except TographError as error:
        raise Impossible(error) from None


def _arrays(file: str) -> dict[str, Any]:
    try:
        with np.load(file) as arrays:
            return {name: array if array.ndim else array.item() for name, array in arrays.items()}
    except FileNotFoundError:
        raise Impossible(f"there is no file {file}") from None
    except OSError as error:
        raise Impossible(f"{file} cannot be read: {error.strerror or error}") from None
    except (ValueError, TypeError, AttributeError, EOFError):
        raise Impossible(f"{file} is not a file of arrays written by numpy.savez") from None


def _find(target: str) -> Callable[..., Any]:
    """The plain function that ``FILE.py:FUNC`` or ``module:FUNC`` names.  Raises Impossible."""
    place, colon, name = target.rpartition(":")
    if not colon or not place or not all(part.isidentifier() for part in name.split(".")):
        raise Impossible(f"{target!r} is not like model.py:f or package.model:f")
    is_file = place.endswith(".py") or os.sep in place
    module = _import_file(Path(place)) if is_file else _import_module(place)
    found: Any = module
    for part in name.split("."):
        try:
            found = getattr(found, part)
        except AttributeError:
            raise Impossible(f"{place} has no function {name!r}") from None
    found = getattr(found, "eager", found)
    if not callable(found):
        raise Impossible(f"{name!r} in {place} is not a function")
    return found


def _import_file(path: Path) -> ModuleType:
    """Run a file as a module of its own, with its folder first where it looks for others, as ``python FILE`` does."""
    if not path.is_file():
        raise Impossible(f"there is no file {path}")
    sys.path.insert(0, str(path.resolve().parent))
    name = path.stem if path.stem not in sys.modules else f"{path.stem} (file)"
    spec = importlib.util.spec_from_file_location(name, path.resolve())
    if spec is None or spec.loader is None:
        raise Impossible(f"{path} is not a Python file")
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    _imported(str(path), partial(spec.loader.exec_module, module))
    return module


def _import_module(name: str) -> ModuleType:
    sys.path.insert(0, os.getcwd())
    try:
        found = importlib.util.find_spec(name) is not None
    except (ModuleNotFoundError, ValueError):
        found = False
    if not found:
        raise Impossible(f"there is no module {name}")
    return _imported(name, partial(importlib.import_module, name))


def _imported(shown: str, run: Callable[[], Any]) -> Any:
    """What ``run`` returns.  Raises Impossible, naming the line, for anything that it raises."""
    try:
        return run()
    except SyntaxError as error:
        place = os.path.relpath(error.filename) if error.filename else shown
        raise Impossible(f"{place}:{error.lineno}: {type(error).__name__}: {error.msg}") from None
    except (Exception, SystemExit) as error:
        line = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{os.path.relpath(line.filename)}:{line.lineno}" if os.path.exists(line.filename) else shown
        reason = f"{type(error).__name__}: {_first_line(error)}"
        raise Impossible(f"{shown} cannot be imported: {reason} ({place})") from None


def _first_line(error: BaseException) -> str:
    return str(error).partition("\n")[0]

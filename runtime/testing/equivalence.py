"""The comparison of a graph function with the plain function it was made from.

The oracle is the undecorated function. For every call both start from the same state: arguments are copied so that
what is shared stays shared, globals and closures are put back in between. Every input is given twice, in both
orders, to one graph function. A call passes only if nothing observable differs, the engine executed a graph node,
and no code of the program ran: neither the function itself, nor, when nothing was traced, anything from its file.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from types import CodeType
from typing import Any, Literal, Protocol, TypedDict, Unpack

import numpy as np

from .compare import Exactness, Rules, compare, same_start
from .frames import in_file, watch
from .inputs import SIZES, aliased, layouts, sized, special
from .observe import Observation, observe
from .report import Difference, Report, Tally
from .snapshot import copy_values, reachable
from .world import World, codes, plain_function


class GraphFunction(Protocol):
    """What the harness needs of a graph function; the counters grow by one for each node run and each graph traced."""

    @property
    def executed_nodes(self) -> int: ...

    @property
    def trace_count(self) -> int: ...

    @property
    def eager(self) -> Callable[..., Any]: ...

    def __call__(self, *arguments: Any) -> Any: ...


Engine = Callable[[Callable[..., Any]], GraphFunction]
Inputs = Sequence[str] | Iterable[tuple[Any, ...]] | Callable[[], Iterable[tuple[Any, ...]]]
_Numbered = tuple[int, tuple[Any, ...]]


class Different(AssertionError):
    """A graph function did not do what its plain function does; ``report`` has the particulars."""

    def __init__(self, report: Report, source: str):
        super().__init__(f"{report}\n\n{source}" if source else str(report))
        self.report = report


class Options(TypedDict, total=False):
    """How a program is compared; nothing is required.

    sizes
        For inputs given as specifications: the sizes to make arguments of (``inputs.SIZES``).
    variations
        Whether to go on with variations of the first input: other layouts, special values, aliased arguments (False).
    exactness
        "E0" the same bits (the default), "E1" a few units in the last place, "E2" the error bound of a reduction.
    warnings
        Whether the set of warnings must be the same (True).
    frames
        Whether code of the program must not run when nothing is traced (True); False for callbacks that NumPy calls.
        "repeated": watch only the calls that trace nothing, as watching tracing takes longer than all the rest.
    without_nodes
        Admit a call that executes no graph node, as ``return x`` may (False).
    traces
        The most graphs one graph function may trace for all the inputs (None: any number).
    reset
        Runs before each new input.
    refusals
        Exceptions that mean "not converted", subclasses too: counted apart, and a difference like any other.
    eagerly
        A context in which graph functions that the plain function calls run plainly too.
    """

    sizes: Iterable[int]
    variations: bool
    exactness: Exactness
    warnings: bool
    frames: bool | Literal["repeated"]
    without_nodes: bool
    traces: int | None
    reset: Callable[[], None] | None
    refusals: tuple[type[BaseException], ...]
    eagerly: Callable[[], AbstractContextManager[Any]]


def assert_equivalent(
    function: Callable[..., Any], inputs: Inputs, *, engines: Mapping[str, Engine], **options: Unpack[Options]
) -> Report:
    """Compare ``function`` with what each engine makes of it, on every input; the report says what was compared.

    ``inputs`` are argument tuples, or a function that gives fresh ones, or specifications of the parameters such as
    ``("f8[n, 3]", "int")``.  Raises ``Different``.
    """
    report = check(function, inputs, engines=engines, **options)
    if report.differences:
        raise Different(report, _source(function))
    return report


def check(
    function: Callable[..., Any], inputs: Inputs, *, engines: Mapping[str, Engine], **options: Unpack[Options]
) -> Report:
    """As ``assert_equivalent``, but differences are only reported."""
    oracle = getattr(function, "eager", function)
    if hasattr(oracle, "executed_nodes") or not engines:
        raise ValueError("the oracle must be a plain function, compared with one engine or more")
    arguments = list(enumerate(_arguments(inputs, options)))
    if not arguments:
        raise ValueError("there is no input to compare on")
    report = Report(getattr(oracle, "__qualname__", repr(oracle)), options.get("exactness", "E0"))
    for name, engine in engines.items():
        tally = Tally(name)
        report.tallies.append(tally)
        session = _Session(oracle, report, tally, options)
        session.run(engine, arguments, arguments[::-1], options.get("traces"))
        session.run(engine, arguments[::-1], arguments, None)
    return report


def _arguments(inputs: Inputs, options: Options) -> list[tuple[Any, ...]]:
    given = list(inputs() if callable(inputs) else inputs)
    specifications = [item for item in given if isinstance(item, str)]
    arguments = [item for item in given if not isinstance(item, str)]
    if specifications:
        arguments += sized(specifications, options.get("sizes", SIZES))
    if options.get("variations", False) and arguments:
        first = arguments[0]
        arguments += [varied for _, varied in (*layouts(first), *aliased(first))] + [special(first)]
    return arguments


class _Session:
    """The comparison of one engine: what stays the same from call to call."""

    def __init__(self, oracle: Callable[..., Any], report: Report, tally: Tally, options: Options):
        self.oracle = oracle
        self.report = report
        self.tally = tally
        self.options = options
        self.rules = Rules(report.exactness, options.get("warnings", True))
        self.world = World(oracle)
        plain = plain_function(oracle)
        self.body = list(codes(plain.__code__)) if plain else []
        self.filename = plain.__code__.co_filename if plain else ""

    def run(self, engine: Engine, order: Sequence[_Numbered], then: Sequence[_Numbered], traces: int | None) -> None:
        """Give one graph function the inputs in ``order``, each twice, after that in the order ``then``, each once."""
        put_back = self.world.save()
        reset = self.options.get("reset")
        graph_function = engine(self.oracle)
        if graph_function.eager is not self.oracle:
            self._differ("before any call", ["the graph function was not made from the oracle"])
        calls = [(item, ("", " again")) for item in order] + [(item, (", after the others",)) for item in then]
        for position, ((number, arguments), repeats) in enumerate(calls):
            put_back()
            if reset is not None:
                reset()
            if position == len(order) and traces is not None and graph_function.trace_count > traces:
                self._differ("all inputs", [f"{graph_function.trace_count} graphs were traced, allowed are {traces}"])
            titles = [f"input {number}{repeat}" for repeat in repeats]
            if not all(self._compare(graph_function, arguments, title, position) for title in titles):
                break
        self.tally.traces = max(self.tally.traces, graph_function.trace_count)
        put_back()

    def _compare(self, graph_function: GraphFunction, arguments: tuple[Any, ...], title: str, position: int) -> bool:
        outside = self.world.objects()
        put_back = self.world.save()
        for_oracle = copy_values(arguments, outside)
        for_engine = copy_values(arguments, outside)
        with self.options.get("eagerly", nullcontext)():
            expected = observe(self.oracle, for_oracle, self.world)
        put_back()
        nodes, traced = graph_function.executed_nodes, graph_function.trace_count
        ran: list[CodeType] = []

        def watched(*arguments: Any) -> Any:
            with watch(in_file(self.filename), ran):
                return graph_function(*arguments)

        # A profile function slows tracing much: the first call and the repeated ones show what there is to see.
        frames = self.options.get("frames", True)
        watching = "again" in title if frames == "repeated" else frames and (position == 0 or "again" in title)
        actual = observe(watched if watching else graph_function, for_engine, self.world)
        nodes = graph_function.executed_nodes - nodes
        self.tally.calls += 1
        self.tally.nodes += nodes
        self.tally.raised += expected.raised is not None
        details = [f"not the same start: {detail}" for detail in same_start(expected, actual)]
        details += compare(expected, actual, self._rules(arguments))
        details += _leaks(expected, actual, outside)
        details += self._frames(ran, graph_function.trace_count > traced)
        if nodes <= 0 and not self.options.get("without_nodes", False):
            details.append("no graph node was executed")
        if isinstance(actual.error, self.options.get("refusals", ())):
            self.tally.refused += 1
            details = [f"refused: {actual.error}"]
        if details:
            self._differ(title, details)
        return not details

    def _rules(self, arguments: tuple[Any, ...]) -> Rules:
        if self.rules.exactness != "E2":
            return self.rules
        arrays = [value for value in reachable(arguments) if isinstance(value, np.ndarray)]
        arrays = [array for array in arrays if array.dtype.kind in "fiuc"]
        scale = max((float(np.nanmax(np.abs(array), initial=0)) for array in arrays), default=0.0)
        terms = max((array.size for array in arrays), default=1)
        return Rules("E2", self.rules.warnings, self.rules.strides, scale, max(terms, 1))

    def _frames(self, ran: Sequence[CodeType], traced: bool) -> list[str]:
        """The function's own code must never run in a graph call; when nothing is traced, nothing of its file."""
        forbidden = [code for code in ran if not traced or any(code is own for own in self.body)]
        return [f"Python code of the program ran: {code.co_name}, line {code.co_firstlineno}" for code in forbidden]

    def _differ(self, call: str, details: Sequence[str]) -> None:
        self.report.differences.append(Difference(self.tally.engine, call, tuple(details)))


def _leaks(expected: Observation, actual: Observation, outside: Sequence[Any]) -> list[str]:
    """Objects that both runs have, although nothing but the outside state belongs to both."""
    assert expected.kept is not None and actual.kept is not None
    shared = {id(value) for value in reachable(list(outside))}
    both = (expected.kept.numbers.keys() & actual.kept.numbers.keys()) - shared
    leaked = [expected.names[expected.kept.numbers[key]] for key in both]
    return [f"{name}: the engine's call has the very object of the plain call" for name in sorted(leaked)]


def _source(function: Callable[..., Any]) -> str:
    plain = plain_function(getattr(function, "eager", function))
    try:
        return inspect.getsource(plain) if plain else ""
    except OSError:
        return ""

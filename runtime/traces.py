"""The traces of one graph function: found for a call, or made by transpiling, tracing, optimising and compiling.

This is loaded by the first call of a graph function (see ``function.py``), since it needs nearly all of the package.
"""

from __future__ import annotations

import inspect
import threading
import traceback
import warnings
from collections.abc import Callable
from time import perf_counter
from typing import Any

import numpy as np

from ..transpiler import Location, NoSource, TographError, convert, find_source, is_generated
from . import log
from .cache import FIRST, Made, Reason, Trace, TraceCache
from .deep_stack import DeepStack
from .errors import InternalError, RetraceWarning
from .execute.reference import Counter, compile_graph
from .explanation import Explanation, explain
from .ir.graph import Value
from .naming import name_and_place, python_function
from .passes.pipeline import Step, run
from .tracing.abstract import abstract_arguments
from .tracing.current import set_current
from .tracing.inputs import Source
from .tracing.keys import Exactly, Identity, alias_pattern, is_mutable_reference
from .tracing.paths import Argument, Path
from .tracing.staging import Staging
from .tracing.trace import Front, Raised, Specialise

WARN_AFTER = 8
MOST_SPECIALISATIONS = 32
MOST_REFUSALS = 16  # that are remembered




def _convert(function: Any) -> Any:
    """The conversion of a function, which is told where someone logs."""
    if not log.enabled(log.DEBUG):
        return convert(function)
    begin = perf_counter()
    conversion = convert(function)
    log.tell(log.DEBUG, "convert %s: %.2f ms", name_and_place(function), 1e3 * (perf_counter() - begin))
    return conversion


FRONT = Front(_convert, is_generated)


DEEP_STACK = DeepStack(lambda before: 40_000)  # calls are traced in place, a few frames each


class Traces:
    """The traces of ``function``, called ``name``; ``static`` are names of parameters, see ``to_graph``."""

    def __init__(self, function: Callable[..., Any], name: str, signature: inspect.Signature, static: frozenset[str],
                 unroll: int) -> None:
        self.counter = Counter()
        self._refusals: list[Reason] = []
        self._function = function
        self._name = name
        self._signature = signature
        self._static = static
        self._unroll = unroll
        self._lock = threading.RLock()
        self._warned = False
        positions = tuple(i for i, parameter in enumerate(signature.parameters) if parameter in static)
        self.cache = TraceCache(tuple(signature.parameters), positions)

    def find(self, arguments: tuple[Any, ...]) -> Trace:
        """The trace for a call with these arguments, made where there is none."""
        try:
            key = self.cache.key(arguments)
            trace = self.cache.find(key, arguments)
        except TypeError:
            self._check_static(arguments)
            raise
        if trace is not None:
            return trace
        with self._lock:
            trace = self.cache.find(key, arguments)
            if trace is None:
                reason = self.cache.why(key, arguments)
                trace = self.make(arguments, reason)
                self.cache.add(key, trace, reason)
                self._warn(reason)
        return trace

    def _check_static(self, arguments: tuple[Any, ...]) -> None:
        for name, value in zip(self._signature.parameters, arguments):
            try:
                hash(value if name in self._static else None)
            except TypeError as error:
                raise TypeError(f"the static argument '{name}' of {self._name} must be hashable: {error}") from None

    def _warn(self, reason: Reason) -> None:
        if len(self.cache) > WARN_AFTER and not self._warned:
            self._warned = True
            place = f" ({reason.place})" if reason.place is not None else ""
            warnings.warn(
                f"{self._name} was traced {len(self.cache)} times, at last since {reason.text}{place}; "
                "explain() shows all.",
                RetraceWarning,
                stacklevel=5,
            )

    # -- making

    def make(self, arguments: tuple[Any, ...], reason: Reason = FIRST) -> Trace:
        """A trace for these arguments; it starts again whenever something must be specialised."""
        log.tell(log.DEBUG, "%s: trace begins, made for %s", self._name, reason.text)
        begin = perf_counter()
        specialised: dict[str, int] = {}
        places: dict[str, Location | None] = {}
        reasons: list[Reason] = []
        for _ in range(MOST_SPECIALISATIONS):
            try:
                staging, outputs = self._staged(arguments, specialised, places)
            except Specialise as need:
                place = place_of(need, self._function)
                specialised.update(need.symbols)
                places.update(dict.fromkeys(need.symbols, place))
                reasons.append(Reason(need.reason, place))
                log.tell(log.DEBUG, "%s: starts again with %s, since %s", self._name, need.symbols, need.reason)
            except TographError as error:
                self._refusals = [*self._refusals, Reason(error.message, error.location)][-MOST_REFUSALS:]
                log.tell(log.INFO, "%s: refused: %s", self._name, error.message)
                raise
            else:
                return self._finished(staging, outputs, arguments, tuple(reasons), begin)
        raise InternalError("a trace was specialised without end")

    def _staged(self, arguments: tuple[Any, ...], specialised: dict[str, int],
                places: dict[str, Location | None]) -> tuple[Staging, list[Value]]:
        """The function run on tracers: the trace, and the values that are its results."""
        staging = Staging(FRONT, specialised, self._unroll)
        staging.needed_at.update(places)
        before = set_current(staging)
        try:
            with DEEP_STACK:
                return staging, [self._run(staging, arguments)]
        except Raised:
            return staging, [staging.root.nodes[-1].outputs[-1]]
        except TographError as error:
            place = place_of(error, self._function)
            if place is not None:
                error.at(place)
            raise
        finally:
            set_current(before)

    def _finished(self, staging: Staging, outputs: list[Value], arguments: tuple[Any, ...],
                  reasons: tuple[Reason, ...], begin: float) -> Trace:
        """The trace, optimised and compiled."""
        traced = staging.root.finish(outputs)
        graph, passes = run(traced)
        inputs = tuple(source for source in staging.sources if source.is_input)
        guards = tuple(source for source in staging.sources if source.is_outer or isinstance(source.key, Exactly))
        references = tuple(
            source
            for source in staging.sources
            if source.is_outer
            and source.is_input
            and not isinstance(source.key, Identity)
            and is_mutable_reference(source.path.find(arguments))
        )
        pattern = alias_pattern((arguments, tuple(source.path.find(arguments) for source in references)))
        direct = [source.path for source in inputs] == [Path(Argument(i)) for i in range(len(arguments))]
        program = compile_graph(graph, staging.package or np, self.counter, self._name)
        seconds = perf_counter() - begin
        made = Made(reasons, tuple(staging.notes), passes, seconds, traced)
        self._tell(passes, guards, seconds)
        return Trace(graph, inputs, guards, references, pattern, program, direct, made)

    def _tell(self, passes: tuple[Step, ...], guards: tuple[Source, ...], seconds: float) -> None:
        if log.enabled(log.DEBUG):
            for step in passes:
                log.tell(log.DEBUG, "%s: pass %s", self._name, step)
            for guard in guards:
                log.tell(log.DEBUG, "%s: guard %s is %s", self._name, guard.name, guard.described())
        nodes = passes[-1].after if passes else 0
        log.tell(log.INFO, "%s: traced in %.1f ms, %d nodes", self._name, 1e3 * seconds, nodes)

    def _run(self, staging: Staging, arguments: tuple[Any, ...]) -> Any:
        taken = []
        for i, (name, value) in enumerate(zip(self._signature.parameters, arguments)):
            taken.append(value if name in self._static else staging.take_argument(value, name, i))
        function = self._function
        positional, keywords = [], {}
        for (name, parameter), value in zip(self._signature.parameters.items(), taken):
            if parameter.kind is inspect.Parameter.VAR_POSITIONAL:
                positional.extend(value)
            elif parameter.kind is inspect.Parameter.VAR_KEYWORD:
                keywords.update({key: staging.get_item(value, key) for key in arguments[-1]})
            elif parameter.kind is inspect.Parameter.KEYWORD_ONLY:
                keywords[name] = value
            else:
                positional.append(value)
        result = staging.call_root(function, positional, keywords)
        with staging.inside(staging.root):
            return staging.value_of(result)

    # -- looking

    def described(self, arguments: tuple[Any, ...]) -> Trace:
        """The trace for these arguments, some of which may be texts that stand for any argument of a type."""
        abstract = abstract_arguments(arguments, tuple(self._signature.parameters))
        return self.find(arguments) if abstract is None else self.make(abstract)

    def explain(self) -> Explanation:
        """The traces made so far, and what was refused."""
        return explain(self._name, tuple(self._signature.parameters), self.cache, self._refusals)

    @property
    def converted(self) -> str:
        """The converted source."""
        return convert(python_function(self._function)).source

    def sources(self) -> tuple[str, str]:
        """The source and the converted source; where there is none, nothing, or the reason."""
        try:
            converted = self.converted
        except TographError as error:
            return "", str(error)
        try:
            return find_source(python_function(self._function)).text, converted
        except NoSource:
            return "", converted

    def clear(self) -> None:
        """Forget all traces."""
        with self._lock:
            self.cache.clear()
            self._refusals = []
            self._warned = False


def place_of(error: BaseException, function: Callable[..., Any]) -> Location | None:
    """The innermost line of the user's that ``error`` passed; else where ``function`` is defined, if that is known."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    for frame, place in reversed(list(zip(frames, traceback.extract_tb(error.__traceback__)))):
        if is_generated(frame.f_code) and place.lineno is not None:
            end = place.end_colno if place.end_lineno == place.lineno else None
            return Location(place.filename, place.lineno, place.colno, end, place.name)
    return definition_of(function)


def definition_of(function: Callable[..., Any]) -> Location | None:
    """Where ``function`` is defined, if that is known."""
    plain = python_function(function)
    try:
        source = find_source(plain)
    except NoSource:
        code = getattr(plain, "__code__", None)
        return code and Location(code.co_filename, code.co_firstlineno, function=code.co_name)
    return source.location(source.tree)

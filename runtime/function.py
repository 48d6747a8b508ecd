"""The traced function: transpile, trace, optimise, run, remember.

A call computes the key of its arguments, finds the trace made for that key whose guards hold, fetches the inputs
and runs the compiled graph. No other code of the user's runs then.
"""

from __future__ import annotations

import inspect
import os
import sys
import threading
import traceback
import warnings
import weakref
from collections.abc import Callable, Iterable
from copy import deepcopy
from time import perf_counter
from typing import Any

import numpy as np

from ..transpiler import Location, NoSource, TographError, convert, find_source, is_generated
from . import log
from .cache import FIRST, Made, Reason, Trace, TraceCache
from .errors import InternalError, RetraceWarning
from .execute.reference import Counter, compile_graph
from .explanation import Explanation, explain
from .ir.drawing.markup import escape, folded, preformatted
from .ir.graph import Graph, Value
from .passes.pipeline import Step, run
from .tracing.abstract import abstract_arguments
from .tracing.inputs import Source
from .tracing.keys import Exactly, Identity, alias_pattern, is_mutable_reference
from .tracing.paths import Argument, Path
from .tracing.staging import Staging
from .tracing.trace import Front, Raised, Specialise
from .tracing.tracer import is_tracing, set_current

WARN_AFTER = 8
MOST_SPECIALISATIONS = 32
MOST_REFUSALS = 16  # that are remembered


def _convert(function: Any) -> Any:
    """The conversion of a function, which is told where someone logs."""
    if not log.enabled(log.DEBUG):
        return convert(function)
    begin = perf_counter()
    conversion = convert(function)
    log.tell(log.DEBUG, "convert %s: %.2f ms", _name_and_place(function), 1e3 * (perf_counter() - begin))
    return conversion


FRONT = Front(_convert, is_generated)

_eagerly = os.environ.get("TOGRAPH_EAGER", "") not in ("", "0")
_runs_are_told = log.start(os.environ.get("TOGRAPH_LOG", ""))
_detour = _eagerly or _runs_are_told  # whether a call has more to do than to find its trace and run it
_functions: weakref.WeakSet[GraphFunction] = weakref.WeakSet()


class DeepStack:
    """Lets Python's stack grow deeper for a while; threads share the limit, and the last to leave restores it."""

    def __init__(self, frames: int) -> None:
        self._frames = frames
        self._inside = 0
        self._before = 0
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        with self._lock:
            if self._inside == 0:
                self._before = sys.getrecursionlimit()
                sys.setrecursionlimit(max(self._before, self._frames))
            self._inside += 1

    def __exit__(self, *exception: object) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0:
                sys.setrecursionlimit(self._before)


DEEP_STACK = DeepStack(40_000)  # calls are traced in place, a few frames each


class GraphFunction:
    """A function that runs as a graph.  ``eager`` is the function itself, untouched.

    A call gives what ``eager`` gives, or raises what it raises; what cannot be traced raises ``TographError``.
    """

    __tograph_eager__ = True

    def __init__(
        self,
        function: Callable[..., Any],
        backend: str = "auto",
        static: Iterable[str] = (),
        name: str | None = None,
        unroll: int = 4,
    ) -> None:
        if backend not in ("auto", "reference"):
            raise ValueError(f"unknown backend {backend!r}: use 'auto' or 'reference'")
        self.eager = function
        self.backend = backend
        self.static = frozenset((static,) if isinstance(static, str) else static)
        self.unroll = unroll
        self.__wrapped__ = function
        self.__name__ = name or getattr(function, "__name__", type(function).__name__)
        self.__qualname__ = getattr(function, "__qualname__", self.__name__)
        self.__module__ = getattr(function, "__module__", __name__)
        self.__doc__ = function.__doc__
        self._signature = inspect.signature(function)
        unknown = self.static - set(self._signature.parameters)
        if unknown:
            raise ValueError(f"static names no parameter of {self.__name__}: {', '.join(sorted(unknown))}")
        self._positional = (
            tuple(self._signature.parameters)
            if all(
                parameter.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
                for parameter in self._signature.parameters.values()
            )
            else None
        )
        self._static_positions = tuple(i for i, name in enumerate(self._signature.parameters) if name in self.static)
        self._arity = len(self._signature.parameters) if self._positional is not None else -1
        self._cache = TraceCache(self.parameters, self._static_positions)
        self._refusals: list[Reason] = []
        self._counter = Counter()
        self._lock = threading.RLock()
        self._warned = False
        _functions.add(self)

    def with_options(self, backend: str = "auto", static: Iterable[str] = (), name: str | None = None) -> GraphFunction:
        """The function with these options, those left out as they are; itself where nothing changes."""
        made = GraphFunction(
            self.eager,
            self.backend if backend == "auto" else backend,
            static or self.static,
            name or self.__name__,
            self.unroll,
        )
        options = [(function.backend, function.static, function.__name__) for function in (self, made)]
        return self if options[0] == options[1] else made

    # -- calling

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if _detour or is_tracing():
            return self._call_in_context(args, kwargs)
        arguments = args if len(args) == self._arity and not kwargs else self.bind(args, kwargs)
        trace = self._cache.quickly(arguments) or self.trace_for(arguments)
        try:
            return trace.program.run(*(arguments if trace.direct else trace.fetch(arguments)))
        except Exception as error:
            trace.program.note_place(error)
            raise

    def _call_in_context(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """In eager mode, where untraced code calls back in the middle of a trace, and where runs are logged."""
        if _eagerly or is_tracing():
            return self.eager(*args, **kwargs)
        return self._run_told(self.bind(args, kwargs))

    def _run_told(self, arguments: tuple[Any, ...]) -> Any:
        """A call of which the log is told."""
        trace = self.trace_for(arguments)
        nodes, begin, end = self._counter.nodes, perf_counter(), "ran"
        try:
            return trace.program.run(*trace.fetch(arguments))
        except Exception as error:
            end = f"raised {type(error).__name__} in"
            trace.program.note_place(error)
            raise
        finally:
            milliseconds = 1e3 * (perf_counter() - begin)
            executed = self._counter.nodes - nodes
            log.tell(log.TRACE, "%s: trace %d %s %.3f ms, %d nodes", self.__name__, trace.number, end, milliseconds,
                     executed)

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        return self if instance is None else BoundGraphFunction(self, instance)

    def bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
        """The arguments in the order of the parameters, defaults filled in; raises TypeError as a call of ``eager``
        does.
        """
        if not kwargs and self._positional is not None and len(args) == len(self._positional):
            return args
        try:
            bound = self._signature.bind(*args, **kwargs)
        except TypeError:
            self.eager(*args, **kwargs)
            raise
        bound.apply_defaults()
        return tuple(bound.arguments.values())

    def trace_for(self, arguments: tuple[Any, ...]) -> Trace:
        """The trace for a call with these arguments, made where there is none."""
        try:
            key = self._cache.key(arguments)
            trace = self._cache.find(key, arguments)
        except TypeError:
            self._check_static(arguments)
            raise
        if trace is not None:
            return trace
        with self._lock:
            trace = self._cache.find(key, arguments)
            if trace is None:
                reason = self._cache.why(key, arguments)
                trace = self._make(arguments, reason)
                self._cache.add(key, trace, reason)
                self._warn(reason)
        return trace

    def _check_static(self, arguments: tuple[Any, ...]) -> None:
        for name, value in zip(self._signature.parameters, arguments):
            try:
                hash(value if name in self.static else None)
            except TypeError as error:
                raise TypeError(f"the static argument '{name}' of {self.__name__} must be hashable: {error}") from None

    def _warn(self, reason: Reason) -> None:
        if self.trace_count > WARN_AFTER and not self._warned:
            self._warned = True
            place = f" ({reason.place})" if reason.place is not None else ""
            warnings.warn(
                f"{self.__name__} was traced {self.trace_count} times, at last since {reason.text}{place}; "
                "explain() shows all.",
                RetraceWarning,
                stacklevel=4,
            )

    # -- tracing

    def _make(self, arguments: tuple[Any, ...], reason: Reason = FIRST) -> Trace:
        """A trace for these arguments; it starts again whenever something must be specialised."""
        log.tell(log.DEBUG, "%s: trace begins, made for %s", self.__name__, reason.text)
        begin = perf_counter()
        specialised: dict[str, int] = {}
        places: dict[str, Location | None] = {}
        reasons: list[Reason] = []
        for _ in range(MOST_SPECIALISATIONS):
            try:
                staging, outputs = self._staged(arguments, specialised, places)
            except Specialise as need:
                place = place_of(need, self.eager)
                specialised.update(need.symbols)
                places.update(dict.fromkeys(need.symbols, place))
                reasons.append(Reason(need.reason, place))
                log.tell(log.DEBUG, "%s: starts again with %s, since %s", self.__name__, need.symbols, need.reason)
            except TographError as error:
                self._refusals = [*self._refusals, Reason(error.message, error.location)][-MOST_REFUSALS:]
                log.tell(log.INFO, "%s: refused: %s", self.__name__, error.message)
                raise
            else:
                return self._finished(staging, outputs, arguments, tuple(reasons), begin)
        raise InternalError("a trace was specialised without end")

    def _staged(self, arguments: tuple[Any, ...], specialised: dict[str, int],
                places: dict[str, Location | None]) -> tuple[Staging, list[Value]]:
        """The function run on tracers: the trace, and the values that are its results."""
        staging = Staging(FRONT, specialised, self.unroll)
        staging.needed_at.update(places)
        before = set_current(staging)
        try:
            with DEEP_STACK:
                return staging, [self._run(staging, arguments)]
        except Raised:
            return staging, [staging.root.nodes[-1].outputs[-1]]
        except TographError as error:
            place = place_of(error, self.eager)
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
        program = compile_graph(graph, np, self._counter, self.__name__)
        seconds = perf_counter() - begin
        made = Made(reasons, tuple(staging.notes), passes, seconds, traced)
        self._tell(passes, guards, seconds)
        return Trace(graph, inputs, guards, references, pattern, program, direct, made)

    def _tell(self, passes: tuple[Step, ...], guards: tuple[Source, ...], seconds: float) -> None:
        if log.enabled(log.DEBUG):
            for step in passes:
                log.tell(log.DEBUG, "%s: pass %s", self.__name__, step)
            for guard in guards:
                log.tell(log.DEBUG, "%s: guard %s is %s", self.__name__, guard.name, guard.described())
        nodes = passes[-1].after if passes else 0
        log.tell(log.INFO, "%s: traced in %.1f ms, %d nodes", self.__name__, 1e3 * seconds, nodes)

    def _run(self, staging: Staging, arguments: tuple[Any, ...]) -> Any:
        taken = []
        for i, (name, value) in enumerate(zip(self._signature.parameters, arguments)):
            taken.append(value if name in self.static else staging.take_argument(value, name, i))
        function = self.eager
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

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the parameters."""
        return tuple(self._signature.parameters)

    @property
    def source(self) -> str:
        """The converted source."""
        return convert(_python_function(self.eager)).source

    @property
    def trace_count(self) -> int:
        return len(self._cache)

    @property
    def executed_nodes(self) -> int:
        """How many graph nodes all calls so far have executed."""
        return self._counter.nodes

    def graph(self, *args: Any, **kwargs: Any) -> Graph:
        """The graph for these arguments; text such as ``"f8[n, 3]"`` or ``"int"`` stands for any argument of that type.
        """
        return self.trace(*args, **kwargs).graph

    def trace(self, *args: Any, **kwargs: Any) -> Trace:
        """The trace behind ``graph``, which also knows how it was made."""
        arguments = self.bind(args, kwargs)
        abstract = abstract_arguments(arguments, self.parameters)
        return self.trace_for(arguments) if abstract is None else self._make(abstract)

    def quick_trace(self, args: tuple[Any, ...]) -> Trace | None:
        """The trace that a call with these arguments would find at once, all that a cache hit costs."""
        return self._cache.quickly(args)

    def explain(self) -> Explanation:
        """The traces made so far, why each was made, and what it assumes; ``print`` shows it as text."""
        return explain(self.__name__, self.parameters, self._cache, self._refusals)

    def __repr__(self) -> str:
        count = self.trace_count
        place = _place(self.eager)
        return f"<to_graph {self.__name__}{self._signature}{place}, {count} trace{'s' if count != 1 else ''}>"

    def _repr_html_(self) -> str:
        """What notebooks show: the source, the converted source, and the traces so far."""
        try:
            converted = self.source
            original = find_source(_python_function(self.eager)).text
        except TographError as error:
            original, converted = "", str(error)
        shown = [("source", original, True), ("converted", converted, False), ("traces", str(self.explain()), False)]
        sections = [(heading, preformatted(text), is_open) for heading, text, is_open in shown if text]
        return f"<div><code>{escape(repr(self))}</code>{folded(sections)}</div>"

    # -- copies are the function itself, as of any function; a pickle is a reference to it where it can be found

    def __copy__(self) -> GraphFunction:
        return self

    def __deepcopy__(self, memo: Any) -> GraphFunction:
        return self

    def __reduce__(self) -> str | tuple[Any, ...]:
        found: Any = sys.modules.get(self.__module__)
        for name in self.__qualname__.split("."):
            found = getattr(found, name, None)
        if found is self:
            return self.__qualname__
        return GraphFunction, (self.eager, self.backend, tuple(sorted(self.static)), self.__name__, self.unroll)

    def clear(self) -> None:
        """Forget all traces."""
        with self._lock:
            self._cache.clear()
            self._refusals = []
            self._warned = False


class BoundGraphFunction:
    """A graph function as a method of an object."""

    __tograph_eager__ = True

    def __init__(self, function: GraphFunction, instance: Any) -> None:
        self.__func__ = function
        self.__self__ = instance

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.__func__(self.__self__, *args, **kwargs)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__func__, name)

    def __copy__(self) -> BoundGraphFunction:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> BoundGraphFunction:
        return BoundGraphFunction(self.__func__, deepcopy(self.__self__, memo))

    def __reduce__(self) -> tuple[Any, ...]:
        return BoundGraphFunction, (self.__func__, self.__self__)

    @property
    def eager(self) -> Any:
        return self.__func__.eager.__get__(self.__self__)

    def graph(self, *args: Any, **kwargs: Any) -> Graph:
        return self.__func__.graph(self.__self__, *args, **kwargs)

    def trace(self, *args: Any, **kwargs: Any) -> Trace:
        return self.__func__.trace(self.__self__, *args, **kwargs)

    def __repr__(self) -> str:
        return f"<bound {self.__func__!r}>"


def _python_function(function: Any) -> Any:
    if inspect.ismethod(function):
        return function.__func__
    call = type(function).__call__ if callable(function) else None
    return call if inspect.isfunction(call) else function


def _place(function: Any) -> str:
    """`` at model.py:5``, where that is known."""
    code = getattr(_python_function(function), "__code__", None)
    return f" at {os.path.basename(code.co_filename)}:{code.co_firstlineno}" if code is not None else ""


def _name_and_place(function: Any) -> str:
    return f"{getattr(function, '__qualname__', type(function).__name__)}{_place(function)}"


def place_of(error: BaseException, function: Callable[..., Any]) -> Location | None:
    """The innermost line of the user's that ``error`` passed; else where ``function`` is defined, if that is known."""
    frames = [frame for frame, _ in traceback.walk_tb(error.__traceback__)]
    for frame, place in reversed(list(zip(frames, traceback.extract_tb(error.__traceback__)))):
        if is_generated(frame.f_code) and place.lineno is not None:
            end = place.end_colno if place.end_lineno == place.lineno else None
            return Location(place.filename, place.lineno, place.colno, end, place.name)
    try:
        source = find_source(_python_function(function))
    except NoSource:
        return None
    return source.location(source.tree)


def to_graph(
    fn: Callable[..., Any] | None = None, *, backend: str = "auto", static: Iterable[str] = (), name: str | None = None
) -> Any:
    """Run ``fn``, an ordinary function in plain NumPy, as a graph.

    ``static`` names parameters whose values are part of the key of a trace (they must be hashable); ``name`` is shown
    in place of the function's own.  Usable as ``@to_graph``, ``@to_graph(static="mode")`` and ``to_graph(f)``.
    A graph function is given back itself, or anew where it has other options than those that are given.
    """
    if fn is None:
        return lambda function: to_graph(function, backend=backend, static=static, name=name)
    if isinstance(fn, GraphFunction):
        return fn.with_options(backend, static, name)
    if isinstance(fn, BoundGraphFunction):
        return BoundGraphFunction(fn.__func__.with_options(backend, static, name), fn.__self__)
    if isinstance(fn, (staticmethod, classmethod)):
        return type(fn)(to_graph(fn.__func__, backend=backend, static=static, name=name))
    if not callable(fn):
        raise TypeError(f"to_graph takes a function, not {type(fn).__name__}")
    if isinstance(fn, (np.ufunc, type(np.sum))):
        raise TypeError(f"to_graph takes a function written in Python, not {fn.__name__}")
    return GraphFunction(fn, backend, static, name)


def run_eagerly(on: bool = True) -> None:
    """Let all graph functions run their own source instead, inner ones too; for debugging."""
    global _eagerly, _detour
    _eagerly = on
    _detour = on or _runs_are_told


def clear_caches() -> None:
    """Forget the traces of all graph functions."""
    for function in list(_functions):
        function.clear()

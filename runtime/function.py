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
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..transpiler import Location, NoSource, TographError, convert, find_source, is_generated
from .errors import InternalError, RetraceWarning
from .execute.reference import Counter, Program, compile_graph
from .ir.graph import Graph, walk
from .passes.pipeline import optimise
from .tracing.abstract import abstract_arguments
from .tracing.inputs import Source
from .tracing.keys import Exactly, Identity, alias_pattern, is_mutable_reference, key_of
from .tracing.paths import Argument, Path
from .tracing.staging import Staging
from .tracing.trace import Front, Raised, Specialise
from .tracing.tracer import is_tracing, set_current

WARN_AFTER = 8
MOST_TRACES = 64  # for one key
MOST_KEYS = 1024  # what is traced for more kinds of arguments forgets the first
MOST_SPECIALISATIONS = 32
FRONT = Front(convert, is_generated)

_eagerly = os.environ.get("TOGRAPH_EAGER", "") not in ("", "0")
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


@dataclass(slots=True)
class Trace:
    """A graph made for one key: what it takes, what it assumes, and the compiled program."""

    graph: Graph
    inputs: tuple[Source, ...]
    guards: tuple[Source, ...]
    references: tuple[Source, ...]
    pattern: Hashable
    reasons: tuple[str, ...]
    program: Program
    direct: bool        # the inputs are the arguments, in order

    def found(self, arguments: tuple[Any, ...]) -> list[Any]:
        """The inputs at a call."""
        return [source.path.find(arguments) for source in self.inputs]

    def holds(self, arguments: tuple[Any, ...]) -> Source | None:
        """The first guard that fails for a call, or None."""
        for source in self.guards:
            try:
                value = source.path.find(arguments)
            except (LookupError, AttributeError, ValueError):
                return source
            if not source.accepts(value):
                return source
        if self.references:
            found = alias_pattern((arguments, tuple(source.path.find(arguments) for source in self.references)))
            if found != self.pattern:
                return self.references[0]
        return None


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
        self._traces: dict[Hashable, list[Trace]] = {}
        self._misses: list[str] = []
        self._counter = Counter()
        self._lock = threading.RLock()
        self._warned = False
        _functions.add(self)

    # -- calling

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if _eagerly or is_tracing():
            return self._call_in_context(args, kwargs)
        arguments = self.bind(args, kwargs)
        trace = self.trace_for(arguments)
        try:
            return trace.program.run(*(arguments if trace.direct else trace.found(arguments)))
        except Exception as error:
            trace.program.note_place(error)
            raise

    def _call_in_context(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """In eager mode, and where untraced code calls back in the middle of a trace."""
        return self.eager(*args, **kwargs)

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

    def _key(self, arguments: tuple[Any, ...]) -> Hashable:
        if not self._static_positions:
            return (tuple(map(key_of, arguments)), alias_pattern(arguments))
        keys = [Exactly(value) if i in self._static_positions else key_of(value) for i, value in enumerate(arguments)]
        return (tuple(keys), alias_pattern(arguments))

    def trace_for(self, arguments: tuple[Any, ...]) -> Trace:
        key = self._key(arguments)
        try:
            trace, _ = self._find(key, arguments)
        except TypeError:
            self._check_static(arguments)
            raise
        if trace is not None:
            return trace
        with self._lock:
            trace, missed = self._find(key, arguments)
            if trace is None:
                trace = self._make(arguments)
                self._remember(key, trace, missed)
        return trace

    def _check_static(self, arguments: tuple[Any, ...]) -> None:
        for name, value in zip(self._signature.parameters, arguments):
            try:
                hash(value if name in self.static else None)
            except TypeError as error:
                raise TypeError(f"the static argument '{name}' of {self.__name__} must be hashable: {error}") from None

    def _find(self, key: Hashable, arguments: tuple[Any, ...]) -> tuple[Trace | None, Source | None]:
        missed = None
        for trace in self._traces.get(key, ()):
            missed = trace.holds(arguments)
            if missed is None:
                return trace, None
        return None, missed

    def _remember(self, key: Hashable, trace: Trace, missed: Source | None) -> None:
        traces = [trace, *self._traces.get(key, ())]
        self._traces[key] = traces[:MOST_TRACES]
        while len(self._traces) > MOST_KEYS:
            del self._traces[next(iter(self._traces))]
        if missed is not None:
            self._misses.append(missed.name)
        if self.trace_count > WARN_AFTER and not self._warned:
            self._warned = True
            culprit = (
                f"'{self._misses[-1]}' keeps changing" if self._misses else "the kinds of its arguments keep changing"
            )
            warnings.warn(
                f"{self.__name__} was traced {self.trace_count} times: {culprit}.", RetraceWarning, stacklevel=4
            )

    # -- tracing

    def _make(self, arguments: tuple[Any, ...]) -> Trace:
        specialised: dict[str, int] = {}
        reasons: list[str] = []
        for _ in range(MOST_SPECIALISATIONS):
            try:
                return self._traced(arguments, specialised, tuple(reasons))
            except Specialise as need:
                specialised.update(need.symbols)
                reasons.append(need.reason)
        raise InternalError("a trace was specialised without end")

    def _traced(self, arguments: tuple[Any, ...], specialised: dict[str, int], reasons: tuple[str, ...]) -> Trace:
        staging = Staging(FRONT, specialised, self.unroll)
        before = set_current(staging)
        try:
            with DEEP_STACK:
                outputs = [self._run(staging, arguments)]
        except Raised:
            outputs = [staging.root.nodes[-1].outputs[-1]]
        except TographError as error:
            place = _place(error, self.eager)
            if place is not None:
                error.at(place)
            raise
        finally:
            set_current(before)
        graph = optimise(staging.root.finish(outputs))
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
        return Trace(graph, inputs, guards, references, pattern, reasons, program, direct)

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
        return sum(len(traces) for traces in self._traces.values())

    @property
    def executed_nodes(self) -> int:
        """How many graph nodes all calls so far have executed."""
        return self._counter.nodes

    def graph(self, *args: Any, **kwargs: Any) -> Graph:
        """The graph for these arguments; text such as ``"f8[n, 3]"`` or ``"int"`` stands for any argument of that type.
        """
        arguments = self.bind(args, kwargs)
        abstract = abstract_arguments(arguments, self.parameters)
        if abstract is not None:
            return self._make(abstract).graph
        return self.trace_for(arguments).graph

    def explain(self) -> str:
        """The traces made so far, and what each assumes beyond the kinds of its arguments."""
        lines = [f"{self.__name__}: {self.trace_count} trace{'s' if self.trace_count != 1 else ''}"]
        for number, trace in enumerate((trace for traces in self._traces.values() for trace in traces), 1):
            nodes = sum(1 for _ in walk(trace.graph))
            lines.append(f"  trace {number}: {nodes} nodes")
            lines += [f"    specialised: {reason}" for reason in trace.reasons]
            lines += [f"    guard: {source.name} is {source.described()}" for source in trace.guards]
        return "\n".join(lines)

    def __repr__(self) -> str:
        code = getattr(_python_function(self.eager), "__code__", None)
        place = f" at {os.path.basename(code.co_filename)}:{code.co_firstlineno}" if code is not None else ""
        count = self.trace_count
        return f"<to_graph {self.__name__}{self._signature}{place}, {count} trace{'s' if count != 1 else ''}>"

    def clear(self) -> None:
        """Forget all traces."""
        with self._lock:
            self._traces.clear()
            self._misses.clear()
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

    @property
    def eager(self) -> Any:
        return self.__func__.eager.__get__(self.__self__)

    def graph(self, *args: Any, **kwargs: Any) -> Graph:
        return self.__func__.graph(self.__self__, *args, **kwargs)

    def __repr__(self) -> str:
        return f"<bound {self.__func__!r}>"


def _python_function(function: Any) -> Any:
    if inspect.ismethod(function):
        return function.__func__
    call = type(function).__call__ if callable(function) else None
    return call if inspect.isfunction(call) else function


def _place(error: TographError, function: Callable[..., Any]) -> Location | None:
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
    """
    if fn is None:
        return lambda function: to_graph(function, backend=backend, static=static, name=name)
    if isinstance(fn, GraphFunction):
        return fn
    if isinstance(fn, (staticmethod, classmethod)):
        return type(fn)(to_graph(fn.__func__, backend=backend, static=static, name=name))
    if not callable(fn):
        raise TypeError(f"to_graph takes a function, not {type(fn).__name__}")
    if isinstance(fn, (np.ufunc, type(np.sum))):
        raise TypeError(f"to_graph takes a function written in Python, not {fn.__name__}")
    return GraphFunction(fn, backend, static, name)


def run_eagerly(on: bool = True) -> None:
    """Let all graph functions run their own source instead, inner ones too; for debugging."""
    global _eagerly
    _eagerly = on


def clear_caches() -> None:
    """Forget the traces of all graph functions."""
    for function in list(_functions):
        function.clear()

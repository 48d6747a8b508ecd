"""The traced function: a call finds the trace made for such arguments, or makes one, and runs its graph.

A call computes the key of its arguments, finds the trace made for that key whose guards hold, fetches the inputs
and runs the compiled graph. No other code of the user's runs then. What finds and makes traces (``traces.py``, and with
it nearly all of the package) is imported when the first graph function is called, so that decorating costs little.
"""

from __future__ import annotations

import inspect
import os
import sys
import threading
import weakref
from collections.abc import Callable, Iterable
from copy import deepcopy
from importlib import import_module
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from . import graph_functions, log
from .ir.drawing.markup import escape, folded, preformatted
from .naming import place_text
from .tracing.current import is_tracing

if TYPE_CHECKING:
    from .cache import Trace
    from .explanation import Explanation
    from .ir.graph import Graph
    from .traces import Traces

_eagerly = os.environ.get("TOGRAPH_EAGER", "") not in ("", "0")
_runs_are_told = log.start(os.environ.get("TOGRAPH_LOG", ""))
_detour = _eagerly or _runs_are_told  # whether a call has more to do than to find its trace and run it
_functions: weakref.WeakSet[GraphFunction] = weakref.WeakSet()


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
        self._arity = len(self._signature.parameters) if self._positional is not None else -1
        self._traces: Traces | None = None
        self._lock = threading.Lock()
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
        trace = (self._traces or self.traces).cache.quickly(arguments) or self.trace_for(arguments)
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
        counter = self.traces.counter
        nodes, begin, end = counter.nodes, perf_counter(), "ran"
        try:
            return trace.program.run(*trace.fetch(arguments))
        except Exception as error:
            end = f"raised {type(error).__name__} in"
            trace.program.note_place(error)
            raise
        finally:
            milliseconds = 1e3 * (perf_counter() - begin)
            executed = counter.nodes - nodes
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
        return self.traces.find(arguments)

    @property
    def traces(self) -> Traces:
        """What finds and makes the traces; the first to ask imports it."""
        with self._lock:
            traces = self._traces
            if traces is None:
                module = import_module(".traces", __package__)
                traces = module.Traces(self.eager, self.__name__, self._signature, self.static, self.unroll)
                self._traces = traces
        return traces

    # -- looking

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the parameters."""
        return tuple(self._signature.parameters)

    @property
    def source(self) -> str:
        """The converted source."""
        return self.traces.converted

    @property
    def trace_count(self) -> int:
        return len(self._traces.cache) if self._traces is not None else 0

    @property
    def executed_nodes(self) -> int:
        """How many graph nodes all calls so far have executed."""
        return self._traces.counter.nodes if self._traces is not None else 0

    def graph(self, *args: Any, **kwargs: Any) -> Graph:
        """The graph for these arguments; text such as ``"f8[n, 3]"`` or ``"int"`` stands for any argument of that type.
        """
        return self.trace(*args, **kwargs).graph

    def trace(self, *args: Any, **kwargs: Any) -> Trace:
        """The trace behind ``graph``, which also knows how it was made."""
        return self.traces.described(self.bind(args, kwargs))

    def quick_trace(self, args: tuple[Any, ...]) -> Trace | None:
        """The trace that a call with these arguments would find at once, all that a cache hit costs."""
        return self.traces.cache.quickly(args)

    def explain(self) -> Explanation:
        """The traces made so far, why each was made, and what it assumes; ``print`` shows it as text."""
        return self.traces.explain()

    def __repr__(self) -> str:
        count = self.trace_count
        place = place_text(self.eager)
        return f"<to_graph {self.__name__}{self._signature}{place}, {count} trace{'s' if count != 1 else ''}>"

    def _repr_html_(self) -> str:
        """What notebooks show: the source, the converted source, and the traces so far."""
        original, converted = self.traces.sources()
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
        if self._traces is not None:
            self._traces.clear()


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


graph_functions.made_by(GraphFunction)


def run_eagerly(on: bool = True) -> None:
    """Let all graph functions run their own source instead, inner ones too; for debugging."""
    global _eagerly, _detour
    _eagerly = on
    _detour = on or _runs_are_told


def clear_caches() -> None:
    """Forget the traces of all graph functions."""
    for function in list(_functions):
        function.clear()

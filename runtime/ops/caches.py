"""Functions with ``functools.lru_cache`` or ``functools.cache``, which the graph and everybody else share a cache with.

The cache is the function's own: it is asked, counts, and keeps what it is given as in eager code.  Where it has no
answer it calls the function that it was made for.  That would be code of the user's, so for the time of the call the
function leads to its graph: its code is exchanged for one that asks which thread calls.
"""

from __future__ import annotations

import functools
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType, FunctionType
from typing import Any

import numpy as np

from ..deep_stack import DeepStack
from ..errors import Refused
from ..graph_functions import graph_function
from ..ir import dims
from ..ir.dims import Dim
from ..ir.library_values import LIBRARY_CLASSES
from ..ir.type_text import describe_type, parse_type
from ..ir.types import ANY, INT, NONE, TupleType, Type, covers, join
from .infer import takes_any, type_of
from .op import Op, Result
from .stand_ins import PLAIN_CLASSES

SHARED_BY_ALL = (int, *PLAIN_CLASSES, *LIBRARY_CLASSES, range, np.generic, np.ndarray)  # what a cache may hold
MARK = "the detour"
DEEPER = DeepStack(lambda before: 5 * before)  # a call of a function is a few frames here

_lock = threading.RLock()
_originals: dict[FunctionType, FunctionType] = {}


def original(function: FunctionType) -> FunctionType:
    """A function that is what ``function`` is when no graph calls it."""
    with _lock:
        found = _originals.get(function)
        if found is None:
            found = FunctionType(function.__code__, function.__globals__, function.__name__, None, function.__closure__)
            found.__qualname__, found.__doc__ = function.__qualname__, function.__doc__
            _originals[function] = found
        found.__defaults__, found.__kwdefaults__ = function.__defaults__, function.__kwdefaults__
        return found


class _Detour:
    """Where a call of ``function`` leads meanwhile: in a thread that is in a call of a graph to its graph."""

    def __init__(self, function: FunctionType) -> None:
        self.original = original(function)
        self.calls = 0
        self.threads: dict[int, int] = {}  # how many calls of graphs each thread is in

    def run(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if threading.get_ident() not in self.threads:
            return self.original(*args, **kwargs)
        graph = graph_function(self.original)
        return type(graph).__call__(graph, *args, **kwargs)  # a function takes less of the stack

    def count(self, calls: int) -> None:
        """Note that this thread enters a call, or leaves it."""
        thread = threading.get_ident()
        self.calls += calls
        self.threads[thread] = self.threads.get(thread, 0) + calls
        if not self.threads[thread]:
            del self.threads[thread]


_detours: dict[FunctionType, _Detour] = {}


@contextmanager
def _leading_to_graph(function: FunctionType) -> Iterator[None]:
    """Let ``function`` lead to its graph in this thread."""
    with _lock:
        detour = _detours.get(function)
        if detour is None:
            detour = _detours[function] = _Detour(function)
            function.__code__ = _code_of(detour, function.__code__.co_freevars)
        detour.count(1)
    try:
        yield
    finally:
        with _lock:
            detour.count(-1)
            if not detour.calls:
                function.__code__ = detour.original.__code__
                del _detours[function]


def _code_of(detour: _Detour, free: tuple[str, ...]) -> CodeType:
    """Code that hands its arguments to ``detour``, for a function with so many variables of functions around it."""
    code = _template(free)
    return code.replace(co_consts=tuple([detour if each == MARK else each for each in code.co_consts]))


@functools.lru_cache(maxsize=256)
def _template(free: tuple[str, ...]) -> CodeType:
    names = ", ".join(f"v{i}" for i in range(len(free)))
    scope: dict[str, Any] = {}
    exec(
        f"def around({names}):\n"
        f" def detour(*args, **kwargs):\n"
        f"  if 0: ({names})\n"
        f"  return {MARK!r}.run(args, kwargs)\n"
        f" return detour.__code__\n",
        scope,
    )
    return scope["around"](*free)


def is_own(function: Any) -> bool:
    """Whether a function is written in Python, and not in Python's library or NumPy."""
    root = (getattr(function, "__module__", None) or "").partition(".")[0]
    return isinstance(function, FunctionType) and root not in sys.stdlib_module_names and root != "numpy"


def _call_cached(
    cached: Any, expected: str | None, surroundings: Any, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """A call of ``cached``, which gives a value of the type that ``expected`` says.  Raises Refused for another."""
    function = cached.__wrapped__
    if is_own(function):
        with DEEPER, _leading_to_graph(function):
            result = cached(*args, **kwargs)
    else:
        result = cached(*args, **kwargs)
    if not (_is_shared(result) if expected is None else covers(_parsed(expected), type_of(result))):
        raise Refused(
            f"The cache of {function.__name__}() holds something else than a call in a graph gives.",
            facts=[
                ("a call gives", "numbers, text, arrays, tuples" if expected is None else expected),
                ("the cache holds", describe_type(type_of(result))),
            ],
            fix="empty it: cache_clear(), or use typed=True",
        )
    return result


def _is_shared(value: Any) -> bool:
    return isinstance(value, SHARED_BY_ALL) or type(value) is tuple and all(map(_is_shared, value))


class _AnySizes(dict[str, Dim]):
    def __missing__(self, name: str) -> Dim:
        return dims.fresh("d", low=0)


@functools.lru_cache(maxsize=256)
def _parsed(text: str) -> Type:
    return parse_type(text, _AnySizes())


@takes_any
def _anything(*args: Any, **kwargs: Any) -> Type:
    return ANY


def _method(name: str) -> Callable[[Any], Callable[..., Any]]:
    return lambda xp: lambda cached: getattr(cached, name)()


INFO = TupleType((INT, INT, join(INT, NONE), INT), type(functools.lru_cache(len).cache_info()))
CALL_CACHED = Op("cached_call", lambda xp: _call_cached, _anything, result=Result.VIEW, effect=True)
OF_CACHES = {
    "cache_info": Op("cache_info", _method("cache_info"), lambda cached: INFO, result=Result.IMMUTABLE, effect=True),
    "cache_clear": Op("cache_clear", _method("cache_clear"), lambda cached: NONE, result=Result.IMMUTABLE, effect=True),
}
OPS = (CALL_CACHED, *OF_CACHES.values())

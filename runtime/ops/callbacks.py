"""Ordinary Python called from inside a graph: the one op that runs code which nobody has looked at.

What the call gives is held against the type that was declared, and what it may change against what the graph relies
on: the variables and attributes that it takes or assumes, and the shapes of arrays.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from ..array_packages import package_of
from ..errors import CallbackError
from ..held import held_attributes
from ..ir.type_text import describe_type
from ..ir.types import Type
from .check import describes
from .infer import takes_any
from .op import Op, Result
from .stand_ins import type_of

Seen = Callable[[], list[tuple[str, Any]]]
FIXED = (int, float, complex, str, bytes, np.generic)
NUMBERS = frozenset((int, float, complex, bool, str, bytes, type(None), np.float64, np.int64))
WITHOUT_ATTRIBUTES = (np.ndarray, type, ModuleType, FunctionType)  # or with those that every call shares


class _Running(threading.local):
    depth = 0


_running = _Running()


def is_calling_back() -> bool:
    """Whether this thread is inside of a call that a graph made by ``py_func``."""
    return _running.depth > 0


class PythonFunction:
    """What ``tograph.py_func`` gives: called in eager code it is ``function``, in a graph a node that calls it.

    ``declared()`` is the type of the result with new unknown sizes, and ``text`` that type as it was declared.
    """

    __tograph_eager__ = True

    def __init__(self, function: Callable[..., Any], declared: Callable[[], Type], text: str) -> None:
        self.eager = function
        self.declared = declared
        self.text = text
        self.__wrapped__ = function
        self.__name__ = getattr(function, "__name__", type(function).__name__)
        self.__qualname__ = getattr(function, "__qualname__", self.__name__)
        self.__module__ = getattr(function, "__module__", None) or type(function).__module__
        self.__doc__ = getattr(function, "__doc__", None)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.eager(*args, **kwargs)

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        return self if instance is None or not hasattr(self.eager, "__get__") else BoundPythonFunction(self, instance)

    def __repr__(self) -> str:
        return f"<py_func {self.__name__}, result {self.text}>"


class BoundPythonFunction:
    """A ``PythonFunction`` as a method of an object."""

    __tograph_eager__ = True

    def __init__(self, function: PythonFunction, instance: Any) -> None:
        self.__func__ = function
        self.__self__ = instance

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.__func__(self.__self__, *args, **kwargs)


def _call_back(function: PythonFunction, seen: Seen, /, *args: Any, **kwargs: Any) -> Any:
    """Call ``function``, of which ``seen()`` tells what it must leave as it is.

    Raises CallbackError where it gives what was not declared, or changes what the graph relies on.
    """
    given = [(f"argument {i}", arg) for i, arg in enumerate((*args, *kwargs.values()), 1)]
    before = [*seen(), *given]
    arrays = [(name, array, _layout(array)) for name, array in _arrays_within(before)]
    _running.depth += 1
    try:
        result = function.eager(*args, **kwargs)
    finally:
        _running.depth -= 1
    changed = [name for (name, value), (_, now) in zip(before, seen()) if not _is_same(value, now)]
    changed += [name for name, array, layout in arrays if _layout(array) != layout]
    if changed:
        raise CallbackError(
            f"{function.__name__}() changed '{changed[0]}', which the graph relies on.",
            fix="return the new value, and assign it in the function that calls it",
        )
    _check_result(function, result)
    return result


def _check_result(function: PythonFunction, result: Any) -> None:
    declared, sizes = function.declared(), {}
    for _ in range(2):      # sizes that are computed from others can be compared once all are met
        if not describes(declared, result, sizes):
            raise CallbackError(
                f"{function.__name__}() gave something else than was declared.",
                facts=[("declared", function.text), ("it gave", describe_type(type_of(result)))],
                fix="declare what it gives, or convert it there",
            )


def _layout(array: np.ndarray[Any, Any]) -> Any:
    return array.dtype, array.shape


def _arrays_within(named: Iterable[tuple[str, Any]]) -> Iterator[tuple[str, np.ndarray[Any, Any]]]:
    """The arrays that values hold, in containers and attributes too, each with the name of the value."""
    seen: set[int] = set()
    rest = list(named)
    while rest:
        name, value = rest.pop()
        kind = type(value)
        if kind in NUMBERS or id(value) in seen:
            continue
        seen.add(id(value))
        if package_of(type(value)) is not None:
            yield name, value
        elif isinstance(value, dict):
            rest.extend([(name, item) for item in dict.values(value)])
        elif isinstance(value, tuple | list | deque):
            rest.extend([(name, item) for item in value])
        if not isinstance(value, WITHOUT_ATTRIBUTES):
            rest.extend([(name, item) for item in held_attributes(value).values()])


def _is_same(before: Any, after: Any) -> bool:
    return before is after or type(before) is type(after) and isinstance(before, FIXED) and bool(before == after)


@takes_any
def _infer(function: Any, *args: Any, **kwargs: Any) -> Type:
    return function.declared()


CALLBACK = Op("py_func", lambda xp: _call_back, _infer, result=Result.VIEW, effect=True)

OPS = (CALLBACK,)

"""Run a callable once and record all that can be told apart afterwards.

Objects are numbered as they are met: first those that exist before the call, along the arguments and the outside
state, then those the call makes. A value that was described already is ``Same(number)``, so that two observations
are alike only if the same things are the same objects; arrays say which memory they look into, and where.
Observations are plain data and can be pickled.
"""

from __future__ import annotations

import contextlib
import io
import traceback
import warnings
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import Any

import numpy as np

from ..ir.library_values import LIBRARY_CLASSES
from . import generators
from .memory import address, outside, root
from .snapshot import attributes, is_instance_of_user_class, is_user_class
from .world import World


@dataclass(frozen=True)
class Leaf:
    """A value without identity: a number, text, None, a NumPy scalar."""

    type: str
    value: Any


@dataclass(frozen=True)
class Array:
    """An array: its window (memory, offset, strides) and its values, dtype and shape included."""

    number: int
    values: np.ndarray
    strides: tuple[int, ...]
    writeable: bool
    memory: int
    offset: int


@dataclass(frozen=True)
class Compound:
    """A list, tuple, set, dict or user's object: ``keys`` are positions, keys or attribute names."""

    number: int | None
    type: str
    keys: tuple[Any, ...]
    items: tuple[Seen, ...]


@dataclass(frozen=True)
class Same:
    """An object that was described before under this number."""

    number: int


Seen = Leaf | Array | Compound | Same


@dataclass(frozen=True)
class Raised:
    """An exception: its class, arguments and text, and the class and text of its cause."""

    type: str
    arguments: Seen
    text: str
    cause: str | None


@dataclass(frozen=True)
class Observation:
    """All that one call did.

    ``before`` and ``after`` hold the arguments and the outside state by name, ``after`` also the result; ``around`` the
    bytes of each memory of ``before`` that no array shows; ``names`` says where each numbered object was first met.
    """

    before: Mapping[str, Seen]
    after: Mapping[str, Seen]
    around: Mapping[int, np.ndarray]
    names: Mapping[int, str]
    raised: Raised | None
    printed: str
    warned: frozenset[tuple[str, str]]
    kept: Recorder | None = field(default=None, repr=False, compare=False)
    error: BaseException | None = field(default=None, repr=False, compare=False)

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "kept": None, "error": None}


class Recorder:
    """Describes values, numbering the objects among them; holds them, so that no identity is used twice."""

    def __init__(self) -> None:
        self.numbers: dict[int, int] = {}
        self.names: dict[int, str] = {}
        self.objects: list[Any] = []
        self.memories: dict[int, int] = {}
        self.views: list[tuple[np.ndarray, list[np.ndarray]]] = []

    def describe(self, values: Mapping[str, Any]) -> dict[str, Seen]:
        """The state of ``values`` now, in which each object is described where it is first met."""
        visited: set[int] = set()
        return {name: self._describe(value, name, visited) for name, value in values.items()}

    def _describe(self, value: Any, path: str, visited: set[int]) -> Seen:
        kind = type(value)
        if isinstance(value, (bool, int, float, complex, str, bytes, np.generic, type(None))):
            return Leaf(type_name(kind), value)
        if kind in LIBRARY_CLASSES:
            return Leaf(type_name(kind), repr(value))
        if isinstance(value, (tuple, frozenset)):
            items = value if isinstance(value, tuple) else sorted(value, key=repr)
            return Compound(None, type_name(kind), tuple(range(len(value))), self._all(items, path, visited))
        if isinstance(value, Enum) or not _has_identity(value):
            return Leaf(type_name(kind), _label(value))
        number = self._number(value, path)
        if number in visited:
            return Same(number)
        visited.add(number)
        if isinstance(value, np.ndarray):
            return self._describe_array(value, number, path, visited)
        if isinstance(value, (list, set, deque)):
            items = sorted(value, key=repr) if isinstance(value, set) else list(value)
            return Compound(number, type_name(kind), tuple(range(len(value))), self._all(items, path, visited))
        if isinstance(value, dict):
            keys = tuple(f"{type_name(type(key))} {key!r}" for key in value)
            items = tuple(self._describe(item, f"{path}[{key!r}]", visited) for key, item in value.items())
            return Compound(number, type_name(kind), keys, items)
        if isinstance(value, generators.RANDOM):
            state = Leaf("state", generators.position(value))
            items = (state, *self._all(generators.parts(value), path, visited))
            return Compound(number, type_name(kind), ("state", "source")[: len(items)], items)
        held = attributes(value)
        if isinstance(value, type):
            held = {name: item for name, item in held.items() if not name.startswith("__") and not callable(item)}
        items = tuple(self._describe(item, f"{path}.{name}", visited) for name, item in held.items())
        return Compound(number, type_name(kind), tuple(held), items)

    def _all(self, items: Sequence[Any], path: str, visited: set[int]) -> tuple[Seen, ...]:
        return tuple(self._describe(item, f"{path}[{index}]", visited) for index, item in enumerate(items))

    def _describe_array(self, array: np.ndarray, number: int, path: str, visited: set[int]) -> Seen:
        owner = root(array)
        memory = self.memories.setdefault(id(owner), len(self.memories))
        if memory == len(self.views):
            self.views.append((owner, []))
        _, views = self.views[memory]
        if not any(view is array for view in views):
            views.append(array)
        if array.dtype == object:
            items = self._all(array.ravel().tolist(), path, visited)
            return Compound(number, f"numpy.ndarray of objects {array.shape}", tuple(range(array.size)), items)
        offset = address(array) - address(views[0])
        return Array(number, np.array(array, order="C"), array.strides, array.flags.writeable, memory, offset)

    def _number(self, value: Any, path: str) -> int:
        number = self.numbers.setdefault(id(value), len(self.objects))
        if number == len(self.objects):
            self.objects.append(value)
            self.names[number] = path
        return number


def observe(function: Callable[..., Any], arguments: tuple[Any, ...], world: World | None = None) -> Observation:
    """Call ``function(*arguments)`` and record what it gave, raised and did, to ``world`` too."""
    recorder = Recorder()
    named = {f"argument {index}": argument for index, argument in enumerate(arguments)}
    outside_values = world.values if world else dict
    before = recorder.describe(named | outside_values())
    memories = len(recorder.views)
    printed = io.StringIO()
    raised, result = None, {}
    with warnings.catch_warnings(record=True) as caught, contextlib.redirect_stdout(printed):
        warnings.simplefilter("always")
        try:
            result = {"result": function(*arguments)}
        except Exception as error:  # noqa: BLE001 - whatever is raised is what is recorded
            raised = error
    if raised is not None:
        _let_go(raised)
    after = recorder.describe(named | outside_values() | result)
    around = {number: outside(*recorder.views[number]) for number in range(memories) if _has_bytes(recorder, number)}
    return Observation(
        before,
        after,
        around,
        dict(recorder.names),
        raised if raised is None else _describe_error(raised, recorder),
        printed.getvalue(),
        frozenset((item.category.__name__, str(item.message)) for item in caught if not _is_ours(item.category)),
        recorder,
        raised,
    )


def _let_go(error: BaseException) -> None:
    """End what the frames of ``error`` hold, generators too: else they would end, and print, during another call."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    with contextlib.redirect_stdout(io.StringIO()):
        while waiting:
            each = waiting.pop()
            if each is not None and id(each) not in seen:
                seen.add(id(each))
                traceback.clear_frames(each.__traceback__)
                waiting += [each.__cause__, each.__context__]


def _is_ours(category: type[Warning]) -> bool:
    """Whether a warning is about graphs: the plain program has no such."""
    return category.__module__.partition(".")[0] == __name__.partition(".")[0]


def _has_bytes(recorder: Recorder, number: int) -> bool:
    owner, _ = recorder.views[number]
    return owner.dtype != object and owner.size > 0


def _describe_error(error: BaseException, recorder: Recorder) -> Raised:
    arguments = recorder.describe({"arguments of the exception": error.args})
    cause = error.__cause__
    told = None if cause is None else f"{type_name(type(cause))}: {cause}"
    return Raised(type_name(type(error)), arguments["arguments of the exception"], str(error), told)


def _has_identity(value: Any) -> bool:
    if isinstance(value, (np.ndarray, list, set, dict, deque, *generators.RANDOM)):
        return True
    if isinstance(value, type):
        return is_user_class(value)
    return is_instance_of_user_class(value) and not isinstance(value, (FunctionType, BuiltinFunctionType, ModuleType))


def _label(value: Any) -> str:
    """What tells apart the values this module does not look into: the name of a function, the text of a range."""
    name = getattr(value, "__qualname__", None) or getattr(value, "__name__", None)
    return name if isinstance(name, str) else repr(value) if isinstance(value, (range, slice, np.dtype, Enum)) else ""


def type_name(kind: type) -> str:
    """The name of a class with its module, as exceptions print it."""
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"

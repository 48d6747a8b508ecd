"""Quick checks of a call, written out as Python for what most calls are given; the general ones stay what decides.

``quick_key`` gives, for arguments of certain classes, a function to a key that is never coarser than ``key_of`` and
``alias_pattern`` together: two calls with equal quick keys have equal keys.  ``guard_check`` and ``fetcher`` are the
guards and the inputs of one trace, each as one function without a loop.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, TypeAlias

import numpy as np

from .array_packages import package_of
from .ir.library_values import LIBRARY_CLASSES, ZONED
from .tracing.classes import CONTAINERS
from .tracing.inputs import Source
from .tracing.keys import ABSENT, CALLABLES, PLAIN, Abstract, Exactly, Identity
from .tracing.paths import (
    Argument,
    Attribute,
    Default,
    Item,
    Path,
    Size,
    Surroundings,
    Variable,
    instance_attribute,
    is_without,
)

Arguments: TypeAlias = tuple[Any, ...]
ARRAY = (
    "d.num if (d := {0}.dtype).isbuiltin == 1 else d, s if 0 in (s := {0}.shape) or 1 in s else len(s), {0}.flags.num"
)
OTHER_ARRAY = (
    "d.num if (d := {0}.dtype).isbuiltin == 1 else d, {0}.shape, (f := {0}.flags).c_contiguous, f.f_contiguous"
)
SCALARS = (np.dtype(code).type for code in "?bhilqBHILQefdgFDG")
NUMBERS = frozenset((int, float, bool, complex, *(LIBRARY_CLASSES - ZONED), *SCALARS))
VALUES = frozenset((str, bytes))    # of which the key holds the value
BY_IDENTITY = frozenset((types.FunctionType, type, types.ModuleType, np.ufunc))    # equal where they are one
STATIC = frozenset((int, bool, str, bytes))    # classes whose equal values are the same in every respect
GENERAL = (*ZONED, np.ndarray, np.generic, int, float, complex, tuple, *CONTAINERS, *PLAIN, *CALLABLES, Abstract)
GONE = (LookupError, AttributeError, ValueError, TypeError)    # what finding a value raises where it is not there


def quick_key(classes: Sequence[type], static: Iterable[int] = ()) -> Callable[[Arguments], Hashable] | None:
    """A function from arguments of exactly these classes to their quick key; None where the general key is needed.

    At most one argument may be an object, since which of several are one is part of the key.
    """
    parts: list[str] = []
    objects = 0
    for i, cls in enumerate(classes):
        if i in static:
            if cls not in STATIC and cls is not type(None):
                return None
            parts.append(f"a{i}")
        elif cls is np.ndarray:
            parts.append(ARRAY.format(f"a{i}"))
        elif package_of(cls) is not None:
            parts.append(OTHER_ARRAY.format(f"a{i}"))
        elif cls in VALUES or cls in BY_IDENTITY:
            parts.append(f"a{i}")
        elif cls not in NUMBERS and cls is not type(None):
            if issubclass(cls, GENERAL) or hasattr(cls, "__tograph_eager__"):
                return None
            objects += 1
    if objects > 1:
        return None
    names = "".join(f"a{i}, " for i in range(len(classes)))
    return _defined("key", f"({names.rstrip()}) = arguments\n return ({''.join(f'{part}, ' for part in parts)})", {})


def guard_check(guards: Sequence[Source]) -> Callable[[Arguments], bool] | None:
    """Whether all ``guards`` accept what is there at a call, as one function; None where there is none."""
    writer = _Writer()
    tests = " and ".join(dict.fromkeys(writer.test(source) for source in guards))
    if not tests:
        return None
    writer.constants["GONE"] = GONE
    return _defined("holds", f"try:\n  return {tests}\n except GONE:\n  return False", writer.constants)


def is_gone(path: Path, arguments: Arguments) -> bool:
    """Whether nothing is found at ``path``."""
    try:
        path.find(arguments)
    except GONE:
        return True
    return False


def fetcher(inputs: Sequence[Source]) -> Callable[[Arguments], tuple[Any, ...]]:
    """The values of ``inputs`` at a call, as one function."""
    writer = _Writer()
    found = "".join(f"{writer.path(source.path)}, " for source in inputs)
    return _defined("found", f"return ({found})", writer.constants)


def _defined(name: str, body: str, constants: dict[str, Any]) -> Callable[[Arguments], Any]:
    scope = dict(constants)
    exec(f"def {name}(arguments):\n {body}\n", scope)
    return scope[name]


class _Writer:
    """Writes paths and tests as expressions; ``constants`` are the objects that these name."""

    def __init__(self) -> None:
        self.constants: dict[str, Any] = {}
        self._names: dict[int, str] = {}

    def constant(self, value: Any) -> str:
        name = self._names.get(id(value))
        if name is None:
            name = self._names[id(value)] = f"c{len(self.constants)}"
            self.constants[name] = value
        return name

    def path(self, path: Path) -> str:
        text = self._root(path.root)
        for step in path.steps:
            match step:
                case Attribute(name):
                    text = f"{self.constant(instance_attribute)}({text}, {name!r})"
                case Item(key):
                    text = f"{text}[{self.constant(key)}]"
                case Size(axis):
                    text = f"{text}.shape[{axis}]"
                case Default(int() as key):
                    text = f"{text}.__defaults__[{key}]"
                case Default(key):
                    text = f"{text}.__kwdefaults__[{key!r}]"
        return text

    def _root(self, root: Any) -> str:
        match root:
            case Argument(index):
                return f"arguments[{index}]"
            case Variable(types.CellType() as holder, _):
                return f"{self.constant(holder)}.cell_contents"
            case Variable(dict() as holder, name):
                return f"{self.constant(holder)}[{name!r}]"
            case Variable(holder, name):
                return f"{self.constant(vars)}({self.constant(holder)})[{name!r}]"
            case Surroundings():
                return f"{self.constant(root.find)}(arguments)"
        return self.constant(root.value)

    def test(self, source: Source) -> str:
        if source.key == ABSENT:
            root = source.path.root
            if isinstance(root, Variable) and isinstance(root.holder, dict) and not source.path.steps:
                return f"{root.name!r} not in {self.constant(root.holder)}"
            *before, last = source.path.steps or (None,)
            if isinstance(last, Attribute):
                return f"{self.constant(is_without)}({self.path(Path(root, tuple(before)))}, {last.name!r})"
            return f"{self.constant(is_gone)}({self.constant(source.path)}, arguments)"
        found, key = self.path(source.path), source.key
        if isinstance(key, Identity):
            return f"{found} is {self.constant(key.value)}"
        if isinstance(key, Exactly) and type(key.value) in STATIC:
            return f"type(v := {found}) is {self.constant(type(key.value))} and v == {self.constant(key.value)}"
        if key in NUMBERS:
            return f"type({found}) is {self.constant(key)}"
        return f"{self.constant(source.accepts)}({found})"


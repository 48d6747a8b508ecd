"""Where an input of a graph is found at a call: among the arguments, in a variable that the code reads, or inside
one of these."""

from __future__ import annotations

import types
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from ..records import record


@record
class Argument:
    """The argument at ``index``."""

    index: int

    def find(self, arguments: tuple[Any, ...]) -> Any:
        return arguments[self.index]


@record(eq=False)
class Variable:
    """The variable ``name`` of a module's or class's dict, or of a closure cell."""

    holder: Any
    name: str

    def find(self, arguments: tuple[Any, ...]) -> Any:
        holder = self.holder
        if isinstance(holder, types.CellType):
            return holder.cell_contents
        return holder[self.name] if isinstance(holder, dict) else vars(holder)[self.name]


@record(eq=False)
class Object:
    """This very object: a constant of the code that can be changed, or what holds variables that the graph writes."""

    value: Any

    def find(self, arguments: tuple[Any, ...]) -> Any:
        return self.value


@record(eq=False)
class Surroundings:
    """What a call may be changed in while it runs: all that the ``sources`` of its trace name, found anew each time."""

    sources: Sequence[Any]

    def find(self, arguments: tuple[Any, ...]) -> Callable[[], list[tuple[str, Any]]]:
        """A function to the names and present values."""
        paths = [(source.name, source.path) for source in self.sources if source.path.root is not self]
        return lambda: [(name, _found(path, arguments)) for name, path in paths]


@record
class Attribute:
    """What an object itself holds under ``name``, past properties and its class."""

    name: str

    def of(self, value: Any) -> Any:
        return instance_attribute(value, self.name)


@record
class Item:
    """The item at ``key``."""

    key: Any

    def of(self, value: Any) -> Any:
        return value[self.key]


@record
class Size:
    """The size along ``axis``."""

    axis: int

    def of(self, value: Any) -> Any:
        return value.shape[self.axis]


@record
class Default:
    """The default of a function's parameter, by position from the first that has one, or by name."""

    key: int | str

    def of(self, function: Any) -> Any:
        return function.__defaults__[self.key] if isinstance(self.key, int) else function.__kwdefaults__[self.key]


Step = Attribute | Item | Size | Default


@record
class Path:
    """A root and the steps that lead from it to the value."""

    root: Argument | Variable | Object | Surroundings
    steps: tuple[Step, ...] = ()

    def to(self, step: Step) -> Path:
        return replace(self, steps=(*self.steps, step))

    def find(self, arguments: tuple[Any, ...]) -> Any:
        """The value at a call; raises LookupError, AttributeError or ValueError where it is gone."""
        value = self.root.find(arguments)
        for step in self.steps:
            value = step.of(value)
        return value


def _found(path: Path, arguments: tuple[Any, ...]) -> Any:
    try:
        return path.find(arguments)
    except (LookupError, AttributeError, ValueError):
        return None


def instance_attribute(value: Any, name: str) -> Any:
    """What the object itself holds, past properties and the class; raises AttributeError."""
    held = getattr(value, "__dict__", {})
    if name in held:
        return held[name]
    slot = _slot_of(type(value), name)
    if slot is not None:
        return slot.__get__(value)
    raise AttributeError(name)


def is_without(value: Any, name: str) -> bool:
    """Whether ``instance_attribute`` raises AttributeError."""
    if name in getattr(value, "__dict__", ()):
        return False
    slot = _slot_of(type(value), name)
    if slot is not None:
        try:
            slot.__get__(value)
        except AttributeError:
            return True
    return slot is None


@lru_cache(maxsize=1024)
def _slot_of(cls: type, name: str) -> types.MemberDescriptorType | None:
    found = [vars(base)[name] for base in cls.__mro__ if isinstance(vars(base).get(name), types.MemberDescriptorType)]
    return found[0] if found else None

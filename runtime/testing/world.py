"""What a function can change besides its arguments: module globals, closure cells, defaults, the object it is a
method of.

A ``World`` finds those, keeps their state, and puts it back *in place*: a captured array or list stays the same
object, since an engine may rely on that, and only its contents return.
"""

from __future__ import annotations

import inspect
import random
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from types import (
    BuiltinFunctionType,
    CodeType,
    FunctionType,
    GetSetDescriptorType,
    MemberDescriptorType,
    MethodType,
    ModuleType,
)
from typing import Any

import numpy as np

from ..ops.stand_ins import CACHED
from . import generators
from .memory import raw_bytes, root
from .snapshot import attributes, children, is_instance_of_user_class, is_user_class, reachable

_ABSENT = object()
_STATELESS = (CACHED, FunctionType, BuiltinFunctionType, ModuleType, np.ufunc, property, classmethod, staticmethod,
              MemberDescriptorType, GetSetDescriptorType)


def codes(code: CodeType) -> Iterator[CodeType]:
    """``code`` and the code of every function, lambda and comprehension written inside it."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from codes(constant)


def plain_function(function: Callable[..., Any]) -> FunctionType | None:
    """The Python function behind a method, a partial or a callable object; None for one written in C."""
    while not isinstance(function, FunctionType):
        if isinstance(function, MethodType):
            function = function.__func__
        elif isinstance(function, partial):
            function = function.func
        elif isinstance(function, CACHED):
            function = function.__wrapped__
        else:
            method = inspect.getattr_static(type(function), "__call__", None)
            if not isinstance(method, FunctionType):
                return None
            function = method
    return function


@dataclass(frozen=True)
class Place:
    """A global name or a cell: where a binding is read and written."""

    title: str
    holder: Any
    name: str

    def read(self) -> Any:
        """The value bound here, or a marker where none is."""
        if isinstance(self.holder, dict):
            return self.holder.get(self.name, _ABSENT)
        try:
            return self.holder.cell_contents
        except ValueError:
            return _ABSENT

    def write(self, value: Any) -> None:
        """Bind ``value`` here; the marker removes the binding."""
        if isinstance(self.holder, dict):
            if value is _ABSENT:
                self.holder.pop(self.name, None)
            else:
                self.holder[self.name] = value
        elif value is _ABSENT:
            del self.holder.cell_contents
        else:
            self.holder.cell_contents = value


class World:
    """The state besides its arguments that ``function`` can reach, itself or through functions of its package.

    Of functions with a cache nobody can put back what it holds: it is emptied where the state is kept and put back.
    """

    def __init__(self, function: Callable[..., Any]):
        self.places: list[Place] = []
        self.others: dict[str, Any] = {}
        self.caches: list[Any] = []
        self._package = (getattr(function, "__module__", None) or "").partition(".")[0]
        self._seen: set[int] = set()
        self._visit(function)

    def values(self) -> dict[str, Any]:
        """What is bound now, by the name of its place; functions and modules left out."""
        found = {place.title: place.read() for place in self.places}
        state = {title: value for title, value in found.items() if value is not _ABSENT and _holds_state(value)}
        counts = {f"cache of {cache.__qualname__}": tuple(cache.cache_info()) for cache in self.caches}
        return state | self.others | counts

    def objects(self) -> list[Any]:
        """Every mutable object of the state, inside others too."""
        return [value for value in reachable(list(self.values().values()), self._children) if _is_mutable(value)]

    def save(self) -> Callable[[], None]:
        """Keep the present state; the result puts it back."""
        bindings = [(place, place.read()) for place in self.places]
        contents = [_contents(value) for value in self.objects()]
        contents += [cache.cache_clear for cache in self.caches]
        for cache in self.caches:
            cache.cache_clear()

        def restore() -> None:
            for place, value in bindings:
                place.write(value)
            for put_back in contents:
                put_back()

        return restore

    def _children(self, value: Any):
        if isinstance(value, type):
            return list(_own(value).values())
        return children(value)

    def _visit(self, value: Any) -> None:
        value = getattr(value, "eager", value)
        if id(value) in self._seen:
            return
        self._seen.add(id(value))
        if isinstance(value, CACHED):
            self.caches.append(value)
        if isinstance(value, MethodType):
            self.others["self"] = value.__self__
        elif is_instance_of_user_class(value) and not isinstance(value, (FunctionType, partial)):
            for method in vars(type(value)).values():
                if isinstance(method, FunctionType):
                    self._visit(method)
            if callable(value):
                self.others.setdefault(type(value).__name__, value)
        elif isinstance(value, type) and value.__module__.partition(".")[0] == self._package:
            for method in vars(value).values():
                self._visit(getattr(method, "__func__", method))
        function = plain_function(value) if callable(value) and not isinstance(value, type) else None
        if function is not None and (function.__module__ or "").partition(".")[0] == self._package:
            self._visit_function(function)

    def _visit_function(self, function: FunctionType) -> None:
        if id(function.__code__) in self._seen:
            return
        self._seen.add(id(function.__code__))
        for index, default in enumerate((*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values())):
            if _is_mutable(default):
                self.others[f"default {index} of {function.__name__}"] = default
        for name, cell in zip(function.__code__.co_freevars, function.__closure__ or ()):
            self._add(Place(f"{name} of {function.__qualname__}", cell, "cell_contents"))
        names = {name for code in codes(function.__code__) for name in code.co_names}
        if "random" in names:
            self.others["numpy.random"] = np.random.mtrand._rand
            self.others["random"] = random.random.__self__    # whose methods the functions of the module are
        for name in sorted(names):
            self._add(Place(f"global {name}", function.__globals__, name))

    def _add(self, place: Place) -> None:
        if not any(place.holder is other.holder and place.name == other.name for other in self.places):
            self.places.append(place)
            self._visit(place.read())


def _holds_state(value: Any) -> bool:
    """Whether ``value`` is data, or a user's class (whose attributes are)."""
    if isinstance(value, type):
        return is_user_class(value)
    return not isinstance(value, _STATELESS)


def _is_mutable(value: Any) -> bool:
    if isinstance(value, type):
        return is_user_class(value)
    built_in = (list, dict, set, deque, np.ndarray, *generators.RANDOM)
    return isinstance(value, built_in) or is_instance_of_user_class(value)


def _contents(value: Any) -> Callable[[], None]:
    """Keep what ``value`` holds; the result puts it back into the same object."""
    if isinstance(value, list):
        items = list(value)
        return lambda: value.__setitem__(slice(None), items)
    if isinstance(value, (dict, set, deque)):
        held = value.copy()
        add = value.extend if isinstance(value, deque) else value.update

        def refill() -> None:
            value.clear()
            add(held)

        return refill
    if isinstance(value, np.ndarray):
        owner = root(value)
        if owner.dtype == object:
            elements = owner.copy()
            return lambda: np.copyto(owner, elements)
        kept = raw_bytes(owner).copy()
        return lambda: np.copyto(raw_bytes(owner), kept)
    if isinstance(value, generators.RANDOM):
        return generators.kept(value)
    held = _own(value)

    def reset() -> None:
        for name in _own(value).keys() - held.keys():
            delattr(value, name)
        for name, item in held.items():
            if getattr(value, name, _ABSENT) is not item:
                setattr(value, name, item)

    return reset


def _own(value: Any) -> dict[str, Any]:
    """The attributes of ``value`` that are data."""
    return {name: item for name, item in attributes(value).items() if not name.startswith("__") and _holds_state(item)}

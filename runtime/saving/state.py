"""The state of a saved graph: the arrays, lists, dicts, objects and variables that it has for its own.

Each stands on a line ``kind $number = content`` and is ``$number`` elsewhere, so that one object stays one. A view
says which memory it looks into, and where.
"""

from __future__ import annotations

import ctypes
import sys
import types
from enum import Enum
from typing import Any

import numpy as np
from numpy.lib.array_utils import byte_bounds

from ..errors import UnwritableConstant
from ..ir import literals
from ..ir.tokens import Tokens
from ..ops.quiet import is_built_in
from ..tracing.keys import Exactly, is_graph_function
from .assumptions import FunctionStandIn, reference_of
from .classes import is_users

ATTRIBUTES_ONLY = (types.SimpleNamespace, BaseException)    # classes not of the user's whose objects are saved as well


class Defaults:
    """Stands for a function of which only defaults are read."""

    def __init__(self) -> None:
        self.__defaults__: dict[int | str, Any] = {}
        self.__kwdefaults__ = self.__defaults__


# The lines whose objects are made empty and filled later
EMPTY = {"list": list, "dict": dict, "set": set, "cell": types.CellType, "variables": dict, "defaults": Defaults}


# -- writing


class StateWriter:
    """Writes values as text, and the lines of the objects among them."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._numbers: dict[int, tuple[str, Any]] = {}
        self._memories: dict[int, tuple[Any, np.ndarray]] = {}
        self._parts: dict[int, tuple[str, Any, dict[Any, Any]]] = {}

    def write(self, value: Any) -> str:
        """``value`` as text; raises UnwritableConstant for what has none."""
        return literals.write(value, self._leaf)

    def variables(self, holder: Any) -> dict[str, Any]:
        """What stands in the file for a module or class; the variables that are needed are to be put into it."""
        return self._part("variables", holder)

    def defaults(self, function: Any) -> dict[int | str, Any]:
        """What stands in the file for a function; the defaults that are read are to be put into it."""
        return self._part("defaults", function)

    def lines(self) -> list[str]:
        """The lines of all objects, once everything else is written."""
        last = [f"{kind} {self.write(held)} = {self._items(held)}" for kind, _, held in self._parts.values()]
        return self._lines + last

    def _part(self, kind: str, owner: Any) -> dict[Any, Any]:
        if id(owner) not in self._parts:
            held: dict[Any, Any] = {}
            self._parts[id(owner)] = (kind, owner, held)
            self._number(held)
        return self._parts[id(owner)][2]

    def _number(self, value: Any) -> str:
        number, _ = self._numbers.setdefault(id(value), (f"${len(self._numbers)}", value))
        return number

    def _leaf(self, value: Any) -> str | None:
        """The number of an object that has a line; None for what is written where it stands."""
        if id(value) in self._numbers:
            return self._number(value)
        if value is vars(sys):
            return "@sys:__dict__"  # its streams are those of the process that loads the file
        match value:
            case np.ndarray() if type(value) is np.ndarray and not value.dtype.hasobject:
                return self._array(value)
            case list() if type(value) is list:
                return self._line("list", value, lambda: f"[{self._all(value)}]")
            case set() if type(value) is set:
                return self._line("set", value, lambda: f"[{self._all(value)}]")
            case dict() if type(value) is dict:
                return self._line("dict", value, lambda: self._items(value))
            case types.CellType():
                return self._line("cell", value, lambda: f"[{self._all(_content(value))}]")
            case Exactly():
                return self._line("exactly", value, lambda: self.write(value.value))
            case types.FunctionType() | FunctionStandIn():
                return self._line("function", value, lambda: repr(reference_of(value)))
        if is_graph_function(value):
            return self._line("function", value, lambda: repr(reference_of(value)))
        if isinstance(value, Enum) or not (is_users(type(value)) or isinstance(value, ATTRIBUTES_ONLY)):
            return None
        return self._line("object", value, lambda: f"({self.write(type(value))}, {self._items(_attributes(value))})")

    def _line(self, kind: str, value: Any, content: Any) -> str:
        number = self._number(value)
        self._lines.append(f"{kind} {number} = {content()}")
        return number

    def _all(self, items: Any) -> str:
        return ", ".join([self.write(item) for item in items])

    def _items(self, held: dict[Any, Any]) -> str:
        return f"{{{', '.join([f'{self.write(key)}: {self.write(item)}' for key, item in held.items()])}}}"

    def _array(self, array: np.ndarray) -> str:
        """A line for an array that is its memory; else one for the memory and one for the view of it."""
        owner = _root(array)
        if array is owner and _is_plain(owner):
            return self._line("array", array, lambda: literals.write(array))
        low = byte_bounds(owner)[0] if owner.size else 0
        offset = array.__array_interface__["data"][0] - low if array.size else 0
        window = (self._memory(owner), array.dtype, array.shape, int(offset), array.strides, array.flags.writeable)
        return self._line("view", array, lambda: f"({self._all(window)})")

    def _memory(self, owner: np.ndarray) -> np.ndarray:
        """``owner`` where its elements are its memory in order; else the bytes of it, u1[bytes]."""
        if _is_plain(owner):
            return owner
        if id(owner) not in self._memories:
            low, high = byte_bounds(owner) if owner.size else (0, 0)
            memory = bytearray(ctypes.string_at(int(low), int(high - low)))
            self._memories[id(owner)] = (owner, np.frombuffer(memory, np.uint8))
        return self._memories[id(owner)][1]


def _is_plain(owner: np.ndarray) -> bool:
    return owner.flags.forc and owner.flags.writeable and type(owner) is np.ndarray


def _root(array: np.ndarray) -> np.ndarray:
    """The last array along the bases of ``array``: two arrays with one root share memory."""
    found, base = array, array.base
    while base is not None:
        found = base if isinstance(base, np.ndarray) else found
        base = getattr(base, "base", None)
    return found


def _content(cell: types.CellType) -> list[Any]:
    try:
        return [cell.cell_contents]
    except ValueError:
        return []


def _attributes(value: Any) -> dict[str, Any]:
    """What an object holds, in its dict and its slots; raises UnwritableConstant where that is not all of it."""
    try:
        _blank(type(value))
    except TypeError as error:
        raise UnwritableConstant(
            f"A {type(value).__name__} cannot be saved: it holds more than attributes.",
            facts=[("Python says", str(error))],
            fix="pass it as an argument, or keep its contents in an attribute",
        ) from None
    held = {"args": value.args} if isinstance(value, BaseException) else {}
    held.update(getattr(value, "__dict__", {}))
    for cls in type(value).__mro__:
        for name, slot in vars(cls).items():
            if isinstance(slot, types.MemberDescriptorType) and is_users(cls) and hasattr(value, name):
                held[name] = slot.__get__(value)
    return held


def _blank(cls: type) -> Any:
    """An object of ``cls`` without attributes."""
    if issubclass(cls, ATTRIBUTES_ONLY):
        built_in: Any = next(base for base in cls.__mro__ if is_built_in(base))
        return built_in.__new__(cls)
    return object.__new__(cls)


# -- reading


class StateReader:
    """Makes the objects of a file, line by line; ``fill`` gives them their contents."""

    def __init__(self) -> None:
        self._objects: dict[str, Any] = {}
        self._waiting: list[tuple[Any, Tokens]] = []

    def read(self, text: str) -> Any:
        """The value that ``text`` says."""
        return literals.read(Tokens(text), self._known)

    def line(self, kind: str, text: str) -> None:
        """The object of the line ``kind text``."""
        tokens = Tokens(text)
        number = tokens.take()
        tokens.expect("=")
        if kind in EMPTY:
            made = EMPTY[kind]()
            self._waiting.append((made, tokens))
        elif kind == "object":
            tokens.expect("(")
            made = _blank(literals.read(tokens, self._known))
            tokens.expect(",")
            self._waiting.append((made, tokens))
        else:
            made = literals.read(tokens, self._known)
            made = MAKERS[kind](made)
        self._objects[number] = made

    def fill(self) -> None:
        """Give every object its contents, once all are made: they may hold each other."""
        for made, tokens in self._waiting:
            content = literals.read(tokens, self._known)
            match made:
                case list():
                    made.extend(content)
                case dict() | set():
                    made.update(content)
                case types.CellType():
                    if content:
                        made.cell_contents = content[0]
                case Defaults():
                    made.__defaults__.update(content)
                case _:
                    for name, item in content.items():
                        object.__setattr__(made, name, item)

    def _known(self, tokens: Tokens) -> Any:
        if tokens.word not in self._objects:
            raise tokens.error(f"there is no {tokens.word}")
        return self._objects[tokens.take()]


def _view(memory: np.ndarray, dtype: Any, shape: Any, offset: int, strides: Any, writeable: bool) -> np.ndarray:
    view: np.ndarray = np.ndarray(shape, dtype, memory.ravel("K").view(np.uint8), offset, strides)
    view.flags.writeable = writeable
    return view


def _function(reference: str) -> Any:
    try:
        return literals.resolve(reference)
    except (ImportError, AttributeError):
        return FunctionStandIn(reference)


# What makes the objects of the other lines of their contents
MAKERS = {"array": lambda array: array, "view": lambda parts: _view(*parts), "function": _function, "exactly": Exactly}
KINDS = (*EMPTY, *MAKERS, "object")

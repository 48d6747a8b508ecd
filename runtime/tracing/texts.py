"""Text: f-strings, ``str`` and its kin, ``%``, ``print`` and where it prints to.

What a user's class says of its text is traced like any other method. Where it would be asked for by built-in code, for
an object inside of something else, the call is refused: a graph runs no code of the user's.
"""

from __future__ import annotations

import operator
import sys
from enum import Enum
from types import FunctionType, MethodDescriptorType
from typing import TYPE_CHECKING, Any

from ..ir.types import (
    NONE,
    STR,
    AnyType,
    ConstantType,
    DictType,
    ListType,
    ObjectType,
    PythonType,
    TupleType,
    Type,
    UnionType,
    options,
)
from ..ops import TABLE
from ..ops.effects import PERCENT, PRINT, TEXT
from . import library
from .answers import answers
from .asking import TEXT_METHODS
from .classes import class_attribute, class_name, class_of, has_user_method
from .current import current
from .hashing import Hashing
from .heap import type_of
from .items import Star
from .trace import is_user_namespace
from .tracer import Tracer, UserMethod, unwrap

if TYPE_CHECKING:
    from .calls import Calls
    from .staging import Staging


# They ask for the ``str`` of an object if nothing is said.
STREAMS = ("stdout", "stderr", "__stdout__", "__stderr__")
ASKING_FOR_STR = [vars(cls)["__format__"] for cls in (int, float, complex, str)]


class StandardStreams:
    """The module ``sys``: its streams, lists and dicts may be other ones at the next call."""

    def __getattribute__(self, name: str) -> Any:
        found = getattr(sys, name)
        return current().read_namespace(sys, name) if name in STREAMS or type(found) in (list, dict) else found

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in STREAMS:
            current().refuse(f"Setting sys.{name} is not supported in a graph.", fix="set it before the call")
        current().write_namespace(sys, name, value)


def text_method(cls: type, conversion: str | None, spec: Any) -> str | None:
    """The function of the program's that gives the text of an object of ``cls``; None where built-in code does."""
    for name in {"r": TEXT_METHODS[2:], "a": TEXT_METHODS[2:], "s": TEXT_METHODS[1:], None: TEXT_METHODS}[conversion]:
        found, owner = class_attribute(cls, name)
        if owner is object or found in ASKING_FOR_STR and type(spec) is str and not spec:
            continue
        if not isinstance(found, FunctionType):
            return None
        if found.__module__ != "enum":
            return name
        if name != "__format__":
            return None
    return None


class Texts(Hashing):
    """The part of a trace that makes text."""

    standard_streams = StandardStreams()

    def field(self, value: Any, conversion: str | None = None, spec: Any = "") -> Any:
        """``{value!conversion:spec}``"""
        value = self.whole(unwrap(value))
        text = self.as_text(value, conversion, spec)
        if text is value:
            return self.apply(TEXT, (value, conversion, spec))
        return self.apply(TEXT, (text, None, "" if conversion is None else spec))

    def fstring(self, *parts: Any) -> Any:
        """The parts of an f-string, joined."""
        text = self.apply(TEXT, *parts)
        return self.narrowed(text, STR) if isinstance(type_of(text), AnyType) else text

    def as_text(self, value: Any, conversion: str | None, spec: Any = "") -> Any:
        """``value``, or its text where a user's class says what that is."""
        type_ = type_of(value)
        kinds = options(type_)
        classes = [kind.cls for kind in kinds if isinstance(kind, ObjectType)]
        if len(kinds) > 1 and len(classes) == len(kinds):
            if any(text_method(cls, conversion, spec) is not None for cls in classes):
                return self.by_class(value, lambda one: self.field(one, conversion, spec))
        is_plain = conversion != "a" and isinstance(spec, str) and not spec
        if is_plain and self._class_with((value,), TEXT_METHODS) is not None:
            text = self._text_of_container(value)
            if text is not None:
                return text
        cls = _asked_class(type_)
        name = text_method(cls, conversion, spec) if cls is not None else None
        if cls is None or name is None or name != "__format__" and conversion is None and spec != "":
            return value
        method = UserMethod(class_attribute(cls, name)[0], value)
        text = self.call(method, *([spec] if name == "__format__" else []))
        if type_of(text) != STR:
            self.refuse(f"What '{name}' returns may be no text.", fix="return a str")
        return text

    def _text_of_container(self, value: Any) -> Any:
        """The text of a list, tuple or dict, whose items are asked for theirs; None for anything else."""
        type_ = type_of(value)
        if isinstance(type_, DictType):
            return self.call(library.text_of_dict, value)
        is_list = isinstance(type_, ListType)
        if not is_list and not (isinstance(type_, TupleType) and type_.cls is tuple):
            return None
        known = self.known_items(value)
        if known is None:
            return self.call(library.text_of_list, value) if is_list else None
        between = [part for item in known for part in (", ", self.field(item, "r"))][1:]
        first, last = "[]" if is_list else ("(", ",)" if len(known) == 1 else ")")
        return self.fstring(first, *between, last)

    def mod(self, a: Any, b: Any) -> Any:
        """``a % b``"""
        a, b = unwrap(a), unwrap(b)
        if not isinstance(a, (str, bytes)) and type_of(a) not in (STR, PythonType(bytes)):
            return self.of_constants(operator.mod, a, b)
        parts = tuple(map(self.whole, b if type(b) is tuple else (b,)))
        if len(parts) == 1 and isinstance(a, str) and "%r" not in a and "%a" not in a:
            parts = (self.as_text(parts[0], "s"),)
        return self.apply(PERCENT, a, parts if type(b) is tuple else parts[0])


def _asked_class(type_: Type) -> type | None:
    """The class of objects of ``type_`` that may have methods of the program's own, also of one member."""
    if isinstance(type_, ConstantType) and isinstance(type_.value, Enum):
        return type(type_.value)
    return type_.cls if isinstance(type_, ObjectType) else None


@answers(print)
def _print(trace: Staging, *values: Any, file: Any = None, **settings: Any) -> None:
    if file is None:
        file = trace.assigned(sys, "stdout")    # where the program put a stream of its own
    kinds = options(type_of(file)) if file is not None else ()
    if any(map(is_own_file, kinds)):
        return print_to(trace, file, values, **settings)
    if file is not None:
        if any(not isinstance(kind, ObjectType) and kind != NONE for kind in kinds):
            trace.refuse("print() to this file is not supported in a graph.", fix="print to sys.stdout or sys.stderr")
        settings["file"] = file
    trace.apply(PRINT, *[trace.as_text(trace.whole(unwrap(value)), "s") for value in values], **settings)


def is_own_file(kind: Type) -> bool:
    """Whether a file is of a class of the program's own, whose methods are traced."""
    if not isinstance(kind, ObjectType):
        return False
    if not is_user_namespace(kind.cls):
        return has_user_method(kind, "write")
    return not all(isinstance(class_attribute(kind.cls, name)[0], MethodDescriptorType) for name in ("write", "flush"))


def print_to(
    trace: Calls, file: Any, values: Any, sep: Any = None, end: Any = None, flush: Any = False
) -> None:
    """``print(*values, file=file)``: each text is made when it is its turn, and written by a call of its own."""
    if len(options(type_of(file))) > 1:
        return trace.by_class(
            file, lambda one: trace.call(print, Star(values), file=one, sep=sep, end=end, flush=flush)
        )
    for name, value in (("sep", sep), ("end", end)):
        if value is not None and type_of(value) != STR:
            cls = class_of(type_of(value))
            if cls is None:
                trace.refuse(f"The {name} of this print() may be no text.", fix="give it a str")
            trace.raise_now(TypeError(f"{name} must be None or a string, not {cls.__name__}"))
    sep, end = " " if sep is None else sep, "\n" if end is None else end
    if type(values) is not tuple:
        return trace.call(library.print_to, file, values, sep, end, flush)
    for i, value in enumerate(values):
        if i:
            trace.call(file.write, sep)
        trace.call(library.write_text, file, value)
    return trace.call(library.end_print, file, end, flush)


@answers(str)
def _str(trace: Staging, value: Any = "", *encoding: Any) -> Any:
    if encoding and not isinstance(value, Tracer):
        return trace.of_constants(str, value, *encoding)
    if encoding:
        return trace.apply(TABLE.by_name["builtins.str"], value, *encoding, type=STR)
    return value if type(value) is str else trace.field(value, "s")


@answers(repr)
def _repr(trace: Staging, value: Any) -> Any:
    return trace.field(value, "r")


@answers(ascii)
def _ascii(trace: Staging, value: Any) -> Any:
    return trace.field(value, "a")


@answers(format)
def _format(trace: Staging, value: Any, spec: Any = "") -> Any:
    if not isinstance(type_of(spec), AnyType | UnionType) and class_of(type_of(spec)) is not str:
        trace.raise_now(TypeError(f"format() argument 2 must be str, not {class_name(type_of(spec))}"))
    return trace.field(value, None, spec)

"""Text: f-strings, ``str`` and its kin, ``%``, ``print`` and where it prints to; and the order of tuples.

What a user's class says of its text is traced like any other method. Where it would be asked for by built-in code, for
an object inside of something else, the call is refused: a graph runs no code of the user's.
"""

from __future__ import annotations

import operator
import sys
from typing import TYPE_CHECKING, Any

from ..ir.graph import map_leaves
from ..ir.types import STR, ArrayType, ListType, ObjectType, PythonType, options
from ..ops import TABLE
from ..ops.collections import METHODS
from ..ops.effects import PERCENT, PRINT, TEXT
from ..ops.iteration import HEAPS, PLACES, SMALLEST
from ..ops.number_methods import OF_STATISTICS
from ..ops.op import Op
from .answers import answers
from .classes import has_user_method
from .collections import defines
from .current import current
from .dataclass_sources import is_made_for
from .exceptions import Exceptions
from .heap import HeapObject, refs_of, type_of
from .tracer import Tracer, unwrap

if TYPE_CHECKING:
    from .staging import Staging

ORDER = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
TEXT_METHODS = ("__format__", "__str__", "__repr__")
EQUALITY = ("__eq__", "__ne__")
COMPARISONS = ("__lt__", "__le__", "__gt__", "__ge__", *EQUALITY)
# What built-in code may ask of the objects that it is given, by the name of the op.
ASKS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("text", "print", "percent", "str.format"), TEXT_METHODS),
    **dict.fromkeys(("operator.eq", "operator.ne", "operator.contains"), EQUALITY),
    **dict.fromkeys(("container.index", "container.count", "container.remove"), EQUALITY),
    **dict.fromkeys((f"operator.{name}" for name in ("lt", "le", "gt", "ge")), COMPARISONS),
    **dict.fromkeys(("builtins.min", "builtins.max", "builtins.sorted", "container.sort"), COMPARISONS),
    **dict.fromkeys(("set", "joined_set", "container.add", "builtins.hash"), ("__hash__", *EQUALITY)),
    **dict.fromkeys(("ordered", *(f"heapq.{name}" for name in (*HEAPS, *SMALLEST))), COMPARISONS),
    **dict.fromkeys((f"bisect.{name}" for name in PLACES), COMPARISONS),
    **dict.fromkeys((f"list.{name}" for name in ("index", "count", "remove")), EQUALITY),
    **dict.fromkeys((f"deque.{name}" for name in ("index", "count", "remove")), EQUALITY),
    "list.sort": COMPARISONS,
    "builtins.sum": ("__add__", "__radd__"),
    **dict.fromkeys((op.name for op in OF_STATISTICS), (*COMPARISONS, "__add__", "__radd__", "__sub__", "__float__")),
    "spread": (*TEXT_METHODS, *COMPARISONS, "__hash__"),
}
HASHING = ("__hash__", "__eq__")
# Where the argument after a dict or set is a key.
KEYED = (
    "update", "get_item", "delete_item", *(f"container.{name}" for name in ("get", "pop", "setdefault", "discard")),
    *(
        f"{base.__name__}.{name}"
        for base in METHODS
        if issubclass(base, (dict, set, frozenset))
        for name in ("__getitem__", "__setitem__", "get", "pop", "setdefault", "add", "discard")
    ),
)  # fmt: skip


MADE = (*COMPARISONS, "__hash__")  # what ``dataclasses`` makes of the fields alone


class StandardStreams:
    """The module ``sys``: its streams may be other ones at the next call."""

    def __getattribute__(self, name: str) -> Any:
        if name in ("stdout", "stderr", "__stdout__", "__stderr__"):
            return current().read_namespace(sys, name)
        return getattr(sys, name)


class Texts(Exceptions):
    """The part of a trace that makes text."""

    standard_streams = StandardStreams()

    def field(self, value: Any, conversion: str | None = None, spec: Any = "") -> Any:
        """``{value!conversion:spec}``"""
        value = unwrap(value)
        text = self.as_text(value, conversion, spec)
        if text is value:
            return self.apply(TEXT, (value, conversion, spec))
        return self.apply(TEXT, (text, None, "" if conversion is None else spec))

    def fstring(self, *parts: Any) -> Any:
        """The parts of an f-string, joined."""
        return self.apply(TEXT, *parts)

    def as_text(self, value: Any, conversion: str | None, spec: Any = "") -> Any:
        """``value``, or its text where a user's class says what that is."""
        type_ = type_of(value)
        methods = {"r": ("__repr__",), "a": ("__repr__",), "s": ("__str__", "__repr__"), None: TEXT_METHODS}[conversion]
        name = next((name for name in methods if has_user_method(type_, name)), None)
        if name is None or name != "__format__" and conversion is None and spec != "":
            return value
        text = self.call(self.get_attribute(value, name), *([spec] if name == "__format__" else []))
        if type_of(text) != STR:
            self.refuse(f"What '{name}' returns may be no text.", fix="return a str")
        return text

    def mod(self, a: Any, b: Any) -> Any:
        """``a % b``"""
        a, b = unwrap(a), unwrap(b)
        if not isinstance(a, (str, bytes)) and type_of(a) not in (STR, PythonType(bytes)):
            return self.of_constants(operator.mod, a, b)
        parts = b if type(b) is tuple else (b,)
        if len(parts) == 1 and isinstance(a, str) and "%r" not in a and "%a" not in a:
            parts = (self.as_text(parts[0], "s"),)
        return self.apply(PERCENT, a, parts if type(b) is tuple else parts[0])

    def order(self, a: Any, symbol: str, b: Any) -> Any:
        """``a < b``, where both may be tuples."""
        a, b = unwrap(a), unwrap(b)
        if type(a) is not tuple or type(b) is not tuple:
            return self.of_constants(ORDER[symbol], a, b)
        return self.apply(TABLE.meaning(ORDER[symbol]), a, b)

    def apply(self, op: Op, *args: Any, **options: Any) -> Any:
        """As in any trace; what would make built-in code call a method of the program's own is refused."""
        methods = ASKS.get(op.name)
        if methods is not None:
            self._check_built_in(op, (args, options), methods)
        elif op.name in KEYED and len(args) > 1 and not isinstance(type_of(args[0]), (ListType, ArrayType)):
            self._check_built_in(op, args[1], HASHING)
        elif op.name == "dict":
            self._check_built_in(op, [key for key, _ in args], HASHING)
        return super().apply(op, *args, **options)

    def _check_built_in(self, op: Op, arguments: Any, methods: tuple[str, ...]) -> None:
        for cls in self._classes_in(arguments):
            name = next((name for name in methods if has_user_method(ObjectType(cls), name)), None)
            if name is not None and defines(cls, name) and not (name in MADE and is_made_for(cls, name)):
                shown = {"text": "str", "percent": "%"}.get(op.name, op.name.rpartition(".")[2])
                self.refuse(
                    f"'{shown}' would ask '{cls.__name__}.{name}', a method of the program's own.",
                    fix="ask it in a loop or expression of your own, and use what it returns",
                )

    def _classes_in(self, arguments: Any) -> set[type]:
        """The classes of objects among ``arguments`` and in the containers there."""
        classes: set[type] = set()
        waiting: list[HeapObject] = []

        def leaf(item: Any) -> Any:
            if isinstance(item, Tracer):
                classes.update(option.cls for option in options(type_of(item)) if isinstance(option, ObjectType))
                waiting.extend(refs_of(item))
            return item

        map_leaves(arguments, leaf)
        seen: set[HeapObject] = set()
        while waiting:
            thing = waiting.pop()
            if thing in seen:
                continue
            seen.add(thing)
            if thing.kind == "object":
                classes.add(thing.cls)
                waiting.extend(each for held in self.compared_fields(thing) for each in held)
            elif (state := self.heap.get(thing)) is not None:
                held = [state.key.refs, state.item.refs, *map(refs_of, (state.known or {}).values())]
                waiting.extend(each for refs in held for each in refs)
        return classes


@answers(print)
def _print(trace: Staging, *values: Any, file: Any = None, **options: Any) -> None:
    if file is not None:
        if not isinstance(type_of(file), ObjectType) or has_user_method(type_of(file), "write"):
            trace.refuse("print() to this file is not supported in a graph.", fix="print to sys.stdout or sys.stderr")
        options["file"] = file
    trace.apply(PRINT, *[trace.as_text(unwrap(value), "s") for value in values], **options)


@answers(str)
def _str(trace: Staging, value: Any = "", *encoding: Any) -> Any:
    if encoding and not isinstance(value, Tracer):
        return trace.of_constants(str, value, *encoding)
    if encoding:
        return trace.call(trace.get_attribute(value, "decode"), *encoding)
    return value if isinstance(value, str) else trace.field(value, "s")


@answers(repr)
def _repr(trace: Staging, value: Any) -> Any:
    return trace.field(value, "r")


@answers(ascii)
def _ascii(trace: Staging, value: Any) -> Any:
    return trace.field(value, "a")


@answers(format)
def _format(trace: Staging, value: Any, spec: Any = "") -> Any:
    return trace.field(value, None, spec)

"""What the stack of a code object holds while a piece of it is translated.

    Value       what a variable or a constant of the generated code holds
    Display     a list, tuple, set or dict of which items may follow
    Null        the place of the object, beside a function that is no method
    Outer       a cell of a function around the translated one, which is read by its name
    Unfinished  a function that is not given all it needs yet
    Assertion   the error of an ``assert``, and its message
    Iterated    what a loop, comprehension or generator expression is to go over
    Saved       the variable that a comprehension hides, to be put back
    Module      a module of which names are imported
    Caught      what was handled before the exception that is handled now
    Mark        where an exception came from, which nothing asks for
    Packed      a value that is still in a tuple
    Sent        what a generator is sent where it goes on
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import CodeType
from typing import Any

ARGUMENT = ".0"   # the variable that holds what a comprehension or generator expression goes over


@dataclass(frozen=True)
class Value:
    """A variable, by its name in generated code, or a constant.

    ``is_own``: a function of the generated code itself, called as it is.  ``is_manager``: what a ``with`` block is left
    by.  ``of`` is the global that it was read from.
    """

    name: str | None = None
    constant: Any = None
    is_own: bool = False
    is_manager: bool = False
    of: str | None = None


@dataclass
class Display:
    """Items of a display: a ``Value`` each, pairs of them in a dict, ``Spread`` for what is starred."""

    kind: str
    items: list[Any] = field(default_factory=list)
    is_merged: bool = False   # keyword arguments of a call: no name may come twice


@dataclass(frozen=True)
class Spread:
    """A starred item: the generated variable that holds it, and the one that holds what ``star`` made of it."""

    value: Value
    starred: Value


@dataclass(frozen=True)
class Null:
    """No object."""


@dataclass(frozen=True)
class Outer:
    """A variable outside of the translated function."""

    name: str


@dataclass(frozen=True)
class Unfinished:
    """A function of ``code``; ``given`` are its cells and defaults, by the flags of MAKE_FUNCTION."""

    code: CodeType
    given: dict[int, Any]


@dataclass(frozen=True)
class Assertion:
    """``AssertionError`` with these arguments."""

    arguments: tuple[Value, ...] = ()


@dataclass(frozen=True)
class Iterated:
    """What GET_ITER was given, and the call that makes an iterator of it."""

    value: Value
    by: str = "steps"


@dataclass(frozen=True)
class Saved:
    """What the variable ``name`` was called in generated code."""

    name: str
    generated: str


@dataclass(frozen=True)
class Module:
    """A module and the number of dots before its name."""

    name: str
    level: int


@dataclass(frozen=True)
class Caught:
    """A handler has begun, and has not ended yet."""


@dataclass(frozen=True)
class Mark:
    """The instruction that failed."""


@dataclass(frozen=True)
class Packed:
    """A value in a tuple of its own; ``is_result``: what an iterator has returned instead."""

    value: Value
    is_result: bool = False


@dataclass(frozen=True)
class Sent:
    """What is sent or thrown; ``passes_on``: to what the generator goes over."""

    passes_on: bool = False


Entry = (
    Value | Display | Null | Outer | Unfinished | Assertion | Iterated | Saved | Module | Caught | Mark | Packed | Sent
)


@dataclass
class State:
    """The stack where a piece begins, what the variables are called there, and which of them have a value for sure."""

    stack: list[Entry]
    names: dict[str, str]
    bound: frozenset[str]

    def copy(self) -> State:
        return State(list(self.stack), dict(self.names), self.bound)


def replaced(entry: Any, old: Value, new: Value) -> Any:
    """``entry`` with ``new`` in the place of ``old``, wherever that is part of it."""
    match entry:
        case Value():
            return new if entry == old else entry
        case Display(kind, items, is_merged):
            return Display(kind, [replaced(item, old, new) for item in items], is_merged)
        case Spread(value, starred):
            return Spread(replaced(value, old, new), replaced(starred, old, new))
        case Unfinished(code, given):
            return Unfinished(code, {flag: replaced(item, old, new) for flag, item in given.items()})
        case Iterated(value, by):
            return Iterated(replaced(value, old, new), by)
        case Assertion(arguments):
            return Assertion(tuple(replaced(each, old, new) for each in arguments))
        case tuple():
            return tuple(replaced(each, old, new) for each in entry)
    return entry

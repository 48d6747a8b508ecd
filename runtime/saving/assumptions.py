"""What a saved graph assumes of a call, so that it can stand in a file and be checked without the program.

The keys are those of a trace but for objects, of which the attributes count, and in containers the name of the class;
for functions and classes, which are compared by name; and for the layout of arrays, on which no graph depends.
"""

from __future__ import annotations

from collections.abc import Hashable
from contextlib import suppress
from dataclasses import dataclass
from types import FunctionType, ModuleType
from typing import Any, ClassVar

import numpy as np

from ..errors import UnwritableConstant
from ..ir import literals
from ..tracing.key_text import DTYPES, NAMED, OBJECT, describe_key
from ..tracing.keys import ABSENT, Exactly, Identity, key_of
from ..tracing.paths import Path

VALUES = (str, bytes, slice, range)    # kinds of which a key holds the value


@dataclass(frozen=True, slots=True)
class FunctionStandIn:
    """A function of a program that is not there: it can be passed on and compared by name, not called."""

    reference: str
    __tograph_eager__: ClassVar[bool] = True    # as a graph function, it is itself in the eyes of a key

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        raise ImportError(f"the function {self.reference} is not there: its module cannot be imported")


@dataclass(frozen=True, slots=True)
class Assumption:
    """That the value at ``path``, which people know as ``name``, has this key."""

    name: str
    path: Path
    key: Any

    def failure(self, arguments: tuple[Any, ...]) -> str | None:
        """What is there instead, in words; None where all is as assumed."""
        try:
            value = self.path.find(arguments)
        except (LookupError, AttributeError, ValueError, TypeError):
            return None if self.key == ABSENT else "but it is not there"
        if isinstance(self.key, Exactly):
            return None if Exactly(value) == self.key else f"not {value!r}"
        found = portable(key_of(value))
        return None if found == self.key else f"not {describe_key(found)}"

    @property
    def is_value(self) -> bool:
        """Whether one value is assumed, not a kind of values."""
        first = self.key[0] if isinstance(self.key, tuple) else None
        return isinstance(self.key, Exactly) or any(first is kind for kind in VALUES)


def portable(key: Any) -> Hashable:
    """A key of a trace as a file has it: numbers, text, dtypes, built-in classes, exact values and tuples of them."""
    if isinstance(key, Identity):
        return (NAMED, reference_of(key.value))
    if isinstance(key, frozenset):
        return frozenset(map(portable, key))
    if _tag(key) == OBJECT:
        return (OBJECT, key[1].value.__qualname__, _items(key[2])) if len(key) > 2 else (OBJECT,)
    if type(key) is tuple and len(key) == 2 and key[0] is dict:
        return (dict, _items(key[1]))
    if _is_of_array(key):
        return (DTYPES.get(key[0], key[0]), key[1])
    if type(key) is tuple:
        return tuple(map(portable, key))
    return key


def _items(pairs: tuple[tuple[Any, Any], ...]) -> tuple[tuple[Any, Hashable], ...]:
    return tuple([(name, portable(key)) for name, key in pairs])


def _tag(key: Any) -> str | None:
    """The word that a key begins with, if it does."""
    return key[0] if isinstance(key, tuple) and key and isinstance(key[0], str) else None


def _is_of_array(key: Any) -> bool:
    return type(key) is tuple and len(key) == 4 and isinstance(key[0], (int, np.dtype))


def reference_of(value: Any) -> str:
    """``module:qualified.name`` of a function, class or module, whether or not it can be found there."""
    if isinstance(value, ModuleType):
        return value.__name__
    if isinstance(value, FunctionStandIn):
        return value.reference
    if isinstance(value, FunctionType):
        with suppress(UnwritableConstant):    # decorators may have put another under its name
            return literals.write(value).removeprefix("@")
    name = getattr(value, "__qualname__", None) or getattr(value, "__name__", None) or type(value).__qualname__
    return f"{getattr(value, '__module__', None) or type(value).__module__}:{name}"

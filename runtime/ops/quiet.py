"""Objects whose ``__hash__`` and ``__eq__`` are not asked: what stands in for a key, and keys while a table is changed.

A dict or set asks its keys for hashes and equality when something is looked for.  No graph runs methods of the
program's own, so a *stand-in* is looked for instead of a key.  Its class is derived from those of the keys, so that
Python asks it, and not the key, whether the two are equal.  Only a new key has to be there itself when it is put in:
for that moment its class, and the classes of the keys that it is compared with, are replaced by *quiet* ones, which
give a known hash and known answers.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from enum import Enum
from threading import RLock, local
from types import FunctionType
from typing import Any
from weakref import WeakKeyDictionary

LARGEST = 2**63
HEAP_TYPE, IMMUTABLE_TYPE = 1 << 9, 1 << 8  # in the flags of a class
NUMBER, TARGET, MET = "tograph number", "tograph target", "tograph met"  # attributes of stand-ins that nobody has
ABSENT: Any = object()


class Unknown(Exception):
    """Two keys are compared of which it is not known whether they are equal."""

    def __init__(self, a: Any, b: Any) -> None:
        self.pair = a, b


def is_built_in(cls: type) -> bool:
    """Whether a class is written in C: no ``class`` statement makes one that is static or cannot be changed."""
    return cls.__flags__ & (HEAP_TYPE | IMMUTABLE_TYPE) != HEAP_TYPE


def asks(cls: type) -> bool:
    """Whether objects of a class are hashed or compared by methods of the program's own."""
    if issubclass(cls, Enum) or cls.__module__.partition(".")[0] in sys.stdlib_module_names:
        return False
    return isinstance(cls.__hash__, FunctionType) or isinstance(cls.__eq__, FunctionType)


def askers(key: Any) -> Iterator[Any]:
    """The objects in a key that are hashed or compared by methods of the program's own."""
    if asks(type(key)):
        yield key
    elif isinstance(key, (tuple, frozenset)):
        for item in key:
            yield from askers(item)


# -- stand-ins


def _number(probe: Any) -> int:
    return object.__getattribute__(probe, "__dict__")[NUMBER]


def _meet(probe: Any, key: Any) -> bool:
    """Whether a stand-in is equal to ``key``: to what it stands for, or else to none, which it notes."""
    held = object.__getattribute__(probe, "__dict__")
    if TARGET in held:
        return held[TARGET] is key
    held[MET].append(key)
    return False


_stand_ins: dict[tuple[type, ...], type] = {}


def stand_in_class(classes: tuple[type, ...]) -> type:
    """The class of stand-ins for keys of ``classes``; raises TypeError where no class can be derived from them all."""
    found = _stand_ins.get(classes)
    if found is None:
        bases = [cls for cls in classes if not any(issubclass(other, cls) for other in classes if other is not cls)]
        namespace = {"__hash__": _number, "__eq__": _meet, "__array_ufunc__": None}
        found = _stand_ins[classes] = _derived(tuple(bases) or (object,), namespace)
        if not found.__dictoffset__:
            raise TypeError("stand-ins have no place for what they note")
    return found


def _derived(bases: tuple[type, ...], namespace: dict[str, Any]) -> type:
    """A class derived from ``bases`` past their metaclass's own ways of making one."""
    if any(isinstance(getattr(cls.__init_subclass__, "__func__", None), FunctionType) for cls in bases):
        raise TypeError("a base sees that a class is derived from it")
    kind = next((type(cls) for cls in bases if all(issubclass(type(cls), type(other)) for other in bases)), type)
    return type.__new__(kind, bases[0].__name__, bases, {**namespace, "__module__": bases[0].__module__})


def stand_in(classes: tuple[type, ...], number: int, target: Any = ABSENT) -> Any:
    """An object with the hash ``number`` that is equal to ``target`` alone, or to none and notes what it meets."""
    cls = stand_in_class(classes)
    built_in = next(base for base in cls.__mro__ if is_built_in(base))
    made: Any = built_in.__new__(cls)  # pyright: ignore[reportCallIssue]
    held = object.__getattribute__(made, "__dict__")
    held[NUMBER] = number
    if target is ABSENT:
        held[MET] = []
    else:
        held[TARGET] = target
    return made


def met_by(probe: Any) -> list[Any]:
    """The keys that a stand-in has met."""
    return object.__getattribute__(probe, "__dict__")[MET]


# -- quiet keys


class Answers:
    """Whether keys are equal, in the order in which that was asked; a pair may be asked for twice."""

    def __init__(self) -> None:
        self.given: list[tuple[Any, Any, bool]] = []
        self.number = 0  # of those that were used

    def of(self, a: Any, b: Any) -> bool:
        """The next answer; raises ``Unknown`` where there is none."""
        if self.number < len(self.given):
            first, second, answer = self.given[self.number]
            if first is a and second is b:
                self.number += 1
                return answer
        raise Unknown(a, b)


class _Now(local):
    """What quiet objects answer in this thread; without ``numbers`` what their own class says."""

    numbers: Mapping[int, int] | None = None
    answers: Answers | None = None


_now = _Now()
_changing = RLock()   # a thread must not take the quiet class of a key, which another one gave it, for its own
_quiet: WeakKeyDictionary[type, type] = WeakKeyDictionary()


def _quiet_hash(key: Any) -> int:
    number = None if _now.numbers is None else _now.numbers.get(id(key))
    asked: Any = type(key).__mro__[1]
    return asked.__hash__(key) if number is None else number


def _quiet_equal(key: Any, other: Any) -> Any:
    if _now.numbers is None:   # another thread compares it
        asked: Any = type(key).__mro__[1]
        return asked.__eq__(key, other)
    return key is other if key is other or _now.answers is None else _now.answers.of(key, other)


def quiet_class(cls: type) -> type:
    """A class like ``cls`` whose objects do not ask for their hash and equality."""
    found = _quiet.get(cls)
    if found is None:
        namespace = {"__slots__": (), "__hash__": _quiet_hash, "__eq__": _quiet_equal, "__qualname__": cls.__qualname__}
        found = _quiet[cls] = _derived((cls,), namespace)
    return found


@contextmanager
def quietly(keys: Iterable[Any], numbers: Mapping[int, int], answers: Answers | None = None) -> Iterator[None]:
    """A ``with`` block in which ``keys`` have the hashes ``numbers``, by identity, and are equal as ``answers`` say.

    Without ``answers`` each key is equal to itself alone.
    """
    with _changing:
        changed = [(key, type(key), quiet_class(type(key))) for key in {id(key): key for key in keys}.values()]
        before = _now.numbers, _now.answers
        _now.numbers, _now.answers = numbers, answers
        try:
            for key, _, quiet in changed:
                object.__setattr__(key, "__class__", quiet)
            yield
        finally:
            for key, cls, _ in changed:
                object.__setattr__(key, "__class__", cls)
            _now.numbers, _now.answers = before

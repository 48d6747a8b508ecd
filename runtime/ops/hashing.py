"""Dicts and sets whose keys are objects with a hash or an equality of the program's own.

No graph runs the program's methods, so such a key is held as a ``Hashed``: it has the number that the method gave, and
is equal to itself alone.  Which key of a dict or set an object is equal to is asked before (``locate``), of the keys
of the same hash in the order in which the dict or set itself would ask; what is done then, is done by it, so that
hashes decide of the same places, and the order is the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ..ir.types import ANY, BOOL, INT, NONE, IteratorType, Type
from .asking import asking_op
from .merge_sort import Asked
from .op import Op, Result

LARGEST = 2**63


class Hashed:
    """A key of a dict or set that ``held`` is, of the hash ``number``."""

    __slots__ = ("held", "number")

    def __init__(self, held: Any, number: int) -> None:
        self.held = held
        self.number = number

    def __hash__(self) -> int:
        return self.number

    def __eq__(self, other: object) -> bool:
        return other.note(self) if type(other) is Probe else self is other

    def __repr__(self) -> str:
        return repr(self.held)


class Probe:
    """Notes the keys that it is compared with, and is equal to none."""

    __slots__ = ("met", "number")

    def __init__(self, number: int) -> None:
        self.number = number
        self.met: list[Any] = []

    def __hash__(self) -> int:
        return self.number

    def note(self, key: Any) -> bool:
        self.met.append(key)
        return False

    __eq__ = note


def held(key: Any) -> Any:
    """The object that a key is."""
    return key.held if type(key) is Hashed else key


def number_of(result: Any) -> int:
    """The hash of an object whose ``__hash__`` gave ``result``."""
    if not isinstance(result, int):
        raise TypeError("__hash__ method should return an integer")
    if -LARGEST <= result < LARGEST:
        return -2 if result == -1 else int(result)
    return hash(int(result))


def locate(container: Any, key: Any, number: int, is_own: bool) -> Asked:
    """The key in ``container`` that ``key`` is equal to, else a new one; asks whether two keys are equal."""
    probe = Probe(number)
    assert probe not in container
    for found in probe.met:
        other = held(found)
        if other is key or (yield other, key):
            return found
    return Hashed(key, number) if is_own else key


def _present(container: Any, key: Any) -> Any:
    if key not in container:
        raise KeyError(held(key))
    return key


def _item(mapping: Any, key: Any) -> Any:
    return mapping[_present(mapping, key)]


def _pop(mapping: Any, key: Any, *default: Any) -> Any:
    return mapping.pop(key if default else _present(mapping, key), *default)


def _delete(mapping: Any, key: Any) -> None:
    del mapping[_present(mapping, key)]


def _remove(items: Any, key: Any) -> None:
    items.remove(_present(items, key))


def _keys(container: Any) -> Iterator[Any]:
    return map(held, container)


def _pairs(mapping: Any) -> Iterator[tuple[Any, Any]]:
    return ((held(key), item) for key, item in mapping.items())


def _pop_any(items: Any) -> Any:
    return held(items.pop())


def _pop_pair(mapping: Any) -> tuple[Any, Any]:
    key, item = mapping.popitem()
    return held(key), item


def _op(name: str, function: Callable[..., Any], type: Type, changes: bool = False) -> Op:
    return Op(f"hashed.{name}", lambda xp: function, lambda *args, **kwargs: type, result=Result.VIEW,
              writes=(0,) if changes else (), effect=True)


KEY = _op("key", Hashed, ANY)
NUMBER = _op("number", number_of, INT)
PLAIN_NUMBER = _op("plain_number", hash, INT)
LOCATE = asking_op(locate)
KEYS = _op("keys", _keys, IteratorType(ANY))
PAIRS = _op("pairs", _pairs, IteratorType(ANY))
# Ops on what is located, by those on plain keys.
WITH_KEY = {
    "operator.contains": _op("contains", lambda container, key: key in container, BOOL),
    "get_item": _op("get_item", _item, ANY),
    "update": _op("update", lambda mapping, key, item: mapping.__setitem__(key, item), NONE, changes=True),
    "delete_item": _op("delete_item", _delete, NONE, changes=True),
    "container.get": _op("get", lambda mapping, *args: mapping.get(*args), ANY),
    "container.setdefault": _op("setdefault", lambda mapping, *args: mapping.setdefault(*args), ANY, changes=True),
    "container.pop": _op("pop", _pop, ANY, changes=True),
    "container.add": _op("add", lambda items, key: items.add(key), NONE, changes=True),
    "container.discard": _op("discard", lambda items, key: items.discard(key), NONE, changes=True),
    "container.remove": _op("remove", _remove, NONE, changes=True),
}
WITHOUT_KEY = {
    "container.pop": _op("pop_any", _pop_any, ANY, changes=True),
    "container.popitem": _op("pop_pair", _pop_pair, ANY, changes=True),
}

OPS = (KEY, NUMBER, PLAIN_NUMBER, LOCATE, KEYS, PAIRS, *WITH_KEY.values(), *WITHOUT_KEY.values())

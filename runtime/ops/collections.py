"""The classes of ``collections`` and whatever else is a container with methods of its own.

A method is called as a function of the built-in class (``deque.append(q, x)``): then it does the same for objects of a
class derived from it, whatever that class overrides.  ``METHODS`` says of each what it gives and what it puts into the
container; tracing follows by that what a container may hold.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict, deque
from enum import Enum
from typing import Any

from ..ir.types import ANY, PythonType, SetType, Type
from ..records import record
from .op import Op, Result


class Gives(Enum):
    """What a method gives, in terms of the container's keys and items."""

    NOTHING = "None"
    INT = "an int"
    BOOL = "a bool"
    ITEM = "an item"
    ITEM_OR_DEFAULT = "an item, or the second argument"
    ITEM_OR_ELSE = "an item, or the second argument if there is one"
    PAIR = "a key and its item"
    PAIRS = "a list of keys and items"
    KEYS = "an iterator over keys"
    ITEMS = "an iterator over items"
    VIEW = "a view of the dict"
    COPY = "a container of the same class with the same items"
    PLAIN_COPY = "a container of the built-in class with the same items"
    ANYTHING = "anything"


class Puts(Enum):
    """What a method puts into the container."""

    NOTHING = "nothing"
    FIRST = "the first argument"
    SECOND = "the second argument"
    EACH = "each item of the arguments"
    ITEM = "the second argument, under the first"
    DEFAULT = "the second argument or None, under the first"
    MAPPING = "what the arguments map"
    COUNTS = "numbers, under each item of the arguments"


@record
class Method:
    """One method: what it gives, what it puts into the container, and whether it changes it at all."""

    gives: Gives
    puts: Puts = Puts.NOTHING
    changes: bool = True


READS = {
    "__len__": Method(Gives.INT, changes=False),
    "__contains__": Method(Gives.BOOL, changes=False),
    "__eq__": Method(Gives.ANYTHING, changes=False),
    "__ne__": Method(Gives.ANYTHING, changes=False),
}
OF_SEQUENCES = {
    **READS,
    "__getitem__": Method(Gives.ITEM, changes=False),
    "__setitem__": Method(Gives.NOTHING, Puts.SECOND),
    "__delitem__": Method(Gives.NOTHING),
    "__iter__": Method(Gives.ITEMS, changes=False),
    "__reversed__": Method(Gives.ITEMS, changes=False),
    "__init__": Method(Gives.NOTHING, Puts.EACH),
    "append": Method(Gives.NOTHING, Puts.FIRST),
    "extend": Method(Gives.NOTHING, Puts.EACH),
    "insert": Method(Gives.NOTHING, Puts.SECOND),
    "remove": Method(Gives.NOTHING),
    "clear": Method(Gives.NOTHING),
    "reverse": Method(Gives.NOTHING),
    "pop": Method(Gives.ITEM),
    "index": Method(Gives.INT, changes=False),
    "count": Method(Gives.INT, changes=False),
}
OF_LISTS = {**OF_SEQUENCES, "sort": Method(Gives.NOTHING), "copy": Method(Gives.PLAIN_COPY, changes=False)}
OF_DEQUES = {
    **OF_SEQUENCES,
    "appendleft": Method(Gives.NOTHING, Puts.FIRST),
    "extendleft": Method(Gives.NOTHING, Puts.EACH),
    "popleft": Method(Gives.ITEM),
    "rotate": Method(Gives.NOTHING),
    "copy": Method(Gives.COPY, changes=False),
}
OF_BYTES = {
    **OF_SEQUENCES,
    "copy": Method(Gives.COPY, changes=False),
    **{
        name: Method(Gives.ANYTHING, changes=False)
        for name in ("decode", "hex", "find", "startswith", "endswith", "join", "split", "strip", "replace")
    },
}
OF_DICTS = {
    **READS,
    "__getitem__": Method(Gives.ITEM),
    "__setitem__": Method(Gives.NOTHING, Puts.ITEM),
    "__delitem__": Method(Gives.NOTHING),
    "__iter__": Method(Gives.KEYS, changes=False),
    "__reversed__": Method(Gives.KEYS, changes=False),
    "__init__": Method(Gives.NOTHING, Puts.MAPPING),
    "get": Method(Gives.ITEM_OR_DEFAULT, changes=False),
    "setdefault": Method(Gives.ITEM_OR_DEFAULT, Puts.DEFAULT),
    "pop": Method(Gives.ITEM_OR_ELSE),
    "popitem": Method(Gives.PAIR),
    "update": Method(Gives.NOTHING, Puts.MAPPING),
    "clear": Method(Gives.NOTHING),
    "keys": Method(Gives.VIEW, changes=False),
    "values": Method(Gives.VIEW, changes=False),
    "items": Method(Gives.VIEW, changes=False),
    "copy": Method(Gives.PLAIN_COPY, changes=False),
}
OF_ORDERED_DICTS = {
    **OF_DICTS,
    "move_to_end": Method(Gives.NOTHING),
    "copy": Method(Gives.COPY, changes=False),
}
OF_DEFAULT_DICTS = {**OF_DICTS, "copy": Method(Gives.COPY, changes=False)}
OF_COUNTERS = {
    **OF_DICTS,
    "__init__": Method(Gives.NOTHING, Puts.COUNTS),
    "update": Method(Gives.NOTHING, Puts.COUNTS),
    "subtract": Method(Gives.NOTHING, Puts.COUNTS),
    "most_common": Method(Gives.PAIRS, changes=False),
    "elements": Method(Gives.KEYS, changes=False),
    "total": Method(Gives.ANYTHING, changes=False),
    "copy": Method(Gives.COPY, changes=False),
}
OF_FROZEN_SETS = {
    **READS,
    "__iter__": Method(Gives.ITEMS, changes=False),
    **{name: Method(Gives.BOOL, changes=False) for name in ("issubset", "issuperset", "isdisjoint")},
}
OF_SETS = {
    **OF_FROZEN_SETS,
    "__init__": Method(Gives.NOTHING, Puts.EACH),
    "add": Method(Gives.NOTHING, Puts.FIRST),
    "discard": Method(Gives.NOTHING),
    "remove": Method(Gives.NOTHING),
    "clear": Method(Gives.NOTHING),
    "pop": Method(Gives.ITEM),
    "copy": Method(Gives.COPY, changes=False),
    "update": Method(Gives.NOTHING, Puts.EACH),
    "intersection_update": Method(Gives.NOTHING),
    "difference_update": Method(Gives.NOTHING),
    "symmetric_difference_update": Method(Gives.NOTHING, Puts.EACH),
}

METHODS: dict[type, dict[str, Method]] = {
    Counter: OF_COUNTERS,
    OrderedDict: OF_ORDERED_DICTS,
    defaultdict: OF_DEFAULT_DICTS,
    dict: OF_DICTS,
    list: OF_LISTS,
    deque: OF_DEQUES,
    bytearray: OF_BYTES,
    set: OF_SETS,
    frozenset: OF_FROZEN_SETS,
}


def base_of(cls: type) -> type | None:
    """The built-in class of containers that ``cls`` is or is derived from."""
    return next((base for base in cls.__mro__ if base in METHODS), None)


def _anything(*args: Any, **kwargs: Any) -> Type:
    return ANY


def _method_op(base: type, name: str, method: Method) -> Op:
    function = getattr(base, name)
    return Op(
        f"{base.__name__}.{name}",
        lambda xp: function,
        _anything,
        result=Result.VIEW,
        writes=(0,) if method.changes else (),
        effect=method.changes,
    )


OF_METHOD: dict[tuple[type, str], Op] = {
    (base, name): _method_op(base, name, method)
    for base, methods in METHODS.items()
    for name, method in methods.items()
    if hasattr(base, name)
}

FROZEN_SET = Op("frozenset", lambda xp: frozenset, lambda *iterable: SetType(ANY))
BYTES = Op("bytes", lambda xp: bytes, lambda *args, **kwargs: PythonType(bytes), result=Result.IMMUTABLE)

OPS = (*OF_METHOD.values(), FROZEN_SET, BYTES)

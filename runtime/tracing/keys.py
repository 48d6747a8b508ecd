"""Keys: all that a trace assumes of a value, as something hashable.

Of an array that is dtype, rank, which sizes are 0, 1 or more, layout and writeability; of a number its class; of text
and None the value; of a function or class its identity; of a container the keys of its items.
"""

from __future__ import annotations

import operator
import types
import typing
from collections.abc import Hashable, Sequence
from enum import Enum
from typing import Any

import numpy as np

from ..array_packages import package_of
from ..held import held_attributes
from ..ir.library_values import LIBRARY_CLASSES, zone_class
from ..ir.types import Type
from ..ops.quiet import askers
from ..ops.stand_ins import CACHED
from ..records import record
from .classes import is_container

TYPES: tuple[Any, ...] = (  # what ``typing`` has beside classes, and types with brackets
    type(typing.Optional),
    type(typing.Generic[typing.TypeVar("T")]).__base__,
    typing.TypeVar,
    typing.ParamSpec,
    typing.TypeVarTuple,
    typing.NewType,
    typing.ForwardRef,
    types.GenericAlias,
    types.UnionType,
)
CALLABLES = (
    types.FunctionType,
    types.BuiltinFunctionType,
    types.MethodType,
    type,
    types.ModuleType,
    np.ufunc,
    type(np.sum),
    type(np.random.default_rng),
    type(np.mgrid),
    type(np.ogrid),
    type(np.c_),
    type(np.r_),
    type(np.s_),
    types.MethodDescriptorType,
    types.WrapperDescriptorType,
    types.MethodWrapperType,
    types.ClassMethodDescriptorType,
    types.GetSetDescriptorType,
    CACHED,
    property,
    staticmethod,
    classmethod,
    Enum,
    operator.itemgetter,
    operator.attrgetter,
    operator.methodcaller,
    *TYPES,
)
PLAIN = (str, bytes, type(None), type(Ellipsis), np.dtype, slice, range, type(NotImplemented))
COMMON = frozenset((np.ndarray, int, float, bool, complex, str, type(None), np.float64, np.int64))
NUMBERS = frozenset((int, float, bool, complex))
VALUES = NUMBERS | LIBRARY_CLASSES  # whose key is their class, and that of their time zone
DEEPEST_KEY = 4  # of objects in attributes of objects in containers; what lies deeper is known by its identity
KEPT_APART = 8  # a list of at most so many items is known item by item


@record
class Abstract:
    """An argument of which only the type is known."""

    type: Type


@record
class Exactly:
    """A key: a value that nothing tells apart from this one: 1, 1.0 and True differ, 0.0 and -0.0 too."""

    value: Any

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Exactly) and _exact(self.value) == _exact(other.value)

    def __hash__(self) -> int:
        return hash(_exact(self.value))


def _exact(value: Any) -> Hashable:
    kind = type(value)
    if kind in (tuple, frozenset):
        return (kind, kind(map(_exact, value)))
    return (kind, repr(value) if isinstance(value, (float, complex, np.inexact)) else value)


@record
class Identity:
    """A key: this very object, which is kept alive by it."""

    value: Any

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Identity) and self.value is other.value

    def __hash__(self) -> int:
        return id(self.value)


ABSENT = ("absent",)  # the key of what is not there
OTHER = "array of"  # begins the key of an array that is not NumPy's


def key_of(value: Any) -> Hashable:
    """All that a trace assumes of ``value``, as a hashable key."""
    kind = type(value)
    if kind is np.ndarray:
        return (*_key_of_array(value), value.flags.writeable)
    if kind in VALUES:
        zone = zone_class(value)
        return kind if zone is None else (kind, Identity(zone))
    if isinstance(value, PLAIN):
        return _key_of_plain(value)
    if isinstance(value, np.generic):
        return kind if value.dtype.isbuiltin == 1 else (kind, value.dtype)
    if kind is tuple:
        return (tuple, *map(key_of_item, value))
    if issubclass(kind, tuple) and hasattr(kind, "_fields"):
        return (tuple, Identity(kind), *map(key_of_item, value))
    if kind is list:
        kinds = list(map(type, value))
        keys = kinds if NUMBERS.issuperset(kinds) else list(map(key_of_item, value))
        return (list, *keys) if are_kept_apart(keys) else (list, "many", frozenset(keys))
    if kind is dict:
        if has_own_keys(value):
            return (dict, frozenset(map(key_of_item, value)), frozenset(map(key_of_item, value.values())))
        return (dict, tuple((_key_of_key(key), key_of_item(item)) for key, item in value.items()))
    if kind in (set, frozenset):
        return (kind, frozenset(map(key_of, value)))
    if isinstance(value, CALLABLES) or is_graph_function(value):
        return Identity(value)
    if isinstance(value, Abstract):
        return value
    package = package_of(kind)
    if package is not None:
        return (OTHER, package.__name__, *_key_of_array(value))
    return ("object", Identity(kind), _key_of_contents(value)) if is_container(kind) else ("object", Identity(kind))


def _key_of_array(value: Any) -> tuple[Hashable, ...]:
    flags, dtype = value.flags, value.dtype
    layout = "C" if flags.c_contiguous else "F" if flags.f_contiguous else ""
    sizes = tuple([size if size < 2 else 2 for size in value.shape])
    return (dtype.num if dtype.isbuiltin == 1 else dtype, sizes, layout)


def _key_of_contents(value: Any) -> tuple[tuple[str, Hashable], ...]:
    """The kinds of things in a container that is an object; which of them is where, a trace does not know."""
    if isinstance(value, bytearray):
        return ()
    if not isinstance(value, dict):
        return (("items", frozenset(map(_key_of_content, value))),)
    items = frozenset(map(_key_of_content, dict.values(value)))
    return (("keys", frozenset(map(_key_of_content, dict.keys(value)))), ("items", items))


def _key_of_content(value: Any) -> Hashable:
    return type(value) if type(value) in (str, bytes) else key_of_item(value)


def has_own_keys(mapping: dict[Any, Any]) -> bool:
    """Whether keys of a dict are hashed or compared by methods of the program's own."""
    return not COMMON.issuperset(map(type, mapping)) and any(True for key in mapping for _ in askers(key))


def _key_of_plain(value: Any) -> Hashable:
    """The key of what is a constant of the trace."""
    kind = type(value)
    if kind is slice:
        return (slice, *map(_key_of_key, (value.start, value.stop, value.step)))
    if kind is range:
        return (range, value, value.start, value.stop, value.step)  # equal ranges may differ in their stop
    if isinstance(value, np.dtype):
        return (np.dtype, value)
    return Identity(value) if hasattr(value, "__dict__") else (kind, value)


def _key_of_key(value: Any) -> Hashable:
    """The key of a dict's key or a slice's bound: equal ones of several classes are told apart."""
    return value if value is None or type(value) in (int, str) else Exactly(value)


def are_kept_apart(keys: Sequence[Hashable]) -> bool:
    """Whether a list with items of these keys is known item by item: it has few, and they are of several kinds."""
    return len(keys) <= KEPT_APART and len(set(keys)) != 1


def key_of_item(value: Any, depth: int = DEEPEST_KEY) -> Hashable:
    """The key of an item of a container; of an object it covers the attributes, since no guard can find them there."""
    key = key_of(value)
    if not isinstance(key, tuple) or key[:1] != ("object",):
        return key
    if depth == 0:
        return Identity(value)
    attributes = tuple((name, key_of_item(item, depth - 1)) for name, item in held_attributes(value).items())
    return (*key[:2], (*(key[2] if len(key) > 2 else ()), *attributes))


def is_graph_function(value: Any) -> bool:
    return hasattr(type(value), "__tograph_eager__")


def is_mutable_reference(value: Any) -> bool:
    """Whether it matters which of several references are one: lists, dicts, sets, objects."""
    return (
        type(value) not in COMMON
        and type(value) not in LIBRARY_CLASSES
        and not isinstance(value, (np.ndarray, np.generic, int, float, complex, tuple, *CALLABLES, *PLAIN))
        and not is_graph_function(value)
        and package_of(type(value)) is None
    )


def alias_pattern(values: tuple[Any, ...]) -> Hashable:
    """Which of the lists, dicts and objects among ``values``, also inside each other, are one.

    Of an object the attributes count where it is in a container, as in ``key_of_item``; others have their own path.
    """
    if all(type(value) in COMMON for value in values):
        return ()
    seen: dict[int, int] = {}
    pattern: list[int] = []

    def visit(value: Any, depth: int) -> None:
        kind = type(value)
        if isinstance(value, tuple):
            for item in value:
                visit(item, depth)
            return
        if kind is not list and kind is not dict and not is_mutable_reference(value):
            return
        known = id(value) in seen
        pattern.append(seen.setdefault(id(value), len(seen)))
        if known:
            return
        if kind is list or kind is dict:
            items = value if kind is list else value.values()
            if not COMMON.issuperset(map(type, items)):
                for item in items:
                    visit(item, DEEPEST_KEY)
            return
        if is_container(kind) and kind not in (set, frozenset, bytearray):
            for item in dict.values(value) if isinstance(value, dict) else value:
                if type(item) not in COMMON:
                    visit(item, DEEPEST_KEY)
        if depth and kind not in (set, frozenset):
            for item in held_attributes(value).values():
                visit(item, depth - 1)

    visit(values, 0)
    return tuple(pattern) if len(pattern) > 1 else ()

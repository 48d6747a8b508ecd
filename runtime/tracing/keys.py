"""Keys: all that a trace assumes of a value, as something hashable.

Of an array that is dtype, rank, which sizes are 0, 1 or more, layout and writeability; of a number its class; of text
and None the value; of a function or class its identity; of a container the keys of its items.
"""

from __future__ import annotations

import types
from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np

from ..ir.types import Type
from ..records import record

CALLABLES = (
    types.FunctionType,
    types.BuiltinFunctionType,
    types.MethodType,
    type,
    types.ModuleType,
    np.ufunc,
    type(np.sum),
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
    property,
    staticmethod,
    classmethod,
)
PLAIN = (str, bytes, type(None), type(Ellipsis), np.dtype, slice, range, type(NotImplemented))
COMMON = frozenset((np.ndarray, int, float, bool, complex, str, type(None), np.float64, np.int64))
KEPT_APART = 8  # a list of at most so many items is known item by item


@record
class Abstract:
    """An argument of which only the type is known."""

    type: Type


@record
class Exactly:
    """A key: a value equal to this one, of its class."""

    value: Any

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Exactly) and type(self.value) is type(other.value) and self.value == other.value

    def __hash__(self) -> int:
        return hash((type(self.value), self.value))


@record
class Identity:
    """A key: this very object, which is kept alive by it."""

    value: Any

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Identity) and self.value is other.value

    def __hash__(self) -> int:
        return id(self.value)


def key_of(value: Any) -> Hashable:
    """All that a trace assumes of ``value``, as a hashable key."""
    kind = type(value)
    if kind is np.ndarray:
        flags, dtype = value.flags, value.dtype
        layout = "C" if flags.c_contiguous else "F" if flags.f_contiguous else ""
        sizes = tuple([size if size < 2 else 2 for size in value.shape])
        return (dtype.num if dtype.isbuiltin == 1 else dtype, sizes, layout, flags.writeable)
    if kind in (int, float, bool, complex):
        return kind
    if kind in PLAIN:
        return (kind, value) if kind is not slice else (slice, value.start, value.stop, value.step)
    if isinstance(value, np.generic):
        return kind
    if kind is tuple:
        return (tuple, *map(key_of_item, value))
    if kind is list:
        keys = list(map(key_of_item, value))
        return (list, *keys) if are_kept_apart(keys) else (list, "many", frozenset(keys))
    if kind is dict:
        return (dict, tuple((key, key_of_item(item)) for key, item in value.items()))
    if kind in (set, frozenset):
        return (kind, frozenset(map(key_of, value)))
    if isinstance(value, CALLABLES) or is_graph_function(value):
        return Identity(value)
    if isinstance(value, Abstract):
        return value
    return ("object", Identity(kind))


def are_kept_apart(keys: Sequence[Hashable]) -> bool:
    """Whether a list with items of these keys is known item by item: it has few, and they are of several kinds."""
    return len(keys) <= KEPT_APART and len(set(keys)) != 1


def key_of_item(value: Any, depth: int = 4) -> Hashable:
    """The key of an item of a container; of an object it covers the attributes, since no guard can find them there."""
    key = key_of(value)
    if not isinstance(key, tuple) or key[:1] != ("object",):
        return key
    if depth == 0:
        return Identity(value)
    held = {
        name: getattr(value, name)
        for cls in type(value).__mro__
        for name, slot in vars(cls).items()
        if isinstance(slot, types.MemberDescriptorType) and hasattr(value, name)
    }
    held.update(getattr(value, "__dict__", {}))
    return (*key, tuple((name, key_of_item(item, depth - 1)) for name, item in held.items()))


def is_graph_function(value: Any) -> bool:
    return hasattr(type(value), "__tograph_eager__")


def is_mutable_reference(value: Any) -> bool:
    """Whether it matters which of several references are one: lists, dicts, sets, objects."""
    return (
        type(value) not in COMMON
        and not isinstance(value, (np.ndarray, np.generic, int, float, complex, tuple, *CALLABLES, *PLAIN))
        and not is_graph_function(value)
    )


def alias_pattern(values: tuple[Any, ...]) -> Hashable:
    """Which of the lists, dicts and objects among ``values``, also inside each other, are one."""
    if all(type(value) in COMMON for value in values):
        return ()
    seen: dict[int, int] = {}
    pattern: list[int] = []

    def visit(value: Any) -> None:
        if type(value) is tuple:
            for item in value:
                visit(item)
        elif is_mutable_reference(value):
            known = id(value) in seen
            pattern.append(seen.setdefault(id(value), len(seen)))
            if known:
                return
            if type(value) is list and any(isinstance(item, tuple) or is_mutable_reference(item) for item in value):
                for item in value:
                    visit(item)
            elif type(value) is dict:
                for item in value.values():
                    visit(item)

    visit(values)
    return tuple(pattern) if len(pattern) > 1 else ()

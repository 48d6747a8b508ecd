"""Built-in methods of containers that call what a class derived from theirs overrides, written out in Python.

Most methods of built-in containers go past what a class derived from them says of items.  Some do not: those of
``Counter`` are Python that calls ``self[key]`` and the like, some of ``OrderedDict`` and ``defaultdict`` set items as
the program does, and copies are made by calling the class.  Of objects of such a class they are converted and traced in
place, so that the class's own methods are; none of them runs with a graph.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable
from types import FunctionType
from typing import TYPE_CHECKING, Any

from ..ir.types import ObjectType
from .classes import has_user_method
from .heap import type_of
from .trace import is_user_namespace

if TYPE_CHECKING:
    from .trace import Trace

MAKING = ("__init__", "__new__")
SETTING = ("__setitem__",)
OF_ALL = (*MAKING, "__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__")  # what every class has


def overridden(cls: type, base: type) -> set[str]:
    """What of a built-in class ``base`` of containers the program's classes that ``cls`` is derived from override."""
    own = {name for each in cls.__mro__ if is_user_namespace(each) for name in vars(each)}
    return {name for name in own if hasattr(base, name) and name not in vars(object) or name in OF_ALL}


def written_out(cls: type, base: type, name: str) -> Callable[..., Any] | None:
    """A function of Python that does what ``base.name`` does for an object of ``cls``; None if that is one call."""
    if cls is base:
        return None
    own = overridden(cls, base)
    if issubclass(base, Counter):
        found = vars(Counter).get(name)
        calls = own if name in ("copy", "fromkeys") else own.difference(MAKING)
        return found if calls and isinstance(found, FunctionType) else None
    asked, function = WRITTEN.get((base, name), ((), None))
    return function if own.intersection(asked) else None


# -- what built-in code asks a mapping for


def mapping_given(trace: Trace, value: Any) -> Any:
    """``value``, or a dict of its items where built-in code would ask its class's own methods for them."""
    type_ = type_of(value)
    if not isinstance(type_, ObjectType):
        return value
    if issubclass(type_.cls, dict):
        own = overridden(type_.cls, dict)
        asks = "__iter__" in own or issubclass(type_.cls, OrderedDict) and not own.isdisjoint(("keys", "__getitem__"))
    else:
        asks = has_user_method(type_, "keys")
    return trace.call(items_of, value) if asks else value


def is_mapping(value: Any) -> bool:
    """Whether built-in code takes ``value`` for a mapping."""
    return hasattr(value, "keys")


def items_of(mapping: Any) -> dict[Any, Any]:
    """``dict(mapping)``."""
    made: dict[Any, Any] = {}
    update_from(made, mapping)
    return made


def update_from(items: Any, mapping: Any) -> None:
    """``items.update(mapping)`` of a dict."""
    for key in mapping.keys():   # noqa: SIM118 - this is what is asked for
        items[key] = mapping[key]


# -- collections.Counter


def count_elements(mapping: Any, iterable: Any) -> None:
    """What ``Counter.update`` does with what is no mapping."""
    for item in iterable:
        count_one(mapping, item)


def count_one(mapping: Any, item: Any) -> None:
    """Count one more ``item``."""
    mapping[item] = mapping.get(item, 0) + 1


# -- collections.OrderedDict


def fill(mapping: Any, given: Any) -> None:
    """Set the items that a mapping or pairs say."""
    if is_mapping(given):
        update_from(mapping, given)
    else:
        for pair in given:
            parts = tuple(pair)
            if len(parts) < 2:
                raise ValueError(f"need more than {len(parts)} value{'s' if not parts else ''} to unpack")
            if len(parts) > 2:
                raise ValueError("too many values to unpack (expected 2)")
            mapping[parts[0]] = parts[1]


def begin_ordered(mapping: Any, /, *given: Any, **items: Any) -> None:
    """``OrderedDict.__init__``."""
    if len(given) > 1:
        raise TypeError(f"expected at most 1 arguments, got {len(given)}")
    update_ordered(mapping, *given, **items)


def update_ordered(mapping: Any, /, *given: Any, **items: Any) -> None:
    """``OrderedDict.update``."""
    if len(given) > 1:
        raise TypeError(f"update() takes at most 1 positional argument ({len(given)} given)")
    if given:
        fill(mapping, given[0])
    for key, item in items.items():
        mapping[key] = item


def set_default(mapping: Any, key: Any, default: Any = None) -> Any:
    """``OrderedDict.setdefault``."""
    if key in mapping:
        return mapping[key]
    mapping[key] = default
    return default


def copy_ordered(mapping: Any) -> Any:
    """``OrderedDict.copy``."""
    made = type(mapping)()
    for key in OrderedDict.keys(mapping):
        made[key] = mapping[key]
    return made


def merge_ordered(mapping: Any, other: Any) -> Any:
    """``OrderedDict.__or__``."""
    return merged(mapping, mapping, other) if isinstance(other, dict) else NotImplemented


def merge_into_ordered(mapping: Any, other: Any) -> Any:
    """``OrderedDict.__ror__``."""
    return merged(mapping, other, mapping) if isinstance(other, dict) else NotImplemented


def merged(like: Any, first: Any, second: Any) -> Any:
    """An ordered dict of the class of ``like`` with the items of two."""
    made = type(like)(first)
    fill(made, second)
    return made


def merge_in_place(mapping: Any, other: Any) -> Any:
    """``OrderedDict.__ior__``."""
    fill(mapping, other)
    return mapping


# -- collections.defaultdict


def missing_item(mapping: Any, key: Any) -> Any:
    """``defaultdict.__missing__``."""
    factory = mapping.default_factory
    if factory is None:
        raise KeyError(key)
    made = factory()
    mapping[key] = made
    return made


def missing_key(key: Any) -> None:
    """What a dict does that makes nothing of a missing item."""
    raise KeyError(key)


def copy_default(mapping: Any) -> Any:
    """``defaultdict.copy``."""
    return type(mapping)(mapping.default_factory, mapping)


def merge_default(mapping: Any, other: Any) -> Any:
    """``defaultdict.__or__``."""
    if not isinstance(other, dict):
        return NotImplemented
    made = type(mapping)(mapping.default_factory, mapping)
    dict.update(made, other)
    return made


def merge_into_default(mapping: Any, other: Any) -> Any:
    """``defaultdict.__ror__``."""
    if not isinstance(other, dict):
        return NotImplemented
    made = type(mapping)(mapping.default_factory, other)
    dict.update(made, mapping)
    return made


# -- collections.deque


def copy_deque(items: Any) -> Any:
    """``deque.copy``."""
    return type(items)(items) if items.maxlen is None else type(items)(items, items.maxlen)


def join_deques(items: Any, other: Any) -> Any:
    """``deque.__add__``."""
    if not isinstance(other, deque):
        raise TypeError(f'can only concatenate deque (not "{type(other).__name__}") to deque')
    made = copy_deque(items)
    deque.extend(made, other)
    return made


def repeat_deque(items: Any, number: Any) -> Any:
    """``deque.__mul__``, and ``__rmul__``."""
    made = copy_deque(items)
    made *= number
    return made


WRITTEN: dict[tuple[type, str], tuple[tuple[str, ...], Callable[..., Any]]] = {
    (OrderedDict, "__init__"): (SETTING, begin_ordered),
    (OrderedDict, "update"): (SETTING, update_ordered),
    (OrderedDict, "setdefault"): ((*SETTING, "__getitem__", "__contains__"), set_default),
    (OrderedDict, "copy"): ((*SETTING, *MAKING, "__getitem__"), copy_ordered),
    (OrderedDict, "__or__"): ((*SETTING, *MAKING, "__getitem__", "keys"), merge_ordered),
    (OrderedDict, "__ror__"): ((*SETTING, *MAKING, "__getitem__", "keys"), merge_into_ordered),
    (OrderedDict, "__ior__"): (SETTING, merge_in_place),
    (defaultdict, "__missing__"): (("__missing__", *SETTING), missing_item),
    (defaultdict, "copy"): (MAKING, copy_default),
    (defaultdict, "__or__"): (MAKING, merge_default),
    (defaultdict, "__ror__"): (MAKING, merge_into_default),
    (deque, "copy"): (MAKING, copy_deque),
    (deque, "__add__"): (MAKING, join_deques),
    (deque, "__mul__"): (MAKING, repeat_deque),
    (deque, "__rmul__"): (MAKING, repeat_deque),
    (deque, "__copy__"): (MAKING, copy_deque),
}

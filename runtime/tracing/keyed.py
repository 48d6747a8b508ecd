"""What dicts and sets do with keys out of lists and iterators, one by one, written out in Python.

It is converted and traced in place where the keys have a hash or an equality of the program's own.
"""

from __future__ import annotations

import sys
from typing import Any


def add_all(items: Any, iterable: Any) -> None:
    """``items.update(iterable)`` of a set."""
    for item in iterable:
        items.add(item)


def set_all(mapping: Any, pairs: Any) -> None:
    """``mapping.update(pairs)`` of a dict."""
    for key, item in pairs:
        mapping[key] = item


def set_each(mapping: Any, keys: Any, item: Any) -> None:
    """``dict.fromkeys(keys, item)``."""
    for key in keys:
        mapping[key] = item


def has_item(mapping: Any, item: Any) -> bool:
    """``item in mapping.items()``."""
    key, wanted = item
    found = mapping.get(key, Absent)
    return found is not Absent and (found is wanted or bool(found == wanted))


class Absent:
    """Stands for an item that a dict does not have."""


def of_class(items: Any, made: set[Any]) -> Any:
    """``made`` as a frozenset where ``items`` is one."""
    return frozenset(made) if isinstance(items, frozenset) else made


def union(items: Any, iterable: Any) -> Any:
    """``items.union(iterable)``."""
    made = set(items)
    add_all(made, iterable)
    return of_class(items, made)


def difference(items: Any, iterable: Any) -> Any:
    """``items.difference(iterable)``."""
    made = set(items)
    difference_update(made, iterable)
    return of_class(items, made)


def intersection(items: Any, iterable: Any) -> Any:
    """``items.intersection(iterable)``."""
    made: set[Any] = set()
    for item in iterable:
        if add_common(made, items, item) and len(made) >= len(items):
            break
    return of_class(items, made)


def add_common(made: Any, items: Any, item: Any) -> bool:
    """Put ``item`` into a set if it is among ``items``, and say so; it is asked for its hash once."""
    is_common = item in items
    if is_common:
        made.add(item)
    return is_common


def difference_update(items: Any, iterable: Any) -> None:
    """``items.difference_update(iterable)``."""
    for item in iterable:
        items.discard(item)
    items.difference_update(())   # makes room where many are gone


def symmetric_difference(items: Any, iterable: Any) -> Any:
    """``items.symmetric_difference(iterable)``."""
    made = set(iterable)
    made ^= items
    return of_class(items, made)


if sys.version_info >= (3, 12):

    def issubset(items: Any, iterable: Any) -> bool:
        """``items.issubset(iterable)``."""
        return len(intersection(items, iterable)) == len(items)

else:

    def issubset(items: Any, iterable: Any) -> bool:
        """``items.issubset(iterable)``."""
        return items <= set(iterable)


def issuperset(items: Any, iterable: Any) -> bool:
    """``items.issuperset(iterable)``."""
    for item in iterable:   # noqa: SIM110 - this is what it means
        if item not in items:
            return False
    return True


def isdisjoint(items: Any, iterable: Any) -> bool:
    """``items.isdisjoint(iterable)``."""
    for item in iterable:   # noqa: SIM110
        if item in items:
            return False
    return True

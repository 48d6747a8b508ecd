"""``heapq.nsmallest`` and ``nlargest`` with a key or with objects of the program's own, written out in Python.

They are converted and traced in place like the user's code; none of them runs with a graph.  Which items are compared,
and in which order, is what Python's own functions do: one item is what ``min`` or ``max`` finds, all of them are what
``sorted`` gives, and else a heap keeps the best ones, with numbers that decide between equal ones.
"""

from __future__ import annotations

import heapq
from typing import Any

from .consuming import next_of
from .library import greatest_from, least_from


def smallest(number: Any, iterable: Any, key: Any) -> Any:
    """``heapq.nsmallest(number, iterable, key)``."""
    if number == 1:
        return only(least_from, iter(iterable), key)
    if is_all(number, iterable):
        return sorted(iterable, key=key)[:number]
    iterator = iter(iterable)
    kept = [(key(item), place, item) for place, item in zip(range(number), iterator)]
    if not kept:
        return []
    heapq._heapify_max(kept)   # pyright: ignore[reportAttributeAccessIssue, reportArgumentType]
    place, limit = number, kept[0][0]
    for item in iterator:
        item_key = key(item)
        if item_key < limit:
            heapq._heapreplace_max(kept, (item_key, place, item))   # pyright: ignore[reportAttributeAccessIssue]
            limit = kept[0][0]
            place += 1
    kept.sort()
    return [item for _, _, item in kept]


def largest(number: Any, iterable: Any, key: Any) -> Any:
    """``heapq.nlargest(number, iterable, key)``."""
    if number == 1:
        return only(greatest_from, iter(iterable), key)
    if is_all(number, iterable):
        return sorted(iterable, key=key, reverse=True)[:number]
    iterator = iter(iterable)
    kept = [(key(item), place, item) for place, item in zip(range(0, -number, -1), iterator)]
    if not kept:
        return []
    heapq.heapify(kept)
    place, limit = -number, kept[0][0]
    for item in iterator:
        item_key = key(item)
        if limit < item_key:
            heapq.heapreplace(kept, (item_key, place, item))
            limit = kept[0][0]
            place -= 1
    kept.sort(reverse=True)
    return [item for _, _, item in kept]


def is_all(number: Any, iterable: Any) -> Any:
    """Whether an iterable that says its length has no more items than ``number``."""
    try:
        size = len(iterable)
    except (TypeError, AttributeError):
        return False
    return number >= size


def only(pick: Any, iterator: Any, key: Any) -> Any:
    """The one item that ``pick`` finds, in a list that is empty where there is none."""
    first = next_of(iterator)
    return [pick(first[0], iterator, key)] if first else []

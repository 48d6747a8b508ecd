"""Built-in functions that compare what they are given, as generators: who runs one makes the comparisons.

Each yields two values and is sent whether they are equal, or whether the first is less or greater: what its built-in
counterpart would ask with ``==``, ``<`` or ``>`` at that point.  Containers are read and changed as built-in code does
it, past the methods of classes derived from them.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any

from . import merge_sort
from .merge_sort import Asked

length, item_of, put = list.__len__, list.__getitem__, list.__setitem__
MANY = 2500  # items of a heap that is built another way
NO_ITEM = {
    name: f"{name}() arg is an empty sequence" if sys.version_info < (3, 12) else f"{name}() iterable argument is empty"
    for name in ("min", "max")
}
ABSENT: Any = object()


def each(items: Any) -> Iterator[Any]:
    """The items as built-in code goes over them."""
    base: Any = next((base for base in (list, tuple, deque) if isinstance(items, base)), None)
    return iter(items) if base is None else base.__iter__(items)


# -- equality


def contains(items: Any, wanted: Any) -> Asked:
    """``wanted in items``."""
    for item in each(items):
        if item is wanted or (yield item, wanted):
            return True
    return False


def place(items: Any, wanted: Any, start: Any = 0, stop: Any = sys.maxsize) -> Asked:
    """``items.index(wanted, start, stop)``; -1 where that raises ValueError."""
    with suppress(ValueError):
        [].index(None, start, stop)  # raises what is wrong with the bounds
    start, stop = (max(bound + len(items), 0) if bound < 0 else bound for bound in (start, stop))
    for i, item in enumerate(each(items)):
        if i >= stop:
            break
        if i >= start and (item is wanted or (yield item, wanted)):
            return i
    return -1


def count(items: Any, wanted: Any) -> Asked:
    """``items.count(wanted)``."""
    found = 0
    for item in each(items):
        found += item is wanted or (yield item, wanted)
    return found


def remove(items: Any, wanted: Any) -> Asked:
    """``items.remove(wanted)`` of a list."""
    for i, item in enumerate(each(items)):
        if item is wanted or (yield item, wanted):
            list.__delitem__(items, slice(i, i + 1))
            return
    raise ValueError("list.remove(x): x not in list")


def first_difference(a: Any, b: Any) -> Asked:
    """The first place where two sequences differ, or the length of the shorter one."""
    i = 0
    while i < len(a) and i < len(b):
        x, y = a[i], b[i]
        if x is not y and not (yield x, y):
            break
        i += 1
    return i


def equal_lists(a: Any, b: Any) -> Asked:
    """``a == b`` of lists."""
    if len(a) != len(b):
        return False
    i = yield from first_difference(a, b)
    return i >= len(a) and i >= len(b)


def equal_dicts(a: Any, b: Any) -> Asked:
    """``a == b`` of dicts whose keys are plain."""
    if len(a) != len(b):
        return False
    for key, item in a.items():
        other = b.get(key, ABSENT)
        if other is ABSENT or item is not other and not (yield item, other):
            return False
    return True


# -- order


def in_order(items: Iterable[Any], reverse: Any = False) -> Asked:
    """``sorted(items, reverse=reverse)``."""
    taken = list(items)
    return (yield from in_order_of(taken, taken, reverse))


def in_order_of(items: Sequence[Any], keys: Sequence[Any], reverse: Any) -> Asked:
    """``items`` in the order of their ``keys``."""
    order = [*range(len(items))]
    if reverse:
        order.reverse()
    yield from merge_sort.comparisons(order, keys)
    if reverse:
        order.reverse()
    return [items[i] for i in order]


def sort(items: Any, taken: Sequence[Any], keys: Sequence[Any], reverse: Any) -> Asked:
    """Put ``taken`` back into the list ``items`` in the order of its ``keys``, or in the order that was reached."""
    order = [*range(len(taken))]
    if reverse:
        order.reverse()
    try:
        yield from merge_sort.comparisons(order, keys)
    finally:
        if reverse:
            order.reverse()
        list.__setitem__(items, slice(None), [taken[i] for i in order])


def extreme(name: str, items: Iterable[Any], default: Any = ABSENT) -> Asked:
    """``min(items)`` or ``max(items)``, which both keep what they have until another one is less or greater."""
    iterator = each(items)
    found = next(iterator, ABSENT)
    if found is ABSENT:
        if default is ABSENT:
            raise ValueError(NO_ITEM[name])
        return default
    for item in iterator:
        if (yield item, found):
            found = item
    return found


def place_left(items: Any, wanted: Any, low: Any, high: Any) -> Asked:
    """``bisect.bisect_left``; asks whether an item is less than ``wanted``."""
    low, high = bounds(items, low, high)
    while low < high:
        middle = (low + high) // 2
        if (yield items[middle], wanted):
            low = middle + 1
        else:
            high = middle
    return low


def place_right(items: Any, wanted: Any, low: Any, high: Any) -> Asked:
    """``bisect.bisect_right``; asks whether ``wanted`` is less than an item."""
    low, high = bounds(items, low, high)
    while low < high:
        middle = (low + high) // 2
        if (yield wanted, items[middle]):
            high = middle
        else:
            low = middle + 1
    return low


def bounds(items: Any, low: Any, high: Any) -> tuple[Any, Any]:
    if low < 0:
        raise ValueError("lo must be non-negative")
    return low, len(items) if high is None else high


def insert_left(items: Any, item: Any, low: Any, high: Any) -> Asked:
    """``bisect.insort_left`` of a list."""
    list.insert(items, (yield from place_left(items, item, low, high)), item)


def insert_right(items: Any, item: Any, low: Any, high: Any) -> Asked:
    """``bisect.insort_right`` of a list."""
    list.insert(items, (yield from place_right(items, item, low, high)), item)


# -- heaps


def push(heap: Any, item: Any) -> Asked:
    """``heapq.heappush``."""
    list.append(heap, item)
    yield from _towards_root(heap, 0, length(heap) - 1)


def pop(heap: Any) -> Asked:
    """``heapq.heappop``."""
    if not length(heap):
        raise IndexError("index out of range")
    last = list.pop(heap)
    if not length(heap):
        return last
    first = item_of(heap, 0)
    put(heap, 0, last)
    yield from _towards_leaves(heap, 0)
    return first


def replace(heap: Any, item: Any) -> Asked:
    """``heapq.heapreplace``."""
    if not length(heap):
        raise IndexError("index out of range")
    first = item_of(heap, 0)
    put(heap, 0, item)
    yield from _towards_leaves(heap, 0)
    return first


def push_and_pop(heap: Any, item: Any) -> Asked:
    """``heapq.heappushpop``."""
    if not length(heap) or not (yield item_of(heap, 0), item):
        return item
    return (yield from replace(heap, item))


def make_heap(heap: Any) -> Asked:
    """``heapq.heapify``."""
    inner = length(heap) // 2
    if length(heap) <= MANY:
        for place in reversed(range(inner)):
            yield from _towards_leaves(heap, place)
        return
    row = (1 << (inner + 1).bit_length() - 1) - 1  # the first place in the row of the first leaf
    for places in (range(inner // 2, row), range(row, inner)):
        for start in reversed(places):
            place = start
            yield from _towards_leaves(heap, place)
            while place & 1:
                place >>= 1
                yield from _towards_leaves(heap, place)


def greatest_first(work: Callable[..., Asked]) -> Callable[..., Asked]:
    """What ``work`` does for a heap, for one with its greatest item first: each question is asked the other way round.

    Such heaps are inside of ``heapq.nsmallest`` and of ``heapq.merge(..., reverse=True)``.
    """

    def turned(heap: Any, *new: Any) -> Asked:
        questions: Any = work(heap, *new)
        answer = None    # begins it
        while True:
            try:
                a, b = questions.send(answer)
            except StopIteration as end:
                return end.value
            answer = yield b, a

    turned.__name__ = f"{work.__name__}_greatest_first"
    return turned


def _towards_root(heap: Any, root: int, place: int) -> Asked:
    """Let the item at ``place`` go up to where no item above it is greater."""
    size = length(heap)
    if place >= size:
        raise IndexError("index out of range")
    item = item_of(heap, place)
    while place > root:
        above = (place - 1) >> 1
        is_less = yield item, item_of(heap, above)
        _check_size(heap, size)
        if not is_less:
            break
        item, other = item_of(heap, place), item_of(heap, above)
        put(heap, above, item)
        put(heap, place, other)
        place = above


def _towards_leaves(heap: Any, root: int) -> Asked:
    """Let the item at ``root`` go down to a leaf past the lesser of two each time, and from there up to its place."""
    size, place = length(heap), root
    if place >= size:
        raise IndexError("index out of range")
    while place < size >> 1:
        below = 2 * place + 1
        if below + 1 < size:
            below += not (yield item_of(heap, below), item_of(heap, below + 1))
            _check_size(heap, size)
        lower, upper = item_of(heap, below), item_of(heap, place)
        put(heap, below, upper)
        put(heap, place, lower)
        place = below
    yield from _towards_root(heap, root, place)


def _check_size(heap: Any, size: int) -> None:
    if length(heap) != size:
        raise RuntimeError("list changed size during iteration")

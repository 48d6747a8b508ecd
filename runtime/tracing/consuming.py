"""Built-in functions that go over what the program iterates by itself: generators, and objects with a ``__next__``.

What they do is written out in Python, converted and traced in place like the user's code, so that an item is asked for
when the built-in function asks for it.  None of this runs with a graph.
"""

from __future__ import annotations

import heapq
from typing import Any


def total(iterable: Any, start: Any) -> Any:
    """``sum(iterable, start)``."""
    for item in iterable:
        start = start + item
    return start


def product(iterable: Any, start: Any) -> Any:
    """``math.prod(iterable, start=start)``."""
    for item in iterable:
        start = start * item
    return start


def is_any(iterable: Any) -> bool:
    """``any(iterable)``."""
    for item in iterable:   # noqa: SIM110 - this is what it means
        if item:
            return True
    return False


def are_all(iterable: Any) -> bool:
    """``all(iterable)``."""
    for item in iterable:   # noqa: SIM110
        if not item:
            return False
    return True


def contains(iterable: Any, wanted: Any) -> bool:
    """``wanted in iterable``."""
    for item in iterable:   # noqa: SIM110
        if item is wanted or item == wanted:
            return True
    return False


def taken(iterable: Any, most: Any) -> Any:
    """At most so many items, as a list."""
    items: list[Any] = []
    for item in iterable:
        items.append(item)
        if len(items) == most:
            break
    return items


def first(generator: Any) -> Any:
    """``next(generator)`` of one that nothing else advances."""
    for item in generator:
        return item
    if generator.result is None:
        raise StopIteration
    raise StopIteration(generator.result)


def first_or(generator: Any, default: Any) -> Any:
    """``next(generator, default)`` of one that nothing else advances."""
    for item in generator:
        return item
    return default


def next_of(iterator: Any) -> Any:
    """The next item in a tuple, which is empty at the end."""
    try:
        return (next(iterator),)
    except StopIteration:
        return ()


def ended(generator: Any, tell: Any) -> None:
    """End a generator that is deleted."""
    try:
        generator.close()
    except BaseException as error:   # noqa: BLE001 - as Python does
        tell(error)


def extended(items: Any, iterable: Any) -> None:
    """``items.extend(iterable)``."""
    for item in iterable:
        items.append(item)


# What the library gives as iterators of classes of its own is a generator here.

def enumerated(iterable: Any, start: Any) -> Any:
    """``enumerate(iterable, start)``."""
    for item in iterable:
        start += 1
        yield start - 1, item


def zipped_two(iterable: Any, second: Any) -> Any:
    """``zip(iterable, second)`` with ``second`` as an iterator."""
    for item in iterable:
        other = next_of(second)
        if not other:
            return
        yield item, other[0]


def zipped(iterable: Any, others: Any) -> Any:
    """``zip(iterable, *others)`` with ``others`` as an iterator of tuples."""
    for item in iterable:
        rest = next(others, None)   # is a tuple, if there is one
        if rest is None:
            return
        yield (item, *rest)


def zipped_strictly(tuples: Any, others: Any, number: Any) -> Any:
    """``zip(*iterables, strict=True)`` up to its argument ``number``: ``tuples`` of those before, and an iterator."""
    before = "argument 1" if number == 2 else f"arguments 1-{number - 1}"
    for items in tuples:
        found = next_of(others)
        if not found:
            raise ValueError(f"zip() argument {number} is shorter than {before}")
        yield (*items, found[0])
    if next_of(others):
        raise ValueError(f"zip() argument {number} is longer than {before}")


def alone(iterable: Any) -> Any:
    """``zip(iterable)``."""
    for item in iterable:
        yield (item,)


def mapped(function: Any, iterable: Any) -> Any:
    """``map(function, iterable)``."""
    for item in iterable:
        yield function(item)


def mapped_together(function: Any, iterable: Any) -> Any:
    """``map(function, *iterables)`` with the iterables as an iterator of tuples."""
    for arguments in iterable:
        yield function(*arguments)


def filtered(function: Any, iterable: Any) -> Any:
    """``filter(function, iterable)``."""
    for item in iterable:
        if function(item):
            yield item


def filtered_by_truth(iterable: Any) -> Any:
    """``filter(None, iterable)``."""
    for item in iterable:
        if item:
            yield item


def chained(iterable: Any) -> Any:
    """``itertools.chain.from_iterable(iterable)``."""
    for items in iterable:
        yield from items


def part(iterable: Any, start: Any, stop: Any, step: Any) -> Any:
    """``itertools.islice(iterable, start, stop, step)`` with numbers."""
    if stop is None or stop > start:
        wanted = start
        position = 0
        for item in iterable:
            position += 1
            if position > wanted:
                wanted += step
                yield item
            if stop is not None and position == stop:
                break
    elif start:
        position = 0
        for _ in iterable:
            position += 1
            if position == start:
                break


def pairs(iterable: Any) -> Any:
    """``itertools.pairwise(iterable)``."""
    before: Any = ()
    for item in iterable:
        if before:
            yield before[0], item
        before = (item,)


def merged(iterables: Any, key: Any, reverse: Any) -> Any:
    """``heapq.merge(*iterables, key=key, reverse=reverse)``."""
    iterators = [iter(iterable) for iterable in iterables]
    heads = []   # of each iterator: the key of its item, its number, which no other one has, and the item
    for number in range(len(iterators)):
        found = next_of(iterators[number])
        if found:
            heads.append((key(found[0]), -number if reverse else number, found[0]))
    make_heap(heads, reverse)
    while heads:
        before, number, item = heads[0]
        yield item
        found = next_of(iterators[abs(number)])
        if not found:
            remove_first(heads, reverse)
        elif len(heads) == 1:   # the rest has no key
            heads[0] = (before, number, found[0])
        else:
            replace_first(heads, (key(found[0]), number, found[0]), reverse)


def make_heap(heads: Any, reverse: Any) -> Any:
    """Make a heap of a list, with the greatest item first if ``reverse``."""
    if reverse:
        heapq._heapify_max(heads)   # pyright: ignore[reportAttributeAccessIssue]
    else:
        heapq.heapify(heads)


def replace_first(heads: Any, head: Any, reverse: Any) -> Any:
    """Put ``head`` into a heap in place of its first item."""
    if reverse:
        heapq._heapreplace_max(heads, head)   # pyright: ignore[reportAttributeAccessIssue]
    else:
        heapq.heapreplace(heads, head)


def remove_first(heads: Any, reverse: Any) -> Any:
    """Take the first item out of a heap."""
    if reverse:
        heapq._heappop_max(heads)   # pyright: ignore[reportAttributeAccessIssue]
    else:
        heapq.heappop(heads)


ENDS_BACKWARDS = {each.__code__ for each in (zipped_two, zipped, zipped_strictly)}   # let go of the last iterator first

# Those that an exception does not end: each takes up ``iterable`` again, behind its last ``yield`` or at its beginning.
SURVIVES = {each.__code__ for each in (alone, chained, enumerated, filtered, filtered_by_truth, mapped, mapped_together,
                                       part, zipped, zipped_two)}  # fmt: skip

"""What functions of Python's library do with functions of the user's, written out in Python.

These definitions are converted and traced in place like the user's own; none of them runs with a graph.  The iterators
are objects with a ``__next__``, so each does its next step when it is asked for it.
"""

from __future__ import annotations

import sys
from typing import Any

from ..ops.asking import sort_by_keys
from ..ops.iteration import ordered

# -- attributes


def has_attribute(get: Any, obj: Any, name: Any) -> bool:
    """``hasattr(obj, name)``, where ``get`` is asked for the attribute."""
    try:
        get(obj, name)
    except AttributeError:
        return False
    return True


if sys.version_info >= (3, 12):

    def tell_name(tell: Any, kind: str, owner: Any, name: str) -> None:
        """``__set_name__`` of an object of the class ``kind``, which is in a class ``owner``."""
        try:
            tell(owner, name)
        except BaseException as error:
            error.add_note(f"Error calling __set_name__ on '{kind}' instance {name!r} in '{owner.__name__}'")
            raise

else:

    def tell_name(tell: Any, kind: str, owner: Any, name: str) -> None:
        """``__set_name__`` of an object of the class ``kind``, which is in a class ``owner``."""
        try:
            tell(owner, name)
        except BaseException as error:
            text = f"Error calling __set_name__ on '{kind}' instance {name!r} in '{owner.__name__}'"
            raise RuntimeError(text) from error


def attribute_or_asked(read: Any, ask: Any, obj: Any, name: Any) -> Any:
    """The attribute that a property's ``read`` gives, or ``ask``, a ``__getattr__``, where it says there is none."""
    try:
        return read(obj)
    except AttributeError:
        pass
    return ask(obj, name)


def attribute_or(get: Any, obj: Any, name: Any, default: Any) -> Any:
    """``getattr(obj, name, default)``, where ``get`` is asked for the attribute."""
    try:
        return get(obj, name)
    except AttributeError:
        return default


# -- items


def first_of(iterator: Any) -> Any:
    """The item that ``reduce`` begins with."""
    try:
        return next(iterator)
    except StopIteration:
        raise TypeError("reduce() of empty iterable with no initial value") from None


def contains(container: Any, item: Any) -> bool:
    """``item in container`` for an object that says only how it is gone over."""
    for each in container:
        if each is item or each == item:
            return True
    return False


def add_note(error: Any, note: Any) -> None:
    """``error.add_note(note)``"""
    if not isinstance(note, str):
        raise TypeError(f"note must be a str, not '{type(note).__name__}'")
    if not hasattr(error, "__notes__"):
        error.__notes__ = []
    if not isinstance(error.__notes__, list):
        raise TypeError("Cannot add note: __notes__ is not a list")
    error.__notes__.append(note)


# -- print to a file of the program's own


def print_to(file: Any, values: Any, sep: Any, end: Any, flush: Any) -> None:
    """``print(*values, sep=sep, end=end, file=file, flush=flush)``."""
    is_first = True
    for value in values:
        if not is_first:
            file.write(sep)
        is_first = False
        write_text(file, value)
    end_print(file, end, flush)


def write_text(file: Any, value: Any) -> None:
    """Write the text of ``value``."""
    file.write(str(value))


def end_print(file: Any, end: Any, flush: Any) -> None:
    """Write what stands behind all that is printed."""
    file.write(end)
    if flush:
        file.flush()


# -- order


def sorted_by(iterable: Any, key: Any, reverse: Any) -> Any:
    """``sorted(iterable, key=key, reverse=reverse)``."""
    items = list(iterable)
    return ordered(items, [key(item) for item in items], reverse)


def sort_by(items: Any, key: Any, reverse: Any) -> None:
    """``items.sort(key=key, reverse=reverse)``: until that is done the list is empty."""
    taken = list.copy(items)
    list.clear(items)
    keys = keys_of(items, taken, key)
    sort_by_keys(items, taken, keys, reverse)


def sort(items: Any, reverse: Any) -> None:
    """``items.sort(reverse=reverse)``."""
    taken = list.copy(items)
    list.clear(items)
    sort_by_keys(items, taken, taken, reverse)


def keys_of(items: Any, taken: Any, key: Any) -> Any:
    """The keys of the items that were ``taken`` out of a list, which gets them back where ``key`` raises."""
    try:
        return [key(item) for item in taken]
    except BaseException:
        list.extend(items, taken)
        raise


class Compared:
    """What ``functools.cmp_to_key`` makes of an item: it is put in order by a function that compares two of them."""

    def __init__(self, compare: Any, obj: Any) -> None:
        self.compare = compare
        self.obj = obj

    def __lt__(self, other: Any) -> Any:
        return self.compare(self.obj, other.obj) < 0

    def __le__(self, other: Any) -> Any:
        return self.compare(self.obj, other.obj) <= 0

    def __gt__(self, other: Any) -> Any:
        return self.compare(self.obj, other.obj) > 0

    def __ge__(self, other: Any) -> Any:
        return self.compare(self.obj, other.obj) >= 0

    def __eq__(self, other: Any) -> Any:
        return self.compare(self.obj, other.obj) == 0


def found(place: Any, wanted: Any, kind: Any) -> Any:
    """The place of ``wanted`` in a list, tuple or deque; raises ValueError if that is negative."""
    if place < 0:
        if kind == "tuple":
            raise ValueError("tuple.index(x): x not in tuple")
        raise ValueError(f"{wanted!r} is not in {kind}")
    return place


def least_by(iterable: Any, key: Any) -> Any:
    """``min(iterable, key=key)``; raises StopIteration where there is no item."""
    iterator = iter(iterable)
    return least_from(next(iterator), iterator, key)


def least_from(least: Any, iterator: Any, key: Any) -> Any:
    """``min`` of an item and the others."""
    least_key = key(least)
    for item in iterator:
        item_key = key(item)
        if item_key < least_key:
            least, least_key = item, item_key
    return least


def greatest_by(iterable: Any, key: Any) -> Any:
    """``max(iterable, key=key)``; raises StopIteration where there is no item."""
    iterator = iter(iterable)
    return greatest_from(next(iterator), iterator, key)


def greatest_from(greatest: Any, iterator: Any, key: Any) -> Any:
    """``max`` of an item and the others."""
    greatest_key = key(greatest)
    for item in iterator:
        item_key = key(item)
        if item_key > greatest_key:
            greatest, greatest_key = item, item_key
    return greatest


def extreme_of(pick: Any, name: str, iterable: Any, key: Any) -> Any:
    """``pick`` of an iterable that may be empty."""
    try:
        return pick(iterable, key)
    except StopIteration:
        pass
    raise ValueError(f"{name}() arg is an empty sequence")


def extreme_or(pick: Any, iterable: Any, key: Any, default: Any) -> Any:
    """``pick`` of an iterable, or ``default`` where that is empty."""
    try:
        return pick(iterable, key)
    except StopIteration:
        return default


def itself(item: Any) -> Any:
    """The key of an order without one."""
    return item


def place_left(items: Any, x: Any, low: Any, high: Any, key: Any) -> Any:
    """``bisect.bisect_left(items, x, low, high, key=key)``."""
    if low < 0:
        raise ValueError("lo must be non-negative")
    if high is None:
        high = len(items)
    while low < high:
        middle = (low + high) // 2
        if key(items[middle]) < x:
            low = middle + 1
        else:
            high = middle
    return low


def place_right(items: Any, x: Any, low: Any, high: Any, key: Any) -> Any:
    """``bisect.bisect_right(items, x, low, high, key=key)``."""
    if low < 0:
        raise ValueError("lo must be non-negative")
    if high is None:
        high = len(items)
    while low < high:
        middle = (low + high) // 2
        if x < key(items[middle]):
            high = middle
        else:
            low = middle + 1
    return low


def insert_left(items: Any, x: Any, low: Any, high: Any, key: Any) -> None:
    """``bisect.insort_left(items, x, low, high, key=key)``."""
    items.insert(place_left(items, key(x), low, high, key), x)


def insert_right(items: Any, x: Any, low: Any, high: Any, key: Any) -> None:
    """``bisect.insort_right(items, x, low, high, key=key)``."""
    items.insert(place_right(items, key(x), low, high, key), x)


# -- text


def text_of_list(items: Any) -> Any:
    """``repr(items)``."""
    return "[" + ", ".join([repr(item) for item in items]) + "]"


def text_of_dict(mapping: Any) -> Any:
    """``repr(mapping)``."""
    return "{" + ", ".join([f"{key!r}: {item!r}" for key, item in mapping.items()]) + "}"


def substituted(matches: Any, string: Any, replacement: Any, count: Any) -> Any:
    """``re.subn(pattern, replacement, string, count)`` with a function; ``matches`` are those in ``string``."""
    pieces = []
    end = number = 0
    for match in matches:
        if count and number >= count:
            break
        number += 1
        if end < match.start():
            pieces.append(string[end : match.start()])
        piece = replacement(match)
        if piece is not None:
            pieces.append(piece)
        end = match.end()
    if end < len(string):
        pieces.append(string[end:])
    return "".join(pieces), number


# -- iterators


class LibraryIterator:
    """An iterator of the library that calls a function of the user's."""

    def __iter__(self) -> Any:
        return self


class Forwards(LibraryIterator):
    """``iter`` of an object that says its items alone."""

    def __init__(self, items: Any) -> None:
        self.place = 0
        self.items = items
        self.is_over = False

    def __next__(self) -> Any:
        if self.is_over:
            raise StopIteration
        try:
            item = self.items[self.place]
        except (IndexError, StopIteration):
            self.is_over = True
            raise StopIteration from None
        self.place += 1
        return item


class Backwards(LibraryIterator):
    """``reversed`` of an object that says its length and its items."""

    def __init__(self, items: Any) -> None:
        self.place = len(items) - 1
        self.items = items

    def __next__(self) -> Any:
        if self.place < 0:
            raise StopIteration
        try:
            item = self.items[self.place]
        except IndexError:
            self.place = -1
            raise StopIteration from None
        self.place -= 1
        return item


class TakeWhile(LibraryIterator):
    """``itertools.takewhile``."""

    def __init__(self, predicate: Any, iterable: Any) -> None:
        self.predicate = predicate
        self.iterator = iter(iterable)
        self.is_over = False

    def __next__(self) -> Any:
        if self.is_over:
            raise StopIteration
        item = next(self.iterator)
        if self.predicate(item):
            return item
        self.is_over = True
        raise StopIteration


class DropWhile(LibraryIterator):
    """``itertools.dropwhile``."""

    def __init__(self, predicate: Any, iterable: Any) -> None:
        self.predicate = predicate
        self.iterator = iter(iterable)
        self.is_dropping = True

    def __next__(self) -> Any:
        item = next(self.iterator)
        while self.is_dropping and self.predicate(item):
            item = next(self.iterator)
        self.is_dropping = False
        return item


class FilterFalse(LibraryIterator):
    """``itertools.filterfalse``."""

    def __init__(self, predicate: Any, iterable: Any) -> None:
        self.predicate = bool if predicate is None else predicate
        self.iterator = iter(iterable)

    def __next__(self) -> Any:
        item = next(self.iterator)
        while self.predicate(item):
            item = next(self.iterator)
        return item


class StarMap(LibraryIterator):
    """``itertools.starmap`` over tuples of a known length."""

    def __init__(self, function: Any, iterable: Any) -> None:
        self.function = function
        self.iterator = iter(iterable)

    def __next__(self) -> Any:
        return self.function(*next(self.iterator))


class Accumulate(LibraryIterator):
    """``itertools.accumulate`` with a function."""

    def __init__(self, iterable: Any, function: Any) -> None:
        self.iterator = iter(iterable)
        self.function = function
        self.has_begun = False

    def __next__(self) -> Any:
        item = next(self.iterator)
        if self.has_begun:
            item = self.function(self.total, item)
        self.has_begun = True
        self.total = item
        return item


class AccumulateFrom(LibraryIterator):
    """``itertools.accumulate`` with a function and an initial value."""

    def __init__(self, iterable: Any, function: Any, initial: Any) -> None:
        self.iterator = iter(iterable)
        self.function = function
        self.has_begun = False
        self.total = initial

    def __next__(self) -> Any:
        if self.has_begun:
            self.total = self.function(self.total, next(self.iterator))
        self.has_begun = True
        return self.total


class GroupBy(LibraryIterator):
    """``itertools.groupby`` with a key."""

    def __init__(self, iterable: Any, key: Any) -> None:
        self.iterator = iter(iterable)
        self.key = key
        self.group = None
        self.has_begun = False
        self.has_item = False

    def step(self) -> None:
        """Take the next item."""
        self.item = next(self.iterator)
        self.item_key = self.key(self.item)
        self.has_item = True

    def __next__(self) -> Any:
        self.group = None
        if not self.has_begun:
            self.step()
            self.has_begun = True
        else:
            while self.group_key is self.item_key or self.group_key == self.item_key:
                self.step()
        self.group_key = self.item_key
        self.group = Group(self, self.group_key)
        return self.group_key, self.group


class Group(LibraryIterator):
    """The items of one group; there are none once the next group was asked for."""

    def __init__(self, groups: Any, key: Any) -> None:
        self.groups = groups
        self.key = key

    def __next__(self) -> Any:
        groups = self.groups
        if groups.group is not self:
            raise StopIteration
        if not groups.has_item:
            groups.step()
        if self.key is groups.item_key or self.key == groups.item_key:
            groups.has_item = False
            return groups.item
        raise StopIteration

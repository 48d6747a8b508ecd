"""Built-in functions as generators compare what the built-in functions compare, in their order."""

import bisect
import heapq
import random
from functools import partial
from typing import Any

import pytest

from tograph.runtime.ops import comparing

SIZES = (0, 1, 2, 3, 10, 63, 64, 65, 200, 700, 2600)


class Item:
    """A number that notes with what it is compared."""

    log: list = []

    def __init__(self, value):
        self.value = value

    def __lt__(self, other):
        Item.log.append((self, other))
        return self.value < other.value


def asked(steps):
    """What ``steps`` gives and the pairs it asks about, where all are answered."""
    pairs, answer = [], None
    try:
        while True:
            a, b = steps.send(answer)
            pairs.append((a, b))
            answer = a.value < b.value
    except StopIteration as end:
        return end.value, pairs
    except IndexError as error:
        return str(error), pairs


def built_in(function, *arguments):
    Item.log = []
    try:
        return function(*arguments), Item.log
    except IndexError as error:
        return str(error), Item.log


def lists(count):
    """Lists of several shapes: random, few values, runs up and down, what is equal to nothing."""
    rng = random.Random(count)
    yield [rng.random() for _ in range(count)]
    yield [rng.randrange(3) for _ in range(count)]
    yield sorted([rng.randrange(count // 3 + 1) for _ in range(count)], reverse=True)
    yield [i % 40 * (-1) ** (i // 80) for i in range(count)]
    yield [rng.choice([float("nan"), rng.random()]) for _ in range(count)]


@pytest.mark.parametrize("count", SIZES)
@pytest.mark.parametrize("reverse", [False, True])
def test_sorts_as_python_does(count, reverse):
    for values in lists(count):
        items = [Item(value) for value in values]
        assert asked(comparing.in_order(items, reverse)) == built_in(partial(sorted, items, reverse=reverse))


@pytest.mark.parametrize("count", SIZES)
def test_an_interrupted_sort_leaves_the_order_of_python(count):
    for values in lists(count):
        items = [Item(value) for value in values]
        _, pairs = asked(comparing.in_order(items))
        for number in {len(pairs) // 2, len(pairs) - 1} - {-1, 0}:
            taken, left = list(items), []
            steps: Any = comparing.sort(left, taken, taken, False)
            answer = None
            for _ in range(number):
                a, b = steps.send(answer)
                answer = a.value < b.value
            steps.send(answer)
            steps.close()
            assert left == interrupted(items, number)


def interrupted(items, number):
    """A list after ``number`` comparisons of its sort, the next of which raises."""

    class Stopping(Item):
        def __lt__(self, other):
            nonlocal number
            number -= 1
            if number < 0:
                raise KeyError
            return self.value < other.value

    stopping = [Stopping(item.value) for item in items]
    places = {id(each): item for each, item in zip(stopping, items)}
    with pytest.raises(KeyError):
        stopping.sort()
    return [places[id(each)] for each in stopping]


@pytest.mark.parametrize("count", SIZES)
def test_keeps_heaps_as_python_does(count):
    for values in lists(count):
        mine = [Item(value) for value in values]
        theirs, more = list(mine), Item(1)
        assert asked(comparing.make_heap(mine)) == built_in(heapq.heapify, theirs)
        for ours, function, arguments in (
            (comparing.push, heapq.heappush, (more,)), (comparing.pop, heapq.heappop, ()),
            (comparing.replace, heapq.heapreplace, (more,)), (comparing.push_and_pop, heapq.heappushpop, (more,)),
        ):  # fmt: skip
            assert asked(ours(mine, *arguments)) == built_in(function, theirs, *arguments)
            assert mine == theirs


@pytest.mark.parametrize("count", SIZES)
def test_finds_places_as_python_does(count):
    for values in lists(count):
        items, wanted = [Item(value) for value in values], Item(1)
        assert asked(comparing.place_left(items, wanted, 0, None)) == built_in(bisect.bisect_left, items, wanted)
        assert asked(comparing.place_right(items, wanted, 0, None)) == built_in(bisect.bisect_right, items, wanted)
        if items:
            assert asked(comparing.extreme("min", items)) == built_in(min, items)

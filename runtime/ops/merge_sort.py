"""The comparisons of ``list.sort``, one after the other, for those who have to answer them.

``comparisons(order, keys)`` puts the list of places ``order`` in the order of ``keys[place]``.  It is a generator: it
yields two keys and has to be sent whether the first is less.  Which keys are compared, and when, is exactly what
Python's own sort does: runs are found and made long enough by binary insertion, then merged in the order of their
powers, with galloping where one run wins often.  An exception leaves ``order`` as Python leaves its list: with all the
items, in the order that was reached.

Source: T. Peters, Objects/listsort.txt of CPython; J. I. Munro and S. Wild (2018), Nearly-optimal mergesorts.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Sequence
from typing import Any, TypeAlias

from ..records import record

Asked: TypeAlias = Generator[tuple[Any, Any], bool, Any]
FEWEST_WINS = 7  # in a row, before a merge gallops
SHORT = 64  # lists that are shorter are one run
EQUAL_RUNS_DESCEND = sys.version_info >= (3, 13)  # whether runs with equal items in them are found backwards, too


@record
class Run:
    """The part of a list from ``start`` on that is in order; ``power`` says when it is merged with the next one."""

    start: int
    length: int
    power: int = 0


def comparisons(order: list[int], keys: Sequence[Any]) -> Asked:
    """Sort ``order`` by ``keys[place]``."""
    yield from _Sort(order, keys).sort()


class _Sort:
    """One sort: what is left of the list, its runs, and how many wins in a row make a merge gallop."""

    def __init__(self, order: list[int], keys: Sequence[Any]) -> None:
        self.order = order
        self.keys = keys
        self.runs: list[Run] = []
        self.wins = FEWEST_WINS

    def less(self, a: int, b: int) -> Asked:
        """Whether the key of the place ``a`` is less than that of ``b``."""
        return (yield self.keys[a], self.keys[b])

    def sort(self) -> Asked:
        start, left = 0, len(self.order)
        if left < 2:
            return
        shortest = _shortest_run(left)
        while left:
            length = yield from (self.any_run if EQUAL_RUNS_DESCEND else self.run)(start, left)
            if length < shortest:
                forced = min(left, shortest)
                yield from self.insert(start, forced, length)
                length = forced
            yield from self.merge_before(length)
            self.runs.append(Run(start, length))
            start, left = start + length, left - length
        while len(self.runs) > 1:
            i = len(self.runs) - 2
            if i > 0 and self.runs[i - 1].length < self.runs[i + 1].length:
                i -= 1
            yield from self.merge(i)

    # -- runs

    def run(self, start: int, left: int) -> Asked:
        """The length of the run at ``start``, which is put in order if it descends strictly."""
        order = self.order
        if left == 1:
            return 1
        descends = yield from self.less(order[start + 1], order[start])
        length = 2
        while length < left and (yield from self.less(order[start + length], order[start + length - 1])) == descends:
            length += 1
        if descends:
            self.reverse(start, start + length)
        return length

    def any_run(self, start: int, left: int) -> Asked:
        """The length of the run at ``start``; one that descends may have equal items side by side."""
        order = self.order

        def falls(n: int) -> Asked:
            return self.less(order[start + n], order[start + n - 1])

        length = 1
        while length < left and not (yield from falls(length)):
            length += 1
        if length == left:
            return length
        if length > 1:
            if (yield from self.less(order[start], order[start + length - 1])):
                return length
            self.reverse(start, start + length)
        length += 1
        equal = 0  # items before the last one that are equal to it
        while length < left:
            if (yield from falls(length)):
                self.turn_equal(start + length, equal)
                equal = 0
            elif (yield from self.less(order[start + length - 1], order[start + length])):
                break
            else:
                equal += 1
            length += 1
        self.turn_equal(start + length, equal)
        self.reverse(start, start + length)
        while length < left and not (yield from falls(length)):
            length += 1
        return length

    def turn_equal(self, end: int, equal: int) -> None:
        """Reverse the equal items that end at ``end``, so that they have their order when all is reversed."""
        if equal:
            self.reverse(end - equal - 1, end)

    def reverse(self, start: int, end: int) -> None:
        self.order[start:end] = self.order[start:end][::-1]

    def insert(self, start: int, count: int, done: int) -> Asked:
        """Put ``count`` items from ``start`` on in order, of which the first ``done`` are."""
        order = self.order
        for place in range(start + done, start + count):
            pivot = order[place]
            low, high = start, place
            while low < high:
                middle = (low + high) >> 1
                if (yield from self.less(pivot, order[middle])):
                    high = middle
                else:
                    low = middle + 1
            order[low : place + 1] = [pivot, *order[low:place]]

    # -- merging

    def merge_before(self, length: int) -> Asked:
        """Merge the runs that come before a new one of ``length``, as far as it is their turn."""
        if not self.runs:
            return
        last = self.runs[-1]
        power = _power(last.start, last.length, length, len(self.order))
        while len(self.runs) > 1 and self.runs[-2].power > power:
            yield from self.merge(len(self.runs) - 2)
        self.runs[-1] = Run(self.runs[-1].start, self.runs[-1].length, power)

    def merge(self, i: int) -> Asked:
        """Merge the runs ``i`` and ``i + 1``."""
        order, first, second = self.order, self.runs[i], self.runs[i + 1]
        self.runs[i : i + 2] = [Run(first.start, first.length + second.length, first.power)]
        b = second.start
        skipped = yield from self.right_of(order[b], order, first.start, first.length, 0)
        a = first.start + skipped
        if a == b:
            return
        count = yield from self.left_of(order[b - 1], order, b, second.length, second.length - 1)
        if count == 0:
            return
        if b - a <= count:
            yield from self.merge_up(a, b, b + count)
        else:
            yield from self.merge_down(a, b, b + count)

    def merge_up(self, start: int, middle: int, end: int) -> Asked:
        """Merge ``order[start:middle]``, the shorter part, with ``order[middle:end]`` from the left."""
        order, held = self.order, self.order[start:middle]
        a, b, to = 0, middle, start  # the next item of either part, and where it goes
        try:
            order[to] = order[b]
            b, to = b + 1, to + 1
            if b == end or len(held) - a == 1:
                return
            wins = self.wins
            while True:
                a_wins = b_wins = 0
                while max(a_wins, b_wins) < wins:
                    if (yield from self.less(order[b], held[a])):
                        order[to] = order[b]
                        b, to = b + 1, to + 1
                        a_wins, b_wins = 0, b_wins + 1
                        if b == end:
                            return
                    else:
                        order[to] = held[a]
                        a, to = a + 1, to + 1
                        a_wins, b_wins = a_wins + 1, 0
                        if len(held) - a == 1:
                            return
                wins += 1
                while True:
                    wins -= wins > 1
                    self.wins = wins
                    a_wins = yield from self.right_of(order[b], held, a, len(held) - a, 0)
                    order[to : to + a_wins] = held[a : a + a_wins]
                    a, to = a + a_wins, to + a_wins
                    if a_wins and len(held) - a <= 1:
                        return
                    order[to] = order[b]
                    b, to = b + 1, to + 1
                    if b == end:
                        return
                    b_wins = yield from self.left_of(held[a], order, b, end - b, 0)
                    order[to : to + b_wins] = order[b : b + b_wins]
                    b, to = b + b_wins, to + b_wins
                    if b == end:
                        return
                    order[to] = held[a]
                    a, to = a + 1, to + 1
                    if len(held) - a == 1:
                        return
                    if a_wins < FEWEST_WINS and b_wins < FEWEST_WINS:
                        break
                wins += 1
                self.wins = wins
        finally:
            is_over = b == end or len(held) - a <= 1  # else a comparison failed, and all goes back to its part
            order[to:end] = [*order[b:end], *held[a:]] if is_over else [*held[a:], *order[b:end]]

    def merge_down(self, start: int, middle: int, end: int) -> Asked:
        """Merge ``order[start:middle]`` with ``order[middle:end]``, the shorter part, from the right."""
        order, held = self.order, self.order[middle:end]
        a, b, to = middle, len(held), end  # behind the next item of either part, and behind where it goes
        try:
            a, to = a - 1, to - 1
            order[to] = order[a]
            if a == start or b == 1:
                return
            wins = self.wins
            while True:
                a_wins = b_wins = 0
                while max(a_wins, b_wins) < wins:
                    if (yield from self.less(held[b - 1], order[a - 1])):
                        a, to = a - 1, to - 1
                        order[to] = order[a]
                        a_wins, b_wins = a_wins + 1, 0
                        if a == start:
                            return
                    else:
                        b, to = b - 1, to - 1
                        order[to] = held[b]
                        a_wins, b_wins = 0, b_wins + 1
                        if b == 1:
                            return
                wins += 1
                while True:
                    wins -= wins > 1
                    self.wins = wins
                    stays = yield from self.right_of(held[b - 1], order, start, a - start, a - start - 1)
                    a_wins = a - start - stays
                    order[to - a_wins : to] = order[a - a_wins : a]
                    a, to = a - a_wins, to - a_wins
                    if a == start:
                        return
                    b, to = b - 1, to - 1
                    order[to] = held[b]
                    if b == 1:
                        return
                    stays = yield from self.left_of(order[a - 1], held, 0, b, b - 1)
                    b_wins = b - stays
                    order[to - b_wins : to] = held[b - b_wins : b]
                    b, to = b - b_wins, to - b_wins
                    if b_wins and b <= 1:
                        return
                    a, to = a - 1, to - 1
                    order[to] = order[a]
                    if a == start:
                        return
                    if a_wins < FEWEST_WINS and b_wins < FEWEST_WINS:
                        break
                wins += 1
                self.wins = wins
        finally:
            is_over = a == start or b <= 1
            order[start:to] = [*held[:b], *order[start:a]] if is_over else [*order[start:a], *held[:b]]

    # -- places in a run

    def left_of(self, key: int, run: Sequence[int], start: int, count: int, hint: int) -> Asked:
        """How many of ``run[start:start + count]`` are less than ``key``; ``hint`` is where to look first."""
        return self.place(lambda i: self.less(run[start + i], key), True, count, hint)

    def right_of(self, key: int, run: Sequence[int], start: int, count: int, hint: int) -> Asked:
        """How many of ``run[start:start + count]`` are not greater than ``key``."""
        return self.place(lambda i: self.less(key, run[start + i]), False, count, hint)

    def place(self, ask: Callable[[int], Asked], is_before: bool, count: int, hint: int) -> Asked:
        """How many items of a run come before the place sought: those of which ``ask`` says ``is_before``.

        Steps from ``hint`` that double in length find two places that it lies between.
        """
        step, before = 1, 0
        if (yield from ask(hint)) == is_before:
            most = count - hint
            while step < most and (yield from ask(hint + step)) == is_before:
                before, step = step, 2 * step + 1
            low, high = hint + before + 1, hint + min(step, most)
        else:
            most = hint + 1
            while step < most and (yield from ask(hint - step)) != is_before:
                before, step = step, 2 * step + 1
            low, high = hint - min(step, most) + 1, hint - before
        while low < high:
            middle = (low + high) >> 1
            if (yield from ask(middle)) == is_before:
                low = middle + 1
            else:
                high = middle
        return low


def _shortest_run(count: int) -> int:
    """How long runs of a list of ``count`` items are made: so that about a power of two of them is merged."""
    rest = 0
    while count >= SHORT:
        rest |= count & 1
        count >>= 1
    return count + rest


def _power(start: int, length: int, next_length: int, count: int) -> int:
    """The depth of the node between two runs in a tree over all ``count`` items that is nearly of the best shape."""
    power = 0
    a, b = 2 * start + length, 2 * (start + length) + next_length  # twice the middles of the runs
    while True:
        power += 1
        if a >= count:
            a, b = a - count, b - count
        elif b >= count:
            return power
        a, b = 2 * a, 2 * b

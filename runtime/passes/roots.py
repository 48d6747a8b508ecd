"""Sets of things that a graph makes, and what holds what.

A ``Root`` is a thing that comes to be in one place: the value a node makes stands for all that the node ever makes,
and ``OUTSIDE`` for everything older than the graph (arguments, globals, attributes), which may all be one thing.
Large graphs have many of them, so a set is an int here: root ``i`` of a ``Holdings`` is bit ``i``.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from typing import Any, TypeAlias

from ..ir.graph import Value


class Outside:
    """Everything that was there before the graph ran."""

    def __repr__(self) -> str:
        return "OUTSIDE"


OUTSIDE = Outside()
OUTSIDE_BIT = 1
Root: TypeAlias = Value | Outside


class Holdings:
    """The roots found so far, ``OUTSIDE`` first, and which of them may hold which.

    What can be come by from a root is kept up to date while more is held: whatever is found to hold it has that, too.
    """

    def __init__(self) -> None:
        self.roots: list[Root] = [OUTSIDE]
        self.bits: dict[Root, int] = {OUTSIDE: OUTSIDE_BIT}
        self.holders = OUTSIDE_BIT                   # the roots that may hold others
        self.held = 0                                # the roots that others hold
        self._within: list[int] = [OUTSIDE_BIT]      # of each root: what can be come by from it
        self._holders_of: list[int] = [0]            # of each root: what holds it, or holds what is known to

    def add(self, root: Value, may_hold: bool) -> int:
        """The bit of a new root."""
        self.bits[root] = bit = 1 << len(self.roots)
        self.roots.append(root)
        self._within.append(0)
        self._holders_of.append(0)
        if may_hold:
            self.holders |= bit
        return bit

    def reachable(self, roots: int) -> int:
        """``roots`` and all that can be come by from them."""
        found, pending = roots, roots & self.holders
        while pending:
            last = pending.bit_length() - 1
            within = self._within[last]
            found |= within
            pending &= ~(within | 1 << last)
        return found

    def hold(self, holders: int, roots: int) -> bool:
        """Let each of ``holders`` that can hold anything hold ``roots``; whether more is within reach by that."""
        new = 0
        for i in indices(holders & self.holders):
            if roots & ~self._within[i]:
                new |= 1 << i
        if new:
            self.held |= roots
            reached = self.reachable(roots)
            self._link(new, roots)
            self._grow(new, reached)
        return new != 0

    def _link(self, holders: int, roots: int) -> None:
        """Note ``holders`` beside those of ``roots`` from which one can come by the others."""
        pending = roots & self.holders
        while pending:
            last = pending.bit_length() - 1
            self._holders_of[last] |= holders
            pending &= ~(self._within[last] | 1 << last)

    def _grow(self, roots: int, more: int) -> None:
        """Let ``more`` be within reach of ``roots`` and of all that hold them."""
        done, pending = 0, roots
        while pending:
            i = pending.bit_length() - 1
            done |= 1 << i
            if more & ~self._within[i]:
                self._within[i] |= more
                pending |= self._holders_of[i]
            pending &= ~done


class Roots(Set[Any]):
    """A set of roots."""

    __slots__ = ("holdings", "bits")

    def __init__(self, holdings: Holdings, bits: int) -> None:
        self.holdings = holdings
        self.bits = bits

    def __contains__(self, root: Any) -> bool:
        return bool(self.bits & self.holdings.bits.get(root, 0))

    def __iter__(self) -> Iterator[Any]:
        return (self.holdings.roots[i] for i in indices(self.bits))

    def __len__(self) -> int:
        return self.bits.bit_count()

    def __bool__(self) -> bool:
        return self.bits != 0

    def isdisjoint(self, other: Any) -> bool:
        """Whether no root is in both."""
        if isinstance(other, Roots) and other.holdings is self.holdings:
            return not self.bits & other.bits
        return super().isdisjoint(other)

    def __repr__(self) -> str:
        return repr(set(self))

    @classmethod
    def _from_iterable(cls, roots: Any) -> Any:
        return frozenset(roots)


def indices(bits: int) -> Iterator[int]:
    """The places of the bits that are set, the last one first."""
    while bits:
        last = bits.bit_length() - 1
        yield last
        bits ^= 1 << last

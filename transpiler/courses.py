"""The course of a function without text: which of its pieces run one after the other, and what watches over them.

A piece is a function of what the stack holds.  It returns one of

    place, stack                            the piece that is next, and its stack
    test, (place, stack), (place, stack)    the same if the test is true, and if it is not: a bool or, if only the run
                                            knows, a flag

Where a piece is watched over by a handler, the pieces from there on until none is any more are the body of one
``try_``.  A body, a handler or a branch may end in several places, and which one it was may be known only when it runs.
Then each goes on, in a branch, to where all of them meet: the first piece that every way to the end leads through.

Variables of the function are attributes of a scope, so that every way finds them; so are the stacks, under the places
they are for.  Places from 0 on are pieces; a negative one leaves the function, see ``END`` and ``waiting``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

END = -1   # where the function has returned

Stack = tuple[Any, ...]


def waiting(piece: int) -> int:
    """The place of a generator that waits before ``piece``; ``waiting`` of it is the piece again."""
    return -2 - piece


class Followed:
    """What a loop goes over that is followed trip by trip: no value, but always the same at the same place.

    ``count`` is how often it was advanced; ``place`` stands for it where that is known for each way.
    """

    def __init__(self, items: Iterator[Any], place: Any) -> None:
        self.items = items
        self.count = 0
        self.place = place


@dataclass(frozen=True)
class PieceFacts:
    """The pieces that may follow a piece, the handlers that watch over it, how many it is a part of, and its line."""

    after: tuple[int, ...]
    watched: tuple[int, ...]
    handled: int
    line: int


@dataclass(frozen=True)
class HandlerFacts:
    """How much of the stack a handler finds, its clauses (test and body) and the piece for what these do not catch."""

    depth: int
    clauses: tuple[tuple[int, int], ...]
    rest: int | None


class Plan:
    """All that is known of a function's pieces beforehand."""

    def __init__(self, pieces: Sequence[tuple[Any, ...]], handlers: Sequence[tuple[Any, ...]]) -> None:
        self.pieces = [PieceFacts(*each) for each in pieces]
        self.handlers = [HandlerFacts(*each) for each in handlers]
        self._through: dict[int, frozenset[int]] = {}

    def meeting(self, places: Set[int]) -> int:
        """The first place that all ways from ``places`` to the end lead through."""
        common = frozenset.intersection(*map(self.through, places))
        return max(common, key=lambda place: (len(self.through(place)), place), default=END)

    def through(self, place: int) -> frozenset[int]:
        """The places that every way from ``place`` to the end leads through, both included."""
        if place < 0:
            return frozenset((END,))
        if place not in self._through:
            reached = self._reached(place)
            self._through[place] = frozenset(
                each for each in reached if each in (place, END) or END not in self._reached(place, each)
            )
        return self._through[place]

    def _reached(self, place: int, without: int | None = None) -> set[int]:
        found, pending = set(), [place]
        while pending:
            each = pending.pop()
            if each in found or each == without:
                continue
            found.add(each)
            if each >= 0:
                pending += self.pieces[each].after
        return found


@cache
def plan_of(pieces: tuple[tuple[Any, ...], ...], handlers: tuple[tuple[Any, ...], ...]) -> Plan:
    """The plan that generated code states."""
    return Plan(pieces, handlers)


@dataclass(frozen=True)
class _Part:
    """A part of the course: what the handlers ``watched`` watch over, in as many handlers or more."""

    watched: tuple[int, ...] = ()
    handled: int = 0


SEVERAL = None   # in the place of a place: one of several, which only the run knows


class Course:
    """One run of the pieces.

    ``control`` gives calls their meaning, ``stacks`` is a scope of its.  ``fork(number, line)`` is called where the
    course divides, for the so manieth time within itself, and refuses what would never end.
    """

    def __init__(
        self,
        control: Any,
        pieces: Sequence[Callable[..., Any]],
        plan: Plan,
        stacks: Any,
        fork: Callable[[int, int], None] | None = None,
    ) -> None:
        self._control = control
        self._pieces = pieces
        self._plan = plan
        self._stacks = stacks
        self._fork = fork
        self._sizes: dict[int, int] = {}
        self._aside: dict[tuple[int, int], Followed] = {}
        self._nested = [0] * len(pieces)

    def run(self) -> Any:
        """Run all, and return what the function does."""
        at, stack = self._go(0, (), _Part(), frozenset())
        assert at == END, "a function ends in one way"
        return stack[0]

    def go_on(self, position: Any, sizes: Sequence[tuple[int, int]]) -> tuple[Any, tuple[Any]]:
        """Go on at the piece ``position``, of which ``sizes`` has all and how much each finds on the stack.

        Returns the next such position and the item in a tuple; at the end -1 and what was returned in a tuple.
        """
        self._sizes.update({waiting(piece): size + 1 for piece, size in sizes})
        whole = _Part()
        ends: set[int] = set()
        if isinstance(position, int):
            self._went_on(ends, position)
        else:
            for piece in (0, *(piece for piece, _ in sizes)):
                way = partial(self._went_on, ends, piece)
                self._control.if_(self._control.eq(position, piece), way, _stay, (), ())
        at, stack = self._settled(ends, whole, frozenset())
        if at is SEVERAL:
            return waiting(0) - self._stacks.place, (self._stacks.item,)
        return waiting(at), (stack[0],)

    def _stack_after(self, position: int) -> Stack:
        """The stack of a piece that a generator goes on with."""
        return self._stack_of(waiting(position), 1) if position else ()

    def _went_on(self, ends: set[int], piece: int, level: int = 0) -> tuple[()]:
        """Go on at a piece, within the handlers that it is a part of, of which ``level`` have begun again."""
        handled = self._plan.pieces[piece].handled
        if level == handled:
            return self._leave(ends, piece, self._stack_after(piece), _Part((), handled), frozenset())
        inside: set[int] = set()
        error = getattr(self._stacks, _error(level + 1))
        self._control.handling(error, partial(self._went_on, inside, piece, level + 1))
        place, stack = self._settled(inside, _Part((), level), frozenset())
        if place is SEVERAL:
            ends |= stack
            return ()
        return self._leave(ends, place, stack, _Part((), level), frozenset())

    # -- parts

    def _go(self, at: Any, stack: Any, part: _Part, until: Set[int]) -> tuple[Any, Any]:
        """Go on from ``at`` to a place in ``until`` or out of ``part``.

        Returns that place and its stack; if it may be one of several, SEVERAL and these.
        """
        while at is not SEVERAL and at not in until and self._is_in(at, part):
            facts = self._plan.pieces[at]
            if facts.watched != part.watched:
                found = self._watched(at, stack, part, until)
                at, stack = self._settled(found, part, until)
                continue
            step = self._pieces[at](*stack)
            if len(step) == 2:
                at, stack = step
                continue
            flag, then, otherwise = step
            if isinstance(flag, bool):
                at, stack = then if flag else otherwise
            else:
                found = self._branched(at, flag, then, otherwise, part, until)
                at, stack = self._settled(found, part, until)
        return at, stack

    def _is_in(self, place: int, part: _Part) -> bool:
        if place < 0:
            return False
        facts = self._plan.pieces[place]
        return facts.watched[: len(part.watched)] == part.watched and facts.handled >= part.handled

    def _watched(self, at: int, stack: Stack, part: _Part, until: Set[int]) -> set[int]:
        """Go through what a handler watches over; returns the places where that may end."""
        number = self._plan.pieces[at].watched[len(part.watched)]
        handler, inside = self._plan.handlers[number], _Part((*part.watched, number), part.handled)
        ends: set[int] = set()
        given = stack[: handler.depth]

        def handle(piece: int, error: Any) -> None:
            self._stacks.set(_error(self._plan.pieces[piece].handled), error)
            self._leave(ends, piece, (*given, error), _Part(part.watched, self._plan.pieces[piece].handled), until)

        clauses: list[tuple[Callable[[], Any], Callable[[Any], None]]] = [
            (partial(self._pieces[test], *given, None), partial(handle, body)) for test, body in handler.clauses
        ]
        if handler.rest is not None:
            clauses.append((lambda: BaseException, partial(handle, handler.rest)))
        with _Nesting(self, at):
            self._control.try_(lambda: self._leave(ends, at, stack, inside, until), tuple(clauses))
        return ends

    def _branched(self, at: int, flag: Any, then: Any, otherwise: Any, part: _Part, until: Set[int]) -> set[int]:
        """Go both ways from a test, as far as they are apart; returns the places where that may end."""
        ends: set[int] = set()
        apart = until | {self._plan.meeting({then[0], otherwise[0]})}
        both = [partial(self._leave, ends, *way, part, apart) for way in (then, otherwise)]
        with _Nesting(self, at):
            self._control.if_(flag, *both, (), ())
        return ends

    def _settled(self, ends: Set[int], part: _Part, until: Set[int]) -> tuple[Any, Any]:
        """Go on from ``ends``, of which one was reached, to one place or to places that all leave ``part``.

        The one that is farthest from the end goes on first, until it meets the way of another.
        """
        while len(ends) > 1:
            inside = [end for end in ends if end not in until and self._is_in(end, part)]
            if not inside:
                return SEVERAL, ends
            end = max(inside, key=lambda each: (len(self._plan.through(each)), -each))
            others = ends - {end}
            apart = frozenset(until).union(*map(self._plan.through, others)) - {end}
            new: set[int] = set()
            way = partial(self._arrived, new, end, part, apart)
            self._control.if_(self._control.eq(self._stacks.place, end), way, _stay, (), ())
            ends = others | new
        (end,) = ends
        return end, self._stack_of(end)

    def _arrived(self, ends: set[int], place: int, part: _Part, until: Set[int]) -> tuple[()]:
        return self._leave(ends, place, self._stack_of(place), part, until)

    def _leave(self, ends: set[int], at: int, stack: Stack, part: _Part, until: Set[int]) -> tuple[()]:
        """Go on from ``at``, and note in ``ends`` and for the run where that leads."""
        place, rest = self._go(at, stack, part, until)
        if place is SEVERAL:
            ends |= rest
            return ()
        ends.add(place)
        self._stacks.set("place", place)
        self._keep(place, rest)
        return ()

    def _keep(self, place: int, stack: Stack) -> None:
        """Keep a stack until the course goes on at ``place``."""
        self._sizes[place] = len(stack)
        for number, value in enumerate(stack):
            if isinstance(value, Followed):
                self._aside[place, number] = value
            else:
                self._stacks.set(_name(place, number), value)

    def _stack_of(self, place: int, first: int = 0) -> Stack:
        return tuple([
            self._aside[place, number] if (place, number) in self._aside
            else getattr(self._stacks, _name(place, number))
            for number in range(first, self._sizes[place])
        ])  # fmt: skip


class _Nesting:
    """Counts how often a place is followed within itself."""

    def __init__(self, course: Any, place: int) -> None:
        self._course, self._place = course, place

    def __enter__(self) -> None:
        course = self._course
        course._nested[self._place] += 1
        if course._fork is not None:
            course._fork(course._nested[self._place], course._plan.pieces[self._place].line)

    def __exit__(self, *error: object) -> None:
        self._course._nested[self._place] -= 1


def _name(place: int, number: int) -> str:
    """The variable that holds a part of the stack at ``place``; what leaves the function is an item."""
    return f"part{number}_of_{place}" if place >= 0 else f"part{number}_before_{waiting(place)}" if number else "item"


def _error(level: int) -> str:
    """The variable that holds the exception of a handler, within so many others."""
    return f"error{level}"


def _stay() -> tuple[()]:
    return ()

"""Lines and blocks of a random function, and what is known of its names as they are written.

For each point of the program that is which names are bound to which kind and which arrays may be one memory. Where
two ways meet, a name of two kinds becomes a ``NUMBER``; names bound in a loop body are not read after it, except now
and then, for the exception that gives.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import TypeAlias

from .expressions import NUMBER, SCALARS, Expressions, Kind

State: TypeAlias = tuple[dict[str, Kind], dict[str, int]]

POOL = {"int": "ijk", "float": "rst", "number": "xyz", "f": "xyz", "i": "ij", "bool": ("done", "seen")}


class Lines(Expressions):
    """Writes the lines of one function; which statements there are, subclasses say."""

    def __init__(self, random: Random, budget: int):
        super().__init__(random)
        self.lines: list[str] = []
        self.margin = 1
        self.budget = budget            # statements that may still be written
        self.loops = 0                  # how many loops are around
        self.memories: dict[str, int] = {}
        self.helpers: set[str] = set()
        self.fresh = 0
        self.lost: list[str] = []       # bound somewhere, but not on every way to here
        self.locked: set[str] = set()   # names of an inner function or a loop, which keep their meaning

    def line(self, text: str) -> None:
        """Append a line at the present margin."""
        self.lines.append("    " * self.margin + text)

    @contextmanager
    def indented(self) -> Iterator[None]:
        """Write lines one level deeper."""
        self.margin += 1
        yield
        self.margin -= 1

    def block(self, most: int, more: int = 75) -> bool:
        """One to ``most`` statements; False if the block never reaches its end."""
        written = len(self.lines)
        goes_on = self.statement()
        while goes_on and most > 1 and self.chance(more):    # asked each time: Hypothesis can then drop one statement
            goes_on = self.statement()
            most -= 1
        if len(self.lines) == written:      # no statement found what it needs
            self.line("pass")
        return goes_on

    def statement(self) -> bool:
        """One statement; False if nothing after it is reached."""
        raise NotImplementedError

    def bind(self, name: str, kind: Kind, source: str | None = None) -> None:
        """``name`` now has ``kind``; an array looks into the memory of ``source``, or into one of its own."""
        self.kinds[name] = kind
        self.data.discard(name)
        if self.touched:
            self.data.add(name)
        if kind.shape is not None:
            self.fresh += 1
            self.memories[name] = self.memories[source] if source in self.memories else self.fresh

    def new_name(self, pool: str | tuple[str, ...]) -> str:
        """A name from ``pool`` that is free to be bound, or a numbered one."""
        free = [name for name in pool if name not in self.kinds and name not in self.locked]
        if free and not self.chance(15):
            return self.choose(free)
        self.fresh += 1
        return f"{pool[0]}{self.fresh}"

    def target(self, kind: Kind) -> str:
        """A name to bind a scalar of ``kind`` to: mostly one that is in use."""
        known = [name for name in self.names(kind) if name not in self.locked]
        if known and self.chance(65):
            return self.choose(known)
        others = [name for name in self.names(*SCALARS) if name not in self.locked and name not in self.indices]
        if not self.loops and others and self.chance(40):
            return self.choose(others)      # outside of loops a name may change its kind
        return self.new_name(POOL[kind.name])

    def wrote(self, name: str) -> None:
        """Note that the array ``name`` was written in place."""
        self.features.add("store")
        same = [other for other, memory in self.memories.items() if memory == self.memories.get(name)]
        if len([other for other in same if other in self.kinds]) > 1:
            self.features.add("alias write")

    def known(self) -> State:
        """What is known of the names here."""
        return dict(self.kinds), dict(self.memories)

    def resume(self, state: State) -> None:
        """Go on from where ``state`` was known."""
        self.kinds, self.memories = dict(state[0]), dict(state[1])
        self.touched = False

    def meet(self, states: list[State]) -> None:
        """Keep what all ``states`` agree on."""
        common: dict[str, Kind] = {}
        for name, kind in states[0][0].items():
            kinds = [state.get(name) for state, _ in states]
            if all(other == kind for other in kinds):
                common[name] = kind
            elif all(other in SCALARS for other in kinds):
                common[name] = NUMBER
        self.lost += [name for state, _ in states for name in state if name not in common and name not in self.lost]
        self.kinds = common
        self.memories = {name: memory for name, memory in states[-1][1].items() if name in common}

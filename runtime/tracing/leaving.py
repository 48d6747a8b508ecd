"""Generators that an exception leaves half-way: when Python ends them, which a ``finally`` or ``with`` of theirs sees.

A loop over a temporary ends it at once.  One that a variable refers to lives as long as the frame of that variable,
and the exception keeps the frame: it ends after the handler, or whenever the caller drops the exception.  A loop that
may go on with it afterwards is traced item by item; what leaves the frame is refused when it happens.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import takewhile
from types import CodeType, FrameType, FunctionType
from typing import Any

from ..ir.types import NEVER
from ..ops.waiting import GOES_ON, LEFT_WAITING
from .exceptions import ABSENT
from .heap import NOTHING, HeapObject, Refs, refs_of
from .lifetimes import Lifetimes
from .places import WRITTEN_OUT
from .tracer import Tracer

PROTECTING = ("try_", "with_", "follow")    # what these statements become, or the code that may have them
HAVE_FRAMES = sys.version_info < (3, 12)    # comprehensions, with a variable for what they go over


@dataclass(eq=False, slots=True)
class Run:
    """The code of a generator while it is traced.

    ``waits``: the code that consumes it has a variable that refers to it; ``held`` says so of the code that is traced
    now, as far as that is the consumer's or further out.  ``kept.held`` says it when the graph runs.
    """

    consumer: Any
    things: Refs
    waits: bool
    depth: int
    kept: Any = None
    held: bool = False


class Leaving(Lifetimes):
    """The part of a trace that tells when generators end that an exception leaves."""

    plain_function: Callable[[Any], Any]   # see closures

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._runs: list[Run] = []   # outermost first
        self._guarding: set[HeapObject] = set()   # generators whose code has a 'try' or 'with'
        self._tries: list[Any] = []   # for each 'try' and 'with' that is traced, the call that it stands in

    def try_(self, body: Callable[[], Any], handlers: Any = (), otherwise: Any = None, final: Any = None) -> None:
        super().try_(self._protected(body), handlers, otherwise, final)

    def with_(self, manager: Any, body: Callable[[Any], Any]) -> None:
        super().with_(manager, self._protected(body))

    def unseen_try(self, *parts: Any) -> None:
        """A ``try`` that no code of the program's has."""
        super().try_(*parts)

    def _protected(self, body: Callable[..., Any]) -> Callable[..., Any]:
        def run(*given: Any) -> Any:
            self._tries.append(self.active[-1] if self.active else ABSENT)
            try:
                return body(*given)
            finally:
                self._tries.pop()

        return run

    def note_made(self, generator: HeapObject, run: Any) -> None:
        """Note whether ``run``, the code of a generator that was made, has a 'try' or 'with'."""
        run = self.plain_function(run)
        if not isinstance(run, FunctionType) or _protects(run.__code__):
            self._guarding.add(generator)

    def advanced(self, generator: Tracer) -> None:
        super().advanced(generator)
        if any(thing in self._advanced and thing in self._guarding for thing in generator.graph_refs):
            self.apply(GOES_ON, generator)

    def lives_on(self, generator: Tracer) -> bool:
        """Whether code that handles an exception in a loop over ``generator`` may go on with it."""
        here = self.active[-1]
        if not any(each is here for each in self._tries) or not self._waits(generator):
            return False
        own = takewhile(lambda frame: frame.f_code.co_name == here[0].co_name, self.places.frames())
        return not any(map(self._is_comprehension, own))

    @contextmanager
    def running(self, consumer: Any, generator: Tracer, kept: Any = None) -> Iterator[Run]:
        """Trace the code of ``generator``, which hands its items to ``consumer``."""
        run = Run(consumer, generator.graph_refs, self._waits(generator), len(self._tries), kept)
        run.held = run.waits
        if kept is not None:
            kept.held = run.held
        self._runs.append(run)
        try:
            yield run
        finally:
            self._runs.pop()

    @contextmanager
    def given_to(self, consumer: Any) -> Iterator[None]:
        """Trace code of the consumer's: what it raises leaves its own frame, and ends the code that gives the item.

        A generator that another one passes on gives its items to the consumer of that.
        """
        number = next((number for number, run in enumerate(self._runs) if run.consumer is consumer), None)
        if number is None:
            yield
            return
        held = self._runs[number].waits
        changed = [run for run in self._runs[number + 1:] if run.held != held]
        self._note(changed, held)
        try:
            yield
        except BaseException:
            for run in changed:
                run.held = not held
            raise
        self._note(changed, not held)

    def _note(self, runs: list[Run], held: bool) -> None:
        for run in runs:
            run.held = held
            if run.kept is not None:
                run.kept.held = held

    def check_left(self, run: Run) -> None:
        """Refuse what was raised while ``run`` waits for its consumer, if that is seen, and later than here."""
        outer = self._runs[: self._runs.index(run) + 1]
        if len(self._tries) > run.depth and any(each.waits for each in outer):
            self.if_(run.kept.held, lambda: self.apply(LEFT_WAITING, type=NEVER), lambda: None, (), ())

    def _waits(self, generator: Tracer) -> bool:
        """Whether a variable refers to ``generator``, or an object that no generator that runs has for itself."""
        things = generator.graph_refs
        for frame in self.places.frames():
            if frame.f_code.co_filename in WRITTEN_OUT or not HAVE_FRAMES and self._is_comprehension(frame):
                continue
            if any(things & refs_of(value) for value in frame.f_locals.values()):
                return True
        owned = NOTHING.union(*(self._owned_by(thing) for run in self._runs for thing in run.things))
        return any(self._holding(thing) - owned for thing in things)

    def _is_comprehension(self, frame: FrameType) -> bool:
        """Whether a frame is that of the function that a comprehension became: converted code itself calls it."""
        return any(frame.f_back is each for each in self.places.frames())


def _protects(code: CodeType) -> bool:
    """Whether converted code, or a function in it, has a 'try' or 'with'."""
    inner = (each for each in code.co_consts if isinstance(each, CodeType))
    return any(name.startswith(PROTECTING) for name in code.co_names) or any(map(_protects, inner))

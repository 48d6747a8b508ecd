"""Writes the pieces of a code object, from the first on, each in the state in which those before leave it.

A function of one piece is that piece.  Others, and generators, follow a course: see ``course_bodies``.
"""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from .flow import Flow
from .pieces import PieceWriter
from .stack import State

if TYPE_CHECKING:
    from .functions import Function


class Body(ABC):
    """The statements of one code object; what the writers of its pieces ask for."""

    def __init__(self, function: Function, flow: Flow) -> None:
        self.code = function.code
        self.outer = function.outer
        self.outermost = function.outermost
        self.cells = function.cells
        self.parameters = function.parameters
        self.consumer = function.consumer
        self.state = function.state
        self.is_generator = bool(self.code.co_flags & inspect.CO_GENERATOR)
        self.call, self.fresh, self.temporary = function.call, function.fresh, function.temporary
        self.at, self.inner = function.at, function.inner
        self._flow = flow
        self._start = function.start
        self._generated = function.generated
        self._places: list[str] = []
        deleted = {
            instruction.argval
            for piece in flow.pieces.values()
            for instruction in piece.instructions
            if instruction.opname == "DELETE_FAST"
        }
        self.always_bound = frozenset(self.parameters) - deleted

    def place(self, index: int) -> str:
        """The variable that holds a place of the stack from one piece to the next."""
        while len(self._places) <= index:
            self._places.append(self.fresh(f"s{len(self._places)}"))
        return self._places[index]

    def _written(self) -> dict[int, PieceWriter]:
        """The pieces that were reached, by their offsets."""
        states = {0: State([], dict(self._generated), self.always_bound)}
        waiting, written = [0], {}
        while waiting:
            offset = waiting.pop()
            writer = written[offset] = self._writer(offset, states[offset].copy())
            for following, state in {**self._handlers(offset, states[offset]), **writer.after}.items():
                if following not in states:
                    states[following] = state
                    waiting.append(following)
        return {offset: written[offset] for offset in sorted(written)}

    @abstractmethod
    def _writer(self, offset: int, state: State) -> PieceWriter:
        """The writer of the piece at ``offset``, which begins in ``state``."""

    def _handlers(self, offset: int, state: State) -> dict[int, State]:
        """The states that the handlers of the piece at ``offset``, which begins in ``state``, begin in."""
        return {}


class Straight(Body):
    """A body of one piece."""

    def statements(self) -> list[Any]:
        """The body of the function."""
        (writer,) = self._written().values()
        return writer.body

    def _writer(self, offset: int, state: State) -> PieceWriter:
        writer = PieceWriter(self, state, self._flow.pieces[offset])
        writer.write()
        return writer

"""Puts the pieces of a code object together.

A function of one piece is that piece.  Else ``at`` says which piece is next:

    at = 0
    while True:
        match at:
            case 0:
                t1 = steps(x)
                (s0,) = (t1,)
                at = 1
            case 1: ...

Where exceptions are handled, or a generator goes on in the middle, see ``course_bodies``.
"""

from __future__ import annotations

import dis
import inspect
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import gast

from ..template import assign, constant, located, quote, store
from .flow import Flow
from .pieces import PieceWriter
from .stack import State

if TYPE_CHECKING:
    from .functions import Function


class Body:
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

    def _writer(self, offset: int, state: State) -> PieceWriter:
        raise NotImplementedError

    def _handlers(self, offset: int, state: State) -> dict[int, State]:
        """The states that the handlers of the piece at ``offset``, which begins in ``state``, begin in."""
        return {}

    def go(self, offset: int, at: Any) -> list[Any]:
        """Statements that go on with the piece at ``offset``."""
        raise NotImplementedError


class Dispatch(Body):
    """The pieces in one loop."""

    def __init__(self, function: Function, flow: Flow) -> None:
        super().__init__(function, flow)
        self._numbers = {offset: number for number, offset in enumerate(flow.pieces)}
        self._next = self.fresh("at") if len(flow.pieces) > 1 else ""

    def statements(self) -> list[Any]:
        """The body of the function."""
        written = [writer.body for writer in self._written().values()]
        return written[0] if len(written) == 1 else self._dispatch(written)

    def _writer(self, offset: int, state: State) -> PieceWriter:
        writer = PieceWriter(self, state, self._flow.pieces[offset])
        writer.write()
        return writer

    def _dispatch(self, written: Sequence[list[Any]]) -> list[Any]:
        """Statements that run one piece after the other."""
        text = "following = 0\nwhile True:\n    match following:\n        case 0:\n            pass"
        first, loop = quote(text, self._start, following=self._next)
        (choice,) = loop.body
        choice.cases = [
            gast.match_case(located(gast.MatchValue(constant(number, self._start)), self._start), None, body)
            for number, body in enumerate(written)
        ]
        return [first, loop]

    def go(self, offset: int, at: dis.Instruction | Any) -> list[Any]:
        """Statements that go on with the piece at ``offset``."""
        return [assign(store(self._next, at), constant(self._numbers[offset], at), at)]

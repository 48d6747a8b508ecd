"""The straight pieces of a code object, and where control goes from one to the next.

What can be reached without an exception is followed, and from there the handlers that watch over it, see ``handlers``.
"""

from __future__ import annotations

import dis
import inspect
import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..errors import NoSource
from ..location import Location
from .handlers import Handler, Protection

FIX = "put the function in a file, and import it from there"
# Where an instruction that is no jump goes: nowhere.
ENDS = {"RETURN_VALUE", "RETURN_CONST", "RAISE_VARARGS", "RERAISE"}
ALWAYS = {"JUMP_FORWARD", "JUMP_BACKWARD", "JUMP_BACKWARD_NO_INTERRUPT"}
BORDERS = {"POP_EXCEPT", "YIELD_VALUE"}   # what ends a piece, though control goes on
# What is not translated, as the user calls it.
UNSEEN = {"LOAD_BUILD_CLASS": "a class", "CHECK_EG_MATCH": "'except*'"}


@dataclass(frozen=True)
class Piece:
    """Instructions that run one after the other, and the offsets of the pieces that may follow.

    Of two, the first is where control goes without a jump.  ``watched`` are the offsets of the handlers that an
    exception in it goes to, the outermost first.
    """

    instructions: Sequence[dis.Instruction]
    after: tuple[int, ...]
    watched: tuple[int, ...] = ()


@dataclass(frozen=True)
class Flow:
    """The pieces of a code object by the offset of their first instruction, the first one first, and its handlers."""

    pieces: Mapping[int, Piece]
    handlers: Mapping[int, Handler]


def flow_of(code: types.CodeType) -> Flow:
    """The pieces and handlers of ``code``.  Raises NoSource for a construct that is more than jumps."""
    if code.co_flags & (inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR):
        raise unseen("'async'", code, Location(code.co_filename, code.co_firstlineno, function=code.co_name))
    return _Walk(code).flow()


class _Walk:
    """Finds what of a code object can be reached."""

    def __init__(self, code: types.CodeType) -> None:
        self._code = code
        self._instructions = list(dis.get_instructions(code))
        self._position = {instruction.offset: number for number, instruction in enumerate(self._instructions)}
        self._protection = Protection(code, self._instructions)
        self._starts = {0}
        self._waiting = [0]
        self._seen: set[int] = set()
        self._handlers: dict[int, Handler] = {}

    def flow(self) -> Flow:
        while self._waiting:
            self._follow(self._position[self._waiting.pop()])
        return Flow({start: self._piece(start) for start in sorted(self._starts)}, self._handlers)

    def _start(self, offset: int) -> None:
        self._starts.add(offset)
        self._waiting.append(offset)

    def _follow(self, number: int) -> None:
        watched = self._watched(number)
        while number not in self._seen:
            self._seen.add(number)
            instruction = self._instructions[number]
            if instruction.opname in UNSEEN:
                raise unseen(UNSEEN[instruction.opname], self._code, place_of(self._code, instruction))
            if self._watched(number) != watched:
                watched = self._watched(number)
                self._starts.add(instruction.offset)
            for offset in watched:
                self._watch(offset)
            after = self._after(instruction)
            for offset in after:
                self._start(offset)
            if after or instruction.opname in ENDS:
                break
            number += 1

    def _watched(self, number: int) -> tuple[int, ...]:
        return self._protection.chain(self._instructions[number].offset)

    def _watch(self, offset: int) -> None:
        if offset not in self._handlers:
            handler = self._handlers[offset] = self._protection.handler(offset)
            for clause in handler.clauses:
                self._start(clause.test)
                self._start(clause.body)
            if handler.rest is not None:
                self._start(handler.rest)

    def _after(self, instruction: dis.Instruction) -> tuple[int, ...]:
        """The offsets where control goes after what ends a piece; empty for other instructions."""
        following = self._position[instruction.offset] + 1
        if instruction.opname in BORDERS:
            return (self._instructions[following].offset,)
        if instruction.opcode not in dis.hasjrel and instruction.opcode not in dis.hasjabs:
            return ()
        if instruction.opname in ALWAYS:
            return (instruction.argval,)
        return (self._instructions[following].offset, instruction.argval)

    def _piece(self, start: int) -> Piece:
        first = end = self._position[start]
        while not (after := self._after(self._instructions[end])):
            end += 1
            if self._instructions[end - 1].opname in ENDS:
                break
            if self._instructions[end].offset in self._starts:
                after = (self._instructions[end].offset,)
                break
        else:
            end += 1
        return Piece(self._instructions[first:end], after, self._watched(first))


def place_of(code: types.CodeType, instruction: dis.Instruction) -> Location:
    """Where an instruction stands in the text that was compiled."""
    where = instruction.positions
    if where is None or where.lineno is None:
        return Location(code.co_filename, code.co_firstlineno, function=code.co_name)
    end = where.end_col_offset if where.end_lineno == where.lineno else None
    return Location(code.co_filename, where.lineno, where.col_offset, end, code.co_name)


def unseen(what: str, code: types.CodeType, place: Location) -> NoSource:
    """The error for a construct of which bytecode does not show where it begins and ends."""
    return NoSource(
        f"The source of {code.co_name!r} cannot be read, and {what} in it cannot be seen in its bytecode.",
        place,
        fix=FIX,
    )

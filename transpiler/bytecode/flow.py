"""The straight pieces of a code object, and where control goes from one to the next.

Only what can be reached without an exception is looked at: when a call raises, nothing of the function runs after it.
"""

from __future__ import annotations

import dis
import inspect
import types
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..errors import NoSource
from ..location import Location

FIX = "put the function in a file, and import it from there"
# Where an instruction that is no jump goes: nowhere.
ENDS = {"RETURN_VALUE", "RETURN_CONST", "RAISE_VARARGS", "RERAISE"}
ALWAYS = {"JUMP_FORWARD", "JUMP_BACKWARD", "JUMP_BACKWARD_NO_INTERRUPT"}
HANDLER = "PUSH_EXC_INFO"   # what the handlers of ``try`` and ``with`` begin with, and those of comprehensions do not
# What is not translated, as the user calls it.
UNSEEN = {"BEFORE_WITH": "a 'with' block", "LOAD_BUILD_CLASS": "a class", "GET_YIELD_FROM_ITER": "'yield from'"}
MAY_STOP = {"next", "StopIteration"}   # names of what a generator turns into RuntimeError


@dataclass(frozen=True)
class Piece:
    """Instructions that run one after the other, and the offsets of the pieces that may follow.

    Of two, the first is where control goes without a jump.
    """

    instructions: Sequence[dis.Instruction]
    after: tuple[int, ...]


def pieces_of(code: types.CodeType) -> dict[int, Piece]:
    """The pieces of ``code`` by the offset of their first instruction, the one that it begins with first.

    Raises NoSource for a construct that is more than jumps.
    """
    start = Location(code.co_filename, code.co_firstlineno, function=code.co_name)
    if code.co_flags & (inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR):
        raise unseen("'async'", code, start)
    if code.co_flags & inspect.CO_GENERATOR and MAY_STOP & {*code.co_names}:
        raise unseen("'yield' beside next()", code, start)
    instructions = list(dis.get_instructions(code))
    position = {instruction.offset: number for number, instruction in enumerate(instructions)}
    protected = _protected(code, instructions)
    starts = _starts(code, instructions, position, protected)
    pieces = {}
    for start in sorted(starts):
        number = end = position[start]
        while not (after := _after(instructions[end], instructions, position)):
            end += 1
            if instructions[end - 1].opname in ENDS:
                break
            if instructions[end].offset in starts:
                after = (instructions[end].offset,)
                break
        else:
            end += 1
        pieces[start] = Piece(instructions[number:end], after)
    return pieces


def _starts(
    code: types.CodeType, instructions: Sequence[dis.Instruction], position: dict[int, int], protected: set[int]
) -> set[int]:
    """The offsets that pieces begin at, of what can be reached."""
    starts, waiting, seen = {0}, [0], set()
    while waiting:
        number = position[waiting.pop()]
        while number not in seen:
            seen.add(number)
            instruction = instructions[number]
            if instruction.opname in UNSEEN:
                raise unseen(UNSEEN[instruction.opname], code, place_of(code, instruction))
            if instruction.offset in protected:
                raise unseen("a 'try' block", code, place_of(code, instruction))
            after = _after(instruction, instructions, position)
            starts.update(after)
            waiting.extend(after)
            if after or instruction.opname in ENDS:
                break
            number += 1
    return starts


def _after(
    instruction: dis.Instruction, instructions: Sequence[dis.Instruction], position: dict[int, int]
) -> tuple[int, ...]:
    """The offsets where control goes after a jump; empty for other instructions."""
    if instruction.opcode not in dis.hasjrel and instruction.opcode not in dis.hasjabs:
        return ()
    if instruction.opname in ALWAYS:
        return (instruction.argval,)
    return (instructions[position[instruction.offset] + 1].offset, instruction.argval)


def _protected(code: types.CodeType, instructions: Sequence[dis.Instruction]) -> set[int]:
    """The offsets of the instructions that stand in a ``try``."""
    handlers = {instruction.offset for instruction in instructions if instruction.opname == HANDLER}
    found: set[int] = set()
    entries: Any = dis.Bytecode(code)
    for entry in entries.exception_entries:
        if entry.target in handlers:
            found.update(range(entry.start, entry.end))
    return found


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



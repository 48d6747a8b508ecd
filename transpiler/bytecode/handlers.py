"""What happens to exceptions: which handlers watch over an instruction, and what a handler does first.

Since Python 3.11 a table says for every instruction where an exception in it goes.  A handler that only puts things in
order and passes the exception on is left out: what it would do is done by ``try_`` or needs not be done.
"""

from __future__ import annotations

import dis
import types
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

BEGIN = "PUSH_EXC_INFO"   # of the handlers of ``try`` and ``with``
MATCH = "CHECK_EXC_MATCH"
# All that the handlers do that are left out: of comprehensions, of ``yield from``, and of handlers themselves.
TIDYING = {"COPY", "SWAP", "POP_TOP", "POP_EXCEPT", "STORE_FAST", "CALL_INTRINSIC_1", "RERAISE"}
THROW = "CLEANUP_THROW"
# What is in no test of an ``except`` that is straight.
ELSEWHERE = {"RETURN_VALUE", "RETURN_CONST", "RAISE_VARARGS", "RERAISE", "POP_EXCEPT", "YIELD_VALUE"}


@dataclass(frozen=True)
class Clause:
    """``except types:``, where ``test`` is the offset of what computes the types."""

    test: int
    body: int


@dataclass(frozen=True)
class Handler:
    """A handler: its clauses, and where it goes on with what these do not catch; None: that passes through.

    ``depth`` is how much of the stack it finds, ``keeps_place`` if it is told which instruction failed as well, and
    ``is_handling`` if the exception is the one that is handled from its beginning on.
    """

    depth: int
    keeps_place: bool
    is_handling: bool
    clauses: tuple[Clause, ...]
    rest: int | None


class Protection:
    """The table of exceptions of a code object."""

    def __init__(self, code: types.CodeType, instructions: Sequence[dis.Instruction]) -> None:
        bytecode: Any = dis.Bytecode(code)
        self._entries = bytecode.exception_entries
        self._instructions = instructions
        self._position = {instruction.offset: number for number, instruction in enumerate(instructions)}

    def chain(self, offset: int) -> tuple[int, ...]:
        """The handlers of an exception in the instruction at ``offset``, the outermost first."""
        chain: list[int] = []
        entry = self._entry(offset)
        while entry is not None:
            if not self._only_tidies(entry.target):
                chain.append(entry.target)
            entry = self._entry(entry.target)
        return tuple(chain[::-1])

    def _entry(self, offset: int) -> Any:
        return next((entry for entry in self._entries if entry.start <= offset < entry.end), None)

    def _only_tidies(self, offset: int) -> bool:
        for instruction in self._instructions[self._position[offset] :]:
            if instruction.opname == THROW:
                return True
            if instruction.opname not in TIDYING:
                return False
            if instruction.opname == "RERAISE":
                return True
        return False

    def handler(self, offset: int) -> Handler:
        """The handler that begins at ``offset``."""
        entry = next(entry for entry in self._entries if entry.target == offset)
        number = self._position[offset]
        is_handling = self._instructions[number].opname == BEGIN
        clauses = []
        rest: int | None = offset
        while rest is not None and is_handling and (clause := self._clause(self._position[rest])) is not None:
            clauses.append(clause[0])
            rest = clause[1]
        if clauses and rest is not None and self._instructions[self._position[rest]].opname == "RERAISE":
            rest = None
        return Handler(entry.depth, entry.lasti, is_handling, tuple(clauses), rest)

    def _clause(self, number: int) -> tuple[Clause, int] | None:
        """The clause that begins at an instruction, and where control goes if it does not match."""
        first = self._instructions[number].offset
        for position in range(number, len(self._instructions)):
            instruction = self._instructions[position]
            if instruction.opname == MATCH:
                jump = self._after_prefixes(position + 1)
                return Clause(first, self._instructions[jump + 1].offset), self._instructions[jump].argval
            is_jump = instruction.opcode in dis.hasjrel or instruction.opcode in dis.hasjabs
            if is_jump or instruction.opname in ELSEWHERE or position > number and instruction.opname == BEGIN:
                return None
        return None

    def _after_prefixes(self, position: int) -> int:
        while self._instructions[position].opname == "EXTENDED_ARG":
            position += 1
        return position

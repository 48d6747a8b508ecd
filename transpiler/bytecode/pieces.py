"""Translates a straight piece of bytecode: every instruction becomes a statement, its values are variables.

    LOAD_FAST x; LOAD_CONST 2; BINARY_OP *; STORE_FAST y        t1 = x * 2
                                                                y = t1
    LOAD_GLOBAL f; LOAD_FAST x; CALL 1                          t1 = f
                                                                t2 = call(t1, x)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import gast

from ..template import assign, located, store, thunk, tuple_of
from .calls import Calls
from .flow import place_of, unseen
from .operations import LEFT_BY_LOOPS
from .stack import Assertion, Iterated, Null, Value

NOTHING = {"RESUME", "NOP", "CACHE", "PRECALL", "COPY_FREE_VARS", "EXTENDED_ARG", "TO_BOOL"}
JUMPS = {
    "JUMP_IF_TRUE": (True, None), "JUMP_IF_FALSE": (False, None), "JUMP_IF_NONE": (True, "is_"),
    "JUMP_IF_NOT_NONE": (True, "is_not"),
}  # fmt: skip


class PieceWriter(Calls):
    """Translates the instructions of a piece, jumps among them."""

    def write(self) -> None:
        """Translate the instructions of the piece."""
        for instruction in self._piece.instructions:
            self._instruction = instruction
            self._at = self._function.at(instruction)
            if instruction.opname not in NOTHING:
                self._method(instruction.opname)(instruction)
        if self._piece.after and not self.after:
            (following,) = self._piece.after
            self._make_all()
            self.body += self._go(following, self._state)

    def _method(self, name: str) -> Callable[[Any], None]:
        if name.startswith("POP_JUMP"):
            return self._pop_jump
        method = getattr(self, f"_{name.lower()}", None)
        if method is None:
            raise unseen(f"the instruction {name}", self._code, place_of(self._code, self._instruction))
        return method

    def _call_intrinsic_1(self, instruction: Any) -> None:
        self._method(instruction.argrepr.removeprefix("INTRINSIC_"))(instruction)

    # -- jumps

    def _raise_varargs(self, instruction: Any) -> None:
        given = self._pop_many(instruction.arg)
        if given and isinstance(given[0], Assertion):
            message = [thunk(self._load(each)) for each in given[0].arguments]
            self._do("assert_", Value(constant=False), *message)
        else:
            self._do("raise_", *map(self._value, given))

    def _load_assertion_error(self, instruction: Any) -> None:
        self._push(Assertion())

    def _jump_forward(self, instruction: Any) -> None:
        self._make_all()
        self.body += self._go(instruction.argval, self._state)

    _jump_backward = _jump_backward_no_interrupt = _jump_forward

    def _get_iter(self, instruction: Any) -> None:
        self._push(Iterated(self._pop_value()))

    def _for_iter(self, instruction: Any) -> None:
        self._make_all()
        item = self._new(self._protocol("step", self._state.stack[-1]))
        ended, following = self._state.copy(), self._state
        taken = Value(self._function.temporary())
        following.stack.append(taken)
        if LEFT_BY_LOOPS:
            ended.stack.append(Null())
        else:
            ended.stack.pop()
        take = assign(tuple_of([store(taken.name or "", self._at)], self._at, gast.Store), self._load(item), self._at)
        body, end = self._piece.after
        self._if(item, [take, *self._go(body, following)], self._go(end, ended))

    def _pop_jump(self, instruction: Any) -> None:
        kind = instruction.opname.removeprefix("POP_").replace("_FORWARD", "").replace("_BACKWARD", "")
        jumps_if, asked = JUMPS[kind]
        test: Any = self._pop_value()
        self._make_all()
        if asked is not None:
            test = self._protocol(asked, test, Value())
        self._branch(test, jumps_if, self._state.copy())

    def _jump_or_pop(self, instruction: Any) -> None:
        test = self._pop_value()
        self._make_all()
        jumped = self._state.copy()
        jumped.stack.append(test)
        self._branch(test, "TRUE" in instruction.opname, jumped)

    _jump_if_true_or_pop = _jump_if_false_or_pop = _jump_or_pop

    def _if(self, flag: Value, then: Sequence[Any], otherwise: Sequence[Any]) -> None:
        self.body.append(located(gast.If(self._load(flag), list(then), list(otherwise)), self._at))

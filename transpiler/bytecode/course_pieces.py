"""Translates a piece into a function of what the stack holds, see ``courses``.

    LOAD_FAST x; POP_JUMP_IF_FALSE 30       def piece1(s0):
                                                t1 = variables.x
                                                return (t1, (2, (s0,)), (3, (s0,)))
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import gast

from ..courses import END
from ..template import assign, constant, load, located, parameters, quote, store, tuple_of
from .flow import Piece
from .operations import LEFT_BY_LOOPS
from .pieces import PieceWriter
from .stack import ARGUMENT, Caught, Iterated, Null, Outer, Packed, Sent, State, Value

if TYPE_CHECKING:
    from .course_bodies import CourseBody

HAS_END_SEND = LEFT_BY_LOOPS > 0   # since Python 3.12 the iterator stays on the stack behind ``yield from``


class CoursePieceWriter(PieceWriter):
    """Translates the instructions of a piece of a course.

    ``follows``: the pieces that may follow, END for the end of the function.
    """

    def __init__(self, body: CourseBody, state: State, piece: Piece) -> None:
        super().__init__(body, state, piece)
        self._course = body
        self.handled = sum(isinstance(entry, Caught) for entry in state.stack)
        self.takes = [entry.value if isinstance(entry, Packed) else entry for entry in state.stack
                      if isinstance(entry, Value | Packed)]  # fmt: skip
        self.follows: list[int] = []
        self._assigned: set[str] = set()
        self._is_test = False

    def write(self) -> None:
        if self._state.stack:
            self._at = self._function.at(self._piece.instructions[0])
            self._begin(self._state.stack[-1])
        super().write()

    def _begin(self, top: Any) -> None:
        """Take what the piece before could not take."""
        if isinstance(top, Packed) and top.is_result:
            self._state.stack[-1] = self._new(self._protocol("result_of", top.value))
        elif isinstance(top, Packed):
            self._state.stack[-1] = self._new(self._protocol("get_item", top.value, Value(constant=0)))
        elif isinstance(top, Sent) and not top.passes_on:
            received = self._protocol("received", load(self._course.receive, self._at))
            self._state.stack[-1] = self._new(received)
        elif isinstance(top, Sent):
            self._state.stack[-1] = Value(constant=True)

    def function(self, name: str) -> Any:
        """The function of the piece."""
        at = self._function.at(self._piece.instructions[0])
        shared = [located(gast.Nonlocal(sorted(self._assigned)), at)] if self._assigned else []
        body = [*shared, *self.body]
        (made,) = quote("def piece():\n    body", at, piece=name, body=body or [located(gast.Pass(), at)])
        made.args = parameters([value.name or "" for value in self.takes], at)
        return made

    # -- variables

    def _variable(self, generated: str, context: type = gast.Load) -> Any:
        name = self._course.attribute(generated)
        return located(gast.Attribute(load(self._course.variables, self._at), name, context()), self._at)

    def _push_local(self, name: str) -> None:
        generated = self._state.names[name]
        if name == ARGUMENT and not self._function.is_generator:
            self._push(Value(generated))
        elif name == ARGUMENT:
            self._push(Iterated(Value(generated), self._course.iterating(self._instruction.offset)))
        elif name in self._function.outer:
            self._push(Outer(name))
        elif generated in self._course.shared or generated == name and name in self._function.cells:
            self._push(Value(generated))
        else:
            self._push(self._new(self._variable(generated)))

    def _keep(self, name: str) -> None:
        """What the stack holds of a variable has a variable of its own."""

    def _make_cell(self, instruction: Any) -> None:
        """The cells of the function are made where it begins; one of a comprehension is made here."""
        generated = self._state.names[instruction.argval]
        if generated != instruction.argval:
            self._course.shared.add(generated)
            self._assigned.add(generated)
            self.body.append(assign(store(generated, self._at), self._protocol("scope"), self._at))

    # -- where it goes on

    def _way(self, offset: int, state: State) -> Any:
        """The piece at ``offset`` and its stack, which begins in ``state``."""
        stack: list[Any] = []
        given: list[Any] = []
        for i, entry in enumerate(state.stack):
            value = entry.value if isinstance(entry, Packed) else entry
            if not isinstance(value, Value):
                stack.append(entry)
                continue
            place = replace(value, name=self._function.place(i), constant=None, of=None)
            stack.append(replace(entry, value=place) if isinstance(entry, Packed) else place)
            given.append(self._load(value))
        self.after[offset] = State(stack, dict(state.names), self._function.always_bound)
        self.follows.append(offset)
        return tuple_of([self._course.number(offset, self._at), tuple_of(given, self._at)], self._at)

    def _go(self, offset: int, state: State) -> list[Any]:
        return [located(gast.Return(self._way(offset, state)), self._at)]

    def _result(self, value: Value) -> Any:
        return located(gast.Return(self._end(value)), self._at)

    def _end(self, value: Value) -> Any:
        """The end of the function, which gives ``value``."""
        self.follows.append(END)
        return tuple_of([constant(END, self._at), tuple_of([self._load(value)], self._at)], self._at)

    def _choose(self, test: Any, then: Any, otherwise: Any) -> None:
        test = self._protocol("decided", test)
        self.body.append(located(gast.Return(tuple_of([test, then, otherwise], self._at)), self._at))

    def _branch(self, test: Any, jumps_if: bool, jumped: State) -> None:
        following, target = self._piece.after
        loaded = self._load(test) if isinstance(test, Value) else test
        ways = [self._way(target, jumped), self._way(following, self._state)]
        self._choose(loaded, *(ways if jumps_if else ways[::-1]))

    def _get_iter(self, instruction: Any) -> None:
        self._push(Iterated(self._pop_value(), self._course.iterating(instruction.offset)))

    def _for_iter(self, instruction: Any) -> None:
        if not self._course.is_resumed(instruction.offset):
            super()._for_iter(instruction)
            return
        self._make_all()
        item = self._new(self._protocol("advance", self._state.stack[-1]))
        ended, following = self._state.copy(), self._state
        if LEFT_BY_LOOPS:
            ended.stack.append(Null())
        else:
            ended.stack.pop()
        following.stack.append(Packed(item))
        body, end = self._piece.after
        self._choose(self._load(item), self._way(body, following), self._way(end, ended))

    # -- exceptions

    def _push_exc_info(self, instruction: Any) -> None:
        """The state that a handler begins in says it."""

    def _check_exc_match(self, instruction: Any) -> None:
        types = self._pop_value()
        self.body.append(located(gast.Return(self._load(types)), self._at))
        for offset in self._piece.after:
            self._way(offset, self._state.copy())
        self._is_test = True

    def _pop_jump(self, instruction: Any) -> None:
        if not self._is_test:
            super()._pop_jump(instruction)

    def _pop_except(self, instruction: Any) -> None:
        entry = self._pop()
        assert isinstance(entry, Caught), entry

    def _reraise(self, instruction: Any) -> None:
        self._do("raise_again")

    def _before_with(self, instruction: Any) -> None:
        manager = self._pop_value()
        if manager.name is None:
            manager = self._new(self._load(manager))
        self._push(replace(manager, is_manager=True))
        self._push(self._new(self._protocol("enter", manager)))

    def _with_except_start(self, instruction: Any) -> None:
        manager, error = self._state.stack[-4], self._state.stack[-1]
        self._push(self._new(self._protocol("leave", manager, error)))

    # -- generators

    def _yield_value(self, instruction: Any) -> None:
        value = self._pop_value()
        if not self._course.resumes:
            self._hand_over(value)
            return
        (following,) = self._piece.after
        self._make_all()
        sent = Sent(self._course.passes_on(instruction.offset))
        way = self._way(following, replace(self._state, stack=[*self._state.stack, sent]))
        self.follows[-1] = END
        self._course.waits(following, sum(isinstance(entry, Value) for entry in self._state.stack))
        number, stack = way.elts
        self._course.make_wait(number)
        stack.elts.insert(0, self._load(value))
        self.body.append(located(gast.Return(way), self._at))

    def _hand_over(self, value: Value) -> None:
        """Give a value to what consumes the generator, and end where that wants no more."""
        consumer = Value(self._function.consumer)
        if self._course.raises:
            self._push(self._new(self._protocol("yield_", consumer, value)))
            return
        state = self._new(self._variable(self._function.state))
        given = self._new(self._protocol("give", consumer, state, value))
        self.body.append(assign(self._variable(self._function.state, gast.Store), self._load(given), self._at))
        ended = self._protocol("ended", consumer, given)
        self._push(Value())
        self._make_all()
        (following,) = self._piece.after
        self._choose(ended, self._end(Value()), self._way(following, self._state))

    def _get_yield_from_iter(self, instruction: Any) -> None:
        if self._course.resumes:
            self._push(self._new(self._protocol("iterator", self._pop_value())))
        else:
            self._push(self._pop_value())

    def _send(self, instruction: Any) -> None:
        sent, items = self._pop_value(), self._pop_value()
        following, target = self._piece.after
        rest = list(self._state.stack)
        kept = [items] if HAS_END_SEND else []
        if not self._course.resumes:
            result = self._new(self._protocol("yield_from", Value(self._function.consumer), items))
            self.body += self._go(target, replace(self._state, stack=[*rest, *kept, result]))
            return
        receive = load(self._course.receive, self._at)
        item = self._new(self._protocol("advance", items, receive, sent))
        result = Packed(items, is_result=True)
        given = replace(self._state, stack=[*rest, items, Packed(item)])
        ended = replace(self._state, stack=[*rest, *kept, result])
        self._choose(self._load(item), self._way(following, given), self._way(target, ended))

    def _end_send(self, instruction: Any) -> None:
        result = self._pop()
        self._pop()
        self._push(result)

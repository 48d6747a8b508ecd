"""Puts the pieces of a code object together where exceptions are handled, or a generator goes on in the middle.

    variables = scope()
    variables.x = x
    def piece0():
        ...
        return (1, (t3,))
    def piece1(s0):
        ...
        return (-1, (t5,))
    return follow((piece0, piece1), (((1,), (), 0, 7), ((-1,), (0,), 0, 8)), ((0, (), 2),))

What each piece and each handler is beside its statements, the last arguments say: see ``courses``.
"""

from __future__ import annotations

import dis
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import gast

from ..courses import END, waiting
from ..names import SCOPE_METHODS
from ..template import assign, call, constant, load, located, store, tuple_of
from .bodies import Body
from .course_pieces import CoursePieceWriter
from .flow import Flow
from .stack import ARGUMENT, Caught, Mark, Saved, State, Value

if TYPE_CHECKING:
    from .functions import Function


class CourseBody(Body):
    """The pieces as functions.

    ``receive`` names what gives what is sent to a generator, where that goes on item by item; ``raises``: one that
    hands its items over is ended by an exception.
    """

    def __init__(self, function: Function, flow: Flow, receive: str = "", raises: bool = False) -> None:
        super().__init__(function, flow)
        self.receive = receive
        self.raises = raises
        self.resumes = bool(receive)
        self.variables = self.fresh("variables")
        self.shared: set[str] = set()
        self._targets: list[tuple[Any, int, bool]] = []   # constants that stand for pieces, and whether one waits
        self._waits: dict[int, int] = {}
        self._instructions = list(dis.get_instructions(self.code))
        self._resumed = self._resumed_loops() if self.resumes else set()

    # -- what is made

    def first(self) -> list[Any]:
        """Statements that come before the first piece: variables have the values of the arguments."""
        at, made = self._start, []
        made.append(assign(store(self.variables, at), call(load(self.call("scope"), at), [], at), at))
        kept = [self.state] if self.is_generator and not self.raises and not self.resumes else []
        for name in (*kept, *self.parameters):
            if name != ARGUMENT and name not in self.code.co_cellvars:
                target = gast.Attribute(load(self.variables, at), self.attribute(name), gast.Store())
                made.append(assign(located(target, at), load(name, at), at))
        for name in self.code.co_cellvars:
            cell = self.temporary()
            made.append(assign(store(cell, at), call(load(self.call("scope"), at), [], at), at))
            if name in self.parameters:
                target = gast.Attribute(load(cell, at), name, gast.Store())
                made.append(assign(located(target, at), load(name, at), at))
            made.append(assign(store(name, at), load(cell, at), at))
        return made

    def pieces(self) -> tuple[list[Any], list[Any]]:
        """The functions of the pieces, and what says of them and the handlers how they belong together."""
        writers: Any = self._written()
        numbers = {offset: number for number, offset in enumerate(writers)}
        for node, offset, waits in self._targets:
            node.value = waiting(numbers[offset]) if waits else numbers.get(offset, END)
        watching = [offset for offset in self._flow.handlers if self._first(offset) in writers]
        names = {offset: self.fresh(f"piece{number}") for offset, number in numbers.items()}
        functions = [writer.function(names[offset]) for offset, writer in writers.items()]
        facts = tuple([
            (tuple([numbers.get(each, END) for each in writer.follows]),
             tuple([watching.index(each) for each in self._flow.pieces[offset].watched]),
             writer.handled,
             self.at(self._flow.pieces[offset].instructions[-1]).lineno)
            for offset, writer in writers.items()
        ])  # fmt: skip
        handlers = tuple([self._handler_facts(offset, numbers) for offset in watching])
        listed = tuple_of([load(name, self._start) for name in names.values()], self._start)
        self.sizes = self._literal(tuple([(numbers[offset], size) for offset, size in self._waits.items()]))
        shared = [assign(store(name, self._start), constant(None, self._start), self._start)
                  for name in sorted(self.shared)]  # fmt: skip
        return [*shared, *functions], [listed, self._literal(facts), self._literal(handlers)]

    def _literal(self, value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple_of(list(map(self._literal, value)), self._start)
        return constant(value, self._start)

    def _handler_facts(self, offset: int, numbers: dict[int, int]) -> tuple[Any, ...]:
        handler = self._flow.handlers[offset]
        clauses = tuple([(numbers[clause.test], numbers[clause.body]) for clause in handler.clauses])
        return self._found[offset], clauses, None if handler.rest is None else numbers[handler.rest]

    def _first(self, offset: int) -> int:
        """The piece that a handler begins with."""
        handler = self._flow.handlers[offset]
        return handler.clauses[0].test if handler.clauses else offset

    # -- states

    def _writer(self, offset: int, state: State) -> CoursePieceWriter:
        writer = CoursePieceWriter(self, state, self._flow.pieces[offset])
        writer.write()
        return writer

    _found: dict[int, int]   # how many values each handler finds on the stack

    def _written(self) -> Any:
        self._found = {}
        return super()._written()

    def _handlers(self, offset: int, state: State) -> dict[int, State]:
        return {self._first(each): self._handled(each, state) for each in self._flow.pieces[offset].watched}

    def _handled(self, offset: int, state: State) -> State:
        """The state in which a handler of a piece begins that begins in ``state``."""
        handler = self._flow.handlers[offset]
        names = dict(state.names)
        for entry in reversed(state.stack[handler.depth :]):
            if isinstance(entry, Saved):
                names[entry.name] = entry.generated
        stack = list(state.stack[: handler.depth])
        self._found[offset] = sum(isinstance(entry, Value) for entry in stack)
        stack += [Mark()] if handler.keeps_place else []
        stack += [Caught()] if handler.is_handling else []
        stack.append(Value(self.place(len(stack))))
        return State(stack, names, self.always_bound)

    # -- what the writers of its pieces ask for

    def attribute(self, name: str) -> str:
        """The attribute that holds a variable."""
        while name in SCOPE_METHODS or hasattr(object, name):
            name += "_"
        return name

    def number(self, offset: int, at: Any) -> Any:
        """A constant for the piece at ``offset``, whose number is known when all are written."""
        node = constant(END, at)
        self._targets.append((node, offset, False))
        return node

    def make_wait(self, node: Any) -> None:
        """Let a constant of ``number`` be the place of a generator that waits there."""
        self._targets = [(each, offset, waits or each is node) for each, offset, waits in self._targets]

    def waits(self, offset: int, size: int) -> None:
        """Note that a generator goes on at ``offset``, with so many values on the stack."""
        self._waits[offset] = size

    def iterating(self, offset: int) -> str:
        """The call that makes what the next loop after an instruction goes over."""
        loops = (each.offset for each in self._instructions if each.offset > offset and each.opname == "FOR_ITER")
        return "iterator" if self.is_resumed(next(loops, -1)) else "steps"

    def is_resumed(self, offset: int) -> bool:
        """Whether a generator waits within the loop at ``offset``, and goes on there."""
        return offset in self._resumed

    def passes_on(self, offset: int) -> bool:
        """Whether the YIELD_VALUE at ``offset`` is one of ``yield from``."""
        before = [each for each in self._instructions if each.offset < offset and each.opname != "CACHE"]
        return before[-1].opname == "SEND"

    def _resumed_loops(self) -> set[int]:
        """The loops that a generator waits in."""
        pieces = self._flow.pieces
        waits = [offset for offset, piece in pieces.items() if piece.instructions[-1].opname == "YIELD_VALUE"]
        found = set()
        for offset, piece in pieces.items():
            last = piece.instructions[-1]
            if last.opname == "FOR_ITER":
                inside = self._reached(piece.after[0], {offset, piece.after[1]})
                if any(wait in inside and offset in self._reached(wait, set()) for wait in waits):
                    found.add(last.offset)
        return found

    def _reached(self, start: int, borders: set[int]) -> set[int]:
        found: set[int] = set()
        pending: list[int] = [start]
        while pending:
            offset = pending.pop()
            if offset not in found and offset not in borders:
                found.add(offset)
                piece = self._flow.pieces[offset]
                pending += [*piece.after, *self._bodies_of(piece.watched)]
        return found

    def _bodies_of(self, watched: Sequence[int]) -> list[int]:
        handlers = [self._flow.handlers[each] for each in watched]
        return [each.rest if each.rest is not None else each.clauses[0].body for each in handlers]

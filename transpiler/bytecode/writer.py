"""What writes generated code: the stack of a piece, and what becomes of its entries.

Displays and functions are put off until they are complete, since several instructions make one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import gast

from ..template import assign, call, constant, load, located, statement, store, tuple_of
from .flow import Piece, place_of, unseen
from .stack import Display, Entry, Iterated, Spread, State, Unfinished, Value, replaced

if TYPE_CHECKING:
    from .bodies import Body

DEFAULTS, KEYWORD_DEFAULTS, ANNOTATIONS, CELLS = 1, 2, 4, 8   # what a function may be given
EXPRESSION = "<genexpr>"
COMPREHENSIONS = {"<listcomp>", "<setcomp>", "<dictcomp>", EXPRESSION}


class Writer:
    """Writes the statements of one piece into ``body``.

    ``after`` are the states in which the pieces that follow begin, by their offsets.  ``_go`` and ``_branch`` go on
    with them, see ``course_pieces``.
    """

    _go: Callable[[int, State], list[Any]]
    _branch: Callable[[Any, bool, State], None]

    def __init__(self, function: Body, state: State, piece: Piece) -> None:
        self._function = function
        self._code = function.code
        self._state = state
        self._piece = piece
        self._keywords: tuple[str, ...] = ()   # of the call that comes next
        self._at: Any = None
        self._instruction: Any = None
        self.body: list[Any] = []
        self.after: dict[int, State] = {}

    # -- the stack

    def _push(self, entry: Entry) -> None:
        self._state.stack.append(entry)

    def _pop(self) -> Any:
        return self._state.stack.pop()

    def _pop_many(self, count: int) -> list[Any]:
        popped = [self._pop() for _ in range(count)]
        return popped[::-1]

    def _value(self, entry: Entry) -> Value:
        """``entry`` as one value: what was put off is made now."""
        match entry:
            case Value():
                return entry
            case Display():
                return self._made(entry)
            case Unfinished():
                return self._finished(entry)
            case Iterated(value, by):
                return self._new(self._protocol(by, value))
        raise AssertionError(f"{entry} is used as a value")

    def _pop_value(self) -> Value:
        return self._value(self._pop())

    def _pop_values(self, count: int) -> list[Value]:
        return list(map(self._value, self._pop_many(count)))

    # -- generated code

    def _load(self, value: Value) -> Any:
        if value.name is None:
            return constant(value.constant, self._at)
        return load(value.name, self._at)

    def _loads(self, values: Sequence[Value]) -> list[Any]:
        return list(map(self._load, values))

    def _new(self, expression: Any, **facts: Any) -> Value:
        """The value of ``expression``, computed here."""
        name = self._function.temporary()
        self.body.append(assign(store(name, self._at), expression, self._at))
        return Value(name, **facts)

    def _protocol(self, name: str, *arguments: Value | Any) -> Any:
        """A call of the protocol."""
        given = [self._load(each) if isinstance(each, Value) else each for each in arguments]
        return call(load(self._function.call(name), self._at), given, self._at)

    def _do(self, name: str, *arguments: Value | Any) -> None:
        self.body.append(statement(self._protocol(name, *arguments), self._at))

    def _variable(self, generated: str, context: type = gast.Load) -> Any:
        """A variable of the function."""
        return located(gast.Name(generated, context(), None, None), self._at)

    def _text(self, text: str) -> Any:
        return constant(text, self._at)

    def _attribute(self, value: Value, name: str, context: type = gast.Load) -> Any:
        return located(gast.Attribute(self._load(value), name, context()), self._at)

    def _keep(self, name: str) -> None:
        """Give what the stack holds of a variable that changes now a variable of its own."""
        held, stack = Value(name), self._state.stack
        if any(replaced(entry, held, Value()) != entry for entry in stack):
            kept = self._new(load(name, self._at))
            self._state.stack = [replaced(entry, held, kept) for entry in stack]

    # -- displays

    def _mapping(self, entry: Entry) -> Spread:
        """What ``**`` stands before in a call, as it is now."""
        value = self._new(located(gast.Dict([None], [self._load(self._value(entry))]), self._at))
        return Spread(value, value)

    def _spread(self, value: Value) -> Spread:
        return Spread(value, self._new(self._protocol("star", value)))

    def _made(self, display: Display) -> Value:
        """The value that a display is."""
        if display.is_merged:
            place = place_of(self._code, self._instruction)
            raise unseen("a test among keyword arguments with '**'", self._code, place)
        if display.kind == "tuple" and not any(isinstance(item, Spread) for item in display.items):
            return self._new(tuple_of(self._loads(display.items), self._at))
        return self._new(self._protocol(f"new_{display.kind}", *map(self._item, display.items)))

    def _item(self, item: Any) -> Any:
        if isinstance(item, Spread):
            return self._load(item.starred)
        return tuple_of(self._loads(item), self._at) if isinstance(item, tuple) else self._load(item)

    # -- functions

    def _finished(self, function: Unfinished) -> Value:
        """The function, with what it was given; one of a comprehension is no value, and is called as it is."""
        code, given = function.code, function.given
        maker, names = self._function.inner(code)
        cells = dict(zip(code.co_freevars, given[CELLS].items, strict=True)) if CELLS in given else {}
        made = call(load(maker, self._at), [self._load(cells[name]) for name in names], self._at)
        if code.co_name in COMPREHENSIONS:
            return self._new(made, is_own=True)
        value = self._new(made)
        if DEFAULTS in given:
            self._give(value, "__defaults__", self._load(self._value(given[DEFAULTS])))
        if KEYWORD_DEFAULTS in given:
            self._give(value, "__kwdefaults__", self._named(given[KEYWORD_DEFAULTS]))
        return self._new(self._protocol("function_", value))

    def _give(self, function: Value, name: str, value: Any) -> None:
        self.body.append(assign(self._attribute(function, name, gast.Store), value, self._at))

    def _named(self, defaults: Any) -> Any:
        """The defaults of parameters that are given by name, as a dict of Python's."""
        if not isinstance(defaults, Display):
            raise unseen("a test in an annotation", self._code, place_of(self._code, self._instruction))
        keys, values = ([item[i] for item in defaults.items] for i in (0, 1))
        return located(gast.Dict(self._loads(keys), self._loads(values)), self._at)

    # -- jumps

    def _make_all(self) -> None:
        """Make what was put off: a display or function is made in the piece that it begins in."""
        stack = self._state.stack
        for i, entry in enumerate(stack):
            if isinstance(entry, Display | Unfinished | Iterated):
                stack[i] = self._value(entry)

"""Puts the pieces of a code object together, and translates the functions inside of it.

A function of one piece is that piece.  Else ``at`` says which piece is next:

    at = 0
    while True:
        match at:
            case 0:
                t1 = steps(x)
                (s0,) = (t1,)
                at = 1
            case 1: ...

A function inside is made by a function of its cells, so that each one that is made keeps those of its time.
"""

from __future__ import annotations

import dis
import inspect
import types
from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

import gast

from ..protocol import CALLS
from ..source import nested_codes
from ..template import assign, constant, load, located, parameter, parameters, quote, statement, store, tuple_of
from .flow import pieces_of
from .pieces import PieceWriter
from .stack import ARGUMENT, State


@dataclass(frozen=True)
class Translated:
    """A translated function.

    ``protocol`` maps printed names to the names of the protocol, ``codes`` names of functions as printed to what they
    were translated from.
    """

    tree: gast.FunctionDef
    protocol: Mapping[str, str]
    codes: Mapping[str, types.CodeType]


def translate(code: types.CodeType) -> Translated:
    """Translate a code object.  Raises NoSource for what is not translated, such as a ``try`` block."""
    names = Names(code)
    tree = Function(code, {*code.co_freevars}, set(), names).tree()
    return Translated(tree, names.protocol, names.codes)


class Names:
    """The names in what is made of a code object: none is one of the user's."""

    def __init__(self, code: types.CodeType) -> None:
        self._taken = {
            name
            for each in nested_codes(code)
            for name in (*each.co_names, *each.co_varnames, *each.co_cellvars, *each.co_freevars)
        }
        self._counts: defaultdict[str, int] = defaultdict(int)
        self._printed = {name: self.fresh(name) for name in CALLS}
        self.protocol: dict[str, str] = {}
        self.codes: dict[str, types.CodeType] = {}
        self.outermost = code

    def call(self, name: str) -> str:
        """How the call ``name`` of the protocol is printed."""
        printed = self._printed[name]
        self.protocol[printed] = name
        return printed

    def fresh(self, base: str) -> str:
        """A name for ``base`` that was not given before, with a number if it is one of the user's."""
        name = base
        while not name.isidentifier() or name in self._taken:
            self._counts[base] += 1
            name = f"{base}_{self._counts[base]}" if base.isidentifier() else f"part_{self._counts[base]}"
        self._taken.add(name)
        return name

    def temporary(self) -> str:
        """A name for an intermediate result."""
        self._counts[""] += 1
        return self.fresh(f"t{self._counts['']}")

    def function(self, code: types.CodeType) -> str:
        """A name for the function that ``code`` is translated to."""
        name = self.fresh(code.co_name if code.co_name.isidentifier() else code.co_name.strip("<>") + "_")
        self.codes[name] = code
        return name


class Function:
    """Translates one code object.

    ``outer`` are its variables from outside of all that is translated, ``around`` the variables of the translated
    functions around it.
    """

    def __init__(self, code: types.CodeType, outer: Set[str], around: Set[str], names: Names) -> None:
        self.code = code
        self.outer = outer
        self.outermost = names.outermost
        self.cells = {*code.co_cellvars, *code.co_freevars} - outer
        starred = (code.co_flags & inspect.CO_VARARGS, code.co_flags & inspect.CO_VARKEYWORDS)
        number = code.co_argcount + code.co_kwonlyargcount + sum(map(bool, starred))
        self.parameters = code.co_varnames[:number]
        self._names = names
        self._around = around
        self._start = _placed(code)
        self._makers: list[Any] = []
        self._inner: dict[int, tuple[str, tuple[str, ...]]] = {}
        self._places: list[str] = []
        self._generated = {name: name for name in (*code.co_varnames, *code.co_cellvars, *code.co_freevars)}
        if self.parameters[:1] == (ARGUMENT,):
            self._generated[ARGUMENT] = names.fresh("values")
        self._pieces = pieces_of(code)
        self._numbers = {offset: number for number, offset in enumerate(self._pieces)}
        self._next = names.fresh("at") if len(self._pieces) > 1 else ""
        self.is_generator = bool(code.co_flags & inspect.CO_GENERATOR)
        self.consumer = names.fresh("consumer") if self.is_generator else ""
        self.state = names.fresh("state") if self.is_generator else ""
        deleted = {
            instruction.argval
            for piece in self._pieces.values()
            for instruction in piece.instructions
            if instruction.opname == "DELETE_FAST"
        }
        self.always_bound = frozenset(self.parameters) - deleted

    def tree(self) -> gast.FunctionDef:
        """The translated function, without defaults and annotations."""
        written = self._written()
        body = written[0] if len(written) == 1 else self._dispatch(written)
        body = [*self._declared(), *self._makers, *(self._generator(body) if self.is_generator else body)]
        cells = tuple([types.CellType() for _ in self.code.co_freevars])
        documented = types.FunctionType(self.code, {}, closure=cells).__doc__
        if documented is not None:
            body.insert(0, statement(constant(documented, self._start), self._start))
        text = "def name():\n    body"
        (made,) = quote(text, self._start, name=self._names.function(self.code), body=body)
        made.args = self._arguments()
        return made

    def _generator(self, body: list[Any]) -> list[Any]:
        """Statements of a generator function, whose ``body`` gives all items to a consumer."""
        arguments = [self._generated[name] for name in self.parameters]
        text = "def run():\n    body\nreturn generator(run, arguments)"
        given = tuple_of([load(name, self._start) for name in arguments], self._start)
        made = quote(text, self._start, run=self._names.fresh("run"), body=body, arguments=given,
                     generator=self.call("generator"))  # fmt: skip
        made[0].args = parameters([self.consumer, self.state, *arguments], self._start)
        return made

    def _written(self) -> list[list[Any]]:
        """The statements of the pieces, in their order."""
        states = {0: State([], dict(self._generated), self.always_bound)}
        waiting, written = [0], {}
        while waiting:
            offset = waiting.pop()
            writer = PieceWriter(self, states[offset].copy(), self._pieces[offset])
            writer.write()
            written[offset] = writer.body
            for following, state in writer.after.items():
                if following not in states:
                    states[following] = state
                    waiting.append(following)
        return [written[offset] for offset in self._pieces]

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

    def _declared(self) -> list[Any]:
        """Globals that have the name of a variable of a translated function around this one."""
        read = {
            instruction.argval
            for piece in self._pieces.values()
            for instruction in piece.instructions
            if instruction.opname == "LOAD_GLOBAL"
        }
        names = sorted((read | self.outer) & self._around)
        return [located(gast.Global(names), self._start)] if names else []

    def _arguments(self) -> gast.arguments:
        code, names = self.code, iter([self._generated[name] for name in self.parameters])
        given = [parameter(next(names), self._start) for _ in range(code.co_argcount)]
        named = [parameter(next(names), self._start) for _ in range(code.co_kwonlyargcount)]
        rest = parameter(next(names), self._start) if code.co_flags & inspect.CO_VARARGS else None
        others = parameter(next(names), self._start) if code.co_flags & inspect.CO_VARKEYWORDS else None
        only = code.co_posonlyargcount
        return gast.arguments(given[only:], given[:only], rest, named, [None for _ in named], others, [])

    # -- what the writers of its pieces ask for

    def call(self, name: str) -> str:
        """How the call ``name`` of the protocol is printed."""
        return self._names.call(name)

    def fresh(self, base: str) -> str:
        """A variable of generated code."""
        return self._names.fresh(base)

    def temporary(self) -> str:
        """A variable of generated code for an intermediate result."""
        return self._names.temporary()

    def place(self, index: int) -> str:
        """The variable that holds a place of the stack from one piece to the next."""
        while len(self._places) <= index:
            self._places.append(self._names.fresh(f"s{len(self._places)}"))
        return self._places[index]

    def at(self, instruction: dis.Instruction) -> Any:
        """A node that stands where ``instruction`` does."""
        return _placed(self.code, instruction)

    def go(self, offset: int, at: Any) -> list[Any]:
        """Statements that go on with the piece at ``offset``."""
        return [assign(store(self._next, at), constant(self._numbers[offset], at), at)]

    def inner(self, code: types.CodeType) -> tuple[str, tuple[str, ...]]:
        """The function that makes functions of ``code``, and the cells of this function that it takes."""
        found = self._inner.get(id(code))
        if found is None:
            outer = {name for name in code.co_freevars if name in self.outer}
            cells = tuple([name for name in code.co_freevars if name not in outer])
            around = {*self._around, *self.code.co_varnames, *self.code.co_cellvars, *self.code.co_freevars}
            tree = Function(code, outer, around, self._names).tree()
            made, text = self._names.fresh("make"), "def make():\n    function\n    return name"
            (maker,) = quote(text, tree, make=made, function=[tree], name=tree.name)
            maker.args = parameters(cells, tree)
            self._makers.append(maker)
            found = self._inner[id(code)] = made, cells
        return found


def _placed(code: types.CodeType, instruction: dis.Instruction | None = None) -> Any:
    """A node that stands where ``instruction`` does, or where ``code`` begins."""
    line, column, last, end = code.co_firstlineno, 0, None, None
    where = instruction.positions if instruction is not None else None
    if where is not None and where.lineno is not None:
        line, column, last, end = where.lineno, where.col_offset or 0, where.end_lineno, where.end_col_offset
    return gast.Pass(lineno=line, col_offset=column, end_lineno=last or line, end_col_offset=end or column)

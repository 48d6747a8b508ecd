"""Translates a function: its pieces are put together, generators get their two forms, and so do functions inside.

A function inside is made by a function of its cells, so that each one that is made keeps those of its time.
"""

from __future__ import annotations

import copy
import dis
import inspect
import types
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

import gast

from ..template import assign, call, constant, load, located, parameter, parameters, quote, statement, store, tuple_of
from .bodies import Straight
from .course_bodies import CourseBody
from .flow import flow_of
from .names import Names
from .stack import ARGUMENT

MAY_STOP = {"next", "StopIteration"}   # names of what a generator turns into RuntimeError


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
    """Translate a code object.  Raises NoSource for what is not translated, such as a class."""
    names = Names(code)
    tree = Function(code, {*code.co_freevars}, set(), names).tree()
    return Translated(tree, names.protocol, names.codes)


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
        self.start = _placed(code)
        self.generated = {name: name for name in (*code.co_varnames, *code.co_cellvars, *code.co_freevars)}
        if self.parameters[:1] == (ARGUMENT,):
            self.generated[ARGUMENT] = names.fresh("values")
        self.is_generator = bool(code.co_flags & inspect.CO_GENERATOR)
        self.consumer = names.fresh("consumer") if self.is_generator else ""
        self.state = names.fresh("state") if self.is_generator else ""
        self._names = names
        self._around = around
        self._makers: list[Any] = []
        self._inner: dict[int, tuple[str, tuple[str, ...]]] = {}
        self._flow = flow_of(code)

    def tree(self) -> gast.FunctionDef:
        """The translated function, without defaults and annotations."""
        body = [*self._declared(), *(self._generator() if self.is_generator else self._statements())]
        cells = tuple([types.CellType() for _ in self.code.co_freevars])
        documented = types.FunctionType(self.code, {}, closure=cells).__doc__
        if documented is not None:
            body.insert(0, statement(constant(documented, self.start), self.start))
        text = "def name():\n    body"
        (made,) = quote(text, self.start, name=self._names.function(self.code), body=body)
        made.args = self._arguments()
        return made

    def _statements(self) -> list[Any]:
        if not self._flow.handlers and len(self._flow.pieces) == 1:
            statements = Straight(self, self._flow).statements()
            return [*self._makers, *statements]
        body = CourseBody(self, self._flow)
        first = body.first()
        functions, facts = body.pieces()
        followed = call(load(self.call("follow"), self.start), facts, self.start)
        return [*self._makers, *first, *functions, located(gast.Return(followed), self.start)]

    # -- generators

    def _generator(self) -> list[Any]:
        """Statements of a generator function: ``run`` gives all items to a consumer, ``frame`` goes on to the next.

        Each has the functions that make those inside, since it may be a value.
        """
        raises = bool(self._flow.handlers) or bool(MAY_STOP & {*self.code.co_names}) or self._has("GET_YIELD_FROM_ITER")
        run, frame = self.fresh("run"), self.fresh("frame")
        arguments = [self.generated[name] for name in self.parameters]
        made = [self._run(run, arguments, raises), self._frame(frame, arguments)]
        keywords: dict[str, Any] = {"raises": constant(True, self.start)} if raises else {}
        keywords["frame"] = load(frame, self.start)
        given = tuple_of([load(name, self.start) for name in arguments], self.start)
        value = call(load(self.call("generator"), self.start), [load(run, self.start), given], self.start, **keywords)
        return [*made, located(gast.Return(value), self.start)]

    def _has(self, name: str) -> bool:
        return any(each.opname == name for piece in self._flow.pieces.values() for each in piece.instructions)

    def _run(self, name: str, arguments: Sequence[str], raises: bool) -> Any:
        body = CourseBody(self, self._flow, raises=raises)
        first = body.first()
        functions, facts = body.pieces()
        result, at = self.fresh("result"), self.start
        followed = assign(store(result, at), call(load(self.call("follow"), at), facts, at), at)
        state = load(self.state, at)
        if not raises:
            state = located(gast.Attribute(load(body.variables, at), body.attribute(self.state), gast.Load()), at)
        returned = located(gast.Return(tuple_of([state, load(result, at)], at)), at)
        statements = [*copy.deepcopy(self._makers), *first, *functions, followed, returned]
        (made,) = quote("def run():\n    body", self.start, run=name, body=statements)
        made.args = parameters([self.consumer, self.state, *arguments], self.start)
        return made

    def _frame(self, name: str, arguments: Sequence[str]) -> Any:
        """The function that goes on item by item."""
        position, stacks, resume, receive = map(self.fresh, ("position", "stacks", "resume", "receive"))
        body = CourseBody(self, self._flow, receive)
        first = body.first()
        functions, facts = body.pieces()
        text = (
            "def frame():\n    first\n    stacks = scope()\n    @function_\n    def resume():\n        functions\n"
            "        return go_on(stacks, position)\n    return resume"
        )
        (made,) = quote(
            text, self.start, frame=name, first=first, stacks=stacks, scope=self.call("scope"), resume=resume,
            functions=[*self._makers, *functions], go_on=self.call("go_on"), position=position,
            function_=self.call("function_"),
        )  # fmt: skip
        made.args = parameters(arguments, self.start)
        inner = made.body[-2]
        inner.args = parameters([position, receive], self.start)
        inner.body[-1].value.args += [*facts, body.sizes]
        return made

    def _declared(self) -> list[Any]:
        """Globals that have the name of a variable of a translated function around this one."""
        read = {
            instruction.argval
            for piece in self._flow.pieces.values()
            for instruction in piece.instructions
            if instruction.opname == "LOAD_GLOBAL"
        }
        names = sorted((read | self.outer) & self._around)
        return [located(gast.Global(names), self.start)] if names else []

    def _arguments(self) -> gast.arguments:
        code, names = self.code, iter([self.generated[name] for name in self.parameters])
        given = [parameter(next(names), self.start) for _ in range(code.co_argcount)]
        named = [parameter(next(names), self.start) for _ in range(code.co_kwonlyargcount)]
        rest = parameter(next(names), self.start) if code.co_flags & inspect.CO_VARARGS else None
        others = parameter(next(names), self.start) if code.co_flags & inspect.CO_VARKEYWORDS else None
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

    def at(self, instruction: dis.Instruction) -> Any:
        """A node that stands where ``instruction`` does."""
        return _placed(self.code, instruction)

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

"""Calls of a graph as Python expressions.

A result that is used once, by a call on the same line of the user's, is not named but stands in the expression that
uses it: then NumPy may compute in its memory, as it does for the user's own expression, and less is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from ..errors import TographError, shown
from ..ir.graph import Location, Node, Operand, Value, map_leaves
from ..ir.types import BOOL, COMPLEX, FLOAT, NEVER, AnyType, ArrayType, IntType, ScalarType, Type, options
from ..ops.caches import CALL_CACHED
from ..ops.callbacks import CALLBACK
from ..ops.effects import CONSTANT
from ..ops.groups import DIVIDE, DIVIDE_AT_END, DIVIDE_FOR, SPLIT, SUBGROUP, TAKE
from ..ops.op import Op
from ..ops.operators import TRUTH
from ..ops.waiting import GOES_ON, LEFT_WAITING
from ..records import record
from .arrays import ArrayCalls

BINARY = {
    "operator.add": "+",
    "operator.sub": "-",
    "operator.mul": "*",
    "operator.truediv": "/",
    "operator.floordiv": "//",
    "operator.mod": "%",
    "operator.pow": "**",
    "operator.matmul": "@",
    "operator.lshift": "<<",
    "operator.rshift": ">>",
    "operator.and": "&",
    "operator.or": "|",
    "operator.xor": "^",
    "operator.lt": "<",
    "operator.le": "<=",
    "operator.gt": ">",
    "operator.ge": ">=",
    "operator.eq": "==",
    "operator.ne": "!=",
    "operator.is": "is",
    "operator.is_not": "is not",
}
IDENTITY = ("operator.is", "operator.is_not")
# Ops that may refuse when they run, with the user's line.
REFUSING = (CALLBACK, CALL_CACHED, LEFT_WAITING, TAKE, DIVIDE, DIVIDE_FOR, DIVIDE_AT_END, SPLIT, SUBGROUP)
DEEPEST_EXPRESSION = 24  # calls inside each other
IN_PLACE = {f"operator.i{name.removeprefix('operator.')}": sign for name, sign in BINARY.items()}
UNARY = {"operator.neg": "-", "operator.pos": "+", "operator.invert": "~", "operator.not": "not "}


@record
class Delayed:
    """A call that is not written yet: its expression, and which values die with it."""

    value: Value
    text: str
    node: Node
    depth: int
    dead: list[Value]


class Expressions:
    """Writes lines; ``names`` are the variables that hold the values now in scope.

    ``calls`` says how to call where arrays are not NumPy's.
    """

    def __init__(self, calls: ArrayCalls | None = None) -> None:
        self.calls = calls
        self.lines: list[str] = []
        self.locations: dict[int, Location] = {}
        self.constants: dict[str, Any] = {"__builtins__": __builtins__, "STOP": object()}
        self.names: dict[Value, str] = {}
        self.depth = 0
        self.blocks = 0
        self.delayed: list[Delayed] = []
        self.fixed: set[str] = set()    # what constants are written as: names of theirs, and literals
        self._kernels: dict[int, str] = {}
        self._count = 0

    # -- lines and names

    def line(self, text: str) -> None:
        self.lines.append(" " * self.depth + text)

    @contextmanager
    def block(self, opening: str) -> Iterator[None]:
        self.line(opening)
        self.depth += 1
        yield
        self.depth -= 1

    def new(self, prefix: str = "v") -> str:
        self._count += 1
        return f"{prefix}{self._count}"

    def outputs(self, node: Node) -> list[str]:
        """New names for what ``node`` gives."""
        names = []
        for value in node.outputs:
            names.append(self.new())
            self.names[value] = names[-1]
        return names

    def constant(self, value: Any) -> str:
        if value is None or value is True or value is False or type(value) in (str, int):
            return f"({value!r})" if type(value) is int and value < 0 else repr(value)
        name = self.new("c")
        self.constants[name] = value
        return name

    def kernel(self, op: Op) -> str:
        name = self._kernels.get(id(op))
        if name is None:
            name = self._kernels[id(op)] = self.new("k")
            self.constants[name] = op.kernel(np)
        return name

    def place(self, node: Node) -> None:
        """Note the user's line of what is written next."""
        if node.location is not None:
            self.locations[len(self.lines) + 1] = node.location

    def forget(self, dead: Sequence[Value], node: Node) -> None:
        """Let values die that were last used by ``node``."""
        if not (node.outputs and node.outputs[-1].type == NEVER):
            self.delete(dead)

    def delete(self, values: Sequence[Value]) -> None:
        """Let values die."""
        names = [self.names[value] for value in values if value in self.names and self.names[value] not in self.fixed]
        if names:
            self.line(f"del {', '.join(names)}")

    # -- calls

    def call(self, node: Node, dead: list[Value], uses: Mapping[Value, int]) -> None:
        """Write a call, or put it off until the one call that uses its result is written.

        A result that stands in the expression that uses it is never named, so NumPy may compute in its memory, as it
        does for the user's own expression.
        """
        wanted = [node.inputs[index] for index in operands_in((node.call.args, dict(node.call.kwargs)))]
        inlined = self.taken(node, wanted)
        operands = [inlined[value].text if value in inlined else self.names[value] for value in node.inputs]
        dead = [value for delayed in inlined.values() for value in delayed.dead] + dead
        depth = 1 + max((delayed.depth for delayed in inlined.values()), default=0)
        if node.op.name == "update":
            self.flush()
            self.place(node)
            target, index, value = (self.argument(arg, operands) for arg in node.call.args)
            self.line(f"{target}[{index}] = {value}")
            self.line(f"{self.outputs(node)[0]} = None")
            self.forget(dead, node)
            return
        if node.op is GOES_ON:
            self.flush()
            self.line(f"advance_(waiting, {operands[0]}, {self.constant(shown(node.location))})")
            self.line(f"{self.outputs(node)[0]} = None")
            self.forget(dead, node)
            return
        text = self.expression(node, operands)
        (output,) = node.outputs
        if node.op is CONSTANT:
            self.names[output] = text
            self.fixed.add(text)
            return
        self.delayed.append(Delayed(output, text, node, depth, dead))
        last = output.type == NEVER or depth >= DEEPEST_EXPRESSION or node.op in REFUSING
        if uses.get(output) != 1 or last:
            self.flush()

    def taken(self, node: Node, wanted: Sequence[Value]) -> dict[Value, Delayed]:
        """The delayed calls that become part of ``node``: the last ones, if it uses their results in this order."""
        waiting = {delayed.value for delayed in self.delayed}
        used = [value for value in wanted if value in waiting]
        if node.op.name == "update" and not (used == wanted[-1:] and isinstance(node.call.args[2], Operand)):
            used = []       # an assignment computes the value first, then the target and the index
            self.flush()
        count = 0
        while count < len(used) and used[-1 - count] is self.delayed[-1 - count].value:
            if _line(self.delayed[-1 - count].node) != _line(node):
                break
            count += 1
        first = len(self.delayed) - count
        inlined = self.delayed[first:]
        del self.delayed[first:]
        if count < len(used):
            self.flush()
        return {delayed.value: delayed for delayed in inlined}

    def flush(self) -> None:
        """Write the calls that were put off, each with a name for its result."""
        for delayed in self.delayed:
            name = self.names[delayed.value] = self.new()
            if delayed.node.op in REFUSING:
                self.call_back(f"{name} = {delayed.text}", delayed.node)
            else:
                self.place(delayed.node)
                self.line(f"{name} = {delayed.text}")
            self.forget(delayed.dead, delayed.node)
        self.delayed.clear()

    def test(self, value: Value, uses: Mapping[Value, int]) -> bool:
        """Write what was put off, and whether ``value``, asked for by what is written next alone, is named by its call.
        """
        last = self.delayed[-1] if self.delayed else None
        if last is None or last.value is not value or uses.get(value) != 1 or self.names.keys() & set(last.dead):
            self.flush()
            return False
        self.delayed.pop()
        self.flush()
        self.place(last.node)
        self.names[value] = last.text
        if last.node.op is TRUTH and last.text.startswith(f"{self.kernel(TRUTH)}("):
            self.names[value] = last.text[len(self.kernel(TRUTH)) + 1:-1]     # the statement itself asks
        return True

    def call_back(self, text: str, node: Node) -> None:
        """Write a call of ordinary Python, and what notes a refusal that it raises, with the user's line."""
        self.constants["TographError_"] = TographError
        location = shown(node.location)
        with self.block("try:"):
            self.place(node)
            self.line(text)
        with self.block("except TographError_ as error:"):
            self.line("refused = error" if location is None else f"refused = error.at({self.constant(location)})")
            self.line("raise")

    def expression(self, node: Node, operands: list[str]) -> str:
        """A call as an expression; operators and subscripts are Python's own."""
        args = [self.argument(arg, operands) for arg in node.call.args]
        op = node.op.name
        if node.op is CONSTANT:
            return args[0]
        kernel = self.calls.kernel(node) if self.calls is not None else None
        if kernel is not None:
            return self.written_call(self.constant(kernel), node, args, operands)
        if op in BINARY and len(args) == 2 and not (op in IDENTITY and _has_literal(args)):
            return f"({args[0]} {BINARY[op]} {args[1]})"
        fits = op in IN_PLACE and node.outputs[0].type != NEVER    # else the error says ``+=``
        if fits and _is_number(_type_of(node.call.args[0], node)) and _fits_number(node.call.args[1], node):
            return f"({args[0]} {IN_PLACE[op]} {args[1]})"
        if op in UNARY and len(args) == 1:
            return f"({UNARY[op]}{args[0]})"
        if op == "get_item":
            return f"{args[0]}[{args[1]}]"
        return self.written_call(self.kernel(node.op), node, args, operands)

    def written_call(self, function: str, node: Node, args: list[str], operands: list[str]) -> str:
        named = {key: self.argument(arg, operands) for key, arg in node.call.kwargs.items()}
        keywords = [f"{key}={arg}" if key.isidentifier() else f"**{{{key!r}: {arg}}}" for key, arg in named.items()]
        return f"{function}({', '.join([*args, *keywords])})"

    def walked(self, iterable: str, type: Type) -> str:
        """What a loop goes through: for an array of another package its items as NumPy gives them."""
        if self.calls is None or not any(isinstance(option, (ArrayType, AnyType)) for option in options(type)):
            return iterable
        return f"{self.constant(self.calls.walk)}({iterable})"

    def argument(self, template: Any, operands: list[str]) -> str:
        """An argument as an expression."""
        kind = type(template)
        if kind is Operand:
            return operands[template.index]
        if kind is tuple:
            return "(" + "".join(self.argument(item, operands) + ", " for item in template) + ")"
        if kind is list:
            return "[" + ", ".join(self.argument(item, operands) for item in template) + "]"
        if kind is slice and _has_operand(template):
            self.constants["slice_"] = slice
            bounds = (template.start, template.stop, template.step)
            return f"slice_({', '.join(self.argument(bound, operands) for bound in bounds)})"
        if kind is dict and _has_operand(template):
            return (
                "{"
                + ", ".join(f"{self.constant(key)}: {self.argument(item, operands)}" for key, item in template.items())
                + "}"
            )
        return self.constant(template if self.calls is None else self.calls.on_device(template))


def _has_operand(template: Any) -> bool:
    if isinstance(template, Operand):
        return True
    if isinstance(template, (tuple, list)):
        return any(map(_has_operand, template))
    if isinstance(template, slice):
        return any(map(_has_operand, (template.start, template.stop, template.step)))
    return isinstance(template, dict) and any(map(_has_operand, template.values()))


def operands_in(template: Any) -> list[int]:
    """The indices of the operands in the order in which a call evaluates them."""
    found: list[int] = []

    def note(leaf: Any) -> Any:
        if isinstance(leaf, Operand):
            found.append(leaf.index)
        return leaf

    map_leaves(template, note)
    return found


def _line(node: Node) -> tuple[str, int] | None:
    return None if node.location is None else (node.location.filename, node.location.line)


def _type_of(argument: Any, node: Node) -> Type | None:
    return node.inputs[argument.index].type if isinstance(argument, Operand) else None


def _is_number(type: Type | None) -> bool:
    """Whether values of ``type`` are numbers, which no in-place operator changes."""
    return type is not None and all(
        isinstance(option, (IntType, ScalarType)) or option in (BOOL, FLOAT, COMPLEX) for option in options(type)
    )


def _fits_number(argument: Any, node: Node) -> bool:
    """Whether an operand is a number or array for certain, so that no operator of it and a number is unknown."""
    if not isinstance(argument, Operand):
        return isinstance(argument, (int, float, complex, np.generic, np.ndarray))
    found = options(node.inputs[argument.index].type)
    return all(isinstance(option, ArrayType) or _is_number(option) for option in found)


def _has_literal(args: list[str]) -> bool:
    """Whether one of them may be written as a literal, of which Python warns beside ``is``."""
    return not all(arg.isidentifier() for arg in args)

"""The text form of graphs: ``text`` writes it (``writing`` shows how it looks), ``parse`` reads it back exactly."""

from __future__ import annotations

from ast import literal_eval
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from . import dims, literals
from .call import Call, Operand
from .dim_text import parse_dim
from .dims import Dim
from .graph import Graph, Location, Node, Value
from .tokens import Tokens
from .type_text import parse_type, read_type, write_type
from .writing import write_graph

if TYPE_CHECKING:
    from ..ops.op import Op, Table

__all__ = ["parse", "parse_type", "text", "write_type"]

INDENT = 2


def text(graph: Graph) -> str:
    """``graph`` as text that ``parse`` reads back; raises UnwritableConstant naming a constant that has no text form.

    ``str(graph)`` is for looking at and never raises.
    """
    return write_graph(graph)


def parse(text: str, table: Table) -> Graph:
    """The graph that ``text`` says, with ops looked up in ``table``; unknown dimensions get new names.

    Imports the modules of the objects that the text refers to, so read only what you trust.  Raises ValueError, with
    the line, where it cannot be read.
    """
    return _Parser(text, table.by_name).parse()


class _Parser:
    """The lines of a text, the position among them, and the names declared so far."""

    def __init__(self, text: str, ops: Mapping[str, Op]) -> None:
        self.lines = [line for line in text.split("\n") if line.strip()]
        self.ops = ops
        self.position = 0
        self.symbols: dict[str, Dim] = {}
        self.values: dict[str, Value] = {}

    def parse(self) -> Graph:
        while self._line().startswith("symbol "):
            self._declare_symbol(self._next())
        graph = self._graph(_indent(self._line()))
        if self.position < len(self.lines):
            raise self._error("expected the end")
        return graph

    def _line(self) -> str:
        if self.position == len(self.lines):
            raise ValueError("the text ends too early")
        return self.lines[self.position].strip()

    def _next(self) -> str:
        line = self._line()
        self.position += 1
        return line

    def _error(self, message: str) -> ValueError:
        return ValueError(f"line {self.position + 1}: {message}")

    def _declare_symbol(self, line: str) -> None:
        name, _, bounds = line.removeprefix("symbol ").partition(":")
        low, high = (parse_dim(bound, self.symbols) if bound.strip() else None for bound in bounds.split(".."))
        if name.startswith(dims.FRESH):
            self.symbols[name] = dims.fresh(dims.prefix_of(name), low, high)
        else:
            self.symbols[name] = dims.symbol(name.partition("'")[0], low, high)

    def _graph(self, indent: int) -> Graph:
        """A header, the nodes below it and the ``return`` that ends them."""
        tokens = self._tokens()
        tokens.take()
        tokens.expect("(")
        inputs = tokens.items(lambda: self._definition(tokens), ")")
        tokens.expect(":")
        nodes: list[Node] = []
        while self.position < len(self.lines) and _indent(self.lines[self.position]) == indent + INDENT:
            if self._line() == "return" or self._line().startswith("return "):
                tokens = self._tokens()
                tokens.expect("return")
                return Graph(tuple(inputs), tuple(nodes), tuple(self._uses(tokens)))
            nodes.append(self._node(indent + INDENT))
        raise self._error("expected a node or a return")

    def _node(self, indent: int) -> Node:
        tokens = self._tokens()
        outputs: list[tuple[str, Value]] = []
        while tokens.starts_with("%"):
            outputs.append(self._named_value(tokens))
            if not tokens.accept(","):
                tokens.expect("=")
        name = tokens.take()
        if name not in self.ops:
            raise tokens.error(f"there is no op {name!r}")
        inputs: list[Value] = []
        explicit = tokens.accept("[")
        if explicit:
            inputs = tokens.items(lambda: self._use(tokens), "]")
        call = self._call(tokens, inputs, explicit) if tokens.accept("(") else Call()
        location = _read_location(tokens.take()[1:].strip()) if tokens.kind == "comment" else None
        if not tokens.at_end():
            raise tokens.error("expected the end of the line")
        bodies: list[Graph] = []
        while self.position < len(self.lines) and _indent(self.lines[self.position]) == indent + INDENT:
            bodies.append(self._graph(indent + INDENT))
        self.values.update(outputs)
        return Node(self.ops[name], tuple(inputs), tuple(value for _, value in outputs), call, tuple(bodies), location)

    def _call(self, tokens: Tokens, inputs: list[Value], explicit: bool) -> Call:
        """The arguments; where the inputs were not listed, those named here are added to them in order."""
        def operand(tokens: Tokens) -> Operand:
            if tokens.starts_with("$"):
                return Operand(int(tokens.take()[1:]))
            value = self._use(tokens)
            if value not in inputs:
                if explicit:
                    raise tokens.error("an operand is not among the inputs")
                inputs.append(value)
            return Operand(inputs.index(value))

        args: list[Any] = []
        kwargs: dict[str, Any] = {}

        def argument() -> None:
            name = tokens.peek_keyword()
            if name is not None:
                tokens.take()
                tokens.take()
                kwargs[name] = literals.read(tokens, operand)
            else:
                args.append(literals.read(tokens, operand))

        tokens.items(argument, ")")
        return Call(tuple(args), kwargs)

    def _definition(self, tokens: Tokens) -> Value:
        name, value = self._named_value(tokens)
        self.values[name] = value
        return value

    def _named_value(self, tokens: Tokens) -> tuple[str, Value]:
        name = tokens.take()
        tokens.expect(":")
        hint = name[1:].partition("'")[0]
        return name, Value(read_type(tokens, self.symbols), "" if hint.isdecimal() else hint)

    def _use(self, tokens: Tokens) -> Value:
        if tokens.word not in self.values:
            raise tokens.error(f"{tokens.word} is not defined")
        return self.values[tokens.take()]

    def _uses(self, tokens: Tokens) -> list[Value]:
        found: list[Value] = []
        while not tokens.at_end():
            if found:
                tokens.expect(",")
            found.append(self._use(tokens))
        return found

    def _tokens(self) -> Tokens:
        return Tokens(self._next(), f"line {self.position}: ")


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _read_location(text: str) -> Location:
    """What ``write_location`` wrote."""
    if text[0] in "'\"":
        quoted = Tokens(text).take()
        filename, place = literal_eval(quoted), text[len(quoted) + 1:]
    else:
        filename, _, place = text.partition(":")
    place, _, function = place.partition(" in ")
    line, _, columns = place.partition(":")
    column, _, end_column = columns.partition("-")
    return Location(filename, int(line), int(column or 0), int(end_column or 0), function)

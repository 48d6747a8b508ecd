"""Graphs as text, one line a node; ``text.parse`` reads it back.

    symbol n: 0..
    graph(%x: f8[n], %k: int):
      %1: f8[n] = multiply(%x, 2.0)  # model.py:6
      %2: f8[n] = while_loop[%1, %x](carried=1)  # model.py:7
        test(%3: f8[n], %4: f8[n]):
          ...
      return %2

Values have the user's names or numbers, in order of definition; so do unknown dimensions (``?d1``), whatever they
were called: two graphs are equal where their texts are.  Inputs stand in brackets where the call does not show them
all in order.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ..errors import UnwritableConstant, shown
from ..records import record
from . import dims, literals
from .call import Operand
from .dims import Dim, Symbol
from .type_text import write_type
from .types import Type, dims_of

if TYPE_CHECKING:
    from .graph import Graph, Location, Node, Value

BODY_NAMES = {"cond": ("then", "otherwise"), "while_loop": ("test", "body"), "for_loop": ("body", "test"),
              "try_finally": ("body", "final")}
PLAIN_FILENAME = re.compile(r"[^\s:'\"#]+")
VALUE_NAME = re.compile(r"[^\W\d][\w.]*")


def write_graph(graph: Graph, *, names: bool = True, locations: bool = True,
                unwritable: Callable[[Any], str] | None = None) -> str:
    """The text of ``graph``, with or without the values' names and the locations.

    ``unwritable`` gives what stands for a constant that has no exact text; without it such a constant raises
    UnwritableConstant naming it, with the node's location.
    """
    return "\n".join(_Writer(graph, names, locations, unwritable).lines()) + "\n"


def show(graph: Graph) -> str:
    """The text of ``graph`` for a reader: any constant may stand in it."""
    return write_graph(graph, unwritable=literals.describe)


def identity(graph: Graph, *, locations: bool = True) -> str:
    """A text that two graphs share where they are equal up to the identity and names of values."""
    return write_graph(graph, names=False, locations=locations, unwritable=lambda value: f"<{id(value)}>")


@record
class Labels:
    """What the parts of a graph are called in its text: values, their types, the calls of nodes; and its sizes."""

    values: Mapping[Value, str]
    types: Mapping[Value, str]
    calls: Mapping[Node, str]
    sizes: tuple[str, ...]


def labels(graph: Graph) -> Labels:
    """The labels of ``graph`` and the graphs inside it, for a reader as in ``show``."""
    writer = _Writer(graph, True, False, literals.describe)
    list(writer.lines())
    return Labels(writer.values, writer.types, writer.calls, tuple(writer.declarations))


def labelled_bodies(node: Node) -> list[tuple[str, Graph]]:
    """The bodies of a node, each with what it is called."""
    names = BODY_NAMES.get(node.op.name, ())
    return [(names[i] if i < len(names) else "body", body) for i, body in enumerate(node.bodies)]


class _Writer:
    """The names given so far."""

    def __init__(self, graph: Graph, names: bool, locations: bool, unwritable: Callable[[Any], str] | None) -> None:
        self.graph, self.with_names, self.with_locations, self.unwritable = graph, names, locations, unwritable
        self.values: dict[Value, str] = {}
        self.types: dict[Value, str] = {}
        self.calls: dict[Node, str] = {}
        self.taken: set[str] = set()
        self.numbered = 0
        self.symbols: dict[Symbol, Dim] = {}
        self.declarations: list[str] = []
        self.symbol_names: dict[str, int] = {}

    def lines(self) -> Iterator[str]:
        body = list(self._graph_lines("graph", self.graph, ""))
        yield from self.declarations
        yield from body

    def _graph_lines(self, label: str, graph: Graph, indent: str) -> Iterator[str]:
        yield f"{indent}{label}({self._definitions(graph.inputs)}):"
        for node in graph.nodes:
            yield f"{indent}  {self._placed(node)}"
            for label, body in labelled_bodies(node):
                yield from self._graph_lines(label, body, indent + "    ")
        yield f"{indent}  return {self._uses(graph.outputs)}".rstrip()

    def _placed(self, node: Node) -> str:
        try:
            return self._node(node)
        except UnwritableConstant as error:
            place = shown(node.location)
            if place is not None:
                error.at(place)
            raise

    def _node(self, node: Node) -> str:
        text = self.calls[node] = self._call(node)
        if node.outputs:
            text = f"{self._definitions(node.outputs)} = {text}"
        if self.with_locations and node.location is not None:
            text += f"  # {write_location(node.location)}"
        return text

    def _call(self, node: Node) -> str:
        inputs = [self._use(value) for value in node.inputs]
        unique = len(set(inputs)) == len(inputs)
        shown: list[int] = []

        def operand(index: int) -> str:
            shown.append(index)
            return inputs[index] if unique and 0 <= index < len(inputs) else f"${index}"

        args = [self._constant(arg, operand) for arg in node.call.args]
        args += [f"{_keyword(name)}={self._constant(arg, operand)}" for name, arg in node.call.kwargs.items()]
        text = node.op.name
        if not unique or list(dict.fromkeys(shown)) != list(range(len(inputs))):
            text += f"[{', '.join(inputs)}]"
        if args or text == node.op.name:
            text += f"({', '.join(args)})"
        return text

    def _constant(self, value: Any, operand: Callable[[int], str]) -> str:
        def leaf(item: Any) -> str | None:
            if isinstance(item, Operand):
                return operand(item.index)
            if self.unwritable is None or type(item) in (tuple, list, dict, slice, set, frozenset):
                return None
            try:
                return literals.write(item)
            except UnwritableConstant:
                return self.unwritable(item)

        return literals.write(value, leaf)

    def _definitions(self, values: Iterable[Value]) -> str:
        return ", ".join([self._definition(value) for value in values])

    def _definition(self, value: Value) -> str:
        name = self._define(value)
        text = self.types[value] = self._type(value.type)
        return f"{name}: {text}"

    def _define(self, value: Value) -> str:
        hint = value.name if self.with_names and VALUE_NAME.fullmatch(value.name) else ""
        if hint:
            name, count = hint, 1
            while name in self.taken:
                count += 1
                name = f"{hint}'{count}"
            self.taken.add(name)
        else:
            self.numbered += 1
            name = str(self.numbered)
        self.values[value] = f"%{name}"
        return self.values[value]

    def _use(self, value: Value) -> str:
        return self.values.get(value, "%undefined")

    def _uses(self, values: Iterable[Value]) -> str:
        return ", ".join(map(self._use, values))

    def _type(self, type: Type) -> str:
        for dim in dims_of(type):
            self._declare(dim)
        return write_type(type, self._dim, lambda value: self._constant(value, str))

    def _dim(self, dim: Dim) -> str:
        return str(dims.rename(dim, self.symbols))

    def _declare(self, dim: Dim) -> None:
        for symbol in dims.symbols(dim):
            if symbol not in self.symbols:
                low, high = (None if bound is None else dims.rename(bound, self.symbols)
                             for bound in (symbol.low, symbol.high))
                name = self._symbol_name(symbol)
                self.symbols[symbol] = dims.symbol(name, low, high)
                self.declarations.append(
                    f"symbol {name}: {'' if low is None else low}..{'' if high is None else high}")

    def _symbol_name(self, symbol: Symbol) -> str:
        if symbol.name.startswith(dims.FRESH):
            count = sum(name.startswith(dims.FRESH) for name in self.symbol_names) + 1
            name = f"{dims.FRESH}{dims.prefix_of(symbol.name)}{count}"
            self.symbol_names[name] = 1
            return name
        count = self.symbol_names[symbol.name] = self.symbol_names.get(symbol.name, 0) + 1
        return symbol.name if count == 1 else f"{symbol.name}'{count}"


def _keyword(name: str) -> str:
    if not name.isidentifier():
        raise UnwritableConstant(
            f"The keyword argument {name!r} cannot be written as text: it is no identifier.", fix="rename it"
        )
    return name


def write_location(location: Location) -> str:
    """``model.py:6``, with ``:column-end`` and ``in function`` where these are known."""
    text = location.filename if PLAIN_FILENAME.fullmatch(location.filename) else repr(location.filename)
    text += f":{location.line}"
    if location.column or location.end_column:
        text += f":{location.column}-{location.end_column}"
    return text + (f" in {location.function}" if location.function else "")

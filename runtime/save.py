"""Graphs in files: the text form with a version and the way from arguments to inputs; the program's source is not
needed to run one.

What the function read outside of its arguments is saved as it is when the file is written; a loaded graph has it
for its own.
"""

from __future__ import annotations

import types
from pathlib import Path as File
from typing import Any

import numpy as np

from .execute.reference import Counter, compile_graph
from .function import BoundGraphFunction, GraphFunction
from .ir import literals
from .ir.graph import Graph
from .ir.text import parse, text
from .ir.tokens import Tokens
from .ir.types import ArrayType, IntType, ObjectType, PythonType, ScalarType, Type
from .ops import TABLE
from .tracing.paths import Argument, Attribute, Default, Item, Object, Path, Size, Step, Variable

VERSION = 1
FIRST_LINE = f"tograph graph {VERSION}"
STEPS: dict[str, type] = {"attribute": Attribute, "item": Item, "size": Size, "default": Default}
NAMES = {cls: name for name, cls in STEPS.items()}


class LoadedGraph:
    """A graph from a file, called with the arguments of the function that it was made from.

    Raises TypeError where an argument is of another kind than the graph was made for.
    """

    def __init__(self, graph: Graph, name: str, parameters: tuple[str, ...], paths: tuple[Path, ...]) -> None:
        self.graph = graph
        self.__name__ = name
        self.parameters = parameters
        self._paths = paths
        self._counter = Counter()
        self._program = compile_graph(graph, np, self._counter, name)

    @property
    def executed_nodes(self) -> int:
        """How many graph nodes all calls so far have executed."""
        return self._counter.nodes

    def __call__(self, *arguments: Any) -> Any:
        if len(arguments) != len(self.parameters):
            raise TypeError(
                f"{self.__name__}() takes {len(self.parameters)} arguments ({', '.join(self.parameters)}), "
                f"not {len(arguments)}"
            )
        inputs = [path.find(arguments) for path in self._paths]
        for value, item in zip(self.graph.inputs, inputs):
            if not _accepts(value.type, item):
                raise TypeError(
                    f"{self.__name__}() was saved for {value.name or 'an input'} of type {value.type}, "
                    f"not {type(item).__name__}"
                )
        return self._program.run(*inputs)

    def __repr__(self) -> str:
        return f"<loaded graph {self.__name__}({', '.join(self.parameters)})>"


def _accepts(type_: Type, value: Any) -> bool:
    match type_:
        case ArrayType(dtype, shape):
            return (
                isinstance(value, np.ndarray)
                and value.dtype == dtype
                and value.ndim == len(shape)
                and all(not isinstance(size, int) or size == actual for size, actual in zip(shape, value.shape))
            )
        case ScalarType(dtype):
            return isinstance(value, dtype.type)
        case IntType():
            return type(value) is int
        case PythonType(cls):
            return type(value) is cls
        case ObjectType():
            return True
    return True


def save_graph(function: GraphFunction | BoundGraphFunction, path: str | File, *args: Any, **kwargs: Any) -> None:
    """Write the graph of ``function`` for these arguments to ``path``.

    Raises UnwritableConstant where the graph holds something without a text form, such as a function made in a
    function.
    """
    if not isinstance(function, (GraphFunction, BoundGraphFunction)):
        raise TypeError(f"save_graph takes a function made by to_graph, not {type(function).__name__}")
    if isinstance(function, BoundGraphFunction):
        function, args = function.__func__, (function.__self__, *args)
    arguments = function.bind(args, kwargs)
    trace = function.trace_for(arguments)
    writer = _PathWriter()
    lines = [
        FIRST_LINE,
        f"name {literals.write(function.__name__)}",
        f"parameters {literals.write(function.parameters)}",
    ]
    inputs = [f"input {writer.write(source.path)}" for source in trace.inputs]
    lines += [*writer.lines, *inputs, "", text(trace.graph)]
    File(path).write_text("\n".join(lines), encoding="utf-8")


class _PathWriter:
    """Writes paths; the lines say what they begin with, where that is no argument."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._holders: dict[int, int] = {}
        self._variables: dict[tuple[int, str], None] = {}

    def write(self, path: Path) -> str:
        steps = [(NAMES[type(step)], *_key(step)) for step in path.steps]
        return literals.write((*self._root(path.root), *steps))

    def _root(self, root: Any) -> tuple[Any, ...]:
        match root:
            case Argument(index):
                return ("argument", index)
            case Variable(holder, name):
                number = self._holder(holder)
                if (number, name) not in self._variables:
                    self._variables[number, name] = None
                    self.lines.append(f"variable {literals.write((number, name, root.find(())))}")
                return ("variable", number, name)
            case Object(value) if (
                isinstance(value, (dict, types.CellType))
                and id(value) in self._holders
                or isinstance(value, types.CellType)
            ):
                return ("holder", self._holder(value))
            case Object(value):
                self.lines.append(f"object {literals.write(value)}")
                return ("object", sum(line.startswith("object ") for line in self.lines) - 1)
        raise AssertionError(root)

    def _holder(self, holder: Any) -> int:
        known = self._holders.get(id(holder))
        if known is None:
            known = self._holders[id(holder)] = len(self._holders)
            self.lines.append(f"holder {literals.write(known)}")
        return known


def _key(step: Step) -> tuple[Any, ...]:
    match step:
        case Attribute(name):
            return (name,)
        case Item(key) | Default(key):
            return (key,)
        case Size(axis):
            return (axis,)
    raise AssertionError(step)


def load_graph(path: str | File) -> LoadedGraph:
    """The graph saved at ``path``, ready to be called.  Raises ValueError for a file that is none, or of another
    version.
    """
    lines = File(path).read_text(encoding="utf-8").split("\n")
    if lines[0] != FIRST_LINE:
        raise ValueError(
            f"{path} is not a graph of this version: its first line is {lines[0][:40]!r}, not {FIRST_LINE!r}"
        )
    blank = lines.index("")
    name, parameters = "graph", ()
    holders: dict[int, dict[str, Any]] = {}
    objects: list[Any] = []
    paths = []
    for line in lines[1:blank]:
        word, _, rest = line.partition(" ")
        value = literals.read(Tokens(rest), _no_leaf)
        match word:
            case "name":
                name = value
            case "parameters":
                parameters = value
            case "holder":
                holders[value] = {}
            case "variable":
                holders[value[0]][value[1]] = value[2]
            case "object":
                objects.append(value)
            case "input":
                paths.append(_read_path(value, holders, objects))
            case _:
                raise ValueError(f"{path}: unknown line {line!r}")
    return LoadedGraph(parse("\n".join(lines[blank + 1 :]), TABLE), name, parameters, tuple(paths))


def _no_leaf(tokens: Tokens) -> Any:
    raise ValueError("a saved path holds no operands")


def _read_path(parts: tuple[Any, ...], holders: dict[int, dict[str, Any]], objects: list[Any]) -> Path:
    kind, first = parts[0], parts[1]
    used = 2
    root: Argument | Variable | Object
    if kind == "argument":
        root = Argument(first)
    elif kind == "variable":
        root, used = Variable(holders[first], parts[2]), 3
    else:
        root = Object(holders[first] if kind == "holder" else objects[first])
    return Path(root, tuple(STEPS[name](key) for name, key in parts[used:]))

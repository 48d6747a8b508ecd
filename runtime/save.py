"""Graphs in files: text with a version, from which a graph runs where its program is not.

A file holds what the function read outside of its arguments, as it is when the file is written; a loaded graph has
it for its own (``saving.state``). It describes the classes of the program that the graph mentions
(``saving.classes``), and what a call must be like (``saving.assumptions``).
"""

from __future__ import annotations

import inspect
import sys
import types
from collections.abc import Iterator
from contextlib import suppress
from enum import Enum
from pathlib import Path as File
from typing import Any

import numpy as np

from .cache import Trace
from .errors import UnwritableConstant, shown
from .execute.reference import Counter, compile_graph
from .function import BoundGraphFunction, GraphFunction
from .ir import literals
from .ir.graph import Graph, walk
from .ir.text import parse, text
from .ops import TABLE
from .ops.attributes import DIRECTORY
from .ops.caches import CALL_CACHED, OF_CACHES
from .ops.callbacks import CALLBACK
from .ops.effects import DELETE, LOAD, STORE
from .saving import classes
from .saving.assumptions import Assumption, FunctionStandIn, portable
from .saving.state import KINDS, StateReader, StateWriter
from .traces import definition_of
from .tracing.inputs import Source
from .tracing.key_text import describe_key
from .tracing.keys import Exactly, Identity, alias_pattern, is_graph_function, key_of
from .tracing.paths import Argument, Attribute, Default, Item, Object, Path, Size, Variable

VERSION = 3
FIRST_LINE = f"tograph graph {VERSION}"
LAST_LINE = "end"
STEPS: dict[str, type] = {"attribute": Attribute, "item": Item, "size": Size, "default": Default}
STEP_NAMES = {cls: name for name, cls in STEPS.items()}


class LoadedGraph:
    """A graph from a file, called as the function that it was made from; it keeps the state that it was saved with.

    Raises TypeError for arguments of another kind, and ValueError for other values, than it was made for.
    """

    def __init__(self, graph: Graph, name: str, signature: inspect.Signature, inputs: tuple[Path, ...],
                 assumptions: tuple[Assumption, ...], references: tuple[Path, ...], pattern: Any) -> None:
        self.graph = graph
        self.__name__ = name
        self.__signature__ = signature
        self._inputs = inputs
        self._assumptions = assumptions
        self._references = references
        self._pattern = pattern
        self._counter = Counter()
        self._program = compile_graph(graph, np, self._counter, name)

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of the parameters."""
        return tuple(self.__signature__.parameters)

    @property
    def executed_nodes(self) -> int:
        """How many graph nodes all calls so far have executed."""
        return self._counter.nodes

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        arguments = self._bind(args, kwargs)
        self._check(arguments)
        try:
            return self._program.run(*[path.find(arguments) for path in self._inputs])
        except Exception as error:
            self._program.note_place(error)
            raise

    def _bind(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
        try:
            bound = self.__signature__.bind(*args, **kwargs)
        except TypeError as error:
            raise TypeError(f"{self.__name__}{self.__signature__}: {error}") from None
        bound.apply_defaults()
        return tuple(bound.arguments.values())

    def _check(self, arguments: tuple[Any, ...]) -> None:
        for assumption in self._assumptions:
            found = assumption.failure(arguments)
            if found is not None:
                raise (ValueError if assumption.is_value else TypeError)(
                    f"{self.__name__}() was saved for {assumption.name}: {describe_key(assumption.key)}, {found}")
        if alias_pattern((arguments, tuple(path.find(arguments) for path in self._references))) != self._pattern:
            raise ValueError(
                f"{self.__name__}() was saved for a call where other lists, dicts or objects are one and the same")

    def __repr__(self) -> str:
        return f"<loaded graph {self.__name__}{self.__signature__}>"


# -- writing


def save_graph(function: GraphFunction | BoundGraphFunction, path: str | File, *args: Any, **kwargs: Any) -> None:
    """Write the graph of ``function`` for these arguments to ``path``.

    Raises UnwritableConstant where the graph or its state holds something without a text form.
    """
    if not isinstance(function, (GraphFunction, BoundGraphFunction)):
        raise TypeError(f"save_graph takes a function made by to_graph, not {type(function).__name__}")
    if isinstance(function, BoundGraphFunction):
        function, args = function.__func__, (function.__self__, *args)
    arguments = function.bind(args, kwargs)
    trace = function.trace_for(arguments)
    package = trace.program.package
    if package is not np:
        raise UnwritableConstant(f"The graph of {function.__name__}() is for arrays of {package.__name__}.",
                                 location=definition_of(function.eager),
                                 fix="save the graph for arrays of NumPy")
    for node in walk(trace.graph):
        if node.op is CALLBACK:
            raise UnwritableConstant(
                f"{node.call.args[0].__name__}() is called by py_func: a graph that calls Python cannot be saved.",
                location=shown(node.location),
                fix="call it before or after, and save the graph of what lies between",
            )
        if node.op in (CALL_CACHED, *OF_CACHES.values()):
            raise UnwritableConstant(
                f"{node.call.args[0].__name__}() has a cache: a graph that asks it cannot be saved.",
                location=shown(node.location),
                fix="call it before or after, and save the graph of what lies between",
            )
        if node.op is DIRECTORY:
            raise UnwritableConstant(
                "dir() asks classes of the program: a graph with it cannot be saved.",
                location=shown(node.location),
                fix="call it before, and pass the names as an argument",
            )
    with literals.noting_references() as references:
        body = text(trace.graph)
        lines = _Writer(function, trace, arguments).lines()
        header = [FIRST_LINE, f"name {literals.write(function.__name__)}", *_program_lines(references)]
    File(path).write_text("\n".join([*header, *lines, "", f"{body}{LAST_LINE}", ""]), encoding="utf-8")


def _program_lines(references: dict[str, Any]) -> list[str]:
    """What a file says of the classes and functions of the program that it mentions; bases come first."""
    found: dict[Any, str] = {}

    def describe(cls: type) -> None:
        if classes.is_users(cls) and cls not in found:
            for base in cls.__bases__:
                describe(base)
            found[cls] = f"class {literals.write(classes.describe(cls))}"

    functions = []
    for reference, value in list(references.items()):
        if isinstance(value, (type, Enum)):
            describe(value if isinstance(value, type) else type(value))
        elif isinstance(value, types.FunctionType) or is_graph_function(value):
            functions.append(f"program_function {literals.write(reference)}")
    return [*found.values(), *functions]


class _Writer:
    """Writes all of a trace but its graph."""

    def __init__(self, function: GraphFunction, trace: Trace, arguments: tuple[Any, ...]) -> None:
        self._function, self._trace, self._arguments = function, trace, arguments
        self._state = StateWriter()
        self._holders = {id(source.path.root.find(())) for source in trace.inputs if _is_holder(source)}
        self._saved: set[tuple[int, Any]] = set()    # variables and defaults, by holder and name

    def lines(self) -> list[str]:
        inputs = [f"input {self._path(source.path)}" for source in self._trace.inputs]
        self._add_touched_variables()
        signature = inspect.signature(self._function.eager)
        parameters = [f"parameter {self._parameter(item)}" for item in signature.parameters.values()]
        references = [f"reference {self._path(source.path)}" for source in self._trace.references]
        assumed = dict.fromkeys(f"assumes {self._assumption(source)}" for source in self._assumed())
        pattern = f"pattern {literals.write(self._trace.pattern)}"
        return [*self._state.lines(), *parameters, *inputs, *assumed, *references, pattern]

    # -- variables

    def _add_touched_variables(self) -> None:
        """The variables that are no inputs, but which the graph may read or write in what holds them."""
        nodes = [node for node in walk(self._trace.graph) if node.op in (LOAD, DELETE, STORE)]
        touched = {node.call.args[1] for node in nodes}
        for source in self._trace.guards:
            root = source.path.root
            if isinstance(root, Variable) and root.name in touched and id(root.holder) in self._holders:
                self._variable(root.holder, root.name)

    def _variable(self, holder: Any, name: str) -> Any:
        """What holds the variable in the file, now with the variable."""
        self._saved.add((id(holder), name))
        saved = self._holder(holder)
        if saved is holder:
            return holder
        with suppress(LookupError):     # the graph may be what makes the variable
            saved.setdefault(name, Variable(holder, name).find(()))
        return saved

    def _holder(self, holder: Any) -> Any:
        if isinstance(holder, types.CellType) or holder is vars(sys):
            return holder
        return self._state.variables(vars(holder) if isinstance(holder, types.ModuleType) else holder)

    # -- paths, parameters, assumptions

    def _path(self, path: Path) -> str:
        steps = [(STEP_NAMES[type(step)], _key(step)) for step in path.steps]
        match path.root:
            case Argument(index):
                root: tuple[Any, ...] = ("argument", index)
            case Variable(holder, name):
                root = ("variable", self._variable(holder, name), name)
            case Object(value) if path.steps and isinstance(path.steps[0], Default):
                root = ("object", self._default(value, path.steps[0]))
            case Object(value):
                root = ("object", self._holder(value) if id(value) in self._holders else value)
        return self._state.write((*root, *steps))

    def _default(self, function: Any, step: Default) -> Any:
        self._saved.add((id(function), step.key))
        saved = self._state.defaults(function)
        saved.setdefault(step.key, step.of(function))
        return saved

    def _parameter(self, parameter: inspect.Parameter) -> str:
        """The name, the kind, and the default where it can be written."""
        said = (parameter.name, parameter.kind.name)
        has_default = parameter.default is not parameter.empty and _is_writable(parameter.default)
        return self._state.write((*said, parameter.default) if has_default else said)

    def _assumed(self) -> Iterator[Source]:
        """What a call must be like: its arguments, and what the graph reads that can be another thing at that call."""
        for index, (name, value) in enumerate(zip(self._function.parameters, self._arguments)):
            key = Exactly(value) if name in self._function.static else key_of(value)
            yield Source(name, Path(Argument(index)), key, False)
        for source in self._trace.guards:
            match source.path.root, source.path.steps:
                case Variable(holder, name), _:
                    kept = (id(holder), name) in self._saved
                case Object(function), (Default(key), *_):
                    kept = (id(function), key) in self._saved
                case _:
                    kept = not _is_holder(source)
            if kept:
                yield source

    def _assumption(self, source: Source) -> str:
        key = self._state.write(portable(source.key))
        return f"({literals.write(source.name)}, {self._path(source.path)}, {key})"


def _is_writable(value: Any) -> bool:
    try:
        StateWriter().write(value)
    except UnwritableConstant:
        return False
    return True


def _is_holder(source: Source) -> bool:
    """Whether a source is what holds variables, as an input that the graph writes to."""
    return isinstance(source.path.root, Object) and isinstance(source.key, Identity) and not source.path.steps


def _key(step: Any) -> Any:
    match step:
        case Attribute(name):
            return name
        case Size(axis):
            return axis
    return step.key


# -- reading


def load_graph(path: str | File) -> LoadedGraph:
    """The graph saved at ``path``, ready to be called.

    Imports the modules that the file mentions where they are there, so load only what you trust.  Raises ValueError
    for a file that is damaged, of another version, or no graph.
    """
    data = File(path).read_bytes()
    first = data.partition(b"\n")[0]
    if first != FIRST_LINE.encode():
        raise ValueError(
            f"{path} is not a graph of this version: its first line is {first[:40].decode('utf-8', 'replace')!r}, "
            f"not {FIRST_LINE!r}")
    if not data.endswith(f"\n{LAST_LINE}\n".encode()):
        raise ValueError(f"{path} is damaged: it ends too early, its last line is not {LAST_LINE!r}")
    try:
        return _Reader().read(data.decode("utf-8"))
    except (ValueError, LookupError, TypeError) as error:
        raise ValueError(f"{path} is damaged: {error}") from error


class _Reader:
    """The parts of a file that were read."""

    def __init__(self) -> None:
        self.name = "graph"
        self.parameters: list[inspect.Parameter] = []
        self.inputs: list[Path] = []
        self.assumptions: list[Assumption] = []
        self.references: list[Path] = []
        self.pattern: Any = ()
        self.stand_ins: dict[str, Any] = {}
        self.state = StateReader()

    def read(self, content: str) -> LoadedGraph:
        header, blank, body = content.partition("\n\n")
        with literals.standing_in(self.stand_ins):
            for line in header.split("\n")[1:]:
                word, _, rest = line.partition(" ")
                if word in KINDS:
                    self.state.line(word, rest)
                else:
                    self._line(word, self.state.read(rest))
            self.state.fill()
            graph = parse(body.removesuffix(f"{LAST_LINE}\n"), TABLE)
        return LoadedGraph(graph, self.name, inspect.Signature(self.parameters), tuple(self.inputs),
                           tuple(self.assumptions), tuple(self.references), self.pattern)

    def _line(self, word: str, value: Any) -> None:
        match word:
            case "name":
                self.name = value
            case "class":
                self.stand_ins[f"{value[0]}:{value[1]}"] = classes.find(value)
            case "program_function":
                self.stand_ins[value] = FunctionStandIn(value)
            case "parameter":
                name, kind, *default = value
                given = {"default": default[0]} if default else {}
                self.parameters.append(inspect.Parameter(name, getattr(inspect.Parameter, kind), **given))
            case "input":
                self.inputs.append(_read_path(value))
            case "assumes":
                self.assumptions.append(Assumption(value[0], _read_path(value[1]), value[2]))
            case "reference":
                self.references.append(_read_path(value))
            case "pattern":
                self.pattern = value
            case _:
                raise ValueError(f"there is no line {word!r}")


def _read_path(parts: tuple[Any, ...]) -> Path:
    kind, first, *rest = parts
    match kind:
        case "argument":
            root: Argument | Variable | Object = Argument(first)
        case "variable":
            root = Variable(first, rest.pop(0))
        case _:
            root = Object(first)
    return Path(root, tuple(STEPS[name](key) for name, key in rest))

"""The reference engine: a graph as one Python function that makes one NumPy (or CuPy) call a node.

The function is written out and compiled once: slots are local variables, control flow is Python's own, an operator
is the operator. So values, strides, aliases, exceptions and warnings are NumPy's, a value dies where it was last
used, and a write is in place. Nothing of the user's source is in it.
"""

from __future__ import annotations

import linecache
import warnings
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from types import CodeType, ModuleType
from typing import Any

import numpy as np

from ..errors import InternalError, TographError
from ..ir.graph import Graph, Location, Node, Value, walk
from ..ir.types import NEVER, IntType, PythonType, ScalarType, Type, options
from ..ops.control import COND, FOR_LOOP, TRY_EXCEPT, TRY_FINALLY, WHILE_LOOP, WITH
from ..ops.effects import RAISE
from ..ops.waiting import GOES_ON, advance, check_left
from ..records import record
from .arrays import ArrayCalls
from .expressions import Expressions, operands_in


class Counter:
    """How many nodes were executed."""

    __slots__ = ("nodes",)

    def __init__(self) -> None:
        self.nodes = 0


@record
class Program:
    """A compiled graph: ``run(*inputs)`` gives its single output, or a tuple of its outputs.

    Its arrays are those of ``package``.
    """

    run: Callable[..., Any]
    source: str
    locations: dict[int, Location]
    code: CodeType
    package: ModuleType = np

    def note_place(self, error: BaseException) -> None:
        """Add to ``error`` the line of the user's that it comes from; a refusal has one."""
        if isinstance(error, TographError):
            return
        traceback = error.__traceback__
        while traceback is not None:
            if traceback.tb_frame.f_code is self.code:
                found = [line for line in self.locations if line <= traceback.tb_lineno]
                if found:
                    place = self.locations[max(found)]
                    text = linecache.getline(place.filename, place.line).strip()
                    error.add_note(
                        f"in {place.function}, at {place.filename}:{place.line}" + (f": {text}" if text else "")
                    )
                return
            traceback = traceback.tb_next


_numbers = count(1)


def compile_graph(graph: Graph, xp: ModuleType = np, counter: Counter | None = None, name: str = "graph") -> Program:
    """``graph`` as a Python function on arrays of ``xp``."""
    writer = _Writer(None if xp is np else ArrayCalls(xp))
    writer.constants.update(counter=counter or Counter(), unreachable=unreachable)
    writer.may_drop = any(node.op in (TRY_FINALLY, WITH) for node in walk(graph))
    writer.function("run", graph)
    source = "\n".join(writer.lines) + "\n"
    filename = f"<tograph {name} {next(_numbers)}>"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")    # the program had its warnings when it was compiled itself
        code = compile(source, filename, "exec")
    namespace = writer.constants
    exec(code, namespace)
    run = namespace["run"]
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    weakref.finalize(run.__code__, linecache.cache.pop, filename, None).atexit = False
    return Program(run, source, writer.locations, run.__code__, xp)


def unreachable(name: str) -> InternalError:
    """What stops a run where a call came back that tracing said would always raise."""
    return InternalError(f"{name} was expected to raise")


def catches(error: BaseException, classes: Any) -> bool:
    """Whether ``except classes`` takes ``error``; raises TypeError for what is no exception class."""
    for cls in classes if isinstance(classes, tuple) else (classes,):
        if not (isinstance(cls, type) and issubclass(cls, BaseException)):
            raise TypeError("catching classes that do not inherit from BaseException is not allowed")
    return isinstance(error, classes) and not isinstance(error, (TographError, InternalError))


class _Writer(Expressions):
    """Writes the function: graphs and their control flow.

    A refusal, or a mistake of ours, that comes up in a run is not for the program: no handler takes it, and where some
    part of the program may drop any exception (``may_drop``) the variable ``refused`` has it, which ends the run there.
    """

    may_drop = False
    counted = "counter.nodes"    # a variable where there are loops

    # -- graphs

    def function(self, name: str, graph: Graph) -> None:
        for value in graph.inputs:
            self.names[value] = self.new()
        with self.block(f"def {name}({', '.join(self.names[value] for value in graph.inputs)}):"):
            if self.may_drop:
                self.line("refused = None")
            if not any(node.op is GOES_ON for node in walk(graph)):
                self.all_counted(graph)
                return
            self.constants.update(advance_=advance, check_left_=check_left, BaseException_=BaseException)
            self.line("waiting = {}")
            with self.block("try:"):
                self.all_counted(graph)
            with self.block("except BaseException_ as error:"):
                self.line("check_left_(waiting, error)")
                self.line("raise")

    def all_counted(self, graph: Graph) -> None:
        """Write all of ``graph``, and what counts its nodes."""
        if not any(node.op in (WHILE_LOOP, FOR_LOOP) for node in walk(graph)):
            self.whole(graph)
            return
        self.counted = "nodes"
        self.line("nodes = 0")
        with self.block("try:"):
            self.whole(graph)
        with self.block("finally:"):
            self.line("counter.nodes += nodes")

    def whole(self, graph: Graph) -> None:
        results = self.body(graph)
        self.line(f"return {results[0] if len(results) == 1 else '(' + ', '.join(results) + ')'}")

    def count(self, number: int) -> None:
        """Write that ``number`` nodes are executed."""
        if number:
            self.line(f"{self.counted} += {number}")

    def body(self, graph: Graph, owned: Sequence[Value] = ()) -> list[str]:
        """Write the nodes of ``graph``, whose inputs have names; the names of its outputs.

        Of the inputs nobody else needs the ``owned`` ones: they die with their last use, unless they are outputs.
        """
        self.count(len(graph.nodes))
        self.nodes(graph, owned, _uses(graph))
        self.flush()
        if not graph.nodes:
            self.line("pass")
        return [self.names.get(value, "None") for value in graph.outputs]

    def nodes(self, graph: Graph, owned: Sequence[Value], uses: Mapping[Value, int]) -> None:
        """Write the nodes of ``graph``; the last calls are put off."""
        dying, unused = _last_uses(graph, owned)
        self.delete(unused)
        for node in graph.nodes:
            dead = dying.get(node, [])
            write = CONTROL.get(node.op.name)
            if write is not None:
                if node.op is not COND or not self.test(node.inputs[0], uses):
                    self.flush()
                    self.place(node)
                self.forget(write(self, node, dead), node)
            else:
                self.call(node, dead, uses)
            if node.outputs and node.outputs[-1].type == NEVER and node.op is not RAISE:
                self.line(f"refused = unreachable({node.op.name!r})")
                self.line("raise refused")

    def stop_if_refused(self) -> None:
        self.line("if refused is not None: raise refused")

    def assign(self, targets: Sequence[str], sources: Sequence[str]) -> None:
        pairs = [(target, source) for target, source in zip(targets, sources) if target != source]
        if pairs:
            self.line(f"{', '.join(t for t, _ in pairs)} = {', '.join(s for _, s in pairs)}")

    def enter(self, graph: Graph, names: Sequence[str]) -> None:
        self.names.update(zip(graph.inputs, names, strict=True))

    @contextmanager
    def nested(self, opening: str) -> Iterator[None]:
        with self.block(opening):
            self.blocks += 1
            yield
            self.blocks -= 1

    # -- control flow: each writes a node, given the values that die with it, and says which of these are left

    def cond(self, node: Node, dead: Sequence[Value]) -> list[Value]:
        """What dies with a branch is owned by both of its bodies: it dies where it is used last, or unused."""
        test, *captures = [self.names[value] for value in node.inputs]
        outputs = self.outputs(node)
        dying = [value for value in dead if node.inputs.count(value) == 1 and value is not node.inputs[0]]
        for opening, body in ((f"if {test}:", node.bodies[0]), ("else:", node.bodies[1])):
            owned = [inner for inner, value in zip(body.inputs, node.inputs[1:]) if value in dying]
            with self.nested(opening):
                self.enter(body, captures)
                self.hand_over(body, outputs, owned)
        return [value for value in dead if value not in dying]

    def hand_over(self, body: Graph, targets: Sequence[str], owned: Sequence[Value], also: int = 0) -> None:
        """Write ``body`` and give its results to ``targets``; the names that they had in it hold them no longer.

        With its nodes ``also`` others are counted.
        """
        start, uses = len(self.lines), _uses(body)
        self.count(len(body.nodes) + also)
        self.nodes(body, owned, uses)
        if _never(body) or any(value.type == NEVER for value in body.outputs):
            self.flush()
            return
        names, dead = self.results(body, uses)
        self.assign(targets, names)
        own = {*owned, *(value for node in body.nodes for value in node.outputs)}
        moved = [value for value in body.outputs if value in own and _holds_memory(value.type)]
        gone = [value for value in dict.fromkeys([*dead, *moved]) if self.names.get(value) not in targets]
        self.delete([value for value in gone if self.names.get(value, "").isidentifier()])
        if len(self.lines) == start:
            self.line("pass")

    def results(self, body: Graph, uses: Mapping[Value, int]) -> tuple[list[str], list[Value]]:
        """The names of the outputs of ``body``, of what was computed last its expression; and what dies with that."""
        last = self.delayed.pop() if self.delayed else None
        if last is not None and (body.outputs.count(last.value) != 1 or uses[last.value] != 1):
            self.delayed.append(last)
            last = None
        self.flush()
        if last is None:
            return [self.names.get(value, "None") for value in body.outputs], []
        self.place(last.node)
        self.names[last.value] = last.text
        return [self.names.get(value, "None") for value in body.outputs], last.dead

    def while_loop(self, node: Node, dead: Sequence[Value]) -> list[Value]:
        carried, captures, left = self.variables(node, 0, dead)
        test, body = node.bodies
        opening, uses = len(self.lines), _uses(test)
        with self.nested("while True:"):
            self.enter(test, [*carried, *captures])
            self.count(len(test.nodes))
            self.nodes(test, (), uses)
            if _never(test):
                self.flush()
                return left
            given = self.test(test.outputs[0], uses)
            answer = self.names[test.outputs[0]]
            if given and len(self.lines) == opening + 2:
                self.ask(opening, answer)
                self.iteration(body, [], carried, captures, len(test.nodes))
            else:
                self.line(f"if not {answer}: break")
                self.iteration(body, [], carried, captures)
        return left

    def ask(self, opening: int, answer: str) -> None:
        """Let the loop that opens at this line ask for ``answer`` itself; what was counted in it is counted before."""
        while_true, count = self.lines[opening:]
        self.lines[opening:] = [count[1:], while_true.replace("True", answer)]
        if len(self.lines) + 1 in self.locations:
            self.locations[len(self.lines)] = self.locations.pop(len(self.lines) + 1)

    def for_loop(self, node: Node, dead: Sequence[Value]) -> list[Value]:
        carried, captures, left = self.variables(node, 1, dead)
        iterable = self.walked(self.names[node.inputs[0]], node.inputs[0].type)
        item = self.new()
        if len(node.bodies) == 1:
            with self.nested(f"for {item} in {iterable}:"):
                self.iteration(node.bodies[0], [item], carried, captures)
            return left
        body, test = node.bodies
        iterator = self.new()
        self.constants["iter_"], self.constants["next_"] = iter, next
        self.line(f"{iterator} = iter_({iterable})")
        with self.nested("while True:"):
            self.enter(test, [*carried, *captures])
            (answer,) = self.body(test)
            if not _never(test):
                self.line(f"if not {answer}: break")
                self.line(f"{item} = next_({iterator}, STOP)")
                self.line(f"if {item} is STOP: break")
                self.iteration(body, [item], carried, captures)
        return left

    def variables(
        self, node: Node, first: int, dead: Sequence[Value]
    ) -> tuple[list[str], list[str], list[Value]]:
        """The loop's variables, which are its outputs, set to their first values; the names of its captures; and what
        is left of ``dead``: a first value is let go at once, so that the first trip can let it go in turn.
        """
        number = node.call.kwargs["carried"]
        carried = self.outputs(node)[:number]
        names = [self.names[value] for value in node.inputs[first:]]
        self.assign(carried, names[:number])
        start = node.inputs[first:first + number]
        dying = [value for value in dead if value in start and node.inputs.count(value) == start.count(value)]
        self.delete(dying)
        return carried, names[number:], [value for value in dead if value not in dying]

    def iteration(
        self, body: Graph, item: list[str], carried: list[str], captures: list[str], also: int = 0
    ) -> None:
        self.enter(body, [*item, *carried, *captures])
        owned = body.inputs[len(item):len(item) + len(carried)]
        self.hand_over(body, carried, owned, also)

    def try_finally(self, node: Node, dead: Sequence[Value]) -> Sequence[Value]:
        """A final part with an output drops the exception on its way out where that is true, as ``break`` does."""
        captures = [self.names[value] for value in node.inputs]
        for value in node.outputs:
            self.names[value] = self.new()
        body, final = node.bodies
        with self.nested("while True:" if final.outputs else "if True:"):
            with self.nested("try:"):
                self.enter(body, captures)
                self.body(body)
            with self.nested("finally:"):
                self.stop_if_refused()
                self.enter(final, captures)
                for drops in self.body(final):
                    self.line(f"if {drops}: break")
            if final.outputs:
                self.line("break")
        return dead

    def try_except(self, node: Node, dead: Sequence[Value]) -> Sequence[Value]:
        captures = [self.names[value] for value in node.inputs]
        for value in node.outputs:
            self.names[value] = self.new()
        body, otherwise, *handlers = node.bodies
        error = self.new("e")
        self.constants["BaseException_"] = BaseException
        with self.nested("try:"):
            self.enter(body, captures)
            self.body(body)
        with self.nested(f"except BaseException_ as {error}:"):
            for classes, handler in zip(handlers[::2], handlers[1::2]):
                self.enter(classes, captures)
                (wanted,) = self.body(classes)
                self.constants["catches_"] = catches
                self.line(f"if catches_({error}, {wanted}):")
                self.depth += 1
                self.enter(handler, [error, *captures])
                self.body(handler)
                self.depth -= 1
                self.line("else:")
                self.depth += 1
            self.line("raise")
            self.depth -= len(handlers) // 2
        with self.nested("else:"):
            self.enter(otherwise, captures)
            self.body(otherwise)
        return dead

    def with_(self, node: Node, dead: Sequence[Value]) -> Sequence[Value]:
        manager, *captures = [self.names[value] for value in node.inputs]
        for value in node.outputs:
            self.names[value] = self.new()
        value = self.new()
        with self.nested(f"with {manager} as {value}:"):
            self.enter(node.bodies[0], [value, *captures])
            self.body(node.bodies[0])
        self.stop_if_refused()
        return dead


CONTROL: dict[str, Callable[[_Writer, Node, Sequence[Value]], Sequence[Value]]] = {
    COND.name: _Writer.cond,
    WHILE_LOOP.name: _Writer.while_loop,
    FOR_LOOP.name: _Writer.for_loop,
    TRY_FINALLY.name: _Writer.try_finally,
    TRY_EXCEPT.name: _Writer.try_except,
    WITH.name: _Writer.with_,
}


def _uses(graph: Graph) -> dict[Value, int]:
    """How often each value is used by the nodes and outputs of ``graph``."""
    number: dict[Value, int] = {value: 1 for value in graph.outputs}
    for node in graph.nodes:
        used = (
            node.inputs
            if node.bodies
            else [node.inputs[index] for index in operands_in((node.call.args, dict(node.call.kwargs)))]
        )
        for value in used:
            number[value] = number.get(value, 0) + 1
    return number


def _never(body: Graph) -> bool:
    """Whether ``body`` never comes to its end."""
    return bool(body.nodes) and bool(body.nodes[-1].outputs) and body.nodes[-1].outputs[-1].type == NEVER


def _last_uses(graph: Graph, owned: Sequence[Value]) -> tuple[dict[Node, list[Value]], list[Value]]:
    """After which node each array of the graph is not used any more, and which of the ``owned`` inputs never are.

    Numbers are not worth forgetting, and what is an output lives on.
    """
    last: dict[Value, Node | None] = dict.fromkeys(owned)
    for node in graph.nodes:
        for value in node.outputs:
            last[value] = node
        for value in node.inputs:
            if value in last:
                last[value] = node
    dying: dict[Node, list[Value]] = {}
    unused: list[Value] = []
    kept = set(graph.outputs)
    for value, node in last.items():
        if value not in kept and value.type != NEVER and _holds_memory(value.type):
            (unused if node is None else dying.setdefault(node, [])).append(value)
    return dying, unused


def _holds_memory(type: Type) -> bool:
    return any(not isinstance(option, (IntType, PythonType, ScalarType)) for option in options(type))

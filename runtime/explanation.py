"""What a graph function did so far, for people: its traces, why each was made, and what each assumes.

``GraphFunction.explain()`` gives an ``Explanation``: fields to ask, and a text to print.
"""

from __future__ import annotations

import builtins
import linecache
from collections.abc import Iterable, Iterator

from ..transpiler import Location
from .cache import Reason, Trace
from .errors import shown
from .ir.drawing.markup import preformatted
from .ir.graph import Graph, Node
from .ir.types import ArrayType, options
from .passes.pipeline import Step
from .records import record
from .tracing.inputs import Source
from .tracing.keys import ABSENT

LOOPS = ("while_loop", "for_loop")
COPIES = frozenset((
    "copy", "method.copy", "array", "method.astype", "astype", "ascontiguousarray", "asfortranarray", "method.flatten",
))


@record
class Fact:
    """Something about a trace, with the user's line that it is about."""

    kind: str
    text: str
    place: Location | None = None

    def __str__(self) -> str:
        return f"{self.kind}: {self.text}"


@record
class TraceReport:
    """One trace: why it was made, what it assumes, and what became of the program in it.

    ``seconds`` is what making it took; ``passes`` say what the optimisation did.
    """

    number: int
    arguments: str
    reason: Fact
    nodes: int
    seconds: float
    specialised: tuple[Fact, ...]
    guards: tuple[Fact, ...]
    loops: tuple[Fact, ...]
    copies: tuple[Fact, ...]
    passes: tuple[Step, ...]

    @property
    def facts(self) -> tuple[Fact, ...]:
        """All that is worth a line, in the order of the text."""
        return (*self.specialised, *self.guards, *self.loops, *self.copies)

    def lines(self) -> Iterator[str]:
        """The report as indented text."""
        yield f"trace {self.number}: {_counted(self.nodes, 'node')}, for {self.arguments or 'no arguments'}"
        for fact in (self.reason, *self.facts):
            yield f"  {fact}"
            if fact.place is not None:
                yield f"    {_place(fact.place)}"


@record
class Explanation:
    """All traces of a function that it still has, and what of its calls was refused, by the first lines of the errors.
    """

    name: str
    traces: tuple[TraceReport, ...]
    refusals: tuple[Fact, ...]

    def __str__(self) -> str:
        refused = f"{_counted(len(self.refusals), 'refusal')}" if self.refusals else "nothing refused"
        lines = [f"{self.name}: {_counted(len(self.traces), 'trace')}, {refused}"]
        lines += [f"  {line}" for trace in self.traces for line in trace.lines()]
        for fact in self.refusals:
            lines.append(f"  {fact}")
            if fact.place is not None:
                lines.append(f"    {_place(fact.place)}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return preformatted(str(self))


def explain(name: str, parameters: Iterable[str], traces: Iterable[Trace], refusals: Iterable[Reason]) -> Explanation:
    """The explanation of a function from its ``traces``, in the order in which they were made."""
    names = tuple(parameters)
    return Explanation(
        name,
        tuple([_report(trace, names) for trace in traces]),
        tuple([Fact("refused", reason.text, reason.place) for reason in refusals]),
    )


def _report(trace: Trace, names: tuple[str, ...]) -> TraceReport:
    nodes = list(_nodes(trace.graph, False))
    made = trace.made
    return TraceReport(
        trace.number,
        trace.described(names),
        Fact("made for", trace.reason.text, trace.reason.place),
        len(nodes),
        made.seconds,
        tuple([Fact("specialised", reason.text, reason.place) for reason in made.specialised]),
        tuple([Fact("guard", f"{guard.name} is {guard.described()}", shown(guard.place))
               for guard in trace.guards if not _goes_without_saying(guard)]),
        tuple([Fact(note.kind, note.text, shown(note.place)) for note in made.notes]),
        tuple([_copy(node, in_loop) for node, in_loop in nodes if _copies(node)]),
        made.passes,
    )


def _goes_without_saying(guard: Source) -> bool:
    """Whether a guard only says that a builtin's name is nobody else's, or that an object holds no method itself."""
    return guard.key == ABSENT and (hasattr(builtins, guard.name) or bool(guard.path.steps))


def _nodes(graph: Graph, in_loop: bool) -> Iterator[tuple[Node, bool]]:
    """Every node, and whether it is in a loop."""
    for node in graph.nodes:
        yield node, in_loop
        for body in node.bodies:
            yield from _nodes(body, in_loop or node.op.name in LOOPS)


def _copies(node: Node) -> bool:
    return node.op.name in COPIES and any(
        isinstance(option, ArrayType) for value in node.outputs for option in options(value.type)
    )


def _copy(node: Node, in_loop: bool) -> Fact:
    what = f"{node.op.name.removeprefix('method.')}() makes a whole array"
    return Fact("copy", f"{what} in every trip" if in_loop else what, shown(node.location))


def _place(place: Location) -> str:
    """``model.py:6: the line``."""
    line = linecache.getline(place.filename, place.line).strip()
    where = str(Location(place.filename, place.line))
    return f"{where}: {line}" if line else where


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


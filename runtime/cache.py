"""The traces of a graph function, found by the key of a call and their guards.

In front of the keys stand quick ones, a dict for each combination of classes that arguments had. They lead to the
traces of a key faster, and to no others.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import Any, TypeAlias

from ..transpiler import Location
from .errors import shown
from .execute.reference import Program
from .ir.graph import Graph
from .passes.pipeline import Step
from .quick import GONE, Arguments, fetcher, guard_check, quick_key
from .records import record
from .tracing.inputs import Source
from .tracing.key_text import describe_key
from .tracing.keys import ABSENT, Exactly, Identity, alias_pattern, key_of
from .tracing.staging import Note

MOST_TRACES = 64  # for one key
MOST_KEYS = 1024  # what is traced for more kinds of arguments forgets the first
MOST_CLASSES = 64  # combinations of classes of arguments that have quick keys
MOST_QUICK_KEYS = 1024  # for each of them

Key: TypeAlias = tuple[tuple[Hashable, ...], Hashable]


@record
class Reason:
    """Why something was done, with the user's line that it is due to."""

    text: str
    place: Location | None = None


FIRST = Reason("the first call")


@record
class Made:
    """How a trace was made: what was specialised and why, what was done with loops, the time it took.

    ``traced`` is the graph before the passes, where it is known.
    """

    specialised: tuple[Reason, ...] = ()
    notes: tuple[Note, ...] = ()
    passes: tuple[Step, ...] = ()
    seconds: float = 0.0
    traced: Graph | None = None


class Trace:
    """A graph made for one key: what it takes, what it assumes, and the compiled program.

    ``direct`` says that the inputs are the arguments, in order; else ``fetch(arguments)`` finds them.
    """

    def __init__(self, graph: Graph, inputs: Sequence[Source], guards: Sequence[Source], references: Sequence[Source],
                 pattern: Hashable, program: Program, direct: bool, made: Made) -> None:
        self.graph = graph
        self.inputs = tuple(inputs)
        self.guards = tuple(guards)
        self.references = tuple(references)
        self.pattern = pattern
        self.program = program
        self.direct = direct
        self.made = made
        self.fetch = fetcher(self.inputs)
        self.number = 0
        self.reason = FIRST
        self.key: Key = ((), ())
        self._all_hold = guard_check(self.guards)
        self.check: Callable[[Arguments], bool] | None = self._holds if self.references else self._all_hold

    def _holds(self, arguments: Arguments) -> bool:
        return (self._all_hold is None or self._all_hold(arguments)) and self._has_pattern(arguments)

    def _has_pattern(self, arguments: Arguments) -> bool:
        """Whether those of the lists, dicts and objects are one that were when the trace was made."""
        try:
            found = [source.path.find(arguments) for source in self.references]
        except GONE:
            return False
        return alias_pattern((arguments, tuple(found))) == self.pattern

    def failure(self, arguments: Arguments) -> Reason | None:
        """What is not as this trace assumes at a call; None where it can run."""
        for source in self.guards:
            try:
                value = source.path.find(arguments)
            except GONE:
                if source.key == ABSENT:
                    continue
                return Reason(f"{source.name} is gone", shown(source.place))
            if not source.accepts(value):
                return Reason(f"{source.name} is {_found(source, value)}, and was {source.described()}",
                              shown(source.place))
        if self.references and not self._has_pattern(arguments):
            return Reason("other lists, dicts or objects are one and the same", shown(self.references[0].place))
        return None

    def described(self, names: Sequence[str]) -> str:
        """The kinds of the arguments, which are called ``names``."""
        return ", ".join([f"{name}: {describe_key(key)}" for name, key in zip(names, self.key[0])])


def _found(source: Source, value: Any) -> str:
    if isinstance(source.key, Exactly):
        return repr(value)
    if isinstance(source.key, Identity):
        return getattr(value, "__name__", None) or repr(value)
    return describe_key(key_of(value))


@record
class _Quick:
    """The quick keys of calls with arguments of ``classes``, which are kept alive here since they are known by id."""

    classes: tuple[type, ...]
    key: Callable[[Arguments], Hashable] | None
    traces: dict[Hashable, list[Trace]]


class TraceCache:
    """The traces of one function; ``static`` are the positions of arguments of which the value is part of the key."""

    def __init__(self, names: Sequence[str], static: Sequence[int] = ()) -> None:
        self._names = tuple(names)
        self._static = tuple(static)
        self._traces: dict[Key, list[Trace]] = {}
        self._quick: dict[tuple[int, ...], _Quick] = {}
        self._made = 0

    def __len__(self) -> int:
        return sum(map(len, self._traces.values()))

    def __iter__(self) -> Iterator[Trace]:
        """The traces in the order in which they were made."""
        return iter(sorted([trace for traces in self._traces.values() for trace in traces],
                           key=lambda trace: trace.number))

    def quickly(self, arguments: Arguments) -> Trace | None:
        """The trace for a call, if a quick key leads to one whose guards hold."""
        quick = self._quick.get(tuple(map(id, map(type, arguments))))
        if quick is None or quick.key is None:
            return None
        for trace in quick.traces.get(quick.key(arguments), ()):
            if trace.check is None or trace.check(arguments):
                return trace
        return None

    def key(self, arguments: Arguments) -> Key:
        """All that a trace assumes of the arguments; raises TypeError where a static one cannot be hashed."""
        if not self._static:
            return (tuple(map(key_of, arguments)), alias_pattern(arguments))
        keys = [Exactly(value) if i in self._static else key_of(value) for i, value in enumerate(arguments)]
        return (tuple(keys), alias_pattern(arguments))

    def find(self, key: Key, arguments: Arguments) -> Trace | None:
        """The trace for a call with this key; the next such call finds it quickly."""
        traces = self._traces.get(key, [])
        for trace in traces:
            if trace.failure(arguments) is None:
                self._learn(traces, arguments)
                return trace
        return None

    def _learn(self, traces: list[Trace], arguments: Arguments) -> None:
        classes = tuple(map(type, arguments))
        ids = tuple(map(id, classes))
        quick = self._quick.get(ids)
        if quick is None:
            if len(self._quick) >= MOST_CLASSES:
                self._quick.clear()
            quick = self._quick[ids] = _Quick(classes, quick_key(classes, self._static), {})
        if quick.key is not None:
            if len(quick.traces) >= MOST_QUICK_KEYS:
                quick.traces.clear()
            quick.traces[quick.key(arguments)] = traces

    def why(self, key: Key, arguments: Arguments) -> Reason:
        """Why a call with this key needs a trace of its own, given the traces there are."""
        failures = [trace.failure(arguments) for trace in self._traces.get(key, ())]
        if failures:
            return failures[0] or FIRST
        if not self._traces:
            return FIRST
        parts, _ = key
        nearest = min(reversed(self._traces), key=lambda other: sum(p != q for p, q in zip(parts, other[0])))
        differing = [
            f"{name} is {describe_key(now)}, and was {describe_key(before)}"
            for name, now, before in zip(self._names, parts, nearest[0])
            if now != before
        ]
        return Reason("; ".join(differing) or "other arguments are one and the same list, dict or object")

    def add(self, key: Key, trace: Trace, reason: Reason) -> None:
        """Keep a trace, which is tried before the others of its key."""
        self._made += 1
        trace.number, trace.key, trace.reason = self._made, key, reason
        self._traces[key] = [trace, *self._traces.get(key, ())][:MOST_TRACES]
        while len(self._traces) > MOST_KEYS:
            del self._traces[next(iter(self._traces))]
        for quick in list(self._quick.values()):
            quick.traces.clear()

    def clear(self) -> None:
        """Forget all traces."""
        self._traces.clear()
        self._quick.clear()
        self._made = 0

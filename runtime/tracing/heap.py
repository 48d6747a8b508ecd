"""What a trace knows of lists, dicts and objects at the point it has reached.

The things themselves live when the graph runs; every change of one is a node. Beside them the trace keeps, for each
object, what it holds: a value known here (then no load is needed), or only the type of what a load would give. A
``Heap`` is immutable; regions fork it, and where paths meet it is joined, as types are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ..ir.graph import map_leaves
from ..ir.types import (
    ANY,
    NEVER,
    UNBOUND,
    AnyType,
    ConstantType,
    DictType,
    IteratorType,
    ListType,
    ObjectType,
    SetType,
    TupleType,
    Type,
    join,
    options,
)
from ..ops.effects import UNBOUND_VALUE
from ..ops.infer import type_of as type_of_constant
from ..records import record
from .classes import is_derived
from .tracer import BoundMethod, Namespace, Tracer, UserMethod

Refs = frozenset["HeapObject"]
NOTHING: Refs = frozenset()


@dataclass(eq=False, slots=True)
class HeapObject:
    """One list, dict, set or namespace, or all that one place in a loop makes."""

    kind: str  # "list", "dict", "set", "object"
    cls: type = object
    name: str = ""
    initial: Callable[[str], Any] | None = None  # what an attribute held when the call began, an input on first use
    start: State | None = None  # the state when the call began, of what the call was given
    is_exact: bool = True  # of ``cls`` itself, not of a class derived from it

    def __repr__(self) -> str:
        return f"<{self.kind} {self.name}>"


@record
class Loadable:
    """An item that has to be loaded: its type, and what it may refer to."""

    type: Type
    refs: Refs = NOTHING


EMPTY = Loadable(NEVER)


@record
class State:
    """What an object holds: ``known`` by key (None: its keys are not known), and what covers any key and item.

    Of an instance of a class, ``known`` are its attributes; ``key`` and ``item`` are its contents if it is a container.
    """

    known: Mapping[Any, Any] | None = field(default_factory=dict)
    key: Loadable = EMPTY
    item: Loadable = EMPTY


@record(eq=False)
class Version:
    """A point in the history of heaps: the states of ``changed`` may differ from those ``before``."""

    before: Version | None = None
    depth: int = 0
    changed: Iterable[HeapObject] = ()

    def then(self, changed: Iterable[HeapObject]) -> Version:
        return Version(self, self.depth + 1, changed)


@record(eq=False)
class Heap:
    """The states of all objects, and which objects stand for many (their states only ever grow).

    What two heaps do not share is found by their versions, so that it costs what was changed and not what there is.
    """

    states: Mapping[HeapObject, State] = field(default_factory=dict)
    summaries: Refs = NOTHING
    version: Version = field(default_factory=Version)

    def __getitem__(self, thing: HeapObject) -> State:
        state = self.get(thing)
        assert state is not None, thing
        return state

    def get(self, thing: HeapObject) -> State | None:
        return self.states.get(thing, thing.start)

    def with_state(self, thing: HeapObject, state: State) -> Heap:
        return Heap({**self.states, thing: state}, self.summaries, self.version.then((thing,)))

    def with_states(self, states: Mapping[HeapObject, State], summaries: Refs = NOTHING) -> Heap:
        """The heap with these states, in which ``summaries`` stand for many, too."""
        if summaries <= self.summaries:
            summaries = self.summaries
        elif self.summaries:
            summaries |= self.summaries
        if not states:
            return self if summaries is self.summaries else Heap(self.states, summaries, self.version)
        return Heap({**self.states, **states}, summaries, self.version.then(states))

    def summarised(self, things: Iterable[HeapObject]) -> Heap:
        """The heap in which each of ``things`` may stand for many objects."""
        new = [thing for thing in things if thing not in self.summaries and self.get(thing) is not None]
        return self.with_states({thing: blurred(thing, self[thing]) for thing in new}, frozenset(new))

    def all_summarised(self) -> Heap:
        """The heap in which each object may stand for many."""
        return Heap(Blurred(self.states, self.summaries), self.summaries.union(self.states))


class Blurred(Mapping[HeapObject, State]):
    """``states`` without what is true of one object only, where an object is none of ``summaries``."""

    def __init__(self, states: Mapping[HeapObject, State], summaries: Refs) -> None:
        self._states, self._summaries = states, summaries
        self._blurred: dict[HeapObject, State] = {}

    def __getitem__(self, thing: HeapObject) -> State:
        if thing in self._summaries:
            return self._states[thing]
        if thing not in self._blurred:
            self._blurred[thing] = blurred(thing, self._states[thing])
        return self._blurred[thing]

    def __iter__(self) -> Iterator[HeapObject]:
        return iter(self._states)

    def __len__(self) -> int:
        return len(self._states)


def differing(a: Heap, b: Heap) -> Iterable[HeapObject]:
    """The objects of which the two heaps may know different things, in a fixed order."""
    found: dict[HeapObject, None] = {}
    p, q = a.version, b.version
    while p is not q:
        later = p if p.depth >= q.depth else q
        if later.before is None:
            return {**a.states, **b.states}
        found.update(dict.fromkeys(later.changed))
        if later is p:
            p = later.before
        else:
            q = later.before
    return found


def type_of(value: Any) -> Type:
    """The type of a value of the trace: of a tracer, a tuple with tracers in it, or a constant."""
    if isinstance(value, Tracer):
        return value.graph_value.type
    if isinstance(value, Loadable):
        return value.type
    if type(value) is tuple:
        return TupleType(tuple(type_of(item) for item in value))
    if value is UNBOUND_VALUE:
        return UNBOUND
    if isinstance(value, Namespace):
        return ConstantType(value.graph_target)
    if isinstance(value, (BoundMethod, UserMethod)):
        return ConstantType(value)
    return type_of_constant(value)


def refs_of(value: Any) -> Refs:
    """The heap objects that ``value`` may refer to."""
    if isinstance(value, Tracer):
        return value.graph_refs
    if isinstance(value, Loadable):
        return value.refs
    if type(value) is tuple:
        return NOTHING.union(*map(refs_of, value))
    if isinstance(value, (BoundMethod, UserMethod)):
        return refs_of(value.receiver)
    return NOTHING


def loadable(value: Any) -> Loadable:
    """``value`` as something to be loaded."""
    return value if isinstance(value, Loadable) else Loadable(type_of(value), refs_of(value))


def same(a: Any, b: Any) -> bool:
    """Whether two values of a trace are one: the same graph value, or constants that nothing tells apart."""
    if a is b:
        return True
    if type(a) is not type(b):
        return False
    if isinstance(a, Tracer):
        return a.graph_value is b.graph_value
    if isinstance(a, tuple):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, Loadable):
        return a == b
    if isinstance(a, (bool, int, str, bytes, type(None), slice)):
        return a == b
    if isinstance(a, (float, complex)):
        return repr(a) == repr(b)
    if isinstance(a, Namespace):
        return a.graph_target is b.graph_target
    if isinstance(a, BoundMethod):
        return a.name == b.name and same(a.receiver, b.receiver)
    if isinstance(a, UserMethod):
        return a.function is b.function and same(a.receiver, b.receiver)
    if hasattr(a, "dtype") and hasattr(a, "tobytes"):
        return a.dtype == b.dtype and a.shape == () == b.shape and a.tobytes() == b.tobytes()
    return False


def met(a: Any, b: Any) -> Any:
    """What covers both ``a`` and ``b``."""
    if same(a, b):
        return a
    return Loadable(join(type_of(a), type_of(b)), refs_of(a) | refs_of(b))


def joined(values: Iterable[Any]) -> Loadable:
    """What covers all of ``values``, as something to be loaded."""
    values = list(values)
    return Loadable(join(*map(type_of, values)), NOTHING.union(*map(refs_of, values)))


def blurred(thing: HeapObject, state: State) -> State:
    """``state`` without what is true of one object only."""
    if state.known is None:
        return state
    if thing.kind == "object":
        return replace(state, known={name: loadable(item) for name, item in state.known.items()})
    return forgotten(state)


def held(state: State, items: Sequence[Any]) -> State:
    """``state`` after ``items`` were put somewhere."""
    return State(None, state.key, joined([state.item, *(state.known or {}).values(), *items]))


def appended(state: State, items: Sequence[Any]) -> State:
    """The state of a list after ``items`` were put at its end."""
    if state.known is None:
        return held(state, items)
    return replace(state, known=dict(enumerate([*state.known.values(), *items])))


def forgotten(state: State) -> State:
    """``state`` without knowing which items there are."""
    if state.known is None:
        return state
    return State(None, joined([state.key, *state.known]), joined([state.item, *state.known.values()]))


UNSET = Loadable(UNBOUND)


def attribute(thing: HeapObject, state: State, name: str) -> Any:
    """What ``name`` of an object holds: what it was set to, what it held when the call began, or ``UNSET``."""
    known = state.known or {}
    if name in known:
        return known[name]
    return thing.initial(name) if thing.initial is not None else UNSET


def join_states(thing: HeapObject, a: State, b: State) -> State:
    """What is true of ``thing`` after either of two paths."""
    if a is b:
        return a
    if thing.kind == "object":
        known = {
            name: met(attribute(thing, a, name), attribute(thing, b, name))
            for name in {**(a.known or {}), **(b.known or {})}
        }
        return State(known, joined([a.key, b.key]), joined([a.item, b.item]))
    if a.known is not None and b.known is not None and list(a.known) == list(b.known):
        return State({key: met(item, b.known[key]) for key, item in a.known.items()}, a.key, a.item)
    a, b = blurred(thing, a), blurred(thing, b)
    return State(None, joined([a.key, b.key]), joined([a.item, b.item]))


def join_heaps(a: Heap, b: Heap) -> Heap:
    """What is true after either of two paths; an object made on one path only keeps its state."""
    states: dict[HeapObject, State] = {}
    for thing in differing(a, b):
        p, q = a.get(thing), b.get(thing)
        if q is not None and p is not q:
            states[thing] = q if p is None else join_states(thing, p, q)
    return a.with_states(states, b.summaries)


def leaving(heap: Heap, around: Heap, is_known: Callable[[Tracer], bool], settled: Callable[[Type], Type]) -> Heap:
    """``heap`` where a scope ends: what was known by a value of that scope has to be loaded from now on.

    ``around`` is a heap in terms of the scope around: states that are its own stay.  ``is_known`` says whether a
    tracer means something around the scope, ``settled`` gives a type in terms of there.
    """
    states = {
        thing: state_leaving(heap.states[thing], is_known, settled)
        for thing in differing(around, heap)
        if thing in heap.states and around.states.get(thing) is not heap.states[thing]
    }
    return around.with_states(states, heap.summaries)


def state_leaving(state: State, is_known: Callable[[Tracer], bool], settled: Callable[[Type], Type]) -> State:
    """``state`` where a scope ends, see ``leaving``."""

    def outlives(value: Any) -> Any:
        if isinstance(value, Loadable):
            return outside(value)
        inner = False

        def leaf(item: Any) -> Any:
            nonlocal inner
            target = item.receiver if isinstance(item, (BoundMethod, UserMethod)) else item
            inner |= isinstance(target, Tracer) and not is_known(target)
            return item

        map_leaves(value, leaf)
        return outside(loadable(value)) if inner else value

    def outside(value: Loadable) -> Loadable:
        type = settled(value.type)
        return value if type == value.type else Loadable(type, value.refs)

    before = [state.key, state.item, *(state.known or {}).values()]
    key, item, *values = after = list(map(outlives, before))
    if all(new is old for new, old in zip(after, before)):
        return state
    return State(None if state.known is None else dict(zip(state.known, values)), key, item)


def through(moments: Sequence[Heap], here: Callable[[HeapObject, State], State]) -> Heap:
    """What is true at each of ``moments``; ``here`` gives a state of later ones in the terms of the first."""
    first = last = moments[0]
    summaries = first.summaries
    states: dict[HeapObject, State] = {}
    seen = set()
    for moment in moments[1:]:
        for thing in differing(last, moment):
            state = moment.states.get(thing)
            if state is not None and (id(thing), id(state)) not in seen:
                seen.add((id(thing), id(state)))
                present = states.get(thing) or first.get(thing)
                new = here(thing, state)
                states[thing] = new if present is None else join_states(thing, present, new)
        if moment.summaries is not last.summaries:
            summaries |= moment.summaries
        last = moment
    return first.with_states(states, summaries)


def reachable(
    heap: Heap, refs: Iterable[HeapObject], counts: Callable[[HeapObject], bool] = lambda thing: True
) -> Refs:
    """All objects that can be reached from ``refs``, these included, over objects that ``counts`` lets pass."""
    found: set[HeapObject] = set()
    pending = list(refs)
    while pending:
        thing = pending.pop()
        if thing in found or not counts(thing):
            continue
        found.add(thing)
        state = heap.get(thing)
        if state is not None:
            pending.extend(state.key.refs | state.item.refs)
            for item in (state.known or {}).values():
                pending.extend(refs_of(item))
    return frozenset(found)


def holding(state: State, keys: Sequence[Any], items: Sequence[Any]) -> State:
    """The state of an object that is a container, after ``items`` may have been put into it, under ``keys``."""
    return replace(state, key=joined([state.key, *keys]), item=joined([state.item, *items]))


def contents_of(thing: HeapObject, state: State) -> State:
    """``state`` as that of a container: what is known of an object are its attributes, which are none of its items."""
    return State(None, state.key, state.item) if thing.kind == "object" else state


def item_type(state: State) -> Type:
    return join(state.item.type, *map(type_of, (state.known or {}).values()))


def key_type(state: State) -> Type:
    return join(state.key.type, *map(type_of, state.known or {}))


def may_refer(type: Type) -> bool:
    """Whether a value of ``type`` may refer to a list, dict, set or object."""
    if isinstance(type, TupleType):
        return any(map(may_refer, type.items))
    if isinstance(type, IteratorType):
        return True
    return any(
        isinstance(option, (ListType, SetType, DictType, ObjectType, AnyType, IteratorType))
        or (isinstance(option, TupleType) and may_refer(option))
        for option in options(type)
    )


KIND_OF = {ListType: "list", SetType: "set", DictType: "dict"}


def fitting(refs: Refs, type: Type) -> Refs:
    """Those of ``refs`` that a value of ``type`` can refer to."""
    if not may_refer(type):
        return NOTHING
    found = options(type)
    if any(isinstance(option, (AnyType, IteratorType, TupleType)) for option in found):
        return refs
    kinds = {KIND_OF.get(option.__class__) for option in found}
    classes = tuple(option.cls for option in found if isinstance(option, ObjectType))
    return frozenset(
        thing
        for thing in refs
        if thing.kind in kinds
        or thing.kind == "object"
        and any(is_derived(thing.cls, cls) or is_derived(cls, thing.cls) for cls in classes)
    )


def may_be_unbound(type: Type) -> bool:
    """Whether a variable of ``type`` may have no value."""
    return type == ANY or UNBOUND in options(type)


def bound_part(type: Type) -> Type:
    """``type`` of a variable that has a value."""
    return join(*(option for option in options(type) if option != UNBOUND))

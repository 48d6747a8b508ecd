"""What a loop assumes about its variables and the heap when an iteration begins, and how that is made weaker.

An assumption is a ``Fixed`` item, a ``Loadable`` (any value of a type), or a tuple of assumptions.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..ir import dims
from ..ir.types import ANY, INT, NEVER, UNBOUND, ArrayType, IntType, TupleType, Type, covers, join, kinds, options
from ..records import record
from .heap import (
    Heap,
    HeapObject,
    Loadable,
    State,
    attribute,
    differing,
    join_states,
    loadable,
    reachable,
    refs_of,
    same,
    type_of,
)
from .tracer import Tracer


@record
class Fixed:
    """A variable that holds this at the start of every iteration, as far as was seen."""

    value: Any


def initial(item: Any) -> Any:
    """The first assumption about a variable that a loop assigns: numbers may be any of their kind."""
    if type(item) is tuple:
        return tuple(map(initial, item))
    if isinstance(item, (Tracer, bool, int, float, complex)):
        return Loadable(general(type_of(item)), refs_of(item))
    return Fixed(item)


def general(type: Type) -> Type:
    """``type`` without the values of ints."""
    if isinstance(type, IntType):
        return INT
    if isinstance(type, TupleType):
        return TupleType(tuple(map(general, type.items)), type.cls)
    return join(*map(general, options(type))) if len(options(type)) > 1 else type


@dataclass
class Widening:
    """Makes assumptions weaker until they hold; ``own`` are the sizes that stand for any that an iteration has."""

    anything: bool = False
    own: set[Any] = field(default_factory=set)
    met: dict[Any, Any] = field(default_factory=dict)

    def widened(self, assumption: Any, result: Any) -> Any:
        """The least assumption that covers ``assumption`` and ``result``."""
        if isinstance(assumption, Fixed):
            if same(assumption.value, result):
                return assumption
            first = loadable(assumption.value)
            return Loadable(self._absorb(first.type, general(type_of(result))), first.refs | refs_of(result))
        if type(assumption) is tuple:
            if type(result) is tuple and len(result) == len(assumption):
                return tuple(map(self.widened, assumption, result))
            assumption = self._flat(assumption)
        type_ = self._absorb(assumption.type, general(type_of(result)))
        return Loadable(type_, assumption.refs | refs_of(result))

    def _flat(self, assumption: Any) -> Loadable:
        if isinstance(assumption, Loadable):
            return assumption
        if isinstance(assumption, Fixed):
            return loadable(assumption.value)
        parts = [self._flat(part) for part in assumption]
        return Loadable(
            TupleType(tuple(part.type for part in parts)), frozenset().union(*(part.refs for part in parts))
        )

    def _absorb(self, wide: Type, new: Type) -> Type:
        for option in options(new):
            wide = self._absorb_option(wide, option)
        return wide

    def _absorb_option(self, wide: Type, new: Type) -> Type:
        found = list(options(wide))
        for i, present in enumerate(found):
            if (
                isinstance(present, ArrayType)
                and isinstance(new, ArrayType)
                and present.dtype == new.dtype
                and present.rank == new.rank
            ):
                found[i] = ArrayType(present.dtype, tuple(map(self._size, present.shape, new.shape)))
                return join(*found)
            if (
                isinstance(present, TupleType)
                and isinstance(new, TupleType)
                and present.cls is new.cls
                and len(present.items) == len(new.items)
            ):
                found[i] = TupleType(tuple(map(self._absorb, present.items, new.items)), present.cls)
                return join(*found)
        result = join(wide, new)
        return ANY if self.anything and result != wide else result

    def _size(self, present: Any, new: Any) -> Any:
        if present == new or present in self.own:
            return present
        size = self.met.get((present, new))
        if size is None:
            size = self.met[present, new] = dims.fresh("d")
            self.own.add(size)
        return size


def leaves(assumption: Any) -> list[Loadable]:
    if isinstance(assumption, Loadable):
        return [assumption]
    return [leaf for part in assumption for leaf in leaves(part)] if type(assumption) is tuple else []


def parts(assumption: Any, item: Any) -> list[Any]:
    """The pieces of ``item`` that stand where ``assumption`` has leaves."""
    if isinstance(assumption, Loadable):
        return [item]
    return (
        [leaf for part, piece in zip(assumption, item) for leaf in parts(part, piece)]
        if type(assumption) is tuple
        else []
    )


def structure(assumption: Any, values: Any) -> Any:
    """The variable that ``assumption`` is about, its leaves taken in order from the iterator ``values``."""
    if isinstance(assumption, Fixed):
        return assumption.value
    if type(assumption) is tuple:
        return tuple([structure(part, values) for part in assumption])
    return next(values)


def changes_kind(assumption: Any, wider: Any) -> bool:
    """Whether the second iteration begins with another kind of value than the first."""
    if type(assumption) is tuple and type(wider) is tuple:
        return any(map(changes_kind, assumption, wider))
    if isinstance(wider, Fixed):
        return False
    before = (
        loadable(assumption.value).type
        if isinstance(assumption, Fixed)
        else type_of(assumption)
        if isinstance(assumption, Loadable)
        else None
    )
    if before is None:
        return True
    if before == UNBOUND:
        return False
    return set(kinds(before)) != set(kinds(wider.type))


def widened_heap(head: Heap, after: Heap, results: Any, anything: bool) -> Heap | None:
    """The heap an iteration begins with, objects of earlier iterations in it, if ``head`` does not cover ``after``."""
    pending = {thing for result in results for leaf in leaves(result) for thing in leaf.refs}
    states = {}
    for thing in differing(head, after):
        old, new = head.get(thing), after.get(thing)
        if old is None or new is None or old is new:
            continue
        pending.update(new.key.refs, new.item.refs, *map(refs_of, (new.known or {}).values()))
        if not _covers_state(thing, old, new):
            wider = join_states(thing, old, new)
            states[thing] = _anything(wider) if anything else wider
    made = reachable(after, pending, lambda thing: head.get(thing) is None)
    if not made and not states:
        return None
    return head.with_states({**states, **{thing: after[thing] for thing in made}}).summarised(made)


def _anything(state: State) -> State:
    known = None if state.known is None else {key: Loadable(ANY, refs_of(item)) for key, item in state.known.items()}
    return State(known, state.key, Loadable(ANY, state.item.refs) if state.item.type != NEVER else state.item)


def _covers_state(thing: HeapObject, wide: State, narrow: State) -> bool:
    if wide is narrow:
        return True
    if thing.kind == "object":
        return all(
            _covers(attribute(thing, wide, name), attribute(thing, narrow, name))
            for name in {**(wide.known or {}), **(narrow.known or {})}
        ) and _covers(wide.key, narrow.key) and _covers(wide.item, narrow.item)
    if wide.known is None:
        narrow = narrow if narrow.known is None else join_states(thing, State(None), narrow)
        return _covers(wide.key, narrow.key) and _covers(wide.item, narrow.item)
    if narrow.known is None or list(wide.known) != list(narrow.known):
        return False
    return all(_covers(wide.known[key], item) for key, item in narrow.known.items())


def _covers(wide: Any, narrow: Any) -> bool:
    if same(wide, narrow):
        return True
    if not isinstance(wide, Loadable) or not refs_of(narrow) <= wide.refs:
        return False
    return covers(wide.type, general(type_of(narrow))) or covers(wide.type, type_of(narrow))

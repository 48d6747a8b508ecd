"""Which objects hold which, as far as a heap knows; from one heap to the next only what changed is looked at."""

from __future__ import annotations

from collections.abc import Set

from .heap import NOTHING, Heap, HeapObject, Refs, State, differing, refs_of


class Holders:
    """The objects that hold each object in the heap that was asked about last."""

    def __init__(self) -> None:
        self._heap = Heap()
        self._held: dict[HeapObject, Refs] = {}
        self._holders: dict[HeapObject, set[HeapObject]] = {}

    def of(self, thing: HeapObject, heap: Heap) -> Set[HeapObject]:
        """The objects of ``heap`` that may refer to ``thing``."""
        for each in differing(self._heap, heap):
            before, now = self._held.get(each, NOTHING), held_by(heap.states.get(each))
            for other in before - now:
                self._holders[other].remove(each)
            for other in now - before:
                self._holders.setdefault(other, set()).add(each)
            self._held[each] = now
        self._heap = heap
        return self._holders.get(thing, NOTHING)


def held_by(state: State | None) -> Refs:
    """What an object in ``state`` may refer to."""
    if state is None:
        return NOTHING
    return NOTHING.union(state.key.refs, state.item.refs, *map(refs_of, (state.known or {}).values()))

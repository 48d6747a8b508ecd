"""``copy.copy`` and ``copy.deepcopy``: Python copies when the graph runs; here it is said what the copies hold."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from types import ModuleType
from typing import TYPE_CHECKING, Any

from ..generators import Generator
from ..held import held_attributes
from ..ir.types import (
    NEVER,
    ArrayType,
    ConstantType,
    IntType,
    ObjectType,
    PythonType,
    ScalarType,
    TupleType,
    Type,
    options,
)
from ..ops.records import COPY, DEEP_COPY
from .answers import answers
from .classes import class_attribute, is_user_function
from .collections import defines
from .heap import HeapObject, Loadable, Refs, State, attribute, loadable, refs_of, type_of
from .tracer import Tracer

if TYPE_CHECKING:
    from .staging import Staging

IMMUTABLE = (IntType, ScalarType, PythonType, ConstantType)
# what a class can say of how its objects are copied
SPECIALS = ("__copy__", "__deepcopy__", "__reduce__", "__reduce_ex__", "__getstate__", "__setstate__", "__new__",
            "__getnewargs__", "__getnewargs_ex__", "__getattribute__", "__getattr__")  # fmt: skip


def is_immutable(type_: Type) -> bool:
    """Whether a copy of a value of ``type_`` is that value."""
    return all(
        isinstance(option, IMMUTABLE) and not _is_module(option)
        or isinstance(option, TupleType) and all(map(is_immutable, option.items))
        for option in options(type_)
    )


def _is_module(type_: Type) -> bool:
    """Whether a value of ``type_`` is a module, of which there is no copy."""
    return isinstance(type_, ConstantType) and isinstance(type_.value, ModuleType)


def _check(trace: Staging, things: Iterable[HeapObject], specials: tuple[str, ...]) -> None:
    """Refuse to copy objects whose class says how."""
    for thing in things:
        own = [name for name in specials if thing.kind == "object" and defines(thing.cls, name)]
        if own:
            trace.refuse(
                f"'{thing.cls.__name__}.{own[0]}' would be called by the copy module, which is not supported.",
                fix="write a method that makes the copy",
            )


@answers(copy.copy)
def _copy(trace: Staging, value: Any) -> Any:
    type_ = type_of(value)
    if _is_module(type_):
        return trace.apply(COPY, value, type=NEVER)
    if is_immutable(type_) or isinstance(type_, TupleType) or not isinstance(value, Tracer):
        return value
    if isinstance(type_, ArrayType):
        return trace.apply(COPY, value, type=type_)
    if isinstance(type_, ObjectType) and is_user_function(type_.cls, "__copy__"):
        return trace.call(class_attribute(type_.cls, "__copy__")[0], value)
    _check(trace, value.graph_refs, SPECIALS)
    made = frozenset(_Copies(trace, deep=False).of(thing) for thing in value.graph_refs)
    return trace.apply(COPY, value, type=type_, refs=made)


@answers(copy.deepcopy)
def _deepcopy(trace: Staging, value: Any) -> Any:
    type_ = type_of(value)
    if _is_module(type_):
        return trace.apply(DEEP_COPY, value, type=NEVER)
    if is_immutable(type_):
        return value
    if type(value) is tuple:
        if not refs_of(value):
            return tuple([trace.call(copy.deepcopy, item) for item in value])
        return trace.apply(DEEP_COPY, value, type=type_, refs=_deep(trace, refs_of(value)))
    if isinstance(value, Tracer) and isinstance(type_, ArrayType):
        return trace.apply(DEEP_COPY, value, type=type_)
    return trace.apply(DEEP_COPY, value, type=type_, refs=_deep(trace, refs_of(value)))


def _deep(trace: Staging, refs: Refs) -> Refs:
    copies = _Copies(trace, deep=True)
    made = frozenset(map(copies.of, refs))
    _check(trace, copies.made, SPECIALS)
    return made


class _Copies:
    """The objects that copies are, by the objects they are copies of."""

    def __init__(self, trace: Staging, deep: bool) -> None:
        self.trace, self.deep = trace, deep
        self.made: dict[HeapObject, HeapObject] = {}

    def of(self, thing: HeapObject) -> HeapObject:
        if thing in self.made:
            return self.made[thing]
        trace = self.trace
        if thing.cls is Generator:
            trace.refuse("A generator would be copied, which is not supported.", fix="copy a list of its items")
        state = trace.heap[thing]
        if thing.kind == "object":
            names: dict[Any, None] = dict.fromkeys([*(state.known or {}), *self._names(thing)])
            state = State({name: attribute(thing, state, name) for name in names}, state.key, state.item)
        made = self.made[thing] = trace.new_object(thing.kind, State(), thing.cls)
        made.is_exact = thing.is_exact
        known = None if state.known is None else {key: self.item(item) for key, item in state.known.items()}
        copied = State(known, self.loadable(state.key), self.loadable(state.item))
        if made in trace.heap.summaries:
            trace.weaken(made, copied)
        else:
            trace.heap = trace.heap.with_state(made, copied)
            if thing in trace.heap.summaries:
                trace.heap = trace.heap.summarised([made])
        return made

    def _names(self, thing: HeapObject) -> list[str]:
        """The attributes that an object of the caller's has."""
        if thing.initial is None:
            return []
        value = self.trace.given_object(thing)
        return [] if value is None else list(held_attributes(value))

    def item(self, item: Any) -> Any:
        if not self.deep or is_immutable(type_of(item)):
            return item
        return self.loadable(loadable(item))

    def loadable(self, item: Loadable) -> Loadable:
        return Loadable(item.type, frozenset(map(self.of, item.refs))) if self.deep else item

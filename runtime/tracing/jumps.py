"""Jumps: where code goes on of which there is no text, so that nothing says what a branch holds or a loop carries.

A loop is followed trip by trip, so how many there are must be known: from constants, from what is known of lists and
dicts, or from ints, bools and sizes of the call, which are specialised.  So are those that decide a test; one that only
data decides is followed both ways.  What would never end like that is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from enum import EnumType
from typing import Any, NoReturn

from ..courses import Course, Followed, plan_of
from ..errors import Refused
from ..ir.graph import Node, Value
from ..ir.types import (
    NEVER,
    ArrayType,
    DictType,
    IntType,
    IteratorType,
    ListType,
    ObjectType,
    RangeType,
    TupleType,
    options,
)
from ..ops.containers import ITERATOR
from ..ops.effects import STORE, Variables
from .generators import Generators
from .heap import HeapObject, Loadable, State, type_of
from .items import DictView
from .sizes import known_range, values_behind
from .trace import Specialise
from .tracer import Tracer, unwrap

MOST_TRIPS = 10_000  # of a loop that is followed trip by trip
MOST_NESTED = 16  # ways from a test or ``try`` that are followed within one another
MOST_FORKS = 300  # tests and ``try`` statements of a trace that are followed both ways
BY_DATA = "which way it goes here depends on data"
FIX = "put the function in a file, and import it from there"


class Jumps(Generators):
    """The part of a trace that follows jumps."""

    _is_iterable: Callable[[Any], bool]
    _view_item: Callable[[DictView, Any], Any]

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.made_of: dict[Value, tuple[str, Sequence[Any], dict[str, Any]]] = {}  # what ``zip`` and the like go over
        self._forks = 0
        self._loaded = 0   # how often a variable gave an iterator that may be any of several

    def follow(self, pieces: Sequence[Callable[..., Any]], facts: tuple[Any, ...], handlers: tuple[Any, ...]) -> Any:
        """Follow such code of which handlers watch over pieces; returns what the function does."""
        return Course(self, pieces, plan_of(facts, handlers), self.scope(), self._forked).run()

    def go_on(
        self,
        stacks: Any,
        position: Any,
        pieces: Sequence[Callable[..., Any]],
        facts: tuple[Any, ...],
        handlers: tuple[Any, ...],
        sizes: tuple[Any, ...],
    ) -> tuple[Any, tuple[Any]]:
        """Go on with a generator of such code at ``position``."""
        course = Course(self, pieces, plan_of(facts, handlers), stacks, self._forked)
        return course.go_on(position, sizes)

    def handling(self, error: Any, run: Callable[[], Any]) -> None:
        """``run()`` as a part of a handler of ``error``, which a generator goes on with."""
        self.try_(lambda: self._pass_on(error), ((lambda: BaseException, lambda _: run()),))

    def _forked(self, number: int, line: int) -> None:
        """Refuse what is followed too often: a loop or recursion that data ends."""
        self._forks += 1
        if number > MOST_NESTED or self._forks > MOST_FORKS:
            place = self.shown_location()
            raise Refused(
                f"The source of '{self._name()}' cannot be read, and {BY_DATA}.",
                location=place and replace(place, line=line, column=0, end_column=0),
                fix=FIX,
            )

    def decided(self, test: Any) -> Any:
        """Whether ``test`` is true; a flag where that depends on data."""
        flag = self.truth(test)
        if not isinstance(flag, Tracer):
            return flag
        behind = values_behind(self.block, flag.graph_value)
        switches = {symbol: self.hints[symbol] for value in behind
                    if (symbol := self.switches.get(value)) in self.hints}  # fmt: skip
        if switches:
            raise Specialise(switches, self._reason("a test"))
        self.specialise([value.type for value in behind if isinstance(value.type, IntType)], self._reason("a test"))
        return flag

    def steps(self, iterable: Any) -> Followed:
        """What a loop goes over."""
        iterable = unwrap(iterable)
        if not isinstance(iterable, (Tracer, DictView, tuple, str, bytes, range, dict, EnumType)):
            iterable = Tracer(self.value_of(iterable))
        if isinstance(iterable, Tracer) and type_of(iterable) != NEVER and not self._is_iterable(iterable):
            self.apply(ITERATOR, iterable, type=NEVER)
        place = HeapObject("object", name="steps")
        self.heap = self.heap.with_state(place, State({"count": 0}))
        return Followed(self._counted(self._each(iterable)), place)

    def step(self, items: Followed) -> tuple[Any, ...]:
        """The next item in a tuple, which is empty at the end.

        How far it went the heap knows too, which says if that was on another way.
        """
        state = self.heap.get(items.place)
        if state is None or (state.known or {}).get("count") != items.count:
            self._refuse_way()
        items.count += 1
        self.heap = self.heap.with_state(items.place, State({"count": items.count}))
        for item in items.items:
            return (item,)
        return ()

    def _reason(self, what: str) -> str:
        return f"{what} in '{self._name()}', which has no source"

    def _name(self) -> str:
        """The function that is traced."""
        return self.active[-1][0].co_name

    def _refuse_jump(self, what: str) -> NoReturn:
        self.refuse(f"The source of '{self._name()}' cannot be read, and {what}.", fix=FIX)

    def _refuse_way(self) -> NoReturn:
        self._refuse_jump(BY_DATA)

    def _refuse_number(self) -> NoReturn:
        self._refuse_jump("how many items it goes over here depends on data")

    def _counted(self, items: Iterator[Any]) -> Iterator[Any]:
        for number, item in enumerate(items):
            if number == MOST_TRIPS:
                self._refuse_jump(f"it goes over more than {MOST_TRIPS} items")
            yield item

    # -- what can be gone over, item by item

    def _each(self, iterable: Any, uses: int = 0) -> Iterator[Any]:
        """The items of ``iterable``, an iterator of which has so many ``uses`` so far."""
        if isinstance(iterable, EnumType):
            return iter(self.known_items(iterable) or ())
        if isinstance(iterable, DictView):
            return self._each_of_view(iterable)
        if not isinstance(iterable, Tracer):
            return iter(iterable)
        if self.is_own_iterable(iterable):
            return self._each_of_object(iterable)
        match type_of(iterable):
            case ListType():
                return self._each_of_list(iterable)
            case DictType():
                return self._each_of_view(DictView(iterable, "keys"))
            case IteratorType():
                return self._each_of_iterator(iterable, uses)
            case _:
                return (self._item(iterable, i) for i in self._places(iterable))

    def _places(self, sequence: Any) -> Sequence[int]:
        """The indices of a sequence whose size does not change; one of the call is specialised."""
        if not isinstance(sequence, Tracer):
            return range(len(sequence))
        match type_of(sequence):
            case RangeType() as type_:
                known = known_range(type_)
                if known is not None:
                    return range(len(known))
                bounds = (type_.start, type_.stop, type_.step)
                self._specialise_trips([IntType(bound) for bound in bounds if bound is not None])
            case ArrayType(_, (size, *_)):
                if isinstance(size, int):
                    return range(size)
                self._specialise_trips([IntType(size)])
            case TupleType(items):
                return range(len(items))
            case ListType():
                return range(self._length(sequence))
        self._refuse_number()

    def _specialise_trips(self, numbers: list[IntType]) -> None:
        self.specialise(numbers, self._reason("the number of items of a loop"))

    def _item(self, sequence: Any, index: int) -> Any:
        known = known_range(type_) if isinstance(type_ := type_of(sequence), RangeType) else None
        return self.get_item(sequence, index) if known is None else known[index]

    def _length(self, items: Tracer) -> int:
        state = self.only_state(items)
        if state is None or state.known is None or not isinstance(type_of(items), (ListType, DictType)):
            self._refuse_number()
        return len(state.known)

    def _each_of_list(self, items: Tracer) -> Iterator[Any]:
        """The items of a list, which may change meanwhile."""
        index = 0
        while index < self._length(items):
            yield self.get_item(items, index)
            index += 1

    def _each_of_view(self, view: DictView) -> Iterator[Any]:
        """The keys, values or items of a dict, whose keys stay the same."""
        self._length(view.mapping)
        state = self.only_state(view.mapping)
        keys = list(state.known or ()) if state is not None else []
        for key in keys:
            if self._length(view.mapping) != len(keys):
                self.raise_now(RuntimeError("dictionary changed size during iteration"))
            yield self._view_item(view, key)
        if self._length(view.mapping) != len(keys):
            self.raise_now(RuntimeError("dictionary changed size during iteration"))

    def _each_of_object(self, iterable: Tracer) -> Iterator[Any]:
        """What a class of the program's or a generator gives."""
        if self.is_generator(iterable) and self._known(iterable, "resume") is None:
            self._refuse_jump("it goes over a generator that has no source either")
        iterator = self.call(iter, iterable)
        while self._is_decided(item := self.advance(iterator)):
            yield self.get_item(item, 0)

    def _is_decided(self, test: Any) -> bool:
        """Whether ``test`` is true; where that depends on data, the function is refused."""
        flag = self.decided(test)
        return flag if isinstance(flag, bool) else self._refuse_way()

    def _each_of_iterator(self, iterator: Tracer, uses: int) -> Iterator[Any]:
        """What ``zip`` and the like give of what is known, as long as nothing else advances them."""
        is_here = self.block.owns(iterator.graph_value)
        if iterator.graph_value not in self.made_of or not is_here or self._uses(iterator) != uses:
            self._refuse_number()
        name, parts, keywords = self.made_of[iterator.graph_value]
        if name == "builtins.reversed":
            found: Iterator[Any] = (self._item(parts[0], index) for index in reversed(self._places(parts[0])))
        else:
            found = WRITTEN_OUT[name](*(self._each(part, uses=1) for part in parts), **keywords)
        return self._advanced_too(iterator, found)

    def _advanced_too(self, iterator: Tracer, items: Iterator[Any]) -> Iterator[Any]:
        """``items``; the iterator itself is advanced with them, since it may be used afterwards."""
        for item in items:
            uses = self._uses(iterator)
            self.call(next, iterator, None)
            yield item
            if self._uses(iterator) != uses + 1:
                self._refuse_jump("the iterator that it goes over is also advanced elsewhere")
        self.call(next, iterator, None)

    def _uses(self, iterator: Tracer) -> int:
        """How often nodes that are traced so far use an iterator, beside those that keep it in a variable."""
        value = iterator.graph_value
        return self._loaded + sum(value in node.inputs and not _keeps(node) for node in self.block.nodes)

    def read_variable(self, variables: Tracer, name: str, free: bool) -> Any:
        is_known = not isinstance(self.attribute_of(variables, name), Loadable)
        value = super().read_variable(variables, name, free)
        if not is_known and any(isinstance(option, IteratorType) for option in options(type_of(value))):
            self._loaded += 1
        return value


def _keeps(node: Node) -> bool:
    return node.op is STORE and node.inputs[0].type == ObjectType(Variables)


def _zipped(*parts: Iterator[Any], strict: Any = False) -> Iterator[Any]:
    """As ``zip``; where one is shorter and must not be, advancing the iterator itself raises."""
    return zip(*parts, strict=False)


def _numbered(items: Iterator[Any], start: Any = 0) -> Iterator[Any]:
    """As ``enumerate``."""
    return ((start + number, item) for number, item in enumerate(items))


WRITTEN_OUT: dict[str, Callable[..., Iterator[Any]]] = {
    "builtins.zip": _zipped,
    "builtins.enumerate": _numbered,
    "iterator": iter,
}

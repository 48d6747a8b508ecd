"""When generators end that nobody goes on with: Python ends them as soon as nothing refers to them.

What is seen then, by a ``finally`` or ``with``, is traced in its place: behind the call or loop that a temporary was
made for, or where the function returns whose variable held it.  Who holds a generator is looked up in the variables of
the code that is being traced, and in the heap.  One that may be left elsewhere is refused in the end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence, Set
from dis import get_instructions
from functools import partial
from types import CodeType
from typing import Any

from ..generators import Generator
from ..ir.types import UNBOUND, ObjectType, options
from ..ops.closures import is_record
from ..ops.effects import IS_BOUND, UNRAISABLE, Variables
from . import consuming, managers
from .groups import Groups
from .heap import NOTHING, HeapObject, Refs, refs_of, type_of
from .holders import Holders, held_by
from .tracer import Rule, Tracer

ENDED = -1
TYPE = ObjectType(Generator)


class Lifetimes(Groups):
    """The part of a trace that ends generators."""

    if_: Callable[..., Any]

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.codes: dict[HeapObject, CodeType] = {}   # of all generators: of the function that made it
        self._older: list[int] = []   # how many there were when each call that is traced began
        self._ending: set[HeapObject] = set()   # those whose end is traced
        self._ended_with_call: set[HeapObject] = set()   # temporaries that ended with the call that they were made for
        self._gone: Refs = NOTHING   # what nobody refers to any more, of those that ended
        self._unsure: set[HeapObject] = set()   # those that may end earlier than they are dropped
        self._managed: set[HeapObject] = set()   # those of managers, which a ``with`` ends however it is left
        self._references = Holders()
        self._advanced: dict[HeapObject, None] = {}   # those that see how they are left, and are advanced one by one

    def is_generator(self, value: Any) -> bool:
        return isinstance(value, Tracer) and value.graph_value.type == TYPE

    def advanced(self, generator: Tracer) -> None:
        """Note that ``generator`` goes on to its next item."""
        for thing in generator.graph_refs:
            state = self.heap.get(thing)
            if state is None or (state.known or {}).get("raises") is not False:
                self._advanced[thing] = None

    def inline(self, *arguments: Any, **keywords: Any) -> Any:
        self._older.append(len(self.codes))
        try:
            return super().inline(*arguments, **keywords)
        finally:
            self._older.pop()

    def returning(self, value: Any, *generators: Any) -> Any:
        """``value`` as what a function returns, whose variables held ``generators``; those that it made end here."""
        kept = self.reachable_from(value)
        for generator in generators:
            kinds = options(type_of(generator))
            if TYPE in kinds and all(kind in (TYPE, UNBOUND) for kind in kinds) and self._dies(generator, kept):
                is_there = len(kinds) == 1 or self.apply(IS_BOUND, generator)
                self.if_(is_there, partial(self._end, generator), _nothing, (), ())
                (thing,) = generator.graph_refs
                self._set_known(thing, "position", ENDED)
        return value

    def with_(self, manager: Any, body: Callable[[Any], Any]) -> None:
        managed = self._managed_by(manager)
        super().with_(manager, body)
        self._end_with_statement(managed)    # whatever goes on behind the statement

    def leave(self, manager: Any, error: Any = None) -> Any:
        managed = self._managed_by(manager)
        result = super().leave(manager, error)
        self._end_with_statement(managed)
        return result

    def _managed_by(self, manager: Any) -> Refs:
        """The generator that a manager runs, noted as one that is ended."""
        is_generators = isinstance(manager, Tracer) and type_of(manager) == ObjectType(managers.GeneratorManager)
        managed = self.get_attribute(manager, "generator").graph_refs if is_generators else NOTHING
        self._managed |= managed
        return managed

    def _end_with_statement(self, generators: Refs) -> None:
        for thing in generators if len(generators) == 1 else ():
            self._set_known(thing, "position", ENDED)

    def _dies(self, generator: Tracer, kept: Refs) -> bool:
        """Whether the function that returns holds ``generator`` alone, which somebody would see end."""
        things = generator.graph_refs
        if len(things) != 1 or not things & self._advanced.keys() or things & (kept | self.heap.summaries):
            return False
        (thing,) = things
        is_new = [*self.codes].index(thing) >= self._older[-1]
        is_own = all(map(self._ends_here, self._holding(thing)))
        return is_new and is_own and self.attribute_of(generator, "position") is not None

    def _ends_here(self, holder: HeapObject) -> bool:
        """Whether ``holder`` has variables of the function that returns, which nothing else refers to."""
        if holder.cls is not Variables or self._holding(holder):
            return False
        _, *outer = self.places.frames()
        return not any(holder in refs_of(value) for frame in outer for value in frame.f_locals.values())

    def dropped(self, value: Any, kept: Refs = NOTHING) -> bool:
        """End a generator that was a temporary, and those that its code alone held; ``kept`` is not over.

        Says whether it was one.
        """
        if not self.is_generator(value) or len(value.graph_refs) != 1 or value.graph_refs & (kept | self._ending):
            return False
        (thing,) = value.graph_refs
        if thing in self._unsure or self.is_held(value, frozenset((thing,))):
            return False
        position = self.attribute_of(value, "position")
        if thing in self._advanced and not (type(position) is int and position == ENDED):
            self._end(value)
            self._set_known(thing, "position", ENDED)
        self._gone |= self._owned_by(thing)
        arguments = self.attribute_of(value, "arguments")
        arguments = arguments if type(arguments) is tuple else ()
        for each in reversed(arguments) if self.codes[thing] in consuming.ENDS_BACKWARDS else arguments:
            self.dropped(each, kept)
        return True

    def check_parameters(self, code: CodeType, args: Sequence[Any], but: Set[HeapObject]) -> None:
        """Note of which generators among the arguments of a function, ``but`` of some, it is not known when they end.

        Variables end with the call in their order; a parameter that is given something else has ended before.
        """
        given = {i: arg for i, arg in enumerate(args) if self.is_generator(arg) and not arg.graph_refs <= but}
        own = {code.co_varnames[i] for i in given if i < code.co_argcount}
        if _changes(code, own) or len(given) - len(own) > 1:
            self._unsure.update(*(generator.graph_refs for generator in given.values()))

    def settle_dropped(self, generator: Tracer) -> None:
        """Note that ``generator`` has ended, also where an exception left the call that it was made for."""
        self._ended_with_call |= generator.graph_refs

    def is_held(self, generator: Tracer, gone: Refs = NOTHING) -> bool:
        """Whether a variable of the code that is traced, or an object that is not ``gone``, refers to ``generator``."""
        for frame in self.places.frames():
            if any(generator.graph_refs & refs_of(value) for value in frame.f_locals.values()):
                return True
        return any(self._holding(thing) - gone for thing in generator.graph_refs)

    def _holding(self, thing: HeapObject) -> Set[HeapObject]:
        """The objects that refer to ``thing`` and are not gone."""
        return self._references.of(thing, self.heap) - self._gone

    def _owned_by(self, generator: HeapObject) -> Refs:
        """``generator``, its code and its variables, as far as nothing else refers to them."""
        owned: set[HeapObject] = set()
        pending = [generator]
        while pending:
            owned.add(thing := pending.pop())
            for each in held_by(self.heap.get(thing)):
                is_part = is_record(ObjectType(each.cls)) or each.cls is Variables
                if is_part and each not in owned and self._holding(each) <= owned:
                    pending.append(each)
        return frozenset(owned)

    def _end(self, generator: Tracer) -> None:
        generator = self.narrowed(generator, TYPE)
        self._ending |= generator.graph_refs
        self.call(consuming.ended, generator, Rule(lambda error: self.unraisable(generator, error)))
        self._ending -= generator.graph_refs

    def unraisable(self, generator: Tracer, error: Any, *cause: Any) -> None:
        """What is raised while a generator is deleted is told, and dropped; one of several is advanced item by item."""
        (name,) = {self.codes[thing].co_qualname for thing in generator.graph_refs}
        self.apply(UNRAISABLE, error, name, *cause)

    def returned(self, result: Any) -> Any:
        """``result`` as what the call gives; a generator that is left half-way would end when it is deleted."""
        for thing in self._advanced.keys() - self._managed - self._ended_with_call:
            state = self.heap.get(thing)
            position = None if state is None else (state.known or {}).get("position")
            if type(position) is not int or position > 0:
                self.refuse(
                    "A generator may be left before its end, and its 'finally' or 'with' would run when it is deleted.",
                    fix="go over all of it with one 'for' loop, or end it by its close()",
                )
        return super().returned(result)


def _changes(code: CodeType, names: Set[str]) -> bool:
    """Whether ``code`` may give one of its parameters another value; to share it is to store it once."""
    shared: Counter[str] = Counter()
    pending = [code]
    while pending:
        each = pending.pop()
        pending += [constant for constant in each.co_consts if isinstance(constant, CodeType)]
        for instruction in get_instructions(each):
            if instruction.argval not in names:
                continue
            if instruction.opname in ("STORE_FAST", "DELETE_FAST", "STORE_DEREF", "DELETE_DEREF"):
                return True
            shared[instruction.argval] += instruction.opname in ("STORE_ATTR", "DELETE_ATTR")
    return any(number > 1 for number in shared.values())


def _nothing() -> tuple[()]:
    return ()

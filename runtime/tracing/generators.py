"""Generators of the program's own: consumed where they stand, or advanced item by item.

A generator is an object of a class that is traced like the user's (``transpiler/generators.py``), so it can be stored,
passed on, and advanced anywhere.  A loop over a fresh one is traced as the code of the generator, with the body of the
loop in the place of each ``yield``: what the loop carries is carried by the loops of the generator, and the graph
holds one program without any trace of a generator.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FunctionType
from typing import Any

from ...transpiler.generators import Generator, cannot_go_on, has_item, left_early, no_item, pass_on, present
from ..ir.types import STR, ArrayType, IteratorType, ListType, ObjectType, RangeType
from ..ops.effects import IS_BOUND, UNBOUND_VALUE
from ..records import record
from .answers import ANSWERS
from .exceptions import Exceptions
from .heap import HeapObject, may_be_unbound
from .regions import holds_always
from .tracer import Tracer

ENDED = -1
TYPE = ObjectType(Generator)


@record(eq=False)
class Consumer:
    """What takes the items of a generator: ``take(state, item)`` gives the next state.

    ``active`` and ``handled`` are the trace's where the consumer stands; its code is traced with these.
    ``keeps_state``: it has nothing to be carried along.
    """

    take: Callable[[Any, Any], Any]
    is_enough: Callable[[Any], Any]
    active: Any
    handled: Any
    keeps_state: bool = False


class Generators(Exceptions):
    """The part of a trace that runs generators."""

    for_: Callable[..., Any]
    while_: Callable[..., Any]
    not_: Callable[..., Any]
    or_: Callable[..., Any]
    bound: Callable[..., Any]

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._kept_by_name: set[HeapObject] = set()   # generators that may be gone on with after a loop over them
        self._passed_on: set[HeapObject] = set()   # those that functions were given

    # -- making one

    def generator(self, run: Any, arguments: tuple[Any, ...], frame: Any = None, raises: bool = False) -> Any:
        """What a generator function returns."""
        for given in arguments:
            if self.is_generator(given) and self._known(given, "raises") is False:
                self._passed_on -= given.graph_refs   # it is used up by this one, or not at all
        resume = None if frame is None else self.call(frame, *arguments)
        return self.call(Generator, run, arguments, resume, raises)

    def is_generator(self, value: Any) -> bool:
        return isinstance(value, Tracer) and value.graph_value.type == TYPE

    def _known(self, generator: Tracer, name: str) -> Any:
        return self._read(generator, name, self.attribute_of(generator, name))

    def _is_fresh(self, value: Any) -> bool:
        """Whether ``value`` is a generator of which it is known that nothing was run yet."""
        if not self.is_generator(value):
            return False
        position = self.attribute_of(value, "position")
        return type(position) is int and position == 0

    def named(self, value: Any) -> Any:
        """What a loop that may be left goes over, where a variable refers to it as well."""
        if self.is_generator(value):
            self._kept_by_name |= value.graph_refs
        return value

    def call(self, function: Any, /, *args: Any, **kwargs: Any) -> Any:
        if isinstance(function, FunctionType) and function.__module__ != Generator.__module__:
            self._passed_on.update(*(arg.graph_refs for arg in args if self.is_generator(arg)))
        return super().call(function, *args, **kwargs)

    def _go_on_from(self, generator: Tracer, position: Any) -> None:
        self.set_attribute(generator, "position", position)

    # -- all items, one after the other

    def over_generator(
        self, generator: Tracer, body: Callable[..., Any], carried: Sequence[Any], names: Sequence[str], test: Any
    ) -> Any:
        """A loop over a generator."""
        if test is not None and holds_always(self, test, carried, names):
            test = None
        kept = generator.graph_refs & (self._kept_by_name | self._passed_on)
        if not self._is_fresh(generator) or test is not None and kept:
            return self._over_items(generator, body, carried, names, test)

        def is_enough(state: Any) -> Any:
            return False if test is None else self.not_(test(*state))

        def take(state: Any, item: Any) -> Any:
            return tuple(body(item, *state))

        consumer = Consumer(take, is_enough, list(self.active), list(self.handled))
        return self._push(generator, consumer, tuple(carried), test is not None)[0]

    def _push(self, generator: Tracer, consumer: Consumer, state: Any, may_stop: bool) -> tuple[Any, Any]:
        """Run ``generator`` for ``consumer``; gives the last state and what the generator returns."""
        self._go_on_from(generator, None)
        guarded = self._known(generator, "raises") and not consumer.keeps_state
        result = self._push_guarded(generator, consumer, state) if guarded else self._run(generator, consumer, state)
        if not may_stop:
            self._go_on_from(generator, ENDED)
        return result

    def _run(self, generator: Tracer, consumer: Consumer, state: Any) -> tuple[Any, Any]:
        run, arguments = self._known(generator, "run"), self._known(generator, "arguments")
        result = self.bound(self.call(run, consumer, state, *arguments), "result")
        state, value = result if type(result) is tuple else self.unpack(result, 2)
        return state, value

    def _over_items(
        self, generator: Tracer, body: Callable[..., Any], carried: Sequence[Any], names: Sequence[str], test: Any
    ) -> Any:
        """A loop over what is left of a generator."""
        step = self.scope()

        def fetch() -> Any:
            step.item = self.advance(generator)
            return self.has_item(step.item)

        def more(*variables: Any) -> Any:
            return fetch() if test is None else self.if_(test(*variables), fetch, lambda: False, (), ())

        def once(*variables: Any) -> Any:
            return body(self.bound(step.item, "item"), *variables)

        result = self.while_(more, once, carried, names)
        if test is None:
            self._go_on_from(generator, ENDED)
        return result

    def _push_guarded(self, generator: Tracer, consumer: Consumer, state: Any) -> tuple[Any, Any]:
        """The same for a generator that sees how it is left: what the consumer raises must not be seen in it."""
        kept = self.scope()
        kept.stopped, kept.failed = False, False
        kept.value = None
        for number, part in enumerate(state):
            kept.set(f"part{number}", part)

        def now() -> tuple[Any, ...]:
            return tuple([getattr(kept, f"part{number}") for number in range(len(state))])

        def take(_: Any, item: Any) -> Any:
            def attempt() -> None:
                for number, part in enumerate(consumer.take(now(), item)):
                    kept.set(f"part{number}", part)

            def failed(error: Any) -> None:
                kept.error, kept.failed, kept.stopped = error, True, True

            def stop() -> None:
                kept.stopped = True

            with self._as(consumer):
                self.try_(attempt, ((lambda: BaseException, failed),))
                self.if_(self.or_(kept.stopped, lambda: consumer.is_enough(now())), stop, _nothing, (), ())
            return ()

        inner = Consumer(take, lambda _: kept.stopped, list(self.active), list(self.handled), True)

        def run() -> None:
            kept.value = self._run(generator, inner, ())[1]

        def not_from_consumer(error: Any) -> None:
            self.if_(kept.stopped, _nothing, lambda: self._stopped_early(error), (), ())

        def left(error: Any) -> None:
            self.if_(kept.stopped, _nothing, lambda: self.raise_(error), (), ())

        self.try_(run, ((lambda: StopIteration, not_from_consumer), (lambda: BaseException, left)))
        self.if_(kept.failed, lambda: self.raise_(kept.error), _nothing, (), ())
        return now(), kept.value

    def _stopped_early(self, error: Any) -> None:
        self.raise_(self.call(RuntimeError, "generator raised StopIteration"), error)

    @contextmanager
    def _as(self, consumer: Consumer) -> Iterator[None]:
        """Trace code of the consumer's."""
        before = self.active, self.handled
        self.active, self.handled = list(consumer.active), list(consumer.handled)
        try:
            yield
        finally:
            self.active, self.handled = before

    # -- what the code of a generator calls

    def give(self, consumer: Consumer, state: Any, value: Any) -> Any:
        with self._as(consumer):
            return consumer.take(state, value)

    def ended(self, consumer: Consumer, state: Any) -> Any:
        with self._as(consumer):
            return consumer.is_enough(state)

    def give_all(self, consumer: Consumer, state: Any, iterable: Any) -> Any:
        if self._is_fresh(iterable):
            return self._push(iterable, consumer, state, True)[0]
        body = lambda item, *state: self.give(consumer, state, item)  # noqa: E731
        test = lambda *state: self.not_(self.ended(consumer, state))  # noqa: E731
        return self.for_(iterable, body, state, [f"state{number}" for number in range(len(state))], test)

    def yield_(self, consumer: Consumer, value: Any) -> Any:
        self.give(consumer, (), value)
        self._leave(consumer)

    def yield_from(self, consumer: Consumer, iterable: Any) -> Any:
        value = None
        if self._is_fresh(iterable):
            value = self._push(iterable, consumer, (), True)[1]
        else:
            self.give_all(consumer, (), iterable)
            value = self._known(iterable, "result") if self.is_generator(iterable) else None
        self._leave(consumer)
        return value

    def _leave(self, consumer: Consumer) -> None:
        self.if_(consumer.is_enough(()), lambda: self.raise_(self.call(GeneratorExit)), _nothing, (), ())

    def iterable(self, value: Any) -> Any:
        """What the first ``for`` of a generator expression goes over; what cannot be gone over raises at once."""
        if not isinstance(value, Tracer):
            return value
        type_ = value.graph_value.type
        if isinstance(type_, ArrayType):
            return value if type_.rank else self.call(iter, value)
        steady = isinstance(type_, (ListType, RangeType, IteratorType)) or type_ == STR
        return value if steady else self.call(iter, value)

    # -- item by item

    def received(self, receive: Any) -> Any:
        return self.call(receive)

    def iterator(self, value: Any) -> Any:
        """What a generator goes over while it waits."""
        return self.call(iter, value)

    def advance(self, items: Any, receive: Any = None) -> Any:
        """The next item, or the value that stands for none."""
        if self.is_generator(items):
            return self.call(items.step) if receive is None else self.call(pass_on, items, receive)
        if receive is not None and self.call(receive) is not None:
            self.refuse(
                "What is sent to this generator goes on to an iterator that takes nothing.",
                fix="send to the generator that reads it",
            )
        return self.call(next, items, UNBOUND_VALUE)

    def has_item(self, item: Any) -> Any:
        if isinstance(item, Tracer) and may_be_unbound(item.graph_value.type):
            return self.apply(IS_BOUND, item)
        return item is not UNBOUND_VALUE

    def result_of(self, items: Any) -> Any:
        """What ``yield from`` gives."""
        return self._known(items, "result") if self.is_generator(items) else None


def _nothing() -> tuple[()]:
    return ()


ANSWERS[no_item] = lambda trace: UNBOUND_VALUE
ANSWERS[has_item] = lambda trace, item: trace.has_item(item)
ANSWERS[present] = lambda trace, item: trace.bound(item, "item")
ANSWERS[cannot_go_on] = lambda trace: trace.refuse(
    "This generator is advanced item by item, but has a 'yield' that nothing can go on from.",
    fix="go over all of it with one 'for' loop, or put the 'yield' in a statement of its own",
)
ANSWERS[left_early] = lambda trace: trace.refuse(
    "This generator is used again after a loop over it was left.",
    fix="give it a name before the loop, or make the generator anew",
)

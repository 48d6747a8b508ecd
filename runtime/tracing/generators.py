"""Generators of the program's own: consumed where they stand, or advanced item by item.

A generator is an object of a class that is traced like the user's (``transpiler/generators.py``), so it can be stored,
passed on, and advanced anywhere.  A loop over a fresh one is traced as the code of the generator, with the body of the
loop in the place of each ``yield``: what the loop carries is carried by the loops of the generator, and the graph
holds one program without any trace of a generator.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import BuiltinFunctionType, CodeType, FunctionType
from typing import Any, NoReturn

import numpy as np

from ..generators import Generator, nothing, pass_on
from ..ir.types import (
    ANY,
    STR,
    ArrayType,
    DictType,
    IteratorType,
    ListType,
    ObjectType,
    RangeType,
    SetType,
    TupleType,
    Type,
    join,
    options,
)
from ..ops.containers import ANY_LIST
from ..ops.op import Op
from ..records import record
from . import consuming, library, overriding
from .classes import has_user_method, is_container, says_items
from .consumers import CONSUMERS
from .exceptions import ABSENT
from .heap import HeapObject, type_of
from .items import DictView, Star
from .leaving import Leaving
from .lifetimes import ENDED
from .misfits import check_iterable, fits, misfit
from .regions import holds_always
from .trace import Specialise
from .tracer import Tracer, UserMethod

UNGUARDED = Generator.throw.__code__    # stands for the call of a generator that does not see what ends it
CAUGHT = Generator.advance.__code__    # stands for what catches StopIteration
CATCHING = frozenset({CAUGHT, consuming.next_of.__code__, library.extreme_of.__code__, library.extreme_or.__code__})
_PAIR = TupleType((ANY, ANY))
# Methods that go over an argument, and ops that may be given a generator.
GOING_OVER = {
    "extend", "update", "union", "intersection", "difference", "symmetric_difference", "intersection_update",
    "difference_update", "symmetric_difference_update", "isdisjoint", "issubset", "issuperset", "join", "extendleft",
}  # fmt: skip
HOLDING = {
    "store", "load", "load_variable", "closure", "captured", "tuple", "list", "dict", "set", "update", "bound",
    "is_bound", "narrowed", "operator.is", "expected", "type", "isinstance", "issubclass",
    "container.append", "container.insert",
    "container.add", "container.setdefault", "container.remove", "container.index", "operator.truth", "operator.not",
    "goes_on",
}  # fmt: skip


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


class Generators(Leaving):
    """The part of a trace that runs generators."""

    for_: Callable[..., Any]
    while_: Callable[..., Any]
    not_: Callable[..., Any]
    or_: Callable[..., Any]
    bound: Callable[..., Any]

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._kept: set[HeapObject] = set()   # generators that something may go on with after a loop over them
        self._made_at: dict[HeapObject, str] = {}   # the place of each
        self._given_once: set[HeapObject] = set()   # temporaries that a generator expression goes over
        self._unguarded: list[tuple[Any, list[str]]] = []   # entries of ``active``, and where each generator was made

    # -- making one

    def generator(self, run: Any, arguments: tuple[Any, ...], frame: Any = None, raises: bool = False) -> Any:
        """What a generator function returns."""
        code = self.active[-1][0]
        survives = code in consuming.SURVIVES
        taken = self._taken_up(code, arguments) if survives else arguments
        resume = None if frame is None else self.call(frame, *taken)
        generator = self.call(Generator, run, arguments, resume, raises, survives)
        (thing,) = generator.graph_refs
        path = self.places.lasting_path()
        self._made_at[thing] = f"the generator of {path}"
        self.codes[thing] = code
        if raises:
            self.note_made(thing, run)
        return generator

    def _taken_up(self, code: CodeType, arguments: tuple[Any, ...]) -> list[Any]:
        """The arguments of an iterator of the library, of which ``iterable`` goes on wherever that begins again."""
        names = code.co_varnames
        return [self.call(iter, each) if name == "iterable" else each for name, each in zip(names, arguments)]

    def is_own_iterable(self, value: Any) -> bool:
        """Whether the program says itself how ``value`` is iterated over."""
        type_ = type_of(value)
        return isinstance(type_, ObjectType) and not isinstance(value, DictView) and says_items(type_)

    def items_of(self, value: Any) -> Any:
        """A list of the items of what the program iterates over by itself, else ``value``."""
        return self.call(list, value) if self.is_own_iterable(value) else value

    def entries_of(self, value: Any) -> Any:
        """The same for what makes a dict, where an object that has ``keys`` is a mapping."""
        return value if has_user_method(type_of(value), "keys") else self.items_of(value)

    def _known(self, generator: Tracer, name: str) -> Any:
        return self.held_attribute(generator, name, self.attribute_of(generator, name))

    def _is_fresh(self, value: Any) -> bool:
        """Whether ``value`` is a generator of which it is known that nothing was run yet."""
        if not self.is_generator(value):
            return False
        position = self.attribute_of(value, "position")
        return type(position) is int and position == 0

    def _go_on_from(self, generator: Tracer, position: Any) -> None:
        self.set_attribute(generator, "position", position)

    def named(self, value: Any) -> Any:
        """What a loop that may be left goes over, where a variable refers to it as well."""
        if self.is_generator(value):
            self._kept |= value.graph_refs
        return value

    def used_again(self, generator: Tracer) -> NoReturn:
        """A generator is advanced after a loop that may have left it: it is advanced item by item from the start."""
        places = {self._made_at[thing]: 1 for thing in generator.graph_refs if thing in self._made_at}
        if places.keys() - self.specialised.keys():
            raise Specialise(places, "a generator is gone on with after a loop over it")
        self.refuse(
            "This generator is used again after a loop over it was left.", fix="make the generator anew for the loop"
        )

    # -- calls

    def call(self, function: Any, /, *args: Any, **kwargs: Any) -> Any:
        if isinstance(function, UserMethod) and self.is_generator(function.receiver):
            self._check_fits(function, args, kwargs)
        own = [arg for arg in args if self.is_own_iterable(arg)]
        generators = [arg for arg in own if self.is_generator(arg)]
        if not generators or getattr(function, "__module__", None) == Generator.__module__:
            return self._call(function, own, args, kwargs)
        is_users = isinstance(function, FunctionType) and function.__module__ != consuming.__name__
        new = [] if is_users else [each for each in generators if self._is_fresh(each)]
        if isinstance(function, FunctionType):
            self._kept.update(*(arg.graph_refs for arg in generators if not self._is_used_up(function, arg)))
            if is_users:
                self.check_parameters(function.__code__, args, self._given_once)
        result = self._call(function, own, args, kwargs)
        kept = self.reachable_from(result)
        for generator in generators:
            if self.dropped(generator, kept) and any(generator is each for each in new):
                self.settle_dropped(generator)
        return result

    def _check_fits(self, method: UserMethod, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """Raise as a generator of Python's does where a method of it cannot be called so."""
        if kwargs or not fits(method.function, method.receiver, *args):
            own = getattr((item for item in ()), method.function.__name__)
            self.of_constants(functools.partial(own, **kwargs), *args)

    def _is_used_up(self, function: FunctionType, generator: Tracer) -> bool:
        """Whether ``function`` goes over ``generator`` once, and nobody does so afterwards."""
        is_once = function.__module__ == consuming.__name__ or generator.graph_refs <= self._given_once
        return is_once and not self.is_held(generator)

    def _call(self, function: Any, own: list[Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if own and isinstance(function, (type, BuiltinFunctionType, np.ufunc)):
            rule = CONSUMERS.get(function)
            if rule is not None and not fits(function, *args, **kwargs):
                misfit(self, function, args, kwargs)
            if rule is not None and fits(rule, self, *args, **kwargs):
                return rule(self, *args, **kwargs)
            if isinstance(getattr(function, "__self__", None), str | bytes) and function.__name__ == "join":
                args = tuple(map(self.items_of, args))
        return super().call(function, *args, **kwargs)

    def call_method(self, obj: Tracer, name: str, *args: Any, **kwargs: Any) -> Any:
        if any(map(self.is_own_iterable, args)) and not self.is_own_iterable(obj):
            if name == "update" and isinstance(type_of(obj), DictType) and has_user_method(type_of(args[0]), "keys"):
                self.call(overriding.update_from, obj, args[0])
                args = args[1:]
            if name == "extend" and type_of(obj) == ANY_LIST and len(args) == 1 and not kwargs:
                return self.call(consuming.extended, obj, *args)
            if name in GOING_OVER:
                is_of_keys = name == "update" and not isinstance(type_of(obj), SetType)
                args = tuple(map(self.entries_of if is_of_keys else self.items_of, args))
        return super().call_method(obj, name, *args, **kwargs)

    def operate_in_place(self, name: str, target: Tracer, other: Any) -> Any:
        if name == "add" and isinstance(type_of(target), ListType) and self.is_own_iterable(other):
            self.call(consuming.extended, target, other)
            return target
        return super().operate_in_place(name, target, other)

    def in_(self, item: Any, container: Any) -> Any:
        says_how = has_user_method(type_of(container), "__contains__") or self.container_class(container) is not None
        if self.is_own_iterable(container) and not says_how:
            return self.call(consuming.contains, container, item)
        return super().in_(item, container)

    def star(self, value: Any) -> Star:
        return Star(self.entries_of(value))

    def new_list(self, *items: Any) -> Any:
        return super().new_list(*self._gone_over(items))

    def new_tuple(self, *items: Any) -> Any:
        return super().new_tuple(*self._gone_over(items))

    def new_set(self, *items: Any) -> Any:
        return super().new_set(*self._gone_over(items))

    def _gone_over(self, items: Sequence[Any]) -> list[Any]:
        """Items of a display; an object that is a mapping too gives its items here."""
        return [Star(self.items_of(item.value)) if isinstance(item, Star) else item for item in items]

    def items_now(self, value: Any) -> Any:
        if self.is_own_iterable(value):
            return self.items_of(value)
        return self.call(list, value) if _all_of(value, _may_change) else value

    def entries_now(self, value: Any) -> Any:
        return self.call(dict, value) if _all_of(value, lambda option: isinstance(option, DictType)) else value

    def unpack(self, value: Any, count: int) -> tuple[Any, ...]:
        if self.is_own_iterable(value):
            value = self.call(consuming.taken, value, count + 1)
        return super().unpack(value, count)

    def unpack_starred(self, value: Any, before: int, after: int) -> tuple[Any, ...]:
        return super().unpack_starred(self.items_of(value), before, after)

    def apply(self, op: Op, *args: Any, **kwargs: Any) -> Any:
        if op.name not in HOLDING and any(map(self.is_generator, args)):
            self.refuse(f"{op.name}() of a generator is not supported.", fix="collect its items first: list(generator)")
        return super().apply(op, *args, **kwargs)

    # -- all items, one after the other

    def over_generator(
        self, generator: Tracer, body: Callable[..., Any], carried: Sequence[Any], names: Sequence[str], test: Any
    ) -> Any:
        """A loop over a generator."""
        if test is not None and holds_always(self, test, carried, names):
            test = None
        if not self._may_be_run(generator, test) or self._is_guarded(generator) and self.lives_on(generator):
            result = self._over_items(generator, body, carried, names, test)
            self.dropped(generator)
            return result

        def is_enough(state: Any) -> Any:
            return False if test is None else self.not_(test(*state))

        def take(state: Any, item: Any) -> Any:
            return tuple(body(item, *state))

        consumer = Consumer(take, is_enough, list(self.active), list(self.handled))
        result = self._push(generator, consumer, tuple(carried), test is not None)[0]
        self.dropped(generator)
        return result

    def _may_be_run(self, generator: Any, test: Any) -> bool:
        """Whether a loop may run all of a generator, which nobody else advances before or after."""
        if not self._is_fresh(generator) or any(self._made_at.get(t) in self.specialised for t in generator.graph_refs):
            return False
        is_seen = self._known(generator, "raises") and test is not None   # when it is ended
        return not (is_seen and generator.graph_refs & self._kept)

    def is_left_unseen(self, generator: Any) -> bool:
        """Whether a loop may run a generator, and leave it without that being seen."""
        return self._may_be_run(generator, None) and self._known(generator, "raises") is False

    def _push(self, generator: Tracer, consumer: Consumer, state: Any, may_stop: bool) -> tuple[Any, Any]:
        """Run ``generator`` for ``consumer``; gives the last state and what the generator returns."""
        self._go_on_from(generator, None)
        guarded = self._is_guarded(generator) and not consumer.keeps_state
        if guarded:
            result = self._push_guarded(generator, consumer, state)
        else:
            with self.running(consumer, generator):
                result = self._run(generator, consumer, state)
        if result[1] is not None:
            self.set_attribute(generator, "result", result[1])
        if not may_stop:
            self._go_on_from(generator, ENDED)
        return result

    def _run(self, generator: Tracer, consumer: Consumer, state: Any) -> tuple[Any, Any]:
        run, arguments = self._known(generator, "run"), self._known(generator, "arguments")
        guarded = self._is_guarded(generator)
        entry = (UNGUARDED, self.block)
        if not guarded:
            self.active.append(entry)
            self._unguarded.append((entry, self._stops(generator)))
        try:
            state, value = self.unpack(self.taken_apart(self.call(run, consumer, state, *arguments)), 2)
        finally:
            if not guarded:
                self.active.pop()
                self._unguarded.pop()
        return state, value

    def _is_guarded(self, generator: Tracer) -> bool:
        """Whether what ends a generator is watched: it sees how it is left, or may raise StopIteration itself."""
        stops = any(name in self.specialised for name in self._stops(generator))
        return stops or self._known(generator, "raises") is not False

    def _stops(self, generator: Tracer) -> list[str]:
        """The names under which it is noted that a generator may raise StopIteration."""
        return [f"{self._made_at[thing]} may stop" for thing in generator.graph_refs if thing in self._made_at]

    def raise_(self, exception: Any = ABSENT, cause: Any = ABSENT) -> None:
        kinds = [exception] if isinstance(exception, type) else [
            option.cls for option in options(type_of(exception)) if isinstance(option, ObjectType)
        ] if isinstance(exception, Tracer) else [type(exception)]  # fmt: skip
        if any(issubclass(kind, StopIteration) for kind in kinds):
            self.check_may_stop()
        super().raise_(exception, cause)

    def caught(self, next_item: Callable[[], Any]) -> Any:
        """``next_item()`` where a StopIteration is caught."""
        self.active.append((CAUGHT, self.block))
        try:
            return next_item()
        finally:
            self.active.pop()

    def check_may_stop(self) -> None:
        """What raises StopIteration here may end a generator, which turns it into RuntimeError: watch that one."""
        for entry in reversed(self.active):
            if entry[0] in CATCHING:
                return
            if entry[0] is UNGUARDED:
                (places,) = (places for each, places in self._unguarded if each is entry)
                raise Specialise(dict.fromkeys(places, 1), "a function that a generator calls may raise StopIteration")

    def taken_apart(self, value: Any, otherwise: TupleType = _PAIR) -> Any:
        """What the code of a generator returned: always a tuple, whatever may be said of its variables."""
        if not isinstance(value, Tracer):
            return value
        tuples = [option for option in options(value.graph_value.type) if isinstance(option, TupleType)]
        known = self.narrowed(value, join(*tuples) if tuples else otherwise)
        return self.wrap(known.graph_value, known.graph_refs)

    def _over_items(
        self, generator: Tracer, body: Callable[..., Any], carried: Sequence[Any], names: Sequence[str], test: Any
    ) -> Any:
        """A loop over what is left of a generator."""
        step = self.scope()

        def fetch() -> Any:
            step.item = self.advance(generator)
            return self.truth(step.item)

        def more(*variables: Any) -> Any:
            return fetch() if test is None else self.if_(test(*variables), fetch, lambda: False, (), ())

        def once(*variables: Any) -> Any:
            return body(self.get_item(step.item, 0), *variables)

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
            return tuple([self._known(kept.graph_tracer, f"part{number}") for number in range(len(state))])

        def take(_: Any, item: Any) -> Any:
            def attempt() -> None:
                for number, part in enumerate(consumer.take(now(), item)):
                    kept.set(f"part{number}", part)

            def failed(error: Any) -> None:
                self.check_left(running)
                kept.error, kept.failed, kept.stopped = error, True, True

            def stop() -> None:
                kept.stopped = True

            with self._as(consumer), self.given_to(consumer):
                self.unseen_try(attempt, ((lambda: BaseException, failed),))
                self.if_(self.or_(kept.stopped, lambda: consumer.is_enough(now())), stop, _nothing, (), ())
            return ()

        inner = Consumer(take, lambda _: kept.stopped, list(self.active), list(self.handled), True)

        def run() -> None:
            kept.value = self._run(generator, inner, ())[1]

        def ended(error: Any) -> None:
            self.if_(kept.stopped, _nothing, lambda: self.raise_(error), (), ())

        def stopped_early(error: Any) -> None:
            made = self.call(RuntimeError, "generator raised StopIteration")
            tell = lambda: self.unraisable(generator, made, error)  # noqa: E731
            self.if_(kept.stopped, tell, lambda: self.raise_(made, error), (), ())

        def failed_itself(error: Any) -> None:
            tell = lambda: self.unraisable(generator, error)  # noqa: E731
            self.if_(kept.stopped, tell, lambda: self.raise_(error), (), ())

        handlers = ((GeneratorExit, ended), (StopIteration, stopped_early), (BaseException, failed_itself))
        with self.running(inner, generator, kept) as running:
            self.unseen_try(run, [(lambda kind=kind: kind, handler) for kind, handler in handlers])
        self.if_(kept.failed, lambda: self.raise_(kept.error), _nothing, (), ())
        return now(), kept.value

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
        with self._as(consumer), self.given_to(consumer):
            return consumer.take(state, value)

    def ended(self, consumer: Consumer, state: Any) -> Any:
        with self._as(consumer):
            return consumer.is_enough(state)

    def give_all(self, consumer: Consumer, state: Any, iterable: Any) -> Any:
        if self._may_be_run(iterable, True):
            return self._push(iterable, consumer, state, True)[0]
        body = lambda item, *state: self.give(consumer, state, item)  # noqa: E731
        test = lambda *state: self.not_(self.ended(consumer, state))  # noqa: E731
        return self.for_(iterable, body, state, [f"state{number}" for number in range(len(state))], test)

    def yield_(self, consumer: Consumer, value: Any) -> Any:
        self.give(consumer, (), value)
        self._leave(consumer)

    def yield_from(self, consumer: Consumer, iterable: Any) -> Any:
        value = None
        if self._may_be_run(iterable, True):
            value = self._push(iterable, consumer, (), True)[1]
        else:
            self.give_all(consumer, (), iterable)
            value = self._known(iterable, "result") if self.is_generator(iterable) else None
        self._leave(consumer)
        return value

    def _leave(self, consumer: Consumer) -> None:
        def close() -> None:
            with self.given_to(consumer):
                self.raise_(self.call(GeneratorExit))

        self.if_(consumer.is_enough(()), close, _nothing, (), ())

    def iterable(self, value: Any) -> Any:
        """What the first ``for`` of a generator expression goes over; what cannot be gone over raises at once."""
        check_iterable(self, value)
        if not isinstance(value, Tracer):
            return value
        if self.is_generator(value) and not self.is_held(value):
            self._given_once |= value.graph_refs
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

    def advance(self, items: Any, receive: Any = nothing, passes_on: Any = False) -> Any:
        """The next item in a tuple, which is empty at the end."""
        if self.is_generator(items):
            step = lambda: self.call(items.step)  # noqa: E731
            if receive is nothing:
                return step()
            return self.if_(passes_on, lambda: self.call(pass_on, items, receive), step, (), ())
        if receive is not nothing:
            self.if_(passes_on, lambda: self._taken_by_nobody(receive), _nothing, (), ())
        return self.call(consuming.next_of, items)

    def _taken_by_nobody(self, receive: Any) -> tuple[()]:
        """What is sent to or thrown into an iterator that is no generator: an exception is raised here."""
        if self.call(receive) is not None:
            self.refuse(
                "What is sent to this generator goes on to an iterator that takes nothing.",
                fix="send to the generator that reads it",
            )
        return ()

    def result_of(self, items: Any) -> Any:
        """What ``yield from`` gives."""
        return self._known(items, "result") if self.is_generator(items) else None


def _nothing() -> tuple[()]:
    return ()


def _all_of(value: Any, test: Callable[[Type], bool]) -> bool:
    return isinstance(value, Tracer) and all(map(test, options(value.graph_value.type)))


def _may_change(option: Type) -> bool:
    """Whether what is iterated over may have other items later."""
    changing = isinstance(option, (ListType, SetType, DictType, ArrayType, IteratorType))
    return changing or isinstance(option, ObjectType) and is_container(option.cls)

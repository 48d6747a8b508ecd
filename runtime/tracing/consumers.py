"""Calls of built-in functions with generators and objects that say themselves how they are iterated over."""

from __future__ import annotations

import functools
import itertools
import math
import operator
import sys
from collections.abc import Callable
from enum import Flag
from types import GeneratorType
from typing import TYPE_CHECKING, Any

import numpy as np

from ..generators import Generator, cannot_go_on, goes_on, left_early, returned
from ..ir.types import ANY, INT, NONE, STR, AnyType, IntType, ObjectType, PythonType, TupleType, UnionType, options
from . import consuming
from .answers import ANSWERS
from .classes import has_user_method
from .heap import type_of
from .tracer import Tracer, unwrap

if TYPE_CHECKING:
    from .generators import Generators

# Adding up floats is more than adding one by one since Python 3.12.
SUMS_EXACTLY = sys.version_info >= (3, 12)
CONSUMERS: dict[Any, Callable[..., Any]] = {}


def consumer(*functions: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Let the decorated rule answer calls of ``functions`` in which such an object is among the arguments."""

    def register(rule: Callable[..., Any]) -> Callable[..., Any]:
        for function in functions:
            CONSUMERS[function] = rule
        return rule

    return register


@consumer(len)
def _len(trace: Generators, iterable: Any) -> Any:
    if trace.is_generator(iterable):
        trace.raise_now(TypeError("object of type 'generator' has no len()"))
    if isinstance(iterable, Flag):
        return trace.of_constants(len, iterable)
    if not has_user_method(type_of(iterable), "__len__"):
        return ANSWERS[len](trace, iterable)
    return trace.counted(trace.call(trace.get_attribute(iterable, "__len__")))


@consumer(next)
def _next(trace: Generators, iterator: Any, *default: Any) -> Any:
    if not trace.is_left_unseen(iterator):
        return ANSWERS[next](trace, iterator, *default)
    return trace.call(consuming.first_or if default else consuming.first, iterator, *default)


@consumer(sum)
def _sum(trace: Generators, iterable: Any, start: Any = 0) -> Any:
    if SUMS_EXACTLY or type_of(start) == STR:
        items = trace.call(list, iterable)
        kinds = options(trace.iterated(items).type)
        are_floats = any(isinstance(kind, PythonType) and kind.cls in (float, complex) for kind in kinds)
        if are_floats or type_of(start) == STR:
            return trace.call(sum, items, start)
        return trace.call(consuming.total, items, start)
    return trace.call(consuming.total, iterable, start)


@consumer(any)
def _any(trace: Generators, iterable: Any) -> Any:
    return trace.call(consuming.is_any, iterable)


@consumer(all)
def _all(trace: Generators, iterable: Any) -> Any:
    return trace.call(consuming.are_all, iterable)


@consumer(enumerate)
def _enumerate(trace: Generators, iterable: Any, start: Any = 0) -> Any:
    return trace.call(consuming.enumerated, trace.iterable(iterable), start)


@consumer(zip)
def _zip(trace: Generators, first: Any, *others: Any, strict: Any = False) -> Any:
    if isinstance(strict, Tracer):
        return trace.if_expr(strict, lambda: _zip_strictly(trace, first, *others), lambda: _zip(trace, first, *others))
    if strict:
        return _zip_strictly(trace, first, *others)
    first = trace.iterable(first)
    if not others:
        return trace.call(consuming.alone, first)
    if any(map(trace.is_generator, others)):
        trace.named(first)    # it ends after the others
    if len(others) == 1:
        return trace.call(consuming.zipped_two, first, trace.call(iter, others[0]))
    return trace.call(consuming.zipped, first, trace.call(iter, trace.call(zip, *others)))


def _zip_strictly(trace: Generators, first: Any, *others: Any) -> Any:
    """``zip(first, *others, strict=True)``, which asks each for its item in turn until one has none."""
    generators = filter(trace.is_generator, (first, *others))
    if sum(trace.attribute_of(each, "raises") is not False for each in generators) > 1:
        trace.refuse(
            "zip(strict=True) ends several generators, which would see in which order.",
            fix="collect the items of all but one first: list(generator)",
        )
    tuples = trace.call(consuming.alone, trace.iterable(first))
    for number, other in enumerate(others, 2):
        if trace.is_generator(other):
            trace.named(tuples)    # it ends after the others
        tuples = trace.call(consuming.zipped_strictly, tuples, trace.call(iter, other), number)
    return tuples


@consumer(map)
def _map(trace: Generators, function: Any, iterable: Any, *others: Any) -> Any:
    if others:
        return trace.call(consuming.mapped_together, function, trace.call(zip, iterable, *others))
    return trace.call(consuming.mapped, function, trace.iterable(iterable))


@consumer(filter)
def _filter(trace: Generators, function: Any, iterable: Any) -> Any:
    if function is None:
        return trace.call(consuming.filtered_by_truth, trace.iterable(iterable))
    return trace.call(consuming.filtered, function, trace.iterable(iterable))


@consumer(np.fromiter)
def _fromiter(trace: Generators, iterable: Any, dtype: Any, count: Any = -1, **keywords: Any) -> Any:
    some = count is not None and not (isinstance(count, int) and count < 0)
    items = trace.call(consuming.taken, iterable, count) if some else trace.call(list, iterable)
    return trace.call(np.fromiter, items, dtype, count, **keywords)


@consumer(itertools.chain)
def _chain(trace: Generators, *iterables: Any) -> Any:
    return trace.call(consuming.chained, iterables)


@consumer(itertools.chain.from_iterable)
def _chain_of(trace: Generators, iterables: Any) -> Any:
    return trace.call(consuming.chained, trace.iterable(iterables))


@consumer(itertools.islice)
def _islice(trace: Generators, iterable: Any, bound: Any, *bounds: Any) -> Any:
    ANSWERS[itertools.islice](trace, (), bound, *bounds)    # raises what is to be raised about the bounds
    start, stop, step = (bound, *bounds, None)[:3] if bounds else (None, bound, None)
    start, stop, step = (_bound(trace, bound) for bound in (start, stop, step))
    if start is None:
        start = 0
    return trace.call(consuming.part, trace.iterable(iterable), start, stop, 1 if step is None else step)


def _bound(trace: Generators, bound: Any) -> Any:
    """A bound of ``islice`` as an int, or None if there is none."""
    if isinstance(type_of(bound), IntType):
        return bound
    if type_of(bound) == NONE:
        return None
    if isinstance(type_of(bound), UnionType | AnyType):
        trace.refuse(
            "Whether islice() has this bound is known only when the graph runs.", fix="choose with if/else what to call"
        )
    return trace.call(operator.index, bound)


@consumer(itertools.pairwise)
def _pairwise(trace: Generators, iterable: Any) -> Any:
    return trace.call(consuming.pairs, trace.iterable(iterable))


def _of_class(answer: Callable[..., Any], certain: Callable[..., Any]) -> Callable[..., Any]:
    """The rule ``answer`` of a function that asks for a value's class, with ``certain`` for generators."""

    @functools.wraps(answer)
    def rule(trace: Generators, value: Any, *others: Any) -> Any:
        kinds = options(type_of(value))
        if not any(isinstance(kind, ObjectType) and kind.cls is Generator for kind in kinds):
            return answer(trace, value, *others)
        if len(kinds) > 1:
            trace.refuse(
                "Whether this is a generator is known only when the graph runs.", fix="ask before the two paths meet"
            )
        return certain(trace, *others)

    return rule


def _is_generator_a(trace: Generators, classes: Any) -> Any:
    wanted = tuple(map(unwrap, classes)) if type(classes) is tuple else unwrap(classes)
    return trace.of_constants(issubclass, GeneratorType, wanted)


def _listed(*functions: Any) -> None:
    """Let ``functions`` take a list of the items, which is what they make first, or cannot be told from it."""
    for function in functions:
        CONSUMERS[function] = lambda trace, *args, function=function, **kwargs: trace.call(
            function, *map(trace.items_of, args), **kwargs
        )


CONSUMERS[dict] = lambda trace, *args, **kwargs: ANSWERS[dict](trace, *map(trace.entries_of, args), **kwargs)
_listed(frozenset, math.fsum, math.prod, bytearray)
ANSWERS[isinstance] = _of_class(ANSWERS[isinstance], _is_generator_a)
ANSWERS[type] = _of_class(ANSWERS[type], lambda trace: GeneratorType)
ANSWERS[map], ANSWERS[filter] = _map, _filter
ANSWERS[returned] = lambda trace, value: trace.taken_apart(value, TupleType((INT, ANY)))
ANSWERS[cannot_go_on] = lambda trace: trace.refuse(
    "This generator is advanced item by item, but has a 'yield' that nothing can go on from.",
    fix="go over all of it with one 'for' loop, or put the 'yield' in a statement of its own",
)
ANSWERS[goes_on] = lambda trace, generator: trace.advanced(generator)
ANSWERS[left_early] = lambda trace, generator: trace.used_again(generator)

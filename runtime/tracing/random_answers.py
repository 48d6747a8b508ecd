"""Python's module ``random``, where it gives back what it is given: one of the items, some of them, another order."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from ..ir.types import NONE, DictType, ObjectType, SetType, options
from ..ops.containers import ANY_LIST
from ..ops.python_random import METHODS
from .answers import answers
from .heap import State, forgotten, refs_of, type_of
from .items import DictView

if TYPE_CHECKING:
    from .staging import Staging


@answers(random.Random.choice)
def _choice(trace: Staging, source: Any, seq: Any) -> Any:
    _check(trace, "choice", seq)
    return trace.loaded(METHODS["choice"], trace.iterated(seq), source, seq)


@answers(random.Random.choices)
def _choices(trace: Staging, source: Any, population: Any, weights: Any = None, **options: Any) -> Any:
    return _some(trace, "choices", source, population, weights, **options)


@answers(random.Random.sample)
def _sample(trace: Staging, source: Any, population: Any, k: Any, **options: Any) -> Any:
    return _some(trace, "sample", source, population, k, **options)


@answers(random.Random.shuffle)
def _shuffle(trace: Staging, source: Any, x: Any) -> None:
    _check(trace, "shuffle", x)
    trace.apply(METHODS["shuffle"], source, x, type=NONE)
    if refs_of(x):
        trace.change(x, forgotten, forgotten)


def _of_the_module(function: Any) -> None:
    """Let a built-in function of the module mean the method of its hidden ``Random``."""

    @answers(function)
    def _drawn(trace: Staging, *args: Any, **kwargs: Any) -> Any:
        method = getattr(random.Random, function.__name__)
        return trace.call(method, trace.lift_constant(function.__self__), *args, **kwargs)


for _function in (random.random, random.getrandbits):
    _of_the_module(_function)


def _some(trace: Staging, name: str, source: Any, population: Any, *args: Any, **options: Any) -> Any:
    _check(trace, name, population)
    thing = trace.new_object("list", State(None, item=trace.iterated(population)))
    return trace.apply(
        METHODS[name], source, population, *args, type=ANY_LIST, refs=frozenset((thing,)), **options
    )


def _check(trace: Staging, name: str, items: Any) -> None:
    """Refuse what is no list, tuple, range, text or array, of which the function may call methods of the user's."""
    found = options(type_of(items))
    if isinstance(items, DictView) or any(isinstance(option, ObjectType | DictType | SetType) for option in found):
        trace.refuse(
            f"random.{name}() of this is not supported in a graph.", fix="give it a list, a tuple, a range or an array"
        )

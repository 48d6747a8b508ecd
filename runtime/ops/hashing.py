"""Dicts and sets whose keys are objects with a hash or an equality of the program's own.

No graph runs the program's methods, and no dict does without hashes and comparisons.  So the hash of a key is computed
first, by nodes, and so is which key of a dict or set it is equal to (``locate``): asked of the keys of the same hash in
the order in which the dict or set itself would ask.  What is done then, is done by the dict or set, with objects that
are not asked again (``ops.quiet``): hashes decide of the same places, and the order is the same.
"""

from __future__ import annotations

import copy
import operator
from collections.abc import Callable, Iterator
from typing import Any

from ..ir.types import ANY, BOOL, INT
from .asking import asking_op
from .collections import METHODS, base_of
from .merge_sort import Asked
from .op import Op, Result
from .quiet import LARGEST, Answers, Unknown, askers, met_by, quietly, stand_in

OF_CONTAINERS: dict[str, Callable[..., Any]] = {
    "operator.contains": operator.contains,
    "get_item": operator.getitem,
    "update": operator.setitem,
    "delete_item": operator.delitem,
    "frozenset": frozenset,
    "joined_set": set,
    "dict.fromkeys": dict.fromkeys,
    "copy.copy": copy.copy,
}


class Hashed:
    """A part of a tuple that is a key: the object ``held``, of the hash ``number``."""

    __slots__ = ("held", "number")

    def __init__(self, held: Any, number: int) -> None:
        self.held = held
        self.number = number

    def __hash__(self) -> int:
        return self.number


class Place:
    """Where a key is in a dict or set: ``key`` is there, or else is new and has the same hash as those in ``met``."""

    __slots__ = ("classes", "is_new", "key", "met", "number", "numbers")

    def __init__(self, key: Any, is_new: bool, number: int, classes: tuple[type, ...], met: list[Any]) -> None:
        self.key, self.is_new, self.number, self.classes, self.met = key, is_new, number, classes, met
        self.numbers: dict[int, int] = {}


def number_of(result: Any) -> int:
    """The hash of an object whose ``__hash__`` gave ``result``."""
    if not isinstance(result, int):
        raise TypeError("__hash__ method should return an integer")
    if -LARGEST <= result < LARGEST:
        return -2 if result == -1 else int(result)
    return hash(int(result))


def locate(container: Any, key: Any, number: int, form: Any, classes: tuple[type, ...]) -> Asked:
    """The ``Place`` of ``key`` in ``container``, which asks whether two keys are equal.

    ``form`` is the key with each of its parts that are objects of the program's own as a ``Hashed``; ``classes`` are
    those of the keys in the container.
    """
    probe = stand_in(classes, number)
    kind: Any = base_of(type(container))
    assert not kind.__contains__(container, probe)
    met = met_by(probe)
    for other in met:
        if other is key or (yield other, key):
            return Place(other, False, number, classes, met)
    place = Place(key, True, number, classes, met)
    place.numbers = {id(part.held): part.number for part in _parts(form)}
    return place


def _parts(form: Any) -> Iterator[Hashed]:
    if type(form) is Hashed:
        yield form
    elif type(form) is tuple:
        for part in form:
            yield from _parts(part)


def at(container: Any, place: Place, name: str, *others: Any) -> Any:
    """What the method or operator ``name`` of ``container`` does with the key at ``place``."""
    function = function_named(name)
    if not place.is_new:
        return function(container, stand_in(place.classes, place.number, place.key), *others)
    keys = [key for one in (place.key, *place.met) for key in askers(one)]
    with quietly(keys, place.numbers):
        return function(container, place.key, *others)


def whole(first: Any, name: str, *others: Any) -> Asked:
    """What a method or operator gives that goes over whole dicts and sets; asks whether two keys are equal."""
    function, answers = function_named(name), Answers()
    containers = [each for each in (first, *others) if isinstance(each, (dict, set, frozenset))]
    keys = [asker for each in containers for key in _keys(each) for asker in askers(key)]
    changes = name.startswith("operator.i") or name.rpartition(".")[2].endswith(("update", "subtract"))
    while True:
        answers.number = 0
        try:
            with quietly(keys, {}, answers):   # what is changed is changed once all answers are known
                result = function(copy.copy(first) if changes else first, *others)
            break
        except Unknown as unknown:
            a, b = unknown.pair
        del answers.given[answers.number :]
        answers.given.append((a, b, (yield a, b)))
    if changes:
        answers.number = 0
        with quietly(keys, {}, answers):
            result = function(first, *others)
    return result


def _keys(container: Any) -> Iterator[Any]:
    kind: Any = base_of(type(container))
    return kind.__iter__(container)


def function_named(name: str) -> Callable[..., Any]:
    """What the op ``name`` calls."""
    if name in OF_CONTAINERS:
        return OF_CONTAINERS[name]
    owner, _, method = name.partition(".")
    if owner == "operator":
        return getattr(operator, method if hasattr(operator, method) else f"{method}_")
    if owner == "container":
        return lambda container, *arguments: getattr(container, method)(*arguments)
    return getattr(next(cls for cls in METHODS if cls.__name__ == owner), method)


def _merged(first: Any, *others: Any) -> dict[Any, Any]:
    made = dict(first)
    for other in others:
        made.update(other)
    return made


def _op(name: str, function: Callable[..., Any], type: Any, writes: tuple[int, ...] = ()) -> Op:
    return Op(f"hashed.{name}", lambda xp: function, lambda *args, **kwargs: type, result=Result.VIEW,
              writes=writes, effect=True)


OF_CONTAINERS["merged_dict"] = _merged

KEY = _op("key", Hashed, ANY)
NUMBER = _op("number", number_of, INT)
PLAIN_NUMBER = _op("plain_number", hash, INT)
LOCATE = asking_op(locate)
AT = _op("at", at, ANY, (0,))
IS_THERE = _op("is_there", lambda place: not place.is_new, BOOL)
WHOLE = asking_op(whole)

OPS = (KEY, NUMBER, PLAIN_NUMBER, LOCATE, AT, IS_THERE, WHOLE)

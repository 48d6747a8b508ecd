"""The steps of ``except*``, groups of exceptions divided, and a ``raise`` that leaves an exception what it was."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import Any, NoReturn

import numpy as np

from ..errors import Refused
from ..groups import RAISING, Handling, raise_as_it_is
from ..ir.types import ANY, NEVER, NONE, IteratorType, ObjectType, TupleType, Type, join
from .asking import Questions
from .effects import RAISE
from .op import Op

GROUP = ObjectType(BaseExceptionGroup)
PART: Type = join(GROUP, NONE)
DIVIDING = ("split", "subgroup", "__getattribute__")
Question = tuple[bool, tuple[BaseException, list[BaseException]]]
Steps = Generator[Question, Any, Any]


def says_how_derived(cls: type) -> bool:
    """Whether a class of groups makes the parts of one by code of its own."""
    return getattr(cls, "derive", None) is not BaseExceptionGroup.derive


def check_dividing(error: BaseException | None, known: tuple[type, ...]) -> None:
    """Raise Refused for a group that is divided by code of its class: a graph runs only what it ``known`` of."""
    if not isinstance(error, BaseExceptionGroup):
        return
    cls = type(error)
    is_own = any(getattr(cls, name) is not getattr(BaseExceptionGroup, name) for name in DIVIDING)
    if is_own or says_how_derived(cls) and cls not in known:
        raise Refused(
            f"A group of {cls.__name__!r}, which says itself how it is divided, is not supported here in a graph.",
            fix="divide it by a loop over its exceptions",
        )
    for each in error.exceptions:
        check_dividing(each, known)


def divided(error: BaseException, is_wanted: Callable[[BaseException], Any] | None, with_rest: bool) -> Steps:
    """Return the part of an exception that is wanted, and the rest if that is asked for; None for what is empty.

    A group is asked whether all of it is wanted before its exceptions are.  A question ``False, (error, [])`` asks
    whether an exception is wanted, where ``is_wanted`` is None; ``True, (group, exceptions)`` for what the class of
    ``group`` makes of the exceptions.  Source: ``exceptiongroup_split_recursive`` in CPython's ``exceptions.c``.
    """
    wanted = (yield False, (error, [])) if is_wanted is None else is_wanted(error)
    if wanted:
        return error, None
    if not isinstance(error, BaseExceptionGroup):
        return None, error if with_rest else None
    match, rest = [], []
    for each in error.exceptions:
        part, other = yield from divided(each, is_wanted, with_rest)
        match += [] if part is None else [part]
        rest += [] if other is None else [other]
    made = yield from _part_of(error, match)
    return made, (yield from _part_of(error, rest))


def _part_of(group: BaseExceptionGroup[Any], errors: list[BaseException]) -> Steps:
    """Return a group like ``group`` of some of its ``errors``."""
    if not errors:
        return None
    made = (yield True, (group, errors)) if says_how_derived(type(group)) else group.derive(errors)
    if not isinstance(made, BaseExceptionGroup):
        raise TypeError("derive must return an instance of BaseExceptionGroup")
    made.__traceback__ = group.__traceback__
    made.__cause__ = group.__cause__
    made.__context__ = group.__context__
    if isinstance(notes := getattr(group, "__notes__", None), Sequence):
        made.__notes__ = list(notes)
    return made


def _is_of(types: Any) -> Callable[[BaseException], bool]:
    kinds = types if isinstance(types, tuple) else (types,)
    return lambda error: any(kind in type(error).__mro__ for kind in kinds)


def _divide(group: Any, types: Any, with_rest: bool, known: tuple[type, ...]) -> Questions:
    check_dividing(group, known)
    return Questions(divided(group, None if types is None else _is_of(types), with_rest))


def _divide_for(handling: Handling, types: Any, known: tuple[type, ...]) -> Questions:
    """Ask for what ``handling.take(types)`` divides."""
    check_dividing(handling.rest, known)
    kinds = types if isinstance(types, tuple) else (types,)
    is_right = all(isinstance(kind, type) for kind in kinds)
    return Questions(divided(handling.rest, _is_of(types), True) if is_right and handling.rest else _no_parts())


def _divide_at_end(handling: Handling, known: tuple[type, ...]) -> Questions:
    """Ask for the part that ``handling.end()`` raises again."""
    error, leaves = handling.again()
    check_dividing(error, known)
    return Questions(divided(error, lambda each: id(each) in leaves, False) if leaves else _no_parts())


def _no_parts() -> Steps:
    yield from ()
    return None, None


def _take(handling: Handling, types: Any, questions: Questions | None = None) -> BaseExceptionGroup[Any] | None:
    if questions is None:
        check_dividing(handling.rest, ())
        return handling.take(types)
    return handling.take(types, questions.result)


def _end(handling: Handling, questions: Questions | None = None) -> None:
    handling.end(None if questions is None else questions.result[0])


def _by_types(name: str) -> Callable[..., Any]:
    def kernel(group: BaseExceptionGroup[Any], *args: Any) -> Any:
        check_dividing(group, ())
        return getattr(BaseExceptionGroup, name)(group, *args)

    return kernel


def _raise_again(error: BaseException) -> NoReturn:
    raise error


def _effect(name: str, kernel: Any, type_: Type) -> Op:
    return Op(name, lambda xp: kernel, lambda *args: type_, effect=True)


RAISING.add(RAISE.kernel(np).__code__)

HANDLE = _effect("except_star.handle", Handling, ANY)
TAKE = _effect("except_star.take", _take, PART)
BEGIN = _effect("except_star.begin", Handling.begin, NONE)
KEEP = _effect("except_star.keep", Handling.keep, NONE)
END = _effect("except_star.end", _end, NONE)
RAISE_PART = _effect("except_star.raise", raise_as_it_is, NEVER)
RAISE_AGAIN = _effect("raise_again", _raise_again, NEVER)
QUESTIONS = IteratorType(ANY)
DIVIDE = _effect("group.divide", _divide, QUESTIONS)
DIVIDE_FOR = _effect("except_star.divide", _divide_for, QUESTIONS)
DIVIDE_AT_END = _effect("except_star.divide_at_end", _divide_at_end, QUESTIONS)
SPLIT = _effect("group.split", _by_types("split"), TupleType((PART, PART)))
SUBGROUP = _effect("group.subgroup", _by_types("subgroup"), PART)
DERIVE = _effect("group.derive", BaseExceptionGroup.derive, GROUP)

OPS = (
    HANDLE, TAKE, BEGIN, KEEP, END, RAISE_PART, RAISE_AGAIN, DIVIDE, DIVIDE_FOR, DIVIDE_AT_END, SPLIT, SUBGROUP, DERIVE,
)  # fmt: skip

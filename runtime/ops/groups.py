"""The steps of ``except*``, and a ``raise`` that leaves an exception what it was."""

from __future__ import annotations

from typing import Any, NoReturn

import numpy as np

from ..errors import Refused
from ..groups import RAISING, Handling, raise_as_it_is
from ..ir.types import ANY, NEVER, NONE, ObjectType, Type, join
from .effects import RAISE
from .op import Op

GROUP = ObjectType(BaseExceptionGroup)
PART: Type = join(GROUP, NONE)
DIVIDING = ("derive", "split", "subgroup", "__getattribute__")


def check_dividing(error: BaseException | None) -> None:
    """Raise Refused for a group that is divided by code of its class: a graph runs none."""
    if not isinstance(error, BaseExceptionGroup):
        return
    if any(getattr(type(error), name) is not getattr(BaseExceptionGroup, name) for name in DIVIDING):
        raise Refused(
            f"A group of {type(error).__name__!r}, which says itself how it is divided, is not supported in a graph.",
            fix="leave its method derive() out",
        )
    for each in error.exceptions:
        check_dividing(each)


def _take(handling: Handling, types: Any) -> BaseExceptionGroup[Any] | None:
    check_dividing(handling.rest)
    return handling.take(types)


def _raise_again(error: BaseException) -> NoReturn:
    raise error


def _effect(name: str, kernel: Any, type_: Type) -> Op:
    return Op(name, lambda xp: kernel, lambda *args: type_, effect=True)


RAISING.add(RAISE.kernel(np).__code__)

HANDLE = _effect("except_star.handle", Handling, ANY)
TAKE = _effect("except_star.take", _take, PART)
BEGIN = _effect("except_star.begin", Handling.begin, NONE)
KEEP = _effect("except_star.keep", Handling.keep, NONE)
END = _effect("except_star.end", Handling.end, NONE)
RAISE_PART = _effect("except_star.raise", raise_as_it_is, NEVER)
RAISE_AGAIN = _effect("raise_again", _raise_again, NEVER)

OPS = (HANDLE, TAKE, BEGIN, KEEP, END, RAISE_PART, RAISE_AGAIN)

"""Named tuples, attributes stored past a class's own ``__setattr__``, and copies."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from ..ir.types import ANY, NONE, ObjectType, Type
from .collections import base_of
from .op import Op, Result


def _named_tuple(cls: type, *items: Any) -> Any:
    return tuple.__new__(cls, items)


def _gives(type: Type) -> Callable[..., Type]:
    return lambda *args, **kwargs: type


def _allocate_plain(cls: type) -> Any:
    """An object of ``cls`` as the built-in class makes it that ``cls`` is derived from."""
    base: Any = base_of(cls) or object
    return base.__new__(cls)


NAMED_TUPLE = Op("named_tuple", lambda xp: _named_tuple, _gives(ANY), total=lambda *args: True)
STORE_PLAIN = Op(
    "store_plain",
    lambda xp: object.__setattr__,
    _gives(NONE),
    result=Result.IMMUTABLE,
    writes=(0,),
    effect=True,
)
ALLOCATE_PLAIN = Op("allocate_plain", lambda xp: _allocate_plain, lambda cls: ObjectType(cls))
COPY = Op("copy.copy", lambda xp: copy.copy, _gives(ANY), captures=(copy.copy,), result=Result.VIEW)
DEEP_COPY = Op("copy.deepcopy", lambda xp: copy.deepcopy, _gives(ANY), captures=(copy.deepcopy,), result=Result.VIEW)

FROM_KEYS = Op("dict.fromkeys", lambda xp: dict.fromkeys, _gives(ANY), result=Result.VIEW)

TRANSLATION = Op("str.maketrans", lambda xp: str.maketrans, _gives(ANY), result=Result.VIEW)

OPS = (NAMED_TUPLE, STORE_PLAIN, ALLOCATE_PLAIN, COPY, DEEP_COPY, FROM_KEYS, TRANSLATION)

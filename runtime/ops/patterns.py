"""What the patterns of ``match`` ask of values whose class is known only when the graph runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..ir.types import ANY, BOOL
from .op import Op, Result
from .specimens import FLOATS, call

IS_SEQUENCE, IS_MAPPING = 1 << 5, 1 << 6   # Py_TPFLAGS_SEQUENCE and Py_TPFLAGS_MAPPING
TAKES_SELF = 1 << 22   # _Py_TPFLAGS_MATCH_SELF: ``case int(n)`` takes the number itself


def is_flagged(cls: type, flag: int) -> bool:
    """Whether a class is of those that CPython marks with ``flag``."""
    return bool(cls.__flags__ & flag)


def _of_class(flag: int) -> Callable[[Any], Callable[[Any], bool]]:
    return lambda xp: lambda value: is_flagged(type(value), flag)


def _mapping_parts(subject: Any, keys: tuple[Any, ...], rest: bool) -> tuple[Any, ...] | None:
    """What ``case {key: a, **b}`` takes out of a dict; None where it does not match."""
    if len(subject) < len(keys):
        return None
    if len(set(keys)) < len(keys):
        twice = next(key for i, key in enumerate(keys) if key in keys[:i])
        raise ValueError(f"mapping pattern checks duplicate key ({twice!r})")
    if any(key not in subject for key in keys):
        return None
    values = tuple(subject[key] for key in keys)
    return (*values, {key: item for key, item in subject.items() if key not in keys}) if rest else values


MATCH_SEQUENCE, MATCH_MAPPING = (
    Op(name, _of_class(flag), lambda subject: BOOL, result=Result.IMMUTABLE, total=lambda subject: True,
       samples=(call([1, 2]), call((1,)), call("ab"), call({1: 2}), call(FLOATS), call(range(3)), call(2.5)))
    for name, flag in (("match_sequence", IS_SEQUENCE), ("match_mapping", IS_MAPPING))
)
MAPPING_PARTS = Op("mapping_parts", lambda xp: _mapping_parts, lambda *args: ANY, result=Result.VIEW)

OPS = (MATCH_SEQUENCE, MATCH_MAPPING, MAPPING_PARTS)

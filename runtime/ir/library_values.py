"""The classes of Python's library whose instances are values: numbers, dates and times that nothing can change.

An instance of exactly one of these classes is a ``PythonType`` in a graph, as a float is.  What it does is done by the
methods of its class, which belong to Python; ``ops.library_values`` says which there are and what they give.  Of each
class there are a few specimens, of which an operator is asked what it gives.
"""

from __future__ import annotations

import decimal
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

SPECIMENS: Mapping[type, tuple[Any, ...]] = {
    Fraction: (Fraction(3, 2), Fraction(2), Fraction(-3, 4), Fraction(-2)),
    Decimal: (Decimal("1.5"), Decimal(2), Decimal("-0.75")),
    date: (date(2021, 3, 4),),
    datetime: (datetime(2021, 3, 4, 5, 6), datetime(2021, 3, 4, 5, 6, tzinfo=UTC)),
    time: (time(5, 6),),
    timedelta: (timedelta(2), timedelta(0, 5)),
    timezone: (UTC,),
}
LIBRARY_CLASSES = frozenset(SPECIMENS)
ZONED = frozenset((datetime, time))  # which may refer to an object that says what their time zone is
ZONES = ("datetime", "zoneinfo")  # modules of Python's own time zones
WRITTEN_CLASSES = LIBRARY_CLASSES | {PurePosixPath, PureWindowsPath}  # whose instances have a text
BY_NAME = {cls.__name__: cls for cls in WRITTEN_CLASSES}


def zone_class(value: Any) -> type | None:
    """The class of the time zone of ``value``, if it has one."""
    zone = value.tzinfo if type(value) in ZONED else None
    return None if zone is None else type(zone)


def plain_context() -> Any:
    """A manager: decimals are computed with a context of their own, as Python begins with, and leave no trace."""
    return decimal.localcontext(decimal.Context(prec=28, traps=[decimal.InvalidOperation, decimal.DivisionByZero]))


def parts_of(value: Any) -> tuple[Any, ...]:
    """What the class of ``value`` makes an equal value of: all of it, also which of two equal times is meant."""
    return value.__reduce_ex__(4)[1]

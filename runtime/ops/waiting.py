"""Generators that are half-way when an exception leaves the frame whose variable refers to them.

The exception keeps the frame, and with it the generator: a ``finally`` or ``with`` of that runs when the exception is
dropped, which may be after the call.  A graph cannot run code then, so it refuses, at the line where the generator is.
"""

from __future__ import annotations

from typing import Any, NoReturn

from ..errors import InternalError, Refused, TographError
from ..ir.types import NEVER, NONE
from .op import Op, Result

Waiting = dict[int, tuple[Any, Any]]     # by its id, each generator that was advanced in a run, and at which line


def _left(location: Any = None) -> NoReturn:
    raise Refused(
        "An exception leaves this generator half-way while a variable refers to it: its 'finally' or 'with' would run "
        "when it is deleted.",
        location=location,
        fix="go over it where it is made, in a 'for' statement, or end it by its close() in a 'finally'",
    )


def advance(waiting: Waiting, generator: Any, location: Any) -> None:
    """Note that ``generator`` goes on; those that have ended are forgotten whenever there are twice as many."""
    if id(generator) not in waiting and len(waiting) & (len(waiting) - 1) == 0:
        for key in [key for key, (each, _) in waiting.items() if each.position == -1]:
            del waiting[key]
    waiting[id(generator)] = generator, location


def check_left(waiting: Waiting, error: BaseException) -> None:
    """Refuse ``error`` as what leaves a call if a generator waits in it."""
    if isinstance(error, (TographError, InternalError)):
        return
    for generator, location in waiting.values():
        if generator.position is not None and generator.position > 0:
            _left(location)


LEFT_WAITING = Op("left_waiting", lambda xp: _left, lambda: NEVER, effect=True, result=Result.IMMUTABLE)
# It is written as a call of ``advance``: the run itself keeps what waits.
GOES_ON = Op("goes_on", lambda xp: lambda generator: None, lambda generator: NONE, effect=True, result=Result.IMMUTABLE)

OPS = (LEFT_WAITING, GOES_ON)

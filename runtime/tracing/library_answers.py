"""Calls of Python's library that are answered by what the trace knows: warnings, attributes by name, bytes as ints."""

from __future__ import annotations

import sys
import warnings
from typing import TYPE_CHECKING, Any

from ..ir.types import STR, ObjectType
from ..ops.clock import WARN, WARN_CALLER
from ..ops.number_methods import FROM_BYTES, FROM_HEX
from .answers import answers
from .heap import type_of
from .tracer import unwrap

if TYPE_CHECKING:
    from .staging import Staging


@answers(warnings.warn)
def _warn(
    trace: Staging, message: Any, category: Any = None, stacklevel: Any = 1, source: Any = None, **options: Any
) -> None:
    message, category = unwrap(message), unwrap(category)
    type_ = type_of(message)
    if isinstance(type_, ObjectType) and issubclass(type_.cls, Warning):
        category = type_.cls
    elif type_ != STR:
        trace.refuse("warnings.warn() with this message is not supported in a graph.", fix="give it a text")
    category = category or UserWarning
    if not isinstance(category, type) or not issubclass(category, Warning):
        trace.refuse("warnings.warn() with this category is not supported.", fix="give it a class of warnings")
    is_root = len(trace.active) == 1
    if options or source is not None or stacklevel not in (1, 2) or stacklevel == 2 and not is_root:
        trace.refuse(
            "warnings.warn() with this stacklevel, or with other options, is not supported in a graph.",
            fix="use stacklevel=1, or stacklevel=2 in the graph function itself",
        )
    if stacklevel == 2:
        trace.apply(WARN_CALLER, message, category)
        return
    place = trace.location()
    assert place is not None
    trace.apply(WARN, message, category, place.filename, place.line, _module_being_traced())


def _module_being_traced() -> str:
    """The name of the module whose converted function is being run."""
    frame: Any = sys._getframe(1)
    while frame is not None and type(frame.f_globals) is dict:
        frame = frame.f_back
    return frame.f_globals.get("__name__", "<string>") if frame is not None else "<string>"


@answers(delattr)
def _delattr(trace: Staging, obj: Any, name: Any) -> None:
    if not isinstance(name, str):
        trace.refuse(
            "The name of an attribute is known only when the graph runs.", fix="write an 'if' for each name it may be"
        )
    trace.of_constants(delattr, obj, name)


@answers(int.from_bytes)
def _from_bytes(trace: Staging, *args: Any, **kwargs: Any) -> Any:
    return trace.apply(FROM_BYTES, *args, **kwargs)


@answers(float.fromhex)
def _from_hex(trace: Staging, text: Any) -> Any:
    return trace.apply(FROM_HEX, text)

"""The errors of the runtime: what users may meet stands under ``TographError``, our own mistakes under
``InternalError``."""

from __future__ import annotations

from typing import Any

from ..transpiler.errors import TographError
from ..transpiler.location import Location as ShownLocation


class Refused(TographError, NotImplementedError):
    """A use of Python or NumPy that a graph cannot express, or cannot yet."""


class TracerLeak(TographError, TypeError):
    """A value that is known only when the graph runs was asked for while tracing."""


class CallbackError(TographError, TypeError):
    """A function called by ``py_func`` gave something else than was declared, or changed what it must not change."""


class UnwritableConstant(TographError, TypeError):
    """A constant of a graph that has no text form, so that the graph cannot be written or saved."""


class RetraceWarning(UserWarning):
    """A function is traced again and again because something about its calls keeps changing."""


class InternalError(Exception):
    """A mistake in tograph itself."""


class InvalidGraph(InternalError):
    """A graph that breaks a rule of the graph's form."""


def shown(location: Any) -> ShownLocation | None:
    """The location of a node as errors show it."""
    if location is None:
        return None
    return ShownLocation(
        location.filename, location.line, location.column, location.end_column or None, location.function
    )

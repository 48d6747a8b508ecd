"""The errors of the runtime: what users may meet stands under ``TographError``, our own mistakes under ``InternalError``."""

from __future__ import annotations

from ..transpiler.errors import TographError


class Refused(TographError, NotImplementedError):
    """A use of Python or NumPy that a graph cannot express, or cannot yet."""


class TracerLeak(TographError, TypeError):
    """A value that is known only when the graph runs was asked for while tracing."""


class UnwritableConstant(TographError, TypeError):
    """A constant of a graph that has no text form, so that the graph cannot be written or saved."""


class InternalError(Exception):
    """A mistake in tograph itself."""


class InvalidGraph(InternalError):
    """A graph that breaks a rule of the graph's form."""

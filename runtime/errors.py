"""The errors of the runtime.  What users may meet stands under ``TographError``; a broken graph is our own fault."""

from __future__ import annotations

from ..transpiler.errors import TographError


class UnwritableConstant(TographError, TypeError):
    """A constant of a graph that has no text form, so that the graph cannot be written or saved."""


class InvalidGraph(Exception):
    """A graph that breaks a rule of the graph's form: a fault in tograph, not in the user's program."""

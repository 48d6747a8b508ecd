"""What ``except*`` does with an exception, which the transpiler's ordinary meaning and tracing share."""

from __future__ import annotations

from ..transpiler.groups import RAISING, Handling, raise_as_it_is

__all__ = ["RAISING", "Handling", "raise_as_it_is"]

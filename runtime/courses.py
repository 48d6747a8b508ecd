"""How functions without text are followed, which the transpiler's ordinary meaning and tracing share."""

from __future__ import annotations

from ..transpiler.courses import Course, Followed, plan_of

__all__ = ["Course", "Followed", "plan_of"]

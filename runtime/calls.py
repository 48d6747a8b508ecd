"""How a call names what it calls in its errors, for functions that are traced as for converted ones."""

from __future__ import annotations

from ..transpiler.calls import Called, shown_function

__all__ = ["Called", "shown_function"]

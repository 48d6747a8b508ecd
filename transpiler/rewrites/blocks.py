"""Applies a rewrite to every statement of a function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gast

from ..analysis.scopes import blocks

Rewrite = Callable[[Any], list[Any]]


def rewrite_block(block: list[gast.stmt], rewrite: Rewrite) -> None:
    """Replace each statement by what ``rewrite`` makes of it, inner blocks first; inner functions are left alone."""
    made = []
    for statement in block:
        for inside in blocks(statement):
            rewrite_block(inside, rewrite)
        made += rewrite(statement)
    block[:] = made

"""The graph function of an ordinary function, for what must not know how one is made."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any

_makers: list[Callable[[FunctionType], Callable[..., Any]]] = []
_made: dict[FunctionType, Callable[..., Any]] = {}


def made_by(maker: Callable[[FunctionType], Callable[..., Any]]) -> None:
    """Let ``maker`` make graph functions."""
    _makers[:] = [maker]


def graph_function(function: FunctionType) -> Callable[..., Any]:
    """The one graph function of ``function``."""
    found = _made.get(function)
    if found is None:
        found = _made[function] = _makers[0](function)
    return found

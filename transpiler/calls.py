"""Calls that see and say what a call in the user's code does: the module that it stands in, and what it calls."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from types import FunctionType
from typing import Any


class Called(partial[Any]):
    """``Called(call, function)``: calls ``call(function, ...)``; errors about names of arguments say ``function``."""

    def __str__(self) -> str:
        return shown_function(self.args[0])


def shown_function(function: Any) -> str:
    """A function as CPython's errors about the arguments of a call name it."""
    name, module = getattr(function, "__qualname__", None), getattr(function, "__module__", None)
    if name is None:
        return str(function)
    return f"{name}()" if module in (None, "builtins") else f"{module}.{name}()"


def call_beside(function: Callable[..., Any], args: Iterable[Any], kwargs: Mapping[str, Any]) -> Any:
    """``function(*args, **kwargs)`` as what calls the function that this stands in would call it.

    ``type`` and some others look at the global variables of what calls them.
    """
    return FunctionType(_CALL, sys._getframe(2).f_globals)(function, args, kwargs)


def _call(function: Callable[..., Any], args: Iterable[Any], kwargs: Mapping[str, Any]) -> Any:
    return function(*args, **kwargs)


_CALL = _call.__code__

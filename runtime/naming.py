"""Where the user's functions are, as messages name them."""

from __future__ import annotations

import inspect
import os
from typing import Any


def python_function(function: Any) -> Any:
    """What a call of ``function`` runs: the function of a method or of ``__call__``, where it is one of Python's."""
    if inspect.ismethod(function):
        return function.__func__
    call = type(function).__call__ if callable(function) else None
    return call if inspect.isfunction(call) else function


def place_text(function: Any) -> str:
    """`` at model.py:5``, where that is known."""
    code = getattr(python_function(function), "__code__", None)
    return f" at {os.path.basename(code.co_filename)}:{code.co_firstlineno}" if code is not None else ""


def name_and_place(function: Any) -> str:
    """``name at model.py:5``."""
    return f"{getattr(function, '__qualname__', type(function).__name__)}{place_text(function)}"

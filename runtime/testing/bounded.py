"""Programs of which nobody knows whether they end: a run is given a number of lines.

What a bounded run does may be asked of programs that were made at random, before anything is compared.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

LINES = 20_000


class TooLong(BaseException):
    """The run took more lines than it was given; no ``except Exception`` of the program's catches it."""


@contextmanager
def bounded(lines: int = LINES) -> Iterator[None]:
    """Inside, Python code runs ``lines`` lines at most; raises ``TooLong``."""
    left = lines

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal left
        left -= event == "line"
        if left < 0:
            raise TooLong(f"more than {lines} lines were run")
        return trace

    previous = sys.gettrace()
    sys.settrace(trace)
    try:
        yield
    finally:
        sys.settrace(previous)

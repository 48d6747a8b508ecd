"""Programs of which nobody knows whether they end: a run is given a number of lines, or seconds and memory.

Lines are counted alike on every machine; seconds are for what no line is seen of, such as a power of large numbers.
"""

from __future__ import annotations

import resource
import signal
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


@contextmanager
def timed(seconds: float) -> Iterator[None]:
    """Inside, ``TooLong`` is raised after ``seconds``, and each second from then on; for the main thread."""

    def stop(*_: Any) -> None:
        raise TooLong(f"it took more than {seconds} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0.0)
        signal.signal(signal.SIGALRM, before)


def limit_memory(gigabytes: int = 8) -> None:
    """From now on this process gets ``MemoryError`` where it asks for more; its limit cannot be raised again."""
    resource.setrlimit(resource.RLIMIT_AS, (gigabytes << 30, gigabytes << 30))

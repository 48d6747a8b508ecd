"""Python's stack, deeper for a while."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable


class DeepStack:
    """Lets Python's stack grow deeper for a while; threads share the limit, and the last to leave restores it.

    ``frames`` says how deep, given the limit that there was.
    """

    def __init__(self, frames: Callable[[int], int]) -> None:
        self._frames = frames
        self._inside = 0
        self._before = 0
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        with self._lock:
            if self._inside == 0:
                self._before = sys.getrecursionlimit()
                sys.setrecursionlimit(max(self._before, self._frames(self._before)))
            self._inside += 1

    def __exit__(self, *exception: object) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0:
                sys.setrecursionlimit(self._before)

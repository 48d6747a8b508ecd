"""Which trace is being recorded: a fact of the thread."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .staging import Staging

_STATE = threading.local()


def current() -> Staging:
    """The trace this thread records; raises LookupError outside of one."""
    trace = getattr(_STATE, "trace", None)
    if trace is None:
        raise LookupError("no trace is being recorded")
    return trace


def set_current(trace: Staging | None) -> Staging | None:
    """Make ``trace`` the one that this thread records; gives the one before."""
    before = getattr(_STATE, "trace", None)
    _STATE.trace = trace
    return before


def is_tracing() -> bool:
    """Whether this thread records a trace."""
    return getattr(_STATE, "trace", None) is not None

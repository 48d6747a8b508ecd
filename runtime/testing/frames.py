"""Which Python code ran: shows that a graph call runs no frame of the user's program.

On Python 3.12 and later ``sys.monitoring`` reports each code object once at no further cost; before, a profile
function sees every call. Both watch the current thread's calls only as far as the interpreter reports them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import CodeType, FrameType
from typing import Any

from ..ops.callbacks import is_calling_back


@contextmanager
def watch(matches: Callable[[CodeType], bool], seen: list[CodeType] | None = None) -> Iterator[list[CodeType]]:
    """Inside, ``seen`` (also the result) collects the code that satisfies ``matches`` and started to run, each once."""
    seen = [] if seen is None else seen

    def note(code: CodeType) -> None:
        if matches(code) and not is_calling_back() and not any(code is other for other in seen):
            seen.append(code)

    with _monitored(note) if sys.version_info >= (3, 12) else _profiled(note):
        yield seen


def in_file(filename: str) -> Callable[[CodeType], bool]:
    """Whether code was compiled under ``filename``: user code, and what was converted from it, which keeps the name."""
    return lambda code: code.co_filename == filename


@contextmanager
def _profiled(note: Callable[[CodeType], None]) -> Iterator[None]:
    previous = sys.getprofile()

    def profile(frame: FrameType, event: str, argument: Any) -> None:
        if event == "call":
            note(frame.f_code)

    sys.setprofile(profile)
    try:
        yield
    finally:
        sys.setprofile(previous)


@contextmanager
def _monitored(note: Callable[[CodeType], None]) -> Iterator[None]:
    monitoring: Any = getattr(sys, "monitoring")  # noqa: B009 - absent before 3.12
    tool = next(number for number in range(5, -1, -1) if monitoring.get_tool(number) is None)
    monitoring.use_tool_id(tool, "tograph frames")

    def start(code: CodeType, offset: int) -> Any:
        note(code)
        return None if is_calling_back() else monitoring.DISABLE

    monitoring.register_callback(tool, monitoring.events.PY_START, start)
    monitoring.restart_events()
    monitoring.set_events(tool, monitoring.events.PY_START)
    try:
        yield
    finally:
        monitoring.set_events(tool, 0)
        monitoring.register_callback(tool, monitoring.events.PY_START, None)
        monitoring.free_tool_id(tool)

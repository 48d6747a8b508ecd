"""The clock and warnings: what a call gives or does depends on when and where it is made."""

from __future__ import annotations

import sys
import time
import warnings
from pathlib import Path
from types import FrameType
from typing import Any

from ..ir.types import FLOAT, INT, NONE
from .op import Op, Result
from .operators import everywhere

PACKAGE = str(Path(__file__).parents[2])
FLOATS = (time.time, time.perf_counter, time.monotonic, time.process_time, time.thread_time)
INTS = (time.time_ns, time.perf_counter_ns, time.monotonic_ns, time.process_time_ns, time.thread_time_ns)


def _warn(message: Any, category: type[Warning], filename: str, line: int, module: str) -> None:
    """``warnings.warn`` as from a line of the user's."""
    home = sys.modules.get(module)
    registry = vars(home).setdefault("__warningregistry__", {}) if home is not None else None
    warnings.warn_explicit(message, category, filename, line, module, registry)


def _warn_caller(message: Any, category: type[Warning], calls: int = 1) -> None:
    """``warnings.warn`` as from where the graph function is called, or so many calls further out."""
    frame: FrameType | None = sys._getframe(1)
    level = 1 + calls
    while frame is not None and frame.f_code.co_filename.startswith((PACKAGE, "<tograph")):
        frame, level = frame.f_back, level + 1
    warnings.warn(message, category, stacklevel=level)


WARN, WARN_CALLER = (
    Op(name, everywhere(function), lambda *args: NONE, effect=True, result=Result.IMMUTABLE)
    for name, function in (("warn", _warn), ("warn_caller", _warn_caller))
)
OPS = (
    *(Op(f"time.{function.__name__}", everywhere(function), lambda type_=type_: type_, captures=(function,),
         effect=True, result=Result.IMMUTABLE)
      for type_, functions in ((FLOAT, FLOATS), (INT, INTS)) for function in functions),
    Op("time.sleep", everywhere(time.sleep), lambda seconds: NONE, captures=(time.sleep,), effect=True,
       result=Result.IMMUTABLE),
    WARN,
    WARN_CALLER,
)

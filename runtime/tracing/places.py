"""Places in the user's code: which line is traced or raised, and what tells one place of a program from another."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from types import CodeType, FrameType, TracebackType

from ..generators import WRITTEN_IN
from ..ir.graph import Location
from . import consuming, library, managers, numpy_library

# no lines of the user's
WRITTEN_OUT = (*(module.__file__ for module in (library, managers, numpy_library, consuming)), WRITTEN_IN)
PACKAGE = __name__.partition(".")[0]

Positions = list[tuple[int | None, int | None, int | None, int | None]]


class Places:
    """The places of one trace; ``is_generated`` tells converted code, which knows the lines it was made from."""

    def __init__(self, is_generated: Callable[[CodeType], bool]) -> None:
        self._is_generated = is_generated
        self._positions: dict[int, tuple[CodeType, Positions]] = {}

    def now(self) -> Location | None:
        """The user's line that is being traced."""
        frame = next((frame for frame in self.frames() if frame.f_code.co_filename not in WRITTEN_OUT), None)
        return self._location(frame.f_code, frame.f_lasti) if frame is not None else None

    def module(self) -> str:
        """The name of the module whose code is traced."""
        return next((str(frame.f_globals.get("__name__")) for frame in self.frames()), "builtins")

    def calls(self, made_by: CodeType) -> list[tuple[Location, str]]:
        """The user's line and module in each call that is traced, innermost first; ``made_by`` makes the calls."""
        found: list[tuple[Location, str]] = []
        frame: FrameType | None = sys._getframe(1)
        inside: FrameType | None = None
        while frame is not None:
            if frame.f_code is made_by and inside is not None:
                place = self._location(inside.f_code, inside.f_lasti)
                found.append((place, inside.f_globals.get("__name__", "<string>")))
                inside = None
            elif inside is None and self._is_generated(frame.f_code):
                inside = frame
            frame = frame.f_back
        return found

    def path(self) -> tuple[tuple[CodeType, int], ...]:
        """What identifies the place that is being traced, callers included."""
        return tuple((frame.f_code, frame.f_lasti) for frame in self.frames())

    def of_raise(self, traceback: TracebackType | None) -> Location | None:
        """The user's line at which an exception was raised, by itself or by code of others that it runs, such as
        ``__getattr__`` of a module; None where code of this package raised it.
        """
        found = None
        while traceback is not None:
            code = traceback.tb_frame.f_code
            if self._is_generated(code):
                found = code, traceback.tb_lasti
            elif str(traceback.tb_frame.f_globals.get("__name__")).partition(".")[0] == PACKAGE:
                found = None
            traceback = traceback.tb_next
        return self._location(*found) if found is not None else None

    def frames(self) -> Iterator[FrameType]:
        """The frames of converted code, innermost first."""
        frame: FrameType | None = sys._getframe(1)
        while frame is not None:
            if self._is_generated(frame.f_code):
                yield frame
            frame = frame.f_back

    def _location(self, code: CodeType, instruction: int) -> Location:
        entry = self._positions.get(id(code))
        if entry is None:
            entry = self._positions[id(code)] = (code, list(code.co_positions()))  # keeps the code, and so its id
        line, last, column, end = entry[1][instruction // 2]
        end = end if line == last else None
        return Location(code.co_filename, line or code.co_firstlineno, column or 0, end or 0, code.co_name)

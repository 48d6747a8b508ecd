"""Places in the user's code: which line is traced or raised, and what tells one place of a program from another."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dis import opmap
from types import CodeType, FrameType, TracebackType

from ..generators import WRITTEN_IN
from ..ir.graph import Location
from . import consuming, library, managers, numpy_library

# no lines of the user's
WRITTEN_OUT = (*(module.__file__ for module in (library, managers, numpy_library, consuming)), WRITTEN_IN)
PACKAGE = __name__.partition(".")[0]
SPREADING = (opmap["DICT_MERGE"], opmap["DICT_UPDATE"])
FIRST_IN_PLACE = 13    # of the numbers that BINARY_OP gives to operators: before it the plain ones

Positions = list[tuple[int | None, int | None, int | None, int | None]]


class Places:
    """The places of one trace; ``is_generated`` tells converted code, which knows the lines it was made from."""

    def __init__(self, is_generated: Callable[[CodeType], bool]) -> None:
        self._is_generated = is_generated
        self._known: dict[int, tuple[CodeType, bool]] = {}    # codes by their ids, and whether they are converted
        self._positions: dict[int, Positions] = {}
        self._locations: dict[tuple[int, int], Location] = {}
        self._plain: dict[tuple[int, int, int], CodeType] = {}

    def now(self) -> Location | None:
        """The user's line that is being traced."""
        frame: FrameType | None = sys._getframe(1)
        known = self._known
        while frame is not None:
            code = frame.f_code
            entry = known.get(id(code))   # written out: most frames are of this package
            is_converted = self._is_converted(code) if entry is None else entry[1]
            if is_converted and code.co_filename not in WRITTEN_OUT:
                return self._location(code, frame.f_lasti)
            frame = frame.f_back
        return None

    def module(self) -> str:
        """The name of the module whose code is traced."""
        return next((str(frame.f_globals.get("__name__")) for frame in self.frames()), "builtins")

    def is_spreading(self) -> bool:
        """Whether the code that is traced takes a value apart as ``**value``."""
        frame = next(self.frames(), None)
        return frame is not None and frame.f_code.co_code[frame.f_lasti] in SPREADING

    def is_in_place(self) -> bool:
        """Whether the code that is traced applies an operator in place, as ``a += b``."""
        frame = next(self.frames(), None)
        if frame is None:
            return False
        instruction, which = frame.f_code.co_code[frame.f_lasti : frame.f_lasti + 2]
        return instruction == opmap["BINARY_OP"] and which >= FIRST_IN_PLACE

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
            elif inside is None and self._is_converted(frame.f_code):
                inside = frame
            frame = frame.f_back
        return found

    def path(self) -> tuple[int, ...]:
        """What identifies the place that is being traced in this trace, callers included."""
        return tuple([part for frame in self.frames() for part in (id(frame.f_code), frame.f_lasti)])

    def lasting_path(self) -> list[tuple[str, int, str, int]]:
        """What identifies the place that is being traced in any trace, callers included."""
        return [(frame.f_code.co_filename, frame.f_code.co_firstlineno, frame.f_code.co_name, frame.f_lasti)
                for frame in self.frames()]

    def with_plain_parameters(self, code: CodeType, number: int, stars: int) -> CodeType:
        """``code`` whose first ``number`` variables are its parameters, without ``stars``: one for one code."""
        self._is_converted(code)    # which keeps it
        key = id(code), number, stars
        if key not in self._plain:
            self._plain[key] = code.replace(
                co_argcount=number, co_posonlyargcount=0, co_kwonlyargcount=0, co_flags=code.co_flags & ~stars
            )
        return self._plain[key]

    def of_raise(self, traceback: TracebackType | None) -> Location | None:
        """The user's line at which an exception was raised, by itself or by code of others that it runs, such as
        ``__getattr__`` of a module; None where code of this package raised it.
        """
        found = None
        while traceback is not None:
            code = traceback.tb_frame.f_code
            if self._is_converted(code):
                found = code, traceback.tb_lasti
            elif str(traceback.tb_frame.f_globals.get("__name__")).partition(".")[0] == PACKAGE:
                found = None
            traceback = traceback.tb_next
        return self._location(*found) if found is not None else None

    def frames(self) -> Iterator[FrameType]:
        """The frames of converted code, innermost first."""
        frame: FrameType | None = sys._getframe(1)
        while frame is not None:
            if self._is_converted(frame.f_code):
                yield frame
            frame = frame.f_back

    def _is_converted(self, code: CodeType) -> bool:
        """Whether ``code`` was made by converting; it is kept, and so is its id."""
        entry = self._known.get(id(code))
        if entry is None:
            entry = self._known[id(code)] = code, self._is_generated(code)
        return entry[1]

    def _location(self, code: CodeType, instruction: int) -> Location:
        place = id(code), instruction
        found = self._locations.get(place)
        if found is None:
            self._is_converted(code)    # which keeps it
            if id(code) not in self._positions:
                self._positions[id(code)] = list(code.co_positions())
            line, last, column, end = self._positions[id(code)][instruction // 2]
            end = end if line == last else None
            found = Location(code.co_filename, line or code.co_firstlineno, column or 0, end or 0, code.co_name)
            self._locations[place] = found
        return found

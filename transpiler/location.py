"""Where something stands in the user's source, and how that is shown.

Columns are kept as Python gives them, in UTF-8 bytes; only ``excerpt`` turns them into characters.
"""

from __future__ import annotations

import linecache
import os
from dataclasses import dataclass
from typing import Any

INDENT = " " * 8


@dataclass(frozen=True, slots=True)
class Location:
    """A range on one line of a user's file; lines count from 1, columns are UTF-8 bytes from 0.

    Without ``column`` the whole line is meant, without ``end_column`` the rest of it.
    """

    filename: str
    line: int
    column: int | None = None
    end_column: int | None = None
    function: str | None = None

    @classmethod
    def of(cls, node: Any, filename: str = "", function: str | None = None) -> Location:
        """Return the location of a syntax node (``ast`` or ``gast``); the first line of it if it has several."""
        one_line = getattr(node, "end_lineno", None) == node.lineno
        return cls(filename, node.lineno, node.col_offset, node.end_col_offset if one_line else None, function)

    def __str__(self) -> str:
        place = f"{shown_name(self.filename)}:{self.line}"
        return f"{place}, in {self.function}" if self.function else place

    def excerpt(self) -> list[str]:
        """Return the source line and carets under the range, without a common indentation; [] if it cannot be read."""
        line = linecache.getline(self.filename, self.line).rstrip()
        text = line.lstrip()
        if not text:
            return []
        if self.column is None:
            return [INDENT + text]
        indentation = len(line) - len(text)
        start = max(characters(line, self.column) - indentation, 0)
        end = len(text) if self.end_column is None else characters(line, self.end_column) - indentation
        padding = "".join("\t" if letter == "\t" else " " for letter in text[:start])
        return [INDENT + text, INDENT + padding + "^" * max(end - start, 1)]


def characters(line: str, byte_offset: int) -> int:
    """Return how many characters of ``line`` the first ``byte_offset`` bytes of its UTF-8 form are."""
    return len(line.encode()[:byte_offset].decode(errors="ignore"))


def shown_name(filename: str) -> str:
    """Return the last part of a path; names such as ``<stdin>`` are shown whole."""
    return filename if filename.startswith("<") else os.path.basename(filename)

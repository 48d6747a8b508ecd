"""Where commands print: plain text, or coloured by rich where standard output is a terminal and rich is installed.

The words are the same either way.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from .testing.report import table

STYLES = {"heading": "bold cyan", "good": "green", "bad": "bold red", "quiet": "dim"}


class Page:
    """Prints headings, code, tables and lines to standard output."""

    def __init__(self) -> None:
        self._console: Any = None
        if sys.stdout.isatty():
            try:
                from rich.console import Console
            except ImportError:
                return
            self._console = Console(highlight=False)

    def line(self, text: str = "", style: str | None = None) -> None:
        """Print one line or several; ``style`` is a key of ``STYLES``."""
        if self._console is None:
            print(text)
        else:
            self._console.print(text, style=STYLES[style] if style else None, markup=False, soft_wrap=True)

    def heading(self, title: str) -> None:
        """Print the title of a section, underlined."""
        self.line(f"\n{title}\n{'-' * len(title)}", "heading")

    def code(self, source: str) -> None:
        """Print Python."""
        source = source.rstrip("\n")
        if self._console is None:
            print(source)
        else:
            from rich.syntax import Syntax

            text = Syntax("", "python", theme="ansi_dark").highlight(source)
            text.rstrip()
            self._console.print(text, soft_wrap=True)

    def table(self, header: tuple[str, ...], rows: Sequence[Sequence[Any]], bad: Sequence[int] = ()) -> None:
        """Print aligned columns, the first to the left and the others to the right; rows ``bad`` stand out."""
        first, *lines = table(header, [list(map(str, row)) for row in rows])
        self.line(first, "quiet")
        for number, line in enumerate(lines):
            self.line(line, "bad" if number in bad else None)

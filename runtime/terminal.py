"""Where commands print: plain text, or coloured by rich where standard output is a terminal and rich is installed.

The words are the same either way.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from .testing.report import table

PATIENCE = 2.0  # seconds after which people want to know what is going on

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


@contextmanager
def progress(doing: str) -> Iterator[Callable[[str], None]]:
    """Say on standard error what takes long: nothing for ``PATIENCE`` seconds, then what is being done.

    The body is given a function to say what it does next.  On a terminal, with rich, one line moves along; else each
    thing that is said after the wait is a line.
    """
    status = _status(doing)
    shown, over = threading.Event(), threading.Event()
    current = [doing]
    lock = threading.Lock()

    def show() -> None:
        with lock:
            if over.is_set():
                return
            shown.set()
            if status is None:
                print(f"tograph: {current[0]} ...", file=sys.stderr, flush=True)
            else:
                status.start()

    def say(text: str) -> None:
        with lock:
            current[0] = text
            if status is not None:
                status.update(text)
            elif shown.is_set():
                print(f"tograph: {text} ...", file=sys.stderr, flush=True)

    timer = threading.Timer(PATIENCE, show)
    timer.daemon = True
    timer.start()
    try:
        yield say
    finally:
        timer.cancel()
        with lock:
            over.set()
            if status is not None and shown.is_set():
                status.stop()


def _status(text: str) -> Any:
    """A line of rich that moves along, where there is a terminal and rich is installed."""
    if not sys.stderr.isatty():
        return None
    try:
        from rich.console import Console
    except ImportError:
        return None
    return Console(stderr=True).status(text)

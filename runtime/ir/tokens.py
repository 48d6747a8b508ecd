"""The words that the text forms of graphs, types and constants are made of."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

WORD = re.compile(r"""[ ]*(?:
    (?P<string>b?'(?:\\.|[^'\\])*'|b?"(?:\\.|[^"\\])*")
  | (?P<number>-?0x[0-9a-f]+|-?\d+(?:\.\d*)?(?:e[+-]?\d+)?|-?(?:inf|nan)\b(?!=))
  | (?P<value>%[\w.']+|\$\d+)
  | (?P<reference>@[\w.]+(?::(?:[\w.]|<locals>)+)?)
  | (?P<name>\??[^\W\d][\w.]*(?:'\d+)?)
  | (?P<mark>\.\.\.|\.\.|[-+*/()\[\]{},:=|;])
  | (?P<comment>\#.*)
)""", re.VERBOSE)


class Tokens:
    """A line of text and a position in it."""

    def __init__(self, text: str, where: str = "") -> None:
        self.text, self.where = text, where
        self.position = 0
        self.kind: str | None = None
        self.word = ""
        self._look()

    def _look(self) -> None:
        match = WORD.match(self.text, self.position)
        if match is None:
            if self.text[self.position:].strip():
                self.kind = None
                raise self.error("cannot be read")
            self.kind, self.word, self._end = None, "", len(self.text)
        else:
            self.kind, self._end = match.lastgroup, match.end()
            self.word = match[self.kind or 0]

    def error(self, message: str) -> ValueError:
        """A ValueError that shows the line and the place."""
        return ValueError(f"{self.where}{message}, at {self.text[self.position:].strip()!r} in {self.text.strip()!r}")

    def take(self) -> str:
        """The next word; raises ValueError at the end."""
        word = self.word
        if self.kind is None:
            raise self.error("the text ends too early")
        self.position = self._end
        self._look()
        return word

    def accept(self, word: str) -> bool:
        """Whether the next word is ``word``, which is then taken."""
        if self.word != word or self.kind == "string":
            return False
        self.take()
        return True

    def expect(self, word: str) -> None:
        """Take ``word``, or raise ValueError."""
        if not self.accept(word):
            raise self.error(f"expected {word!r}")

    def starts_with(self, *beginnings: str) -> bool:
        return self.kind != "string" and self.word.startswith(beginnings)

    def at_end(self) -> bool:
        return self.kind is None

    def items(self, read: Callable[[], T], end: str) -> list[T]:
        """Comma-separated items up to ``end``, which is taken; a comma may follow the last."""
        found: list[T] = []
        while not self.accept(end):
            if found:
                self.expect(",")
                if self.accept(end):
                    break
            found.append(read())
        return found

    def until(self, *ends: str) -> str:
        """The text before the first of ``ends`` that is not inside brackets, taken."""
        begin, depth = self.position, 0
        while self.kind is not None and (depth > 0 or self.word not in ends):
            depth += (self.word in "([{") - (self.word in ")]}") if self.kind == "mark" else 0
            self.take()
        return self.text[begin:self.position].strip()



    def peek_keyword(self) -> str | None:
        """The name that comes next, if ``=`` follows it."""
        return self.word if self.kind == "name" and self.text[self._end:].lstrip().startswith("=") else None

"""The errors users see: what happened, where, the facts that clash, and a fix they can type.

Every one stands under ``TographError`` and also inherits the Python kind it is, so that ordinary ``except`` works.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from .location import Location

Fact = tuple[str, str] | str


class TographError(Exception):
    """A refusal, with the user's line.

    ``facts`` are pairs such as ``("otherwise (line 5)", "y is a copy of x")``, shown aligned, or plain sentences.
    ``fix`` says what to write instead.
    """

    def __init__(
        self, message: str, location: Location | None = None, facts: Sequence[Fact] = (), fix: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.location = location
        self.facts = tuple(facts)
        self.fix = fix

    def at(self, location: Location) -> Self:
        """Return this error, placed at ``location`` if it had no place."""
        if self.location is None:
            self.location = location
        return self

    @property
    def msg(self) -> str:
        """The whole text: what a traceback shows of a ``SyntaxError``."""
        return str(self)

    def __str__(self) -> str:
        lines = [self.message]
        if self.location is not None:
            lines += [f"  {self.location}", *self.location.excerpt()]
        lines += aligned(self.facts)
        if self.fix is not None:
            lines.append(f"  Fix: {self.fix}")
        return "\n".join(lines)


class UnsupportedSyntax(TographError, SyntaxError):
    """Python that cannot be converted, or cannot be yet."""


class NoSource(TographError, TypeError):
    """A function whose Python source cannot be found, so that it cannot be converted."""


class StaleSource(NoSource):
    """A function whose file no longer holds the text it was compiled from."""


def aligned(facts: Sequence[Fact]) -> list[str]:
    """Return one line a fact, the right halves of pairs standing in one column."""
    width = max((len(fact[0]) for fact in facts if not isinstance(fact, str)), default=0) + 1
    return [
        f"  {fact}" if isinstance(fact, str) else f"  {fact[0] + ':':{width}}  {fact[1]}"
        for fact in facts
    ]

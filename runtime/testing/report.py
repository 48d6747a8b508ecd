"""The result of a comparison: counts for each engine, and the differences found, printed as a table."""

from __future__ import annotations

from dataclasses import dataclass, field

from .compare import Exactness


@dataclass
class Tally:
    """What one engine did: calls compared, raising and refused; graph nodes executed; graphs of one function."""

    engine: str
    calls: int = 0
    raised: int = 0
    refused: int = 0
    nodes: int = 0
    traces: int = 0


@dataclass(frozen=True)
class Difference:
    """One call that was not as eager: the engine, which call it was, and what differed."""

    engine: str
    call: str
    details: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join((f"{self.engine}, {self.call}:", *(f"  {detail}" for detail in self.details)))


@dataclass
class Report:
    """All comparisons of one program."""

    program: str
    exactness: Exactness = "E0"
    tallies: list[Tally] = field(default_factory=list)
    differences: list[Difference] = field(default_factory=list)

    @property
    def calls(self) -> int:
        """How many calls were compared."""
        return sum(tally.calls for tally in self.tallies)

    @property
    def refused(self) -> int:
        """How many calls were refused; a refusal never counts as equal."""
        return sum(tally.refused for tally in self.tallies)

    @property
    def nodes(self) -> int:
        """How many graph nodes ran."""
        return sum(tally.nodes for tally in self.tallies)

    def __str__(self) -> str:
        header = ("engine", "calls", "raised", "refused", "nodes", "traces")
        rows = [[str(getattr(tally, name)) for name in header] for tally in self.tallies]
        lines = [f"{self.program}, exactness {self.exactness}", *table(header, rows)]
        return "\n".join([*lines, *map(str, self.differences)])


def table(header: tuple[str, ...], rows: list[list[str]]) -> list[str]:
    """Lines of aligned columns, the first to the left and the others to the right."""
    widths = [max(map(len, column)) for column in zip(header, *rows)]
    return [
        "  ".join([row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:]))])
        for row in (header, *rows)
    ]

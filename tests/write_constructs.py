"""Writes ``docs/constructs.md`` anew from the fixtures."""

from pathlib import Path

import conftest as conftest  # makes the fixtures importable

from fixtures.constructs import page
from fixtures.errors import REFUSALS
from fixtures.programs import all_programs

PAGE = Path(__file__).resolve().parent.parent / "docs" / "constructs.md"

if __name__ == "__main__":
    PAGE.write_text(page(all_programs(), REFUSALS), encoding="utf-8")

"""The code in README.md and docs/ is run, and prints what the documents say.

A ``python`` block is a file, named by its first line where that is a comment such as ``# model.py``; the ``text`` block
behind it is what it prints.  In a ``console`` block the lines behind ``$`` are commands; ``...`` stands for any lines.
"""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from sybil import Example, Sybil
from sybil.parsers.markdown import CodeBlockParser

from fixtures.constructs import page
from fixtures.errors import REFUSALS
from fixtures.programs import all_programs

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
PROGRAMS = {"python": [sys.executable], "tograph": [sys.executable, "-P", "-m", "tograph"]}
CODE = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
LINKS = re.compile(r"\]\(([^)#:\s]+)\)|`((?:docs|runtime|transpiler|tests|\.ci)/[\w./]*)`")


def _run(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _python(example: Example) -> None:
    folder = example.namespace["folder"]
    named = re.match(r"# (\w+\.py)\n", example.parsed)
    file = folder / (named[1] if named else "example.py")
    file.write_text(example.parsed, encoding="utf-8")
    example.namespace["printed"] = _run([*PROGRAMS["python"], file.name], folder)


def _text(example: Example) -> None:
    assert example.namespace.pop("printed") == example.parsed


def _console(example: Example) -> None:
    for command, expected in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", example.parsed, re.MULTILINE):
        program, *arguments = shlex.split(command)
        printed = _run([*PROGRAMS[program], *arguments], example.namespace["folder"])
        pattern = re.escape(expected).replace(re.escape("...\n"), r"(?:.*\n)*")
        assert re.fullmatch(pattern, printed), printed


EVALUATORS = {"python": _python, "text": _text, "console": _console}
SYBIL = Sybil([CodeBlockParser(language, evaluator) for language, evaluator in EVALUATORS.items()])


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_the_code_runs_and_prints_what_is_said(document: Path, tmp_path: Path):
    parsed = SYBIL.parse(document)
    parsed.namespace["folder"] = tmp_path
    for example in parsed.examples():
        example.evaluate()


def test_the_page_of_constructs_is_made_from_the_fixtures():
    written = (ROOT / "docs" / "constructs.md").read_text(encoding="utf-8")
    assert written == page(all_programs(), REFUSALS), "python tests/write_constructs.py writes it anew"


def test_the_readme_has_code_of_each_kind():
    languages = re.findall(r"^```(\w+)$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert set(languages) == EVALUATORS.keys()


def test_links_to_files_lead_somewhere():
    for document in DOCUMENTS:
        prose = CODE.sub("", document.read_text(encoding="utf-8"))
        for link, path in LINKS.findall(prose):
            places = (document.parent / link, ROOT / link) if link else (ROOT / path,)
            assert any(place.exists() for place in places), f"{document.name}: {link or path}"

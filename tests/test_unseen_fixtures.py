"""The fixture programs compiled by ``exec``: without their text each gives what it gives, or data decides a jump."""

import sys
from pathlib import Path
from types import ModuleType

import pytest

from tograph.runtime.function import to_graph
from tograph.runtime.testing.equivalence import check
from tograph.transpiler.errors import TographError

FOLDER = Path(__file__).parent.parent / "fixtures" / "programs"
# Of each group: how many programs work at least.  In the others only the run knows how many trips a loop has.
WORK = {
    "array_flags": 7, "attributes_asked": 4, "branches": 12, "effects": 12, "exits": 6, "knowledge": 13, "logic": 9,
    "managers": 4, "matching": 17,
}  # fmt: skip
REFUSED = ("which way it goes here depends on data", "how many items it goes over here depends on data",
           "the iterator that it goes over is also advanced elsewhere", "it goes over more than 10000 items",
           "A generator may be left before its end")  # fmt: skip


def without_text(theme):
    """The programs of a module of fixtures, which is compiled anew under no file's name."""
    module = ModuleType(f"fixtures.programs.{theme}_without_text")
    module.__package__ = "fixtures.programs"
    sys.modules[module.__name__] = module
    try:
        exec(compile((FOLDER / f"{theme}.py").read_text(encoding="utf-8"), "<unseen>", "exec", 0, True), vars(module))
    finally:
        del sys.modules[module.__name__]
    return module.PROGRAMS


@pytest.mark.parametrize("theme", WORK)
def test_gives_the_same_or_is_refused_because_data_decides(theme):
    works = 0
    for program in without_text(theme):
        found = check(program.function, program.inputs, engines={"graph": to_graph}, reset=program.reset, traces=None,
                      without_nodes=True, refusals=(TographError,))  # fmt: skip
        differences = list(map(str, found.differences))
        assert all("refused: " in each and any(text in each for text in REFUSED) for each in differences), program.title
        works += not differences
    assert works >= WORK[theme]

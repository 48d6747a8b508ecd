"""The harness on programs that are right: an engine that does the same is accepted on every fixture."""

import importlib
import pkgutil
from pathlib import Path

import pytest

from tograph.runtime.testing.equivalence import assert_equivalent

FOLDER = Path(__file__).parents[2] / "fixtures" / "programs"
MODULES = sorted(module.name for module in pkgutil.iter_modules([str(FOLDER)]))
PROGRAMS = [program for name in MODULES for program in importlib.import_module(f"fixtures.programs.{name}").PROGRAMS]


@pytest.mark.parametrize("program", PROGRAMS, ids=str)
def test_the_same_is_accepted(program, mirror):
    # Helpers run natively here, so their frames are seen: only the counts and values are of interest.
    report = assert_equivalent(
        program.function, program.inputs, engines={"mirror": mirror}, frames=False, reset=program.reset
    )
    assert report.calls == 6 * len(program.inputs())
    assert report.nodes == report.calls

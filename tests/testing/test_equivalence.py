"""The harness on programs that are right: an engine that does the same is accepted on every fixture."""

import importlib
import pkgutil
from pathlib import Path

import numpy as np
import pytest

from tograph.runtime.testing.equivalence import assert_equivalent, check

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


def row_sums(x, k):
    y = np.zeros(len(x))
    for i in range(len(x)):
        y[i] = x[i].sum() * k
    return y


def test_inputs_from_specifications(mirror):
    report = assert_equivalent(row_sums, ("f8[n, 3]", "int"), engines={"mirror": mirror}, sizes=(2, 5, 0, 1))
    assert report.calls == 6 * 4
    varied = assert_equivalent(row_sums, ("f8[n, 3]", "int"), engines={"mirror": mirror}, variations=True)
    assert varied.calls == 6 * (6 + 8 + 1)


def test_the_report_is_a_table(mirror):
    report = assert_equivalent(row_sums, [(np.ones((2, 2)), 1)], engines={"mirror": mirror})
    assert str(report) == (
        "row_sums, exactness E0\n"
        "engine  calls  raised  refused  nodes  traces\n"
        "mirror      6       0        0      6       1"
    )


def test_refusals_are_counted_and_fail(mirror):
    def refuses(function):
        graph_function = mirror(function)
        graph_function.copy = lambda *arguments: (_ for _ in ()).throw(NotImplementedError("not yet"))
        return graph_function

    report = check(row_sums, [(np.ones((2, 2)), 1)], engines={"refuses": refuses}, refusals=(NotImplementedError,))
    assert report.refused == 2 and report.differences[0].details == ("refused: not yet",)


@pytest.mark.parametrize(("inputs", "engines"), [([], {"one": None}), ([(1,)], {})])
def test_nothing_to_compare_is_an_error(inputs, engines):
    with pytest.raises(ValueError):
        check(row_sums, inputs, engines=engines)

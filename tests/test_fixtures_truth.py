"""The fixtures themselves: programs agree with their independent truths on every input, run eagerly."""

import copy
import inspect

import pytest

from fixtures.programs import all_programs

ALL = all_programs()
REAL = [program for program in ALL if program.real]


def test_titles_are_unique():
    titles = [program.title for program in ALL]
    assert sorted(titles) == sorted(set(titles))


def test_there_are_many_real_programs():
    assert len(REAL) >= 32


@pytest.mark.parametrize("program", ALL, ids=str)
def test_has_four_inputs(program):
    assert len(program.inputs()) >= 4


@pytest.mark.parametrize("program", REAL, ids=str)
def test_real_programs_are_described(program):
    assert program.truth is not None
    assert program.covers
    assert len([line for line in inspect.getsource(program.function).splitlines() if line.strip()]) >= 15


@pytest.mark.parametrize("program", [program for program in ALL if program.truth], ids=str)
def test_agrees_with_the_truth(program):
    for arguments in program.inputs():
        if program.reset is not None:
            program.reset()
        before = copy.deepcopy(arguments)
        result = program.function(*arguments)
        program.truth(result, *before)


@pytest.mark.parametrize("program", [program for program in REAL if program.scaled], ids=str)
def test_runs_at_other_scales(program):
    for n in (4, 12):
        program.function(*program.scaled(n))

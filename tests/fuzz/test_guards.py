"""A trace is used for the calls that it was made for and for no others: calls are drawn around what it assumes.

A normal run takes a few programs and fixtures; ``pytest -m fuzz`` takes all fixtures and TOGRAPH_PROGRAMS programs.
"""

import os
from random import Random
from unittest import mock

import numpy as np
import pytest

from fixtures.programs import all_programs
from tograph.runtime import cache
from tograph.runtime.function import GraphFunction
from tograph.runtime.testing.generate import write
from tograph.runtime.testing.guard_fuzz import faults
from tograph.transpiler.errors import TographError

FEW = 8
MANY = int(os.environ.get("TOGRAPH_PROGRAMS", "2000")) // 20
FAILURE = cache.Trace.failure     # what a test breaks is not asked
FIXTURES = [program for program in all_programs() if program.reset is None]


def holding(function):
    """Whether the guards of the newest trace of ``function`` hold for arguments."""
    trace = [*function.traces.cache][-1]
    return lambda arguments: FAILURE(trace, arguments) is None


def found(function, arguments):
    return faults(lambda: GraphFunction(function), arguments, holding, (TographError,))


def of_programs(seeds):
    return {seed: found(program.load(), program.inputs()[0]) for seed in seeds for program in [write(Random(seed))]}


def failing(table):
    return {name: problems for name, problems in table.items() if problems}


def test_traces_of_random_programs_are_found_for_their_calls():
    assert not failing(of_programs(range(900_000, 900_000 + FEW)))


@pytest.mark.fuzz
def test_traces_of_many_random_programs_are_found_for_their_calls():
    assert not failing(of_programs(range(910_000, 910_000 + MANY)))


def of_fixtures(programs):
    return {program.title: found(program.function, program.inputs()[0]) for program in programs}


def test_traces_of_fixtures_are_found_for_their_calls():
    assert not failing(of_fixtures(FIXTURES[::60]))


@pytest.mark.fuzz
def test_traces_of_all_fixtures_are_found_for_their_calls():
    assert not failing(of_fixtures(FIXTURES))


def mean_along(x, axis):
    return x.mean(axis)


def cut(x, k):
    return np.split(x, [k])[0], x.reshape(-1, 2) if k == 2 else x


CALLS = [(mean_along, (np.ones((3, 4)), 0)), (cut, (np.arange(6.0), 2))]


@pytest.mark.parametrize(("function", "arguments"), CALLS)
def test_specialised_numbers_are_guarded(function, arguments):
    assert not found(function, arguments)


def test_a_dropped_guard_is_found():
    with mock.patch.object(cache.Trace, "failure", lambda self, arguments: None), \
            mock.patch.object(cache, "guard_check", lambda guards: None):
        problems = found(mean_along, (np.ones((3, 4)), 0))
    assert any("not traced again" in problem for problem in problems)
    assert any("expected" in problem for problem in problems)


def test_a_trace_too_many_is_found():
    with mock.patch.object(cache.TraceCache, "find", lambda self, key, arguments: None), \
            mock.patch.object(cache.TraceCache, "quickly", lambda self, arguments: None):
        problems = found(mean_along, (np.ones((3, 4)), 0))
    assert any(problem.endswith("traced again") for problem in problems)

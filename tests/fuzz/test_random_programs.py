"""Random programs: the generator makes what it should, and a graph function does what the program does.

A normal run compares a fixed set; ``pytest -m fuzz`` searches with fresh seeds; TOGRAPH_PROGRAMS sets how many.
A failing program is made smaller before it is shown.
"""

import os
import re
import warnings
from random import Random

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from tograph.runtime.testing.generate import CATEGORIES, coverage, programs, write
from tograph.runtime.testing.observe import observe
from tograph.runtime.testing.shrink import minimise
from tograph.testing import assert_equivalent, check

COUNT = int(os.environ.get("TOGRAPH_PROGRAMS", "2000"))
PARTS = 100


def differs(program):
    frames = len(program.source) % 8 == 0 or "repeated"    # watching frames takes as long as all the rest
    report = check(program.load(), program.inputs, without_nodes=True, frames=frames)
    return bool(report.differences)


def compare(program, name):
    if differs(program):
        smallest = minimise(program, differs)
        print(f"{name}, made smaller:\n{smallest}")
        assert_equivalent(smallest.load(), smallest.inputs, without_nodes=True)
        pytest.fail(f"{name} differed once, but not again:\n{program}")


@pytest.mark.parametrize("part", range(PARTS))
def test_graphs_do_what_the_programs_do(part):
    for seed in range(part, COUNT, PARTS):
        compare(write(Random(seed)), f"write(Random({seed}))")


@pytest.mark.fuzz
@settings(
    max_examples=COUNT,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
)
@given(programs())
def test_fresh_programs(program):
    compare(program, "a fresh program")


@pytest.fixture(scope="module")
def made():
    return [write(Random(seed)) for seed in range(2000)]


def test_the_generator_covers_what_it_should(made):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        outcomes = [observe(p.load(), arguments).raised is not None for p in made for arguments in p.inputs()]
    text = coverage(made, outcomes)
    print(text)
    shares = {name.strip(): float(share) for name, share in re.findall(r"^(.+?)\s+([\d.]+) %$", text, re.MULTILINE)}
    assert shares["data-dependent"] >= 60
    assert shares["alias write"] >= 40
    assert 1 <= shares["calls that raise"] <= 10
    assert all(shares[name] >= 5 for name in CATEGORIES), text


def test_a_program_is_the_same_each_time(made):
    for seed in (0, 7, 123):
        assert write(Random(seed)).source == made[seed].source
        assert repr(write(Random(seed)).arguments) == repr(made[seed].arguments)


def test_a_failing_program_is_made_smaller():
    def fails(program):
        return any("IndexError" in str(observe(program.load(), given).raised) for given in program.inputs())

    failing = next(p for p in map(write, map(Random, range(1000))) if fails(p) and p.source.count("\n") > 30)
    smallest = minimise(failing, fails)
    assert fails(smallest)
    assert smallest.source.count("\n") < 15 and len(smallest.arguments) == 1

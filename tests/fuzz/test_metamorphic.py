"""Laws: a changed program does as a graph what the original does eagerly.

A normal run takes a few programs and fixtures for each law; ``pytest -m fuzz`` takes many, TOGRAPH_PROGRAMS of them.
"""

import ast
import os
from functools import partial
from random import Random
from unittest import mock

import pytest

from fixtures.programs import all_programs
from tograph.runtime import traces
from tograph.runtime.function import GraphFunction
from tograph.runtime.passes.pipeline import run
from tograph.runtime.testing.equivalence import Engine
from tograph.runtime.testing.generate import ARRAYS, write
from tograph.runtime.testing.metamorphic import LAWS, Law, changed, holding
from tograph.runtime.testing.observe import observe
from tograph.testing import check

FEW = 8
MANY = int(os.environ.get("TOGRAPH_PROGRAMS", "2000"))
FIXTURES = all_programs()


class Unoptimised(GraphFunction):
    """A graph function whose graph no pass has seen."""

    def trace_for(self, arguments):
        with mock.patch.object(traces, "run", partial(run, passes=())):
            return super().trace_for(arguments)


class Plain:
    """A function with the face of a graph function."""

    trace_count = 0

    def __init__(self, function):
        self.eager = function
        self.executed_nodes = 0

    def __call__(self, *arguments):
        return self.eager(*arguments)


VARIANTS = {"no loop unrolled": partial(GraphFunction, unroll=0), "no pass": Unoptimised}


def names_matter(function, inputs):
    """Whether an error tells the name of a variable."""
    return any(isinstance(observe(function, given).error, NameError) for given in inputs)


def tells_its_place(function, inputs):
    """Whether an error or a text in the result tells where a class or function that the call makes stands."""
    seen = [observe(function, given) for given in inputs]
    return any("<locals>" in repr((each.raised, each.after.get("result"))) for each in seen)


def broken(law, first, count, engine: Engine = GraphFunction):
    """The first difference that ``law`` makes for each of ``count`` programs that it changes, or of as many as are."""
    differences, tried = {}, 0
    for seed in range(first, first + 12 * count):
        if tried == count:
            break
        program = write(Random(seed))
        function = program.load()
        if changed(function, law, ARRAYS) is None or not law.texts and names_matter(function, program.inputs()):
            continue
        tried += 1
        engines = {law.title: holding(law, engine, ARRAYS)}
        report = check(function, program.inputs, engines=engines, without_nodes=True, frames=False)
        if report.differences:
            differences[seed] = f"{report.differences[0]}\n{program}"
    return differences, tried


def first_seed(title):
    """The programs are others for each law."""
    return 200_000 + 100_000 * [*LAWS, *VARIANTS].index(title)


@pytest.mark.parametrize("law", LAWS.values(), ids=str)
def test_the_law_holds_of_python(law):
    differences, tried = broken(law, first_seed(law.title), FEW, Plain)
    assert not differences, next(iter(differences.values()))
    assert tried == FEW


@pytest.mark.parametrize("law", LAWS.values(), ids=str)
def test_the_law_holds_of_graphs(law):
    differences, _ = broken(law, first_seed(law.title), FEW)
    assert not differences, next(iter(differences.values()))


@pytest.mark.fuzz
@pytest.mark.parametrize("law", LAWS.values(), ids=str)
def test_the_law_holds_of_many_graphs(law):
    differences, _ = broken(law, first_seed(law.title), MANY // len(LAWS))
    assert not differences, f"{sorted(differences)}: {next(iter(differences.values()))}"


def seeds(variant, count):
    return range(first_seed(variant), first_seed(variant) + count)


def variant_differs(variant, seed):
    program = write(Random(seed))
    report = check(program.load(), program.inputs, engines={variant: VARIANTS[variant]}, without_nodes=True,
                   frames=False)
    return f"{report.differences[0]}\n{program}" if report.differences else ""


@pytest.mark.parametrize("variant", VARIANTS)
def test_means_the_same_made_otherwise(variant):
    assert not any(found := [variant_differs(variant, seed) for seed in seeds(variant, FEW)]), found


@pytest.mark.fuzz
@pytest.mark.parametrize("variant", VARIANTS)
def test_means_the_same_made_otherwise_many_times(variant):
    assert not any(found := [variant_differs(variant, seed) for seed in seeds(variant, MANY // len(LAWS))]), found


def fixture_differs(program, law):
    """How a fixture differs after ``law``, or None where the law cannot be applied to it."""
    try:
        if changed(program.function, law) is None or tells_its_place(program.function, program.inputs()):
            return None
    except (OSError, TypeError, AttributeError):    # a method, a partial, a lambda: not a function written with def
        return None
    engines = {law.title: holding(law, GraphFunction)}
    report = check(program.function, program.inputs, engines=engines, without_nodes=True, frames=False,
                   reset=program.reset)
    if program.reset is not None:
        program.reset()
    return str(report.differences[0]) if report.differences else ""


def check_fixtures(law, programs):
    found = {program.title: fixture_differs(program, law) for program in programs}
    assert not any(found.values()), {title: difference for title, difference in found.items() if difference}
    return sum(difference is not None for difference in found.values())


@pytest.mark.parametrize("law", LAWS.values(), ids=str)
def test_the_law_holds_of_fixtures(law):
    check_fixtures(law, FIXTURES[[*LAWS].index(law.title)::2 * len(LAWS)])


@pytest.mark.fuzz
@pytest.mark.parametrize("law", LAWS.values(), ids=str)
def test_the_law_holds_of_all_fixtures(law):
    assert check_fixtures(law, [program for program in FIXTURES if law.texts or "without a value" not in program.title])


def test_a_wrong_law_is_found():
    def change(tree, names):
        for node in ast.walk(tree):
            if isinstance(node, ast.If) and node.orelse:
                node.body, node.orelse = node.orelse, node.body

    differences, tried = broken(Law("branches are swapped, tests are not", change), 0, 25)
    assert len(differences) > tried // 2

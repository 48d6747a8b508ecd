"""Functions without text do as graphs what they do eagerly, wherever they stand: decorated, or called by others."""

from functools import partial
from types import FunctionType

import pytest

from fixtures.unseen import UNSEEN
from fixtures.unseen_ways import WAYS
from tograph.runtime.function import GraphFunction
from tograph.runtime.testing.world import World
from tograph.testing import assert_equivalent, compare, observe
from tograph.transpiler import transpile
from tograph.transpiler.protocol import PlainControl

ENGINES = {"short loops unrolled": GraphFunction, "no loop unrolled": partial(GraphFunction, unroll=0)}


@pytest.fixture(params=[*UNSEEN, *WAYS], ids=str)
def program(request):
    return request.param


def caller(*arguments):
    """Calls a function without text in a loop."""
    seen = []
    for _ in range(2):
        seen.append(f(*arguments))  # noqa: F821  # pyright: ignore[reportUndefinedVariable]
    return seen


def restored(variables):
    """A function that gives a module the variables of now, as they are now, also those that ``f`` captured."""
    kept = {name: copied(value) for name, value in variables.items()}
    cells = [(cell, cell.cell_contents) for cell in variables["f"].__closure__ or ()]

    def restore():
        variables.clear()
        variables.update({name: copied(value) for name, value in kept.items()})
        for cell, value in cells:
            cell.cell_contents = value

    return restore


def copied(value):
    return dict(value) if type(value) is dict else value


@pytest.mark.parametrize("engine", ENGINES)
def test_gives_what_the_program_gives(program, engine):
    variables = program.module()
    engines = {engine: ENGINES[engine]}
    assert_equivalent(variables["f"], program.inputs, engines=engines, traces=None, reset=restored(variables))


def test_gives_it_to_converted_code(program):
    variables = program.module()
    function, engines = FunctionType(caller.__code__, variables), {"graph": GraphFunction}
    assert_equivalent(function, program.inputs, engines=engines, traces=None, reset=restored(variables))


def test_means_the_same_without_a_graph(program):
    variables = program.module()
    function, restore = variables["f"], restored(variables)
    plain, world = transpile(function, PlainControl()), World(function)
    for one, another in zip(program.inputs(), program.inputs(), strict=True):
        restore()
        expected = observe(function, one, world)
        restore()
        assert compare(expected, observe(plain, another, world)) == []
    restore()

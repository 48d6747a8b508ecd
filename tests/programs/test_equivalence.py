"""Every program does as a graph what it does eagerly, on every input: with short loops unrolled, and with none.

Each graph function gets every input twice, in both orders; what counts as equal is said in ``runtime/testing``.
"""

from functools import partial

import pytest

from tograph.runtime.function import GraphFunction
from tograph.testing import Different, assert_equivalent

ENGINES = {"short loops unrolled": GraphFunction, "no loop unrolled": partial(GraphFunction, unroll=0)}


GAPS = {("late binding of lambdas", "no loop unrolled"): "a list keeps functions that a loop made, not unrolled"}


@pytest.mark.parametrize("engine", ENGINES)
def test_gives_what_the_program_gives(program, engine, request):
    if (program.title, engine) in GAPS:
        request.applymarker(pytest.mark.xfail(reason=GAPS[program.title, engine], raises=Different, strict=True))
    engines = {engine: ENGINES[engine]}
    assert_equivalent(program.function, program.inputs, engines=engines, traces=program.traces, reset=program.reset)

"""Every program does as a graph what it does eagerly, on every input: with short loops unrolled, and with none.

Each graph function gets every input twice, in both orders; what counts as equal is said in ``runtime/testing``.
"""

from functools import partial

import pytest

from tograph.runtime.function import GraphFunction
from tograph.testing import assert_equivalent

ENGINES = {"short loops unrolled": GraphFunction, "no loop unrolled": partial(GraphFunction, unroll=0)}


@pytest.mark.parametrize("engine", ENGINES)
def test_gives_what_the_program_gives(program, engine):
    engines = {engine: ENGINES[engine]}
    assert_equivalent(program.function, program.inputs, engines=engines, traces=program.traces, reset=program.reset)

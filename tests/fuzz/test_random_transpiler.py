"""Random programs mean the same after conversion, with control flow given its ordinary meaning and no graph."""

from random import Random

import pytest

from tograph.runtime.testing.equivalence import assert_equivalent
from tograph.runtime.testing.generate import write
from tograph.transpiler import PlainControl, transpile

COUNT = 100
PARTS = 10


class Plain:
    """A converted function with the face of a graph function; a call counts as a node."""

    def __init__(self, function):
        self.eager = function
        self.converted = transpile(function, PlainControl())
        self.executed_nodes = 0
        self.trace_count = 0

    def __call__(self, *arguments):
        self.executed_nodes += 1
        return self.converted(*arguments)


@pytest.mark.parametrize("part", range(PARTS))
def test_conversion_keeps_the_meaning(part):
    for seed in range(10_000 + part, 10_000 + COUNT, PARTS):
        program = write(Random(seed))
        assert_equivalent(program.load(), program.inputs, engines={"plain": Plain}, frames=False)

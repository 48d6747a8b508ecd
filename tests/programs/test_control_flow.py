"""Control flow becomes nodes: as many as the tables say, however many trips a loop makes, one graph for all sizes."""

from collections import Counter

import pytest

from fixtures.programs import all_programs
from tograph.runtime.function import GraphFunction
from tograph.runtime.ir.graph import walk
from tograph.runtime.ops import control

SIZES = (3, 4, 5, 7, 12, 30)
FEW, MANY = 3, 3000
UNFOLDED = {"recursive radix-2 FFT"}     # calls itself to a depth that a Python int tells: a graph for each depth
SCALED = [program for program in all_programs() if program.scaled and program.title not in UNFOLDED]
CONTROL = {op.name for op in control.OPS}


def graph_at(program, size):
    """The graph that a new graph function makes of the arguments of ``size``."""
    if program.reset is not None:
        program.reset()
    return GraphFunction(program.function).graph(*program.scaled(size))


def test_has_the_control_flow_of_the_table(program, graph):
    found = Counter(node.op.name for node in walk(graph))
    assert {name: count for name, count in found.items() if name in CONTROL} == program.becomes


@pytest.mark.parametrize("program", SCALED, ids=str)
def test_is_the_same_graph_however_many_trips_it_makes(program):
    few, many = graph_at(program, FEW), graph_at(program, MANY)
    assert sum(1 for _ in walk(many)) == sum(1 for _ in walk(few))
    assert str(many) == str(few)


@pytest.mark.parametrize("program", SCALED, ids=str)
def test_is_traced_once_for_all_sizes(program):
    function = GraphFunction(program.function)
    for size in SIZES:
        if program.reset is not None:
            program.reset()
        function.graph(*program.scaled(size))
    assert function.trace_count == 1, function.explain()


@pytest.mark.parametrize("program", [program for program in all_programs() if program.title in UNFOLDED], ids=str)
def test_recursion_is_unfolded(program):
    graphs = [graph_at(program, size) for size in (2, 4, 8)]
    assert len({sum(1 for _ in walk(graph)) for graph in graphs}) == len(graphs)

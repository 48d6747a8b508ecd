"""What these tests share: every fixture program, and the graph of its first input."""

import re

import pytest

from fixtures.programs import all_programs
from tograph.runtime.function import to_graph
from tograph.runtime.ir.writing import write_graph


@pytest.fixture(params=all_programs(), ids=str)
def program(request):
    """One program after the other, its module's globals as they were."""
    put_back = request.param.reset or (lambda: None)
    put_back()
    yield request.param
    put_back()


@pytest.fixture
def makes_classes(graph):
    """Whether the program's graph holds a class that each call makes anew: no text leads to it."""
    written = write_graph(graph, locations=False, unwritable=repr)
    return re.search(r"@[\w.]+:[\w.<>]*<locals>", written) is not None


@pytest.fixture
def graph(program):
    """The graph of the program's first input, as it is traced: no pass has run."""
    return to_graph(program.function).graph(*program.inputs()[0])

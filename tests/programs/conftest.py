"""What these tests share: every fixture program, and the graph of its first input."""

import pytest

from fixtures.programs import all_programs
from tograph.runtime.function import to_graph

WITHOUT_OBJECTS = {"a visitor", "a class of a helper"}     # no object of their classes is in their graphs


@pytest.fixture(params=all_programs(), ids=str)
def program(request):
    """One program after the other, its module's globals as they were."""
    put_back = request.param.reset or (lambda: None)
    put_back()
    yield request.param
    put_back()


@pytest.fixture
def makes_classes(program):
    """Whether the program's graph holds a class that each call makes anew: no text leads to it."""
    local = program.function.__module__.endswith(".local_classes") and program.title not in WITHOUT_OBJECTS
    return local or program.title == "classes in classes"


@pytest.fixture
def graph(program):
    """The graph of the program's first input, as it is traced: no pass has run."""
    return to_graph(program.function).graph(*program.inputs()[0])

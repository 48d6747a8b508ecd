"""What these tests share: every fixture program, and the graph of its first input."""

import pytest

from fixtures.programs import all_programs
from tograph.runtime.errors import Refused
from tograph.runtime.function import to_graph
from tograph.testing import Different

GAPS = {"shape set in place": "assigning to the attribute 'shape' is not supported"}


def row(program):
    """A program as a parameter; what is known not to work yet must fail, and with the error that says so."""
    gap = pytest.mark.xfail(reason=GAPS[program.title], raises=(Refused, Different), strict=True) if program.title in GAPS else ()
    return pytest.param(program, marks=gap, id=program.title)


@pytest.fixture(params=[row(program) for program in all_programs()])
def program(request):
    """One program after the other, its module's globals as they were."""
    put_back = request.param.reset or (lambda: None)
    put_back()
    yield request.param
    put_back()


@pytest.fixture
def graph(program):
    """The graph of the program's first input, as it is traced: no pass has run."""
    return to_graph(program.function).graph(*program.inputs()[0])

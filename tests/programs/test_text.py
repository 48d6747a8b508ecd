"""The text of every program's graph is read back equal, and tracing again gives the same graph."""

import pytest

from tograph.runtime.errors import UnwritableConstant
from tograph.runtime.function import to_graph
from tograph.runtime.ir.text import parse, text
from tograph.runtime.ir.writing import write_graph
from tograph.runtime.ops import TABLE
from tograph.runtime.passes.pipeline import optimise


@pytest.mark.parametrize("change", [lambda graph: graph, optimise], ids=["as traced", "optimised"])
def test_is_read_back(graph, change, makes_classes):
    graph = change(graph)
    if makes_classes:
        with pytest.raises((AttributeError, UnwritableConstant), match="<locals>"):
            parse(text(graph), TABLE)
        return
    written = text(graph)
    read = parse(written, TABLE)
    assert read == graph
    assert text(read) == written


def without_lines(graph):
    def unwritable(value):
        return getattr(value, "__qualname__", type(value).__qualname__)

    return write_graph(graph, locations=False, unwritable=unwritable)


def test_is_the_same_when_traced_again(program, graph, makes_classes):
    if program.reset is not None:
        program.reset()
    again = to_graph(program.function).graph(*program.inputs()[0])
    assert without_lines(again) == without_lines(graph)
    assert makes_classes or again == graph

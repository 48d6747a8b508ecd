"""The engine copies no array: in a loop nothing is allocated that the program does not ask for, however many trips."""

import linecache
import tracemalloc

import numpy as np
import pytest

from fixtures.programs import all_programs
from tograph.runtime.execute.expressions import BINARY, UNARY
from tograph.runtime.function import to_graph
from tograph.runtime.ir.types import AnyType, ArrayType, options
from tograph.runtime.ops.op import Result

OTHER_WORDS = {     # how ops are written that are not called by their names
    **{name: (sign,) for name, sign in {**BINARY, **UNARY}.items()},
    "absolute": ("abs",), "joined_tuple": ("*", "tuple("), "re.Match.__getitem__": ("[",),
    "except_star.handle": ("try",),
}
BY_TITLE = {program.title: program for program in all_programs()}


def in_loops(graph, inside=False):
    """Every node of a loop's body or test."""
    for node in graph.nodes:
        if inside:
            yield node
        for body in node.bodies:
            yield from in_loops(body, inside or node.op.name in ("while_loop", "for_loop"))


def may_allocate(node):
    """Whether the node may give a new array."""
    kinds = [kind for output in node.outputs for kind in options(output.type)]
    return node.op.result is Result.FRESH and any(isinstance(kind, ArrayType | AnyType) for kind in kinds)


def is_written(node):
    """Whether the user's line has the word or the sign that the node stands for."""
    name = node.op.name
    words = OTHER_WORDS.get(name, (name.rpartition(".")[2],))
    line = linecache.getline(node.location.filename, node.location.line)
    return any(word.strip() in line for word in words)


def test_every_new_array_in_a_loop_is_asked_for(program, graph):
    added = [node for node in in_loops(graph) if may_allocate(node) and not is_written(node)
             and node.op.name not in program.chosen]
    assert not added, [f"{node.op.name}, line {node.location.line}" for node in added]


def step(x, trips):
    for k in range(trips):
        x[k % 7] = x[k % 5] + 1.0
    return x


def swap(x, trips):
    a, b = x[:50_000], x[50_000:]
    while trips > 0:
        b[trips % 9] = a[trips % 4] * 0.5
        a, b = b, a
        trips -= 1
    return a, b


def branch(x, trips):
    for k in range(trips):
        if x[k] > 0.5:
            x[k + 1] += 1.0
        else:
            x[2 * k:][0] = 2.0
    return x


def leave(x, trips):
    for k in range(trips):
        x[k] += 1.0
        if x[k] > 100.0:
            return x
        row = x[k:k + 3]
        row *= 0.5
    return x[::2]


def called(x, trips):
    def write(at):
        x[at] = at
        return x

    held = {"x": x}
    for k in range(trips):
        held["x"] = write(k)
    return held


def peak(function, *arguments):
    """The most bytes that were allocated at a time during a call."""
    tracemalloc.start()
    try:
        function(*arguments)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("program", [step, swap, branch, leave, called], ids=lambda program: program.__name__)
def test_writing_in_a_loop_takes_no_memory(program):
    function, x = to_graph(program), np.zeros(100_000)
    function(x, 3)
    few, many = (peak(function, x, trips) for trips in (3, 300))
    assert max(few, many) < x.nbytes / 20
    assert function.trace_count == 1


LARGE = [
    ("heat on an insulated plate, two buffers swapped",
     lambda n: (np.ones((200, 200)), np.zeros((200, 200)), 0.2, 0.0, n)),
    ("jacobi with ping-pong arrays", lambda n: (np.ones(20_000), np.zeros(20_000), n)),
]


@pytest.mark.parametrize("title, arguments", LARGE, ids=[title for title, _ in LARGE])
def test_takes_no_more_memory_than_the_program(title, arguments):
    program = BY_TITLE[title]
    function = to_graph(program.function)
    function(*arguments(3))
    few, many = (peak(function, *arguments(n)) for n in (3, 300))
    size = arguments(3)[0].nbytes
    assert abs(many - few) < size / 20
    assert many < peak(program.function, *arguments(3)) + size / 20

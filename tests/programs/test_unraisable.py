"""What a generator raises while it is deleted: Python is told of it, and the program goes on."""

import sys

import numpy as np
import pytest

from tograph.runtime.function import GraphFunction


def failing(x):
    try:
        yield from x
    finally:
        raise ValueError("not closed")


def stopping(x):
    try:
        yield from x
    finally:
        raise StopIteration


def left(x):
    """Loops that are left."""
    found = []
    for value in failing(x):
        found.append(value)
        break
    for value in stopping(x):
        found.append(value)
        break
    return found


def held(x):
    """A variable of a function."""
    values = failing(x)
    return next(values)


@pytest.fixture
def told(monkeypatch):
    found = []

    def note(unraisable):
        error = unraisable.exc_value
        found.append((unraisable.object.__qualname__, type(error), str(error), type(error.__cause__)))

    monkeypatch.setattr(sys, "unraisablehook", note)
    return found


@pytest.mark.parametrize(("program", "number"), [(left, 2), (held, 1)], ids=["left", "held"])
def test_says_what_python_says(program, number, told):
    x = np.array([1.0, 2.0])
    graph = GraphFunction(program)
    expected = program(x), told[:]
    told.clear()
    assert len(expected[1]) == number
    assert (graph(x), told) == expected

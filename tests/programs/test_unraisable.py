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


def left(x, kind):
    """A loop that is left, and a variable of the function."""
    for value in failing(x) if kind else stopping(x):
        break
    held = failing(x)
    return value, next(held)


@pytest.fixture
def told(monkeypatch):
    found = []

    def note(unraisable):
        error = unraisable.exc_value
        found.append((unraisable.object.__qualname__, type(error), str(error), type(error.__cause__)))

    monkeypatch.setattr(sys, "unraisablehook", note)
    return found


@pytest.mark.parametrize("kind", [True, False])
def test_says_what_python_says(kind, told):
    x = np.array([1.0, 2.0])
    graph = GraphFunction(left)
    expected = left(x, kind), told[:]
    told.clear()
    assert len(expected[1]) == 2
    assert (graph(x, kind), told) == expected

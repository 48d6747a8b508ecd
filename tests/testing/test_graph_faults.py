"""Each fault inside the engine is found, on a program that the engine gets right."""

import numpy as np
import pytest

from tograph.runtime.testing.graph_faults import GRAPH_FAULTS
from tograph.testing import ENGINES, Different, assert_equivalent


class Holder:
    def __init__(self):
        self.value = 0.0


def clear_negative(x):
    for i in range(len(x)):
        if x[i] < 0:
            x[i] = 0.0
    return x.sum()


def add_ones(x):
    y = x
    y += 1
    return x.sum()


def write_row(m):
    row = m[0]
    row[1] = 7.0
    return m


def positives(x):
    found = []
    for value in x:
        if value > 0:
            found.append(value)
    return found


def show(x):
    for value in x:
        if value > 0:
            print(value)
    return x * 2


def remember(holder, x):
    if x.sum() > 0:
        holder.value = x.sum()
    return holder


def squares(x):
    return x.astype("f4") ** 2


def average(x):
    return x.sum() / len(x)


def sign(x):
    if x.sum() > 0:
        return 1
    return -1


def noise(generator):
    return generator.random()


def first_negative(x):
    for i in range(len(x)):
        if x[i] < 0:
            raise ValueError("negative")
    return x


def sums(m, axis):
    return m.sum(axis=axis)


def pick(x):
    return x.sum() if x.ndim == 1 else x.max()


def vectors():
    return [(np.array([1.0, -2.0, 3.0]),), (np.array([4.0, 5.0]),), (np.array([-3.0, -1.0, 1.0, 0.5]),)]


MATRICES = [(np.arange(6.0).reshape(2, 3),), (np.ones((3, 2)),)]
TABLE = [
    ("an item is not stored", clear_negative, vectors),
    ("an item is stored into a copy", clear_negative, vectors),
    ("an item is stored twice", add_ones, vectors),
    ("an in-place operator makes a new array", add_ones, vectors),
    ("an item that is a view is copied", write_row, MATRICES),
    ("a list's append is left out", positives, vectors),
    ("a print is left out", show, vectors),
    ("an attribute is not stored", remember, [(Holder(), np.ones(3)), (Holder(), -np.ones(2))]),
    ("np.power for **", squares, vectors),
    ("a length is as at the first call", average, vectors),
    ("a random number more is drawn", noise, [(np.random.default_rng(3),), (np.random.default_rng(4),)]),
    ("the branches of an if are exchanged", sign, vectors),
    ("the last effect of a loop's body is left out", positives, vectors),
    ("a raise is left out", first_negative, vectors),
    ("guards are not checked", sums, [(np.ones((2, 3)), 0), (np.ones((2, 3)), 1)]),
    ("the key is the same for all arguments", pick, [(np.arange(3.0),), (np.arange(6.0).reshape(2, 3),)]),
]


@pytest.mark.parametrize(("title", "program", "inputs"), TABLE, ids=[row[0] for row in TABLE])
def test_is_found(title, program, inputs):
    assert_equivalent(program, inputs)
    with GRAPH_FAULTS[title].plant(ENGINES["reference"]) as broken, pytest.raises(Different):
        assert_equivalent(program, inputs, engines={"broken": broken})


def test_every_fault_has_a_program():
    assert [row[0] for row in TABLE] == list(GRAPH_FAULTS)

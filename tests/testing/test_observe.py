"""What two observations of a call show, and which differences the classes of exactness let pass."""

import pickle
import sys
from enum import Enum
from types import SimpleNamespace

import numpy as np
import pytest

from tograph.runtime.testing.compare import Rules, compare, same_start
from tograph.runtime.testing.frames import in_file, watch
from tograph.runtime.testing.observe import observe
from tograph.runtime.testing.snapshot import copy_values


class Colour(Enum):
    RED = 1


def differences(first, second, *arguments, **rules):
    expected, actual = [observe(function, copy_values(arguments)) for function in (first, second)]
    assert same_start(expected, actual) == []
    return compare(expected, actual, Rules(**rules))


X = np.arange(4.0)
NAN = np.array([np.nan])
OTHER_NAN = np.array([0x7FF8000000000001]).view("f8")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (lambda x: x[::2], lambda x: x[::2]),
        (lambda x: (x, x[1:], [x]), lambda x: (x, x[1:], [x])),
        (lambda x: NAN, lambda x: OTHER_NAN),
        (lambda x: float("nan"), lambda x: -float("nan")),
        (lambda x: {"a": 1, "b": Colour.RED}, lambda x: {"a": 1, "b": Colour.RED}),
        (lambda x: np.datetime64("2020-01-01"), lambda x: np.datetime64("2020-01-01")),
        (lambda x: np.ones((1, 3)), lambda x: np.ones((3, 1)).T),    # the stride of a size of 1 means nothing
        (lambda x: 2**100, lambda x: 2**100),
        (lambda x: {3, 1}, lambda x: {1, 3}),
        (lambda x: 1 / 0, lambda x: 1 / 0),
    ],
)
def test_alike(first, second):
    assert differences(first, second, X) == []


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        (lambda x: 1, lambda x: True, "expected int 1, got bool True"),
        (lambda x: 1.0, lambda x: np.float64(1.0), "expected float 1.0, got numpy.float64 1.0"),
        (lambda x: 0.0, lambda x: -0.0, "expected 0.0, got -0.0"),
        (lambda x: 0j, lambda x: -0j, "expected 0j, got (-0-0j)"),
        (lambda x: np.float32(1), lambda x: np.float64(1), "expected numpy.float32 1.0, got numpy.float64 1.0"),
        (lambda x: "a", lambda x: "b", "expected 'a', got 'b'"),
        (lambda x: [1, 2], lambda x: [1], "expected list of 2 items, got list of 1 items"),
        (lambda x: (1, [2]), lambda x: (1, [3]), "result[1][0]: expected 2, got 3"),
        (lambda x: x, lambda x: x[:], "expected the object of 'argument 0', got a new array f8[4]"),
        (lambda x: x[1:], lambda x: x[1:].copy(), "expected memory 0, got 1"),
        (lambda x: x[1:], lambda x: x[:-1], "looks into its memory at byte 0, expected 8"),
        (lambda x: [x.copy()] * 2, lambda x: [x.copy(), x.copy()], "result[1]: expected the object of 'result[0]'"),
        (lambda x: x.reshape(2, 2), lambda x: x.reshape(2, 2).T, "expected strides (16, 8), got (8, 16)"),
        (lambda x: x.astype(">f8"), lambda x: x.astype("f8"), "expected >f8[4], got f8[4]"),
        (lambda x: {"a": 1, "b": 2}, lambda x: {"b": 2, "a": 1}, "expected dict of str 'a', str 'b'"),
        (lambda x: SimpleNamespace(v=1), lambda x: SimpleNamespace(v=2), "result.v: expected 1, got 2"),
        (lambda x: len, lambda x: abs, "expected 'len', got 'abs'"),
        (lambda x: print(1), lambda x: None, "printed: expected '1\\n', got ''"),
        (lambda x: x[9], lambda x: None, "outcome: expected IndexError: index 9 is out of bounds"),
        (lambda x: x.fill(0), lambda x: None, "argument 0: 3 of 4 elements differ; at (1,) expected np.float64(0.0)"),
        (lambda x: 1 / 0, lambda x: 1 % 0, "exception: expected ZeroDivisionError: division by zero"),
        (lambda x: x / 0, lambda x: x * np.inf, "warnings: expected [('RuntimeWarning', 'divide by zero"),
    ],
)  # fmt: skip
def test_different(first, second, words):
    assert any(words in difference for difference in differences(first, second, X))


def test_writes_outside_of_a_window():
    found = differences(lambda x: None, lambda x: x.base.fill(7), X[1:3])
    assert found[-1].endswith("that no argument shows were changed")


def test_the_same_object_in_two_arguments():
    x = X.copy()
    assert differences(lambda a, b: a, lambda a, b: b, x, x) == []
    assert differences(lambda a, b: a, lambda a, b: b, x, x.copy()) != []


@pytest.mark.parametrize(
    ("ulps", "exactness", "alike"),
    [(0, "E0", True), (1, "E0", False), (4, "E1", True), (6, "E1", False), (6, "E2", True), (10**6, "E2", False)],
)
def test_exactness(ulps, exactness, alike):
    near = 1.5 + ulps * np.spacing(1.5)
    found = differences(lambda: np.array([1.5, 2.0]), lambda: np.array([near, 2.0]), exactness=exactness)
    assert (found == []) is alike


def test_integers_are_exact_in_every_class():
    assert differences(lambda: np.array([1]), lambda: np.array([2]), exactness="E2") != []


def test_observations_travel():
    seen = observe(lambda x: (x[1:], 1.5, "text"), (X.copy(),))
    assert compare(seen, pickle.loads(pickle.dumps(seen))) == []


def test_frames_are_seen():
    def outer():
        return inner()

    def inner():
        return 1

    previous = sys.getprofile()
    with watch(in_file(__file__)) as ran:
        outer()
        outer()
    assert [code.co_name for code in ran] == ["outer", "inner"]
    with watch(in_file("another file")) as ran:
        outer()
    assert ran == [] and sys.getprofile() is previous

"""Arrays of other packages are refused, wherever they are, before anything runs; eager code goes on taking them.

``strict_arrays`` stands for such a package. The tests with CuPy need it and a GPU, and are left out elsewhere.
"""

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tograph import TographError, to_graph

SPEC = importlib.util.spec_from_file_location("strict_arrays", Path(__file__).with_name("strict_arrays.py"))
assert SPEC is not None and SPEC.loader is not None
strict = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(strict)


def halved(x):
    while x.sum() > 1.0:
        x = x / 2
    return x


def of_list(rows):
    return halved(rows[0])


def of_attribute(box):
    return halved(box.x)


def captured(y):
    return y + SHARED.sum()


class Box:
    def __init__(self, x):
        self.x = x


SHARED: Any = None
USES = {
    "an argument": (halved, lambda x: x),
    "in a list": (of_list, lambda x: [x]),
    "in a dict": (of_list, lambda x: {0: x}),
    "in a tuple": (of_list, lambda x: (x,)),
    "an attribute": (of_attribute, Box),
}


def refusal(function, argument):
    with pytest.raises(TographError) as caught:
        to_graph(function)(argument)
    return str(caught.value)


def test_the_stand_in_is_strict():
    x = strict.asarray([1.0, 2.0])
    assert np.array_equal((x + x).get(), [2.0, 4.0]) and x.sum().shape == () and strict.zeros(3).shape == (3,)
    assert bool(x.sum() > 2) and np.allclose(halved(x).get(), [0.25, 0.5])
    for use in (lambda: np.asarray(x), lambda: x + np.ones(2), lambda: np.ones(2) + x, lambda: np.sum(x)):
        with pytest.raises(TypeError):
            use()


@pytest.mark.parametrize("use", USES)
def test_is_refused(use):
    function, wrap = USES[use]
    x = strict.asarray([4.0, 8.0])
    assert "is an array of strict_arrays, not of NumPy." in refusal(function, wrap(x))
    assert np.array_equal(x.get(), [4.0, 8.0])


def test_a_variable_is_refused(monkeypatch):
    monkeypatch.setitem(globals(), "SHARED", strict.asarray([1.0]))
    assert "'SHARED' is an array of strict_arrays" in refusal(captured, np.ones(2))


def test_numpy_arrays_go_on_working_after_a_refusal():
    function = to_graph(halved)
    with pytest.raises(TographError):
        function(strict.asarray([4.0]))
    assert np.array_equal(function(np.array([4.0, 4.0])), halved(np.array([4.0, 4.0])))
    assert function.trace_count == 1


@pytest.mark.parametrize("use", USES)
def test_cupy_is_refused(use):
    cupy = pytest.importorskip("cupy")
    if not cupy.is_available():
        pytest.skip("no GPU")
    function, wrap = USES[use]
    x = cupy.asarray([4.0, 8.0])
    assert "is an array of cupy, not of NumPy." in refusal(function, wrap(x))
    assert np.array_equal(to_graph(halved)(x.get()), halved(x).get())

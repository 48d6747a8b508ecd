"""Every program does with the arrays of another package what it does with NumPy's.

``strict_arrays`` stands for a package everywhere; CuPy itself is tested where there is a GPU.
"""

import re
from typing import Any

import numpy as np
import pytest

from fixtures import strict_arrays
from fixtures.exchange import Exchanged
from tograph import TographError, to_graph
from tograph.testing import assert_equivalent

# What another package's arrays cannot do: refused before anything runs.
REFUSED = {
    "smooth with default arguments": "'kernel' is an array of numpy, and 'x' is one of",
    "elements in the order of memory": "numpy.nditer() goes through the memory",
}


def strictly(function):
    return Exchanged(function, strict_arrays.asarray, lambda array: array.values, strict_arrays.ndarray)


def refusal(program):
    """What must be said when the program is given arrays of another package; None where it runs."""
    if any(isinstance(value, np.ndarray) and value.dtype.fields for value in program.inputs()[0]):
        return "is an array of records"
    return "a number or an array of rank 0" if program.title == "arrays of records made" else REFUSED.get(program.title)


def test_gives_what_it_gives_with_numpy(program):
    said = refusal(program)
    if said is None:
        assert_equivalent(program.function, program.inputs, engines={"strict arrays": strictly}, reset=program.reset,
                          frames=False)
        return
    with pytest.raises(TographError) as caught:
        strictly(program.function)(*program.inputs()[0])
    assert said in str(caught.value)


# What CuPy lacks, of which a program may be refused by name; nothing else may be.
LACKING = re.compile(r"cupy has no function '|Arrays of cupy have no '|\S+\(\) of cupy: ")


def test_gives_on_a_gpu_what_it_gives_with_numpy(program):
    """Needs CuPy and a GPU; where there is none, the stand-in above is all that is tested."""
    cupy = pytest.importorskip("cupy")
    if not cupy.is_available():
        pytest.skip("CuPy is installed, but there is no GPU for it")

    def on_gpu(function):
        return Exchanged(function, cupy.asarray, cupy.asnumpy, cupy.ndarray)

    said = refusal(program)
    try:
        on_gpu(program.function)(*program.inputs()[0])
    except TographError as error:
        assert LACKING.match(error.message) or said is not None and said in error.message
        return
    except Exception:  # noqa: BLE001 - what the program raises is compared below
        pass
    assert said is None
    assert_equivalent(program.function, program.inputs, engines={"CuPy": on_gpu}, reset=program.reset, exactness="E2",
                      warnings=False, frames=False)


def test_the_stand_in_is_strict():
    x: Any = strict_arrays.asarray(np.array([1.0, 2.0]))
    assert x.sum().shape == () and type(x[0]) is strict_arrays.ndarray
    for use in (lambda: np.asarray(x), lambda: x + np.ones(2), lambda: np.ones(2) + x, lambda: np.sin(x),
                lambda: strict_arrays.dot(x, np.ones(2)), lambda: x + [1.0, 2.0]):
        with pytest.raises(TypeError):
            use()


def normalised(x, rows):
    total = 0.0
    for row in rows:
        total += row.sum()
    y = np.zeros(len(x)) + x / total
    y[0], y[-1] = y[-1], y[0]
    return y, total


def test_arrays_stay_in_the_package_and_numbers_are_numbers():
    x = strict_arrays.asarray(np.array([1.0, 2.0, 5.0]))
    function = to_graph(normalised)
    y, total = function(x, [x])
    assert type(y) is strict_arrays.ndarray and type(total) is np.float64 and total == 8.0
    assert np.array_equal(y.values, [0.625, 0.25, 0.125])
    assert np.array_equal(function(x.values, [x.values])[0], y.values) and function.trace_count == 2
    function(x[::-1][:2], [x])
    function(strict_arrays.asarray(np.ones(7)), [x, x])
    assert function.trace_count == 3, function.explain()

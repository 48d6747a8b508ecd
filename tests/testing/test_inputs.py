"""Arguments from specifications, and the variations of layout, value and alias."""

import math

import numpy as np
import pytest

from tograph.runtime.testing.inputs import LAYOUTS, aliased, arguments, layouts, sized, special, special_values, symbols


@pytest.mark.parametrize(
    ("specification", "kind", "dtype", "shape"),
    [
        ("f8[n]", np.ndarray, "f8", (4,)),
        ("f4[n, n + 1]", np.ndarray, "f4", (4, 5)),
        ("i8[2*n-1, 3]", np.ndarray, "i8", (7, 3)),
        ("c16[]", np.ndarray, "c16", ()),
        ("b1[m]", np.ndarray, "b1", (6,)),
        ("f8", np.float64, "f8", ()),
        ("u1", np.uint8, "u1", ()),
        ("int", int, "i8", ()),
        ("float", float, "f8", ()),
        ("bool", bool, "b1", ()),
    ],
)
def test_one_value_for_a_specification(specification, kind, dtype, shape):
    (value,) = arguments([specification], {"n": 4, "m": 6})
    assert type(value) is kind
    assert np.asarray(value).dtype == np.dtype(dtype)
    assert np.shape(value) == shape


@pytest.mark.parametrize("wrong", ["f8[n", "int[n]", "f8[n/2]", "list"])
def test_other_words_are_refused(wrong):
    with pytest.raises((ValueError, TypeError)):
        arguments([wrong], {"n": 3})


def test_sizes_are_distinct_and_then_equal():
    specifications = ["f8[n, m]", "f8[m]"]
    assert symbols(specifications) == ["n", "m"]
    shapes = [a.shape for a, _ in sized(specifications, sizes=(2, 3, 0, 1))]
    assert shapes == [(2, 4), (2, 2), (3, 5), (3, 3), (0, 0), (1, 1)]


def test_layouts_keep_the_values():
    given = (np.arange(6.0).reshape(2, 3), np.arange(4), np.array(2.0), 3)
    variations = dict(layouts(given))
    assert set(variations) == set(LAYOUTS)
    for name, varied in variations.items():
        if name != "stride 0, read-only":
            for old, new in zip(given, varied):
                np.testing.assert_array_equal(old, new)
    matrix = {name: varied[0] for name, varied in variations.items()}
    assert matrix["Fortran order"].strides == (8, 16)
    assert matrix["strided"].strides == (48, 16)
    assert matrix["negative strides"].strides == (-24, -8)
    assert matrix["window of a larger array"].base is not None
    assert matrix["stride 0, read-only"].strides == (0, 8)
    assert not matrix["read-only"].flags.writeable
    assert not matrix["unaligned"].flags.aligned
    assert matrix["swapped bytes"].dtype.str == ">f8"


def test_special_values_are_at_the_edges():
    assert np.isnan(special_values(np.dtype("f4"))[0])
    assert math.copysign(1.0, special_values(np.dtype("f8"))[3]) == -1.0
    assert special_values(np.dtype("i4"))[:2] == [-(2**31), 2**31 - 1]
    (floats, ints) = special((np.zeros(300), np.ones(300, np.int8)), seed=1)
    assert np.isnan(floats).any() and np.isinf(floats).any() and set(ints) >= {-128, 127}


def test_aliased_arguments():
    given = (np.arange(3.0), np.ones(3), np.ones(2))
    variations = dict(aliased(given))
    a, b, _ = variations["arguments 0 and 1 are one array"]
    assert a is b
    a, b, _ = variations["arguments 0 and 1 overlap"]
    assert np.shares_memory(a, b) and a is not b
    assert len(variations) == 2

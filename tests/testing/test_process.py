"""Arguments that travel to another process keep what they share."""

import numpy as np

from tograph.runtime.testing.inputs import layouts
from tograph.runtime.testing.process import pack, unpack


def test_views_travel_with_their_memory():
    x = np.arange(6.0)
    base, part, names, again = unpack(pack((x, x[4:1:-2], ["a"], x)))
    assert again is base and names == ["a"]
    part[0] = 9.0
    assert base[4] == 9.0 and x[4] == 4.0 and part.strides == (-16,)


def test_layouts_travel():
    for name, (array,) in layouts((np.arange(6.0).reshape(2, 3),)):
        (moved,) = unpack(pack((array,)))
        np.testing.assert_array_equal(moved, array)
        assert moved.strides == array.strides and moved.dtype == array.dtype, name
        assert moved.flags.writeable == array.flags.writeable, name


def test_an_empty_array_travels():
    (moved,) = unpack(pack((np.empty((0, 3)),)))
    assert moved.shape == (0, 3)

"""Arguments that travel to another process keep what they share; a saved graph runs there without its program."""

import numpy as np
import pytest

import tograph
from tograph.runtime.testing.inputs import layouts
from tograph.runtime.testing.process import SourceFound, compare_elsewhere, pack, run_elsewhere, unpack


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


def smooth(x, out, n):
    for k in range(n):
        if x[0] > 0:
            x[1:] = 0.5 * (x[1:] + x[:-1])
            out.append(x[-1])
            print("turn", k)
        else:
            raise ValueError(f"{x[0]} is not positive")
    return x, x[::2]


def test_a_saved_graph_runs_without_its_program(tmp_path):
    vector = np.arange(1.0, 6.0)
    calls = [(vector, [], 3), (vector[1:], [], 2), (vector, [], 0), (-vector, [], 1)]
    path = tmp_path / "smooth.graph"
    tograph.save_graph(tograph.to_graph(smooth), path, *calls[0])
    assert compare_elsewhere(smooth, path, calls) == []


def test_a_difference_elsewhere_is_found(tmp_path):
    path = tmp_path / "smooth.graph"
    call = (np.arange(1.0, 6.0), [], 3)
    tograph.save_graph(tograph.to_graph(smooth), path, *call)
    differences = compare_elsewhere(lambda x, out, n: smooth(x, out, n + 1), path, [call])
    assert any(text.startswith("call 0: printed") for text in differences)
    assert any("argument 1: expected list of 4 items, got list of 3 items" in text for text in differences)


def test_importing_the_program_elsewhere_is_found(tmp_path):
    path = tmp_path / "smooth.graph"
    call = (np.arange(1.0, 6.0), [], 3)
    tograph.save_graph(tograph.to_graph(smooth), path, *call)
    with pytest.raises(SourceFound):
        run_elsewhere(path, [call], avoid=np.__file__)

"""Copies of arguments share among themselves what the originals share, and nothing with them."""

from collections import deque
from types import SimpleNamespace

import numpy as np
import pytest

from tograph.runtime.testing.inputs import layouts
from tograph.runtime.testing.memory import outside, raw_bytes, root
from tograph.runtime.testing.snapshot import copy_values
from tograph.runtime.testing.world import World

STATE = [1, 2]
VECTOR = np.arange(3.0)


def test_a_view_stays_a_view():
    x = np.arange(6.0)
    base, part, backwards = copy_values((x, x[2:5], x[::-2]))
    assert part.base is base and backwards.base is base
    base[4] = 9.0
    assert part[2] == 9.0
    assert backwards.tolist() == [5.0, 3.0, 1.0]
    assert not np.shares_memory(base, x)


def test_views_without_their_base_share_a_copy_of_it():
    x = np.arange(6.0)
    left, right = copy_values((x[:4], x[2:]))
    right[0] = -1.0
    assert left[2] == -1.0 and x[2] == 2.0
    assert raw_bytes(root(left)).size == 48


def test_one_object_stays_one_object():
    x, names = np.arange(3.0), ["a"]
    first, second, holder = copy_values((x, x, {"x": x, "names": names, "again": names}))
    assert first is second is holder["x"]
    assert holder["names"] is holder["again"] is not names


def test_objects_are_copied_with_their_arrays():
    x = np.arange(3.0)
    thing = SimpleNamespace(x=x, part=x[1:], queue=deque([x]))
    thing.self = thing
    copied, y = copy_values((thing, x))
    assert copied.self is copied and copied.x is y and copied.queue[0] is y
    assert np.shares_memory(copied.part, y) and not np.shares_memory(y, x)


@pytest.mark.parametrize("shape", [(4,), (2, 3), (), (0,), (3, 0)], ids=str)
def test_layouts_are_kept(shape):
    given = (np.arange(np.prod(shape, dtype=int)).astype("f8").reshape(shape),)
    for name, (array,) in layouts(given):
        (copied,) = copy_values((array,))
        assert copied is not array, name
        assert copied.dtype == array.dtype and copied.strides == array.strides, name
        assert copied.flags.writeable == array.flags.writeable and copied.flags.aligned == array.flags.aligned, name
        np.testing.assert_array_equal(copied, array)
        assert (copied.base is None) == (array.base is None), name


def test_a_writable_view_of_a_read_only_array():
    x = np.arange(3.0)
    view = x[1:]
    x.flags.writeable = False
    base, part = copy_values((x, view))
    assert part.flags.writeable and not base.flags.writeable and np.shares_memory(base, part)


def test_foreign_memory_keeps_its_views():
    whole = np.frombuffer(bytearray(range(16)), np.uint8)
    first, second = copy_values((whole[3:11].view("i4"), whole))
    second[3] = 7
    assert first.tobytes()[0] == 7 and whole[3] == 3


def test_arrays_of_objects():
    inner = [1]
    x = np.array([inner, None], dtype=object)
    copied, part, again = copy_values((x, x[:1], inner))
    assert copied[0] is again is not inner
    assert part[0] is again and np.shares_memory(part, copied)


def test_what_is_kept_stays_itself():
    x = np.arange(4.0)
    same, part = copy_values((x, x[1:]), keep=[x])
    assert same is x and part.base is x


def test_bytes_outside_of_views():
    x = np.arange(4, dtype=np.uint8)
    assert outside(x, [x[1:3]]).tolist() == [0, 3]
    assert outside(x, [x[::2], x[:0]]).tolist() == [1, 3]
    assert outside(x, [x[::-1]]).tolist() == []


def test_the_outside_state_is_put_back_in_place():
    counter = SimpleNamespace(total=0)
    total = 0

    def change():
        nonlocal total
        global NEW
        total += 1
        NEW = total
        STATE.append(total)
        VECTOR[0] = total
        counter.total = total
        counter.new = 1

    world = World(change)
    put_back = world.save()
    change()
    assert (total, STATE, VECTOR[0], counter.total, NEW) == (1, [1, 2, 1], 1.0, 1, 1)  # noqa: F821
    put_back()
    assert (total, STATE, VECTOR[0], vars(counter)) == (0, [1, 2], 0.0, {"total": 0})
    assert "NEW" not in globals()
    assert {"global STATE", "global VECTOR"} <= set(world.values())


def test_the_outside_state_is_found_through_helpers_and_methods():
    class Keeper:
        shared = [0]

        def helper(self):
            return STATE

        def __call__(self):
            return self.helper()

    keeper = Keeper()
    assert any(value is STATE for value in World(keeper).objects())
    assert any(value is keeper for value in World(keeper.helper).objects())

    def makes():
        return Keeper()

    assert any(value is Keeper.shared for value in World(makes).objects())

"""Cache hits: a quick key never leads to a trace that the general key would not, and guards are asked at every call."""

import types
from itertools import product

import numpy as np
import pytest

from tograph import to_graph
from tograph.runtime.bench.timing import hit_seconds
from tograph.runtime.cache import MOST_QUICK_KEYS, TraceCache
from tograph.runtime.quick import quick_key


class Point:
    def __init__(self, x):
        self.x = x


def read_only(array):
    array.flags.writeable = False
    return array


def plain(x):
    return x


def other(x):
    return x


SQUARE = np.arange(16.0).reshape(4, 4)
VALUES = [
    np.zeros(3), np.zeros(7), np.zeros(1), np.zeros(0), np.zeros(()), np.zeros((3, 1)), np.zeros((3, 2)),
    SQUARE, SQUARE.T, SQUARE[::2], SQUARE[:, ::2], SQUARE[::-1], read_only(np.zeros(3)), read_only(SQUARE[1:].copy()),
    np.zeros(3, "f4"), np.zeros(3, ">f8"), np.zeros(3, "q"), np.zeros(3, "l"), np.zeros(3, "U3"), np.zeros(3, "U4"),
    np.zeros(3, "M8[s]"), np.zeros(3, "M8[D]"), np.zeros(3, "i4,f4"), np.zeros(3, np.dtype("f8", metadata={"a": 1})),
    np.zeros(2, bool), np.ma.zeros(3), np.zeros(3, object),
    1, 2, True, False, 1.0, 0.0, -0.0, 1j, None, "a", "b", b"a", np.float64(1), np.float32(1), np.int64(1),
    np.datetime64(1, "s"), np.datetime64(1, "D"), slice(1), range(3), Ellipsis, np.dtype("f8"),
    (1, 2), (1, 2.0), [1], [1, 2.0], {"a": 1}, {1}, Point(1), Point(2.0), plain, other, np.sin, np.sum, types, int,
    [].append, "a".upper,
]


def test_equal_quick_keys_have_equal_keys():
    cache = TraceCache(("a", "b"))
    found = {}
    quick = 0
    for arguments in [*product(VALUES, repeat=2), *((value, value) for value in VALUES)]:
        key = quick_key(tuple(map(type, arguments)))
        if key is not None:
            quick += 1
            entry = (tuple(map(type, arguments)), key(arguments))
            assert found.setdefault(entry, cache.key(arguments)) == cache.key(arguments), arguments
    assert quick > 1000


def test_equal_quick_keys_of_static_arguments_have_equal_keys():
    cache = TraceCache(("a", "b"), (1,))
    found = {}
    for value in (1, True, 1.0, 0.0, -0.0, "a", b"a", None, (1,), (True,), np.float64(1)):
        arguments = (np.zeros(3), value)
        key = quick_key(tuple(map(type, arguments)), (1,))
        if key is not None:
            entry = (tuple(map(type, arguments)), key(arguments))
            assert found.setdefault(entry, cache.key(arguments)) == cache.key(arguments)
    assert len(found) == 5


def test_sizes_of_two_and_more_share_a_quick_key_and_smaller_ones_do_not():
    key = quick_key((np.ndarray,))
    assert key is not None
    assert key((np.zeros((2, 5)),)) == key((np.zeros((9, 3)),))
    sizes = [(0, 2), (1, 2), (2, 0), (2, 1), (2, 2), (2,), (2, 2, 2), (1, 1), (0, 1)]
    assert len({key((np.zeros(size),)) for size in sizes}) == len(sizes)


def test_two_objects_need_the_general_key():
    assert quick_key((Point,)) is not None
    assert quick_key((Point, np.ndarray)) is not None
    assert quick_key((Point, Point)) is None
    assert quick_key((list,)) is None
    assert quick_key((Point, type(to_graph(plain)))) is None


SCALE = 2.0
HELD = {"items": [1.0, 2.0]}
STEPS = 3


def helper(x):
    return x * SCALE


def scaled(x):
    return helper(x) + sum(HELD["items"])


def powered(x):
    return x ** STEPS if x.mean(axis=STEPS - 3) > 0 else x


def test_guards_are_asked_at_every_quick_hit(monkeypatch):
    function = to_graph(scaled)
    x = np.arange(4.0)
    for scale in (2.0, 3.0, np.float64(4), 5, 2.0):
        monkeypatch.setitem(globals(), "SCALE", scale)
        for _ in range(3):
            np.testing.assert_array_equal(function(x), scaled(x))
    assert function.trace_count == 3
    monkeypatch.setitem(globals(), "helper", lambda x: x - 1)
    for _ in range(3):
        np.testing.assert_array_equal(function(x), scaled(x))
    monkeypatch.setitem(HELD, "items", [1, 2, 3])
    for _ in range(3):
        np.testing.assert_array_equal(function(x), scaled(x))


def test_what_is_gone_is_no_hit(monkeypatch):
    function = to_graph(scaled)
    x = np.arange(4.0)
    for _ in range(2):
        function(x)
    monkeypatch.delitem(globals(), "SCALE")
    with pytest.raises(NameError, match="SCALE"):
        function(x)
    monkeypatch.setitem(globals(), "SCALE", 7.0)
    np.testing.assert_array_equal(function(x), scaled(x))


def test_a_specialised_number_is_asked_for_at_every_quick_hit(monkeypatch):
    function = to_graph(powered)
    x = np.arange(4.0)
    for _ in range(2):
        function(x)
    monkeypatch.setitem(globals(), "STEPS", 4)
    with pytest.raises(np.exceptions.AxisError):
        function(x)
    monkeypatch.setitem(globals(), "STEPS", 3)
    np.testing.assert_array_equal(function(x), powered(x))


def write(x, y):
    x[0] = 5.0
    return x


def test_writeability_and_layout_are_asked_at_every_call():
    function = to_graph(write)
    x, y = np.zeros(3), np.ones(3)
    for _ in range(3):
        assert function(x, y) is x
    x.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        function(x, y)
    x.flags.writeable = True
    assert function(x, y) is x
    assert function(x, x) is x


def same(a, b):
    return a is b


def test_which_lists_are_one_is_asked_at_every_call():
    function = to_graph(same)
    a, b = [1.0], [1.0]
    assert [function(*pair) for pair in ((a, b), (a, a), (a, b), (b, b))] == [False, True, False, True]
    p, q = Point(1.0), Point(1.0)
    assert [function(*pair) for pair in ((p, q), (p, p), (p, q))] == [False, True, False]


class Strange(type):
    """Classes that say they are equal to each other."""

    def __eq__(cls, other):
        return isinstance(other, Strange)

    def __hash__(cls):
        return 0


class A(metaclass=Strange):
    def __init__(self):
        self.x = 1.0


class B(metaclass=Strange):
    def __init__(self):
        self.x = np.ones(2)


def attribute(thing):
    return thing.x + 1


def test_classes_are_told_apart_by_identity():
    function = to_graph(attribute)
    for _ in range(2):
        assert function(A()) == 2.0
        np.testing.assert_array_equal(function(B()), [2.0, 2.0])


def test_many_small_shapes_do_not_fill_the_memory():
    def rows(x):
        return x.shape[0]

    function = to_graph(rows)
    for size in range(2, MOST_QUICK_KEYS + 50):
        assert function(np.zeros((size, 1))) == size
    assert function.trace_count == 1
    assert all(len(quick.traces) <= MOST_QUICK_KEYS for quick in function.traces.cache._quick.values())


def test_a_hit_is_found_in_little_time():
    def first(a, b, c):
        return a

    assert hit_seconds(to_graph(first), tuple(np.zeros((3, 4)) for _ in range(3))) < 5e-6

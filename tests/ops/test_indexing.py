"""What indexing infers, writes and shares, against what NumPy does: shapes, views, bounds that are proved."""

import random

import numpy as np
import pytest

from tograph.runtime.ir import dims
from tograph.runtime.ir.graph import Call
from tograph.runtime.ir.type_text import parse_type
from tograph.runtime.ir.types import ArrayType, IntType, ListType
from tograph.runtime.ops.check import Typed as T
from tograph.runtime.ops.check import check, inferred
from tograph.runtime.ops.indexing import OPS

BY_NAME = {op.name: op for op in OPS}
GET_ITEM = BY_NAME["get_item"]


@pytest.mark.parametrize("op", OPS, ids=lambda op: op.name)
def test_says_the_truth(op):
    assert op.samples
    for sample in op.samples:
        check(op, sample)


X, A = T("f8[n]"), T("f8[n, m, k]")
N = T("int[n]")

ITEMS = [
    (X, 0, "f8"),
    (X, T("i8"), "f8"),
    (X, T("i8[]"), "f8"),
    (X, slice(1, None), "f8[max(1, n) - 1]"),
    (T("f8[n + 2]"), slice(1, -1), "f8[n]"),
    (X, slice(None, None, -1), "f8[n]"),
    (X, slice(None, None, 2), "f8[(n + 1)//2]"),
    (X, slice(None, N), "f8[n]"),
    (X, slice(T("int"), None), "f8[?]"),
    (X, ..., "f8[n]"),
    (X, (0, ...), "f8[]"),
    (X, None, "f8[1, n]"),
    (X, 1.5, "never"),
    (X, (0, 0), "never"),
    (T("f8[3]"), 3, "never"),
    (A, 0, "f8[m, k]"),
    (A, (slice(None), T("int"), None), "f8[n, 1, k]"),
    (A, (..., 0), "f8[n, m]"),
    (A, (0, 1, T("int[n]")), "f8"),
    (A, T("i8[p]"), "f8[p, m, k]"),
    (A, (T("i8[p]"), T("i4[p]")), "f8[p, k]"),
    (A, (slice(None), T("i8[p]"), T("i8[q, 1]")), "f8[n, q, p]"),
    (A, (T("i8[p]"), slice(None), T("i8[p]")), "f8[p, m]"),
    (A, (0, slice(None), T("i8[p]")), "f8[p, m]"),
    (A, (slice(None), 0, T("i8[p]")), "f8[n, p]"),
    (X, T("b1[n]"), "f8[?]"),
    (A, T("b1[n, m]"), "f8[?, k]"),
    (A, (slice(None), T("b1[m]"), 0), "f8[n, ?]"),
    (T("f8[2]"), T("b1[3]"), "never"),
    (X, [0, T("int")], "f8[2]"),
    (X, T("list[int]"), "f8[?]"),
    (A, [[0, T("int[n]")], [1, 2]], "f8[2, 2, m, k]"),
    (T("f8"), (), "f8"),
    (T("f8"), 0, "never"),
    (T("tuple[f8[n], int]"), 1, "int"),
    (T("tuple[f8[n], int]"), T("int"), "f8[n] | int"),
    (T("tuple[f8[n], int]"), slice(1, None), "tuple[int]"),
    (T("tuple[f8[n], int]"), 2, "never"),
    (T("list[f8[n]; m]"), T("int"), "f8[n]"),
    (T("list[f8[n]; m + 1]"), slice(1, None), "list[f8[n]; m]"),
    (T("dict[str, f8[n]]"), "a", "f8[n]"),
    (T("range[2, n, 3]"), 4, "int[14]"),
    (T("range[0, n, 1]"), -1, "int[n - 1]"),
    (T("str"), T("int"), "str"),
    (T("int"), 0, "never"),
    (T("iterator[f8; n]"), slice(2, 5), "f8[max(min(n, 5), 2) - 2]"),
    (np.mgrid, (slice(0, N), slice(None, 5, 2)), "i8[2, n, 3]"),
    (np.ogrid, (slice(0, 1, 4j), slice(0, N)), "tuple[f8[4, 1], f8[1, n]]"),
]


@pytest.mark.parametrize("receiver, index, expected", ITEMS)
def test_infers_items(receiver, index, expected):
    assert inferred(GET_ITEM, receiver, index) == expected


N_SIZE = dims.symbol("n", low=1)
POSITION = dims.symbol("i", low=0, high=N_SIZE - 1)
ROW = ArrayType(np.dtype(float), (N_SIZE,))
GRID = ArrayType(np.dtype(float), (N_SIZE, N_SIZE + 1))
BOUNDS = [
    (ROW, IntType(POSITION), True),
    (ROW, IntType(POSITION + 1), False),
    (ROW, IntType(-1 - POSITION), True),
    (ROW, IntType(POSITION - 1), True),            # -1 is the last
    (ROW, IntType(POSITION - N_SIZE), True),
    (ROW, IntType(), False),
    (ROW, 0, True),
    (ROW, -1, True),
    (ROW, 1, False),
    (ROW, (0, 0), False),
    (ROW, slice(IntType(), None), True),
    (ROW, slice(None, None, IntType()), False),
    (GRID, (IntType(POSITION), IntType(POSITION + 1)), True),
    (GRID, (IntType(POSITION + 1), IntType(POSITION)), False),
    (GRID, (..., None, IntType(POSITION)), True),
    (ROW, ArrayType(np.dtype(bool), (N_SIZE,)), True),
    (ROW, ArrayType(np.dtype(bool), (N_SIZE + 1,)), False),
    (ROW, parse_type("i8[k]"), False),
    (parse_type("list[f8; 3]"), 2, True),
    (parse_type("list[f8]"), 0, False),
    (parse_type("dict[str, f8]"), "a", False),
    (parse_type("tuple[f8, int]"), -2, True),
]


@pytest.mark.parametrize("receiver, index, expected", BOUNDS, ids=str)
def test_proves_bounds(receiver, index, expected):
    assert GET_ITEM.total is not None
    assert GET_ITEM.total(receiver, index) is expected


def test_items_of_a_list_have_sizes_of_their_own():
    size = dims.fresh()
    items = BY_NAME["get_item"].infer(parse_type("list[f8[n]]"), 0), parse_type("f8[n]")
    assert items[0] == items[1]
    ragged = ListType(ArrayType(np.dtype(float), (size,)))
    assert GET_ITEM.infer(ragged, 0) != GET_ITEM.infer(ragged, 1)


@pytest.mark.parametrize("seed", range(150))
def test_random_indices(seed):
    choose = random.Random(seed)
    shape = tuple([choose.choice((1, 2, 3, 4)) for _ in range(choose.randrange(5))])
    array = np.arange(float(np.prod(shape, dtype=int))).reshape(shape)
    index = tuple([random_item(choose, shape[min(i, len(shape) - 1)] if shape else 1)
                   for i in range(choose.randint(0, len(shape) + 1))])
    check(GET_ITEM, Call((array, index[0] if len(index) == 1 and choose.random() < 0.5 else index)))


def random_item(choose, size):
    bound = lambda: choose.choice((None, choose.randint(-5, 5)))  # noqa: E731
    position = lambda: choose.randrange(size)  # noqa: E731
    return choose.choice((
        lambda: choose.randint(-size, size), lambda: slice(bound(), bound(), choose.choice((None, 1, 2, -1, -2))),
        lambda: None, lambda: ..., lambda: np.array([position() for _ in range(choose.choice((1, 2)))]),
        lambda: np.array([[position(), position()]]), lambda: np.array([choose.random() < 0.5 for _ in range(size)]),
        lambda: np.array(position()), lambda: choose.choice((True, False, np.bool_(True))), lambda: [position()]))()

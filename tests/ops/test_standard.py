"""The rules of the Python array API standard (2024.12), as tables, of NumPy's functions: plain, and each compiled.

A rule that NumPy itself does not keep is listed in ``DEVIATIONS``, and compiled functions deviate with it.
"""

from __future__ import annotations

import itertools
import linecache
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tograph import to_graph

INF, NAN, PI = np.inf, np.nan, np.pi
Rows = list[tuple[Any, ...]]

# Arguments, then the result.
SPECIAL: dict[str, Rows] = {
    "abs": [(-0.0, 0.0), (-INF, INF), (NAN, NAN)],
    "acos": [(1.5, NAN), (-1.5, NAN), (1.0, 0.0), (NAN, NAN)],
    "acosh": [(0.5, NAN), (1.0, 0.0), (INF, INF), (NAN, NAN)],
    "asin": [(1.5, NAN), (0.0, 0.0), (-0.0, -0.0), (NAN, NAN)],
    "asinh": [(0.0, 0.0), (-0.0, -0.0), (INF, INF), (-INF, -INF)],
    "atan": [(0.0, 0.0), (-0.0, -0.0), (INF, PI / 2), (-INF, -PI / 2)],
    "atanh": [(1.5, NAN), (1.0, INF), (-1.0, -INF), (-0.0, -0.0)],
    "ceil": [(-0.5, -0.0), (-0.0, -0.0), (INF, INF), (NAN, NAN), (1.2, 2.0)],
    "cos": [(0.0, 1.0), (-0.0, 1.0), (INF, NAN), (-INF, NAN)],
    "cosh": [(0.0, 1.0), (INF, INF), (-INF, INF)],
    "exp": [(0.0, 1.0), (-0.0, 1.0), (INF, INF), (-INF, 0.0)],
    "expm1": [(0.0, 0.0), (-0.0, -0.0), (INF, INF), (-INF, -1.0)],
    "floor": [(0.5, 0.0), (-0.0, -0.0), (-INF, -INF), (NAN, NAN), (-1.2, -2.0)],
    "isfinite": [(1.0, True), (INF, False), (NAN, False)],
    "isinf": [(1.0, False), (-INF, True), (NAN, False)],
    "isnan": [(1.0, False), (INF, False), (NAN, True)],
    "log": [(-1.0, NAN), (0.0, -INF), (-0.0, -INF), (1.0, 0.0), (INF, INF)],
    "log1p": [(-2.0, NAN), (-1.0, -INF), (-0.0, -0.0), (0.0, 0.0), (INF, INF)],
    "log2": [(-1.0, NAN), (0.0, -INF), (1.0, 0.0), (INF, INF)],
    "log10": [(-1.0, NAN), (0.0, -INF), (1.0, 0.0), (INF, INF)],
    "reciprocal": [(0.0, INF), (-0.0, -INF), (INF, 0.0), (-INF, -0.0), (NAN, NAN)],
    "round": [(0.5, 0.0), (1.5, 2.0), (2.5, 2.0), (-0.5, -0.0), (INF, INF), (NAN, NAN)],
    "sign": [(-2.0, -1.0), (0.0, 0.0), (3.0, 1.0), (NAN, NAN)],
    "signbit": [(0.0, False), (-0.0, True), (-INF, True), (INF, False)],
    "sin": [(0.0, 0.0), (-0.0, -0.0), (INF, NAN)],
    "sinh": [(-0.0, -0.0), (INF, INF), (-INF, -INF)],
    "sqrt": [(-1.0, NAN), (0.0, 0.0), (-0.0, -0.0), (INF, INF)],
    "square": [(-0.0, 0.0), (-INF, INF), (NAN, NAN)],
    "tan": [(-0.0, -0.0), (INF, NAN)],
    "tanh": [(-0.0, -0.0), (INF, 1.0), (-INF, -1.0)],
    "trunc": [(-0.5, -0.0), (1.9, 1.0), (-INF, -INF), (NAN, NAN)],
    "add": [(INF, -INF, NAN), (INF, 1.0, INF), (-0.0, -0.0, -0.0), (-0.0, 0.0, 0.0), (1.0, NAN, NAN)],
    "atan2": [
        (1.0, 0.0, PI / 2), (1.0, -0.0, PI / 2), (0.0, 1.0, 0.0), (0.0, 0.0, 0.0), (0.0, -0.0, PI), (0.0, -1.0, PI),
        (-0.0, 1.0, -0.0), (-0.0, 0.0, -0.0), (-0.0, -0.0, -PI), (-0.0, -1.0, -PI), (-1.0, 0.0, -PI / 2),
        (-1.0, -0.0, -PI / 2), (1.0, INF, 0.0), (1.0, -INF, PI), (-1.0, INF, -0.0), (-1.0, -INF, -PI),
        (INF, 1.0, PI / 2), (-INF, 1.0, -PI / 2), (INF, INF, PI / 4), (INF, -INF, 3 * PI / 4), (-INF, INF, -PI / 4),
        (-INF, -INF, -3 * PI / 4), (NAN, 1.0, NAN), (1.0, NAN, NAN)],
    "copysign": [(1.0, -0.0, -1.0), (-1.0, 0.0, 1.0), (INF, -1.0, -INF)],
    "divide": [(INF, INF, NAN), (0.0, 0.0, NAN), (1.0, 0.0, INF), (1.0, -0.0, -INF), (-1.0, 0.0, -INF),
               (0.0, -1.0, -0.0), (1.0, -INF, -0.0), (INF, -1.0, -INF)],
    "floor_divide": [
        (INF, INF, NAN), (0.0, 0.0, NAN), (0.0, 1.0, 0.0), (-0.0, 1.0, -0.0), (0.0, -1.0, -0.0), (1.0, 0.0, INF),
        (1.0, -0.0, -INF), (-1.0, 0.0, -INF), (INF, 1.0, INF), (INF, -1.0, -INF), (-INF, 1.0, -INF), (1.0, INF, 0.0),
        (1.0, -INF, -1.0), (-1.0, INF, -1.0), (-1.0, -INF, 0.0), (NAN, 1.0, NAN)],
    "hypot": [(INF, NAN, INF), (NAN, -INF, INF), (3.0, 4.0, 5.0), (NAN, 1.0, NAN), (-0.0, 0.0, 0.0)],
    "logaddexp": [(NAN, 1.0, NAN), (INF, 1.0, INF), (INF, NAN, NAN)],
    "maximum": [(NAN, 1.0, NAN), (1.0, NAN, NAN), (-INF, 1.0, 1.0)],
    "minimum": [(NAN, 1.0, NAN), (1.0, NAN, NAN), (INF, 1.0, 1.0)],
    "multiply": [(INF, 0.0, NAN), (-0.0, 1.0, -0.0), (INF, -1.0, -INF), (-0.0, -1.0, 0.0)],
    "nextafter": [(1.0, 1.0, 1.0), (NAN, 1.0, NAN), (INF, INF, INF)],
    "pow": [
        (2.0, 0.0, 1.0), (NAN, -0.0, 1.0), (NAN, 1.0, NAN), (2.0, NAN, NAN), (2.0, INF, INF), (2.0, -INF, 0.0),
        (1.0, INF, 1.0), (-1.0, -INF, 1.0), (0.5, INF, 0.0), (0.5, -INF, INF), (INF, 1.0, INF), (INF, -1.0, 0.0),
        (-INF, 3.0, -INF), (-INF, 2.0, INF), (-INF, -3.0, -0.0), (-INF, -2.0, 0.0), (0.0, 1.0, 0.0), (0.0, -1.0, INF),
        (-0.0, 3.0, -0.0), (-0.0, 2.0, 0.0), (-0.0, -3.0, -INF), (-0.0, -2.0, INF), (-2.0, 0.5, NAN)],
    "remainder": [
        (0.0, 1.0, 0.0), (-0.0, 1.0, 0.0), (0.0, -1.0, -0.0), (-0.0, -1.0, -0.0), (1.0, 0.0, NAN), (0.0, 0.0, NAN),
        (INF, 1.0, NAN), (-INF, -1.0, NAN), (1.0, INF, 1.0), (-1.0, INF, INF), (1.0, -INF, -INF), (-1.0, -INF, -1.0),
        (-3.0, 2.0, 1.0), (3.0, -2.0, -1.0), (NAN, 1.0, NAN)],
    "subtract": [(INF, INF, NAN), (-0.0, 0.0, -0.0), (0.0, 0.0, 0.0), (1.0, -INF, INF)],
}
# What NumPy gives in place of these rules' results: it says that infinity divided by a number has no floor.
DEVIATIONS = {("floor_divide", (INF, 1.0)), ("floor_divide", (INF, -1.0)), ("floor_divide", (-INF, 1.0))}

# Rows and columns in this order: the dtype of the sum.
PROMOTION: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("i1", "i2", "i4", "i8"), ("i1 i2 i4 i8", "i2 i2 i4 i8", "i4 i4 i4 i8", "i8 i8 i8 i8")),
    (("u1", "u2", "u4", "u8"), ("u1 u2 u4 u8", "u2 u2 u4 u8", "u4 u4 u4 u8", "u8 u8 u8 u8")),
    (("f4", "f8", "c8", "c16"), ("f4 f8 c8 c16", "f8 f8 c16 c16", "c8 c16 c8 c16", "c16 c16 c16 c16")),
)
MIXED = {("i1", "u1"): "i2", ("i1", "u2"): "i4", ("i1", "u4"): "i8", ("i2", "u1"): "i2", ("i2", "u2"): "i4",
         ("i2", "u4"): "i8", ("i4", "u1"): "i4", ("i4", "u2"): "i4", ("i4", "u4"): "i8", ("i8", "u1"): "i8",
         ("i8", "u2"): "i8", ("i8", "u4"): "i8"}
PROMOTED = [*[(names[i], names[j], row.split()[j]) for names, rows in PROMOTION
              for i, row in enumerate(rows) for j in range(len(names))],
            *[(*pair[::step], kind) for pair, kind in MIXED.items() for step in (1, -1)]]
# What a Python number becomes next to an array of a dtype.
WITH_NUMBERS = [("i1", 1, "i1"), ("u8", 1, "u8"), ("f4", 1, "f4"), ("f4", 1.5, "f4"), ("c8", 1.5, "c8"),
                ("c8", 1j, "c8"), ("f4", 1j, "c8"), ("f8", True, "f8"), ("f8", 1j, "c16")]
SHAPES = [((8, 1, 6, 1), (7, 1, 5), (8, 7, 6, 5)), ((5, 4), (1,), (5, 4)), ((5, 4), (4,), (5, 4)),
          ((15, 3, 5), (15, 1, 5), (15, 3, 5)), ((0,), (1,), (0,)), ((1, 2), (0, 2), (0, 2)), ((), (3,), (3,)),
          ((2, 1), (8, 4, 3), None), ((3,), (4,), None), ((15, 3, 5), (15, 3), None)]

A = np.array([[3.0, 1.0], [2.0, 4.0]])
T = np.arange(6).reshape(2, 3)
S = np.array([4.0, 1.0, 1.0])
N = np.array([NAN, 1.0, NAN, 1.0])
# Arguments are a and b: what the result is, dtype and shape included.
RESULTS: list[tuple[str, tuple[Any, ...], Any]] = [
    ("np.sum(a)", (np.array([100, 100], np.int8),), np.int64(200)),
    ("np.prod(a)", (np.array([100, 100], np.uint8),), np.uint64(10000)),
    ("np.sum(a)", (np.empty(0, np.float32),), np.float32(0)),
    ("np.prod(a)", (np.empty(0),), np.float64(1)),
    ("np.sum(a, axis=1, keepdims=True)", (T,), np.array([[3], [12]])),
    ("np.mean(a, axis=0)", (T,), np.array([1.5, 2.5, 3.5])),
    ("np.var(a, correction=1)", (S,), np.float64(3)),
    ("np.std(a)", (np.array([1.0, 3.0]),), np.float64(1)),
    ("np.max(a)", (np.array([1.0, NAN]),), np.float64(NAN)),
    ("np.min(a, axis=(0, 1))", (T,), np.int64(0)),
    ("np.cumulative_sum(a, axis=1, include_initial=True)", (T,), np.array([[0, 0, 1, 3], [0, 3, 7, 12]])),
    ("np.any(a, axis=0)", (T > 3,), np.array([False, True, True])),
    ("np.all(a)", (np.empty(0, bool),), np.True_),
    ("np.sort(a, stable=True)", (S,), np.array([1.0, 1.0, 4.0])),
    ("np.argsort(a, stable=True)", (S,), np.array([1, 2, 0])),
    ("np.searchsorted(a, b)", (np.array([1.0, 1.0, 4.0]), S), np.array([2, 0, 0])),
    ("np.searchsorted(a, b, side='right')", (np.array([1.0, 1.0, 4.0]), S), np.array([3, 2, 2])),
    ("np.argmax(a)", (np.array([1, 3, 3]),), np.int64(1)),
    ("np.argmin(a, axis=1)", (T,), np.array([0, 0])),
    ("np.nonzero(a)[1]", (T,), np.array([1, 2, 0, 1, 2])),
    ("np.where(a > 2, a, b)", (T, np.float32(0)), np.array([[0, 0, 0], [3, 4, 5.0]])),
    ("np.count_nonzero(a, axis=0)", (T,), np.array([1, 2, 2])),
    ("np.unique_values(a)", (S,), np.array([1.0, 4.0])),
    ("np.unique_values(a)", (N,), np.array([1.0, NAN, NAN])),
    ("np.unique_counts(a).counts", (N,), np.array([2, 1, 1])),
    ("np.unique_inverse(a).inverse_indices", (T % 2,), np.array([[0, 1, 0], [1, 0, 1]])),
    ("np.unique_all(a).indices", (S,), np.array([1, 0])),
    ("np.isin(a, b)", (T, np.array([1, 5])), np.array([[False, True, False], [False, False, True]])),
    ("np.take(a, b, axis=1)", (T, np.array([2, 0])), np.array([[2, 0], [5, 3]])),
    ("np.take_along_axis(a, b, axis=1)", (T, np.array([[2], [0]])), np.array([[2], [3]])),
    ("np.concat([a, b], axis=None)", (T, S), np.array([0.0, 1, 2, 3, 4, 5, 4, 1, 1])),
    ("np.stack([a, a], axis=-1).shape", (T,), (2, 3, 2)),
    ("np.expand_dims(a, (0, 3)).shape", (T,), (1, 2, 3, 1)),
    ("np.squeeze(a, 0).shape", (T[None],), (2, 3)),
    ("np.flip(a)", (T,), np.array([[5, 4, 3], [2, 1, 0]])),
    ("np.roll(a, 1)", (T,), np.array([[5, 0, 1], [2, 3, 4]])),
    ("np.permute_dims(a, (1, 0)).shape", (T,), (3, 2)),
    ("np.moveaxis(a, 0, -1).shape", (T,), (3, 2)),
    ("np.reshape(a, (3, -1))", (T,), np.array([[0, 1], [2, 3], [4, 5]])),
    ("np.tile(a, (2, 1)).shape", (T,), (4, 3)),
    ("np.repeat(a, 2, axis=0).shape", (T,), (4, 3)),
    ("np.unstack(a, axis=1)[2]", (T,), np.array([2, 5])),
    ("np.broadcast_to(a, (3, 3)).shape", (S,), (3, 3)),
    ("np.diff(a, prepend=b)", (S, np.array([0.0])), np.array([4.0, -3.0, 0.0])),
    ("np.clip(a, 1, 3)", (T,), np.array([[1, 1, 2], [3, 3, 3]])),
    ("np.astype(a, np.float32)", (T,), T.astype(np.float32)),
    ("np.tril(a, k=-1)", (A,), np.array([[0.0, 0.0], [2.0, 0.0]])),
    ("np.eye(2, 3, k=1)", (), np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])),
    ("np.linspace(0, 1, 5, endpoint=False)", (), np.array([0.0, 0.2, 0.4, 0.6000000000000001, 0.8])),
    ("np.arange(3, dtype=np.float32)", (), np.array([0.0, 1.0, 2.0], np.float32)),
    ("np.full((2,), True)", (), np.array([True, True])),
    ("np.meshgrid(a, a, indexing='ij')[0]", (np.array([1, 2]),), np.array([[1, 1], [2, 2]])),
    ("np.matmul(a, b)", (A, np.array([1.0, 1.0])), np.array([4.0, 6.0])),
    ("np.matmul(a, b).shape", (np.ones((5, 1, 2, 3)), np.ones((4, 3, 2))), (5, 4, 2, 2)),
    ("np.vecdot(a, b)", (np.array([1j, 1.0]), np.array([1j, 2.0])), np.complex128(3)),
    ("np.linalg.vecdot(a, b, axis=0)", (T, T), np.array([9, 17, 29])),
    ("np.linalg.outer(a, b)", (np.array([1, 2]), np.array([3, 4])), np.array([[3, 4], [6, 8]])),
    ("np.tensordot(a, b, axes=((0,), (0,))).shape", (T, T), (3, 3)),
    ("np.linalg.cross(a, b)", (np.array([1, 0, 0]), np.array([0, 1, 0])), np.array([0, 0, 1])),
    ("np.linalg.trace(a, offset=1)", (T,), np.int64(6)),
    ("np.linalg.diagonal(a)", (T,), np.array([0, 4])),
    ("np.linalg.matrix_transpose(a).shape", (np.ones((4, 2, 3)),), (4, 3, 2)),
    ("np.linalg.matrix_rank(a)", (np.ones((3, 3)),), np.int64(1)),
    ("np.linalg.matrix_power(a, 0)", (A,), np.eye(2)),
    ("np.linalg.vector_norm(a, ord=1)", (np.array([3.0, -4.0]),), np.float64(7)),
    ("np.linalg.vector_norm(a, ord=0)", (np.array([3.0, 0.0]),), np.float64(1)),
    ("np.linalg.matrix_norm(a, ord=np.inf)", (A,), np.float64(6)),
    ("np.allclose(np.linalg.det(a), 10)", (A,), True),
    ("np.allclose(np.linalg.inv(a) @ a, np.eye(2))", (A,), True),
    ("np.allclose(a @ np.linalg.solve(a, b), b)", (A, np.array([1.0, 2.0])), True),
    ("np.allclose(np.linalg.qr(a).Q @ np.linalg.qr(a).R, a)", (A,), True),
    ("np.allclose(np.linalg.cholesky(a) @ np.linalg.cholesky(a).T, a)", (A @ A.T,), True),
    ("np.linalg.svd(a, full_matrices=False).U.shape", (np.ones((5, 2)),), (5, 2)),
    ("np.allclose(np.linalg.eigh(a).eigenvalues, np.linalg.eigvalsh(a))", (A + A.T,), True),
    ("np.linalg.slogdet(a).sign", (-np.eye(3),), np.float64(-1)),
    ("np.linalg.pinv(a).shape", (np.ones((5, 2)),), (2, 5)),
]
LIBRARIES: dict[str, Callable[[Any], Any]] = {"plain": lambda function: function, "compiled": to_graph}
pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning")
IN_EACH = pytest.mark.parametrize("library", LIBRARIES)


@cache
def function(library: str, expression: str, parameters: str) -> Any:
    """The function that gives ``expression``, plain or compiled."""
    text = f"def program({parameters}):\n    return {expression}\n"
    name = f"<{library} {expression}>"
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    namespace = {"np": np, "__name__": "standard"}
    exec(compile(text, name, "exec", dont_inherit=True), namespace)
    return LIBRARIES[library](namespace["program"])


def same(a: Any, b: Any) -> bool:
    """Equal in value, sign of zero, dtype and shape; numbers that rounding may touch need only be near."""
    if isinstance(b, tuple | bool):
        return a == b
    a, b = np.asarray(a), np.asarray(b)
    near = np.allclose(a, b, rtol=1e-6, atol=0, equal_nan=True)
    return bool(a.shape == b.shape and a.dtype == b.dtype and near and (
        a.dtype.kind != "f" or np.array_equal(np.signbit(a)[~np.isnan(b)], np.signbit(b)[~np.isnan(b)])))


@IN_EACH
@pytest.mark.parametrize("dtype", ["f8", "f4"])
@pytest.mark.parametrize("name", SPECIAL)
def test_special_values(name: str, dtype: str, library: str) -> None:
    number = len(SPECIAL[name][0]) - 1
    compute = function(library, f"np.{name}({', '.join('ab'[:number])})", ", ".join("ab"[:number]))
    columns = [np.array(column, dtype) for column in list(zip(*SPECIAL[name]))[:number]]
    results = compute(*columns)
    for place, (*args, expected) in enumerate(SPECIAL[name]):
        wanted = expected if isinstance(expected, bool) else np.dtype(dtype).type(expected)
        kept = (name, tuple(args)) not in DEVIATIONS
        assert same(results[place], np.asarray(wanted)) == kept, (args, results[place])
        assert same(compute(*[column[place] for column in columns]), np.asarray(wanted)) == kept


@IN_EACH
@pytest.mark.parametrize(("a", "b", "expected"), PROMOTED)
def test_dtypes_are_promoted(a: str, b: str, expected: str, library: str) -> None:
    x, y = np.ones(2, a), np.ones(2, b)
    for expression in ("np.add(a, b)", "a * b", "np.where(a > 0, a, b)", "np.concat([a, b])"):
        assert function(library, expression, "a, b")(x, y).dtype == np.dtype(expected)
    assert function(library, "np.result_type(a, b)", "a, b")(x, y) == np.dtype(expected)


@IN_EACH
@pytest.mark.parametrize(("dtype", "number", "expected"), WITH_NUMBERS)
def test_python_numbers_are_weak(dtype: str, number: Any, expected: str, library: str) -> None:
    for expression in ("a + b", "b * a", "np.subtract(a, b)" if number is not True else "a + b"):
        assert function(library, expression, "a, b")(np.ones(2, dtype), number).dtype == np.dtype(expected)


@IN_EACH
@pytest.mark.parametrize(("first", "second", "expected"), SHAPES)
def test_shapes_are_broadcast(first: Any, second: Any, expected: Any, library: str) -> None:
    compute = function(library, "np.add(a, b)", "a, b")
    for x, y in itertools.permutations((np.ones(first), np.ones(second))):
        if expected is None:
            with pytest.raises(ValueError, match="could not be broadcast"):
                compute(x, y)
        else:
            assert compute(x, y).shape == expected


@IN_EACH
@pytest.mark.parametrize(("expression", "args", "expected"), RESULTS, ids=[row[0] for row in RESULTS])
def test_results(expression: str, args: tuple[Any, ...], expected: Any, library: str) -> None:
    assert same(function(library, expression, ", ".join("ab"[:len(args)]))(*args), expected)


def test_the_document_says_how_many() -> None:
    cases = sum(map(len, SPECIAL.values()))
    rules = cases + len(PROMOTED) + len(WITH_NUMBERS) + len(SHAPES) + len(RESULTS)
    document = Path(__file__).resolve().parents[2] / "docs" / "numpy.md"
    text = " ".join(document.read_text(encoding="utf-8").split())
    assert f"Of {rules} rules" in text and f"{len(DEVIATIONS)} are not kept" in text, (rules, len(DEVIATIONS))

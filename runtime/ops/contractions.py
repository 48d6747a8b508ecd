"""Further products: of vectors with matrices, of the last axes, and equations between tensors.

``products`` has the common ones, ``matmul``, ``dot``, ``einsum`` and kin.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..ir import dims
from ..ir.dims import Dim
from ..ir.types import ANY, STR, ArrayType, ListType, TupleType, Type
from .infer import Unknown, broadcast, probe, static
from .op import Op
from .products import EINSUMS, VECTOR_PAIRS, infer_cross, infer_tensordot
from .reduce import reduced
from .rules import Infer, agreed, array_like, as_numpy, as_operand, axes_of, checked, out_type, result, size_of
from .specimens import COMPLEX, CUBE, EMPTY, EMPTY_MATRIX, FLOATS, INT_MATRIX, MATRIX, SINGLE, SQUARE, call

PROBED = {"dtype", "casting", "order"}


def contracting(function: Callable[..., Any], shape: Callable[[Any, Any], tuple[Dim, ...]]) -> Infer:
    """The rule of a product of the last axes; ``shape`` gives the result's from the operands'."""

    @checked
    def infer(x1: Any, x2: Any, /, out: Any = None, **options: Any) -> Type:
        stored = out_type(out)
        if stored is not None:
            return stored
        if options.keys() - PROBED:
            raise Unknown(options)
        probed = probe(function, as_operand(x1), as_operand(x2), **static(options, "dtype"))
        return result(probed, shape(array_like(x1).shape, array_like(x2).shape))

    return infer


def _matvec(matrix: tuple[Dim, ...], vector: tuple[Dim, ...]) -> tuple[Dim, ...]:
    agreed(matrix[-1], vector[-1])
    return (*broadcast(matrix[:-2], vector[:-1]), matrix[-2])


def _vecmat(vector: tuple[Dim, ...], matrix: tuple[Dim, ...]) -> tuple[Dim, ...]:
    agreed(vector[-1], matrix[-2])
    return (*broadcast(vector[:-1], matrix[:-2]), matrix[-1])


@checked
def infer_vecdot(x1: Any, x2: Any, /, out: Any = None, *, axis: Any = -1, keepdims: Any = False,
                 **options: Any) -> Type:
    stored = out_type(out)
    if stored is not None:
        return stored
    axis, keepdims = static(axis, "axis"), static(keepdims, "keepdims")
    if options.keys() - PROBED or keepdims:
        raise Unknown(options)
    first, second = array_like(x1).shape, array_like(x2).shape
    (i,), (j,) = axes_of(axis, len(first)), axes_of(axis, len(second))
    agreed(first[i], second[j])
    probed = probe(np.vecdot, as_operand(x1), as_operand(x2), axis=axis, **static(options, "dtype"))
    return result(probed, broadcast(reduced(first, (i,), False), reduced(second, (j,), False)))


@checked
def infer_linalg_cross(x1: Any, x2: Any, /, *, axis: Any = -1) -> Type:
    """Of vectors in space only."""
    axis = static(axis, "axis")
    for x in (x1, x2):
        operand = array_like(x)
        (at,) = axes_of(axis, operand.rank)
        if dims.known_unequal(operand.shape[at], 3):
            raise ValueError("both vectors must have 3 elements")
    lengths = [ArrayType(x.dtype, tuple([3 if i == axis % x.rank else n for i, n in enumerate(x.shape)]))
               for x in map(array_like, (x1, x2))]
    return infer_cross(*lengths, axis=axis)


@checked
def infer_einsum_path(*operands: Any, **options: Any) -> Type:
    """The order of the products, and a text that tells about it; the first item of the order is a text too."""
    return TupleType((ListType(ANY), STR))


@checked
def infer_tensorinv(a: Any, ind: Any = 2) -> Type:
    operand, ind = array_like(a), static(ind, "ind")
    if ind <= 0:
        raise ValueError("Invalid ind argument.")
    probed = probe(np.linalg.tensorinv, as_operand(a), ind)
    rows, columns = operand.shape[:ind], operand.shape[ind:]
    agreed(size_of(rows), size_of(columns))
    return result(probed, columns + rows)


@checked
def infer_tensorsolve(a: Any, b: Any, axes: Any = None) -> Type:
    axes = static(axes, "axes")
    matrix, right = array_like(a), array_like(b)
    probed = probe(np.linalg.tensorsolve, as_operand(a), as_operand(b), axes)
    first = [at for at in range(matrix.rank) if at not in axes_of(axes or (), matrix.rank)]
    order = first + list(axes_of(axes or (), matrix.rank))
    return result(probed, tuple([matrix.shape[at] for at in order])[right.rank:])


RIGHT = np.array([1.0, 2.0, 3.0])
TENSOR = np.eye(6).reshape(2, 3, 3, 2) + np.arange(36).reshape(2, 3, 3, 2) / 7

# path, what makes the rule of the function, where ``out`` may stand, samples
ROWS: tuple[tuple[str, Callable[[Callable[..., Any]], Infer], tuple[int, ...], tuple[Any, ...]], ...] = (
    ("vecdot", lambda function: infer_vecdot, (2,), (
        *VECTOR_PAIRS, call(MATRIX, MATRIX, dtype=np.float32, casting="same_kind"), call(FLOATS, FLOATS[:3]),
        call(MATRIX, MATRIX, out=np.empty(2)), call([1, 2], [3.0, 4.0]))),
    ("matvec", lambda function: contracting(function, _matvec), (2,), (
        call(MATRIX, RIGHT), call(CUBE, FLOATS[:4]), call(INT_MATRIX, COMPLEX[[0, 1, 0, 1]]), call(EMPTY_MATRIX, RIGHT),
        call(CUBE, np.ones((2, 4), np.float32)), call(MATRIX, FLOATS), call(FLOATS, FLOATS), call(MATRIX, SINGLE),
        call(MATRIX, RIGHT, np.empty(2)), call(MATRIX.astype(np.float16), RIGHT.astype(np.float16)))),
    ("vecmat", lambda function: contracting(function, _vecmat), (2,), (
        call(RIGHT, MATRIX.T), call(FLOATS[:2], INT_MATRIX[:2]), call(COMPLEX, CUBE[:, :2]), call(EMPTY, EMPTY_MATRIX),
        call(np.ones((2, 3)), CUBE), call(RIGHT, FLOATS), call(FLOATS, MATRIX),
        call(RIGHT, MATRIX.T, dtype=np.float32, casting="same_kind"))),
    ("linalg.cross", lambda function: infer_linalg_cross, (), (
        call(RIGHT, RIGHT[::-1]), call(MATRIX, RIGHT), call(MATRIX, MATRIX, axis=1), call(MATRIX.T, MATRIX.T, axis=0),
        call([1, 2, 3], MATRIX), call(FLOATS, FLOATS), call(FLOATS[:2], FLOATS[1:3]), call(EMPTY_MATRIX, RIGHT))),
    ("linalg.tensordot", lambda function: infer_tensordot, (), (
        call(MATRIX, MATRIX.T, axes=1), call(CUBE, CUBE, axes=3), call(FLOATS, COMPLEX, axes=0),
        call(CUBE, MATRIX, axes=((0, 1), (0, 1))), call(MATRIX, MATRIX), call(EMPTY, EMPTY, axes=1))),
    ("einsum_path", lambda function: infer_einsum_path, (), tuple([sample for sample in EINSUMS if not sample.kwargs])),
    ("linalg.tensorinv", lambda function: infer_tensorinv, (), (
        call(TENSOR), call(TENSOR.reshape(6, 2, 3), 1), call(SQUARE, ind=1), call(SQUARE.astype(np.float32), 1),
        call(TENSOR, 0), call(np.zeros((0, 0)), 1), call(MATRIX, 1))),
    ("linalg.tensorsolve", lambda function: infer_tensorsolve, (), (
        call(TENSOR, np.ones((2, 3))), call(SQUARE, RIGHT), call(SQUARE.astype(np.complex64), RIGHT),
        call(TENSOR, np.ones((2, 3)), (0, 2)),
        call(MATRIX, RIGHT[:2]))),
)


def _function(path: str) -> Callable[..., Any] | None:
    """The function of NumPy, or None in versions without it."""
    found: Any = np
    for part in path.split("."):
        found = getattr(found, part, None)
    return found


OPS: tuple[Op, ...] = tuple([
    Op(path, as_numpy(function), rule(function), captures=(function,), writes=writes, samples=samples)
    for path, rule, writes, samples in ROWS for function in [_function(path)] if function is not None])

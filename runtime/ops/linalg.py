"""``np.linalg``: solving, decomposing and measuring matrices, and stacks of them.

``products`` has the products of arrays, ``transforms`` has ``np.fft``,
covariances and polynomials; both are part of ``OPS``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..ir import dims
from ..ir.dims import Dim
from ..ir.types import ArrayType, IntType, PythonType, ScalarType, TupleType, Type, join
from . import products, transforms
from .infer import Unknown, array_or_scalar, broadcast, probe, static
from .layout import permuting
from .op import Op, Result
from .products import PAIRS, VECTOR_PAIRS, infer_diagonal, infer_matmul, infer_outer, product_is_total, tracing
from .reduce import reduced
from .rules import (
    Infer,
    agreed,
    array_like,
    as_numpy,
    as_operand,
    axes_of,
    checked,
    name_of,
    out_type,
    plain,
    result,
)
from .specimens import (
    COMPLEX,
    CUBE,
    EMPTY,
    EMPTY_MATRIX,
    FLOATS,
    INT_MATRIX,
    MATRICES,
    MATRIX,
    ONE_BY_ONE,
    SINGLE,
    SMALL_INTS,
    SQUARE,
    SQUARE_COMPLEX,
    SQUARE_SINGLE,
    SQUARES,
    VECTORS,
    call,
    each,
)

# Of a stack of matrices: the shape of each result from the stack's (batch), m and n.
Shapes = Callable[[tuple[Dim, ...], Dim, Dim], Any]


def of_matrices(function: Callable[..., Any], shapes: Shapes, square: bool = True) -> Infer:
    """The rule of a decomposition; ``shapes`` gives a shape, or a list of them where the result is a tuple."""

    @checked
    def infer(a: Any, *args: Any, **kwargs: Any) -> Type:
        args, kwargs = static(args, "options"), static(kwargs, "options")
        operand = array_like(a)
        # One matrix of ones is invertible and positive definite only if it has one row.
        probed = probe(function, ArrayType(operand.dtype, operand.shape), *args, **kwargs)
        *batch, m, n = operand.shape
        if square:
            m = n = agreed(m, n)
        found = shapes(tuple(batch), m, n)
        if isinstance(found, list):
            return TupleType(tuple([result(item, shape) for item, shape in zip(probed, found)]), type(probed))
        return result(probed, found)

    return infer


@checked
def infer_solve(a: Any, b: Any) -> Type:
    matrix, right = array_like(a).shape, array_like(b).shape
    probed = probe(np.linalg.solve, as_operand(a), as_operand(b))
    *batch, m, n = matrix
    if len(right) == 1:
        return result(probed, (*batch, agreed(m, n, right[0])))
    n = agreed(m, n, right[-2])
    return result(probed, (*broadcast(tuple(batch), right[:-2]), n, right[-1]))


@checked
def infer_lstsq(a: Any, b: Any, rcond: Any = None) -> Type:
    (m, n), right = array_like(a).shape, array_like(b).shape
    solution, residuals, _, singular = probe(np.linalg.lstsq, as_operand(a), as_operand(b), None)
    agreed(m, right[0])
    # Residuals are left out where the rank is low.
    return TupleType((result(solution, (n, *right[1:])), ArrayType(residuals.dtype, (dims.fresh(),)),
                      _rank_type(), result(singular, (dims.minimum(m, n),))))


def _rank_type() -> Type:
    return array_or_scalar(np.linalg.lstsq(np.ones((1, 1)), np.ones(1), None)[2], ())


@checked
def infer_qr(a: Any, mode: Any = "reduced") -> Type:
    mode, operand = static(mode, "mode"), array_like(a)
    *batch, m, n = operand.shape
    probed = probe(np.linalg.qr, as_operand(a), mode)
    least = dims.minimum(m, n)
    shapes = {"reduced": ((m, least), (least, n)), "complete": ((m, m), (m, n))}.get(mode)
    if mode == "r":
        return result(probed, (*batch, least, n))
    if shapes is None:
        raise Unknown(mode)
    return TupleType(tuple([result(item, (*batch, *shape)) for item, shape in zip(probed, shapes)]), type(probed))


@checked
def infer_svd(a: Any, full_matrices: Any = True, compute_uv: Any = True, hermitian: Any = False) -> Type:
    full, both = static(full_matrices, "full_matrices"), static(compute_uv, "compute_uv")
    *batch, m, n = array_like(a).shape
    least = dims.minimum(m, n)
    probed = probe(np.linalg.svd, as_operand(a), full, both)
    if not both:
        return result(probed, (*batch, least))
    shapes = ((m, m if full else least), (least,), (n if full else least, n))
    return TupleType(tuple([result(item, (*batch, *shape)) for item, shape in zip(probed, shapes)]), type(probed))


def maybe_complex(function: Callable[..., Any], shapes: Shapes) -> Infer:
    """The rule of ``eig``: real where all eigenvalues of a real matrix turn out to be."""
    rule = of_matrices(function, shapes)

    @checked
    def infer(a: Any) -> Type:
        real = rule(a)
        return join(real, _as_complex(real))

    return infer


def _as_complex(type: Type) -> Type:
    match type:
        case ArrayType(dtype, shape):
            return ArrayType(np.result_type(dtype, np.complex64), shape)
        case TupleType(items, cls):
            return TupleType(tuple(map(_as_complex, items)), cls)
    return type


@checked
def infer_norm(x: Any, ord: Any = None, axis: Any = None, keepdims: Any = False) -> Type:
    axis, keepdims, operand = static(axis, "axis"), static(keepdims, "keepdims"), array_like(x)
    order = 2.0 if isinstance(ord, IntType | ScalarType) or isinstance(ord, PythonType) and ord.cls is float else (
        static(ord, "ord"))
    probed = probe(np.linalg.norm, as_operand(x), order, axis, keepdims)
    return result(probed, reduced(operand.shape, axes_of(axis, operand.rank), keepdims))


@checked
def infer_vector_norm(x: Any, /, *, axis: Any = None, keepdims: Any = False, ord: Any = 2) -> Type:
    axis, keepdims, operand = static(axis, "axis"), static(keepdims, "keepdims"), array_like(x)
    probed = probe(np.linalg.vector_norm, as_operand(x), axis=axis, keepdims=keepdims, ord=static(ord, "ord"))
    return result(probed, reduced(operand.shape, axes_of(axis, operand.rank), keepdims))


@checked
def infer_matrix_norm(x: Any, /, *, keepdims: Any = False, ord: Any = "fro") -> Type:
    keepdims, operand = static(keepdims, "keepdims"), array_like(x)
    probed = probe(np.linalg.matrix_norm, as_operand(x), keepdims=keepdims, ord=static(ord, "ord"))
    return result(probed, reduced(operand.shape, axes_of((-2, -1), operand.rank), keepdims))


@checked
def infer_last_diagonal(x: Any, /, *, offset: Any = 0) -> Type:
    return infer_diagonal(x, offset, -2, -1)


@checked
def infer_last_trace(x: Any, /, *, offset: Any = 0, dtype: Any = None) -> Type:
    return tracing(np.trace)(x, offset, -2, -1, dtype)


@checked
def infer_vecdot(x1: Any, x2: Any, /, *, axis: Any = -1) -> Type:
    axis, first, second = static(axis, "axis"), array_like(x1).shape, array_like(x2).shape
    (i,), (j,) = axes_of(axis, len(first)), axes_of(axis, len(second))
    agreed(first[i], second[j])
    return result(probe(np.linalg.vecdot, as_operand(x1), as_operand(x2), axis=axis),
                  broadcast(reduced(first, (i,), False), reduced(second, (j,), False)))


@checked
def infer_matrix_rank(A: Any, tol: Any = None, hermitian: Any = False, *, rtol: Any = None) -> Type:
    shape = array_like(A).shape
    return result(probe(np.linalg.matrix_rank, as_operand(A)), shape[:-2])


@checked
def infer_cond(x: Any, p: Any = None) -> Type:
    return result(probe(np.linalg.cond, as_operand(x), static(p, "p")), array_like(x).shape[:-2])


@checked
def infer_matrix_power(a: Any, n: Any) -> Type:
    operand = array_like(a)
    size = agreed(*operand.shape[-2:])
    shape = (*operand.shape[:-2], size, size)
    exponent = plain(n)
    powers = [max(min(exponent, 2), -1)] if isinstance(exponent, int) else [-1, 2]
    return join(*(result(probe(np.linalg.matrix_power, as_operand(a), power), shape) for power in powers))


@checked
def infer_multi_dot(arrays: Any, *, out: Any = None) -> Type:
    stored = out_type(out)
    if stored is not None:
        return stored
    operands = arrays.items if isinstance(arrays, TupleType) else arrays
    if not isinstance(operands, tuple | list):
        raise Unknown(arrays)
    shapes = [array_like(operand).shape for operand in operands]
    probed = probe(np.linalg.multi_dot, list(map(as_operand, operands)))
    for left, right in zip(shapes, shapes[1:]):
        agreed(left[-1], right[0])
    return result(probed, (*shapes[0][:-1], *shapes[-1][1:]))


STACKED_DIAGONALS = (*each((*MATRICES, CUBE)), call(CUBE, offset=1), call(FLOATS))
RIGHT = np.array([1.0, 2.0, 3.0])
Row = tuple[Callable[..., Any], Infer, tuple[Any, ...]]


def _square(batch: tuple[Dim, ...], m: Dim, n: Dim) -> tuple[Dim, ...]:
    return (*batch, n, n)


FRESH: tuple[Row, ...] = (
    (np.linalg.norm, infer_norm, (
        *each((*VECTORS[:5], *MATRICES, EMPTY, CUBE)), call(FLOATS, 1), call(MATRIX, "fro"), call(MATRIX, np.inf),
        call(MATRIX, 2),
        call(CUBE, axis=1), call(MATRIX, None, 1, True), call(CUBE, axis=(0, 1)), call(MATRIX, keepdims=True),
        call([3.0, 4.0]))),
    (np.linalg.solve, infer_solve, (
        call(SQUARE, RIGHT), call(SQUARE_SINGLE, np.ones((3, 2), np.float32)), call(SQUARES[4], np.ones((2, 3, 1))),
        call(SQUARE_COMPLEX, RIGHT),
        call(SQUARE, MATRIX), call(np.zeros((3, 3)), RIGHT), call(SQUARE, [1, 2, 3]), call(ONE_BY_ONE, SINGLE))),
    (np.linalg.inv, of_matrices(np.linalg.inv, _square),
     (*each((*SQUARES, MATRIX, FLOATS, np.zeros((2, 2)), INT_MATRIX[:, :3] * 0 + np.eye(3, dtype=int))),)),
    (np.linalg.pinv, of_matrices(np.linalg.pinv, lambda batch, m, n: (*batch, n, m), square=False),
     each((*SQUARES, *MATRICES))),
    (np.linalg.det, of_matrices(np.linalg.det, lambda batch, m, n: batch),
     each((*SQUARES, MATRIX, np.zeros((2, 2), int)))),
    (np.linalg.slogdet, of_matrices(np.linalg.slogdet, lambda batch, m, n: [batch, batch]), each((*SQUARES, MATRIX))),
    (np.linalg.cholesky, of_matrices(np.linalg.cholesky, _square), each((*SQUARES, MATRIX, -SQUARE))),
    (np.linalg.qr, infer_qr, (*each((*SQUARES, *MATRICES)), call(MATRIX, "complete"), call(INT_MATRIX, mode="r"),
                              call(MATRIX.T, "complete"))),
    (np.linalg.svd, infer_svd, (*each((*SQUARES, *MATRICES)), call(MATRIX, False), call(MATRIX.T, full_matrices=False),
                                call(INT_MATRIX, compute_uv=False))),
    (np.linalg.eigh, of_matrices(np.linalg.eigh, lambda batch, m, n: [(*batch, n), (*batch, n, n)]),
     (*each((*SQUARES, MATRIX)), call(SQUARE, "U"))),
    (np.linalg.eigvalsh, of_matrices(np.linalg.eigvalsh, lambda batch, m, n: (*batch, n)), each((*SQUARES, MATRIX))),
    (np.linalg.eig, maybe_complex(np.linalg.eig, lambda batch, m, n: [(*batch, n), (*batch, n, n)]),
     each((*SQUARES, np.array([[0.0, 1], [-1, 0]]), MATRIX))),
    (np.linalg.eigvals, maybe_complex(np.linalg.eigvals, lambda batch, m, n: (*batch, n)),
     each((*SQUARES, np.array([[0.0, 1], [-1, 0]]), MATRIX))),
    (np.linalg.lstsq, infer_lstsq, (call(MATRIX.T, RIGHT), call(INT_MATRIX, RIGHT, None),
                                    call(MATRIX.T, np.ones((3, 2))), call(SQUARE_SINGLE, RIGHT),
                                    call(MATRIX, RIGHT))),
    (np.linalg.matrix_rank, infer_matrix_rank, each((*SQUARES, *MATRICES, FLOATS))),
    (np.linalg.cond, infer_cond, (*each(SQUARES), call(SQUARE, 1), call(MATRIX), call(SQUARE, p="fro"))),
    (np.linalg.svdvals, of_matrices(np.linalg.svdvals, lambda batch, m, n: (*batch, dims.minimum(m, n)), square=False),
     each((*SQUARES, *MATRICES))),
    (np.linalg.trace, infer_last_trace, (*STACKED_DIAGONALS, call(MATRIX, dtype=np.float32))),
    (np.linalg.matmul, infer_matmul, PAIRS),
    (np.linalg.outer, infer_outer, (call(FLOATS, SMALL_INTS), call(EMPTY, FLOATS), call(COMPLEX, [1, 2]))),
    (np.linalg.vecdot, infer_vecdot, VECTOR_PAIRS),
    (np.linalg.vector_norm, infer_vector_norm, (
        *each((*VECTORS[:4], *MATRICES, CUBE)), call(CUBE, axis=1), call(MATRIX, axis=0, keepdims=True),
        call(MATRIX, ord=1))),
    (np.linalg.matrix_norm, infer_matrix_norm, (*each((*MATRICES, CUBE)), call(CUBE, keepdims=True),
                                                call(MATRIX, ord="nuc"))),
    (np.linalg.multi_dot, infer_multi_dot, (
        call([MATRIX, MATRIX.T, MATRIX]), call((RIGHT, SQUARE, RIGHT)), call([SQUARE, RIGHT]), call([MATRIX, MATRIX]),
        call([RIGHT, MATRIX.T]))),
)
# These may give an operand itself or a part of it.
VIEWS: tuple[Row, ...] = (
    (np.linalg.matrix_transpose, permuting(np.linalg.matrix_transpose), each((MATRIX, CUBE, EMPTY_MATRIX, FLOATS))),
    (np.linalg.diagonal, infer_last_diagonal, STACKED_DIAGONALS),
    (np.linalg.matrix_power, infer_matrix_power, (*each(SQUARES, 2), call(SQUARE, -1), call(SQUARE, 1), call(SQUARE, 0),
                                                  call(INT_MATRIX[:, :3], 5), call(MATRIX, 2))),
)

OPS: tuple[Op, ...] = (
    *products.OPS,
    *[Op(name_of(function), as_numpy(function), infer, captures=(function,), samples=samples,
         total=product_is_total if function is np.linalg.matmul else None)
      for function, infer, samples in FRESH],
    *[Op(name_of(function), as_numpy(function), infer, captures=(function,), result=Result.VIEW, samples=samples)
      for function, infer, samples in VIEWS],
    *transforms.OPS,
)

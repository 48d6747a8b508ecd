"""Products of arrays and ``np.linalg``.  ``transforms`` has ``np.fft``, covariances and polynomials.

A product's contracted sizes must agree; where they are known not to, the rule raises as the call does.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..ir import dims
from ..ir.dims import Dim
from ..ir.types import ArrayType, IntType, PythonType, ScalarType, TupleType, Type, join
from . import transforms
from .infer import Unknown, array_or_scalar, broadcast, broadcasts, probe, static
from .layout import permuting
from .op import Op, Result
from .reduce import reduced
from .rules import (
    Infer,
    agreed,
    array_like,
    as_method,
    as_numpy,
    as_operand,
    axes_of,
    checked,
    is_numeric,
    method,
    name_of,
    out_type,
    plain,
    result,
    size_of,
)
from .specimens import (
    COLUMN_MAJOR,
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
    STRIDED_MATRIX,
    VECTORS,
    ZERO_D,
    call,
    each,
)


def matrix_product(a: tuple[Dim, ...], b: tuple[Dim, ...]) -> tuple[Dim, ...]:
    """The shape of ``a @ b``.  Raises ValueError for numbers and sizes known to differ."""
    if not a or not b:
        raise ValueError("matmul: Input operand does not have enough dimensions")
    agreed(a[-1], _rows(b))
    return (*broadcast(a[:-2], b[:-2]), *a[-2:-1], *(b[-1:] if len(b) > 1 else ()))


@checked
def infer_matmul(x1: Any, x2: Any, /, out: Any = None, **options: Any) -> Type:
    stored = out_type(out)
    if stored is not None:
        return stored
    if options.keys() - {"dtype", "casting", "order"}:
        raise Unknown(options)
    probed = probe(np.matmul, as_operand(x1), as_operand(x2), **static(options, "dtype"))
    return result(probed, matrix_product(array_like(x1).shape, array_like(x2).shape))


def _rows(shape: tuple[Dim, ...]) -> Dim:
    """The size that a product contracts of its second operand."""
    return shape[max(len(shape) - 2, 0)]


def dotting(run: Callable[..., Any]) -> Infer:
    """The rule of ``dot``: a product for numbers, else the last axis with the last but one."""

    @checked
    def infer(a: Any, b: Any, out: Any = None) -> Type:
        stored = out_type(out)
        if stored is not None:
            return stored
        first, second = array_like(a).shape, array_like(b).shape
        probed = probe(run, as_operand(a), as_operand(b))
        if not first or not second:
            return result(probed, first + second)
        agreed(first[-1], _rows(second))
        return result(probed, first[:-1] + (second[:-2] + second[-1:] if len(second) > 1 else ()))

    return infer


def product_is_total(a: Any, b: Any) -> bool:
    """Whether the sizes that are contracted are proved to be equal, and those that broadcast to fit."""
    if not (isinstance(a, ArrayType) and isinstance(b, ArrayType) and is_numeric(a) and is_numeric(b)):
        return False
    if not a.rank or not b.rank:
        return False
    return dims.known_equal(a.shape[-1], _rows(b.shape)) and broadcasts(a.shape[:-2],
           b.shape[:-2])


@checked
def infer_vdot(a: Any, b: Any, /) -> Type:
    agreed(size_of(array_like(a).shape), size_of(array_like(b).shape))
    return result(probe(np.vdot, as_operand(a), as_operand(b)), ())


@checked
def infer_inner(a: Any, b: Any, /) -> Type:
    first, second = array_like(a).shape, array_like(b).shape
    probed = probe(np.inner, as_operand(a), as_operand(b))
    if not first or not second:
        return result(probed, first + second)
    agreed(first[-1], second[-1])
    return result(probed, first[:-1] + second[:-1])


@checked
def infer_outer(a: Any, b: Any, out: Any = None) -> Type:
    stored = out_type(out)
    if stored is not None:
        return stored
    return result(probe(np.outer, as_operand(a), as_operand(b)),
                  (size_of(array_like(a).shape), size_of(array_like(b).shape)))


@checked
def infer_kron(a: Any, b: Any) -> Type:
    first, second = array_like(a).shape, array_like(b).shape
    rank = max(len(first), len(second))
    sizes = zip(*((1,) * (rank - len(shape)) + shape for shape in (first, second)))
    return result(probe(np.kron, as_operand(a), as_operand(b)), tuple([n * m for n, m in sizes]))


@checked
def infer_tensordot(a: Any, b: Any, axes: Any = 2) -> Type:
    first, second, axes = array_like(a).shape, array_like(b).shape, static(axes, "axes")
    if isinstance(axes, tuple | list):
        left, right = [axes_of(tuple(np.atleast_1d(part).tolist()), len(shape)) for part,
                       shape in zip(axes, (first, second))]
    else:
        left, right = tuple(range(len(first) - axes, len(first))), tuple(range(axes))
    if len(left) != len(right) or max((*right, -1)) >= len(second) or min((*left, 0)) < 0:
        raise ValueError("shape-mismatch for sum")
    for i, j in zip(left, right):
        agreed(first[i], second[j])
    return result(probe(np.tensordot, as_operand(a), as_operand(b), axes),
                  reduced(first, left, False) + reduced(second, right, False))


@checked
def infer_einsum(*operands: Any, out: Any = None, optimize: Any = False, **options: Any) -> Type:
    stored = out_type(out)
    if stored is not None:
        return stored
    if isinstance(operands[0], ArrayType | np.ndarray):
        raise Unknown(operands)     # the form that numbers the axes
    text = static(operands[0], "subscripts")
    arrays = list(map(array_like, operands[1:]))
    probed = probe(np.einsum, text, *map(as_operand, operands[1:]), **static(options, "dtype"))
    terms, _, target = text.replace(" ", "").partition("->")
    inputs = terms.split(",")
    if len(inputs) != len(arrays):
        raise ValueError("fewer operands provided to einstein sum function than specified in the subscripts string")
    sizes: dict[str, Dim] = {}
    dotted: list[tuple[Dim, ...]] = []
    for term, array in zip(inputs, arrays):
        letters, spare = term.replace("...", "\0"), array.rank - len(term.replace("...", ""))
        axis = 0
        for letter in letters:
            if letter == "\0":
                dotted.append(array.shape[axis:axis + spare])
                axis += spare
            else:
                sizes[letter] = _einsum_size(sizes.get(letter, 1), array.shape[axis])
                axis += 1
    if "->" not in text:
        counts = {letter: terms.count(letter) for letter in sizes}
        target = "..." * bool(dotted) + "".join(sorted(letter for letter, count in counts.items() if count == 1))
    shape = [size for letter in target.replace("...", "\0")
             for size in (broadcast(*dotted) if letter == "\0" else (sizes[letter],))]
    return result(probed, tuple(shape))


def _einsum_size(known: Dim, size: Dim) -> Dim:
    """The size of an index that has two: as in broadcasting, 1 gives way."""
    return broadcast((known,), (size,))[0]


@checked
def infer_cross(a: Any, b: Any, axisa: Any = -1, axisb: Any = -1, axisc: Any = -1, axis: Any = None) -> Type:
    axisa, axisb, axisc = [static(axis if axis is not None else own, "axis") for own in (axisa, axisb, axisc)]
    first, second = array_like(a), array_like(b)
    (i,), (j,) = axes_of(axisa, first.rank), axes_of(axisb, second.rank)
    outer = broadcast(reduced(first.shape, (i,), False), reduced(second.shape, (j,), False))
    probed = probe(np.multiply, as_operand(a), as_operand(b))
    lengths = (first.shape[i], second.shape[j])
    if all(dims.known_unequal(length, 2) and dims.known_unequal(length, 3) for length in lengths):
        raise ValueError("incompatible dimensions for cross product (dimension must be 2 or 3)")
    (at,) = axes_of(axisc, len(outer) + 1)
    vectors = ArrayType(probed.dtype, outer[:at] + (3,) + outer[at:])
    if any(dims.known_unequal(length, 2) for length in lengths):
        return vectors
    numbers = ArrayType(probed.dtype, outer)        # what two vectors of the plane give
    return numbers if lengths == (2, 2) else join(vectors, numbers)


@checked
def infer_diagonal(a: Any, offset: Any = 0, axis1: Any = 0, axis2: Any = 1) -> Type:
    axes, operand = (static(axis1, "axis1"), static(axis2, "axis2")), array_like(a)
    probed = probe(np.diagonal, as_operand(a), 0, *axes)
    return result(probed, _diagonal_shape(operand.shape, offset, axes_of(axes, operand.rank)))


def _diagonal_shape(shape: tuple[Dim, ...], offset: Any, axes: tuple[int, ...]) -> tuple[Dim, ...]:
    rows, columns = shape[axes[0]], shape[axes[1]]
    offset = plain(offset)
    if not isinstance(offset, int):
        length = dims.fresh(high=dims.minimum(rows, columns))
    elif offset >= 0:
        length = dims.maximum(dims.minimum(rows, columns - offset), 0)
    else:
        length = dims.maximum(dims.minimum(rows + offset, columns), 0)
    return (*reduced(shape, axes, False), length)


def tracing(run: Callable[..., Any]) -> Infer:
    """The rule of ``trace``, the sum of a diagonal."""

    @checked
    def infer(a: Any, offset: Any = 0, axis1: Any = 0, axis2: Any = 1, dtype: Any = None, out: Any = None) -> Type:
        stored = out_type(out)
        if stored is not None:
            return stored
        axes, operand = (static(axis1, "axis1"), static(axis2, "axis2")), array_like(a)
        probed = probe(run, as_operand(a), 0, *axes, dtype=static(dtype, "dtype"))
        return result(probed, reduced(operand.shape, axes_of(axes, operand.rank), False))

    return infer


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
            return TupleType(tuple([result(item, shape) for item, shape in zip(probed, found)]))
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
    return TupleType(tuple([result(item, (*batch, *shape)) for item, shape in zip(probed, shapes)]))


@checked
def infer_svd(a: Any, full_matrices: Any = True, compute_uv: Any = True, hermitian: Any = False) -> Type:
    full, both = static(full_matrices, "full_matrices"), static(compute_uv, "compute_uv")
    *batch, m, n = array_like(a).shape
    least = dims.minimum(m, n)
    probed = probe(np.linalg.svd, as_operand(a), full, both)
    if not both:
        return result(probed, (*batch, least))
    shapes = ((m, m if full else least), (least,), (n if full else least, n))
    return TupleType(tuple([result(item, (*batch, *shape)) for item, shape in zip(probed, shapes)]))


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
        case TupleType(items):
            return TupleType(tuple(map(_as_complex, items)))
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


PAIRS = (call(MATRIX, MATRIX.T), call(INT_MATRIX, SMALL_INTS[:4]), call(FLOATS, FLOATS),
         call(COLUMN_MAJOR, np.ones((3, 2), np.float32)),
         call(CUBE, np.ones((4, 5))), call(CUBE, np.ones((2, 4, 3))), call(EMPTY, EMPTY),
         call(EMPTY_MATRIX, np.ones((3, 2))),
         call(np.ones((2, 0)), np.ones((0, 3))), call(STRIDED_MATRIX, np.arange(3)), call(MATRIX, MATRIX),
         call(COMPLEX, [1, 2]),
         call(ONE_BY_ONE, SINGLE), call(FLOATS, FLOATS[:3]))
WITH_NUMBERS = (*PAIRS, call(FLOATS, 2.0), call(3, MATRIX), call(2.0, 3), call(ZERO_D, FLOATS),
                call(np.float32(2), ZERO_D))
VECTOR_PAIRS = (call(FLOATS, FLOATS), call(MATRIX, MATRIX), call(MATRIX, MATRIX[0]), call(COMPLEX, COMPLEX),
                call(MATRIX, FLOATS),
                call(MATRIX, MATRIX, axis=0), call(EMPTY, EMPTY))
STACKED_DIAGONALS = (*each((*MATRICES, CUBE)), call(CUBE, offset=1), call(FLOATS))
EINSUMS = (call("ij,jk->ik", MATRIX, MATRIX.T), call("ij,jk", MATRIX, MATRIX.T), call("ii->i", SQUARE),
           call("ii", SQUARE), call("ij->ji", MATRIX),
           call("...i,...i->...", CUBE, CUBE), call("i,i", FLOATS, SMALL_INTS), call("i,j->ij", FLOATS, COMPLEX),
           call("ijk->", CUBE),
           call("ij,j->i", INT_MATRIX, SMALL_INTS[:4]), call("ij,kj->ik", MATRIX, MATRIX, optimize=True),
           call("ij,jk", MATRIX, MATRIX),
           call("b...,b->...", CUBE, np.ones(2)), call("i->i", EMPTY))
RIGHT = np.array([1.0, 2.0, 3.0])
DIAGONALS = (*each((*MATRICES, EMPTY_MATRIX, CUBE)), call(MATRIX, 1), call(MATRIX, -1), call(MATRIX, 7),
             call(CUBE, 0, 1, 2),
             call(CUBE, offset=-1, axis1=0, axis2=-1), call(FLOATS))
Row = tuple[Callable[..., Any], Infer, tuple[Any, ...]]


def _square(batch: tuple[Dim, ...], m: Dim, n: Dim) -> tuple[Dim, ...]:
    return (*batch, n, n)


FRESH: tuple[Row, ...] = (
    (np.dot, dotting(np.dot), WITH_NUMBERS),
    (np.vdot, infer_vdot, WITH_NUMBERS),
    (np.inner, infer_inner, WITH_NUMBERS),
    (np.outer, infer_outer, (*WITH_NUMBERS, call(MATRIX, FLOATS))),
    (np.kron, infer_kron, WITH_NUMBERS),
    (np.tensordot, infer_tensordot, (
        call(CUBE, CUBE, 3), call(MATRIX, MATRIX.T, 1), call(CUBE, MATRIX, ([0, 1], [0, 1])), call(FLOATS, COMPLEX, 0),
        call(CUBE, MATRIX, (1, 1)),
        call(CUBE, CUBE), call(CUBE, INT_MATRIX, axes=((1, 2), (0, 1))))),
    (np.cross, infer_cross, (
        call(RIGHT, RIGHT), call(MATRIX, RIGHT), call([1, 2, 3], MATRIX), call(MATRIX, MATRIX, axis=1),
        call(MATRIX.T, MATRIX.T, axis=0),
        call(FLOATS, FLOATS), call(INT_MATRIX[:, :3], MATRIX[0]), call(FLOATS[:2], MATRIX.T),
        call(FLOATS[:2], FLOATS[1:3]))),
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
    (np.einsum, infer_einsum, EINSUMS),
    (np.diagonal, infer_diagonal, DIAGONALS),
    (np.linalg.matrix_power, infer_matrix_power, (*each(SQUARES, 2), call(SQUARE, -1), call(SQUARE, 1), call(SQUARE, 0),
                                                  call(INT_MATRIX[:, :3], 5), call(MATRIX, 2))),
)
WITH_OUT = {np.dot: (2,), np.outer: (2,)}
TOTAL = {np.dot: product_is_total, np.linalg.matmul: product_is_total}


OPS: tuple[Op, ...] = (
    Op("matmul", as_numpy(np.matmul), infer_matmul, captures=(np.matmul,), writes=(2,), total=product_is_total,
       samples=(
        *PAIRS, call(FLOATS, 2.0), call(CUBE, np.ones((1, 4, 2))), call(MATRIX, MATRIX.T, dtype=np.float32))),
    *[Op(name_of(function), as_numpy(function), infer, captures=(function,), writes=WITH_OUT.get(function, ()),
         samples=samples)
      for function, infer, samples in FRESH],
    *[Op(name_of(function), as_numpy(function), infer, captures=(function,), result=Result.VIEW, samples=samples)
      for function, infer, samples in VIEWS],
    Op("trace", as_numpy(np.trace), tracing(np.trace), captures=(np.trace,), writes=(5,),
       samples=(*DIAGONALS, call(MATRIX, dtype=np.float32))),
    Op("method.trace", as_method("trace"), tracing(method("trace")), captures=(np.ndarray.trace,), method="trace",
       writes=(5,), samples=DIAGONALS),
    Op("method.diagonal", as_method("diagonal"), infer_diagonal, captures=(np.ndarray.diagonal,), method="diagonal",
       result=Result.VIEW,
       samples=DIAGONALS),
    Op("method.dot", as_method("dot"), dotting(method("dot")), captures=(np.ndarray.dot,), method="dot", writes=(2,),
       total=product_is_total,
       samples=tuple([sample for sample in WITH_NUMBERS if isinstance(sample.args[0], np.ndarray)])),
    *transforms.OPS,
)

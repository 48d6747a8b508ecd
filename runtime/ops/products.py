"""Products of arrays: ``matmul``, ``dot``, ``tensordot``, ``einsum`` and kin, diagonals and traces.

Contracted sizes must agree; where they are known not to,
the rule raises as the call does.  The ops are part of ``linalg.OPS``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..ir import dims
from ..ir.dims import Dim
from ..ir.types import ArrayType, Type, join
from .infer import Unknown, broadcast, broadcasts, probe, static
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
    STRIDED_MATRIX,
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


RIGHT = np.array([1.0, 2.0, 3.0])
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
EINSUMS = (call("ij,jk->ik", MATRIX, MATRIX.T), call("ij,jk", MATRIX, MATRIX.T), call("ii->i", SQUARE),
           call("ii", SQUARE), call("ij->ji", MATRIX),
           call("...i,...i->...", CUBE, CUBE), call("i,i", FLOATS, SMALL_INTS), call("i,j->ij", FLOATS, COMPLEX),
           call("ijk->", CUBE),
           call("ij,j->i", INT_MATRIX, SMALL_INTS[:4]), call("ij,kj->ik", MATRIX, MATRIX, optimize=True),
           call("ij,jk", MATRIX, MATRIX),
           call("b...,b->...", CUBE, np.ones(2)), call("i->i", EMPTY))
DIAGONALS = (*each((*MATRICES, EMPTY_MATRIX, CUBE)), call(MATRIX, 1), call(MATRIX, -1), call(MATRIX, 7),
             call(CUBE, 0, 1, 2),
             call(CUBE, offset=-1, axis1=0, axis2=-1), call(FLOATS))

# function, rule, where ``out`` may stand, total, samples
FRESH: tuple[tuple[Callable[..., Any], Infer, tuple[int, ...], Any, tuple[Any, ...]], ...] = (
    (np.dot, dotting(np.dot), (2,), product_is_total, WITH_NUMBERS),
    (np.vdot, infer_vdot, (), None, WITH_NUMBERS),
    (np.inner, infer_inner, (), None, WITH_NUMBERS),
    (np.outer, infer_outer, (2,), None, (*WITH_NUMBERS, call(MATRIX, FLOATS))),
    (np.kron, infer_kron, (), None, WITH_NUMBERS),
    (np.tensordot, infer_tensordot, (), None, (
        call(CUBE, CUBE, 3), call(MATRIX, MATRIX.T, 1), call(CUBE, MATRIX, ([0, 1], [0, 1])), call(FLOATS, COMPLEX, 0),
        call(CUBE, MATRIX, (1, 1)),
        call(CUBE, CUBE), call(CUBE, INT_MATRIX, axes=((1, 2), (0, 1))))),
    (np.cross, infer_cross, (), None, (
        call(RIGHT, RIGHT), call(MATRIX, RIGHT), call([1, 2, 3], MATRIX), call(MATRIX, MATRIX, axis=1),
        call(MATRIX.T, MATRIX.T, axis=0),
        call(FLOATS, FLOATS), call(INT_MATRIX[:, :3], MATRIX[0]), call(FLOATS[:2], MATRIX.T),
        call(FLOATS[:2], FLOATS[1:3]))),
)

OPS: tuple[Op, ...] = (
    Op("matmul", as_numpy(np.matmul), infer_matmul, captures=(np.matmul,), writes=(2,), total=product_is_total,
       samples=(
        *PAIRS, call(FLOATS, 2.0), call(CUBE, np.ones((1, 4, 2))), call(MATRIX, MATRIX.T, dtype=np.float32))),
    *[Op(name_of(function), as_numpy(function), infer, captures=(function,), writes=writes, total=total,
         samples=samples)
      for function, infer, writes, total, samples in FRESH],
    Op("einsum", as_numpy(np.einsum), infer_einsum, captures=(np.einsum,), result=Result.VIEW, samples=EINSUMS),
    Op("diagonal", as_numpy(np.diagonal), infer_diagonal, captures=(np.diagonal,), result=Result.VIEW,
       samples=DIAGONALS),
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
)

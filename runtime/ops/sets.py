"""Distinct elements by the names of the array API standard, and counts in any number of dimensions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..ir.dims import Dim
from ..ir.types import ArrayType, ListType, TupleType, Type, join
from .infer import Unknown, probe, shape_of
from .op import Op, Result
from .rules import Infer, array_like, as_numpy, as_operand, checked, plain, result, size_argument, size_of
from .sorting import distinct
from .specimens import COMPLEX, CUBE, EMPTY, FLOATS, INT_MATRIX, MASK, MATRIX, SMALL_INTS, ZERO_D, call, each

# Which of the items are as many as the distinct elements; the inverse has the shape of the argument.
PARTS: tuple[tuple[Any, tuple[bool, ...]], ...] = (
    (np.unique_all, (True, True, False, True)), (np.unique_counts, (True, True)), (np.unique_inverse, (True, False)),
)


def finding(function: Callable[..., Any], parts: tuple[bool, ...]) -> Infer:
    """The rule of what gives a named tuple: the elements, and where or how often they are there."""

    @checked
    def infer(x: Any) -> Type:
        operand = array_like(x)
        probed = probe(function, as_operand(x))
        count = (distinct(size_of(operand.shape)),)
        items = [result(item, count if part else operand.shape) for item, part in zip(probed, parts)]
        return TupleType(tuple(items), type(probed))

    return infer


@checked
def infer_unique_values(x: Any) -> Type:
    return result(probe(np.unique_values, as_operand(x)), (distinct(size_of(array_like(x).shape)),))


@checked
def infer_histogramdd(sample: Any, bins: Any = 10, range: Any = None, density: Any = None,
                      weights: Any = None) -> Type:
    """Of an array with a column for each dimension, or of a sequence of them."""
    operand = array_like(sample) if hasattr(sample, "dtype") else None
    dimensions = shape_of(sample)[0] if operand is None else operand.shape[1] if operand.rank == 2 else 1
    if not isinstance(dimensions, int):
        raise Unknown(sample)
    per_axis = bins if type(bins) in (tuple, list) else (bins,) * dimensions
    if len(per_axis) != dimensions:
        raise ValueError("The dimension of bins must be equal to the dimension of the sample x.")
    sizes = [_edges(one) for one in per_axis]
    double = np.dtype(np.float64)
    edges = [_kind_of_edges(one, sample, size) for one, size in zip(per_axis, sizes)]
    return TupleType((ArrayType(double, tuple([size - 1 for size in sizes])), ListType(join(*edges), dimensions)))


def _edges(bins: Any) -> Dim:
    shape = shape_of(bins)
    return shape[0] if shape else size_argument(plain(bins)) + 1


def _kind_of_edges(bins: Any, sample: Any, size: Dim) -> Type:
    """Edges that are given stay what they are; others have the precision of the sample."""
    if shape_of(bins):
        return array_like(bins)
    kind = probe(np.histogramdd, as_operand(sample), 1)[1][0].dtype
    return ArrayType(kind, (size,))


POINTS = np.array([[0.0, 1.0], [2.0, 3.5], [-1.0, 0.5], [0.5, 0.25]])
BINS = np.array([-1.0, 0.0, 2.0])
SETS = each((FLOATS, SMALL_INTS, COMPLEX, MASK, EMPTY, INT_MATRIX % 3, MATRIX.T, CUBE, ZERO_D, [3, 1, 3],
             FLOATS.astype(np.float16), np.array([np.nan, 1.0, np.nan])))

OPS: tuple[Op, ...] = (
    *[Op(function.__name__, as_numpy(function), finding(function, parts), captures=(function,), samples=SETS)
      for function, parts in PARTS],
    Op("unique_values", as_numpy(np.unique_values), infer_unique_values, captures=(np.unique_values,), samples=SETS),
    # Given arrays of edges, it gives them back.
    Op("histogramdd", as_numpy(np.histogramdd), infer_histogramdd, captures=(np.histogramdd,), result=Result.VIEW,
       samples=(call(POINTS), call(POINTS, 3), call(POINTS, (2, 4)), call(POINTS.astype(np.float32), [2, BINS]),
                call(POINTS, bins=(BINS, BINS)), call(POINTS, 2, density=True), call(POINTS, 2, weights=FLOATS[:4]),
                call(FLOATS, 3), call((FLOATS, FLOATS), 2), call(POINTS, (2, 2, 2)), call(POINTS[:0], 2),
                call(POINTS, 2, ((0, 1), (0, 2))))),
)

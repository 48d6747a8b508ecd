"""Sorting, searching, counting and sets, and the sliding products ``convolve`` and ``correlate``.

How many elements a set or a mask has is data: such a size is a fresh dimension with the bound that is known.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..ir import dims
from ..ir.dims import Dim
from ..ir.types import BOOL, FLOAT, NONE, ArrayType, IntType, ListType, PythonType, TupleType, Type, join, options
from .gathering import INTP, items_of
from .infer import Unknown, broadcast, broadcasts, fits_int64, probe, shape_of, static
from .op import Op, Result
from .rules import (
    Infer,
    array_like,
    as_method,
    as_numpy,
    as_operand,
    axes_of,
    checked,
    is_numeric,
    method,
    numeric,
    plain,
    result,
    size_argument,
    size_of,
)
from .specimens import (
    COMPLEX,
    CUBE,
    EMPTY,
    EMPTY_MATRIX,
    FLOATS,
    INT_MATRIX,
    MASK,
    MATRICES,
    MATRIX,
    POINTS,
    SINGLE,
    SMALL_INTS,
    STRIDED_MATRIX,
    VECTORS,
    ZERO_D,
    call,
    each,
)


def sorting(run: Callable[..., Any]) -> Infer:
    """The rule of ``sort`` and ``argsort``: the shape stays, flat for ``axis=None``."""

    @checked
    def infer(a: Any, axis: Any = -1, kind: Any = None, order: Any = None, *, stable: Any = None) -> Type:
        axis, operand = static(axis, "axis"), array_like(a)
        probed = probe(run, a, axis=axis, kind=kind, order=order, stable=stable)
        flat = axis is None or not operand.rank      # a 0-d array's order is that of one element
        return result(probed, (size_of(operand.shape),) if flat else operand.shape)

    return infer


def partitioning(run: Callable[..., Any]) -> Infer:
    """The rule of ``partition`` and ``argpartition``; whether ``kth`` is in bounds is left to the call."""

    @checked
    def infer(a: Any, kth: Any, axis: Any = -1, kind: Any = "introselect", order: Any = None) -> Type:
        axis, operand = static(axis, "axis"), array_like(a)
        probed = probe(run, a, 0, axis=axis, kind=kind, order=order)
        return result(probed, (size_of(operand.shape),) if axis is None else operand.shape)

    return infer


@checked
def infer_in_place(x: Any, *args: Any, **kwargs: Any) -> Type:
    if isinstance(x, ArrayType):
        return NONE
    raise Unknown(x)


@checked
def infer_lexsort(keys: Any, axis: Any = -1) -> Type:
    axis = static(axis, "axis")
    items = tuple(map(array_like, options(keys.item))) if isinstance(keys, ListType) else items_of(keys)
    probed = probe(np.lexsort, list(items), axis)
    return result(probed, broadcast(*(item.shape for item in items)))


def searching(run: Callable[..., Any]) -> Infer:
    """The rule of ``searchsorted``: a position for each of ``v``."""

    @checked
    def infer(a: Any, v: Any, side: Any = "left", sorter: Any = None) -> Type:
        return result(probe(run, a, v, side), shape_of(v))

    return infer


@checked
def infer_digitize(x: Any, bins: Any, right: Any = False) -> Type:
    return result(probe(np.digitize, x, bins), shape_of(x))


@checked
def infer_nonzero(a: Any) -> Type:
    shape = array_like(a).shape
    if not shape:
        raise ValueError("Calling nonzero on 0d arrays is not allowed.")
    return TupleType((ArrayType(INTP, (_some_of(size_of(shape)),)),) * len(shape))


@checked
def infer_flatnonzero(a: Any) -> Type:
    return ArrayType(INTP, (_some_of(size_of(array_like(a).shape)),))


@checked
def infer_argwhere(a: Any) -> Type:
    shape = array_like(a).shape
    return ArrayType(INTP, (_some_of(size_of(shape)), len(shape)))


def _some_of(size: Dim, low: Dim = 0) -> Dim:
    return dims.fresh("m", low=low, high=size)


def distinct(size: Dim) -> Dim:
    """The number of distinct values of ``size`` values: at least one if there is one."""
    return _some_of(size, low=min(dims.lower_bound(size) or 0, 1))


@checked
def infer_where(condition: Any, *choices: Any) -> Type:
    if not choices:
        return infer_nonzero(condition)
    if any(isinstance(choice, IntType) and not fits_int64(choice) for choice in choices):
        raise Unknown(choices)
    condition, x, y = map(as_operand, (condition, *choices))
    return result(probe(np.where, condition, x, y), broadcast(shape_of(condition), shape_of(x), shape_of(y)))


def where_is_total(condition: Any, *choices: Any) -> bool:
    """Whether three arrays, NumPy scalars or Python floats and bools provably broadcast."""
    if len(choices) != 2 or not is_numeric(condition):
        return False
    return all(is_numeric(choice) or choice in (FLOAT, BOOL) for choice in choices) and broadcasts(
        shape_of(condition), *map(shape_of, choices))


@checked
def infer_interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None) -> Type:
    operands = map(as_operand, (x, xp, fp, left, right))
    return result(probe(np.interp, *operands), shape_of(x))


@checked
def infer_unique(ar: Any, return_index: Any = False, return_inverse: Any = False, return_counts: Any = False,
                 axis: Any = None, *, equal_nan: Any = True, sorted: Any = True) -> Type:
    axis, operand = static(axis, "axis"), array_like(ar)
    flags = [static(flag, name) for flag, name in (
        (return_index, "return_index"), (return_inverse, "return_inverse"), (return_counts, "return_counts"))]
    probed = probe(np.unique, ar, *flags, axis)
    size = size_of(operand.shape) if axis is None else operand.shape[axes_of(axis, operand.rank)[0]]
    count = distinct(size)
    kept = (count,) if axis is None else tuple(
        [count if i in axes_of(axis, operand.rank) else n for i, n in enumerate(operand.shape)])
    if not any(flags):
        return result(probed, kept)
    index, inverse, counts = flags
    shapes = [kept] + [(count,)] * bool(index)
    if inverse:
        rank = probed[1 + bool(index)].ndim
        shapes.append(operand.shape if axis is None and rank == operand.rank else (size,))
    shapes += [(count,)] * bool(counts)
    return TupleType(tuple([result(item, shape) for item, shape in zip(probed, shapes)]))


@checked
def infer_bincount(x: Any, /, weights: Any = None, minlength: Any = 0) -> Type:
    low = size_argument(minlength)
    counts = ArrayType(INTP, (dims.fresh("m", low=low),))
    if weights is None:
        return counts
    # Without elements the weights are not looked at.
    size = size_of(array_like(x).shape)
    sums = ArrayType(np.dtype(np.float64), counts.shape)
    return counts if size == 0 else sums if (dims.lower_bound(size) or 0) > 0 else join(counts, sums)


@checked
def infer_histogram(a: Any, bins: Any = 10, range: Any = None, density: Any = None, weights: Any = None) -> Type:
    if isinstance(bins, str) or isinstance(bins, PythonType) and bins.cls is str:
        count: Dim = dims.fresh(low=1)
        edges: Any = 1
    elif shape_of(bins):
        (size,) = shape_of(bins)
        edges, count = bins, size - 1
    else:
        edges, count = 1, size_argument(bins)
    hist, bounds = probe(np.histogram, a, edges, None, density, as_operand(weights))
    return TupleType((result(hist, (count,)), result(bounds, (count + 1,))))


@checked
def infer_bin_edges(a: Any, bins: Any = 10, range: Any = None, weights: Any = None) -> Type:
    histogram = infer_histogram(a, bins, range, None, weights)
    assert isinstance(histogram, TupleType)
    return histogram.items[1]


@checked
def infer_histogram2d(x: Any, y: Any, bins: Any = 10, range: Any = None, density: Any = None,
                      weights: Any = None) -> Type:
    per_axis = bins if type(bins) in (tuple, list) and len(bins) == 2 else (bins, bins)
    sizes = [size_argument(plain(one)) + 1 if not shape_of(one) else shape_of(one)[0] for one in per_axis]
    if len(shape_of(bins)) == 1 and per_axis[0] is bins and not isinstance(bins, ArrayType | np.ndarray):
        raise Unknown(bins)
    counts, *edges = probe(np.histogram2d, as_operand(x), as_operand(y), 1)
    return TupleType((result(counts, tuple([size - 1 for size in sizes])), *(
        result(edge, (size,)) for edge, size in zip(edges, sizes))))


@checked
def infer_sort_complex(a: Any) -> Type:
    return result(probe(np.sort_complex, a), array_like(a).shape)


@checked
def infer_isin(element: Any, test_elements: Any, assume_unique: Any = False, invert: Any = False, *,
               kind: Any = None) -> Type:
    return result(probe(np.isin, element, test_elements), shape_of(element))


def _set_operation(function: Callable[..., Any], size: Callable[[Dim, Dim], Dim]) -> Infer:
    @checked
    def infer(ar1: Any, ar2: Any, assume_unique: Any = False, return_indices: Any = False) -> Type:
        indices = static(return_indices, "return_indices")
        flags = {"return_indices": True} if indices else {}
        sizes = [size_of(array_like(ar).shape) for ar in (ar1, ar2)]
        probed, shape = probe(function, ar1, ar2, **flags), (_some_of(size(*sizes)),)
        return TupleType(tuple([result(item, shape) for item in probed])) if indices else result(probed, shape)

    return infer


def _sliding(function: Callable[..., Any], default: str) -> Infer:
    @checked
    def infer(a: Any, v: Any, mode: Any = default) -> Type:
        mode = static(mode, "mode")
        shapes = [shape_of(operand) or (1,) for operand in (a, v)]
        probed = probe(function, a, v, mode)
        (n,), (m,) = shapes
        if n == 0 or m == 0:
            raise ValueError("array cannot be empty")
        longer, shorter = dims.maximum(n, m), dims.minimum(n, m)
        kind = mode if isinstance(mode, int) else {"v": 0, "s": 1, "f": 2}[mode[0].lower()]
        return result(probed, ((longer - shorter + 1, longer, n + m - 1)[kind],))

    return infer


SORTED = (*each((*VECTORS, EMPTY, *MATRICES, EMPTY_MATRIX)), *each((*MATRICES, EMPTY_MATRIX), axis=0), call(CUBE, 1),
          call(CUBE, axis=None), call(INT_MATRIX, kind="stable"), call(FLOATS, axis=2), *each(POINTS))
PARTITIONED = (*each(VECTORS[:3], 1), *each(MATRICES[:5], 1, axis=-1), call(CUBE, (0, 2), 2), call(INT_MATRIX, 3, None),
               call(FLOATS, 9))
BINS = np.array([-1.0, 0.0, 2.0])
SEARCHED = tuple([call(BINS, v, **options) for v in (0.5, 1, FLOATS, MATRIX, ZERO_D, EMPTY, [0.0, 3.0], np.float32(2))
                  for options in ({}, {"side": "right"})])
TRUTHS = (*each((*VECTORS, EMPTY, *MATRICES, CUBE > 0, EMPTY_MATRIX)), *each(POINTS))
LEFT, RIGHT = np.array([3, 1, 2, 3]), np.array([2, 5, 2])
PAIRS = (call(LEFT, RIGHT), call(FLOATS, SMALL_INTS), call(EMPTY, FLOATS), call([1, 2], [2, 3]), call(INT_MATRIX, LEFT),
         call(SINGLE, SINGLE))
SIGNALS = tuple([call(*pair, **options) for pair in ((FLOATS, SINGLE), (FLOATS, FLOATS[:3]), (FLOATS[:2], SMALL_INTS),
                 (COMPLEX, FLOATS), ([1, 2, 3], [0, 1]), (EMPTY, FLOATS), (MATRIX, FLOATS))
                 for options in ({}, {"mode": "same"}, {"mode": "full"}, {"mode": "valid"})])

OPS: tuple[Op, ...] = (
    Op("sort", as_numpy(np.sort), sorting(np.sort), captures=(np.sort,), total=numeric(sorting(np.sort)),
       samples=(*SORTED, call([3, 1, 2]))),
    *[Op(prefix + "argsort", kernel, sorting(run), captures=(captured,), method=name, total=numeric(sorting(run)),
         samples=SORTED)
      for prefix, kernel, run, captured, name in (
          ("", as_numpy(np.argsort), np.argsort, np.argsort, None),
          ("method.", as_method("argsort"), method("argsort"), np.ndarray.argsort, "argsort"))],
    *[Op(prefix + "argpartition", kernel, partitioning(run), captures=(captured,), method=name, samples=PARTITIONED)
      for prefix, kernel, run, captured, name in (
          ("", as_numpy(np.argpartition), np.argpartition, np.argpartition, None),
          ("method.", as_method("argpartition"), method("argpartition"), np.ndarray.argpartition, "argpartition"))],
    Op("partition", as_numpy(np.partition), partitioning(np.partition), captures=(np.partition,), samples=PARTITIONED),
    Op("method.sort", as_method("sort"), infer_in_place, captures=(np.ndarray.sort,), method="sort", writes=(0,),
       result=Result.IMMUTABLE, samples=SORTED[:-3]),
    Op("method.partition", as_method("partition"), infer_in_place, captures=(np.ndarray.partition,), method="partition",
       writes=(0,), result=Result.IMMUTABLE, samples=PARTITIONED[:-2]),
    Op("lexsort", as_numpy(np.lexsort), infer_lexsort, captures=(np.lexsort,), samples=(
        call((LEFT, -LEFT)), call([FLOATS, SMALL_INTS]), call(INT_MATRIX), call((MATRIX, -MATRIX), axis=0),
        call((EMPTY,)))),
    Op("searchsorted", as_numpy(np.searchsorted), searching(np.searchsorted), captures=(np.searchsorted,),
       samples=SEARCHED),
    Op("method.searchsorted", as_method("searchsorted"), searching(method("searchsorted")), method="searchsorted",
       captures=(np.ndarray.searchsorted,), samples=SEARCHED),
    Op("digitize", as_numpy(np.digitize), infer_digitize, captures=(np.digitize,), samples=(
        call(FLOATS, BINS), call(MATRIX, BINS, right=True), call(0.5, BINS), call(ZERO_D, BINS[::-1]),
        call(EMPTY, BINS))),
    Op("nonzero", as_numpy(np.nonzero), infer_nonzero, captures=(np.nonzero,), samples=TRUTHS),
    Op("method.nonzero", as_method("nonzero"), infer_nonzero, captures=(np.ndarray.nonzero,), method="nonzero",
       samples=TRUTHS),
    Op("flatnonzero", as_numpy(np.flatnonzero), infer_flatnonzero, captures=(np.flatnonzero,), samples=TRUTHS),
    Op("argwhere", as_numpy(np.argwhere), infer_argwhere, captures=(np.argwhere,), samples=TRUTHS),
    Op("where", as_numpy(np.where), infer_where, captures=(np.where,), total=where_is_total, samples=(
        *TRUTHS, call(FLOATS > 0, FLOATS, 0), call(MATRIX > 0, 1, SINGLE),
        call(MATRIX > 0, MATRIX[0], STRIDED_MATRIX[:, :3]),
        call(True, 1, 2.0), call(ZERO_D > 0, np.float32(1), 2), call(MASK[:, None], FLOATS, SMALL_INTS),
        call(MASK, 1, 2),
        call(FLOATS > 0, MATRIX, 0), call([True, False], [1, 2], 3.5), call(EMPTY, EMPTY, 1),
        call(MASK, MASK, COMPLEX[:1]))),
    Op("unique", as_numpy(np.unique), infer_unique, captures=(np.unique,), samples=(
        *each((*VECTORS, EMPTY, MATRIX, ZERO_D, [3, 1, 3])), call(INT_MATRIX, axis=0), call(INT_MATRIX % 2, axis=1),
        *[call(array, True, True, True) for array in (FLOATS, INT_MATRIX, EMPTY)], call(LEFT, return_inverse=True),
        call(INT_MATRIX % 2, return_index=True, return_inverse=True, axis=0), call(LEFT, return_counts=True))),
    Op("bincount", as_numpy(np.bincount), infer_bincount, captures=(np.bincount,), samples=(
        call(LEFT), call(SMALL_INTS, minlength=20), call(LEFT, [0.5, 1.0, 2.0, 1.0]), call(np.array([], int)),
        call(-LEFT),
        call(LEFT, None, 2), call([1, 1, 4]), call(np.array([], int), []))),
    # Given an array of edges, it gives that array back.
    Op("histogram", as_numpy(np.histogram), infer_histogram, captures=(np.histogram,), result=Result.VIEW, samples=(
        *each((FLOATS, SMALL_INTS, SINGLE, MATRIX, EMPTY)), call(FLOATS, 3), call(FLOATS, BINS),
        call(FLOATS, [0, 1, 2]),
        call(FLOATS, "auto"), call(FLOATS, 4, (0.0, 2.0), True), call(FLOATS, 2, weights=FLOATS), call(FLOATS, 0))),
    Op("isin", as_numpy(np.isin), infer_isin, captures=(np.isin,), samples=(
        *PAIRS, call(MATRIX, 0.5), call(2, LEFT), call(ZERO_D, [1.5]), call(LEFT, RIGHT, invert=True))),
    *[Op(function.__name__, as_numpy(function), _set_operation(function, size), captures=(function,), samples=PAIRS)
      for function, size in ((np.union1d, lambda n, m: n + m), (np.setxor1d, lambda n, m: n + m),
                             (np.setdiff1d, lambda n, m: n))],
    Op("intersect1d", as_numpy(np.intersect1d), _set_operation(np.intersect1d, dims.minimum),
       captures=(np.intersect1d,),
       samples=(*PAIRS, call(LEFT, RIGHT, return_indices=True))),
    Op("interp", as_numpy(np.interp), infer_interp, captures=(np.interp,), samples=(
        *[call(x, BINS, [1.0, 2.0, 4.0]) for x in (0.5, FLOATS, MATRIX, ZERO_D, EMPTY, SMALL_INTS, [0, 1])],
        call(FLOATS, BINS, np.array([1j, 2, 3])), call(FLOATS, BINS, BINS, 0.0, right=9.0),
        call(FLOATS, BINS, BINS, period=4.0), call(np.float32(1), [0, 1, 5, 6, 7], [2, 3, 4, 5, 6]))),
    Op("histogram_bin_edges", as_numpy(np.histogram_bin_edges), infer_bin_edges, captures=(np.histogram_bin_edges,),
       result=Result.VIEW, samples=(call(FLOATS), call(FLOATS, 3), call(SINGLE, BINS), call(FLOATS, "auto"))),
    Op("histogram2d", as_numpy(np.histogram2d), infer_histogram2d, captures=(np.histogram2d,), result=Result.VIEW,
       samples=(
        call(FLOATS, FLOATS), call(FLOATS, SMALL_INTS, 3), call(FLOATS, FLOATS, (2, 3)),
        call(FLOATS, FLOATS, [BINS, BINS]),
        call(FLOATS, FLOATS, 4, density=True))),
    Op("sort_complex", as_numpy(np.sort_complex), infer_sort_complex, captures=(np.sort_complex,),
       samples=each((FLOATS, SMALL_INTS, COMPLEX, EMPTY, SINGLE, MATRIX))),
    Op("convolve", as_numpy(np.convolve), _sliding(np.convolve, "full"), captures=(np.convolve,), samples=SIGNALS),
    Op("correlate", as_numpy(np.correlate), _sliding(np.correlate, "valid"), captures=(np.correlate,), samples=SIGNALS),
)

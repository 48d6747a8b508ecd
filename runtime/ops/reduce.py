"""Reductions and running sums: what becomes of an axis that is summed, searched or differenced.

The kind of each result is NumPy's own answer to a probe; the rules here say which dimensions stay.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..ir import dims
from ..ir.dims import Dim
from ..ir.types import ArrayType, Type
from .infer import broadcast, probe, shape_of, static
from .op import Op, Result
from .rules import (
    Infer,
    array_like,
    as_method,
    as_numpy,
    as_operand,
    axes_of,
    checked,
    leaves,
    method,
    numeric,
    out_positions,
    out_type,
    parameters_of,
    plain,
    result,
    size_argument,
    size_of,
)
from .specimens import (
    CUBE,
    EMPTY,
    EMPTY_MATRIX,
    FLOATS,
    INT_MATRIX,
    MATRICES,
    MATRIX,
    POINTS,
    SMALL_INTS,
    STRIDED_MATRIX,
    VECTORS,
    call,
    each,
)

OPTIONS = ("axis", "keepdims", "dtype", "ddof", "method", "interpolation", "returned", "include_initial")


def reduced(shape: tuple[Dim, ...], axes: tuple[int, ...], keepdims: bool) -> tuple[Dim, ...]:
    """``shape`` without ``axes``, or with 1 in their place."""
    if keepdims:
        return tuple([1 if i in axes else size for i, size in enumerate(shape)])
    return tuple([size for i, size in enumerate(shape) if i not in axes])


def with_static_options(given: dict[str, Any]) -> dict[str, Any]:
    """The arguments given, those that decide the kind of the result as plain values.  Raises ``NeedsStatic``."""
    return {name: static(value, name) if name in OPTIONS else as_operand(value) for name, value in given.items()}


def reduction(function: Callable[..., Any], run: Callable[..., Any] | None = None) -> Infer:
    """The rule of a reduction with NumPy's usual parameters; a method has those too, and is probed as ``run``."""

    @parameters_of(function)
    def infer(given: dict[str, Any]) -> Type:
        stored = out_type(given.pop("out", None))
        if stored is not None:
            return stored
        given = with_static_options(given)
        operand = array_like(given["a"])
        axes = axes_of(given.get("axis"), operand.rank)
        probed = probe(run or function, given.pop("a"), **given)
        return result(probed, reduced(operand.shape, axes, given.get("keepdims", False)))

    return infer


def quantile(function: Callable[..., Any]) -> Infer:
    """The rule of ``percentile`` and ``quantile``: the shape of ``q`` stands before what is left of ``a``'s."""

    @parameters_of(function)
    def infer(given: dict[str, Any]) -> Type:
        stored = out_type(given.pop("out", None))
        if stored is not None:
            return stored
        given = with_static_options(given)
        a, q = given.pop("a"), given.pop("q")
        operand = array_like(a)
        axes = axes_of(given.get("axis"), operand.rank)
        kept = reduced(operand.shape, axes, given.get("keepdims", False))
        return result(probe(function, a, q, **given), (*shape_of(q), *kept))

    return infer


def accumulation(function: Callable[..., Any], run: Callable[..., Any] | None = None) -> Infer:
    """The rule of running sums: the shape stays, flat where no axis is given."""

    @parameters_of(function)
    def infer(given: dict[str, Any]) -> Type:
        stored = out_type(given.pop("out", None))
        if stored is not None:
            return stored
        given = with_static_options(given)
        name = "a" if "a" in given else "x"
        a = given.pop(name)
        shape = array_like(a).shape
        axis = given.get("axis")
        if axis is None:
            shape = (size_of(shape),)
        if given.get("include_initial"):
            at = 0 if axis is None else axes_of(axis, len(shape))[0]
            shape = tuple([size + 1 if i == at else size for i, size in enumerate(shape)])
        return result(probe(run or function, a, **given), shape or (1,))

    return infer


@checked
def infer_diff(a: Any, n: Any = 1, axis: Any = -1, prepend: Any = np._NoValue, append: Any = np._NoValue) -> Type:
    axis, operand = static(axis, "axis"), array_like(a)
    extras = {name: as_operand(value) for name, value in (("prepend", prepend),
                                                          ("append", append)) if value is not np._NoValue}
    order = plain(n)
    # Booleans stay booleans only while something is differenced; a type of n is some number of times.
    probed = probe(np.diff, as_operand(a), min(order, 2) if isinstance(order, int) else 1, axis, **extras)
    at = axes_of(axis, operand.rank)[0]
    length = operand.shape[at]
    for extra in extras.values():
        shape = shape_of(extra)
        length = length + (shape[at] if shape else 1)
    shape = list(operand.shape)
    shape[at] = dims.maximum(length - size_argument(n), 0)
    return result(probed, tuple(shape))


@checked
def infer_ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Type:
    length = dims.maximum(size_of(array_like(ary).shape) - 1, 0)
    for extra in (to_begin, to_end):
        if extra is not None:
            length = length + size_of(shape_of(extra))
    return result(probe(np.ediff1d, ary, to_end, to_begin), (length,))


@checked
def infer_trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: Any = -1) -> Type:
    axis, shape = static(axis, "axis"), array_like(y).shape
    if x is not None and len(shape_of(x)) > 1:
        shape = broadcast(shape, shape_of(x))
    probed = probe(np.trapezoid, as_operand(y), as_operand(x), as_operand(dx), axis)
    return result(probed, reduced(shape, axes_of(axis, len(shape)), False))


@checked
def infer_gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: Any = 1) -> Type:
    axis = static(axis, "axis")
    return result(probe(np.gradient, as_operand(f), *map(as_operand, varargs), axis=axis), array_like(f).shape)


@checked
def infer_average(a: Any, axis: Any = None, weights: Any = None, returned: Any = False, *,
                  keepdims: Any = np._NoValue) -> Type:
    given = with_static_options({"axis": axis, "returned": returned, "keepdims": keepdims})
    operand = array_like(a)
    axes = axes_of(given["axis"], operand.rank)
    probed = probe(np.average, as_operand(a), weights=as_operand(weights), **given)
    return result(probed, reduced(operand.shape, axes, given["keepdims"] is True))


def nonempty(infer: Infer) -> Callable[..., bool]:
    """A ``total`` like ``numeric`` for what raises on empty arrays."""
    sure = numeric(infer)

    def total(*args: Any, **kwargs: Any) -> bool:
        return sure(*args, **kwargs) and all(
            (dims.lower_bound(size) or 0) >= 1
            for leaf in leaves((args, kwargs)) if isinstance(leaf, ArrayType) for size in leaf.shape)

    return total


REDUCED = (
    *each((*VECTORS, EMPTY, *POINTS)),
    *each((*MATRICES, EMPTY_MATRIX), axis=0),
    *each((INT_MATRIX, STRIDED_MATRIX, CUBE), axis=-1, keepdims=True),
    call(CUBE, 1),
)
BY_SEVERAL = (call(CUBE, axis=(0, 2)), call(CUBE, axis=(-1, 0), keepdims=True), call(INT_MATRIX, axis=()))
SUMMED = (*REDUCED, *BY_SEVERAL, call(INT_MATRIX, dtype=np.float32), call(CUBE, axis=1, where=CUBE > 0),
          call([1.0, 2.5]), call(CUBE, 0, out=np.empty((3, 4))))
QUANTILES = tuple([call(a, q, **options) for a in (FLOATS, SMALL_INTS, MATRIX.astype(np.float32)) for q, options in (
    (0.5, {}), ([0.25, 1.0], {"axis": 0}), (np.array([[0.5], [0.75]]), {"axis": -1, "keepdims": True}))])
RUNNING = (*each((*VECTORS, EMPTY, *MATRICES)), *each((*MATRICES, EMPTY_MATRIX), axis=0), call(CUBE, 1, np.float32),
           call(INT_MATRIX, axis=-1, out=np.empty((3, 4))))

FOLDS = (np.sum, np.prod, np.mean, np.nansum, np.nanprod, np.nanmean)
SPREADS = (np.std, np.var, np.nanstd, np.nanvar)
EXTREMES = (np.min, np.max, np.amin, np.amax, np.ptp, np.nanmin, np.nanmax)
POSITIONS = (np.argmin, np.argmax, np.nanargmin, np.nanargmax)
TESTS = (np.any, np.all)
MEDIANS = (np.median, np.nanmedian)
QUANTILE_FUNCTIONS = (np.percentile, np.quantile, np.nanpercentile, np.nanquantile)
ACCUMULATIONS = (np.cumsum, np.cumprod, np.nancumsum, np.nancumprod)
INCLUSIVE = (np.cumulative_sum, np.cumulative_prod)
WITH_METHOD = (np.sum, np.prod, np.mean, np.std, np.var, np.min, np.max, np.argmin, np.argmax, np.any, np.all,
               np.cumsum, np.cumprod)


def _reduction_ops(functions: tuple[Any, ...], rule: Callable[..., Infer], total: Any, samples: Any) -> tuple[Op, ...]:
    ops: list[Op] = []
    for function in functions:
        name, writes = function.__name__, out_positions(function)
        infer = rule(function)
        ops.append(Op(name, as_numpy(function), infer, captures=(function,), writes=writes,
                      total=total and total(infer), samples=samples))
        if function in WITH_METHOD:
            infer = rule(function, method(name))
            ops.append(Op(f"method.{name}", as_method(name), infer, method=name, writes=writes,
                          captures=(getattr(np.ndarray, name),), total=total and total(infer),
                          samples=tuple(sample for sample in samples if not isinstance(sample.args[0], list))))
    return tuple(ops)


OPS: tuple[Op, ...] = (
    *_reduction_ops(FOLDS, reduction, numeric, SUMMED),
    *_reduction_ops(SPREADS, reduction, numeric, (*REDUCED, *BY_SEVERAL, call(CUBE, axis=0, ddof=1))),
    *_reduction_ops(EXTREMES, reduction, nonempty, (*REDUCED, *BY_SEVERAL)),
    *_reduction_ops(POSITIONS, reduction, nonempty, REDUCED),
    *_reduction_ops(TESTS, reduction, numeric, (*REDUCED, *BY_SEVERAL)),
    *_reduction_ops(ACCUMULATIONS, accumulation, numeric, RUNNING),
    *_reduction_ops(INCLUSIVE, accumulation, numeric, (
        *each((FLOATS, SMALL_INTS, EMPTY)), call(MATRIX, axis=0), call(MATRIX, axis=1, include_initial=True),
        call(MATRIX),
        call(SMALL_INTS, include_initial=True, dtype=float))),
    # With overwrite_input they sort in place.
    *[Op(function.__name__, as_numpy(function), reduction(function), captures=(function,),
         writes=(0, *out_positions(function)),
         samples=(*REDUCED, *BY_SEVERAL, call(FLOATS, overwrite_input=True), call(MATRIX, 0, None, True)))
      for function in MEDIANS],
    *[Op(function.__name__, as_numpy(function), quantile(function), captures=(function,),
         writes=(0, *out_positions(function)),
         samples=(*QUANTILES, call(FLOATS, 0.5, overwrite_input=True))) for function in QUANTILE_FUNCTIONS],
    Op("average", as_numpy(np.average), infer_average, captures=(np.average,), samples=(
        *REDUCED, call(MATRIX, axis=0, weights=[1.0, 3.0]), call(MATRIX, 1, None, True),
        call(INT_MATRIX, weights=INT_MATRIX), call(FLOATS, returned=True), call(FLOATS, weights=[1, 2, 3, 4, 5]))),
    Op("count_nonzero", as_numpy(np.count_nonzero), reduction(np.count_nonzero), captures=(np.count_nonzero,),
       total=numeric(reduction(np.count_nonzero)), samples=(*REDUCED, call(CUBE, axis=(0, 1)))),
    # With n=0 the operand itself comes back.
    Op("diff", as_numpy(np.diff), infer_diff, captures=(np.diff,), result=Result.VIEW, samples=(
        *each((*VECTORS, EMPTY, *MATRICES)), *each(MATRICES, axis=0), call(CUBE, 2, 1), call(MATRIX, n=5),
        call(MATRIX, 0), call(FLOATS, prepend=0.0, append=[1.0, 2.0]), call(MATRIX, prepend=MATRIX))),
    Op("ediff1d", as_numpy(np.ediff1d), infer_ediff1d, captures=(np.ediff1d,), samples=(
        *each((FLOATS, SMALL_INTS, MATRIX, EMPTY)), call(FLOATS, 1.0), call(FLOATS, to_begin=[0.0, 1.0]))),
    Op("trapezoid", as_numpy(np.trapezoid), infer_trapezoid, captures=(np.trapezoid,), samples=(
        *each((*VECTORS[:4], *MATRICES, EMPTY)), call(MATRIX, axis=0), call(MATRIX, MATRIX), call(FLOATS, dx=0.5),
        call(MATRIX, [0.0, 2.0], axis=0))),
    Op("gradient", as_numpy(np.gradient), infer_gradient, captures=(np.gradient,), samples=(
        *each((FLOATS, SMALL_INTS, FLOATS + 1j, MATRIX, INT_MATRIX, MATRIX.astype(np.float32))),
        call(MATRIX, 0.5), call(MATRIX, axis=0), call(FLOATS, FLOATS.cumsum(), edge_order=2),
        call(FLOATS, [0.0, 1.0, 2.0, 4.0, 8.0]),
        call(CUBE, 1.0, 2.0, axis=(0, 1)))),
)

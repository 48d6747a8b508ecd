"""What functions of NumPy do with functions of the user's, written out in Python.

These definitions are converted and traced in place like the user's own, and do what NumPy's do in the same order; none
of them runs with a graph.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index
from numpy.polynomial.chebyshev import chebpts1, chebvander


def along_axis(function: Any, axis: Any, arr: Any, args: Any, options: Any) -> Any:
    """``np.apply_along_axis(function, axis, arr, *args, **options)``."""
    arr = np.asanyarray(arr)
    axis = normalize_axis_index(axis, arr.ndim)
    rows = np.moveaxis(arr, axis, -1)
    places = np.ndindex(rows.shape[:-1])
    try:
        first = next(places)
    except StopIteration:
        raise ValueError("Cannot apply_along_axis when any iteration dimensions are 0") from None
    found = np.asanyarray(function(rows[(*first, ...)], *args, **options))
    results = np.zeros_like(found, shape=rows.shape[:-1] + found.shape)
    results[(*first, ...)] = found
    for place in places:
        results[(*place, ...)] = np.asanyarray(function(rows[(*place, ...)], *args, **options))
    outer = results.ndim - found.ndim
    order = (*range(axis), *range(outer, results.ndim), *range(axis, outer))
    return np.transpose(results, order)


def over_axes(function: Any, a: Any, axes: Any) -> Any:
    """``np.apply_over_axes(function, a, axes)``."""
    found = np.asarray(a)
    rank = a.ndim
    if np.array(axes).ndim == 0:
        return over_axis(function, found, axes, rank)
    for axis in axes:
        found = over_axis(function, found, axis, rank)
    return found


def rank_of(a: Any) -> Any:
    return a.ndim


def over_axis(function: Any, a: Any, axis: Any, rank: Any) -> Any:
    """What ``np.apply_over_axes`` does for one axis."""
    if axis < 0:
        axis = rank + axis
    found = function(a, axis)
    if found.ndim != a.ndim:
        found = np.expand_dims(found, axis)
        if found.ndim != a.ndim:
            raise ValueError("function is not returning an array of the correct shape")
    return found


def from_function(function: Any, shape: Any, dtype: Any, options: Any) -> Any:
    """``np.fromfunction(function, shape, dtype=dtype, **options)``."""
    return function(*np.indices(shape, dtype=dtype), **options)


def masked_indices(n: Any, mask: Any, k: Any) -> Any:
    """``np.mask_indices(n, mask, k)``."""
    return np.nonzero(mask(np.ones((n, n), int), k) != 0)


def chebyshev_interpolant(function: Any, deg: Any, args: Any) -> Any:
    """``np.polynomial.chebyshev.chebinterpolate(function, deg, args)``."""
    kind = np.asarray(deg)
    if kind.ndim > 0 or kind.dtype.kind not in "iu" or kind.size == 0:
        raise TypeError("deg must be an int")
    if deg < 0:
        raise ValueError("expected deg >= 0")
    points = chebpts1(deg + 1)
    values = function(points, *args)
    found = np.dot(chebvander(points, deg).T, values)
    found[0] /= deg + 1
    found[1:] /= 0.5 * (deg + 1)
    return found


def remaining(items: Any, first: Any, results: Any, cache: Any) -> Any:
    """The arguments of the calls that ``np.vectorize`` makes after the first one, whose result it may keep."""
    if cache:
        results.append(first)
        return items[1:]
    return items


def piece(y: Any, x: Any, condition: Any, function: Any, args: Any, options: Any) -> None:
    """One of the functions of ``np.piecewise``."""
    values = x[condition]
    if values.size > 0:
        y[condition] = function(values, *args, **options)

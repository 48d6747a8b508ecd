"""Arrays made of a shape or a few numbers: zeros, full, arange, linspace, windows, eye, tri, diag, vander.

A dimension is exactly the int it was made of; a negative one raises, or counts as 0 where NumPy says so.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..ir import dims
from ..ir.dims import Dim
from ..ir.types import ArrayType, IntType, TupleType, Type, join, options
from .conversion import arrays_of, as_operand, dtype_argument, length, without_like
from .infer import (
    RAISED,
    NeedsStatic,
    Unknown,
    array_or_scalar,
    as_dim,
    broadcast,
    fits_int64,
    probe,
    shape_of,
    static,
    type_of,
)
from .op import Op, Result
from .rules import array_like, as_numpy, plain, sequence_argument, size_of
from .specimens import (
    COLUMN_MAJOR,
    COMPLEX,
    CUBE,
    EMPTY,
    FLOATS,
    INT_MATRIX,
    MATRIX,
    ONE_BY_ONE,
    SMALL_INTS,
    SQUARE,
    STRIDED_MATRIX,
    ZERO_D,
    call,
    each,
)

Rule = Callable[..., Type]



# ------------------------------------------------------------------------------------------------------ arguments

def count(value: Any) -> Dim:
    """An int of which a negative one counts as 0."""
    return dims.maximum(as_dim(plain(value), low=None), 0)


def shape_from(value: Any) -> tuple[Dim, ...]:
    """A ``shape`` argument: an int or a sequence of ints."""
    return tuple([length(item) for item in sequence_argument(value, "shape")])


# ------------------------------------------------------------------------------------------------ filled with one value

def filled(function: Callable[..., Any]) -> Rule:
    """``zeros``, ``ones`` and ``empty``."""

    def infer(shape: Any, dtype: Any = None, order: Any = "C", **given: Any) -> Type:
        without_like(given)
        sizes = shape_from(shape)
        return ArrayType(probe(function, (0,) * len(sizes), dtype_argument(dtype)).dtype, sizes)

    return infer


def _filled_cannot_raise(shape: Any, dtype: Any = None, *rest: Any, **given: Any) -> bool:
    """No size is negative.  An array too large for the memory raises whatever its type."""
    if rest or given or isinstance(dtype, Type):
        return False
    try:
        return all(dims.is_nonnegative(size) and not dims.is_fresh(size) for size in shape_from(shape))
    except (Unknown, NeedsStatic, *RAISED):
        return False


def _full_rule(shape: Any, fill_value: Any, dtype: Any = None, order: Any = "C", **given: Any) -> Type:
    without_like(given)
    return _like(arrays_of(fill_value, dtype), None, shape)


def filled_like(function: Callable[..., Any]) -> Rule:
    """``zeros_like``, ``ones_like`` and ``empty_like``."""

    def infer(a: Any, dtype: Any = None, order: Any = "K", subok: Any = True, shape: Any = None, **given: Any) -> Type:
        return _like(arrays_of(a), dtype, shape)

    return infer


def _full_like_rule(a: Any, fill_value: Any, dtype: Any = None, order: Any = "K", subok: Any = True, shape: Any = None,
                    **given: Any) -> Type:
    return _like(arrays_of(a), dtype, shape)


def _like(prototype: Type, dtype: Any, shape: Any) -> Type:
    """Arrays as ``prototype``, with another dtype or shape where one is given."""
    dtype = dtype_argument(dtype)
    return join(*(ArrayType(kind.dtype if dtype is None else np.empty(0, dtype).dtype,
                            kind.shape if plain(shape) is None else shape_from(shape))
                  for kind in options(prototype) if isinstance(kind, ArrayType)))


# ------------------------------------------------------------------------------------------------------------- ranges

def _arange_rule(*args: Any, start: Any = None, stop: Any = None, step: Any = None, dtype: Any = None,
                 **given: Any) -> Type:
    without_like(given)
    placed = [None, *args] if len(args) == 1 and plain(stop) is None else args
    bounds = [plain(place) if plain(place) is not None else plain(name)
              for place, name in zip((*placed, None, None, None), (start, stop, step))]
    first, last, stride = (0 if bounds[0] is None else bounds[0]), bounds[1], (1 if bounds[2] is None else bounds[2])
    if last is None:
        raise TypeError("arange() requires stop to be specified")
    parts = (first, last, stride)
    dtype = dtype_argument(dtype)
    if not all(map(fits_int64, parts)) and dtype is None and not _integral_constants(first, stride):
        raise Unknown(parts)    # the dtype depends on how large the ints are
    probed = probe(np.arange, *map(_small, parts), dtype=dtype)
    return ArrayType(probed.dtype, (arange_length(first, last, stride),))


def _integral_constants(*values: Any) -> bool:
    return all(isinstance(value, int) and abs(value) < 2**31 for value in values)


def _small(value: Any) -> Any:
    """A stand-in for a number, so that nothing large is made."""
    return type_of(value) if not isinstance(type_of(value), IntType) else IntType(1)


def arange_length(first: Any, last: Any, stride: Any) -> Dim:
    if all(isinstance(type_of(value), IntType) for value in (first, last)) and isinstance(stride, int) and stride:
        start, stop = as_dim(first, low=None), as_dim(last, low=None)
        span = stop - start if stride > 0 else start - stop
        return dims.maximum((span + (abs(stride) - 1)) // abs(stride), 0)
    if any(isinstance(value, (Type, complex, np.complexfloating)) for value in (first, last, stride)):
        return dims.fresh()
    return max(0, math.ceil((last - first) / stride))    # as NumPy computes it


def spaced(function: Callable[..., Any]) -> Rule:
    """``linspace``, ``logspace`` and ``geomspace``: ``num`` values along a new axis."""

    def infer(start: Any, stop: Any, num: Any = 50, endpoint: Any = True, retstep: Any = False, base: Any = 10.0,
              dtype: Any = None,
              axis: Any = 0, **given: Any) -> Type:
        start, stop, base = as_operand(start), as_operand(stop), as_operand(base)
        size, axis, retstep = length(num), static(axis, "axis"), static(retstep, "retstep")
        named: dict[str, Any] = {"endpoint": static(endpoint, "endpoint"), "dtype": dtype_argument(dtype), "axis": axis}
        shape = broadcast(shape_of(start), shape_of(stop))
        if function is np.linspace:
            named["retstep"] = retstep
        elif function is np.logspace:
            named["base"] = base
            shape = broadcast(shape, shape_of(base))
        at = axis % (len(shape) + 1)
        sizes = (*shape[:at], size, *shape[at:])
        answers = [probe(function, start, stop, number, **named) for number in (1, 3)]
        if not retstep:
            return array_or_scalar(answers[1], sizes)
        return join(*(TupleType((ArrayType(values.dtype, sizes), array_or_scalar(step, shape)))
                      for (values, step),
                      possible in zip(answers, (not dims.known_less(1, size), not dims.known_less(size, 2)))
                      if possible))

    return infer


def _logspace_rule(start: Any, stop: Any, num: Any = 50, endpoint: Any = True, base: Any = 10.0, dtype: Any = None,
                   axis: Any = 0) -> Type:
    return spaced(np.logspace)(start, stop, num, endpoint, False, base, dtype, axis)


def _geomspace_rule(start: Any, stop: Any, num: Any = 50, endpoint: Any = True, dtype: Any = None,
                    axis: Any = 0) -> Type:
    return spaced(np.geomspace)(start, stop, num, endpoint, False, 10.0, dtype, axis)


def _linspace_rule(start: Any, stop: Any, num: Any = 50, endpoint: Any = True, retstep: Any = False, dtype: Any = None,
                   axis: Any = 0,
                   **given: Any) -> Type:
    return spaced(np.linspace)(start, stop, num, endpoint, retstep, 10.0, dtype, axis)


def _window_rule(M: Any, *beta: Any) -> Type:
    """A window of ``M`` points; ``M`` may be a float."""
    size = count(M) if isinstance(type_of(plain(M)), IntType) else dims.fresh()
    return ArrayType(np.dtype(np.float64), (size,))


# ----------------------------------------------------------------------------------------------------------- matrices

def _eye_rule(N: Any, M: Any = None, k: Any = 0, dtype: Any = float, order: Any = "C", **given: Any) -> Type:
    without_like(given)
    rows = length(N)
    return ArrayType(probe(np.eye, 1, dtype=dtype_argument(dtype)).dtype,
                     (rows, rows if plain(M) is None else length(M)))


def _identity_rule(n: Any, dtype: Any = None, **given: Any) -> Type:
    return _eye_rule(n, dtype=dtype, **given)


def _tri_rule(N: Any, M: Any = None, k: Any = 0, dtype: Any = float, **given: Any) -> Type:
    without_like(given)
    rows = count(N)
    return ArrayType(probe(np.tri, 1, dtype=dtype_argument(dtype)).dtype,
                     (rows, rows if plain(M) is None else count(M)))


def triangle(function: Callable[..., Any]) -> Rule:
    """``tril`` and ``triu``: of a vector a square, of anything else its own shape."""

    def infer(m: Any, k: Any = 0) -> Type:
        operand = array_like(as_operand(m))
        shape = operand.shape * 2 if operand.rank == 1 else operand.shape
        return ArrayType(probe(function, operand).dtype, shape)

    return infer


def _diag_rule(v: Any, k: Any = 0) -> Type:
    """Of a vector a square matrix; of a matrix its ``k``-th diagonal, a view."""
    operand, offset = array_like(as_operand(v)), as_dim(plain(k), low=None)
    probe(np.diag, operand)
    if operand.rank == 1:
        return ArrayType(operand.dtype, (operand.shape[0] + _absolute(offset),) * 2)
    rows, columns = operand.shape
    if dims.is_nonnegative(offset):
        size = dims.maximum(dims.minimum(rows, columns - offset), 0)
    elif dims.is_nonnegative(-offset):
        size = dims.maximum(dims.minimum(rows + offset, columns), 0)
    else:
        size = dims.fresh()
    return ArrayType(operand.dtype, (size,))


def _absolute(offset: Dim) -> Dim:
    return dims.maximum(offset, -offset)


def _diagflat_rule(v: Any, k: Any = 0) -> Type:
    operand = array_like(as_operand(v))
    return ArrayType(operand.dtype, (size_of(operand.shape) + _absolute(as_dim(plain(k), low=None)),) * 2)


def _vander_rule(x: Any, N: Any = None, increasing: Any = False) -> Type:
    operand = array_like(as_operand(x))
    columns = operand.shape[0] if plain(N) is None else length(N)
    return ArrayType(probe(np.vander, operand, 2).dtype, (operand.shape[0], columns))


# ------------------------------------------------------------------------------------------------------------ the table

SHAPES = (call(3), call((2, 3)), call((0, 4), np.float32), call([2, 1], dtype=int), call((), "c8"), call(2, bool, "F"))
PROTOTYPES = (*each((FLOATS, SMALL_INTS[::-1], COLUMN_MAJOR, EMPTY, ZERO_D, 3, 2.5, [1, 2.5])), call(MATRIX, np.int8),
              call(FLOATS, dtype=bool), call(FLOATS, shape=(2, 3)))
FILLED = (call(3, 1.5), call((2, 3), 7), call((2, 2), np.float32(1)), call(2, [1, 2.5]),
          call((3, 5), FLOATS, np.float32), call((), True))
RANGES = (call(5), call(2, 9), call(1, 10, 3), call(9, 2, -2), call(5.5), call(0, 1, 0.25), call(3, dtype=np.float32),
          call(np.float32(3)), call(start=1, stop=4), call(7, 3), call(0), call(2j), call(3 + 2j))
SPACED = (call(0, 1, 5), call(0.0, 2.5), call([1.0, 2.0], 4, 3), call(1, 8, num=4, endpoint=False),
          call(np.float32(1), 2.0, 3), call(1, [2.0, 3.0], 3, axis=-1), call(1, 9, 5, dtype=np.float32),
          call(1 + 1j, 2, 3))
POINTS = (call(5), call(1), call(0), call(-2))
SIDES = (call(3), call(2, 4), call(3, dtype=int), call(3, k=1), call(4, 2, -1, np.float32))
TRIANGULAR = (*each((SQUARE, MATRIX, SMALL_INTS, CUBE, STRIDED_MATRIX, ONE_BY_ONE)), call(SQUARE, 1),
              call(INT_MATRIX, k=-1))
DIAGONAL = (*each((FLOATS, SQUARE, MATRIX, INT_MATRIX.T, EMPTY, [1, 2])), call(FLOATS, 1), call(SMALL_INTS, k=-2),
            call(INT_MATRIX, 2), call(INT_MATRIX, -1), call(INT_MATRIX, 9))
ROWS: tuple[tuple[Any, Rule, Result, tuple[Any, ...]], ...] = (
    (np.full, _full_rule, Result.FRESH, FILLED),
    (np.zeros_like, filled_like(np.zeros_like), Result.FRESH, PROTOTYPES),
    (np.ones_like, filled_like(np.ones_like), Result.FRESH, PROTOTYPES),
    (np.empty_like, filled_like(np.empty_like), Result.FRESH, PROTOTYPES),
    (np.full_like, _full_like_rule, Result.FRESH,
     (call(FLOATS, 2), call(SMALL_INTS, 2.5), call(MATRIX, 1, np.float32), call(3, 4.5))),
    (np.arange, _arange_rule, Result.FRESH, RANGES),
    (np.linspace, _linspace_rule, Result.FRESH,
     (*SPACED, call(0, 1, 5, retstep=True), call([0, 1], 1, 3, retstep=True))),
    (np.logspace, _logspace_rule, Result.FRESH, (*SPACED, call(0, 1, 3, base=2.0), call(0, 1, 3, base=[2.0, 3.0]))),
    (np.geomspace, _geomspace_rule, Result.FRESH, tuple(sample for sample in SPACED if sample.args[0] not in (0, 0.0))),
    (np.eye, _eye_rule, Result.FRESH, SIDES),
    (np.identity, _identity_rule, Result.FRESH, (call(3), call(2, np.float32), call(0))),
    (np.tri, _tri_rule, Result.FRESH, (*SIDES, call(-1))),
    (np.tril, triangle(np.tril), Result.FRESH, TRIANGULAR),
    (np.triu, triangle(np.triu), Result.FRESH, TRIANGULAR),
    (np.diag, _diag_rule, Result.VIEW, DIAGONAL),
    (np.diagflat, _diagflat_rule, Result.FRESH, (call(FLOATS), call(INT_MATRIX, 1), call([1, 2], -1))),
    (np.vander, _vander_rule, Result.FRESH,
     (call(FLOATS), call(SMALL_INTS, 3), call([1.0, 2], 2, True), call(COMPLEX))),
    *((window, _window_rule, Result.FRESH, POINTS) for window in (np.hanning, np.hamming, np.blackman, np.bartlett)),
    (np.kaiser, _window_rule, Result.FRESH, (call(5, 2.0), call(0, 1), call(1, 3))),
)

FILLED_WITH: tuple[Any, ...] = (np.zeros, np.ones, np.empty)

OPS = (
    *(Op(function.__name__, as_numpy(function), filled(function), captures=(function,), total=_filled_cannot_raise,
         samples=SHAPES)
      for function in FILLED_WITH),
    *(Op(function.__name__, as_numpy(function), rule, captures=(function,), result=result, samples=samples)
      for function, rule, result, samples in ROWS),
)

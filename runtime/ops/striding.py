"""Views with strides of their own: ``sliding_window_view`` and ``as_strided``."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided, sliding_window_view

from ..ir.types import ArrayType, Type
from .infer import static
from .op import Op, Result
from .rules import array_like, as_numpy, axes_of, checked, plain, sequence_argument, shape_argument
from .specimens import (
    COLUMN_MAJOR,
    CUBE,
    EMPTY,
    FLOATS,
    INT_MATRIX,
    MASK,
    MATRIX,
    SMALL_INTS,
    STRIDED_MATRIX,
    call,
    each,
)


@checked
def infer_windows(x: Any, window_shape: Any, axis: Any = None, *, subok: Any = False, writeable: Any = False) -> Type:
    """As many places as the window has in each axis, then the window."""
    operand, axis = array_like(x), static(axis, "axis")
    window = shape_argument(window_shape, "window_shape")
    axes = tuple(range(operand.rank)) if axis is None else tuple(
        [at for one in sequence_argument(axis, "axis") for at in axes_of(plain(one), operand.rank)])
    if len(axes) != len(window):
        raise ValueError("window_shape and axis must have the same length")
    places = list(operand.shape)
    for at, size in zip(axes, window):
        places[at] = places[at] - size + 1      # an axis given twice is reduced twice
    return ArrayType(operand.dtype, (*places, *window))


@checked
def infer_strided(x: Any, shape: Any = None, strides: Any = None, subok: Any = False, writeable: Any = True) -> Type:
    operand = array_like(x)
    return ArrayType(operand.dtype, operand.shape if shape is None else shape_argument(shape))


WINDOWS = (
    *each((FLOATS, SMALL_INTS, SMALL_INTS[::-1], MASK), 3), call(FLOATS, 1), call(FLOATS, (5,)), call(FLOATS, 6),
    call(MATRIX, (2, 2)), call(INT_MATRIX, 2, axis=1), call(STRIDED_MATRIX, 2, 0), call(CUBE, (2, 2), axis=(0, -1)),
    call(CUBE, (2, 2), (2, 2)), call(COLUMN_MAJOR, [1, 2]), call(MATRIX, 2), call(EMPTY, 0), call(EMPTY, 1),
    call(FLOATS, -1), call(FLOATS.astype(np.float16), 2), call([1, 2, 3], 2))
STRIDED = (
    call(FLOATS, (3, 3), (8, 8)), call(INT_MATRIX, (4,), (8,)), call(SMALL_INTS, shape=(2, 2), strides=[8, 8]),
    call(FLOATS, strides=(8,)), call(EMPTY, (0, 2), (8, 8)), call(FLOATS, (2,)), call(MATRIX, (3, 2), (8, 24)),
    call(COLUMN_MAJOR, (2,), (4,), writeable=False), call(FLOATS, (5, 4), (0,)))

OPS: tuple[Op, ...] = (
    Op("sliding_window_view", as_numpy(sliding_window_view), infer_windows, captures=(sliding_window_view,),
       result=Result.VIEW, samples=WINDOWS),
    Op("as_strided", as_numpy(as_strided), infer_strided, captures=(as_strided,), result=Result.VIEW, samples=STRIDED),
)

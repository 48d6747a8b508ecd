"""Arrays that samples are made of: several dtypes, empty, of one element, strided, reversed, column-major, 0-d.

They are shared: whoever runs a sample copies its arguments first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any, overload

import numpy as np

from ..ir.call import Call

FLOATS = np.array([0.5, -2.0, 3.25, 0.0, -1.5])
SMALL_INTS = np.arange(10, dtype=np.int32)[1::2]
COMPLEX = np.array([1 + 2j, -0.5j])
SINGLE = np.array([4.0], np.float32)
EMPTY = np.empty(0)
MASK = np.array([True, False, True, True, False])
VECTORS = (FLOATS, SMALL_INTS, SMALL_INTS[::-1], COMPLEX, SINGLE, MASK)

MATRIX = np.array([[1.0, -2.0, 0.5], [0.25, 4.0, -3.0]])
INT_MATRIX = np.arange(12, dtype=np.int64).reshape(3, 4)
COLUMN_MAJOR = np.asfortranarray(MATRIX).astype(np.float32)
STRIDED_MATRIX = np.arange(24.0).reshape(4, 6)[::2, ::-2]
ONE_BY_ONE = np.array([[2.5]])
EMPTY_MATRIX = np.empty((0, 3), np.float32)
MATRICES = (MATRIX, INT_MATRIX, INT_MATRIX.T, COLUMN_MAJOR, STRIDED_MATRIX, ONE_BY_ONE)

CUBE = np.arange(24, dtype=np.float64).reshape(2, 3, 4) - 7.5
ZERO_D = np.array(1.5)
SCALAR = np.float32(2.5)
POINTS = (ZERO_D, SCALAR, np.int64(-3))

SQUARE = np.array([[4.0, 1.0, 0.5], [1.0, 3.0, 0.25], [0.5, 0.25, 5.0]])      # symmetric, positive definite
SQUARE_SINGLE = SQUARE.astype(np.float32)
SQUARE_COMPLEX = SQUARE + 1j * np.triu(SQUARE, 1) - 1j * np.triu(SQUARE, 1).T      # Hermitian, positive definite
SQUARES = (SQUARE, SQUARE_SINGLE, SQUARE_COMPLEX, SQUARE.T, np.stack([SQUARE, SQUARE + np.eye(3)]), ONE_BY_ONE)


def call(*args: Any, **kwargs: Any) -> Call:
    """A sample: the arguments of one call."""
    return Call(args, kwargs)


def each(receivers: Iterable[Any], *args: Any, **kwargs: Any) -> tuple[Call, ...]:
    """Samples that differ in their first argument."""
    return tuple([Call((receiver, *args), kwargs) for receiver in receivers])


class Deferred(Sequence[Call]):
    """Samples that are made when they are first looked at: finding which calls make sense takes long."""

    def __init__(self, make: Callable[[], tuple[Call, ...]]) -> None:
        self._make = make

    @cached_property
    def _made(self) -> tuple[Call, ...]:
        return self._make()

    def __len__(self) -> int:
        return len(self._made)

    @overload
    def __getitem__(self, at: int) -> Call: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[Call, ...]: ...
    def __getitem__(self, at: int | slice) -> Call | tuple[Call, ...]:
        return self._made[at]

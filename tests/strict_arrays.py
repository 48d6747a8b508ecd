"""A namespace of arrays that behaves as those on a device do: nothing is converted to NumPy on the way.

``asarray`` and ``zeros`` make a ``StrictArray``, ``get`` gives NumPy's array back. Operators and ``sum`` give arrays,
of rank 0 where NumPy gives scalars; operators with arrays of NumPy, and conversions to them, raise TypeError.
"""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable
from typing import Any

import numpy as np


class StrictArray:
    """An array that cannot be taken for one of NumPy's."""

    __array_ufunc__ = None

    def __init__(self, values: np.ndarray) -> None:
        self._values = values

    def __array_namespace__(self, *, api_version: str | None = None) -> Any:
        return sys.modules[__name__]

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("implicit conversion to a NumPy array is not allowed")

    @property
    def shape(self) -> tuple[int, ...]:
        """The sizes."""
        return self._values.shape

    def get(self) -> np.ndarray:
        """A copy as an array of NumPy's."""
        return self._values.copy()

    def sum(self) -> StrictArray:
        """The sum of all elements, an array of rank 0."""
        return StrictArray(np.asarray(self._values.sum()))

    def __bool__(self) -> bool:
        return bool(self._values)


def _operator(compute: Callable[[Any, Any], Any]) -> Callable[[StrictArray, Any], StrictArray]:
    def method(self: StrictArray, other: Any) -> StrictArray:
        if isinstance(other, (np.ndarray, np.generic)):
            raise TypeError(f"unsupported type {type(other)}")
        right = other._values if isinstance(other, StrictArray) else other
        return StrictArray(np.asarray(compute(self._values, right)))

    return method


for _name in ("add", "sub", "mul", "truediv", "gt", "lt"):
    setattr(StrictArray, f"__{_name}__", _operator(getattr(operator, _name)))


def asarray(values: Any) -> StrictArray:
    """A ``StrictArray`` with a copy of ``values``."""
    return StrictArray(np.array(values))


def zeros(shape: Any) -> StrictArray:
    """A ``StrictArray`` of zeros."""
    return StrictArray(np.zeros(shape))

"""The memory under an array: the array that owns it, and its bytes.

Two arrays are views of one memory when their roots are one object; where a view lies is its address inside that
memory.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.lib.array_utils import byte_bounds


class _Window:
    """Lends the bytes from ``low`` to ``high`` as an array interface; ``base`` keeps their owner alive."""

    def __init__(self, base: np.ndarray, low: int, high: int):
        self.base = base
        data = (low, False)
        self.__array_interface__ = {"data": data, "shape": (high - low,), "typestr": "|u1", "version": 3}


def root(array: np.ndarray) -> np.ndarray:
    """The array whose memory ``array`` looks into: the last array along its bases, or itself."""
    found = array
    base = array.base
    while base is not None:
        if isinstance(base, np.ndarray):
            found = base
        base = getattr(base, "base", None)
    return found


def address(array: np.ndarray) -> int:
    """Where the first element of ``array`` lies."""
    return array.__array_interface__["data"][0]


def bounds(array: np.ndarray) -> tuple[int, int]:
    """The addresses of the first byte of ``array`` and of the one after its last; an empty array has none."""
    if array.size == 0:
        return address(array), address(array)
    low, high = byte_bounds(array)
    return int(low), int(high)


def raw_bytes(array: np.ndarray) -> np.ndarray:
    """The memory between the bounds of ``array`` as u1[bytes], writable even where ``array`` is not."""
    low, high = bounds(array)
    if low == high:
        return np.empty(0, np.uint8)
    return np.asarray(_Window(array, low, high))


def outside(owner: np.ndarray, views: Iterable[np.ndarray]) -> np.ndarray:
    """A copy of the bytes of ``owner`` that none of ``views`` shows, u1[bytes]."""
    low, high = bounds(owner)
    shown = np.zeros(high - low, bool)
    for view in views:
        if view.size:
            shape = (*view.shape, view.itemsize)
            strides = (*view.strides, 1)
            np.ndarray(shape, bool, buffer=shown, offset=address(view) - low, strides=strides)[...] = True
    return raw_bytes(owner)[~shown]

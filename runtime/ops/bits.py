"""Bits in bytes: ``packbits`` and ``unpackbits``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..ir import dims
from ..ir.dims import Dim
from ..ir.types import ArrayType, Type
from .infer import probe, static
from .op import Op
from .rules import Infer, array_like, as_numpy, as_operand, axes_of, checked, numeric, plain, size_of
from .specimens import (
    CUBE,
    EMPTY,
    EMPTY_MATRIX,
    FLOATS,
    INT_MATRIX,
    MASK,
    MATRIX,
    SMALL_INTS,
    ZERO_D,
    call,
    each,
)


def resized(function: Callable[..., Any], a: Any, axis: Any, size: Callable[[Dim], Dim], **options: Any) -> Type:
    """The result of what gives ``size`` items for those along an axis, or for all."""
    operand, axis = array_like(a), static(axis, "axis")
    probed = probe(function, as_operand(a), axis, **static(options, "bitorder"))
    if axis is None or operand.rank == 0:
        return ArrayType(probed.dtype, (size(size_of(operand.shape)),))
    (at,) = axes_of(axis, operand.rank)
    return ArrayType(probed.dtype, tuple([size(n) if i == at else n for i, n in enumerate(operand.shape)]))


@checked
def infer_packbits(a: Any, /, axis: Any = None, bitorder: Any = "big") -> Type:
    return resized(np.packbits, a, axis, lambda size: (size + 7) // 8, bitorder=bitorder)


@checked
def infer_unpackbits(a: Any, /, axis: Any = None, count: Any = None, bitorder: Any = "big") -> Type:
    count = plain(count)

    def size(bytes_: Dim) -> Dim:
        if count is None:
            return 8 * bytes_
        if not isinstance(count, int):
            return dims.fresh()
        return count if count >= 0 else dims.maximum(8 * bytes_ + count, 0)

    return resized(np.unpackbits, a, axis, size, bitorder=bitorder)


def _total(infer: Infer) -> Callable[..., bool]:
    """Without further arguments the call raises for no array of a dtype that has bits."""
    claim = numeric(infer)
    return lambda *args, **kwargs: len(args) == 1 and not kwargs and claim(*args)


BYTES = np.array([2, 7, 255], np.uint8)
PLANE = np.arange(12, dtype=np.uint8).reshape(3, 4)[::2, ::-1]

OPS: tuple[Op, ...] = (
    Op("packbits", as_numpy(np.packbits), infer_packbits, captures=(np.packbits,), total=_total(infer_packbits),
       samples=(*each((MASK, SMALL_INTS, CUBE > 0, EMPTY > 0, [1, 0, 1], True, FLOATS, ZERO_D > 0, INT_MATRIX.T > 4)),
                call(SMALL_INTS, bitorder="little"), call(INT_MATRIX, 0), call(INT_MATRIX > 5, axis=-1),
                call(CUBE > 0, 1), call(EMPTY_MATRIX > 0, 1), call(MATRIX > 0, 2), call(MASK, 0, "middle"))),
    Op("unpackbits", as_numpy(np.unpackbits), infer_unpackbits, captures=(np.unpackbits,),
       total=_total(infer_unpackbits),
       samples=(*each((BYTES, PLANE, BYTES[:0], BYTES[0], SMALL_INTS, MASK)), call(BYTES, count=10),
                call(BYTES, None, -3), call(BYTES, count=99), call(PLANE, 1),
                call(PLANE, axis=0, count=-1), call(PLANE, -1, 3, "little"), call(BYTES, count=-99))),
)

"""``np.nditer``: an iterator over the elements of one array, or over those of several that are broadcast."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..ir import dims
from ..ir.types import ArrayType, IteratorType, TupleType, Type
from .infer import Unknown, broadcast, probe, static
from .op import Op, Result
from .rules import array_like, as_numpy, as_operand, checked, size_of
from .specimens import COLUMN_MAJOR, CUBE, EMPTY, FLOATS, INT_MATRIX, MATRIX, SMALL_INTS, STRIDED_MATRIX, ZERO_D, call

# With these the items are elements of the operands, of their dtypes.
KNOWN_FLAGS = frozenset({"external_loop", "multi_index", "c_index", "f_index", "zerosize_ok", "refs_ok", "ranged"})


@checked
def infer_nditer(op: Any, flags: Any = None, op_flags: Any = None, *, order: Any = "K", **options: Any) -> Type:
    """Items are 0-d arrays, or with ``external_loop`` arrays of some length; of several operands they are tuples."""
    flags = static(flags, "flags") or ()
    if options or not KNOWN_FLAGS.issuperset(flags):
        raise Unknown(op)
    given = op.items if isinstance(op, TupleType) else op
    operands = given if isinstance(given, tuple | list) else (op,)
    if any(operand is None for operand in operands):
        raise Unknown(op)       # made by the iterator
    probe(np.nditer, [as_operand(operand) for operand in operands], ["zerosize_ok", "refs_ok"])
    arrays = [array_like(operand) for operand in operands]
    shape = broadcast(*(array.shape for array in arrays))
    chunks = "external_loop" in flags
    items = [ArrayType(array.dtype, (dims.fresh(low=1, high=size_of(shape)),) if chunks else ()) for array in arrays]
    item = TupleType(tuple(items)) if len(items) > 1 else items[0]
    return IteratorType(item, None if chunks else size_of(shape))


NDITER = Op("nditer", as_numpy(np.nditer), infer_nditer, captures=(np.nditer,), result=Result.VIEW, samples=(
    *[call(array) for array in (FLOATS, MATRIX, INT_MATRIX.T, COLUMN_MAJOR, STRIDED_MATRIX, CUBE, ZERO_D, 2.5)],
    call(EMPTY), call(EMPTY, ["zerosize_ok"]), call((MATRIX, MATRIX[0])), call([INT_MATRIX, SMALL_INTS[:4], 1.5]),
    call(MATRIX, order="F"), call(MATRIX.T, ["external_loop"]), call(MATRIX, ["external_loop"], order="C"),
    call(FLOATS, op_flags=["readwrite"]), call((MATRIX, FLOATS)), call(FLOATS, ["nonsense"])))

OPS: tuple[Op, ...] = (NDITER,)

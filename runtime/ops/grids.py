"""Coordinates, and arrays made by indexing: meshgrid, indices, ``np.mgrid[...]``, ``np.ogrid``, ``np.c_``, ``np.r_``.

The last four are objects that are indexed: their op is found by the object, and its one argument is the index.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..ir import dims
from ..ir.dims import Dim
from ..ir.types import ArrayType, IntType, PythonType, TupleType, Type
from .conversion import as_operand, dtype_argument
from .creation import arange_length, shape_from
from .infer import Unknown, probe, shape_of, static, type_of
from .op import Op, Result
from .rules import array_like, as_numpy, plain, size_of
from .specimens import COMPLEX, EMPTY, FLOATS, MATRIX, SMALL_INTS, call

Rule = Callable[..., Type]


def _meshgrid_rule(*xi: Any, copy: Any = True, sparse: Any = False, indexing: Any = "xy") -> Type:
    sparse, indexing = static(sparse, "sparse"), static(indexing, "indexing")
    axes = [array_like(as_operand(x)) if shape_of(as_operand(x)) else ArrayType(probe(np.asarray, x).dtype, (1,))
            for x in xi]
    sizes = [size_of(axis.shape) for axis in axes]
    place = [1, 0, *range(2, len(axes))] if indexing == "xy" and len(axes) > 1 else list(range(len(axes)))
    full = [sizes[number] for number in place]
    shapes = [tuple([size if number == axis or not sparse else 1 for number, size in zip(place, full)])
              for axis in range(len(axes))]
    return TupleType(tuple([ArrayType(axis.dtype, shape) for axis, shape in zip(axes, shapes)]))


def _indices_rule(dimensions: Any, dtype: Any = int, sparse: Any = False) -> Type:
    sizes, dtype = shape_from(dimensions), np.dtype(dtype_argument(dtype))
    if not static(sparse, "sparse"):
        return ArrayType(dtype, (len(sizes), *sizes))
    return TupleType(tuple([ArrayType(dtype, tuple([size if i == axis else 1 for i, size in enumerate(sizes)]))
                            for axis in range(len(sizes))]))


def grid(dense: bool) -> Rule:
    """``np.mgrid[...]`` and ``np.ogrid[...]``: a slice of numbers an axis; a complex step counts the points."""
    source = np.mgrid if dense else np.ogrid

    def infer(index: Any) -> Type:
        slices = index if type(index) in (tuple, list) else (index,)
        if not all(type(part) is slice for part in slices):
            raise Unknown(index)
        sizes = tuple([_points(part) for part in slices])
        unit = tuple([slice(1) if _integral(part) else slice(0.0, 1.0) for part in slices])
        probed = probe(_take, source, unit)
        if type(index) is slice:
            return ArrayType(probed[0].dtype, sizes)
        if dense:
            return ArrayType(probed.dtype, (len(sizes), *sizes))
        return TupleType(tuple([ArrayType(part.dtype, tuple([size if i == axis else 1 for i, size in enumerate(sizes)]))
                                for axis, part in enumerate(probed)]))

    return infer


def _take(source: Any, index: Any) -> Any:
    return source[index]


def _integral(part: slice) -> bool:
    return all(value is None or isinstance(type_of(value), IntType)
               for value in map(plain, (part.start, part.stop, part.step)))


def _points(part: slice) -> Dim:
    start, stop, step = (plain(value) for value in (part.start, part.stop, part.step))
    if isinstance(step, complex):
        return int(abs(step))
    if type_of(step) == PythonType(complex):
        return dims.fresh()
    return arange_length(0 if start is None else start, stop, 1 if step is None else step)


def _joined_columns_rule(index: Any) -> Type:
    """``np.c_[a, b]``: vectors are columns, matrices stand side by side."""
    parts = [array_like(as_operand(part)) for part in (index if type(index) is tuple else (index,))
             if type(part) is not slice]
    if len(parts) != (len(index) if type(index) is tuple else 1) or any(part.rank not in (1, 2) for part in parts):
        raise Unknown(index)
    probed = probe(_take, np.c_, tuple(parts))
    return ArrayType(probed.dtype, (parts[0].shape[0], sum([part.shape[1] if part.rank == 2 else 1 for part in parts])))


def _joined_rows_rule(index: Any) -> Type:
    """``np.r_[a, 1, b]``: vectors and numbers in a row."""
    parts = [as_operand(part) for part in (index if type(index) is tuple else (index,))]
    if any(isinstance(part, slice | str) or len(shape_of(part)) > 1 for part in parts):
        raise Unknown(index)
    probed = probe(_take, np.r_, tuple(parts))
    return ArrayType(probed.dtype, (sum([shape_of(part)[0] if shape_of(part) else 1 for part in parts]),))


# ------------------------------------------------------------------------------------------------------------ the table

VECTORS = (call(FLOATS, SMALL_INTS), call(FLOATS), call([1, 2], 3.5, FLOATS, indexing="ij"),
           call(FLOATS, SMALL_INTS[:2], sparse=True), call(MATRIX, FLOATS, COMPLEX), call())
GRIDS = tuple(call(index) for index in (
    slice(0, 3), (slice(0, 3), slice(0, 4)), (slice(1, 9, 2), slice(0, 1, 5j)), slice(0.0, 1.0, 0.25),
    (slice(None, 2),), slice(0, 1, 3j)))


def _indexed(name: str) -> Callable[[Any], Callable[..., Any]]:
    return lambda xp: lambda index: getattr(xp, name)[index]


OPS = (
    Op("meshgrid", as_numpy(np.meshgrid), _meshgrid_rule, captures=(np.meshgrid,), result=Result.VIEW, samples=VECTORS),
    Op("indices", as_numpy(np.indices), _indices_rule, captures=(np.indices,), samples=(
        call((2, 3)), call((2, 0), np.float32), call((2, 3), sparse=True))),
    Op("mgrid", _indexed("mgrid"), grid(True), captures=(np.mgrid,), samples=GRIDS),
    Op("ogrid", _indexed("ogrid"), grid(False), captures=(np.ogrid,), samples=GRIDS),
    Op("c_", _indexed("c_"), _joined_columns_rule, captures=(np.c_,), samples=(
        call((FLOATS, FLOATS)), call((MATRIX, np.array([1, 2], np.float32))), call(FLOATS), call(([1, 2], [3.5, 4])))),
    Op("r_", _indexed("r_"), _joined_rows_rule, captures=(np.r_,), samples=(
        call((FLOATS, 1, SMALL_INTS)), call(FLOATS), call(([1, 2], 3)), call((EMPTY, np.float32(2))))),
)

"""Dtypes made and asked: ``np.dtype(...)``, and which dtype holds what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..ir.types import BOOL, STR, ArrayType, ConstantType, Type
from .builtins import gives
from .infer import Unknown, probe, static
from .op import Op, Result
from .rules import as_numpy, plain
from .specimens import COMPLEX, FLOATS, INT_MATRIX, SINGLE, SMALL_INTS, ZERO_D, call, each

Rule = Callable[..., Type]


def _dtype_rule(dtype: Any = None, align: Any = False, copy: Any = False, **options: Any) -> Type:
    """The dtype itself, as NumPy has one object for each that is built in."""
    meant = static(plain(dtype), "dtype")
    if options or static(copy, "copy"):
        raise Unknown(dtype)
    found = probe(np.dtype, meant)
    if meant is not found and (found is not np.dtype(found.type) or found.names):
        raise Unknown(dtype)        # made anew at each call
    return ConstantType(found)


def _common_type_rule(*arrays: Any) -> Type:
    return ConstantType(probe(np.common_type, *arrays))


def _min_scalar_rule(a: Any, /) -> Type:
    """The dtype of an array; of a number, it depends on the value."""
    if isinstance(a, ArrayType) and a.shape or isinstance(plain(a), int | float | complex):
        return ConstantType(probe(np.min_scalar_type, plain(a)))
    raise Unknown(a)


CLASSES = (call(np.float32, "real floating"), call(np.dtype("i4"), ("integral", "bool")),
           call(np.complex64, np.float64), call(np.int8, "what"), call(FLOATS, "numeric"))

ROWS: tuple[tuple[Any, Rule, tuple[Any, ...]], ...] = (
    (np.dtype, _dtype_rule, (*each(("f4", np.int8, float, "c16", "u2", bool, None, "float16", "nonsense")),
                             call("i4", copy=False), call(dtype="f8"))),
    (np.common_type, _common_type_rule, (call(FLOATS), call(SMALL_INTS, SINGLE), call(COMPLEX, SINGLE), call(ZERO_D),
                                         call(INT_MATRIX > 0))),
    (np.min_scalar_type, _min_scalar_rule, (call(FLOATS), call(INT_MATRIX), call(SINGLE), call(300), call(2.5),
                                            call(-1))),
    (np.mintypecode, gives(STR), (call("dd"), call(["f", "d"]), call("xF", default="g"))),
    (np.typename, gives(STR), each(("d", "F", "?", "nonsense"))),
    (np.isdtype, gives(BOOL), CLASSES),
)

OPS: tuple[Op, ...] = tuple([
    Op(function.__name__, as_numpy(function), rule, captures=(function,), result=Result.IMMUTABLE, samples=samples)
    for function, rule, samples in ROWS])

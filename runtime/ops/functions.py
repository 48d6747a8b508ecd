"""Functions of NumPy that work element by element though they are no ufuncs: clip, round, real, isclose, ..."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..ir.types import ArrayType, ScalarType, Type, join
from .elementwise import Infer, of_any_int, operand, several
from .infer import Unknown, array_or_scalar, broadcast, fits_int64, probe, shape_of, static, type_of
from .op import Op, Result
from .rules import array_like, as_numpy, out_positions, out_type, parameters_of, plain
from .specimens import (
    COLUMN_MAJOR,
    COMPLEX,
    EMPTY,
    FLOATS,
    INT_MATRIX,
    MATRIX,
    ONE_BY_ONE,
    SMALL_INTS,
    ZERO_D,
    call,
)


def like_ufunc(function: Callable[..., Any], operands: tuple[str, ...]) -> Infer:
    """The rule of a function whose ``operands`` broadcast; its other parameters are options."""

    @parameters_of(function)
    def infer(given: dict[str, Any]) -> Type:
        out = out_type(given.get("out"))
        given = {name: operand(value) if name in operands else value for name, value in given.items() if name != "out"}
        given.update(given.pop("kwargs", {}))
        given = {name: value if name in operands else static(value, name) for name, value in given.items()}
        present = [given[name] for name in operands if given.get(name) is not None]
        if out is not None:
            probe(function, out=out, **given)
            return out
        if len(present) == 1 and not fits_int64(present[0]):
            rest = {name: value for name, value in given.items() if value is not present[0]}
            return of_any_int(function, rest)
        return several(probe(function, **given), broadcast(*map(shape_of, present)))

    return infer


def _close_to_real_rule(a: Any, tol: Any = 100) -> Type:
    """``np.real_if_close`` drops imaginary parts that all are small."""
    operand = array_like(plain(a))
    if operand.dtype.kind != "c":
        return ArrayType(operand.dtype, operand.shape)
    return join(operand, ArrayType(probe(np.real, operand).dtype, operand.shape))


def _astype_rule(x: Any, dtype: Any, /, *, copy: Any = True, device: Any = None) -> Type:
    kind = type_of(x)
    if not isinstance(kind, ArrayType | ScalarType):
        raise Unknown(x)
    return array_or_scalar(probe(np.astype, kind, static(plain(dtype), "dtype")), shape_of(kind))


LIKE = (call(FLOATS), call(SMALL_INTS), call(COMPLEX), call(COLUMN_MAJOR), call(EMPTY), call(ONE_BY_ONE), call(ZERO_D),
        call(np.float32(1.5)), call(2), call(2.5), call([1, 2.5]))
REALS = tuple(sample for sample in LIKE if sample.args[0] is not COMPLEX)
CLIPPED = (call(FLOATS, -1, 1), call(SMALL_INTS, 2, None), call(INT_MATRIX, np.arange(4), 7),
           call(np.array([3, 9], np.uint8), 0, 5), call(2.5, 0, 1), call(np.float32(3), None, 1.5),
           call(FLOATS, 0, 1, out=np.zeros(5)), call(FLOATS, 0, 1, np.zeros(5)), call(FLOATS, min=0), call(3, 0, 1))
CLOSE = (call(FLOATS, FLOATS + 1e-12), call(SMALL_INTS, 3), call(1.0, 2), call(MATRIX, [[1.0], [2.0]]),
         call(np.float32(1), ZERO_D), call(EMPTY, 1, equal_nan=True))
ROUNDED = (*LIKE, call(FLOATS, 1), call(COMPLEX, decimals=2), call(FLOATS, out=np.zeros(5)))

X, Z, A = ("x",), ("z",), ("a",)
FUNCTIONS: tuple[tuple[Callable[..., Any], tuple[str, ...], Result, tuple[Any, ...]], ...] = (
    (np.clip, ("a", "a_min", "a_max", "min", "max"), Result.FRESH, CLIPPED),
    (np.isclose, ("a", "b"), Result.FRESH, CLOSE),
    (np.real, ("val",), Result.VIEW, LIKE),
    (np.imag, ("val",), Result.VIEW, LIKE),
    (np.angle, Z, Result.FRESH, (*LIKE, call(COMPLEX, True))),
    (np.isreal, X, Result.FRESH, LIKE),
    (np.iscomplex, X, Result.FRESH, LIKE),
    (np.isposinf, X, Result.FRESH, REALS),
    (np.isneginf, X, Result.FRESH, REALS),
    (np.sinc, X, Result.FRESH, LIKE),
    (np.i0, X, Result.FRESH, REALS),
    (np.fix, X, Result.FRESH, REALS),
    (np.round, A, Result.FRESH, ROUNDED),
    (np.around, A, Result.FRESH, ROUNDED),
)


def _function_op(function: Callable[..., Any], operands: tuple[str, ...], result: Result,
                 samples: tuple[Any, ...]) -> Op:
    """``out`` is written where the function has one."""
    return Op(function.__name__, as_numpy(function), like_ufunc(function, operands), captures=(function,),
              result=result, writes=out_positions(function), samples=samples)


OPS = (
    *(_function_op(*row) for row in FUNCTIONS),
    Op("nan_to_num", as_numpy(np.nan_to_num), like_ufunc(np.nan_to_num, X), captures=(np.nan_to_num,),
       result=Result.VIEW, writes=(0,),    # copy=False works in place
       samples=(*LIKE, call(FLOATS, copy=False), call(FLOATS, nan=1.0))),
    Op("real_if_close", as_numpy(np.real_if_close), _close_to_real_rule, captures=(np.real_if_close,),
       result=Result.VIEW, samples=LIKE),
    Op("astype", as_numpy(np.astype), _astype_rule, captures=(np.astype,), result=Result.VIEW,
       samples=(call(FLOATS, np.float32), call(SMALL_INTS, "f8", copy=False), call(ZERO_D, int))),
)

"""Methods of Python's numbers, and ``cmath`` and ``statistics``, which work on them."""

from __future__ import annotations

import cmath
import statistics
from collections.abc import Callable
from operator import methodcaller
from typing import Any

import numpy as np

from ..ir.types import ANY, BOOL, COMPLEX, FLOAT, INT, STR, IntType, PythonType, ScalarType, TupleType, Type
from .builtins import gives
from .infer import Unknown, probe
from .op import Op, Result
from .operators import everywhere
from .rules import checked
from .specimens import call, each

BYTES = PythonType(bytes)
KINDS: dict[type, Type] = {bool: BOOL, int: INT, float: FLOAT, str: STR}


def _kind(value: Any) -> Type:
    """The type of what a method gives, whatever its value."""
    if isinstance(value, tuple):
        return TupleType(tuple(map(_kind, value)))
    if isinstance(value, np.generic):
        return ScalarType(value.dtype)
    return KINDS[type(value)]


def _method_rule(name: str) -> Callable[..., Type]:
    @checked
    def infer(x: Any) -> Type:
        if not isinstance(x, IntType | PythonType | ScalarType | int | float):
            raise Unknown(x)
        return _kind(probe(methodcaller(name), x))

    return infer


def _calls(name: str) -> Callable[[Any], Callable[..., Any]]:
    return lambda xp: lambda x, *args, **kwargs: getattr(x, name)(*args, **kwargs)


INTS = each((0, 5, -3, True, np.int64(6), np.uint8(7)))
FLOATS = (*each((0.0, 2.5, -3.0, np.float64(0.75), np.float32(0.5))), call(float("inf")))

OF_NUMBERS = (
    *(Op(f"number.{name}", _calls(name), _method_rule(name), method=name, result=Result.IMMUTABLE, samples=samples)
      for name, samples in (
          ("bit_length", INTS[:4]), ("bit_count", INTS), ("is_integer", FLOATS), ("hex", FLOATS[:3]),
          ("as_integer_ratio", (*INTS[:3], *FLOATS)))),
    Op("number.to_bytes", _calls("to_bytes"), gives(BYTES), method="to_bytes", result=Result.IMMUTABLE,
       samples=(call(5, 2, "big"), call(0, 0, "little"), call(-3, 2, "big", signed=True), call(300, 1, "big"))),
)
FROM_BYTES = Op("int.from_bytes", everywhere(int.from_bytes), gives(INT), result=Result.IMMUTABLE,
                samples=(call(b"\x01\x02", "big"), call(b"", "little"), call(b"\xff", "big", signed=True)))
FROM_HEX = Op("float.fromhex", everywhere(float.fromhex), gives(FLOAT), result=Result.IMMUTABLE,
              samples=(call("0x1.8p3"), call("inf"), call("no")))
INDICES = Op("slice.indices", _calls("indices"), lambda *args: TupleType((INT, INT, INT)), result=Result.IMMUTABLE)

NUMBERS = each((0.5, 2, 1 + 2j, True, np.float32(0.5), np.complex128(1 - 1j), 0))
OF_CMATH = tuple(
    Op(f"cmath.{function.__name__}", everywhere(function), gives(type_), captures=(function,), result=Result.IMMUTABLE,
       samples=samples)
    for type_, functions, samples in (
        (COMPLEX, (cmath.exp, cmath.log, cmath.log10, cmath.sqrt, cmath.sin, cmath.cos, cmath.tan, cmath.asin,
                   cmath.acos, cmath.atan, cmath.sinh, cmath.cosh, cmath.tanh, cmath.asinh, cmath.acosh, cmath.atanh),
         NUMBERS),
        (BOOL, (cmath.isnan, cmath.isinf, cmath.isfinite), NUMBERS),
        (FLOAT, (cmath.phase,), NUMBERS),
        (TupleType((FLOAT, FLOAT)), (cmath.polar,), NUMBERS),
        (COMPLEX, (cmath.rect,), (call(1.0, 2.0), call(np.float64(2), 0), call(1, 1j))),
        (BOOL, (cmath.isclose,), (call(1.0, 1.0), call(1j, 1j + 1e-12), call(1, 2, rel_tol=-1))),
    )
    for function in functions
)

OF_STATISTICS = tuple(
    Op(f"statistics.{function.__name__}", everywhere(function), lambda *args, **kwargs: ANY, captures=(function,),
       result=Result.VIEW)
    for function in (
        statistics.mean, statistics.fmean, statistics.geometric_mean, statistics.harmonic_mean, statistics.median,
        statistics.median_low, statistics.median_high, statistics.mode, statistics.pstdev, statistics.pvariance,
        statistics.stdev, statistics.variance)
)

OPS = (*OF_NUMBERS, FROM_BYTES, FROM_HEX, INDICES, *OF_CMATH, *OF_STATISTICS)

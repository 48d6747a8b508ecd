"""The module ``math``, and NumPy's scalar constructors such as ``np.float32(x)``.

A function of ``math`` gives a Python number whatever number it is given; it raises where that is nan or too large.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from ..ir.types import BOOL, FLOAT, INT, STR, ArrayType, IntType, ScalarType, TupleType, Type, options
from .builtins import fold, gives
from .elementwise import operand
from .infer import Unknown, array_or_scalar, probe, shape_of, type_of
from .op import Op, Result
from .operators import everywhere, numbers_only, rank_of, value_of
from .rules import plain
from .specimens import EMPTY, FLOATS, MATRIX, SMALL_INTS, ZERO_D, call, each

Rule = Callable[..., Type]


# ---------------------------------------------------------------------------------------------------------------- math

def _to_int(function: Callable[[Any], Any]) -> Rule:
    """``floor``, ``ceil`` and ``trunc`` keep an int; what a class of the user's gives is not known."""

    def infer(x: Any, /) -> Type:
        x = plain(x)
        if isinstance(type_of(x), IntType):
            return IntType(value_of(x))
        if not numbers_only(type_of(x)):
            raise Unknown(x)
        probe(function, x)
        return INT

    return infer


def _prod_rule(iterable: Any, /, *, start: Any = 1) -> Type:
    return fold(operator.mul, type_of(plain(start)), iterable)


def _sumprod_rule(p: Any, q: Any, /) -> Type:
    """A sum of products: its type depends on how far the ints go before the first float."""
    raise Unknown(p, q)


ONE = tuple(call(x) for x in (0.5, 1, True, np.float32(0.25), np.float64(1), np.int16(1), ZERO_D))
TWO = (call(2.5, 0.5), call(3, 2), call(np.float32(2), 1.5), call(np.float64(2), np.int8(3)))
INTS = (call(6, 4), call(np.int64(6), 4), call(True, 5))
SPECIAL: dict[str, tuple[Rule, tuple[Any, ...]]] = {
    "floor": (_to_int(math.floor), ONE),
    "ceil": (_to_int(math.ceil), ONE),
    "trunc": (_to_int(math.trunc), ONE[:3] + (call(np.float64(2.5)),)),
    "prod": (_prod_rule, (call([1, 2, 3]), call((2.5, 2)), call(FLOATS), call([2], start=1.5), call(range(4)))),
    "sumprod": (_sumprod_rule, ()),
    "frexp": (gives(TupleType((FLOAT, INT))), ONE),
    "modf": (gives(TupleType((FLOAT, FLOAT))), ONE),
    "isclose": (gives(BOOL), TWO + (call(1.0, 1.1, rel_tol=0.5),)),
    **{name: (gives(BOOL), ONE) for name in ("isnan", "isinf", "isfinite")},
    **{name: (gives(INT), INTS) for name in ("gcd", "lcm", "comb", "perm")},
    **{name: (gives(INT), (call(5), call(np.int8(4)), call(True))) for name in ("factorial", "isqrt")},
    "fsum": (gives(FLOAT), (call([1.5, 2]), call(FLOATS), call(EMPTY))),
    "dist": (gives(FLOAT), (call((1.0, 2), (3, 4)), call([1.0], [2.5]))),
    "hypot": (gives(FLOAT), (*TWO, call(1, 2, 3.0), call())),
    "ldexp": (gives(FLOAT), (call(1.5, 3), call(np.float32(2), 1))),
    "log": (gives(FLOAT), (*ONE, call(8, 2), call(2**200))),
    "acosh": (gives(FLOAT), (call(1.5), call(2), call(np.float32(3)))),
    "atanh": (gives(FLOAT), (call(0.5), call(np.float32(0.25)), call(0))),
    "fma": (gives(FLOAT), (call(2.0, 3, 0.5),)),
}
BINARY = ("atan2", "copysign", "fmod", "nextafter", "pow", "remainder")

# What gives a number for every number, infinities and nan included.
NEVER_RAISING = {"fabs", "copysign", "atan", "atan2", "tanh", "asinh", "isnan", "isinf", "isfinite", "degrees",
                 "radians", "erf", "erfc", "cbrt", "frexp", "modf", "ulp", "nextafter", "hypot", "isclose"}


def _floats_only(*args: Any) -> bool:
    """Whether all arguments convert to a C double without an exception: a Python int may be too large."""
    return all(rank_of(option) in (0, 2) or isinstance(option, ScalarType) and option.dtype.kind in "biuf"
               for value in args for option in options(type_of(value)) or (type_of(value),))


def _math_op(name: str) -> Op:
    function = getattr(math, name)
    rule, samples = SPECIAL.get(name, (gives(FLOAT), TWO if name in BINARY else ONE))
    return Op(f"math.{name}", everywhere(function), rule, captures=(function,),
              result=Result.IMMUTABLE if name != "prod" else Result.VIEW,
              total=_floats_only if name in NEVER_RAISING else None, samples=samples)


# -------------------------------------------------------------------------------------------------- scalar constructors

DTYPES = tuple(dict.fromkeys(np.dtype(code).type for code in "?bhilqBHILQefdgFDG"))


def scalar_constructor(cls: type[np.generic]) -> Rule:
    """The rule of ``np.float32(x)``: a scalar of a number, an array of anything that has a shape."""

    def infer(value: Any = 0, *rest: Any) -> Type:
        value = operand(value)
        if type_of(value) == STR:
            return ScalarType(np.dtype(cls))
        probed = probe(cls, value, *rest)
        return array_or_scalar(probed, shape_of(value) if isinstance(probed, np.ndarray) else ())

    return infer


def _constructor_cannot_raise(cls: type[np.generic]) -> Callable[..., bool]:
    """Whether ``x`` is a real number, or as complex as ``cls`` is; a Python int may be too large."""
    def total(*args: Any) -> bool:
        kinds = tuple(map(type_of, args))
        if len(args) != 1 or np.dtype(cls).kind not in "fcb":
            return False
        return _floats_only(*kinds) or isinstance(kinds[0], ArrayType) and kinds[0].dtype.kind in "biuf"

    return total


CONSTRUCTED = (*each((2, 2.5, True, np.float32(3.5), np.int8(3), ZERO_D, FLOATS, SMALL_INTS[::-1],
                      MATRIX.astype(np.float32), [1, 2.5], "3", EMPTY)), call())


def _constructor_op(cls: type[np.generic]) -> Op:
    return Op(f"np.{cls.__name__}", everywhere(cls), scalar_constructor(cls), captures=(cls,), result=Result.VIEW,
              total=_constructor_cannot_raise(cls), samples=CONSTRUCTED)


OPS = (
    *(_math_op(name) for name in dir(math) if callable(getattr(math, name)) and not name.startswith("_")),
    *map(_constructor_op, DTYPES),
)

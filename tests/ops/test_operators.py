"""Python's operators and NumPy's ufuncs on every pair of kinds: what is inferred, and what is said never to raise."""

from __future__ import annotations

import itertools
import operator
import warnings
from typing import Any

import numpy as np
import pytest

from tograph.runtime.ir import dims
from tograph.runtime.ir.types import (
    BOOL,
    COMPLEX,
    FLOAT,
    INT,
    NEVER,
    STR,
    ArrayType,
    IntType,
    ListType,
    PythonType,
    ScalarType,
    TupleType,
    Type,
    UnionType,
    covers,
    join,
)
from tograph.runtime.ops import TABLE
from tograph.runtime.ops.infer import infer_call
from tograph.runtime.ops.stand_ins import type_of

DTYPES = "?bBilefdFD"
PYTHON = (2, 0, -1, 300, 2.5, -0.5, 0.0, True, False, 1j, 2**70, 10**400, float("inf"), float("nan"))
VALUES: tuple[Any, ...] = (
    *PYTHON,
    *(np.array([0, 1, 3]).astype(code) for code in DTYPES),
    *(np.array([5, 2]).astype(code)[0] for code in DTYPES),
    *(np.array(7).astype(code) for code in "Bld"),
    np.array([-1, -2, 3]),
    np.empty((0, 3), np.float32),
)
OPERATORS = [op for op in TABLE.by_name.values() if op.name in (
    "operator.add", "operator.sub", "operator.mul", "operator.truediv", "operator.floordiv", "operator.mod",
    "operator.pow",
    "operator.lshift", "operator.rshift", "operator.and", "operator.or", "operator.xor", "operator.lt", "operator.eq",
    "operator.iadd", "operator.itruediv", "add", "power", "maximum", "less", "floor_divide", "arctan2", "left_shift")]
UNARY = [TABLE.by_name[name]
         for name in ("operator.neg", "operator.pos", "operator.invert", "builtins.abs", "sqrt", "absolute",
                                          "square", "isnan", "np.float32", "math.atan", "builtins.float",
                                          "operator.truth")]


def kind(value: Any) -> Any:
    """The type of a value of which only the kind is known: a Python int may be any, the sizes of arrays are."""
    return INT if type(value) is int else type_of(value)


def bounded(value: Any) -> Any:
    """A Python int known to be one of the small ones."""
    if type(value) is int and abs(value) < 1000:
        return IntType(dims.symbol("k", low=-1, high=300))
    return type_of(value)


def outcome(function: Any, *args: Any) -> Any:
    copies = [arg.copy() if isinstance(arg, np.ndarray) else arg for arg in args]
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            return function(*copies)
        except Exception as error:  # noqa: BLE001
            return error


def is_huge(op: Any, args: tuple[Any, ...]) -> bool:
    """Whether the result would fill the memory."""
    return op.name in ("operator.lshift", "operator.pow") and type(args[1]) is int and args[1] >= 2**70


def hold(op: Any, args: tuple[Any, ...]) -> None:
    """What is inferred of ``args`` covers what they give, and what is said not to raise does not."""
    if is_huge(op, args):
        return
    computed = outcome(op.kernel(np), *args)
    for know in (lambda value: value if type(value) in (int, float, bool, complex) else type_of(value), kind, bounded):
        given = tuple(map(know, args))
        inferred = infer_call(op, given, {})
        if isinstance(computed, Exception):
            assert not op.total(*given) if op.total else True, f"{op.name}{args} raises {computed!r}: total of {given}"
        else:
            actual = type_of(computed) if not isinstance(computed, int) or isinstance(computed, bool) else INT
            if isinstance(inferred, IntType):
                inferred = INT
            assert covers(forget(inferred), actual), f"{op.name}{args} as {given} gives {actual}, not {inferred}"


def forget(type: Type) -> Type:
    return join(*(INT if isinstance(option, IntType) else option for option in type.options)) if isinstance(
        type, UnionType) else type


@pytest.mark.parametrize("op", OPERATORS, ids=lambda op: op.name)
def test_every_pair_of_kinds(op: Any) -> None:
    for pair in itertools.product(VALUES, repeat=2):
        hold(op, pair)


@pytest.mark.parametrize("op", UNARY, ids=lambda op: op.name)
def test_every_kind(op: Any) -> None:
    for value in VALUES:
        hold(op, (value,))


n, m = dims.symbol("n", low=2), dims.symbol("m", low=2)
i = dims.symbol("i", low=0, high=n - 1)
F8, F4, I8, U1 = (np.dtype(code) for code in ("f8", "f4", "i8", "u1"))

EXACT = [
    # Python ints keep their value
    (operator.add, (IntType(n), 1), IntType(n + 1)),
    (operator.sub, (IntType(n), IntType(i)), IntType(n - i)),
    (operator.mul, (2, IntType(n)), IntType(2 * n)),
    (operator.floordiv, (IntType(2 * n), 2), IntType(n)),
    (operator.mod, (IntType(n), 2), IntType(n % 2)),
    (operator.neg, (IntType(n),), IntType(-n)),
    (operator.invert, (IntType(n),), IntType(-n - 1)),
    (operator.lshift, (IntType(n), 3), IntType(8 * n)),
    (operator.rshift, (IntType(4 * n), 2), IntType(n)),
    (operator.pow, (IntType(n), 2), IntType(n * n)),
    (operator.add, (True, True), IntType(2)),
    (operator.truediv, (IntType(n), 2), FLOAT),
    (operator.lt, (IntType(n), 2.5), BOOL),
    (operator.add, (IntType(n), INT), INT),
    (operator.add, (IntType(n), FLOAT), FLOAT),
    # powers: an int or a float by the sign of the exponent, complex for a negative base
    (operator.pow, (2, INT), join(INT, FLOAT)),
    (operator.pow, (2, IntType(n)), INT),
    (operator.pow, (INT, -1), FLOAT),
    (operator.pow, (FLOAT, FLOAT), join(FLOAT, COMPLEX)),
    (operator.pow, (FLOAT, 2.0), FLOAT),
    (operator.pow, (FLOAT, INT), FLOAT),
    (operator.pow, (2.0, FLOAT), FLOAT),
    (operator.pow, (IntType(n), FLOAT), FLOAT),
    (operator.pow, (ArrayType(np.dtype(bool), (n,)), INT), join(ArrayType(np.dtype("i1"), (n,)), ArrayType(I8, (n,)))),
    # weak Python numbers beside NumPy's
    (operator.mul, (ArrayType(F4, (n,)), FLOAT), ArrayType(F4, (n,))),
    (operator.mul, (ArrayType(F4, (n,)), ScalarType(F8)), ArrayType(F8, (n,))),
    (operator.add, (ArrayType(U1, (n,)), INT), ArrayType(U1, (n,))),
    (operator.add, (ArrayType(U1, (n,)), 300), NEVER),
    (operator.lt, (ArrayType(U1, (n,)), 300), ArrayType(np.dtype(bool), (n,))),
    (operator.add, (ArrayType(F8, ()), ArrayType(F8, ())), ScalarType(F8)),
    (operator.truediv, (ScalarType(I8), 2), ScalarType(F8)),
    # shapes
    (operator.add, (ArrayType(F8, (n, 1)), ArrayType(F8, (m,))), ArrayType(F8, (n, m))),
    (operator.add, (ArrayType(F8, (n,)), ArrayType(F8, (3,))), ArrayType(F8, (3,))),
    (operator.add, (ArrayType(F8, (n,)), ArrayType(F8, (n + 1,))), NEVER),
    (operator.matmul, (ArrayType(F8, (n, m)), ArrayType(F4, (m,))), ArrayType(F8, (n,))),
    (operator.matmul, (ArrayType(F8, (n,)), ArrayType(F8, (n,))), ScalarType(F8)),
    (operator.matmul, (ArrayType(F8, (n, 2)), ArrayType(F8, (3, m))), NEVER),
    (operator.iadd, (ArrayType(F8, (n,)), 1), ArrayType(F8, (n,))),
    (operator.iadd, (ArrayType(I8, (n,)), 1.5), NEVER),
    (operator.iadd, (ArrayType(F8, (n,)), ArrayType(F8, (2, n))), NEVER),
    (operator.iadd, (ScalarType(F8), 1), ScalarType(F8)),
    # sequences
    (operator.add, (TupleType((FLOAT,)), (1, "a")), TupleType((FLOAT, IntType(1), STR))),
    (operator.mul, (ListType(FLOAT, n), 3), ListType(FLOAT, 3 * n)),
    (operator.mul, ([0.0], IntType(n)), ListType(FLOAT, n)),
    (operator.add, (ListType(FLOAT, n), ListType(INT, m)), ListType(join(FLOAT, INT), n + m)),
    (operator.iadd, (ListType(FLOAT, n), ArrayType(F8, (n,))), ArrayType(F8, (n,))),
    (operator.iadd, (ListType(FLOAT, 2), TupleType((FLOAT,))), ListType(FLOAT, 3)),
    (operator.mod, (STR, INT), STR),
    (operator.add, (STR, INT), NEVER),
    (operator.lt, (TupleType((ScalarType(F8),)), (1,)), join(BOOL, ScalarType(np.dtype(bool)))),
    (bool, (ArrayType(F8, (n,)),), NEVER),
    (bool, (PythonType(str),), BOOL),
]


@pytest.mark.parametrize("function, args, expected", EXACT)
def test_is_inferred_exactly(function: Any, args: tuple[Any, ...], expected: Type) -> None:
    op = TABLE.of_callable(function)
    assert op is not None
    assert infer_call(op, args, {}) == expected


NEVER_RAISES = [
    (operator.add, (FLOAT, FLOAT), True),
    (operator.add, (INT, INT), True),
    (operator.add, (INT, FLOAT), False),          # the int may be too large for a float
    (operator.add, (IntType(i), FLOAT), False),
    (operator.add, (3, FLOAT), True),
    (operator.lt, (INT, FLOAT), True),
    (operator.truediv, (FLOAT, FLOAT), False),
    (operator.truediv, (FLOAT, 2.0), True),
    (operator.floordiv, (INT, IntType(n)), True),
    (operator.mod, (INT, INT), False),
    (operator.pow, (FLOAT, 2), False),            # overflows
    (operator.add, (ArrayType(F8, (n,)), ArrayType(F8, (n,))), True),
    (operator.add, (ArrayType(F8, (n,)), ArrayType(F8, (m,))), False),
    (operator.truediv, (ArrayType(F8, (n,)), FLOAT), True),
    (operator.add, (ArrayType(U1, (n,)), INT), False),
    (operator.add, (ArrayType(U1, (n,)), 200), True),
    (operator.pow, (ArrayType(I8, (n,)), ArrayType(I8, (n,))), False),
    (operator.pow, (ArrayType(F8, (n,)), ArrayType(I8, (n,))), True),
    (np.sin, (ArrayType(F8, (n,)),), True),
    (np.add, (ArrayType(F8, (n,)), ArrayType(F8, (1,))), True),
    (np.zeros, ((IntType(n), 3),), True),
    (np.zeros, ((IntType(n - 3),),), False),
    (range, (IntType(n),), True),
    (len, (ArrayType(F8, (n,)),), True),
    (bool, (FLOAT,), True),
    (bool, (ArrayType(F8, (n,)),), False),
]


@pytest.mark.parametrize("function, args, expected", NEVER_RAISES)
def test_total(function: Any, args: tuple[Any, ...], expected: bool) -> None:
    op = TABLE.of_callable(function)
    assert op is not None and op.total is not None
    assert op.total(*args) is expected

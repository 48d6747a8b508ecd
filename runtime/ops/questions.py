"""What is asked about values: their shape and dtype, whether they are equal or share memory, how they look as text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from ..ir.types import BOOL, STR, ArrayType, ConstantType, IntType, ObjectType, ScalarType, TupleType, Type
from .builtins import gives
from .elementwise import operand
from .infer import probe, shape_of, static
from .op import Op, Result
from .rules import as_numpy, plain, size_of
from .specimens import COMPLEX, EMPTY, FLOATS, INT_MATRIX, MATRIX, SMALL_INTS, ZERO_D, call, each

Rule = Callable[..., Type]


def _ndim_rule(a: Any) -> Type:
    return IntType(len(shape_of(operand(a))))


def _shape_rule(a: Any) -> Type:
    return TupleType(tuple([IntType(size) for size in shape_of(operand(a))]))


def _size_rule(a: Any, axis: Any = None) -> Type:
    shape, axis = shape_of(operand(a)), static(axis, "axis")
    return IntType(size_of(shape) if axis is None else shape[axis])


def dtype_of(function: Callable[..., np.dtype[Any]]) -> Rule:
    """The rule of what gives a dtype: exactly that one, for arrays and numbers by their kinds."""

    def infer(*args: Any) -> Type:
        return ConstantType(probe(function, *map(plain, args)))

    return infer


def _limits_rule(cls: type) -> Rule:
    def infer(type: Any) -> Type:
        return ObjectType(cls)

    return infer


def _is_array(a: Any) -> bool:
    return isinstance(a, ArrayType | ScalarType)


SHAPED = each((FLOATS, INT_MATRIX.T, ZERO_D, 3, 2.5, np.float32(1), [1, 2], [[1.0], [2.0]], EMPTY))
ONE = each((FLOATS, COMPLEX, SMALL_INTS, 2.5, 1j, ZERO_D, np.float32(1)))
TWO = (call(FLOATS, FLOATS), call(FLOATS, SMALL_INTS), call(MATRIX, MATRIX[0]), call(2.5, 2),
       call([1, 2], np.array([1, 2], np.int8)))
def _axis_rule(axis: Any, ndim: Any, msg_prefix: Any = None) -> Type:
    return IntType(normalize_axis_index(static(plain(axis), "axis"), static(plain(ndim), "ndim")))


def _axes_rule(axis: Any, ndim: Any, argname: Any = None, allow_duplicate: Any = False) -> Type:
    found = normalize_axis_tuple(static(axis, "axis"), static(plain(ndim), "ndim"),
                                 allow_duplicate=static(plain(allow_duplicate), "allow_duplicate"))
    return TupleType(tuple(map(IntType, found)))


CLASSES = (call(np.float32, np.floating), call(np.dtype("i4"), float), call("f8", np.number))

ROWS: tuple[tuple[Any, Rule, tuple[Any, ...]], ...] = (
    (np.size, _size_rule, (*SHAPED, call(INT_MATRIX, 1), call(MATRIX, axis=0))),
    (np.array_equal, gives(BOOL), TWO),
    (np.array_equiv, gives(BOOL), TWO),
    (np.allclose, gives(BOOL), (call(FLOATS, FLOATS), call(MATRIX, MATRIX[0], atol=1e9), call(2.5, 2))),
    (np.iscomplexobj, gives(BOOL), ONE),
    (np.isrealobj, gives(BOOL), ONE),
    (np.isfortran, gives(BOOL), (call(FLOATS), call(INT_MATRIX.T))),
    (np.iterable, gives(BOOL), ONE),
    (np.shares_memory, gives(BOOL), TWO[:3]),
    (np.may_share_memory, gives(BOOL), TWO[:3]),
    (np.issubdtype, gives(BOOL), CLASSES),
    (np.can_cast, gives(BOOL), (call(np.int8, np.float32), call("f8", "i4", casting="unsafe"))),
    (np.result_type, dtype_of(np.result_type), (*ONE, *TWO, call("f4", np.int64))),
    (np.promote_types, dtype_of(np.promote_types), (call("f4", np.int64), call(bool, "i1"))),
    (np.finfo, _limits_rule(np.finfo), (call(np.float32), call("f8"), call(2.5))),
    (np.iinfo, _limits_rule(np.iinfo), (call(np.int32), call("u1"))),
    *((function, gives(STR), (call(FLOATS), call(INT_MATRIX))) for function in (
        np.array_repr, np.array_str, np.array2string)),
    (normalize_axis_index, _axis_rule, (call(-1, 3), call(0, 1), call(3, 2), call(-4, 3, "a"))),
    (normalize_axis_tuple, _axes_rule, (call(-1, 3), call((0, -1), 2), call([1, 1], 2), call([1, -1], 2, None, True),
                                        call(2, 2, "axes"))),
    (np.binary_repr, gives(STR), (call(5), call(-3, 8))),
    (np.base_repr, gives(STR), (call(255, 16),)),
    (np.format_float_positional, gives(STR), (call(2.5), call(np.float32(0.1), precision=3))),
    (np.format_float_scientific, gives(STR), (call(2.5), call(np.float32(0.1), precision=3))),
)

OPS = (
    Op("ndim", as_numpy(np.ndim), _ndim_rule, captures=(np.ndim,), result=Result.IMMUTABLE, total=_is_array,
       samples=SHAPED),
    Op("shape", as_numpy(np.shape), _shape_rule, captures=(np.shape,), result=Result.IMMUTABLE, total=_is_array,
       samples=SHAPED),
    Op("isscalar", as_numpy(np.isscalar), gives(BOOL), captures=(np.isscalar,), result=Result.IMMUTABLE,
       total=lambda element: True, samples=each((1, 2.5, "a", ZERO_D, np.float32(1), FLOATS, None))),
    *(Op(function.__name__, as_numpy(function), rule, captures=(function,), result=Result.IMMUTABLE, samples=samples)
      for function, rule, samples in ROWS),
)

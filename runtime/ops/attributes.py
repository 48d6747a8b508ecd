"""Attributes of arrays, NumPy scalars and Python numbers: ``x.shape``, ``x.T``, ``z.real``, and setting them.

Reading ``x.name`` is the op ``attribute.name`` of one argument, setting it ``set_attribute.name`` of two.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from ..ir.types import (
    ANY,
    BOOL,
    INT,
    NONE,
    STR,
    ArrayType,
    ConstantType,
    DictType,
    IntType,
    IteratorType,
    ListType,
    PythonType,
    RangeType,
    ScalarType,
    TupleType,
    Type,
)
from .infer import Unknown, array_or_scalar, probe
from .op import Op, Result
from .rules import Infer, array_like, checked, size_of
from .specimens import (
    COLUMN_MAJOR,
    COMPLEX,
    CUBE,
    EMPTY,
    EMPTY_MATRIX,
    FLOATS,
    INT_MATRIX,
    MASK,
    MATRIX,
    POINTS,
    SINGLE,
    SMALL_INTS,
    STRIDED_MATRIX,
    ZERO_D,
    call,
    each,
)

HOLDERS = (FLOATS, SMALL_INTS[::-1], COMPLEX, SINGLE, MASK, EMPTY, MATRIX, STRIDED_MATRIX, COLUMN_MAJOR, EMPTY_MATRIX,
           CUBE, ZERO_D,
           *POINTS)
NUMBERS = (2.5, 3, True, 1 + 2j)
FLAGS = type(FLOATS.flags)
FLAG_NAMES = ("writeable", "c_contiguous", "f_contiguous", "contiguous", "owndata", "aligned", "forc", "fnc", "carray",
              "farray", "behaved", "writebackifcopy")


def of_array(rule: Callable[[ArrayType], Type]) -> Infer:
    """The rule of an attribute that arrays and NumPy scalars have, and Python numbers do not."""

    @checked
    def infer(x: Any) -> Type:
        match x:
            case ArrayType():
                return rule(x)
            case ScalarType(dtype):
                return rule(ArrayType(dtype, ()))
            case IntType() | PythonType() | int():
                raise TypeError("Python numbers have no such attribute")
        raise Unknown(x)

    return infer


def part_of_number(name: str) -> Infer:
    """The rule of ``real`` and ``imag``: of arrays, NumPy scalars and Python numbers."""

    @checked
    def infer(x: Any) -> Type:
        if isinstance(x, ArrayType | ScalarType) and x.dtype.kind not in "biufc":
            raise Unknown(x)
        probed = probe(operator.attrgetter(name), x)
        if isinstance(x, IntType | int) and name == "real":
            return x if isinstance(x, IntType) else IntType(x)
        return array_or_scalar(probed, array_like(x).shape)

    return infer


def _transposed(x: ArrayType) -> Type:
    probed = probe(operator.attrgetter("T"), x)
    return array_or_scalar(probed, x.shape[::-1])


@checked
def infer_transposed(x: Any) -> Type:
    """Of a NumPy scalar, ``T`` is the scalar itself."""
    return x if isinstance(x, ScalarType) else of_array(_transposed)(x)


def _matrix_transposed(x: ArrayType) -> Type:
    if x.rank < 2:
        raise ValueError("matrix transpose with ndim < 2 is undefined")
    return ArrayType(x.dtype, (*x.shape[:-2], x.shape[-1], x.shape[-2]))


def _strides(x: ArrayType) -> Type:
    return TupleType((INT,) * x.rank)


def _range_bound(name: str) -> Infer:
    @checked
    def infer(x: Any) -> Type:
        match x:
            case RangeType():
                return IntType(getattr(x, name))
            case range():
                return IntType(getattr(x, name))
        raise Unknown(x)

    return infer


def _read(name: str, infer: Infer, samples: tuple[Any, ...], result: Result = Result.IMMUTABLE) -> Op:
    """Reading an attribute that is there raises nothing."""

    def total(x: Any) -> bool:
        return isinstance(x, ArrayType | ScalarType) and (name != "mT" or isinstance(x, ArrayType) and x.rank >= 2)

    return Op(f"attribute.{name}", lambda xp: operator.attrgetter(name), infer, result=result, total=total,
              samples=samples)


def _setter(name: str) -> Callable[[Any], Callable[..., Any]]:
    def assign(x: Any, value: Any) -> None:
        setattr(x, name, value)

    return lambda xp: assign


@checked
def infer_set_part(x: Any, value: Any) -> Type:
    if isinstance(x, ArrayType):
        return NONE
    raise Unknown(x)


@checked
def infer_set_flag(x: Any, value: Any) -> Type:
    if x == PythonType(FLAGS):
        return NONE
    raise Unknown(x)


@checked
def infer_flag(x: Any) -> Type:
    """One of an array's flags: they may change, so each read is seen as an effect."""
    if x == PythonType(FLAGS):
        return BOOL
    raise Unknown(x)


@checked
def infer_numerator(x: Any) -> Type:
    """An int is its own numerator."""
    return x if isinstance(x, ScalarType) else infer_denominator(x)


@checked
def infer_denominator(x: Any) -> Type:
    """Of an int that is 1, a Python int."""
    if isinstance(x, IntType | int | PythonType | ScalarType):
        return INT
    raise Unknown(x)


def _flat(x: ArrayType) -> Type:
    """An iterator that can be indexed as well."""
    return IteratorType(ScalarType(x.dtype), size_of(x.shape))


FLAG_ITEM = Op("flag_item", lambda xp: operator.getitem, lambda flags, name: BOOL, result=Result.IMMUTABLE, effect=True)
SET_FLAG_ITEM = Op("set_flag_item", lambda xp: operator.setitem, lambda flags, name, value: NONE,
                   result=Result.IMMUTABLE, effect=True)
OWN_ITEMS = Op("own_items", lambda xp: lambda obj: dict(vars(obj)), lambda obj: DictType(STR, ANY))
OWN_DICT = Op("own_dict", lambda xp: vars, lambda obj: DictType(STR, ANY), result=Result.VIEW)
OWN_ITEM = Op("own_item", lambda xp: lambda obj, name: vars(obj)[name], lambda obj, name: ANY, result=Result.VIEW)
HAS_ITEM = Op("has_own_item", lambda xp: lambda obj, name: name in vars(obj), lambda obj, name: BOOL,
              result=Result.IMMUTABLE)
NUMBER_OF_ITEMS = Op("number_of_own_items", lambda xp: lambda obj: len(vars(obj)), lambda obj: INT,
                     result=Result.IMMUTABLE)
DIRECTORY = Op("dir", lambda xp: dir, lambda value: ListType(STR), effect=True)
READ: tuple[Op, ...] = (
    DIRECTORY,
    OWN_ITEMS,
    OWN_DICT,
    OWN_ITEM,
    HAS_ITEM,
    NUMBER_OF_ITEMS,
    FLAG_ITEM,
    SET_FLAG_ITEM,
    _read("shape", of_array(lambda x: TupleType(tuple(map(IntType, x.shape)))), each(HOLDERS)),
    _read("size", of_array(lambda x: IntType(size_of(x.shape))), each(HOLDERS)),
    _read("ndim", of_array(lambda x: IntType(x.rank)), each(HOLDERS)),
    _read("dtype", of_array(lambda x: ConstantType(x.dtype)), each(HOLDERS)),
    _read("itemsize", of_array(lambda x: IntType(x.dtype.itemsize)), each(HOLDERS)),
    _read("nbytes", of_array(lambda x: IntType(size_of(x.shape) * x.dtype.itemsize)), each(HOLDERS)),
    _read("strides", of_array(_strides), each(HOLDERS)),
    _read("T", infer_transposed, each(HOLDERS), Result.VIEW),
    _read("flat", of_array(_flat), each(HOLDERS[:-3]), Result.VIEW),
    _read("mT", of_array(_matrix_transposed), each((MATRIX, CUBE, EMPTY_MATRIX, STRIDED_MATRIX)), Result.VIEW),
    Op("attribute.base", lambda xp: operator.attrgetter("base"), of_array(lambda x: ANY), result=Result.VIEW),
    # whoever has them may set one, which is no write to the flags but to the array
    Op("attribute.flags", lambda xp: operator.attrgetter("flags"), of_array(lambda x: PythonType(FLAGS)), writes=(0,),
       result=Result.VIEW),
    *[Op(f"attribute.{name}", lambda xp, name=name: operator.attrgetter(name), infer_flag, result=Result.IMMUTABLE,
         effect=True) for name in FLAG_NAMES],
    _read("numerator", infer_numerator, each((3, True, np.int8(5)))),
    _read("denominator", infer_denominator, each((3, True, np.int8(5)))),
    _read("real", part_of_number("real"), each((*HOLDERS, *NUMBERS)), Result.VIEW),
    _read("imag", part_of_number("imag"), each((*HOLDERS, *NUMBERS)), Result.VIEW),
    *[_read(name, _range_bound(name), each((range(5), range(2, 9, 3)))) for name in ("start", "stop", "step")],
)

SET: tuple[Op, ...] = (
    *[Op(f"set_attribute.{name}", _setter(name), infer_set_part, writes=(0,), result=Result.IMMUTABLE, samples=(
        call(COMPLEX, 2.0), call(np.ones((2, 3), complex), MATRIX), call(np.ones(3, np.complex64)[::2], [1, 2]),
        call(COMPLEX, FLOATS)))
      for name in ("real", "imag")],
    *[Op(f"set_attribute.{name}", _setter(name), infer_set_flag, effect=True, result=Result.IMMUTABLE)
      for name in ("writeable", "aligned", "writebackifcopy")],
    Op("set_attribute.flat", _setter("flat"), infer_set_part, writes=(0,), result=Result.IMMUTABLE, samples=(
        call(MATRIX.copy(), 1.0), call(INT_MATRIX.T, [1, 2, 3]), call(FLOATS, SMALL_INTS))),
)

OPS: tuple[Op, ...] = (*READ, *SET)

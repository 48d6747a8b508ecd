"""Python's operators on every kind of value: numbers, NumPy scalars, arrays, sequences and sets.

``a + b`` is not ``np.add(a, b)``: Python numbers divide by zero with an exception, lists concatenate, and an array's
``x ** 2`` is ``np.square(x)``.  So each operator is an op of its own, named as in the module ``operator``.  An in-place
operator on an array, list, set or dict changes its first operand and gives it back; elsewhere it is the plain one.
Containers made by operators refer to the items of their operands.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from ..ir import dims
from ..ir.dims import Dim
from ..ir.types import (
    BOOL,
    COMPLEX,
    FLOAT,
    INT,
    ArrayType,
    DictType,
    IntType,
    ListType,
    ObjectType,
    PythonType,
    ScalarType,
    SetType,
    TupleType,
    Type,
    join,
    options,
)
from .infer import (
    RAISED,
    NeedsStatic,
    Unknown,
    array_or_scalar,
    broadcast,
    broadcasts,
    contents,
    int_range,
    kind_of,
    lies_in,
    probe,
    shape_of,
    takes_any,
    type_of,
)
from .library_values import is_library_value, operated
from .op import Op, Result
from .rules import array_like, plain
from .specimens import FLOATS, MATRIX, SMALL_INTS, ZERO_D, call

Binary = Callable[[Any, Any], Any]

ORDER = (operator.lt, operator.le, operator.gt, operator.ge)
EQUALITY = (operator.eq, operator.ne)
BITS = (operator.and_, operator.or_, operator.xor)
SHIFTS = (operator.lshift, operator.rshift)
DIVISIONS = (operator.truediv, operator.floordiv, operator.mod)
MOST_BITS = 4096    # of an int that is computed while inferring


def everywhere(function: Callable[..., Any]) -> Callable[[Any], Callable[..., Any]]:
    """The kernel that is ``function`` itself, whichever arrays it works on."""
    return lambda xp: function


def is_numpy(type: Type) -> bool:
    return isinstance(type, ArrayType | ScalarType)


def rank_of(type: Type) -> int | None:
    """Where Python's numbers stand: bool 0, int 1, float 2, complex 3."""
    if isinstance(type, IntType):
        return 1
    return {BOOL: 0, FLOAT: 2, COMPLEX: 3}.get(type) if isinstance(type, PythonType) else None


def value_of(argument: Any) -> Dim | None:
    """The value of an int or bool, if anything is known of it."""
    match argument:
        case IntType(known):
            return known
        case bool() | int():
            return int(argument)
    return None


# --------------------------------------------------------------------------------------------------------------- binary

def binary(function: Binary) -> Callable[[Any, Any], Type]:
    """The rule of a binary operator."""

    def infer(a: Any, b: Any) -> Type:
        p, q = type_of(a), type_of(b)
        if is_numpy(p) or is_numpy(q):
            return _with_numpy(function, plain(a), plain(b))
        if rank_of(p) is not None and rank_of(q) is not None:
            return _numbers(function, plain(a), plain(b))
        return _containers(function, p, q, a, b)

    return infer


def _with_numpy(function: Binary, a: Any, b: Any) -> Type:
    a, b = _as_operand(a, b), _as_operand(b, a)
    if function is operator.matmul:
        return array_or_scalar(probe(function, a, b), matmul_shape(shape_of(a), shape_of(b)))
    if function is operator.pow and getattr(a, "dtype", None) == np.bool_ and isinstance(b, IntType):
        return join(_elementwise(function, a, 2), _elementwise(function, a, 3))    # x ** 2 is a square: int8 for bools
    return _elementwise(function, a, b)


def _as_operand(value: Any, other: Any) -> Any:
    """A sequence beside an array is one itself."""
    return array_like(value) if isinstance(type_of(other), ArrayType) and isinstance(type_of(value),
                                                                                     TupleType | ListType) else value


def _elementwise(function: Binary, a: Any, b: Any) -> Type:
    probed = probe(function, a, b)
    if isinstance(probed, np.ndarray):
        return array_or_scalar(probed, broadcast(shape_of(a), shape_of(b)))
    return kind_of(probed)


def matmul_shape(a: tuple[Dim, ...], b: tuple[Dim, ...]) -> tuple[Dim, ...]:
    """The shape of ``x @ y``; raises ValueError where the inner sizes are known to clash."""
    if not a or not b:
        raise ValueError("matmul: an operand has no dimensions")
    inner = b[0] if len(b) == 1 else b[-2]
    if dims.known_unequal(a[-1], inner):
        raise ValueError(f"matmul: {a[-1]} and {inner} differ")
    rows = a[-2:-1]
    columns = b[-1:] if len(b) > 1 else ()
    return (*broadcast(a[:-2], b[:-2]), *rows, *columns)


def _numbers(function: Binary, a: Any, b: Any) -> Type:
    """Python's own numbers: ints keep their symbolic value."""
    top = max(rank_of(type_of(a)) or 0, rank_of(type_of(b)) or 0)
    if function in EQUALITY or function in ORDER and top < 3:
        return BOOL
    if function in ORDER or function is operator.matmul or top > 1 and function in (*BITS, *SHIFTS):
        raise TypeError(f"{a} and {b} have no {function.__name__}")
    if top == 3:
        if function in (operator.floordiv, operator.mod):
            raise TypeError("a complex number has no floor")
        return COMPLEX
    if function is operator.pow:
        return _float_power(a, b) if top == 2 else _int_power(a, b)
    if top == 2 or function is operator.truediv:
        return FLOAT
    if function in BITS and type_of(a) == type_of(b) == BOOL:
        return BOOL
    x, y = value_of(a), value_of(b)
    return INT if x is None or y is None else IntType(_int_value(function, x, y))


def _int_value(function: Binary, a: Dim, b: Dim) -> Dim | None:
    if function in SHIFTS:
        if not isinstance(b, int) or not 0 <= b <= MOST_BITS:
            return None
        return a * 2**b if function is operator.lshift else a // 2**b
    if function in BITS and not (isinstance(a, int) and isinstance(b, int)):
        return None
    return function(a, b)


def _int_power(a: Any, b: Any) -> Type:
    low, high = int_range(b)
    if high is not None and high < 0:
        return FLOAT
    if low is None or low < 0:
        return join(INT, FLOAT)
    base = value_of(a)
    if base is None or low != high or low * (base.bit_length() if isinstance(base, int) else 1024) > MOST_BITS:
        return INT
    return IntType(base**low)


def _float_power(a: Any, b: Any) -> Type:
    """A negative base with a fractional exponent gives a complex number."""
    if not isinstance(a, Type) and not isinstance(b, Type):
        return kind_of(a**b)
    integral = b.is_integer() if isinstance(b, float) else type_of(b) != FLOAT
    return FLOAT if integral or is_nonnegative(a) else join(FLOAT, COMPLEX)


def is_nonnegative(number: Any) -> bool:
    """Whether a Python number is known to be 0 or more."""
    if isinstance(number, float):
        return number >= 0
    low, _ = int_range(number)
    return low is not None and low >= 0


# ----------------------------------------------------------------------------------------------------------- containers

def _containers(function: Binary, p: Type, q: Type, a: Any, b: Any) -> Type:
    if isinstance(p, ObjectType) or isinstance(q, ObjectType):
        raise Unknown(function)
    if function in EQUALITY:
        return BOOL
    match p, q:
        case (TupleType(), TupleType()) | (ListType(), ListType()) if function in ORDER:
            return _first_difference(function, p, q)
        case TupleType(first), TupleType(second) if function is operator.add:
            return TupleType(first + second)
        case ListType(item, length), ListType(other, more) if function is operator.add:
            return ListType(join(item, other), None if length is None or more is None else length + more)
        case (TupleType() | ListType(), IntType() | PythonType()) if function is operator.mul and rank_of(q) in (0, 1):
            return _repeated(p, value_of(b))
        case (IntType() | PythonType(), TupleType() | ListType()) if function is operator.mul and rank_of(p) in (0, 1):
            return _repeated(q, value_of(a))
        case PythonType(cls), _ if function is operator.mod and cls in (str, bytes):
            return p
        case SetType(item), SetType(other):
            if function in (operator.or_, operator.xor):
                return SetType(join(item, other))
            if function in (operator.and_, operator.sub):
                return SetType(item if function is operator.sub else join(item, other))
            if function in ORDER:
                return BOOL
        case DictType(key, item), DictType(other_key, other) if function is operator.or_:
            return DictType(join(key, other_key), join(item, other))
    if is_library_value(p) or is_library_value(q):
        return operated(function, p, q)
    return kind_of(probe(function, p, q))


def _first_difference(function: Binary, p: TupleType | ListType, q: TupleType | ListType) -> Type:
    """Sequences compare as their first items that differ do; without one their lengths, as ints, are compared."""
    pairs = zip(p.items, q.items) if isinstance(p, TupleType) and isinstance(q, TupleType) else [
        (item, other) for item in items_of(p) for other in items_of(q)]
    answers: list[Type] = [BOOL]
    for item, other in pairs:
        try:
            answers.extend(binary(function)(x, y) for x in options(item) for y in options(other))
        except RAISED:
            continue
    return join(*answers)


def items_of(type: TupleType | ListType) -> tuple[Type, ...]:
    """The types the items may have."""
    return type.items if isinstance(type, TupleType) else options(type.item)


def _repeated(type: TupleType | ListType, count: Dim | None) -> Type:
    if isinstance(type, ListType):
        return ListType(type.item, None if count is None or type.length is None
                        else dims.maximum(count, 0) * type.length)
    if not isinstance(count, int) or count * len(type.items) > MOST_BITS:
        raise Unknown(type)    # a tuple of unknown length has no type
    return TupleType(type.items * count)


# ------------------------------------------------------------------------------------------------------------- in place

def in_place(function: Binary, changing: Binary) -> Callable[[Any, Any], Type]:
    """The rule of an in-place operator: the first operand again where it can be changed."""
    otherwise = binary(function)

    def infer(a: Any, b: Any) -> Type:
        p, q = type_of(a), type_of(b)
        if isinstance(p, ArrayType):
            return _stored(function, changing, p, plain(b))
        if is_numpy(q):
            return otherwise(a, b)
        if isinstance(p, ListType) and changing is operator.iadd:
            item, length = contents(q)
            return ListType(join(p.item, item), None if length is None or p.length is None else p.length + length)
        if isinstance(p, DictType) and not isinstance(q, DictType):
            raise Unknown(q)
        return otherwise(a, b)

    return infer


def _stored(function: Binary, changing: Binary, p: ArrayType, b: Any) -> Type:
    b = _as_operand(b, p)
    if probe(changing, p, b).dtype != p.dtype:
        raise Unknown(p)
    shape = (matmul_shape if function is operator.matmul else broadcast)(p.shape, shape_of(b))
    if len(shape) > p.rank or any(dims.known_unequal(x, y) for x, y in zip(shape, p.shape)):
        raise ValueError(f"a result of shape {shape} does not fit into one of shape {p.shape}")
    return p


# ------------------------------------------------------------------------------------------------------ unary and truth

def unary(function: Callable[[Any], Any]) -> Callable[[Any], Type]:
    """The rule of a unary operator."""

    def infer(a: Any) -> Type:
        p = type_of(a)
        if is_numpy(p):
            return array_or_scalar(probe(function, a), shape_of(a))
        known = value_of(plain(a))
        if rank_of(p) in (0, 1):
            return INT if known is None else IntType(-known - 1 if function is operator.invert else function(known))
        return kind_of(probe(function, p))

    return infer


@takes_any
def a_bool(*operands: Any) -> Type:
    """The rule of what gives a bool for all operands, or raises."""
    return BOOL


@takes_any
def truth(operand: Any = False) -> Type:
    """The rule of ``bool(x)``; raises ValueError for an array that cannot have exactly one element."""
    if isinstance(operand, ArrayType) and any(dims.known_unequal(size, 1) for size in operand.shape):
        raise ValueError("the truth value of an array without exactly one element is ambiguous")
    return BOOL


# ---------------------------------------------------------------------------------------------------- what cannot raise

def numbers_only(*types: Type) -> bool:
    """Whether all are numbers, of Python or NumPy."""
    return all(rank_of(t) is not None or is_numpy(t) and t.dtype.kind in "biufc"  # type: ignore[attr-defined]
               for type in types for t in options(type) or (type,))


def fits(number: Any, dtype: np.dtype[Any]) -> bool:
    """Whether a Python number can be converted to what NumPy computes with beside ``dtype``, whatever its value."""
    if rank_of(type_of(number)) != 1:
        return True
    info = np.iinfo(dtype if dtype.kind in "iu" else np.int64)
    return lies_in(number, int(info.min), int(info.max))


def cannot_raise(function: Binary) -> Callable[[Any, Any], bool]:
    """The ``total`` of a binary operator on numbers."""

    def total(a: Any, b: Any) -> bool:
        p, q = type_of(a), type_of(b)
        if not numbers_only(p, q):
            return False
        try:
            binary(function)(a, b)
        except (Unknown, NeedsStatic, *RAISED):
            return False
        if isinstance(p, ArrayType | ScalarType) or isinstance(q, ArrayType | ScalarType):
            return _numpy_cannot_raise(function, a, b, p, q)
        return _python_cannot_raise(function, a, b, max(rank_of(p) or 0, rank_of(q) or 0))

    return total


def _numpy_cannot_raise(function: Binary, a: Any, b: Any, p: Type, q: Type) -> bool:
    if function is operator.matmul or not broadcasts(shape_of(p), shape_of(q)):
        return False
    if function is operator.pow and not (isinstance(b, int | float) and b >= 0 or _floats(p, q)):
        return False
    for weak, other in ((a, q), (b, p)):
        if isinstance(other, ArrayType | ScalarType) and not fits(weak, other.dtype):
            return False
    return True


def _floats(*types: Type) -> bool:
    return any(is_numpy(type) and type.dtype.kind in "fc" or rank_of(type) in (2, 3)  # type: ignore[attr-defined]
               for type in types)


def _python_cannot_raise(function: Binary, a: Any, b: Any, top: int) -> bool:
    """Ints of any size compare; they convert to floats only within bounds.  Divisors must be known not to be 0."""
    if function in EQUALITY or function in ORDER:
        return True
    if (top > 1 or function is operator.truediv) and not all(rank_of(type_of(x)) != 1 or lies_in(x, -2**1000, 2**1000)
                                                             for x in (a, b)):
        return False
    if function in DIVISIONS:
        low, high = int_range(b)
        return isinstance(b, float) and b != 0 or low is not None and low > 0 or high is not None and high < 0
    if function in SHIFTS:
        return lies_in(b, 0, MOST_BITS)
    return function is not operator.pow or top <= 1 and is_nonnegative(b)


def unary_cannot_raise(function: Callable[[Any], Any]) -> Callable[[Any], bool]:
    """The ``total`` of a unary operator."""

    def total(a: Any) -> bool:
        if not numbers_only(type_of(a)):
            return False
        try:
            unary(function)(a)
        except RAISED:
            return False
        return True

    return total


def _has_truth(operand: Any = False) -> bool:
    kind = type_of(operand)
    if isinstance(kind, PythonType | TupleType | ListType | DictType | SetType):
        return True
    return numbers_only(kind) and shape_of(kind) == ()


def _is_member_of_numbers(container: Any, item: Any) -> bool:
    kind = type_of(container)
    return isinstance(kind, TupleType | ListType) and all(
        rank_of(option) is not None for member in (*items_of(kind),
                                                   type_of(item)) for option in options(member) or (member,))


# ------------------------------------------------------------------------------------------------------------ the table

COLUMN = np.array([[2.0], [4.0]])
PAIRS = tuple(call(*pair) for pair in (
    (FLOATS, 2.0), (3, SMALL_INTS), (MATRIX, COLUMN), (MATRIX, MATRIX[::-1, ::-1]), (np.array([1.5, 2], np.float32), 2),
    (np.empty(0), 1.5), (ZERO_D, np.float32(3)), (np.int8(5), 3), (np.float32(2), 1.5), (7, 2), (7.5, 2), (2, 0.5),
    (True, True),
    (np.array([True, False]), True), (np.array([1, 2], np.uint8), np.array([3, 4], np.int16)), (np.uint8(200), 100),
    (np.array([[7]]), FLOATS)))
FLOATING = tuple(call(*pair)
                 for pair in ((2 + 1j, 1.5), (-8.0, 0.5), (2, -1), (np.array([1j], np.complex64), 2.0),
                              (FLOATS, [1.0, 2, 3, 4, 5])))
SEQUENCES = tuple(call(*pair) for pair in (([1, 2], [3]), ((1, 2.0), (3,)), ("a", "b")))
COMPARED = tuple(call(*pair)
                 for pair in (((1, 2.0), (1, 3)), ([1, 2], [1]), ("a", "b"), ({1}, {1, 2}), ((np.float64(2),), (1,))))
SETS = (call({1, 2}, {2, 3}), call(np.array([True, False]), np.array([True, True])), call(6, 3), call(True, False))
PRODUCTS = tuple(call(*pair) for pair in (
    (MATRIX, MATRIX.T), (MATRIX, np.ones(3, np.float32)), (FLOATS, FLOATS), (np.ones((4, 2, 3)), np.ones((3, 5))),
    (np.ones((0, 2)), np.ones((2, 0))), (np.ones((2, 2)), np.ones((2, 2), np.float32))))

SAMPLES: dict[Any, tuple[Any, ...]] = {
    operator.add: PAIRS + FLOATING + SEQUENCES,
    operator.sub: tuple(pair for pair in PAIRS
                        if pair.args[1] is not True) + FLOATING + SETS[:1] + (call(True, False),),
    operator.mul: PAIRS + FLOATING + (call([1], 3), call(2, (1, "a")), call("ab", 2)),
    operator.truediv: PAIRS + FLOATING,
    operator.floordiv: PAIRS + FLOATING[1:3],
    operator.mod: PAIRS + FLOATING[1:3] + (call("%d of %s", (3, "a")),),
    operator.pow: PAIRS + FLOATING + (call(np.array([True]), 2), call(-8, 0.5), call(2, -2), call(2.0, -1)),
    operator.matmul: PRODUCTS,
    operator.lshift: (call(SMALL_INTS, 2), call(3, 4), call(True, 2), call(np.uint8(1), np.array([1, 2], np.int8))),
    operator.rshift: (call(SMALL_INTS, 2), call(300, 4), call(True, 2), call(np.uint8(9), np.array([1, 2], np.int8))),
    **dict.fromkeys(BITS, SETS + (call(SMALL_INTS, 3), call(np.array([1], np.uint8), np.array([1, 2], np.int64)))),
    **dict.fromkeys(ORDER, PAIRS + COMPARED),
    **dict.fromkeys(EQUALITY, PAIRS + COMPARED + (call(FLOATS, None), call(None, 1), call(np.float64(1), "a"),
                                                  call("a", 1))),
}

BINARY = tuple(
    Op(f"operator.{function.__name__.rstrip('_')}", everywhere(function), binary(function), captures=(function,),
       total=cannot_raise(function), samples=samples)
    for function, samples in SAMPLES.items())

IN_PLACE = tuple(
    Op(f"operator.{changing.__name__}", everywhere(changing), in_place(function, changing), captures=(changing,),
       result=Result.VIEW, writes=(0,), samples=samples)
    for function, samples in SAMPLES.items() if function not in (*ORDER, *EQUALITY)
    for changing in [getattr(operator, "i" + function.__name__.rstrip("_"))])

UNARY_SAMPLES = (call(FLOATS), call(SMALL_INTS[::-1]), call(MATRIX.T), call(ZERO_D), call(np.float32(2)),
                 call(np.empty((0, 2), np.uint8)), call(3), call(True), call(2.5), call(1j))
INTEGERS = (call(SMALL_INTS), call(np.array([True, False])), call(np.uint8(3)), call(5), call(False),
            call(np.array([[1]], np.int16)))

UNARY = tuple(
    Op(f"operator.{function.__name__}", everywhere(function), unary(function), captures=(function,),
       total=unary_cannot_raise(function), samples=samples)
    for function, samples in ((operator.neg, UNARY_SAMPLES), (operator.pos, UNARY_SAMPLES),
                              (operator.invert, INTEGERS)))

TRUTH_SAMPLES = tuple(call(value) for value in (
    0, 2.5, "", [], (1,), np.float32(0), np.array([3]), np.array([[0.0]]), ZERO_D, np.bool_(True), None, range(0), {}))

TRUTH = Op("operator.truth", everywhere(bool), truth, captures=(bool, operator.truth), result=Result.IMMUTABLE,
           total=_has_truth, samples=TRUTH_SAMPLES)
NOT = Op("operator.not", everywhere(operator.not_), truth, captures=(operator.not_,), result=Result.IMMUTABLE,
         total=_has_truth, samples=TRUTH_SAMPLES)
IS = Op("operator.is", everywhere(operator.is_), a_bool, captures=(operator.is_,), result=Result.IMMUTABLE,
        total=lambda a, b: True, samples=(call(None, None), call(FLOATS, FLOATS), call(FLOATS, None), call(1, 2.5)))
IS_NOT = Op("operator.is_not", everywhere(operator.is_not), a_bool, captures=(operator.is_not,),
            result=Result.IMMUTABLE, total=lambda a, b: True,
            samples=(call(None, None), call(FLOATS, MATRIX), call(2, None)))
CONTAINS = Op("operator.contains", everywhere(operator.contains), a_bool, captures=(operator.contains,),
              result=Result.IMMUTABLE, total=_is_member_of_numbers,
              samples=(call((1, 2.5), 2), call([1], "a"), call(FLOATS, 0.5), call(SMALL_INTS, 4), call(MATRIX, 9),
                       call("abc", "b"), call(range(3), 2), call({1: 2}, 1), call({3}, 4)))

OPS = (*BINARY, *IN_PLACE, *UNARY, TRUTH, NOT, IS, IS_NOT, CONTAINS)

"""Python's builtin functions on values of a graph: abs, round, min, max, sum, sorted, len, range, zip, int, str, ...

Each is the builtin itself, called as Python calls it; many give their operands back, so their results may be views.
"""

from __future__ import annotations

import builtins
import itertools
import operator
from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np

from ..ir import dims
from ..ir.dims import Dim
from ..ir.types import (
    BOOL,
    COMPLEX,
    FLOAT,
    INT,
    NEVER,
    STR,
    ArrayType,
    DictType,
    IntType,
    IteratorType,
    ListType,
    ObjectType,
    PythonType,
    RangeType,
    ScalarType,
    SetType,
    TupleType,
    Type,
    covers,
    join,
    options,
)
from .elementwise import operand, several
from .infer import (
    RAISED,
    Unknown,
    broadcast,
    contents,
    kind_of,
    length_of,
    lies_in,
    probe,
    shape_of,
    takes_any,
    type_of,
)
from .op import Op, Result
from .operators import binary, everywhere, rank_of, value_of
from .rules import plain
from .specimens import COMPLEX as COMPLEX_ARRAY
from .specimens import EMPTY, FLOATS, INT_MATRIX, MATRIX, SMALL_INTS, ZERO_D, call, each

Rule = Callable[..., Type]
LONGEST_UNROLLED = 64
MOST_ROUNDS = 16


# ------------------------------------------------------------------------------------------------------- of one number

def _abs_rule(x: Any) -> Type:
    x = plain(x)
    if rank_of(type_of(x)) is None:
        return several(probe(abs, x), shape_of(x))
    if rank_of(type_of(x)) in (2, 3):
        return FLOAT
    known = value_of(x)
    if known is None:
        return INT
    return IntType(known if dims.is_nonnegative(known) else -known if dims.is_nonnegative(-known) else None)


def _round_rule(number: Any, ndigits: Any = None) -> Type:
    number, ndigits = plain(number), plain(ndigits)
    kind = type_of(number)
    if isinstance(kind, IntType):
        return IntType(value_of(number) if ndigits is None or lies_in(ndigits, 0, 2**31) else None)
    if isinstance(kind, PythonType) and rank_of(kind) is not None and kind != COMPLEX:
        return FLOAT if kind == FLOAT and ndigits is not None else INT
    return several(probe(round, number, ndigits), ())


def _int_rule(x: Any = 0, base: Any = 10) -> Type:
    """``int(x)`` keeps the value of an int."""
    x = plain(x)
    if isinstance(type_of(x), IntType):
        return IntType(value_of(x))
    if type_of(x) != STR:
        probe(int, x)
    return INT


def _conversion(cls: type) -> Rule:
    def infer(*args: Any) -> Type:
        if STR not in map(type_of, args):
            probe(cls, *args)
        return PythonType(cls)

    return infer


def gives(type: Type) -> Rule:
    """The rule of what gives this type whatever it is called with, or raises."""

    def infer(*args: Any, **kwargs: Any) -> Type:
        return type

    return takes_any(infer)


def _index_rule(a: Any) -> Type:
    probe(operator.index, a)
    return IntType(value_of(plain(a)))


def _divmod_rule(a: Any, b: Any) -> Type:
    a, b = operand(a), operand(b)
    if rank_of(type_of(a)) is not None and rank_of(type_of(b)) is not None:
        return TupleType((binary(operator.floordiv)(a, b), binary(operator.mod)(a, b)))
    return several(probe(divmod, a, b), broadcast(shape_of(a), shape_of(b)))


def _pow_rule(base: Any, exp: Any, mod: Any = None) -> Type:
    if plain(mod) is None:
        return binary(operator.pow)(base, exp)
    return kind_of(probe(pow, base, exp, mod))


# ----------------------------------------------------------------------------------------------------- of many values

def _extreme_rule(pick: Callable[[Dim, Dim], Dim]) -> Rule:
    """``min`` and ``max`` give one of the items; of ints, the least or greatest value."""

    def infer(first: Any, /, *others: Any, key: Any = None, default: Any = NEVER) -> Type:
        if plain(key) is not None:
            raise Unknown(key)
        if others:
            kinds = [type_of(plain(value)) for value in (first, *others)]
            values = [kind.value for kind in kinds if isinstance(kind, IntType) and kind.value is not None]
            return IntType(reduce(pick, values)) if len(values) == len(kinds) else join(*kinds)
        kind = sequence(first)
        if isinstance(kind, TupleType) and len(kind.items) > 1:
            return infer(*kind.items)
        item, length = contents(kind)
        return item if length is not None and _is_positive(length) else join(item, type_of(plain(default)))

    return infer


def sequence(value: Any) -> Type:
    """The type of an iterable; the items of a list that is known as the call is traced are known one by one."""
    return TupleType(tuple(map(type_of, value))) if type(value) is list else type_of(value)


def _is_positive(length: Dim) -> bool:
    return dims.is_nonnegative(length - 1)


def fold(function: Callable[[Any, Any], Any], start: Type, iterable: Any) -> Type:
    """What ``start`` becomes by ``start = function(start, item)`` for each item.  Raises ``Unknown``."""
    kind = sequence(iterable)
    item, length = contents(kind)
    if isinstance(length, int) and length <= LONGEST_UNROLLED:
        for part in kind.items if isinstance(kind, TupleType) else (item,) * length:
            start = _applied(function, start, part)
        return start
    start = _without_value(start)
    current = _applied(function, start, item)
    total = current if length is not None and _is_positive(length) else join(start, current)
    for _ in range(MOST_ROUNDS):
        current = _applied(function, current, item)
        if covers(total, current):
            return total
        total = join(total, current)
    raise Unknown(iterable)


def _applied(function: Callable[[Any, Any], Any], a: Type, b: Type) -> Type:
    """The type of ``function`` of some of their options.  Raises what it raises if that is so for all of them."""
    found: list[Type] = []
    errors: list[Exception] = []
    for x, y in itertools.product(options(a), options(b)):
        try:
            found.append(binary(function)(x, _without_value(y)))
        except RAISED as error:
            errors.append(error)
    if errors and not found:
        raise errors[0]
    return join(*found)


def _without_value(type: Type) -> Type:
    return INT if isinstance(type, IntType) and not isinstance(type.value, int) else type


def _sum_rule(iterable: Any, /, start: Any = 0) -> Type:
    return fold(operator.add, type_of(plain(start)), iterable)


def _sorted_rule(iterable: Any, /, *, key: Any = None, reverse: Any = False) -> Type:
    return ListType(*contents(iterable))


def _list_rule(iterable: Any = (), /) -> Type:
    return ListType(*contents(iterable))


def _tuple_rule(iterable: Any = (), /) -> Type:
    kind = sequence(iterable)
    if isinstance(kind, TupleType):
        return kind
    item, length = contents(kind)
    if not isinstance(length, int) or length > LONGEST_UNROLLED:
        raise Unknown(iterable)    # a tuple of unknown length has no type
    return TupleType((item,) * length)


def _set_rule(iterable: Any = (), /) -> Type:
    return SetType(contents(iterable)[0])


def _dict_rule(mapping: Any = (), /, **items: Any) -> Type:
    kind, named = type_of(mapping), tuple(map(type_of, items.values()))
    texts = (STR,) * len(named)
    if isinstance(kind, DictType):
        return DictType(join(kind.key, *texts), join(kind.item, *named))
    pair, _ = contents(kind)
    pairs = [option.items for option in options(pair) if isinstance(option, TupleType) and len(option.items) == 2]
    if len(pairs) < len(options(pair)):
        raise Unknown(mapping)
    return DictType(join(*(key for key, _ in pairs), *texts), join(*(item for _, item in pairs), *named))


def _len_rule(obj: Any, /) -> Type:
    kind = type_of(obj)
    match kind:
        case ArrayType(_, (length, *_)):
            return IntType(length)
        case TupleType(items):
            return IntType(len(items))
        case ListType(_, length):
            return IntType(length)
        case RangeType():
            length = length_of(kind)
            return INT if dims.is_fresh(length) else IntType(length)
        case SetType() | DictType() | ObjectType() | IteratorType():
            return INT      # of iterators, those over an array have a length
        case PythonType(cls) if cls in (str, bytes):
            return INT
    raise TypeError(f"{kind} has no len()")


def _range_rule(*args: Any) -> Type:
    if not 1 <= len(args) <= 3:
        raise TypeError("range takes one to three ints")
    for argument in args:
        probe(operator.index, argument)
    bounds = [value_of(plain(argument)) for argument in args]
    start, stop, step = (0, *bounds, 1) if len(args) == 1 else (*bounds, 1)[:3]
    if step == 0:
        raise ValueError("range() arg 3 must not be zero")
    return RangeType(start, stop, step)


def _range_cannot_raise(*args: Any) -> bool:
    return all(isinstance(type_of(value), IntType) for value in args) and (
        len(args) < 3 or lies_in(args[2], 1, 2**62) or lies_in(args[2], -2**62, -1))


def _enumerate_rule(iterable: Any, start: Any = 0) -> Type:
    item, length = contents(iterable)
    return IteratorType(TupleType((INT, item)), length)


def _zip_rule(*iterables: Any, strict: Any = False) -> Type:
    if not iterables:
        return IteratorType(NEVER, 0)
    parts = [contents(iterable) for iterable in iterables]
    lengths = [length for _, length in parts if length is not None]
    shortest = dims.minimum(*lengths) if len(lengths) == len(parts) else None
    return IteratorType(TupleType(tuple([item for item, _ in parts])), shortest)


def _reversed_rule(sequence: Any, /) -> Type:
    item, length = contents(sequence)
    return IteratorType(item, length)


# ------------------------------------------------------------------------------------------------------------ the table

NUMBERS = (*each((FLOATS, SMALL_INTS[::-1], COMPLEX_ARRAY, EMPTY, ZERO_D, np.float32(-2.5), np.int8(-3), 3, -3, True,
                  -2.5)), call(3 + 4j))
ROUNDED = (call(2.5), call(2.567, 1), call(3), call(31, -1), call(True), call(np.float64(2.5)),
           call(np.float32(2.5), 1), call(np.int8(3)), call(2.5, None), call(np.float64(2.567), 2))
DIVIDED = (call(7, 2), call(7.5, 2), call(FLOATS, 2), call(np.float64(3), 2),
           call(SMALL_INTS, np.array([[1], [2]], np.int64)), call(True, 2))
POWERS = (call(2, 3), call(2, -1), call(2.0, 3), call(3, 5, 7), call(FLOATS, 2), call(np.float32(2), 2))
PICKED = (call(1, 2), call(3, 1.5), call((1, 2.0, 3)), call([4, 2]), call(FLOATS), call(np.float32(1), 2.0),
          call(SMALL_INTS[::2]), call([], default=7), call(2, 3, 1), call([np.int8(2), np.int8(1)]), call("abc"))
SUMMED = (call([1, 2]), call((1, 2.5)), call(FLOATS), call(SMALL_INTS), call(MATRIX), call([], 2.5),
          call([FLOATS, FLOATS]), call(range(5)), call([np.float32(1), np.float32(2)]), call((1.5, 2), start=1),
          call([(1,), (2,)], ()))
TRUTHS = (call([1, 0]), call((True, 2.5)), call(FLOATS), call([]), call(SMALL_INTS > 3))
ITERABLES = (call([3, 1, 2]), call((2.5, 1.0)), call(FLOATS), call(range(4)), call(EMPTY), call("abc"))
SIZED = (call(FLOATS), call(INT_MATRIX), call([1, 2]), call((1, 2, 3)), call(range(2, 9)), call("abc"), call({1: 2}),
         call({1, 2}), call(EMPTY))
CONVERTED = (call(2.75), call(3), call(True), call(np.float32(2.5)), call(np.int8(3)), call(ZERO_D), call("12"), call())

IMMUTABLE = Result.IMMUTABLE
# name, captures, rule, result, samples
ROWS: tuple[tuple[str, tuple[Any, ...], Rule, Result, tuple[Any, ...]], ...] = (
    ("abs", (abs, operator.abs), _abs_rule, Result.FRESH, NUMBERS),
    ("round", (round,), _round_rule, IMMUTABLE, ROUNDED),
    ("divmod", (divmod,), _divmod_rule, Result.FRESH, DIVIDED),
    ("pow", (pow,), _pow_rule, Result.FRESH, POWERS),
    ("min", (min,), _extreme_rule(dims.minimum), Result.VIEW, PICKED),
    ("max", (max,), _extreme_rule(dims.maximum), Result.VIEW, PICKED),
    ("sum", (sum,), _sum_rule, Result.VIEW, SUMMED),
    ("any", (any,), gives(BOOL), IMMUTABLE, TRUTHS),
    ("all", (all,), gives(BOOL), IMMUTABLE, TRUTHS),
    ("sorted", (sorted,), _sorted_rule, Result.VIEW, (*ITERABLES, call([2, 1], reverse=True))),
    ("int", (int,), _int_rule, IMMUTABLE, (*CONVERTED, call("ff", 16))),
    ("float", (float,), _conversion(float), IMMUTABLE, CONVERTED),
    ("complex", (complex,), _conversion(complex), IMMUTABLE, (*CONVERTED, call(1, 2.5), call(np.complex64(1j)))),
    ("str", (str,), gives(STR), IMMUTABLE, (*CONVERTED, call(FLOATS), call([1, 2]))),
    ("repr", (repr,), gives(STR), IMMUTABLE, CONVERTED[:-1] + (call(FLOATS),)),
    ("format", (format,), gives(STR), IMMUTABLE, (call(2.5), call(np.float32(2.5), ".3f"), call(3, "04d"))),
    ("hash", (hash,), gives(INT), IMMUTABLE, (call(3), call((1, 2.5)), call(np.float32(2)), call("a"))),
    ("bin", (bin,), gives(STR), IMMUTABLE, (call(5), call(np.uint8(6)))),
    ("hex", (hex,), gives(STR), IMMUTABLE, (call(255), call(np.uint8(6)))),
    ("oct", (oct,), gives(STR), IMMUTABLE, (call(8), call(np.uint8(9)))),
    ("chr", (chr,), gives(STR), IMMUTABLE, (call(65), call(np.uint8(66)))),
    ("ord", (ord,), gives(INT), IMMUTABLE, (call("a"),)),
    ("index", (operator.index,), _index_rule, IMMUTABLE, (call(3), call(True), call(np.int8(4)))),
    ("len", (len,), _len_rule, IMMUTABLE, SIZED),
    ("enumerate", (enumerate,), _enumerate_rule, Result.VIEW,
     (*ITERABLES, call(INT_MATRIX, 1), call((1, 2.5), start=3))),
    ("zip", (zip,), _zip_rule, Result.VIEW,
     (call([1, 2], FLOATS), call(FLOATS, FLOATS), call((1, "a"), range(5)), call(), call(INT_MATRIX),
      call([1, 2], [3.0, 4.0], strict=True))),
    ("reversed", (reversed,), _reversed_rule, Result.VIEW, ITERABLES),
    ("list", (list,), _list_rule, Result.VIEW, (*ITERABLES, call(), call(INT_MATRIX))),
    ("tuple", (tuple,), _tuple_rule, Result.VIEW,
     (call([3, 1]), call((2.5, "a")), call(), call(FLOATS), call(range(3)))),
    ("set", (set,), _set_rule, Result.VIEW, (call([1, 2, 1]), call(FLOATS), call(), call("abc"))),
    ("dict", (dict,), _dict_rule, Result.VIEW, (call({1: 2.5}), call([(1, "a"), (2, "b")]), call(), call(a=1, b=2.5))),
)


def _abs_cannot_raise(x: Any) -> bool:
    kind = type_of(x)
    return rank_of(kind) in (0, 1, 2) or isinstance(kind, ArrayType | ScalarType) and kind.dtype.kind in "biufc"


def _len_cannot_raise(obj: Any) -> bool:
    kind = type_of(obj)
    return isinstance(kind, TupleType | ListType | SetType | DictType) or isinstance(kind, ArrayType) and kind.rank > 0


def _to_float_cannot_raise(*args: Any) -> bool:
    kind = type_of(args[0]) if len(args) == 1 else NEVER
    return rank_of(kind) in (0, 2) or isinstance(kind, ScalarType) and kind.dtype.kind in "biuf"


TOTAL: dict[str, Callable[..., bool]] = {
    "abs": _abs_cannot_raise,
    "len": _len_cannot_raise,
    "float": _to_float_cannot_raise,
    "range": _range_cannot_raise,
}

RANGE = Op("builtins.range", everywhere(range), _range_rule, captures=(range,), result=IMMUTABLE,
           total=_range_cannot_raise,
           samples=(call(5), call(2, 9), call(9, 2, -2), call(np.int64(3)), call(0), call(True)))

OPS = (
    *(Op(f"builtins.{name}", everywhere(getattr(builtins, name, captures[0])), rule, captures=captures, result=result,
         total=TOTAL.get(name), samples=samples) for name, captures, rule, result, samples in ROWS),
    RANGE,
)

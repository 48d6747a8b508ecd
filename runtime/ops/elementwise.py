"""What NumPy computes element by element: all its ufuncs and their methods.

The kind of a result is NumPy's answer to a probe, its shape the broadcast of the operands'; ``out=`` is the result
where it is given, ``where=`` takes part in broadcasting.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import numpy as np

from ..ir.call import Call
from ..ir.dims import Dim
from ..ir.types import ANY, NONE, ArrayType, ListType, ScalarType, TupleType, Type, join
from .infer import (
    RAISED,
    NeedsStatic,
    Unknown,
    array_or_scalar,
    broadcast,
    broadcasts,
    fits_int64,
    kind_of,
    probe,
    shape_of,
    static,
    type_of,
)
from .op import Op
from .operators import fits, numbers_only
from .rules import array_like, as_numpy, axes_of, out_type, plain
from .specimens import (
    COMPLEX,
    CUBE,
    EMPTY,
    FLOATS,
    INT_MATRIX,
    MASK,
    MATRIX,
    ONE_BY_ONE,
    POINTS,
    SMALL_INTS,
    STRIDED_MATRIX,
    ZERO_D,
    Deferred,
    call,
    each,
)

Infer = Callable[..., Type]

BEYOND_INT64 = (1, 2**63, 2**70)    # an int becomes int64, uint64 or an object


# --------------------------------------------------------------------------------------------------------------- ufuncs

def elementwise(function: np.ufunc) -> Infer:
    """The rule of calling a ufunc."""

    def infer(*args: Any, out: Any = None, where: Any = True, **options: Any) -> Type:
        if not function.nin <= len(args) <= function.nin + function.nout:
            raise TypeError(f"{function.__name__} takes {function.nin} operands")
        operands = tuple([operand(value) for value in args[:function.nin]])
        outs = args[function.nin:] if len(args) > function.nin else out if type(out) is tuple else (out,)
        options = {name: static(value, name) for name, value in options.items()}
        if any(plain(target) is not None for target in outs):
            return _stored(function, operands, outs, options)
        mask = () if where is True else shape_of(where)
        return _results(function, operands, options, mask)

    return infer


def operand(value: Any) -> Any:
    """An argument as a ufunc sees it: sequences are arrays, numbers stay as they are."""
    value = plain(value)
    if isinstance(value, ListType | TupleType | list | tuple):
        return array_like(value)
    return value


def _results(function: Callable[..., Any], operands: tuple[Any, ...], options: dict[str, Any],
             mask: tuple[Dim, ...]) -> Type:
    if len(operands) == 1 and not fits_int64(operands[0]):
        return of_any_int(function, options)
    shape = broadcast(*map(shape_of, operands), mask)
    probed = probe(function, *operands, **options)
    if mask and not (isinstance(probed, np.ndarray) or type(probed) is tuple):
        probed = np.asarray(probed)
    return several(probed, shape)


def several(probed: Any, shape: tuple[Dim, ...]) -> Type:
    """The type of one result, or of a tuple of them, all of ``shape``."""
    if type(probed) is tuple:
        return TupleType(tuple([array_or_scalar(item, shape) for item in probed]))
    return array_or_scalar(probed, shape)


def of_any_int(function: Callable[..., Any], options: dict[str, Any]) -> Type:
    answers = []
    for representative in BEYOND_INT64:
        try:
            answers.append(kind_of(probe(function, representative, **options)))
        except RAISED:
            continue
    return join(*answers)


def _stored(function: Callable[..., Any], operands: tuple[Any, ...], outs: Any, options: dict[str, Any]) -> Type:
    targets = [out_type(target) for target in outs]
    if len(targets) == 1:
        probe(function, *operands, out=targets[0], **options)
        return targets[0] or ANY
    if None in targets:
        raise Unknown(outs)
    return TupleType(tuple(target for target in targets if target is not None))


def cannot_raise(function: Callable[..., Any], infer: Infer, count: int) -> Callable[..., bool]:
    """The ``total`` of an elementwise call without ``out`` and ``where``: numbers of shapes that provably broadcast."""

    def total(*args: Any, **kwargs: Any) -> bool:
        kinds = [type_of(value) for value in args]
        if kwargs or len(args) != count or not numbers_only(*kinds):
            return False
        try:
            result = infer(*args)
        except (Unknown, NeedsStatic, *RAISED):
            return False
        if function in (np.power,
                        np.float_power) and not (isinstance(result, ArrayType | ScalarType)
                                                 and result.dtype.kind in "fc"):
            return False
        dtypes = [kind.dtype for kind in kinds if isinstance(kind, ArrayType | ScalarType)] or [np.dtype(np.int64)]
        return broadcasts(*map(shape_of, kinds)) and all(fits(value, dtype) for value in args for dtype in dtypes)

    return total


def _ufunc_op(function: np.ufunc) -> Op:
    infer = elementwise(function)
    return Op(function.__name__, as_numpy(function), infer, captures=(function,),
              total=cannot_raise(function, infer, function.nin),
              writes=tuple(range(function.nin, function.nin + function.nout)),
              samples=Deferred(lambda: _samples(function)))


# -------------------------------------------------------------------------------------------------------- their samples

REAL = np.array([0.5, 2.0, 3.25])
INTS = np.array([1, 2, 3], np.int16)
UNARY_SAMPLES = (*each((FLOATS[1:4], SMALL_INTS[::-1], COMPLEX, MATRIX.astype(np.float32).T, STRIDED_MATRIX, EMPTY,
                        ONE_BY_ONE, np.array([3, 200], np.uint8), MASK, *POINTS)), call(2), call(0.5),
                        call([1, 2.5]))
BINARY_SAMPLES = tuple(call(*pair)
                       for pair in ((REAL, REAL[::-1]), (REAL, 2.0), (3, INTS), (INTS, np.array([1, 2, 3], np.uint8)),
                                    (INTS.astype(np.uint8), 7), (np.float32(1.5), 2.5), (ZERO_D, np.float32(2)),
                                    (MATRIX, np.array([[1.0], [2.0]])), (EMPTY, 1), (MASK, MASK[::-1]),
                                    (COMPLEX, COMPLEX.astype(np.complex64)), (INT_MATRIX.T, 3), (REAL, [1, 2, 3]),
                                    (2, 3), (1.5, 2), (ONE_BY_ONE, REAL), (INTS, np.int64(2)),
                                    (CUBE, np.arange(4)))) + (call(REAL, INTS), call(INTS, INTS[::-1]))


def _samples(function: np.ufunc) -> tuple[Call, ...]:
    base = UNARY_SAMPLES if function.nin == 1 else BINARY_SAMPLES
    usable = tuple([sample for sample in base if _accepts(function, sample)])
    if function.nout > 1:
        return usable
    operands = usable[0].args
    shape, dtype = _outcome(function, operands)
    return (*usable, call(*operands, out=np.zeros(shape, dtype)), call(*operands, np.zeros((2, *shape), dtype)),
            call(*operands, out=np.zeros(shape, dtype), where=np.ones(shape, bool)))


def _accepts(function: np.ufunc, sample: Any) -> bool:
    try:
        _outcome(function, sample.args)
    except TypeError:
        return False
    return True


def _outcome(function: np.ufunc, args: Any) -> tuple[tuple[int, ...], np.dtype[Any]]:
    with np.errstate(all="ignore"):
        result = function(*args)
    first = result[0] if isinstance(result, tuple) else result
    return np.shape(first), np.asarray(first).dtype


# ---------------------------------------------------------------------------------------------------- methods of ufuncs

METHODS = ("reduce", "accumulate", "reduceat", "outer", "at")
WITH_METHODS = (np.add, np.subtract, np.multiply, np.divide, np.power, np.maximum, np.minimum, np.fmax, np.fmin,
                np.logical_and, np.logical_or, np.logical_xor, np.bitwise_and, np.bitwise_or, np.bitwise_xor, np.less,
                np.less_equal, np.greater, np.greater_equal, np.equal, np.not_equal, np.hypot, np.arctan2, np.logaddexp,
                np.gcd, np.lcm, np.floor_divide, np.remainder, np.left_shift, np.right_shift)


def _reduce_rule(function: np.ufunc) -> Infer:
    def infer(array: Any, axis: Any = 0, dtype: Any = None, out: Any = None, keepdims: Any = False,
              initial: Any = np._NoValue, where: Any = True) -> Type:
        stored = out_type(plain(out))
        if stored is not None:
            return stored
        operand, keepdims = array_like(plain(array)), static(keepdims, "keepdims")
        axis, dtype = static(axis, "axis"), static(dtype, "dtype")
        probed = probe(function.reduce, operand, axis=axis, dtype=dtype, keepdims=keepdims)
        axes = axes_of(axis, operand.rank)
        return array_or_scalar(probed, tuple([1 if i in axes else size for i, size in enumerate(operand.shape)
                                              if keepdims or i not in axes]))

    return infer


def _accumulate_rule(function: np.ufunc) -> Infer:
    def infer(array: Any, axis: Any = 0, dtype: Any = None, out: Any = None) -> Type:
        stored = out_type(plain(out))
        if stored is not None:
            return stored
        operand = array_like(plain(array))
        probed = probe(function.accumulate, operand, axis=static(axis, "axis"), dtype=static(dtype, "dtype"))
        return array_or_scalar(probed, operand.shape)

    return infer


def _reduceat_rule(function: np.ufunc) -> Infer:
    def infer(array: Any, indices: Any, axis: Any = 0, dtype: Any = None, out: Any = None) -> Type:
        stored = out_type(plain(out))
        if stored is not None:
            return stored
        operand, axis = array_like(plain(array)), static(axis, "axis")
        probed = probe(function.accumulate, operand, axis=axis, dtype=static(dtype, "dtype"))
        (axis,) = axes_of(axis, operand.rank)
        return array_or_scalar(probed, (*operand.shape[:axis], *shape_of(plain(indices)), *operand.shape[axis + 1:]))

    return infer


def _outer_rule(function: np.ufunc) -> Infer:
    def infer(a: Any, b: Any, **options: Any) -> Type:
        a, b = operand(a), operand(b)
        if plain(options.pop("out", None)) is not None:
            raise Unknown(options)
        probed = probe(function.outer, a, b, **{name: static(value, name) for name, value in options.items()})
        return several(probed, (*shape_of(a), *shape_of(b)))

    return infer


def _at_rule(function: np.ufunc) -> Infer:
    def infer(a: Any, indices: Any, b: Any = None) -> Type:
        return NONE

    return infer


RULES = {"reduce": _reduce_rule, "accumulate": _accumulate_rule, "reduceat": _reduceat_rule, "outer": _outer_rule,
         "at": _at_rule}
WRITES = {"reduce": (3,), "accumulate": (3,), "reduceat": (4,), "outer": (),
          "at": (0,)}      # ``out`` or the array itself
METHOD_SAMPLES = {
    "reduce": (call(INT_MATRIX), call(INT_MATRIX, 1), call(INT_MATRIX, axis=-1, keepdims=True), call(INTS + 1),
               call(np.array([[2, 3]], np.float32)), call(INT_MATRIX, 0, None, np.zeros(4, int))),
    "accumulate": (call(INT_MATRIX), call(INT_MATRIX, 1), call(INTS), call(MATRIX + 5),
                   call(INT_MATRIX, 0, None, np.zeros((3, 4), int))),
    "reduceat": (call(INTS, np.array([0, 2])), call(INT_MATRIX, [0, 1, 3], axis=1),
                 call(INT_MATRIX, [0, 1], 0, None, np.zeros((2, 4), int))),
    "outer": (call(INTS, SMALL_INTS), call(INT_MATRIX, 3), call(np.array([1, 2], np.float32), REAL), call(2, 3)),
    "at": (call(INTS + 3, np.array([0, 0]), 2),
           call(INT_MATRIX, (np.array([0, 1]), np.array([1, 2])), np.array([2, 3]))),
}


@lru_cache(maxsize=1024)
def of_ufunc_method(function: np.ufunc, name: str) -> Op | None:
    """The op that ``function.name(...)`` means, or None: a ufunc's method is a new object at each access."""
    if name not in METHODS or function not in WITH_METHODS:
        return None
    path = function.__name__

    def kernel(xp: Any) -> Callable[..., Any]:
        return getattr(function if xp is np else getattr(xp, path), name)

    return Op(f"{path}.{name}", kernel, RULES[name](function), writes=WRITES[name],
              samples=Deferred(lambda: _method_samples(function, name)))


def _method_samples(function: np.ufunc, name: str) -> tuple[Call, ...]:
    return tuple([sample for sample in METHOD_SAMPLES[name] if _method_accepts(function, name, sample)])


def _method_accepts(function: np.ufunc, name: str, sample: Any) -> bool:
    arguments = [value.copy() if isinstance(value, np.ndarray) else value for value in sample.args]
    try:
        with np.errstate(all="ignore"):
            getattr(function, name)(*arguments, **sample.kwargs)
    except (TypeError, ValueError):
        return False
    return True


OF_NUMBERS = [function for function in vars(np).values() if function is not np.isnat]
UFUNCS = tuple({id(function): function for function in OF_NUMBERS
                if isinstance(function, np.ufunc) and function.signature is None}.values())

OPS = (
    *map(_ufunc_op, UFUNCS),
    *(op for function in WITH_METHODS for name in METHODS for op in [of_ufunc_method(function, name)]
      if op is not None),
)

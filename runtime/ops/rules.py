"""What the rules of several families share: calls bound to NumPy's parameters, axes, shapes as arguments.

A rule is an ``infer`` made from the callable it describes.  ``numeric`` makes the ``total`` of an op that raises for no
values once its arguments' kinds are right.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable
from functools import lru_cache, wraps
from inspect import Parameter, Signature
from types import EllipsisType, NoneType
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from ..ir import dims
from ..ir.dims import Dim
from ..ir.types import ArrayType, ConstantType, IntType, ListType, PythonType, ScalarType, TupleType, Type, scalar_of
from .infer import (
    NeedsStatic,
    Unknown,
    array_or_scalar,
    as_dim,
    fits_int64,
    operands_of,
    probe,
    shape_of,
    signature_of,
    static,
)

Infer = Callable[..., Type]
NOT_INFERRED = (Unknown, NeedsStatic, TypeError, ValueError, LookupError, ArithmeticError, AttributeError)


@lru_cache(maxsize=1024)
def method(name: str) -> Callable[..., Any]:
    """The callable ``call(x, ...)`` that means ``x.name(...)``."""

    def call(x: Any, /, *args: Any, **kwargs: Any) -> Any:
        return getattr(x, name)(*args, **kwargs)

    call.__name__ = call.__qualname__ = name
    return call


def as_numpy(function: Callable[..., Any]) -> Callable[[Any], Callable[..., Any]]:
    """The kernel of a function of NumPy: the one of the same path (``linalg.norm``) in the module asked."""
    def kernel(xp: Any) -> Callable[..., Any]:
        if xp is np:
            return function
        found = xp
        for part in name_of(function).split("."):
            found = getattr(found, part)
        return found

    return kernel


def name_of(function: Callable[..., Any]) -> str:
    """``norm`` of ``numpy.linalg`` is called ``linalg.norm``."""
    return ".".join((*(function.__module__ or "numpy").split(".")[1:], function.__name__))


def as_method(name: str) -> Callable[[Any], Callable[..., Any]]:
    """The kernel of the method ``name``, whatever object it is called on."""
    return lambda xp: method(name)


def plain(value: Any) -> Any:
    """``value`` with the types that have a single value replaced by it (None, Ellipsis, known ints, constants)."""
    match value:
        case PythonType(cls) if cls is NoneType:
            return None
        case PythonType(cls) if cls is EllipsisType:
            return ...
        case IntType(known) if isinstance(known, int):
            return known
        case ConstantType(constant):
            return constant
    return value


def checked(infer: Infer) -> Infer:
    """``infer`` for arguments made plain; says nothing about objects, whose elements may be of any type."""

    @wraps(infer)
    def rule(*args: Any, **kwargs: Any) -> Type:
        args = tuple([plain(value) for value in args])
        kwargs = {name: plain(value) for name, value in kwargs.items()}
        if any(_holds_objects(leaf) for leaf in leaves((args, kwargs))):
            raise Unknown(args)
        return infer(*args, **kwargs)

    return rule


def leaves(value: Any) -> Iterable[Any]:
    """What stands in ``value`` that is no tuple, list, dict or slice."""
    if type(value) in (tuple, list):
        for item in value:
            yield from leaves(item)
    elif type(value) is dict:
        yield from leaves(list(value.values()))
    elif type(value) is slice:
        yield from leaves((value.start, value.stop, value.step))
    elif isinstance(value, TupleType):
        yield from leaves(value.items)
    elif isinstance(value, ListType):
        yield from leaves(value.item)
    else:
        yield value


def _holds_objects(leaf: Any) -> bool:
    return isinstance(leaf, ArrayType | ScalarType | np.ndarray) and leaf.dtype.hasobject


def out_positions(function: Callable[..., Any]) -> tuple[int, ...]:
    """Where ``out`` stands if it is given by position."""
    found = [(i, parameter) for i, parameter in enumerate(signature_of(function).parameters.values())
             if parameter.name == "out"]
    return tuple([i for i, parameter in found if parameter.kind is not Parameter.KEYWORD_ONLY])


def parameters_of(function: Callable[..., Any]) -> Callable[[Callable[[dict[str, Any]], Type]], Infer]:
    """Turn a rule over the dict of the arguments given, by ``function``'s names, into an ``infer``."""
    prototype = signature_of(function)

    def decorate(rule: Callable[[dict[str, Any]], Type]) -> Infer:
        def infer(*args: Any, **kwargs: Any) -> Type:
            return rule(bind(prototype, args, kwargs))

        infer = checked(infer)
        infer.__signature__ = prototype  # type: ignore[attr-defined]
        return infer

    return decorate


def bind(prototype: Signature, args: tuple[Any, ...], kwargs: dict[str, Any]) -> dict[str, Any]:
    """The arguments given, by name.  Raises TypeError as the call does."""
    return dict(prototype.bind(*args, **kwargs).arguments)


def result(probed: Any, shape: tuple[Dim, ...]) -> Type:
    """``array_or_scalar``, or a tuple's items each of ``shape``; ``shape`` has the rank that was probed."""
    if type(probed) is tuple or type(probed).__module__.startswith("numpy") and isinstance(probed, tuple):
        return TupleType(tuple([result(item, shape) for item in probed]))
    assert np.ndim(probed) == len(shape), f"a rule gives {shape} where NumPy gives {np.shape(probed)}"
    return array_or_scalar(probed, shape)



def out_type(out: Any) -> Type | None:
    """The type of a result that is stored in ``out``, or None if there is no ``out``."""
    if type(out) in (tuple, list) and len(out) == 1:
        return out_type(plain(out[0]))
    if isinstance(out, TupleType) and len(out.items) == 1:
        return out_type(plain(out.items[0]))
    if out is None or out is np._NoValue:
        return None
    if isinstance(out, ArrayType):
        return out
    raise Unknown(out)


def axes_of(axis: Any, rank: int) -> tuple[int, ...]:
    """The axes, counted from 0; a 0-d array has none, whatever NumPy lets through.  Raises AxisError."""
    axis = static(axis, "axis")
    if rank == 0:
        return ()
    return tuple(range(rank)) if axis is None else normalize_axis_tuple(axis, rank)


def agreed(*sizes: Dim) -> Dim:
    """Of sizes that must be equal, or the call raises, the one that says most.  Raises ValueError if they cannot be."""
    best = min(sizes, key=lambda size: 0 if isinstance(size, int) else 1 + any(
        symbol.name.startswith(dims.FRESH) for symbol in dims.symbols(size)))
    if any(dims.known_unequal(size, best) for size in sizes):
        raise ValueError(f"sizes do not match: {sizes}")
    return best


def size_of(shape: Iterable[Dim]) -> Dim:
    """The number of elements."""
    return math.prod(shape)


def array_like(value: Any) -> ArrayType:
    """What ``np.asarray(value)`` is.  Raises ``Unknown`` where that is open, as for a list that may be empty."""
    if isinstance(value, ArrayType):
        return value
    if not all(map(fits_int64, leaves(value))):
        raise Unknown(value)
    if isinstance(value, ListType) and not (isinstance(value.length, int) and value.length > 0):
        low = None if value.length is None else dims.lower_bound(value.length)
        item = array_like(value.item)
        if (low is None or low < 1) and (item.shape or item.dtype != np.float64):
            raise Unknown(value)
    return ArrayType(probe(np.asarray, value).dtype, shape_of(value))


def as_operand(value: Any) -> Any:
    """An argument as a probe takes it next to others: a list of any length as the type of its array."""
    return array_like(value) if isinstance(value, list | tuple | ListType | TupleType) else value


def size_argument(value: Any) -> Dim:
    """An int that the call takes as a length: where it is negative, there is no result.

    Raises ValueError for a negative int.
    """
    match value:
        case IntType(known) if known is not None:
            return known
        case Type():
            return dims.fresh()
    size = operator.index(value)
    if size < 0:
        raise ValueError("negative dimensions are not allowed")
    return size


def count_argument(value: Any) -> Dim:
    """An int of which the call makes as many as it says, none if it is negative."""
    return dims.maximum(as_dim(value, low=None), 0)


def sequence_argument(value: Any, parameter: str) -> tuple[Any, ...]:
    """The items of a shape, axes or repeats; an int alone is one.  Raises ``NeedsStatic`` if their number is open."""
    match value:
        case TupleType(items):
            return items
        case ListType(item, length) if isinstance(length, int):
            return (item,) * length
        case ArrayType(dtype, (int() as length,)) if dtype.kind in "iu":
            return (scalar_of(dtype),) * length
        case IntType() | ScalarType() | ArrayType(_, ()):
            return (value,)
        case Type():
            raise NeedsStatic(parameter)
        case tuple() | list():
            return tuple(value)
        case np.ndarray():
            return tuple(np.atleast_1d(value).tolist())
    return (value,)


def shape_argument(value: Any, parameter: str = "shape") -> tuple[Dim, ...]:
    """A shape such as ``np.zeros`` takes."""
    return tuple([size_argument(plain(item)) for item in sequence_argument(value, parameter)])


def any_shape(rank: int) -> tuple[Dim, ...]:
    """A shape of which only the rank is known."""
    return tuple([dims.fresh() for _ in range(rank)])



def numeric(infer: Infer) -> Callable[..., bool]:
    """A ``total``: the call cannot raise if its one operand holds numbers and ``infer`` gives a type.

    Nothing is claimed for sequences (their items may not fit together), Python ints (they may not fit a dtype),
    or further
    operands such as ``out``, ``where`` and ``initial``.
    """

    def total(*args: Any, **kwargs: Any) -> bool:
        try:
            infer(*args, **kwargs)
        except NOT_INFERRED:
            return False
        operands = [operand for operand in operands_of((args, kwargs)) if plain(operand) is operand]
        return len(operands) == 1 and is_numeric(operands[0]) and not {"out", "where", "initial"} & kwargs.keys()

    return total


def is_numeric(leaf: Any) -> bool:
    """Whether ``leaf`` is an array or NumPy scalar of numbers, or no operand at all."""
    if isinstance(leaf, ArrayType | ScalarType):
        return leaf.dtype.kind in "biufc"
    return not isinstance(leaf, Type) or plain(leaf) is not leaf

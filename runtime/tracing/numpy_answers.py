"""Calls of functions of NumPy that call functions of the user's, and of what NumPy keeps as settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.polynomial.chebyshev import chebinterpolate

from ..ir.types import ANY, NEVER, STR, ArrayType, ConstantType, IntType, ListType, ObjectType, options
from ..ops import TABLE
from ..ops.closures import is_record
from ..ops.containers import ANY_DICT
from ..ops.infer import shape_of
from ..ops.vectorizing import ALL, FIRST, GATHERED, GATHERED_LIKE
from . import numpy_library as library
from .answers import answers
from .classes import has_user_method
from .heap import Loadable, State, type_of
from .tracer import BoundMethod, Tracer, UserMethod

if TYPE_CHECKING:
    from .staging import Staging

ERRORS = ("divide", "over", "under", "invalid")


@answers(np.apply_along_axis)
def _apply_along_axis(trace: Staging, func1d: Any, axis: Any, arr: Any, *args: Any, **kwargs: Any) -> Any:
    return trace.call(library.along_axis, func1d, axis, arr, args, kwargs)


@answers(np.apply_over_axes)
def _apply_over_axes(trace: Staging, func: Any, a: Any, axes: Any) -> Any:
    known = trace.known_items(axes)
    if known is None:
        return trace.call(library.over_axes, func, a, axes)
    found, rank = trace.call(np.asarray, a), trace.call(library.rank_of, a)
    for axis in known:
        found = trace.call(library.over_axis, func, found, axis, rank)
    return found


@answers(np.fromfunction)
def _fromfunction(trace: Staging, function: Any, shape: Any, *, dtype: Any = float, like: Any = None,
                  **kwargs: Any) -> Any:
    if like is not None:
        trace.refuse("numpy.fromfunction(like=...) is not supported in a graph.", fix="leave 'like' out")
    return trace.call(library.from_function, function, shape, dtype, kwargs)


@answers(np.mask_indices)
def _mask_indices(trace: Staging, n: Any, mask_func: Any, k: Any = 0) -> Any:
    return trace.call(library.masked_indices, n, mask_func, k)


@answers(chebinterpolate)
def _chebinterpolate(trace: Staging, func: Any, deg: Any, args: Any = ()) -> Any:
    return trace.call(library.chebyshev_interpolant, func, deg, args)


# -- one function for each part of an array


@answers(np.piecewise)
def _piecewise(trace: Staging, x: Any, condlist: Any, funclist: Any, *args: Any, **kw: Any) -> Any:
    functions = trace.known_items(funclist)
    if functions is None:
        trace.refuse(
            "The functions of numpy.piecewise() are known only when the graph runs.",
            fix="write them out as a list: [f, g]",
        )
    x = trace.call(np.asanyarray, x)
    conditions = trace.call(np.asarray, _conditions(trace, x, condlist), dtype=bool)
    number = _first_size(trace, conditions)
    if number == len(functions) - 1:
        rest = trace.call(np.any, conditions, axis=0, keepdims=True)
        conditions = trace.call(np.concatenate, trace.new_list(conditions, trace.call(np.logical_not, rest)), axis=0)
    elif number != len(functions):
        trace.raise_now(ValueError(
            f"with {number} condition(s), either {number} or {number + 1} functions are expected"))
    y = trace.call(np.zeros_like, x)
    for place, function in enumerate(functions):
        condition = trace.get_item(conditions, place)
        if _is_function(function):
            trace.call(library.piece, y, x, condition, function, args, kw)
        else:
            trace.set_item(y, condition, function)
    return y


def _conditions(trace: Staging, x: Any, condlist: Any) -> Any:
    """A list of conditions; a single one is made a list of one, unless it belongs to a number."""
    if trace.call(np.isscalar, condlist) is True:
        return trace.new_list(condlist)
    known = trace.known_items(condlist)
    first = type_of(trace.get_item(condlist, 0)) if known is None else type_of(known[0]) if known else None
    if isinstance(first, ArrayType | ListType) or not shape_of(type_of(x)):
        return condlist
    return trace.new_list(condlist)


def _first_size(trace: Staging, array: Any) -> int:
    """How many conditions there are."""
    size = shape_of(type_of(array))[0]
    if not isinstance(size, int):
        trace.specialise(IntType(size), "numpy.piecewise() needs the number of its conditions")
        trace.refuse(
            "The number of conditions of numpy.piecewise() is known only when the graph runs.",
            fix="write them out as a list: [x < 0, x >= 0]",
        )
    return size


def _is_function(item: Any) -> bool:
    """Whether ``callable(item)``."""
    if not isinstance(item, Tracer):
        return callable(item) or isinstance(item, (BoundMethod, UserMethod))
    found = options(item.graph_value.type)
    return all(isinstance(option, ObjectType) and (is_record(option) or has_user_method(option, "__call__"))
               or isinstance(option, ConstantType) and callable(option.value) for option in found)


# -- vectorize


@answers(np.vectorize.__call__)
def _vectorized(trace: Staging, vectorized: Any, *args: Any, **kwargs: Any) -> Any:
    """A call of an object that ``np.vectorize`` made."""
    excluded = trace.contents(trace.get_attribute(vectorized, "excluded"))[1]
    _check_options(trace, excluded.type != NEVER or trace.get_attribute(vectorized, "signature") is not None)
    function, otypes, cache = (trace.get_attribute(vectorized, name) for name in ("pyfunc", "otypes", "cache"))
    return elementwise(trace, function, otypes, cache, *args, **kwargs)


def _check_options(trace: Staging, are_given: bool) -> None:
    if are_given:
        trace.refuse(
            "numpy.vectorize() with 'excluded' or 'signature' is not supported in a graph.",
            fix="write a loop over the elements, or functools.partial(function, ...) for what is excluded",
        )


def elementwise(trace: Staging, function: Any, otypes: Any, cache: Any, *args: Any, **kwargs: Any) -> Any:
    """``np.vectorize(function, otypes, cache=cache)(*args, **kwargs)``."""
    if not args and not kwargs:
        return trace.call(function)
    names = tuple(kwargs)
    given = (*args, *kwargs.values())

    def of_items(*items: Any) -> Any:
        return trace.call(function, *items[: len(args)], **dict(zip(names, items[len(args):])))

    if isinstance(otypes, Tracer):
        otypes = trace.known_items(otypes)
    results = trace.new_list()
    if otypes is not None:
        called = _each(trace, of_items, len(given), trace.apply(ALL, *given), results)
        return trace.apply(GATHERED, called, otypes, *given)
    first = of_items(*trace.unpack(trace.apply(FIRST, *given), len(given)))
    items = trace.call(library.remaining, trace.apply(ALL, *given), first, results, cache)
    return trace.apply(GATHERED_LIKE, _each(trace, of_items, len(given), items, results), first, *given)


def _each(trace: Staging, function: Any, number: int, items: Any, results: Any) -> Any:
    def body(item: Any) -> tuple[()]:
        arguments = trace.unpack(item, number)
        trace.call_method(results, "append", function(*arguments))
        return ()

    trace.for_(items, body, (), ())
    return results


@answers(elementwise)
def _elementwise(trace: Staging, *args: Any, **kwargs: Any) -> Any:
    return elementwise(trace, *args, **kwargs)


@answers(np.vectorize)
def _vectorize(trace: Staging, pyfunc: Any, otypes: Any = None, doc: Any = None, excluded: Any = None,
               cache: Any = False, signature: Any = None) -> Any:
    known = trace.known_items(otypes) if isinstance(otypes, Tracer) else otypes
    _check_options(trace, excluded is not None or signature is not None)
    chars = trace.of_constants(lambda: np.vectorize(len, known).otypes)
    return trace.partial(elementwise, pyfunc, tuple(chars) if isinstance(chars, list) else chars, cache)


@answers(np.frompyfunc)
def _frompyfunc(trace: Staging, *args: Any, **kwargs: Any) -> Any:
    trace.refuse(
        "numpy.frompyfunc() gives arrays of Python objects, which is not supported in a graph.",
        fix="use np.vectorize(function, otypes=[float])",
    )


# -- settings


@answers(np.seterr)
def _seterr(trace: Staging, *args: Any, **kwargs: Any) -> Any:
    return _as_dict(trace, np.seterr, {name: Loadable(STR) for name in ERRORS}, *args, **kwargs)


@answers(np.geterr)
def _geterr(trace: Staging) -> Any:
    return _as_dict(trace, np.geterr, {name: Loadable(STR) for name in ERRORS})


@answers(np.get_printoptions)
def _get_printoptions(trace: Staging) -> Any:
    return _as_dict(trace, np.get_printoptions, {name: Loadable(ANY) for name in np.get_printoptions()})


def _as_dict(trace: Staging, function: Any, items: dict[str, Loadable], *args: Any, **kwargs: Any) -> Any:
    """A dict of which the keys are known."""
    thing = trace.new_object("dict", State(items))
    return trace.apply(TABLE.meaning(function), *args, type=ANY_DICT, refs=frozenset((thing,)), **kwargs)

"""``np.polynomial``: series in powers, and in Chebyshev, Legendre, Hermite and Laguerre polynomials.

The six modules have the same functions under other prefixes, so that a rule is written once for all.  Coefficients
that are zero are left out at the end of a series: how many remain is data.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import numpy as np
from numpy.polynomial import chebyshev, hermite, hermite_e, laguerre, legendre, polynomial, polyutils

from ..ir import dims
from ..ir.dims import Dim
from ..ir.types import ANY, FLOAT, STR, ArrayType, ListType, TupleType, Type, join
from .infer import Unknown, as_dim, broadcast, kind_of, probe, shape_of, static
from .op import Op, Result
from .rules import (
    Infer,
    agreed,
    array_like,
    as_numpy,
    as_operand,
    axes_of,
    checked,
    leaves,
    plain,
    result,
    size_argument,
)
from .specimens import COMPLEX, CUBE, EMPTY, FLOATS, INT_MATRIX, MATRIX, SINGLE, SMALL_INTS, ZERO_D, call, each

BASES: tuple[tuple[str, ModuleType], ...] = (
    ("poly", polynomial), ("cheb", chebyshev), ("leg", legendre), ("herm", hermite), ("herme", hermite_e),
    ("lag", laguerre))


def _length(c: Any) -> Dim:
    """The number of coefficients; a number is a series of one."""
    return (shape_of(c) or (1,))[0]


def _any_series(c: Any) -> ArrayType:
    """An array like ``c`` of any size, so that a probe may choose one that works."""
    operand = array_like(c)
    return ArrayType(operand.dtype, tuple([dims.fresh() for _ in operand.shape or (1,)]))


def _series(most: Dim, *operands: Any) -> Type:
    """A series of at least one coefficient and at most ``most``, computed from those in ``operands``.

    Of less than double precision, what meets a zero of double precision on the way becomes that.
    """
    kind = probe(_of_common_type, *map(_any_series, operands)).dtype
    shape = (dims.fresh(low=1, high=most),)
    return join(*(ArrayType(one, shape) for one in (kind, np.result_type(kind, np.float64))))


def _of_common_type(*operands: Any) -> Any:
    return polyutils.as_series(operands)[0]


def of_two(function: Callable[..., Any], most: Callable[[Dim, Dim], Dim]) -> Infer:
    @checked
    def infer(c1: Any, c2: Any) -> Type:
        probe(function, as_operand(c1), as_operand(c2))
        return _series(most(_length(c1), _length(c2)), c1, c2)

    return infer


def dividing(function: Callable[..., Any]) -> Infer:
    """The rule of a division: quotient and remainder."""

    @checked
    def infer(c1: Any, c2: Any) -> Type:
        probe(function, as_operand(c1), as_operand(c2))
        return TupleType((_series(_length(c1), c1, c2), _series(_length(c1), c1, c2)))

    return infer


def of_one(function: Callable[..., Any], most: Callable[[Dim], Dim]) -> Infer:
    """The rule of what makes a series of one: times x, or in other polynomials."""

    @checked
    def infer(c: Any) -> Type:
        probe(function, as_operand(c))
        return _series(most(_length(c)), c)

    return infer


def power(function: Callable[..., Any], limit: Any) -> Infer:
    @checked
    def infer(c: Any, pow: Any, maxpower: Any = limit) -> Type:
        probe(function, as_operand(c), 2)
        return _series(size_argument(pow) * (_length(c) - 1) + 1, c)

    return infer


@checked
def infer_trimmed(c: Any, tol: Any = 0) -> Type:
    probe(polyutils.trimcoef, as_operand(c))
    return _series(_length(c), c)


def derivative(function: Callable[..., Any]) -> Infer:
    @checked
    def infer(c: Any, m: Any = 1, scl: Any = 1, axis: Any = 0) -> Type:
        operand, times, axis = array_like(c), size_argument(m), static(axis, "axis")
        probed = probe(function, as_operand(c), plain(m), as_operand(scl), axis)
        return _along(probed, operand, axis, lambda size: _fewer(size, times))

    return infer


def _fewer(size: Dim, times: Dim) -> Dim:
    """Of how many coefficients a derivative of a given order is; the one of order 0 is the series."""
    if (dims.lower_bound(times) or 0) > 0 or (dims.lower_bound(size) or 0) > 0:
        return dims.maximum(size - times, 1)
    return size if isinstance(times, int) else dims.fresh(high=dims.maximum(size, 1))


def integral(function: Callable[..., Any]) -> Infer:
    """The rule of an integral; that of a single zero stays a single coefficient."""

    @checked
    def infer(c: Any, m: Any = 1, k: Any = (), lbnd: Any = 0, scl: Any = 1, axis: Any = 0) -> Type:
        operand, times, axis = array_like(c), size_argument(m), static(axis, "axis")
        probed = probe(function, as_operand(c), plain(m), lbnd=as_operand(lbnd), scl=as_operand(scl), axis=axis)
        return _along(probed, operand, axis, lambda size: (
            size + times if (dims.lower_bound(size) or 0) > 1 else dims.fresh(low=1, high=size + times)))

    return infer


def _along(probed: Any, operand: ArrayType, axis: int, size: Callable[[Dim], Dim]) -> Type:
    shape = list(operand.shape or (1,))
    (at,) = axes_of(axis, len(shape))
    shape[at] = size(shape[at])
    return result(probed, tuple(shape))


def value(function: Callable[..., Any]) -> Infer:
    """The rule of a series at ``x``; further axes of coefficients are further series."""

    @checked
    def infer(x: Any, c: Any, tensor: Any = True) -> Type:
        points, columns = _points(x), (array_like(c).shape or (1,))[1:]
        probed = probe(function, as_operand(x), as_operand(c), static(tensor, "tensor"))
        return result(probed, columns + points if static(tensor, "tensor") else broadcast(columns, points))

    return infer


def _points(x: Any) -> tuple[Dim, ...]:
    """The shape of the places at which a series is computed; of something that is no array it is open."""
    return array_like(x).shape


def values(function: Callable[..., Any], number: int, grid: bool) -> Infer:
    """The rule of a series in several variables, at points or on the grid of all their combinations."""

    def infer(points: tuple[Any, ...], c: Any) -> Type:
        shapes = [_points(x) for x in points]
        probed = probe(function, *map(as_operand, points), as_operand(c))
        shape = sum(shapes, start=()) if grid else broadcast(*shapes)
        return result(probed, array_like(c).shape[number:] + shape)

    return _of_points(infer, number, "c")


def _of_points(infer: Callable[[tuple[Any, ...], Any], Type], number: int, last: str) -> Infer:
    """``infer`` with parameters ``x``, ``y``, perhaps ``z`` and ``last``."""

    @checked
    def rule(*args: Any, **kwargs: Any) -> Type:
        given = {**dict(zip((*"xyz"[:number], last), args, strict=False)), **kwargs}
        return infer(tuple([given[name] for name in "xyz"[:number]]), given[last])

    return rule


def vandermonde(function: Callable[..., Any]) -> Infer:
    @checked
    def infer(x: Any, deg: Any) -> Type:
        return result(probe(function, as_operand(x), 1), ((array_like(x).shape or (1,)) + (size_argument(deg) + 1,)))

    return infer


def vandermonde_of_several(function: Callable[..., Any], number: int) -> Infer:
    def infer(points: tuple[Any, ...], deg: Any) -> Type:
        degrees = static(deg, "deg")
        probed = probe(function, *map(as_operand, points), [1] * number)
        # Numbers become arrays of one.
        shape = broadcast((1,), *(array_like(x).shape for x in points))
        return result(probed, (*shape, math.prod(degree + 1 for degree in degrees)))

    return _of_points(infer, number, "deg")


def fit(function: Callable[..., Any]) -> Infer:
    @checked
    def infer(x: Any, y: Any, deg: Any, rcond: Any = None, full: Any = False, w: Any = None) -> Type:
        degrees = static(deg, "deg") if shape_of(deg) else deg
        probed = probe(function, as_operand(x), as_operand(y), 0, w=as_operand(w))
        agreed(array_like(x).shape[0], array_like(y).shape[0])
        most = max(map(int, degrees)) if shape_of(deg) else size_argument(deg)
        found = result(probed, (most + 1, *array_like(y).shape[1:]))
        return TupleType((found, ListType(ANY, 4))) if static(full, "full") else found

    return infer


def from_roots(function: Callable[..., Any]) -> Infer:
    @checked
    def infer(roots: Any) -> Type:
        operand = array_like(roots)
        size = operand.shape[0] if operand.rank else 1
        probe(function, as_operand(roots))
        series = _series(size + 1, roots)
        one = ArrayType(np.dtype(np.float64), (1,))     # without roots, whatever their dtype
        return one if size == 0 else series if (dims.lower_bound(size) or 0) > 0 else join(series, one)

    return infer


def roots(function: Callable[..., Any]) -> Infer:
    """The rule of roots: complex if some of them are."""

    @checked
    def infer(c: Any) -> Type:
        kind = probe(function, _any_series(c)).dtype
        found = (dims.fresh(high=dims.maximum(_length(c) - 1, 0)),)
        return join(*(ArrayType(one, found) for one in (kind, np.result_type(kind, np.complex64))))

    return infer


def companion(function: Callable[..., Any]) -> Infer:
    @checked
    def infer(c: Any) -> Type:
        size = dims.fresh(low=1, high=_length(c) - 1)
        return result(probe(function, _any_series(c)), (size, size))

    return infer


def quadrature(function: Callable[..., Any]) -> Infer:
    """The rule of the points of Gauss, and of their weights."""

    @checked
    def infer(deg: Any) -> Type:
        return TupleType(tuple([result(item, (size_argument(deg),)) for item in probe(function, 2)]))

    return infer


def is_float(value: Any) -> bool:
    return isinstance(value, float) or value == FLOAT


def points(function: Callable[..., Any]) -> Infer:
    @checked
    def infer(npts: Any) -> Type:
        return result(probe(function, 2), (dims.fresh() if is_float(npts) else as_dim(npts),))

    return infer


def weight(function: Callable[..., Any]) -> Infer:
    @checked
    def infer(x: Any) -> Type:
        return result(probe(function, as_operand(x)), shape_of(x))

    return infer


def _domain(bounds: Any) -> Any:
    """A domain as a probe takes it; of one with numbers that are not known, no stand-in is wide enough."""
    if isinstance(bounds, ArrayType | np.ndarray) or not any(isinstance(bound, Type) for bound in leaves(bounds)):
        return bounds
    raise Unknown(bounds)


@checked
def infer_mapped(x: Any, old: Any, new: Any) -> Type:
    return result(probe(polyutils.mapdomain, as_operand(x), _domain(old), _domain(new)), shape_of(x))


@checked
def infer_domain(x: Any) -> Type:
    return result(probe(polyutils.getdomain, as_operand(x)), (2,))


@checked
def infer_mapping(old: Any, new: Any) -> Type:
    return kind_of(probe(polyutils.mapparms, _domain(old), _domain(new)))


def line(function: Callable[..., Any]) -> Infer:
    """The rule of a straight line: a single coefficient where it does not rise."""

    @checked
    def infer(off: Any, scl: Any) -> Type:
        if any(array_like(part).rank for part in (off, scl)):
            raise Unknown(off)
        flat = probe(np.array, [off])
        return join(ArrayType(probe(function, off, scl).dtype, (2,)), ArrayType(flat.dtype, (1,)))

    return infer


RIGHT = np.array([1.0, 2.0, 3.0])
FLAT = np.array([[1.0, 2.0], [0.5, -1.0], [3.0, 0.0]])
HALF = np.array([0.5, 1.5], np.float16)
ONES = (*each((FLOATS, SMALL_INTS, [1, 2, 0], RIGHT[::-1], COMPLEX, np.array([2.0, 0.0]), 3.0, EMPTY, MATRIX, HALF)),)
TWOS = (call([1, 2], [3.0]), call(FLOATS, SMALL_INTS), call(COMPLEX, [1, 2, 3]), call(SINGLE, FLOATS[::2]),
        call(RIGHT, -RIGHT), call(2, RIGHT), call(EMPTY, RIGHT), call(HALF, HALF))
WHOLE = (*each((RIGHT, FLOATS, SMALL_INTS, [3, 2, 1, 5], FLAT, INT_MATRIX, 2.0)), call(RIGHT, 2), call(FLOATS, 0),
         call(FLAT, 1, 2.0), call(FLAT, axis=1), call(CUBE, 1, axis=-1), call(RIGHT, 7), call(RIGHT, -1), call(HALF))
PLACES = (call(FLOATS, RIGHT), call(2.0, RIGHT), call(3, [1, 2]), call(MATRIX, [1.0, 2.0]), call(FLOATS, FLAT),
          call(np.float32(2), RIGHT.astype(np.float32)), call(FLOATS[:2], FLAT, tensor=False), call(EMPTY, RIGHT),
          call(SMALL_INTS, SMALL_INTS[::-1]), call(COMPLEX, [1, 2, 3, 4]), call([1, 2], RIGHT), call(ZERO_D, RIGHT),
          call(HALF, HALF), call(RIGHT, EMPTY))
DATA = (call(FLOATS, FLOATS, 1), call(SMALL_INTS, FLOATS, 2), call(RIGHT, MATRIX.T, 1), call(FLOATS, RIGHT, 1),
        call([0, 1, 2], [1.0, 3.0, 5.0], 0), call(FLOATS, FLOATS, 1, w=np.ones(5)), call(RIGHT, RIGHT, -1),
        call(RIGHT, RIGHT, [0, 1]), call(RIGHT, RIGHT, 1, None, True))
PAIR, TRIPLE = (FLOATS[:2], SMALL_INTS[:2]), (FLOATS[:2], RIGHT[:2], RIGHT[1:])

Row = tuple[str, Callable[[Callable[..., Any]], Infer], tuple[Any, ...]]


def _several(number: int) -> tuple[Any, ...]:
    xs = PAIR if number == 2 else TRIPLE
    cs = (FLAT, INT_MATRIX) if number == 2 else (CUBE, CUBE[..., None])
    return (*[call(*xs, c) for c in cs], call(*([2.0] * number), cs[0]), call(*([EMPTY] * number), cs[0]),
            call(*xs[:-1], RIGHT, cs[0]))


def _rows(prefix: str) -> tuple[Row, ...]:
    """What each of the six modules has, under the name that follows its prefix."""
    limits = {"poly": None, "herm": 16, "herme": 16, "leg": 16, "lag": 16, "cheb": 16}
    return (
        *[(name, lambda f: of_two(f, dims.maximum), TWOS) for name in ("add", "sub")],
        ("mul", lambda f: of_two(f, lambda n, m: n + m - 1), TWOS),
        ("div", dividing, (*TWOS, call(RIGHT, [0.0]))),
        ("mulx", lambda f: of_one(f, lambda n: n + 1), ONES),
        ("pow", lambda f: power(f, limits[prefix]), (call(RIGHT, 2), call(SMALL_INTS, 0), call([1.0, 2.0], pow=3),
                                                     call(COMPLEX, 1), call(RIGHT, -1), call(RIGHT, 2, 1))),
        ("val", value, PLACES),
        ("val2d", lambda f: values(f, 2, grid=False), _several(2)),
        ("val3d", lambda f: values(f, 3, grid=False), _several(3)),
        ("grid2d", lambda f: values(f, 2, grid=True), _several(2)),
        ("grid3d", lambda f: values(f, 3, grid=True), _several(3)),
        ("der", derivative, WHOLE),
        ("int", integral, (*WHOLE, call([0.0]), call(RIGHT, 2, [1.0, 2.0]), call(RIGHT, lbnd=1.0, scl=3))),
        ("fromroots", from_roots, ONES),
        ("roots", roots, (*ONES, call([1.0, 0.0, 1.0]), call(RIGHT.astype(np.float32)), call([2.0, 1.0]))),
        ("companion", companion, (*ONES[:5], call([2.0, 1.0]), call([1.0]))),
        ("vander", vandermonde, (call(FLOATS, 2), call(SMALL_INTS, 0), call(MATRIX, 1), call(2.0, 3), call([1, 2], 1),
                                 call(EMPTY, 2), call(FLOATS, -1), call(COMPLEX, deg=1))),
        *[(f"vander{number}d", lambda f, number=number: vandermonde_of_several(f, number), (
            call(*xs, [1, 2, 1][:number]), call(*xs, (2,) * number), call(*[EMPTY] * number, [1] * number),
            call(*[1.5] * number, [1] * number), call(*xs, [1])))
          for number, xs in ((2, PAIR), (3, TRIPLE))],
        ("fit", fit, DATA),
        ("line", line, (call(1, 2), call(1.5, 2), call(0.5, 0), call(np.float32(1), 2))),
        *(() if prefix == "poly" else (
            ("gauss", quadrature, each((1, 3, 5, 0))),
            ("weight", weight, each((FLOATS / 4, SINGLE / 8, 0.5, MATRIX / 8, EMPTY, ZERO_D / 2))),
            (f"{prefix}2poly", lambda f: of_one(f, lambda n: n), ONES),
            (f"poly2{prefix}", lambda f: of_one(f, lambda n: n), ONES))),
    )


def _ops() -> Iterator[Op]:
    for prefix, module in BASES:
        for name, rule, samples in _rows(prefix):
            function = getattr(module, name if "2poly" in name or "poly2" in name else prefix + name, None)
            if function is not None:
                yield Op(f"{prefix}.{function.__name__}", as_numpy(function), rule(function), captures=(function,),
                         samples=samples)


ROWS: tuple[tuple[Callable[..., Any], Infer, Result, tuple[Any, ...]], ...] = (
    (polynomial.polyvalfromroots, value(polynomial.polyvalfromroots), Result.FRESH, PLACES),
    *[(function, points(function), Result.FRESH, each((4, 2, 3.0, 0)))
      for function in (chebyshev.chebpts1, chebyshev.chebpts2)],
    (polyutils.trimcoef, infer_trimmed, Result.FRESH, (*ONES, call(FLOATS, 1.0), call(RIGHT, tol=5), call(RIGHT, -1))),
    (polyutils.getdomain, infer_domain, Result.FRESH, ONES),
    (polyutils.mapparms, infer_mapping, Result.FRESH, (call([0, 1], RIGHT[:2]), call(RIGHT[:2], RIGHT[1:]),
                                                       call([0, 0], [1, 2]), call((-1, 1), (0.0, 5.0)))),
    (polyutils.mapdomain, infer_mapped, Result.FRESH, (
        call(FLOATS, [0, 1], [2.0, 3.0]), call(2.0, RIGHT[:2], [0, 1]), call(SMALL_INTS, (0, 1), (1, 5)),
        call(EMPTY, [0, 1], [1, 2]), call(COMPLEX, [0, 1], [0.0, 5.0]))),
    (polyutils.format_float, lambda *args, **kwargs: STR, Result.IMMUTABLE, each((2.5, np.float64(1e-9), 3.0))),
)

OPS: tuple[Op, ...] = (
    *_ops(),
    *[Op(f"polynomial.{function.__name__}", as_numpy(function), infer, captures=(function,), result=result_,
         samples=samples) for function, infer, result_, samples in ROWS],
)

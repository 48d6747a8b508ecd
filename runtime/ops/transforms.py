"""``np.fft``, covariances and polynomials.  The ops are part of ``linalg.OPS``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..ir import dims
from ..ir.dims import Dim
from ..ir.types import FLOAT, ArrayType, IntType, PythonType, ScalarType, TupleType, Type, join
from .infer import Unknown, array_or_scalar, as_dim, probe, shape_of, static
from .op import Op, Result
from .rules import (
    Infer,
    agreed,
    array_like,
    as_numpy,
    as_operand,
    axes_of,
    checked,
    name_of,
    out_positions,
    out_type,
    plain,
    result,
    sequence_argument,
    size_argument,
)
from .specimens import (
    COLUMN_MAJOR,
    COMPLEX,
    CUBE,
    EMPTY,
    FLOATS,
    INT_MATRIX,
    MATRIX,
    ONE_BY_ONE,
    SINGLE,
    SMALL_INTS,
    SQUARE,
    SQUARE_COMPLEX,
    STRIDED_MATRIX,
    call,
    each,
)


def transforming(function: Callable[..., Any], length: Callable[[Dim], Dim] = lambda n: n,
                 default: Callable[[Dim], Dim] = lambda n: n) -> Infer:
    """The rule of a one-dimensional transform of ``n`` points, by default all (``default`` of the axis's size)."""

    @checked
    def infer(a: Any, n: Any = None, axis: Any = -1, norm: Any = None, out: Any = None) -> Type:
        stored = out_type(out)
        if stored is not None:
            return stored
        axis, operand = static(axis, "axis"), array_like(a)
        probed = probe(function, as_operand(a), 2, axis, static(norm, "norm"))
        (at,) = axes_of(axis, operand.rank)
        points = default(operand.shape[at]) if n is None else size_argument(n)
        return result(probed, operand.shape[:at] + (length(points),) + operand.shape[at + 1:])

    return infer


def transforming_several(function: Callable[..., Any], default_axes: Any) -> Infer:
    """The rule of a transform over several axes."""

    @checked
    def infer(a: Any, s: Any = None, axes: Any = default_axes, norm: Any = None, out: Any = None) -> Type:
        stored = out_type(out)
        if stored is not None:
            return stored
        axes, operand = static(axes, "axes"), array_like(a)
        probed = probe(function, as_operand(a), None, axes, static(norm, "norm"))
        shape = list(operand.shape)
        if s is not None:
            # -1 stands for the whole axis.
            lengths = [dims.fresh() if isinstance(plain(item), Type) or plain(item) < 0 else plain(item)
                       for item in sequence_argument(s, "s")]
            for at, points in zip(axes_of(axes or tuple(range(-len(lengths), 0)), operand.rank), lengths):
                shape[at] = points
        return result(probed, tuple(shape))

    return infer


def real_transforming(function: Callable[..., Any], default_axes: Any, inverse: bool = False) -> Infer:
    """The rule of a transform over several axes whose last is that of real numbers, half as long in frequencies."""

    @checked
    def infer(a: Any, s: Any = None, axes: Any = default_axes, norm: Any = None, out: Any = None) -> Type:
        stored = out_type(out)
        if stored is not None:
            return stored
        if s is not None:
            raise Unknown(s)
        axes, operand = static(axes, "axes"), array_like(a)
        # The inverse of a single frequency has no points: NumPy raises.
        probed = probe(function, ArrayType(operand.dtype, operand.shape), None, axes, static(norm, "norm"))
        last = axes_of(axes, operand.rank)[-1] if axes is None else axes_of(axes[-1], operand.rank)[0]
        size = operand.shape[last]
        points = 2 * (size - 1) if inverse else size // 2 + 1
        return result(probed, operand.shape[:last] + (points,) + operand.shape[last + 1:])

    return infer


def _real_frequencies(n: Any) -> Dim:
    return dims.maximum(as_dim(n, low=None) // 2 + 1, 0)


def _frequencies(function: Callable[..., Any], length: Callable[[Any], Dim]) -> Infer:
    @checked
    def infer(n: Any, d: Any = 1.0, device: Any = None) -> Type:
        return result(probe(function, 1, d), (length(n),))

    return infer


@checked
def infer_shift(x: Any, axes: Any = None) -> Type:
    axes = static(axes, "axes")
    return result(probe(np.fft.fftshift, as_operand(x), axes), array_like(x).shape)


@checked
def infer_cov(m: Any, y: Any = None, rowvar: Any = True, bias: Any = False, ddof: Any = None, fweights: Any = None,
              aweights: Any = None, *, dtype: Any = None) -> Type:
    return _covariance(np.cov, m, y, static(rowvar, "rowvar"), static(dtype, "dtype"))


@checked
def infer_corrcoef(x: Any, y: Any = None, rowvar: Any = True, *, dtype: Any = None) -> Type:
    return _covariance(np.corrcoef, x, y, static(rowvar, "rowvar"), static(dtype, "dtype"))


def _covariance(function: Callable[..., Any], m: Any, y: Any, rowvar: Any, dtype: Any) -> Type:
    """Of as many variables as ``m`` and ``y`` have together; a single one gives a number."""
    operands = [array_like(data) for data in (m, y) if data is not None]
    if not rowvar and (y is not None or operands[0].rank == 2 and (dims.lower_bound(operands[0].shape[0]) or 0) < 2):
        raise Unknown(m)        # whether a single row is turned differs
    if any(operand.rank > 2 for operand in operands):
        raise ValueError("array has more than 2 dimensions")
    count = sum((1 if operand.rank < 2 else operand.shape[0 if rowvar else 1] for operand in operands), start=0)
    rows = [ArrayType(operand.dtype, (1,)) for operand in operands]
    one = array_or_scalar(probe(function, rows[0], dtype=dtype), ())
    several = ArrayType(probe(function, rows[0], rows[-1], dtype=dtype).dtype, (count, count))
    return one if count == 1 else several if dims.known_unequal(count, 1) else join(one, several)


@checked
def infer_polyfit(x: Any, y: Any, deg: Any, rcond: Any = None, full: Any = False, w: Any = None,
                  cov: Any = False) -> Type:
    if static(full, "full") or static(cov, "cov"):
        raise Unknown(full)
    if shape_of(deg):
        raise Unknown(deg)
    probed = probe(np.polyfit, as_operand(x), as_operand(y), 0)
    agreed(shape_of(x)[0], shape_of(y)[0])
    return result(probed, (size_argument(deg) + 1, *shape_of(y)[1:]))


@checked
def infer_roots(p: Any) -> Type:
    coefficients = array_like(p)
    (size,) = coefficients.shape or (1,)
    # Zeros at either end are left out; the roots of a real polynomial are real where all turn out to be.
    found = (dims.fresh(high=dims.maximum(size - 1, 0)),)
    real = np.result_type(coefficients.dtype, np.float64 if coefficients.dtype.kind in "biu" else coefficients.dtype)
    kinds = {np.dtype(np.float64), real, np.result_type(real, np.complex64)}
    return join(*(ArrayType(kind, found) for kind in sorted(kinds, key=str)))


def _polynomials(function: Callable[..., Any], size: Callable[[Dim, Dim], Dim]) -> Infer:
    """The rule of ``polyadd`` and kin, of lists and arrays of coefficients."""

    @checked
    def infer(a1: Any, a2: Any) -> Type:
        sizes = [(shape_of(a) or (1,))[0] for a in (a1, a2)]
        return result(probe(function, as_operand(a1), as_operand(a2)), (size(*sizes),))

    return infer


@checked
def infer_polyder(p: Any, m: Any = 1) -> Type:
    if len(shape_of(p)) != 1:
        raise Unknown(p)
    (size,) = shape_of(p)
    times = size_argument(m)
    if times == 0:
        return array_like(p)
    return result(probe(np.polyder, as_operand(p), 1), (dims.maximum(size - times, 0),))


@checked
def infer_polyint(p: Any, m: Any = 1, k: Any = None) -> Type:
    if len(shape_of(p)) != 1:
        raise Unknown(p)
    (size,), times = shape_of(p), size_argument(m)
    whole, integrated = array_like(p), ArrayType(probe(np.polyint, as_operand(p), 1).dtype, (size + times,))
    return whole if times == 0 else integrated if (dims.lower_bound(times) or 0) > 0 else join(whole, integrated)


@checked
def infer_polydiv(u: Any, v: Any) -> Type:
    """The quotient, and a remainder without the zeros in front of it."""
    dividend, divisor = [(array_like(part).shape or (1,))[0] for part in (u, v)]
    quotient, remainder = probe(np.polydiv, as_operand(u), as_operand(v))
    return TupleType((result(quotient, (dims.maximum(dividend - divisor + 1, 1),)),
                      result(remainder, (dims.fresh(low=min(dims.lower_bound(dividend) or 0, 1), high=dividend),))))


@checked
def infer_poly(seq_of_zeros: Any) -> Type:
    """Of some roots, or of a matrix: its characteristic polynomial.  Roots that come in pairs give a real one."""
    operand = array_like(seq_of_zeros)
    if operand.rank > 2:
        raise ValueError("input must be 1d or non-empty square 2d array.")
    size = agreed(*operand.shape) if operand.rank else 1
    if size == 0:
        return FLOAT        # the number 1
    probed = probe(np.poly, operand)
    kinds = {probed.dtype, np.result_type(probed.dtype, np.complex64), np.zeros(0, probed.dtype).real.dtype}
    if operand.rank < 2 and operand.dtype.kind != "c":
        kinds = {probed.dtype}
    found = [ArrayType(kind, (size + 1,)) for kind in sorted(kinds, key=str)]
    return join(*found) if (dims.lower_bound(size) or 0) > 0 else join(*found, FLOAT)


@checked
def infer_unwrap(p: Any, discont: Any = None, axis: Any = -1, *, period: Any = 6.283185307179586) -> Type:
    return result(probe(np.unwrap, as_operand(p), axis=static(axis, "axis"), period=period), array_like(p).shape)


@checked
def infer_polyval(p: Any, x: Any) -> Type:
    if not isinstance(x, ArrayType | ScalarType | IntType | PythonType | int | float | complex | list):
        raise Unknown(x)
    # A number becomes an array, and the polynomial is computed with its kind: ask for as many coefficients as matter.
    if (dims.lower_bound(shape_of(p)[0]) or 0) < 1:
        raise Unknown(p)
    return result(probe(np.polyval, as_operand(p), as_operand(x)), shape_of(x))


COEFFICIENTS = (call([1, 2], [3.0]), call(FLOATS, SMALL_INTS), call(COMPLEX, [1, 2, 3]), call(SINGLE, FLOATS))
REAL_PLANES = (*each((MATRIX, INT_MATRIX, CUBE, STRIDED_MATRIX)), call(CUBE, axes=(0, 1)), call(FLOATS))
RIGHT = np.array([1.0, 2.0, 3.0])
SIGNALS = (FLOATS, SMALL_INTS, COMPLEX, MATRIX.astype(np.float32), CUBE, STRIDED_MATRIX)
TRANSFORMED = (*each(SIGNALS), call(FLOATS, 8), call(MATRIX, 2, 0), call(MATRIX, axis=0),
               call(CUBE, n=3, axis=1, norm="ortho"), call(EMPTY))
PLANES = (*each((MATRIX, INT_MATRIX, CUBE, STRIDED_MATRIX, SQUARE_COMPLEX)), call(MATRIX, (4, 5)),
          call(CUBE, axes=(0, 2)), call(FLOATS))
OBSERVED = (*each((MATRIX, INT_MATRIX, FLOATS, COLUMN_MAJOR, SQUARE_COMPLEX, ONE_BY_ONE)), call(FLOATS, SMALL_INTS),
            call(MATRIX, rowvar=False), call(MATRIX, RIGHT), call([[1.0, 2.0], [2.0, 4.5]]))

# Differentiated or integrated no times, and divided by what is longer, coefficients come back as they are.
MAYBE_THEMSELVES = (np.polyder, np.polyint, np.polydiv)
Row = tuple[Callable[..., Any], Infer, tuple[Any, ...]]

ROWS: tuple[Row, ...] = (
    (np.fft.fft, transforming(np.fft.fft), TRANSFORMED),
    (np.fft.ifft, transforming(np.fft.ifft), TRANSFORMED),
    (np.fft.rfft, transforming(np.fft.rfft, lambda n: n // 2 + 1), TRANSFORMED),
    (np.fft.irfft, transforming(np.fft.irfft, default=lambda m: 2 * (m - 1)), TRANSFORMED),
    (np.fft.hfft, transforming(np.fft.hfft, default=lambda m: 2 * (m - 1)), TRANSFORMED),
    (np.fft.ihfft, transforming(np.fft.ihfft, lambda n: n // 2 + 1), TRANSFORMED),
    (np.fft.fft2, transforming_several(np.fft.fft2, (-2, -1)), PLANES),
    (np.fft.ifft2, transforming_several(np.fft.ifft2, (-2, -1)), PLANES),
    (np.fft.fftn, transforming_several(np.fft.fftn, None), PLANES),
    (np.fft.ifftn, transforming_several(np.fft.ifftn, None), PLANES),
    (np.fft.rfft2, real_transforming(np.fft.rfft2, (-2, -1)), REAL_PLANES),
    (np.fft.rfftn, real_transforming(np.fft.rfftn, None), REAL_PLANES),
    (np.fft.irfft2, real_transforming(np.fft.irfft2, (-2, -1), inverse=True), REAL_PLANES),
    (np.fft.irfftn, real_transforming(np.fft.irfftn, None, inverse=True), REAL_PLANES),
    (np.fft.fftfreq, _frequencies(np.fft.fftfreq, size_argument), (call(5), call(4, 0.5), call(3, d=2), call(1))),
    (np.fft.rfftfreq, _frequencies(np.fft.rfftfreq, _real_frequencies), (call(5), call(4, 0.5), call(1))),
    (np.fft.fftshift, infer_shift, (*each(SIGNALS), call(MATRIX, 0), call(EMPTY))),
    (np.fft.ifftshift, infer_shift, (*each(SIGNALS), call(MATRIX, (0, 1)), call(EMPTY))),
    (np.cov, infer_cov, (*OBSERVED, call(MATRIX, ddof=0), call(MATRIX, bias=True))),
    (np.corrcoef, infer_corrcoef, OBSERVED),
    (np.polyfit, infer_polyfit, (call(FLOATS, FLOATS, 1), call(SMALL_INTS, FLOATS, 2), call(RIGHT, MATRIX.T, 1),
                                 call([0, 1, 2], [1.0, 3.0, 5.0], 0),
                                 call(FLOATS, RIGHT, 1))),
    (np.roots, infer_roots, (call([1.0, -3.0, 2.0]), call(FLOATS), call([1, 0, 1]), call([0, 0, 2, 1, 0]),
                             call(COMPLEX), call(SINGLE),
                             call(EMPTY), call(RIGHT.astype(np.float32)))),
    (np.polyadd, _polynomials(np.polyadd, dims.maximum), COEFFICIENTS),
    (np.polysub, _polynomials(np.polysub, dims.maximum), COEFFICIENTS),
    (np.polymul, _polynomials(np.polymul, lambda n, m: n + m - 1), COEFFICIENTS),
    (np.polyder, infer_polyder, (call([3, 2, 1]), call(FLOATS, 2), call(SINGLE), call(RIGHT, 0), call([1.0, 2.0], 5))),
    (np.polyint, infer_polyint, (call([3, 2, 1]), call(FLOATS, 2), call(SINGLE), call(RIGHT, 0), call(COMPLEX, 1, 3.0),
                                 call(RIGHT, 2, [1, 2]), call(EMPTY), call(RIGHT, -1))),
    (np.polydiv, infer_polydiv, (*COEFFICIENTS, call(RIGHT, [2.0]), call(FLOATS, RIGHT), call([1.0], RIGHT),
                                 call(RIGHT.astype(np.float16), RIGHT[:2].astype(np.float16)), call(RIGHT, [0.0]))),
    (np.poly, infer_poly, (*each((FLOATS, RIGHT, COMPLEX, SINGLE, [1, 2], np.array([1j, -1j]), SQUARE,
                                  INT_MATRIX[:, :3], SQUARE_COMPLEX, ONE_BY_ONE, EMPTY, CUBE)),)),
    (np.unwrap, infer_unwrap, (call(FLOATS), call(MATRIX, axis=0), call(SMALL_INTS, period=4), call(EMPTY),
                               call(SINGLE))),
    (np.polyval, infer_polyval, (*each(([1.0, 2.0], RIGHT, np.array([1, 2]), np.array([1j, 0])), FLOATS),
                                 call(RIGHT, 2.0), call([1, 2], 3),
                                 call(RIGHT, MATRIX), call(np.array([1, 2]), SMALL_INTS),
                                 call(np.array([1, 2], np.float32), np.float32(2)), call(RIGHT, EMPTY))),
)

OPS: tuple[Op, ...] = tuple([
    Op(name_of(function), as_numpy(function), infer, captures=(function,), samples=samples,
       writes=out_positions(function),
       result=Result.VIEW if function in MAYBE_THEMSELVES else Result.FRESH)
    for function, infer, samples in ROWS])

"""The length of a slice of symbolic bounds."""

from __future__ import annotations

from .dims import Dim, floordiv, fresh, is_nonnegative, known_less, maximum, minimum


def slice_length(start: Dim | None, stop: Dim | None, step: Dim | None, size: Dim) -> Dim:
    """``len(range(size)[start:stop:step])``: exact where the signs of the bounds are proved, else unknown but bounded.

    Raises ValueError where ``step`` is 0.
    """
    if step == 0:
        raise ValueError("slice step cannot be zero")
    stride = 1 if step is None else step
    if isinstance(stride, int):
        ends = _slice_ends(start, stop, stride, size)
        if ends is not None:
            span = minimum(*(last - first if stride > 0 else first - last for first in ends[0] for last in ends[1]))
            return maximum(0, floordiv(span + (abs(stride) - 1), abs(stride)))
    return fresh(low=0, high=size)


def _slice_ends(start: Dim | None, stop: Dim | None, step: int,
                size: Dim) -> tuple[tuple[Dim, ...], tuple[Dim, ...]] | None:
    """Where a slice begins and ends, as alternatives of which the shortest slice holds; None where a sign is not known.

    A bound beyond the end of the axis is clamped only where not doing so would make the slice longer.
    """
    first, last = (0, size) if step > 0 else (size - 1, -1)
    starts = _positions(start, size, first, clamp_positive=step < 0)
    stops = _positions(stop, size, last, clamp_positive=step > 0)
    return None if starts is None or stops is None else (starts, stops)


def _positions(bound: Dim | None, size: Dim, default: Dim, clamp_positive: bool) -> tuple[Dim, ...] | None:
    if bound is None:
        return (default,)
    if is_nonnegative(bound):
        return (bound, default) if clamp_positive else (bound,)
    if known_less(bound, 0):
        return (bound + size,) if clamp_positive else (bound + size, default)
    return None

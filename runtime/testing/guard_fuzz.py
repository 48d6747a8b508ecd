"""Arguments drawn around what a trace assumes: some that it must accept, some that it must not.

From one call come others that differ from it in one thing: a size, a number, a dtype, a layout, which arguments are
one object. Which of them the trace covers follows from the promise about keys, stated here apart from the engine:
sizes of 2 and more are one, 0 and 1 are others, the values of numbers and arrays do not count unless a guard names
them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .bounded import TooLong, bounded
from .compare import compare
from .equivalence import GraphFunction
from .observe import observe
from .snapshot import copy_values
from .world import World

MOST_LINES = 200_000
Arguments = tuple[Any, ...]
Holds = Callable[[Arguments], bool]
SIZES = (0, 1, 2, 3, 7)


@dataclass(frozen=True)
class Drawn:
    """Arguments near those of a call; ``covered`` tells whether the same key holds them."""

    title: str
    arguments: Arguments
    covered: bool


def size_class(shape: Sequence[int]) -> tuple[int, ...]:
    """What a key knows of a shape."""
    return tuple(min(size, 2) for size in shape)


def around(arguments: Arguments) -> Iterator[Drawn]:
    """Calls that differ from ``arguments`` in one argument."""
    for position, value in enumerate(arguments):
        for title, other, covered in _near(value):
            changed = (*arguments[:position], other, *arguments[position + 1 :])
            yield Drawn(f"argument {position}: {title}", changed, covered)


def _near(value: Any) -> Iterator[tuple[str, Any, bool]]:
    if isinstance(value, bool):
        yield f"{not value}", not value, True
    elif isinstance(value, int):
        for other in sorted({value - 1, value + 1, 0, 1, 2, -1} - {value}):
            yield f"{other}", other, True
        yield "a float", float(value), False
        yield "a bool", bool(value), False
    elif isinstance(value, float):
        for other in (value + 1, -value, 0.0):
            yield f"{other}", type(value)(other), True
        yield "an int", int(value) if np.isfinite(value) else 0, False
    elif type(value) is np.ndarray and value.dtype.kind in "biuf" and value.flags.c_contiguous:
        yield from _near_array(value)


def _near_array(value: np.ndarray) -> Iterator[tuple[str, Any, bool]]:
    for axis in range(value.ndim):
        for size in SIZES:
            shape = (*value.shape[:axis], size, *value.shape[axis + 1 :])
            if shape != value.shape:
                other = np.resize(value, shape) if value.size else np.zeros(shape, value.dtype)
                yield f"size {size} of axis {axis}", other, size_class(shape) == size_class(value.shape)
    if value.ndim:
        yield "other elements", value[::-1].copy(), True
    yield "another dtype", value.astype(np.float32 if value.dtype != np.float32 else np.float64), False
    yield "one axis more", value[None].copy(), False
    fixed = value.copy()
    fixed.flags.writeable = False
    yield "read only", fixed, False
    if max(value.shape, default=0) > 1:
        strided = np.repeat(value, 2, axis=-1)[..., ::2]
        yield "with strides", strided, strided.flags.c_contiguous


def faults(make: Callable[[], GraphFunction], arguments: Arguments, holding: Callable[[GraphFunction], Holds],
           refusals: tuple[type[BaseException], ...] = ()) -> list[str]:
    """What is wrong with the traces that a graph function finds for calls near ``arguments``.

    Each call must give what the plain function gives. A call must trace again if its key is another or if a guard of
    the trace does not hold, which ``holding(function)`` tells, and only then. Calls that end in ``refusals`` do not
    count.
    """
    found: list[str] = []
    function = None
    put_back = World(make().eager).save()
    for drawn in around(arguments):
        if function is None:
            function = make()
            first = _outcome(function, arguments, refusals, put_back)
            if first is None:
                return found
            found += [f"the call itself: {difference}" for difference in first]
            holds = holding(function)
        before = function.trace_count
        expected = not (drawn.covered and holds(drawn.arguments))
        differences = _outcome(function, drawn.arguments, refusals, put_back)
        traced = function.trace_count > before
        if differences is not None:
            found += [f"{drawn.title}: {difference}" for difference in differences]
            if traced != expected:
                found.append(f"{drawn.title}: {'traced again' if traced else 'not traced again'}")
        if traced or differences is None:
            again = _outcome(function, arguments, refusals, put_back) or ()
            found += [f"{drawn.title}, then the first call again: {difference}" for difference in again]
            if function.trace_count > before + traced:
                found.append(f"{drawn.title}: the first call was traced again")
            function = None
    return found


def _outcome(function: GraphFunction, arguments: Arguments, refusals: tuple[type[BaseException], ...],
             put_back: Callable[[], None]) -> Any:
    """How the graph differs from the plain function, each in the state that was kept.

    None where the graph was refused, or where nobody knows whether the function ends.
    """
    put_back()
    try:
        with bounded(MOST_LINES):
            expected = observe(function.eager, copy_values(arguments))
    except TooLong:
        return None
    finally:
        put_back()
    actual = observe(function, copy_values(arguments))
    put_back()
    return None if isinstance(actual.error, refusals) else compare(expected, actual)

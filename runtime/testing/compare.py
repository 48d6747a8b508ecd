"""Two observations of one call, compared; what differs is said in words.

Exactness is a class: E0 the same bits, E1 at most ``ULPS`` units in the last place, E2 the error bound of a
reduction. A NaN equals every NaN, whatever its payload; -0.0 and 0.0 differ. Integers, shapes, dtypes, Python
types, identities, memory, printed text and exceptions are always exact.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from .observe import Array, Compound, Leaf, Observation, Same, Seen

Exactness = Literal["E0", "E1", "E2"]
ULPS = 4
BOUND = 64    # E2: multiples of eps times the number of elements times the largest magnitude


@dataclass(frozen=True)
class Rules:
    """What counts as equal; ``scale`` and ``terms`` are the largest magnitude and size among the arguments (for E2)."""

    exactness: Exactness = "E0"
    warnings: bool = True
    strides: bool = True
    scale: float = 0.0
    terms: int = 1


EXACT = Rules()


def compare(expected: Observation, actual: Observation, rules: Rules = EXACT) -> list[str]:
    """What differs between two observations, one sentence each; empty if they are alike."""
    return list(_differences(expected, actual, rules))


def same_start(expected: Observation, actual: Observation) -> list[str]:
    """What differed before the calls: they can be compared only if nothing did."""
    return list(_mappings(expected.before, actual.before, expected, actual, EXACT))


def _differences(expected: Observation, actual: Observation, rules: Rules) -> Iterator[str]:
    if (expected.raised is None) != (actual.raised is None):
        yield f"outcome: expected {_outcome(expected)}, got {_outcome(actual)}"
    elif expected.raised is not None and actual.raised is not None:
        if expected.raised.type != actual.raised.type or expected.raised.text != actual.raised.text:
            yield f"exception: expected {_outcome(expected)}, got {_outcome(actual)}"
        elif expected.raised.cause != actual.raised.cause:
            yield f"cause of the exception: expected {expected.raised.cause}, got {actual.raised.cause}"
        yield from _values(
            expected.raised.arguments, actual.raised.arguments, "arguments of the exception", expected, actual, rules
        )
    yield from _mappings(expected.after, actual.after, expected, actual, rules)
    for memory, around in expected.around.items():
        other = actual.around.get(memory)
        if other is None or not np.array_equal(around, other):
            yield f"memory {memory}: bytes that no argument shows were changed"
    if expected.printed != actual.printed:
        yield f"printed: expected {expected.printed!r}, got {actual.printed!r}"
    if rules.warnings and expected.warned != actual.warned:
        yield f"warnings: expected {sorted(expected.warned)}, got {sorted(actual.warned)}"


def _outcome(seen: Observation) -> str:
    return "a result" if seen.raised is None else f"{seen.raised.type}: {seen.raised.text}"


def _mappings(
    left: Mapping[str, Seen], right: Mapping[str, Seen], expected: Observation, actual: Observation, rules: Rules
) -> Iterator[str]:
    for name in [*left, *(name for name in right if name not in left)]:
        if name in left and name in right:
            yield from _values(left[name], right[name], name, expected, actual, rules)
        elif name != "result":
            yield f"{name}: {'unbound' if name in left else 'bound'} only after the graph's call"


def _values(
    left: Seen, right: Seen, path: str, expected: Observation, actual: Observation, rules: Rules
) -> Iterator[str]:
    if None not in (_number(left), _number(right)) and _number(left) != _number(right):
        yield f"{path}: expected {_identity(left, expected)}, got {_identity(right, actual)}"
    elif type(left) is not type(right):
        yield f"{path}: expected {_kind(left)}, got {_kind(right)}"
    elif isinstance(left, Leaf) and isinstance(right, Leaf):
        yield from _leaves(left, right, path, rules)
    elif isinstance(left, Array) and isinstance(right, Array):
        yield from _arrays(left, right, path, rules)
    elif isinstance(left, Compound) and isinstance(right, Compound):
        if left.type != right.type:
            yield f"{path}: expected {left.type}, got {right.type}"
        elif left.keys != right.keys:
            yield f"{path}: expected {_contents(left)}, got {_contents(right)}"
        else:
            for key, mine, other in zip(left.keys, left.items, right.items):
                inner = f"{path}[{key}]" if isinstance(key, int) else f"{path}.{key}"
                yield from _values(mine, other, inner, expected, actual, rules)


def _leaves(left: Leaf, right: Leaf, path: str, rules: Rules) -> Iterator[str]:
    if left.type != right.type:
        yield f"{path}: expected {left.type} {left.value}, got {right.type} {right.value}"
    elif isinstance(left.value, (float, complex, np.inexact)):
        if not _close(np.asarray(left.value), np.asarray(right.value), rules).all():
            yield f"{path}: expected {left.value!r}, got {right.value!r}"
    elif not _same_leaf(left.value, right.value):
        yield f"{path}: expected {left.value!r}, got {right.value!r}"


def _same_leaf(left: Any, right: Any) -> bool:
    if isinstance(left, np.generic):
        return left.dtype == right.dtype and left.tobytes() == right.tobytes()
    return left == right


def _arrays(left: Array, right: Array, path: str, rules: Rules) -> Iterator[str]:
    mine, other = left.values, right.values
    if mine.dtype != other.dtype or mine.shape != other.shape:
        yield f"{path}: expected {_array_kind(mine)}, got {_array_kind(other)}"
        return
    close = _close(mine, other, rules)
    if not close.all():
        first = tuple(int(i) for i in np.argwhere(~close)[0])
        count = int((~close).sum())
        values = f"expected {mine[first]!r}, got {other[first]!r}"
        yield f"{path}: {count} of {mine.size} elements differ; at {first} {values}"
    if left.memory != right.memory:
        yield f"{path}: expected memory {left.memory}, got {right.memory} (another array is shared, or none)"
    elif left.offset != right.offset:
        yield f"{path}: looks into its memory at byte {right.offset}, expected {left.offset}"
    if rules.strides and _steps(left) != _steps(right):
        yield f"{path}: expected strides {left.strides}, got {right.strides}"
    if left.writeable != right.writeable:
        yield f"{path}: expected writeable={left.writeable}, got {right.writeable}"


def _steps(array: Array) -> list[int]:
    """The strides that matter: of dimensions with two elements or more, in an array that has any."""
    return [step for step, size in zip(array.strides, array.values.shape) if size > 1] if array.values.size else []


def _close(left: np.ndarray, right: np.ndarray, rules: Rules) -> np.ndarray:
    """bool[...]: which elements are equal under ``rules``; the dtypes and shapes agree."""
    kind = left.dtype.kind
    if kind == "c":
        return _close(np.real(left), np.real(right), rules) & _close(np.imag(left), np.imag(right), rules)
    if kind in "mMV":
        mine, other = (np.frombuffer(side.tobytes(), f"V{side.itemsize}") for side in (left, right))
        return (mine == other).reshape(left.shape)
    if kind != "f":
        return np.asarray(left == right)
    same = (left == right) & (np.signbit(left) == np.signbit(right)) | np.isnan(left) & np.isnan(right)
    if rules.exactness == "E0" or same.all():
        return np.asarray(same)
    with np.errstate(all="ignore"):
        if rules.exactness == "E1":
            allowed = ULPS * np.spacing(np.maximum(np.abs(left), np.abs(right)))
        else:
            finite = np.abs(left[np.isfinite(left)])
            scale = max(rules.scale, float(finite.max(initial=0)))
            allowed = BOUND * np.finfo(left.dtype).eps * max(rules.terms, left.size) * scale
        return np.asarray(same | (np.abs(left - right) <= allowed))


def _number(seen: Seen) -> int | None:
    return None if isinstance(seen, Leaf) else seen.number


def _identity(seen: Seen, observation: Observation) -> str:
    """What ``seen`` is: one of the objects met before, or a new one."""
    if isinstance(seen, Same) or any(_number(seen) == _number(start) for start in observation.before.values()):
        return f"the object of {observation.names.get(_number(seen) or 0, '?')!r}"
    return f"a new {_kind(seen)}"


def _kind(seen: Seen) -> str:
    if isinstance(seen, Array):
        return f"array {_array_kind(seen.values)}"
    return "an object met before" if isinstance(seen, Same) else seen.type


def _array_kind(values: np.ndarray) -> str:
    return f"{values.dtype.str.lstrip('<|=')}[{', '.join(map(str, values.shape))}]"


def _contents(seen: Compound) -> str:
    if all(isinstance(key, int) for key in seen.keys):
        return f"{seen.type} of {len(seen.keys)} items"
    return f"{seen.type} of {', '.join(map(str, seen.keys))}"

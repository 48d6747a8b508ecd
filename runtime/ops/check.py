"""Whether an op says the truth: its rule, ``total``, ``writes`` and ``result`` against what its kernel does.

Each sample is computed once and compared with what is inferred from ever less: known sizes, one symbol for each size,
one for
each axis, and with Python numbers as operands too.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..array_packages import package_of
from ..ir import dims
from ..ir.dims import Dim
from ..ir.graph import Call, map_leaves
from ..ir.type_text import parse_type, write_type
from ..ir.types import (
    ANY,
    NEVER,
    ArrayType,
    ConstantType,
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
    options,
)
from ..records import record
from .infer import NeedsStatic, infer_call
from .op import Op, Result


class Mismatch(AssertionError):
    """What an op claims is not what happens."""


@dataclass
class Knowledge:
    """How sizes and numbers are made types, and which symbol stands for which number."""

    name: str
    shares: bool = False       # equal sizes have one symbol
    symbolic: bool = True
    numbers: bool = False      # Python numbers are operands
    low: int = 0
    values: dict[str, int] = field(default_factory=dict)

    def size(self, size: int) -> Dim:
        if not self.symbolic:
            return size
        name = f"s{size}" if self.shares else f"a{len(self.values)}"
        self.values[name] = size
        return dims.symbol(name, low=min(size, self.low))

    def type(self, leaf: Any) -> Any:
        """The type of an operand; what is no operand stays."""
        if isinstance(leaf, np.ndarray):
            return ArrayType(leaf.dtype, tuple(map(self.size, leaf.shape)))
        if isinstance(leaf, np.generic):
            return ScalarType(leaf.dtype)
        if isinstance(leaf, type(np.ndarray(0).flags)):
            return PythonType(type(leaf))
        if self.numbers and type(leaf) is int:
            name = f"i{len(self.values)}"
            self.values[name] = leaf
            return IntType(dims.symbol(name, low=None))
        if self.numbers and type(leaf) in (float, complex, bool):
            return PythonType(type(leaf))
        return leaf


def knowledges() -> tuple[Knowledge, ...]:
    """Fresh ways to know less and less of a call."""
    return (Knowledge("known sizes", symbolic=False), Knowledge("equal sizes known to be equal", shares=True, low=2),
            Knowledge("a symbol for each axis", low=1), Knowledge("sizes and numbers open", numbers=True))


def check(op: Op, sample: Call) -> None:
    """Compute ``sample`` and hold all that ``op`` claims against it.  Raises ``Mismatch``."""
    args, kwargs = copied((sample.args, dict(sample.kwargs)))
    before = [array.copy() for array in arrays((args, kwargs))]
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value, error = op.kernel(np)(*args, **kwargs), None
    except Exception as raised:  # noqa: BLE001 - what the op raises is part of what is compared
        value, error = None, raised
    for knowledge in knowledges():
        given = map_leaves((sample.args, dict(sample.kwargs)), knowledge.type)
        try:
            inferred = infer_call(op, *given)
        except NeedsStatic:
            continue
        said = f"{op.name}{sample.args} {dict(sample.kwargs)} with {knowledge.name}: {inferred}"
        if error is None and not describes(inferred, value, knowledge.values):
            raise Mismatch(f"{said}, but it gives {value!r}")
        if error is not None and op.total is not None and op.total(*given[0], **given[1]):
            raise Mismatch(f"{said}, said to be total, but it raises {error!r}")
    if error is None:
        _check_memory(op, args, kwargs, before, value)


def _check_memory(op: Op, args: tuple[Any, ...], kwargs: dict[str, Any], before: list[Any], value: Any) -> None:
    written = list(arrays([args[i] for i in op.writes if i < len(args)] + [kwargs.get("out")]))
    for array, old in zip(arrays((args, kwargs)), before):
        if not any(array is target for target in written) and not _same_bits(array, old):
            raise Mismatch(f"{op.name} changes an operand it does not say it writes")
    if op.result is Result.IMMUTABLE and next(arrays(value), None) is not None:
        raise Mismatch(f"{op.name} gives an array, not something immutable")
    if op.result is Result.FRESH:
        others = [array for array in arrays((args, kwargs)) if not any(array is target for target in written)]
        if any(np.shares_memory(part, array) for part in arrays(value) for array in others):
            raise Mismatch(f"the result of {op.name} shares memory with an operand")


def _same_bits(a: Any, b: Any) -> bool:
    return a.shape == b.shape and a.tobytes() == b.tobytes()


def arrays(value: Any) -> Iterator[np.ndarray[Any, Any]]:
    """The arrays in nested tuples, lists and dicts."""
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, tuple | list):
        for item in value:
            yield from arrays(item)
    elif isinstance(value, dict):
        yield from arrays(list(value.values()))


def copied(value: Any) -> Any:
    """A deep copy in which each array keeps its strides."""
    return map_leaves(value, lambda leaf: _copied_array(leaf) if isinstance(leaf, np.ndarray) else leaf)


def _copied_array(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    base = array
    while isinstance(base.base, np.ndarray):
        base = base.base
    memory = base.copy(order="K")
    if base is array or memory.strides != base.strides:
        return memory if base is array else array.copy()
    offset = array.__array_interface__["data"][0] - base.__array_interface__["data"][0]
    return np.ndarray(array.shape, array.dtype, memory, offset, array.strides)


def describes(type: Type, value: Any, values: dict[str, int]) -> bool:
    """Whether ``value`` is of ``type`` where symbols have these ``values``; fresh symbols take what they meet, once."""
    return any(_describes(option, value, values) for option in options(type))


def _describes(option: Type, value: Any, values: dict[str, int]) -> bool:
    cls = type(value)
    match option:
        case ArrayType(dtype, shape):
            return package_of(cls) is not None and value.dtype == dtype and len(shape) == value.ndim and all(
                _equals(size, n, values) for size, n in zip(shape, value.shape))
        case ScalarType(dtype):
            return isinstance(value, np.generic) and value.dtype == dtype
        case IntType(known):
            return cls is int and (known is None or _equals(known, value, values))
        case PythonType(expected):
            return cls is expected
        case TupleType(items):
            return isinstance(value, tuple) and len(items) == len(value) and all(
                describes(item, part, values) for item, part in zip(items, value))
        case ListType(item, length):
            return cls is list and _all(item, value, values) and (length is None or _equals(length, len(value), values))
        case SetType(item):
            return cls is set and _all(item, value, values)
        case DictType(key, item):
            return cls is dict and _all(key, value, values) and _all(item, value.values(), values)
        case RangeType():
            return cls is range and all(
                part is None or _equals(part, n, values)
                for part, n in ((option.start, value.start), (option.stop, value.stop), (option.step, value.step)))
        case IteratorType():
            return hasattr(value, "__iter__")
        case ConstantType(constant):
            return value is constant
        case ObjectType(expected):
            return isinstance(value, expected)
    return option == ANY and option != NEVER


def _all(item: Type, parts: Iterable[Any], values: dict[str, int]) -> bool:
    return all(describes(item, part, dict(values)) for part in parts)


def _equals(size: Dim, number: int, values: dict[str, int]) -> bool:
    if dims.is_fresh(size) and str(size) not in values:
        unknown = dims.symbols(size)[-1]
        try:
            low, high = (None if bound is None else dims.evaluate(bound, values) for bound in (unknown.low,
                                                                                               unknown.high))
        except KeyError:
            return True
        values[str(size)] = number
        return (low is None or low <= number) and (high is None or number <= high)
    try:
        return dims.evaluate(size, values) == number
    except KeyError:
        return True     # of an unknown that nothing has met yet


@record
class Typed:
    """An operand of the type that ``text`` says, such as ``f8[n, 3]``; equal names are one symbol."""

    text: str


def inferred(op: Op, *args: Any, **kwargs: Any) -> str:
    """The type of ``op(*args, **kwargs)`` as text, with ``?`` for each dimension that nothing is known of."""
    given = map_leaves((args, kwargs), lambda leaf: parse_type(leaf.text) if isinstance(leaf, Typed) else leaf)
    return re.sub(r"\?\w+", "?", write_type(infer_call(op, *given)))

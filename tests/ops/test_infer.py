"""The type an op's rule gives is the type of what the op computes: for every op and every sample of it.

Each sample is asked as it is, with Python numbers as operands too, and with a symbol for every size of 2 or more.
"""

from __future__ import annotations

import copy
import itertools
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache
from typing import Any

import numpy as np
import pytest

from tograph.runtime.ir import dims
from tograph.runtime.ir.graph import Call
from tograph.runtime.ir.types import (
    ANY,
    INT,
    NEVER,
    ArrayType,
    DictType,
    IntType,
    IteratorType,
    ListType,
    RangeType,
    ScalarType,
    SetType,
    TupleType,
    Type,
    UnionType,
    covers,
    join,
)
from tograph.runtime.ops import (
    TABLE,
    bits,
    builtins,
    contractions,
    conversion,
    creation,
    dtypes,
    elementwise,
    functions,
    grids,
    mathematics,
    operators,
    polynomials,
    questions,
    sets,
    striding,
)
from tograph.runtime.ops.check import check
from tograph.runtime.ops.infer import NeedsStatic, broadcast, broadcasts, infer_call, static
from tograph.runtime.ops.op import Op
from tograph.runtime.ops.stand_ins import type_of

EVERY_OP = pytest.mark.parametrize("op", TABLE.by_name.values(), ids=lambda op: op.name)

# Ops that may leave the size of an axis, or the length of a tuple, to the values.
DATA_DEPENDENT = {"where", "nonzero", "method.nonzero", "flatnonzero", "argwhere", "extract", "compress",
                  "method.compress", "get_item", "ix_", "unique", "union1d", "setxor1d", "setdiff1d", "intersect1d",
                  "bincount", "histogram", "histogram_bin_edges", "trim_zeros", "repeat", "method.repeat", "insert",
                  "delete", "pad", "tril_indices_from", "triu_indices_from", "arange", "roots", "linalg.lstsq",
                  "unstack", "builtins.tuple", *(op.name for op in polynomials.OPS),
                  "unique_all", "unique_counts", "unique_inverse", "unique_values", "min_scalar_type", "frombuffer",
                  "polydiv", "poly", "dtype", "unpackbits", "histogramdd", "nditer"}
# Ops that may leave one of several kinds to the values.
SEVERAL_KINDS = {"operator.lt", "operator.le", "operator.gt", "operator.ge", "operator.pow", "operator.ipow",
                 "builtins.min", "builtins.max", "real_if_close", "linalg.eig", "linalg.eigvals", "linalg.lstsq",
                 "roots", "poly", "einsum_path", "get_printoptions", *(op.name for op in polynomials.OPS)}


def is_exactly(op: Op, inferred: Type, actual: Type) -> bool:
    """Whether no more is inferred than what is there, but for what ``op`` may leave open."""
    if op.name in SEVERAL_KINDS and isinstance(inferred, UnionType | TupleType | DictType):
        return True
    if op.name in DATA_DEPENDENT and list(unknown_sizes(inferred)):
        return True
    return covers(without_values(actual), without_values(inferred))


def compute(op: Op, sample: Call) -> Any:
    """The result on copies of the arguments, or the exception; an iterator as the list of what it gives."""
    args, kwargs = copy.deepcopy((sample.args, dict(sample.kwargs)))
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            return op.kernel(np)(*args, **kwargs)
        except Exception as error:  # noqa: BLE001
            return error


def type_of_result(value: Any) -> Type:
    if hasattr(value, "__next__"):
        items = list(value)
        return IteratorType(join(*map(type_of, items)), len(items))
    if isinstance(value, tuple):
        return TupleType(tuple(map(type_of, value)))    # also one with named items
    return type_of(value)


def abstract(value: Any, leaf: Callable[[Any], Any]) -> Any:
    """The arguments of a call as a rule gets them: ``leaf`` says what becomes of each."""
    if type(value) in (tuple, list):
        return type(value)([abstract(item, leaf) for item in value])
    if type(value) is slice:
        return slice(*(abstract(part, leaf) for part in (value.start, value.stop, value.step)))
    if type(value) is dict:
        return {key: abstract(item, leaf) for key, item in value.items()}
    return leaf(value)


def arrays_only(value: Any) -> Any:
    """Arrays and NumPy scalars are operands; all else is known."""
    return type_of(value) if isinstance(value, np.ndarray | np.generic) else value


def numbers_too(value: Any) -> Any:
    """Python numbers are operands of which only the kind is known."""
    if type(value) is int:
        return INT
    return type_of(value) if isinstance(value, np.ndarray | np.generic | float | complex | bool) else value


class Symbols:
    """A symbol for each size of 2 or more, and the numbers they stand for."""

    def __init__(self) -> None:
        self.sizes: dict[str, int] = {}
        self._names = (f"n{i}" for i in itertools.count())

    def __call__(self, value: Any) -> Any:
        if type(value) is np.ndarray:
            return ArrayType(value.dtype, tuple([self.symbol(size) for size in value.shape]))
        return arrays_only(value)

    def symbol(self, size: int) -> dims.Dim:
        if size < 2:
            return size
        name = next(self._names)
        self.sizes[name] = size
        return dims.symbol(name, low=2)


class IntSymbols(Symbols):
    """Python ints are symbols as well."""

    def __call__(self, value: Any) -> Any:
        if type(value) is int:
            name = next(self._names)
            self.sizes[name] = value
            return IntType(dims.symbol(name, low=None if value < 0 else 0 if value < 2 else 2))
        return super().__call__(value)


def at_sizes(type: Any, sizes: dict[str, int]) -> Any:
    """``type`` with its symbols replaced by ``sizes``; what has a fresh one in it is unknown."""
    match type:
        case dims.Expr():
            result = dims.substitute(type, sizes)
            return result if isinstance(result, int) else dims.fresh()
        case ArrayType(dtype, shape):
            return ArrayType(dtype, tuple([at_sizes(size, sizes) for size in shape]))
        case IntType(value):
            return IntType(number_at(value, sizes))
        case TupleType(items):
            return TupleType(tuple([at_sizes(item, sizes) for item in items]))
        case ListType(item, length) | IteratorType(item, length):
            return type.__class__(at_sizes(item, sizes), number_at(length, sizes))
        case SetType(item):
            return SetType(at_sizes(item, sizes))
        case DictType(key, item):
            return DictType(at_sizes(key, sizes), at_sizes(item, sizes))
        case RangeType(start, stop, step):
            return RangeType(number_at(start, sizes), number_at(stop, sizes), number_at(step, sizes))
        case UnionType(choices):
            return join(*(at_sizes(choice, sizes) for choice in choices))
    return type


def number_at(value: dims.Dim | None, sizes: dict[str, int]) -> int | None:
    result = at_sizes(value, sizes)
    return result if isinstance(result, int) else None


def without_values(type: Type) -> Type:
    """``type`` with the values of ints forgotten."""
    match type:
        case IntType():
            return INT
        case TupleType(items):
            return TupleType(tuple(map(without_values, items)))
        case ListType(item, length) | IteratorType(item, length):
            return type.__class__(ANY if length == 0 else without_values(item), length)
        case RangeType():
            return RangeType(None, None, None)
        case SetType(item):
            return SetType(without_values(item))
        case DictType(key, item):
            return DictType(without_values(key), without_values(item))
        case UnionType(choices):
            return join(*map(without_values, choices))
    return type


def unknown_sizes(type: Any) -> Iterator[dims.Dim]:
    """The fresh dimensions in ``type``; the items of a list may differ in size."""
    match type:
        case ArrayType(_, shape):
            yield from (size for size in shape if not isinstance(size, int) and any(
                symbol.name.startswith("?") for symbol in dims.symbols(size)))
        case TupleType(items) | UnionType(items):
            for item in items:
                yield from unknown_sizes(item)
        case IteratorType(item):
            yield from unknown_sizes(item)


def infer(op: Op, sample: Call, leaf: Callable[[Any], Any]) -> Type:
    return infer_call(op, *abstract((sample.args, dict(sample.kwargs)), leaf))


@cache
def results(op: Op) -> list[tuple[Call, Type]]:
    """The samples that do not raise, and the types of what they give."""
    computed = [(sample, compute(op, sample)) for sample in op.samples]
    return [(sample, type_of_result(value)) for sample, value in computed if not isinstance(value, Exception)]


@EVERY_OP
def test_is_the_type_of_the_result(op: Op) -> None:
    for sample, actual in results(op):
        inferred = at_sizes(infer(op, sample, arrays_only), {})
        assert covers(inferred, actual), f"{sample} gives {actual}, not {inferred}"
        assert is_exactly(op, inferred, actual), f"{sample} gives {actual}, which is more than {inferred}"


@EVERY_OP
def test_covers_the_result_where_numbers_are_unknown(op: Op) -> None:
    for sample, actual in results(op):
        try:
            inferred = at_sizes(infer(op, sample, numbers_too), {})
        except NeedsStatic:
            continue
        assert covers(inferred, actual), f"{sample} gives {actual}, not {inferred}"


@EVERY_OP
def test_symbolic_sizes_give_the_shape_of_the_result(op: Op) -> None:
    for sample, actual in results(op):
        leaf = Symbols()
        inferred = infer(op, sample, leaf)
        assert covers(at_sizes(inferred, leaf.sizes), actual), f"{sample} gives {actual}, not {inferred}"
        if op.name not in DATA_DEPENDENT:
            assert not list(unknown_sizes(inferred)), f"{sample} is inferred as {inferred}"
            assert inferred != ANY


@EVERY_OP
def test_symbolic_ints_give_the_result(op: Op) -> None:
    for sample, actual in results(op):
        leaf = IntSymbols()
        try:
            inferred = infer(op, sample, leaf)
        except NeedsStatic:
            continue
        assert covers(at_sizes(inferred, leaf.sizes), actual), f"{sample} gives {actual}, not {inferred}"


@EVERY_OP
def test_what_raises_is_not_total(op: Op) -> None:
    for sample in op.samples:
        if op.total is not None and isinstance(compute(op, sample), Exception):
            for leaf in (arrays_only, numbers_too, Symbols(), IntSymbols()):
                args, kwargs = abstract((sample.args, dict(sample.kwargs)), leaf)
                assert not op.total(*args, **kwargs), sample


@pytest.mark.parametrize("op",
                         [op for module in (operators, elementwise, functions, builtins, mathematics, conversion,
                                            creation,
                                                  grids, questions, polynomials, striding, bits, sets,
                                            dtypes, contractions) for op in module.OPS], ids=lambda op: op.name)
def test_writes_and_shares_what_it_says(op: Op) -> None:
    for sample in op.samples:
        check(op, sample)


@EVERY_OP
def test_a_sample_succeeds(op: Op) -> None:
    assert not op.samples or results(op)


def test_an_always_raising_call_never_returns() -> None:
    add = TABLE.by_name["operator.add"]
    assert infer_call(add, (ArrayType(np.dtype("f8"), (2,)), ArrayType(np.dtype("f8"), (3,))), {}) == NEVER


OPEN = [dims.symbol(name, low=low) for name, low in (("p", 0), ("q", 0), ("r", 1), ("s", 2), ("t", 2))]
SIZES: list[dims.Dim] = [0, 1, 3, *OPEN, OPEN[0] + 1]


@pytest.mark.parametrize("pair", list(itertools.combinations_with_replacement(SIZES, 2)), ids=str)
def test_broadcast_holds_for_all_sizes(pair: tuple[dims.Dim, dims.Dim]) -> None:
    """Either the result is right wherever NumPy has one, or there is none for any sizes."""
    try:
        (inferred,) = broadcast((pair[0],), (pair[1],))
    except ValueError:
        inferred = None
    for values in itertools.product(range(5), repeat=len(OPEN)):
        sizes = dict(zip("pqrst", values))
        if sizes["r"] < 1 or sizes["s"] < 2 or sizes["t"] < 2:
            continue
        a, b = (at_sizes(size, sizes) for size in pair)
        if a != b and 1 not in (a, b):
            assert not broadcasts((pair[0],), (pair[1],))
            continue
        assert inferred is not None
        result = at_sizes(inferred, sizes)
        assert dims.is_fresh(result) or result == (b if a == 1 else a)


def test_static_gives_what_is_known_and_asks_for_the_rest() -> None:
    assert static(IntType(2), "axis") == 2
    assert static((IntType(0), 1), "axis") == (0, 1)
    assert static(type_of(None), "axis") is None
    with pytest.raises(NeedsStatic, match="axis"):
        static(IntType(OPEN[0]), "axis")


def test_unions_are_expanded_and_joined() -> None:
    """The options that always raise are left out."""
    array, text = ArrayType(np.dtype("f4"), (3,)), type_of("a")
    assert infer_call(TABLE.by_name["operator.add"], (join(array, text), 1.5), {}) == array
    assert infer_call(TABLE.by_name["operator.add"], (join(text, type_of(None)), 1.5), {}) == NEVER
    assert infer_call(TABLE.by_name["operator.add"], (ANY, 1.5), {}) == ANY
    assert infer_call(TABLE.by_name["operator.is"], (ANY, None), {}) == type_of(True)


class Loud:
    """What must not run while a type is inferred."""

    def __add__(self, other: Any) -> Any:
        raise AssertionError("called while inferring")

    __radd__ = __array__ = __len__ = __iter__ = __index__ = __float__ = __bool__ = __eq__ = __lt__ = __hash__ = __add__  # pyright: ignore


@pytest.mark.parametrize("name",
                         ["operator.add", "add", "operator.eq", "operator.truth", "builtins.len", "builtins.float",
                          "asarray",
                                  "builtins.max", "builtins.sum", "zeros", "np.float64", "math.sqrt", "clip"])
def test_nothing_of_the_users_runs_while_inferring(name: str) -> None:
    op, array = TABLE.by_name[name], ArrayType(np.dtype("f8"), (3,))
    for args in ((Loud(),), (Loud(), 1), (array, Loud()), (Loud(), array)):
        with suppress(NeedsStatic):
            infer_call(op, args, {})


def test_objects_are_not_guessed() -> None:
    assert infer_call(TABLE.by_name["add"], (ArrayType(np.dtype(object), (3,)), 1), {}) == ANY
    assert infer_call(TABLE.by_name["operator.add"], (type_of(object()), 1), {}) == ANY


def test_a_probe_does_not_take_a_failing_value_for_a_failing_type() -> None:
    assert isinstance(infer_call(TABLE.by_name["np.float64"], (type_of("3"),), {}), ScalarType)
    assert infer_call(TABLE.by_name["operator.pow"], (ArrayType(np.dtype(int), (OPEN[0],)), -1), {}) == ArrayType(
        np.dtype(int), (OPEN[0],))      # raises, unless the array is empty


def test_ints_beyond_64_bits_are_not_forgotten() -> None:
    inferred = infer_call(TABLE.by_name["asarray"], (INT,), {})
    for number in (1, 2**63, 2**70):
        assert covers(inferred, type_of(np.asarray(number)))
    for number in (1, 2**63, 2**70):
        assert covers(infer_call(TABLE.by_name["absolute"], (INT,), {}), without_values(type_of(np.absolute(number))))

"""Random numbers: ``np.random.Generator``, the older ``RandomState``, and what makes them.

A generator is an object with a state that every call changes, so each of its methods is an op with an effect on its
first operand: never removed, merged or moved. The functions of ``np.random`` itself are methods of one ``RandomState``.
Rules ask a generator of their own, never the user's, with parameters that every distribution allows.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from ..ir import dims
from ..ir.call import Call
from ..ir.dims import Dim
from ..ir.types import (
    FLOAT,
    NONE,
    ArrayType,
    IntType,
    ListType,
    ObjectType,
    PythonType,
    ScalarType,
    TupleType,
    Type,
)
from .infer import Unknown, array_or_scalar, broadcast, shape_of, static, type_of
from .op import Op, Result
from .rules import (
    Infer,
    array_like,
    as_method,
    axes_of,
    checked,
    count_argument,
    out_positions,
    out_type,
    parameters_of,
    plain,
    shape_argument,
    size_argument,
)
from .specimens import CUBE, FLOATS, INT_MATRIX, MATRIX, SMALL_INTS, call

Draw = Callable[[type, str, dict[str, Any]], Type]

SOURCES = (np.random.Generator, np.random.RandomState, random.Random)
OPTIONS = frozenset({"size", "dtype", "out", "method", "endpoint", "replace", "shuffle", "check_valid", "tol"})
# Numbers that a parameter may be, whichever distribution it is of; all others may be 1.
ALLOWED = {"loc": 0, "low": 0, "mu": 0, "left": 0, "p": 0.5, "a": 2, "right": 2}


def numbers_of(source: type) -> Any:
    """A generator to ask, always in the same state."""
    return np.random.Generator(np.random.PCG64(0)) if source is np.random.Generator else np.random.RandomState(0)


def drawn(source: type, name: str, arguments: Mapping[str, Any]) -> Any:
    """What a method gives for such arguments.

    Raises TypeError where the call always does, and ``Unknown`` where what it says depends on values.
    """
    source_method = getattr(numbers_of(source), name)
    try:
        return source_method(**arguments)
    except TypeError:
        raise
    except Exception:  # noqa: BLE001 - of other numbers it may not be so
        raise Unknown(name) from None


def number_like(value: Any, number: float) -> Any:
    """``number``, as a number or as an array with sizes of 1, of the type of ``value``.  Raises ``Unknown``."""
    kind = type_of(value)
    match kind:
        case ArrayType(dtype, shape) if dtype.kind in "biufc":
            return np.full((1,) * len(shape), number if dtype.kind in "fc" else np.ceil(number)).astype(dtype)
        case ScalarType(dtype) if dtype.kind in "biufc":
            return dtype.type(number if dtype.kind in "fc" else np.ceil(number))
        case IntType():
            return int(np.ceil(number))
        case PythonType(cls) if cls in (float, bool, complex):
            return cls(number)
        case ListType() | TupleType():
            return number_like(array_like(value), number)
    raise Unknown(value)


def sized(size: Any, shape: Callable[[], tuple[Dim, ...]]) -> tuple[tuple[int, ...] | None, tuple[Dim, ...]]:
    """``size`` to ask with, and the shape of the result; ``shape`` says what it is where no size is given."""
    if plain(size) is None:
        return None, shape()
    found = shape_argument(plain(size), "size")
    return (1,) * len(found), found


def options_among(given: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments that are no numbers; each must be known."""
    return {name: static(value, name) for name, value in given.items() if name in OPTIONS - {"size", "out"}}


# ------------------------------------------------------------------------------------------------------ distributions


def number_by_number(source: type, name: str, given: dict[str, Any]) -> Type:
    """Parameters that broadcast."""
    parameters = {key: value for key, value in given.items() if key not in OPTIONS}
    below = plain(parameters.get("high")) is None and name in ("integers", "randint")
    asked: dict[str, Any] = {
        key: None if value is None else number_like(value, 1 if below else ALLOWED.get(key, 1))
        for key, value in parameters.items()
    }
    present = [shape_of(value) for value in parameters.values() if value is not None]
    out = out_type(given.get("out"))
    if out is not None:
        assert isinstance(out, ArrayType)
        asked["out"] = np.empty((1,) * out.rank, out.dtype)
    asked["size"], shape = sized(given.get("size"), lambda: broadcast(*present))
    if out is not None and asked["size"] is not None and len(shape) != out.rank:
        raise ValueError("size and out do not fit")
    result = drawn(source, name, {**asked, **options_among(given)})
    return out if out is not None else array_or_scalar(result, shape)


def in_rows(source: type, name: str, given: dict[str, Any]) -> Type:
    """Each draw is a row of numbers: as long as the last parameter that has one says."""
    row = {"multivariate_normal": "mean", "dirichlet": "alpha", "multinomial": "pvals"}.get(name, "colors")
    row_type = array_like(given[row])
    if not row_type.rank or row_type.dtype.kind not in "biuf":
        raise Unknown(given)
    *outer, length = row_type.shape
    if name == "multinomial" and source is np.random.Generator:
        outer = list(broadcast(tuple(outer), shape_of(given["n"])))
    elif outer:
        raise Unknown(given)
    _, shape = sized(given.get("size"), lambda: tuple(outer))
    dtype = np.float64 if name in ("multivariate_normal", "dirichlet") else np.int64
    return ArrayType(np.dtype(dtype), (*shape, length))


def by_shape(sizes: tuple[Any, ...]) -> Type:
    """``rand`` and ``randn``, whose arguments are the sizes."""
    return ArrayType(np.dtype(float), tuple([size_argument(plain(size)) for size in sizes])) if sizes else FLOAT


# ---------------------------------------------------------------------------------------------------- items and orders


def choice(source: type, name: str, given: dict[str, Any]) -> Type:
    """Items of an array along an axis, or numbers below an int."""
    items = given["a"]
    kind = type_of(items)
    size, shape = sized(given.get("size"), tuple)
    if isinstance(kind, IntType | ScalarType) or isinstance(kind, ArrayType) and not kind.rank:
        return array_or_scalar(drawn(source, name, {"a": number_like(items, 3), "size": size}), shape)
    array = array_like(items)
    if array.dtype.kind not in "biufcmM" or array.rank > 1 and source is np.random.RandomState:
        raise Unknown(items)    # how long a text is in an array is not how long it is
    (axis,) = axes_of(given.get("axis", 0), array.rank)
    asked = {"a": np.ones((1,) * array.rank).astype(array.dtype), "size": size}
    if source is np.random.Generator:
        asked["axis"] = axis
    return array_or_scalar(drawn(source, name, asked), (*array.shape[:axis], *shape, *array.shape[axis + 1 :]))


def permutation(source: type, name: str, given: dict[str, Any]) -> Type:
    """A copy in another order, or the numbers below an int."""
    match type_of(given["x"]):
        case IntType():
            return ArrayType(np.dtype(np.int64), (size_argument(given["x"]),))
        case ScalarType(dtype) if dtype.kind in "iu":
            return ArrayType(np.dtype(np.int64), (dims.fresh(),))
    array = array_like(given["x"])
    if not array.rank:
        raise Unknown(given)
    static(given.get("axis", 0), "axis")
    return array


def permuted(source: type, name: str, given: dict[str, Any]) -> Type:
    """Each row along an axis in an order of its own."""
    out, array = out_type(given.get("out")), array_like(given["x"])
    axes_of(given.get("axis"), array.rank)
    return array if out is None else out


def in_place(source: type, name: str, given: dict[str, Any]) -> Type:
    return NONE


def some_bytes(source: type, name: str, given: dict[str, Any]) -> Type:
    return PythonType(bytes)


def children(source: type, name: str, given: dict[str, Any]) -> Type:
    """As many generators, or sources of seeds, as are asked for."""
    return ListType(ObjectType(source), count_argument(given["n_children"]))


def words(source: type, name: str, given: dict[str, Any]) -> Type:
    dtype = np.dtype(static(given.get("dtype", np.uint32), "dtype"))
    return ArrayType(dtype, (size_argument(given["n_words"]),))


# ------------------------------------------------------------------------------------------------------------- the ops

DISTRIBUTIONS = (
    "beta", "binomial", "chisquare", "exponential", "f", "gamma", "geometric", "gumbel", "hypergeometric", "integers",
    "laplace", "logistic", "lognormal", "logseries", "negative_binomial", "noncentral_chisquare", "noncentral_f",
    "normal", "pareto", "poisson", "power", "randint", "random", "random_sample", "rayleigh", "standard_cauchy",
    "standard_exponential", "standard_gamma", "standard_normal", "standard_t", "tomaxint", "triangular", "uniform",
    "vonmises", "wald", "weibull", "zipf",
)
RULES: dict[str, Draw] = {
    **dict.fromkeys(DISTRIBUTIONS, number_by_number),
    **dict.fromkeys(("dirichlet", "multinomial", "multivariate_hypergeometric", "multivariate_normal"), in_rows),
    "bytes": some_bytes,
    "choice": choice,
    "permutation": permutation,
    "permuted": permuted,
    "seed": in_place,
    "shuffle": in_place,
    "spawn": children,
}


def _rule(source: type, name: str, draw: Draw, function: Any) -> Infer:
    """The rule of a method, whose first operand is the generator."""

    @parameters_of(function)
    def infer(given: dict[str, Any]) -> Type:
        given.pop("self")
        return draw(source, name, given)

    return infer


def _rule_by_shape() -> Infer:
    return checked(lambda self, *sizes: by_shape(sizes))


def _method(source: type, name: str, infer: Infer, samples: Iterable[Call]) -> Op:
    function = vars(source)[name]
    first = SAMPLE_OF.get(source)
    return Op(
        f"random.{source.__name__}.{name}",
        as_method(name),
        infer,
        captures=(function,),
        writes=(0, *([1] if name == "shuffle" else out_positions(function))),     # its state and what it fills
        effect=True,
        samples=tuple([call(first, *sample.args, **sample.kwargs) for sample in samples]),
    )


def _made(cls: Any) -> Op:
    """Making a generator, or what it is made from: with no seed it is another one each time."""
    made = np.random.Generator if cls is np.random.default_rng else cls

    def infer(*args: Any, **kwargs: Any) -> Type:
        return ObjectType(made)

    return Op(f"random.{cls.__name__}", lambda xp: cls, infer, captures=(cls,), result=Result.VIEW, effect=True,
              samples=(call(3),) if cls is not np.random.Generator else ())


SAMPLE_OF = {
    np.random.Generator: np.random.Generator(np.random.PCG64(3)),
    np.random.RandomState: np.random.RandomState(3),
    np.random.SeedSequence: np.random.SeedSequence(3),
}
SIZED = (call(), call(size=3), call(size=(2, 3)), call(size=()))
LOCATED = (
    *SIZED, call(2), call(1.5, 2.0, 4), call(FLOATS), call(MATRIX, [[1.0], [2.0]]), call(0.0, -1.0),
    call(FLOATS, MATRIX), call(np.float32(2), size=[2]), call(np.array(1.0)), call([1.0, 2.0], 2), call(1j),
)
POSITIVE = (call(1.5), call(2, size=3), call(np.abs(FLOATS) + 1), call(np.array([2, 3]), size=(4, 2)), call(), call(-1))
PAIRS = (call(1, 2), call(FLOATS + 3, 2.0), call(1.0, 1.0, size=2))
DTYPES = (
    *SIZED, call(dtype=np.float32), call(dtype="f4", size=2), call(out=np.empty(4)), call(dtype=int),
    call(size=2, out=FLOATS), call(out=np.empty((2, 3), np.float32), dtype=np.float32),
)
OF_INTS = (
    call(5), call(2, 7), call(5, size=3), call([3, 4]), call(SMALL_INTS), call(1, [[3], [9]]), call(0), call(2.5),
    call(5, dtype=np.int8), call(5, dtype=int), call(2, dtype=bool), call(9, size=(2, 2), dtype="u1"),
    call(np.int32(4)), call(np.array(4)), call(0, np.array([4, 5]), 2),
)
CHOSEN = (
    call(5), call(5, 3), call(FLOATS), call(FLOATS, (2, 2)), call([1, 2]), call(0),
    call(np.int64(3)), call(4, p=[0.1, 0.2, 0.3, 0.4]), call(FLOATS, 2, False), call(FLOATS, 9, False),
    call((1.5, 2), size=()),
)
CHOSEN_ALONG = (
    *CHOSEN, call(MATRIX), call(MATRIX, 2, axis=1), call(CUBE, (2, 2), axis=-1), call(MATRIX, axis=4),
    call([[1, 2], [3, 4]]),
)
PERMUTED = (call(4), call(FLOATS), call(MATRIX), call([3, 1, 2]), call("abc"), call(2.5))
SHARES = (call(5, [0.5, 0.5]), call(5, np.full(4, 0.25), 3), call(5, [0.5, 0.5], size=(2, 2)))
SAMPLES: Mapping[str, Iterable[Call]] = {
    **dict.fromkeys(("normal", "uniform", "gumbel", "laplace", "logistic", "lognormal"), LOCATED),
    **dict.fromkeys(("exponential", "poisson", "rayleigh", "standard_gamma", "gamma"), POSITIVE),
    **dict.fromkeys(("chisquare", "pareto", "power", "standard_t", "weibull", "zipf"), POSITIVE[:4]),
    **dict.fromkeys(("beta", "f", "noncentral_chisquare", "vonmises", "wald"), PAIRS),
    **dict.fromkeys(("random", "random_sample", "standard_cauchy", "standard_exponential", "standard_normal",
                     "tomaxint"), SIZED),
    **dict.fromkeys(("integers", "randint"), OF_INTS),
    "binomial": (call(5, 0.5), call(SMALL_INTS, 0.25), call(5, [0.1, 0.5], size=(3, 2)), call(5, 2.0), call(5.5, 0.5)),
    "bytes": (call(3), call(-1)),
    "choice": CHOSEN,
    "dirichlet": (call([1.0, 2.0]), call(np.ones(3), 4), call(np.ones(3), size=(2, 1))),
    "geometric": (call(0.5), call([0.25], 3)),
    "hypergeometric": (call(3, 4, 2), call([3, 4], 5, 2), call(3, 4, 2, size=3)),
    "logseries": (call(0.5), call([0.25, 0.5])),
    "multinomial": SHARES,
    "multivariate_normal": (call([0.0, 1.0], np.eye(2)), call(np.zeros(2), np.eye(2), 3), call(np.zeros(2), np.eye(3)),
                            call([0], [[1]], size=(2, 2))),
    "negative_binomial": (call(3, 0.5), call([3, 4], 0.5)),
    "noncentral_f": (call(2, 3, 1.0), call(2.0, [3.0, 4.0], 1)),
    "permutation": PERMUTED,
    "rand": (call(), call(3), call(2, 0), call(-1)),
    "randn": (call(), call(2, 2)),
    "seed": (call(4), call()),
    "shuffle": (call(FLOATS), call(MATRIX), call([3, 1, 2]), call((1, 2)), call(SMALL_INTS[::-1])),
    "triangular": (call(0, 1, 3), call([0.0, 1.0], 2.0, 4.0)),
}
SAMPLES_OF_GENERATORS: Mapping[str, Iterable[Call]] = {
    **SAMPLES,
    **dict.fromkeys(("random", "standard_normal"), (*DTYPES, call(None, np.float64, np.empty(4)))),
    "standard_exponential": (*DTYPES, call(None, np.float64, "zig", np.empty(4))),
    "choice": CHOSEN_ALONG,
    "multinomial": (*SHARES, call([5, 6], [0.5, 0.5]), call([5, 6], [[0.5, 0.5], [0.25, 0.75]])),
    "multivariate_hypergeometric": (call([3, 4], 2), call([3, 4], 2, 3), call(np.array([3, 4, 5]), 2, (2, 2))),
    "permutation": (*PERMUTED, call(MATRIX, 1), call(INT_MATRIX, axis=-1)),
    "permuted": (call(FLOATS), call(MATRIX, axis=1), call([1, 2, 3]), call(MATRIX, out=np.empty((2, 3))),
                 call(MATRIX, axis=3)),
    "spawn": (call(2), call(0), call(-1)),
    "standard_gamma": (*POSITIVE, call(2.0, dtype="f4"), call(1.0, out=np.empty(2)),
                       call(1.0, None, np.float64, np.empty(2))),
}
MAKERS = (np.random.default_rng, np.random.Generator, np.random.RandomState, np.random.SeedSequence, np.random.PCG64,
          np.random.PCG64DXSM, np.random.MT19937, np.random.Philox, np.random.SFC64)


def _methods(source: type, samples: Mapping[str, Iterable[Call]]) -> Iterable[Op]:
    for name, draw in RULES.items():
        if name in vars(source):
            yield _method(source, name, _rule(source, name, draw, vars(source)[name]), samples[name])


def _of_sequence(name: str, draw: Draw, *samples: Call) -> Op:
    source = np.random.SeedSequence
    return _method(source, name, _rule(source, name, draw, vars(source)[name]), samples)


OPS: tuple[Op, ...] = (
    *_methods(np.random.Generator, SAMPLES_OF_GENERATORS),
    *_methods(np.random.RandomState, SAMPLES),
    *[_method(np.random.RandomState, name, _rule_by_shape(), SAMPLES[name]) for name in ("rand", "randn")],
    _of_sequence("spawn", children, call(2)),
    _of_sequence("generate_state", words, call(2), call(3, np.uint64), call(3, int)),
    *map(_made, MAKERS),
    Op("random.seed", lambda xp: np.random.seed, lambda *args, **kwargs: NONE, captures=(np.random.seed,), effect=True,
       result=Result.IMMUTABLE),
)

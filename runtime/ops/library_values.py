"""Fractions, decimals, dates and times: how they are made, what they hold, and what their methods give.

Their classes do all of it when the graph runs.  What depends on more than its operands (the clock, the time zone of the
machine, the context of decimals and what is noted there) is an effect, and keeps its place.
"""

from __future__ import annotations

import decimal
import itertools
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from typing import Any

from ..ir.call import Call
from ..ir.library_values import LIBRARY_CLASSES, SPECIMENS, plain_context
from ..ir.types import (
    ANY,
    BOOL,
    COMPLEX,
    FLOAT,
    INT,
    NONE,
    STR,
    IntType,
    ObjectType,
    PythonType,
    TupleType,
    Type,
    join,
)
from .op import Op, Result
from .rules import method
from .specimens import call
from .stand_ins import kind_of, stand_in, type_of

FRACTION, DECIMAL, DATE, DATETIME, TIME, TIMEDELTA, TIMEZONE = (
    PythonType(cls) for cls in (Fraction, Decimal, date, datetime, time, timedelta, timezone)
)
RATIO = TupleType((INT, INT))
CONTEXT = ObjectType(decimal.Context)

PERHAPS_TIMEDELTA, PERHAPS_STR = join(TIMEDELTA, NONE), join(STR, NONE)

Names = Mapping[Type, tuple[str, ...]]

ATTRIBUTES: Mapping[type, Names] = {
    Fraction: {INT: ("numerator", "denominator", "imag"), FRACTION: ("real",)},
    Decimal: {DECIMAL: ("real", "imag")},
    date: {INT: ("year", "month", "day")},
    datetime: {INT: ("year", "month", "day", "hour", "minute", "second", "microsecond", "fold"), ANY: ("tzinfo",)},
    time: {INT: ("hour", "minute", "second", "microsecond", "fold"), ANY: ("tzinfo",)},
    timedelta: {INT: ("days", "seconds", "microseconds")},
    timezone: {},
}
OF_DECIMALS: Names = {
    DECIMAL: (
        "canonical", "compare", "compare_signal", "compare_total", "compare_total_mag", "conjugate", "copy_abs",
        "copy_negate", "copy_sign", "exp", "fma", "ln", "log10", "logb", "logical_and", "logical_invert", "logical_or",
        "logical_xor", "max", "max_mag", "min", "min_mag", "next_minus", "next_plus", "next_toward", "normalize",
        "quantize", "radix", "remainder_near", "rotate", "scaleb", "shift", "sqrt", "to_integral",
        "to_integral_exact", "to_integral_value",
    ),
    BOOL: (
        "is_canonical", "is_finite", "is_infinite", "is_nan", "is_normal", "is_qnan", "is_signed", "is_snan",
        "is_subnormal", "is_zero", "same_quantum",
    ),
    INT: ("adjusted",),
    RATIO: ("as_integer_ratio",),
    STR: ("number_class", "to_eng_string"),
    TupleType((INT, ANY, join(INT, STR)), decimal.DecimalTuple): ("as_tuple",),
}  # fmt: skip
METHODS: Mapping[type, Names] = {
    Fraction: {FRACTION: ("limit_denominator", "conjugate"), RATIO: ("as_integer_ratio",), BOOL: ("is_integer",)},
    Decimal: OF_DECIMALS,
    date: {
        DATE: ("replace",),
        INT: ("toordinal", "weekday", "isoweekday"),
        STR: ("isoformat", "ctime", "strftime"),
        ANY: ("isocalendar", "timetuple"),
    },
    datetime: {
        DATETIME: ("replace", "astimezone"),
        DATE: ("date",),
        TIME: ("time", "timetz"),
        FLOAT: ("timestamp",),
        PERHAPS_TIMEDELTA: ("utcoffset", "dst"),
        PERHAPS_STR: ("tzname",),
        STR: ("isoformat", "ctime"),
        ANY: ("timetuple", "utctimetuple"),
    },
    time: {
        TIME: ("replace",),
        STR: ("isoformat", "strftime"),
        PERHAPS_TIMEDELTA: ("utcoffset", "dst"),
        PERHAPS_STR: ("tzname",),
    },
    timedelta: {FLOAT: ("total_seconds",)},
    timezone: {TIMEDELTA: ("utcoffset",), STR: ("tzname",), NONE: ("dst",), DATETIME: ("fromutc",)},
}
CLASS_METHODS: Mapping[type, Names] = {
    Fraction: {FRACTION: ("from_float", "from_decimal", "from_number")},
    Decimal: {DECIMAL: ("from_float", "from_number")},
    date: {DATE: ("today", "fromtimestamp", "fromordinal", "fromisoformat", "fromisocalendar", "strptime")},
    datetime: {
        DATETIME: (
            "today", "now", "utcnow", "fromtimestamp", "utcfromtimestamp", "fromordinal", "fromisoformat",
            "fromisocalendar", "strptime", "combine",
        )
    },
    time: {TIME: ("fromisoformat", "strptime")},
    timedelta: {},
    timezone: {},
}  # fmt: skip
# What they give depends on the clock, or on where the machine is.
OF_THE_MACHINE = ("today", "now", "utcnow", "fromtimestamp", "timestamp", "astimezone", "timetuple", "utctimetuple")
# A context computes as the methods and operators do, with its own settings.
OF_CONTEXTS: Names = {
    DECIMAL: (
        *(name for name in OF_DECIMALS[DECIMAL] if name not in ("conjugate", "radix")),
        "abs", "add", "create_decimal", "create_decimal_from_float", "divide", "divide_int", "minus", "multiply",
        "plus", "power", "remainder", "subtract", "radix",
    ),
    BOOL: OF_DECIMALS[BOOL],
    STR: ("number_class", "to_eng_string", "to_sci_string"),
    TupleType((DECIMAL, DECIMAL)): ("divmod",),
    NONE: ("clear_flags", "clear_traps"),
    CONTEXT: ("copy",),
}  # fmt: skip


class LocalContext:
    """What ``decimal.localcontext`` gives, whose class has no name."""

    def __init__(self, *context: Any, **settings: Any) -> None:
        self._manager = decimal.localcontext(*context, **settings)

    def __enter__(self) -> decimal.Context:
        return self._manager.__enter__()

    def __exit__(self, *error: Any) -> None:
        self._manager.__exit__(*error)


# ---------------------------------------------------------------------------------------------------------- operators

SOME_NUMBERS: Mapping[Type, tuple[Any, ...]] = {
    INT: (2, -2, 1),
    FLOAT: (1.5, 2.0, -0.75),
    BOOL: (True,),
    COMPLEX: (1 + 2j,),
    **{PythonType(cls): specimens for cls, specimens in SPECIMENS.items()},
}


def is_library_value(type: Type) -> bool:
    """Whether values of ``type`` are instances of one of Python's classes of values."""
    return isinstance(type, PythonType) and type.cls in LIBRARY_CLASSES


def operated(function: Callable[..., Any], *operands: Any) -> Type:
    """What an operator gives where an operand is a value of the library: the types of what specimens give.

    Raises what the operator raises where it does so for all of them.
    """
    found: list[Type] = []
    errors: list[Exception] = []
    with plain_context():
        for values in itertools.product(*map(_some, operands)):
            try:
                found.append(kind_of(function(*values)))
            except (TypeError, ValueError, ArithmeticError) as error:
                errors.append(error)
    if found:
        return join(*found)
    raise errors[0]


def _some(operand: Any) -> tuple[Any, ...]:
    """A few values of the type of ``operand``."""
    kind = type_of(operand)
    if isinstance(kind, IntType):
        kind = INT
    return SOME_NUMBERS.get(kind) or (stand_in(kind),)


# ----------------------------------------------------------------------------------------------------------- the table

def _gives(type: Type) -> Callable[..., Type]:
    return lambda *args, **kwargs: type


def _pairs(names: Names) -> Iterator[tuple[str, Type]]:
    return ((name, type) for type, group in names.items() for name in group)


def _op(name: str, function: Callable[..., Any], type: Type, captures: tuple[Any, ...], effect: bool,
        samples: Iterable[Call]) -> Op:
    return Op(name, lambda xp: function, _gives(type), captures=captures, result=Result.IMMUTABLE, effect=effect,
              samples=tuple(samples))


def _class_method(cls: type, name: str) -> Callable[..., Any]:
    return lambda *args, **kwargs: getattr(cls, name)(*args, **kwargs)


def _name(cls: type, *part: str) -> str:
    return ".".join((cls.__module__, cls.__name__, *part))


def _sample(cls: type, type: Type) -> tuple[Call, ...]:
    """A read of each specimen, of whose result the type is known."""
    return () if type == ANY else tuple([call(specimen) for specimen in SPECIMENS[cls]])


READS = {
    (cls, name): _op(_name(cls, name), operator.attrgetter(name), type, (), False, _sample(cls, type))
    for cls, names in ATTRIBUTES.items()
    for name, type in _pairs(names)
}
OF_VALUES = {
    (cls, name): _op(_name(cls, name), method(name), type, (vars(cls)[name],),
                     cls is Decimal or name in OF_THE_MACHINE, ())
    for cls, names in METHODS.items()
    for name, type in _pairs(names)
    if name in vars(cls)
}
OF_CLASSES = {
    (cls, name): _op(_name(cls, name), _class_method(cls, name), type, (),
                     cls is Decimal or name in OF_THE_MACHINE, ())
    for cls, names in CLASS_METHODS.items()
    for name, type in _pairs(names)
    if hasattr(cls, name)
}
MADE: Mapping[type, tuple[Call, ...]] = {
    Fraction: (call(), call(3), call(3, 4), call("1/3"), call(0.5), call(1, 0), call(Decimal("0.5"))),
    Decimal: (call(), call(3), call("1.50"), call(0.5), call((0, (1, 2), -1)), call("x")),
    date: (call(2021, 3, 4), call(2021, 13, 4)),
    datetime: (call(2021, 3, 4), call(2021, 3, 4, 5, 6, fold=1), call(2021, 2, 30)),
    time: (call(), call(5, 6), call(24)),
    timedelta: (call(), call(1.5), call(hours=3), call(10**10)),
    timezone: (call(timedelta(hours=1)), call(timedelta(0), "home")),
}
MAKERS = {cls: _op(_name(cls), cls, PythonType(cls), (cls,), cls is Decimal, MADE[cls]) for cls in SPECIMENS}
CONTEXTS = (
    *(
        _op(_name(decimal.Context, name), method(name), type, (vars(decimal.Context)[name],), True, ())
        for name, type in _pairs(OF_CONTEXTS)
        if name in vars(decimal.Context)
    ),
    *(
        Op(f"decimal.{function.__name__}", lambda xp, kernel=kernel: kernel, _gives(type), captures=(function,),
           result=Result.VIEW, effect=True)
        for function, kernel, type in (
            (decimal.getcontext, decimal.getcontext, CONTEXT),
            (decimal.setcontext, decimal.setcontext, NONE),
            (decimal.Context, decimal.Context, CONTEXT),
            (decimal.localcontext, LocalContext, ObjectType(LocalContext)),
        )
    ),
)

OPS = (*READS.values(), *OF_VALUES.values(), *OF_CLASSES.values(), *MAKERS.values(), *CONTEXTS)


def method_of(cls: type, name: str) -> Op | None:
    """The op of a method of instances of ``cls``, one of Python's classes of values."""
    return next((OF_VALUES[base, name] for base in cls.__mro__ if (base, name) in OF_VALUES), None)

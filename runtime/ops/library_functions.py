"""Functions of Python's library that compute text and data from text and data, and ask nothing else."""

from __future__ import annotations

import json
import statistics
import string
import textwrap
from collections.abc import Callable, Iterable
from typing import Any

from ..ir.call import Call
from ..ir.types import ANY, FLOAT, STR, ListType, TupleType, Type
from .op import Op, Result
from .operators import everywhere
from .specimens import call


def _op(function: Callable[..., Any], type: Type, samples: Iterable[Call] = ()) -> Op:
    return Op(
        f"{function.__module__}.{function.__name__}",
        everywhere(function),
        lambda *args, **kwargs: type,
        captures=(function,),
        result=Result.IMMUTABLE if type in (STR, FLOAT) else Result.FRESH,
        samples=tuple(samples),
    )


PROSE = "a few words  that are wrapped\n  at some width"
OPS = (
    _op(textwrap.fill, STR, (call(PROSE, 12), call("", 5), call(PROSE, 0))),
    _op(textwrap.shorten, STR, (call(PROSE, 12), call(PROSE, width=20, placeholder="..."))),
    _op(textwrap.dedent, STR, (call(f"  {PROSE}"),)),
    _op(textwrap.wrap, ListType(STR)),
    _op(string.capwords, STR, (call(PROSE), call("a-b", "-"))),
    _op(statistics.correlation, FLOAT, (call([1.0, 2.0, 4.0], [2.0, 3.0, 3.5]), call([1], [2]))),
    _op(statistics.covariance, ANY),
    _op(statistics.linear_regression, TupleType((ANY, ANY), statistics.LinearRegression)),
    _op(statistics.quantiles, ListType(ANY)),
    _op(statistics.multimode, ListType(ANY)),
    _op(json.dumps, STR, (call([1, 2.5, None]), call({"a": [True]}, indent=2), call({1j}))),
    _op(json.loads, ANY),
)

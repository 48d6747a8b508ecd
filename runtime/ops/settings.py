"""What NumPy keeps for a whole thread: which floating-point errors are told, how arrays are printed.

Setting one is seen by every later call, so that no call is moved across it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..ir.types import ANY, INT, NONE, STR, DictType, ObjectType, Type
from .op import Op, Result
from .rules import as_numpy
from .specimens import call


def _errors(*args: Any, **kwargs: Any) -> Type:
    return DictType(STR, STR)


def _options(*args: Any, **kwargs: Any) -> Type:
    return DictType(STR, ANY)


def _nothing(*args: Any, **kwargs: Any) -> Type:
    return NONE


def _manager(*args: Any, **kwargs: Any) -> Type:
    return ObjectType(type(np.printoptions()))


def _size(*args: Any, **kwargs: Any) -> Type:
    return INT


ROWS: tuple[tuple[Any, Any, tuple[Any, ...]], ...] = (
    (np.geterr, _errors, (call(),)),
    (np.seterr, _errors, (call(), call(over="warn"), call(divide="nonsense"))),
    (np.get_printoptions, _options, (call(),)),
    (np.set_printoptions, _nothing, (call(), call(precision="many"))),
    (np.printoptions, _manager, (call(), call(precision=3))),
    (np.getbufsize, _size, (call(),)),
    (np.setbufsize, _size, (call(8192), call(-1))),
)

OPS: tuple[Op, ...] = tuple([
    Op(function.__name__, as_numpy(function), rule, captures=(function,), effect=True,
       result=Result.FRESH if rule in (_errors, _options, _manager) else Result.IMMUTABLE, samples=samples)
    for function, rule, samples in ROWS])

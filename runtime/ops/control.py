"""Control flow as ops: a node with closed bodies.

``inputs`` are what the node itself reads (the test, the iterable), then the carried values, then the captures,
which every body takes as well. The reference engine gives each op its meaning (``execute.reference``); here stand
the names and layouts.

    cond         inputs (test, *captures)                bodies (then, otherwise): captures -> outputs
    while_loop   inputs (*carried, *captures)            bodies (test, body): (*carried, *captures) -> one bool; carried
    for_loop     inputs (iterable, *carried, *captures)  bodies (body): (item, *carried, *captures) -> carried;
                                                         or (body, test), the test asked before each item
    try_finally  inputs captures                         bodies (body, final): captures -> nothing; final may give
                                                         one bool, whether an exception on its way out is dropped
    try_except   inputs captures                         bodies (body, otherwise, classes, handler, ...): see below
    with_        inputs (manager, *captures)             bodies (body): (value, *captures) -> nothing

In ``try_except`` each handler is a pair of bodies: ``classes`` gives what the handler catches, ``handler`` takes
``(exception, *captures)``.
"""

from __future__ import annotations

from typing import Any, NoReturn

from ..ir.types import Type
from .op import Op, Result


def _has_bodies(xp: Any) -> NoReturn:
    raise AssertionError("control flow is run by an engine, not by a kernel")


def _states_its_types(*args: Any, **kwargs: Any) -> Type:
    raise AssertionError("the types of control flow are those of its bodies")


def _control(name: str) -> Op:
    return Op(name, kernel=_has_bodies, infer=_states_its_types, result=Result.VIEW, effect=True)


COND = _control("cond")
WHILE_LOOP = _control("while_loop")
FOR_LOOP = _control("for_loop")
TRY_FINALLY = _control("try_finally")
TRY_EXCEPT = _control("try_except")
WITH = _control("with_")

OPS = (COND, WHILE_LOOP, FOR_LOOP, TRY_FINALLY, TRY_EXCEPT, WITH)

"""Logic, and what follows from tests: where one was true or false, values are of narrower types.

A flag carries *facts*: tracers, each with its type if the flag is true and if it is false. A branch of a test is traced
with them, and so is what comes after it where only one branch comes back.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..ir.types import NEVER, ObjectType, join
from ..ops.operators import NOT
from .classes import says_truth
from .exceptions import Exceptions
from .tracer import Fact, Tracer, facts_of, with_facts


class Noted:
    """A right operand; once it was computed, ``facts`` are what follows from it."""

    def __init__(self, thunk: Callable[[], Any]) -> None:
        self.thunk = thunk
        self.facts: tuple[Fact, ...] = ()

    def __call__(self) -> Any:
        value = self.thunk()
        self.facts = facts_of(value)
        return value


class Logic(Exceptions):
    """The part of a trace that combines tests."""

    def and_(self, left: Any, right: Callable[[], Any]) -> Any:
        second = Noted(right)
        result = self.if_(left, second, lambda: left, (), ())
        return self._of_two(result, left, second, _both)

    def or_(self, left: Any, right: Callable[[], Any]) -> Any:
        second = Noted(right)
        result = self.if_(left, lambda: left, second, (), ())
        return self._of_two(result, left, second, _either)

    def both(self, left: Any, right: Callable[[], Any]) -> Any:
        second = Noted(right)
        result = self.if_(left, lambda: self.truth(second()), lambda: False, (), ())
        return self._of_two(result, left, second, _both)

    def either(self, left: Any, right: Callable[[], Any]) -> Any:
        second = Noted(right)
        result = self.if_(left, lambda: True, lambda: self.truth(second()), (), ())
        return self._of_two(result, left, second, _either)

    def _of_two(self, result: Any, left: Any, right: Noted, combined: Callable[..., Any]) -> Any:
        """``result`` with what follows from both operands, of which ``right`` may have been left out."""
        facts = combined(facts_of(left), right.facts)
        return with_facts(result, *[fact for fact in facts if self.is_known_here(fact[0])])

    def not_(self, value: Any) -> Any:
        type_ = value.graph_value.type if isinstance(value, Tracer) else None
        is_asked = type_ is None or isinstance(type_, ObjectType) or says_truth(type_)
        flag = self.truth(value) if is_asked else value
        if not isinstance(flag, Tracer):
            return not flag
        facts = value.graph_facts if isinstance(value, Tracer) else flag.graph_facts
        return with_facts(self.apply(NOT, flag), *((subject, no, yes) for subject, yes, no in facts))

    def learn(self, subject: Tracer, type_: Any) -> None:
        """Note that ``subject`` is of ``type_`` from here to the end of the block."""
        if type_ != NEVER and type_ != subject.graph_value.type and self.is_known_here(subject):
            self.learned.append((subject, subject.graph_value, subject.graph_refs))
            narrowed = self.narrowed(subject, type_)
            object.__setattr__(subject, "graph_value", narrowed.graph_value)
            object.__setattr__(subject, "graph_refs", narrowed.graph_refs)

    def knowing(self, subject: Tracer, type_: Any, run: Callable[[], Any]) -> Callable[[], Any]:
        """``run`` where ``subject`` is known to be of ``type_``."""

        def informed() -> Any:
            if type_ == NEVER:
                return run()
            value, refs = subject.graph_value, subject.graph_refs
            narrowed = self.narrowed(subject, type_)
            object.__setattr__(subject, "graph_value", narrowed.graph_value)
            object.__setattr__(subject, "graph_refs", narrowed.graph_refs)
            try:
                return run()
            finally:
                object.__setattr__(subject, "graph_value", value)
                object.__setattr__(subject, "graph_refs", refs)

        return informed


def _both(left: tuple[Fact, ...], right: tuple[Fact, ...]) -> list[Fact]:
    """What follows from ``left and right``; the right operand was computed where the left one is true."""
    facts = []
    for subject, if_true, if_false in left:
        more = [fact for fact in right if fact[0] is subject]
        if_true, also = more[0][1:] if more else (if_true, if_true)
        facts.append((subject, if_true, join(if_false, also)))
    known = [subject for subject, _, _ in left]
    return facts + [(subject, yes, join(yes, no)) for subject, yes, no in right if not any(subject is k for k in known)]


def _either(left: tuple[Fact, ...], right: tuple[Fact, ...]) -> list[Fact]:
    """What follows from ``left or right``."""
    negated = [tuple((subject, no, yes) for subject, yes, no in facts) for facts in (left, right)]
    return [(subject, yes, no) for subject, no, yes in _both(*negated)]

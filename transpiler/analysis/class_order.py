"""In which order the body of a class gives its variables values.

    a = 1           order   a, b, c
    b = 2           again   a       has had a value before, of which the mapping that is filled may take notice
    if large:       moved   a, b    the class holds them as b, a
        c = 3
    del a
    a = 4

What is said holds on every path: where one of them gives values in another order, the names count as moved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Set
from dataclasses import dataclass, field
from typing import Any

import gast

from .scopes import COMPREHENSIONS, FUNCTIONS, alias_name, children, evaluated_outside, listed, pattern_names

_OF_METHODS = ("property", "staticmethod", "classmethod", "overload", "setter", "getter", "deleter", "register")


@dataclass(frozen=True)
class _Moment:
    """What is known at one point: the names that have a value for sure, may have one, and may have had one.

    Of the last, ``methods`` were functions at first.
    """

    sure: frozenset[str] = frozenset()
    maybe: frozenset[str] = frozenset()
    values: frozenset[str] = frozenset()
    methods: frozenset[str] = frozenset()

    def met(self, other: _Moment) -> _Moment:
        """What holds where two paths come together."""
        return _Moment(
            self.sure & other.sure, self.maybe | other.maybe, self.values | other.values, self.methods | other.methods
        )


@dataclass
class ClassOrder:
    """``order`` are the names in the order of their first values, ``again`` those with more than one.

    Methods that are given one after the other, as the parts of a property are, do not count as values.
    """

    declared: Set[str] = frozenset()
    order: dict[str, None] = field(default_factory=dict)
    again: set[str] = field(default_factory=set)
    _pairs: set[tuple[str, str]] = field(default_factory=set)   # of names: the first may be there before the second
    _deleted: set[str] = field(default_factory=set)
    _now: _Moment = _Moment()

    @classmethod
    def of(cls, body: Iterable[Any], declared: Set[str] = frozenset()) -> ClassOrder:
        """What ``body`` does; names ``declared`` as global or nonlocal are none of the class."""
        found = cls(declared)
        found._visit_all(body)
        return found

    @property
    def moved(self) -> list[str]:
        """The names that a class may hold in another order than ``order``."""
        place = {name: number for number, name in enumerate(self.order)}
        wrong = {name for pair in self._pairs if place[pair[0]] > place[pair[1]] for name in pair}
        return sorted(wrong, key=place.__getitem__)

    def _store(self, name: str, is_method: bool = False) -> None:
        if name in self.declared:
            return
        now = self._now
        self.order.setdefault(name)
        if name in now.values or not is_method and name in now.methods:
            self.again.add(name)
        if name not in now.sure:
            self._pairs |= {(other, name) for other in now.maybe if other != name}
        new = {name}
        values, methods = (now.values, now.methods | new) if is_method else (now.values | new, now.methods)
        self._now = _Moment(now.sure | new, now.maybe | new, values, methods)

    def _delete(self, name: str) -> None:
        now = self._now
        self._deleted.add(name)
        self._now = _Moment(now.sure - {name}, now.maybe - {name}, now.values, now.methods)

    def _visit_all(self, nodes: Iterable[Any]) -> None:
        for node in nodes:
            self._visit(node)

    def _visit(self, node: Any) -> None:
        match node:
            case gast.Name(id=name, ctx=gast.Store()):
                self._store(name)
            case gast.Name(id=name, ctx=gast.Del()):
                self._delete(name)
            case gast.alias():
                self._store(alias_name(node))
            case gast.Assign():
                self._visit_all([node.value, *node.targets])
            case gast.AugAssign():
                self._visit_all([node.value, node.target])
            case gast.NamedExpr():
                self._visit_all([node.value, node.target])
            case gast.AnnAssign():
                if node.value is not None:
                    self._visit_all([node.value, node.target])
                self._visit(node.annotation)
            case gast.ClassDef():
                keywords = [keyword.value for keyword in node.keywords]
                self._visit_all([*node.decorator_list, *node.bases, *keywords])
                self._store(node.name)
            case gast.FunctionDef():
                self._visit_all(evaluated_outside(node))
                self._store(node.name, all(map(_is_of_method, node.decorator_list)))
            case gast.If() | gast.IfExp():
                self._visit(node.test)
                self._branches([listed(node.body), listed(node.orelse)])
            case gast.BoolOp():
                self._visit(node.values[0])
                self._branches([node.values[1:], []])
            case gast.Compare():
                self._visit_all([node.left, node.comparators[0]])
                self._branches([node.comparators[1:], []])
            case gast.While():
                self._loop([node.test, *node.body])
                self._branches([node.orelse, []])
            case gast.For():
                self._visit(node.iter)
                self._loop([node.target, *node.body])
                self._branches([node.orelse, []])
            case gast.With():
                self._visit_all(node.items)
                self._now = self._interrupted(lambda: self._visit_all(node.body)).met(self._now)
            case gast.Try() | gast.TryStar():
                self._try(node)
            case gast.Match():
                self._match(node)
            case _ if isinstance(node, FUNCTIONS):
                self._visit_all(evaluated_outside(node))
            case _ if isinstance(node, COMPREHENSIONS):
                self._visit(node.generators[0].iter)
            case _:
                self._visit_all(children(node))

    def _branches(self, branches: Iterable[Iterable[Any]]) -> None:
        before, ends = self._now, []
        for nodes in branches:
            self._now = before
            self._visit_all(nodes)
            ends.append(self._now)
        self._now = _met(ends)

    def _loop(self, nodes: list[Any]) -> None:
        moments = [self._now]
        for _ in range(2):
            self._visit_all(nodes)
            moments.append(self._now)
        self._now = _met(moments)

    def _interrupted(self, run: Callable[[], None]) -> _Moment:
        """What is known where ``run`` may have come to any point of it."""
        before = self._now
        run()
        end = self._now
        sure = (before.sure & end.sure) - self._deleted
        return _Moment(sure, before.maybe | end.maybe | self.order.keys(), end.values, end.methods)

    def _try(self, node: Any) -> None:
        caught = self._interrupted(lambda: self._visit_all(node.body))
        self._visit_all(node.orelse)
        ends, starts = [self._now], [caught, self._now]
        for handler in node.handlers:
            self._now = caught
            starts.append(self._interrupted(lambda handler=handler: self._handler(handler)))
            ends.append(self._now)
        if node.finalbody:
            self._now = _met(starts)
            self._visit_all(node.finalbody)
        self._now = _met(ends) if not node.finalbody else self._now

    def _handler(self, handler: Any) -> None:
        if handler.type is not None:
            self._visit(handler.type)
        if handler.name is not None:
            self._store(handler.name.id)
        self._visit_all(handler.body)
        if handler.name is not None:
            self._delete(handler.name.id)

    def _match(self, node: Any) -> None:
        self._visit(node.subject)
        ends = []
        for case in node.cases:
            before = self._now
            for part in gast.walk(case.pattern):
                for name in pattern_names(part):
                    self._store(name)
            if case.guard is not None:
                self._visit(case.guard)
            missed = self._now.met(before)
            self._visit_all(case.body)
            ends.append(self._now)
            self._now = missed
        self._now = _met([*ends, self._now])


def _met(moments: list[_Moment]) -> _Moment:
    first, *others = moments
    for other in others:
        first = first.met(other)
    return first


def _is_of_method(decorator: Any) -> bool:
    """Whether what ``decorator`` makes of a function is a method, too."""
    match decorator:
        case gast.Name(id=name) | gast.Attribute(attr=name):
            return name in _OF_METHODS
    return False

"""``match``: each case becomes tests, then the items that its pattern takes out, then the names that it gives.

    match p:                    subject = p
        case (0, y):            matched = False
            A                   if match_sequence(subject) and match_length(subject) == 2:
        case Point(x=a):            (part, part_1) = subject
            B                       if part == 0:
        case _:                         y = part_1
            C                           matched = True
                                if matched: A
                                else: ...

What is made is Python for the rewrites that come after.  The names of a pattern are given their values once it matches,
before its guard is asked, and the flag is left out where no test comes after something was taken out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import gast

from ..names import Names
from ..template import assign, call, constant, load, located, quote_expression, store, tuple_of


def write_out_matches(tree: gast.FunctionDef, names: Names) -> None:
    """Replace every ``match`` in ``tree``, inner functions included."""
    _Matches(names).visit(tree)


@dataclass
class _Steps:
    """What a pattern does: expressions that must be true and lists of statements, in their order; what it binds."""

    steps: list[Any] = field(default_factory=list)
    bound: dict[str, str] = field(default_factory=dict)   # names of the user's, and which variables they are given

    def test(self, expression: Any) -> None:
        """Add a test; one right behind another is joined to it by ``and``."""
        match self.steps:
            case [*_, gast.BoolOp(op=gast.And()) as last]:
                last.values.append(expression)
            case [*before, gast.expr() as last]:
                self.steps = [*before, located(gast.BoolOp(gast.And(), [last, expression]), last)]
            case _:
                self.steps.append(expression)

    def do(self, statements: list[Any]) -> None:
        self.steps.append(statements)

    def tests(self) -> list[int]:
        """Return where the tests stand."""
        return [index for index, step in enumerate(self.steps) if not isinstance(step, list)]

    def binding(self, at: Any) -> list[Any]:
        return [assign(store(name, at), load(variable, at), at) for name, variable in self.bound.items()]

    def around(self, body: list[Any]) -> list[Any]:
        """Return statements that run ``body`` if the pattern matches."""
        for step in reversed(self.steps):
            body = [*step, *body] if isinstance(step, list) else [located(gast.If(step, body, []), step)]
        return body


class _Matches(gast.NodeTransformer):
    def __init__(self, names: Names) -> None:
        self._names = names

    def visit_Match(self, node: Any) -> list[Any]:
        self.generic_visit(node)
        subject = self._names.fresh("subject")
        return [assign(store(subject, node.subject), node.subject, node.subject), *self._cases(node.cases, subject)]

    def _cases(self, cases: Sequence[Any], subject: str) -> list[Any]:
        if not cases:
            return []
        case, *others = cases
        at = case.pattern
        found = _Patterns(self._names).steps(case.pattern, subject)
        tests = found.tests()
        bind = found.binding(at)
        if not others:
            guarded = case.body if case.guard is None else [located(gast.If(case.guard, case.body, []), case.guard)]
            return found.around([*bind, *guarded])
        rest = self._cases(others, subject)
        if not tests:
            return [*found.around(bind), located(gast.If(case.guard, case.body, rest), case.guard)]
        if case.guard is None and len(tests) == 1:
            (only,) = tests
            before = [each for step in found.steps[:only] for each in step]
            inside = [each for step in found.steps[only + 1 :] for each in step]
            chosen = gast.If(found.steps[only], [*inside, *bind, *case.body], rest)
            return [*before, located(chosen, at)]
        matched = self._names.fresh("matched")
        answer = assign(store(matched, at), constant(True, at) if case.guard is None else case.guard, case.guard or at)
        return [
            assign(store(matched, at), constant(False, at), at),
            *found.around([*bind, answer]),
            located(gast.If(load(matched, at), case.body, rest), at),
        ]


class _Patterns:
    """Finds the steps of patterns."""

    def __init__(self, names: Names) -> None:
        self._names = names

    def steps(self, pattern: Any, subject: str) -> _Steps:
        """Return what matching the variable ``subject`` does."""
        found = _Steps()
        self._pattern(pattern, subject, found)
        return found

    def _call(self, name: str, arguments: Sequence[Any], at: Any) -> Any:
        return call(load(self._names.call(name), at), arguments, at)

    def _pattern(self, pattern: Any, subject: str, found: _Steps) -> None:
        value = load(subject, pattern)
        match pattern:
            case gast.MatchAs(pattern=inner, name=name):
                if inner is not None:
                    self._pattern(inner, subject, found)
                if name is not None:
                    found.bound[name] = subject
            case gast.MatchValue(value=expected):
                found.test(quote_expression("value == expected", pattern, value=value, expected=expected))
            case gast.MatchSingleton(value=expected):
                expected = constant(expected, pattern)
                found.test(quote_expression("value is expected", pattern, value=value, expected=expected))
            case gast.MatchOr():
                self._alternatives(pattern, subject, found)
            case gast.MatchSequence():
                self._sequence(pattern, subject, found)
            case gast.MatchMapping():
                self._mapping(pattern, subject, found)
            case gast.MatchClass():
                self._class(pattern, subject, found)

    def _alternatives(self, pattern: Any, subject: str, found: _Steps) -> None:
        alternatives = [self.steps(each, subject) for each in pattern.patterns]
        if all(len(each.steps) == 1 and each.tests() and not each.bound for each in alternatives):
            found.test(located(gast.BoolOp(gast.Or(), [each.steps[0] for each in alternatives]), pattern))
            return
        matched = self._names.fresh("matched")
        chosen = {name: self._names.fresh(name) for name in alternatives[0].bound}
        statements = [assign(store(matched, pattern), constant(False, pattern), pattern)]
        for index, alternative in enumerate(alternatives):
            at = pattern.patterns[index]
            taken = [assign(store(chosen[name], at), load(variable, at), at)
                     for name, variable in alternative.bound.items()]
            tried = alternative.around([*taken, assign(store(matched, at), constant(True, at), at)])
            if index:
                tried = [located(gast.If(quote_expression("not matched", at, matched=matched), tried, []), at)]
            statements += tried
        found.do(statements)
        found.test(load(matched, pattern))
        found.bound |= chosen

    def _sequence(self, pattern: Any, subject: str, found: _Steps) -> None:
        items = pattern.patterns
        star = next((index for index, each in enumerate(items) if isinstance(each, gast.MatchStar)), None)
        length = self._call("match_length", [load(subject, pattern)], pattern)
        found.test(self._call("match_sequence", [load(subject, pattern)], pattern))
        if star is None or len(items) > 1:
            symbol = "==" if star is None else ">="
            number = constant(len(items) - (star is not None), pattern)
            found.test(quote_expression(f"length {symbol} number", pattern, length=length, number=number))
        if all(map(_is_wildcard, items)):
            return
        if star is not None and _is_wildcard(items[star]):
            for index, each in enumerate(items):
                if not _is_wildcard(each):
                    self._item(each, index if index < star else index - len(items), subject, found)
            return
        parts = [self._names.fresh("part") for _ in items]
        targets = [store(part, each) for part, each in zip(parts, items, strict=True)]
        if star is not None:
            targets[star] = located(gast.Starred(targets[star], gast.Store()), items[star])
        found.do([assign(tuple_of(targets, pattern, gast.Store), load(subject, pattern), pattern)])
        for part, each in zip(parts, items, strict=True):
            if isinstance(each, gast.MatchStar):
                found.bound[each.name] = part
            else:
                self._pattern(each, part, found)

    def _item(self, pattern: Any, index: int, subject: str, found: _Steps) -> None:
        """One item of a sequence; those from its end are counted from its length."""
        place: Any = constant(abs(index), pattern)
        if index < 0:
            length = self._call("match_length", [load(subject, pattern)], pattern)
            place = quote_expression("length - number", pattern, length=length, number=place)
        part = self._names.fresh("part")
        item = quote_expression("subject[place]", pattern, subject=subject, place=place)
        found.do([assign(store(part, pattern), item, pattern)])
        self._pattern(pattern, part, found)

    def _mapping(self, pattern: Any, subject: str, found: _Steps) -> None:
        if not pattern.keys and not pattern.rest:
            found.test(self._call("match_mapping", [load(subject, pattern)], pattern))
            return
        rest = [gast.MatchAs(None, pattern.rest)] if pattern.rest else []
        keys, has_rest = tuple_of(pattern.keys, pattern), constant(bool(rest), pattern)
        value = self._call("mapping_parts", [load(subject, pattern), keys, has_rest], pattern)
        self._parts([*pattern.patterns, *rest], value, pattern, found)

    def _class(self, pattern: Any, subject: str, found: _Steps) -> None:
        inner = [*pattern.patterns, *pattern.kwd_patterns]
        arguments = [load(subject, pattern), pattern.cls]
        if not inner:
            found.test(self._call("match_class", arguments, pattern))
            return
        keywords = tuple_of([constant(name, pattern) for name in pattern.kwd_attrs], pattern)
        arguments += [constant(len(pattern.patterns), pattern), keywords]
        self._parts(inner, self._call("class_parts", arguments, pattern), pattern, found)

    def _parts(self, patterns: Sequence[Any], value: Any, at: Any, found: _Steps) -> None:
        """The parts that ``value`` takes out; it is None if the pattern does not match."""
        whole = self._names.fresh("parts")
        found.do([assign(store(whole, at), value, at)])
        found.test(quote_expression("whole is not None", at, whole=whole))
        parts = [self._names.fresh("part") for _ in patterns]
        targets = tuple_of([store(part, at) for part in parts], at, gast.Store)
        found.do([assign(targets, load(whole, at), at)])
        for part, each in zip(parts, patterns, strict=True):
            self._pattern(each, part, found)


def _is_wildcard(pattern: Any) -> bool:
    match pattern:
        case gast.MatchAs(pattern=None, name=None) | gast.MatchStar(name=None):
            return True
    return False

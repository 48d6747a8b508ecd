"""The module ``re``: its functions, the methods of patterns and of what they find.

What a pattern finds is text of the kind that it is searched in. How many groups it has is known where its text is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..ir.call import Call
from ..ir.types import (
    ANY,
    INT,
    NONE,
    STR,
    DictType,
    IteratorType,
    ListType,
    ObjectType,
    PythonType,
    TupleType,
    Type,
    join,
)
from .infer import type_of
from .op import Op, Result
from .operators import everywhere
from .rules import Infer, as_method, plain
from .specimens import call

PATTERN, MATCH = ObjectType(re.Pattern), ObjectType(re.Match)
TEXTS = (STR, PythonType(bytes))

Rule = Callable[[Any, Any], Type]  # of the pattern and the text that it is searched in


def text_of(string: Any) -> Type:
    """The type of a part of ``string``."""
    kind = type_of(plain(string))
    return kind if kind in TEXTS else ANY


def groups_of(pattern: Any) -> int | None:
    """How many groups a pattern has, where it is known.  Raises what ``re`` raises of one that is wrong."""
    known = plain(pattern)
    return re.compile(known).groups if isinstance(known, (str, bytes, re.Pattern)) else None


def _found(pattern: Any, string: Any) -> Type:
    return join(MATCH, NONE)


def _all_found(pattern: Any, string: Any) -> Type:
    groups, text = groups_of(pattern), text_of(string)
    if groups is None:
        return ListType(ANY)
    return ListType(text if groups < 2 else TupleType((text,) * groups))


def _each_found(pattern: Any, string: Any) -> Type:
    return IteratorType(MATCH)


def _parts(pattern: Any, string: Any) -> Type:
    return ListType(text_of(string) if groups_of(pattern) == 0 else ANY)


def _replaced(pattern: Any, string: Any) -> Type:
    return text_of(string)


def _replaced_and_counted(pattern: Any, string: Any) -> Type:
    return TupleType((text_of(string), INT))


FINDING: Mapping[str, Rule] = {
    "search": _found,
    "match": _found,
    "fullmatch": _found,
    "findall": _all_found,
    "finditer": _each_found,
    "split": _parts,
    "sub": _replaced,
    "subn": _replaced_and_counted,
}
OF_MATCHES: Mapping[str, tuple[Type, Iterable[Call]]] = {
    "group": (ANY, ()),
    "__getitem__": (ANY, ()),
    "groups": (ANY, ()),
    "groupdict": (DictType(STR, ANY), ()),
    "expand": (ANY, ()),
    "start": (INT, (call(), call(1), call(7))),
    "end": (INT, (call(), call(1))),
    "span": (TupleType((INT, INT)), (call(), call(1))),
}
SAMPLE = re.compile("(a)(b*)")
FOUND = SAMPLE.search("xabb")


def _infer(name: str) -> Infer:
    rule = FINDING[name]
    before = 1 if name in ("sub", "subn") else 0  # what is put in stands before the text
    without_flags = before + (2 if name == "split" else 1)

    def infer(pattern: Any, *args: Any, string: Any = None, **options: Any) -> Type:
        has_flags = "flags" in options or len(args) > without_flags  # by which the pattern may mean something else
        return rule(PATTERN if has_flags else pattern, args[before] if len(args) > before else string)

    return infer


PUTTING_IN = (call("a", "-", "xabb"), call("a", "-", ""), call(b"a", b"-", b"xabb", 1), call("(", "-", "a"))
FUNCTIONS = {
    name: Op(f"re.{name}", everywhere(getattr(re, name)), _infer(name), captures=(getattr(re, name),),
             samples=PUTTING_IN if name in ("sub", "subn") else ())
    for name in FINDING
}
METHODS = {
    name: Op(f"re.Pattern.{name}", as_method(name), _infer(name), captures=(getattr(re.Pattern, name),))
    for name in FINDING
}
OPS = (
    *FUNCTIONS.values(),
    *METHODS.values(),
    *(
        Op(f"re.Match.{name}", as_method(name), lambda *args, _type=type, **kwargs: _type,
           captures=(getattr(re.Match, name),), samples=tuple([call(FOUND, *sample.args) for sample in samples]))
        for name, (type, samples) in OF_MATCHES.items()
    ),
    Op("re.compile", everywhere(re.compile), lambda *args, **options: PATTERN, captures=(re.compile,),
       result=Result.VIEW),
    Op("re.escape", everywhere(re.escape), lambda pattern: text_of(pattern), captures=(re.escape,),
       result=Result.IMMUTABLE, samples=(call("a.b"), call(b"a+"))),
)

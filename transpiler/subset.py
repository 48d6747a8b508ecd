"""Says which Python is accepted, and what to write instead of the rest.

One table for constructs and one for functions that look at the variables of their caller.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gast

from .analysis.scopes import children
from .errors import UnsupportedSyntax
from .location import Location
from .source import Source

_NO_WAITING = "a graph runs from start to end without waiting"

# What is refused: how it is called, why or until when, what to write instead.
CONSTRUCTS: dict[type, tuple[str, str, str]] = {
    gast.AsyncFunctionDef: ("'async def'", f"is not supported: {_NO_WAITING}", "write a plain 'def'"),
    gast.AsyncFor: ("'async for'", f"is not supported: {_NO_WAITING}", "write a plain 'for'"),
    gast.AsyncWith: ("'async with'", f"is not supported: {_NO_WAITING}", "write a plain 'with'"),
    gast.Await: ("'await'", f"is not supported: {_NO_WAITING}", "call a plain function"),
    gast.TypeAlias: ("A 'type' statement in a function", "is not supported yet", "move it to the top of the file"),
}
GENERIC_CLASS = (
    "A class with type parameters in a function", "is not supported yet",
    "move it to the top of the file, or derive it from Generic[...]",
)  # fmt: skip

_YIELDS = (gast.Yield, gast.YieldFrom)
_UNSEEN = "it runs code that cannot be seen here"
_NO_FRAME = "variables of converted code are not where it looks for them"
CALLERS_VARIABLES = {
    "eval": (_UNSEEN, "write the expression itself"),
    "exec": (_UNSEEN, "write the statements themselves"),
    "globals": (_NO_FRAME, "name the variable"),
    "locals": (_NO_FRAME, "name the variables, or keep them in a dict"),
    "vars": (_NO_FRAME, "name the variables, or give it an object"),
    "dir": (_NO_FRAME, "name the variables, or give it an object"),
}
WITHOUT_ARGUMENTS = {"vars", "dir"}   # given an argument they look at that alone


def check_subset(source: Source, outer_variables: tuple[str, ...] = ()) -> None:
    """Raise UnsupportedSyntax for the first construct that is refused; ``outer_variables`` are its free variables."""
    own_names = set(_bound_names(source.tree))
    always = CALLERS_VARIABLES.keys() - WITHOUT_ARGUMENTS - own_names
    without_arguments = WITHOUT_ARGUMENTS - own_names
    for node, function in _nodes(source.tree, source.name):
        place = Location.of(node, source.filename, function) if hasattr(node, "lineno") else None
        is_generic = isinstance(node, gast.ClassDef) and node.type_params
        refused = GENERIC_CLASS if is_generic else CONSTRUCTS.get(type(node))
        if refused is not None:
            name, reason, fix = refused
            raise UnsupportedSyntax(f"{name} {reason}.", _opening(node, place), fix=fix)
        if isinstance(node, gast.Lambda) and any(isinstance(each, _YIELDS) for each in gast.walk(node.body)):
            raise UnsupportedSyntax("'yield' in a lambda is not supported.", place, fix="write a 'def'")
        if isinstance(node, gast.TryStar) and any(isinstance(each, _YIELDS) for each in gast.walk(node)):
            raise UnsupportedSyntax(
                "'yield' in a 'try' with 'except*' is not supported.", _opening(node, place), fix="write 'except'"
            )
        if isinstance(node, gast.Try) and _goes_on_after_exit(node):
            raise UnsupportedSyntax(
                "'yield' where GeneratorExit is caught is not supported.",
                _opening(node, place),
                fix="catch Exception, or end the handler with 'raise'",
            )
        if isinstance(node, gast.Call) and _is_name(node.func, without_arguments):
            if not node.args and not node.keywords:
                raise _looks_at_caller(node.func.id, place)
        elif _is_name(node, always):
            raise _looks_at_caller(node.id, place)
        elif isinstance(node, gast.comprehension) and node.is_async:
            where = Location.of(node.target, source.filename, function)
            raise UnsupportedSyntax(f"'async for' is not supported: {_NO_WAITING}.", where, fix="write a plain 'for'")
        elif isinstance(node, gast.Global) and (twice := sorted({*node.names} & {*outer_variables})):
            name = source.name
            raise UnsupportedSyntax(
                f"{twice[0]!r} is a global variable here, and one of an enclosing function elsewhere in {name!r}.",
                place,
                fix="rename one of the two",
            )


def _goes_on_after_exit(node: gast.Try) -> bool:
    """Whether a generator may catch the GeneratorExit that ends it, and go on."""
    if not any(isinstance(each, _YIELDS) for statement in node.body for each in gast.walk(statement)):
        return False
    catching = [
        handler
        for handler in node.handlers
        if handler.type is None
        or any(_is_name(each, {"BaseException", "GeneratorExit"}) for each in gast.walk(handler.type))
    ]
    return not all(isinstance(last := each.body[-1], gast.Raise) and last.exc is None for each in catching)


def _looks_at_caller(name: str, place: Location | None) -> UnsupportedSyntax:
    reason, fix = CALLERS_VARIABLES[name]
    return UnsupportedSyntax(f"'{name}()' is not supported: {reason}.", place, fix=fix)


def _opening(node: Any, place: Location | None) -> Location | None:
    """Return where a statement's first line is; an expression is pointed at whole."""
    if place is None or isinstance(node, gast.expr):
        return place
    return Location(place.filename, place.line, place.column, None, place.function)


def _nodes(node: Any, function: str) -> Iterator[tuple[Any, str]]:
    """Yield every node with the name of the function it stands in, outer ones first, in the order of the source."""
    yield node, function
    inner = node.name if isinstance(node, gast.FunctionDef) and function != "<lambda>" else function
    for child in children(node):
        yield from _nodes(child, inner)


def _bound_names(tree: Any) -> Iterator[str]:
    """Yield the names a function or its inner functions give a value to."""
    for node in gast.walk(tree):
        if isinstance(node, gast.Name) and not isinstance(node.ctx, gast.Load):
            yield node.id
        elif isinstance(node, gast.FunctionDef):
            yield node.name
        elif isinstance(node, gast.MatchAs | gast.MatchStar) and node.name is not None:
            yield node.name
        elif isinstance(node, gast.MatchMapping) and node.rest is not None:
            yield node.rest


def _is_name(node: Any, names: set[str]) -> bool:
    return isinstance(node, gast.Name) and isinstance(node.ctx, gast.Load) and node.id in names

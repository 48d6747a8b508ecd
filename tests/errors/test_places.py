"""Each place in the code that refuses something is reached by a wrong use in ``fixtures/errors``."""

from __future__ import annotations

import ast
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import tograph
from fixtures.errors import REFUSALS
from tograph.runtime.errors import InternalError
from tograph.transpiler.errors import TographError

ROOT = Path(tograph.__file__).resolve().parent
REFUSERS = {"refuse", "refuse_call", "_leak"}
# A comprehension with 'async for' stands in a coroutine or a generator expression, and these are refused before it.
BEHIND_ANOTHER = {
    ("transpiler/subset.py", "check_subset", "f\"'async for' is not supported: {_NO_WAITING}.\""),
    ("runtime/tracing/trace.py", "raise_now",
     "'Built-in code was given a value that is known only when the graph runs.'"),
    ("runtime/tracing/tracer.py", "__hash__", "'hash()'"),
    ("runtime/tracing/generators.py", "used_again", "'This generator is used again after a loop over it was left.'"),
}
# Saving an object needs a module that holds its class: reached in tests/test_save.py.
NEEDS_A_MODULE = {
    (
        "runtime/saving/state.py",
        "_attributes",
        "f'A {type(value).__name__} cannot be saved: it holds more than attributes.'",
    )
}


@dataclass(frozen=True)
class Place:
    """A statement that refuses: the lines it stands on, and what names it."""

    module: str
    function: str
    message: str
    lines: range

    @property
    def name(self) -> tuple[str, str, str]:
        return self.module, self.function, self.message


def kinds(base: type) -> Iterator[type]:
    """The classes below ``base`` that are tograph's own."""
    for kind in base.__subclasses__():
        if kind.__module__.startswith("tograph."):
            yield kind
            yield from kinds(kind)


def places() -> list[Place]:
    names = {TographError.__name__, *(kind.__name__ for kind in kinds(TographError))}
    found = []
    for folder in ("transpiler", "runtime"):
        for file in sorted((ROOT / folder).rglob("*.py")):
            module = file.relative_to(ROOT).as_posix()
            if not module.startswith("runtime/testing/"):
                tree = ast.parse(file.read_text(encoding="utf-8"))
                makers = {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and _gives(n, names)}
                found += _places(tree, module, "<module>", names | makers)
    return found


def _gives(function: ast.FunctionDef, names: set[str]) -> bool:
    return isinstance(function.returns, ast.Name) and function.returns.id in names


def _places(node: ast.AST, module: str, function: str, names: set[str]) -> Iterator[Place]:
    inner = node.name if isinstance(node, ast.FunctionDef) else function
    call = node.exc if isinstance(node, ast.Raise) else node
    if isinstance(call, ast.Call) and _called(call) in (names if isinstance(node, ast.Raise) else REFUSERS):
        arguments = call.args[1:] if _called(call) == "_leak" else call.args
        lines = range(call.lineno, (call.end_lineno or call.lineno) + 1)
        yield Place(module, function, ast.unparse(arguments[0]), lines)
    for child in ast.iter_child_nodes(node):
        yield from _places(child, module, inner, names)


def _called(call: ast.Call) -> str:
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def test_each_place_is_reached(provoke):
    known = places()
    assert len(known) > 30
    reached = set()
    for refusal in REFUSALS:
        for frame, line in traceback.walk_tb(provoke(refusal).__traceback__):
            file = Path(frame.f_code.co_filename)
            if file.is_relative_to(ROOT):
                module = file.relative_to(ROOT).as_posix()
                reached |= {place.name for place in known if place.module == module and line in place.lines}
    assert {place.name for place in known} - reached == BEHIND_ANOTHER | NEEDS_A_MODULE


def test_places_have_names_of_their_own():
    names = [place.name for place in places()]
    assert len(set(names)) >= len(names) - 2    # two more calls of one refuser in one function


def test_our_own_mistakes_are_not_the_users():
    for kind in (InternalError, *kinds(InternalError)):
        assert not issubclass(kind, TographError)

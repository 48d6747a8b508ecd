"""A rewritten function does what the function does, and holds no control flow of its own.

The programs are the tables in ``fixtures/rewrites`` and every fixture program.  Values, identities, printed lines,
exceptions and changed arguments and globals are compared call by call.
"""

from __future__ import annotations

import ast
import types
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from fixtures.program import Program
from fixtures.programs import all_programs
from fixtures.rewrites import all_rows
from fixtures.unseen import UNSEEN
from tograph.runtime.testing.compare import compare
from tograph.runtime.testing.observe import observe
from tograph.runtime.testing.snapshot import copy_values
from tograph.runtime.testing.world import World
from tograph.transpiler.convert import Conversion, Namespace, convert, is_generated, transpile
from tograph.transpiler.protocol import CALLS, PlainControl
from tograph.transpiler.source import FUTURE_FLAGS, find_source, nested_codes, python_function

# In ordinary Python a traceback keeps the frames of the control too, and with them generators that are not over.
KEPT_BY_FRAMES = ("generators that an error leaves",)
ALL = [program for program in (*all_rows(), *all_programs()) if program.title not in KEPT_BY_FRAMES]
every_program = pytest.mark.parametrize("program", ALL, ids=str)
every_program_with_text = pytest.mark.parametrize(
    "program", [program for program in ALL if not program.title.endswith(", without text")], ids=str
)

REWRITTEN = (
    ast.If, ast.While, ast.For, ast.Break, ast.Continue, ast.Try, ast.With, ast.Assert, ast.Raise,
    ast.BoolOp, ast.Not, ast.IfExp, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.JoinedStr,
    ast.List, ast.Dict, ast.Set, ast.Subscript, ast.Starred, ast.Global, ast.Nonlocal,
    ast.Eq, ast.NotEq, ast.In, ast.NotIn, ast.Is, ast.IsNot, ast.ClassDef,
)  # fmt: skip


def assert_same(program: Program, other: Callable[..., Any]) -> None:
    """Call the program and ``other`` on each input from the same state, and compare all that they do."""
    world = World(program.function)
    put_all_back = world.save()
    try:
        for arguments in program.inputs():
            if program.reset is not None:
                program.reset()
            outside = world.objects()
            put_back = world.save()
            given, given_other = copy_values(arguments, outside), copy_values(arguments, outside)
            expected = observe(program.function, given, world)
            put_back()
            actual = observe(other, given_other, world)
            assert compare(expected, actual) == [], arguments
    finally:
        put_all_back()


def printed_function(function: Callable[..., Any], control: object) -> Callable[..., Any]:
    """The function that the printed text of a conversion makes, among the outer variables of ``function``."""
    plain = python_function(function)
    conversion = convert(plain)
    cells = dict(zip(plain.__code__.co_freevars, plain.__closure__ or ()))
    namespace = Namespace(conversion.protocol, control, plain.__globals__, cells)
    made: dict[str, Any] = {}
    code = compile(conversion.source, "<printed>", "exec", plain.__code__.co_flags & FUTURE_FLAGS, dont_inherit=True)
    exec(code, namespace, made)
    (printed,) = made.values()
    printed.__code__ = with_methods_named(printed.__code__, conversion)
    printed.__defaults__, printed.__kwdefaults__ = plain.__defaults__, plain.__kwdefaults__
    printed.__name__, printed.__doc__ = plain.__name__, plain.__doc__
    return printed if plain is function else printed.__get__(function.__self__)


def with_methods_named(code: types.CodeType, conversion: Conversion) -> types.CodeType:
    """Return ``code`` of the printed text with methods of classes inside called what the user calls them."""
    users = {(each.co_name, each.co_firstlineno): each.co_qualname for each in nested_codes(conversion.code)}

    def named(code: types.CodeType) -> types.CodeType:
        inner = (named(each) if isinstance(each, types.CodeType) else each for each in code.co_consts)
        code = code.replace(co_consts=tuple(inner))
        if code.co_name not in conversion.renamed:
            return code
        name = conversion.renamed[code.co_name]
        return code.replace(co_name=name, co_qualname=users[name, conversion.lines[code.co_firstlineno]])

    return named(code)


def below(tree: ast.FunctionDef) -> Iterator[ast.AST]:
    """Every node of a function, without its signature: that one is only shown."""
    for statement in tree.body:
        yield from ast.walk(statement)


def scopes_in(tree: ast.FunctionDef) -> Iterator[str]:
    """The variables that hold a scope."""
    for node in ast.walk(tree):
        match node:
            case ast.Assign([ast.Name(name)], ast.Call(ast.Name(called), [], [])) if called.startswith("scope"):
                yield name


def belongs_to(target: ast.expr, scopes: set[str]) -> bool:
    return isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id in scopes


@every_program
def test_does_what_the_function_does(program):
    generated = transpile(program.function, PlainControl())
    assert is_generated(python_function(generated).__code__)
    assert_same(program, generated)


@every_program
def test_printed_source_does_what_the_function_does(program):
    assert_same(program, printed_function(program.function, PlainControl()))


@every_program_with_text
def test_holds_no_control_flow(program):
    (tree,) = ast.parse(convert(program.function).source).body
    assert isinstance(tree, ast.FunctionDef)
    assert not {type(node).__name__ for node in below(tree) if isinstance(node, REWRITTEN)}
    scopes = set(scopes_in(tree))
    for node in below(tree):
        if isinstance(node, ast.Compare):
            assert len(node.ops) == 1, ast.unparse(node)
        if isinstance(node, ast.AugAssign):
            assert isinstance(node.target, ast.Name) or belongs_to(node.target, scopes), ast.unparse(node)
        if isinstance(node, ast.Delete):
            assert all(isinstance(target, ast.Name | ast.Attribute) for target in node.targets), ast.unparse(node)


@every_program
def test_returns_at_the_end_only(program):
    (tree,) = ast.parse(convert(program.function).source).body
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    returns = [node for node in ast.walk(tree) if isinstance(node, ast.Return)]
    assert all(any(node is function.body[-1] for function in functions) for node in returns)


@every_program
def test_calls_the_protocol_only(program):
    """A call is one of the protocol, of a function the rewriting made, or of a scope's two methods."""
    conversion = convert(program.function)
    (tree,) = ast.parse(conversion.source).body
    assert isinstance(tree, ast.FunctionDef)
    made = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    for node in below(tree):
        if isinstance(node, ast.Call):
            called = node.func
            if isinstance(called, ast.Call) and isinstance(called.func, ast.Name):
                assert conversion.protocol[called.func.id] == "calling"
                continue
            scoped = isinstance(called, ast.Attribute) and called.attr in ("set", "free")
            assert scoped or isinstance(called, ast.Name) and called.id in conversion.protocol.keys() | made


@every_program_with_text
def test_each_printed_line_comes_from_the_function(program):
    source = find_source(python_function(program.function))
    lines = range(source.first_line, source.first_line + source.text.count("\n") + 1)
    assert set(convert(program.function).lines.values()) <= set(lines)


def test_titles_are_unique():
    titles = [program.title for program in all_rows()]
    assert sorted(titles) == sorted(set(titles))


@pytest.mark.parametrize("program", all_rows(), ids=str)
def test_programs_can_be_repeated(program):
    """Each starts from the same state again, so that a difference is one of the rewritten function."""
    assert_same(program, program.function)


def test_every_call_of_the_protocol_is_used():
    functions = [*[program.function for program in ALL], *[unseen.module()["f"] for unseen in UNSEEN]]
    used = {call for function in functions for call in convert(function).protocol.values()}
    assert used == set(CALLS)

"""Finds the Python text of a function, and proves that it is the text the function was compiled from.

The text is compiled again and the code object of each definition that could be meant is compared with the function's.
So several lambdas on one line are told apart, and a file edited since it was imported is noticed.
"""

from __future__ import annotations
import __future__

import ast
import inspect
import linecache
import types
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache, reduce
from operator import or_
from typing import Any

import gast

from .errors import NoSource, StaleSource
from .location import Location

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
FUTURE_FLAGS = reduce(or_, (getattr(__future__, name).compiler_flag for name in __future__.all_feature_names))
LAMBDA = "<lambda>"
LAMBDA_NAME = "lambda_"
PYTEST_ASSERTION = "@pytest_ar"   # pytest compiles an `assert` in a test module to other code than its text says
_IN_A_FILE = "put the function in a file, and import it from there"


@dataclass(frozen=True, slots=True)
class Source:
    """A function as its author wrote it.

    ``tree`` is fresh at each call and may be changed: the definition without decorators, defaults and annotations,
    which Python evaluated when it made the function.  A lambda is a function ``lambda_`` that returns its body.
    ``signature`` are the arguments as written, defaults and annotations included.
    """

    text: str
    filename: str
    first_line: int
    name: str
    tree: gast.FunctionDef | gast.AsyncFunctionDef
    signature: ast.arguments
    returns: ast.expr | None
    mangle_class: str | None
    first_argument: str | None
    flags: int

    def location(self, node: Any) -> Location:
        """Return where a node of ``tree``, or one made from it, stands in the user's file."""
        return Location.of(node, self.filename, self.name)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A definition found in a module, and the innermost class around it."""

    node: Definition
    mangle_class: str | None

    @property
    def name(self) -> str:
        return LAMBDA if isinstance(self.node, ast.Lambda) else self.node.name

    @property
    def opening(self) -> ast.stmt | ast.expr:
        """The node whose line Python calls the function's first: the first decorator if there is one."""
        return next(iter(getattr(self.node, "decorator_list", [])), self.node)

    def opens(self, code: types.CodeType) -> bool:
        """Say whether ``code`` has the name and the first line of this definition."""
        return (self.name, self.opening.lineno) == (code.co_name, code.co_firstlineno)


def find_source(function: Callable[..., Any]) -> Source:
    """Return the source of a Python function, lambda or method.

    Raises NoSource if it is not written in Python or its text cannot be read, StaleSource if the text has changed
    since it was compiled.
    """
    plain = python_function(function)
    code = plain.__code__
    linecache.checkcache(code.co_filename)
    lines = linecache.getlines(code.co_filename, plain.__globals__)
    if not lines:
        raise NoSource(
            f"The source of {code.co_name!r} cannot be read: there is no text for {code.co_filename!r}.", fix=_IN_A_FILE
        )
    flags = code.co_flags & FUTURE_FLAGS
    try:
        module = _module("".join(lines), flags)
    except (SyntaxError, ValueError):
        module = Module("", flags, (), ())
    return _source(_written_as(code, module), lines, code.co_filename, flags)


def python_function(function: Callable[..., Any]) -> types.FunctionType:
    """Return the function behind a function or a bound method.  Raises NoSource for anything else."""
    plain = function.__func__ if isinstance(function, types.MethodType) else function
    if isinstance(plain, types.FunctionType):
        return plain
    name = getattr(function, "__qualname__", None) or repr(function)
    if isinstance(function, type):
        raise NoSource(f"{name!r} is a class, not a function.", fix="give a function that calls it")
    if isinstance(inspect.getattr_static(function, "__call__", None), types.FunctionType):
        kind = type(function).__name__
        raise NoSource(f"{name!r} is an object of class {kind!r}, not a function.", fix="give its method __call__")
    if callable(function):
        raise NoSource(f"{name!r} is built in: it has no Python source.", fix="call it from a function you write")
    raise NoSource(f"{name} is not a function.", fix="give a function written in Python")


@dataclass(frozen=True, slots=True)
class Module:
    """A module's text, parsed and compiled: its definitions, and the code objects they became."""

    text: str
    flags: int
    candidates: tuple[Candidate, ...]
    codes: tuple[types.CodeType, ...]


@lru_cache(maxsize=64)
def _module(text: str, flags: int) -> Module:
    tree = _parsed(text, flags)
    codes = tuple(nested_codes(_compiled(tree, flags)))
    return Module(text, flags, tuple(_candidates(tree, None)), codes)


def _parsed(text: str, flags: int) -> ast.Module:
    return compile_again(text, "<source>", flags | ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


def _compiled(tree: ast.Module, flags: int) -> types.CodeType:
    return compile_again(tree, "<source>", flags | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)


def compile_again(source: str | ast.Module, filename: str, flags: int) -> Any:
    """Return ``compile(...)`` of a module; the user has had Python's warnings about the text before."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return compile(source, filename, "exec", flags, dont_inherit=True)


def _candidates(node: ast.AST, mangle_class: str | None) -> Iterator[Candidate]:
    if isinstance(node, Definition):
        yield Candidate(node, mangle_class)
    for field, value in ast.iter_fields(node):
        inner = node.name if isinstance(node, ast.ClassDef) and field == "body" else mangle_class
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _candidates(child, inner)


def _written_as(code: types.CodeType, module: Module) -> Candidate:
    """Return the definition that compiles to ``code``.  Raises StaleSource if none does."""
    places = [i for i, candidate in enumerate(module.candidates) if candidate.opens(code)]
    if len(places) == 1:
        equal = places if any(same_code(code, other) for other in module.codes) else []
    else:
        apart = {i: other for i in places if (other := _compiled_apart(module, i)) and same_code(code, other)}
        # Equal code means the same wherever it stands; the columns only say where to point at.
        equal = sorted(apart, key=lambda i: _columns(apart[i]) != _columns(code))
    if equal:
        return module.candidates[equal[0]]
    if len(places) == 1 and any(PYTEST_ASSERTION in inner.co_names for inner in nested_codes(code)):
        return module.candidates[places[0]]
    raise StaleSource(
        f"The source of {code.co_name!r} is not what its code was compiled from.",
        Location(code.co_filename, code.co_firstlineno, function=code.co_name),
        fix="if the file was edited after it was imported, import it again",
    )


def _compiled_apart(module: Module, index: int) -> types.CodeType | None:
    """Return the code of one of several definitions on a line, None where Python optimises it away.

    It is found by compiling the module with that definition moved behind all others.
    """
    tree = _parsed(module.text, module.flags)
    candidate = list(_candidates(tree, None))[index]
    ast.increment_lineno(candidate.node, module.text.count("\n") + 1)
    codes = nested_codes(_compiled(tree, module.flags))
    return next((code for code in codes if candidate.opens(code)), None)


def nested_codes(code: types.CodeType) -> Iterator[types.CodeType]:
    """Yield ``code`` and every code object inside it, outer ones first."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from nested_codes(constant)


def same_code(a: types.CodeType, b: types.CodeType) -> bool:
    """Say whether two code objects do the same, wherever they stand in a file."""
    return _shape(a) == _shape(b)


def _shape(code: types.CodeType) -> tuple[object, ...]:
    return (
        code.co_name, code.co_code, code.co_exceptiontable, code.co_flags,
        code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount,
        code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars,
        tuple(map(_constant_shape, code.co_consts)),
    )  # fmt: skip


def _constant_shape(constant: object) -> object:
    """Return a key that is equal for equal constants only: 1, 1.0 and True differ, so do 0.0 and -0.0."""
    match constant:
        case types.CodeType():
            return _shape(constant)
        case tuple():
            return tuple(map(_constant_shape, constant))
        case frozenset():
            return frozenset(map(_constant_shape, constant))
        case _:
            return type(constant), repr(constant)


def _columns(code: types.CodeType) -> list[tuple[int | None, int | None]]:
    return [(start, end) for _, _, start, end in code.co_positions()]


def _source(candidate: Candidate, lines: list[str], filename: str, flags: int) -> Source:
    node, opening = candidate.node, candidate.opening
    signature = node.args
    positional = [*signature.posonlyargs, *signature.args]
    return Source(
        text="".join(lines[opening.lineno - 1 : node.end_lineno]),
        filename=filename,
        first_line=opening.lineno,
        name=candidate.name,
        tree=_bare_function(node),
        signature=signature,
        returns=getattr(node, "returns", None),
        mangle_class=candidate.mangle_class,
        first_argument=positional[0].arg if positional else None,
        flags=flags,
    )


def _bare_function(node: Definition) -> gast.FunctionDef | gast.AsyncFunctionDef:
    """Return a new tree of the definition without what Python evaluates outside its body."""
    tree = gast.ast_to_gast(_as_function(node) if isinstance(node, ast.Lambda) else node)
    tree.decorator_list, tree.returns, tree.type_params = [], None, []
    arguments = tree.args
    arguments.defaults = []
    arguments.kw_defaults = [None for _ in arguments.kwonlyargs]
    for argument in (
        *arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg
    ):
        if argument is not None:
            argument.annotation = None
    return tree


def _as_function(node: ast.Lambda) -> ast.FunctionDef:
    body = ast.copy_location(ast.Return(node.body), node.body)
    function = ast.FunctionDef(LAMBDA_NAME, node.args, [body], [], None, None)
    return ast.copy_location(function, node)

"""Laws: changes of a program's text that change nothing it does.

A law takes the syntax tree of a function and changes it in place; ``changed`` makes a function of the result, with
the globals, closure and defaults of the original. The graph of the changed function must do what the original does
eagerly, which relates programs that no table of expected results has.
"""

from __future__ import annotations

import ast
import hashlib
import inspect
import linecache
import re
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import count
from types import CodeType, FunctionType
from typing import Any

from .equivalence import Engine, GraphFunction
from .world import codes

LAWS: dict[str, Law] = {}
_BLOCKS = ("body", "orelse", "finalbody")
_FUNCTIONS = (ast.FunctionDef, ast.Lambda, ast.ClassDef)


@dataclass(frozen=True)
class Law:
    """One change; ``texts`` tells whether errors for variables without a value keep their text."""

    title: str
    change: Callable[[ast.FunctionDef, Names], None]
    texts: bool = True

    def __str__(self) -> str:
        return self.title


class Names:
    """New names for a tree; ``sequence`` tells which expressions give a range, or an array that keeps its length."""

    def __init__(self, tree: ast.AST, arrays: str | None = None):
        self._used = set(re.findall(r"\w+", ast.dump(tree)))
        self._arrays = arrays

    def new(self) -> str:
        """A name that the tree does not use."""
        name = next(name for number in count(1) if (name := f"law{number}") not in self._used)
        self._used.add(name)
        return name

    def sequence(self, node: ast.expr) -> bool:
        """Whether ``node`` can be indexed as well as iterated over, and keeps its length meanwhile."""
        if isinstance(node, ast.Name):
            return self._arrays is not None and re.fullmatch(self._arrays, node.id) is not None
        return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "range"


def law(title: str, texts: bool = True) -> Callable[[Callable[[ast.FunctionDef, Names], None]], Law]:
    """Register a change of the tree of a function."""

    def register(change: Callable[[ast.FunctionDef, Names], None]) -> Law:
        LAWS[title] = Law(title, change, texts)
        return LAWS[title]

    return register


def changed(function: FunctionType, law: Law, arrays: str | None = None) -> FunctionType | None:
    """``function`` after ``law``; None where the law has nothing to change.

    ``arrays`` is the pattern of names that always hold arrays or ranges. Raises OSError where there is no source.
    """
    module = ast.parse(textwrap.dedent(inspect.getsource(function)))
    (tree,) = module.body
    if not isinstance(tree, ast.FunctionDef):
        raise OSError(f"{function.__qualname__} is not written with def")
    tree.decorator_list = []
    before = ast.dump(tree)
    law.change(tree, Names(tree, arrays))
    if ast.dump(tree) == before:
        return None
    ast.fix_missing_locations(module)
    if function.__closure__:
        free = ast.arguments([], [ast.arg(name) for name in function.__code__.co_freevars], None, [], [], None, [])
        module.body = [_function("around", free, [tree])]
    return _with_code(function, ast.unparse(ast.fix_missing_locations(module)) + "\n")


def holding(law: Law, engine: Engine, arrays: str | None = None) -> Engine:
    """An engine that makes the graph of a function after ``law``, as if it were that of the function itself.

    The function is one that ``law`` changes.
    """

    def made(function: Callable[..., Any]) -> GraphFunction:
        assert isinstance(function, FunctionType)
        other = changed(function, law, arrays)
        assert other is not None
        return _Changed(engine(other), function)

    return made


class _Changed:
    def __init__(self, inner: GraphFunction, eager: Callable[..., Any]):
        self.inner = inner
        self.eager = eager

    @property
    def executed_nodes(self) -> int:
        return self.inner.executed_nodes

    @property
    def trace_count(self) -> int:
        return self.inner.trace_count

    def __call__(self, *arguments: Any) -> Any:
        return self.inner(*arguments)


def _with_code(function: FunctionType, text: str) -> FunctionType:
    name = f"<changed {hashlib.sha1(text.encode()).hexdigest()[:12]}>"
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    whole: CodeType = compile(text, name, "exec", dont_inherit=True, flags=function.__code__.co_flags & _FUTURE)
    code = next(code for code in codes(whole) if code.co_name == function.__code__.co_name)
    cells = dict(zip(function.__code__.co_freevars, function.__closure__ or ()))
    closure = tuple(cells[free] for free in code.co_freevars)
    made = FunctionType(code, function.__globals__, function.__name__, function.__defaults__, closure)
    made.__kwdefaults__ = function.__kwdefaults__
    return made


_FUTURE = __import__("__future__").annotations.compiler_flag


# Pieces of trees


def _load(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())


def _assign(name: str, value: ast.expr) -> ast.Assign:
    return ast.Assign([ast.Name(name, ast.Store())], value)


def _statements(text: str) -> list[ast.stmt]:
    return ast.parse(text).body


def _not(test: ast.expr) -> ast.expr:
    return ast.UnaryOp(ast.Not(), test)


def _function(name: str, arguments: ast.arguments, body: list[ast.stmt]) -> ast.FunctionDef:
    made = ast.parse("def name(): pass").body[0]
    assert isinstance(made, ast.FunctionDef)
    made.name, made.args, made.body = name, arguments, body
    return made


def _opening(tree: ast.FunctionDef) -> int:
    """How many statements must stay first: documentation and declarations."""
    first = [isinstance(each, (ast.Global, ast.Nonlocal)) or
             isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant) for each in tree.body]
    return [*first, False].index(False)


def _around(tree: ast.FunctionDef, wrap: Callable[[list[ast.stmt]], list[ast.stmt]]) -> None:
    """Put something around the body, declarations apart."""
    first = _opening(tree)
    if tree.body[first:]:
        tree.body[first:] = wrap(tree.body[first:])


def _own(nodes: list[Any], skip: tuple[type, ...] = ()) -> Iterator[ast.AST]:
    """The nodes in ``nodes``, not those in inner functions, nor in the bodies of statements to ``skip``."""
    for node in nodes:
        yield node
        if isinstance(node, skip):
            yield from _own(node.orelse, skip)
        elif not isinstance(node, _FUNCTIONS):
            yield from _own(list(ast.iter_child_nodes(node)), skip)


def _jumps(body: list[ast.stmt]) -> bool:
    """Whether ``break`` or ``continue`` in ``body`` mean the loop around it."""
    return any(isinstance(node, (ast.Break, ast.Continue)) for node in _own(body, (ast.For, ast.While)))


def _yields(tree: ast.FunctionDef) -> bool:
    return any(isinstance(node, (ast.Yield, ast.YieldFrom)) for node in _own(tree.body))


def _counts_frames(tree: ast.FunctionDef) -> bool:
    """Whether a call asks for a number of callers, which one function more would change."""
    levels = [node.value for node in ast.walk(tree) if isinstance(node, ast.keyword) and node.arg == "stacklevel"]
    return any(not (isinstance(level, ast.Constant) and level.value == 1) for level in levels)


def _parameters(arguments: ast.arguments) -> list[ast.arg]:
    starred = [each for each in (arguments.vararg, arguments.kwarg) if each is not None]
    return [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, *starred]


def _passed_on(name: str, arguments: ast.arguments) -> ast.Return:
    """``return name(...)`` with every parameter given to the like-named one."""
    given: list[ast.expr] = [_load(each.arg) for each in (*arguments.posonlyargs, *arguments.args)]
    if arguments.vararg is not None:
        given.append(ast.Starred(_load(arguments.vararg.arg), ast.Load()))
    keywords = [ast.keyword(each.arg, _load(each.arg)) for each in arguments.kwonlyargs]
    if arguments.kwarg is not None:
        keywords.append(ast.keyword(None, _load(arguments.kwarg.arg)))
    return ast.Return(ast.Call(_load(name), given, keywords))


class _Change(ast.NodeTransformer):
    """Changes nodes of some classes, inner ones first."""

    def __init__(self, names: Names):
        self.names = names


# Branches


@law("branches are swapped")
def _swapped(tree: ast.FunctionDef, names: Names) -> None:
    """``if c: A else: B`` to ``if not c: B else: A``."""

    class Swap(_Change):
        def visit_If(self, node: ast.If) -> ast.If:
            self.generic_visit(node)
            return ast.If(_not(node.test), node.orelse or [ast.Pass()], node.body)

        def visit_IfExp(self, node: ast.IfExp) -> ast.IfExp:
            self.generic_visit(node)
            return ast.IfExp(_not(node.test), node.orelse, node.body)

    Swap(names).visit(tree)


@law("and becomes or")
def _de_morgan(tree: ast.FunctionDef, names: Names) -> None:
    """Where only the truth counts, ``a and b`` to ``not (not a or not b)``, and the other way round."""

    class Other(_Change):
        def visit_If(self, node: Any) -> Any:
            self.generic_visit(node)
            if isinstance(node.test, ast.BoolOp):
                other = ast.Or() if isinstance(node.test.op, ast.And) else ast.And()
                node.test = _not(ast.BoolOp(other, [_not(value) for value in node.test.values]))
            return node

        visit_While = visit_IfExp = visit_If

    Other(names).visit(tree)


@law("comparisons are taken apart")
def _unchained(tree: ast.FunctionDef, names: Names) -> None:
    """``a < b < c`` to ``a < (t := b) and t < c``."""

    class Apart(_Change):
        def visit_Lambda(self, node: Any) -> Any:
            return node

        visit_ListComp = visit_SetComp = visit_DictComp = visit_GeneratorExp = visit_Lambda    # ``:=`` is not theirs

        def visit_Compare(self, node: ast.Compare) -> ast.expr:
            self.generic_visit(node)
            if len(node.ops) == 1:
                return node
            parts: list[ast.expr] = []
            left = node.left
            for op, right in zip(node.ops[:-1], node.comparators):
                name = self.names.new()
                parts.append(ast.Compare(left, [op], [ast.NamedExpr(ast.Name(name, ast.Store()), right)]))
                left = _load(name)
            return ast.BoolOp(ast.And(), [*parts, ast.Compare(left, node.ops[-1:], node.comparators[-1:])])

    Apart(names).visit(tree)


# Loops


def _taken(target: ast.expr, items: str, position: str) -> ast.Assign:
    return ast.Assign([target], ast.Subscript(_load(items), _load(position), ast.Load()))


@law("for becomes while")
def _for_to_while(tree: ast.FunctionDef, names: Names) -> None:
    """``for x in xs`` to a ``while`` that counts."""

    class While(_Change):
        def visit_For(self, node: ast.For) -> Any:
            self.generic_visit(node)
            if not self.names.sequence(node.iter):
                return node
            items, position = self.names.new(), self.names.new()
            item = _taken(node.target, items, position)
            test = ast.parse(f"{position} < len({items})", mode="eval").body
            loop = ast.While(test, [item, *_statements(f"{position} += 1"), *node.body], node.orelse)
            return [_assign(items, node.iter), _assign(position, ast.Constant(0)), loop]

    While(names).visit(tree)


@law("for runs over positions")
def _by_position(tree: ast.FunctionDef, names: Names) -> None:
    """``for x in xs`` to ``for i in range(len(xs)): x = xs[i]``."""

    class Positions(_Change):
        def visit_For(self, node: ast.For) -> Any:
            self.generic_visit(node)
            if not self.names.sequence(node.iter):
                return node
            items, position = self.names.new(), self.names.new()
            item = _taken(node.target, items, position)
            over = ast.parse(f"range(len({items}))", mode="eval").body
            loop = ast.For(ast.Name(position, ast.Store()), over, [item, *node.body], node.orelse)
            return [_assign(items, node.iter), loop]

    Positions(names).visit(tree)


@law("the first trip stands apart")
def _peeled(tree: ast.FunctionDef, names: Names) -> None:
    """``while t: A`` to ``if t: A`` and the loop; ``for`` likewise, where no ``break`` or ``continue`` is in it."""

    class Peel(_Change):
        def visit_While(self, node: ast.While) -> Any:
            self.generic_visit(node)
            if _jumps(node.body) or node.orelse:
                return node
            return ast.If(node.test, [*node.body, node], [])

        def visit_For(self, node: ast.For) -> Any:
            self.generic_visit(node)
            if _jumps(node.body) or not self.names.sequence(node.iter):
                return node
            items = self.names.new()
            first = ast.Assign([node.target], ast.parse(f"{items}[0]", mode="eval").body)
            rest = ast.For(node.target, ast.parse(f"{items}[1:]", mode="eval").body, node.body, [])
            apart = ast.If(ast.parse(f"len({items}) > 0", mode="eval").body, [first, *node.body, rest], [])
            return [_assign(items, node.iter), apart, *node.orelse]

    Peel(names).visit(tree)


@law("while has no test")
def _endless(tree: ast.FunctionDef, names: Names) -> None:
    """``while t: A`` to ``while True: if not t: break; A``."""

    class Endless(_Change):
        def visit_While(self, node: ast.While) -> ast.While:
            self.generic_visit(node)
            if node.orelse:
                return node
            return ast.While(ast.Constant(True), [ast.If(_not(node.test), [ast.Break()], []), *node.body], [])

    Endless(names).visit(tree)


@law("everything in a loop of one trip")
def _one_trip(tree: ast.FunctionDef, names: Names) -> None:
    """Returns become returns in a loop, and every variable is one that a loop assigns."""
    item = ast.Name(names.new(), ast.Store())
    once = ast.parse("range(1)", mode="eval").body
    _around(tree, lambda body: [ast.For(item, once, body, [])])


# Variables


@law("variables have other names", texts=False)
def _renamed(tree: ast.FunctionDef, names: Names) -> None:
    """Every variable of the function and of those inside it, but for parameters that may be given by keyword."""
    inner = [node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.Lambda)) and node is not tree]
    kept = {each.arg for node in inner for each in _parameters(node.args)} | {each.arg for each in tree.args.kwonlyargs}
    kept |= {name for node in ast.walk(tree) if isinstance(node, ast.Global) for name in node.names}
    kept |= {name for node in _own(tree.body) if isinstance(node, ast.Nonlocal) for name in node.names}
    kept |= {name for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom, ast.ClassDef, ast.Match))
             for part in ast.walk(node) for name in re.findall(r"'(\w+)'", ast.dump(part))}
    bound = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    bound |= {each.arg for each in _parameters(tree.args)}
    other = {name: f"{chr(219 - ord(name[0])) if name[0].islower() else 'q'}_{name}" for name in sorted(bound - kept)}

    class Rename(_Change):
        def visit_Name(self, node: ast.Name) -> ast.Name:
            return ast.Name(other.get(node.id, node.id), node.ctx)

        def visit_Nonlocal(self, node: ast.Nonlocal) -> ast.Nonlocal:
            return ast.Nonlocal([other.get(name, name) for name in node.names])

        def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.ExceptHandler:
            node.name = node.name and other.get(node.name, node.name)
            self.generic_visit(node)
            return node

    Rename(names).visit(tree)
    for each in _parameters(tree.args):
        each.arg = other.get(each.arg, each.arg)


@law("x = x")
def _to_itself(tree: ast.FunctionDef, names: Names) -> None:
    """After each assignment to a name, one of the name to itself."""

    class Itself(_Change):
        def visit_Assign(self, node: Any) -> Any:
            target = node.targets[0] if isinstance(node, ast.Assign) else node.target
            return [node, _assign(target.id, _load(target.id))] if isinstance(target, ast.Name) else node

        visit_AugAssign = visit_Assign

    Itself(names).visit(tree)


@law("blocks are counted")
def _counted(tree: ast.FunctionDef, names: Names) -> None:
    """A variable that nobody reads grows in every block; a branch that is never taken reads what does not exist."""
    counter = names.new()

    class Count(_Change):
        def visit(self, node: ast.AST) -> Any:
            if isinstance(node, _FUNCTIONS):
                return node
            self.generic_visit(node)
            for block in (getattr(node, field, None) for field in _BLOCKS):
                if isinstance(block, list) and block:
                    block[:0] = _statements(f"{counter} += 1")
            return node

    for statement in tree.body:
        Count(names).visit(statement)
    first, unread = _opening(tree), names.new()
    tree.body[first:first] = _statements(f"{counter} = 0\nif False:\n    {unread} = missing.name")


@law("results have names")
def _named_results(tree: ast.FunctionDef, names: Names) -> None:
    """``return e`` to ``t = e; return t``."""

    class Name(_Change):
        def visit_Return(self, node: ast.Return) -> Any:
            if node.value is None:
                return node
            name = self.names.new()
            return [_assign(name, node.value), ast.Return(_load(name))]

    Name(names).visit(tree)


# Functions and exceptions


@law("the work is done by a function")
def _helper(tree: ast.FunctionDef, names: Names) -> None:
    """The body becomes an inner function with the same parameters."""
    name = names.new()
    if not _yields(tree) and not _counts_frames(tree):
        inner = ast.parse(ast.unparse(ast.fix_missing_locations(tree))).body[0]
        assert isinstance(inner, ast.FunctionDef)
        inner.name = name
        inner.args.defaults, inner.args.kw_defaults = [], [None] * len(inner.args.kwonlyargs)
        tree.body = [inner, _passed_on(name, tree.args)]


@law("the work is done by a closure")
def _closure(tree: ast.FunctionDef, names: Names) -> None:
    """The body becomes an inner function without parameters, which shares those of the outer one."""
    parameters = {each.arg for each in _parameters(tree.args)}
    uses = [node for node in _own(tree.body) if isinstance(node, ast.Name) and node.id in parameters]
    if _yields(tree) or _counts_frames(tree) or any(isinstance(node.ctx, ast.Del) for node in uses):
        return
    shared = sorted({node.id for node in uses if isinstance(node.ctx, ast.Store)})
    name = names.new()
    declared: list[ast.stmt] = [ast.Nonlocal(shared)] if shared else []
    inner = _function(name, ast.arguments([], [], None, [], [], None, []), [*declared, *tree.body])
    tree.body = [inner, ast.Return(ast.Call(_load(name), [], []))]


@law("exceptions are raised again")
def _tried(tree: ast.FunctionDef, names: Names) -> None:
    """The body stands in a ``try`` that hands every exception on."""
    handler = ast.ExceptHandler(_load("Exception"), None, [ast.Raise()])
    _around(tree, lambda body: [ast.Try(body, [handler], [], [])])


@law("a finally that does nothing")
def _finally(tree: ast.FunctionDef, names: Names) -> None:
    """The body stands in a ``try`` with an empty ``finally``."""
    _around(tree, lambda body: [ast.Try(body, [], [], [ast.Pass()])])

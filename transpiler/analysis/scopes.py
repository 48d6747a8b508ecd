"""Which names a function binds, which it takes from around it, and where expressions and statements use names."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import chain
from typing import Any, Literal, NamedTuple

import gast

FUNCTIONS = (gast.FunctionDef, gast.Lambda)
BLOCKS = ("body", "handlers", "orelse", "finalbody", "cases")
COMPREHENSIONS = (gast.ListComp, gast.SetComp, gast.DictComp, gast.GeneratorExp)
# Before Python 3.12 a comprehension is an inner function, which shows in the error for a variable without a value.
COMPREHENSIONS_ARE_INNER = sys.version_info < (3, 12)


class GuardedFor(gast.For):
    """A ``for`` loop that evaluates ``guard`` before it fetches each item and stops if it is false."""

    _fields = (*gast.For._fields, "guard")


class StarredTry(gast.Try):
    """A ``try`` with ``except*``: more than one of its handlers may run."""


class RaiseAgain(gast.Raise):
    """A ``raise`` without an exception in a handler of ``except*``."""


def blocks(node: gast.stmt) -> list[list[gast.stmt]]:
    """Return the statement lists inside a statement of control flow; of others there are none."""
    match node:
        case gast.If() | gast.While() | gast.For():
            return [node.body, node.orelse]
        case gast.With():
            return [node.body]
        case gast.Try():
            return parts(node)
    return []


def parts(node: gast.With | gast.Try) -> list[list[gast.stmt]]:
    """Return the statement lists of a ``with`` or ``try``: each becomes a function that may be left by an exception."""
    if isinstance(node, gast.With):
        return [node.body]
    return [node.body, *(handler.body for handler in node.handlers), node.orelse, node.finalbody]


def headers(node: gast.stmt) -> list[Any]:
    """Return the expressions of a statement of control flow that are evaluated around its blocks, in their order.

    The target of a ``for`` or ``with`` is not among them.
    """
    match node:
        case gast.If() | gast.While():
            return [node.test]
        case GuardedFor():
            return [node.iter, node.guard]
        case gast.For():
            return [node.iter]
        case gast.With():
            return [item.context_expr for item in node.items]
        case gast.Try():
            return [handler.type for handler in node.handlers if handler.type is not None]
    return []


def thunks(node: gast.AST) -> list[gast.expr]:
    """Return the operands of ``node`` that are evaluated later than it, perhaps never, and so become thunks."""
    match node:
        case gast.BoolOp():
            return node.values[1:]
        case gast.IfExp():
            return [node.body, node.orelse]
        case gast.Compare() if len(node.ops) > 1:
            return node.comparators
        case gast.Assert(msg=message) if message is not None:
            return [message]
        case gast.AugAssign(target=gast.Subscript() | gast.Attribute()):
            return [node.value]
        case gast.While():
            return [node.test]
        case gast.ExceptHandler(type=kind) if kind is not None:
            return [kind]
    return []


def all_arguments(arguments: gast.arguments) -> list[gast.Name]:
    """Return every parameter, in the order of the source."""
    starred = [arguments.vararg] if arguments.vararg else []
    double = [arguments.kwarg] if arguments.kwarg else []
    return [*arguments.posonlyargs, *arguments.args, *starred, *arguments.kwonlyargs, *double]


def evaluated_outside(function: gast.FunctionDef | gast.Lambda) -> list[gast.expr]:
    """Return the expressions of a definition that are evaluated where it stands: decorators, defaults, annotations."""
    arguments = function.args
    outside = [*getattr(function, "decorator_list", [])]
    outside += [default for default in (*arguments.defaults, *arguments.kw_defaults) if default is not None]
    if isinstance(function, gast.FunctionDef):
        outside += [each.annotation for each in all_arguments(arguments) if each.annotation is not None]
        outside += [function.returns] if function.returns is not None else []
    return outside


def body_of(function: gast.FunctionDef | gast.Lambda) -> list[gast.AST]:
    return [function.body] if isinstance(function, gast.Lambda) else function.body


def is_documented(function: gast.FunctionDef) -> bool:
    """Say whether the first statement of a function is its documentation."""
    match function.body:
        case [gast.Expr(value=gast.Constant(value=str())), *_]:
            return True
    return False


class Use(NamedTuple):
    """One use of a variable: read, given a value, deleted, or captured by an inner function made here.

    ``inner``: Python makes it in the function of a comprehension.
    """

    kind: Literal["load", "store", "delete", "capture"]
    name: str
    node: Any
    inner: bool = False


def uses(node: Any) -> list[Use]:
    """Return what an expression or a simple statement does to variables, in the order of evaluation.

    A comprehension is looked into, an inner function is not: it captures its free names.
    """
    if not node._fields or type(node) is gast.Constant:
        return []
    if type(node) not in _WITH_MEANING:
        return _uses(*children(node))
    match node:
        case gast.Name(ctx=gast.Load()):
            return [Use("load", node.id, node)]
        case gast.Name(ctx=gast.Del()):
            return [Use("load", node.id, node), Use("delete", node.id, node)]
        case gast.Name():
            return [Use("store", node.id, node)]
        case gast.NamedExpr():
            return _uses(node.value, node.target)
        case gast.FunctionDef() | gast.Lambda():
            captured = [Use("capture", name, node) for name in free_names(node)]
            bound = [Use("store", node.name, node)] if isinstance(node, gast.FunctionDef) else []
            return [*_uses(*evaluated_outside(node)), *captured, *bound]
        case gast.ClassDef():
            keywords = [keyword.value for keyword in node.keywords]
            return [*_uses(*node.decorator_list, *node.bases, *keywords), Use("store", node.name, node)]
        case gast.ListComp() | gast.SetComp() | gast.DictComp() | gast.GeneratorExp():
            return _comprehension_uses(node)
        case gast.Assign():
            return _uses(node.value, *node.targets)
        case gast.AnnAssign():
            return _uses(node.value, node.target) if node.value is not None else []
        case gast.AugAssign(target=gast.Name() as target):
            return [Use("load", target.id, target), *_uses(node.value, target)]
        case gast.IfExp():
            return _uses(node.test, node.body, node.orelse)
        case gast.Dict():
            pairs = zip(node.keys, node.values, strict=True)
            return _uses(*(each for pair in pairs for each in pair if each is not None))
        case gast.Import() | gast.ImportFrom():
            return [Use("store", alias_name(alias), alias) for alias in node.names]
    return _uses(*children(node))


_WITH_MEANING = frozenset({
    gast.Name, gast.NamedExpr, gast.FunctionDef, gast.Lambda, gast.ClassDef, *COMPREHENSIONS, gast.Assign,
    gast.AnnAssign, gast.AugAssign, gast.IfExp, gast.Dict, gast.Import, gast.ImportFrom,
})  # fmt: skip


def _uses(*nodes: Any) -> list[Use]:
    return [use for node in nodes for use in uses(node)]


def children(node: gast.AST) -> list[Any]:
    """Return the nodes that stand in the fields of ``node``, but not whether a name is read or given a value."""
    found: list[Any] = []
    for field in node._fields:
        value = getattr(node, field, None)
        if isinstance(value, list):
            found += [each for each in value if isinstance(each, gast.AST)]
        elif isinstance(value, gast.AST) and not isinstance(value, gast.expr_context):
            found.append(value)
    return found


def _comprehension_uses(node: Any) -> list[Use]:
    first, *others = node.generators
    targets = comprehension_targets(node)
    inside = [first.target, *first.ifs]
    for generator in others:
        inside += [generator.iter, generator.target, *generator.ifs]
    inside += [node.key, node.value] if isinstance(node, gast.DictComp) else [node.elt]
    inner = [use for use in _uses(*inside) if use.name not in targets]
    return [*uses(first.iter), *([use._replace(inner=True) for use in inner] if COMPREHENSIONS_ARE_INNER else inner)]


def comprehension_targets(node: Any) -> set[str]:
    """Return the variables that are a comprehension's own."""
    targets = (name for generator in node.generators for name in gast.walk(generator.target))
    return {name.id for name in targets if isinstance(name, gast.Name) and isinstance(name.ctx, gast.Store)}


def pattern_names(pattern: gast.AST) -> list[str]:
    """Return the variable that a pattern, without those in it, gives a value to."""
    match pattern:
        case gast.MatchAs(name=str(name)) | gast.MatchStar(name=str(name)) | gast.MatchMapping(rest=str(name)):
            return [name]
    return []


def listed(nodes: Any) -> list[Any]:
    """Return one node, or a list of several, as a list."""
    return nodes if isinstance(nodes, list) else [nodes]


def alias_name(alias: gast.alias) -> str:
    """Return the variable that an import gives a value to."""
    return alias.asname or alias.name.partition(".")[0]


def every_use(nodes: Iterable[gast.AST]) -> list[Use]:
    """Return the uses in statements and expressions, blocks included, in the order of the source."""
    found: list[Use] = []
    for node in nodes:
        inside = blocks(node) if isinstance(node, gast.stmt) else []
        if not inside:
            found += uses(node)
            continue
        found += _uses(*headers(node))
        found += _target_uses(node)
        for block in inside:
            found += every_use(block)
    return found


def _target_uses(node: Any) -> list[Use]:
    match node:
        case gast.For():
            return uses(node.target)
        case gast.With():
            return _uses(*(item.optional_vars for item in node.items if item.optional_vars is not None))
    found: list[Use] = []
    for name in (handler.name for handler in getattr(node, "handlers", ()) if handler.name is not None):
        found += uses(name)
        if isinstance(name, gast.Name):
            found.append(Use("delete", name.id, name))   # as the handler ends
    return found


def assigned(nodes: Iterable[gast.AST]) -> list[str]:
    """Return the variables that are given a value or deleted in ``nodes``, each once, in the order of the source."""
    return list(dict.fromkeys(use.name for use in every_use(nodes) if use.kind in ("store", "delete")))


def declared(function: gast.FunctionDef | gast.Lambda, kind: type) -> set[str]:
    """Return the names that a function declares ``global`` or ``nonlocal``."""
    return {name for node in own_statements(body_of(function)) if isinstance(node, kind) for name in node.names}


def own_nodes(function: gast.FunctionDef | gast.Lambda) -> Iterator[Any]:
    """Yield every node in the body of a function but not in inner functions."""
    waiting: list[Any] = list(reversed(body_of(function)))
    while waiting:
        node = waiting.pop()
        yield node
        inside = evaluated_outside(node) if isinstance(node, FUNCTIONS) else children(node)
        waiting += reversed(inside)


def own_statements(nodes: Iterable[gast.AST]) -> list[Any]:
    """Return ``nodes`` and every statement in their blocks, but not those of inner functions and classes."""
    found: list[Any] = []
    for node in nodes:
        found.append(node)
        for field in _fields_of_blocks(type(node)):
            found += own_statements(getattr(node, field, ()))
    return found


@cache
def _fields_of_blocks(kind: type[gast.AST]) -> tuple[str, ...]:
    if issubclass(kind, gast.expr | gast.FunctionDef | gast.ClassDef):
        return ()
    return tuple([field for field in BLOCKS if field in kind._fields])


def local_names(function: gast.FunctionDef | gast.Lambda) -> list[str]:
    """Return a function's own variables, parameters first."""
    return _local_names(function, every_use(body_of(function)))


def _local_names(function: gast.FunctionDef | gast.Lambda, used: Iterable[Use]) -> list[str]:
    """The same, where ``used`` are the uses in its body."""
    names = dict.fromkeys(each.id for each in all_arguments(function.args))
    names.update((use.name, None) for use in used if use.kind in ("store", "delete"))
    elsewhere: set[str] = set()
    for node in own_statements(body_of(function)):
        if isinstance(node, gast.AnnAssign) and isinstance(node.target, gast.Name):
            names[node.target.id] = None
        elif isinstance(node, gast.Global | gast.Nonlocal):
            elsewhere.update(node.names)
    return [name for name in names if name not in elsewhere]


def free_names(function: gast.FunctionDef | gast.Lambda) -> list[str]:
    """Return the names that a function and those inside it take from around it; the module's are among them."""
    used = every_use(body_of(function))
    own = {*_local_names(function, used), *declared(function, gast.Global)}
    return list(dict.fromkeys(use.name for use in used if use.name not in own))


def free_nonlocals(function: gast.FunctionDef | gast.Lambda) -> set[str]:
    """Return the variables of functions around ``function`` that it, or one inside it, declares ``nonlocal``."""
    inner = (node for node in own_statements(body_of(function)) if isinstance(node, gast.FunctionDef))
    passed_on = set(chain.from_iterable(map(free_nonlocals, inner)))
    return (passed_on - set(local_names(function))) | declared(function, gast.Nonlocal)

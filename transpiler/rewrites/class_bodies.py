"""The body of a class inside a function: its variables get names that nobody else uses.

    class Point:                Point_scale = unbound("scale")
        if large:               if large:
            scale = 2               Point_scale = 2
        size = scale            Point_size = bound(Point_scale, "scale") if is_bound(Point_scale) else scale

What the body has given no value yet is a global variable there, also where a function around has one of that name.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Set
from typing import Any

import gast

from ..analysis.scopes import COMPREHENSIONS, FUNCTIONS, alias_name, children, evaluated_outside, pattern_names
from ..errors import UnsupportedSyntax
from ..location import Location
from ..names import Names
from ..template import assign, call, constant, load, located, quote, store, tuple_of
from .supers import write_out_super

_IN_FRONT = "put it into a method, or in front"


class ClassBody:
    """``variables`` are those of the class, with the names they have here; ``annotations`` are pairs of texts.

    ``of_functions`` are the variables of the functions around.
    """

    def __init__(self, node: gast.ClassDef, name: str, qualified: str, names: Names, of_functions: Set[str]) -> None:
        self.names = names
        self.annotations: list[Any] = []
        self.of_functions = of_functions
        self.variables = {each: names.fresh(f"{name}_{each.strip('_')}") for each in _stored(node.body)}
        self.given = {"__qualname__": constant(qualified, node), "__module__": load("__name__", node)}
        self.sure: set[str] = set()   # variables that have a value here on every path
        self._node = node
        self._name = name
        self._unsure: dict[str, None] = {}   # those that may be without one somewhere

    def statements(self) -> list[Any]:
        """Return the statements of the body, changed."""
        body, made = self._node.body, []
        match body:
            case [gast.Expr(value=gast.Constant(value=str() as text)) as first, *body]:
                variable = self.names.fresh(f"{self._name}_doc")
                self.variables.setdefault("__doc__", variable)
                self.sure.add("__doc__")
                made.append(assign(store(self.variables["__doc__"], first), constant(text, first), first))
        for node in body:
            match node:
                case gast.AnnAssign(target=gast.Name(id=name)):
                    text = ast.unparse(gast.gast_to_ast(node.annotation))
                    self.annotations.append(tuple_of([constant(name, node), constant(text, node)], node))
            made += self._statement(node)
        none = [assign(store(self.variables[each], self._node), self.none(each, self._node), self._node)
                for each in self._unsure]
        return [*none, *made]

    def _statement(self, node: Any) -> list[Any]:
        certain, deleted = {*_certain(node)}, {*_deleted([node])}
        if not isinstance(node, gast.Delete):
            self.sure -= deleted
        for name in _stored([node]):
            if name not in certain | self.sure:
                self._unsure[name] = None
        made = _listed(_Renamed(self, node).visit(node))
        self.sure = (self.sure | certain) - deleted
        return made

    def read(self, name: str, at: Any) -> Any:
        """Return what the body finds under ``name``."""
        variable = self.variables.get(name)
        if variable is None:
            return self.given.get(name) or load(name, at)
        if name in self.sure:
            return load(variable, at)
        if name in self.of_functions:
            raise UnsupportedSyntax(
                f"The class '{self._name}' may read '{name}' before it has given it a value: "
                "Python then takes a global variable.",
                Location.of(at),
                fix="give the variable of the function another name",
            )
        self._unsure[name] = None
        value = self._call("bound", [load(variable, at), constant(name, at)], at)
        return located(gast.IfExp(self.is_bound(name, at), value, load(name, at)), at)

    def is_bound(self, name: str, at: Any) -> Any:
        return self._call("is_bound", [load(self.variables[name], at)], at)

    def none(self, name: str, at: Any) -> Any:
        """Return what the variable ``name`` is without a value."""
        return self._call("unbound", [constant(name, at)], at)

    def _call(self, name: str, arguments: list[Any], at: Any) -> Any:
        return call(load(self.names.call(name), at), arguments, at)


class _Renamed(gast.NodeTransformer):
    """Gives the variables of a class their other names in ``top``, where it and not a function in it uses them."""

    def __init__(self, body: ClassBody, top: Any) -> None:
        self._body = body
        self._names = body.names
        self._top = top

    def visit(self, node: Any) -> Any:
        if isinstance(node, COMPREHENSIONS):
            first = node.generators[0]
            first.iter = self.visit(first.iter)
            return node
        return super().visit(node)

    def visit_Name(self, node: Any) -> Any:
        if isinstance(node.ctx, gast.Load):
            return self._body.read(node.id, node)
        node.id = self._body.variables[node.id]
        return node

    def visit_Assign(self, node: Any) -> Any:
        node.value = self.visit(node.value)
        node.targets = [self.visit(each) for each in node.targets]
        return node

    def visit_AnnAssign(self, node: Any) -> Any:
        if node is not self._top:
            raise refused("An annotation in a block of the body of a class", node, "put it in front of the block")
        if node.value is None:
            return []
        return self.visit_Assign(located(gast.Assign([node.target], node.value, None), node))

    def visit_AugAssign(self, node: Any) -> Any:
        match node.target:
            case gast.Name(id=name) if name not in self._body.sure:
                present = self._names.fresh("present")
                value = located(gast.AugAssign(store(present, node), node.op, self.visit(node.value)), node)
                target = store(self._body.variables[name], node.target)
                return [
                    assign(store(present, node), self._body.read(name, node.target), node),
                    value,
                    assign(target, load(present, node), node),
                ]
        return self.generic_visit(node)

    def visit_Delete(self, node: Any) -> Any:
        return [made for target in node.targets for made in self._deleted(target, node)]

    def _deleted(self, target: Any, node: Any) -> list[Any]:
        match target:
            case gast.Tuple() | gast.List():
                return [made for each in target.elts for made in self._deleted(each, node)]
            case gast.Name(id=name):
                gone = assign(store(self._body.variables[name], target), self._body.none(name, target), node)
                if name in self._body.sure:
                    return [gone]
                missing = "if not present:\n    raise NameError(message, name=name)"
                message = constant(f"name {name!r} is not defined", target)
                present = self._body.is_bound(name, target)
                return [*quote(missing, target, present=present, message=message, name=constant(name, target)), gone]
        return [located(gast.Delete([self.visit(target)]), node)]

    def visit_ExceptHandler(self, node: Any) -> Any:
        if node.name is None:
            return self.generic_visit(node)
        name, caught = node.name.id, self._names.fresh("caught")
        node.type = self.visit(node.type)
        variable = self._body.variables[name]
        body = [made for each in node.body for made in _listed(self.visit(each))]
        node.body = quote(
            "variable = caught\ntry:\n    body\nfinally:\n    variable = none", node,
            variable=variable, caught=caught, body=body, none=self._body.none(name, node),
        )  # fmt: skip
        node.name.id = caught
        return node

    def visit_alias(self, node: Any) -> Any:
        if node.asname is None and "." in node.name:
            raise refused("An import of a submodule in the body of a class", self._top, "import it 'as' a name")
        node.asname = self._body.variables[alias_name(node)]
        return node

    def visit_MatchAs(self, node: Any) -> Any:
        node.name = self._body.variables.get(node.name)
        return self.generic_visit(node)

    visit_MatchStar = visit_MatchAs

    def visit_MatchMapping(self, node: Any) -> Any:
        node.rest = self._body.variables.get(node.rest)
        return self.generic_visit(node)

    def visit_FunctionDef(self, node: Any) -> Any:
        positional = [*node.args.posonlyargs, *node.args.args]
        write_out_super(node, positional[0].id if positional else None)
        node.decorator_list = list(map(self.visit, node.decorator_list))
        self._defaults(node.args)
        return self._renamed(node)

    def visit_Lambda(self, node: Any) -> Any:
        self._defaults(node.args)
        return node

    def _defaults(self, arguments: gast.arguments) -> None:
        arguments.defaults = list(map(self.visit, arguments.defaults))
        arguments.kw_defaults = [each and self.visit(each) for each in arguments.kw_defaults]

    def visit_ClassDef(self, node: Any) -> Any:
        node.decorator_list = list(map(self.visit, node.decorator_list))
        node.bases = list(map(self.visit, node.bases))
        return self._renamed(node)

    def _renamed(self, node: Any) -> Any:
        variable = self._body.variables[node.name]
        self._names.renamed[variable] = node.name
        node.name = variable
        return node

    def visit_Global(self, node: Any) -> Any:
        kind = type(node).__name__.lower()
        raise refused(f"A statement in the body of a class ({kind!r})", node, _IN_FRONT)

    visit_Nonlocal = visit_Global


def refused(what: str, node: Any, fix: str) -> UnsupportedSyntax:
    return UnsupportedSyntax(f"{what} is not supported.", Location.of(node), fix=fix)


def _listed(made: Any) -> list[Any]:
    return made if isinstance(made, list) else [made]


def _own_nodes(nodes: Iterable[Any]) -> Iterator[Any]:
    """Yield what is evaluated in the scope of a class, which ``nodes`` are in."""
    for node in nodes:
        yield node
        match node:
            case gast.ClassDef():
                inside = [*node.decorator_list, *node.bases]
            case gast.AnnAssign():
                inside = [node.target, node.value] if node.value is not None else []
            case _ if isinstance(node, FUNCTIONS):
                inside = evaluated_outside(node)
            case _ if isinstance(node, COMPREHENSIONS):
                inside = [node.generators[0].iter]
            case _:
                inside = children(node)
        yield from _own_nodes(inside)


def _stored(nodes: Iterable[Any]) -> list[str]:
    """Return the names that statements of a class give a value to or delete, in the order of the source."""
    found: dict[str, None] = {}
    for node in _own_nodes(nodes):
        match node:
            case gast.Name(id=name, ctx=gast.Store() | gast.Del()):
                found[name] = None
            case gast.FunctionDef(name=name) | gast.ClassDef(name=name):
                found[name] = None
            case gast.alias():
                found[alias_name(node)] = None
            case _:
                found.update(dict.fromkeys(pattern_names(node)))
    return [*found]


def _deleted(nodes: Iterable[Any]) -> Iterator[str]:
    for node in _own_nodes(nodes):
        match node:
            case gast.Name(id=name, ctx=gast.Del()) | gast.ExceptHandler(name=gast.Name(id=name)):
                yield name


def _certain(node: Any) -> list[str]:
    """Return the names that have a value once the simple statement ``node`` is done; of others there are none."""
    match node:
        case gast.Assign():
            return _targets(node.targets)
        case gast.AnnAssign() if node.value is not None:
            return _targets([node.target])
        case gast.AugAssign():
            return _targets([node.target])
        case gast.FunctionDef() | gast.ClassDef():
            return [node.name]
        case gast.Import() | gast.ImportFrom():
            return [alias_name(each) for each in node.names]
    return []


def _targets(nodes: Iterable[Any]) -> list[str]:
    """Return the variables among the targets of an assignment; what stands in an index is not one."""
    found: list[str] = []
    for node in nodes:
        match node:
            case gast.Name(id=name):
                found.append(name)
            case gast.Tuple(elts=inside) | gast.List(elts=inside):
                found += _targets(inside)
            case gast.Starred(value=inside):
                found += _targets([inside])
    return found

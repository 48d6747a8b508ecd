"""The body of a class inside a function: its variables get names that nobody else uses.

    class Point:                Point_scale = unbound("scale")
        if large:               if large:
            scale = 2               Point_scale = 2
        size = scale            Point_size = bound(Point_scale, "scale") if is_bound(Point_scale) else scale

What the body has given no value yet is a global variable there, also where a function around has one of that name.
Annotations are items of a dict, ``__annotations__``, which the body makes first.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Set
from typing import Any

import gast

from ..analysis.class_order import ClassOrder
from ..analysis.scopes import (
    COMPREHENSIONS,
    FUNCTIONS,
    alias_name,
    children,
    evaluated_outside,
    listed,
    pattern_names,
)
from ..errors import UnsupportedSyntax
from ..location import Location
from ..names import Names
from ..template import assign, call, constant, load, located, quote, statement, store
from .supers import write_out_super


class ClassBody:
    """``variables`` are those of the class, with the names they have here, in the order of its ``__dict__``.

    ``of_functions`` are the variables of the functions around, ``own`` those of the innermost one among them;
    ``written`` says that annotations are kept as they are written.
    """

    def __init__(
        self, node: gast.ClassDef, name: str, qualified: str, names: Names, of_functions: Set[str], own: Set[str],
        written: bool,
    ) -> None:  # fmt: skip
        self.names = names
        self.of_functions = of_functions
        self.own = own
        self.written = written
        self.declared = {each for found in _own_nodes(node.body)
                         if isinstance(found, gast.Global | gast.Nonlocal) for each in found.names}  # fmt: skip
        self.given = {"__qualname__": constant(qualified, node), "__module__": load("__name__", node)}
        self.sure: set[str] = set()   # variables that have a value here on every path
        self._node = node
        self._unsure: dict[str, None] = {}   # those that may be without one somewhere
        self._is_annotated = any(isinstance(each, gast.AnnAssign) for each in _own_nodes(node.body))
        special = [("__annotations__", self._is_annotated), ("__doc__", self._text() is not None)]
        self.order = ClassOrder.of(node.body, self.declared)
        stored = [*(each for each, is_there in special if is_there), *self.order.order, *_stored(node.body)]
        self.variables = {each: names.fresh(f"{name}_{each.strip('_')}")
                          for each in dict.fromkeys(stored) if each not in self.declared}  # fmt: skip

    def _text(self) -> str | None:
        match self._node.body:
            case [gast.Expr(value=gast.Constant(value=str() as text)), *_]:
                return text
        return None

    def statements(self) -> list[Any]:
        """Return the statements of the body, changed."""
        body, made, text = self._node.body, [], self._text()
        if self._is_annotated:
            self.sure.add("__annotations__")
            variable = store(self.variables["__annotations__"], self._node)
            made.append(assign(variable, located(gast.Dict([], []), self._node), self._node))
        if text is not None:
            first, *body = body
            self.sure.add("__doc__")
            made.append(assign(store(self.variables["__doc__"], first), constant(text, first), first))
        for node in body:
            made += self._statement(node)
        none = [assign(store(self.variables[each], self._node), self.none(each, self._node), self._node)
                for each in self._unsure]
        return [*none, *made]

    def _statement(self, node: Any) -> list[Any]:
        certain, deleted = {*_certain(node)} - self.declared, {*_deleted([node])} - self.declared
        if not isinstance(node, gast.Delete):
            self.sure -= deleted
        for name in _stored([node]):
            if name not in certain | self.sure | self.declared:
                self._unsure[name] = None
        made = listed(_Renamed(self).visit(node))
        self.sure = (self.sure | certain) - deleted
        return made

    def read(self, name: str, at: Any) -> Any:
        """Return what the body finds under ``name``."""
        variable = self.variables.get(name)
        if variable is None:
            return self.given.get(name) or self._outside(name, at)
        if name in self.sure:
            return load(variable, at)
        self._unsure[name] = None
        value = self._call("bound", [load(variable, at), constant(name, at)], at)
        is_global = name in self.of_functions
        found = self._call("get_global", [constant(name, at)], at) if is_global else load(name, at)
        return located(gast.IfExp(self.is_bound(name, at), value, found), at)

    def _outside(self, name: str, at: Any) -> Any:
        """Return a variable that is none of the class; one of the function is read as an inner function reads it."""
        if name not in self.own:
            return load(name, at)
        return self._call("bound", [load(name, at), constant(name, at), constant(True, at)], at)

    def is_bound(self, name: str, at: Any) -> Any:
        return self._call("is_bound", [load(self.variables[name], at)], at)

    def none(self, name: str, at: Any) -> Any:
        """Return what the variable ``name`` is without a value."""
        return self._call("unbound", [constant(name, at)], at)

    def _call(self, name: str, arguments: list[Any], at: Any) -> Any:
        return call(load(self.names.call(name), at), arguments, at)


class _Renamed(gast.NodeTransformer):
    """Gives the variables of a class their other names in a statement, where it and not a function in it uses them."""

    def __init__(self, body: ClassBody) -> None:
        self._body = body
        self._names = body.names

    def visit(self, node: Any) -> Any:
        if isinstance(node, COMPREHENSIONS):
            first = node.generators[0]
            first.iter = self.visit(first.iter)
            return node
        return super().visit(node)

    def visit_Name(self, node: Any) -> Any:
        if isinstance(node.ctx, gast.Load):
            return self._body.read(node.id, node)
        node.id = self._body.variables.get(node.id, node.id)
        return node

    def visit_Assign(self, node: Any) -> Any:
        node.value = self.visit(node.value)
        node.targets = [self.visit(each) for each in node.targets]
        return node

    def visit_AnnAssign(self, node: Any) -> Any:
        written = constant(ast.unparse(gast.gast_to_ast(node.annotation)), node) if self._body.written else None
        made: list[Any] = []
        name = node.target.id if isinstance(node.target, gast.Name) else None
        if node.value is not None:
            made.append(self.visit_Assign(located(gast.Assign([node.target], node.value, None), node)))
        elif name is None:
            made += [statement(self.visit(each), node) for each in children(node.target)]
        if name is not None and node.simple:
            place = constant(name, node)
            target = gast.Subscript(self._body.read("__annotations__", node), place, gast.Store())
            made.append(assign(located(target, node), written or self.visit(node.annotation), node))
        elif written is None:
            made.append(statement(self.visit(node.annotation), node))
        return made

    def visit_AugAssign(self, node: Any) -> Any:
        match node.target:
            case gast.Name(id=name) if name in self._body.variables and name not in self._body.sure:
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
            case gast.Name(id=name) if name in self._body.variables:
                gone = assign(store(self._body.variables[name], target), self._body.none(name, target), node)
                if name in self._body.sure:
                    return [gone]
                missing = "if not present:\n    raise NameError(message, name=name)"
                message = constant(f"name {name!r} is not defined", target)
                present = self._body.is_bound(name, target)
                return [*quote(missing, target, present=present, message=message, name=constant(name, target)), gone]
        return [located(gast.Delete([self.visit(target)]), node)]

    def visit_ExceptHandler(self, node: Any) -> Any:
        if node.name is None or node.name.id not in self._body.variables:
            return self.generic_visit(node)
        name, caught = node.name.id, self._names.fresh("caught")
        node.type = self.visit(node.type)
        variable = self._body.variables[name]
        body = [made for each in node.body for made in listed(self.visit(each))]
        node.body = quote(
            "variable = caught\ntry:\n    body\nfinally:\n    variable = none", node,
            variable=variable, caught=caught, body=body, none=self._body.none(name, node),
        )  # fmt: skip
        node.name.id = caught
        return node

    def visit_Import(self, node: Any) -> Any:
        made: list[Any] = []
        for alias in node.names:
            if alias.asname is None and "." in alias.name:
                part = gast.alias(alias.name, self._names.fresh("part"))
                made.append(located(gast.Import([located(part, alias)]), node))
                alias = located(gast.alias(alias_name(alias), None), alias)
            made.append(located(gast.Import([self.visit(alias)]), node))
        return made

    def visit_alias(self, node: Any) -> Any:
        node.asname = self._body.variables.get(alias_name(node), node.asname)
        return node

    def visit_MatchAs(self, node: Any) -> Any:
        node.name = self._body.variables.get(node.name, node.name)
        return self.generic_visit(node)

    visit_MatchStar = visit_MatchAs

    def visit_MatchMapping(self, node: Any) -> Any:
        node.rest = self._body.variables.get(node.rest, node.rest)
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
        for keyword in node.keywords:
            keyword.value = self.visit(keyword.value)
        return self._renamed(node)

    def _renamed(self, node: Any) -> Any:
        variable = self._body.variables.get(node.name)
        if variable is not None:
            self._names.renamed[variable] = node.name
            node.name = variable
        return node

    def visit_Global(self, node: Any) -> Any:
        for name in node.names:
            if name in self._body.of_functions:
                raise UnsupportedSyntax(
                    f"{name!r} is a global variable in the body of a class, and one of the function around it.",
                    Location.of(node),
                    fix="rename one of the two",
                )
        return node

    def visit_Nonlocal(self, node: Any) -> Any:
        names = [name for name in node.names if name not in self._body.own]
        return located(gast.Nonlocal(names), node) if names else []


def _own_nodes(nodes: Iterable[Any]) -> Iterator[Any]:
    """Yield what is evaluated in the scope of a class, which ``nodes`` are in."""
    for node in nodes:
        yield node
        match node:
            case gast.ClassDef():
                inside = [*node.decorator_list, *node.bases, *(keyword.value for keyword in node.keywords)]
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

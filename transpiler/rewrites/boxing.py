"""Boxed variables become attributes of one object that every generated function of the user's function sees.

    def counter():              def counter():
        n = 0                       outer = scope()
        def step():                 outer.n = 0
            nonlocal n              def step():
            n += 1                      outer.n += 1
            return n                    return outer.n
        return step                 return step
"""

from __future__ import annotations

from typing import Any

import gast

from ..analysis.assignment import Assignment
from ..analysis.boxing import boxed_variables
from ..analysis.scopes import (
    COMPREHENSIONS_ARE_INNER,
    alias_name,
    all_arguments,
    body_of,
    comprehension_targets,
    declared,
    every_use,
    is_documented,
    local_names,
)  # fmt: skip
from ..names import SCOPE_METHODS, Names
from ..template import assign, call, constant, load, located, store


def box_variables(function: gast.FunctionDef, names: Names, local: list[str], assignment: Assignment) -> None:
    """Replace the ``local`` variables of ``function`` that must be shared, in it and in its inner functions."""
    arguments = [each.id for each in all_arguments(function.args)]
    boxed = boxed_variables(function, local, assignment)
    if not boxed:
        return
    scope = names.scope()
    deleted = {use.name for use in every_use(function.body) if use.kind == "delete"}
    attributes = {name: _attribute(name, boxed) for name in boxed}
    box = _Box(scope, names, attributes, assignment.captures | assignment.inner | deleted)
    documented = is_documented(function)
    documentation, body = function.body[:documented], function.body[documented:]
    first = [assign(store(scope, function), call(load(names.call("scope"), function), [], function), function)]
    first += [
        assign(box.variable(name, gast.Store(), function), load(name, function), function)
        for name in arguments if name in boxed
    ]  # fmt: skip
    function.body = [*documentation, *first, *box.statements(body)]


def _attribute(name: str, boxed: list[str]) -> str:
    while name in SCOPE_METHODS or hasattr(object, name):
        name += "_"
        while name in boxed:
            name += "_"
    return name


class _Box(gast.NodeTransformer):
    """Rewrites uses of boxed variables.

    ``unproved`` are those an inner function may find without a value: its error is another than the owner's.
    """

    def __init__(
        self, scope: str, names: Names, attributes: dict[str, str], unproved: set[str], inner: bool = False
    ) -> None:
        self._scope = scope
        self._names = names
        self._attributes = attributes
        self._unproved = unproved
        self._inner = inner

    def variable(self, name: str, context: Any, at: Any) -> Any:
        return located(gast.Attribute(load(self._scope, at), self._attributes[name], context), at)

    def method(self, method: str, name: str, arguments: list[Any], at: Any) -> Any:
        function = located(gast.Attribute(load(self._scope, at), method, gast.Load()), at)
        return call(function, [constant(self._attributes[name], at), *arguments], at)

    def statements(self, body: list[Any]) -> list[Any]:
        made: list[Any] = []
        for node in body:
            visited = self.visit(node)
            made += visited if isinstance(visited, list) else [visited]
        return made

    def without(self, names: set[str], inner: bool) -> _Box:
        attributes = {name: attribute for name, attribute in self._attributes.items() if name not in names}
        return _Box(self._scope, self._names, attributes, self._unproved, inner)

    def visit_Name(self, node: Any) -> Any:
        if node.id not in self._attributes:
            return node
        if self._inner and isinstance(node.ctx, gast.Load) and node.id in self._unproved:
            return self.method("free", node.id, [], node)
        return self.variable(node.id, node.ctx, node)

    def visit_Call(self, node: Any) -> Any:
        if self._names.is_check_of_class(node) and (name := node.args[1].value) in self._attributes:
            return self.method("free", name, [], node)
        return self.generic_visit(node)

    def visit_NamedExpr(self, node: Any) -> Any:
        node.value = self.visit(node.value)
        if node.target.id in self._attributes:
            return self.method("set", node.target.id, [node.value], node)
        return node

    def visit_FunctionDef(self, node: Any) -> Any:
        self._function(node)
        if node.name not in self._attributes:
            return node
        return [node, assign(self.variable(node.name, gast.Store(), node), load(node.name, node), node)]

    def visit_Lambda(self, node: Any) -> Any:
        self._function(node)
        return node

    def _function(self, node: Any) -> None:
        own = {*local_names(node), *declared(node, gast.Global)}
        arguments = node.args
        arguments.defaults = [self.visit(each) for each in arguments.defaults]
        arguments.kw_defaults = [each and self.visit(each) for each in arguments.kw_defaults]
        if isinstance(node, gast.FunctionDef):
            node.decorator_list = [self.visit(each) for each in node.decorator_list]
            node.returns = node.returns and self.visit(node.returns)
            for each in all_arguments(arguments):
                each.annotation = each.annotation and self.visit(each.annotation)
        is_part = isinstance(node, gast.FunctionDef) and node.name in self._names.own_parts
        inner = self.without(own, inner=self._inner or not is_part)
        if isinstance(node, gast.Lambda):
            node.body = inner.visit(node.body)
        else:
            node.body = inner.statements(body_of(node)) or [located(gast.Pass(), node)]

    def visit_ListComp(self, node: Any) -> Any:
        first = node.generators[0]
        first.iter = self.visit(first.iter)
        inner = self.without(comprehension_targets(node), self._inner or COMPREHENSIONS_ARE_INNER)
        for index, generator in enumerate(node.generators):
            generator.target = inner.visit(generator.target)
            generator.ifs = [inner.visit(each) for each in generator.ifs]
            if index:
                generator.iter = inner.visit(generator.iter)
        for field in ("elt", "key", "value"):
            if hasattr(node, field):
                setattr(node, field, inner.visit(getattr(node, field)))
        return node

    visit_SetComp = visit_DictComp = visit_GeneratorExp = visit_ListComp

    def visit_Nonlocal(self, node: Any) -> Any:
        node.names = [name for name in node.names if name not in self._attributes]
        return node if node.names else []

    def visit_Import(self, node: Any) -> Any:
        taken = [alias_name(alias) for alias in node.names if alias_name(alias) in self._attributes]
        return [node, *(assign(self.variable(name, gast.Store(), node), load(name, node), node) for name in taken)]

    visit_ImportFrom = visit_Import



"""Classes inside functions: the statements of the body stand in front of a call that makes the class of its variables.

    class Point(Base, n=2):     Point_header = class_header("Point", Base, n=2)
        scale = 2               Point_scale = 2
        def norm(self):         def Point_norm(self):
            return f(self)          return f(self)
                                Point = class_(Point_header, "f.<locals>.Point", __name__,
                                               (("scale", Point_scale), ("norm", Point_norm)))

Methods do not see the variables of the class, so these have names that nobody else uses; code is called what it was
called all the same. What is made is Python for the rewrites that come after.
"""

from __future__ import annotations

from collections.abc import Set
from typing import Any

import gast

from ..analysis.scopes import listed, local_names, own_statements, pattern_names
from ..names import Names
from ..template import assign, call, constant, load, located, store, tuple_of
from .class_bodies import ClassBody


def write_out_classes(
    tree: gast.FunctionDef, names: Names, qualified: str, outer_variables: Set[str], written: bool
) -> None:
    """Replace every ``class`` in ``tree``, inner functions included.

    ``qualified`` is how ``tree`` is called, ``outer_variables`` are those of functions around it that it uses;
    ``written`` says that annotations are kept as they are written.
    """
    own = frozenset(_variables(tree))
    _Classes(names, f"{qualified}.<locals>", outer_variables | own, own, written).generic_visit(tree)


class _Classes(gast.NodeTransformer):
    """``around`` is what the qualified names of definitions here begin with.

    ``of_functions`` are the variables of the functions around, ``own`` those of the innermost one.
    """

    def __init__(self, names: Names, around: str, of_functions: Set[str], own: Set[str], written: bool) -> None:
        self._names = names
        self._around = around
        self._of_functions = of_functions
        self._own = own
        self._written = written

    def visit_FunctionDef(self, node: Any) -> Any:
        name = self._names.renamed.get(node.name, node.name)
        own = frozenset(_variables(node))
        around = f"{self._around}.{name}.<locals>"
        return _Classes(self._names, around, self._of_functions | own, own, self._written).generic_visit(node)

    def visit_ClassDef(self, node: Any) -> Any:
        name = str(self._names.renamed.get(node.name, node.name))
        qualified = f"{self._around}.{name}"
        body = ClassBody(node, name, qualified, self._names, self._of_functions, self._own, self._written)
        made: list[Any] = []
        decorators = []
        for each in node.decorator_list:
            decorators.append(load(self._names.fresh("decorator"), each))
            made.append(assign(store(decorators[-1].id, each), each, each))
        header = self._names.fresh(f"{name}_header")
        starts = call(load(self._names.call("class_header"), node), [constant(name, node), *node.bases], node)
        starts.keywords = node.keywords
        made.append(assign(store(header, node), starts, node))
        inner = _Classes(self._names, qualified, self._of_functions, self._own, self._written)
        made += [each for statement in body.statements() for each in listed(inner.visit(statement))]
        variable = self._names.fresh(f"{name}_class")
        for statement in made:
            _ClassCells(variable).visit(statement)
        attributes = [tuple_of([constant(key, node), load(each, node)], node) for key, each in body.variables.items()]
        parts = [load(header, node), constant(qualified, node), load("__name__", node), tuple_of(attributes, node)]
        value = call(load(self._names.call("class_"), node), parts, node)
        for name, keys in (("again", sorted(body.order.again)), ("moved", body.order.moved)):
            if keys:
                told = tuple_of([constant(key, node) for key in keys], node)
                value.keywords.append(located(gast.keyword(name, told), node))
        made.append(assign(store(variable, node), value, node))
        value = load(variable, node)
        for decorator in reversed(decorators):
            value = call(decorator, [value], decorator)
        return [*made, assign(store(node.name, node), value, node)]


class _ClassCells(gast.NodeTransformer):
    """``__class__`` in a method is the variable that holds the class."""

    def __init__(self, variable: str) -> None:
        self._variable = variable

    def visit_Name(self, node: Any) -> Any:
        if node.id == "__class__":
            node.id = self._variable
        return node


def _variables(function: gast.FunctionDef) -> set[str]:
    """Return a function's own variables, those that patterns give a value to among them."""
    found = {*local_names(function)}
    for node in own_statements(function.body):
        if isinstance(node, gast.match_case):
            found |= {name for each in gast.walk(node.pattern) for name in pattern_names(each)}
    return found

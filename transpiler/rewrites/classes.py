"""Classes inside functions: the statements of the body stand in front of a call that makes the class of its variables.

    class Point(Base):          base = Base
        scale = 2               Point_scale = 2
        def norm(self):         def Point_norm(self):
            return f(self)          return f(self)
                                Point = class_("Point", "f.<locals>.Point", __name__, (base,),
                                               (("scale", Point_scale), ("norm", Point_norm)), ())

Methods do not see the variables of the class, so these have names that nobody else uses; code is called what it was
called all the same. What is made is Python for the rewrites that come after.
"""

from __future__ import annotations

from collections.abc import Set
from typing import Any

import gast

from ..analysis.scopes import local_names, own_statements, pattern_names
from ..names import Names
from ..template import assign, call, constant, load, store, tuple_of
from .class_bodies import ClassBody, refused


def write_out_classes(tree: gast.FunctionDef, names: Names, qualified: str, outer_variables: Set[str]) -> None:
    """Replace every ``class`` in ``tree``, inner functions included.

    ``qualified`` is how ``tree`` is called, ``outer_variables`` are those of functions around it that it uses.
    """
    of_functions = outer_variables | _variables(tree)
    _Classes(names, f"{qualified}.<locals>", of_functions).generic_visit(tree)


class _Classes(gast.NodeTransformer):
    """``around`` is what the qualified names of definitions here begin with.

    ``of_functions`` are the variables of the functions around.
    """

    def __init__(self, names: Names, around: str, of_functions: Set[str]) -> None:
        self._names = names
        self._around = around
        self._of_functions = of_functions

    def visit_FunctionDef(self, node: Any) -> Any:
        name = self._names.renamed.get(node.name, node.name)
        of_functions = self._of_functions | _variables(node)
        return _Classes(self._names, f"{self._around}.{name}.<locals>", of_functions).generic_visit(node)

    def visit_ClassDef(self, node: Any) -> Any:
        name = str(self._names.renamed.get(node.name, node.name))
        qualified = f"{self._around}.{name}"
        for keyword in node.keywords:
            raise refused("A class inside a function with keywords", keyword.value, "leave the keyword out")
        body = ClassBody(node, name, qualified, self._names, self._of_functions)
        made: list[Any] = []

        def put_first(name: str, value: Any) -> Any:
            name = self._names.fresh(name)
            made.append(assign(store(name, value), value, value))
            return load(name, value)

        decorators = [put_first("decorator", each) for each in node.decorator_list]
        bases = [put_first("base", each) for each in node.bases]
        inner = _Classes(self._names, qualified, self._of_functions)
        made += [each for statement in body.statements() for each in _listed(inner.visit(statement))]
        variable = self._names.fresh(f"{name}_class")
        for statement in made:
            _ClassCells(variable).visit(statement)
        attributes = [tuple_of([constant(key, node), load(each, node)], node) for key, each in body.variables.items()]
        parts = [
            constant(name, node), constant(qualified, node), load("__name__", node), tuple_of(bases, node),
            tuple_of(attributes, node), tuple_of(body.annotations, node),
        ]  # fmt: skip
        value = call(load(self._names.call("class_"), node), parts, node)
        made.append(assign(store(variable, node), value, node))
        value = load(variable, node)
        for decorator in reversed(decorators):
            value = call(decorator, [value], decorator)
        return [*made, assign(store(node.name, node), value, node)]


def _listed(made: Any) -> list[Any]:
    return made if isinstance(made, list) else [made]


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

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

import ast
from typing import Any

import gast

from ..analysis.scopes import COMPREHENSIONS, FUNCTIONS, evaluated_outside
from ..errors import UnsupportedSyntax
from ..location import Location
from ..names import Names
from ..template import assign, call, constant, load, store, tuple_of
from .supers import write_out_super

_ALLOWED = (gast.Assign, gast.AnnAssign, gast.AugAssign, gast.FunctionDef, gast.Expr, gast.Pass)


def write_out_classes(tree: gast.FunctionDef, names: Names, qualified: str) -> None:
    """Replace every ``class`` in ``tree``, inner functions included; ``qualified`` is how ``tree`` is called."""
    _Classes(names, f"{qualified}.<locals>").generic_visit(tree)


class _Classes(gast.NodeTransformer):
    """``around`` is what the qualified names of definitions here begin with."""

    def __init__(self, names: Names, around: str) -> None:
        self._names = names
        self._around = around

    def visit_FunctionDef(self, node: Any) -> Any:
        name = self._names.renamed.get(node.name, node.name)
        return _Classes(self._names, f"{self._around}.{name}.<locals>").generic_visit(node)

    def visit_ClassDef(self, node: Any) -> Any:
        qualified = f"{self._around}.{node.name}"
        for keyword in node.keywords:
            raise _refused("A class inside a function with keywords", keyword.value, "leave the keyword out")
        body = _Body(node.name, self._names)
        made: list[Any] = []

        def put_first(name: str, value: Any) -> Any:
            name = self._names.fresh(name)
            made.append(assign(store(name, value), value, value))
            return load(name, value)

        decorators = [put_first("decorator", each) for each in node.decorator_list]
        bases = [put_first("base", each) for each in node.bases]
        for statement in node.body:
            made += body.statement(statement)
        inner = _Classes(self._names, qualified)
        made = [each for statement in made for each in _listed(inner.visit(statement))]
        variable = self._names.fresh(f"{node.name}_class")
        for statement in made:
            _ClassCells(variable).visit(statement)
        attributes = [tuple_of([constant(key, node), load(name, node)], node) for key, name in body.variables.items()]
        parts = [
            constant(node.name, node), constant(qualified, node), load("__name__", node), tuple_of(bases, node),
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


class _Body:
    """The statements of a class, with other names for its ``variables``; ``annotations`` are pairs of texts."""

    def __init__(self, class_name: str, names: Names) -> None:
        self.variables: dict[str, str] = {}
        self.annotations: list[Any] = []
        self._class_name = class_name
        self._names = names

    def statement(self, node: Any) -> list[Any]:
        if not isinstance(node, _ALLOWED):
            kind = type(node).__name__.lower()
            raise _refused(f"A statement in the body of a class ({kind!r})", node, "put it into a method, or in front")
        rename = _Renamed(self)
        match node:
            case gast.Expr(value=gast.Constant(value=str() as text)) if "__doc__" not in self.variables:
                return [assign(store(self.variable("__doc__"), node), constant(text, node), node)]
            case gast.AnnAssign(target=gast.Name(id=name)):
                text = ast.unparse(gast.gast_to_ast(node.annotation))
                self.annotations.append(tuple_of([constant(name, node), constant(text, node)], node))
                if node.value is None:
                    return []
                value = rename.visit(node.value)
                return [assign(store(self.variable(name), node), value, node)]
            case gast.Assign():
                node.value = rename.visit(node.value)
                node.targets = [_Renamed(self, stores=True).visit(each) for each in node.targets]
            case gast.FunctionDef():
                write_out_super(node, _first_argument(node))
                node.decorator_list = list(map(rename.visit, node.decorator_list))
                node.args.defaults = list(map(rename.visit, node.args.defaults))
                node.args.kw_defaults = [each and rename.visit(each) for each in node.args.kw_defaults]
                variable = self.variable(node.name)
                self._names.renamed[variable] = node.name
                node.name = variable
            case _:
                _Renamed(self, stores=True).generic_visit(node)
        return [node]

    def variable(self, name: str) -> str:
        """The variable that stands for ``name`` from now on."""
        if name not in self.variables:
            self.variables[name] = self._names.fresh(f"{self._class_name}_{name.strip('_')}")
        return self.variables[name]


class _Renamed(gast.NodeTransformer):
    """Gives the variables of a class body their other names, where it and not a function in it uses them."""

    def __init__(self, body: _Body, stores: bool = False) -> None:
        self._body = body
        self._stores = stores

    def visit_Name(self, node: Any) -> Any:
        if isinstance(node.ctx, gast.Load):
            node.id = self._body.variables.get(node.id, node.id)
        else:
            node.id = self._body.variable(node.id)
        return node

    def visit(self, node: Any) -> Any:
        if isinstance(node, COMPREHENSIONS):
            node.generators[0].iter = self.visit(node.generators[0].iter)
            return node
        if isinstance(node, FUNCTIONS):
            for each in evaluated_outside(node):
                self.visit(each)  # names are changed in place
            return node
        return super().visit(node)


class _ClassCells(gast.NodeTransformer):
    """``__class__`` in a method is the variable that holds the class."""

    def __init__(self, variable: str) -> None:
        self._variable = variable

    def visit_Name(self, node: Any) -> Any:
        if node.id == "__class__":
            node.id = self._variable
        return node


def _first_argument(node: gast.FunctionDef) -> str | None:
    positional = [*node.args.posonlyargs, *node.args.args]
    return positional[0].id if positional else None


def _refused(what: str, node: Any, fix: str) -> UnsupportedSyntax:
    return UnsupportedSyntax(f"{what} is not supported.", Location.of(node), fix=fix)

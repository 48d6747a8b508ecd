"""Variables that are not the function's: ``global`` ones, and ``nonlocal`` ones of a function that is not converted.

    global count                set_global("count", n)
    count = n

Reads stay plain names, which generated code looks up outside.
"""

from __future__ import annotations

from typing import Any

import gast

from ..analysis.scopes import FUNCTIONS, alias_name, declared, is_documented
from ..names import Names
from ..template import assign, call, constant, load, quote, statement, store
from .blocks import rewrite_block


def assign_outer_variables(function: gast.FunctionDef, names: Names) -> None:
    """Turn what a function does to variables it declares into calls; inner functions are left alone."""
    declarations = _Declarations(function, names)
    if declarations.setters:
        function.body = [declarations.expressions.visit(each) for each in function.body]
        rewrite_block(function.body, declarations.statement)
    kept = declared(function, gast.Global)
    rewrite_block(function.body, lambda each: [] if isinstance(each, gast.Global | gast.Nonlocal) else [each])
    if kept:
        # An enclosing function may have a variable of that name.
        function.body.insert(is_documented(function), gast.copy_location(gast.Global(sorted(kept)), function))


class _Declarations:
    def __init__(self, function: gast.FunctionDef, names: Names) -> None:
        self.setters = dict.fromkeys(declared(function, gast.Global), "set_global")
        self.setters |= dict.fromkeys(declared(function, gast.Nonlocal), "set_nonlocal")
        self.names = names
        self.expressions = _Expressions(self)

    def set(self, name: str, value: Any, at: Any) -> Any:
        setter = load(self.names.call(self.setters[name]), at)
        return call(setter, [constant(name, at), value], at)

    def statement(self, node: Any) -> list[Any]:
        match node:
            case gast.Assign(targets=[gast.Name(id=name)]) if name in self.setters:
                return [statement(self.set(name, node.value, node), node)]
            case gast.AugAssign(target=gast.Name(id=name)) if name in self.setters:
                value = self.names.fresh("value")
                before = assign(store(value, node), load(name, node), node)
                node.target = store(value, node.target)
                return [before, node, statement(self.set(name, load(value, node), node), node)]
            case gast.Delete(targets=[gast.Name(id=name)]) if name in self.setters:
                return [statement(self.delete(name, node), node)]
            case gast.FunctionDef(name=name) if name in self.setters:
                return self.function(node)
            case gast.Import() | gast.ImportFrom() if any(alias_name(each) in self.setters for each in node.names):
                return self.import_(node)
            case gast.Try():
                for handler in node.handlers:
                    self.handler(handler)
        return [node]

    def delete(self, name: str, node: Any) -> Any:
        deleter = {"set_global": "del_global", "set_nonlocal": "del_nonlocal"}[self.setters[name]]
        return call(load(self.names.call(deleter), node), [constant(name, node)], node)

    def function(self, node: Any) -> list[Any]:
        """The function is made inside another, so that its name is no variable here."""
        make = self.names.fresh("make")
        made = quote("def make():\n    function\n    return name", node, make=make, function=[node], name=node.name)
        return [*made, statement(self.set(node.name, call(load(make, node), [], node), node), node)]

    def import_(self, node: Any) -> list[Any]:
        made: list[Any] = []
        for alias in node.names:
            name = alias_name(alias)
            renamed = gast.copy_location(gast.alias(alias.name, alias.asname), alias)
            single = gast.copy_location(type(node)(**{**dict(gast.iter_fields(node)), "names": [renamed]}), node)
            made.append(single)
            if name not in self.setters:
                continue
            module = self.names.fresh("module")
            if alias.asname is None and "." in alias.name:
                made.append(gast.copy_location(gast.Import([gast.alias(name, module)]), node))
                renamed.asname = self.names.fresh("part")
            else:
                renamed.asname = module
            made.append(statement(self.set(name, load(module, node), node), node))
        return made

    def handler(self, handler: Any) -> None:
        if isinstance(handler.name, gast.Name) and handler.name.id in self.setters:
            name, error = handler.name.id, self.names.fresh("error")
            first = statement(self.set(name, load(error, handler), handler), handler)
            last = [self.set(name, constant(None, handler), handler), self.delete(name, handler)]
            handler.name = store(error, handler)
            handler.body = [first, *handler.body, *(statement(each, handler) for each in last)]


class _Expressions(gast.NodeTransformer):
    """Turns ``:=`` on declared variables into calls."""

    def __init__(self, declarations: _Declarations) -> None:
        self._declarations = declarations

    def visit(self, node: Any) -> Any:
        if isinstance(node, FUNCTIONS):
            return node   # its own declarations count there
        return super().visit(node)

    def visit_NamedExpr(self, node: Any) -> Any:
        self.generic_visit(node)
        name = node.target.id
        return self._declarations.set(name, node.value, node) if name in self._declarations.setters else node

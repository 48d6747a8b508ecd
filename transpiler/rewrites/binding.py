"""Reads that may find no value are asked for one, so that they fail as in Python.

    if c: x = 1                 (x,) = if_(c, then, otherwise, (unbound("x"),), names=("x",))
    return x                    return bound(x, "x")

The body of a class asks for each variable of its function as ``bound(x, "x", True)``; what is proved is ``x`` again.
"""

from __future__ import annotations

from typing import Any

import gast

from ..analysis.assignment import Assignment
from ..names import Names
from ..template import call, constant, load, statement


def check_bound(function: gast.FunctionDef, names: Names, assignment: Assignment) -> None:
    """Wrap the reads that ``assignment`` does not prove to have a value; boxed variables check themselves."""
    _Checks(names, assignment).generic_visit(function)


class _Checks(gast.NodeTransformer):
    def __init__(self, names: Names, table: Assignment, inner: bool = False) -> None:
        self._names = names
        self._table = table
        self._inner = inner

    def visit_FunctionDef(self, node: Any) -> Any:
        return _Checks(self._names, self._table, inner=True).generic_visit(node)

    def visit_Call(self, node: Any) -> Any:
        if not self._names.is_check_of_class(node):
            return self.generic_visit(node)
        variable = node.args[0]
        return node if self._inner or variable in self._table.unproved else variable

    def visit_Name(self, node: Any) -> Any:
        return self._checked(node) if node in self._table.unproved and isinstance(node.ctx, gast.Load) else node

    def visit_AugAssign(self, node: Any) -> Any:
        self.generic_visit(node)
        return self._after_check([node.target], node)

    def visit_Delete(self, node: Any) -> Any:
        self.generic_visit(node)
        return self._after_check(node.targets, node)

    def _after_check(self, targets: list[Any], node: Any) -> list[Any]:
        return [*(statement(self._checked(each), node) for each in targets if each in self._table.unproved), node]

    def _checked(self, node: Any) -> Any:
        value = load(node.id, node)
        return call(load(self._names.call("bound"), node), [value, constant(node.id, node)], node)

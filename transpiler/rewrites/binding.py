"""Reads that may find no value are asked for one, so that they fail as in Python.

    if c: x = 1                 (x,) = if_(c, then, otherwise, (unbound("x"),), names=("x",))
    return x                    return bound(x, "x")
"""

from __future__ import annotations

from typing import Any

import gast

from ..analysis.assignment import Assignment
from ..names import Names
from ..template import call, constant, load, statement


def check_bound(function: gast.FunctionDef, names: Names, assignment: Assignment) -> None:
    """Wrap the reads that ``assignment`` does not prove to have a value; boxed variables check themselves."""
    if assignment.unproved:
        _Checks(names, assignment).generic_visit(function)


class _Checks(gast.NodeTransformer):
    def __init__(self, names: Names, table: Assignment) -> None:
        self._names = names
        self._table = table

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

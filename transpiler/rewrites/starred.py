"""``except*``: a ``try`` of its own kind, and in its handlers a ``raise`` of its own kind.

    try:                        def body():
        A                           A
    except* E as e:             def handler(e):
        raise                       raise_again()
                                try_star(body, ((lambda: E, handler),))
"""

from __future__ import annotations

from typing import Any

import gast

from ..analysis.scopes import FUNCTIONS, RaiseAgain, StarredTry


def write_out_starred(tree: gast.FunctionDef) -> None:
    """Make every ``try`` with ``except*`` in ``tree`` a ``StarredTry``."""
    _Starred().visit(tree)


class _Starred(gast.NodeTransformer):
    def __init__(self) -> None:
        self._handles = False

    def visit(self, node: Any) -> Any:
        if not isinstance(node, FUNCTIONS):
            return super().visit(node)
        handles, self._handles = self._handles, False
        self.generic_visit(node)
        self._handles = handles
        return node

    def visit_TryStar(self, node: Any) -> Any:
        handles = self._handles
        node.body, node.orelse, node.finalbody = (
            [self.visit(each) for each in part] for part in (node.body, node.orelse, node.finalbody)
        )
        self._handles = True
        node.handlers = [self.visit(each) for each in node.handlers]
        self._handles = handles
        return gast.copy_location(StarredTry(node.body, node.handlers, node.orelse, node.finalbody), node)

    def visit_Raise(self, node: Any) -> Any:
        if node.exc is not None or not self._handles:
            return node
        return gast.copy_location(RaiseAgain(None, None), node)

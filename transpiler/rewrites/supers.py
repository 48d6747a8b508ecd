"""``super()`` without arguments finds its class and object in the frame; they are written out.

    super().forward(x)          super(__class__, self).forward(x)
"""

from __future__ import annotations

from typing import Any

import gast

from ..template import load


def write_out_super(tree: gast.FunctionDef, first_argument: str | None) -> None:
    """Give every ``super()`` its class and the first argument of the function it stands in.

    ``first_argument`` is that of ``tree``, None if it has none.
    """
    shadowed = any(
        isinstance(node, gast.Name) and node.id == "super" and not isinstance(node.ctx, gast.Load)
        for node in gast.walk(tree)
    )
    if not shadowed:
        _Supers(first_argument).generic_visit(tree)


class _Supers(gast.NodeTransformer):
    def __init__(self, first_argument: str | None) -> None:
        self._first = first_argument

    def visit_FunctionDef(self, node: Any) -> Any:
        positional = [*node.args.posonlyargs, *node.args.args]
        return _Supers(positional[0].id if positional else None).generic_visit(node)

    visit_Lambda = visit_FunctionDef

    def visit_Call(self, node: Any) -> Any:
        match node:
            case gast.Call(func=gast.Name(id="super"), args=[], keywords=[]) if self._first is not None:
                node.args = [load("__class__", node), load(self._first, node)]
                return node
        return self.generic_visit(node)

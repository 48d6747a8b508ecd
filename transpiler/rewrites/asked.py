"""Tests: of an expression that stands in one, only its truth matters, and each operand is asked for that once.

    if a and b: ...             if_(both(a, lambda: b), ...)
    x = a and b                 x = and_(a, lambda: b)
    x = not (a and b)           x = not_(and_(a, lambda: b)), which asks the one that ``and`` gave once more
"""

from __future__ import annotations

from typing import Any

import gast

from ..template import located


class TestOp(gast.BoolOp):
    """``and`` or ``or`` in a test."""


def as_test(node: Any) -> Any:
    """Return the expression ``node`` for where only its truth matters."""
    match node:
        case gast.BoolOp():
            return located(TestOp(node.op, list(map(as_test, node.values))), node)
        case gast.UnaryOp(op=gast.Not()):
            node.operand = as_test(node.operand)
        case gast.IfExp():
            node.body, node.orelse = as_test(node.body), as_test(node.orelse)
    return node

"""Expressions: calls, items, logic, comparisons and displays become calls of the protocol.

    f(x, *more)                 call(f, x, star(more))
    x[1:n]                      get_item(x, slice_(1, n, None))
    x.__class__                 get_class(x)
    a and not b                 and_(a, lambda: not_(b)); in a test both(a, lambda: not_(b))
    a < b, s % t                order(a, "<", b), mod(s, t); with a number on the right as they are
    a < b <= c                  compare(a, "<", lambda: b, "<=", lambda: c)
    a if c else b               if_expr(c, lambda: a, lambda: b)
    [a, *b]                     new_list(a, star(b))
    f"{x:.2f} m"                fstring(field(x, None, ".2f"), " m")
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from typing import Any

import gast

from ..template import constant, load, thunk, tuple_of
from .asked import as_test
from .comprehensions import lower_comprehension
from .functions import lower_lambda
from .lowering import Lowering

_COMPARISONS = {
    gast.Lt: "<", gast.LtE: "<=", gast.Gt: ">", gast.GtE: ">=", gast.Eq: "==", gast.NotEq: "!=",
    gast.In: "in", gast.NotIn: "not in", gast.Is: "is", gast.IsNot: "is not",
}  # fmt: skip
_SINGLE = {
    gast.Eq: "eq", gast.NotEq: "ne", gast.In: "in_", gast.NotIn: "not_in", gast.Is: "is_", gast.IsNot: "is_not",
}  # fmt: skip


NUMBERS = {"len", "abs", "int", "float", "round", "sum", "ord", "hash", "bool", "complex"}   # what these give


class Expressions(gast.NodeTransformer):
    """Rewrites one expression."""

    def __init__(self, lowering: Lowering) -> None:
        self._lowering = lowering

    def _call(self, name: str, arguments: list[Any], at: Any) -> Any:
        return self._lowering.call(name, arguments, at)

    def visit_Call(self, node: Any) -> Any:
        generated = self._lowering.names.is_call(node)
        if not generated and len(node.args) > 1:    # a star alone is gone through when the call is made
            self._settle([*node.args, *[keyword.value for keyword in node.keywords]])
        starred = [constant(True, node)] if any(isinstance(each, gast.Starred) for each in node.args) else []
        self.generic_visit(node)
        if generated:
            return self._lowering.with_unbound(node)
        if any(keyword.arg is None for keyword in node.keywords):
            node.func = self._call("calling", [node.func, *starred], node)
            return node
        node.args.insert(0, node.func)
        node.func = load(self._lowering.names.call("call"), node)
        return node

    def _settle(self, elements: Sequence[Any]) -> None:
        """Let what is starred be as it is before the elements behind it are computed, if these can change it."""
        for i, element in enumerate(elements):
            starred = isinstance(element, gast.Starred) and isinstance(element.ctx, gast.Load)
            if starred and any(map(_computes, elements[i + 1:])):
                element.value = self._call("items_now", [element.value], element)

    def visit_Starred(self, node: Any) -> Any:
        self.generic_visit(node)
        if isinstance(node.ctx, gast.Store):
            return node
        return self._call("star", [node.value], node)

    def visit_Subscript(self, node: Any) -> Any:
        self.generic_visit(node)
        return self._call("get_item", [node.value, node.slice], node)

    def visit_Attribute(self, node: Any) -> Any:
        self.generic_visit(node)
        is_class = node.attr == "__class__" and isinstance(node.ctx, gast.Load)
        return self._call("get_class", [node.value], node) if is_class else node

    def visit_Slice(self, node: Any) -> Any:
        self.generic_visit(node)
        bounds = (node.lower, node.upper, node.step)
        return self._call("slice_", [each or constant(None, node) for each in bounds], node)

    def visit_Tuple(self, node: Any) -> Any:
        starred = isinstance(node.ctx, gast.Load) and any(isinstance(each, gast.Starred) for each in node.elts)
        if starred:
            self._settle(node.elts)
        self.generic_visit(node)
        return self._call("new_tuple", node.elts, node) if starred else node

    def visit_List(self, node: Any) -> Any:
        self._settle(node.elts)
        self.generic_visit(node)
        return self._call("new_list", node.elts, node)

    def visit_Set(self, node: Any) -> Any:
        self._settle(node.elts)
        self.generic_visit(node)
        return self._call("new_set", node.elts, node)

    def visit_Dict(self, node: Any) -> Any:
        for i, key in enumerate(node.keys):
            later = [*node.keys[i + 1:], *node.values[i + 1:]]
            if key is None and any(_computes(each) for each in later if each is not None):
                node.values[i] = self._call("entries_now", [node.values[i]], node.values[i])
        self.generic_visit(node)
        items = [
            self._call("star", [value], value) if key is None else tuple_of([key, value], key)
            for key, value in zip(node.keys, node.values, strict=True)
        ]
        return self._call("new_dict", items, node)

    def visit_BoolOp(self, node: Any) -> Any:
        return self._logic(node, "and_" if isinstance(node.op, gast.And) else "or_")

    def visit_TestOp(self, node: Any) -> Any:
        return self._logic(node, "both" if isinstance(node.op, gast.And) else "either")

    def _logic(self, node: Any, name: str) -> Any:
        self.generic_visit(node)
        *before, last = node.values
        return reduce(lambda right, left: self._call(name, [left, thunk(right)], node), reversed(before), last)

    def visit_UnaryOp(self, node: Any) -> Any:
        self.generic_visit(node)
        return self._call("not_", [node.operand], node) if isinstance(node.op, gast.Not) else node

    def visit_BinOp(self, node: Any) -> Any:
        may_be_text = isinstance(node.op, gast.Mod) and _may_be_sequence(node.left) and not _is_number(node.right)
        self.generic_visit(node)
        return self._call("mod", [node.left, node.right], node) if may_be_text else node

    def visit_Compare(self, node: Any) -> Any:
        may_be_sequences = all(map(_may_be_sequence, [node.left, *node.comparators]))
        is_number_first = _is_number(node.left) and not any(map(_is_number, node.comparators))
        self.generic_visit(node)
        operators = list(map(type, node.ops))
        if len(operators) == 1:
            name, operands = _SINGLE.get(operators[0]), [node.left, node.comparators[0]]
            if name is None and (may_be_sequences or is_number_first):
                symbol = constant(_COMPARISONS[operators[0]], node)
                return self._call("order", [operands[0], symbol, operands[1]], node)
            return self._call(name, operands, node) if name else node
        arguments = [node.left]
        for operator, operand in zip(operators, node.comparators, strict=True):
            arguments += [constant(_COMPARISONS[operator], node), thunk(operand)]
        return self._call("compare", arguments, node)

    def visit_IfExp(self, node: Any) -> Any:
        node.test = as_test(node.test)
        self.generic_visit(node)
        return self._call("if_expr", [node.test, thunk(node.body), thunk(node.orelse)], node)

    def visit_JoinedStr(self, node: Any) -> Any:
        return self._call("fstring", [self.visit(each) for each in node.values], node)

    def visit_FormattedValue(self, node: Any) -> Any:
        parts = [self.visit(node.value)]
        if node.conversion != -1 or node.format_spec is not None:
            parts.append(constant(None if node.conversion == -1 else chr(node.conversion), node))
        if node.format_spec is not None:
            parts.append(self._text(node.format_spec))
        return self._call("field", parts, node)

    def _text(self, node: Any) -> Any:
        match node:
            case gast.JoinedStr(values=[]):
                return constant("", node)
            case gast.JoinedStr(values=[gast.Constant() as only]):
                return only
        return self.visit(node)

    def visit_Lambda(self, node: Any) -> Any:
        return lower_lambda(node, self._lowering, self.visit)

    def visit_ListComp(self, node: Any) -> Any:
        return lower_comprehension(node, self._lowering, self.visit)

    visit_SetComp = visit_DictComp = visit_ListComp


def _computes(node: Any) -> bool:
    """Whether an expression computes anything, by which objects could change."""
    match node:
        case gast.Name() | gast.Constant() | gast.Lambda():
            return False
        case gast.Starred(value=value):
            return _computes(value)
        case gast.Tuple(elts=items) | gast.List(elts=items):
            return any(map(_computes, items))
    return True


def _is_number(node: Any) -> bool:
    match node:
        case gast.Constant(value=value):
            return isinstance(value, int | float | complex)
        case gast.UnaryOp(op=gast.USub() | gast.UAdd()):
            return _is_number(node.operand)
    return False


def _may_be_sequence(node: Any) -> bool:
    """Say whether an expression may give a text, a tuple or a list, as far as its form tells."""
    match node:
        case gast.BinOp(op=operator):
            return isinstance(operator, gast.Add | gast.Mult | gast.Mod)
        case gast.Call(func=gast.Name(id=name)):
            return name not in NUMBERS
        case gast.Call(func=gast.Attribute(value=gast.Name(id=module))):
            return module not in ("np", "numpy", "math")
        case gast.UnaryOp() | gast.Compare():
            return False
    return not _is_number(node)

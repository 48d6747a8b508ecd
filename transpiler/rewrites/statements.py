"""Statements without blocks: what they do to items, variables and the flow of exceptions becomes calls.

    x[i] = v                    set_item(x, i, v)
    x[i] += v                   aug_item(x, i, "+", lambda: v)
    assert c, m                 assert_(c, lambda: m)
    raise e from c              raise_(e, c)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import gast

from ..analysis.scopes import RaiseAgain, uses
from ..template import assign, constant, load, statement, store, thunk
from .asked import as_test
from .lowering import Lowering

SYMBOLS = {
    gast.Add: "+", gast.Sub: "-", gast.Mult: "*", gast.MatMult: "@", gast.Div: "/", gast.FloorDiv: "//",
    gast.Mod: "%", gast.Pow: "**", gast.LShift: "<<", gast.RShift: ">>", gast.BitAnd: "&", gast.BitXor: "^",
    gast.BitOr: "|",
}  # fmt: skip


def lower_value(node: Any, lowering: Lowering) -> list[Any]:
    """An expression, or a ``return``, with its value rewritten."""
    if node.value is not None:
        node.value = lowering.expression(node.value)
    return [node]


def lower_assign(node: gast.Assign, lowering: Lowering) -> list[Any]:
    """Python computes the value before the object and the index it goes to."""
    (target,) = node.targets
    if not isinstance(target, gast.Subscript):
        node.value = lowering.expression(node.value)
        node.targets = [lowering.expression(target)]
        return [node]
    value_first = _may_differ(node.value, target, lowering) and _may_differ(target, node.value, lowering)
    value = lowering.expression(node.value)
    first = []
    if value_first:
        name = lowering.names.reused("value")
        first.append(assign(store(name, node.value), value, node))
        value = load(name, node.value)
    obj, index = lowering.expression(target.value), lowering.expression(target.slice)
    return [*first, statement(lowering.call("set_item", [obj, index, value], node), node)]


def _may_differ(node: Any, other: Any, lowering: Lowering) -> bool:
    """Say whether evaluating ``other`` first might change what ``node`` gives, or is seen in another way."""
    assigned = {use.name for use in uses(other) if use.kind == "store"}
    return not _is_steady(node, lambda name: lowering.is_variable(name) and name not in assigned)


def _is_steady(node: Any, is_steady_name: Callable[[str], bool]) -> bool:
    parts: Iterable[Any]
    match node:
        case gast.Constant():
            return True
        case gast.Name():
            return is_steady_name(node.id)
        case gast.UnaryOp():
            parts = (node.operand,)
        case gast.BinOp():
            parts = (node.left, node.right)
        case gast.Tuple():
            parts = node.elts
        case gast.Slice():
            parts = (each for each in (node.lower, node.upper, node.step) if each is not None)
        case gast.Subscript(ctx=gast.Store()):
            parts = (node.value, node.slice)
        case _:
            return False
    return all(_is_steady(each, is_steady_name) for each in parts)


def lower_annotated(node: gast.AnnAssign, lowering: Lowering) -> list[Any]:
    """An annotation without a value only says that a name is a variable."""
    return []


def lower_augmented(node: gast.AugAssign, lowering: Lowering) -> list[Any]:
    target = node.target
    symbol = constant(SYMBOLS[type(node.op)], node)
    if isinstance(target, gast.Name) or lowering.names.is_boxed(target):
        node.value = lowering.expression(node.value)
        return [node]
    obj = lowering.expression(target.value)
    if isinstance(target, gast.Attribute):
        name, key = "aug_attr", constant(target.attr, target)
    else:
        name, key = "aug_item", lowering.expression(target.slice)
    value = thunk(lowering.expression(node.value))
    return [statement(lowering.call(name, [obj, key, symbol, value], node), node)]


def lower_delete(node: gast.Delete, lowering: Lowering) -> list[Any]:
    (target,) = node.targets
    match target:
        case gast.Name(id=name) if lowering.may_be_read(name, node):
            return [assign(store(name, target), lowering.unbound(name, target), node)]
        case gast.Name():
            lowering.note([node])
        case gast.Attribute():
            target.value = lowering.expression(target.value)
        case gast.Subscript():
            arguments = [lowering.expression(target.value), lowering.expression(target.slice)]
            return [statement(lowering.call("del_item", arguments, node), node)]
    return [node]


def lower_assert(node: gast.Assert, lowering: Lowering) -> list[Any]:
    """Under ``python -O`` there is nothing to do."""
    if not __debug__:
        return []
    arguments = [lowering.expression(as_test(node.test))]
    if node.msg is not None:
        arguments.append(thunk(lowering.expression(node.msg)))
    return [statement(lowering.call("assert_", arguments, node), node)]


def lower_raise(node: gast.Raise, lowering: Lowering) -> list[Any]:
    arguments = [lowering.expression(each) for each in (node.exc, node.cause) if each is not None]
    return [statement(lowering.call("raise_", arguments, node), node)]


def lower_raise_again(node: RaiseAgain, lowering: Lowering) -> list[Any]:
    return [statement(lowering.call("raise_again", [], node), node)]


def lower_import(node: Any, lowering: Lowering) -> list[Any]:
    lowering.note([node])
    return [node]

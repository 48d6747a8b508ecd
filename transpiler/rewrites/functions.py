"""Inner functions: rewritten where they stand.

    def f(a, b=g()): A          @function_
                                def f(a, b=call(g)): A, rewritten
    lambda v: v + k             function_(lambda v: v + k)

A lambda stays one unless what it computes needs statements; then it becomes a function in front of its statement.
"""

from __future__ import annotations

from typing import Any

import gast

from ..analysis.scopes import COMPREHENSIONS, all_arguments
from ..template import call, load, located, parameters, quote
from .lowering import Lowering


def lower_function(node: gast.FunctionDef, lowering: Lowering) -> list[Any]:
    """Rewrite an inner function, whose decorators were taken off before."""
    _lower_defaults(node.args, lowering)
    for each in all_arguments(node.args):
        each.annotation = each.annotation and lowering.expression(each.annotation)
    node.returns = node.returns and lowering.expression(node.returns)
    made = lowering.convert(node)
    made.decorator_list = [load(lowering.names.call("function_"), node)]
    lowering.note([store_of(node)])
    return [made]


def store_of(node: gast.FunctionDef) -> gast.Name:
    return located(gast.Name(node.name, gast.Store(), None, None), node)


def lower_lambda(node: gast.Lambda, lowering: Lowering, visit: Any) -> gast.expr:
    """Return the lambda with its parts rewritten by ``visit``, or the name of the function it became."""
    if not any(isinstance(each, (*COMPREHENSIONS, gast.NamedExpr)) for each in gast.walk(node.body)):
        node.args.defaults = [visit(each) for each in node.args.defaults]
        node.args.kw_defaults = [each and visit(each) for each in node.args.kw_defaults]
        node.body = visit(node.body)
        return lowering.call("function_", [node], node)
    name = lowering.names.fresh("lambda_")
    (function,) = quote("def name():\n    return value", node, name=name, value=node.body)
    function.args = node.args
    arguments = node.args
    defaults = [each for each in (*arguments.defaults, *arguments.kw_defaults) if each is not None]
    if not defaults:
        lowering.hoisted.append(lowering.convert(function))
        return lowering.call("function_", [load(name, node)], node)
    # The defaults are evaluated where the lambda stands.
    given = [lowering.names.fresh("default") for _ in defaults]
    values = iter(given)
    arguments.defaults = [load(next(values), each) for each in arguments.defaults]
    arguments.kw_defaults = [each and load(next(values), each) for each in arguments.kw_defaults]
    make = lowering.names.fresh("make")
    (maker,) = quote("def make():\n    function\n    return name", node, make=make, function=[function], name=name)
    maker.args = parameters(given, node)
    lowering.hoisted.append(lowering.convert(maker))
    return call(load(make, node), [visit(each) for each in defaults], node)


def _lower_defaults(arguments: gast.arguments, lowering: Lowering) -> None:
    arguments.defaults = [lowering.expression(each) for each in arguments.defaults]
    arguments.kw_defaults = [each and lowering.expression(each) for each in arguments.kw_defaults]

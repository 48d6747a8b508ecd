"""``while`` and ``for``: functions for the test and the body, and one call.

    while x > 1:                def test(x):
        x = x / 2                   return x > 1
                                def body(x):
                                    x = x / 2
                                    return (x,)
                                (x,) = while_(test, body, (x,), names=("x",))

    for i in range(n):          def body(i, x):
        x = x + i                   x = x + i
                                    return (x,)
                                (x,) = for_(call(range, n), body, (x,), names=("x",))
"""

from __future__ import annotations

from typing import Any

import gast

from ..analysis.scopes import GuardedFor, assigned
from ..template import assign, load, located
from .asked import as_test
from .lowering import Lowering


def lower_while(node: gast.While, lowering: Lowering) -> list[Any]:
    """Return the functions of the test and the body, and the call."""
    at = node.test
    carried = lowering.live.carried(node, assigned(node.body))
    test, body = lowering.names.reused("test"), lowering.names.reused("body")
    functions = [
        lowering.region(test, carried, [located(gast.Return(as_test(node.test)), at)], at),
        lowering.region(body, carried, node.body, at, carried),
    ]
    arguments = [load(test, at), load(body, at), lowering.initial(carried, at)]
    value = lowering.call("while_", arguments, at, names=lowering.listed(carried, at))
    return [*functions, lowering.results(carried, value, at)]


def lower_for(node: gast.For, lowering: Lowering) -> list[Any]:
    """Return the functions of the guard, if there is one, and the body, and the call."""
    at = node.iter
    iterable = lowering.expression(node.iter)
    carried = lowering.live.carried(node, assigned([node]))
    body, statements = lowering.names.reused("body"), node.body
    if isinstance(node.target, gast.Name) and node.target.id not in carried:
        item = node.target.id
    else:
        item = lowering.names.reused("item")
        statements = [assign(node.target, load(item, node.target), node.target), *statements]
    keywords = {"names": lowering.listed(carried, at)}
    functions = []
    if isinstance(node, GuardedFor):
        test = lowering.names.reused("test")
        functions.append(lowering.region(test, carried, [located(gast.Return(as_test(node.guard)), at)], at))
        keywords["test"] = load(test, at)
    functions.append(lowering.region(body, [item, *carried], statements, at, carried))
    value = lowering.call("for_", [iterable, load(body, at), lowering.initial(carried, at)], at, **keywords)
    return [*functions, lowering.results(carried, value, at)]

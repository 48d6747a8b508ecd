"""Comprehensions: a function in front of the statement, called where the comprehension stands.

    y = [f(v) for v in x]       def make_list(values):
                                    result = new_list()
                                    def body(v):
                                        call(result.append, call(f, v))
                                        return ()
                                    for_(values, body, (), names=())
                                    return result
                                y = make_list(x)
"""

from __future__ import annotations

from itertools import count
from typing import Any

import gast

from ..template import assign, call, load, located, parameters, quote, statement, store
from .lowering import Lowering

_KINDS = {gast.ListComp: "list", gast.SetComp: "set", gast.DictComp: "dict"}


def lower_comprehension(node: Any, lowering: Lowering, visit: Any) -> gast.expr:
    """Return the call of the function; ``visit`` rewrites the first iterable, which is evaluated outside."""
    kind = _KINDS[type(node)]
    first = node.generators[0]
    iterable = visit(first.iter)
    names = lowering.names
    taken = {each.name for each in lowering.hoisted}
    make = next(name for number in count() if (name := names.reused(f"make_{kind}", number)) not in taken)
    values, result = names.reused("values"), names.reused("result")
    first.iter = load(values, first.iter)
    body = _store_item(node, result, lowering)
    for generator in reversed(node.generators):
        for test in reversed(generator.ifs):
            body = [located(gast.If(test, body, []), test)]
        body = [located(gast.For(generator.target, generator.iter, body, [], None), generator.target)]
    empty = assign(store(result, node), lowering.call(f"new_{kind}", [], node), node)
    (function,) = quote("def make():\n    body\n    return result", node, make=make, body=[empty, *body], result=result)
    function.args = parameters([values], node)
    lowering.hoisted.append(lowering.convert(function))
    return call(load(make, node), [iterable], node)


def _store_item(node: Any, result: str, lowering: Lowering) -> list[Any]:
    if isinstance(node, gast.DictComp):
        stored = lowering.call("set_item", [load(result, node), node.key, node.value], node.key)
        return [statement(stored, node.key)]
    method = "append" if isinstance(node, gast.ListComp) else "add"
    return quote(f"result.{method}(item)", node.elt, result=result, item=node.elt)

"""``if``: a function for each branch, and one call.

    if c:                       def then(x):
        x = a                       x = a
                                    return (x,)
                                def otherwise(x):
                                    return (x,)
                                (x,) = if_(c, then, otherwise, (x,), names=("x",))
"""

from __future__ import annotations

from typing import Any

import gast

from ..analysis.scopes import assigned
from ..template import load
from .asked import as_test
from .lowering import Lowering


def lower_if(node: gast.If, lowering: Lowering) -> list[Any]:
    """Return the functions of the branches and the call."""
    test = lowering.expression(as_test(node.test))
    carried = lowering.live.carried(node, assigned([*node.body, *node.orelse]))
    at = node.test
    then, otherwise = lowering.names.reused("then"), lowering.names.reused("otherwise")
    branches = [
        lowering.region(then, carried, node.body, at, carried),
        lowering.region(otherwise, carried, node.orelse, at, carried),
    ]
    arguments = [test, load(then, at), load(otherwise, at), lowering.initial(carried, at)]
    value = lowering.call("if_", arguments, at, names=lowering.listed(carried, at))
    return [*branches, lowering.results(carried, value, at)]

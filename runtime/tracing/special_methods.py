"""Special methods that are called by their names, as ``x.__len__()`` and ``n.__add__(1)`` do.

An object of a class of the program's has what its class says.  Of other values these calls are the function or operator
that asks for them, where nothing else is asked after them: ``(1).__add__(0.5)`` gives ``NotImplemented``, and is
refused.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from types import MethodType
from typing import TYPE_CHECKING, Any

from ..ir.types import BOOL, COMPLEX, FLOAT, NEVER, ArrayType, IntType, ListType, ObjectType, ScalarType, Type, options
from ..ops.effects import LOAD
from .classes import class_of
from .heap import type_of
from .tracer import BINARY, COMPARISONS, Tracer

if TYPE_CHECKING:
    from .calls import Calls

UNARY: dict[str, Callable[..., Any]] = {
    "__len__": len, "__index__": operator.index, "__int__": int, "__float__": float, "__complex__": complex,
    "__bool__": bool, "__str__": str, "__repr__": repr, "__hash__": hash, "__abs__": abs, "__neg__": operator.neg,
    "__pos__": operator.pos, "__invert__": operator.invert, "__iter__": iter, "__reversed__": reversed,
}  # fmt: skip
OF_ITEMS: dict[str, tuple[Callable[..., Any], int]] = {
    "__getitem__": (operator.getitem, 1), "__setitem__": (operator.setitem, 2), "__delitem__": (operator.delitem, 1),
    "__contains__": (operator.contains, 1), "__format__": (format, 1),
}  # fmt: skip
IN_TWOS: dict[str, Callable[..., Any]] = {
    **{f"__{name}__": getattr(operator, name) for name in COMPARISONS},
    **{f"__{name}__": getattr(operator, name if hasattr(operator, name) else f"{name}_") for name in BINARY},
    **{f"__i{name}__": getattr(operator, f"i{name}") for name in BINARY},
}


def is_special_method(function: Any) -> bool:
    """Whether ``function`` is a method of what is known only when the graph runs, found by its own name."""
    return isinstance(function, MethodType) and isinstance(function.__self__, Tracer)


def special_method(trace: Calls, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """A call of ``function``, of which ``is_special_method`` holds."""
    receiver, name = function.__self__, function.__name__
    found = options(receiver.graph_value.type)
    if any(isinstance(option, ObjectType) for option in found):
        return trace.call(trace.get_attribute(receiver, name), *args, **kwargs)
    classes = [class_of(option) for option in found]
    if all(cls is not None and not hasattr(cls, name) for cls in classes):
        return trace.apply(LOAD, receiver, name, type=NEVER)
    means, number = OF_ITEMS.get(name, (UNARY.get(name), 0))
    if means is None and len(args) == 1 and len(found) == 1 and _has_the_answer(found[0], type_of(args[0])):
        means, number = IN_TWOS.get(name), 1
    if means is None or kwargs or len(args) != number or not all(cls is None or hasattr(cls, name) for cls in classes):
        trace.refuse(
            f"The method '{name}' is called by its name.", fix="write the operator or the function that calls it"
        )
    return trace.call(means, receiver, *args)


def _has_the_answer(receiver: Type, other: Type) -> bool:
    """Whether an operator of these types is what the method of the first one gives."""
    numbers = isinstance(other, IntType) or other in (BOOL, FLOAT, COMPLEX)
    match receiver:
        case ArrayType():
            return numbers or isinstance(other, ArrayType | ScalarType)
        case ScalarType(dtype):
            return other == receiver or dtype.kind == "f" and other == FLOAT
        case IntType():
            return isinstance(other, IntType) or other == BOOL
        case ListType():
            return isinstance(other, ListType)
    return receiver in (FLOAT, COMPLEX) and numbers and (receiver == COMPLEX or other != COMPLEX)

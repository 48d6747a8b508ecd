"""Types with brackets, such as ``Optional[int]``, and ``auto()``: what is known of them while tracing."""

from __future__ import annotations

from typing import Any, NoReturn

from .current import current
from .tracer import Tracer, unwrap


class Auto:
    """``enum.auto()``: what it is follows from the members before it, when the class is made."""

    __slots__ = ()

    def _refuse(self, *operands: Any) -> NoReturn:
        current().refuse(
            "The value of auto() is used in the body of the class.", fix="write the number, or compute it in a method"
        )

    __or__ = __ror__ = __and__ = __rand__ = __xor__ = __rxor__ = __invert__ = _refuse
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __getattr__ = _refuse


Auto.__name__ = "auto"    # as Python's errors call it


def is_typing(value: Any) -> bool:
    """Whether ``value[...]`` is a type though ``value`` is no class: it is one of ``typing``'s, or has brackets."""
    return type(value).__module__ in ("typing", "types") and hasattr(type(value), "__getitem__")


def constant_of(trace: Any, value: Any) -> Any:
    """``value`` as Python's own code is given it: tuples and lists of what is known; else a tracer is in it."""
    if type(value) is tuple:
        return tuple([constant_of(trace, item) for item in value])
    known = trace.known_items(value) if isinstance(value, Tracer) else None
    return unwrap(value) if known is None else [constant_of(trace, item) for item in known]

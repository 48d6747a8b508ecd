"""Keyword arguments whose names are known only when the graph runs, as in ``f(x, **mapping)``.

Which parameters they are is asked of a function with the same parameters, which Python itself calls: so a name that
does not fit raises Python's own error.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

from ..ir.types import STR, Type
from .containers import ANY_DICT
from .effects import UNBOUND_VALUE
from .op import Op, Result


def _merged(function: str, only_text: bool, *parts: str | Mapping[str, Any]) -> dict[str, Any]:
    """All keywords of one call in their order: those of mappings, and ``None`` for each that is named by itself."""
    found: dict[str, Any] = {}
    for part in parts:
        for name, value in ({part: None} if isinstance(part, str) else part).items():
            if name in found:
                raise TypeError(f"{function} got multiple values for keyword argument '{name}'")
            found[name] = value
    if only_text and not all(isinstance(name, str) for name in found):
        raise TypeError("keywords must be strings")
    return found


@functools.lru_cache(maxsize=1024)
def _asked(parameters: str, name: str) -> Callable[..., dict[str, Any]]:
    """A function called ``name`` that takes ``parameters``, of which those with a default say so by ``=_``."""
    scope: dict[str, Any] = {"_": UNBOUND_VALUE}
    exec(f"def asked({parameters}): pass", scope)
    asked = scope["asked"]
    asked.__qualname__ = name
    return asked


def _taken(
    parameters: str, name: str, number: int, names: tuple[str, ...], keywords: Mapping[str, Any]
) -> dict[str, Any]:
    """Those of ``keywords`` that are parameters, beside ``number`` arguments and those called ``names``."""
    asked = _asked(parameters, name)
    asked(*[None] * number, **keywords)
    return {key: value for key, value in keywords.items() if key in _named(asked) and key not in names}


def _left(parameters: str, name: str, keywords: Mapping[str, Any]) -> dict[str, Any]:
    """Those of ``keywords`` that are no parameters, which ``**`` collects."""
    return {key: value for key, value in keywords.items() if key not in _named(_asked(parameters, name))}


def _named(function: Any) -> tuple[str, ...]:
    """The parameters that a keyword can be."""
    code = function.__code__
    return code.co_varnames[code.co_posonlyargcount : code.co_argcount + code.co_kwonlyargcount]


def _formatted(text: str, items: tuple[Any, ...], keywords: Mapping[str, Any]) -> str:
    return text.format(*items, **keywords)


def _gives(type: Type) -> Callable[..., Type]:
    return lambda *args: type


MERGED_KEYWORDS = Op("keywords.merged", lambda xp: _merged, _gives(ANY_DICT), result=Result.VIEW)
TAKEN_KEYWORDS = Op("keywords.taken", lambda xp: _taken, _gives(ANY_DICT), result=Result.VIEW)
LEFT_KEYWORDS = Op("keywords.left", lambda xp: _left, _gives(ANY_DICT), result=Result.VIEW)
FORMATTED = Op("keywords.formatted", lambda xp: _formatted, _gives(STR))

OPS = (MERGED_KEYWORDS, TAKEN_KEYWORDS, LEFT_KEYWORDS, FORMATTED)

"""Immutable records, as ``dataclass(frozen=True, slots=True)`` makes them, but quick to define and to make.

A frozen dataclass compiles six methods one by one, and the many of this package took a third of the time of importing
it. Here what depends on the fields is compiled at once, and the rest is shared. ``replace``, ``fields``, ``match`` and
copying work as usual.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, FrozenInstanceError, dataclass, field, fields
from typing import Any, TypeVar, dataclass_transform, overload

C = TypeVar("C", bound=type)
COMPARISON = """
def __eq__(self, other):
    return {self} == {other} if other.__class__ is self.__class__ else NotImplemented
def __hash__(self):
    return hash({self})
"""


@overload
@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(cls: C) -> C: ...
@overload
def record(*, eq: bool = True) -> Callable[[C], C]: ...
def record(cls: Any = None, *, eq: bool = True) -> Any:
    """Make ``cls`` a frozen dataclass with slots; with ``eq=False`` its instances are compared by identity.

    A class that defines ``__eq__`` or ``__repr__`` keeps it.
    """
    return _record(cls, eq) if cls is not None else lambda decorated: _record(decorated, eq)


def _record(cls: type, eq: bool) -> type:
    made: Any = dataclass(init=False, repr=False, eq=False, slots=True)(cls)
    source, scope = _init(made)
    compared = eq and "__eq__" not in vars(cls)
    exec(source + _comparison(made) if compared else source, scope)
    made.__init__ = scope["__init__"]
    if compared:
        made.__eq__, made.__hash__ = scope["__eq__"], scope["__hash__"]
    if "__repr__" not in vars(cls):
        made.__repr__ = _repr
    made.__reduce__ = _reduce
    made.__setattr__ = made.__delattr__ = _refuse
    return made


def _init(cls: Any) -> tuple[str, dict[str, Any]]:
    """``__init__(self, name=default, ...)`` and its globals.  It sets slots by their descriptors, past ``_refuse``."""
    parameters, lines, scope = ["self"], [], {}
    for part in fields(cls):
        name, value = part.name, part.name
        scope[f"set_{name}"] = getattr(cls, name).__set__
        if part.default_factory is not MISSING:
            scope[f"default_{name}"], scope[f"make_{name}"] = MISSING, part.default_factory
            value = f"make_{name}() if {name} is default_{name} else {name}"
        elif part.default is not MISSING:
            scope[f"default_{name}"] = part.default
        parameters.append(f"{name}=default_{name}" if f"default_{name}" in scope else name)
        lines.append(f"    set_{name}(self, {value})\n")
    return f"def __init__({', '.join(parameters)}):\n{''.join(lines) or '    pass'}", scope


def _comparison(cls: Any) -> str:
    names = [part.name for part in fields(cls) if part.compare]
    return COMPARISON.format(**{whose: f"({''.join(f'{whose}.{name}, ' for name in names)})"
                                for whose in ("self", "other")})


def _repr(self: Any) -> str:
    shown = [f"{part.name}={getattr(self, part.name)!r}" for part in fields(self) if part.repr]
    return f"{type(self).__qualname__}({', '.join(shown)})"


def _reduce(self: Any) -> tuple[Any, ...]:
    return type(self), tuple([getattr(self, part.name) for part in fields(self)])


def _refuse(self: Any, name: str, value: Any = None) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")

"""The methods that ``dataclasses`` makes, as functions with a source.

``dataclasses`` executes text that it does not keep. The same functions are written out here from the fields of the
class, so that they can be converted and traced like any other.
"""

from __future__ import annotations

import dataclasses
import inspect
import itertools
import linecache
import sys
import types
import weakref
from collections.abc import Sequence
from typing import Any

MADE = "<string>"  # the file name of what dataclasses compiles
BY_IDENTITY_FIRST = sys.version_info >= (3, 13)  # how __eq__ begins
# The kinds of what a dataclass declares beside fields: arguments of __init__, attributes of the class.
INIT_ONLY, OF_CLASS = (getattr(dataclasses, kind) for kind in ("_FIELD_INITVAR", "_FIELD_CLASSVAR"))
ORDER = {"__lt__": "<", "__le__": "<=", "__gt__": ">", "__ge__": ">="}

_written: weakref.WeakKeyDictionary[types.FunctionType, types.FunctionType] = weakref.WeakKeyDictionary()
_numbers = itertools.count(1)


class Missing:
    """Stands for an argument that was not given, where a factory makes the default."""


def is_made(function: types.FunctionType) -> bool:
    """Whether ``dataclasses`` made a function."""
    return inspect.unwrap(function).__code__.co_filename == MADE


def is_made_for(cls: type, name: str) -> bool:
    """Whether ``dataclasses`` made the method ``name`` of a class."""
    function = getattr(cls, name, None)
    return isinstance(function, types.FunctionType) and dataclasses.is_dataclass(cls) and is_made(function)


def written(owner: type, name: str, function: types.FunctionType) -> types.FunctionType | None:
    """A function with a source that does what the method ``name`` of the dataclass ``owner`` does; None for others."""
    if not dataclasses.is_dataclass(owner) or not is_made(function):
        return None
    found = _written.get(function)
    if found is None:
        text, names = _text(owner, name, function)
        if text is None:
            return None
        found = _written[function] = _compiled(owner, name, text, names)
        _set_defaults(found, function)
    return found


def _text(owner: type, name: str, function: types.FunctionType) -> tuple[str | None, dict[str, Any]]:
    fields = dataclasses.fields(owner)
    if name == "__init__":
        return _init(owner, function)
    if name == "__eq__":
        return _comparison(name, "==", [field.name for field in fields if field.compare]), {}
    if name in ORDER:
        return _comparison(name, ORDER[name], [field.name for field in fields if field.compare]), {}
    if name == "__hash__":
        hashed = [field.name for field in fields if (field.compare if field.hash is None else field.hash)]
        return f"def __hash__(self):\n    return hash({_tuple('self', hashed)})\n", {}
    if name == "__repr__":
        shown = ", ".join([f"{field.name}={{self.{field.name}!r}}" for field in fields if field.repr])
        return f'def __repr__(self):\n    return type(self).__qualname__ + f"({shown})"\n', {}
    if name in ("__setattr__", "__delattr__"):
        return _frozen(name, [field.name for field in fields]), {"owner": owner}
    return None, {}


def _init(owner: type, function: types.FunctionType) -> tuple[str, dict[str, Any]]:
    names: dict[str, Any] = {"Missing": Missing}
    parameters = list(inspect.signature(function).parameters.values())
    own = parameters[0].name
    lines = [f"def __init__({_signature(parameters)}):"]
    is_frozen = owner.__dataclass_params__.frozen
    given = []
    for field in owner.__dataclass_fields__.values():
        kind = field._field_type
        if kind is OF_CLASS:
            continue
        value = field.name
        if field.default_factory is not dataclasses.MISSING:
            names[f"make_{field.name}"] = field.default_factory
            value = f"make_{field.name}()"
            if field.init:
                value += f" if {field.name} is Missing else {field.name}"
        elif not field.init:
            if not (hasattr(owner, "__slots__") and field.default is not dataclasses.MISSING):
                continue
            names[f"default_{field.name}"] = field.default
            value = f"default_{field.name}"
        if kind is INIT_ONLY:
            given.append(field.name)
        elif is_frozen:
            lines.append(f"    object.__setattr__({own}, {field.name!r}, {value})")
        else:
            lines.append(f"    {own}.{field.name} = {value}")
    if hasattr(owner, "__post_init__"):
        lines.append(f"    {own}.__post_init__({', '.join(given)})")
    if len(lines) == 1:
        lines.append("    pass")
    return "\n".join(lines) + "\n", names


def _signature(parameters: Sequence[inspect.Parameter]) -> str:
    parts, has_star = [], False
    for parameter in parameters:
        if parameter.kind is parameter.KEYWORD_ONLY and not has_star:
            parts.append("*")
            has_star = True
        parts.append(parameter.name + ("" if parameter.default is parameter.empty else "=None"))
    return ", ".join(parts)


def _set_defaults(made: types.FunctionType, function: types.FunctionType) -> None:
    """The defaults of ``function``, which has an object of its own for those that a factory makes."""
    absent = getattr(dataclasses, "_HAS_DEFAULT_FACTORY", None)

    def default(value: Any) -> Any:
        return Missing if value is absent else value

    if function.__defaults__:
        made.__defaults__ = tuple(map(default, function.__defaults__))
    if function.__kwdefaults__:
        made.__kwdefaults__ = {name: default(value) for name, value in function.__kwdefaults__.items()}


def _tuple(owner: str, names: Sequence[str]) -> str:
    return "(" + "".join([f"{owner}.{name}, " for name in names]).rstrip() + ")"


def _comparison(name: str, symbol: str, names: Sequence[str]) -> str:
    lines = [f"def {name}(self, other):"]
    test = f"{_tuple('self', names)} {symbol} {_tuple('other', names)}"
    if symbol == "==" and BY_IDENTITY_FIRST:
        lines += ["    if self is other:", "        return True"]
        test = " and ".join([f"self.{name} == other.{name}" for name in names]) or "True"
    lines += ["    if type(other) is type(self):", f"        return {test}", "    return NotImplemented"]
    return "\n".join(lines) + "\n"


def _frozen(name: str, fields: Sequence[str]) -> str:
    what, rest = ("assign to", ", value") if name == "__setattr__" else ("delete", "")
    return (
        f"def {name}(self, name{rest}):\n"
        f"    if type(self) is owner or name in {tuple(fields)!r}:\n"
        f'        raise FrozenInstanceError(f"cannot {what} field {{name!r}}")\n'
        f"    super(owner, self).{name}(name{rest})\n"
    )


def _compiled(owner: type, name: str, text: str, names: dict[str, Any]) -> types.FunctionType:
    """The function that ``text`` defines, whose source can be found as that of any other."""
    filename = f"<dataclass {owner.__qualname__} {next(_numbers)}>"
    scope = {"FrozenInstanceError": dataclasses.FrozenInstanceError, "__name__": owner.__module__, **names}
    exec(compile(text, filename, "exec"), scope)
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    function = scope[name]
    function.__qualname__ = f"{owner.__qualname__}.{name}"
    return function

"""A user's classes in files: a name, bases and plain attributes, of which a stand-in is made where the module is not
there.

A graph needs no methods, since these were traced in place; it needs a class to make objects of, to raise, and to
compare with.  Those that a dataclass generates for comparing are generated again: built-in code may call them.
"""

from __future__ import annotations

import dataclasses
import sys
import types
from collections.abc import Mapping
from enum import Enum
from typing import Any, Generic, Protocol

import numpy as np

from ..ir import literals

COMPARED = "__compared__"    # of a dataclass: the fields that are compared, and what may be asked

Description = tuple[str, str, tuple[type, ...], dict[str, Any]]
_made: dict[tuple[Any, ...], type] = {}


def is_users(value: Any) -> bool:
    """Whether ``value`` is a class that is neither Python's, nor NumPy's, nor of this package."""
    if not isinstance(value, type):
        return False
    root = value.__module__.partition(".")[0]
    return root == "__main__" or root not in sys.stdlib_module_names and root not in ("numpy", "tograph")


def describe(cls: type) -> Description:
    """The module, name, bases and plain attributes of a class; the members of an Enum are its attributes."""
    if issubclass(cls, Enum):
        held = {name: member._value_ for name, member in cls.__members__.items()}
    else:
        held = {name: value for name, value in vars(cls).items() if not name.startswith("__") and _is_plain(value)}
        slots = vars(cls).get("__slots__")
        if slots is not None:
            held["__slots__"] = (slots,) if isinstance(slots, str) else tuple(slots)
        parameters = vars(cls).get("__dataclass_params__")
        if parameters is not None:
            fields = tuple([field.name for field in dataclasses.fields(cls) if field.compare])
            held[COMPARED] = fields, parameters.eq, parameters.order, parameters.frozen
    bases = tuple(base for base in cls.__bases__ if base not in (Generic, Protocol))
    return cls.__module__, cls.__qualname__, bases, held


def find(description: Description) -> type:
    """The class itself where it can be imported, else the one that stands in for it.

    Stand-ins are shared by all files that describe the class alike, so that the objects of one graph are what another
    takes.
    """
    module, name, _, _ = description
    try:
        found = literals.resolve(f"{module}:{name}")
    except (ImportError, AttributeError):
        return _stand_in(*description)
    return found if isinstance(found, type) else _stand_in(*description)


def _stand_in(module: str, name: str, bases: tuple[type, ...], held: Mapping[str, Any]) -> type:
    enumeration = any(issubclass(base, Enum) for base in bases)
    key = (module, name, bases, tuple(held.items()) if enumeration else held.get("__slots__"))
    if key not in _made:
        own = {"__module__": module, "__qualname__": name, literals.STAND_IN: True, **held}
        if not enumeration:
            own["__class_getitem__"] = classmethod(types.GenericAlias)  # it may have been generic

        def fill(names: Any) -> None:
            for attribute, value in own.items():
                names[attribute] = value

        made = types.new_class(name.rpartition(".")[2], bases, exec_body=fill)
        if COMPARED in held and "__slots__" not in held:
            fields, eq, order, frozen = held[COMPARED]
            made.__annotations__ = dict.fromkeys(fields, Any)
            dataclasses.dataclass(init=False, repr=False, eq=eq, order=order, unsafe_hash=eq and frozen)(made)
        _made[key] = made
    cls = _made[key]
    for attribute in held.keys() - vars(cls).keys():
        setattr(cls, attribute, held[attribute])
    return cls


def _is_plain(value: Any) -> bool:
    if type(value) is tuple:
        return all(map(_is_plain, value))
    return type(value) in (bool, int, float, complex, str, bytes, type(None)) or (
        isinstance(value, np.generic) and not value.dtype.hasobject)

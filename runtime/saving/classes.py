"""A user's classes in files: a name, bases and plain attributes, of which a stand-in is made where the module is not
there.

A graph needs no methods, since these were traced in place; it needs a class to make objects of, to raise, and to
compare with.  Those that a dataclass or a named tuple generates are generated again: built-in code may call them.  Of
some a graph asks whether the class has its own, since it then does itself what these do: a stand-in has them as well,
and they cannot be called.
"""

from __future__ import annotations

import collections
import dataclasses
import sys
import types
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Generic, Protocol

import numpy as np

from ..ir import literals
from ..tracing.dataclass_sources import is_made_for

COMPARED = "__compared__"    # of a dataclass: the fields that are compared, which methods it has for that
OWN_METHODS = "__own_methods__"  # those of ``ASKED_FOR`` that a class has: the names, with what is built in
OF_MEMBERS = "__of_members__"    # what the members of an enumeration hold beside their values
ASKED_FOR = ("__eq__", "__hash__", "derive", "split", "subgroup")
BUILT_IN = (types.WrapperDescriptorType, types.MethodDescriptorType, type(None))

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
        of_members = {name: _attributes(member) for name, member in cls.__members__.items()}
        if any(of_members.values()):
            held[OF_MEMBERS] = tuple(of_members.items())
    else:
        held = {name: value for name, value in vars(cls).items() if not name.startswith("__") and _is_plain(value)}
        slots = vars(cls).get("__slots__")
        if slots is not None:
            held["__slots__"] = (slots,) if isinstance(slots, str) else tuple(slots)
        parameters = vars(cls).get("__dataclass_params__")
        if parameters is not None:
            fields = tuple([field.name for field in dataclasses.fields(cls) if field.compare])
            is_hashed = "__hash__" in vars(cls) and is_made_for(cls, "__hash__")
            held[COMPARED] = fields, parameters.eq, parameters.order, is_hashed
        # An OSError takes its arguments apart where it is made, or in its ``__init__`` if a class has one of its own.
        asked_for = (*ASKED_FOR, "__init__") if issubclass(cls, OSError) else ASKED_FOR
        own = {name: vars(cls)[name] for name in asked_for if name in vars(cls) and not is_made_for(cls, name)}
        if own:
            held[OWN_METHODS] = tuple([(name, *([item] if isinstance(item, BUILT_IN) else []))
                                       for name, item in own.items()])
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
    told_apart = tuple(held.items()) if enumeration else (held.get("__slots__"), held.get(OWN_METHODS))
    key = (module, name, bases, told_apart)
    if key not in _made:
        own = {"__module__": module, "__qualname__": name, literals.STAND_IN: True, **held}
        if not enumeration:
            own["__class_getitem__"] = classmethod(types.GenericAlias)  # it may have been generic
        if tuple in bases and "_fields" in held:
            own["__repr__"] = collections.namedtuple(name.rpartition(".")[2], held["_fields"]).__repr__
        for method, *built_in in held.get(OWN_METHODS, ()):
            own[method] = built_in[0] if built_in else _not_there(f"{module}:{name}.{method}")

        def fill(names: Any) -> None:
            for attribute, value in own.items():
                names[attribute] = value

        made: Any = types.new_class(name.rpartition(".")[2], bases, exec_body=fill)
        if COMPARED in held:
            fields, eq, order, is_hashed = held[COMPARED]
            made.__annotations__ = dict.fromkeys(fields, Any)
            dataclasses.dataclass(init=False, repr=False, eq=eq, order=order, unsafe_hash=is_hashed)(made)
        for member, attributes in held.get(OF_MEMBERS, ()):
            for attribute, value in attributes:
                setattr(made[member], attribute, value)
        _made[key] = made
    cls = _made[key]
    for attribute in held.keys() - vars(cls).keys():
        setattr(cls, attribute, held[attribute])
    return cls


def _not_there(reference: str) -> Callable[..., Any]:
    """A method of a class that is not there."""

    def method(*args: Any, **kwargs: Any) -> Any:
        raise ImportError(f"the method {reference} is not there: its module cannot be imported")

    return method


def _attributes(member: Enum) -> tuple[tuple[str, Any], ...]:
    """What a member of an enumeration holds beside its value, where that is plain."""
    return tuple([(name, value) for name, value in vars(member).items()
                  if not (name.startswith("_") and name.endswith("_")) and _is_plain(value)])


def _is_plain(value: Any) -> bool:
    if type(value) is tuple:
        return all(map(_is_plain, value))
    return type(value) in (bool, int, float, complex, str, bytes, type(None)) or (
        isinstance(value, np.generic) and not value.dtype.hasobject)

"""Attributes that a class computes: properties, ``functools.cached_property``, and descriptors of the program's own."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..ir.types import UNBOUND, ConstantType, ObjectType, join, options
from ..ops.effects import LOAD_OWN
from .classes import class_attribute, has_user_method
from .heap import Loadable, joined, loadable
from .tracer import Namespace, Tracer, UserMethod

if TYPE_CHECKING:
    from .staging import Staging


class NotComputed:
    """Stands for a cached property that an object does not hold yet."""


def is_computed(found: Any) -> bool:
    """Whether ``found``, which a class says of a name, has a say in how the attribute is read, before all else."""
    if isinstance(found, (property, functools.cached_property)):
        return True
    kind = ObjectType(type(found))
    return has_user_method(kind, "__get__") or has_user_method(kind, "__set__") or has_user_method(kind, "__delete__")


def missing_part(found: property, cls: type, access: Callable[..., Any], *value: Any) -> AttributeError:
    """What ``access`` raises for a property of ``cls`` that has no function for it."""
    stand_in = type(cls.__name__, (), {"__qualname__": cls.__qualname__})()
    try:
        access(found, stand_in, *value)
    except AttributeError as error:
        return AttributeError(*error.args)
    raise AssertionError(f"{access} of {found} has a function")


def computed(trace: Staging, obj: Tracer, cls: type, name: str) -> Any:
    """``obj.name``, of which ``is_computed`` is true."""
    found, owner = class_attribute(cls, name)
    if isinstance(found, property):
        if found.fget is None:
            trace.raise_now(AttributeError(*missing_part(found, cls, property.__get__).args, name=name, obj=obj))
        return trace.call(found.fget, obj)
    if isinstance(found, functools.cached_property):
        return _own_or(trace, obj, name, lambda: _kept(trace, obj, name, trace.call(found.func, obj)))
    getter = class_attribute(type(found), "__get__")[0]
    method = UserMethod(getter, trace.class_variable(owner, name))
    if _decides(found):
        if getter is None:
            trace.refuse(
                f"'{cls.__name__}.{name}' is a descriptor that has no __get__.", fix="give its class a __get__"
            )
        return trace.call(method, obj, Namespace(cls))
    return _own_or(trace, obj, name, lambda: trace.call(method, obj, Namespace(cls)))


def stored_by(trace: Staging, obj: Tracer, cls: type, name: str, special: str) -> UserMethod | None:
    """The ``__set__`` or ``__delete__`` of the program's own for the attribute, if there is one."""
    found, owner = class_attribute(cls, name)
    if not has_user_method(ObjectType(type(found)), special):
        return None
    return UserMethod(class_attribute(type(found), special)[0], trace.class_variable(owner, name))


def _decides(descriptor: Any) -> bool:
    """Whether a descriptor comes before what the object itself holds."""
    return any(class_attribute(type(descriptor), special)[0] is not None for special in ("__set__", "__delete__"))


def _own_or(trace: Staging, obj: Tracer, name: str, compute: Any) -> Any:
    """What the object itself holds, or else what ``compute`` gives."""
    item = trace.attribute_of(obj, name)
    held = loadable(item)
    bound = [option for option in options(held.type) if option != UNBOUND]
    if not bound:
        return compute()
    if not isinstance(item, Loadable) or len(bound) == len(options(held.type)):
        return trace.held_attribute(obj, name, item)
    own = Loadable(join(*bound), held.refs)
    absent = Loadable(ConstantType(NotComputed))
    found = trace.loaded(LOAD_OWN, joined([own, absent]), obj, name, NotComputed)
    return trace.if_(trace.is_(found, NotComputed), compute, lambda: trace.narrowed(found, own.type), (), ())


def _kept(trace: Staging, obj: Tracer, name: str, value: Any) -> Any:
    trace.store_plain(obj, name, value)
    return value

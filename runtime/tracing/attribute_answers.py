"""``getattr``, ``setattr`` and ``hasattr``: which attribute is asked for is known, whether it is there may not be.

Of a value that may be of several classes, the class decides when the graph runs; what follows a test by ``hasattr``
knows the answer.  Of an exception of which only a base class is known, Python is asked.
"""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType, MemberDescriptorType, ModuleType
from typing import TYPE_CHECKING, Any, NoReturn

from ..ir.type_text import describe_type
from ..ir.types import UNBOUND, AnyType, ConstantType, ObjectType, SetType, Type, join, options
from ..ops.attributes import DIRECTORY
from ..ops.closures import is_record
from ..ops.effects import HAS_ATTRIBUTE, OF_CLASS
from . import library
from .answers import answers
from .class_making import is_users
from .classes import class_attribute, class_of, has_user_method
from .heap import fitting, loadable, type_of
from .trace import is_user_namespace
from .tracer import Method, Namespace, Tracer, unwrap, with_facts

if TYPE_CHECKING:
    from .staging import Staging


def _check_name(trace: Staging, name: Any) -> None:
    if isinstance(name, Tracer):
        trace.name_is_needed()
        trace.refuse(
            "The name of an attribute is known only when the graph runs.", fix="write an 'if' for each name it may be"
        )
    if not isinstance(name, str):
        trace.raise_now(TypeError(f"attribute name must be string, not '{type(name).__name__}'"))


@answers(getattr)
def _getattr(trace: Staging, obj: Any, name: str, *default: Any) -> Any:
    _check_name(trace, name)
    if isinstance(obj, Method):
        obj.refuse_attribute(name)
    getter = trace.attribute_maker(obj, name) or _computing(obj, name) if default else None
    if getter is not None:
        return trace.call(library.attribute_or, getter, obj, name, default[0])
    flag = not default or _hasattr(trace, obj, name)
    if flag is False:
        return default[0]
    if flag is True:
        return trace.of_constants(getattr, obj, name)
    return trace.if_expr(flag, lambda: trace.of_constants(getattr, obj, name), lambda: default[0])


@answers(setattr)
def _setattr(trace: Staging, obj: Any, name: str, value: Any) -> None:
    _check_name(trace, name)
    trace.of_constants(setattr, obj, name, value)


@answers(hasattr)
def _hasattr(trace: Staging, obj: Any, name: str) -> Any:
    _check_name(trace, name)
    if isinstance(obj, Method):
        obj.refuse_attribute(name)
    if isinstance(obj, Namespace) and isinstance(unwrap(obj), type):
        return trace.has_class_attribute(unwrap(obj), name)
    if isinstance(obj, Namespace) and isinstance(unwrap(obj), FunctionType):
        return hasattr(FunctionType, name) or trace.has_variable(unwrap(obj), name)
    if not isinstance(obj, Tracer):
        return hasattr(unwrap(obj), name)
    getter = trace.attribute_maker(obj, name) or _computing(obj, name)
    if getter is not None:
        return trace.call(library.has_attribute, getter, obj, name)
    found = options(obj.graph_value.type)
    classes = [option.cls for option in found if isinstance(option, ObjectType)]
    if 1 < len(found) == len(classes) and any(isinstance(class_attribute(cls, name)[0], property) for cls in classes):
        return trace.by_class(obj, lambda one: trace.call(hasattr, one, name))
    parts: dict[bool, list[Type]] = {True: [], False: []}
    for option in found:
        answer = _has(trace, Tracer(obj.graph_value, fitting(obj.graph_refs, option)), option, name)
        if answer is None and len(found) == 1:
            return trace.apply(HAS_ATTRIBUTE, obj, name)
        if answer is None:
            _refuse(trace, name)
        parts[answer].append(option)
    if not parts[True] or not parts[False]:
        return bool(parts[True])
    classes = [class_of(option) for option in parts[True]]
    if any(cls is None for cls in map(class_of, found)) or {*classes} & {*map(class_of, parts[False])}:
        _refuse(trace, name)
    return with_facts(trace.apply(OF_CLASS, obj, tuple(classes)), (obj, join(*parts[True]), join(*parts[False])))


def _computing(obj: Any, name: str) -> Callable[..., Any] | None:
    """``getattr`` where a property of the program's says whether there is an attribute."""
    type_ = type_of(obj)
    found = class_attribute(type_.cls, name)[0] if isinstance(type_, ObjectType) else None
    return getattr if isinstance(found, property) and is_users(found.fget) else None


def _has(trace: Staging, obj: Tracer, option: Type, name: str) -> bool | None:
    """Whether ``obj``, of the type ``option``, has the attribute; None where only Python can tell."""
    if isinstance(option, AnyType):
        _refuse(trace, name)
    if isinstance(option, ConstantType):
        return hasattr(option.value, name)
    if not isinstance(option, ObjectType):
        classes = (set, frozenset) if isinstance(option, SetType) else (class_of(option),)
        found = {None if cls is None else hasattr(cls, name) for cls in classes}
        return found.pop() if len(found) == 1 else None
    found, owner = class_attribute(option.cls, name)
    if owner is not None and not isinstance(found, MemberDescriptorType):
        if trace.may_lack(owner, name):
            _refuse(trace, name)
        return True
    exact = [thing for thing in obj.graph_refs if thing.is_exact]
    if len(exact) < len(obj.graph_refs) or not obj.graph_refs:
        if any(is_user_namespace(thing.cls) for thing in exact) or is_user_namespace(option.cls):
            _refuse(trace, name)
        return None
    held = options(loadable(trace.attribute_of(obj, name)).type)
    return None if UNBOUND in held and len(held) > 1 else UNBOUND not in held


def _refuse(trace: Staging, name: str) -> NoReturn:
    trace.refuse(
        f"Whether there is an attribute '{name}' is known only when the graph runs.",
        fix=f"set it on every path, to None where there is none, and write: if obj.{name} is not None",
    )


@answers(dir)
def _dir(trace: Staging, value: Any) -> Any:
    for option in options(type_of(value)):
        if isinstance(option, ConstantType) and isinstance(option.value, ModuleType):
            continue
        cls = option.value if isinstance(option, ConstantType) else class_of(option)
        is_known = isinstance(cls, type) and not any(base in trace.made_classes for base in cls.__mro__)
        if not is_known or has_user_method(option, "__dir__") or is_record(option):
            trace.refuse(
                "What dir() says of this is not known in a graph.",
                [("it is", describe_type(option))],
                fix="name the attributes",
            )
    return trace.apply(DIRECTORY, value)

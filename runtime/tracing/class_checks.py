"""``isinstance`` and ``issubclass``: of what types say of the classes of values, and what classes say of themselves.

A class may say by its metaclass which objects are its instances, a protocol by the attributes that it names; the first
is traced, the second asks for each attribute.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from ..errors import TographError
from ..ir.types import NEVER, ArrayType, DictType, IntType, ListType, ObjectType, join, options
from ..ops import TABLE
from ..ops.closures import MISFIT
from .answers import answers
from .class_making import is_users
from .classes import class_attribute, class_of
from .heap import refs_of, type_of
from .trace import is_user_namespace
from .tracer import Namespace, Tracer, UserMethod, unwrap, with_facts

if TYPE_CHECKING:
    from .staging import Staging

NO_CLASSES = (ListType, DictType, ArrayType, IntType, ObjectType)
NOT_FOR_CHECKS = "Instance and class checks can only be used with @runtime_checkable protocols"


@answers(isinstance)
def _isinstance(trace: Staging, value: Any, classes: Any) -> Any:
    parts = [*_parts(classes)]
    _check_hooks(trace, classes)
    if len(parts) > 1 and any(map(_says_itself, parts)):
        return _any_of(trace, _isinstance, value, parts)
    wanted = _plain(classes)
    if typing.get_origin(wanted) is typing.Union and any(is_users(_of_class(part, "__subclasscheck__"))
                                                         for part in _parts_of_union(wanted)):  # fmt: skip
        return _issubclass(trace, trace.call(type, value), wanted)
    if _says_itself(wanted):
        return _as_it_says(trace, value, wanted)
    if isinstance(classes, Tracer) and isinstance(type_of(classes), NO_CLASSES):
        trace.apply(MISFIT, isinstance, value, classes, type=NEVER)
    if isinstance(value, Namespace):
        return isinstance(value.graph_target, wanted)
    found = [class_of(option) for option in options(type_of(value))]
    for cls in found:
        if cls is not None and is_user_namespace(class_attribute(cls, "__class__")[1]):
            trace.refuse(f"Objects of the class '{cls.__name__}' say themselves what their class is.",
                         fix="ask for a method or an attribute of theirs")  # fmt: skip
    if any(cls is None for cls in found) or any(not thing.is_exact for thing in refs_of(value)):
        return trace.apply(TABLE.by_name["isinstance"], value, wanted)
    answers = {trace.of_constants(_is_of, cls, wanted) for cls in found}
    if len(answers) == 1:
        return answers.pop()
    sides = {True: [], False: []}
    for option in options(type_of(value)):
        sides[issubclass(class_of(option) or object, wanted)].append(option)
    flag = trace.apply(TABLE.by_name["isinstance"], value, wanted)
    return with_facts(flag, (value, join(*sides[True]), join(*sides[False])))


def _plain(classes: Any) -> Any:
    """Classes as Python itself is given them."""
    return tuple(map(_plain, classes)) if type(classes) is tuple else unwrap(classes)


def _parts(classes: Any) -> Iterator[Any]:
    """The classes in tuples and in unions, in the order in which they are asked."""
    plain: Any = _plain(classes)
    if type(plain) is tuple or isinstance(plain, types.UnionType):
        inside: Any = getattr(plain, "__args__", plain)
        for part in inside:
            yield from _parts(part)
    else:
        yield plain


def _parts_of_union(classes: Any) -> Iterator[Any]:
    """The same, where the unions of ``typing`` are asked part by part, too."""
    for part in _parts(classes):
        if typing.get_origin(part) is typing.Union:
            yield from _parts_of_union(part.__args__)
        else:
            yield part


def _check_hooks(trace: Staging, classes: Any) -> None:
    """Refuse classes that say which others count as derived from them: Python asks when it likes, and keeps that."""
    for cls in _parts_of_union(classes):
        if isinstance(cls, type) and is_users(class_attribute(cls, "__subclasshook__")[0]):
            trace.refuse(
                f"The class '{cls.__name__}' has a '__subclasshook__' of its own, which is not supported.",
                fix="derive the classes from it, or register them",
            )


def _any_of(trace: Staging, check: Callable[..., Any], asked: Any, parts: list[Any]) -> Any:
    """Whether ``check`` holds of ``asked`` and one of ``parts``; those after it are not asked."""
    first, *others = parts
    found = check(trace, asked, first)
    return trace.or_(found, lambda: _any_of(trace, check, asked, others)) if others else found


def _of_class(cls: Any, special: str) -> Any:
    """What the metaclass of ``cls`` says under the name ``special``."""
    return class_attribute(type(cls), special)[0]


def _is_of(cls: type, wanted: Any) -> bool:
    """What ``isinstance`` says of an instance of ``cls``."""
    try:
        return issubclass(cls, wanted)
    except TypeError as error:
        if isinstance(error, TographError):
            raise
        raise TypeError("isinstance() arg 2 must be a type, a tuple of types, or a union") from None


def _says_itself(wanted: Any) -> bool:
    """Whether a class says which objects are its instances."""
    if not isinstance(wanted, type):
        return False
    return is_users(_of_class(wanted, "__instancecheck__")) or _is_protocol(wanted)


def _is_protocol(wanted: type) -> bool:
    return bool(getattr(wanted, "_is_protocol", False)) and wanted is not typing.Protocol


def _as_it_says(trace: Staging, value: Any, wanted: Any) -> Any:
    classes = [class_of(option) for option in options(type_of(value))]
    if len(classes) == 1 and classes[0] is wanted:
        return True
    if not _is_protocol(wanted):
        check = _of_class(wanted, "__instancecheck__")
        return trace.truth(trace.call(UserMethod(check, Namespace(wanted)), value))
    if not getattr(wanted, "_is_runtime_protocol", False):
        trace.raise_now(TypeError(NOT_FOR_CHECKS))
    if any(wanted in cls.__mro__ for cls in classes if cls is not None) and len(classes) == 1:
        return True
    return _has_all(trace, value, wanted, _named_by(wanted))


def _has_all(trace: Staging, value: Any, wanted: Any, names: list[str]) -> Any:
    """Whether ``value`` has all of the attributes ``names``; None is no method."""
    if not names:
        return True
    name, *others = names

    def is_there() -> Any:
        if not callable(getattr(wanted, name, None)):
            return True
        return trace.is_not(trace.call(getattr, value, name), None)

    found = trace.both(trace.call(hasattr, value, name), is_there)
    return trace.both(found, lambda: _has_all(trace, value, wanted, others))


def _named_by(wanted: Any) -> list[str]:
    """The attributes that a protocol names, as ``typing`` finds them."""
    known = getattr(wanted, "__protocol_attrs__", None)
    if known is None:  # before 3.12 they are written down nowhere, and ``typing`` shows nobody how it finds them
        known = typing._get_protocol_attrs(wanted)  # pyright: ignore[reportAttributeAccessIssue]
    return sorted(known)


@answers(issubclass)
def _issubclass(trace: Staging, cls: Any, classes: Any) -> Any:
    parts = [*_parts_of_union(classes)]
    _check_hooks(trace, classes)
    if len(parts) > 1 and any(is_users(_of_class(part, "__subclasscheck__")) for part in parts):
        return _any_of(trace, _issubclass, cls, parts)
    wanted = _plain(classes)
    check = _of_class(wanted, "__subclasscheck__")
    if is_users(check):
        return trace.truth(trace.call(UserMethod(check, Namespace(wanted)), cls))
    if isinstance(cls, Tracer):
        return trace.apply(TABLE.by_name["issubclass"], cls, wanted)
    return trace.of_constants(issubclass, unwrap(cls), wanted)

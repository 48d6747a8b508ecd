"""What is called while a class is made: ``type`` and its methods, and the marks of ``abc``, ``enum`` and ``typing``.

The marks do not depend on data, so Python is asked while tracing.
"""

from __future__ import annotations

import abc
import collections
import dataclasses
import enum
import typing
from typing import TYPE_CHECKING, Any

from .answers import NAMED, answers
from .tracer import Namespace, Tracer, UserMethod, unwrap
from .typing_types import Auto, constant_of

if TYPE_CHECKING:
    from .staging import Staging


class _Plain(typing.Protocol):
    """A protocol that says nothing."""


PROTOCOL_INIT: Any = vars(_Plain)["__init__"]  # what ``typing`` gives to every protocol without one
OF_TYPES: tuple[Any, ...] = (typing.TypeVar, typing.ParamSpec, typing.TypeVarTuple, typing.NewType)
MARKS = (abc.abstractmethod, typing.final, typing.no_type_check, typing.overload)
OF_CLASSES = (typing.runtime_checkable, enum.unique)


@answers(type.__new__)
def _type_new(trace: Staging, metaclass: Any, *parts: Any, **keywords: Any) -> Any:
    return trace.class_by_call(type.__new__, metaclass, *parts, **keywords)


@answers(type.__init__)
def _type_init(trace: Staging, cls: Any, *parts: Any, **keywords: Any) -> None:
    return None


@answers(type.__call__)
def _type_call(trace: Staging, cls: Any, *args: Any, **kwargs: Any) -> Any:
    return trace.instance(unwrap(cls), args, kwargs)


@answers(type.__setattr__)
def _type_setattr(trace: Staging, cls: Any, name: str, value: Any) -> None:
    trace.store_in_namespace(unwrap(cls), name, value)


def _abc_new(trace: Staging, metaclass: Any, *parts: Any, **keywords: Any) -> Any:
    return trace.class_by_call(abc.ABCMeta.__new__, metaclass, *parts, **keywords)


NAMED["abc.ABCMeta.__new__"] = _abc_new


def _protocol_init(trace: Staging, obj: Any, *args: Any, **kwargs: Any) -> None:
    """The ``__init__`` of protocols, which leaves that to the next class that has another one."""
    cls = obj.graph_value.type.cls
    if cls._is_protocol:
        trace.raise_now(TypeError("Protocols cannot be instantiated"))
    inits = (vars(base).get("__init__") for base in cls.__mro__)
    init = next(found for found in inits if found not in (None, PROTOCOL_INIT))
    if init is not object.__init__:
        trace.call(UserMethod(init, obj), *args, **kwargs)
    elif args or kwargs:
        trace.raise_now(TypeError(f"{cls.__name__}() takes no arguments"))


NAMED[f"{PROTOCOL_INIT.__module__}.{PROTOCOL_INIT.__qualname__}"] = _protocol_init


# -- classes made by calls


for _make in (collections.namedtuple, dataclasses.make_dataclass, typing.NamedTuple, typing.TypedDict):
    answers(_make)(lambda trace, *args, make=_make, **kwargs: trace.class_made_by(make, *args, **kwargs))


# -- marks


for _kind in OF_TYPES:
    answers(_kind)(
        lambda trace, *args, kind=_kind, **kwargs: trace.of_constants(
            lambda: kind(*constant_of(trace, args), **{name: constant_of(trace, arg) for name, arg in kwargs.items()})
        )
    )
for _mark in MARKS:
    answers(_mark)(lambda trace, marked, mark=_mark: _marked(trace, mark, marked))
for _check in OF_CLASSES:
    answers(_check)(lambda trace, cls, check=_check: Namespace(trace.of_constants(check, unwrap(cls))))


def _marked(trace: Staging, mark: Any, marked: Any) -> Any:
    """What ``mark`` gives: ``marked`` itself, of which it notes something that no graph asks."""
    plain = trace.plain_function(marked)
    if isinstance(plain, Tracer):
        trace.refuse("What is marked here is known only when the graph runs.", fix="mark it where it is defined")
    made = trace.of_constants(mark, unwrap(plain))
    return marked if made is unwrap(plain) else made


@answers(enum.auto)
def _auto(trace: Staging) -> Auto:
    return Auto()


@answers(typing.cast)
def _cast(trace: Staging, kind: Any, value: Any) -> Any:
    return value

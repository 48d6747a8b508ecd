"""Classes that a call makes: their attributes, and that they do not leave the call.

What methods captured they hold as functions of the trace do, so they are traced where they are called. Attributes of
the class that are data may depend on the call: they are variables of one object that each trace makes. When the graph
runs a class serves only to make objects and to tell them apart, so neither it nor an object of it can outlive the call.
"""

from __future__ import annotations

import dataclasses
import functools
import types
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import EnumType
from typing import Any, NoReturn

from ..ir.types import ConstantType, ObjectType, TupleType, Type, options
from ..ops.effects import LOAD_OWN, UNBOUND_VALUE
from .answers import ANSWERS
from .class_making import STATIC, TO_THE_TOP, ClassMaking, Made, is_traced, is_users
from .classes import class_attribute, has_user_method
from .heap import HeapObject, Loadable, loadable, may_be_unbound, type_of
from .trace import LoopFrame, is_user_namespace
from .tracer import Namespace, Rule, Tracer, UserMethod, unwrap

OF_EVERY_CLASS = ("__bases__", "__base__", "__mro__", "__class__")
HARMLESS = ("__init__",)  # methods that nobody calls of an exception that left the call


class LocalClasses(ClassMaking):
    """The part of a trace that knows the classes it makes."""

    if_: Callable[..., Any]  # see staging
    is_bound: Callable[..., Any]
    bound: Callable[..., Any]
    read_super: Callable[..., Any]

    def dataclass(self, cls: Any = None, /, **settings: Any) -> Any:
        """``dataclasses.dataclass`` of a class that the call makes."""
        if cls is None:
            return Rule(lambda cls: self.dataclass(cls, **settings))
        cls = unwrap(cls)
        made = self.made_classes.get(cls)
        if made is None:
            self.refuse("A class of the module is made a dataclass in the call.", fix="decorate it where it is defined")
        if "__annotations__" in made.held:
            self._known_items(cls.__name__, self.held_by_class(cls, "__annotations__"))
        for field in cls.__dict__.get("__annotations__", {}):
            if field in made.held and is_traced(self.held_by_class(cls, field)):
                self.refuse(
                    f"The default of the field '{field}' is known only when the graph runs.",
                    fix="set it in __post_init__",
                )
        result = self.of_constants(lambda: dataclasses.dataclass(cls, **settings))
        self.made_classes[result] = dataclasses.replace(made, held=made.held & vars(result).keys())
        return Namespace(result)

    # -- attributes of the class

    def class_variable(self, owner: Any, name: str) -> Any:
        is_made = owner in self.made_classes
        return self.held_by_class(owner, name) if is_made else super().class_variable(owner, name)

    def held_by_class(self, owner: type, name: str) -> Any:
        """What is data of a class of the call; it may be without a value."""
        tracer = self.made_classes[owner].variables.graph_tracer
        item = self.attribute_of(tracer, name)
        if isinstance(item, Loadable) and not self.is_known_here(tracer):
            self._refuse_attribute(owner, name)
        if may_be_unbound(type_of(item)):
            return self.loaded(LOAD_OWN, loadable(item), tracer, name, UNBOUND_VALUE)
        return self.held_attribute(tracer, name, item)

    def may_lack(self, owner: Any, name: str) -> bool:
        """Whether some code before may have left a class of the call without an attribute that other code gives it."""
        made = self.made_classes.get(owner)
        return made is not None and name in made.held and may_be_unbound(type_of(self.held_by_class(owner, name)))

    def has_class_attribute(self, target: type, name: str) -> Any:
        """``hasattr(target, name)``"""
        owner = class_attribute(target, name)[1]
        if owner is not None and self.may_lack(owner, name):
            is_later = any(name in vars(base) for base in _after(target, owner))
            return self.if_(self.is_bound(self.held_by_class(owner, name)), lambda: True, lambda: is_later, (), ())
        if is_user_namespace(type(target)) and is_users(class_attribute(type(target), "__getattr__")[0]):
            self.refuse(
                f"Whether a class has the attribute '{name}' is asked of its metaclass.",
                fix="write it with 'try' and 'except AttributeError'",
            )
        return hasattr(target, name)

    def read_namespace(self, target: Any, name: str) -> Any:
        if not isinstance(target, type) or name in ("__name__", "__qualname__"):
            return super().read_namespace(target, name)
        if name == "__dict__":
            self.refuse(f"The dict of the class '{target.__name__}' is asked for.", fix="name its attributes")
        found, owner = class_attribute(target, name)
        if owner is None and is_user_namespace(type(target)):
            return self._of_metaclass(target, name)
        if name in OF_EVERY_CLASS:
            return self._shown(self.of_constants(getattr, target, name))
        if owner not in self.made_classes:
            return super().read_namespace(target, name)
        if name in self.made_classes[owner].held:
            then, otherwise = (functools.partial(use, target) for use in (self._bound_in_class, self._later_in_order))
            return self._if_bound(self.held_by_class(owner, name), name, then, lambda: otherwise(owner, name))
        if isinstance(found, staticmethod):
            return found.__func__
        return self.bound_to_class(found, target) if isinstance(found, classmethod) else self._shown(found)

    def _if_bound(self, item: Any, name: str, then: Callable[[Any], Any], otherwise: Callable[[], Any]) -> Any:
        if not may_be_unbound(type_of(item)):
            return then(item)
        return self.if_(self.is_bound(item), lambda: then(self.bound(item, name)), otherwise, (), ())

    def _bound_in_class(self, target: type, item: Any) -> Any:
        """An attribute that is data, as the class itself is asked for it."""
        kind = type_of(item)
        if not isinstance(kind, ObjectType) or not has_user_method(kind, "__get__"):
            return item
        return self.call(UserMethod(class_attribute(kind.cls, "__get__")[0], item), None, Namespace(target))

    def _later_in_order(self, target: type, owner: type, name: str) -> Any:
        """An attribute that ``owner`` turned out not to have."""
        if any(name in vars(base) for base in _after(target, owner)):
            return self.read_super(owner, Namespace(target), name)
        getter = class_attribute(type(target), "__getattr__")[0]
        if is_users(getter):
            return self.call(getter, Namespace(target), name)
        text = f"type object '{target.__name__}' has no attribute '{name}'"
        self.raise_now(AttributeError(text, name=name, obj=target))

    def _class_value(self, tracer: Tracer, cls: type, found: Any, kind: type, name: str) -> Any:
        made = self.made_classes.get(kind)
        if made is None or name not in made.held:
            return super()._class_value(tracer, cls, found, kind, name)

        def absent() -> Any:
            if any(name in vars(base) for base in _after(cls, kind)):
                return self.read_super(kind, tracer, name)
            text = f"'{cls.__name__}' object has no attribute '{name}'"
            self.raise_now(AttributeError(text, name=name, obj=tracer))

        return self._if_bound(self.held_by_class(kind, name), name, lambda item: item, absent)

    def _of_metaclass(self, target: type, name: str) -> Any:
        """What only the metaclass, one of the program's, says of a name."""
        found, owner = class_attribute(type(target), name)
        if owner is None:
            getter = class_attribute(type(target), "__getattr__")[0]
            if is_users(getter):
                return self.call(getter, Namespace(target), name)
        if owner is None or not is_user_namespace(owner):
            return super().read_namespace(target, name)
        if isinstance(found, property):
            return self.call(found.fget, Namespace(target))
        found = self.read_namespace(type(target), name)
        return UserMethod(found, Namespace(target)) if isinstance(found, types.FunctionType) else found

    def of_metaclass(self, value: Any, special: str) -> UserMethod | None:
        """The method of a class's own metaclass that answers for the class, if it has one."""
        target = unwrap(value)
        found = class_attribute(type(target), special)[0] if isinstance(target, type) else None
        return UserMethod(found, Namespace(target)) if is_users(found) else None

    def get_item(self, obj: Any, index: Any) -> Any:
        asked = self.of_metaclass(obj, "__getitem__")
        return super().get_item(obj, index) if asked is None else self.call(asked, index)

    def write_namespace(self, target: Any, name: str, value: Any) -> None:
        setter = class_attribute(type(target), "__setattr__")[0] if isinstance(target, type) else None
        if is_users(setter):
            self.call(setter, Namespace(target), name, value)
        else:
            self.store_in_namespace(target, name, value)

    def store_in_namespace(self, target: Any, name: str, value: Any) -> None:
        """``type.__setattr__(target, name, value)``, and the same of a module."""
        made = self.made_classes.get(target) if isinstance(target, type) else None
        if made is None:
            super().write_namespace(target, name, value)
            return
        if isinstance(target, EnumType) and name in target.__members__:
            self.of_constants(setattr, target, name, None)
        value = self.plain_function(value)
        kinds = [self.kind_of(option) for option in options(loadable(value).type)] if isinstance(value, Tracer) else []
        was_static = name in vars(target) and name not in made.held
        if "function" in kinds or (isinstance(value, STATIC) or was_static) and not self._is_where(made):
            self._refuse_attribute(target, name)
        if isinstance(value, STATIC):
            made.held.discard(name)
            self.of_constants(type.__setattr__, target, name, value)
        else:
            self.hold_in_class(target, name, value)

    def delete_namespace(self, target: Any, name: str) -> None:
        """``del target.name`` of a class or module."""
        made = self.made_classes.get(target) if isinstance(target, type) else None
        if is_users(class_attribute(type(target), "__delattr__")[0]):
            self.call(class_attribute(type(target), "__delattr__")[0], Namespace(target), name)
        elif isinstance(target, EnumType):
            self.of_constants(delattr, target, name)
        elif made is None:
            super().delete_namespace(target, name)
        elif name not in made.held:
            if not self._is_where(made):
                self._refuse_attribute(target, name)
            self.of_constants(type.__delattr__, target, name)
        else:
            held = self.held_by_class(target, name)
            missing = functools.partial(self.of_constants, type.__delattr__, type(target.__name__, (), {}), name)
            self._if_bound(held, name, lambda item: None, missing)
            setattr(made.variables, name, UNBOUND_VALUE)

    def _is_where(self, made: Made) -> bool:
        """Whether what is traced now runs exactly once after the class was made."""
        return self.block is made.block and tuple(self.loops) == made.loops

    def _refuse_attribute(self, cls: type, name: str) -> NoReturn:
        self.refuse(
            f"The attribute '{name}' of the class '{cls.__name__}', which is made in the call, cannot be used so here.",
            fix=TO_THE_TOP,
        )

    # -- what must not leave

    def check_made(self, value: Any, things: Iterable[HeapObject], how: str) -> None:
        """Refuse to let a class of the call, or an object of it, out of the call."""
        found = [*_classes_in(value)]
        for thing in things:
            found.append(thing.cls)
            state = self.heap.get(thing)
            if state is not None:
                for item in (state.item, state.key, *(state.known or {}).values()):
                    found += _classes_in(item)
        for cls in found:
            if isinstance(cls, type) and any(base in self.made_classes for base in cls.__mro__):
                self.refuse(
                    f"The class '{cls.__name__}' is made in this call: neither it nor an object of it can be {how}.",
                    fix=f"{TO_THE_TOP}, or return the values that the object holds",
                )

    def is_harmless(self, thing: HeapObject) -> bool:
        """Whether an exception may leave the call: its class says nothing by functions of the call."""
        return issubclass(thing.cls, BaseException) and not any(
            isinstance(found, STATIC) and name not in HARMLESS
            for base in thing.cls.__mro__
            if base in self.made_classes
            for name, found in vars(base).items()
        )

    def check_loop(self, frame: LoopFrame, things: Iterable[HeapObject]) -> None:
        """Refuse objects that outlive an iteration and their class, which each iteration makes anew."""
        for thing in things:
            for base in thing.cls.__mro__:
                if base in self.made_classes and frame in self.made_classes[base].loops:
                    self.refuse(
                        f"The class '{base.__name__}' is made in a loop, and an object of it is used in a later trip.",
                        fix="define the class in front of the loop",
                    )


def _after(cls: type, base: type) -> Sequence[type]:
    """What is asked for an attribute of ``cls`` after ``base``."""
    order = cls.__mro__
    return order[order.index(base) + 1 :]


def _classes_in(item: Any) -> Iterator[Any]:
    """The classes among what ``item`` is or may be, and those of which it may be an object."""
    if type(item) is tuple:
        for part in item:
            yield from _classes_in(part)
    elif isinstance(item, Namespace):
        yield from (unwrap(item), type(unwrap(item)))
    elif isinstance(item, (Tracer, Loadable)):
        yield from _classes_of(type_of(item))


def _classes_of(type_: Type) -> Iterator[Any]:
    for option in options(type_):
        if isinstance(option, TupleType):
            yield option.cls
            for part in option.items:
                yield from _classes_of(part)
        elif isinstance(option, ConstantType):
            yield from (option.value, type(option.value))
        elif isinstance(option, ObjectType):
            yield option.cls


for _descriptor in (property, staticmethod, classmethod, functools.cached_property):
    ANSWERS[_descriptor] = lambda trace, *args, kind=_descriptor, **kwargs: kind(
        *map(trace.plain_function, args), **{name: trace.plain_function(arg) for name, arg in kwargs.items()}
    )
ANSWERS[dataclasses.dataclass] = lambda trace, *args, **kwargs: trace.dataclass(*args, **kwargs)
ANSWERS[dataclasses.field] = lambda trace, **kwargs: trace.of_constants(
    lambda: dataclasses.field(**{name: unwrap(trace.plain_function(arg)) for name, arg in kwargs.items()})
)

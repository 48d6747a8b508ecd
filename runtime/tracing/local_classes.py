"""Classes that a call makes: real ones, made while tracing, whose methods are converted functions.

What methods captured they hold as functions of the trace do, so they are traced where they are called. Attributes of
the class that are data may depend on the call: they are variables of one object that each trace makes. When the graph
runs a class serves only to make objects and to tell them apart, so neither it nor an object of it can outlive the call.
"""

from __future__ import annotations

import dataclasses
import types
from abc import ABCMeta
from collections.abc import Iterable, Sequence
from enum import Enum
from typing import Any

from ..ir import literals
from ..ir.types import UNBOUND, ConstantType, ObjectType, options
from ..ops.effects import UNBOUND_VALUE
from ..records import record
from .answers import ANSWERS
from .attributes import SharedVariables
from .classes import class_attribute
from .closures import Closures
from .heap import HeapObject, Loadable, loadable, may_be_unbound
from .trace import LoopFrame
from .tracer import Namespace, Rule, Tracer, is_tracer, unwrap

STATIC = (types.FunctionType, property, staticmethod, classmethod, dataclasses.Field)
HARMLESS = ("__init__",)  # methods that nobody calls of an exception that left the call
_TO_THE_TOP = "move the class to the top of the file"


class Traced:
    """Stands in a class for an attribute that depends on the call."""


@record(eq=False)
class Made:
    """A class of the call: its attributes that are data, and the loops in which it is made."""

    variables: SharedVariables
    held: set[str]
    loops: tuple[LoopFrame, ...]


class LocalClasses(Closures):
    """The part of a trace that makes classes."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.made_classes: dict[type, Made] = {}

    def class_(
        self,
        name: str,
        qualified: str,
        module: str,
        bases: Sequence[Any],
        attributes: Sequence[tuple[str, Any]],
        annotations: Sequence[tuple[str, str]],
    ) -> Namespace:
        """A ``class`` statement."""
        parents = tuple(map(unwrap, bases))
        for base in parents:
            self._check_base(name, base)
        body: dict[str, Any] = {"__module__": module, "__qualname__": qualified}
        if all((cls.__module__, cls.__qualname__) != (module, qualified) for cls in self.made_classes):
            body[literals.STAND_IN] = True  # its name alone says in a file which class is meant
        if annotations:
            body["__annotations__"] = dict(annotations)
        held = {}
        for key, value in attributes:
            if value is UNBOUND_VALUE:
                continue
            value = self._attribute(name, key, value)
            if not isinstance(value, STATIC):
                held[key] = value
            body[key] = Traced if _is_traced(value) else value
        cls = self.of_constants(lambda: types.new_class(name, parents, {}, lambda space: space.update(body)))
        if self.loops:
            found = self.loops[-1].again(("class", self.places.path()), cls)
            if found.__bases__ == cls.__bases__:
                cls = _renewed(found, body)
        variables = self.scope()
        for key, value in held.items():
            setattr(variables, key, value)
        self.made_classes[cls] = Made(variables, set(held), tuple(self.loops))
        return Namespace(cls)

    def _check_base(self, name: str, base: Any) -> None:
        if (
            not isinstance(base, type)
            or type(base) not in (type, ABCMeta)
            or issubclass(base, Enum)
            or isinstance(class_attribute(base, "__init_subclass__")[0], (types.FunctionType, classmethod))
        ):
            shown = base.__name__ if hasattr(base, "__name__") else "this"
            self.refuse(
                f"The class '{name}' is made in the call and derived from {shown}, which is not supported.",
                fix=_TO_THE_TOP,
            )

    def _attribute(self, name: str, key: str, value: Any) -> Any:
        """What stands in the class: of a function itself, not its record."""
        value = self.plain_function(value)
        if isinstance(value, Tracer):
            if may_be_unbound(value.graph_value.type):
                self.refuse(
                    f"Whether the class '{name}' has '{key}' is known only when the graph runs.",
                    fix="give it a value in front of the loop or branch, or in both branches",
                )
            for option in options(value.graph_value.type):
                is_object = isinstance(option, ObjectType)
                if is_object and self.kind_of(option) in ("", "function") and any(
                    class_attribute(option.cls, special)[0] is not None for special in ("__get__", "__set_name__")
                ) or self.kind_of(option) == "function":
                    self.refuse(
                        f"What '{key}' of the class '{name}' is bound to is known only when the graph runs.",
                        fix="define the method in the class, and choose inside of it",
                    )
        return unwrap(value) if isinstance(value, Namespace) else value

    def dataclass(self, cls: Any = None, /, **settings: Any) -> Any:
        """``dataclasses.dataclass`` of a class that the call makes."""
        if cls is None:
            return Rule(lambda cls: self.dataclass(cls, **settings))
        cls = unwrap(cls)
        made = self.made_classes.get(cls)
        if made is None:
            self.refuse("A class of the module is made a dataclass in the call.", fix="decorate it where it is defined")
        for field in cls.__dict__.get("__annotations__", {}):
            if vars(cls).get(field) is Traced:
                self.refuse(
                    f"The default of the field '{field}' is known only when the graph runs.",
                    fix="set it in __post_init__",
                )
        result = self.of_constants(lambda: dataclasses.dataclass(cls, **settings))
        self.made_classes[result] = dataclasses.replace(made, held=made.held & vars(result).keys())
        return Namespace(result)

    # -- attributes of the class

    def read_namespace(self, target: Any, name: str) -> Any:
        owner = class_attribute(target, name)[1] if isinstance(target, type) else None
        made = self.made_classes.get(owner) if owner is not None else None
        if made is None or name not in vars(owner):
            return super().read_namespace(target, name)
        if name in made.held:
            tracer = made.variables.graph_tracer
            item = self.attribute_of(tracer, name)
            if not self.is_known_here(tracer) or UNBOUND in options(loadable(item).type):
                self._refuse_attribute(target, name)
            return self.held_attribute(tracer, name, item)
        found = vars(owner)[name]
        if isinstance(found, staticmethod):
            return found.__func__
        return self.bound_to_class(found, target) if isinstance(found, classmethod) else found

    def write_namespace(self, target: Any, name: str, value: Any) -> None:
        made = self.made_classes.get(target)
        if made is None:
            super().write_namespace(target, name, value)
            return
        types_ = [self.kind_of(option) for option in options(loadable(value).type)] if is_tracer(value) else []
        if "function" in types_ or isinstance(value, STATIC) or name in vars(target) and name not in made.held:
            self._refuse_attribute(target, name)
        made.held.add(name)
        setattr(target, name, Traced)
        setattr(made.variables, name, value)

    def _refuse_attribute(self, cls: type, name: str) -> None:
        self.refuse(
            f"The attribute '{name}' of the class '{cls.__name__}', which is made in the call, cannot be used so here.",
            fix=_TO_THE_TOP,
        )

    # -- what must not leave

    def check_made(self, value: Any, things: Iterable[HeapObject], how: str) -> None:
        """Refuse to let a class of the call, or an object of it, out of the call."""
        found = [unwrap(item) for item in (value if type(value) is tuple else (value,)) if isinstance(item, Namespace)]
        for thing in things:
            found.append(thing.cls)
            state = self.heap.get(thing)
            if state is not None:
                for item in (state.item, state.key, *(state.known or {}).values()):
                    found += _constants(item)
        for cls in found:
            if isinstance(cls, type) and any(base in self.made_classes for base in cls.__mro__):
                self.refuse(
                    f"The class '{cls.__name__}' is made in this call: neither it nor an object of it can be {how}.",
                    fix=f"{_TO_THE_TOP}, or return the values that the object holds",
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


def _is_traced(value: Any) -> bool:
    if type(value) is tuple:
        return any(map(_is_traced, value))
    return isinstance(value, Tracer)


def _constants(item: Any) -> list[Any]:
    if isinstance(item, Namespace):
        return [unwrap(item)]
    if isinstance(item, Loadable):
        return [option.value for option in options(item.type) if isinstance(option, ConstantType)]
    return []


def _renewed(cls: type, body: dict[str, Any]) -> type:
    """The class of a place in a loop, with the functions that are made in this round."""
    for key, value in body.items():
        setattr(cls, key, value)
    return cls


for _descriptor in (property, staticmethod, classmethod):
    ANSWERS[_descriptor] = lambda trace, *args, kind=_descriptor, **kwargs: kind(
        *map(trace.plain_function, args), **{name: trace.plain_function(arg) for name, arg in kwargs.items()}
    )
ANSWERS[dataclasses.dataclass] = lambda trace, *args, **kwargs: trace.dataclass(*args, **kwargs)
ANSWERS[dataclasses.field] = lambda trace, **kwargs: trace.of_constants(
    lambda: dataclasses.field(**{name: unwrap(trace.plain_function(arg)) for name, arg in kwargs.items()})
)

"""Instances: what a call of a class makes, what ``super()`` finds, and what ``bool`` and ``len`` make of an object."""

from __future__ import annotations

import functools
import types
from collections.abc import Callable
from enum import Enum
from inspect import isabstract
from typing import Any, Generic, TypeVar, is_typeddict

from ..array_packages import belongs_to_package
from ..ir.dims import is_nonnegative
from ..ir.types import ANY, BOOL, NONE, IntType, ObjectType, options
from ..ops import TABLE
from ..ops.collections import base_of
from ..ops.effects import ALLOCATE, ALLOCATE_BY, ANSWER, INITIALISE, LENGTH, NEW, RESULT_OF_INIT
from .class_making import is_users
from .classes import class_attribute, is_container, is_derived, is_user_function, says_truth
from .collections import defines
from .heap import Loadable, State, refs_of, type_of
from .inlining import Inlining
from .keys import is_graph_function
from .overriding import written_out
from .records import is_named_tuple
from .tracer import Namespace, Rule, Tracer, UserMethod, unwrap

ALIASES = (types.GenericAlias, type(Generic[TypeVar("T")]))  # ``list[int]`` and ``Stack[int]``
UNBOUND_METHODS = (types.MethodDescriptorType, types.WrapperDescriptorType)
CHOOSING = (OSError, BaseExceptionGroup)  # what a call of one gives may be of a class derived from it

# What ``super()`` finds in ``type`` itself; ``__new__`` is given the metaclass.
OF_METACLASSES: dict[str, Callable[..., Any]] = {
    "__new__": lambda trace, receiver, *args, **kwargs: trace.class_by_call(type.__new__, *args, **kwargs),
    "__init__": lambda trace, receiver, *args, **kwargs: None,
    "__call__": lambda trace, receiver, *args, **kwargs: trace.instance(unwrap(receiver), args, kwargs),
    "__prepare__": lambda trace, receiver, *args, **kwargs: trace.new_dict(),
    "__setattr__": lambda trace, receiver, name, value: trace.store_in_namespace(unwrap(receiver), name, value),
}


class Instances(Inlining):
    """The part of a trace that makes objects of classes."""

    def construct(self, cls: type, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """What a call of a class gives: an instance, or what its metaclass says."""
        maker = class_attribute(type(cls), "__call__")[0]
        if isinstance(maker, types.FunctionType) and is_users(maker):
            return self.call(UserMethod(maker, Namespace(cls)), *args, **kwargs)
        return self.instance(cls, args, kwargs)

    def instance(self, cls: type, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """``type.__call__(cls, *args, **kwargs)``"""
        if issubclass(cls, type):
            return self.made_by_metaclass(cls, args, kwargs)
        self.check_reads(cls)
        if is_typeddict(cls):
            return self.call(dict, *args, **kwargs)
        if issubclass(cls, BaseException) and not any(is_user_function(cls, name) for name in ("__new__", "__init__")):
            return self._object(NEW, cls, args, kwargs)
        if hasattr(cls, "__exit__") and cls.__module__.partition(".")[0] in ("numpy", "contextlib"):
            return self._object(NEW, cls, args, kwargs)
        if is_container(cls) and cls is not frozenset and not defines(cls, "__init__") and not defines(cls, "__new__"):
            base = base_of(cls)
            if base is None or written_out(cls, base, "__init__") is None:
                return self.new_container(cls, args, kwargs)
            made = self.allocate(cls)
            self.container_method(made, base, "__init__", *args, **kwargs)
            return made
        if issubclass(cls, Enum) and len(args) == 1 and not kwargs:
            return self.member_of(cls, args[0])
        if issubclass(cls, Enum) and not len(cls):
            return self.class_made_by(cls, *args, **kwargs)
        if is_named_tuple(cls) and not defines(cls, "__new__"):
            return self.new_named_tuple(cls, *args, **kwargs)
        if cls.__module__.partition(".")[0] in ("builtins", "numpy") or not isinstance(cls, type):
            self.refuse_call(cls)
        if is_user_function(cls, "__new__"):
            return self._made_by_new(cls, args, kwargs)
        if cls.__new__ is object.__new__ and isabstract(cls):
            self.of_constants(object.__new__, cls)
        instance = self._object(ALLOCATE, cls, args if issubclass(cls, BaseException) else (), {})
        if is_user_function(cls, "__init__"):
            self._initialise(cls, instance, args, kwargs)
        elif TABLE.of_callable(cls.__init__) is not None:
            self.call(UserMethod(cls.__init__, instance), *args, **kwargs)
        elif cls.__init__ is not object.__init__ or (args or kwargs) and cls.__new__ is not object.__new__:
            self.refuse_call(cls)
        elif args or kwargs:
            self.raise_now(TypeError(f"{cls.__name__}() takes no arguments"))
        return instance

    def _made_by_new(self, cls: type, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """What a class's own ``__new__`` gives, and its ``__init__`` makes of that if it is an instance."""
        found, _ = class_attribute(cls, "__new__")
        result = self.call(getattr(found, "__func__", found), Namespace(cls), *args, **kwargs)
        kinds = options(type_of(result))
        if ANY in kinds and refs_of(result):
            self.refuse(
                f"Whether '{cls.__name__}.__new__' gives an object of the class is known only when the graph runs.",
                fix="make the object in a function, and call that",
            )
        if len(kinds) > 1 and any(isinstance(kind, ObjectType) for kind in kinds):
            return self.by_class(result, lambda one: self._initialised(cls, one, args, kwargs))
        return self._initialised(cls, result, args, kwargs)

    def _initialised(self, cls: type, made: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """``made``, which ``__new__`` gave, after its ``__init__`` if it is an instance."""
        kind: Any = type_of(made)
        is_instance = isinstance(kind, ObjectType) and is_derived(kind.cls, cls)
        if is_instance and is_user_function(kind.cls, "__init__"):
            self._initialise(kind.cls, made, args, kwargs)
        elif is_container(cls) and not defines(cls, "__init__") and kind == ObjectType(cls):
            self.container_method(made, cls, "__init__", *args, **kwargs)
        elif is_instance and issubclass(cls, BaseException):
            self._initialise_error(made, class_attribute(cls, "__init__")[1], *args, **kwargs)
        return made

    def _initialise(self, cls: type, instance: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        result = self.call(UserMethod(class_attribute(cls, "__init__")[0], instance), *args, **kwargs)
        if result is not None:
            self.apply(RESULT_OF_INIT, result)

    def _object(self, op: Any, cls: type, args: Any, kwargs: Any) -> Any:
        has_arguments = op is NEW or issubclass(cls, BaseException)
        thing = self.new_object("object", State({"args": _kept(cls, args)} if has_arguments else {}), cls)
        thing.is_exact = cls not in CHOOSING
        return self.apply(op, cls, *args, type=ObjectType(cls), refs=frozenset((thing,)), **kwargs)

    def _allocate_error(self, base: type, cls: Any, *args: Any, **kwargs: Any) -> Any:
        """``base.__new__(cls, *args, **kwargs)`` of a built-in class of exceptions."""
        cls = unwrap(cls)
        thing = self.new_object("object", State({"args": _kept(cls, args)}), cls)
        return self.apply(ALLOCATE_BY, base, cls, *args, type=ObjectType(cls), refs=frozenset((thing,)), **kwargs)

    def read_super(self, cls: type, receiver: Any, name: str) -> Any:
        """``super(cls, receiver).name``."""
        own: Any = receiver.graph_target if isinstance(receiver, Namespace) else receiver.graph_value.type.cls
        order = own.__mro__ if cls in own.__mro__ else type(own).__mro__
        for base in order[order.index(cls) + 1 :]:
            if name not in vars(base):
                continue
            found = vars(base)[name]
            if isinstance(found, property):
                return self.call(found.fget, receiver)
            if isinstance(found, types.FunctionType) or is_graph_function(found):
                self.check_calls_nothing(own, found, base)
                return UserMethod(found, receiver)
            if name == "__init_subclass__" and not is_users(found):
                return Rule(functools.partial(self._subclass_hook, found.__get__(None, own)))
            if isinstance(found, classmethod):
                return UserMethod(found.__func__, Namespace(own))
            if isinstance(found, staticmethod):
                return found.__func__
            if base is type and name in OF_METACLASSES:
                return Rule(functools.partial(OF_METACLASSES[name], self, receiver))
            if name == "__init__" and base is object:
                return Rule(lambda: None)
            if name == "__new__" and (base is object or is_container(base) and base is not frozenset):
                return Rule(lambda made, *args, **kwargs: self.allocate(unwrap(made)))
            if name == "__setattr__" and base is object:
                return Rule(functools.partial(self.store_plain, receiver))
            if name == "__init__" and issubclass(base, BaseException):
                return Rule(functools.partial(self._initialise_error, receiver, base))
            if name == "__new__" and issubclass(base, BaseException):
                return Rule(functools.partial(self._allocate_error, base))
            if self.is_answered(found):
                return UserMethod(found, receiver)
            if is_container(base) and callable(found):
                if isinstance(receiver, Namespace) and isinstance(found, UNBOUND_METHODS):
                    return found
                return Rule(functools.partial(self.container_method, receiver, base, name))
            if isinstance(receiver, Tracer) and TABLE.of_callable(found) is not None:
                self.check_calls_nothing(own, found, base)
                return UserMethod(found, receiver)
            return self.read_namespace(base, name)
        self.raise_now(AttributeError(f"'super' object has no attribute '{name}'"))

    def _subclass_hook(self, hook: Callable[..., Any], **keywords: Any) -> Any:
        """An ``__init_subclass__`` of Python's own."""
        return self.of_constants(lambda: hook(**{name: unwrap(value) for name, value in keywords.items()}))

    def _initialise_error(self, error: Any, base: Any, *args: Any, **kwargs: Any) -> None:
        """``base.__init__(error, *args, **kwargs)`` of a built-in class of exceptions."""
        self.apply(INITIALISE, error, base, *args, type=NONE, **kwargs)
        self._store_known(error, "args", _kept(base, args))

    def counted(self, given: Any) -> Any:
        """What ``len`` makes of ``given``, the result of ``__len__``: an int that is not negative, or an exception."""
        type_ = type_of(given)
        is_length = isinstance(type_, IntType) and type_.value is not None and is_nonnegative(type_.value)
        return given if is_length else self.apply(LENGTH, given)

    def truth(self, item: Any) -> Any:
        """``bool(item)``; of an object, it is what its class says."""
        if isinstance(item, Tracer) and isinstance(item.graph_value.type, ObjectType):
            for name, wanted in (("__bool__", BOOL), ("__len__", IntType)):
                found, _ = class_attribute(item.graph_value.type.cls, name)
                if isinstance(found, types.FunctionType):
                    answer = self.call(found, item)
                    if wanted is BOOL:
                        return answer if type_of(answer) == BOOL else self.apply(ANSWER, answer)
                    return super().truth(self.counted(answer))
        if isinstance(item, Tracer) and says_truth(item.graph_value.type):
            return self.by_class(item, self.truth)
        return super().truth(item)

    def made_by_alias(self, alias: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """``Stack[float]()``: an object of the class, which keeps what it was made by."""
        made = self.call(alias.__origin__, *args, **kwargs)
        type_ = type_of(made)
        if not isinstance(type_, ObjectType) or not type_.cls.__dictoffset__:
            return made  # it cannot be kept, which is passed over
        if class_attribute(type_.cls, "__setattr__")[1] is not object:
            self.refuse(
                f"The class '{type_.cls.__name__}' says how attributes are set, and is called with what it holds.",
                fix="leave the brackets out",
            )
        self.set_attribute(made, "__orig_class__", self._alias(alias))
        return made

    def _alias(self, alias: Any) -> Any:
        """``Stack[float]`` as the graph makes it."""
        parts = tuple(self._alias(part) if isinstance(part, ALIASES) else part for part in alias.__args__)
        index = parts[0] if len(parts) == 1 else parts
        return self.apply(TABLE.by_name["get_item"], alias.__origin__, index, type=ANY)

    def refuse_call(self, function: Any) -> Any:
        module = getattr(function, "__module__", None)
        name = getattr(function, "__qualname__", None) or getattr(function, "__name__", repr(function))
        shown = f"{module}.{name}" if module and module != "builtins" else name
        fix = "call it before and pass the result as an argument, or write it in terms of supported functions"
        if belongs_to_package(function):
            fix = "call NumPy's function of that name, which works on such arrays in a graph"
        self.refuse(f"{shown}() is not supported in a graph.", fix=fix)


def _kept(cls: type, args: tuple[Any, ...]) -> Any:
    """What an exception of ``cls`` that is given ``args`` has as its own; an OSError may leave some out."""
    return Loadable(ANY, refs_of(args)) if issubclass(cls, OSError) else args

"""Calls: what a call in user code means.

A function of the user's is traced in place (``inlining``), a class makes an object (``instances``); NumPy, builtins and
``math`` go through the op table; what needs to know types rather than values (``isinstance``, ``len`` of a tuple,
``getattr``) is answered while tracing. A function that is none of these is refused by name: nothing is ever run while
tracing in the hope that it has no effect.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import sys
import types
from collections.abc import Callable
from typing import Any

import numpy as np

from ..calls import Called
from ..errors import TographError
from ..ir.types import (
    INT,
    NEVER,
    NONE,
    AnyType,
    ArrayType,
    ConstantType,
    DictType,
    IntType,
    ListType,
    ObjectType,
    Type,
    join,
    options,
)
from ..ops import TABLE
from ..ops.caches import OF_CACHES
from ..ops.closures import NOT_CALLABLE, is_record
from ..ops.containers import BYTES_METHODS, METHODS, STRING_METHODS
from ..ops.effects import NARROWED, TYPE
from ..ops.elementwise import of_ufunc_method
from ..ops.infer import is_numpys
from ..ops.number_methods import INDICES
from ..ops.op import Op
from ..ops.operators import CONTAINS, IS
from ..ops.stand_ins import CACHED
from . import library, managers
from .answers import ANSWERS, NAMED
from .caches import call_cached
from .callbacks import PYTHON_FUNCTIONS, call_back
from .classes import class_attribute, class_of, has_parts, may_be_immutable, may_be_one
from .collections import ABSENT
from .heap import fitting, forgotten, type_of
from .instances import ALIASES, UNBOUND_METHODS, Instances
from .items import DictView, Star, values_of
from .keys import is_graph_function
from .library_values import bound_op, check_arguments
from .misfits import check_starred, fits, fits_built_in, misfit, shown_function, special
from .operator_answers import GETTERS, got, unbound_method
from .protocols import check_given
from .regions import trace_cond
from .special_methods import is_special_method, special_method
from .tracer import BoundMethod, Namespace, Rule, Tracer, UserMethod, is_tracer, unwrap, with_facts

COMPARISONS = [name for name in vars(functools) if "_from_" in name]  # which ``functools.total_ordering`` puts in
METHODS_THAT_CHANGE = ("pop", "setdefault", "update", "clear", "popitem")
PLAIN = (bool, int, str, types.NoneType)  # their equality is known while tracing, and asks no class of the user's
MANAGER_OF_GENERATOR = contextlib.contextmanager(lambda: iter(())).__code__


class Calling(Called):
    """A function that is called by a trace."""

    def __str__(self) -> str:
        return shown_function(self.args[0])


class Calls(Instances):
    """The part of a trace that makes calls."""

    is_own_key: Callable[[Any], bool]  # see hashing

    def call_method(self, obj: Tracer, name: str, *args: Any, **kwargs: Any) -> Any:
        """A method; of what may be an object of one of several classes, it is chosen when the graph runs."""
        found = options(obj.graph_value.type)
        if len(found) < 2 or not all(isinstance(option, ObjectType) for option in found):
            return super().call_method(obj, name, *args, **kwargs)
        return self.by_class(obj, lambda one: self.call(self.get_attribute(one, name), *args, **kwargs))

    def by_class(self, obj: Tracer, use: Callable[[Tracer], Any]) -> Any:
        """``use`` of a value that may be an object, list or dict of one of several classes, asked for its class."""
        found = options(obj.graph_value.type)
        first = next((option for option in found if has_parts(option)), None)
        others = [option for option in found if option is not first]
        if first is None or not others:
            return use(obj)
        flag = self.apply(IS, self.apply(TYPE, obj), first.cls if isinstance(first, ObjectType) else class_of(first))
        return trace_cond(
            self,
            flag,
            lambda: use(self.narrowed(obj, first)),
            lambda: self.by_class(self.narrowed(obj, join(*others)), use),
        )

    def narrowed(self, obj: Tracer, type_: Type) -> Tracer:
        """``obj`` where its type is known to be ``type_``."""
        return Tracer(self.emit(NARROWED, *self.arranged(obj), type_), fitting(obj.graph_refs, type_))

    def calling(self, function: Any, starred: bool = False) -> Any:
        """``function`` of a call with ``**``, whose errors about the names of arguments name it."""
        return Calling(self.call, function)

    def call(self, function: Any, /, *args: Any, **kwargs: Any) -> Any:
        if any(isinstance(arg, Star) for arg in args):
            check_starred(self, values_of(args), *([function] if len(args) == 1 else []))
            if self._is_open(args):
                done = self.call_spread(function, args, kwargs)
                if done is not None:
                    return done[0]
            args = self._spread(args)
        if isinstance(function, BoundMethod):
            if function.check is not None and self.block.nodes[-1:] == [function.check]:
                self.block.nodes.pop()    # it is called at once, which says the same
            return self.call_method(function.receiver, function.name, *args, **kwargs)
        if isinstance(function, UserMethod):
            return self.call(function.function, function.receiver, *args, **kwargs)
        if isinstance(function, Tracer):
            return self._call_tracer(function, args, kwargs)
        function = unwrap(function)
        if is_special_method(function):
            return special_method(self, function, args, kwargs)
        if isinstance(function, PYTHON_FUNCTIONS):
            return call_back(self, function, args, kwargs)
        if isinstance(function, CACHED):
            return call_cached(self, function, args, kwargs)
        if is_graph_function(function):
            function = function.eager
        if isinstance(function, Rule):
            return function.run(*args, **kwargs)
        special = ANSWERS.get(function) if _is_hashable(function) else None
        if not (fits_built_in(function, args, kwargs) and (special is None or fits(special, self, *args, **kwargs))):
            misfit(self, function, args, kwargs)
        if special is not None:
            return special(self, *args, **kwargs)
        if isinstance(function, GETTERS) and len(args) == 1 and not kwargs:
            return got(self, function, args[0])
        if isinstance(function, UNBOUND_METHODS) and args:
            done = unbound_method(self, function, args, kwargs)
            if done is not None:
                return done[0]
        if isinstance(function, functools.partial):
            return self.call(function.func, *function.args, *args, **{**function.keywords, **kwargs})
        done = self._method_of_constant(function, args, kwargs)
        if done is not None:
            return done[0]
        if isinstance(function, types.MethodType):
            return self.call(function.__func__, self._bound_to(function.__self__), *args, **kwargs)
        op = _op_of(function)
        if op is not None:
            return self._apply_to(op, args, kwargs)
        if isinstance(function, types.FunctionType):
            made = self.call_of_record(function, args, kwargs)
            if made is not ABSENT:
                return made
            if function.__code__ is MANAGER_OF_GENERATOR:
                return self.call(managers.made, self._generator_of(function), args, kwargs)
            function = self.with_source(function, args)
            if is_library_function(function):
                named = NAMED.get(f"{function.__module__}.{function.__qualname__}")
                return self.refuse_call(function) if named is None else named(self, *args, **kwargs)
            return self.inline(function, args, kwargs)
        if isinstance(function, type):
            return self.construct(function, args, kwargs)
        if isinstance(function, ALIASES):
            return self.made_by_alias(function, args, kwargs)
        if not callable(function):
            return self._not_callable(function)
        call = class_attribute(type(function), "__call__")[0]
        if isinstance(call, types.FunctionType):
            return self.call(UserMethod(call, self.lift_constant(function)), *args, **kwargs)
        self.refuse_call(function)

    @staticmethod
    def is_answered(method: Any) -> bool:
        """Whether a built-in method of a class has a rule of its own."""
        return isinstance(method, types.MethodDescriptorType) and method in ANSWERS

    def _generator_of(self, function: types.FunctionType) -> types.FunctionType:
        """The generator function that ``contextlib.contextmanager`` was given to make ``function``."""
        cells = dict(zip(function.__code__.co_freevars, function.__closure__ or ()))
        made = cells["func"].cell_contents
        if not inspect.isgeneratorfunction(made):
            self.refuse(
                f"'{function.__name__}' has the decorator contextmanager, but is no generator function.",
                fix="write it with 'yield', or write a class with __enter__ and __exit__",
            )
        return made

    def _method_of_constant(self, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any] | None:
        """A tuple of what the bound method of a constant of the trace gives; None where it is not one."""
        owner = getattr(function, "__self__", None)
        if type(owner) is str and function.__name__ in STRING_METHODS:
            return (self.apply(STRING_METHODS[function.__name__], owner, *args, **kwargs),)
        if type(owner) is bytes and function.__name__ in BYTES_METHODS:
            return (self.apply(BYTES_METHODS[function.__name__], owner, *args, **kwargs),)
        if type(owner) in (int, float, complex, bool, bytes) and not kwargs and not any(map(is_tracer, args)):
            return (self.of_constants(function, *args),)
        if type(owner) is slice and function.__name__ == "indices":
            return (self.apply(INDICES, owner, *args),)
        if type(owner) is property:
            return (function(*map(self.plain_function, args)),)
        if type(owner) is dict:
            return (self._keywords_method(owner, function.__name__, *args),)
        if type(owner) is tuple and function.__name__ in ("index", "count"):
            return (self.apply(METHODS[function.__name__], owner, *args, type=INT),)
        if isinstance(owner, CACHED) and function.__name__ in OF_CACHES:
            return (self.apply(OF_CACHES[function.__name__], owner, *args, **kwargs),)
        op, before = bound_op(function) or (None, ())
        return None if op is None else (self._apply_to(op, (*before, *args), kwargs),)

    def call_root(self, function: Any, args: list[Any], kwargs: dict[str, Any]) -> Any:
        """Trace the function itself; an exception that it always raises ends the graph."""
        try:
            return self.returned(self.call(function, *args, **kwargs))
        except TographError:
            raise
        except Exception as error:
            if not self.raised_by_user(error.__traceback__):
                raise
            self.raise_now(error)

    def returned(self, result: Any) -> Any:
        """``result`` as what the call gives; a function made in the call cannot outlive it."""
        result = self._without_views(result)
        self.check_outlives(result, "returned")
        self.check_given()
        return result

    def _without_views(self, result: Any) -> Any:
        """``result`` with views of dicts as values of the graph."""
        if type(result) is tuple:
            parts = tuple(map(self._without_views, result))
            return result if all(p is q for p, q in zip(parts, result)) else parts
        return self.materialised(result) if isinstance(result, DictView) else result

    def _apply_to(self, op: Op, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """A call of an op; what a container holds that it changes is not known any more."""
        if is_numpys(op):
            check_given(self, f"{op.name.rpartition('.')[2]}()", (*args, *kwargs.values()))
        check_arguments(self, op, (*args, *kwargs.values()))
        named = any(position >= len(args) for position in op.writes)
        written = [args[position] for position in op.writes if position < len(args)]
        written += kwargs.values() if named else ()
        changed = [arg for arg in written if isinstance(arg, Tracer) and arg.graph_refs]
        result = self.apply(
            op,
            *[arg if i in op.writes else self._argument(arg) for i, arg in enumerate(args)],
            **{name: arg if named else self._argument(arg) for name, arg in kwargs.items()},
        )
        for arg in changed:
            self.change(arg, forgotten, forgotten)
        return result

    def _bound_to(self, receiver: Any) -> Any:
        return Namespace(receiver) if isinstance(receiver, type) else self.lift_constant(receiver)

    def whole(self, arg: Any) -> Any:
        """An argument that is one object, of which nothing is written out."""
        return self.materialised(arg) if isinstance(arg, DictView) else arg

    def _argument(self, arg: Any) -> Any:
        return self.materialised(arg) if isinstance(arg, DictView) else self.spelled(arg)

    def _is_open(self, args: tuple[Any, ...]) -> bool:
        """Whether the number of arguments is known only when the graph runs."""
        return any(isinstance(arg, Star) and self._number_is_open(arg.value) for arg in args)

    def _number_is_open(self, value: Any) -> bool:
        """Whether the number of items is known only when the graph runs; the size of a given array is specialised."""
        type_ = type_of(value)
        if not isinstance(type_, ArrayType):
            return self.known_items(value) is None
        if not type_.shape or isinstance(type_.shape[0], int):
            return False
        self.specialise(IntType(type_.shape[0]), "a starred argument needs the number of its items")
        return True

    def _spread(self, args: tuple[Any, ...]) -> tuple[Any, ...]:
        spread: list[Any] = []
        for arg in args:
            if not isinstance(arg, Star):
                spread.append(arg)
                continue
            known = self.known_items(arg.value)
            if known is None:
                known = self._spread_array(arg.value)
            spread.extend(known)
        return tuple(spread)

    def _spread_array(self, value: Any) -> tuple[Any, ...]:
        """The items of an array of known length."""
        type_ = type_of(value)
        if isinstance(type_, ArrayType) and type_.shape and isinstance(type_.shape[0], int):
            return tuple(self.get_item(value, i) for i in range(type_.shape[0]))
        self.refuse(
            "The number of starred arguments is known only when the graph runs.", fix="pass the items one by one"
        )

    def _call_tracer(self, function: Tracer, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Call what is known only when the graph runs: one of several functions and objects, under a test of which."""
        found = options(function.graph_value.type)
        callables = [option for option in found if isinstance(option, (ConstantType, ObjectType))]
        if not callables or any(isinstance(option, AnyType) for option in found):
            return self._not_callable(function)
        first = callables[0]
        others = [option for option in found if option is not first]
        if not others:
            return self._call_option(first, function, args, kwargs)
        if isinstance(first, ConstantType):
            flag = self.apply(IS, function, first.value)
        else:
            flag = self.apply(IS, self.apply(TYPE, function), first.cls)
        return trace_cond(
            self,
            flag,
            lambda: self._call_option(first, self.narrowed(function, first), args, kwargs),
            lambda: self._call_tracer(self.narrowed(function, join(*others)), args, kwargs),
        )

    def _call_option(self, option: ConstantType | ObjectType, function: Tracer, args: Any, kwargs: Any) -> Any:
        """Call ``function``, which is of the type ``option``."""
        if isinstance(option, ConstantType):
            return self.call(option.value, *args, **kwargs)
        if is_record(option):
            return self.call(self.restored(function), *args, **kwargs)
        if inspect.ismethoddescriptor(class_attribute(option.cls, "__call__")[0]):
            self.refuse(
                f"A call of an object of the built-in class '{option.cls.__name__}' is not supported in a graph.",
                fix="call a function written in Python, or call it before and pass the result as an argument",
            )
        return self.call(special(self, function, "__call__"), *args, **kwargs)

    def _not_callable(self, function: Any) -> Any:
        name = type(function).__name__
        if isinstance(function, Tracer):
            found = options(function.graph_value.type)
            if any(isinstance(option, AnyType) for option in found):
                self.refuse(
                    "Which function is called here is known only when the graph runs.",
                    fix="choose among the functions with if/elif, each called by its name",
                )
            return self.apply(NOT_CALLABLE, function, type=NEVER)
        self.raise_now(TypeError(f"'{name}' object is not callable"))

    def _keywords_method(self, keywords: dict[str, Any], name: str, *args: Any) -> Any:
        """A method of a function's ``**keywords``, which are a dict of the trace itself."""
        if name in METHODS_THAT_CHANGE:
            self.check_keywords(keywords)
            return self.of_constants(getattr(keywords, name), *args)
        if name in ("get", "keys", "values", "items", "copy") and not any(map(is_tracer, args[:1])):
            found = self.of_constants(getattr(keywords, name), *args)
            return tuple(found) if name in ("keys", "values", "items") else found
        return self.call_method(self.new_dict(*keywords.items()), name, *args)

    # -- comparisons by identity and membership

    def is_(self, a: Any, b: Any) -> Any:
        a, b = unwrap(a), unwrap(b)
        if not isinstance(a, Tracer) and not isinstance(b, Tracer):
            return a is b
        if isinstance(a, (BoundMethod, UserMethod)) or isinstance(b, (BoundMethod, UserMethod)):
            return self.is_one_method(a, b)
        if (
            isinstance(a, Tracer)
            and isinstance(b, Tracer)
            and a.graph_value is b.graph_value
            and not may_be_immutable(a.graph_value.type)
        ):
            return True
        if all(not may_be_one(p, q) for p in options(type_of(a)) for q in options(type_of(b))):
            return False
        flag = self.apply(IS, a, b)
        if b is None and isinstance(a, Tracer):
            present = join(*(option for option in options(type_of(a)) if option != NONE))
            others = [(subject, if_false, if_true) for subject, if_true, if_false in a.graph_facts]
            return with_facts(flag, (a, NONE, present), *others)
        return flag

    def in_(self, item: Any, container: Any) -> Any:
        if isinstance(container, DictView):
            container = self.materialised(container)
        asked = self.of_metaclass(container, "__contains__")
        if asked is not None:
            return self.truth(self.call(asked, item))
        if type(container) is dict and isinstance(item, str):
            return item in container
        container = unwrap(container)
        state = self.only_state(container) if isinstance(container, Tracer) else None
        if state is not None and state.known is not None:
            type_ = container.graph_value.type
            if isinstance(type_, DictType) and isinstance(item, (str, int)):
                return item in state.known
            if isinstance(type_, ListType) and all(type(each) in PLAIN for each in (item, *state.known.values())):
                return item in state.known.values()
        if isinstance(container, Tracer) and isinstance(container.graph_value.type, ObjectType):
            cls = container.graph_value.type.cls
            owners = {name: class_attribute(cls, name)[1] for name in ("__contains__", "__iter__", "__getitem__")}
            if owners.pop("__contains__") is None and any(owners.values()):
                return self.call(library.contains, container, item)
            return self.truth(self.call(special(self, container, "__contains__"), item))
        return self.apply(CONTAINS, container, item)


def is_library_function(function: types.FunctionType) -> bool:
    """Whether a function belongs to NumPy or to Python's own library: these are known or refused, never traced."""
    if function.__module__ == "functools" and function.__qualname__ in COMPARISONS:
        return False
    if function.__module__ == "collections" and function.__qualname__.startswith("Counter."):
        return False
    root = (function.__module__ or "").partition(".")[0]
    return root == "numpy" or root in sys.stdlib_module_names


def _op_of(function: Any) -> Op | None:
    """The op that a call of ``function`` is."""
    op = TABLE.of_callable(function)
    owner = getattr(function, "__self__", None)
    return of_ufunc_method(owner, function.__name__) if op is None and isinstance(owner, np.ufunc) else op


def _is_hashable(value: Any) -> bool:
    return type(value).__hash__ is not None

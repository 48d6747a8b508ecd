"""Calls: what a call in user code means.

A function of the user's is converted on first sight and traced in place; NumPy, builtins and ``math`` go through
the op table; what needs to know types rather than values (``isinstance``, ``len`` of a tuple, ``getattr``) is
answered while tracing. A function that is none of these is refused by name: nothing is ever run while tracing in
the hope that it has no effect.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import sys
import types
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Generic, NoReturn, TypeVar

import numpy as np

from ..array_packages import belongs_to_package
from ..errors import InternalError, TographError
from ..ir.dims import is_nonnegative
from ..ir.types import (
    ANY,
    BOOL,
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
    TupleType,
    Type,
    join,
    options,
)
from ..ops import TABLE
from ..ops.closures import NOT_CALLABLE, is_record
from ..ops.containers import BYTES_METHODS, METHODS, STRING_METHODS
from ..ops.effects import ALLOCATE, ANSWER, LENGTH, NARROWED, NEW, TYPE
from ..ops.elementwise import of_ufunc_method
from ..ops.infer import is_numpys
from ..ops.number_methods import INDICES
from ..ops.op import Op
from ..ops.operators import CONTAINS, IS
from . import library
from .answers import ANSWERS, NAMED
from .attributes import SharedVariables
from .callbacks import PYTHON_FUNCTIONS, call_back
from .classes import class_attribute, class_name, is_container, is_user_function, may_be_immutable, may_be_one
from .collections import ABSENT, defines
from .heap import State, fitting, forgotten, type_of
from .items import DictView, Star, values_of
from .keys import is_graph_function
from .local_classes import LocalClasses
from .misfits import check_starred, fits, fits_built_in, misfit, special
from .operator_answers import GETTERS, got, unbound_method
from .paths import Default, Object, Path
from .protocols import check_given
from .records import is_named_tuple
from .regions import trace_cond
from .sizes import types_behind
from .special_methods import is_special_method, special_method
from .trace import is_user_namespace
from .tracer import BoundMethod, Namespace, Rule, Tracer, UserMethod, is_tracer, unwrap, with_facts

COMPARISONS = [name for name in vars(functools) if "_from_" in name]  # which ``functools.total_ordering`` puts in
METHODS_THAT_CHANGE = ("pop", "setdefault", "update", "clear", "popitem")
MOST_UNDECIDED = 24  # calls of itself that a function may make under tests that are known only when the graph runs
PLAIN = (bool, int, str, types.NoneType)  # their equality is known while tracing, and asks no class of the user's
MANAGER_OF_GENERATOR = contextlib.contextmanager(lambda: iter(())).__code__
ALIASES = (types.GenericAlias, type(Generic[TypeVar("T")]))  # ``list[int]`` and ``Stack[int]``
UNBOUND_METHODS = (types.MethodDescriptorType, types.WrapperDescriptorType)
DEEPEST = 1000  # of calls that are traced in place, as in Python


class Calls(LocalClasses):
    """The part of a trace that makes calls."""

    def call_method(self, obj: Tracer, name: str, *args: Any, **kwargs: Any) -> Any:
        """A method; of what may be an object of one of several classes, it is chosen when the graph runs."""
        found = options(obj.graph_value.type)
        if len(found) < 2 or not all(isinstance(option, ObjectType) for option in found):
            return super().call_method(obj, name, *args, **kwargs)
        return self.by_class(obj, lambda one: self.call(self.get_attribute(one, name), *args, **kwargs))

    def by_class(self, obj: Tracer, use: Callable[[Tracer], Any]) -> Any:
        """``use`` of a value that may be an object of one of several classes, under a test of its class."""
        found = options(obj.graph_value.type)
        first = next((option for option in found if isinstance(option, ObjectType)), None)
        others = [option for option in found if option is not first]
        if first is None or not others:
            return use(obj)
        flag = self.apply(IS, self.apply(TYPE, obj), first.cls)
        return trace_cond(
            self,
            flag,
            lambda: use(self.narrowed(obj, first)),
            lambda: self.by_class(self.narrowed(obj, join(*others)), use),
        )

    def narrowed(self, obj: Tracer, type_: Type) -> Tracer:
        """``obj`` where its type is known to be ``type_``."""
        return Tracer(self.emit(NARROWED, *self.arranged(obj), type_), fitting(obj.graph_refs, type_))

    def call(self, function: Any, /, *args: Any, **kwargs: Any) -> Any:
        if any(isinstance(arg, Star) for arg in args):
            check_starred(self, values_of(args), *([function] if len(args) == 1 else []))
            if self._is_open(args):
                done = self.call_spread(function, args, kwargs)
                if done is not None:
                    return done[0]
            args = self._spread(args)
        if isinstance(function, BoundMethod):
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
                return self.call(library.GeneratorManager, self.call(self._generator_of(function), *args, **kwargs))
            function = self.with_source(function, args)
            if is_library_function(function):
                named = NAMED.get(f"{function.__module__}.{function.__qualname__}")
                return self._refuse_call(function) if named is None else named(self, *args, **kwargs)
            return self.inline(function, args, kwargs)
        if isinstance(function, type):
            return self.construct(function, args, kwargs)
        if isinstance(function, ALIASES):
            return self._made_by_alias(function, args, kwargs)
        if not callable(function):
            return self._not_callable(function)
        call = class_attribute(type(function), "__call__")[0]
        if isinstance(call, types.FunctionType):
            return self.call(UserMethod(call, self.lift_constant(function)), *args, **kwargs)
        self._refuse_call(function)

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
        return None

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

    def _made_by_alias(self, alias: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
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

    def _refuse_call(self, function: Any) -> Any:
        module = getattr(function, "__module__", None)
        name = getattr(function, "__qualname__", None) or getattr(function, "__name__", repr(function))
        shown = f"{module}.{name}" if module and module != "builtins" else name
        fix = "call it before and pass the result as an argument, or write it in terms of supported functions"
        if belongs_to_package(function):
            fix = "call NumPy's function of that name, which works on such arrays in a graph"
        self.refuse(f"{shown}() is not supported in a graph.", fix=fix)

    def _apply_to(self, op: Op, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """A call of an op; what a container holds that it changes is not known any more."""
        if is_numpys(op):
            check_given(self, f"{op.name.rpartition('.')[2]}()", (*args, *kwargs.values()))
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
        starred = [arg.value for arg in args if isinstance(arg, Star)]
        return any(not isinstance(type_of(value), ArrayType) and self.known_items(value) is None for value in starred)

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
        """The items of an array whose first size is specialised for it."""
        if isinstance(value, Tracer) and isinstance(value.graph_value.type, ArrayType) and value.graph_value.type.shape:
            size = value.graph_value.type.shape[0]
            if not isinstance(size, int):
                self.specialise(IntType(size), "a starred argument needs the number of its items")
            if isinstance(size, int):
                return tuple(self.get_item(value, i) for i in range(size))
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
            if len(found) > 1:
                return self.apply(NOT_CALLABLE, function, type=NEVER)
            name = class_name(function.graph_value.type)
        self.raise_now(TypeError(f"'{name}' object is not callable"))

    def _keywords_method(self, keywords: dict[str, Any], name: str, *args: Any) -> Any:
        """A method of a function's ``**keywords``, which are a dict of the trace itself."""
        if name in METHODS_THAT_CHANGE:
            self.check_keywords(keywords)
            return self.of_constants(getattr(keywords, name), *args)
        if name in ("get", "keys", "values", "items", "copy"):
            found = self.of_constants(getattr(keywords, name), *args)
            return tuple(found) if name in ("keys", "values", "items") else found
        return self.call_method(self.new_dict(*keywords.items()), name, *args)

    # -- functions and classes of the user's

    def inline(
        self, function: types.FunctionType, args: tuple[Any, ...], kwargs: dict[str, Any], rest: Any = None
    ) -> Any:
        """Trace a call of ``function`` in place; ``rest`` is a tuple of the graph that its ``*args`` are."""
        self._enter(function, args, kwargs)
        if self.front.is_generated(function.__code__):
            bound = function
        else:
            bound = self.converted(function)
        try:
            given = inspect.signature(bound).bind(*args, **kwargs).arguments
        except TypeError:
            self._raise_from_call(bound, args, kwargs)
        if bound is not function:
            self._lift_defaults(function, bound, given)
            self._assume_method(function, args)
        else:
            self._check_closure(function)
        self.active.append((function.__code__, self.block))
        try:
            return bound(*args, **kwargs) if rest is None else _call_with_rest(bound, args, kwargs, rest)
        finally:
            self.active.pop()

    def _assume_method(self, function: types.FunctionType, args: tuple[Any, ...]) -> None:
        """Note that the class of the first argument has ``function`` for a method, if it does: another may come."""
        type_ = type_of(args[0]) if args else None
        cls = type_.cls if isinstance(type_, (ObjectType, TupleType)) else getattr(type_, "value", None)
        if not isinstance(cls, type) or not is_user_namespace(cls):
            return
        for i, owner in enumerate(cls.__mro__):
            for name, found in vars(owner).items():
                if any(part is function for part in _functions_of(found)):
                    for base in cls.__mro__[: i + 1]:
                        self._variable(base, name)
                    return

    def _check_closure(self, function: types.FunctionType) -> None:
        """Refuse a function made in a loop or branch that is called after it, with what it saw there."""
        for cell in function.__closure__ or ():
            try:
                held = cell.cell_contents
            except ValueError:
                continue
            held = held.graph_tracer if isinstance(held, SharedVariables) else held
            if isinstance(held, Tracer) and not self.is_known_here(held):
                self.refuse(
                    f"'{function.__name__}' is called outside of the loop, 'if', 'try' or 'with' in which it was made.",
                    fix="call it where it is made, or give it what it needs as arguments",
                )

    def _raise_from_call(self, function: types.FunctionType, args: Any, kwargs: Any) -> NoReturn:
        """End the path with the TypeError of a call whose arguments do not fit the parameters."""
        try:
            function(*args, **kwargs)
        except TypeError as error:
            self.raise_now(error)
        raise InternalError("a call whose arguments do not fit was made")

    def _enter(self, function: types.FunctionType, args: Any, kwargs: Any) -> None:
        """Recursion under a test of unknown outcome: the ints of the call are specialised, else its sizes and the ints
        that such tests are about.
        """
        around = [scope for code, scope in self.active if code is function.__code__]
        if not around:
            return
        undecided = len({id(scope) for scope in (*around, self.block)}) - 1
        types_ = [type_of(arg) for arg in (*args, *kwargs.values())]
        if undecided:
            self.specialise(
                [type_ for type_ in types_ if isinstance(type_, IntType)], f"'{function.__name__}' calls itself"
            )
        if undecided > 2:
            tests = [type_ for test in self.tests for type_ in types_behind(*test)]
            self.specialise(
                [
                    *(type_ for type_ in tests if isinstance(type_, IntType)),
                    *(IntType(size) for type_ in types_ if isinstance(type_, ArrayType) for size in type_.shape),
                ],
                f"'{function.__name__}' calls itself",
            )
        if undecided > MOST_UNDECIDED or len(self.active) >= DEEPEST:
            self.refuse(
                f"'{function.__name__}' calls itself to a depth that depends on data.",
                fix="write the recursion as a loop, or let its depth depend on a Python int",
            )

    def _lift_defaults(self, function: types.FunctionType, bound: types.FunctionType, given: Mapping[str, Any]) -> None:
        """Defaults belong to the function and may be replaced or changed: those that are used are found anew at each
        call.
        """
        owner = Path(Object(function))
        if function.__defaults__:
            code = function.__code__
            names = code.co_varnames[code.co_argcount - len(function.__defaults__) : code.co_argcount]
            bound.__defaults__ = tuple(
                value if name in given else self.take(value, name, owner.to(Default(i)))
                for i, (name, value) in enumerate(zip(names, function.__defaults__))
            )
        if function.__kwdefaults__:
            bound.__kwdefaults__ = {
                name: value if name in given else self.take(value, name, owner.to(Default(name)))
                for name, value in function.__kwdefaults__.items()
            }

    def construct(self, cls: type, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """An instance of a class."""
        if issubclass(cls, BaseException) and not is_user_function(cls, "__init__"):
            return self._object(NEW, cls, args, kwargs)
        if hasattr(cls, "__exit__") and cls.__module__.partition(".")[0] in ("numpy", "contextlib"):
            return self._object(NEW, cls, args, kwargs)
        if is_container(cls) and cls is not frozenset and not defines(cls, "__init__"):
            return self.new_container(cls, args, kwargs)
        if issubclass(cls, Enum) and len(args) == 1 and not kwargs:
            return self.member_of(cls, args[0])
        if is_named_tuple(cls) and not defines(cls, "__new__"):
            return self.new_named_tuple(cls, *args, **kwargs)
        if cls.__module__.partition(".")[0] in ("builtins", "numpy") or not isinstance(cls, type):
            self._refuse_call(cls)
        if type(cls).__call__ is not type.__call__:
            self.refuse(
                f"'{cls.__name__}' has a metaclass with a __call__ of its own, which is not supported.",
                fix="call a function that makes the object, or pass it as an argument",
            )
        if is_user_function(cls, "__new__"):
            return self._made_by_new(cls, args, kwargs)
        instance = self._object(ALLOCATE, cls, args if issubclass(cls, BaseException) else (), {})
        if is_user_function(cls, "__init__"):
            self.call(UserMethod(class_attribute(cls, "__init__")[0], instance), *args, **kwargs)
        elif args or kwargs:
            if cls.__new__ is not object.__new__ or cls.__init__ is not object.__init__:
                self._refuse_call(cls)
            self.raise_now(TypeError(f"{cls.__name__}() takes no arguments"))
        return instance

    def _made_by_new(self, cls: type, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """What a class's own ``__new__`` gives, and its ``__init__`` makes of that if it is an instance."""
        found, _ = class_attribute(cls, "__new__")
        result = self.call(getattr(found, "__func__", found), Namespace(cls), *args, **kwargs)
        found = options(type_of(result))
        classes = [option.cls for option in found if isinstance(option, ObjectType)]
        if is_user_function(cls, "__init__") and len(classes) == len(found) and all(
            issubclass(made, cls) for made in classes
        ):
            self.call(UserMethod(class_attribute(cls, "__init__")[0], result), *args, **kwargs)
        return result

    def _object(self, op: Any, cls: type, args: Any, kwargs: Any) -> Any:
        has_arguments = op is NEW or issubclass(cls, BaseException)
        thing = self.new_object("object", State({"args": args} if has_arguments else {}), cls)
        return self.apply(op, cls, *args, type=ObjectType(cls), refs=frozenset((thing,)), **kwargs)

    def read_super(self, cls: type, receiver: Any, name: str) -> Any:
        """``super(cls, receiver).name``."""
        own: Any = receiver.graph_target if isinstance(receiver, Namespace) else receiver.graph_value.type.cls
        order = own.__mro__
        for base in order[order.index(cls) + 1 :]:
            if name not in vars(base):
                continue
            found = vars(base)[name]
            if isinstance(found, property):
                return self.call(found.fget, receiver)
            if isinstance(found, types.FunctionType) or is_graph_function(found):
                return UserMethod(found, receiver)
            if isinstance(found, classmethod):
                return UserMethod(found.__func__, Namespace(own))
            if isinstance(found, staticmethod):
                return found.__func__
            if name == "__init__" and base is object:
                return Rule(lambda: None)
            if name == "__new__" and base is object:
                return Rule(lambda made, *args, **kwargs: self.allocate(unwrap(made)))
            if name == "__setattr__" and base is object:
                return Rule(functools.partial(self.store_plain, receiver))
            if name == "__init__" and issubclass(base, BaseException):
                return Rule(functools.partial(self._set_arguments, receiver))
            if is_container(base) and callable(found):
                if isinstance(receiver, Namespace) and isinstance(found, UNBOUND_METHODS):
                    return found
                return Rule(functools.partial(self.container_method, receiver, base, name))
            return self.read_namespace(base, name)
        self.raise_now(AttributeError(f"'super' object has no attribute '{name}'"))

    def _set_arguments(self, error: Any, *args: Any) -> None:
        """``BaseException.__init__``."""
        self.set_attribute(error, "args", args)

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
        return super().truth(item)

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


def _functions_of(found: Any) -> tuple[Any, ...]:
    """The functions that are behind what a class says of a name."""
    if isinstance(found, property):
        return found.fget, found.fset, found.fdel
    if isinstance(found, (staticmethod, classmethod)):
        return (found.__func__,)
    if isinstance(found, functools.cached_property):
        return (found.func,)
    return (found.eager if is_graph_function(found) else found,)


def _call_with_rest(function: types.FunctionType, args: tuple[Any, ...], kwargs: dict[str, Any], rest: Any) -> Any:
    """Call a converted function whose ``*args`` are ``rest``: in its code they are one more parameter."""
    code = function.__code__
    given = inspect.signature(function).bind(*args, **kwargs)
    given.apply_defaults()
    number = code.co_argcount + code.co_kwonlyargcount
    first = [given.arguments[name] for name in code.co_varnames[:number]]
    more = given.arguments[code.co_varnames[number + 1]] if code.co_flags & inspect.CO_VARKEYWORDS else {}
    flags = code.co_flags & ~inspect.CO_VARARGS
    plain = code.replace(co_argcount=number + 1, co_posonlyargcount=0, co_kwonlyargcount=0, co_flags=flags)
    callee = types.FunctionType(plain, function.__globals__, function.__name__, None, function.__closure__)
    return callee(*first, rest, **more)


def is_library_function(function: types.FunctionType) -> bool:
    """Whether a function belongs to NumPy or to Python's own library: these are known or refused, never traced."""
    if function.__module__ == "functools" and function.__qualname__ in COMPARISONS:
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

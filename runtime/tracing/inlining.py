"""Calls of the user's functions: each is converted on first sight and traced in place."""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Mapping
from typing import Any, NoReturn

from ..errors import InternalError
from ..ir.types import ANY, ArrayType, IntType, ObjectType, TupleType
from .attributes import SharedVariables
from .class_values import ClassValues
from .heap import bound_part, may_be_unbound, type_of
from .keys import is_graph_function
from .open_keywords import call_with_dict, call_with_names, keywords_place, parted, raise_misfit, refers_to
from .paths import Default, Object, Path
from .sizes import types_behind
from .trace import Specialise, is_user_namespace
from .tracer import Tracer

MOST_UNDECIDED = 24  # calls of itself that a function may make under tests that are known only when the graph runs
DEEPEST = 1000  # of calls that are traced in place, as in Python


class Inlining(ClassValues):
    """The part of a trace that traces functions in place."""

    def inline(
        self, function: types.FunctionType, args: tuple[Any, ...], kwargs: dict[str, Any], rest: Any = None
    ) -> Any:
        """Trace a call of ``function`` in place; ``rest`` is a tuple of the graph that its ``*args`` are."""
        kwargs, mappings = parted(kwargs)
        self._enter(function, args, kwargs)
        if self.front.is_generated(function.__code__):
            bound = function
        else:
            bound = self.converted(function)
        try:
            signature = inspect.signature(bound)
            given = (signature.bind_partial if mappings else signature.bind)(*args, **kwargs).arguments
        except TypeError:
            if mappings:
                raise_misfit(self, bound, args, kwargs, mappings[0])
            self._raise_from_call(bound, args, kwargs)
        if bound is not function:
            self._lift_defaults(function, bound, given)
            self._assume_method(function, args)
        else:
            self._check_closure(function)
        self.active.append((function.__code__, self.block))
        try:
            if mappings:
                result = call_with_names(self, bound, args, kwargs, mappings[0])
            elif rest is None and keywords_place(bound.__code__) in self.specialised:
                result = call_with_dict(self, bound, args, kwargs)
            else:
                result = bound(*args, **kwargs) if rest is None else _call_with_rest(self, bound, args, kwargs, rest)
        finally:
            self.active.pop()
        return self._with_value(result)

    def storable(self, value: Any) -> Any:
        """As in any trace; a function whose ``**keywords`` are stored somewhere is called with a dict of the graph."""
        if type(value) is dict:
            for frame in self.places.frames():
                if refers_to(frame, value):
                    raise Specialise({keywords_place(frame.f_code): 1}, "the **keywords of a function are stored")
        return super().storable(value)

    def _with_value(self, result: Any) -> Any:
        """What a function returns has a value, also where the variable that held it got one on some paths only."""
        if not isinstance(result, Tracer) or result.graph_value.type == ANY or not may_be_unbound(type_of(result)):
            return result
        return self.narrowed(result, bound_part(type_of(result)))

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
        if function.__defaults__:
            code = function.__code__
            names = code.co_varnames[code.co_argcount - len(function.__defaults__) : code.co_argcount]
            bound.__defaults__ = tuple(
                value if name in given else self._default(function, value, name, i)
                for i, (name, value) in enumerate(zip(names, function.__defaults__))
            )
        if function.__kwdefaults__:
            bound.__kwdefaults__ = {
                name: value if name in given else self._default(function, value, name, name)
                for name, value in function.__kwdefaults__.items()
            }

    def _default(self, function: types.FunctionType, value: Any, name: str, key: int | str) -> Any:
        """A default as traced code sees it; an int that is specialised is so for all calls of the function."""
        if (function, key) in self.specialised_defaults:
            self.unique(name)   # as symbols are found again by their names when the trace starts again
            return self.specialised_defaults[function, key]
        taken = self.take(value, name, Path(Object(function)).to(Default(key)))
        if type(value) is int and type(taken) is int:
            self.specialised_defaults[function, key] = taken
        return taken


def _functions_of(found: Any) -> tuple[Any, ...]:
    """The functions that are behind what a class says of a name."""
    if isinstance(found, property):
        return found.fget, found.fset, found.fdel
    if isinstance(found, (staticmethod, classmethod)):
        return (found.__func__,)
    if isinstance(found, functools.cached_property):
        return (found.func,)
    return (found.eager if is_graph_function(found) else found,)


def _call_with_rest(
    trace: Inlining, function: types.FunctionType, args: tuple[Any, ...], kwargs: dict[str, Any], rest: Any
) -> Any:
    """Call a converted function whose ``*args`` are ``rest``: in its code they are one more parameter."""
    code = function.__code__
    given = inspect.signature(function).bind(*args, **kwargs)
    given.apply_defaults()
    number = code.co_argcount + code.co_kwonlyargcount
    first = [given.arguments[name] for name in code.co_varnames[:number]]
    more = given.arguments[code.co_varnames[number + 1]] if code.co_flags & inspect.CO_VARKEYWORDS else {}
    plain = trace.places.with_plain_parameters(code, number + 1, inspect.CO_VARARGS)
    callee = types.FunctionType(plain, function.__globals__, function.__name__, None, function.__closure__)
    return callee(*first, rest, **more)

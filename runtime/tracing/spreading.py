"""Starred arguments whose number is known only when the graph runs: ``max(*items)``, ``zip(*rows)``, ``f(*items)``.

A builtin or NumPy function is called with the items then. A function of the user's is traced for each number of them
that fills its parameters; what is left over is a tuple of the graph, which its ``*args`` are.
"""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Callable
from enum import Enum
from typing import Any

import numpy as np

from ..ir.types import (
    ANY,
    INT,
    NEVER,
    NONE,
    STR,
    AnyType,
    ArrayType,
    IteratorType,
    ObjectType,
    SetType,
    Type,
    join,
    options,
)
from ..ops import TABLE
from ..ops.containers import SPREAD
from .calls import is_library_function
from .classes import is_user_function
from .exceptions import Exceptions
from .heap import NOTHING, Loadable, State, joined, loadable, type_of
from .items import DictView, Star
from .open_keywords import call_open, is_open
from .records import is_named_tuple, maker_of
from .texts import is_own_file, print_to
from .tracer import BoundMethod, Tracer, UserMethod, unwrap

MOST_PARAMETERS = 8
OF_SETS = {"union": set.union, "intersection": set.intersection, "difference": set.difference}
IS_EXTREME = (min, max)


class Spreading(Exceptions):
    """The part of a trace that spreads arguments."""

    eq: Callable[..., Any]  # what this needs of other parts: see staging, texts
    field: Callable[..., Any]
    fstring: Callable[..., Any]

    def call(self, function: Any, /, *args: Any, **kwargs: Any) -> Any:
        return call_open(self, function, args, kwargs) if is_open(kwargs) else super().call(function, *args, **kwargs)

    def call_of_known_number(self, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """A call by names that are not known, of as many arguments as there are."""
        if self._is_open(args):
            self.refuse_names()
        return super().call(function, *args, **kwargs)

    def is_of_a_library(self, function: types.FunctionType) -> bool:
        return is_library_function(function)

    def call_spread(self, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """A tuple of what ``function(*args, **kwargs)`` gives, with stars of unknown length; None: not supported."""
        function = unwrap(function)
        if isinstance(function, Tracer):
            return (self._call_tracer(function, args, kwargs),)
        if isinstance(function, UserMethod):
            return self.call_spread(function.function, (function.receiver, *args), kwargs)
        if isinstance(function, functools.partial):
            return self.call_spread(function.func, (*function.args, *args), {**function.keywords, **kwargs})
        if isinstance(function, type) and self.is_filled(function):
            return (self.construct(function, args, kwargs),)
        if is_named_tuple(function) and function.__new__ is maker_of(function):
            make = functools.partial(self._new_named, function)
            return (self._fill(maker_of(function), (function, *args), kwargs, make),)
        args = tuple(map(self._iterable, args))
        items = self._joined_items(args)
        if isinstance(function, BoundMethod):
            method = OF_SETS.get(function.name) if isinstance(type_of(function.receiver), SetType) else None
            if method is not None and not kwargs:
                whole = self._whole((function.receiver, *args))
                state = State(None, item=Loadable(ANY, self.reachable_from(whole)))
                return (self.made(SPREAD, [method, whole], SetType(ANY), "set", state),)
            return None
        if type(getattr(function, "__self__", None)) is str and function.__name__ == "format":
            whole = self._whole((function.__self__, *args))
            return (self.apply(SPREAD, str.format, whole, type=STR, **kwargs),)
        op = TABLE.of_callable(function)
        if isinstance(function, types.FunctionType):
            function = self.with_source(function, args)
        if op is None and isinstance(function, types.FunctionType) and not is_library_function(function):
            return (self._fill(function, args, kwargs),)
        if function is print and any(map(is_own_file, options(type_of(kwargs.get("file"))))):
            return (print_to(self, values=self._whole(args), **kwargs),)
        if isinstance(function, np.ufunc) and not kwargs:
            return (self._ufunc(function, args, items),)
        if op is None or op.writes or "out" in kwargs or kwargs.get("key") is not None:
            return None
        type_: Type = ANY
        if function in IS_EXTREME:
            type_ = self.unknown_sizes(items.type)
            if len(args) == 1:
                type_ = join(type_, ANY)   # of one item, it is the items of that
        elif function is print:
            type_ = NONE
        elif function is zip:
            type_ = IteratorType(ANY)
        return (self.apply(SPREAD, function, self._whole(args), type=type_, refs=items.refs, **kwargs),)

    def is_filled(self, cls: type) -> bool:
        """Whether a class is called by calling its ``__init__``, a function of the user's."""
        return is_user_function(cls, "__init__") and not (
            issubclass(cls, (BaseException, Enum)) or is_user_function(cls, "__new__")
        )

    def _ufunc(self, function: np.ufunc, args: tuple[Any, ...], items: Loadable) -> Any:
        """A call of a ufunc: with as many items as it has inputs, else with an array for the result, or an error."""
        whole = self._whole(args)
        found = [option for option in options(items.type) if isinstance(option, ArrayType | AnyType)]

        def item(i: int) -> Any:
            return self.loaded(TABLE.by_name["get_item"], items, whole, i)

        return self.if_(
            self.eq(self._count(whole), function.nin),
            lambda: self.call(function, *map(item, range(function.nin))),
            lambda: self.apply(SPREAD, function, whole, type=join(*found) if found else NEVER, refs=items.refs),
            (),
            (),
        )

    def _count(self, whole: Any) -> Any:
        """How many arguments there are."""
        return self.apply(TABLE.meaning(len), whole, type=INT, refs=NOTHING)

    def _whole(self, args: tuple[Any, ...]) -> Any:
        """All arguments as one tuple of the graph."""
        return self.new_tuple(*args)

    def _iterable(self, arg: Any) -> Any:
        if isinstance(arg, Star) and isinstance(arg.value, DictView):
            return Star(self.materialised(arg.value))
        if isinstance(arg, Star) and isinstance(type_of(arg.value), ObjectType):
            return Star(self.call(list, arg.value))
        return arg

    def _joined_items(self, args: tuple[Any, ...]) -> Loadable:
        """What covers every argument."""
        return joined([self.iterated(arg.value) if isinstance(arg, Star) else loadable(arg) for arg in args])

    def _new_named(self, cls: type, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        return self.new_named_tuple(cls, *args[1:], **kwargs)

    def _fill(
        self,
        function: types.FunctionType,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        run: Callable[..., Any] | None = None,
    ) -> Any:
        """A call of a user's function: under a test of the number of arguments, for each number that it takes.

        ``run`` makes the call with arguments of which all are known, where the function itself has no source.
        """
        code, whole = function.__code__, self._whole(args)
        run = run or functools.partial(self.inline, function)
        least = next(i for i, arg in enumerate(args) if isinstance(arg, Star))
        items = self._joined_items(args[least:])
        count = self._count(whole)

        def part(i: int) -> Any:
            return args[i] if i < least else self.loaded(TABLE.by_name["get_item"], items, whole, i)

        if code.co_argcount > MOST_PARAMETERS:
            self.refuse(f"'{function.__name__}' has too many parameters to be filled by a star.", fix="pass the items")

        def filled(number: int) -> Any:
            if number > code.co_argcount:
                return overfull()
            return self.if_(
                self.eq(count, number),
                lambda: run(tuple(map(part, range(number))), kwargs),
                lambda: filled(number + 1),
                (),
                (),
            )

        def overfull() -> Any:
            if not code.co_flags & inspect.CO_VARARGS:
                text = self.fstring(_takes(function), self.field(count), " were given")
                self.raise_(self.call(TypeError, text))
            rest = self.get_item(whole, slice(code.co_argcount, None))
            return self.inline(function, tuple(map(part, range(code.co_argcount))), kwargs, rest)

        return filled(least)


def _takes(function: types.FunctionType) -> str:
    """How Python begins to say that a call has too many arguments."""
    most = function.__code__.co_argcount
    least = most - len(function.__defaults__ or ())
    takes = str(most) if least == most else f"from {least} to {most}"
    return f"{function.__qualname__}() takes {takes} positional argument{'' if takes == '1' else 's'} but "

"""Starred arguments whose number is known only when the graph runs: ``max(*items)``, ``zip(*rows)``, ``f(*items)``.

A builtin or NumPy function is called with the items then. A function of the user's is traced for each number of them
that fills its parameters; what is left over is a tuple of the graph, which its ``*args`` are.
"""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Callable
from typing import Any

from ..ir.types import ANY, NONE, STR, IteratorType, ObjectType, SetType, Type, join
from ..ops import TABLE
from ..ops.containers import SPREAD
from .calls import is_library_function
from .exceptions import Exceptions
from .heap import Loadable, State, joined, loadable, type_of
from .items import DictView, Star
from .tracer import BoundMethod, Tracer, UserMethod, unwrap

MOST_PARAMETERS = 8
OF_SETS = {"union": set.union, "intersection": set.intersection, "difference": set.difference}
IS_EXTREME = (min, max)


class Spreading(Exceptions):
    """The part of a trace that spreads arguments."""

    eq: Callable[..., Any]  # what this needs of other parts: see staging, texts
    field: Callable[..., Any]
    fstring: Callable[..., Any]

    def call_spread(self, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """A tuple of what ``function(*args, **kwargs)`` gives, with stars of unknown length; None: not supported."""
        function = unwrap(function)
        if isinstance(function, Tracer):
            return (self._call_tracer(function, args, kwargs),)
        if isinstance(function, UserMethod):
            return self.call_spread(function.function, (function.receiver, *args), kwargs)
        if isinstance(function, functools.partial):
            return self.call_spread(function.func, (*function.args, *args), {**function.keywords, **kwargs})
        args = tuple(map(self._iterable, args))
        items = joined([self.iterated(arg.value) if isinstance(arg, Star) else loadable(arg) for arg in args])
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
        if op is None and isinstance(function, types.FunctionType) and not is_library_function(function):
            return (self._fill(function, args, items, kwargs),)
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

    def _whole(self, args: tuple[Any, ...]) -> Any:
        """All arguments as one tuple of the graph."""
        return self.new_tuple(*args)

    def _iterable(self, arg: Any) -> Any:
        if isinstance(arg, Star) and isinstance(arg.value, DictView):
            return Star(self.materialised(arg.value))
        if isinstance(arg, Star) and isinstance(type_of(arg.value), ObjectType):
            return Star(self.call(list, arg.value))
        return arg

    def _fill(
        self, function: types.FunctionType, args: tuple[Any, ...], items: Loadable, kwargs: dict[str, Any]
    ) -> Any:
        """A call of a user's function: under a test of the number of arguments, for each number that it takes."""
        code, whole = function.__code__, self._whole(args)
        least = next(i for i, arg in enumerate(args) if isinstance(arg, Star))
        count = self.call(len, whole)

        def part(i: int) -> Any:
            return args[i] if i < least else self.loaded(TABLE.by_name["get_item"], items, whole, i)

        if code.co_argcount > MOST_PARAMETERS:
            self.refuse(f"'{function.__name__}' has too many parameters to be filled by a star.", fix="pass the items")

        def filled(number: int) -> Any:
            if number > code.co_argcount:
                return overfull()
            return self.if_(
                self.eq(count, number),
                lambda: self.inline(function, tuple(map(part, range(number))), kwargs),
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

"""The managers of ``contextlib`` that run code of the user's, written out in Python.

These definitions are converted and traced in place like the user's own; none of them runs with a graph.
"""

from __future__ import annotations

import functools
import sys
from typing import Any


class GeneratorManager:
    """What a function with ``contextlib.contextmanager`` gives: the generator runs to its ``yield``, then to its end.

    ``make`` gives such a generator anew.  Source: ``_GeneratorContextManager`` of Python's ``contextlib``.
    """

    def __init__(self, make: Any) -> None:
        self.make = make
        self.generator = make()
        self.was_entered = False

    def __enter__(self) -> Any:
        if self.was_entered:
            raise AttributeError("'_GeneratorContextManager' object has no attribute 'args'")
        self.was_entered = True
        try:
            return next(self.generator)
        except StopIteration:
            raise RuntimeError("generator didn't yield") from None

    def __exit__(self, kind: Any, value: Any, traceback: Any) -> bool:
        if value is None:
            try:
                next(self.generator)
            except StopIteration:
                self.generator.close()    # it is over: this says so
                return False
            self.generator.close()
            raise RuntimeError("generator didn't stop")
        try:
            self.generator.throw(value)
        except StopIteration as error:
            self.generator.close()
            return error is not value
        except BaseException as error:
            self.generator.close()
            if error is value:
                return False
            if isinstance(value, StopIteration) and isinstance(error, RuntimeError) and error.__cause__ is value:
                return False
            raise
        self.generator.close()
        raise RuntimeError("generator didn't stop after throw()")

    def __call__(self, function: Any) -> Any:
        make = self.make

        @functools.wraps(function)
        def inner(*args: Any, **kwds: Any) -> Any:
            with GeneratorManager(make):
                return function(*args, **kwds)

        return inner


def made(function: Any, args: Any, kwds: Any) -> Any:
    """The manager that ``contextmanager(function)(*args, **kwds)`` gives."""
    return GeneratorManager(lambda: function(*args, **kwds))


def context_manager(function: Any) -> Any:
    """``contextlib.contextmanager(function)``"""

    @functools.wraps(function)
    def helper(*args: Any, **kwds: Any) -> Any:
        return made(function, args, kwds)

    return helper


class RedirectStdout:
    """``contextlib.redirect_stdout``"""

    stream = "stdout"

    def __init__(self, new_target: Any) -> None:
        self.new_target = new_target
        self.old_targets: list[Any] = []

    def __enter__(self) -> Any:
        self.old_targets.append(getattr(sys, self.stream))
        setattr(sys, self.stream, self.new_target)
        return self.new_target

    def __exit__(self, kind: Any, value: Any, traceback: Any) -> None:
        setattr(sys, self.stream, self.old_targets.pop())


class RedirectStderr(RedirectStdout):
    """``contextlib.redirect_stderr``"""

    stream = "stderr"


class Closing:
    """``contextlib.closing``"""

    def __init__(self, thing: Any) -> None:
        self.thing = thing

    def __enter__(self) -> Any:
        return self.thing

    def __exit__(self, kind: Any, value: Any, traceback: Any) -> None:
        self.thing.close()

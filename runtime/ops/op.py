"""The record that defines an op, and the table of all of them.

An op is defined once: which callables mean it, its type rule, its kernel and its samples. Everything else finds it
here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from types import ModuleType
from typing import Any

from ..ir.call import Call
from ..ir.types import Type
from ..records import record


class Result(Enum):
    """What an op's result shares with its operands."""

    FRESH = "fresh"  # new memory that nothing else refers to
    VIEW = "view"  # may be, or share memory with, an operand array
    IMMUTABLE = "immutable"  # a number, string, tuple of such: identity and memory never matter


@record(eq=False)
class Op:
    """One operation.

    ``kernel(xp)`` gives the callable that computes it (``xp`` is numpy or cupy); it is called as the user called
    the original.  ``infer`` has the same parameters; a ``Type`` stands where an operand goes and plain values
    elsewhere; it returns the result's ``Type`` and is never given a union (``infer_call`` expands those).
    An ``infer`` that raises says that the call always raises; the kernel then raises the real exception at run time.
    """

    name: str
    kernel: Callable[[ModuleType], Callable[..., Any]]
    infer: Callable[..., Type]
    captures: tuple[Any, ...] = ()  # callables that mean this op
    method: str | None = None  # ``x.method(...)`` means this op
    result: Result = Result.FRESH
    writes: tuple[int, ...] = ()  # positions of arguments whose memory it changes (also ``out=``, seen by name)
    effect: bool = False  # seen from outside beyond its result: print, raise, attribute stores
    total: Callable[..., bool] | None = None  # whether it cannot raise for these argument types; None: it may
    vjp: Callable[..., Any] | None = None
    scalar: Callable[..., Any] | None = None
    onnx: str | None = None
    samples: Sequence[Call] = ()  # calls to test it with; some may raise


class Table:
    """All ops by name, by the callables that mean them, and by method name."""

    def __init__(self) -> None:
        self.by_name: dict[str, Op] = {}
        self._by_callable: dict[int, tuple[Any, Op]] = {}
        self.by_method: dict[str, Op] = {}

    def add(self, op: Op) -> Op:
        """Register ``op``; raises ValueError where a name, callable or method has a meaning already."""
        if op.name in self.by_name:
            raise ValueError(f"two ops are called {op.name!r}")
        self.by_name[op.name] = op
        for function in op.captures:
            if id(function) in self._by_callable:
                raise ValueError(f"{function!r} means two ops: {self._by_callable[id(function)][1].name} and {op.name}")
            self._by_callable[id(function)] = (function, op)
        if op.method is not None:
            if op.method in self.by_method:
                raise ValueError(f"the method {op.method!r} means two ops")
            self.by_method[op.method] = op
        return op

    def remove(self, name: str) -> Op:
        """Take the op called ``name`` out, so that another one may mean what it meant; raises KeyError without one."""
        op = self.by_name.pop(name)
        for function in op.captures:
            del self._by_callable[id(function)]
        if op.method is not None:
            del self.by_method[op.method]
        return op

    def add_all(self, ops: Iterable[Op]) -> None:
        for op in ops:
            self.add(op)

    def of_callable(self, function: Any) -> Op | None:
        """The op that calling ``function`` means, found by identity."""
        entry = self._by_callable.get(id(function))
        return entry[1] if entry is not None else None

    def meaning(self, function: Any) -> Op:
        """The op that calling ``function`` means; raises KeyError where it means none."""
        op = self.of_callable(function)
        if op is None:
            raise KeyError(function)
        return op


TABLE = Table()

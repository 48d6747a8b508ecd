"""Planted faults: engines broken on purpose, each in one way, which the harness must tell from a right one.

A fault takes an engine and gives a broken one for as long as its context lasts. Most stand around the graph
function: they see its arguments and its result. A few break the harness itself.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock

import numpy as np

from . import equivalence
from .equivalence import Engine, GraphFunction
from .memory import root
from .snapshot import copy_values, reachable
from .world import World

Call = Callable[["Broken", tuple[Any, ...]], Any]
FAULTS: dict[str, Fault] = {}


@dataclass(frozen=True)
class Fault:
    """One way to be wrong; ``plant(engine)`` is a context whose value is the broken engine."""

    title: str
    plant: Callable[[Engine], contextlib.AbstractContextManager[Engine]]

    def __str__(self) -> str:
        return self.title


class Broken:
    """A graph function with something wrong around its call; ``memory`` is what it remembers of earlier calls."""

    def __init__(self, inner: GraphFunction, call: Call):
        self.inner = inner
        self.call = call
        self.memory: dict[str, Any] = {}
        self.pretended = 0

    @property
    def eager(self) -> Callable[..., Any]:
        """The plain function."""
        return self.inner.eager

    @property
    def executed_nodes(self) -> int:
        """The nodes of the engine, and those it pretends to have run."""
        return self.inner.executed_nodes + self.pretended

    @property
    def trace_count(self) -> int:
        """The traces of the engine."""
        return self.inner.trace_count

    def __call__(self, *arguments: Any) -> Any:
        return self.call(self, arguments)


def fault(title: str) -> Callable[[Call], Call]:
    """Register a call that is wrong: ``call(broken, arguments)`` instead of ``broken.inner(*arguments)``."""

    def register(call: Call) -> Call:
        @contextmanager
        def plant(engine: Engine) -> Iterator[Engine]:
            yield lambda function: Broken(engine(function), call)

        FAULTS[title] = Fault(title, plant)
        return call

    return register


def wrong_result(title: str) -> Callable[[Callable[[Any], Any]], Callable[[Any], Any]]:
    """Register a change of the result alone."""

    def register(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
        fault(title)(lambda broken, arguments: change(broken.inner(*arguments)))
        return change

    return register


wrong_result("the dtype is widened")(lambda result: result.astype(np.float64))
wrong_result("a NumPy scalar becomes a 0-d array")(np.asarray)
wrong_result("a 0-d array becomes a NumPy scalar")(lambda result: result[()])
wrong_result("a NumPy scalar becomes a Python number")(lambda result: result.item())
wrong_result("a bool becomes an int")(int)
wrong_result("an int becomes a float")(float)
wrong_result("the sign of zero is lost")(lambda result: result + 0.0)
wrong_result("a NaN becomes a number")(np.nan_to_num)
wrong_result("the last bit is wrong")(lambda result: np.nextafter(result, np.inf))
wrong_result("a tuple becomes a list")(list)
wrong_result("a copy instead of the argument itself")(lambda result: result.copy())
wrong_result("a copy instead of a view")(lambda result: result.copy(order="K"))
wrong_result("a view instead of a copy of itself")(lambda result: result[:])
wrong_result("the layout of the result is changed")(lambda result: np.array(result, order="C"))
wrong_result("two results that are one array become two")(lambda result: (result[0], result[1].copy()))
wrong_result("the order of a dict is changed")(lambda result: dict(reversed(result.items())))


@wrong_result("a read-only result becomes writable")
def _writable(result: np.ndarray) -> np.ndarray:
    result.flags.writeable = True
    return result


@fault("the engine calls the function")
def _calls(broken: Broken, arguments: tuple[Any, ...]) -> Any:
    broken.pretended += 1
    return broken.eager(*arguments)


@fault("the engine calls the function when it is called again")
def _calls_again(broken: Broken, arguments: tuple[Any, ...]) -> Any:
    if broken.memory.setdefault("calls", 0):
        return _calls(broken, arguments)
    broken.memory["calls"] += 1
    return broken.inner(*arguments)


@fault("no node is executed")
def _nothing_executed(broken: Broken, arguments: tuple[Any, ...]) -> Any:
    before = broken.executed_nodes
    result = broken.inner(*arguments)
    broken.pretended -= broken.executed_nodes - before
    return result


@fault("right at the first call only")
def _first_call(broken: Broken, arguments: tuple[Any, ...]) -> Any:
    result = broken.inner(*arguments)
    again = broken.memory.setdefault("called", False)
    broken.memory["called"] = True
    return result + 1 if again else result


@fault("wrong at the second size only")
def _second_size(broken: Broken, arguments: tuple[Any, ...]) -> Any:
    sizes = broken.memory.setdefault("sizes", [])
    if len(arguments[0]) not in sizes:
        sizes.append(len(arguments[0]))
    return broken.inner(*arguments) + (sizes.index(len(arguments[0])) == 1)


@fault("wrong when a larger input came first")
def _order(broken: Broken, arguments: tuple[Any, ...]) -> Any:
    first = broken.memory.setdefault("first", len(arguments[0]))
    return broken.inner(*arguments) + (first > len(arguments[0]))


@fault("wrong for an empty array")
def _empty(broken: Broken, arguments: tuple[Any, ...]) -> Any:
    return broken.inner(*arguments) + (arguments[0].size == 0)


@fault("a Python int is baked in")
def _baked(broken: Broken, arguments: tuple[Any, ...]) -> Any:
    kept = broken.memory.setdefault("arguments", arguments)
    return broken.inner(*(old if type(new) is int else new for old, new in zip(kept, arguments)))


@fault("a global is read once")
def _stale_global(broken: Broken, arguments: tuple[Any, ...]) -> Any:
    broken.memory.setdefault("restore", World(broken.eager).save())()
    return broken.inner(*arguments)


@fault("writes to globals and closures are lost")
def _lost_outside(broken: Broken, arguments: tuple[Any, ...]) -> Any:
    restore = World(broken.eager).save()
    try:
        return broken.inner(*arguments)
    finally:
        restore()


@fault("the write-back is lost")
def _lost_write(broken: Broken, arguments: tuple[Any, ...]) -> Any:
    return broken.inner(*copy_values(arguments))


@fault("writes before an exception are lost")
def _lost_partial_writes(broken: Broken, arguments: tuple[Any, ...]) -> Any:
    kept = copy_values(arguments)
    try:
        return broken.inner(*arguments)
    except Exception:
        for array, old in zip(arguments, kept):
            if isinstance(array, np.ndarray):
                array[...] = old
        raise


@fault("an exact alias among the arguments is ignored")
def _no_alias(broken: Broken, arguments: tuple[Any, ...]) -> Any:
    apart = [copy_values(argument) for argument in arguments]
    result = broken.inner(*apart)
    for array, written in zip(arguments, apart):
        array[...] = written
    return result


@fault("a write goes beside the view")
def _beside(broken: Broken, arguments: tuple[Any, ...]) -> Any:
    result = broken.inner(*arguments)
    root(arguments[0]).reshape(-1)[0] += 1
    return result


@fault("an append is lost")
def _lost_append(broken: Broken, arguments: tuple[Any, ...]) -> Any:
    lists = [(value, len(value)) for value in reachable(arguments) if isinstance(value, list)]
    result = broken.inner(*arguments)
    for values, length in lists:
        del values[length:]
    return result


@fault("a new dict item is lost")
def _lost_item(broken: Broken, arguments: tuple[Any, ...]) -> Any:
    known = list(arguments[0])
    result = broken.inner(*arguments)
    for key in [key for key in arguments[0] if key not in known]:
        del arguments[0][key]
    return result


@fault("an attribute write is lost")
def _lost_attribute(broken: Broken, arguments: tuple[Any, ...]) -> Any:
    kept = dict(vars(arguments[0]))
    result = broken.inner(*arguments)
    vars(arguments[0]).update(kept)
    return result


@fault("a print is lost")
def _lost_print(broken: Broken, arguments: tuple[Any, ...]) -> Any:
    with contextlib.redirect_stdout(io.StringIO()):
        return broken.inner(*arguments)


@fault("a print is done twice")
def _twice(broken: Broken, arguments: tuple[Any, ...]) -> Any:
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        result = broken.inner(*arguments)
    print(printed.getvalue() * 2, end="")
    return result


@fault("a warning is lost")
def _lost_warning(broken: Broken, arguments: tuple[Any, ...]) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return broken.inner(*arguments)


@fault("an exception is swallowed")
def _swallowed(broken: Broken, arguments: tuple[Any, ...]) -> Any:
    with contextlib.suppress(Exception):
        return broken.inner(*arguments)


def _exception_fault(title: str, change: Callable[[Exception], Exception]) -> None:
    @fault(title)
    def _(broken: Broken, arguments: tuple[Any, ...]) -> Any:
        try:
            return broken.inner(*arguments)
        except Exception as error:
            raise change(error) from None


_exception_fault("the class of an exception is changed", lambda error: RuntimeError(*error.args))
_exception_fault("the text of an exception is changed", lambda error: type(error)(f"{error}."))
_exception_fault("the cause of an exception is lost", lambda error: type(error)(*error.args))


@fault("an exception where there is none")
def _raises(broken: Broken, arguments: tuple[Any, ...]) -> Any:
    broken.inner(*arguments)
    raise IndexError("index 3 is out of bounds for axis 0 with size 3")


def _harness_fault(title: str) -> Callable[[Any], Any]:
    def register(plant: Any) -> Any:
        FAULTS[title] = Fault(title, contextmanager(plant))
        return plant

    return register


@_harness_fault("both runs have the same arguments")
def _shared_arguments(engine: Engine) -> Iterator[Engine]:
    with mock.patch.object(equivalence, "copy_values", lambda values, keep=(): values):
        yield engine


@_harness_fault("the engine returns the object of the plain call")
def _oracles_object(engine: Engine) -> Iterator[Engine]:
    results: list[Any] = []
    observe = equivalence.observe

    def remembering(function: Callable[..., Any], *rest: Any) -> Any:
        def call(*arguments: Any) -> Any:
            results.append(function(*arguments))
            return results[-1] if len(results) % 2 else results[-2]    # the plain call comes first

        return observe(call, *rest)

    with mock.patch.object(equivalence, "observe", remembering):
        yield engine


@_harness_fault("another function is converted")
def _another_function(engine: Engine) -> Iterator[Engine]:
    yield lambda function: engine(lambda *arguments: function(*arguments))

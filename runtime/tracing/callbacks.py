"""``py_func``: calls of ordinary Python as nodes, and what a trace still knows after one.

Such a call may change any list, dict, set or object that it can reach: its arguments, and whatever there was before the
graph ran. What the trace knows of containers among these is forgotten. What it knows of variables and attributes is
looked at again when the graph runs, right after the call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from ..held import held_attributes
from ..ir import dims
from ..ir.dims import Dim
from ..ir.types import ANY, NONE, STR, TupleType, Type
from ..ops.callbacks import CALLBACK, BoundPythonFunction, PythonFunction
from ..ops.effects import Variables
from .abstract import parse_type
from .answers import answers
from .heap import NOTHING, UNSET, HeapObject, Loadable, State, reachable, refs_of
from .tracer import Tracer

if TYPE_CHECKING:
    from .calls import Calls
    from .staging import Staging

PYTHON_FUNCTIONS = (PythonFunction, BoundPythonFunction)
OTHER_TYPES = {"None": NONE, "str": STR}
Declared = str | None | tuple["Declared", ...]


class _AnySizes(dict[str, Dim]):
    """The sizes of a declared type by their names, each new and of any value."""

    def __missing__(self, name: str) -> Dim:
        return self.setdefault(name, dims.fresh(low=0))


def declared_type(result: Declared, sizes: dict[str, Dim] | None = None) -> Type:
    """The type that ``result`` declares, with new unknown sizes.  Raises ValueError where it names none."""
    sizes = _AnySizes() if sizes is None else sizes
    if result is None:
        return NONE
    if isinstance(result, tuple):
        return TupleType(tuple([declared_type(item, sizes) for item in result]))
    if not isinstance(result, str):
        raise TypeError(f"a result is declared by text, None or a tuple of these, not by {result!r}")
    return OTHER_TYPES.get(result.strip()) or parse_type(result, sizes)


def _as_text(result: Declared) -> str:
    return f"({', '.join(map(_as_text, result))})" if isinstance(result, tuple) else str(result)


def py_func(function: Callable[..., Any] | None = None, *, result: Declared) -> Any:
    """``function``, any callable, to be called from graphs: as ordinary Python, in its place in the order of effects.

    ``result`` declares the type of what it gives: ``"int"``, ``"float"``, ``"bool"``, ``"complex"``, ``"str"``,
    ``"f8"`` (a NumPy scalar), ``"f8[n, 3]"``, None, or a tuple of these. A name of a size stands for any size. In eager
    code a call is the call of ``function``; in a graph it raises ``TographError`` where the result is of another type.
    Usable as ``py_func(f, result="f8")`` and ``@py_func(result="f8")``.  Raises ValueError where ``result`` names no
    type.
    """
    declared_type(result)
    if function is None:
        return lambda function: py_func(function, result=result)
    if not callable(function):
        raise TypeError(f"py_func takes something that can be called, not {type(function).__name__}")
    if isinstance(function, PythonFunction):
        function = function.eager
    return PythonFunction(function, lambda: declared_type(result), _as_text(result))


@answers(py_func)
def _py_func(trace: Staging, *functions: Any, result: Any) -> Any:
    if any(isinstance(function, Tracer) for function in functions) or isinstance(result, Tracer):
        trace.refuse("py_func of a function that is known only when the graph runs.", fix="use it outside")
    trace.check_outlives(functions, "given to py_func")
    return trace.of_constants(lambda: py_func(*functions, result=result))


def call_back(trace: Calls, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """A call of ``function``, made by ``py_func``, as a node."""
    if isinstance(function, BoundPythonFunction):
        function, args = function.__func__, (trace.lift_constant(function.__self__), *args)
    trace.check_outlives((*args, *kwargs.values()), "given to py_func")
    args, kwargs = tuple(map(trace.whole, args)), {name: trace.whole(arg) for name, arg in kwargs.items()}
    result = trace.apply(CALLBACK, function, trace.surroundings(), *args, type=function.declared(), **kwargs)
    _forget(trace, (*args, *kwargs.values()))
    return result


def _forget(trace: Calls, arguments: Iterable[Any]) -> None:
    """Let the heap say of what the call could reach only what holds whatever it did."""
    given = {thing: (value, has_path) for value, thing, has_path in trace.given()}
    within_reach = reachable(trace.heap, [*given, *NOTHING.union(*map(refs_of, arguments))])
    anything = Loadable(ANY, within_reach)
    for thing in within_reach:
        state = trace.heap.get(thing)
        if state is None:
            continue
        if thing.kind != "object":
            trace.heap = trace.heap.with_state(thing, State(None, anything, anything))
        elif thing not in given:
            if thing.cls is not Variables:
                trace.refuse(
                    f"An object of the class '{thing.cls.__name__}', made in this call, is within reach of py_func.",
                    fix="pass its attributes, or make it before the call",
                )
        else:
            trace.heap = trace.heap.with_state(thing, _looked_at(thing, state, *given[thing], anything))


def _looked_at(thing: HeapObject, state: State, value: Any, has_path: bool, anything: Loadable) -> State:
    """What is known of an object or of variables after a call.

    What there was when the graph began is looked at where a path leads to it, and is as before.  Of an object in a
    container, of which the key says what it holds, nothing is known any more.
    """
    known = dict(state.known or {})
    for name in known if has_path else {**known, **held_attributes(value)}:
        if not has_path or thing.initial is None or thing.initial(name) is UNSET:
            known[name] = anything
    return State(known, anything, anything)

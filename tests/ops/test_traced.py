"""What an op means in a traced function is what it means in a plain one: each callable, on samples of its op.

Every sample is called twice: once on its own, as a user writes it, and inside a loop whose number of turns is an
argument, so that the call is in the loop's body.  Result, warnings, exception and arguments are compared bit for bit.
"""

from __future__ import annotations

import cmath
import inspect
import itertools
import linecache
import math
import operator
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tograph import TographError as Refused
from tograph.runtime.function import GraphFunction
from tograph.runtime.ir.graph import Call, Graph, map_leaves, walk
from tograph.runtime.ops import TABLE
from tograph.runtime.ops.catalogue import catalogue, names
from tograph.runtime.ops.check import arrays
from tograph.runtime.ops.elementwise import METHODS, WITH_METHODS
from tograph.runtime.ops.op import Op
from tograph.runtime.testing.compare import compare, same_start
from tograph.runtime.testing.observe import Array, Observation, observe
from tograph.runtime.testing.snapshot import copy_values

OPERATORS = {
    "add": "+", "sub": "-", "mul": "*", "truediv": "/", "floordiv": "//", "mod": "%", "pow": "**", "matmul": "@",
    "lshift": "<<", "rshift": ">>", "and": "&", "or": "|", "xor": "^", "lt": "<", "le": "<=", "gt": ">", "ge": ">=",
    "eq": "==", "ne": "!=", "is": "is", "is_not": "is not",
}
EXPRESSIONS = {
    **{f"operator.{name}": f"{{0}} {sign} {{1}}" for name, sign in OPERATORS.items()},
    "operator.neg": "-{0}", "operator.pos": "+{0}", "operator.invert": "~{0}", "operator.not": "not {0}",
    "operator.contains": "{1} in {0}", "get_item": "{0}[{1}]",
    **{name: f"np.{name}[{{0}}]" for name in ("mgrid", "ogrid", "c_", "r_")},
}
STATEMENTS = {
    **{f"operator.i{name}": f"{{0}} {sign}= {{1}}" for name, sign in OPERATORS.items()
       if f"operator.i{name}" in TABLE.by_name and name != "s"},
    "update": "{0}[{1}] = {2}", "delete_item": "del {0}[{1}]",
}

# What the types alone may answer, and what has other ops for containers, text and operands that change places.
CONSTANT = {"constant"}
OTHERWISE = {
    **dict.fromkeys((
        "attribute.dtype", "attribute.ndim", "attribute.shape", "attribute.size", "attribute.start", "attribute.step",
        "attribute.stop", "builtins.len", "builtins.ord", "can_cast", "common_type", "dtype", "finfo", "iinfo",
        "isdtype", "isscalar", "issubdtype", "min_scalar_type", "mintypecode", "normalize_axis_index",
        "normalize_axis_tuple", "typename", "ndim", "operator.is", "operator.is_not", "operator.not", "operator.truth",
        "promote_types", "shape",
    ), CONSTANT),
    **dict.fromkeys(("builtins.format", "builtins.repr", "builtins.str"), {"text"}),
    "builtins.dict": {"dict", "merged_dict"}, "builtins.list": {"joined_list"}, "builtins.set": {"set", "joined_set"},
    "builtins.tuple": {"tuple", "joined_tuple", "constant"},
    "operator.ge": {"operator.le"}, "operator.gt": {"operator.lt"},
    "operator.le": {"operator.ge"}, "operator.lt": {"operator.gt"},
}
REFUSED_IN_LOOPS = {"set_attribute.shape"}
UNSAMPLED = {"print", "operator.countOf", "operator.indexOf"}       # what they do is compared in programs
UNINITIALISED = {"empty", "empty_like"}
MOST_SAMPLES = 3


@dataclass(frozen=True)
class Spelled:
    """A way to write calls of an op: an expression or a statement with ``{0}``, ``{1}`` and so on for the arguments.

    ``rest`` is the position from which on the arguments stand in ``{rest}``, keywords included.
    """

    op: Op
    text: str
    rest: int

    def __str__(self) -> str:
        return self.text.format(*"xijk", rest="...")

    def write(self, args: tuple[str, ...], kwargs: dict[str, str], indent: str) -> str:
        rest = ", ".join([*args[self.rest:], *(f"{name}={value}" for name, value in kwargs.items())])
        text = self.text.format(*args[:self.rest], rest=rest)
        if self.op.name in STATEMENTS or self.op.name.startswith("set_attribute."):
            return f"{indent}{text}\n{indent}result = {args[0]}\n"
        return f"{indent}result = {text}\n"


def spellings(op: Op) -> Iterator[Spelled]:
    """Each callable that means ``op``, as a function, as a method, or as the syntax it stands for."""
    if op.name in EXPRESSIONS or op.name in STATEMENTS:
        yield Spelled(op, (EXPRESSIONS | STATEMENTS)[op.name], 9)
    if op.name.startswith("attribute."):
        yield Spelled(op, "{0}." + op.name.partition(".")[2], 1)
    if op.name.startswith("set_attribute."):
        yield Spelled(op, "{0}." + op.name.partition(".")[2] + " = {1}", 2)
    if op.method is not None:
        yield Spelled(op, "{0}." + op.method + "({rest})", 1)
    ufunc, _, method = op.name.partition(".")
    if method in METHODS and getattr(np, ufunc, None) in WITH_METHODS:
        yield Spelled(op, f"np.{op.name}({{rest}})", 0)
    for captured in op.captures:
        if callable(captured) and id(captured) in names():
            yield Spelled(op, names()[id(captured)][0] + "({rest})", 0)


SPELLINGS = [spelled for op in TABLE.by_name.values() if op.samples for spelled in spellings(op)]


def chosen(op: Op) -> list[Call]:
    """At most three samples that succeed, one empty and one strided if there are such, else of other dtypes; and one
    that raises."""
    succeed = [sample for sample in op.samples if not _raises(op, sample)]
    found = list(itertools.islice(filter(_is_empty, succeed), 1)) + list(
        itertools.islice(filter(_is_strided, succeed), 1))
    seen = [_dtypes(sample) for sample in found]
    for sample in succeed:
        if len(found) < MOST_SAMPLES and _dtypes(sample) not in seen:
            found.append(sample)
            seen.append(_dtypes(sample))
    return found + list(itertools.islice((sample for sample in op.samples if _raises(op, sample)), 1))


def _raises(op: Op, sample: Call) -> bool:
    args, kwargs = copy_values((sample.args, dict(sample.kwargs)))
    with np.errstate(all="ignore"), warnings.catch_warnings(action="ignore"):
        try:
            op.kernel(np)(*args, **kwargs)
        except Exception:  # noqa: BLE001 - whatever it is
            return True
    return False


def _arrays(sample: Call) -> list[np.ndarray[Any, Any]]:
    return list(arrays((sample.args, dict(sample.kwargs))))


def _is_empty(sample: Call) -> bool:
    return any(array.size == 0 for array in _arrays(sample))


def _is_strided(sample: Call) -> bool:
    return any(not array.flags.contiguous for array in _arrays(sample))


def _dtypes(sample: Call) -> tuple[Any, ...]:
    leaves: list[Any] = []
    map_leaves((sample.args, dict(sample.kwargs)), leaves.append)
    return tuple([leaf.dtype if isinstance(leaf, np.ndarray | np.generic) else type(leaf) for leaf in leaves])


@dataclass(frozen=True)
class Program:
    """A function made of text, and the arguments of each of its calls."""

    function: Callable[..., Any]
    calls: tuple[tuple[Any, ...], ...]

    def __str__(self) -> str:
        return f"{inspect.getsource(self.function)}\n{self.calls[0]!r}"


def once(spelled: Spelled, sample: Call) -> Program:
    """The call as a user writes it: arrays and floats are parameters, other plain values stand in the text.

    If that leaves no parameter, every value is one.
    """
    writer = Writer((np.ndarray, np.generic, float, complex, dict, set))
    args, kwargs = writer.arguments(sample)
    if not writer.parameters:
        writer = Writer((bool, int, str, range, *writer.kinds))
        args, kwargs = writer.arguments(sample)
    if spelled.op.name in STATEMENTS and not args[0].isidentifier():
        args = (writer.parameter(sample.args[0]), *args[1:])
    function = _function(spelled, writer, "", spelled.write(args, kwargs, "    "))
    return Program(function, (tuple(writer.parameters.values()),) * 2)


def repeated(spelled: Spelled, sample: Call) -> Program:
    """The call in a loop of two turns, and of none; each argument is a parameter as it is, tuples and lists too."""
    writer = Writer(())
    args = tuple([writer.parameter(value) for value in sample.args])
    kwargs = {name: writer.parameter(value) for name, value in sample.kwargs.items()}
    body = "    for _ in range(turns):\n" + spelled.write(args, kwargs, "        ")
    arguments = tuple(writer.parameters.values())
    return Program(_function(spelled, writer, "turns, ", body), tuple([(turns, *arguments) for turns in (2, 2, 0)]))


def _function(spelled: Spelled, writer: Writer, first: str, body: str) -> Callable[..., Any]:
    text = f"def program({first}{', '.join(writer.parameters)}):\n{body}    return result\n"
    name = f"<{spelled.op.name} {hash(text)}>"
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    namespace = {"np": np, "cmath": cmath, "math": math, "operator": operator, "__name__": "traced", **writer.outside}
    exec(compile(text, name, "exec", dont_inherit=True), namespace)
    return namespace["program"]


class Writer:
    """Writes values: those of ``kinds`` as parameters, plain ones as themselves, others as global names."""

    def __init__(self, kinds: tuple[type, ...]) -> None:
        self.kinds = kinds
        self.parameters: dict[str, Any] = {}
        self.outside: dict[str, Any] = {}

    def arguments(self, sample: Call) -> tuple[tuple[str, ...], dict[str, str]]:
        return tuple(map(self.write, sample.args)), {name: self.write(v) for name, v in sample.kwargs.items()}

    def parameter(self, value: Any) -> str:
        name = f"p{len(self.parameters)}"
        self.parameters[name] = value
        return name

    def write(self, value: Any) -> str:
        kind = type(value)
        if kind in self.kinds or isinstance(value, np.generic):
            return self.parameter(value)
        if kind is tuple:
            return f"({''.join(self.write(item) + ', ' for item in value)})"
        if kind is list:
            return f"[{', '.join(map(self.write, value))}]"
        if kind is slice:
            return f"slice({self.write(value.start)}, {self.write(value.stop)}, {self.write(value.step)})"
        if kind in (bool, int, str, type(None)):
            return repr(value)
        name = f"outside{len(self.outside)}"
        self.outside[name] = value
        return name


def differences(op: Op, program: Program, inside: bool) -> list[str]:
    """What calls of the graph function do in another way than plain calls, and what is wrong with its graph."""
    traced = GraphFunction(program.function)
    found = []
    for arguments in program.calls:
        expected = observe(program.function, copy_values(arguments))
        actual = observe(traced, copy_values(arguments))
        if op.name in UNINITIALISED:
            _blank(expected)
            _blank(actual)
        found += same_start(expected, actual) + compare(expected, actual)
        if isinstance(actual.error, Refused):
            return found
    return found + _flaws(op, traced.trace_for(program.calls[0]).graph, inside)


def _blank(seen: Observation) -> None:
    result = seen.after.get("result")
    if isinstance(result, Array):
        result.values[...] = 0


def _flaws(op: Op, graph: Graph, inside: bool) -> list[str]:
    found = []
    nodes = list(walk(graph))
    loops = [body for node in nodes if node.op.name == "for_loop" for body in node.bodies]
    meant = [node for body in loops for node in walk(body)] if inside and not _may_move(op) else nodes
    if inside and not loops:
        found.append(f"no loop:\n{graph}")
    if not {node.op.name for node in meant} & ({op.name} | OTHERWISE.get(op.name, set())):
        found.append(f"no node {op.name}:\n{graph}")
    if any(list(arrays((node.call.args, dict(node.call.kwargs)))) for node in nodes):
        found.append(f"an array was computed while tracing:\n{graph}")
    return found


def _may_move(op: Op) -> bool:
    """Whether a pass may take a call out of a loop, and constants with it."""
    return op.total is not None or OTHERWISE.get(op.name) is CONSTANT


@pytest.mark.filterwarnings("ignore:future versions will not create a writeable array")
@pytest.mark.parametrize("spelled", SPELLINGS, ids=str)
def test_a_call_in_a_graph_is_the_call(spelled: Spelled) -> None:
    told = []
    for sample in chosen(spelled.op):
        told += [(program, found) for program in [once(spelled, sample)]
                 if (found := differences(spelled.op, program, inside=False))]
        if spelled.op.name not in REFUSED_IN_LOOPS:
            told += [(program, found) for program in [repeated(spelled, sample)]
                     if (found := differences(spelled.op, program, inside=True))]
    assert not told, "\n\n".join("\n".join([str(program), *found]) for program, found in told)


def test_counts_the_callables() -> None:
    """By identity, so that ``np.abs`` and ``np.absolute`` are one; methods are counted apart."""
    functions = {id(function): function for op in TABLE.by_name.values() for function in op.captures}
    named = [function for function in functions.values() if id(function) in names()]
    own = [function for function in named if not names()[id(function)][0].startswith("np.ndarray.")]
    of_numpy = [function for function in own if names()[id(function)][0].startswith("np.")]
    ufuncs = [function for function in of_numpy if isinstance(function, np.ufunc)]
    ufunc_methods = [op for op in TABLE.by_name.values() if op.name.rpartition(".")[2] in METHODS
                     and op.name.partition(".")[0] in {ufunc.__name__ for ufunc in WITH_METHODS}]
    print(f"{len(own)} callables, of which {len(of_numpy)} NumPy's, of which {len(ufuncs)} ufuncs; "
          f"{len(TABLE.by_method)} methods of arrays; {len(ufunc_methods)} methods of ufuncs; {len(SPELLINGS)} ways "
          "to write them")
    assert len(of_numpy) >= 560
    assert len(TABLE.by_method) >= 45
    assert len(ufunc_methods) == len(METHODS) * len(WITH_METHODS)


def test_every_callable_is_called_in_a_graph() -> None:
    """Those of NumPy, ``math``, ``operator`` and the builtins; generators and other modules have tests of their own."""
    found = {op.name for op in TABLE.by_name.values()
             if op.method or any(id(function) in names() for function in op.captures)}
    missing = {name for name in found - UNSAMPLED
               if not (TABLE.by_name[name].samples and list(spellings(TABLE.by_name[name])))}
    assert not missing


def test_the_catalogue_is_up_to_date() -> None:
    document = Path(__file__).resolve().parents[2] / "docs" / "numpy.md"
    assert document.read_text(encoding="utf-8") == catalogue(), (
        "run python -P -m tograph.runtime.ops.catalogue > docs/numpy.md")

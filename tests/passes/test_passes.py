"""Passes: graphs as text before and after, the examples in docstrings, and one law: the graph means what it meant.

Each row of ``GRAPHS`` is run with its arguments before and after every pass and the whole pipeline: results, written
arguments, printed text, warnings and exceptions must be equal.  Rows name what each pass makes of them where that is
the point.
"""

import contextlib
import copy
import io
import re
import textwrap
import warnings
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest

from tograph.runtime.errors import InvalidGraph
from tograph.runtime.execute.reference import compile_graph
from tograph.runtime.ir.graph import same, walk
from tograph.runtime.ir.text import parse
from tograph.runtime.ir.verify import verify
from tograph.runtime.ops import TABLE
from tograph.runtime.ops.infer import infer_call
from tograph.runtime.passes import pipeline
from tograph.runtime.passes.common_subexpressions import merge_common_subexpressions as merge
from tograph.runtime.passes.constants import fold_constants as fold
from tograph.runtime.passes.dead_code import remove_dead_code as remove
from tograph.runtime.passes.loop_invariants import hoist_loop_invariants as hoist
from tograph.runtime.passes.pipeline import STANDARD, optimise
from tograph.runtime.passes.unread_objects import remove_unread_objects as remove_unread

X = np.array([3.0, -1.0, 2.0])
UNCHANGED = "unchanged"


def graph_of(text, least=1):
    """The graph that ``text`` says, where arrays have ``n`` elements, ``least`` or more."""
    return parse(f"symbol n: {least}..\n" + textwrap.dedent(text).strip("\n"), TABLE)


@dataclass
class Row:
    """A graph, the arguments to run it with, and what passes make of it (``UNCHANGED`` or text)."""

    name: str
    text: str
    args: tuple[Any, ...] = ()
    becomes: dict[Any, str] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)      # how often ops stand in the graph after the pipeline

    def __str__(self):
        return self.name


GRAPHS = [
    Row("an unread sum of ints goes", """
        graph(%k: int):
          %1: int = operator.add(%k, 1)
          return %k
    """, (3,), {remove: "graph(%k: int):\n  return %k"}),
    Row("an unread index that may be out of bounds stays", """
        graph(%x: f8[n], %k: int):
          %1: f8 = get_item(%x, %k)
          return %x
    """, (X, 9), {remove: UNCHANGED}),
    Row("an unread index in bounds goes", """
        graph(%x: f8[n]):
          %1: f8 = get_item(%x, 0)
          return %x
    """, (X,), counts={"get_item": 0}),
    Row("an unread division of floats may warn and stays", """
        graph(%x: f8[n]):
          %1: f8[n] = operator.truediv(%x, 0.0)
          return %x
    """, (X,), {remove: UNCHANGED}),
    Row("an unread division of Python numbers may raise and stays", """
        graph(%k: int):
          %1: float = operator.truediv(1.0, %k)
          return %k
    """, (0,), {remove: UNCHANGED}),
    Row("printing is never dropped, moved or merged", """
        graph(%k: int, %numbers: range[0, 3, 1]):
          %1: None = print('a')
          %2: None = print('a')
          for_loop[%numbers](carried=0)
            body(%3: int):
              %4: None = print('b')
              return
          return %k
    """, (1, range(3)), {merge: UNCHANGED, hoist: UNCHANGED, remove: UNCHANGED}),
    Row("a write is never dropped", """
        graph(%x: f8[n]):
          %1: f8[n] = get_item(%x, slice(None, None, None))
          %2: None = update(%1, 0, 7.0)
          return
    """, (X,), {remove: UNCHANGED, merge: UNCHANGED}),
    Row("a write to what nobody sees, through out=", """
        graph(%x: f8[n]):
          %1: f8[n] = add(%x, 1.0)
          %2: f8[n] = add(%x, %x, out=%1)
          %3: f8[n] = add(%x, 1.0)
          %4: f8[n] = multiply(%1, %3)
          return %4
    """, (X,), {merge: UNCHANGED}),
    Row("two views of a written array are two reads", """
        graph(%x: f8[n]):
          %1: f8 = get_item(%x, 0)
          %2: None = update(%x, 0, 5.0)
          %3: f8 = get_item(%x, 0)
          %4: f8 = operator.add(%1, %3)
          return %4
    """, (X,), {merge: UNCHANGED}),
    Row("a write to another argument may be a write to this one", """
        graph(%x: f8[n], %y: f8[n]):
          %1: f8 = get_item(%x, 0)
          %2: None = update(%y, 0, 5.0)
          %3: f8 = get_item(%x, 0)
          %4: f8 = operator.add(%1, %3)
          return %4
    """, (X, X), {merge: UNCHANGED}),
    Row("a write to new memory leaves others alone", """
        graph(%x: f8[n]):
          %1: f8[n] = add(%x, 0.5)
          %2: f8 = get_item(%x, 0)
          %3: None = update(%1, 0, 5.0)
          %4: f8 = get_item(%x, 0)
          %5: f8 = operator.add(%2, %4)
          return %5, %1
    """, (X,), counts={"get_item": 1}),
    Row("two arrays that are returned stay two", """
        graph(%x: f8[n]):
          %1: f8[n] = add(%x, 1.0)
          %2: f8[n] = add(%x, 1.0)
          return %1, %2
    """, (X,), {merge: UNCHANGED}),
    Row("an array that is written later is not shared", """
        graph(%x: f8[n]):
          %1: f8[n] = add(%x, 1.0)
          %2: f8[n] = add(%x, 1.0)
          %3: None = update(%2, 0, 9.0)
          %4: f8[n] = multiply(%1, %2)
          return %4
    """, (X,), {merge: UNCHANGED}),
    Row("written through a view of a view", """
        graph(%x: f8[n]):
          %1: f8[n] = add(%x, 1.0)
          %2: f8[n] = get_item(%1, slice(None, None, None))
          %3: f8[n] = get_item(%2, slice(None, None, -1))
          %4: f8[n] = add(%x, 1.0)
          %5: None = update(%3, 0, 9.0)
          %6: f8[n] = multiply(%1, %4)
          return %6
    """, (X,), {merge: UNCHANGED}),
    Row("written after it went through a list", """
        graph(%x: f8[n]):
          %1: f8[n] = add(%x, 1.0)
          %2: list[f8[n]] = list(%1)
          %3: f8[n] = get_item(%2, 0)
          %4: f8[n] = add(%x, 1.0)
          %5: None = update(%3, 0, 9.0)
          %6: f8[n] = multiply(%1, %4)
          return %6
    """, (X,), {merge: UNCHANGED}),
    Row("written in a later turn of a loop", """
        graph(%x: f8[n], %numbers: range[0, 3, 1]):
          %1: f8[n] = add(%x, 1.0)
          %2: f8[n] = add(%x, 1.0)
          %3: f8[n], %4: f8[n] = for_loop[%numbers, %1, %2](carried=2)
            body(%5: int, %6: f8[n], %7: f8[n]):
              %8: None = update(%6, 0, 9.0)
              return %7, %6
          %9: f8[n] = multiply(%3, %4)
          return %9
    """, (X, range(3)), {merge: UNCHANGED}),
    Row("compared by identity, they stay two", """
        graph(%x: f8[n]):
          %1: f8[n] = add(%x, 1.0)
          %2: f8[n] = add(%x, 1.0)
          %3: bool = operator.is(%1, %2)
          %4: f8 = get_item(%x, 0)
          %5: f8 = get_item(%x, 0)
          %6: bool = operator.is(%4, %5)
          return %3, %6
    """, (X,), {merge: UNCHANGED}),
    Row("compared by identity in a branch", """
        graph(%x: f8[n], %flag: bool):
          %1: f8[n] = add(%x, 1.0)
          %2: f8[n] = add(%x, 1.0)
          %3: bool = cond[%flag, %1, %2](%flag)
            then(%4: f8[n], %5: f8[n]):
              %6: bool = operator.is(%4, %5)
              return %6
            otherwise(%7: f8[n], %8: f8[n]):
              %9: bool = constant(False)
              return %9
          return %3
    """, (X, True), {merge: UNCHANGED}),
    Row("equal calls in branches are not merged with each other", """
        graph(%x: f8[n], %flag: bool):
          %1: f8 = cond[%flag, %x](%flag)
            then(%2: f8[n]):
              %3: f8 = get_item(%2, 0)
              return %3
            otherwise(%4: f8[n]):
              %5: f8 = get_item(%4, 0)
              return %5
          return %1
    """, (X, False), {merge: UNCHANGED}),
    Row("what was merged is captured once", """
        graph(%x: f8[n], %numbers: range[0, 3, 1], %s: int):
          %1: int = builtins.len(%x)
          %2: int = builtins.len(%x)
          %3: int = for_loop[%numbers, %s, %1, %2](carried=1)
            body(%4: int, %5: int, %6: int, %7: int):
              %8: int = operator.mul(%5, %6)
              %9: int = operator.mul(%5, %7)
              %10: int = operator.add(%8, %9)
              return %10
          return %3
    """, (X, range(3), 1), {}, {"builtins.len": 1, "operator.mul": 1}),
    Row("constants of other kinds are other calls", """
        graph(%k: int):
          %1: int = operator.add(%k, 1)
          %2: float = operator.add(%k, 1.0)
          %3: int = operator.add(%k, True)
          %4: tuple[int, float, int] = tuple(%1, %2, %3)
          return %4
    """, (3,), {merge: UNCHANGED}),
    Row("of two calls that raise the first does", """
        graph(%x: f8[n], %k: int):
          %1: f8 = get_item(%x, %k)
          %2: None = print('between')
          %3: f8 = get_item(%x, %k)
          %4: f8 = operator.add(%1, %3)
          return %4
    """, (X, 5), counts={"get_item": 1, "print": 1}),
    Row("what may raise stays in its loop", """
        graph(%x: f8[n], %k: int, %numbers: range[_, _, 1]):
          %1: f8 = constant(0.0)
          %2: f8 = for_loop[%numbers, %1, %x, %k](carried=1)
            body(%3: int, %4: f8, %5: f8[n], %6: int):
              %7: f8 = get_item(%5, %6)
              return %7
          return %2
    """, (X, 9, range(0)), {hoist: UNCHANGED}),
    Row("what may warn stays in a loop that may not turn", """
        graph(%a: f8, %numbers: range[_, _, 1]):
          %1: f8 = for_loop[%numbers, %a, %a](carried=1)
            body(%2: int, %3: f8, %4: f8):
              %5: f8 = operator.truediv(%4, 0.0)
              return %5
          return %1
    """, (np.float64(1.0), range(0)), {hoist: UNCHANGED}),
    Row("what may warn leaves a loop that turns", """
        graph(%a: f8, %numbers: range[0, 4, 1]):
          %1: f8 = for_loop[%numbers, %a, %a](carried=1)
            body(%2: int, %3: f8, %4: f8):
              %5: f8 = operator.truediv(%4, 0.0)
              %6: f8 = operator.add(%3, %5)
              return %6
          return %1
    """, (np.float64(1.0), range(4)), {hoist: """
        graph(%a: f8, %numbers: range[0, 4, 1]):
          %1: f8 = operator.truediv(%a, 0.0)
          %2: f8 = for_loop[%numbers, %a, %a, %1](carried=1)
            body(%3: int, %4: f8, %5: f8, %6: f8):
              %7: f8 = operator.add(%4, %6)
              return %7
          return %2
    """}),
    Row("what may warn stays after what may raise", """
        graph(%a: f8, %x: f8[n], %numbers: range[0, 4, 1]):
          %1: f8 = for_loop[%numbers, %a, %a, %x](carried=1)
            body(%2: int, %3: f8, %4: f8, %5: f8[n]):
              %6: f8 = get_item(%5, 7)
              %7: f8 = operator.truediv(%4, 0.0)
              return %7
          return %1
    """, (np.float64(1.0), X, range(4)), {hoist: UNCHANGED}),
    Row("what reads what the loop writes stays", """
        graph(%x: f8[n], %numbers: range[0, 3, 1], %s: f8):
          %1: f8 = for_loop[%numbers, %s, %x](carried=1)
            body(%2: int, %3: f8, %4: f8[n]):
              %5: f8 = get_item(%4, 0)
              %6: None = update(%4, 0, %2)
              %7: f8 = operator.add(%3, %5)
              return %7
          return %1
    """, (X, range(3), np.float64(0)), {hoist: UNCHANGED}),
    Row("what is made to be written is made in each turn", """
        graph(%x: f8[n], %numbers: range[0, 3, 1]):
          %1: list[f8[n]] = list()
          for_loop[%numbers, %x, %1](carried=0)
            body(%2: int, %3: f8[n], %4: list[f8[n]]):
              %5: f8[n] = add(%3, 1.0)
              %6: None = update(%5, 0, %2)
              %7: None = container.append(%4, %5)
              return
          return %1
    """, (X, range(3)), {hoist: UNCHANGED}),
    Row("out of two loops at once", """
        graph(%x: f8[n], %numbers: range[0, 3, 1], %s: int):
          %1: int = for_loop[%numbers, %s, %numbers, %x](carried=1)
            body(%2: int, %3: int, %4: range[0, 3, 1], %5: f8[n]):
              %6: int = for_loop[%4, %3, %5](carried=1)
                body(%7: int, %8: int, %9: f8[n]):
                  %10: int = builtins.len(%9)
                  %11: int = operator.add(%10, 1)
                  %12: int = operator.mul(%8, %11)
                  return %12
              return %6
          return %1
    """, (X, range(3), 1), {hoist: """
        graph(%x: f8[n], %numbers: range[0, 3, 1], %s: int):
          %1: int = builtins.len(%x)
          %2: int = operator.add(%1, 1)
          %3: int = for_loop[%numbers, %s, %numbers, %x, %1, %2](carried=1)
            body(%4: int, %5: int, %6: range[0, 3, 1], %7: f8[n], %8: int, %9: int):
              %10: int = for_loop[%6, %5, %7, %8, %9](carried=1)
                body(%11: int, %12: int, %13: f8[n], %14: int, %15: int):
                  %16: int = operator.mul(%12, %15)
                  return %16
              return %10
          return %3
    """}),
    Row("a loop's test is hoisted from", """
        graph(%x: f8[n], %k: int):
          %1: int = while_loop[%k, %x](carried=1)
            test(%2: int, %3: f8[n]):
              %4: int = builtins.len(%3)
              %5: bool = operator.gt(%2, %4)
              return %5
            body(%6: int, %7: f8[n]):
              %8: int = operator.sub(%6, 1)
              return %8
          return %1
    """, (X, 9), {hoist: """
        graph(%x: f8[n], %k: int):
          %1: int = builtins.len(%x)
          %2: int = while_loop[%k, %x, %1](carried=1)
            test(%3: int, %4: f8[n], %5: int):
              %6: bool = operator.gt(%3, %5)
              return %6
            body(%7: int, %8: f8[n], %9: int):
              %10: int = operator.sub(%7, 1)
              return %10
          return %2
    """}),
    Row("carried values that nobody reads go", """
        graph(%k: int, %numbers: range[0, 3, 1]):
          %1: int, %2: int, %3: int = for_loop[%numbers, %k, %k, %k](carried=3)
            body(%4: int, %5: int, %6: int, %7: int):
              %8: int = operator.add(%5, %7)
              %9: int = operator.add(%6, 1)
              return %8, %9, %7
          return %1
    """, (2, range(3)), {remove: """
        graph(%k: int, %numbers: range[0, 3, 1]):
          %1: int, %2: int = for_loop[%numbers, %k, %k](carried=2)
            body(%3: int, %4: int, %5: int):
              %6: int = operator.add(%4, %5)
              return %6, %5
          return %1
    """}),
    Row("a loop that may not end is never dropped", """
        graph(%k: int):
          %1: int = while_loop[%k](carried=1)
            test(%2: int):
              %3: bool = operator.gt(%2, 0)
              return %3
            body(%4: int):
              %5: int = operator.sub(%4, 1)
              return %5
          return %k
    """, (4,), counts={"while_loop": 1, "operator.gt": 1, "operator.sub": 1}),
    Row("a branch that is known is taken, with its effects", """
        graph(%x: f8[n]):
          %1: bool = constant(True)
          %2: bool = operator.not(%1)
          %3: f8[n] = cond[%2, %x](%2)
            then(%4: f8[n]):
              %5: None = print('then')
              return %4
            otherwise(%6: f8[n]):
              %7: None = print('otherwise')
              %8: f8[n] = negative(%6)
              return %8
          return %3
    """, (X,), counts={"cond": 0, "print": 1, "constant": 0}),
    Row("a known branch that raises", """
        graph(%x: f8[n]):
          %1: bool = constant(True)
          %2: f8[n] = cond[%1, %x](%1)
            then(%3: f8[n]):
              %4: never = raise(@builtins:ValueError)
              return %4
            otherwise(%5: f8[n]):
              return %5
          %6: None = print('after')
          return %2
    """, (X,), counts={"cond": 0}),
    Row("constants that raise or warn are left to run", """
        graph(%flag: bool):
          %1: int = constant(0)
          cond[%flag, %1](%flag)
            then(%2: int):
              %3: float = operator.truediv(1, %2)
              return
            otherwise(%4: int):
              %5: f8 = divide(1.0, %4)
              return
          return %flag
    """, (False,), counts={"operator.truediv": 1, "divide": 1, "constant": 0}),
    Row("constants that grow are left to run", """
        graph(%flag: bool):
          %1: int = constant(1000)
          %2: int = operator.pow(%1, 1000)
          return %2
    """, (False,), counts={"operator.pow": 1}),
    Row("a constant array is one thing, whoever writes it", """
        graph(%k: int):
          %1: f8[3] = constant(array(dtype('f8'), (3,), [1.0, 2.0, 3.0]))
          %2: f8 = get_item(%1, 0)
          %3: f8 = get_item(%1, 0)
          %4: f8 = operator.add(%2, %3)
          return %4
    """, (3,), counts={"get_item": 1}),
    Row("nothing is known beyond unknown code", """
        graph(%x: f8[n], %thing: any):
          %1: f8 = get_item(%x, 0)
          %2: any = operator.add(%thing, 1)
          %3: f8 = get_item(%x, 0)
          %4: f8 = operator.add(%1, %3)
          return %4, %2
    """, (X, 3), {merge: UNCHANGED, remove: UNCHANGED}),
    Row("an iterator moves on", """
        graph(%items: list[int]):
          %1: iterator[int] = iterator(%items)
          %2: int = advance(%1, None)
          %3: int = advance(%1, None)
          %4: iterator[int] = iterator(%items)
          %5: int = advance(%4, None)
          %6: tuple[int, int, int] = tuple(%2, %3, %5)
          return %6
    """, ([1, 2, 3],), {merge: UNCHANGED}),
    Row("a list that grows has a new length", """
        graph(%k: int):
          %1: list[int] = list(%k)
          %2: int = builtins.len(%1)
          %3: None = container.append(%1, %k)
          %4: int = builtins.len(%1)
          %5: int = operator.sub(%4, %2)
          return %5
    """, (3,), counts={"builtins.len": 2}),
    Row("an object's attribute may have changed", """
        graph(%thing: object[@types:SimpleNamespace], %k: int):
          %1: int = load(%thing, 'count')
          %2: None = store(%thing, 'count', %k)
          %3: int = load(%thing, 'count')
          %4: int = operator.sub(%3, %1)
          return %4
    """, (__import__("types").SimpleNamespace(count=5), 2), {merge: UNCHANGED}),
    Row("both branches give one array or another, then it is written", """
        graph(%x: f8[n], %flag: bool):
          %1: f8[n] = add(%x, 1.0)
          %2: f8[n] = add(%x, 1.0)
          %3: f8[n] = cond[%flag, %1, %2](%flag)
            then(%4: f8[n], %5: f8[n]):
              return %4
            otherwise(%6: f8[n], %7: f8[n]):
              return %7
          %8: None = update(%3, 0, 5.0)
          %9: f8[n] = multiply(%1, %2)
          return %9
    """, (X, True), {merge: UNCHANGED}),
    Row("items of a list of arrays are those arrays", """
        graph(%x: f8[n], %numbers: range[0, 1, 1]):
          %1: f8[n] = add(%x, 1.0)
          %2: f8[n] = add(%x, 1.0)
          %3: list[f8[n]] = list(%1)
          for_loop[%3](carried=0)
            body(%4: f8[n]):
              %5: None = update(%4, 0, 5.0)
              return
          %6: f8[n] = multiply(%1, %2)
          return %6
    """, (X, range(1)), {merge: UNCHANGED}),
]

PASSES = [fold, hoist, merge, remove, remove_unread, optimise]


def outcome(graph, args):
    """All that can be observed of a run, and which of the results and arguments are one object or share memory."""
    args = copy.deepcopy(list(args))
    if len(args) == 2 and args[0] is args[1]:
        args[1] = args[0]
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            result = compile_graph(graph).run(*args)
        except Exception as error:
            result = (type(error), str(error))
    things = [*(result if isinstance(result, tuple) else (result,)), *args]
    arrays = [thing for thing in things if isinstance(thing, np.ndarray)]
    return {
        "values": repr(things),
        "kinds": [(type(thing), getattr(thing, "dtype", None)) for thing in things],
        "same": [[a is b for b in arrays] for a in arrays],
        "shared": [[np.shares_memory(a, b) for b in arrays] for a in arrays],
        "printed": printed.getvalue(),
        "warned": {(warning.category, str(warning.message)) for warning in caught},
    }




@pytest.mark.parametrize("transform", PASSES, ids=lambda transform: transform.__name__)
@pytest.mark.parametrize("row", GRAPHS, ids=str)
def test_the_graph_means_what_it_meant(row, transform):
    graph = graph_of(row.text)
    verify(graph)
    result = transform(graph)
    verify(result, infer_call)
    assert outcome(result, row.args) == outcome(graph, row.args)


@pytest.mark.parametrize("transform", PASSES, ids=lambda transform: transform.__name__)
@pytest.mark.parametrize("row", GRAPHS, ids=str)
def test_a_second_time_changes_nothing(row, transform):
    once = transform(graph_of(row.text))
    assert str(transform(once)) == str(once)


@pytest.mark.parametrize("row, transform, after", [(row, *item) for row in GRAPHS for item in row.becomes.items()],
                         ids=[f"{row}-{transform.__name__}" for row in GRAPHS for transform in row.becomes])
def test_what_a_pass_makes_of_it(row, transform, after):
    graph = graph_of(row.text)
    assert str(transform(graph)) == str(graph if after is UNCHANGED else graph_of(after))


@pytest.mark.parametrize("row", [row for row in GRAPHS if row.counts], ids=str)
def test_what_is_left_after_the_pipeline(row):
    names = [node.op.name for node in walk(optimise(graph_of(row.text), check=True))]
    assert {name: names.count(name) for name in row.counts} == row.counts


@pytest.mark.parametrize("transform", PASSES[:-1], ids=lambda transform: transform.__name__)
def test_the_example_in_the_docstring(transform):
    before, after = re.findall(r"(?:Before|After)::\n\n(.*?return[^\n]*\n)(?=\n|$)", transform.__doc__, re.S)
    graph = graph_of(before, least=0)
    verify(graph, infer_call)
    assert str(transform(graph)) == str(graph_of(after, least=0))


def test_the_runner_names_the_guilty_pass():
    def lose_everything(graph):
        return type(graph)(graph.inputs, (), graph.outputs)

    graph = graph_of(GRAPHS[10].text)
    with pytest.raises(InvalidGraph, match="after lose_everything: an output of the graph is not defined"):
        pipeline.run(graph, (remove, lose_everything), check=True)
    assert same(pipeline.run(graph, (lose_everything,))[0], lose_everything(graph))


def test_the_runner_says_what_each_pass_did():
    graph, steps = pipeline.run(graph_of(GRAPHS[0].text))
    assert [step.name for step in steps] == [transform.__name__ for transform in STANDARD]
    assert (steps[0].before, steps[-1].after) == (1, 0)
    assert "remove_dead_code" in str(steps[-1])

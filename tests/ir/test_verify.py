"""The verifier: a row is a graph and the fault it must be told, by node and line."""

import textwrap

import pytest

from tograph.runtime.errors import InvalidGraph
from tograph.runtime.ir.graph import Call, Graph, Location, Node, Operand, Value
from tograph.runtime.ir.text import parse
from tograph.runtime.ir.types import FLOAT, INT, NEVER
from tograph.runtime.ir.verify import verify
from tograph.runtime.ops import TABLE
from tograph.runtime.ops.infer import infer_call

ADD = TABLE.by_name["operator.add"]
LOOP = """
    graph(%k: int, %x: f8[n]):
      %1: int = while_loop[%k, %x](carried=1)  # model.py:3
        test(%2: int, %3: f8[n]):
          %4: bool = operator.gt(%2, 0)
          return %4
        body(%5: int, %6: f8[n]):
          %7: int = operator.sub(%5, 1)
          return %7
      return %1
"""
BRANCH = """
    graph(%flag: bool, %x: f8[n]):
      %1: f8[n] = cond[%flag, %x](%flag)  # model.py:4
        then(%2: f8[n]):
          return %2
        otherwise(%3: f8[n]):
          %4: f8[n] = operator.neg(%3)
          return %4
      return %1
"""
RAISING = """
    graph(%flag: bool, %x: f8[n]):
      %1: f8[n] = cond[%flag, %x](%flag)
        then(%2: f8[n]):
          %3: never = raise(@builtins:ValueError)
          return %3
        otherwise(%4: f8[n]):
          return %4
      return %1
"""
TURNS = """
    graph(%x: f8[n], %items: range[0, n, 1], %k: int):
      %1: f8[?d2], %2: int = for_loop[%items, %x, %k](carried=2)
        body(%3: int, %4: f8[?d1], %5: int[?k3]):
          %7: int[?k3 + 1] = operator.add(%5, 1)
          return %4, %7
      return %1
"""


def graph_of(text):
    symbols = "symbol n: 2..\nsymbol ?d1: 0..\nsymbol ?d2: 0..\nsymbol ?k3: ..\n"
    return parse(symbols + textwrap.dedent(text).strip("\n"), TABLE)


@pytest.mark.parametrize("text", [LOOP, BRANCH, RAISING, TURNS])
def test_accepts(text):
    verify(graph_of(text), infer_call)


@pytest.mark.parametrize("text, before, after, message", [
    (LOOP, "carried=1", "carried=3", r"while_loop \(model.py:3\): it carries 3 of 2 values"),
    (LOOP, "(carried=1)", "", "it carries None of 2 values"),
    (LOOP, "return %4", "return %4, %4", "its test gives 2 values"),
    (LOOP, "return %7", "return %5, %7", "the body gives 2 values where 1 are wanted"),
    (LOOP, "return %7", "return %6", r"the body gives f8\[n\] where int is wanted"),
    (LOOP, "test(%2: int,", "test(%2: float,", "a capture is int, but is taken as float"),
    (LOOP, "[%k, %x]", "[%k]", "a body takes 2 values, but is given 1"),
    (BRANCH, "[%flag, %x]", "[%flag]", "a body takes 1 values, but is given 0"),
    (BRANCH, "%4: f8[n] = operator.neg(%3)", "%4: f8[n, n] = operator.neg(%3)",
        r"operator.neg: its type is recorded as f8\[n, n\]"),
    (BRANCH, "%4: f8[n] = operator.neg(%3)", "%4: f8[n + 1] = operator.neg(%3)",
        r"recorded as f8\[n \+ 1\], but is f8\[n\]"),
    (BRANCH, "return %4", "return %4, %3", r"cond \(model.py:4\): a branch gives 2 values where 1 are wanted"),
    (BRANCH, "then(%2: f8[n])", "then(%2: f8[])", r"a capture is f8\[n\], but is taken as f8\[\]"),
    (BRANCH, "return %2", "return %x", "an output of the body 0 is not defined in it"),
    (BRANCH, "operator.neg(%3)", "operator.neg(%x)", "operator.neg: a value of another graph is used"),
    (BRANCH, "operator.neg(%3)", "operator.neg[%3](1.0)", "an input does not appear in the call"),
    (RAISING, "%3: never = raise(@builtins:ValueError)", "%3: int = constant(1)",
        r"a branch gives int where f8\[n\] is wanted"),
])
def test_names_the_fault(text, before, after, message):
    assert before in text
    verify(graph_of(text), infer_call)
    with pytest.raises(InvalidGraph, match=message):
        verify(graph_of(text.replace(before, after)), infer_call)


def test_values_are_defined_once_and_before_they_are_used():
    x, y, z = Value(INT), Value(INT), Value(FLOAT)
    first = Node(ADD, (x,), (y,), Call((Operand(0), 1)), location=Location("model.py", 7))
    second = Node(ADD, (y,), (z,), Call((Operand(0), 1)))
    verify(Graph((x,), (first, second), (z,)))
    for graph, message in [
        (Graph((x,), (second, first), (z,)), "operator.add: a value is used before it is defined"),
        (Graph((x,), (first, first), (y,)), r"operator.add \(model.py:7\): a value is defined twice"),
        (Graph((x, x), (), ()), "a value is defined twice"),
        (Graph((x,), (), (y,)), "an output of the graph is not defined in it"),
        (Graph((x,), (Node(ADD, (x,), (y,), Call((Operand(1), Operand(0)))),), (y,)),
            "operand 1 of a call with 1 inputs"),
    ]:
        with pytest.raises(InvalidGraph, match=message):
            verify(graph)


def test_the_rule_of_an_op_is_asked_again_where_it_can_answer():
    x, y = Value(INT), Value(FLOAT)
    graph = Graph((x,), (Node(ADD, (x,), (y,), Call((Operand(0), 1))),), (y,))
    verify(graph)
    with pytest.raises(InvalidGraph, match="its type is recorded as float, but is int"):
        verify(graph, infer_call)
    never = Value(NEVER)
    with pytest.raises(InvalidGraph, match="its type is recorded as never, but is int"):
        verify(Graph((x,), (Node(ADD, (x,), (never,), Call((Operand(0), 1))),), ()), infer_call)

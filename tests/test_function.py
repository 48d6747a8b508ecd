"""Graph functions as objects: options given again, copies, pickles, and types as text."""

import copy
import pickle
import sys

import numpy as np
import pytest

from tograph import to_graph
from tograph.runtime.function import GraphFunction
from tograph.runtime.tracing.abstract import TypeText


@to_graph
def scaled(x, k):
    return x * k


def plain(x, k=2):
    return x * k


class Net:
    def __init__(self, weight):
        self.weight = weight

    @to_graph
    def step(self, x):
        return self.weight * x


# -- options


def test_a_graph_function_is_given_back_where_nothing_changes():
    assert to_graph(scaled) is scaled
    assert to_graph(scaled, backend="auto", name="scaled") is scaled


def test_options_given_to_a_graph_function_apply():
    other = to_graph(scaled, backend="reference", static="k", name="other")
    assert other is not scaled
    assert (other.backend, other.static, other.__name__) == ("reference", {"k"}, "other")
    assert to_graph(other, name="another").static == {"k"}
    assert (scaled.backend, scaled.static, scaled.__name__) == ("auto", frozenset(), "scaled")
    x = np.ones(3)
    for k in (2, 3, 2):
        np.testing.assert_array_equal(other(x, k), x * k)
    assert other.trace_count == 2


def test_options_that_mean_nothing_are_refused_also_there():
    with pytest.raises(ValueError, match="unknown backend 'fast'"):
        to_graph(scaled, backend="fast")
    with pytest.raises(ValueError, match="static names no parameter of scaled: z"):
        to_graph(scaled, static="z")


def test_options_given_to_a_method_apply():
    step = to_graph(Net(3.0).step, name="stride")
    assert step(2.0) == 6.0 and step.__name__ == "stride"


# -- copies and pickles


def test_a_copy_is_the_function_itself():
    assert copy.copy(scaled) is scaled
    assert copy.deepcopy([scaled, scaled]) == [scaled, scaled]


def test_a_pickle_is_a_reference_where_the_function_can_be_found():
    assert pickle.loads(pickle.dumps(scaled)) is scaled
    assert pickle.loads(pickle.dumps(Net.step)) is Net.step


def test_a_pickle_of_another_graph_function_makes_it_again():
    function = GraphFunction(plain, "reference", "k", "renamed", 2)
    made = pickle.loads(pickle.dumps(function))
    assert made.eager is plain
    assert (made.backend, made.static, made.__name__, made.unroll) == ("reference", {"k"}, "renamed", 2)


def test_a_function_that_cannot_be_found_is_not_pickled():
    def local(x):
        return x

    with pytest.raises((pickle.PicklingError, AttributeError), match="local"):
        pickle.dumps(to_graph(local))


def test_methods_are_copied_and_pickled_with_their_object():
    net = Net(2.0)
    step = net.step
    assert copy.copy(step).__self__ is net
    deep = copy.deepcopy(step)
    assert deep.__self__ is not net and deep(3.0) == 6.0 and deep.__func__ is Net.step
    assert pickle.loads(pickle.dumps(step))(3.0) == 6.0


# -- types as text


@pytest.mark.parametrize("text, message", [
    ("f8[n", "the bracket is not closed"),
    ("f8[n, 2.5]", "'2.5' is no size"),
    ("f8[-1]", "'-1' is no size: it is negative"),
    ("flot[n]", "'flot\\[n\\]' names no type: write for example"),
    ("f8 n]", "names no type"),
])
def test_text_with_brackets_that_is_no_type_is_an_error(text, message):
    with pytest.raises(ValueError, match=message):
        scaled.graph(text, "int")
    with pytest.raises(ValueError, match=message):
        scaled.graph(text, 2)


def test_other_text_is_text():
    def chosen(x, mode):
        return x + 1 if mode == "up" else x - 1

    (node,) = to_graph(chosen).graph("f8[n]", "up").nodes
    assert node.op.name == "operator.add"
    (node,) = to_graph(chosen).graph(TypeText("f8[n]"), "f8").nodes
    assert node.op.name == "operator.sub"
    (node,) = to_graph(chosen).graph("f8[n]", "12 34").nodes
    assert node.op.name == "operator.sub"
    with pytest.raises(ValueError, match="names no type"):
        to_graph(chosen).graph(TypeText("upwards"), "up")


def test_sizes_may_be_computed_and_one_name_is_one_size():
    text = str(to_graph(scaled).graph("f8[n, n + 1]", "f8[n + 1]"))
    assert "graph(%x: f8[n, n + 1], %k: f8[n + 1])" in text
    assert "%1: f8[n, n + 1]" in text


def test_ints_are_called_as_their_parameters():
    def span(n, x, m):
        return x[n:m], x[:n]

    assert "graph(%n: int[n_2], %x: f8[n], %m: int[m])" in str(to_graph(span).graph("int", "f8[n]", "int"))
    assert "graph(%x: f8[m], %k: int[k])" in str(scaled.graph("f8[m]", "int"))


class Rule:
    factor = 2.0

    def apply(self, x):
        return x * self.factor

    @property
    def shown(self):
        return "first"


class Derived(Rule):
    pass


def test_methods_that_are_replaced(monkeypatch):
    """A trace assumes of each method that it traced that the class, and those before it, still say the same."""
    rule = Derived()
    graph = to_graph(lambda x: (rule.apply(x), rule.shown))
    x = np.ones(2)
    assert graph(x)[0][0] == 2.0 and graph.trace_count == 1
    monkeypatch.setattr(Rule, "apply", lambda self, x: x - self.factor)
    assert graph(x)[0][0] == -1.0
    monkeypatch.setattr(Derived, "apply", lambda self, x: x + 10, raising=False)
    assert graph(x)[0][0] == 11.0
    monkeypatch.setattr(Rule, "shown", property(lambda self: "second"))
    assert graph(x)[1] == "second"
    monkeypatch.undo()
    assert graph(x)[0][0] == 2.0 and graph(x)[1] == "first" and graph.trace_count == 4


def test_lists_of_the_interpreter_are_found_anew_at_each_call(monkeypatch):
    function = to_graph(lambda x: (x + 1, len(sys.argv), sys.argv[-1]))
    for arguments in (["program"], ["program", "more"]):
        monkeypatch.setattr(sys, "argv", arguments)
        assert function(1) == (2, len(arguments), arguments[-1])

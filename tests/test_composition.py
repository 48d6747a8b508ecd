"""Graph functions inside of other code: called by each other, as methods, under decorators, beside Python that is
called back.
"""

import functools

import numpy as np

from tograph import py_func, to_graph
from tograph.testing import assert_equivalent


@to_graph(static="mode")
def moved(x, mode, step=1.0):
    return x + step if mode == "up" else x - step


@to_graph(name="another name")
def twice(x):
    return moved(moved(x, "up"), "down", step=0.5)


@to_graph
def factorial(n):
    return 1 if n < 2 else n * factorial(n - 1)


@to_graph
def descending(x, n):
    if n == 0:
        return x
    return ascending(x - 1, n - 1)


@to_graph
def ascending(x, n):
    return x if n == 0 else descending(x * 2, n - 1)


def logged(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        calls.append(function.__name__)
        return function(*args, **kwargs)

    return wrapper


calls = []


@logged
@to_graph
def inner(x):
    return x.sum() + 1


@to_graph
@logged
def outer(x):
    return inner(x) * 2


class Model:
    bias = 0.5

    def __init__(self, weight):
        self.weight = weight
        self.steps = 0

    @to_graph
    def predict(self, x):
        return self.shifted(x @ self.weight) + self.bias

    @staticmethod
    @to_graph
    def shifted(y):
        return y - y.mean()

    @classmethod
    @to_graph
    def zeros(cls, n):
        return np.zeros(n) + cls.bias

    @to_graph
    def fit(self, x, y, rate):
        for _ in range(3):
            self.weight -= rate * (x.T @ (self.predict(x) - y))
            self.steps += 1
        return self.check(self.zeros(2))

    @py_func(result="float")
    def check(self, start):
        return float(abs(self.weight).max() + start[0])


class Deeper(Model):
    bias = 1.5

    @to_graph
    def predict(self, x):
        return super().predict(x) * 2


def trained(model, x, y):
    result = model.fit(x, y, 0.01)
    return result, model.predict(x), model.steps, type(model).zeros(3)


def models():
    x = np.arange(6.0).reshape(3, 2)
    return [(cls(np.array([1.0, k])), x, np.ones(3)) for k in (0.5, 2.0) for cls in (Model, Deeper)]


def composed(x, n):
    return twice(x), moved(x, "down"), factorial(n), descending(x, n), ascending(x, n)


def test_graph_functions_with_other_options_are_traced_in_place():
    assert_equivalent(composed, [(np.arange(3.0), 3), (np.ones(2), 0), (np.zeros(4), 5)])
    assert moved.graph(np.ones(3), "up") is not None and "another name" in repr(twice)


def test_recursion_of_graph_functions():
    for n in range(6):
        assert factorial(n) == factorial.eager(n)
        x = np.arange(3.0)
        assert np.array_equal(descending(x, n), descending.eager(x, n))
    assert_equivalent(factorial, [(4,), (1,), (6,)])


def test_methods():
    assert_equivalent(trained, models())
    for cls in (Model, Deeper):
        x = np.arange(6.0).reshape(3, 2)
        graph, eager = cls(np.ones(2)), cls(np.ones(2))
        assert np.array_equal(graph.predict(x), cls.predict.eager(eager, x))
        assert graph.fit(x, np.ones(3), 0.01) == cls.fit.eager(eager, x, np.ones(3), 0.01)
        assert np.array_equal(graph.weight, eager.weight) and graph.steps == eager.steps == 3
        assert np.array_equal(cls.zeros(2), np.zeros(2) + cls.bias) and np.array_equal(cls.shifted(x), x - x.mean())


def test_decorators_around_graph_functions():
    calls.clear()
    assert outer(np.ones(3)) == 8.0 and calls == ["outer", "inner"]
    calls.clear()
    assert inner(np.ones(2)) == 3.0 and calls == ["inner"]
    assert inner.__wrapped__.trace_count >= 1 and outer.trace_count == 1
    calls.clear()

"""Every wrong use gives exactly the text that is written down for it, and leaves nothing behind."""

import re
import sys

import numpy as np
import pytest

from fixtures.errors import REFUSALS
from tograph import TographError, save_graph, to_graph
from tograph.runtime.errors import CallbackError, Refused, TracerLeak, UnwritableConstant
from tograph.runtime.tracing.current import is_tracing
from tograph.transpiler.errors import NoSource, StaleSource, UnsupportedSyntax

PYTHON_KIND = {
    NoSource: TypeError,
    StaleSource: TypeError,
    UnsupportedSyntax: SyntaxError,
    Refused: NotImplementedError,
    TracerLeak: TypeError,
    UnwritableConstant: TypeError,
    CallbackError: TypeError,
}
OUR_WORDS = re.compile(r"\b(tracer|traced|region|node|heap|scope|staging|infer\w*|guard|specialis\w*)\b", re.IGNORECASE)


def scaled(x, factor):
    if x.sum() > 0:
        x = x * factor
    return x


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_says_exactly_this(refusal, provoke):
    error = provoke(refusal)
    assert type(error) is refusal.kind
    assert str(error) == refusal.message
    assert isinstance(error, PYTHON_KIND[refusal.kind])


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_is_in_the_users_words(refusal):
    first, *others = refusal.message.split("\n")
    assert first.endswith(".") and not OUR_WORDS.search(first)
    assert others[-1].startswith("  Fix: ") and not others[-1].endswith(".")


IN_A_FILE = [row for row in REFUSALS if "def f(" in row.program and "<made>" not in row.program]


@pytest.mark.parametrize("refusal", IN_A_FILE, ids=str)
def test_stands_in_the_users_file(refusal, provoke, tmp_path):
    location = provoke(refusal).location
    assert location is not None and location.filename == str(tmp_path / "model.py")
    shown = refusal.message.split("\n")[2].strip()
    assert shown == refusal.program.split("\n")[location.line - 1].strip()


@pytest.mark.parametrize("refusal", REFUSALS, ids=str)
def test_leaves_nothing_behind(refusal, provoke):
    limit = sys.getrecursionlimit()
    graph = to_graph(scaled)
    first = str(provoke(refusal))
    assert not is_tracing() and sys.getrecursionlimit() == limit
    np.testing.assert_array_equal(graph(np.array([1.0, 2.0]), 3), [3.0, 6.0])
    assert str(provoke(refusal)) == first


def test_a_call_after_a_refused_one():
    """The argument is refused, not the function."""
    graph = to_graph(scaled)
    with pytest.raises(Refused):
        graph(np.array([1, None]), 2)
    np.testing.assert_array_equal(graph(np.array([1.0, 2.0]), 2), [2.0, 4.0])
    with pytest.raises(Refused):
        graph(np.ma.array([1.0]), 2)
    assert graph.trace_count == 1


def plain(x, n=1):
    return x * n


X = np.ones(3)
WRONG_USES = [
    (lambda: to_graph(3), TypeError, "to_graph takes a function, not int"),  # pyright: ignore[reportArgumentType]
    (lambda: to_graph("plain"), TypeError, "to_graph takes a function, not str"),  # pyright: ignore[reportArgumentType]
    (lambda: to_graph(property(plain)), TypeError, "to_graph takes a function, not property"),  # pyright: ignore[reportArgumentType]
    (lambda: to_graph(plain, backend="gpu"), ValueError, "unknown backend 'gpu': use 'auto' or 'reference'"),
    (lambda: to_graph(plain, static=("m", "x")), ValueError, "static names no parameter of plain: m"),
    (
        lambda: to_graph(plain, static="n")(X, [1]),
        TypeError,
        "the static argument 'n' of plain must be hashable: unhashable type: 'list'",
    ),
    (lambda: to_graph(plain)(), TypeError, "plain() missing 1 required positional argument: 'x'"),
    (lambda: to_graph(plain)(X, m=2), TypeError, "plain() got an unexpected keyword argument 'm'"),
    (
        lambda: save_graph(plain, "g", X),  # pyright: ignore[reportArgumentType]
        TypeError,
        "save_graph takes a function made by to_graph, not function",
    ),
]


@pytest.mark.parametrize(("use", "kind", "message"), WRONG_USES, ids=[row[2] for row in WRONG_USES])
def test_wrong_uses_of_the_library(use, kind, message):
    with pytest.raises(kind) as caught:
        use()
    assert type(caught.value) is kind and str(caught.value) == message and not isinstance(caught.value, TographError)


class Methods:
    @to_graph
    @staticmethod
    def fixed(x):
        return x + 1

    @to_graph
    @classmethod
    def named(cls, x):
        return cls.__name__, x + 1


def test_either_order_of_decorators_works():
    assert Methods.fixed(X)[0] == Methods().fixed(X)[0] == 2.0
    for owner in (Methods, Methods()):
        name, values = owner.named(X)
        assert name == "Methods" and values[0] == 2.0

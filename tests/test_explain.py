"""explain(): each trace with why it was made, what it assumes, and the lines that are to blame."""

import warnings
from pathlib import Path

import numpy as np
import pytest

from tograph import TographError, to_graph
from tograph.runtime.errors import RetraceWarning

SCALE = 2.0
LINES = Path(__file__).read_text(encoding="utf-8").splitlines()


def line_of(fact):
    """The text of the line that a fact is about."""
    return LINES[fact.place.line - 1].strip()


def mean(x, axis):
    return x.mean(axis) * SCALE    # needs the axis


def test_a_specialised_number_is_the_reason_for_the_next_trace():
    function = to_graph(mean)
    function(np.ones((3, 3)), 0)
    function(np.ones((4, 4)), 0)
    function(np.ones((3, 3)), 1)
    found = function.explain()
    assert [trace.number for trace in found.traces] == [1, 2]
    first, second = found.traces
    assert (first.reason.text, first.reason.place) == ("the first call", None)
    assert second.reason.text == "axis is 1, and was 0"
    assert line_of(second.reason).endswith("# needs the axis")
    assert [fact.text for fact in first.specialised] == ["method.mean() needs its axis"]
    assert line_of(first.specialised[0]).endswith("# needs the axis")
    assert [fact.text for fact in second.guards] == ["axis is 1", "SCALE is float"]
    assert all(line_of(guard).endswith("# needs the axis") for guard in second.guards)
    assert found.refusals == ()
    assert first.nodes > 0 and first.seconds > 0 and first.passes


def test_a_key_that_differs_is_the_reason():
    def double(x, k):
        return x * k

    function = to_graph(double)
    array = np.ones((3, 3))
    read_only = np.ones(3)
    read_only.flags.writeable = False
    for arguments in ((array, 2), (array.T[:, :2], 2), (array[:1], 2), (array, 2.0), (array.astype("f4"), 2),
                      (np.ones(3), 2), (read_only, 2)):
        function(*arguments)
    reasons = [trace.reason.text for trace in function.explain().traces]
    assert reasons == [
        "the first call",
        "x is float64[n, n], in Fortran's order, and was float64[n, n]",
        "x is float64[1, n], and was float64[n, n], in Fortran's order",
        "k is float, and was int",
        "x is float32[n, n], and was float64[1, n]",
        "x is float64[n], and was float32[n, n]",
        "x is float64[n], read-only, and was float64[n]",
    ]


def test_a_global_of_another_kind_is_the_reason(monkeypatch):
    function = to_graph(mean)
    function(np.ones(3), 0)
    monkeypatch.setitem(globals(), "SCALE", 3)
    function(np.ones(3), 0)
    reason = function.explain().traces[1].reason
    assert reason.text == "SCALE is int, and was float"
    assert line_of(reason).endswith("# needs the axis")
    monkeypatch.delitem(globals(), "SCALE")
    with pytest.raises(NameError):
        function(np.ones(3), 0)
    assert function.explain().traces[-1].reason.text == "SCALE is gone"


def test_which_arguments_are_one_is_the_reason():
    def both(a, b):
        return a is b

    function = to_graph(both)
    items = [1.0]
    function(items, [1.0])
    function(items, items)
    assert function.explain().traces[1].reason.text == "other arguments are one and the same list, dict or object"


def loops(x):
    s = 0
    for i in range(3):    # few
        s = s + x[i]
    t = 0
    for i in range(len(x)):    # changes kind
        x[i] = t
        t = t + x.copy().sum()    # copies
    return s + t


def test_what_became_of_loops_and_what_is_copied():
    function = to_graph(loops)
    function(np.ones(5))
    (trace,) = function.explain().traces
    assert [(fact.kind, fact.text) for fact in trace.loops] == [
        ("unrolled", "a loop over 3 known items"),
        ("peeled", "the first trip of a loop, since it changes the kind of a variable"),
    ]
    assert [line_of(fact).rpartition("# ")[2] for fact in trace.loops] == ["few", "changes kind"]
    assert {fact.text for fact in trace.copies} == {"copy() makes a whole array",
                                                    "copy() makes a whole array in every trip"}
    assert all(line_of(fact).endswith("# copies") for fact in trace.copies)


def test_refusals_are_remembered_until_the_function_is_cleared():
    def refused(x):
        return eval("x")    # no

    function = to_graph(refused)
    with pytest.raises(TographError):
        function(1.0)
    (fact,) = function.explain().refusals
    assert fact.kind == "refused" and line_of(fact).endswith("# no")
    assert "1 refusal" in str(function.explain())
    function.clear()
    assert str(function.explain()) == "refused: 0 traces, nothing refused"


def test_the_text_says_all_of_it():
    function = to_graph(mean)
    function(np.ones((3, 3)), 0)
    line = next(number for number, text in enumerate(LINES, 1) if text.endswith("# needs the axis"))
    place = f"      test_explain.py:{line}: return x.mean(axis) * SCALE    # needs the axis"
    assert str(function.explain()).splitlines() == [
        "mean: 1 trace, nothing refused",
        "  trace 1: 2 nodes, for x: float64[n, n], axis: int",
        "    made for: the first call",
        "    specialised: method.mean() needs its axis",
        place,
        "    guard: axis is 0",
        place,
        "    guard: SCALE is float",
        place,
    ]


def test_the_warning_of_many_traces_says_why():
    function = to_graph(mean)
    x = np.ones((1,) * 12)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for axis in range(12):
            function(x, axis)
    (warning,) = [item for item in caught if item.category is RetraceWarning]
    text = str(warning.message)
    assert "mean was traced 9 times, at last since axis is 8, and was 7" in text
    assert "test_explain.py" in text

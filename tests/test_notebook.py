"""What notebooks show of functions and reports: escaped HTML, made without any notebook."""

import html
import re
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest

from tograph import TographError, to_graph


class Balanced(HTMLParser):
    """Counts tags, and remembers those that are open."""

    def __init__(self):
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()

    def handle_starttag(self, tag, attrs):
        self.seen.add(tag)
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def tags(text):
    """The tags of an HTML text, which must be balanced."""
    parser = Balanced()
    parser.feed(text)
    parser.close()
    assert parser.open == []
    return parser.seen


@to_graph
def compare(x, limit):
    """<b>bold</b> & 'quoted'"""
    while x.sum() < limit and "<script>alert(1)</script>" != "":
        x = x + 1
    return x


def test_a_function_is_shown_with_its_source_converted_source_and_traces():
    compare.clear()
    compare(np.ones(3), 9.0)
    shown = compare._repr_html_()
    assert tags(shown) == {"div", "code", "details", "summary", "pre"}
    text = html.unescape(re.sub("<[^>]*>", "", shown))
    assert "while x.sum() < limit" in text
    assert compare.source in text
    assert "compare: 1 trace, nothing refused" in text
    assert html.escape("<script>") in shown and "<script>" not in shown and "<b>" not in shown


def test_a_function_without_source_is_shown_all_the_same():
    scope = {}
    exec("def nowhere(x): return x", scope)
    shown = to_graph(scope["nowhere"])._repr_html_()
    assert tags(shown) >= {"div", "pre"}
    assert "nowhere" in shown


def test_a_function_that_is_refused_shows_why():
    def f(x):
        async def g():
            return x

        return g

    function = to_graph(f)
    with pytest.raises(TographError):
        function(1)
    tags(function._repr_html_())


def test_a_bound_method_is_shown_as_its_function():
    class Net:
        @to_graph
        def step(self, x):
            return x + 1

    bound: Any = Net().step
    assert bound._repr_html_() == Net.step._repr_html_()


def test_a_report_is_shown():
    shown = compare.explain()._repr_html_()
    assert tags(shown) == {"pre"}
    assert html.unescape(re.sub("<[^>]*>", "", shown)) == str(compare.explain())


def test_a_graph_is_shown():
    assert {"div", "svg", "g", "rect", "text", "details"} <= tags(compare.graph("f8[n]", "float")._repr_html_())

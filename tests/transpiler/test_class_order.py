"""In which order the body of a class gives its variables values: against what Python's own bodies do."""

import random
import textwrap

import gast
import pytest

from tograph.transpiler.analysis.class_order import ClassOrder

ROWS = [
    ("a = 1\nb = a\nc = b", "abc", "", ""),
    ("a = (b := 1)\na = 2", "ba", "a", ""),
    ("a = 1\nb = 2\ndel a\na = 3", "ab", "a", "ab"),
    ("if t:\n a = 1\n b = 2\nelse:\n b = 3\n a = 4", "ab", "", "ab"),
    ("if t:\n a = 1\nb = 2", "ab", "", ""),
    ("if t:\n a = 1\nb = 2\na = 3", "ab", "a", "ab"),
    ("for a in t:\n b = a", "ab", "ab", ""),
    ("for a in t:\n if a:\n  b = 1\n c = 2", "abc", "abc", "bc"),
    ("def a(self): ...\n@a.setter\ndef a(self, v): ...", "a", "", ""),
    ("def a(self): ...\na = 1", "a", "a", ""),
    ("try:\n a = 1\n b = 2\nexcept E as c:\n b = 3\n a = 4", "abc", "ab", "abc"),
    ("match t:\n case [a, b]: ...\n case [b]: ...\n case {'a': c}: a = 1", "abc", "ab", "abc"),
]


@pytest.mark.parametrize(("text", "order", "again", "moved"), ROWS)
def test_order(text, order, again, moved):
    found = ClassOrder.of(gast.parse(text).body)
    assert "".join(found.order) == order
    assert "".join(sorted(found.again)) == again
    assert "".join(sorted(found.moved)) == moved


class Watched(dict):
    """The variables of a body, which notes those that get a value more than once."""

    def __init__(self):
        super().__init__()
        self.ever, self.again = set(), set()

    def __setitem__(self, name, value):
        (self.again if name in self.ever else self.ever).add(name)
        super().__setitem__(name, value)


class Quiet:
    """A manager that lets no exception out."""

    def __enter__(self):
        return self

    def __exit__(self, *about):
        return True


def body(choose, depth):
    """Some statements."""
    def inner(end=""):
        return textwrap.indent(f"{body(choose, depth - 1)}\n{end}", " ")

    made = []
    for _ in range(choose.randint(1, 3)):
        name, then = choose.choice("abc"), f"\n {choose.choice('abc')} = 1"
        kinds = [f"{name} = 1", f"{name} = 1", f"del {name}"]
        if depth:
            leave = choose.choice(["", "if test(): continue", "if test(): break"])
            kinds += [f"if test():\n{inner()}\nelse:\n{inner()}", f"for i in trips():\n{inner(leave)}{then}",
                      f"try:\n{inner('fail()')}{then}\nexcept ValueError:\n{inner()}\nfinally:{then}",
                      f"with Quiet():\n{inner('fail()')}{then}"]  # fmt: skip
        made.append(choose.choice(kinds))
    return "\n".join(made)


def run(text, seed):
    """What the body ``text`` does to its variables, or None if an exception leaves it."""
    choose = random.Random(seed)
    found = Watched()

    def fail():
        if choose.random() < 0.5:
            raise ValueError

    outside = {"test": lambda: choose.random() < 0.5, "trips": lambda: range(choose.randint(0, 3)), "fail": fail,
               "Quiet": Quiet}  # fmt: skip
    try:
        exec(text, outside, found)
    except (NameError, ValueError):
        return None
    return found


@pytest.mark.parametrize("seed", range(60))
def test_random_bodies(seed):
    text = body(random.Random(seed), 2)
    said = ClassOrder.of(gast.parse(text).body)
    for way in range(8):
        found = run(text, way)
        if found is not None:
            assert found.again <= said.again
            stays = [name for name in said.order if name not in said.moved]
            assert [name for name in found if name in stays] == [name for name in stays if name in found]
            if len(found.keys() & set(said.moved)) < 2:
                assert [*found] == [name for name in said.order if name in found]

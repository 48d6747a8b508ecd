"""The exact text of every error raised on the way from a function to its conversion."""

import copy
import functools
import linecache
import pickle
import sys
import textwrap
import traceback

import pytest

from tograph.transpiler.convert import convert
from tograph.transpiler.errors import NoSource, StaleSource, TographError, UnsupportedSyntax
from tograph.transpiler.location import Location, characters
from tograph.transpiler.source import find_source, python_function
from tograph.transpiler.subset import check_subset


def write(tmp_path, text: str):
    """Return the globals of a module ``model.py`` with this text."""
    file = tmp_path / "model.py"
    file.write_text(text, encoding="utf-8")
    linecache.cache.pop(str(file), None)
    namespace: dict = {"__name__": "model"}
    exec(compile(text, str(file), "exec"), namespace)
    return namespace


REFUSED = [
    (
        "async def f(x):\n    return x\n",
        """\
        'async def' is not supported: a graph runs from start to end without waiting.
          model.py:1, in f
                async def f(x):
                ^^^^^^^^^^^^^^^
          Fix: write a plain 'def'""",
    ),
    (
        "def f(x):\n    async def g():\n        await x\n    return g\n",
        """\
        'async def' is not supported: a graph runs from start to end without waiting.
          model.py:2, in f
                async def g():
                ^^^^^^^^^^^^^^
          Fix: write a plain 'def'""",
    ),
    (
        "def f(x):\n    return (lambda: (yield x))\n",
        """\
        'yield' in a lambda is not supported.
          model.py:2, in f
                return (lambda: (yield x))
                        ^^^^^^^^^^^^^^^^^
          Fix: write a 'def'""",
    ),
    (
        "def f(x):\n    y = 1\n    class State:\n        global y\n        y = x\n    return State().x\n",
        """\
        'y' is a global variable in the body of a class, and one of the function around it.
          model.py:4, in f
                global y
                ^^^^^^^^
          Fix: rename one of the two""",
    ),
    (
        "def f(x):\n    try:\n        yield x\n    except* ValueError:\n        pass\n",
        """\
        'yield' in a 'try' with 'except*' is not supported.
          model.py:2, in f
                try:
                ^^^^
          Fix: write 'except'""",
    ),
    (
        "def f(x):\n    é = 'ü'; return eval('x + 1')\n",
        """\
        'eval()' is not supported: it runs code that cannot be seen here.
          model.py:2, in f
                é = 'ü'; return eval('x + 1')
                                ^^^^
          Fix: write the expression itself""",
    ),
    (
        "f = lambda x: exec(x)\n",
        """\
        'exec()' is not supported: it runs code that cannot be seen here.
          model.py:1, in <lambda>
                f = lambda x: exec(x)
                              ^^^^
          Fix: write the statements themselves""",
    ),
    (
        "def f(x):\n    look = locals\n    return look()\n",
        """\
        'locals()' is not supported: variables of converted code are not where it looks for them.
          model.py:2, in f
                look = locals
                       ^^^^^^
          Fix: name the variables, or keep them in a dict""",
    ),
    (
        "def f(x):\n    return globals()['x']\n",
        """\
        'globals()' is not supported: variables of converted code are not where it looks for them.
          model.py:2, in f
                return globals()['x']
                       ^^^^^^^
          Fix: name the variable""",
    ),
    (
        "def f(x):\n    return vars()\n",
        """\
        'vars()' is not supported: variables of converted code are not where it looks for them.
          model.py:2, in f
                return vars()
                       ^^^^^^
          Fix: name the variables, or give it an object""",
    ),
    (
        "def f(x):\n    return dir()\n",
        """\
        'dir()' is not supported: variables of converted code are not where it looks for them.
          model.py:2, in f
                return dir()
                       ^^^^^
          Fix: name the variables, or give it an object""",
    ),
    (
        "def outer(n):\n    def f(x):\n        def g():\n            global n\n            n = 3\n        return n\n"
        "    return f\nf = outer(2)\n",
        """\
        'n' is a global variable here, and one of an enclosing function elsewhere in 'f'.
          model.py:4, in g
                global n
                ^^^^^^^^
          Fix: rename one of the two""",
    ),
]  # fmt: skip
if sys.version_info >= (3, 12):
    REFUSED += [
        (
            "def f(x):\n    type Pair = tuple\n    return x\n",
            """\
            A 'type' statement in a function is not supported yet.
              model.py:2, in f
                    type Pair = tuple
                    ^^^^^^^^^^^^^^^^^
              Fix: move it to the top of the file""",
        ),
        (
            "def f(x):\n    class Stack[T]:\n        item: T\n    return x\n",
            """\
            A class with type parameters in a function is not supported yet.
              model.py:2, in f
                    class Stack[T]:
                    ^^^^^^^^^^^^^^^
              Fix: move it to the top of the file, or derive it from Generic[...]""",
        ),
    ]


@pytest.mark.parametrize(("text", "message"), REFUSED, ids=[row[0] for row in REFUSED])
def test_refused_python(tmp_path, text, message):
    function = write(tmp_path, text)["f"]
    with pytest.raises(UnsupportedSyntax) as caught:
        convert(function)
    assert str(caught.value) == textwrap.dedent(message)
    assert isinstance(caught.value, SyntaxError)


ASYNC_PARTS = [
    ("async for", "async for y in x: pass", "a plain 'for'"),
    ("async with", "async with x: pass", "a plain 'with'"),
    ("await", "await x", "call a plain function"),
    ("async for", "[y async for y in x]", "a plain 'for'"),
]


@pytest.mark.parametrize(("name", "text", "fix"), ASYNC_PARTS)
def test_refused_parts_of_coroutines(tmp_path, name, text, fix):
    """They stand inside ``async def``, which is refused before them, so each is asked about by itself."""
    function = write(tmp_path, f"async def f(x):\n    {text}\n")["f"]
    source = find_source(function)
    inner = type(source)(*(getattr(source, field) for field in source.__slots__))
    object.__setattr__(inner, "tree", source.tree.body[0])
    with pytest.raises(UnsupportedSyntax) as caught:
        check_subset(inner)
    assert caught.value.message == f"'{name}' is not supported: a graph runs from start to end without waiting."
    assert fix in (caught.value.fix or "")
    assert caught.value.location is not None and caught.value.location.line == 2


ACCEPTED = [
    "def f(x): return vars(x), dir(x)",
    "def f(eval): return eval(1)",
    "def f(x):\n    def locals(): return 1\n    return locals()",
    "def f(x): return x.eval(globals=1)",
    "def f(x): return [y for y in x if y], {y for y in x}, {y: y for y in x}",
    "def f(x):\n    global n\n    n = x",
]


@pytest.mark.parametrize("text", ACCEPTED)
def test_accepted_python(tmp_path, text):
    check_subset(find_source(write(tmp_path, text)["f"]))


class Model:
    def __call__(self):
        return 1

    def __repr__(self):
        return "Model()"


NO_SOURCE = [
    (len, "'len' is built in: it has no Python source.\n  Fix: call it from a function you write"),
    ([].append, "'list.append' is built in: it has no Python source.\n  Fix: call it from a function you write"),
    (str.upper, "'str.upper' is built in: it has no Python source.\n  Fix: call it from a function you write"),
    (
        functools.partial(len),
        "'functools.partial(<built-in function len>)' is built in: it has no Python source.\n"
        "  Fix: call it from a function you write",
    ),
    (Model, "'Model' is a class, not a function.\n  Fix: give a function that calls it"),
    (Model(), "'Model()' is an object of class 'Model', not a function.\n  Fix: give its method __call__"),
    (3, "3 is not a function.\n  Fix: give a function written in Python"),
]


@pytest.mark.parametrize(("value", "message"), NO_SOURCE)
def test_not_python_functions(value, message):
    with pytest.raises(NoSource) as caught:
        python_function(value)
    assert str(caught.value) == message
    assert isinstance(caught.value, TypeError)


def test_code_without_text():
    namespace: dict = {}
    exec("def f(x): return x", namespace)
    with pytest.raises(NoSource) as caught:
        find_source(namespace["f"])
    assert str(caught.value) == (
        "The source of 'f' cannot be read: there is no text for '<string>'.\n"
        "  Fix: put the function in a file, and import it from there"
    )


def test_a_changed_file(tmp_path):
    function = write(tmp_path, "def f(x):\n    return x + 1\n")["f"]
    write(tmp_path, "def f(x):\n    return x + 2\n")
    with pytest.raises(StaleSource) as caught:
        find_source(function)
    assert str(caught.value) == textwrap.dedent("""\
        The source of 'f' is not what its code was compiled from.
          model.py:1, in f
                def f(x):
          Fix: if the file was edited after it was imported, import it again""")


class AliasError(TographError, ValueError):
    pass


class MissingKey(TographError, KeyError):
    pass


def whole_example(tmp_path, kind: type[TographError]) -> TographError:
    write(tmp_path, "def f(x):\n\ty = x;\ty[0] = 0.0\n")
    return kind(
        "'y' may or may not be the same array as 'x', and is written in place.",
        Location(str(tmp_path / "model.py"), 2, 8, 12, "f"),
        facts=[("if x.sum() > 0 (line 3)", "y is x"), ("otherwise (line 5)", "y is a copy of x"), "x is an argument"],
        fix="write y = x.copy() in both branches",
    )


WHOLE = """\
'y' may or may not be the same array as 'x', and is written in place.
  model.py:2, in f
        y = x;\ty[0] = 0.0
              \t^^^^
  if x.sum() > 0 (line 3):  y is x
  otherwise (line 5):       y is a copy of x
  x is an argument
  Fix: write y = x.copy() in both branches"""


@pytest.mark.parametrize("kind", [TographError, AliasError, MissingKey, UnsupportedSyntax, NoSource])
def test_the_same_text_however_it_is_shown(tmp_path, kind):
    error = whole_example(tmp_path, kind)
    assert str(error) == WHOLE
    shown = "".join(traceback.format_exception_only(error))
    assert shown.endswith(f"{kind.__qualname__}: {WHOLE}\n")
    for copied in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(copied) is kind and str(copied) == WHOLE


def test_a_place_is_given_once(tmp_path):
    first, second = Location("a.py", 1), Location("b.py", 2)
    error = TographError("No.")
    assert str(error) == "No."
    assert error.at(first) is error and error.at(second).location is first


PLACES = [
    (Location("/a/b/model.py", 3), "model.py:3"),
    (Location("/a/b/model.py", 3, function="f"), "model.py:3, in f"),
    (Location("<ipython-input-1-a/b>", 3, 0, 1, "f"), "<ipython-input-1-a/b>:3, in f"),
]


@pytest.mark.parametrize(("place", "text"), PLACES)
def test_places(place, text):
    assert str(place) == text
    assert place.excerpt() == []


def test_characters_of_bytes():
    line = "aé漢🙂z"
    assert [characters(line, len(line[:count].encode())) for count in range(6)] == [0, 1, 2, 3, 4, 5]


EXCERPTS = [
    (None, None, ["  漢 = é + x".strip()]),
    (2, 5, ["漢 = é + x", "^"]),
    (8, 10, ["漢 = é + x", "    ^"]),
    (8, None, ["漢 = é + x", "    ^^^^^"]),
    (13, 13, ["漢 = é + x", "        ^"]),
    (0, 5, ["漢 = é + x", "^"]),
]


@pytest.mark.parametrize(("start", "end", "lines"), EXCERPTS)
def test_carets_count_characters(tmp_path, start, end, lines):
    file = tmp_path / "wide.py"
    file.write_text("  漢 = é + x  \n", encoding="utf-8")
    assert Location(str(file), 1, start, end).excerpt() == [" " * 8 + line for line in lines]

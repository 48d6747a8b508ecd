"""Every way a function can be written is found again in its file, and only there."""

import __future__

import ast
import asyncio
import functools
import importlib.util
import inspect
import linecache
import subprocess
import sys
import types
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import gast
import pytest

from tograph.transpiler.errors import NoSource, StaleSource
from tograph.transpiler.source import find_source, same_code

MODULE = '''\
from __future__ import annotations
import functools

def same(f): return f

def with_argument(n):
    return same

@same
@with_argument(
    2)
def decorated(x: float, *, k=1) -> float:
    """Its text."""
    return x + k

pair = lambda x: x + 1, lambda x: x * 2
nested = lambda x: lambda y: x + y
constants = lambda: 1, lambda: 2, lambda: 1.0, lambda: True, lambda: -0.0, lambda: 0.0
accents = "é", lambda é: é + "ü", lambda é: é * 2
folded = lambda: 1 if True else 2
over_lines = (lambda x:
    x +
    1), lambda x: (
        x - 1)
table = {"key": lambda v, /, *rest, k=3, **more: (v, rest, k, more), "other": lambda v: v}

class __Outer:
    def method(self, y):
        return self.__hidden + y

    @staticmethod
    def static(a):
        return a

    @classmethod
    def made(cls):
        return cls

    @property
    def size(self):
        return 1

    @functools.lru_cache
    def kept(self): return [lambda: self.__hidden]

    class Inner:
        def method(this): return __class__

    field = staticmethod(lambda v: v.__x)

def factory(n):
    def inner(x):
        nonlocal n
        n += x
        return n
    return inner, lambda x: n * x

def redefined(): return 1
def redefined(): return 2

async def waits(): pass
'''


def load(path: Path, text: str) -> types.ModuleType:
    path.write_text(text, encoding="utf-8")
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    return load(tmp_path_factory.mktemp("source") / "written.py", MODULE)


def body(function) -> str:
    return ast.unparse(gast.gast_to_ast(find_source(function).tree).body[-1])


FOUND = [
    ("decorated", lambda m: m.decorated, "return x + k"),
    ("first of two lambdas", lambda m: m.pair[0], "return x + 1"),
    ("second of two lambdas", lambda m: m.pair[1], "return x * 2"),
    ("outer lambda", lambda m: m.nested, "return lambda y: x + y"),
    ("inner lambda", lambda m: m.nested(1), "return x + y"),
    *((f"constant lambda {i}", lambda m, i=i: m.constants[i], f"return {value}")
      for i, value in enumerate(["1", "2", "1.0", "True", "-0.0", "0.0"])),
    ("lambda behind accents", lambda m: m.accents[1], "return é + 'ü'"),
    ("second lambda behind accents", lambda m: m.accents[2], "return é * 2"),
    ("a branch folded away", lambda m: m.folded, "return 1 if True else 2"),
    ("lambda over lines", lambda m: m.over_lines[0], "return x + 1"),
    ("lambda that starts behind another", lambda m: m.over_lines[1], "return x - 1"),
    ("lambda in a table", lambda m: m.table["key"], "return (v, rest, k, more)"),
    ("method", lambda m: m.__Outer.method, "return self.__hidden + y"),
    ("static method", lambda m: m.__Outer.static, "return a"),
    ("bound class method", lambda m: m.__Outer.made, "return cls"),
    ("getter of a property", lambda m: m.__Outer.size.fget, "return 1"),
    ("function behind a cache", lambda m: m.__Outer.kept.__wrapped__, "return [lambda: self.__hidden]"),
    ("bound method of an inner class", lambda m: m.__Outer.Inner().method, "return __class__"),
    ("lambda in a class", lambda m: m.__Outer.field, "return v.__x"),
    ("closure", lambda m: m.factory(2)[0], "return n"),
    ("lambda that closes over", lambda m: m.factory(2)[1], "return n * x"),
    ("second of two definitions", lambda m: m.redefined, "return 2"),
    ("coroutine function", lambda m: m.waits, "pass"),
]  # fmt: skip


@pytest.mark.parametrize(("find", "expected"), [row[1:] for row in FOUND], ids=[row[0] for row in FOUND])
def test_finds_the_definition(written, find, expected):
    assert body(find(written)) == expected


def test_facts_about_a_decorated_function(written):
    source = find_source(written.decorated)
    assert source.text == MODULE[MODULE.index("@same\n") : MODULE.index("\npair")]
    assert (source.filename, source.first_line, source.name) == (written.__file__, 9, "decorated")
    assert ast.unparse(gast.gast_to_ast(source.tree)).startswith("def decorated(x, *, k):")
    assert ast.unparse(source.signature) == "x: float, *, k=1"
    assert source.returns is not None and ast.unparse(source.returns) == "float"
    assert (source.mangle_class, source.first_argument) == (None, "x")


def test_facts_about_methods(written):
    outer = vars(written)["__Outer"]
    sources = map(find_source, (outer.method, outer.Inner.method, outer.field))
    facts = [(source.mangle_class, source.first_argument) for source in sources]
    assert facts == [("__Outer", "self"), ("Inner", "this"), ("__Outer", "v")]
    assert find_source(written.constants[0]).first_argument is None


def test_a_lambda_is_a_function_that_returns_its_body(written):
    source = find_source(written.pair[1])
    assert source.name == "<lambda>" and isinstance(source.tree, gast.FunctionDef) and source.tree.name == "lambda_"
    place = source.location(source.tree.body[0].value)
    assert place.excerpt()[1].index("^") - 8 == "pair = lambda x: x + 1, lambda x: x * 2".index("x * 2")


def test_each_call_gives_a_new_tree(written):
    first, second = find_source(written.decorated).tree, find_source(written.decorated).tree
    assert not {id(node) for node in gast.walk(first)} & {
        id(node) for node in gast.walk(second) if not isinstance(node, gast.expr_context)
    }


def test_threads_find_the_same(written):
    functions = [*written.pair, *written.constants, *written.accents[1:]] * 4
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(body, functions)) == [body(function) for function in functions]


def test_the_standard_library_is_found():
    """Modules compiled long ago, read from .pyc files: the code of each function is that of its text."""
    count = 0
    for module in (ast, functools, inspect, linecache):
        for function in vars(module).values():
            if inspect.isfunction(function) and function.__code__.co_filename == module.__file__:
                assert find_source(function).name == function.__code__.co_name
                count += 1
    assert count > 100


def in_linecache(number: int, text: str) -> str:
    """Keep text as a notebook does, and return its name, which is that of no file."""
    name = f"<ipython-input-{number}-0123456789ab>"
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    return name


def test_a_notebook_cell_is_found():
    text = "pair = (lambda x: x + 1, lambda x: x * 2)\n"
    variables: dict[str, Any] = {}
    exec(compile(text, in_linecache(7, text), "exec"), variables)
    assert [body(function) for function in variables["pair"]] == ["return x + 1", "return x * 2"]


def test_a_cell_keeps_the_future_of_earlier_cells():
    text = "def f(x):\n    def g(y: int): return y\n    return g\n"
    variables: dict[str, Any] = {}
    exec(compile(text, in_linecache(8, text), "exec", __future__.annotations.compiler_flag), variables)
    assert body(variables["f"]) == "return g"


def test_a_cell_may_wait_at_its_top():
    text = "import asyncio\nawait asyncio.sleep(0)\ndef f(x):\n    return x\n"
    variables: dict[str, Any] = {}
    asyncio.run(eval(compile(text, in_linecache(9, text), "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), variables))
    assert body(variables["f"]) == "return x"


def test_a_function_under_pytests_assertions_is_found():
    def checked(x):
        assert x > 0
        return x

    assert body(checked) == "return x"


EDITS = [
    ("another constant", "def f(x):\n    return x + 2\n"),
    ("1 became True", "def f(x):\n    return x + True\n"),
    ("moved down", "\ndef f(x):\n    return x + 1\n"),
    ("renamed", "def g(x):\n    return x + 1\n"),
    ("no longer Python", "def f(x:\n"),
    ("shorter", "pass\n"),
]


@pytest.mark.parametrize("text", [row[1] for row in EDITS], ids=[row[0] for row in EDITS])
def test_an_edited_file_is_noticed(tmp_path, text):
    file = tmp_path / "edited.py"
    module = load(file, "def f(x):\n    return x + 1\n")
    assert body(module.f) == "return x + 1"
    file.write_text(text)
    linecache.cache.pop(str(file), None)
    with pytest.raises(StaleSource):
        find_source(module.f)


def test_warnings_about_the_text_are_not_repeated(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module = load(tmp_path / "warned.py", 'def f(x):\n    return x is 1, "\\d"\n')
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert body(module.f) == "return (x is 1, '\\\\d')"


def test_comments_may_change(tmp_path):
    file = tmp_path / "commented.py"
    module = load(file, "def f(x):\n    return x + 1\n")
    file.write_text("def f(x):   # adds one\n    return (x + 1)\n")
    linecache.cache.pop(str(file), None)
    assert body(module.f) == "return x + 1"


def test_code_without_text_has_no_source():
    namespace: dict = {}
    exec("def f(x):\n    return x\n", namespace)
    without: list[Any] = [namespace["f"], len, [].append, int, functools.partial(len), 3]
    for function in without:
        with pytest.raises(NoSource):
            find_source(function)


def test_equal_values_of_other_types_are_other_code():
    def code(text):
        return compile(text, "a", "eval")

    assert same_code(code("(1, 'a')"), code("\n(1,\n'a')"))
    for text in ("(True, 'a')", "(1.0, 'a')", "(1, b'a')", "(2, 'a')"):
        assert not same_code(code("(1, 'a')"), code(text))
    assert same_code(code("x in {1, 2, 'a', 'b', 'c'}"), code("x in {'c', 'b', 'a', 2, 1}"))


def test_the_interactive_prompt_keeps_text_since_3_13():
    program = "from tograph.transpiler.source import find_source\nf = lambda x: x\nprint(find_source(f).text)\n"
    ran = subprocess.run([sys.executable, "-P", "-i", "-q"], input=program, capture_output=True, text=True, cwd="/")
    if sys.version_info >= (3, 13):
        assert ran.stdout == "f = lambda x: x\n\n"
    else:
        assert "NoSource: The source of '<lambda>' cannot be read: there is no text for '<stdin>'." in ran.stderr

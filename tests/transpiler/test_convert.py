"""What surrounds the rewriting: binding, outer variables, names, places in the user's file, the cache.

The rewriting is replaced by one that changes nothing, so that only its surroundings are seen.
"""

import ast
import builtins
import gc
import importlib
import importlib.util
import inspect
import linecache
import sys
import threading
import traceback
import types
import weakref
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import gast
import pytest

from tograph.transpiler.errors import NoSource, UnsupportedSyntax
from tograph.transpiler.location import Location
from tograph.transpiler.protocol import PlainControl

module = importlib.import_module("tograph.transpiler.convert")
convert, transpile, is_generated = module.convert, module.transpile, module.is_generated


class Recording:
    """A control that notes what passes through it."""

    def __init__(self):
        self.reads: list[tuple[Any, str, Any]] = []
        self.missed: list[tuple[Any, str]] = []

    def read(self, holder, name, value):
        self.reads.append((holder, name, value))
        return value

    def miss(self, holder, name):
        self.missed.append((holder, name))
        return PlainControl().miss(holder, name)

    def call(self, function, *args):
        return function(*args), "called"

    def set_global(self, holder, name, value):
        holder[name] = value

    def del_global(self, holder, name):
        del holder[name]

    def set_nonlocal(self, cell, name, value):
        cell.cell_contents = value


@pytest.fixture(autouse=True)
def unchanged(monkeypatch):
    """Replaces the rewriting; the list it gives has an entry for each time it was asked."""
    asked: list[dict[str, Any]] = []
    protocol = {name: name for name in ("set_global", "del_global", "set_nonlocal")} | {"call_1": "call"}

    def rewrite(tree, **facts):
        asked.append(facts)
        return types.SimpleNamespace(tree=tree, protocol=protocol, renamed={})

    monkeypatch.setattr(module, "rewrite", rewrite)
    return asked


def load(path: Path, text: str) -> Any:
    path.write_text(text, encoding="utf-8")
    linecache.cache.pop(str(path), None)
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def bind(function) -> Any:
    return transpile(function, Recording())


SCALE = 3


def scaled(x: float, /, y=2, *rest: int, k: float = 1.0, **more) -> float:
    """Its documentation."""
    return SCALE * x + y + sum(rest) + k + len(more)


def test_keeps_what_belongs_to_the_function():
    bound = bind(scaled)
    for name in ("name", "qualname", "module", "doc", "defaults", "kwdefaults", "annotations"):
        assert getattr(bound, f"__{name}__") == getattr(scaled, f"__{name}__")
    assert inspect.signature(bound) == inspect.signature(scaled)
    assert bound(1, 2, 3, 4, k=5, z=6) == scaled(1, 2, 3, 4, k=5, z=6)
    assert bound is not scaled and bound.__code__ is not scaled.__code__


def test_changed_defaults_are_seen():
    def f(x=1, *, y=2):
        return x, y

    f.__defaults__, f.__kwdefaults__ = (3,), {"y": 4}
    assert bind(f)() == (3, 4)


def test_prints_the_signature_as_written():
    conversion = convert(scaled)
    assert conversion.source == (
        "def scaled(x: float, /, y=2, *rest: int, k: float=1.0, **more) -> float:\n"
        '    """Its documentation."""\n'
        "    return SCALE * x + y + sum(rest) + k + len(more)\n"
    )
    first = scaled.__code__.co_firstlineno
    assert dict(conversion.lines) == {1: first, 2: first + 1, 3: first + 2}
    assert conversion.filename == __file__


def test_outer_variables_are_read_through_the_control_at_each_read(tmp_path):
    text = (
        "n = 1\n"
        "def factory(c):\n"
        "    def f():\n"
        "        return n, c, len\n"
        "    def change(v):\n"
        "        nonlocal c\n"
        "        c = v\n"
        "    return f, change\n"
    )
    user = load(tmp_path / "outer.py", text)
    f, change = user.factory(10)
    control = Recording()
    bound = transpile(f, control)
    assert bound() == (1, 10, len)
    cell = f.__closure__[0]
    assert [(holder is vars(user) or holder is cell, name, value) for holder, name, value in control.reads] == [
        (True, "n", 1), (True, "c", 10),
    ]  # fmt: skip
    user.n = 2
    change(20)
    user.len = max
    assert bound() == (2, 20, max)
    del user.n, user.len
    with pytest.raises(NameError, match="^name 'n' is not defined$"):
        bound()
    assert not any(name == "len" and value is builtins.len for _, name, value in control.reads)


def test_an_empty_cell_is_python_s_own_error():
    def factory() -> Any:
        def f():
            return late

        yield f
        late = 1
        yield late

    f = next(factory())
    with pytest.raises(NameError) as plain:
        f()
    with pytest.raises(NameError) as converted:
        bind(f)()
    assert str(converted.value) == str(plain.value) and converted.value.name == plain.value.name == "late"


def test_protocol_names_come_first_and_once():
    control = Recording()

    def f(x):
        return call_1(abs, x)  # type: ignore[name-defined]  # noqa: F821

    bound = transpile(f, control)
    assert bound(-2) == bound(-2) == (2, "called")
    assert bound.__globals__["call_1"] == control.call


def test_writes_reach_the_module_and_the_cell(tmp_path):
    text = (
        "n = 1\n"
        "def factory(c):\n"
        "    def f(v):\n"
        "        set_global('n', v)\n"
        "        set_nonlocal('c', v)\n"
        "        return n, c\n"
        "    def forget():\n"
        "        del_global('n')\n"
        "    return f, forget, lambda: c\n"
    )
    user = load(tmp_path / "writes.py", text)
    f, forget, look = user.factory(2)
    assert bind(f)(7) == (7, 7)
    assert (user.n, look()) == (7, 7)
    bind(forget)()
    assert not hasattr(user, "n")


def test_functions_that_share_code_share_the_conversion(unchanged):
    def factory(n):
        return lambda x: x + n

    one, two = factory(1), factory(2)
    assert convert(one) is convert(two) and len(unchanged) == 1
    assert bind(one)(10) == 11 and bind(two)(10) == 12


def test_equal_code_in_two_files_is_converted_twice(tmp_path):
    text = "def f(x):\n    return x\n"
    first, second = load(tmp_path / "a.py", text), load(tmp_path / "b.py", text)
    assert first.f.__code__ == second.f.__code__ and convert(first.f) is not convert(second.f)
    assert [Path(convert(user.f).filename).name for user in (first, second)] == ["a.py", "b.py"]


def test_a_conversion_goes_with_its_code(tmp_path):
    user = load(tmp_path / "short_lived.py", "def f(x):\n    return x\n")
    gc.collect()
    before = len(module._CONVERSIONS)
    gone = weakref.ref(convert(user.f))
    assert len(module._CONVERSIONS) == before + 1
    del user
    gc.collect()
    assert gone() is None and len(module._CONVERSIONS) == before


def test_threads_convert_once(unchanged):
    def f(x):
        return x + 1

    barrier = threading.Barrier(8)

    def ask(_):
        barrier.wait()
        return convert(f)

    with ThreadPoolExecutor(8) as pool:
        assert len(set(map(id, pool.map(ask, range(8))))) == 1
    assert len(unchanged) == 1


def test_names_that_the_module_does_not_have_are_told_to_the_control():
    def f(x):
        return len(x) + nowhere  # noqa: F821  # pyright: ignore[reportUndefinedVariable]

    control = Recording()
    with pytest.raises(NameError, match="nowhere"):
        transpile(f, control)([1])
    assert control.missed == [(globals(), "len"), (globals(), "nowhere")]


def test_a_refusal_is_repeated(unchanged):
    def f(x):
        return lambda: (yield x)

    for _ in range(2):
        with pytest.raises(UnsupportedSyntax, match="'yield' in a lambda is not supported"):
            convert(f)
    assert unchanged == []


def test_generated_functions_are_known_and_stay():
    def f(x):
        def inner(y):
            return lambda z: x + y + z

        return inner

    bound = bind(f)
    inner = bound(1)
    for function in (bound, inner, inner(2)):
        assert is_generated(function.__code__)
        assert bind(function) is function
    assert not is_generated(f.__code__) and not is_generated(f(1).__code__)
    assert inner(2)(3) == 6


def test_a_function_inside_keeps_its_name_without_its_decorator(monkeypatch):
    def undecorated(tree, **facts):
        tree.body[0].decorator_list = []
        generated = gast.ast_to_gast(ast.parse("def then(): pass\nthen = then()")).body
        generated[0].body = tree.body
        tree.body = [generated[0], gast.Return(gast.Call(gast.Name("then", gast.Load(), None, None), [], []))]
        return types.SimpleNamespace(tree=tree, protocol={}, renamed={})

    monkeypatch.setattr(module, "rewrite", undecorated)

    def f():
        @staticmethod
        def inner():
            return 1

        return inner

    assert bind(f)().__qualname__ == f().__qualname__


def test_functions_inside_keep_their_names():
    class Owner:
        def method(self):
            def inner():
                return [lambda: 1]

            return inner

    plain, converted = Owner().method, bind(Owner().method)
    assert converted.__func__.__code__.co_qualname == plain.__func__.__code__.co_qualname
    assert converted().__qualname__ == plain().__qualname__
    assert converted()()[0].__qualname__ == plain()()[0].__qualname__
    assert converted().__module__ == plain().__module__


class Base:
    def area(self, n):
        return n


class Square(Base):
    def area(self, n):
        return super(__class__, self).area(n) ** 2  # type: ignore[name-defined]  # noqa: UP008

    @classmethod
    def made(cls, n):
        return cls().area(n)


def test_methods(unchanged):
    square = Square()
    bound = bind(square.area)
    assert isinstance(bound, types.MethodType) and bound.__self__ is square
    assert bound(3) == 9
    assert bind(Square.made)(3) == 9
    assert unchanged == [
        {"mangle_class": "Square", "first_argument": "self", "qualified": "Square.area",
         "outer_variables": frozenset({"__class__"}), "written_annotations": False},
        {"mangle_class": "Square", "first_argument": "cls", "qualified": "Square.made", "outer_variables": frozenset(),
         "written_annotations": False},
    ]


def test_lambdas():
    add, double = lambda x, y=1: x + y, lambda x: x * 2
    assert bind(add)(2) == 3 and bind(double)(2) == 4
    assert bind(add).__name__ == bind(add).__code__.co_name == "<lambda>"
    assert convert(add).source == "def lambda_(x, y=1):\n    return x + y\n"


def test_tracebacks_show_the_users_file_and_column(tmp_path):
    text = "def f(x):\n    y = x\n    return 1 + (x / (y - y))\n"
    user = load(tmp_path / "fails.py", text)
    with pytest.raises(ZeroDivisionError) as caught:
        bind(user.f)(1)
    frame = traceback.extract_tb(caught.tb)[-1]
    assert (frame.filename, frame.lineno, frame.name) == (user.__file__, 3, "f")
    assert text.splitlines()[2][frame.colno : frame.end_colno] == "x / (y - y)"
    assert inspect.getsource(bind(user.f)) == text


def test_imports_inside_are_relative_to_the_users_package(tmp_path, monkeypatch):
    package = tmp_path / "some_package"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "other.py").write_text("value = 5\n")
    (package / "user.py").write_text("def f():\n    from .other import value\n    return value, __name__, __file__\n")
    monkeypatch.syspath_prepend(tmp_path)
    user = importlib.import_module("some_package.user")
    assert bind(user.f)() == (5, "some_package.user", user.__file__)
    for name in [name for name in sys.modules if name.startswith("some_package")]:
        monkeypatch.delitem(sys.modules, name)


def test_future_annotations_hold_inside(tmp_path):
    text = "def f():\n    def g(x: Unknown): return x\n    return g\n"
    user = load(tmp_path / "future.py", "from __future__ import annotations\n" + text)
    assert bind(user.f)().__annotations__ == {"x": "Unknown"}


def test_a_module_with_its_own_builtins(tmp_path):
    file, text = tmp_path / "own.py", "def f(x):\n    return len(x)\n"
    file.write_text(text)
    namespace: dict[str, Any] = {"__builtins__": {"len": lambda x: "own"}}
    exec(compile(text, str(file), "exec"), namespace)
    assert bind(namespace["f"])([]) == namespace["f"]([]) == "own"


def test_errors_of_the_rewriting_are_placed(monkeypatch, tmp_path):
    def refuse(tree, **facts):
        raise UnsupportedSyntax("No.", Location.of(tree.body[0]))

    monkeypatch.setattr(module, "rewrite", refuse)
    user = load(tmp_path / "placed.py", "def f(x):\n    return x\n")
    with pytest.raises(UnsupportedSyntax) as caught:
        convert(user.f)
    assert str(caught.value) == "No.\n  placed.py:2, in f\n        return x\n        ^^^^^^^^"


def test_what_is_not_python_has_no_source():
    for value in (len, 3, int):
        with pytest.raises(NoSource):
            transpile(value, Recording())


def test_nodes_without_a_place_take_one_from_around_them(monkeypatch):
    def add(tree, **facts):
        tree.body.insert(0, gast.Expr(gast.Constant(1, None)))
        return types.SimpleNamespace(tree=tree, protocol={}, renamed={})

    monkeypatch.setattr(module, "rewrite", add)

    def f(x):
        return x

    assert bind(f)(2) == 2
    first = f.__code__.co_firstlineno
    assert convert(f).lines == {1: first, 2: first, 3: first + 1}

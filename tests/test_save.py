"""Saved graphs: what a file holds, what a loaded graph keeps, and what it refuses."""

import importlib
import sys
from enum import Enum
from typing import Any

import numpy as np
import pytest

from tograph import load_graph, save_graph, to_graph
from tograph.runtime.errors import UnwritableConstant
from tograph.runtime.save import FIRST_LINE

X = np.arange(1.0, 5.0)


@pytest.fixture
def program(tmp_path, monkeypatch):
    """Makes a module of some source and forgets it again: ``program(source, *args)`` is its ``f``, loaded without it.

    A function among the arguments makes one of the module.
    """
    monkeypatch.syspath_prepend(tmp_path)
    file, path = tmp_path / "away.py", tmp_path / "f.graph"

    def saved(source, *args, forget=True):
        file.write_text(f"import numpy as np\n{source}", encoding="utf-8")
        importlib.invalidate_caches()
        module = importlib.import_module("away")
        save_graph(to_graph(module.f), path, *[arg(module) if callable(arg) else arg for arg in args])
        if forget:
            file.unlink()
            importlib.invalidate_caches()
            del sys.modules["away"]
        return load_graph(path)

    yield saved
    sys.modules.pop("away", None)


# -- files


def double(x, times=2, *, offset=0.0):
    for _ in range(times):
        x = x * 2.0
    return x + offset


def test_a_file_is_text_with_a_version(tmp_path):
    path = tmp_path / "double.graph"
    save_graph(to_graph(double), path, X)
    lines = path.read_text(encoding="utf-8").split("\n")
    assert lines[:2] == [FIRST_LINE, "name 'double'"] and FIRST_LINE == "tograph graph 3"
    assert "parameter ('times', 'POSITIONAL_OR_KEYWORD', 2)" in lines
    assert any(line.startswith("graph(%x: f8[") for line in lines)
    assert lines[-2:] == ["end", ""]


def test_what_is_no_graph_or_of_another_version_is_said(tmp_path):
    path = tmp_path / "old.graph"
    for content in (b"", b"tograph graph 1\n\n", b"\x93NUMPY\x01\x00", b"import numpy\n"):
        path.write_bytes(content)
        with pytest.raises(ValueError, match="is not a graph of this version: its first line is .*, not 'tograph"):
            load_graph(path)


def test_a_truncated_file_is_damaged_wherever_it_ends(tmp_path):
    path, cut = tmp_path / "double.graph", tmp_path / "cut.graph"
    save_graph(to_graph(double), path, X)
    data = path.read_bytes()
    for length in range(len(FIRST_LINE) + 1, len(data)):
        cut.write_bytes(data[:length])
        with pytest.raises(ValueError, match="cut.graph is damaged: it ends too early"):
            load_graph(cut)


def test_a_file_without_one_of_its_lines_is_damaged_or_refuses_the_call(tmp_path):
    path, cut = tmp_path / "double.graph", tmp_path / "cut.graph"
    save_graph(to_graph(double), path, X)
    lines = path.read_text(encoding="utf-8").split("\n")
    for number, line in enumerate(lines[1:-2], 1):
        if line.startswith(("%", "    ", "  return", "graph", "input", "parameter")):
            cut.write_text("\n".join(lines[:number] + lines[number + 1 :]), encoding="utf-8")
            with pytest.raises((ValueError, TypeError)):
                load_graph(cut)(X)


def test_only_graph_functions_are_saved(tmp_path):
    with pytest.raises(TypeError, match="^save_graph takes a function made by to_graph, not function$"):
        save_graph(double, tmp_path / "double.graph", X)  # pyright: ignore[reportArgumentType]


# -- calls


@pytest.fixture
def loaded(tmp_path):
    save_graph(to_graph(double), tmp_path / "double.graph", X)
    return load_graph(tmp_path / "double.graph")


def test_defaults_and_keywords_are_those_of_the_function(loaded):
    for args, kwargs in [((X,), {}), ((X, 3), {}), ((X,), {"offset": 1.0}), ((), {"times": 0, "x": X[::2]})]:
        np.testing.assert_array_equal(loaded(*args, **kwargs), double(*args, **kwargs))
    assert repr(loaded) == "<loaded graph double(x, times=2, *, offset=0.0)>"
    assert loaded.parameters == ("x", "times", "offset")


@pytest.mark.parametrize(("args", "kwargs", "message"), [
    ((), {}, "double(x, times=2, *, offset=0.0): missing a required argument: 'x'"),
    ((X, 1, 2.0), {}, "double(x, times=2, *, offset=0.0): too many positional arguments"),
    ((X,), {"turns": 1}, "double(x, times=2, *, offset=0.0): got an unexpected keyword argument 'turns'"),
    ((X.astype("f4"),), {}, "double() was saved for x: float64[n], not float32[n]"),
    ((X[:1],), {}, "double() was saved for x: float64[n], not float64[1]"),
    ((X.reshape(2, 2),), {}, "double() was saved for x: float64[n], not float64[n, n]"),
    (([1.0, 2.0],), {}, "double() was saved for x: float64[n], not list of float"),
    ((X, 2.0), {}, "double() was saved for times: int, not float"),
    ((X, np.int64(2)), {}, "double() was saved for times: int, not int64"),
    ((X,), {"offset": None}, "double() was saved for offset: float, not None"),
    ((object(),), {}, "double() was saved for x: float64[n], not object"),
])
def test_other_arguments_are_refused_in_one_line(loaded, args, kwargs, message):
    with pytest.raises(TypeError) as caught:
        loaded(*args, **kwargs)
    assert str(caught.value) == message


def chosen(x, mode, table):
    return table["scale"] * x if mode == "fast" else x


def test_other_text_and_other_keys_are_refused(tmp_path):
    save_graph(to_graph(chosen), tmp_path / "chosen.graph", X, "fast", {"scale": 2.0})
    loaded = load_graph(tmp_path / "chosen.graph")
    np.testing.assert_array_equal(loaded(X, "fast", {"scale": 3.0}), 3.0 * X)
    with pytest.raises(ValueError, match=r"^chosen\(\) was saved for mode: 'fast', not 'slow'$"):
        loaded(X, "slow", {"scale": 2.0})
    with pytest.raises(TypeError, match=r"^chosen\(\) was saved for table: dict of 'scale': float, not empty dict$"):
        loaded(X, "fast", {})


def test_keys_may_have_any_name(tmp_path):
    names = {"object": 1.0, "named": [X], "exactly": (2,), 0: X, (1, 2): None}
    save_graph(to_graph(pick), tmp_path / "pick.graph", names)
    loaded = load_graph(tmp_path / "pick.graph")
    assert loaded(names) == (1.0, 2, None)
    with pytest.raises(TypeError, match="exactly': tuple of int, 0: float64.n., .1, 2.: None, not dict"):
        loaded({False if key == 0 else key: item for key, item in names.items()})


def pick(names):
    return names["object"], names["exactly"][0], names[(1, 2)]


def grow(target, source):
    target.append(1.0)
    return len(source)


def test_other_aliases_are_refused(tmp_path):
    save_graph(to_graph(grow), tmp_path / "grow.graph", [1.0], [1.0])
    loaded = load_graph(tmp_path / "grow.graph")
    assert loaded([2.0], [2.0]) == 1
    one = [1.0]
    with pytest.raises(ValueError, match=r"^grow\(\) was saved for a call where other lists"):
        loaded(one, one)


def powered(x, exponent):
    return x**exponent


def test_static_arguments_have_one_value(tmp_path):
    save_graph(to_graph(powered, static="exponent"), tmp_path / "powered.graph", X, 2)
    loaded = load_graph(tmp_path / "powered.graph")
    np.testing.assert_array_equal(loaded(X, 2), X**2)
    for other in (3, 2.0):
        with pytest.raises(ValueError, match=r"^powered\(\) was saved for exponent: 2, not "):
            loaded(X, other)


def applied(function, x, *more, scale=2.0, **options):
    return function(x) * scale + sum(more) + options.get("offset", 0.0)


def test_functions_are_compared_by_name_and_stars_are_bound(tmp_path):
    save_graph(to_graph(applied), tmp_path / "applied.graph", np.sqrt, X, 1, 2.0, offset=3.0)
    loaded = load_graph(tmp_path / "applied.graph")
    np.testing.assert_array_equal(loaded(np.sqrt, X, 5, 2.5, offset=1.0), np.sqrt(X) * 2.0 + 7.5 + 1.0)
    with pytest.raises(TypeError, match="was saved for function: numpy:sqrt, not numpy:cbrt"):
        loaded(np.cbrt, X, 1, 2.0, offset=3.0)


# -- state


def test_globals_are_kept_between_the_calls_of_a_loaded_graph(program):
    source = """
count = 0
FIELD = np.zeros(4)
WINDOW = FIELD[1:3]
def f(x):
    global count
    count += 1
    FIELD[:] = FIELD + x
    WINDOW[0] = 9.0
    return count, FIELD, WINDOW
"""
    loaded = program(source, X)
    loaded(X)
    count, field, window = loaded(X)
    assert count == 2
    np.testing.assert_array_equal(field, [2.0, 9.0, 6.0, 8.0])
    assert np.shares_memory(field, window) and window[0] == 9.0


def test_a_loaded_graph_has_its_state_for_its_own(tmp_path):
    counter = to_graph(make_counter())
    save_graph(counter, tmp_path / "counter.graph", 1)
    first, second = load_graph(tmp_path / "counter.graph"), load_graph(tmp_path / "counter.graph")
    assert [first(1), first(1), second(1), counter(1)] == [1, 2, 1, 1]


def make_counter():
    total = 0

    def count(step):
        nonlocal total
        total += step
        return total

    return count


def test_a_global_that_changes_its_kind_is_told(program):
    source = "last = None\ndef f(x):\n    global last\n    known = last is None\n    last = x\n    return known"
    loaded = program(source, X)
    assert loaded(X) is True
    with pytest.raises(TypeError, match=r"^f\(\) was saved for last: None, not float64\[n\]$"):
        loaded(X)


def make_memory():
    last = None

    def remember(x, keep):
        nonlocal last
        before = last is None
        if keep:
            last = x
        return before, last

    return remember


def test_a_closure_variable_that_was_none(tmp_path):
    save_graph(to_graph(make_memory()), tmp_path / "memory.graph", 1.0, False)
    loaded = load_graph(tmp_path / "memory.graph")
    assert [loaded(1.0, False), loaded(1.0, False), loaded(2.0, True)] == [(True, None), (True, None), (True, 2.0)]
    with pytest.raises(TypeError, match=r"^remember\(\) was saved for last: None, not float$"):
        loaded(1.0, False)


@pytest.mark.parametrize("array", [
    np.array([True, False]), np.array([1.5, 2.0], "g"), np.array([(1, 2.0), (2, 3.0)], [("n", "i4"), ("x", "f8")]),
    np.array([3, 4], ">u2"), np.array([1.0, 2.0], ">f8"), np.array([1 + 2j, 3.0], "F"),
], ids=lambda array: str(array.dtype))
def test_arrays_of_any_dtype(tmp_path, array):
    save_graph(to_graph(backwards), tmp_path / "backwards.graph", array)
    loaded = load_graph(tmp_path / "backwards.graph")
    np.testing.assert_array_equal(loaded(array), array[::-1])
    assert loaded(array).dtype == array.dtype
    with pytest.raises(TypeError, match=r"^backwards\(\) was saved for x: .*, not int16\[n\]$"):
        loaded(np.arange(3, dtype="i2"))


def backwards(x):
    return x[::-1]


def test_one_object_stays_one(program):
    source = """
A = [1.0]
B = {"a": A, "b": [A, A]}
def f(x):
    A.append(x)
    return A, B["a"], B["b"][1], B
"""
    first, second, third, table = program(source, 2.0)(5.0)
    assert first is second is third is table["b"][0] and first == [1.0, 5.0]


def test_objects_that_hold_each_other(program):
    source = """
class Node:
    def __init__(self, value):
        self.value = value
        self.other = None
LEFT, RIGHT = Node(1.0), Node(2.0)
LEFT.other, RIGHT.other = RIGHT, LEFT
def f(x):
    RIGHT.value = RIGHT.value + x
    return LEFT.other.value, LEFT
"""
    value, left = program(source, 1.0)(10.0)
    assert value == 12.0 and left.other.other is left and type(left).__name__ == "Node"


@pytest.mark.parametrize("layout", [
    "np.asfortranarray(np.arange(6.0).reshape(2, 3))", "np.arange(12.0)[::2]", "np.arange(6.0)[::-1]",
    "np.broadcast_to(np.arange(3.0), (2, 3))", "np.arange(24.0).reshape(2, 3, 4).transpose(2, 0, 1)",
    "np.frombuffer(bytes(range(8)), 'u1')", "np.empty((0, 3))", "np.array(2.5)", "np.array([np.nan, -0.0, np.inf])",
    "np.array([1, 2], '>i4')", "np.ndarray((2, 2), 'f8', np.arange(9.0), 8, (8, 24))", "np.arange(3.0, dtype='f2')",
])
def test_arrays_of_any_layout_are_what_they_were(program, layout):
    (array,) = program(f"A = {layout}\ndef f(x):\n    return (A,)", 1.0)(1.0)
    expected = eval(layout, {"np": np})
    np.testing.assert_array_equal(array, expected)
    assert (array.dtype, array.strides, array.flags.writeable) == (
        expected.dtype, expected.strides, expected.flags.writeable)


def test_defaults_of_functions_that_are_called(program):
    source = """
def inner(x, *, seen=[], scale=np.array([2.0, 3.0]), mode=None):
    seen.append(1.0)
    return x * scale, seen
def f(x):
    return inner(x)
"""
    loaded = program(source.replace("seen=[]", "seen=[0.0]"), X[:2])
    assert loaded(X[:2])[1] == [0.0, 1.0]
    result, seen = loaded(X[:2])
    np.testing.assert_array_equal(result, [2.0, 6.0])
    assert seen == [0.0, 1.0, 1.0]


def test_what_a_decorator_keeps(program):
    source = """
def counted(function):
    calls = 0
    def wrapper(*args):
        nonlocal calls
        calls += 1
        return function(*args), calls
    return wrapper
@counted
def f(x):
    return x + 1.0
"""
    loaded = program(source, 1.0)
    assert loaded(1.0) == (2.0, 1) and loaded(2.0) == (3.0, 2)


BELOW_A_DECORATOR = """
import functools
def doubled(function):
    @functools.wraps(function)
    def wrapper(*args):
        return 2.0 * function(*args)
    return wrapper
@doubled
@doubled
def raised(x):
    return x + 1.0
plain = raised.__wrapped__.__wrapped__
FUNCTIONS = [plain, raised]
def f(x, k):
    table = {0: plain, 1: raised, 2: raised.__wrapped__}
    chosen = table[k]
    return chosen(x), FUNCTIONS[0] is plain, FUNCTIONS[1] is plain, chosen is plain
"""


@pytest.mark.parametrize("forget", [True, False], ids=["the module is away", "the module is there"])
def test_functions_below_a_decorator(program, forget):
    loaded = program(BELOW_A_DECORATOR, 1.0, 0, forget=forget)
    assert [loaded(1.0, k) for k in range(3)] == [
        (2.0, True, False, True), (8.0, True, False, False), (4.0, True, False, False)]


TWO_CLASSES = """
def made():
    class Part:
        pass
    return Part
def f(k):
    kinds = [made(), made()]
    return isinstance(kinds[k](), kinds[0])
"""
TWO_BASES = """
def made():
    class Part:
        pass
    return Part
def f(k):
    class First(made()):
        pass
    class Second(made()):
        pass
    return isinstance([First, Second][k](), First)
"""


@pytest.mark.parametrize("source", [TWO_CLASSES, TWO_BASES], ids=["used", "derived from"])
def test_two_classes_of_one_name_are_not_taken_for_one(program, source):
    with pytest.raises(UnwritableConstant, match=r"<class 'away.made.<locals>.Part'> cannot be written as text"):
        program(source, 1)


def test_what_has_no_text_is_named(tmp_path):
    with pytest.raises(UnwritableConstant, match="cannot be saved: it holds more than attributes"):
        save_graph(to_graph(read_box), tmp_path / "box.graph", 1.0)


class Box(list):
    size = 1.0


BOX = Box()


def read_box(x):
    return BOX, x


# -- classes


CLASSES = """
from enum import Enum
from dataclasses import dataclass
class Failed(ArithmeticError):
    code = 7
    def __init__(self, step):
        super().__init__(f"failed at {step}", step)
        self.step = step
class Base:
    unit = "m"
    __slots__ = ("length",)
class Rod(Base):
    count = 0
    def __init__(self, length):
        self.length = length
        Rod.count += 1
    def doubled(self):
        return Rod(self.length * 2.0)
class Colour(Enum):
    RED = 1
    BLUE = 2
@dataclass
class Point:
    x: float
    y: float
"""


def test_objects_of_a_class_that_is_not_there(program):
    loaded = program(CLASSES + "def f(x):\n    return Rod(x).doubled(), Rod.count", 1.5)
    rod, count = loaded(2.0)
    cls = type(rod)
    assert (rod.length, count, cls.__module__, cls.__qualname__, cls.unit) == (4.0, 2, "away", "Rod", "m")
    assert [base.__name__ for base in cls.__mro__] == ["Rod", "Base", "object"]
    assert loaded(2.0)[1] == 4 and type(loaded(2.0)[0]) is cls


def test_exceptions_of_a_class_that_is_not_there(program):
    loaded = program(CLASSES + "def f(x):\n    if x > 1.0:\n        raise Failed(3)\n    return x", 1.0)
    assert loaded(0.5) == 0.5
    with pytest.raises(ArithmeticError) as caught:
        loaded(2.0)
    error: Any = caught.value
    assert (type(error).__name__, error.args, error.step, error.code) == ("Failed", ("failed at 3", 3), 3, 7)


def test_a_class_that_can_be_imported_is_itself(program):
    loaded = program(CLASSES + "def f(x):\n    return Rod(x)", 1.5, forget=False)
    assert type(loaded(1.0)) is importlib.import_module("away").Rod


def test_the_objects_of_one_graph_are_what_another_takes(program):
    pin = "class Pin:\n    def __init__(self, length):\n        self.length = length\n"
    make = program(CLASSES + pin + "def f(x):\n    return Rod(x), Pin(x)", 1.5)
    source = CLASSES + pin + "def f(things):\n    return [isinstance(thing, Rod) for thing in things]"
    take = program(source, lambda module: [module.Rod(1.0), module.Pin(1.0)])
    rod, pin = make(2.0)
    assert take([rod, pin]) == [True, False]
    with pytest.raises(TypeError, match="list of Rod with length, Pin with length, not list of Pin with"):
        take([pin, rod])


class Given:
    def __init__(self, **held):
        self.__dict__.update(held)


def test_objects_given_are_read_by_name(program):
    source = CLASSES + "def f(p):\n    p.x += 1.0\n    return p.x * p.y"
    loaded = program(source, lambda module: module.Point(1.0, 2.0))
    given: Any = Given(x=2.0, y=5.0)
    assert loaded(given) == 15.0 and given.x == 3.0
    with pytest.raises(TypeError, match=r"^f\(\) was saved for p.y: float, but it is not there$"):
        loaded(Given(x=1.0))
    with pytest.raises(TypeError, match=r"^f\(\) was saved for p.x: float, not int$"):
        loaded(Given(x=1, y=2.0))
    with pytest.raises(TypeError, match=r"^f\(\) was saved for p: object, not float$"):
        loaded(1.0)


def test_members_of_an_enum(program):
    loaded = program(CLASSES + "MODE = Colour.RED\ndef f(x):\n    return x if MODE is Colour.RED else -x, MODE", 1.0)
    value, mode = loaded(2.0)
    assert value == 2.0 and isinstance(mode, Enum) and (mode.name, mode.value) == ("RED", 1)


METHODS = """
from enum import Enum
from typing import NamedTuple
class Planet(Enum):
    EARTH = (2.0, 3.0)
    MARS = (1.0, 2.0)
    HOME = (2.0, 3.0)
    def __init__(self, mass, radius):
        self.mass, self._radius = mass, radius
class Motion(NamedTuple):
    position: float
    steps: int = 0
class Cell:
    def __init__(self, x):
        self.x = x
    def __hash__(self):
        return int(self.x) % 2
    def __eq__(self, other):
        return int(self.x) == int(other.x)
"""


def test_attributes_of_the_members_of_an_enum(program):
    body = "def f(k):\n    planet = Planet.EARTH if k else Planet['MARS']\n    return planet.mass, planet._radius"
    loaded = program(METHODS + body, 1)
    assert loaded(1) == (2.0, 3.0) and loaded(0) == (1.0, 2.0)


def test_named_tuples_show_their_names(program):
    loaded = program(METHODS + "def f(x):\n    return Motion(x), f'{Motion(x, 2)}'", 1.0)
    motion, text = loaded(2.0)
    assert text == "Motion(position=2.0, steps=2)" and repr(motion) == "Motion(position=2.0, steps=0)"


def test_keys_of_a_class_that_is_not_there(program):
    loaded = program(METHODS + "def f(x):\n    return len({Cell(value) for value in x}), Cell(x[0])", X)
    number, cell = loaded(np.array([1.0, 3.5, 1.5, 2.0, 3.0]))
    assert number == 3
    with pytest.raises(ImportError, match="the method away:Cell.__hash__ is not there"):
        hash(cell)


DATACLASSES = """
from dataclasses import dataclass
@dataclass(frozen=True)
class Cell:
    x: float
    side: int = 0
    def __hash__(self):
        return int(self.x) % 2
@dataclass(frozen=True, slots=True)
class Slot:
    x: float
    side: int = 0
@dataclass(slots=True)
class Base:
    x: float
@dataclass(slots=True, unsafe_hash=True)
class Derived(Base):
    y: float = 2.0
"""


@pytest.mark.parametrize("name", ["Cell", "Slot", "Derived"])
def test_keys_of_a_dataclass_that_is_not_there(program, name):
    body = "def f(x):\n    made = [Cell(value) for value in x]\n    return len(set(made)), made.index(Cell(x[2]))"
    loaded = program(DATACLASSES + body.replace("Cell", name), X)
    assert loaded(np.array([1.0, 3.0, 1.0, 2.0])) == (3, 0)


def test_the_graph_of_a_loaded_graph_has_a_text(program):
    loaded = program(CLASSES + "def f(x):\n    return Rod(x)", 1.5)
    assert "allocate(@away:Rod)" in str(loaded.graph)


class Scaler:
    def __init__(self, factor):
        self.factor = factor

    @to_graph
    def scale(self, x):
        return self.factor * x


def test_methods_are_saved_with_their_object_as_an_argument(tmp_path):
    save_graph(Scaler(2.0).scale, tmp_path / "scale.graph", X)
    loaded = load_graph(tmp_path / "scale.graph")
    np.testing.assert_array_equal(loaded(Given(factor=3.0), X), 3.0 * X)


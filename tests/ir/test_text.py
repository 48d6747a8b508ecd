"""The text form: what is written is read back equal, constants to the bit, types and locations included."""

import math
import operator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from tograph.runtime.errors import UnwritableConstant
from tograph.runtime.ir import dims, literals
from tograph.runtime.ir.dims import fresh, symbol
from tograph.runtime.ir.graph import Call, Graph, Location, Node, Operand, Value, same
from tograph.runtime.ir.text import parse, parse_type, text, write_type
from tograph.runtime.ir.tokens import Tokens
from tograph.runtime.ir.types import (
    ANY,
    BOOL,
    FLOAT,
    INT,
    NEVER,
    NONE,
    STR,
    UNBOUND,
    ArrayType,
    ConstantType,
    DictType,
    IntType,
    IteratorType,
    ListType,
    PythonType,
    RangeType,
    ScalarType,
    SetType,
    TupleType,
    join,
)
from tograph.runtime.ops.op import Op, Table

NAMES = ("add", "get_item", "list.append", "cond", "while_loop", "for_loop", "try_finally", "constant", "raise",
"print")
TABLE = Table()
TABLE.add_all(Op(name, kernel=lambda xp: operator.add, infer=lambda *args: ANY) for name in NAMES)
OPS = TABLE.by_name

F8 = np.dtype("f8")
n = symbol("n", 2)
i = symbol("i", 0, n - 1)


def one_node(call, *inputs, **kwargs):
    return Graph(inputs, (Node(OPS["add"], inputs, (Value(ANY),), call, **kwargs),), ())


class Local:
    """A class that modules can name, with an instance that none can."""


CONSTANTS = [
    None, True, False, ..., NotImplemented, 0, -7, 10**30, -(1 << 20000), 1.5, -0.0, 1e-7, math.inf, -math.inf,
    math.nan,
    complex(0.0, -0.0), complex(math.nan, math.inf), "", "it's\n\"%x\" # \x00\ud800", b"\xff'", (), (1,), (1, (2.0,
    "a")),
    [], [1, [2]], {}, {"a": 1, 2: [None]}, {1, 2}, frozenset("ab"), slice(None), slice(1, None, -2), range(2, 9, 3),
    np.dtype("f8"), np.dtype(">i4"), np.dtype("q"), np.dtype("U5"), np.dtype("M8[ns]"), np.dtype([("a", "<f4"), ("b",
    ">i2", (2,))]),
    np.float64(1.5), np.float32(0.1), np.float16(-0.0), np.float64("nan"), np.longdouble("0.1"), np.int8(-3),
    np.uint64(2**64 - 1),
    np.bool_(True), np.complex64(1 - 2j), np.complex128(complex(math.nan, -0.0)), np.str_("a"),
    np.datetime64("2020-01-01", "D"),
    np.longlong(3), np.clongdouble(1j),
    np.sum, np.add, np.add.reduce, np.linalg.norm, np.float32, np.ndarray, np.ndarray.sum, len, operator.add,
    math.sin, math, np,
    np._NoValue, str.join, ValueError, np.linalg.LinAlgError, Local, Exception, super,
    np.array([1.5, -0.0]), np.array(3), np.array([[1, 2], [3, 4]], ">i2"), np.asfortranarray(np.arange(6.0).reshape(2,
    3)),
    np.array([np.nan, np.inf]), np.array([1, 2], "f2"), np.empty((0, 3), "f4"), np.array([True]), np.array(["ab", "c"]),
    np.array([1], "longdouble"), np.zeros(2, [("a", "f8")]), np.array([1 + 2j]),
]


def tells_apart(value):
    """Everything about a constant that may not be lost."""
    if type(value) in (tuple, list):
        return (type(value), [tells_apart(item) for item in value])
    if isinstance(value, np.ndarray):
        return (value.dtype, value.dtype.char, value.shape, value.strides, value.tobytes())
    if isinstance(value, np.generic):
        return (type(value), value.dtype, value.tobytes())
    if isinstance(value, np.dtype):
        return (value, value.char, value.str)
    if isinstance(value, (float, complex)):
        return (type(value), repr(value))
    if isinstance(value, slice):
        return (slice, value.start, value.stop, value.step)
    return (type(value), value)


@pytest.mark.parametrize("constant", CONSTANTS, ids=range(len(CONSTANTS)))
def test_constants_are_read_back_exactly(constant):
    graph = one_node(Call((constant,), {"axis": constant}))
    read = parse(text(graph), TABLE)
    assert tells_apart(read.nodes[0].call.args[0]) == tells_apart(constant)
    assert tells_apart(read.nodes[0].call.kwargs["axis"]) == tells_apart(constant)
    assert read == graph and hash(read) == hash(graph)


@settings(max_examples=150, deadline=None)
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.complex_numbers() | st.text()
                    | st.binary(), lambda inner: st.lists(inner) | st.tuples(inner, inner), max_leaves=6)
       | npst.arrays(npst.scalar_dtypes(), npst.array_shapes(min_dims=0, max_dims=2, min_side=0)))
def test_any_constant_is_read_back_exactly(constant):
    read = literals.read(Tokens(literals.write(constant)), lambda tokens: pytest.fail("no leaf was written"))
    assert tells_apart(read) == tells_apart(constant)


@pytest.mark.parametrize("a, b", [(1, True), (1, 1.0), (0.0, -0.0), (1.0, np.float64(1.0)), ("1", b"1"), ((1,), [1]),
    (None, False),
                                  (np.float32(1), np.float64(1)), (np.array([1]), np.array([1.0])), (np.sum, np.prod),
                                  (Local(), Local()), (slice(1), slice(0, 1))])
def test_constants_that_differ_make_graphs_differ(a, b):
    assert one_node(Call((a,))) != one_node(Call((b,)))
    assert one_node(Call((a,))) == one_node(Call((a,)))


UNWRITABLE = [Local(), lambda x: x, np.array([object()]), iter([1]), np.errstate()]


@pytest.mark.parametrize("constant", UNWRITABLE, ids=lambda value: type(value).__name__)
def test_what_has_no_text_is_named(constant):
    graph = one_node(Call(((constant,),)), location=Location("model.py", 6))
    with pytest.raises(UnwritableConstant, match="cannot be written as text") as error:
        text(graph)
    assert repr(constant) in str(error.value) and "\n  model.py:6\n" in str(error.value)
    assert f"<{type(constant).__qualname__}" in str(graph)


def test_nested_functions_are_not_mistaken_for_others():
    def sum():
        pass

    sum.__module__, sum.__qualname__ = "numpy", "sum"
    with pytest.raises(UnwritableConstant):
        literals.write(sum)


TYPES = [
    ("f8[n, 3]", ArrayType(F8, (n, 3))),
    ("f8[]", ArrayType(F8, ())),
    ("f8", ScalarType(F8)),
    ("dtype('>f4')[n + 1]", ArrayType(np.dtype(">f4"), (n + 1,))),
    ("dtype('M8[ns]')", ScalarType(np.dtype("M8[ns]"))),
    ("dtype([('a', '<f8')])[2]", ArrayType(np.dtype([("a", "<f8")]), (2,))),
    ("b1[n - 1, min(i, 3)]", ArrayType(np.dtype(bool), (n - 1, dims.minimum(i, 3)))),
    ("U3[2*(n//2)]", ArrayType(np.dtype("U3"), (2 * (n // 2),))),
    ("int", INT),
    ("int[n - 1]", IntType(n - 1)),
    ("int[-1]", IntType(-1)),
    ("float", FLOAT), ("bool", BOOL), ("str", STR), ("None", NONE), ("slice", PythonType(slice)),
    ("python[@decimal:Decimal]", None),
    ("tuple[f8[n], int]", TupleType((ArrayType(F8, (n,)), INT))),
    ("tuple[]", TupleType(())),
    ("list[f8]", ListType(ScalarType(F8))),
    ("list[f8[n]; min(n, 4)]", ListType(ArrayType(F8, (n,)), dims.minimum(n, 4))),
    ("set[int]", SetType(INT)),
    ("dict[str, f8 | None]", DictType(STR, join(ScalarType(F8), NONE))),
    ("range[0, n, 1]", RangeType(0, n, 1)),
    ("range[_, i + 1, _]", RangeType(None, i + 1, None)),
    ("iterator[tuple[int, f8]; n]", IteratorType(TupleType((INT, ScalarType(F8))), n)),
    ("constant[@numpy:sum]", ConstantType(np.sum)),
    ("object[@fractions:Fraction]", None),
    ("f8[n, n] | f8[n] | None", join(NONE, ArrayType(F8, (n,)), ArrayType(F8, (n, n)))),
    ("any", ANY), ("never", NEVER), ("unbound", UNBOUND),
]


@pytest.mark.parametrize("written, type", TYPES, ids=[written for written, _ in TYPES])
def test_types(written, type):
    read = parse_type(written, {"n": n, "i": i})
    assert write_type(read) == written
    assert type is None or read == type


def test_undeclared_names_in_a_type_are_sizes():
    assert parse_type("f8[n, m, n]") == ArrayType(F8, (symbol("n"), symbol("m"), symbol("n")))
    for wrong in ("f9q[", "list", "f8[n", "int[n]]", "g8[n]x", "tuple[int", "%x", "f8[n m]", "f8[n,,m]", "f77[n]", ""):
        with pytest.raises(ValueError):
            parse_type(wrong)


EXAMPLE = """\
symbol n: 2..
symbol ?i1: 0..n - 1
graph(%x: f8[n], %k: int, %x'2: list[f8]):
  %1: f8[?i1] = get_item(%x, (slice(None, %k, None), 0))  # model.py:6
  %y: f8[n] = add(%x, %x)  # model.py:7:4-12 in f
  list.append(%x'2, 1.5)  # 'my model.py':8
  %2: f8[n], %s: int = while_loop[%y, %k, %y](carried=2)  # model.py:9
    test(%3: f8[n], %k'2: int, %4: f8[n]):
      %5: bool = add(%k'2, 1)
      return %5
    body(%6: f8[n], %k'3: int, %7: f8[n]):
      %8: f8[n] = cond[%k'3, %6]
        then(%9: f8[n]):
          return %9
        otherwise(%10: f8[n]):
          raise(@builtins:ValueError, '%x = 1  # not a comment')
          return %10
      return %8, %k'3
  return %2, %1
"""


def test_a_graph_is_read_and_written_back():
    graph = parse(EXAMPLE, TABLE)
    assert text(graph) == EXAMPLE
    assert graph == parse(EXAMPLE, TABLE)
    assert str(graph) == EXAMPLE
    assert graph.nodes[0].call.args == (Operand(0), (slice(None, Operand(1), None), 0))
    assert graph.nodes[1].inputs == (graph.inputs[0],)
    assert graph.nodes[1].location == Location("model.py", 7, 4, 12, "f")
    assert graph.nodes[2].location == Location("my model.py", 8)
    assert graph.nodes[3].call == Call((), {"carried": 2})
    assert [value.name for value in graph.inputs] == ["x", "k", "x"]


@pytest.mark.parametrize("before, after", [
    ("1.5", "1.25"), ("model.py:6", "model.py:5"), ("in f", "in g"), ("7:4-12", "7:4-13"), ("%x, %x)", "%x, %y)"),
        ("?i1: 0..", "?i1: 1.."),
    ("%k: int", "%k: float"), ("return %9", "return %4"), ("carried=2", "carried=1"), ("symbol n: 2..",
        "symbol n: 1.."),
    ("return %2, %1", "return %1, %2"), ("list.append", "add"), ("%y: f8[n] = add(%x, %x)",
        "%y: f8[n] = add[%x]($0, 1)"),
])
def test_every_part_counts_in_equality(before, after):
    if before in ("%x, %x)",):
        after = "%x, %k)"
    assert before in EXAMPLE
    assert parse(EXAMPLE.replace(before, after), TABLE) != parse(EXAMPLE, TABLE)


def test_names_and_the_numbers_of_unknowns_do_not_count():
    other = EXAMPLE.replace("%y", "%z").replace("?i1", "?i77")
    assert parse(other, TABLE) == parse(EXAMPLE, TABLE)
    assert same(parse(EXAMPLE.replace("model.py:6", "b.py:1"), TABLE), parse(EXAMPLE, TABLE), locations=False)
    assert parse(EXAMPLE, TABLE) != "a graph"


def test_unknowns_read_back_are_new():
    graph = parse(EXAMPLE, TABLE)
    again = parse(EXAMPLE, TABLE)
    assert graph.nodes[0].outputs[0].type != again.nodes[0].outputs[0].type
    assert graph.inputs[0].type == again.inputs[0].type


def test_an_unknown_is_numbered_by_where_it_appears():
    late, early = fresh("d"), fresh("d", 0, n)
    graph = Graph((Value(ArrayType(F8, (early + late,))), Value(ArrayType(F8, (late,)))), (), ())
    first = text(graph)
    assert text(parse(first, TABLE)) == first
    swapped = Graph((Value(ArrayType(F8, (early + late,))), Value(ArrayType(F8, (early,)))), (), ())
    assert graph != swapped


def test_two_symbols_of_one_name_stay_two():
    graph = Graph((Value(ArrayType(F8, (symbol("n", 0), symbol("n", 2)))),), (), ())
    assert "f8[n, n'2]" in text(graph)
    assert parse(text(graph), TABLE).inputs[0].type == graph.inputs[0].type


def test_inputs_that_the_call_does_not_show_are_listed():
    x, y = Value(INT, "x"), Value(INT, "y")
    for inputs, call in [((x, y), Call()), ((x, x), Call((Operand(0), Operand(1)))), ((x, y), Call((Operand(1),
        Operand(0)))),
                         ((x, y), Call((Operand(1),)))]:
        graph = Graph((x, y), (Node(OPS["add"], inputs, (), call),), ())
        read = parse(text(graph), TABLE)
        assert read == graph
        assert read.nodes[0].call == call
        assert read.nodes[0].inputs == tuple(read.inputs[(x, y).index(value)] for value in inputs)


@pytest.mark.parametrize("broken, message", [
    ("graph(%x: int):\n  return %y\n", "line 2: %y is not defined"),
    ("graph(%x: int):\n  %y: int = nothing(%x)\n  return %y\n", "there is no op 'nothing'"),
    ("graph(%x: int):\n  add(%x\n  return\n", "expected ','"),
    ("graph(%x: int):\n", "expected a node or a return"),
    ("graph(%x: f8[m]):\n  return\n", "'m'"),
    ("graph():\n  return\n  return\n", "expected the end"),
    ("graph():\n  add(~)\n  return\n", "cannot be read"),
])
def test_what_cannot_be_read_is_shown(broken, message):
    with pytest.raises((ValueError, KeyError), match=message.replace("(", r"\(")):
        parse(broken, TABLE)

"""Each call means what the Python beside it means, exceptions and their texts included."""
# pyright: reportGeneralTypeIssues=false, reportCallIssue=false, reportArgumentType=false, reportIndexIssue=false
# pyright: reportOptionalOperand=false, reportOperatorIssue=false, reportUnboundVariable=false, reportOptionalIterable=false

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from types import CellType
from typing import Any

import pytest

from tograph.transpiler.protocol import CALLS, PlainControl

plain = PlainControl()


class NoIteration:
    __iter__ = None


class Color(Enum):
    RED = 1


def pair(value):
    a, b = value
    return a, b


def spread(value):
    a, *b, c = value
    return a, b, c


def local(assigned):
    if assigned:
        x = 1
    return x


def after_del():
    x = 1
    del x
    del x   # noqa: F821


def inner():
    def read():
        return x
    if inner is None:
        x = 1
    return read()


def no_global():
    global missing
    del missing   # noqa: F821


def caught(types):
    try:
        raise KeyError("k")
    except types:
        return "caught"


def catch(types):
    def body():
        raise KeyError("k")
    box = []
    plain.try_(body, ((lambda: types, lambda error: box.append("caught")),))
    return box[0]


def returns_in_finally():
    try:
        raise KeyError("k")
    finally:
        return "dropped"   # noqa: B012


def drops_in_finally():
    def body():
        raise KeyError("k")
    plain.try_(body, final=lambda: True)
    return "dropped"


class Pair:
    __match_args__ = ("a", "b")
    a, b = 1, 2


def pair_parts(value, wanted):
    match wanted, value:
        case (2, ()), Pair(a, b):
            return a, b
        case (1, ("b",)), Pair(a, b=b):
            return a, b
        case (0, ("a", "c")), Pair(a=a, c=c):
            return a, c
        case (1, ("a",)), Pair(_, a=a):
            return a
        case (3, ()), Pair(a, b, c):
            return a, b, c


def of_class(value, cls):
    match value:
        case cls():
            return True
    return False


def mapping_parts(value):
    match value:
        case {"a": a, **rest}:
            return a, rest


def kinds(value):
    match value:
        case [*_]:
            return True, False
        case {}:
            return False, True
    return False, False


def outcome(thunk: Callable[[], Any]) -> Any:
    try:
        return repr(thunk())
    except Exception as error:
        return type(error), str(error), getattr(error, "name", None), repr(error.__cause__)


def calls(*args, **kwargs):
    return args, kwargs


SAME = [
    *[(lambda v=v: plain.unpack(v, 2), lambda v=v: pair(v))
      for v in ((1, 2), [1], "abc", 5, None, {1: 2, 3: 4}, NoIteration(), Color.RED, Color, range(3), int)],
    *[(lambda v=v: plain.unpack_starred(v, 1, 1), lambda v=v: spread(v)) for v in ((1, 2), "abcd", [1], [], 5, None)],
    *[(lambda v=v: plain.new_list(0, plain.star(v), 1), lambda v=v: [0, *v, 1]) for v in ([2], "ab", {5}, 5, None)],
    *[(lambda v=v: plain.new_tuple(plain.star(v)), lambda v=v: (*v,)) for v in ([2], 5)],
    *[(lambda v=v: plain.new_set(0, plain.star(v)), lambda v=v: {0, *v}) for v in ([2], 5, [[]])],
    *[(lambda v=v: plain.new_dict(("a", 1), plain.star(v), ("b", 2)), lambda v=v: {"a": 1, **v, "b": 2})
      for v in ({}, {"a": 5}, 5, [], [("c", 1)])],
    *[(lambda v=v: plain.call(calls, plain.star(v)), lambda v=v: calls(*v)) for v in ([], [2], 5, None)],
    *[(lambda v=v: plain.call(calls, 1, plain.star(v), k=2), lambda v=v: calls(1, *v, k=2)) for v in ([], [2], 5)],
    (lambda: plain.call(calls, function=1, self=2), lambda: calls(function=1, self=2)),
    *[(lambda v=v: plain.call(v), lambda v=v: v()) for v in (5, int)],
    *[(lambda v=v: plain.compare(1, "<", lambda: v, "!=", lambda: 3, "in", lambda: [3]), lambda v=v: 1 < v != 3 in [3])
      for v in (0, 2, 3, "a")],
    *[(lambda v=v: plain.in_(1, v), lambda v=v: 1 in v) for v in ([1], "a", 5)],
    *[(lambda v=v: plain.not_in(1, v), lambda v=v: 1 not in v) for v in ([1], [], None)],
    *[(lambda v=v: plain.field(v, None, "d"), lambda v=v: f"{v:d}") for v in (1, 1.5, "a", [])],
    *[(lambda v=v: plain.fstring("<", plain.field(v, "r", ">9"), ">"), lambda v=v: f"<{v!r:>9}>") for v in ("é", 1)],
    *[(lambda v=v: plain.get_item(v, plain.slice_(1, None, None)), lambda v=v: v[1:]) for v in ([1, 2], "ab", 5)],
    (lambda: plain.bound(plain.unbound("x"), "x"), lambda: local(False)),
    (lambda: plain.bound(1, "x"), lambda: local(True)),
    (lambda: plain.scope().x, lambda: local(False)),
    (lambda: delattr(plain.scope(), "x"), after_del),
    (lambda: plain.scope().free("x"), inner),
    (lambda: plain.del_global({}, "missing"), no_global),
    *[(lambda t=t: catch(t), lambda t=t: caught(t))
      for t in (KeyError, LookupError, (ValueError, KeyError), (), ValueError, 5, (KeyError, 5), (KeyError, (int,)))],
    (drops_in_finally, returns_in_finally),
    *[(lambda v=v, n=n: plain.class_parts(v, Pair, *n), lambda v=v, n=n: pair_parts(v, n))
      for v in (Pair(), 5) for n in ((2, ()), (1, ("b",)), (0, ("a", "c")), (1, ("a",)), (3, ()))],
    *[(lambda v=v: plain.match_class(1, v), lambda v=v: of_class(1, v)) for v in (int, str, 5)],
    *[(lambda v=v: plain.mapping_parts(v, ("a",), True), lambda v=v: mapping_parts(v))
      for v in ({"a": 1}, {"a": 1, "b": 2}, {}, [])],
    *[(lambda v=v: (plain.match_sequence(v), plain.match_mapping(v)), lambda v=v: kinds(v))
      for v in ([], (1,), "ab", {}, range(3), b"", {1}, None)],
]


@pytest.mark.parametrize("call, native", SAME)
def test_means_what_python_means(call, native):
    assert outcome(call) == outcome(native)


def test_calls_are_the_methods():
    assert {"if_", "try_", "set_nonlocal", "slice_"} < set(CALLS)
    assert all(callable(getattr(plain, name)) for name in CALLS)
    assert not {"read", "miss"} & set(CALLS)


@pytest.mark.parametrize("values", [(0, 5), (5, 0), ([], "a"), ("a", [])])
def test_logic_gives_one_of_the_values(values):
    left, right = values
    assert plain.and_(left, lambda: right) is (left and right)
    assert plain.or_(left, lambda: right) is (left or right)


def test_no_item_is_fetched_after_the_test_fails():
    items = iter(range(9))
    (last, going) = plain.for_(items, lambda item, last, going: (item, item < 2), (None, True), ("last", "going"),
                               test=lambda last, going: going)
    assert (last, going, next(items)) == (2, False, 3)


def test_a_star_takes_a_list_as_it_is():
    xs = [1, 2]
    assert plain.new_list(plain.star(plain.items_now(xs)), xs.pop()) == [1, 2, 2]
    table = {1: 2}
    assert plain.new_dict(plain.star(plain.entries_now(table)), (3, table.pop(1))) == {1: 2, 3: 2}


def test_variables_of_a_scope():
    scope: Any = plain.scope()
    scope.x = 1
    assert scope.set("y", 2) == 2
    assert (scope.x, scope.free("x"), scope.y) == (1, 1, 2)
    del scope.x
    assert vars(scope) == {"y": 2}


def test_outer_variables():
    cell, module = CellType(1), {"x": 1}
    assert plain.read(cell, "x", 1) == 1
    assert plain.set_nonlocal(cell, "x", 2) == cell.cell_contents == 2
    assert plain.set_global(module, "x", 3) == module["x"] == 3
    plain.del_global(module, "x")
    assert module == {}


def test_raise_again_within_a_handler():
    seen = []

    def body():
        raise KeyError("k")

    def handler(error):
        seen.append(error)
        plain.raise_()

    with pytest.raises(KeyError) as caught_again:
        plain.try_(body, ((lambda: KeyError, handler),), final=lambda: seen.append("final"))
    assert seen == [caught_again.value, "final"]


def test_raise_from():
    cause = ValueError()
    with pytest.raises(KeyError) as raised:
        plain.raise_(KeyError, cause)
    assert raised.value.__cause__ is cause
    with pytest.raises(TypeError, match="exceptions must derive from BaseException"):
        plain.raise_(None)


def test_the_order_of_an_augmented_item():
    box = [1]

    def value():
        box[0] = 100
        return 5

    plain.aug_item(box, 0, "+", value)
    assert box == [6]




@pytest.mark.parametrize("first, second", [(0, 0), (0, 1), (1, 0), (1, 1)])
def test_a_test_asks_each_operand_once(first, second):
    class Asked:
        def __init__(self, answer):
            self.answer, self.times = answer, 0

        def __bool__(self):
            self.times += 1
            return bool(self.answer)

    for logic, wanted in ((plain.both, first and second), (plain.either, first or second)):
        left, right = Asked(first), Asked(second)
        assert logic(left, lambda right=right: right) is bool(wanted)
        assert left.times == 1 and right.times <= 1

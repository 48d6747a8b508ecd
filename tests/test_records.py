"""Records behave as frozen dataclasses with slots do."""

# pyright: reportCallIssue=false, reportArgumentType=false, reportAttributeAccessIssue=false, reportGeneralTypeIssues=false
# The package is not visible to pyright here: what ``record`` makes looks like a plain class.

import copy
import pickle
from dataclasses import FrozenInstanceError, dataclass, field, fields, replace
from typing import Any

import pytest

from tograph.runtime.records import record


@record
class Point:
    """A point."""

    x: Any
    y: Any = 2
    names: dict[str, Any] = field(default_factory=dict)
    note: str = field(default="", compare=False, repr=False)


@record
class Colored(Point):
    """A field more."""

    color: str = "red"


@record(eq=False)
class Thing:
    """Compared by identity."""

    name: str


@record
class Empty:
    """No fields."""


@record
class Exact:
    """An ``==`` and a ``repr`` of its own."""

    value: Any

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Exact) and other.value is self.value

    def __hash__(self) -> int:
        return id(self.value)

    def __repr__(self) -> str:
        return "exact"


@dataclass(frozen=True, slots=True)
class Reference:
    """What ``Point`` would be."""

    x: Any
    y: Any = 2
    names: dict[str, Any] = field(default_factory=dict)
    note: str = field(default="", compare=False, repr=False)


def test_has_the_fields_of_a_dataclass() -> None:
    assert [(part.name, part.default, part.compare) for part in fields(Point)] == [
        (part.name, part.default, part.compare) for part in fields(Reference)]
    assert Point.__match_args__ == Reference.__match_args__
    assert not hasattr(Point(1), "__dict__")
    match Colored(1, color="blue"):
        case Colored(x, y, color=color):
            assert (x, y, color) == (1, 2, "blue")


@pytest.mark.parametrize("args, kwargs", [((1,), {}), ((1, 3), {}), ((), {"y": 5, "x": 4}), ((1,), {"names": {}})])
def test_is_made_and_written_as_a_dataclass_is(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    assert repr(Point(*args, **kwargs)) == repr(Reference(*args, **kwargs)).replace("Reference", "Point")


@pytest.mark.parametrize("args, kwargs", [((), {}), ((1, 2, {}, "", 5), {}), ((1,), {"x": 1}), ((1,), {"z": 1})])
def test_refuses_the_arguments_that_a_dataclass_refuses(args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    for cls in (Point, Reference):
        with pytest.raises(TypeError):
            cls(*args, **kwargs)


def test_each_has_its_own_default() -> None:
    assert Point(1).names == {} and Point(1).names is not Point(1).names


def test_is_compared_by_class_and_fields() -> None:
    assert Point(1, note="a") == Point(1, note="b") and Point(1) != Point(2) and Point(1) != Colored(1)
    assert Point(1) != (1, 2, {}) and Empty() == Empty() and hash(Empty()) == hash(Empty())
    assert hash(Colored(1, 2, ())) == hash(Colored(1, 2, (), "other")) != hash(Colored(1, 2, (), color="blue"))
    with pytest.raises(TypeError):
        hash(Point(1))
    assert Thing("a") != Thing("a") and len({Thing("a"), Thing("a")}) == 2


def test_keeps_its_own_comparison_and_text() -> None:
    assert Exact(1.5) != Exact(float("1.5")) and repr(Exact(1)) == "exact"


@pytest.mark.parametrize("instance", [Point(1), Colored(1), Thing("a"), Empty(), Exact(1)])
def test_is_immutable(instance: Any) -> None:
    for name in ("x", "name", "value", "other"):
        with pytest.raises(FrozenInstanceError):
            setattr(instance, name, 1)
        with pytest.raises(FrozenInstanceError):
            delattr(instance, name)


def test_is_replaced_copied_and_pickled() -> None:
    point = Colored([1], note="kept")
    assert replace(point, y=3) == Colored([1], 3) and replace(point, y=3).note == "kept"
    for same in (copy.copy(point), copy.deepcopy(point), pickle.loads(pickle.dumps(point))):
        assert same == point and same.note == "kept" and same is not point
    assert copy.copy(point).x is point.x and copy.deepcopy(point).x is not point.x

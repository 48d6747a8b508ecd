"""Sizes in types: what is said of dimensions and known ints, visited, replaced and looked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..ir import dims
from ..ir.build import Scope
from ..ir.graph import Value
from ..ir.types import (
    INT,
    AnyType,
    ArrayType,
    ConstantType,
    DictType,
    IntType,
    IteratorType,
    ListType,
    NeverType,
    ObjectType,
    PythonType,
    RangeType,
    ScalarType,
    SetType,
    TupleType,
    Type,
    UnboundType,
    dims_of,
    join,
    options,
)

SIZELESS = (AnyType, ConstantType, NeverType, ObjectType, PythonType, ScalarType, UnboundType)


def map_dims(type: Type, settle: Callable[[Any], Any]) -> Type:
    """``type`` with ``settle`` applied to each dimension and known int; None becomes a new unknown."""
    if isinstance(type, SIZELESS) or all(isinstance(dim, int) for dim in dims_of(type)):
        return type

    def size(dim: Any) -> Any:
        if isinstance(dim, int) or dim is None:
            return dim
        found = settle(dim)
        return dims.fresh("d") if found is None else found

    def number(dim: Any) -> Any:
        return dim if isinstance(dim, int) or dim is None else settle(dim)

    def visit(type: Type) -> Type:
        if isinstance(type, SIZELESS):
            return type
        match type:
            case ArrayType(dtype, shape):
                return ArrayType(dtype, tuple(map(size, shape)))
            case IntType(value):
                return IntType(number(value))
            case TupleType(items):
                return TupleType(tuple(map(visit, items)), type.cls)
            case ListType(item, length):
                return ListType(visit(item), number(length))
            case SetType(item):
                return SetType(visit(item))
            case DictType(key, item):
                return DictType(visit(key), visit(item))
            case RangeType(start, stop, step):
                return RangeType(number(start), number(stop), number(step))
            case IteratorType(item, length):
                return IteratorType(visit(item), number(length))
        found = options(type)
        visited = list(map(visit, found))
        return type if visited == list(found) else join(*visited)

    return visit(type)


def symbols_of(type: Type) -> list[str]:
    """The names of the symbols in ``type``."""
    if isinstance(type, SIZELESS):
        return []
    return [symbol.name for dim in dims_of(type) for symbol in dims.symbols(dim)]


def range_item(type: RangeType) -> Type:
    """The ints of a range, bounded where its bounds are known."""
    start, stop, step = type.start, type.stop, type.step
    if isinstance(step, int) and start is not None and stop is not None:
        if step > 0:
            return IntType(dims.fresh("i", low=start, high=stop - 1))
        return IntType(dims.fresh("i", low=stop + 1, high=start))
    return INT


def known_range(type: RangeType) -> range | None:
    """The range itself, if its bounds are known numbers."""
    match type:
        case RangeType(int() as start, int() as stop, int() as step):
            return range(start, stop, step)
    return None


def after_first(range_: RangeType) -> RangeType:
    """A range that is not empty, without its first item."""
    if range_.step in (1, -1) and range_.start is not None:
        return RangeType(range_.start + range_.step, range_.stop, range_.step)
    return RangeType(None, None, range_.step)


def values_behind(scope: Scope, value: Value) -> list[Value]:
    """What ``value`` is computed from by nodes of ``scope`` and the scopes around it, ``value`` itself first."""
    found, waiting = [], [(scope, value)]
    seen = set()
    while waiting:
        scope, value = waiting.pop()
        if value in seen:
            continue
        seen.add(value)
        found.append(value)
        outer = next((outer for outer, inner in scope.captures.items() if inner is value), None)
        if outer is not None and scope.parent is not None:
            waiting.append((scope.parent, outer))
        maker = next((node for node in scope.nodes if value in node.outputs), None)
        if maker is not None:
            waiting += [(scope, operand) for operand in maker.inputs]
    return found


def types_behind(scope: Scope, value: Value) -> list[Type]:
    """The types of what ``value`` is computed from."""
    return [each.type for each in values_behind(scope, value)]

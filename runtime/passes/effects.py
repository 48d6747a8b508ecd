"""What a node may do besides giving its result: raise, warn, write, be seen.

Claims hold for every value of its operands' types.  An op states what it is sure of (``total``, ``effect``,
``writes``); here that is read for one node, with unions expanded and everything unknown taken to be possible.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import product
from math import prod
from typing import Any

import numpy as np

from ..ir.call import Operand, arrange, map_leaves
from ..ir.graph import Node, Value, walk
from ..ir.types import (
    ANY,
    BOOL,
    NEVER,
    AnyType,
    ArrayType,
    ConstantType,
    DictType,
    IntType,
    IteratorType,
    ListType,
    ObjectType,
    PythonType,
    RangeType,
    ScalarType,
    SetType,
    TupleType,
    Type,
    UnionType,
    options,
)
from ..ops.random_numbers import SOURCES as RANDOM_SOURCES

MOST_COMBINATIONS = 64
FIXED = (IntType, PythonType, ScalarType, RangeType, ConstantType)      # nothing writes them

# They look at references, never into what these refer to.
STRUCTURAL = frozenset({
    "constant", "tuple", "list", "variables", "bound", "is_bound", "load", "load_own", "load_variable", "store",
    "delete", "raise", "goes_on",
    "operator.is", "operator.is_not", "container.append", "container.insert", "container.clear", "container.copy",
})
# Loops and branches: what they do is what their bodies do.
CONTROL = frozenset({"cond", "while_loop", "for_loop", "try_finally", "try_except", "with_"})
# Their effect is on what they are given, or on standard output alone.
LOCAL_EFFECTS = frozenset({"print", "raise", "store", "delete", "advance", "update", "delete_item", "goes_on"})
# No floating point, no cast: they never warn, whatever arrays they are given.
SILENT = frozenset({"get_item", "shape", "ndim", "size", "builtins.len", "builtins.range", "operator.truth",
                    "operator.not", "isscalar", "transpose", "method.transpose"})
SILENT_ON_INTEGERS = frozenset(
    [f"operator.{name}" for name in (
        "add", "sub", "mul", "and", "or", "xor", "lt", "le", "gt", "ge", "eq", "ne", "neg", "pos")]
    + ["add", "subtract", "multiply", "bitwise_and", "bitwise_or", "bitwise_xor", "less", "less_equal", "greater",
       "greater_equal", "equal", "not_equal", "negative", "positive", "maximum", "minimum", "logical_and", "logical_or",
       "logical_not", "logical_xor"])


def may_raise(node: Node) -> bool:
    """Whether the node, or one in its bodies, may raise; a ``while`` loop that may never end counts as well."""
    match node.op.name:
        case "cond":
            return node.inputs[0].type != BOOL or _any_node(node, may_raise)
        case "for_loop":
            return not _is_finite(node.inputs[0].type) or _any_node(node, may_raise)
    if node.bodies or node.op.total is None or any(value.type == NEVER for value in node.outputs):
        return True
    types = [value.type for value in node.inputs]
    choices = [options(type) for type in types]
    if ANY in types or not all(choices) or prod(map(len, choices)) > MOST_COMBINATIONS:
        return True
    return not all(_is_total(node, chosen) for chosen in product(*choices))


def may_warn(node: Node) -> bool:
    """Whether the node, or one in its bodies, may give a ``RuntimeWarning`` (overflow, division, invalid cast)."""
    if node.bodies:
        return node.op.name in ("with_", "try_except", "try_finally") or _any_node(node, may_warn)
    if node.op.name in SILENT or node.op.name in STRUCTURAL:
        return False
    results = [value.type for value in node.outputs]
    numpy = [type for type in _types_within([*_operand_types(node), *results])
             if isinstance(type, (ArrayType, ScalarType))]
    if not numpy:
        return node.op.name == "operator.invert" or node.op.name.startswith("np.") or _mentions_arrays(node)
    integers = all(type.dtype.kind in "biu" for type in numpy) and all(
        isinstance(option, ArrayType) for type in results for option in options(type))
    return not (integers and node.op.name in SILENT_ON_INTEGERS)


def runs_unknown_code(node: Node) -> bool:
    """Whether a method of some class (``__add__``, ``__repr__``, ...) may be called that could do anything."""
    if node.op.name in STRUCTURAL or node.op.name in CONTROL:
        return False
    return any(map(_has_methods, _operand_types(node)))


def is_barrier(node: Node) -> bool:
    """Whether the node may do anything at all, so that nothing known before it holds after it."""
    if node.bodies:
        return node.op.name not in CONTROL or node.op.name == "with_" or _any_node(node, is_barrier)
    known = node.op.name in LOCAL_EFFECTS or node.op.name.startswith(("container.", "random."))
    return runs_unknown_code(node) or (node.op.effect and not known)


def has_effect(node: Node) -> bool:
    """Whether the node, or one in its bodies, is seen beyond its results: prints, raises on purpose, ..."""
    if node.bodies and node.op.name in CONTROL:
        return node.op.name == "with_" or _any_node(node, has_effect)
    return node.op.effect or runs_unknown_code(node)


def written_operands(node: Node) -> tuple[Value, ...]:
    """The inputs that the call itself says are written: at the op's positions, or given as ``out``."""
    if not (node.op.writes or node.call.kwargs or node.op.name in ("store", "delete")):
        return ()
    parts = [node.call.args[position] for position in node.op.writes if position < len(node.call.args)]
    late = any(position >= len(node.call.args) for position in node.op.writes)
    parts += [value for name, value in node.call.kwargs.items() if name == "out" or late]
    if node.op.name in ("store", "delete"):
        parts.append(node.call.args[0])
    found: list[Value] = []
    map_leaves(parts, lambda leaf: found.append(node.inputs[leaf.index]) if isinstance(leaf, Operand) else None)
    return tuple([value for value in found if not all(isinstance(option, FIXED) for option in options(value.type))])


def is_removable(node: Node) -> bool:
    """Whether nobody can tell that the node did not run, if its results are not read."""
    if has_effect(node) or may_raise(node) or may_warn(node):
        return False
    return not any(written_operands(inner) for inner in (node, *_inner(node)))


def is_movable(node: Node) -> bool:
    """Whether nobody can tell when, or that, the node runs, memory aside."""
    return not node.bodies and is_removable(node)


def _inner(node: Node) -> Iterator[Node]:
    for body in node.bodies:
        yield from walk(body)


def _any_node(node: Node, claim: Any) -> bool:
    return any(claim(inner) for body in node.bodies for inner in body.nodes)


def _is_total(node: Node, types: tuple[Type, ...]) -> bool:
    assert node.op.total is not None
    try:
        return bool(node.op.total(*arrange(node.call.args, types), **arrange(dict(node.call.kwargs), types)))
    except TypeError:       # the call does not fit the op's signature
        return False


def _is_finite(iterable: Type) -> bool:
    return all(isinstance(option, (RangeType, TupleType)) or isinstance(option, ArrayType) and option.rank > 0
               for option in options(iterable))


def _operand_types(node: Node) -> list[Type]:
    return [value.type for value in node.inputs]


def _types_within(types: list[Type]) -> Iterator[Type]:
    """``types`` and the types of all that they may hold."""
    for type in types:
        yield type
        match type:
            case TupleType(parts) | UnionType(parts):
                yield from _types_within(list(parts))
            case ListType(item) | IteratorType(item) | SetType(item):
                yield from _types_within([item])
            case DictType(key, item):
                yield from _types_within([key, item])


def _has_methods(type: Type) -> bool:
    """Whether a value of ``type``, or what it may hold, may be of a class whose methods are not known."""
    match type:
        case ArrayType(dtype) | ScalarType(dtype):
            return dtype.hasobject
        case ObjectType(cls):
            return cls not in RANDOM_SOURCES
        case PythonType(cls):
            return cls is Decimal  # what they compute depends on a context, where they also note what happened
        case TupleType(parts) | UnionType(parts):
            return any(map(_has_methods, parts))
        case ListType(item) | IteratorType(item) | SetType(item):
            return _has_methods(item)
        case DictType(key, item):
            return _has_methods(key) or _has_methods(item)
    return isinstance(type, AnyType)


def _mentions_arrays(node: Node) -> bool:
    found: list[Any] = []
    map_leaves((node.call.args, dict(node.call.kwargs)),
               lambda leaf: found.append(leaf) if isinstance(leaf, (np.ndarray, np.generic)) else None)
    return bool(found)



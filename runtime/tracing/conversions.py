"""Numbers that the program's objects say they are: ``float(x)``, ``round(x)``, ``items[x]`` and the like.

A conversion that is written out asks the object's method in the graph.  Where built-in code would ask it for a number
the call is refused: a graph runs no code of the user's.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..ir.types import COMPLEX, FLOAT, IntType, ObjectType, Type, options
from ..ops import TABLE
from ..ops.op import Op
from .answers import answers
from .classes import has_user_method
from .heap import type_of
from .tracer import Tracer

if TYPE_CHECKING:
    from .staging import Staging

NUMBERS = ("__index__", "__float__", "__complex__", "__int__")
BUILT_IN = ("abs", "bin", "chr", "complex", "divmod", "float", "hex", "index", "int", "oct", "pow", "range", "round")
# What takes numbers, by the first word of the name of the op.
OF_NUMBERS = ("cmath", "math", "random", "statistics", "time")
CONVERTING = frozenset(
    name
    for name in TABLE.by_name
    if name.partition(".")[0] in OF_NUMBERS or name in {f"builtins.{function}" for function in BUILT_IN}
)
# Which of their arguments other ops ask for a number, if it is one; ``ANY_KEY`` those where a dict or set has a key.
ANY_KEY = ("get_item", "update", "delete_item", "container.pop")
LISTS = ("container", "list", "deque")
NUMBERS_AT: dict[str, slice] = {
    **{
        name: slice(1, None)
        for name in TABLE.by_name
        if name.partition(".")[0] in ("str", "bytes", "number")
        and name not in ("str.format", "str.format_map")
    },
    **{f"itertools.{name}": slice(1, None) for name in ("repeat", "islice", "combinations",
                                                        "combinations_with_replacement", "permutations", "batched")},
    **{f"bisect.{name}_{side}": slice(2, 4) for name in ("bisect", "insort") for side in ("left", "right")},
    **{f"{owner}.{name}": slice(1, 2) for owner in LISTS for name in ("insert", "pop", "rotate")},
    **{f"{owner}.index": slice(2, 4) for owner in LISTS},
    **{f"{owner}.__{name}item__": slice(1, 2) for owner in LISTS for name in ("get", "set", "del")},
    **dict.fromkeys((*ANY_KEY, "builtins.enumerate"), slice(1, 2)),
    "slice.indices": slice(None),
}  # fmt: skip


def number_asked(op: Op, args: Sequence[Any], named: Mapping[str, Any]) -> tuple[type, str] | None:
    """The class among ``args`` of which ``op`` would ask a number by a method of the program's own, and the method."""
    if op.name in CONVERTING:
        return _class_with(args, NUMBERS)
    if op.name in NUMBERS_AT and not (op.name in ANY_KEY and args and _is_of_keys(args[0])):
        return _class_with((*args[NUMBERS_AT[op.name]], *named.values()), ("__index__",))
    if op.name == "operator.mul" and not all(isinstance(type_of(arg), ObjectType) for arg in args):
        return _class_with(args, ("__index__",))
    return None


def _is_of_keys(container: Any) -> bool:
    """Whether an index may be a key, which is not asked for a number."""
    return not isinstance(container, (tuple, str, range)) and any(
        hasattr(option, "key") or isinstance(option, ObjectType) for option in options(type_of(container))
    )


def _class_with(args: Sequence[Any], methods: Sequence[str]) -> tuple[type, str] | None:
    for part in _parts(args):
        for option in options(type_of(part)):
            for method in methods:
                if has_user_method(option, method):
                    assert isinstance(option, ObjectType)
                    return option.cls, method
    return None


def _parts(args: Sequence[Any]) -> Iterator[Any]:
    for arg in args:
        if isinstance(arg, slice):
            yield from _parts((arg.start, arg.stop, arg.step))
        elif isinstance(arg, tuple):
            yield from _parts(arg)
        elif isinstance(arg, Tracer):
            yield arg


# -- conversions that are written out


def _is_float(type_: Type) -> bool:
    return type_ == FLOAT


def _is_complex(type_: Type) -> bool:
    return type_ == COMPLEX


def _is_int(type_: Type) -> bool:
    return isinstance(type_, IntType)


def _is_any(type_: Type) -> bool:
    return True


Accepts = Callable[[Type], bool]
# The methods that are asked, the first that a class has, and what each of them has to give.
ASKED: Mapping[Callable[..., Any], Mapping[str, Accepts]] = {
    float: {"__float__": _is_float, "__index__": _is_int},
    int: {"__int__": _is_int, "__index__": _is_int},
    complex: {"__complex__": _is_complex, "__float__": _is_float, "__index__": _is_int},
    operator.index: {"__index__": _is_int},
    round: {"__round__": _is_any},
    math.floor: {"__floor__": _is_any, "__float__": _is_float},
    math.ceil: {"__ceil__": _is_any, "__float__": _is_float},
    math.trunc: {"__trunc__": _is_any},
}


def _register(function: Callable[..., Any], asked: Mapping[str, Accepts]) -> None:
    op = TABLE.meaning(function)

    @answers(function)
    def _converted(trace: Staging, *args: Any, **keywords: Any) -> Any:
        kind = type_of(args[0]) if args else None
        method = next((name for name in asked if kind is not None and has_user_method(kind, name)), None)
        if method is None or len(args) > 1 and function is not round:
            return trace.apply(op, *map(trace.whole, args), **keywords)
        result = trace.call(trace.get_attribute(next(iter(args)), method), *args[1:], **keywords)
        if not asked[method](type_of(result)):
            trace.refuse(f"What '{method}' returns may be of another class.", fix="convert it there")
        is_last = asked[method] is _is_any or method == next(iter(asked))
        return result if is_last else trace.apply(op, result)


for _function, _asked in ASKED.items():
    _register(_function, _asked)


# -- operators by their names


def _register_operator(function: Callable[..., Any], name: str, most: int) -> None:
    op = TABLE.meaning(function)

    @answers(function)
    def _operated(trace: Staging, *args: Any, **keywords: Any) -> Any:
        if any(isinstance(type_of(arg), ObjectType) for arg in args) and len(args) <= most and not keywords:
            return trace.operate(name, *args)
        return trace.apply(op, *map(trace.whole, args), **keywords)


for _function, _name, _most in ((abs, "abs", 1), (divmod, "divmod", 2), (pow, "pow", 2)):
    _register_operator(_function, _name, _most)

"""Python's containers: made, read and changed when the graph runs.

A list in a graph is a list; ``append`` is a node with an effect on it. Item types are known to tracing, which
follows what each list may hold (``tracing.heap``) and states the type of what it loads; so the rules here say only
what holds for any list.
"""

from __future__ import annotations

from collections.abc import Callable
from operator import methodcaller
from typing import Any

from ..ir.types import (
    ANY,
    BOOL,
    INT,
    NEVER,
    NONE,
    STR,
    DictType,
    IteratorType,
    ListType,
    PythonType,
    SetType,
    TupleType,
    Type,
)
from .op import Op, Result
from .stand_ins import type_of


def _list(*items: Any) -> list[Any]:
    return list(items)


def _tuple(*items: Any) -> tuple[Any, ...]:
    return items


def _set(*items: Any) -> set[Any]:
    return set(items)


def _dict(*pairs: Any) -> dict[Any, Any]:
    return dict(pairs)


def _joined(make: Callable[[Any], Any]) -> Callable[..., Any]:
    """A display with starred parts: each part is an iterable."""
    return lambda *parts: make(item for part in parts for item in part)


def _merged(*mappings: Any) -> dict[Any, Any]:
    result: dict[Any, Any] = {}
    for mapping in mappings:
        result.update(mapping)
    return result


def _unpack_starred(value: Any, before: int, after: int) -> tuple[Any, ...]:
    (*items,) = value
    if len(items) < before + after:
        raise ValueError(f"not enough values to unpack (expected at least {before + after}, got {len(items)})")
    end = len(items) - after
    return (*items[:before], items[before:end], *items[end:])


def _unpack(value: Any, count: int) -> tuple[Any, ...]:
    match count:
        case 0:
            () = value
            return ()
        case 1:
            (a,) = value
            return (a,)
        case 2:
            a, b = value
            return a, b
        case 3:
            a, b, c = value
            return a, b, c
    iterator = iter(value)
    items = []
    for item in iterator:
        items.append(item)
        if len(items) > count:
            if isinstance(value, (list, tuple, dict)):
                raise ValueError(f"too many values to unpack (expected {count}, got {len(value)})")
            raise ValueError(f"too many values to unpack (expected {count})")
    if len(items) < count:
        raise ValueError(f"not enough values to unpack (expected {count}, got {len(items)})")
    return tuple(items)


def _advance(iterator: Any, absent: Any) -> Any:
    return next(iterator, absent)


def _plain(function: Callable[..., Any]) -> Callable[[Any], Callable[..., Any]]:
    return lambda xp: function


def _method(name: str) -> Callable[[Any], Callable[..., Any]]:
    return _plain(lambda receiver, *args, **kwargs: methodcaller(name, *args, **kwargs)(receiver))


def _gives(type: Type) -> Callable[..., Type]:
    return lambda *args, **kwargs: type


ANY_LIST = ListType(ANY)
ANY_DICT = DictType(ANY, ANY)

LIST = Op("list", _plain(_list), _gives(ANY_LIST), total=lambda *a: True)
TUPLE = Op("tuple", _plain(_tuple), lambda *items: type_of(items), total=lambda *a: True)
SET = Op("set", _plain(_set), _gives(SetType(ANY)))
DICT = Op("dict", _plain(_dict), _gives(ANY_DICT))
JOINED_LIST = Op("joined_list", _plain(_joined(list)), _gives(ANY_LIST))
JOINED_TUPLE = Op("joined_tuple", _plain(_joined(tuple)), _gives(ANY))
JOINED_SET = Op("joined_set", _plain(_joined(set)), _gives(SetType(ANY)))
MERGED_DICT = Op("merged_dict", _plain(_merged), _gives(ANY_DICT))
SPREAD = Op(
    "spread", _plain(lambda function, args, **kwargs: function(*args, **kwargs)), _gives(ANY), result=Result.VIEW,
    effect=True,
)
UNPACK = Op("unpack", _plain(_unpack), _gives(ANY), result=Result.VIEW)
UNPACK_STARRED = Op("unpack_starred", _plain(_unpack_starred), _gives(ANY), result=Result.VIEW)
ITERATOR = Op("iterator", _plain(iter), _gives(IteratorType(ANY)), result=Result.VIEW)
ADVANCE = Op("advance", _plain(_advance), _gives(ANY), result=Result.VIEW, writes=(0,), effect=True)

NEXT = Op("next", _plain(next), _gives(ANY), result=Result.VIEW, writes=(0,), effect=True)

MUTATING = {
    "append": NONE,
    "extend": NONE,
    "insert": NONE,
    "remove": NONE,
    "clear": NONE,
    "reverse": NONE,
    "sort": NONE,
    "pop": ANY,
    "popitem": ANY,
    "setdefault": ANY,
    "update": NONE,
    "add": NONE,
    "discard": NONE,
    "difference_update": NONE,
    "intersection_update": NONE,
    "symmetric_difference_update": NONE,
}
READING = {
    "copy": ANY,
    "index": INT,
    "count": INT,
    "get": ANY,
    "keys": ANY,
    "values": ANY,
    "items": ANY,
    "union": SetType(ANY),
    "intersection": SetType(ANY),
    "difference": SetType(ANY),
    "symmetric_difference": SetType(ANY),
    "issubset": BOOL,
    "issuperset": BOOL,
    "isdisjoint": BOOL,
}

NO_LIMIT = 1_000_000
ARGUMENTS: dict[type[Type], dict[str, tuple[int, int]]] = {  # the fewest and the most that a method takes
    ListType: {
        "append": (1, 1), "clear": (0, 0), "copy": (0, 0), "count": (1, 1), "extend": (1, 1), "index": (1, 3),
        "insert": (2, 2), "pop": (0, 1), "remove": (1, 1), "reverse": (0, 0), "sort": (0, 0),
    },
    DictType: {
        "clear": (0, 0), "copy": (0, 0), "get": (1, 2), "items": (0, 0), "keys": (0, 0), "pop": (1, 2),
        "popitem": (0, 0), "setdefault": (1, 2), "update": (0, 1), "values": (0, 0),
    },
    SetType: {
        "add": (1, 1), "clear": (0, 0), "copy": (0, 0), "difference": (0, NO_LIMIT),
        "difference_update": (0, NO_LIMIT), "discard": (1, 1), "intersection": (0, NO_LIMIT),
        "intersection_update": (0, NO_LIMIT), "isdisjoint": (1, 1), "issubset": (1, 1), "issuperset": (1, 1),
        "pop": (0, 0), "remove": (1, 1), "symmetric_difference": (1, 1), "symmetric_difference_update": (1, 1),
        "union": (0, NO_LIMIT), "update": (0, NO_LIMIT),
    },
}  # fmt: skip
WITH_KEYWORDS = {(ListType, "sort"), (DictType, "update")}



def takes(receiver: Type, name: str, number: int, keywords: bool) -> bool:
    """Whether a method of a list, dict or set can be called with so many arguments; True for those of other types."""
    methods = ARGUMENTS.get(type(receiver))
    if methods is None or name not in methods:
        return True
    fewest, most = methods[name]
    return fewest <= number <= most and (not keywords or (type(receiver), name) in WITH_KEYWORDS)


def _called(name: str, result: Type) -> Callable[..., Type]:
    def infer(receiver: Type, *args: Any, **kwargs: Any) -> Type:
        return result if takes(receiver, name, len(args), bool(kwargs)) else NEVER

    return infer


METHODS: dict[str, Op] = {
    **{
        name: Op(f"container.{name}", _method(name), _called(name, type), writes=(0,), effect=True, result=Result.VIEW)
        for name, type in MUTATING.items()
    },
    **{
        name: Op(f"container.{name}", _method(name), _called(name, type), result=Result.VIEW)
        for name, type in READING.items()
    },
}

OF_STRINGS: dict[type[Any], tuple[str, ...]] = {
    int: ("count", "find", "index", "rfind", "rindex"),
    bool: (
        "endswith", "isalnum", "isalpha", "isascii", "isdecimal", "isdigit", "isidentifier", "islower", "isnumeric",
        "isprintable", "isspace", "istitle", "isupper", "startswith",
    ),
    list: ("rsplit", "split", "splitlines"),
    tuple: ("partition", "rpartition"),
    bytes: ("encode",),
    str: (
        "capitalize", "casefold", "center", "expandtabs", "format", "format_map", "join", "ljust", "lower", "lstrip",
        "removeprefix", "removesuffix", "replace", "rjust", "rstrip", "strip", "swapcase", "title", "translate",
        "upper", "zfill",
    ),
}  # fmt: skip
STRING_RESULTS: dict[type[Any], Type] = {
    int: INT,
    bool: BOOL,
    list: ListType(STR),
    tuple: TupleType((STR, STR, STR)),
    bytes: PythonType(bytes),
    str: STR,
}

STRING_METHODS: dict[str, Op] = {
    name: Op(f"str.{name}", _method(name), _gives(STRING_RESULTS[kind]), result=Result.IMMUTABLE)
    for kind, names in OF_STRINGS.items()
    for name in names
}

# Of the methods that text has too, bytes give bytes in place of text.
BYTES = PythonType(bytes)
RESULTS_OF_BYTES: dict[type[Any], Type] = {
    **STRING_RESULTS,
    list: ListType(BYTES),
    tuple: TupleType((BYTES, BYTES, BYTES)),
    str: BYTES,
}
BYTES_METHODS: dict[str, Op] = {
    name: Op(f"bytes.{name}", _method(name), _gives(type), result=Result.IMMUTABLE)
    for name, type in (
        *((name, RESULTS_OF_BYTES[kind]) for kind, names in OF_STRINGS.items() for name in names),
        ("decode", STR),
        ("hex", STR),
    )
    if hasattr(bytes, name)
}

OPS = (
    LIST,
    TUPLE,
    SET,
    DICT,
    JOINED_LIST,
    JOINED_TUPLE,
    JOINED_SET,
    MERGED_DICT,
    SPREAD,
    UNPACK,
    UNPACK_STARRED,
    ITERATOR,
    ADVANCE,
    NEXT,
    *METHODS.values(),
    *STRING_METHODS.values(),
    *BYTES_METHODS.values(),
)

"""Methods of lists, dicts, sets and strings: each is a node, and what it does to what the heap knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..errors import InternalError
from ..ir.types import (
    ANY,
    NEVER,
    NONE,
    STR,
    ArrayType,
    DictType,
    ListType,
    PythonType,
    ScalarType,
    SetType,
    TupleType,
)
from ..ops import TABLE
from ..ops.containers import ANY_DICT, BYTES_METHODS, METHODS, STRING_METHODS, takes
from . import library
from .heap import Loadable, State, appended, forgotten, held, joined, loadable, type_of
from .items import DictView, Items, is_key
from .protocols import check_given
from .tracer import Tracer

KEEPING = {"append", "extend", "insert", "add", "update", "setdefault"}  # methods that store what they are given


class Methods(Items):
    """The part of a trace that calls methods of containers and strings."""

    def call_method(self, obj: Tracer, name: str, *args: Any, **kwargs: Any) -> Any:
        """``obj.name(*args, **kwargs)`` for what is no object of a user's class."""
        type_ = obj.graph_value.type
        args = self.storable(args)
        if name in KEEPING and any(thing.start is not None for thing in obj.graph_refs):
            self.check_outlives((*args, *kwargs.values()), "kept in a container of the caller's")
        if not takes(type_, name, len(args), bool(kwargs)):
            return self.apply(METHODS[name], obj, *args, type=NEVER, **kwargs)
        if isinstance(type_, ListType):
            return self._list_method(obj, name, *args, **kwargs)
        if isinstance(type_, DictType):
            return self._dict_method(obj, name, *args, **kwargs)
        if isinstance(type_, SetType):
            return self._set_method(obj, name, *args, **kwargs)
        if type_ == STR:
            return self.apply(STRING_METHODS[name], obj, *args, **kwargs)
        if type_ == PythonType(bytes):
            return self.apply(BYTES_METHODS[name], obj, *args, **kwargs)
        if isinstance(type_, ArrayType | ScalarType):
            check_given(self, f"{name}()", (*args, *kwargs.values()))
        op = TABLE.by_method.get(name) or METHODS.get(name) or STRING_METHODS[name]
        if obj.graph_refs and name in METHODS:
            self.havoc(obj, args)
            op = METHODS[name] if TABLE.by_method.get(name) is None else op
        return self.apply(
            op, obj, *map(self.spelled, args), **{key: self.spelled(value) for key, value in kwargs.items()}
        )

    def _list_method(self, obj: Tracer, name: str, *args: Any, **kwargs: Any) -> Any:
        op = METHODS[name]
        if name == "copy":
            return self.get_item(obj, slice(None))
        if name == "append":
            result = self.apply(op, obj, *args, type=NONE)
            self.change(obj, lambda state: appended(state, args), lambda state: held(state, args))
            return result
        if name == "pop":
            state = self.only_state(obj)
            index = args[0] if args else -1
            popped = self.contents(obj)[1]
            if state is not None and state.known is not None and isinstance(index, int):
                key = index + len(state.known) if index < 0 else index
                popped = state.known.get(key, Loadable(NEVER))
            result = self.loaded(op, loadable(popped), obj, *args)
            self.change(obj, lambda state: _without(state, index), forgotten)
            return popped if not isinstance(popped, Loadable) else result
        if name == "sort" and kwargs.get("key") is not None:
            return self.call(library.sort_by, obj, kwargs["key"], kwargs.get("reverse", False))
        result = self.apply(op, obj, *args, **kwargs)
        match name:
            case "extend":
                known = self.known_items(args[0])
                more = [self.iterated(args[0])]
                self.change(
                    obj,
                    lambda state: held(state, more) if known is None else appended(state, known),
                    lambda state: held(state, more),
                )
            case "insert":
                self.change(obj, lambda state: _inserted(state, *args), lambda state: held(state, args[1:]))
            case "clear":
                self.change(obj, lambda state: State(), lambda state: state)
            case "reverse":
                self.change(
                    obj,
                    lambda state: (
                        state
                        if state.known is None
                        else replace(state, known=dict(enumerate(reversed(list(state.known.values())))))
                    ),
                    forgotten,
                )
            case "remove" | "sort":
                self.change(obj, forgotten, forgotten)
        return result

    def _dict_method(self, obj: Tracer, name: str, *args: Any, **kwargs: Any) -> Any:
        op = METHODS[name]
        keys, item = self.contents(obj)
        state = self.only_state(obj)
        match name:
            case "keys" | "values" | "items":
                return DictView(obj, name)
            case "copy":
                made = state if state is not None else State(None, keys, item)
                return self.made(op, [obj], ANY_DICT, "dict", made)
            case "get":
                default = args[1] if args[1:] else None
                if state is not None and state.known is not None and is_key(args[0]):
                    return self.get_item(obj, args[0]) if args[0] in state.known else default
                return self.loaded(op, joined([item, default]), obj, *args)
            case "pop":
                found = [item, *args[1:]]
                if state is not None and state.known is not None and is_key(args[0]):
                    found = [state.known[args[0]]] if args[0] in state.known else [*args[1:]]
                result = self.loaded(op, joined(found), obj, *args)
                self.change(obj, lambda state: _without_key(state, args[0]), forgotten)
                return result
            case "setdefault":
                default = args[1] if args[1:] else None
                result = self.loaded(op, joined([item, default]), obj, *args)
                self.change(
                    obj, lambda state: _keyed(state, args[0], default), lambda state: _keyed(state, args[0], default)
                )
                return result
            case "popitem":
                result = self.loaded(op, Loadable(TupleType((keys.type, item.type)), keys.refs | item.refs), obj)
                self.change(obj, forgotten, forgotten)
                return result
            case "update":
                result = self.apply(op, obj, *args, **kwargs)
                found = [self.merged(part) for part in args]
                more = State(
                    None,
                    joined([*(key for key, _ in found), *kwargs]),
                    joined([*(i for _, i in found), *kwargs.values()]),
                )

                def updated(state: State) -> State:
                    state = forgotten(state)
                    return State(None, joined([state.key, more.key]), joined([state.item, more.item]))

                parts = [self._known_mapping(part) for part in (*args, kwargs)]

                def updated_one(state: State) -> State:
                    known = dict(state.known or {})
                    for part in parts:
                        if state.known is None or part is None:
                            return updated(state)
                        known.update(part)
                    return replace(state, known=known)

                self.change(obj, updated_one, updated)
                return result
            case "clear":
                result = self.apply(op, obj)
                self.change(obj, lambda state: State(), lambda state: state)
                return result
        raise InternalError(f"what the dict method '{name}' does is not known")

    def _known_mapping(self, value: Any) -> Mapping[Any, Any] | None:
        """What a dict holds, where all of its keys are known."""
        if type(value) is dict:
            return value
        state = self.only_state(value) if isinstance(value, Tracer) and isinstance(type_of(value), DictType) else None
        return state.known if state is not None else None

    def _set_method(self, obj: Tracer, name: str, *args: Any) -> Any:
        op = METHODS[name]
        item = self.contents(obj)[1]
        if name == "pop":
            return self.loaded(op, item, obj)
        if name in ("union", "intersection", "difference", "symmetric_difference", "copy"):
            more = [self.iterated(arg) for arg in args]
            return self.made(op, [obj, *args], SetType(ANY), "set", State(None, item=joined([item, *more])))
        result = self.apply(op, obj, *args)
        more = list(args) if name == "add" else [self.iterated(arg) for arg in args] if name.endswith("update") else []
        self.change(obj, lambda state: held(state, more), lambda state: held(state, more))
        return result


def _inserted(state: State, index: Any, item: Any) -> State:
    if state.known is None or not isinstance(index, int):
        return held(state, [item])
    items = list(state.known.values())
    items.insert(index, item)
    return replace(state, known=dict(enumerate(items)))


def _without(state: State, index: Any) -> State:
    if state.known is None or not isinstance(index, int) or not -len(state.known) <= index < len(state.known):
        return forgotten(state)
    items = list(state.known.values())
    del items[index]
    return replace(state, known=dict(enumerate(items)))


def _without_key(state: State, key: Any) -> State:
    if state.known is None or not is_key(key):
        return forgotten(state)
    return replace(state, known={name: item for name, item in state.known.items() if name != key})


def _keyed(state: State, key: Any, item: Any) -> State:
    if state.known is not None and is_key(key):
        return state if key in state.known else replace(state, known={**state.known, key: item})
    state = forgotten(state)
    return State(None, joined([state.key, key]), joined([state.item, item]))

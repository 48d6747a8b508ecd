"""Instructions of displays, calls and functions: a method each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import gast

from ..template import assign, call, constant, load, located, store, tuple_of
from .operations import Operations
from .stack import Assertion, Display, Iterated, Null, Outer, Spread, Unfinished, Value
from .writer import ANNOTATIONS, CELLS, DEFAULTS, EXPRESSION, KEYWORD_DEFAULTS

TAKEN = (CELLS, ANNOTATIONS, KEYWORD_DEFAULTS, DEFAULTS)   # by MAKE_FUNCTION from the stack, in this order


class Calls(Operations):
    """The part of a writer that translates displays, calls and functions."""

    # -- displays

    def _build_tuple(self, instruction: Any) -> None:
        items = self._pop_many(instruction.arg)
        if any(isinstance(item, Outer) for item in items):
            self._push(Display("cells", items))
        else:
            self._push(Display("tuple", list(map(self._value, items))))

    def _build_list(self, instruction: Any) -> None:
        self._push(Display("list", self._pop_values(instruction.arg)))

    def _build_set(self, instruction: Any) -> None:
        items = self._pop_values(instruction.arg)
        self._push_hashed(Display("set", items), items)

    def _build_map(self, instruction: Any) -> None:
        items = self._pop_values(2 * instruction.arg)
        self._push_hashed(Display("dict", list(zip(items[::2], items[1::2], strict=True))), items[::2])

    def _push_hashed(self, display: Display, hashed: list[Value]) -> None:
        """Push a display; what may have no hash raises now."""
        self._push(display if all(each.name is None for each in hashed) else self._made(display))

    def _build_const_key_map(self, instruction: Any) -> None:
        keys = [Value(constant=key) for key in self._pop().constant]
        self._push(Display("dict", list(zip(keys, self._pop_values(instruction.arg), strict=True))))

    def _list_append(self, instruction: Any) -> None:
        self._add(instruction, "append")

    def _set_add(self, instruction: Any) -> None:
        self._add(instruction, "add")

    def _add(self, instruction: Any, method: str) -> None:
        value = self._pop_value()
        target = self._state.stack[-instruction.arg]
        if isinstance(target, Display):
            target.items.append(value)
        else:
            self._method_of(target, method, value)

    def _map_add(self, instruction: Any) -> None:
        key, value = self._pop_values(2)
        target = self._state.stack[-instruction.arg]
        if isinstance(target, Display):
            target.items.append((key, value))
        else:
            self._do("set_item", target, key, value)

    def _list_extend(self, instruction: Any) -> None:
        self._extend(instruction, "extend")

    def _set_update(self, instruction: Any) -> None:
        self._extend(instruction, "update")

    _dict_update = _set_update

    def _dict_merge(self, instruction: Any) -> None:
        added, target = self._pop(), self._state.stack[-instruction.arg]
        if not isinstance(target, Display):
            target = Display("dict", [self._mapping(target)])
            self._state.stack[-instruction.arg] = target
        target.is_merged = True
        target.items += added.items if isinstance(added, Display) else [self._mapping(added)]

    def _extend(self, instruction: Any, method: str) -> None:
        added, target = self._pop(), self._state.stack[-instruction.arg]
        if not isinstance(target, Display):
            self._method_of(target, method, self._value(added))
        elif isinstance(added, Display) and added.kind in (target.kind, "tuple"):
            target.items += added.items
        elif isinstance(added, Value) and added.name is None and isinstance(added.constant, tuple):
            target.items += [Value(constant=item) for item in added.constant]
        else:
            now = self._new(self._protocol("entries_now" if target.kind == "dict" else "items_now", self._value(added)))
            target.items.append(self._spread(now))

    def _method_of(self, obj: Any, name: str, value: Value) -> None:
        self._do("call", self._attribute(obj, name), value)

    def _list_to_tuple(self, instruction: Any) -> None:
        entry = self._pop()
        if isinstance(entry, Display):
            self._push(Display("tuple", entry.items))
        else:
            self._push(self._new(self._protocol("new_tuple", self._protocol("star", entry))))

    def _unpack_sequence(self, instruction: Any) -> None:
        self._unpack("unpack", [instruction.arg], instruction.arg)

    def _unpack_ex(self, instruction: Any) -> None:
        before, after = instruction.arg & 0xFF, instruction.arg >> 8
        self._unpack("unpack_starred", [before, after], before + 1 + after)

    def _unpack(self, name: str, counts: Sequence[int], number: int) -> None:
        value = self._pop_value()
        parts = [self._function.temporary() for _ in range(number)]
        targets = tuple_of([store(part, self._at) for part in parts], self._at, gast.Store)
        sizes = [constant(count, self._at) for count in counts]
        self.body.append(assign(targets, self._protocol(name, value, *sizes), self._at))
        for part in reversed(parts):
            self._push(Value(part))

    # -- calls

    def _push_null(self, instruction: Any) -> None:
        self._push(Null())

    def _kw_names(self, instruction: Any) -> None:
        self._keywords = self._code.co_consts[instruction.arg]

    def _call_kw(self, instruction: Any) -> None:
        self._keywords = self._pop().constant
        self._call(instruction)

    def _call(self, instruction: Any) -> None:
        arguments = self._pop_values(instruction.arg)
        names, self._keywords = self._keywords, ()
        function, first = self._callee()
        arguments = [*first, *arguments]
        positional = arguments[: len(arguments) - len(names)]
        if isinstance(function, Assertion):
            self._push(Assertion(tuple(arguments)))
            return
        if function.is_own:
            self._push(self._new(call(self._load(function), self._loads(positional), self._at)))
            return
        if function.is_manager:
            self._push(self._new(self._protocol("leave", replace(function, is_manager=False))))
            return
        if function.of == "super" and not arguments and "__class__" in self._code.co_freevars:
            positional = self._class_and_object()
        keywords = [(Value(constant=name), value) for name, value in zip(names, arguments[len(positional) :])]
        self._push_call(function, positional, keywords)

    def _callee(self) -> tuple[Any, list[Value]]:
        """The function that is called, and the object that is its first argument if there is one."""
        first, second = self._pop_many(2)
        if isinstance(first, Null):
            return self._value(second), []
        function = first if isinstance(first, Assertion) else self._value(first)
        if isinstance(second, Iterated) and isinstance(first, Unfinished) and first.code.co_name == EXPRESSION:
            return function, [self._new(self._protocol("iterable", second.value))]
        if isinstance(second, Iterated) and isinstance(function, Value) and function.is_own:
            return function, [self._new(self._protocol("steps", second.value))]
        return function, [] if isinstance(second, Null) else [self._value(second)]

    def _class_and_object(self) -> list[Value]:
        """What ``super()`` finds in the frame."""
        name = self._code.co_varnames[0]
        if name in self._code.co_cellvars:
            obj = self._new(self._attribute(self._cell(name), name))
        else:
            obj = self._new(self._variable(self._state.names[name]))
        if "__class__" in self._function.outer:
            return [self._new(load("__class__", self._at)), obj]
        return [self._new(self._attribute(self._cell("__class__"), "__class__")), obj]

    def _call_function_ex(self, instruction: Any) -> None:
        named = self._pop() if instruction.arg & 1 else Display("dict")
        given = self._pop()
        function, first = self._callee()
        positional = [*first, *(given.items if isinstance(given, Display) else [self._spread(self._value(given))])]
        self._push_call(function, positional, named.items if isinstance(named, Display) else [self._mapping(named)])

    def _push_call(self, function: Value, positional: Sequence[Any], named: Sequence[Any]) -> None:
        items = list(map(self._item, positional))
        if any(isinstance(item, Spread) or not isinstance(item[0].constant, str) for item in named):
            starred = [constant(True, self._at)] if any(isinstance(each, Spread) for each in positional) else []
            made = call(self._protocol("calling", function, *starred), items, self._at)
        else:
            made = self._protocol("call", function, *items)
        for item in named:
            if isinstance(item, Spread):
                keyword = gast.keyword(None, self._load(item.value))
            elif item[0].name is None and isinstance(item[0].constant, str):
                keyword = gast.keyword(item[0].constant, self._load(item[1]))
            else:
                keyword = gast.keyword(None, self._protocol("new_dict", self._item(item)))
            made.keywords.append(located(keyword, self._at))
        self._push(self._new(made))

    # -- functions

    def _return_generator(self, instruction: Any) -> None:
        self._push(Value())

    def _make_function(self, instruction: Any) -> None:
        code, flags = self._pop().constant, instruction.arg or 0
        self._push(Unfinished(code, {flag: self._pop() for flag in TAKEN if flags & flag}))

    def _set_function_attribute(self, instruction: Any) -> None:
        function, given = self._pop(), self._pop()
        self._push(Unfinished(function.code, {**function.given, instruction.arg: given}))

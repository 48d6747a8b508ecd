"""Translates a straight piece of bytecode: every instruction becomes a statement, its values are variables.

    LOAD_FAST x; LOAD_CONST 2; BINARY_OP *; STORE_FAST y        t1 = x * 2
                                                                y = t1
    LOAD_GLOBAL f; LOAD_FAST x; CALL 1                          t1 = f
                                                                t2 = call(t1, x)
    LOAD_FAST x; POP_JUMP_IF_FALSE 30                           at = 1 if known(x) else 2

One method an instruction; what several versions of Python call differently shares one.
"""

from __future__ import annotations

import dis
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import gast

from ..template import assign, call, constant, load, located, statement, store, thunk, tuple_of
from .flow import Piece, place_of, unseen
from .stack import (
    Assertion,
    Display,
    Entry,
    Module,
    Null,
    Outer,
    Saved,
    Spread,
    State,
    Unfinished,
    Value,
    replaced,
)

if TYPE_CHECKING:
    from .functions import Function

OPERATORS: dict[str, type] = {
    "+": gast.Add, "-": gast.Sub, "*": gast.Mult, "@": gast.MatMult, "/": gast.Div, "//": gast.FloorDiv,
    "%": gast.Mod, "**": gast.Pow, "<<": gast.LShift, ">>": gast.RShift, "&": gast.BitAnd, "^": gast.BitXor,
    "|": gast.BitOr,
}  # fmt: skip
UNARY = {"UNARY_NEGATIVE": gast.USub, "UNARY_POSITIVE": gast.UAdd, "UNARY_INVERT": gast.Invert}
EQUALITIES = {"==": "eq", "!=": "ne"}
CONVERSIONS = (None, "s", "r", "a")
COMPREHENSIONS = {"<listcomp>", "<setcomp>", "<dictcomp>"}
NOTHING = {"RESUME", "NOP", "CACHE", "PRECALL", "COPY_FREE_VARS", "EXTENDED_ARG", "TO_BOOL"}
DEFAULTS, KEYWORD_DEFAULTS, ANNOTATIONS, CELLS = 1, 2, 4, 8
TAKEN = (CELLS, ANNOTATIONS, KEYWORD_DEFAULTS, DEFAULTS)   # by MAKE_FUNCTION from the stack, in this order
# What differs between the versions of Python.
HAS_METHOD_BIT = sys.version_info >= (3, 12)   # whether LOAD_ATTR also reads what is called next
CHECKS_APART = sys.version_info >= (3, 12)   # whether LOAD_FAST is only used where the variable has a value
LEFT_BY_LOOPS = {(3, 11): 0, (3, 12): 2}.get(sys.version_info[:2], 1)   # how much END_FOR takes from the stack
JUMPS = {
    "JUMP_IF_TRUE": (True, None), "JUMP_IF_FALSE": (False, None), "JUMP_IF_NONE": (True, "is_"),
    "JUMP_IF_NOT_NONE": (True, "is_not"),
}  # fmt: skip


class PieceWriter:
    """Writes the statements of one piece into ``body``.

    ``after`` are the states in which the pieces that follow begin, by their offsets.
    """

    def __init__(self, function: Function, state: State, piece: Piece) -> None:
        self._function = function
        self._code = function.code
        self._state = state
        self._piece = piece
        self._keywords: tuple[str, ...] = ()
        self._at: Any = None
        self._instruction: Any = None
        self.body: list[Any] = []
        self.after: dict[int, State] = {}

    def write(self) -> None:
        """Translate the instructions of the piece."""
        for instruction in self._piece.instructions:
            self._instruction = instruction
            self._at = self._function.at(instruction)
            if instruction.opname not in NOTHING:
                self._method(instruction.opname)(instruction)
        if self._piece.after and not self.after:
            (following,) = self._piece.after
            self._make_all()
            self.body += self._go(following, self._state)

    def _method(self, name: str) -> Callable[[Any], None]:
        if name in UNARY:
            return self._unary
        if name.startswith("POP_JUMP"):
            return self._pop_jump
        method = getattr(self, f"_{name.lower()}", None)
        if method is None:
            raise unseen(self._code, f"the instruction {name}", place_of(self._code, self._instruction))
        return method

    # -- the stack

    def _push(self, entry: Entry) -> None:
        self._state.stack.append(entry)

    def _pop(self) -> Any:
        return self._state.stack.pop()

    def _pop_many(self, count: int) -> list[Any]:
        popped = [self._pop() for _ in range(count)]
        return popped[::-1]

    def _value(self, entry: Entry) -> Value:
        """``entry`` as one value: what was put off is made now."""
        match entry:
            case Value():
                return entry
            case Display():
                return self._made(entry)
            case Unfinished():
                return self._finished(entry)
        raise AssertionError(f"{entry} is used as a value")

    def _pop_value(self) -> Value:
        return self._value(self._pop())

    def _pop_values(self, count: int) -> list[Value]:
        return list(map(self._value, self._pop_many(count)))

    # -- generated code

    def _load(self, value: Value) -> Any:
        if value.name is None:
            return constant(value.constant, self._at)
        return load(value.name, self._at)

    def _loads(self, values: Sequence[Value]) -> list[Any]:
        return list(map(self._load, values))

    def _new(self, expression: Any, **facts: Any) -> Value:
        """The value of ``expression``, computed here."""
        name = self._function.temporary()
        self.body.append(assign(store(name, self._at), expression, self._at))
        return Value(name, **facts)

    def _protocol(self, name: str, *arguments: Value | Any) -> Any:
        """A call of the protocol."""
        given = [self._load(each) if isinstance(each, Value) else each for each in arguments]
        return call(load(self._function.call(name), self._at), given, self._at)

    def _do(self, name: str, *arguments: Value | Any) -> None:
        self.body.append(statement(self._protocol(name, *arguments), self._at))

    def _text(self, text: str) -> Any:
        return constant(text, self._at)

    def _attribute(self, value: Value, name: str, context: type = gast.Load) -> Any:
        return located(gast.Attribute(self._load(value), name, context()), self._at)

    def _keep(self, name: str) -> None:
        """Give what the stack holds of a variable that changes now a variable of its own."""
        held, kept = Value(name), Value(self._function.temporary())
        stack = [replaced(entry, held, kept) for entry in self._state.stack]
        if stack != self._state.stack:
            self.body.append(assign(store(kept.name or "", self._at), load(name, self._at), self._at))
            self._state.stack = stack

    # -- constants and variables

    def _load_const(self, instruction: Any) -> None:
        self._push(Value(constant=instruction.argval))

    def _return_const(self, instruction: Any) -> None:
        self._load_const(instruction)
        self._return_value(instruction)

    def _return_value(self, instruction: Any) -> None:
        self.body.append(located(gast.Return(self._load(self._pop_value())), self._at))

    def _load_fast(self, instruction: Any) -> None:
        self._push_local(instruction.argval)

    def _load_fast_check(self, instruction: Any) -> None:
        self._push(self._new(load(self._state.names[instruction.argval], self._at)))

    def _load_fast_load_fast(self, instruction: Any) -> None:
        for name in instruction.argval:
            self._push_local(name)

    def _push_local(self, name: str) -> None:
        generated = self._state.names[name]
        if name in self._function.outer:
            self._push(Outer(name))
        elif CHECKS_APART or name in self._state.bound or name in self._function.cells:
            self._push(Value(generated))
        else:   # raises where it stands
            self._push(self._new(load(generated, self._at)))

    def _load_closure(self, instruction: Any) -> None:
        self._push_local(instruction.argval)

    def _store_fast(self, instruction: Any) -> None:
        self._store_local(instruction.argval, self._pop())

    def _store_fast_store_fast(self, instruction: Any) -> None:
        for name in instruction.argval:
            self._store_local(name, self._pop())

    def _store_fast_load_fast(self, instruction: Any) -> None:
        stored, loaded = instruction.argval
        self._store_local(stored, self._pop())
        self._push_local(loaded)

    def _store_local(self, name: str, entry: Entry) -> None:
        if isinstance(entry, Saved):
            self._state.names[name] = entry.generated
            return
        value = self._value(entry)
        generated = self._state.names[name]
        self._keep(generated)
        self.body.append(assign(store(generated, self._at), self._load(value), self._at))
        self._state.bound |= {name}

    def _delete_fast(self, instruction: Any) -> None:
        generated = self._state.names[instruction.argval]
        self._keep(generated)
        self.body.append(located(gast.Delete([located(gast.Name(generated, gast.Del(), None, None), self._at)]),
                                 self._at))
        self._state.bound -= {instruction.argval}

    def _load_fast_and_clear(self, instruction: Any) -> None:
        """A comprehension hides a variable: inside it another one is meant."""
        name = instruction.argval
        self._push(Saved(name, self._state.names[name]))
        self._state.names[name] = self._function.fresh(name)

    def _make_cell(self, instruction: Any) -> None:
        """A variable that inner functions share becomes an attribute of an object."""
        name = instruction.argval
        generated = self._state.names[name]
        cell = self._new(self._protocol("scope"))
        if name in self._function.parameters and generated == name:
            self.body.append(assign(self._attribute(cell, name, gast.Store), load(generated, self._at), self._at))
        self.body.append(assign(store(generated, self._at), self._load(cell), self._at))

    def _load_deref(self, instruction: Any) -> None:
        name = instruction.argval
        if name in self._function.outer:
            self._push(self._new(load(name, self._at)))
        elif name in self._code.co_freevars:
            self._push(self._new(call(self._attribute(self._cell(name), "free"), [self._text(name)], self._at)))
        else:
            self._push(self._new(self._attribute(self._cell(name), name)))

    def _store_deref(self, instruction: Any) -> None:
        name, value = instruction.argval, self._pop_value()
        if name in self._function.outer:
            self._do("set_nonlocal", self._text(name), value)
        else:
            target = self._attribute(self._cell(name), name, gast.Store)
            self.body.append(assign(target, self._load(value), self._at))

    def _delete_deref(self, instruction: Any) -> None:
        name = instruction.argval
        if name in self._function.outer:
            raise unseen(self._code, f"'del' of {name!r}", place_of(self._code, instruction))
        target = self._attribute(self._cell(name), name, gast.Del)
        self.body.append(located(gast.Delete([target]), self._at))

    def _cell(self, name: str) -> Value:
        return Value(self._state.names[name])

    def _load_global(self, instruction: Any) -> None:
        name = instruction.argval
        self._push_called(self._new(load(name, self._at), of=name), instruction.arg & 1)

    def _push_called(self, value: Value, is_called: int) -> None:
        """Push what may be called next: then the place of an object stands beside it."""
        if is_called:
            self._push(Null())
        self._push(value)

    def _store_global(self, instruction: Any) -> None:
        self._do("set_global", self._text(instruction.argval), self._pop_value())

    def _delete_global(self, instruction: Any) -> None:
        self._do("del_global", self._text(instruction.argval))

    # -- operators

    def _unary(self, instruction: Any) -> None:
        operator = UNARY[instruction.opname]()
        self._push(self._new(located(gast.UnaryOp(operator, self._load(self._pop_value())), self._at)))

    def _unary_not(self, instruction: Any) -> None:
        self._push(self._new(self._protocol("not_", self._pop_value())))

    def _binary_op(self, instruction: Any) -> None:
        left, right = self._pop_values(2)
        symbol: str = instruction.argrepr
        if symbol.endswith("="):
            result = self._new(self._load(left))
            target, operator = store(result.name or "", self._at), OPERATORS[symbol[:-1]]()
            self.body.append(located(gast.AugAssign(target, operator, self._load(right)), self._at))
            self._push(result)
        elif symbol == "%":
            self._push(self._new(self._protocol("mod", left, right)))
        else:
            operands = gast.BinOp(self._load(left), OPERATORS[symbol](), self._load(right))
            self._push(self._new(located(operands, self._at)))

    def _compare_op(self, instruction: Any) -> None:
        left, right = self._pop_values(2)
        symbol = instruction.argval
        if symbol in EQUALITIES:
            self._push(self._new(self._protocol(EQUALITIES[symbol], left, right)))
        else:
            self._push(self._new(self._protocol("order", left, self._text(symbol), right)))

    def _is_op(self, instruction: Any) -> None:
        self._push(self._new(self._protocol("is_not" if instruction.arg else "is_", *self._pop_values(2))))

    def _contains_op(self, instruction: Any) -> None:
        self._push(self._new(self._protocol("not_in" if instruction.arg else "in_", *self._pop_values(2))))

    # -- items and attributes

    def _binary_subscr(self, instruction: Any) -> None:
        self._push(self._new(self._protocol("get_item", *self._pop_values(2))))

    def _binary_slice(self, instruction: Any) -> None:
        obj, start, stop = self._pop_values(3)
        self._push(self._new(self._protocol("get_item", obj, self._slice(start, stop))))

    def _store_subscr(self, instruction: Any) -> None:
        value, obj, index = self._pop_values(3)
        self._do("set_item", obj, index, value)

    def _store_slice(self, instruction: Any) -> None:
        value, obj, start, stop = self._pop_values(4)
        self._do("set_item", obj, self._slice(start, stop), value)

    def _delete_subscr(self, instruction: Any) -> None:
        self._do("del_item", *self._pop_values(2))

    def _build_slice(self, instruction: Any) -> None:
        self._push(self._new(self._slice(*self._pop_values(instruction.arg))))

    def _slice(self, start: Value, stop: Value, step: Value | None = None) -> Any:
        return self._protocol("slice_", start, stop, step or Value())

    def _load_attr(self, instruction: Any) -> None:
        self._push_called(self._read(self._pop_value(), instruction.argval), HAS_METHOD_BIT and instruction.arg & 1)

    def _load_method(self, instruction: Any) -> None:
        self._push_called(self._read(self._pop_value(), instruction.argval), True)

    def _read(self, value: Value, name: str) -> Value:
        if name == "__class__":
            return self._new(self._protocol("get_class", value))
        return self._new(self._attribute(value, name))

    def _store_attr(self, instruction: Any) -> None:
        value, obj = self._pop_values(2)
        self.body.append(assign(self._attribute(obj, instruction.argval, gast.Store), self._load(value), self._at))

    def _delete_attr(self, instruction: Any) -> None:
        target = self._attribute(self._pop_value(), instruction.argval, gast.Del)
        self.body.append(located(gast.Delete([target]), self._at))

    def _load_super_attr(self, instruction: Any) -> None:
        found = self._new(self._protocol("call", *self._pop_values(3)))
        self._push_called(self._read(found, instruction.argval), instruction.arg & 1)

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
        self._push(Display("set", self._pop_values(instruction.arg)))

    def _build_map(self, instruction: Any) -> None:
        items = self._pop_values(2 * instruction.arg)
        self._push(Display("dict", list(zip(items[::2], items[1::2], strict=True))))

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

    def _mapping(self, entry: Entry) -> Spread:
        """What ``**`` stands before in a call, as it is now."""
        value = self._new(located(gast.Dict([None], [self._load(self._value(entry))]), self._at))
        return Spread(value, value)

    def _extend(self, instruction: Any, method: str) -> None:
        added, target = self._pop(), self._state.stack[-instruction.arg]
        if not isinstance(target, Display):
            self._method_of(target, method, self._value(added))
        elif isinstance(added, Display) and added.kind in (target.kind, "tuple"):
            target.items += added.items
        elif isinstance(added, Value) and added.name is None and isinstance(added.constant, tuple):
            target.items += [Value(constant=item) for item in added.constant]
        else:
            target.items.append(self._spread(self._value(added)))

    def _spread(self, value: Value) -> Spread:
        return Spread(value, self._new(self._protocol("star", value)))

    def _method_of(self, obj: Any, name: str, value: Value) -> None:
        self._do("call", self._attribute(obj, name), value)

    def _list_to_tuple(self, instruction: Any) -> None:
        entry = self._pop()
        if isinstance(entry, Display):
            self._push(Display("tuple", entry.items))
        else:
            self._push(self._new(self._protocol("new_tuple", self._protocol("star", entry))))

    def _made(self, display: Display) -> Value:
        """The value that a display is."""
        if display.is_merged:
            raise unseen(
                self._code, "a test among keyword arguments with '**'", place_of(self._code, self._instruction)
            )
        if display.kind == "tuple" and not any(isinstance(item, Spread) for item in display.items):
            return self._new(tuple_of(self._loads(display.items), self._at))
        return self._new(self._protocol(f"new_{display.kind}", *map(self._item, display.items)))

    def _item(self, item: Any) -> Any:
        if isinstance(item, Spread):
            return self._load(item.starred)
        return tuple_of(self._loads(item), self._at) if isinstance(item, tuple) else self._load(item)

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

    # -- text

    def _format_value(self, instruction: Any) -> None:
        spec = self._pop_value() if instruction.arg & 4 else Value(constant="")
        conversion = Value(constant=CONVERSIONS[instruction.arg & 3])
        self._push(self._new(self._protocol("field", self._pop_value(), conversion, spec)))

    def _convert_value(self, instruction: Any) -> None:
        conversion = Value(constant=CONVERSIONS[instruction.arg])
        self._push(self._new(self._protocol("field", self._pop_value(), conversion)))

    def _format_simple(self, instruction: Any) -> None:
        self._push(self._new(self._protocol("field", self._pop_value())))

    def _format_with_spec(self, instruction: Any) -> None:
        value, spec = self._pop_values(2)
        self._push(self._new(self._protocol("field", value, Value(), spec)))

    def _build_string(self, instruction: Any) -> None:
        self._push(self._new(self._protocol("fstring", *self._pop_values(instruction.arg))))

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
        return function, [] if isinstance(second, Null) else [self._value(second)]

    def _class_and_object(self) -> list[Value]:
        """What ``super()`` finds in the frame."""
        name = self._code.co_varnames[0]
        obj = Value(self._state.names[name])
        if name in self._code.co_cellvars:
            obj = self._new(self._attribute(obj, name))
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
        made = self._protocol("call", function, *map(self._item, positional))
        for item in named:
            if isinstance(item, Spread):
                keyword = gast.keyword(None, self._load(item.value))
            elif item[0].name is None and isinstance(item[0].constant, str):
                keyword = gast.keyword(item[0].constant, self._load(item[1]))
            else:
                keyword = gast.keyword(None, self._protocol("new_dict", self._item(item)))
            made.keywords.append(located(keyword, self._at))
        self._push(self._new(made))

    def _call_intrinsic_1(self, instruction: Any) -> None:
        match instruction.argrepr:
            case "INTRINSIC_LIST_TO_TUPLE":
                self._list_to_tuple(instruction)
            case "INTRINSIC_UNARY_POSITIVE":
                self._push(self._new(located(gast.UnaryOp(gast.UAdd(), self._load(self._pop_value())), self._at)))
            case name:
                raise unseen(self._code, f"the instruction {name}", place_of(self._code, instruction))

    # -- functions

    def _make_function(self, instruction: Any) -> None:
        code, flags = self._pop().constant, instruction.arg or 0
        self._push(Unfinished(code, {flag: self._pop() for flag in TAKEN if flags & flag}))

    def _set_function_attribute(self, instruction: Any) -> None:
        function, given = self._pop(), self._pop()
        self._push(Unfinished(function.code, {**function.given, instruction.arg: given}))

    def _finished(self, function: Unfinished) -> Value:
        """The function, with what it was given; one of a comprehension is no value, and is called as it is."""
        code, given = function.code, function.given
        maker, names = self._function.inner(code)
        cells = dict(zip(code.co_freevars, given[CELLS].items, strict=True)) if CELLS in given else {}
        made = call(load(maker, self._at), [self._load(cells[name]) for name in names], self._at)
        if code.co_name in COMPREHENSIONS:
            return self._new(made, is_own=True)
        value = self._new(made)
        if DEFAULTS in given:
            self._give(value, "__defaults__", self._load(self._value(given[DEFAULTS])))
        if KEYWORD_DEFAULTS in given:
            self._give(value, "__kwdefaults__", self._named(given[KEYWORD_DEFAULTS]))
        return self._new(self._protocol("function_", value))

    def _give(self, function: Value, name: str, value: Any) -> None:
        self.body.append(assign(self._attribute(function, name, gast.Store), value, self._at))

    def _named(self, defaults: Any) -> Any:
        """The defaults of parameters that are given by name, as a dict of Python's."""
        if not isinstance(defaults, Display):
            raise unseen(self._code, "a test in a default", place_of(self._code, self._instruction))
        keys, values = ([item[i] for item in defaults.items] for i in (0, 1))
        return located(gast.Dict(self._loads(keys), self._loads(values)), self._at)

    # -- modules

    def _import_name(self, instruction: Any) -> None:
        level, names = self._pop_many(2)
        if names.constant:
            self._push(Module(instruction.argval, level.constant))
            return
        module = instruction.argval
        if "." in module:
            self._import(gast.Import([gast.alias(module, self._function.temporary())]))
        name = self._function.temporary()
        self._import(gast.Import([gast.alias(module.partition(".")[0], name)]))
        self._push(Value(name))

    def _import_from(self, instruction: Any) -> None:
        module = self._state.stack[-1]
        if not isinstance(module, Module):
            self._push(self._read(self._value(module), instruction.argval))
            return
        name = self._function.temporary()
        self._import(gast.ImportFrom(module.name, [gast.alias(instruction.argval, name)], module.level))
        self._push(Value(name))

    def _import(self, node: Any) -> None:
        self.body.append(located(node, self._at))

    # -- the stack itself

    def _pop_top(self, instruction: Any) -> None:
        entry = self._pop()
        if isinstance(entry, Display):
            self._made(entry)

    def _swap(self, instruction: Any) -> None:
        stack = self._state.stack
        stack[-1], stack[-instruction.arg] = stack[-instruction.arg], stack[-1]

    def _copy(self, instruction: Any) -> None:
        stack = self._state.stack
        if isinstance(stack[-instruction.arg], Display):
            stack[-instruction.arg] = self._value(stack[-instruction.arg])
        self._push(stack[-instruction.arg])

    def _end_for(self, instruction: Any) -> None:
        self._pop_many(LEFT_BY_LOOPS)

    # -- patterns

    def _match_sequence(self, instruction: Any) -> None:
        self._ask("match_sequence")

    def _match_mapping(self, instruction: Any) -> None:
        self._ask("match_mapping")

    def _get_len(self, instruction: Any) -> None:
        self._ask("match_length")

    def _ask(self, name: str) -> None:
        """Push what a call says of the value on the stack."""
        subject = self._pop_value()
        self._state.stack += [subject, self._new(self._protocol(name, subject))]

    def _match_keys(self, instruction: Any) -> None:
        subject, keys = self._pop_values(2)
        found = self._new(self._protocol("mapping_parts", subject, keys, Value(constant=False)))
        self._state.stack += [subject, keys, found]

    def _match_class(self, instruction: Any) -> None:
        subject, cls, names = self._pop_values(3)
        count = Value(constant=instruction.arg)
        self._push(self._new(self._protocol("class_parts", subject, cls, count, names)))

    # -- jumps

    def _raise_varargs(self, instruction: Any) -> None:
        given = self._pop_many(instruction.arg)
        if given and isinstance(given[0], Assertion):
            message = [thunk(self._load(each)) for each in given[0].arguments]
            self._do("assert_", Value(constant=False), *message)
        else:
            self._do("raise_", *map(self._value, given))

    def _load_assertion_error(self, instruction: Any) -> None:
        self._push(Assertion())

    def _jump_forward(self, instruction: Any) -> None:
        self._make_all()
        self.body += self._go(instruction.argval, self._state)

    _jump_backward = _jump_backward_no_interrupt = _jump_forward

    def _get_iter(self, instruction: Any) -> None:
        self._push(self._new(self._protocol("steps", self._pop_value())))

    def _for_iter(self, instruction: Any) -> None:
        self._make_all()
        item = self._new(self._protocol("step", self._state.stack[-1]))
        ended, following = self._state.copy(), self._state
        taken = Value(self._function.temporary())
        following.stack.append(taken)
        if LEFT_BY_LOOPS:
            ended.stack.append(Null())
        else:
            ended.stack.pop()
        take = assign(tuple_of([store(taken.name or "", self._at)], self._at, gast.Store), self._load(item), self._at)
        body, end = self._piece.after
        self._if(item, [take, *self._go(body, following)], self._go(end, ended))

    def _pop_jump(self, instruction: Any) -> None:
        kind = instruction.opname.removeprefix("POP_").replace("_FORWARD", "").replace("_BACKWARD", "")
        jumps_if, asked = JUMPS[kind]
        test: Any = self._pop_value()
        self._make_all()
        if asked is not None:
            test = self._protocol(asked, test, Value())
        self._branch(test, jumps_if, self._state.copy())

    def _jump_or_pop(self, instruction: Any) -> None:
        test = self._pop_value()
        self._make_all()
        jumped = self._state.copy()
        jumped.stack.append(test)
        self._branch(test, "TRUE" in instruction.opname, jumped)

    _jump_if_true_or_pop = _jump_if_false_or_pop = _jump_or_pop

    def _branch(self, test: Any, jumps_if: bool, jumped: State) -> None:
        """Go on where ``test`` says; ``jumped`` is the state after the jump."""
        flag = self._new(self._protocol("known", test))
        following, target = self._piece.after
        goes = [self._go(target, jumped), self._go(following, self._state)]
        self._if(flag, *(goes if jumps_if else goes[::-1]))

    def _if(self, flag: Value, then: Sequence[Any], otherwise: Sequence[Any]) -> None:
        self.body.append(located(gast.If(self._load(flag), list(then), list(otherwise)), self._at))

    def _make_all(self) -> None:
        """Make what was put off: a display or function is made in the piece that it begins in."""
        stack = self._state.stack
        for i, entry in enumerate(stack):
            if isinstance(entry, Display | Unfinished):
                stack[i] = self._value(entry)

    def _go(self, offset: int, state: State) -> list[Any]:
        """Statements that go on with another piece, whose values on the stack have names by their places."""
        stack = [
            Value(self._function.place(i)) if isinstance(entry, Value) else entry
            for i, entry in enumerate(state.stack)
        ]
        self.after[offset] = State(stack, dict(state.names), self._function.always_bound)
        moves = [(to, entry) for to, entry in zip(stack, state.stack) if isinstance(entry, Value) and to != entry]
        made = []
        if moves:
            targets = [store(to.name or "", self._at) for to, _ in moves if isinstance(to, Value)]
            values = [self._load(entry) for _, entry in moves]
            made.append(assign(*(each[0] if len(moves) == 1 else tuple_of(each, self._at, context)
                                 for each, context in ((targets, gast.Store), (values, gast.Load))), self._at))
        return [*made, *self._function.go(offset, self._at)]

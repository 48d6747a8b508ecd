"""Instructions on variables, operators, items, attributes, text, modules and patterns: a method each.

What several versions of Python call differently shares one.
"""

from __future__ import annotations

import sys
from typing import Any

import gast

from ..errors import UnsupportedSyntax
from ..template import assign, call, load, located, store
from .flow import place_of, unseen
from .stack import Display, Entry, Module, Null, Outer, Saved, Value
from .writer import Writer

OPERATORS: dict[str, type] = {
    "+": gast.Add, "-": gast.Sub, "*": gast.Mult, "@": gast.MatMult, "/": gast.Div, "//": gast.FloorDiv,
    "%": gast.Mod, "**": gast.Pow, "<<": gast.LShift, ">>": gast.RShift, "&": gast.BitAnd, "^": gast.BitXor,
    "|": gast.BitOr,
}  # fmt: skip
EQUALITIES = {"==": "eq", "!=": "ne"}
CONVERSIONS = (None, "s", "r", "a")
# What differs between the versions of Python.
HAS_METHOD_BIT = sys.version_info >= (3, 12)   # whether LOAD_ATTR also reads what is called next
CHECKS_APART = sys.version_info >= (3, 12)   # whether LOAD_FAST is only used where the variable has a value
LEFT_BY_LOOPS = {(3, 11): 0, (3, 12): 2}.get(sys.version_info[:2], 1)   # how much END_FOR takes from the stack


class Operations(Writer):
    """The part of a writer that translates what is no call."""

    # -- constants and variables

    def _load_const(self, instruction: Any) -> None:
        self._push(Value(constant=instruction.argval))

    def _return_const(self, instruction: Any) -> None:
        self._load_const(instruction)
        self._return_value(instruction)

    def _return_value(self, instruction: Any) -> None:
        self.body.append(self._result(self._pop_value()))

    def _result(self, value: Value) -> Any:
        return located(gast.Return(self._load(value)), self._at)

    def _load_fast(self, instruction: Any) -> None:
        self._push_local(instruction.argval)

    def _load_fast_check(self, instruction: Any) -> None:
        self._push(self._new(self._variable(self._state.names[instruction.argval])))

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
            self._push(self._new(self._variable(generated)))

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
        self.body.append(assign(self._variable(generated, gast.Store), self._load(value), self._at))
        self._state.bound |= {name}

    def _delete_fast(self, instruction: Any) -> None:
        generated = self._state.names[instruction.argval]
        self._keep(generated)
        self.body.append(located(gast.Delete([self._variable(generated, gast.Del)]), self._at))
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
            raise unseen(f"'del' of {name!r}", self._code, place_of(self._code, instruction))
        target = self._attribute(self._cell(name), name, gast.Del)
        self.body.append(located(gast.Delete([target]), self._at))

    def _cell(self, name: str) -> Value:
        return Value(self._state.names[name])

    def _load_global(self, instruction: Any) -> None:
        name = self._global(instruction)
        self._push_called(self._new(load(name, self._at), of=name), instruction.arg & 1)

    def _push_called(self, value: Value, is_called: int) -> None:
        """Push what may be called next: then the place of an object stands beside it."""
        if is_called:
            self._push(Null())
        self._push(value)

    def _store_global(self, instruction: Any) -> None:
        self._do("set_global", self._text(self._global(instruction)), self._pop_value())

    def _delete_global(self, instruction: Any) -> None:
        self._do("del_global", self._text(self._global(instruction)))

    def _global(self, instruction: Any) -> str:
        """The name of a global variable: generated code reads those of enclosing functions in the same way."""
        name = instruction.argval
        if name in self._function.outermost.co_freevars:
            raise UnsupportedSyntax(
                f"{name!r} is a global variable here, and one of an enclosing function elsewhere in "
                f"{self._function.outermost.co_name!r}.",
                place_of(self._code, instruction),
                fix="rename one of the two",
            )
        return name

    # -- operators

    def _unary_negative(self, instruction: Any) -> None:
        self._unary(gast.USub())

    def _unary_positive(self, instruction: Any) -> None:
        self._unary(gast.UAdd())

    def _unary_invert(self, instruction: Any) -> None:
        self._unary(gast.Invert())

    def _unary(self, operator: Any) -> None:
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
        self._push(self._new(self._protocol("imported", Value(name))))

    def _import_from(self, instruction: Any) -> None:
        module = self._state.stack[-1]
        if not isinstance(module, Module):
            self._push(self._read(self._value(module), instruction.argval))
            return
        name = self._function.temporary()
        self._import(gast.ImportFrom(module.name, [gast.alias(instruction.argval, name)], module.level))
        package = load("__package__", self._at) if module.level else self._text("")
        source = [self._text("." * module.level + module.name), package, self._text(instruction.argval)]
        self._push(self._new(self._protocol("imported", Value(name), *source)))

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

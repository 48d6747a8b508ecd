"""Dicts and sets whose keys are objects with a hash or an equality of the program's own.

They are ordinary dicts and sets with the objects themselves for keys, given or made.  A key is looked for in three
steps: its method ``__hash__`` is traced, the keys of the same hash are compared with it one by one, and then the dict
or set does what it does with a key of which nothing has to be asked any more (``ops.hashing``).  What goes over whole
dicts and sets of such keys uses the hashes that are stored there, and asks for comparisons only.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Sequence
from enum import Enum
from types import FunctionType
from typing import Any

from ..ir.types import (
    ANY,
    BOOL,
    INT,
    NEVER,
    NONE,
    AnyType,
    DictType,
    IteratorType,
    ListType,
    ObjectType,
    SetType,
    TupleType,
    join,
    options,
)
from ..ops import TABLE
from ..ops.collections import FROZEN_SET, METHODS, OF_METHOD
from ..ops.containers import DICT, SET
from ..ops.containers import METHODS as PLAIN_METHODS
from ..ops.effects import NEW
from ..ops.hashing import AT, IS_THERE, KEY, NUMBER, PLAIN_NUMBER
from ..ops.op import Op
from ..ops.quiet import asks, stand_in_class
from ..ops.records import DEEP_COPY, FROM_KEYS
from . import keyed
from .answers import ANSWERS
from .asking import EQUALITY, HASHING, Asking, Questioned
from .classes import class_attribute
from .collections import ABSENT, defines
from .heap import NOTHING, HeapObject, Loadable, fitting, joined, loadable, type_of
from .items import DictView
from .overriding import count_elements, count_one
from .tracer import Tracer

BASES = tuple(base for base in METHODS if not issubclass(base, (list, deque, bytearray)))
# Their argument after the dict or set is a key.
AT_KEY = frozenset({
    "operator.contains", "get_item", "update", "delete_item",
    *(f"container.{name}" for name in ("get", "setdefault", "pop", "add", "discard", "remove")),
    *(f"{base.__name__}.{name}" for base in BASES for name in (
        "__contains__", "__getitem__", "__setitem__", "__delitem__", "get", "setdefault", "pop", "add", "discard",
        "remove", "move_to_end",
    )),
})  # fmt: skip
CHANGES_OF_SETS = ("update", "intersection_update", "difference_update", "symmetric_difference_update")
OF_SETS = ("union", "intersection", "difference", "symmetric_difference", "issubset", "issuperset", "isdisjoint")
# They go over dicts and sets as a whole, and compare their keys.
WHOLE = frozenset({
    "joined_set", "frozenset", "merged_dict", "copy.copy", FROM_KEYS.name,
    *(f"operator.{sign}" for sign in ("or", "and", "sub", "xor", "ior", "iand", "isub", "ixor")),
    *(f"operator.{sign}" for sign in ("eq", "ne", "lt", "le", "gt", "ge")),
    *(f"container.{name}" for name in (*OF_SETS, *CHANGES_OF_SETS, "copy")),
    *(f"{base.__name__}.{name}" for base in BASES for name in (
        *OF_SETS, *CHANGES_OF_SETS, "copy", "__init__", "__eq__", "__ne__", "subtract",
    )),
})  # fmt: skip
GOING_OVER = (list, tuple, set, iter, sorted, enumerate, zip, min, max, sum, any, all)
KEYLESS = ("builtins.len", "operator.truth", "operator.not", "operator.is", "operator.is_not", "isinstance", "type")
COMPARING = ("operator.eq", "operator.ne")
# They take keys out of lists and iterators, too.
FILLING = ("joined_set", "frozenset", "merged_dict", FROM_KEYS.name, NEW.name)
LOCATED = Questioned("locate", "==", lambda trace, container, key, *others: (trace.keys_in(container), loadable(key)))
UPDATE = TABLE.by_name["update"]


def _all_keys(trace: Hashing, first: Any, name: str, *others: Any) -> tuple[Loadable, Loadable]:
    one = joined([trace.keys_in(each) for each in (first, *others) if trace.is_table(each)])
    return one, one


ASKED = Questioned("whole", "==", _all_keys)


class Hashing(Asking):
    """The part of a trace that keeps the program's own objects as keys."""

    new_dict: Callable[..., Any]  # see items
    new_set: Callable[..., Any]
    set_item: Callable[..., None]
    for_: Callable[..., Any]

    def apply(self, op: Op, *args: Any, **keywords: Any) -> Any:
        if op.name not in KEYLESS and any(self._is_ordered(arg, args) for arg in args):
            self._refuse_ordered()
        if op.name in AT_KEY and len(args) > 1 and self.is_table(args[0]):
            if self.is_own_key((args[1], self.keys_in(args[0]))):
                return self._at_key(op, args, keywords)
        if op is DICT and self.is_own_key([key for key, _ in args]):
            return self._new_dict(args, keywords)
        if op is SET and self.is_own_key(args):
            return self._new_set(args, keywords)
        if op.name in WHOLE or op is NEW:
            found = self._of_tables(op, args, keywords)
            if found is not None:
                return found[0]
        if op.name in COMPARING and not any(isinstance(type_of(arg), ObjectType) for arg in args):
            if any(map(self._holds_own_keys, self.reachable_from(args))):
                self._refuse_use(op)
        if op is DEEP_COPY and any(map(self._holds_own_keys, self.reachable_from(args))):
            self._refuse_use(op)
        return super().apply(op, *args, **keywords)

    # -- what has such keys

    def _is_ordered(self, value: Any, others: Sequence[Any]) -> bool:
        """Whether ``value`` is an ordered dict that gets keys of the program's own out of ``others``, or has them."""
        cls = self.container_class(value)
        if cls is None or not issubclass(cls, OrderedDict):
            return False
        return self.is_own_key([self.keys_in(value), *others])

    def is_table(self, value: Any) -> bool:
        """Whether ``value`` is a dict or set, which may be an object of a class derived from these."""
        if isinstance(type_of(value), (DictType, SetType)):
            return isinstance(value, Tracer)
        cls = self.container_class(value)
        return cls is not None and issubclass(cls, (dict, set, frozenset))

    def keys_in(self, container: Any) -> Loadable:
        """What covers the keys of a dict or set."""
        keys, items = self.contents(container)
        kind: Any = type_of(container)
        is_dict = isinstance(kind, DictType) or isinstance(kind, ObjectType) and issubclass(kind.cls, dict)
        return keys if is_dict else items

    def has_own_keys(self, value: Any) -> bool:
        """Whether ``value`` is a dict or set with keys of the program's own."""
        return self.is_table(value) and self.is_own_key(self.keys_in(value))

    def _holds_own_keys(self, thing: HeapObject) -> bool:
        state = self.heap.get(thing)
        if state is None or not (thing.kind in ("dict", "set") or issubclass(thing.cls, (dict, set, frozenset))):
            return False
        is_dict = thing.kind == "dict" or thing.kind == "object" and issubclass(thing.cls, dict)
        return self.is_own_key(state.key if is_dict else state.item)

    def is_own_key(self, keys: Any) -> bool:
        return self._class_with(keys, HASHING) is not None

    def written_for(self, obj: Tracer, base: type, name: str, *others: Any) -> Callable[..., Any] | None:
        found = vars(Counter).get(name) if base is Counter else None
        tables = [each for each in (obj, *others) if self.is_table(each)]
        sources = [each for each in others if not self.is_table(each)]
        if isinstance(found, FunctionType) and self.is_own_key(
            [*map(self.keys_in, tables), *map(self._keys_given, sources)]
        ):
            return found
        return super().written_for(obj, base, name, *others)

    def count_elements(self, mapping: Any, iterable: Any) -> None:
        """What ``Counter.update`` does with what is no mapping: a key is asked for its hash once."""
        cls = self.container_class(mapping)
        if cls is None or defines(cls, "get") or defines(cls, "__setitem__"):
            return self.call(count_elements, mapping, iterable)

        def body(key: Any) -> tuple[()]:
            if not self.is_own_key((key, self.keys_in(mapping))):
                self.call(count_one, mapping, key)
                return ()
            number = self._number_of(key)
            before = joined([self.contents(mapping)[1], 0])
            count = self.at(OF_METHOD[dict, "get"], mapping, key, number, 0, type=before.type, refs=before.refs)
            total = self.operate("add", count, 1) if isinstance(count, Tracer) else count + 1
            self.at(OF_METHOD[dict, "__setitem__"], mapping, key, number, total, type=NONE)
            self.hold(mapping, [key], [total])
            return ()

        return self.for_(iterable, body, (), ())

    def checked(self, iterable: Any) -> Any:
        """``iterable``, which is no ordered dict that asks its keys for their hashes while it is gone over."""
        cls = self.container_class(iterable)
        if cls is not None and issubclass(cls, OrderedDict) and self.has_own_keys(iterable):
            self._refuse_ordered()
        return iterable

    def _refuse_ordered(self) -> None:
        self.refuse(
            "An OrderedDict asks its keys for their hashes whenever it is gone over: they must have no __hash__ of "
            "their own.",
            fix="use a dict, which keeps its order as well",
        )

    # -- keys

    def _at_key(self, op: Op, args: Sequence[Any], keywords: dict[str, Any]) -> Any:
        """``op`` with the key that is in the container, or a new one."""
        container, key, *others = args
        if len(options(type_of(key))) > 1 and self.is_own_key(key):
            return self.by_class(key, lambda one: self.apply(op, container, one, *others, **keywords))
        if op.name.endswith(".pop"):   # which does not ask for a hash where there is nothing
            is_empty = self.eq(self.call(len, container), 0)
            return self.if_(is_empty, lambda: self._popped(key, others),
                            lambda: self.at(op, container, key, self._number_of(key), *others, **keywords), (), ())
        return self.at(op, container, key, self._number_of(key), *others, **keywords)

    def _popped(self, key: Any, default: Sequence[Any]) -> Any:
        return default[0] if default else self.raise_(self.call(KeyError, key))

    def at(self, op: Op, container: Any, key: Any, number: Any, *others: Any, **keywords: Any) -> Any:
        """``op`` of a key whose hash, and form as a key, are ``number``."""
        place = self._located(container, key, number)
        result = {"type": keywords.pop("type", None), "refs": keywords.pop("refs", None)}
        if result["type"] is None:
            result["type"] = self.infer(op, ((container, key, *others), keywords))
        return self._plainly(AT, container, place, op.name, *others, **result)

    def _located(self, container: Any, key: Any, number: Any) -> Any:
        number, form = number
        classes = self._classes_of(container, key)
        return self.ask(LOCATED, container, key, number, form, classes, result={"type": ANY, "refs": NOTHING})

    def _or_missing(self, obj: Tracer, index: Any, plain: Op, make: Callable[[], Any]) -> Any:
        if not self.is_own_key((index, self.keys_in(obj))):
            return super()._or_missing(obj, index, plain, make)
        place = self._located(obj, index, self._number_of(index))
        item = self.contents(obj)[1]

        def found() -> Any:
            return self._plainly(AT, obj, place, plain.name, type=item.type, refs=item.refs)

        return self.if_(self._plainly(IS_THERE, place, type=BOOL), found, make, (), ())

    def is_made_at_once(self, obj: Tracer, key: Any) -> bool:
        return not self.is_own_key((key, self.keys_in(obj)))

    def _classes_of(self, container: Any, key: Any) -> tuple[type, ...]:
        """The classes of the keys in a container that are the program's own."""
        found: dict[type, None] = {}
        for keys in (self.keys_in(container), loadable(key)):
            kinds = options(keys.type)
            found.update((kind.cls, None) for kind in kinds if isinstance(kind, ObjectType))
            if any(isinstance(kind, AnyType) for kind in kinds):
                found.update((thing.cls, None) for thing in keys.refs if thing.kind == "object")
        classes = tuple(cls for cls in found if asks(cls))
        try:
            stand_in_class(classes)
        except TypeError as error:
            names = " and ".join(f"'{cls.__name__}'" for cls in classes)
            self.refuse(
                f"Keys of the class {names} cannot be looked for in a graph: {error}.",
                fix="use keys of one class without __init_subclass__, or numbers",
            )
        return classes

    def _plainly(self, op: Op, *args: Any, **keywords: Any) -> Any:
        """``op`` of what it is written for."""
        return Asking.apply(self, op, *args, **keywords)

    def hash_of(self, key: Any) -> Any:
        """The hash of a key."""
        return self._number_of(key)[0]

    def _number_of(self, key: Any) -> tuple[Any, Any]:
        """The hash of a key, and the key with its parts that are the program's own as ``Hashed``."""
        if not self.is_own_key(key):
            return self._plainly(PLAIN_NUMBER, key, type=INT), None
        kind: Any = type_of(key)
        for cls in self._classes_in(key):
            if issubclass(cls, Enum) and any(defines(cls, name) for name in HASHING):
                self.refuse(
                    f"Members of '{cls.__name__}', an enumeration with a __hash__ or __eq__ of its own, are keys.",
                    fix="leave these methods out, or use the values of the members as keys",
                )
        parts = self._parts(key)
        if parts is not None and not defines(kind.cls, "__hash__"):
            form = tuple(map(self._form_of, parts))
            return self._plainly(PLAIN_NUMBER, form, type=INT), form
        found = class_attribute(kind.cls, "__hash__")[0] if isinstance(kind, ObjectType) else ABSENT
        if found is None:
            self.raise_now(TypeError(f"unhashable type: '{kind.cls.__name__}'"))
        if isinstance(kind, (ListType, DictType)):
            return self._plainly(PLAIN_NUMBER, key, type=INT), None
        if found is not object.__hash__ and not isinstance(found, FunctionType):
            self.refuse(
                "What this key holds is known only when the graph runs.",
                fix="use a tuple of a known length, or numbers",
            )
        if found is object.__hash__:
            number = self._plainly(PLAIN_NUMBER, key, type=INT)
        else:
            number = self._plainly(NUMBER, self.call(found, key), type=INT)
        return number, self._plainly(KEY, key, number, type=ANY, refs=NOTHING)

    def _form_of(self, item: Any) -> Any:
        """An item of a tuple that is a key, of which the hash is known."""
        return self._number_of(item)[1] if self.is_own_key(item) else item

    # -- new ones

    def _new_dict(self, pairs: Sequence[Any], keywords: dict[str, Any]) -> Any:
        made = self._plainly(DICT, **keywords)
        for key, item in pairs:
            self.apply(UPDATE, made, key, item, type=NONE)
        return made

    def _new_set(self, items: Sequence[Any], keywords: dict[str, Any]) -> Any:
        made = self._plainly(SET, **keywords)
        for item in items:
            self._add(made, item)
        return made

    def _add(self, items: Any, key: Any) -> tuple[()]:
        self.apply(PLAIN_METHODS["add"], items, key, type=NONE)
        return ()

    def add_common(self, made: Any, items: Any, key: Any) -> Any:
        """Put ``key`` into a set if it is among ``items``, and say so."""
        number = self._number_of(key)

        def add() -> tuple[()]:
            self.at(PLAIN_METHODS["add"], made, key, number, type=NONE)
            self.havoc(made, [key])
            return ()

        flag = self.at(TABLE.by_name["operator.contains"], items, key, number, type=BOOL)
        self.if_(flag, add, lambda: (), (), ())
        return flag

    # -- whole dicts and sets

    def _of_tables(self, op: Op, args: Sequence[Any], keywords: dict[str, Any]) -> tuple[Any] | None:
        """A tuple of what ``op`` gives that compares the keys of its arguments; None where there are no own ones."""
        given = args[1:] if op is NEW else args
        if op is NEW and not (isinstance(args[0], type) and issubclass(args[0], (dict, set, frozenset))):
            return None
        tables = [arg for arg in given if self.is_table(arg)]
        if not tables and op.name not in FILLING:
            return None
        others = [arg for arg in (given[:1] if op is FROM_KEYS else given) if not self.is_table(arg)]
        if not self.is_own_key([*map(self.keys_in, tables), *map(self._keys_given, others)]):
            return None
        if any(isinstance(option, TupleType) for each in tables for option in options(self.keys_in(each).type)):
            if op.name not in ("copy.copy", "container.copy", "joined_set", "frozenset", "merged_dict"):
                self._refuse_use(op)
        if op.name in COMPARING and self._class_with([self.contents(each)[1] for each in tables], EQUALITY):
            if any(isinstance(type_of(each), DictType) or self.container_class(each) for each in tables):
                self._refuse_use(op)
        goes_over = not op.name.startswith("operator.") and any(map(self._is_gone_over, others))
        if op is NEW or op.name.endswith("__init__") or op.name == "joined_set" and len(args) > 1 or goes_over:
            return (self._filled(op, args, keywords),)
        result = {"type": keywords.pop("type", None), "refs": keywords.pop("refs", None)}
        if result["type"] is None:
            result["type"] = self.infer(op, (args, keywords))
        first, *rest = args
        return (self.ask(ASKED, first, op.name, *rest, result=result, **keywords),)

    def _is_gone_over(self, value: Any) -> bool:
        """Whether built-in code takes keys out of an argument that is no dict or set."""
        kind = type_of(value)
        return isinstance(kind, (ListType, IteratorType, AnyType)) or isinstance(kind, TupleType) and bool(kind.items)

    def _filled(self, op: Op, args: Sequence[Any], keywords: dict[str, Any]) -> Any:
        """``op`` that takes keys out of lists, tuples and iterators, one by one."""
        name = op.name.rpartition(".")[2]
        if op.name in ("joined_set", "merged_dict"):
            made = self._plainly(SET if op.name == "joined_set" else DICT, **keywords)
            for part in args:
                self.call_method(made, "update", self.new_dict(*part.items()) if type(part) is dict else part)
            return made
        if op is FROZEN_SET:
            made = self.new_set()
            self.call_method(made, "update", args[0])
            return self.apply(op, made, **keywords)
        if op is FROM_KEYS:
            made = self._plainly(DICT, **keywords)
            self.call(keyed.set_each, made, *args)
            return made
        if op is NEW and not keywords.keys() - {"type", "refs"}:
            cls, *given = args
            factory = given[:1] if issubclass(cls, dict) and hasattr(cls, "default_factory") else []
            made = self._plainly(op, cls, *factory, **keywords)
            for part in given[len(factory):]:
                self.call_method(made, "update", part)
            return made
        function = getattr(keyed, name, None)
        container, *parts = args
        if name == "update":
            cls = self.container_class(container)
            is_dict = isinstance(type_of(container), DictType) or cls is not None and issubclass(cls, dict)
            function = keyed.set_all if is_dict else keyed.add_all
        if function is None or keywords.keys() - {"type", "refs"} or len(parts) != 1 and name != "update":
            self._refuse_use(op)
        result = None
        for part in parts:
            result = self.call(function, container, part)
        return result

    def _refuse_use(self, op: Op) -> None:
        self.refuse(
            f"'{op.name.rpartition('.')[2]}' with keys that have a __hash__ or __eq__ of the program's own is not "
            "supported.",
            fix="write it as a loop, or use keys that are numbers or text",
        )

    def _keys_given(self, value: Any) -> Loadable:
        """What covers the keys that a dict or set gets from ``value``, which is none."""
        kind: Any = type_of(value)
        if not isinstance(kind, (ListType, TupleType, IteratorType)):
            return Loadable(NEVER)
        item = self.iterated(value)
        firsts = [option.items[0] if isinstance(option, TupleType) and option.items else option
                  for option in options(item.type)]  # fmt: skip
        return Loadable(join(*firsts), fitting(item.refs, join(*firsts)))

    def in_(self, item: Any, container: Any) -> Any:
        if isinstance(container, DictView) and container.what != "values":
            keys, items = self.contents(container.mapping)
            if self._class_with((item, keys, items), HASHING) is not None:
                if container.what == "items":
                    return self.call(keyed.has_item, container.mapping, item)
                container = container.mapping
        return super().in_(item, container)


ANSWERS[keyed.add_common] = lambda trace, made, items, key: trace.add_common(made, items, key)

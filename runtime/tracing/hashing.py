"""Dicts and sets whose keys are objects with a hash or an equality of the program's own.

In the graph they hold such a key as a ``Hashed`` (``ops.hashing``).  A key is looked for in three steps: its method
``__hash__`` is traced, the keys of the same hash are compared with it one by one, and what was found is used as the
key.  The outside never sees a ``Hashed``: iteration gives the objects, and where such a container would be used in
another way, or leave the graph, it is refused.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from types import FunctionType
from typing import Any

from ..ir.types import (
    ANY,
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
from ..ops.collections import METHODS
from ..ops.containers import DICT, SET
from ..ops.containers import METHODS as PLAIN_METHODS
from ..ops.effects import NEW
from ..ops.hashing import KEY, KEYS, NUMBER, PAIRS, PLAIN_NUMBER, WITH_KEY, WITHOUT_KEY
from ..ops.iteration import ITERATORS
from ..ops.op import Op
from ..ops.records import DEEP_COPY, FROM_KEYS
from .asking import HASHING, Asking, Questioned
from .classes import class_attribute
from .collections import ABSENT, defines
from .heap import NOTHING, HeapObject, Loadable, fitting, loadable, reachable, type_of
from .items import DictView
from .tracer import Tracer, unwrap

# They use a container as a whole, whatever its keys are, or only refer to it.
KEYLESS = frozenset({
    "builtins.len", "operator.truth", "operator.not", "operator.is", "operator.is_not", "isinstance", "type",
    "container.clear", "container.copy", "container.values", "narrowed", "bound", "is_bound", "constant", "print",
    "text",
})  # fmt: skip
# They refer to their arguments, or to those from some position on.
REFERRING = {
    "list": 0, "tuple": 0, "dict": 0, "store": 1, "named_tuple": 1, "container.append": 1, "container.insert": 1,
    "update": 2, "container.setdefault": 2, "raise": 0, "closure": 0,
}  # fmt: skip
# They go over a container.
ITERATING = frozenset({
    "joined_list", "joined_tuple", "iterator", "container.extend", "operator.iadd", "deque.extend", "list.extend",
    *(f"builtins.{name}" for name in ("sorted", "enumerate", "zip", "min", "max", "sum", "any", "all")),
    *(op.name for op in ITERATORS.values()),
})  # fmt: skip
GOING_OVER = (list, tuple, set, iter, sorted, enumerate, zip, min, max, sum, any, all)
# They put the keys of their arguments into a dict or set, or look for them there.
OF_MANY_KEYS = frozenset({
    "merged_dict", "joined_set", "frozenset", "set", FROM_KEYS.name, NEW.name,
    *(f"operator.{sign}" for sign in ("or", "and", "sub", "xor", "ior", "iand", "isub", "ixor")),
    *(f"container.{name}" for name in (
        "update", "union", "intersection", "difference", "symmetric_difference", "issubset", "issuperset", "isdisjoint",
        "intersection_update", "difference_update", "symmetric_difference_update",
    )),
    *(f"{base.__name__}.{name}" for base in METHODS if not issubclass(base, (list, deque, bytearray))
      for name in METHODS[base]
      if name.endswith("update") or name.startswith("is") or name in ("subtract", "__init__")),
})  # fmt: skip


def _keys_and_one(trace: Hashing, container: Any, key: Any, *others: Any) -> tuple[Loadable, Loadable]:
    return trace.keys_in(container), loadable(key)


EQUALITY = ("operator.eq", "operator.ne")
POP = PLAIN_METHODS["pop"]
UPDATE = TABLE.by_name["update"]
LOCATED = Questioned("locate", "==", _keys_and_one)


def _makes_container(cls: Any = None) -> bool:
    cls = unwrap(cls)
    return isinstance(cls, type) and issubclass(cls, (dict, set, frozenset))


class Hashing(Asking):
    """The part of a trace that keeps the program's own objects as keys."""

    new_dict: Callable[..., Any]  # see items
    new_set: Callable[..., Any]
    set_item: Callable[..., None]
    for_: Callable[..., Any]

    def apply(self, op: Op, *args: Any, **keywords: Any) -> Any:
        if op.name in WITH_KEY and len(args) > 1 and self._has_own_keys(args[0], args[1]):
            return self._popped(op, *args, **keywords) if op is POP else self._with_key(op, args, keywords)
        if op is DICT and self.is_own_key([key for key, _ in args]):
            return self._new_dict(args, keywords)
        if op is SET and self.is_own_key(args) or op.name == "joined_set" and self._is_own_set(args, keywords):
            return self._new_set(op, args, keywords)
        if op.name in OF_MANY_KEYS and (op is not NEW or _makes_container(*args[:1])):
            if self.is_own_key([self._keys_given(arg) for arg in args]):
                self._refuse_use(op)
        if any(map(self.is_hashed, (*args, *keywords.values()))):
            return self._of_hashed(op, args, keywords)
        if op.name in EQUALITY and not any(isinstance(type_of(arg), ObjectType) for arg in args):
            if any(map(self._holds_own_keys, self.reachable_from(args))):
                self._refuse_use(op)
        if op is DEEP_COPY:
            self._check_things(None, self.reachable_from(args), [], "copied with all that it holds")
        return super().apply(op, *args, **keywords)

    # -- what has such keys

    def keys_in(self, container: Any) -> Loadable:
        """What covers the keys of a dict or set."""
        keys, items = self.contents(container)
        return keys if isinstance(type_of(container), DictType) else items

    def is_hashed(self, value: Any) -> bool:
        """Whether ``value`` may be a dict or set of the graph with keys of the program's own."""
        if not isinstance(value, Tracer):
            return False
        if not any(isinstance(option, (DictType, SetType, AnyType)) for option in options(value.graph_value.type)):
            return False
        return any(self._holds_own_keys(thing) for thing in value.graph_refs)

    def _holds_own_keys(self, thing: HeapObject) -> bool:
        state = self.heap.get(thing)
        if state is None or thing.kind not in ("dict", "set") or thing.start is not None:
            return False
        return self.is_own_key(state.key if thing.kind == "dict" else state.item)

    def is_own_key(self, keys: Any) -> bool:
        return self._class_with(keys, HASHING) is not None

    def _has_own_keys(self, container: Any, key: Any) -> bool:
        """Whether a key is looked for in a dict or set of the graph, and one of the keys is the program's own."""
        if not isinstance(type_of(container), (DictType, SetType)) or not isinstance(container, Tracer):
            return False
        if any(thing.start is not None for thing in container.graph_refs):
            return False
        return self.is_own_key(key) or self.is_hashed(container)

    # -- keys

    def _with_key(self, op: Op, args: Sequence[Any], keywords: dict[str, Any]) -> Any:
        """``op`` with the key that is in the container, or a new one."""
        container, key, *others = args
        if len(options(type_of(key))) > 1 and self.is_own_key(key):
            return self.by_class(key, lambda one: self.apply(op, container, one, *others, **keywords))
        changes = WITH_KEY[op.name].writes
        if changes and self.is_own_key(key):
            given = [thing for thing in self.heap.states if thing.start is not None or thing.initial is not None]
            if container.graph_refs & reachable(self.heap, given):
                self._refuse_escape("kept in what the caller has", key)
        number = self.hash_of(key)
        located = {"type": ANY, "refs": NOTHING}
        found = self.ask(LOCATED, container, key, number, self.is_own_key(key), result=located)
        result = {"type": keywords.pop("type", None), "refs": keywords.pop("refs", None)}
        if result["type"] is None:
            result["type"] = self.infer(op, (args, keywords))
        return self._plainly(WITH_KEY[op.name], container, found, *others, **result, **keywords)

    def _popped(self, op: Op, mapping: Any, key: Any, *default: Any, **keywords: Any) -> Any:
        """``mapping.pop(key, *default)``, which does not ask for a hash where the dict is empty."""

        def missing() -> Any:
            return default[0] if default else self.raise_(self.call(KeyError, key))

        def pop() -> Any:
            return self._with_key(op, (mapping, key, *default), keywords)

        return self.if_(self.eq(self.call(len, mapping), 0), missing, pop, (), ())

    def _plainly(self, op: Op, *args: Any, **keywords: Any) -> Any:
        """``op`` of what it is written for."""
        return Asking.apply(self, op, *args, **keywords)

    def hash_of(self, key: Any) -> Any:
        """The hash of a key."""
        if not self.is_own_key(key):
            return self._plainly(PLAIN_NUMBER, key, type=INT)
        kind: Any = type_of(key)
        parts = self._parts(key)
        if parts is not None and not defines(kind.cls, "__hash__"):
            return self._plainly(PLAIN_NUMBER, tuple(map(self._as_key, parts)), type=INT)
        found = class_attribute(kind.cls, "__hash__")[0] if isinstance(kind, ObjectType) else ABSENT
        if found is None:
            self.raise_now(TypeError(f"unhashable type: '{kind.cls.__name__}'"))
        if found is object.__hash__ or isinstance(kind, (ListType, DictType)):
            return self._plainly(PLAIN_NUMBER, key, type=INT)
        if not isinstance(found, FunctionType):
            self.refuse(
                "What this key holds is known only when the graph runs.",
                fix="use a tuple of a known length, or numbers",
            )
        return self._plainly(NUMBER, self.call(found, key), type=INT)

    def _as_key(self, item: Any) -> Any:
        """An item of a tuple that is a key, of which the hash is known."""
        return self._plainly(KEY, item, self.hash_of(item), type=ANY, refs=NOTHING) if self.is_own_key(item) else item

    # -- new ones

    def _new_dict(self, pairs: Sequence[Any], keywords: dict[str, Any]) -> Any:
        made = self._plainly(DICT, **keywords)
        for key, item in pairs:
            self.apply(UPDATE, made, key, item, type=NONE)
        return made

    def _new_set(self, op: Op, args: Sequence[Any], keywords: dict[str, Any]) -> Any:
        made = self._plainly(SET, **keywords)
        if op is SET:
            for item in args:
                self._add(made, item)
        for part in args if op is not SET else ():
            self.for_(part, lambda item: self._add(made, item), (), ())
        return made

    def _is_own_set(self, parts: Sequence[Any], keywords: dict[str, Any]) -> bool:
        """Whether a set is made of lists, tuples or iterators that give own keys."""
        if any(isinstance(option, (SetType, DictType)) for part in parts for option in options(type_of(part))):
            return False
        return self.is_own_key([self.iterated(part) for part in parts])

    def _add(self, items: Any, key: Any) -> tuple[()]:
        self.apply(PLAIN_METHODS["add"], items, key, type=NONE)
        return ()

    # -- other uses

    def _of_hashed(self, op: Op, args: Sequence[Any], keywords: dict[str, Any]) -> Any:
        """``op`` of a container with such keys."""
        if op.name in WITHOUT_KEY and len(args) == 1:
            return self._plainly(WITHOUT_KEY[op.name], *args, **keywords)
        if op.name in ITERATING or op is NEW and unwrap(args[0]) in (list, deque):
            return super().apply(op, *map(self.as_iterator, args), **keywords)
        first = REFERRING.get(op.name)
        refers = first is not None and not any(map(self.is_hashed, args[:first]))
        if op.name not in KEYLESS and not refers:
            self._refuse_use(op)
        return super().apply(op, *args, **keywords)

    def _refuse_use(self, op: Op) -> None:
        self.refuse(
            f"'{op.name.rpartition('.')[2]}' with keys that have a __hash__ or __eq__ of the program's own is not "
            "supported.",
            fix="write it as a loop, or use keys that are numbers or text",
        )

    def _keys_given(self, value: Any) -> Loadable:
        """What covers the keys that a dict or set gets from ``value``."""
        kind: Any = type_of(value)
        if isinstance(kind, (DictType, SetType)):
            return self.keys_in(value)
        if self.container_class(value) is not None:
            return self.contents(value)[0 if issubclass(kind.cls, dict) else 1]
        if not isinstance(kind, (ListType, TupleType, IteratorType)):
            return Loadable(NEVER)
        item = self.iterated(value)
        firsts = [option.items[0] if isinstance(option, TupleType) and option.items else option
                  for option in options(item.type)]  # fmt: skip
        return Loadable(join(*firsts), fitting(item.refs, join(*firsts)))

    def call(self, function: Any, /, *args: Any, **keywords: Any) -> Any:
        if any(isinstance(arg, DictView) for arg in args) and any(function is each for each in GOING_OVER):
            args = tuple(map(self.as_iterator, args))
        return super().call(function, *args, **keywords)

    def materialised(self, view: DictView) -> Tracer:
        if view.what != "values" and self.is_hashed(view.mapping):
            self._refuse_use(PLAIN_METHODS[view.what])
        return super().materialised(view)

    def in_(self, item: Any, container: Any) -> Any:
        if isinstance(container, DictView) and container.what != "values":
            keys, items = self.contents(container.mapping)
            if self._class_with((item, keys, items), HASHING) is not None:
                if container.what == "items" or self.container_class(container.mapping) is not None:
                    self._refuse_use(PLAIN_METHODS[container.what])
                container = container.mapping
        return super().in_(item, container)

    def as_iterator(self, value: Any) -> Any:
        """``value``, or an iterator over the keys of a dict or set that holds them as ``Hashed``, or over its items."""
        if isinstance(value, DictView):
            if value.what == "values" or not self.is_hashed(value.mapping):
                return value
            found = self.iterated(value)
            op = KEYS if value.what == "keys" else PAIRS
            return self._plainly(op, value.mapping, type=IteratorType(found.type), refs=found.refs)
        if not self.is_hashed(value) or not isinstance(type_of(value), (DictType, SetType)):
            return value
        keys = self.keys_in(value)
        return self._plainly(KEYS, value, type=IteratorType(keys.type), refs=keys.refs)

    def _check_things(self, value: Any, things: Iterable[HeapObject], names: list[str | None], how: str) -> None:
        things = list(things)
        own = next((thing for thing in things if self._holds_own_keys(thing)), None)
        if own is not None:
            state = self.heap[own]
            self._refuse_escape(how, state.key if own.kind == "dict" else state.item)
        super()._check_things(value, things, names, how)

    def _refuse_escape(self, how: str, keys: Any) -> None:
        asked = self._class_with(keys, HASHING)
        assert asked is not None
        self.refuse(
            f"A dict or set with keys of the class '{asked[0].__name__}' cannot be {how}: it would call "
            f"'{asked[1]}' there.",
            fix="return lists of its keys and items",
        )

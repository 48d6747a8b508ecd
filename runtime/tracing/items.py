"""Items: displays, subscripts, unpacking and the methods of containers.

Every read and write of a list, dict or set is a node; what the heap knows lets a read be the very thing that was
stored.
"""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, NoReturn

from ..ir.types import (
    ANY,
    INT,
    NEVER,
    NONE,
    STR,
    AnyType,
    ArrayType,
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
    join,
    options,
    scalar_of,
)
from ..ops import TABLE
from ..ops.attributes import FLAG_ITEM, FLAGS, SET_FLAG_ITEM
from ..ops.containers import (
    ANY_DICT,
    ANY_LIST,
    DICT,
    JOINED_LIST,
    JOINED_SET,
    JOINED_TUPLE,
    LIST,
    MERGED_DICT,
    METHODS,
    SET,
    UNPACK,
    UNPACK_STARRED,
)
from ..ops.op import Op
from ..records import record
from .classes import has_parts, is_container, is_generic
from .current import current
from .heap import (
    NOTHING,
    Loadable,
    State,
    contents_of,
    fitting,
    forgotten,
    item_type,
    joined,
    key_type,
    loadable,
    may_refer,
    refs_of,
    type_of,
)
from .misfits import check_mappings, check_starred, special
from .overriding import mapping_given
from .sizes import range_item
from .trace import Trace
from .tracer import Namespace, OpenNames, Tracer
from .typing_types import constant_of, is_typing

KEYS = (str, int, bool, float, bytes, type(None))


@record
class Star:
    """A starred argument or element."""

    value: Any


def values_of(items: Sequence[Any]) -> list[Any]:
    """The values that are starred among ``items``."""
    return [item.value for item in items if isinstance(item, Star)]


_numbers = itertools.count()  # so that two mappings of one call have two names


GONE_OVER = (ListType, TupleType, DictType, SetType, IteratorType, RangeType)


@record
class DictView:
    """``keys``, ``values`` or ``items`` of a dict."""

    mapping: Tracer
    what: str

    def __iter__(self) -> Iterator[Any]:
        """Only ``call(f, **mapping)`` of generated code comes here, for the keys."""
        known = current().known_items(self.mapping)
        return iter((OpenNames(f"**{next(_numbers)}"),) if known is None else known)


def _of_views(name: str) -> tuple[Callable[[Any, Any], Any], Callable[[Any, Any], Any]]:
    """A set operator on views of dicts, and the one for a view on its right: it makes a set, of any items."""
    op = TABLE.meaning(getattr(operator, name if name in ("sub", "xor") else f"{name}_"))

    def made(*operands: Any) -> Any:
        trace = current()
        views = [operand for operand in operands if isinstance(operand, DictView)]
        others = [type_of(operand) for operand in operands if not isinstance(operand, DictView)]
        operands = tuple(map(trace.whole, operands))
        if any(view.what == "values" for view in views) or not all(isinstance(kind, GONE_OVER) for kind in others):
            return trace.apply(op, *operands)
        items = joined([trace.iterated(operand) for operand in operands])
        return trace.made(op, operands, SetType(items.type), "set", State(None, item=items))

    return made, lambda view, other: made(other, view)


for _name in ("and", "or", "sub", "xor"):
    for _prefix, _operator in zip(("", "r"), _of_views(_name)):
        setattr(DictView, f"__{_prefix}{_name}__", _operator)


class Items(Trace):
    """The part of a trace that reads and writes items."""

    operate_in_place: Callable[..., Any]  # see operators

    # -- displays

    def new_list(self, *items: Any) -> Any:
        if any(isinstance(item, Star) for item in items):
            check_starred(self, values_of(items))
            return self._joined(JOINED_LIST, "list", items)
        items = tuple(map(self.storable, items))
        state = State(dict(enumerate(items)))
        return self.made(LIST, items, ANY_LIST, "list", state)

    def new_set(self, *items: Any) -> Any:
        if any(isinstance(item, Star) for item in items):
            return self._joined(JOINED_SET, "set", items)
        items = tuple(map(self.storable, items))
        return self.made(SET, items, SetType(ANY), "set", State(None, item=joined(items)))

    def new_tuple(self, *items: Any) -> Any:
        parts: list[Any] = []
        check_starred(self, values_of(items))
        for item in items:
            known = self.known_items(item.value) if isinstance(item, Star) else (item,)
            if known is None:
                return self.apply(JOINED_TUPLE, *[self._sequence(item) for item in items])
            parts.extend(known)
        return tuple(parts)

    def new_dict(self, *pairs: Any) -> Any:
        if any(isinstance(pair, Star) for pair in pairs):
            check_mappings(self, values_of(pairs))
            parts = [
                mapping_given(self, pair.value) if isinstance(pair, Star) else self.new_dict(pair) for pair in pairs
            ]
            contents = [self.contents(part) for part in parts]
            state = State(None, joined(key for key, _ in contents), joined(item for _, item in contents))
            return self.made(MERGED_DICT, parts, ANY_DICT, "dict", state)
        pairs = tuple(map(self.storable, pairs))
        if all(is_key(key) for key, _ in pairs):
            state = State(dict(pairs))
        else:
            state = State(None, joined(key for key, _ in pairs), joined(item for _, item in pairs))
        return self.made(DICT, pairs, ANY_DICT, "dict", state)

    def made(self, op: Op, arguments: Sequence[Any], type: Type, kind: str, state: State) -> Any:
        thing = self.new_object(kind, state)
        return self.apply(op, *arguments, type=type, refs=frozenset((thing,)))

    def _joined(self, op: Op, kind: str, items: Sequence[Any]) -> Any:
        known: list[Any] | None = []
        for item in items:
            part = self.known_items(item.value) if isinstance(item, Star) else (item,)
            known = None if part is None or known is None else [*known, *part]
        contents = [self.iterated(item.value) if isinstance(item, Star) else loadable(item) for item in items]
        state = (
            State(dict(enumerate(known)))
            if known is not None and kind == "list"
            else State(None, item=joined(contents))
        )
        return self.made(
            op, [self._sequence(item) for item in items], ANY_LIST if kind == "list" else SetType(ANY), kind, state
        )

    def _sequence(self, item: Any) -> Any:
        return item.value if isinstance(item, Star) else (item,)

    # -- what iteration gives

    def known_items(self, value: Any) -> tuple[Any, ...] | None:
        """The items of an iterable whose number is known now, or None."""
        if type(value) is tuple:
            return value
        if isinstance(value, (str, range, dict)):
            return tuple(value)
        if isinstance(value, Tracer):
            state = self.only_state(value)
            if state is not None and state.known is not None and isinstance(value.graph_value.type, ListType):
                return tuple(self.get_item(value, i) for i in state.known)
            if state is not None and state.known is not None and isinstance(value.graph_value.type, DictType):
                return tuple(state.known)
        return None

    def known_keys(self, mapping: Tracer) -> tuple[Any, ...]:
        """The keys of a dict that is spread into a call."""
        keys = self.known_items(mapping)
        if keys is None:
            self.refuse_names()
        return keys

    def refuse_names(self) -> NoReturn:
        self.refuse("The names of keyword arguments are known only when the graph runs.", fix="pass them one by one")

    def iterated(self, value: Any) -> Loadable:
        """What iterating over ``value`` gives, one item at a time."""
        if type(value) is tuple:
            return joined(value)
        if isinstance(value, DictView):
            key, item = self.contents(value.mapping)
            return {
                "keys": key,
                "values": item,
                "items": Loadable(TupleType((key.type, item.type)), key.refs | item.refs),
            }[value.what]
        if isinstance(value, (str, range)):
            return Loadable(STR if isinstance(value, str) else INT)
        if not isinstance(value, Tracer):
            return Loadable(ANY)
        refs = value.graph_refs
        found = []
        for type_ in options(value.graph_value.type):
            match type_:
                case ListType() | SetType():
                    contents = self.contents(value)[1]
                    found.append(contents)
                case DictType():
                    found.append(self.contents(value)[0])
                case ArrayType(dtype, (_, *rest)):
                    found.append(Loadable(ArrayType(dtype, tuple(rest)) if rest else scalar_of(dtype)))
                case RangeType() as range_:
                    found.append(Loadable(range_item(range_)))
                case TupleType(items):
                    found.append(Loadable(join(*items), refs))
                case IteratorType(item):
                    found.append(Loadable(item, self.reachable_from(value) if may_refer(item) else NOTHING))
                case PythonType(cls) if cls is str:
                    found.append(Loadable(STR))
                case ObjectType(cls) if is_container(cls):
                    found.append(self.contents(value)[0 if issubclass(cls, dict) else 1])
                case IntType() | ScalarType() | ArrayType():
                    continue  # raises
                case PythonType(cls) if not hasattr(cls, "__iter__"):
                    continue
                case _:
                    found.append(Loadable(ANY, self.reachable_from(value)))
        return joined(found) if found else Loadable(ANY)

    def contents(self, value: Any) -> tuple[Loadable, Loadable]:
        """What covers every key and every item that ``value`` may hold."""
        states = [
            contents_of(thing, self.heap[thing]) for thing in refs_of(value) if self.heap.get(thing) is not None
        ]
        if not states:
            return Loadable(ANY), Loadable(ANY)
        keys = Loadable(join(*map(key_type, states)), NOTHING.union(*(state.key.refs for state in states)))
        items = Loadable(
            join(*map(item_type, states)),
            NOTHING.union(*(refs_of(item) for state in states for item in (state.item, *(state.known or {}).values()))),
        )
        return keys, items

    def merged(self, value: Any) -> tuple[Loadable, Loadable]:
        """What covers the keys and items that a dict gets from ``value``, a dict or pairs."""
        if isinstance(type_of(value), DictType):
            return self.contents(value)
        if isinstance(type_of(value), ListType | TupleType | IteratorType):
            item = self.iterated(value)
            parts = options(item.type)
            if len(parts) == 1 and isinstance(parts[0], TupleType) and len(parts[0].items) == 2:
                key, held = (Loadable(part, fitting(item.refs, part)) for part in parts[0].items)
                return key, held
        anything = Loadable(ANY, self.reachable_from(value))
        return anything, anything

    def only_state(self, value: Tracer) -> State | None:
        """The state of the one object that ``value`` refers to, if it is one."""
        if len(value.graph_refs) != 1:
            return None
        (thing,) = value.graph_refs
        return None if thing in self.heap.summaries else self.heap.get(thing)

    # -- reading

    def get_item(self, obj: Any, index: Any) -> Any:
        op = TABLE.by_name["get_item"]
        if isinstance(obj, Tracer):
            type_ = obj.graph_value.type
            if _is_one_of_several(type_):
                return self.by_class(obj, lambda one: self.get_item(one, index))
            if isinstance(type_, (ListType, DictType)):
                return self._container_item(obj, index, op)
            if isinstance(type_, ObjectType):
                return self.call(special(self, obj, "__getitem__"), index)
            if type_ == PythonType(FLAGS):
                op = FLAG_ITEM
            return self.apply(op, obj, self.spelled(index))
        if isinstance(obj, Namespace):
            obj = obj.graph_target
        if isinstance(obj, type) and is_generic(obj) or is_typing(obj):
            return self.of_constants(operator.getitem, obj, constant_of(self, index))
        if type(obj) in (tuple, str, bytes) and _is_static_index(index):
            try:
                return operator.getitem(obj, index)
            except (IndexError, TypeError) as error:
                self.raise_now(error)
        if type(obj) is dict and isinstance(index, str) and index in obj:
            return obj[index]
        named = TABLE.of_callable(obj)
        if named is not None and not callable(obj):    # such as ``np.r_``
            return self.apply(named, index)
        return self.apply(op, obj, self.spelled(index))

    def _container_item(self, obj: Tracer, index: Any, op: Op) -> Any:
        state = self.only_state(obj)
        is_list = isinstance(obj.graph_value.type, ListType)
        if isinstance(index, slice) and is_list:
            known = None
            if state is not None and state.known is not None and _is_static_index(index):
                known = [self.get_item(obj, i) for i in list(state.known)[index]]
            made = State(dict(enumerate(known))) if known is not None else State(None, item=self.contents(obj)[1])
            thing = self.new_object("list", made)
            return self.apply(op, obj, index, type=ANY_LIST, refs=frozenset((thing,)))
        if state is not None and state.known is not None and is_key(index):
            key: Any = _position(state, index) if is_list else index
            if key not in state.known:
                return self.apply(op, obj, index, type=NEVER)
            item = state.known[key]
            if isinstance(item, Loadable):
                item = self.loaded(op, item, obj, index)
                (thing,) = obj.graph_refs
                self.heap = self.heap.with_state(thing, replace(state, known={**state.known, key: item}))
            return item
        return self.loaded(op, self.contents(obj)[1], obj, index)

    def loaded(self, op: Op, item: Loadable, *arguments: Any, **keywords: Any) -> Any:
        """A load: sizes that are not known in general are new unknowns for each item that is loaded."""
        return self.apply(op, *arguments, type=self.unknown_sizes(item.type), refs=item.refs, **keywords)

    def spelled(self, value: Any) -> Any:
        """A list whose items are all known, as a list of these: then the call sees their types."""
        if isinstance(value, tuple):
            return tuple(map(self.spelled, value))
        if isinstance(value, Tracer) and isinstance(value.graph_value.type, ListType):
            state = self.only_state(value)
            if (
                state is not None
                and state.known is not None
                and not any(isinstance(v, Loadable) for v in state.known.values())
            ):
                return [self.spelled(item) for item in state.known.values()]
        return value

    # -- writing

    def set_item(self, obj: Any, index: Any, value: Any) -> None:
        op = TABLE.by_name["update"]
        index, value = self.storable(index), self.storable(value)
        if isinstance(obj, Tracer) and _is_one_of_several(obj.graph_value.type):
            self.by_class(obj, lambda one: self.set_item(one, index, value))
            return
        if isinstance(obj, Tracer) and isinstance(obj.graph_value.type, ObjectType):
            self.call(special(self, obj, "__setitem__"), index, value)
            return
        if type(obj) is dict:
            self.check_keywords(obj)
            obj[index] = value
            return
        if isinstance(obj, Tracer) and isinstance(obj.graph_value.type, (ListType, DictType)):
            if any(thing.start is not None for thing in obj.graph_refs):
                self.check_outlives(value, "kept in a container of the caller's")
            self.apply(op, obj, index, value, type=NEVER if self._is_outside(obj, index) else NONE)
            self._stored(obj, index, value)
            return
        if isinstance(obj, Tracer) and obj.graph_value.type == PythonType(FLAGS):
            self.apply(SET_FLAG_ITEM, obj, index, value)
            return
        if isinstance(obj, Tracer) and obj.graph_refs:
            self.havoc(obj, [value])
        self.apply(op, obj, self.spelled(index), self.spelled(value) if is_array(obj) else value)

    def _is_outside(self, obj: Any, index: Any) -> bool:
        """Whether ``index`` is none of the places in a list with known items."""
        if not isinstance(obj, Tracer) or not isinstance(obj.graph_value.type, ListType) or not is_key(index):
            return False
        state = self.only_state(obj)
        return state is not None and state.known is not None and _position(state, index) is None

    def _stored(self, obj: Tracer, index: Any, value: Any) -> None:
        is_list = isinstance(obj.graph_value.type, ListType)

        def strong(state: State) -> State:
            if state.known is not None and is_key(index):
                key = _position(state, index) if is_list else index
                return replace(state, known={**state.known, key: value})
            return weak(state)

        def weak(state: State) -> State:
            stored = self.iterated(value) if isinstance(index, slice) else loadable(value)
            return State(
                None,
                joined([state.key, *(state.known or {}), *([] if is_list else [index])]),
                joined([state.item, *(state.known or {}).values(), stored]),
            )

        self.change(obj, strong, weak)

    def del_item(self, obj: Any, index: Any) -> None:
        if isinstance(obj, Tracer) and _is_one_of_several(obj.graph_value.type):
            self.by_class(obj, lambda one: self.del_item(one, index))
            return
        if isinstance(obj, Tracer) and isinstance(obj.graph_value.type, ObjectType):
            self.call(special(self, obj, "__delitem__"), index)
            return
        if type(obj) is dict and index in obj:
            self.check_keywords(obj)
            del obj[index]
            return
        outside = self._is_outside(obj, index)
        self.apply(TABLE.by_name["delete_item"], obj, self.spelled(index), type=NEVER if outside else NONE)
        if isinstance(obj, Tracer) and obj.graph_refs:
            is_list = isinstance(obj.graph_value.type, ListType)

            def strong(state: State) -> State:
                if state.known is None or not (is_key(index) or isinstance(index, slice) and _is_static_index(index)):
                    return forgotten(state)
                if is_list:
                    items = list(state.known.values())
                    del items[index]
                    return replace(state, known=dict(enumerate(items)))
                return replace(state, known={key: item for key, item in state.known.items() if key != index})

            self.change(obj, strong, forgotten)

    def aug_item(self, obj: Any, index: Any, symbol: str, value: Callable[[], Any]) -> None:
        self.set_item(obj, index, self.in_place(symbol, self.get_item(obj, index), value()))

    def in_place(self, symbol: str, target: Any, value: Any) -> Any:
        """``target symbol= value``."""
        function = IN_PLACE[symbol]
        if isinstance(value, Tracer) and not isinstance(target, (Tracer, Namespace)):
            return self.operate_in_place(function.__name__.strip("_")[1:], target, value)
        return self.of_constants(function, target, value)

    def change(self, obj: Tracer, strong: Callable[[State], State], weak: Callable[[State], State]) -> None:
        """Note a change of what ``obj`` refers to: ``strong`` where that is one object, else ``weak`` for any it may
        be.
        """
        for thing in obj.graph_refs:
            state = self.heap.get(thing)
            if state is None or thing.kind == "object":
                continue
            if len(obj.graph_refs) == 1 and thing not in self.heap.summaries:
                self.heap = self.heap.with_state(thing, strong(state))
            else:
                self.weaken(thing, weak(state))

    def havoc(self, obj: Tracer, values: Sequence[Any]) -> None:
        """Note that ``values`` may have been stored anywhere in what ``obj`` may refer to."""

        def stored(state: State) -> State:
            return State(
                None,
                joined([state.key, *(state.known or {}), *values]),
                joined([state.item, *(state.known or {}).values(), *values]),
            )

        for thing in obj.graph_refs:
            if thing.kind != "object":
                self.heap = self.heap.with_state(thing, stored(self.heap[thing]))

    # -- unpacking

    def unpack(self, value: Any, count: int) -> tuple[Any, ...]:
        known = self.known_items(value)
        if known is not None and len(known) == count:
            return known
        item = self.iterated(value)
        if isinstance(value, DictView):
            value = self.materialised(value)
        type_ = NEVER if known is not None else self._unpacked_type(value, item, count)
        result = self.apply(UNPACK, value, count, type=type_, refs=item.refs)
        return result if type(result) is tuple else tuple(self.get_item(result, i) for i in range(count))

    def _unpacked_type(self, value: Any, item: Loadable, count: int) -> Type:
        found = [type_ for type_ in options(type_of(value)) if _may_unpack(type_, count)]
        tuples = [type_ for type_ in found if isinstance(type_, TupleType)]
        if tuples and len(tuples) == len(found):
            return join(*tuples)
        return TupleType(tuple(self.unknown_sizes(item.type) for _ in range(count)))

    def unpack_starred(self, value: Any, before: int, after: int) -> tuple[Any, ...]:
        known = self.known_items(value)
        if known is not None and len(known) >= before + after:
            end = len(known) - after
            return (*known[:before], self.new_list(*known[before:end]), *known[end:])
        item = self.iterated(value)
        if isinstance(value, DictView):
            value = self.materialised(value)
        thing = self.new_object("list", State(None, item=item))
        count = before + after + 1
        types = [ANY_LIST if i == before else self.unknown_sizes(item.type) for i in range(count)]
        value = self.apply(UNPACK_STARRED, value, before, after, type=TupleType(tuple(types)), refs=item.refs | {thing})
        rest = Tracer(value[before].graph_value, frozenset((thing,)))
        return (*value[:before], rest, *value[before + 1 :])

    def materialised(self, view: DictView) -> Tracer:
        """A view of a dict as a graph value."""
        item = self.iterated(view)
        return self.apply(METHODS[view.what], view.mapping, type=IteratorType(item.type), refs=view.mapping.graph_refs)


IN_PLACE: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.iadd,
    "-": operator.isub,
    "*": operator.imul,
    "/": operator.itruediv,
    "//": operator.ifloordiv,
    "%": operator.imod,
    "**": operator.ipow,
    "@": operator.imatmul,
    "<<": operator.ilshift,
    ">>": operator.irshift,
    "&": operator.iand,
    "|": operator.ior,
    "^": operator.ixor,
}


def is_array(value: Any) -> bool:
    return isinstance(value, Tracer) and isinstance(value.graph_value.type, (ArrayType, AnyType))


def _may_unpack(type_: Type, count: int) -> bool:
    """Whether a value of ``type_`` may have ``count`` items."""
    match type_:
        case TupleType(items):
            return len(items) == count
        case PythonType(cls):
            return hasattr(cls, "__iter__")
    return not isinstance(type_, IntType | ScalarType)


def _is_one_of_several(type_: Type) -> bool:
    """Whether a value is told apart by its class where an item of it is asked for."""
    found = options(type_)
    return len(found) > 1 and any(map(has_parts, found))


def _is_static_index(index: Any) -> bool:
    if isinstance(index, slice):
        return not any(isinstance(part, Tracer) for part in (index.start, index.stop, index.step))
    return not isinstance(index, (Tracer, tuple))


def is_key(index: Any) -> bool:
    return isinstance(index, KEYS) or type(index) is tuple and all(map(is_key, index))


def _position(state: State, index: Any) -> int | None:
    """The place in a list with known items that ``index`` means; None where it raises."""
    number = len(state.known or ())
    if not isinstance(index, int) or not -number <= index < number:
        return None
    return index % number

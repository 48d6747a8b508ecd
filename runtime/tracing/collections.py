"""Objects that hold items: the classes of ``collections``, and a user's own that are derived from list, dict or set.

They are objects of a class, with attributes, whose contents the heap covers by one key and one item.  What the user's
class defines is traced in place; the rest are methods of the built-in class.
"""

from __future__ import annotations

import operator
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import FunctionType, NoneType
from typing import Any

from ..errors import InternalError
from ..ir.types import (
    ANY,
    BOOL,
    INT,
    NEVER,
    NONE,
    ConstantType,
    DictType,
    IntType,
    IteratorType,
    ListType,
    ObjectType,
    PythonType,
    SetType,
    TupleType,
    Type,
    join,
    options,
)
from ..ops import TABLE
from ..ops.collections import METHODS, OF_METHOD, Gives, Method, Puts, base_of
from ..ops.containers import ANY_DICT, ANY_LIST
from ..ops.containers import METHODS as PLAIN_METHODS
from ..ops.effects import LOAD, NEW
from ..ops.op import Op
from . import library
from .classes import class_attribute, has_user_method, is_container
from .heap import NOTHING, HeapObject, Loadable, State, held, holding, joined, type_of
from .items import DictView
from .operators import Operators
from .overriding import mapping_given, missing_key, written_out
from .regions import trace_cond
from .trace import Front, is_user_namespace
from .tracer import BoundMethod, Namespace, Tracer, unwrap

FACTORIES = (int, float, complex, bool, str, bytes, list, dict, set, tuple, frozenset)
TAKING = (Puts.EACH, Puts.MAPPING, Puts.COUNTS)  # methods that go over what they are given
FEWEST = {Puts.FIRST: 1, Puts.SECOND: 2, Puts.ITEM: 2, Puts.DEFAULT: 1}  # arguments of what puts them there
PLAIN_TYPES: dict[type, tuple[str, Type]] = {
    list: ("list", ANY_LIST),
    dict: ("dict", ANY_DICT),
    set: ("set", SetType(ANY)),
    frozenset: ("set", SetType(ANY)),
}
SEEN_AS_PLAIN = (str, bytes, float, complex, bool, NoneType)
ABSENT: Any = object()


class Specimen:
    """A base of the classes that stand for a user's own when Python is asked what an operator gives."""


def defines(cls: type, name: str) -> bool:
    """Whether a class of the user's says what ``name`` of a container is."""
    _, owner = class_attribute(cls, name)
    return owner is not None and is_user_namespace(owner)


def specimen(type_: Type) -> Any:
    """An empty or small value of ``type_``; ``ABSENT`` where there is none."""
    match type_:
        case ObjectType(cls) if is_container(cls):
            base = base_of(cls)
            return base() if base is cls and base else type("Derived", (Specimen, base or object), {})()
        case ListType():
            return []
        case DictType():
            return {}
        case SetType():
            return set()
        case TupleType():
            return ()
        case IntType():
            return 1
        case PythonType(cls) if cls in SEEN_AS_PLAIN:
            return cls()
    return ABSENT


def class_of_object(obj: Tracer) -> type:
    type_ = obj.graph_value.type
    assert isinstance(type_, ObjectType)
    return type_.cls


class Collections(Operators):
    """The part of a trace that reads and changes objects that hold items."""

    def __init__(self, front: Front, hints: Mapping[str, int] | None = None) -> None:
        super().__init__(front, hints)
        self._made_items: dict[HeapObject, HeapObject] = {}  # by defaultdicts with a built-in factory

    def container_class(self, value: Any, special: str | None = None) -> type | None:
        """The class of a container object; None for what is none, or whose class says what ``special`` does."""
        if not isinstance(value, Tracer) or not isinstance(value.graph_value.type, ObjectType):
            return None
        cls = value.graph_value.type.cls
        if not is_container(cls) or special is not None and defines(cls, special):
            return None
        return cls

    # -- items

    def get_item(self, obj: Any, index: Any) -> Any:
        cls = self.container_class(obj, "__getitem__")
        if cls is None:
            return super().get_item(obj, index)
        return self._item_of(obj, cls, index, TABLE.by_name["get_item"])

    def _item_of(self, obj: Tracer, cls: type, index: Any, plain: Op) -> Any:
        """The item at an index; ``plain`` gets what is there."""
        item = self.contents(obj)[1]
        if isinstance(index, slice):
            return self._slice_of(obj, cls, index, plain)
        if not issubclass(cls, dict):
            return self.loaded(plain, Loadable(INT) if issubclass(cls, bytearray) else item, obj, index)
        missing, _ = class_attribute(cls, "__missing__")
        if isinstance(missing, FunctionType) and defines(cls, "__missing__"):
            return self._or_missing(obj, index, plain, lambda: self.call(missing, obj, index))
        if issubclass(cls, defaultdict):
            return self._default_item(obj, index, plain)
        if issubclass(cls, Counter):
            item = joined([item, 0])
        return self.loaded(plain, item, obj, index)

    def _slice_of(self, obj: Tracer, cls: type, index: slice, plain: Op) -> Any:
        if issubclass(cls, list):
            return self.made(plain, [obj, index], ANY_LIST, "list", State(None, item=self.contents(obj)[1]))
        if issubclass(cls, bytearray):
            return self.made_container(plain, bytearray, [obj, index], State({}, item=Loadable(INT)))
        return self.apply(plain, obj, index, type=ANY if issubclass(cls, dict) else NEVER)

    def _default_item(self, obj: Tracer, index: Any, plain: Op) -> Any:
        """An item of a ``defaultdict``; a factory of the user's is traced where the key is missing."""
        factory = self.factory_of(obj)
        item = self.contents(obj)[1]
        is_built_in = factory is None or isinstance(factory, type) and factory in (*FACTORIES, *METHODS)
        if is_built_in and not defines(class_of_object(obj), "__setitem__") and self.is_made_at_once(obj, index):
            made = [] if factory is None else [self._made_by(factory, obj)]
            self.hold(obj, [index], made)
            return self.loaded(OF_METHOD[defaultdict, "__getitem__"], joined([item, *made]), obj, index)

        def make() -> Any:
            value = self.call(missing_key, index) if factory is None else self.call(factory)
            self.set_item(obj, index, value)
            return value

        return self._or_missing(obj, index, plain, make)

    def is_made_at_once(self, obj: Tracer, key: Any) -> bool:
        """Whether a ``defaultdict`` can be left to put in what its built-in factory makes."""
        return True

    def _or_missing(self, obj: Tracer, index: Any, plain: Op, make: Callable[[], Any]) -> Any:
        """The item at a key, or what ``make()`` gives where there is none."""
        item = self.contents(obj)[1]
        flag = self.apply(OF_METHOD[base_of(class_of_object(obj)) or dict, "__contains__"], obj, index, type=BOOL)
        return trace_cond(self, flag, lambda: self.loaded(plain, item, obj, index), make)

    def factory_of(self, obj: Tracer) -> Any:
        """The ``default_factory`` of what ``obj`` may refer to, which has to be one."""
        factory = self.attribute_of(obj, "default_factory")
        if not isinstance(factory, Loadable):
            return unwrap(factory)
        found = options(factory.type)
        if factory.type == NONE or len(found) == 1 and isinstance(found[0], (ConstantType, ObjectType)):
            return unwrap(self.loaded(LOAD, factory, obj, "default_factory"))
        self.refuse(
            "Which function makes the missing items of this defaultdict is known only when the graph runs.",
            fix="use dict.setdefault, or one defaultdict for each function",
        )

    def _made_by(self, factory: type, obj: Tracer) -> Loadable:
        """What calling a built-in class without arguments gives; all containers that it makes are one to the trace."""
        if factory not in METHODS:
            return Loadable(type_of(factory()))
        kind, type_ = PLAIN_TYPES.get(factory, ("object", ObjectType(factory)))
        return Loadable(type_, frozenset(self._item_made_for(owner, kind, factory) for owner in obj.graph_refs))

    def _item_made_for(self, owner: HeapObject, kind: str, factory: type) -> HeapObject:
        if owner not in self._made_items:
            self._made_items[owner] = HeapObject(kind, factory, "default")
        thing = self._made_items[owner]
        if self.heap.get(thing) is None:
            state = State({"default_factory": None} if factory is defaultdict else {})
            self.heap = self.heap.with_state(thing, state).summarised([thing])
        return thing

    def set_item(self, obj: Any, index: Any, value: Any) -> None:
        cls = self.container_class(obj, "__setitem__")
        if cls is None:
            super().set_item(obj, index, value)
            return
        index, value = self.storable(index), self.storable(value)
        self._check_kept(obj, [value])
        self.apply(TABLE.by_name["update"], obj, index, value, type=NONE)
        self.hold(obj, [index], [self.iterated(value) if isinstance(index, slice) else value])

    def del_item(self, obj: Any, index: Any) -> None:
        if self.container_class(obj, "__delitem__") is None:
            super().del_item(obj, index)
        else:
            self.apply(TABLE.by_name["delete_item"], obj, index, type=NONE)

    def hold(self, obj: Tracer, keys: Sequence[Any], items: Sequence[Any]) -> None:
        """Note that ``items`` may have been put into what ``obj`` refers to, under ``keys``."""
        for thing in obj.graph_refs:
            state = self.heap.get(thing)
            if state is None:
                continue
            state = holding(state, keys, items) if thing.kind == "object" else held(state, items)
            self.heap = self.heap.with_state(thing, state)

    def havoc(self, obj: Tracer, values: Sequence[Any]) -> None:
        super().havoc(obj, values)
        for thing in obj.graph_refs:
            if thing.kind == "object" and is_container(thing.cls):
                self.heap = self.heap.with_state(thing, holding(self.heap[thing], values, values))

    def _check_kept(self, obj: Tracer, values: Sequence[Any]) -> None:
        if any(thing.start is not None for thing in obj.graph_refs):
            self.check_outlives(tuple(values), "kept in a container of the caller's")

    # -- methods

    def _class_value(self, tracer: Tracer, cls: type, found: Any, kind: type, name: str) -> Any:
        if is_container(cls) and not defines(cls, name):
            if name == "maxlen":
                return self.apply(LOAD, tracer, name, type=join(INT, NONE))
            if callable(found):
                return BoundMethod(tracer, name)
        return super()._class_value(tracer, cls, found, kind, name)

    def call_method(self, obj: Tracer, name: str, *args: Any, **kwargs: Any) -> Any:
        cls = self.container_class(obj)
        if cls is None:
            return super().call_method(obj, name, *args, **kwargs)
        return self.container_method(obj, cls, name, *args, **kwargs)

    def materialised(self, view: DictView) -> Tracer:
        cls = self.container_class(view.mapping)
        op = PLAIN_METHODS[view.what] if cls is None else OF_METHOD[base_of(cls) or dict, view.what]
        item = self.iterated(view)
        return self.apply(op, view.mapping, type=IteratorType(item.type), refs=view.mapping.graph_refs)

    def container_method(self, obj: Tracer | Namespace, base: type, name: str, *args: Any, **kwargs: Any) -> Any:
        """``base.name(obj, *args, **kwargs)``."""
        built_in = base_of(base)
        written = self.written_for(obj, built_in, name, *args) if built_in and isinstance(obj, Tracer) else None
        if written is not None:
            return self.call(written, obj, *args, **kwargs)
        method = METHODS[built_in].get(name) if built_in is not None else None
        if built_in is None or method is None:
            self.refuse(
                f"'{base.__name__}.{name}' is built in, and is not supported in a graph.",
                fix="do this before the call and pass the result, or use a list, a dict, a set or an array",
            )
        assert isinstance(obj, Tracer)
        if method.gives is Gives.VIEW and not args and not kwargs:
            return DictView(obj, name)
        if name == "__getitem__" and len(args) == 1:
            return self._item_of(obj, class_of_object(obj), args[0], OF_METHOD[built_in, name])
        if name == "sort" and kwargs.get("key") is not None:
            return self.call(library.sort_by, obj, kwargs["key"], kwargs.get("reverse", False))
        if method.puts is not Puts.NOTHING:
            self._check_kept(obj, (*args, *kwargs.values()))
        op = OF_METHOD[built_in, name]
        args = self.storable(args)
        if len(args) < FEWEST.get(method.puts, 0):
            return self.apply(op, obj, *args, type=NEVER, **kwargs)
        if built_in is defaultdict and name == "__init__":
            return self._begin_default(obj, op, args, kwargs)
        args = tuple([self.iterable_for(method.puts, arg) for arg in args]) if method.puts in TAKING else args
        result = self._result(op, obj, method, args, kwargs)
        self._put(obj, method.puts, args, kwargs)
        return result

    def written_for(self, obj: Tracer, base: type, name: str, *others: Any) -> Callable[..., Any] | None:
        """A function of Python that does what ``base.name`` does for ``obj``; None if that is one call."""
        return written_out(class_of_object(obj), base, name)

    def _begin_default(self, obj: Tracer, op: Op, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
        """``defaultdict.__init__(obj, *args, **kwargs)``."""
        factory, given = args[0] if args else None, [self.given_iterable(mapping_given(self, arg)) for arg in args[1:]]
        self.apply(op, obj, *([factory, *given] if args else ()), type=NONE, **kwargs)
        for thing in obj.graph_refs:
            state = self.heap[thing]
            attributes = dict(state.known or {})
            is_one = len(obj.graph_refs) == 1 and thing not in self.heap.summaries
            before = [attributes["default_factory"]] if "default_factory" in attributes and not is_one else []
            attributes["default_factory"] = joined([factory, *before]) if before else factory
            self.heap = self.heap.with_state(thing, replace(state, known=attributes))
        self._put(obj, Puts.MAPPING, given, kwargs)

    def given_iterable(self, value: Any) -> Any:
        """An argument that a built-in function goes over: a view as it is, an object of the user's as a list of it."""
        if isinstance(value, DictView):
            return self.materialised(value)
        if isinstance(type_of(value), ObjectType) and self.container_class(value, "__iter__") is None:
            return self.call(list, value)
        return value

    def iterable_for(self, puts: Puts, value: Any) -> Any:
        """An argument of a method that puts the items of it into a container."""
        return self.given_iterable(mapping_given(self, value) if puts in (Puts.MAPPING, Puts.COUNTS) else value)

    def _result(self, op: Op, obj: Tracer, method: Method, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        cls = class_of_object(obj)
        keys, item = self.contents(obj)
        if issubclass(cls, bytearray):
            item = Loadable(INT)
        match method.gives:
            case Gives.NOTHING:
                return self.apply(op, obj, *args, type=NONE, **kwargs)
            case Gives.INT:
                return self.apply(op, obj, *args, type=INT, **kwargs)
            case Gives.BOOL:
                return self.apply(op, obj, *args, type=BOOL, **kwargs)
            case Gives.ITEM:
                return self.loaded(op, item, obj, *args, **kwargs)
            case Gives.ITEM_OR_DEFAULT:
                default = args[1] if args[1:] else kwargs.get("default")
                return self.loaded(op, joined([item, default]), obj, *args, **kwargs)
            case Gives.ITEM_OR_ELSE:
                default = [*args[1:], *kwargs.values()]
                return self.loaded(op, joined([item, *default]), obj, *args, **kwargs)
            case Gives.PAIR | Gives.PAIRS:
                pair = Loadable(TupleType((keys.type, item.type)), keys.refs | item.refs)
                if method.gives is Gives.PAIR:
                    return self.loaded(op, pair, obj, *args, **kwargs)
                thing = self.new_object("list", State(None, item=pair))
                return self.apply(op, obj, *args, type=ANY_LIST, refs=frozenset((thing,)), **kwargs)
            case Gives.KEYS | Gives.ITEMS:
                given = keys if method.gives is Gives.KEYS else item
                return self.apply(op, obj, *args, type=IteratorType(given.type), refs=obj.graph_refs, **kwargs)
            case Gives.COPY | Gives.PLAIN_COPY:
                return self._copied(op, obj, cls, method.gives is Gives.COPY)
            case Gives.ANYTHING:
                return self.apply(op, obj, *args, type=ANY, refs=self.reachable_from((obj, args)), **kwargs)
        raise InternalError(f"what the method '{op.name}' gives is not known")

    def _copied(self, op: Op, obj: Tracer, cls: type, same_class: bool) -> Any:
        keys, item = self.contents(obj)
        if not same_class:
            kind, type_ = PLAIN_TYPES[dict if issubclass(cls, dict) else list]
            return self.made(op, [obj], type_, kind, State(None, keys, item))
        known = {"default_factory": self.attribute_of(obj, "default_factory")} if issubclass(cls, defaultdict) else {}
        return self.made_container(op, cls, [obj], State(known, keys, item))

    def made_container(self, op: Op, cls: type, arguments: Sequence[Any], state: State, **keywords: Any) -> Any:
        """A new object of ``cls`` that holds what ``state`` says."""
        thing = self.new_object("object", state, cls)
        return self.apply(op, *arguments, type=ObjectType(cls), refs=frozenset((thing,)), **keywords)

    def _put(self, obj: Tracer, puts: Puts, args: Sequence[Any], kwargs: Mapping[str, Any]) -> None:
        match puts:
            case Puts.FIRST:
                self.hold(obj, [], args[:1])
            case Puts.SECOND:
                self.hold(obj, [], args[1:2])
            case Puts.EACH:
                self.hold(obj, [], [self.iterated(arg) for arg in args])
            case Puts.ITEM:
                self.hold(obj, args[:1], args[1:2])
            case Puts.DEFAULT:
                self.hold(obj, args[:1], args[1:2] or [kwargs.get("default")])
            case Puts.MAPPING | Puts.COUNTS:
                for key, item in self.mapped(puts, args, kwargs):
                    self.hold(obj, [key], [item])

    def mapped(self, puts: Puts, args: Sequence[Any], kwargs: Mapping[str, Any]) -> list[tuple[Any, Any]]:
        """The keys and items that a dict gets from mappings or pairs, or a ``Counter`` from what it counts."""
        found: list[tuple[Any, Any]] = [(joined(kwargs), joined(kwargs.values()))] if kwargs else []
        for arg in args:
            is_mapping = any(
                isinstance(option, DictType) or isinstance(option, ObjectType) and issubclass(option.cls, dict)
                for option in options(type_of(arg))
            )
            if puts is Puts.COUNTS and not is_mapping:
                found.append((self.iterated(arg), Loadable(INT)))
            elif isinstance(type_of(arg), ObjectType):
                found.append(self.contents(arg))
            else:
                found.append(self.merged(arg))
                if puts is Puts.COUNTS:
                    found.append((Loadable(NEVER), Loadable(INT)))
        return found

    # -- new ones

    def new_container(self, cls: type, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """``cls(*args, **kwargs)`` for a class of containers whose ``__init__`` is built in."""
        known: dict[str, Any] = {}
        if issubclass(cls, defaultdict):
            known["default_factory"] = args[0] if args else None
            args = (args[0], *[self.iterable_for(Puts.MAPPING, arg) for arg in args[1:]]) if args else ()
        else:
            puts = Puts.MAPPING if issubclass(cls, dict) else Puts.EACH
            if issubclass(cls, bytearray) and args and has_user_method(type_of(args[0]), "__index__"):
                args = (self.call(operator.index, args[0]), *args[1:])
            args = (*[self.iterable_for(puts, arg) for arg in args[:1]], *args[1:])
        if issubclass(cls, dict):
            counts = Puts.COUNTS if issubclass(cls, Counter) else Puts.MAPPING
            pairs = self.mapped(counts, args[1:] if issubclass(cls, defaultdict) else args, kwargs)
            state = State(known, joined(key for key, _ in pairs), joined(item for _, item in pairs))
        elif issubclass(cls, bytearray):
            state = State(known, item=Loadable(INT))
        else:
            sources = args[:1] or [kwargs[name] for name in ("iterable",) if name in kwargs]
            state = State(known, item=joined(self.iterated(source) for source in sources))
        return self.made_container(NEW, cls, [cls, *args], state, **kwargs)

    # -- operators

    def operate(self, name: str, *operands: Any) -> Any:
        if any(self.container_class(operand) is not None for operand in operands):
            known = self._operator(name, operands)
            if known is not None:
                return known[0]
        return super().operate(name, *operands)

    def _operator(self, name: str, operands: Sequence[Any]) -> tuple[Any] | None:
        """What an operator on containers gives, if no class of the user's says what it does."""
        special, reflected = f"__{name}__", f"__r{name}__"
        for operand in operands:
            type_ = type_of(operand)
            if isinstance(type_, ObjectType) and (defines(type_.cls, special) or defines(type_.cls, reflected)):
                return None
        written = self._written_operator(special, reflected, operands)
        if written is not None and written[0] in vars(Counter).values():
            return None
        result = NotImplemented if written is None else self.call(*written)
        if result is not NotImplemented:
            return (result,)
        function = getattr(operator, name if hasattr(operator, name) else f"{name}_", None)
        if function is None:
            return None
        op = TABLE.meaning(function)
        specimens = [specimen(type_of(operand)) for operand in operands]
        if any(item is ABSENT for item in specimens):
            return (self.apply(op, *operands, type=ANY, refs=self.reachable_from(tuple(operands))),)
        try:
            result = function(*specimens)
        except TypeError:
            return (self.apply(op, *operands, type=NEVER),)
        if isinstance(result, bool):
            return (self.apply(op, *operands, type=BOOL),)
        containers = [operand for operand in operands if isinstance(operand, Tracer) and operand.graph_refs]
        contents = [self.contents(operand) for operand in containers]
        keys, item = joined(key for key, _ in contents), joined(item for _, item in contents)
        return (self._new_of(op, type(result), operands, keys, item),)

    def _written_operator(self, special: str, reflected: str, operands: Sequence[Any]) -> tuple[Any, ...] | None:
        """A function that an operator is, with its arguments, where built-in code would call what a class overrides."""
        classes = [self.container_class(operand) for operand in operands]
        bases = [base_of(cls) if cls is not None else None for cls in classes]
        is_first = bases[0] is not None and hasattr(bases[0], special) and len(set(bases) - {None}) == 1
        asked, name = (bases[0], special) if is_first or bases[-1] is None else (bases[-1], reflected)
        found = [self.written_for(operand, asked, name, *operands) for operand, base in zip(operands, bases)
                 if asked and base is asked]  # fmt: skip
        written = next((each for each in found if each is not None), None)
        if written is None:
            return None
        return (written, *(operands if name == special else reversed(operands)))

    def _new_of(self, op: Op, cls: type, operands: Sequence[Any], keys: Loadable, item: Loadable) -> Any:
        """A new container of ``cls``, which may be one of Python's own."""
        if issubclass(cls, Specimen):
            cls = next(class_of_object(operand) for operand in operands if self.container_class(operand) is not None)
        if cls in PLAIN_TYPES:
            kind, type_ = PLAIN_TYPES[cls]
            return self.made(op, operands, type_, kind, State(None, keys, item))
        if not is_container(cls):
            return self.apply(op, *operands, type=ANY, refs=self.reachable_from(tuple(operands)))
        known = {"default_factory": self.attribute_of(operands[0], "default_factory")} if cls is defaultdict else {}
        item = joined([item, 0]) if cls is Counter else item
        return self.made_container(op, cls, operands, State(known, keys, item))

    def operate_in_place(self, name: str, target: Tracer, other: Any) -> Any:
        cls = self.container_class(target, f"__i{name}__")
        base = base_of(cls) if cls is not None else None
        if cls is None or base is None or not hasattr(cls, f"__i{name}__"):
            return super().operate_in_place(name, target, other)
        written = self.written_for(target, base, f"__i{name}__", other)
        if written is not None:
            return self.call(written, target, other)
        other = self.given_iterable(other)
        self._check_kept(target, [other])
        self.apply(TABLE.meaning(getattr(operator, f"i{name}")), target, other, type=ObjectType(cls), refs=NOTHING)
        puts = Puts.MAPPING if issubclass(cls, dict) else Puts.EACH if name != "mul" else Puts.NOTHING
        self._put(target, puts, [other], {})
        return target


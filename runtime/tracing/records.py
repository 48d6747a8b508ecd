"""Records of the user's: named tuples, dataclasses, members of enumerations, and how objects come to be.

A named tuple is one value whose fields are known where it was made.  What ``dataclasses`` generates is traced from a
source that says the same.  A member of an enumeration is a constant, or an object of its class where paths meet.
"""

from __future__ import annotations

import copy
import dataclasses
import functools
import operator
from collections.abc import Callable, Mapping, Sequence
from enum import Enum, EnumType
from inspect import isabstract
from types import FunctionType
from typing import TYPE_CHECKING, Any

from ..ir.types import (
    ANY,
    INT,
    NEVER,
    NONE,
    UNBOUND,
    AnyType,
    ConstantType,
    ObjectType,
    TupleType,
    Type,
    join,
    options,
)
from ..ops import TABLE
from ..ops.containers import METHODS
from ..ops.effects import LOAD, STORE
from ..ops.records import ALLOCATE_PLAIN, NAMED_TUPLE, STORE_PLAIN
from . import library
from .answers import answers
from .classes import class_attribute, is_container
from .collections import ABSENT, Collections, defines
from .dataclass_sources import INIT_ONLY, OF_CLASS, is_made, written
from .heap import HeapObject, Refs, State, attribute, refs_of, type_of
from .trace import Front, is_user_namespace
from .tracer import Namespace, Rule, Tracer, UserMethod, unwrap

if TYPE_CHECKING:
    from .staging import Staging

LIBRARY = "collections"
COMPARISONS = ("eq", "ne", "lt", "le", "gt", "ge")


def is_named_tuple(cls: Any) -> bool:
    """Whether ``cls`` is a class of named tuples of the program's, or one derived from it."""
    return isinstance(cls, type) and issubclass(cls, tuple) and hasattr(cls, "_fields") and hasattr(cls, "_make")


def maker_of(cls: type) -> Callable[..., Any]:
    """The ``__new__`` that ``namedtuple`` made for ``cls`` or a class that it is derived from."""
    base = next(base for base in cls.__mro__ if "_fields" in vars(base))
    return base.__new__


class Records(Collections):
    """The part of a trace that makes records and reads them."""

    def __init__(self, front: Front, hints: Any = None) -> None:
        super().__init__(front, hints)
        self._fields: dict[Any, tuple[Any, ...]] = {}  # of named tuples, by their graph values

    # -- named tuples

    def named_tuple(self, cls: type, items: Sequence[Any]) -> Any:
        """A named tuple of ``items``."""
        items = tuple(map(self.storable, items))
        type_ = TupleType(tuple(map(type_of, items)), cls)
        refs = frozenset().union(*map(refs_of, items))
        result = self.apply(NAMED_TUPLE, cls, *items, type=type_, refs=refs)
        self._fields[result.graph_value] = tuple([*map(self._liftable, items)])
        return result

    def _liftable(self, item: Any) -> Any:
        """An item as it is read again: what is changed in place is an input of the graph."""
        return item if isinstance(item, (Tracer, Namespace, tuple)) or self.lift is None else self.lift(item)

    def new_named_tuple(self, cls: type, *args: Any, **kwargs: Any) -> Any:
        """``cls(*args, **kwargs)``; the function that ``namedtuple`` made says which argument is which field."""
        base = maker_of(cls)
        made = self.of_constants(lambda: base(cls, *args, **kwargs))
        return self.named_tuple(cls, tuple.__getitem__(made, slice(None)))

    def named_class(self, value: Any) -> type | None:
        """The class of a named tuple, or None."""
        type_ = value.graph_value.type if isinstance(value, Tracer) else None
        return type_.cls if isinstance(type_, TupleType) and is_named_tuple(type_.cls) else None

    def fields_of(self, value: Tracer) -> tuple[Any, ...]:
        """The items of a named tuple."""
        type_ = value.graph_value.type
        assert isinstance(type_, TupleType)
        return tuple(self.get_item(value, i) for i in range(len(type_.items)))

    def get_item(self, obj: Any, index: Any) -> Any:
        cls = self.named_class(obj)
        if cls is not None and defines(cls, "__getitem__"):
            return self.call(UserMethod(class_attribute(cls, "__getitem__")[0], obj), index)
        if cls is not None and type(index) is int and obj.graph_value in self._fields:
            return self.of_constants(operator.getitem, self._fields[obj.graph_value], index)
        if cls is not None and isinstance(index, slice):
            return super().get_item(self.fields_of(obj), index)
        target = unwrap(obj)
        if isinstance(target, EnumType) and isinstance(index, str):
            return self._constant(self.of_constants(operator.getitem, target, index))
        return super().get_item(obj, index)

    def known_items(self, value: Any) -> tuple[Any, ...] | None:
        target = unwrap(value)
        if isinstance(target, EnumType):
            return tuple(map(self._constant, target))
        if self.named_class(value) is not None:
            return self.fields_of(value)
        return super().known_items(value)

    def get_attribute(self, tracer: Tracer, name: str) -> Any:
        cls = self.named_class(tracer)
        if cls is None:
            return super().get_attribute(tracer, name)
        found, owner = class_attribute(cls, name)
        if name in cls._fields and owner is not None and "_fields" in vars(owner):
            return self.get_item(tracer, cls._fields.index(name))
        if isinstance(found, property):
            return self.call(found.fget, tracer)
        if name == "_fields":
            return cls._fields
        if name in NAMED_METHODS and getattr(found, "__module__", LIBRARY) == LIBRARY:
            return Rule(functools.partial(NAMED_METHODS[name], self, tracer))
        if owner is None or not is_user_namespace(owner):
            return super().get_attribute(tracer, name)
        return self._class_value(tracer, cls, found, owner, name)

    # -- operators that classes of named tuples and dataclasses say something of

    def operate(self, name: str, *operands: Any) -> Any:
        named = [self.named_class(operand) for operand in operands]
        if not any(named):
            return super().operate(name, *operands)
        special = f"__{name}__"
        if named[0] is not None and defines(named[0], special):
            result = self.call(class_attribute(named[0], special)[0], *operands)
            if result is not NotImplemented:
                return result
        reflected = f"__r{name}__"
        if len(operands) == 2 and named[1] is not None and defines(named[1], reflected):
            return self.call(class_attribute(named[1], reflected)[0], *reversed(operands))
        if any(isinstance(type_of(operand), ObjectType) for operand in operands):
            return super().operate(name, *operands)
        plain = [operand if cls is None else self.fields_of(operand) for operand, cls in zip(operands, named)]
        function = getattr(operator, name if hasattr(operator, name) else f"{name}_")
        if name in COMPARISONS or any(isinstance(operand, Tracer) for operand in plain):
            return self.apply(TABLE.meaning(function), *operands)
        return self.of_constants(function, *plain)

    # -- members of enumerations

    def _constant(self, value: Any) -> Any:
        return Namespace(value) if is_user_namespace(value) else value

    def _object_attribute(self, tracer: Tracer, cls: type, name: str) -> Any:
        if issubclass(cls, Enum):
            known = self._member_attribute(tracer, cls, name)
            if known is not None:
                return known
            found, _ = class_attribute(cls, name)
            if isinstance(found, FunctionType):
                return UserMethod(found, tracer)
        getter = self.attribute_maker(tracer, name)
        if getter is not None:
            return self.call(getter, tracer, name)
        found, getter = (class_attribute(cls, each)[0] for each in (name, "__getattr__"))
        if isinstance(found, property) and isinstance(found.fget, FunctionType) and isinstance(getter, FunctionType):
            return self.call(library.attribute_or_asked, found.fget, getter, tracer, name)
        return super()._object_attribute(tracer, cls, name)

    def attribute_maker(self, obj: Any, name: str) -> FunctionType | None:
        """The ``__getattr__`` that is asked for the attribute ``name`` of an object, if it is."""
        type_ = type_of(obj)
        if not isinstance(obj, Tracer) or not isinstance(type_, ObjectType) or hasattr(object, name):
            return None
        getter, _ = class_attribute(type_.cls, "__getattr__")
        _, owner = class_attribute(type_.cls, name)
        is_asked = owner is None and isinstance(getter, FunctionType) and self.is_unset(obj, name)
        return getter if is_asked else None

    def set_attribute(self, tracer: Tracer, name: str, value: Any) -> None:
        if self.named_class(tracer) is None:
            super().set_attribute(tracer, name, value)
        else:
            self.apply(STORE, tracer, name, value, type=NEVER)

    def is_unset(self, tracer: Tracer, name: str) -> bool:
        """Whether an object has no attribute of its own; refused where that is known only when the graph runs."""
        item = self.attribute_of(tracer, name)
        found = options(type_of(item))
        if UNBOUND in found and len(found) > 1:
            self.refuse(
                f"Whether there is an attribute '{name}' is known only when the graph runs.",
                fix=f"set it on every path, to None where there is none, and write: if obj.{name} is not None",
            )
        return found == (UNBOUND,)

    def _member_attribute(self, tracer: Tracer, cls: type[Enum], name: str) -> Any:
        """What every member holds under ``name``; None where the class says it by a function of the user's."""
        found, owner = class_attribute(cls, name)
        if isinstance(found, (FunctionType, property, staticmethod, classmethod)) and defines(cls, name):
            return None
        held = [getattr(member, name, self) for member in cls]
        if any(value is self or callable(value) for value in held):
            return None
        type_ = join(*map(type_of, held))
        return self.apply(LOAD, tracer, name, type=type_ if not isinstance(type_, ConstantType) else ANY)

    def read_namespace(self, target: Any, name: str) -> Any:
        if not isinstance(target, Enum):
            return super().read_namespace(target, name)
        found, _ = class_attribute(type(target), name)
        if name not in vars(target) and defines(type(target), name):
            if isinstance(found, property):
                return self.call(found.fget, Namespace(target))
            if isinstance(found, FunctionType):
                return UserMethod(found, Namespace(target))
        return self._constant(getattr(target, name))

    def member_of(self, cls: type[Enum], value: Any) -> Any:
        """``cls(value)``."""
        value = unwrap(value)
        if isinstance(value, cls):
            return self._constant(value)
        if defines(cls, "_missing_"):
            self.refuse(
                f"'{cls.__name__}' has a _missing_ of its own, which is not supported.",
                fix="look the member up before, and pass it as an argument",
            )
        if not isinstance(value, Tracer):
            return self._constant(self.of_constants(cls, value))
        return self.apply(TABLE.by_name["new"], cls, value, type=ObjectType(cls))

    # -- objects

    def call_of_record(self, function: FunctionType, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        """The result of a function that ``namedtuple`` made; ``ABSENT`` for other functions."""
        module = function.__module__ or ""
        if module.startswith("namedtuple_"):
            return self.new_named_tuple(unwrap(args[0]), *args[1:], **kwargs)
        if module != LIBRARY or function.__name__ != "_make" or not args or not is_named_tuple(unwrap(args[0])):
            return ABSENT
        cls, items = unwrap(args[0]), self.known_items(args[1])
        if items is None:
            items = self.unpack(args[1], len(cls._fields))
        if len(items) != len(cls._fields):
            self.raise_now(TypeError(f"Expected {len(cls._fields)} arguments, got {len(items)}"))
        return self.named_tuple(cls, items)

    def with_source(self, function: FunctionType, args: Sequence[Any]) -> FunctionType:
        """``function``, or one that does the same and has a source, if ``dataclasses`` made it."""
        if not args or not is_made(function):
            return function
        receiver = type_of(args[0])
        for base in receiver.cls.__mro__ if isinstance(receiver, ObjectType) else ():
            for name, value in vars(base).items():
                if value is function:
                    return written(base, name, function) or function
        return function

    def allocate(self, cls: type) -> Any:
        """``object.__new__(cls)``."""
        if isabstract(cls) and not is_container(cls):
            self.of_constants(object.__new__, cls)
        thing = self.new_object("object", State({}), cls)
        return self.apply(ALLOCATE_PLAIN, cls, type=ObjectType(cls), refs=frozenset((thing,)))

    def store_plain(self, obj: Any, name: Any, value: Any) -> None:
        """``object.__setattr__(obj, name, value)``."""
        value = self.storable(value)
        if any(thing.initial is not None for thing in obj.graph_refs):
            self.check_outlives(value, f"kept in '{name}'")
        self.apply(STORE_PLAIN, obj, name, value, type=NONE)
        self._store_known(obj, name, value)

    def compared_fields(self, thing: HeapObject) -> list[Refs]:
        """What the fields of a dataclass refer to, which its comparisons compare."""
        if not dataclasses.is_dataclass(thing.cls) or self.heap.get(thing) is None:
            return []
        state = self.heap[thing]
        compared = [field.name for field in dataclasses.fields(thing.cls) if field.compare]
        return [refs_of(attribute(thing, state, name)) for name in compared]

    def fields(self, obj: Any) -> tuple[Any, ...]:
        """The fields of a dataclass or of an object of one."""
        return self.of_constants(dataclasses.fields, record_class(obj) or unwrap(obj))


def record_class(value: Any) -> Any:
    """The class of an object of a dataclass, or None."""
    type_ = type_of(value)
    if not isinstance(value, Tracer) or not isinstance(type_, ObjectType):
        return None
    return type_.cls if dataclasses.is_dataclass(type_.cls) else None


# -- what named tuples can do


def _class_of_named(trace: Staging, value: Any) -> Any:
    cls = trace.named_class(value)
    assert cls is not None
    return cls


def _named_replace(trace: Staging, self: Any, /, **changes: Any) -> Any:
    cls = _class_of_named(trace, self)
    items = [changes.pop(name, item) for name, item in zip(cls._fields, trace.fields_of(self))]
    if changes:
        trace.raise_now(ValueError(f"Got unexpected field names: {list(changes)!r}"))
    return trace.named_tuple(cls, items)


def _named_asdict(trace: Staging, self: Any) -> Any:
    return trace.new_dict(*zip(_class_of_named(trace, self)._fields, trace.fields_of(self)))


def _named_count(trace: Staging, self: Any, value: Any) -> Any:
    return trace.call(operator.countOf, trace.fields_of(self), value)


def _named_index(trace: Staging, self: Any, value: Any) -> Any:
    return trace.apply(METHODS["index"], trace.fields_of(self), value, type=INT)


NAMED_METHODS: dict[str, Callable[..., Any]] = {
    "_replace": _named_replace,
    "_asdict": _named_asdict,
    "count": _named_count,
    "index": _named_index,
}


# -- dataclasses


@answers(dataclasses.fields)
def _fields(trace: Staging, obj: Any) -> Any:
    return trace.fields(obj)


def _class_of_record(trace: Staging, obj: Any, name: str) -> type:
    """The class of the dataclass instance that ``dataclasses.name`` is given; raises as that does for anything else."""
    cls = record_class(obj)
    if cls is not None:
        return cls
    _check_known(trace, obj, name)
    trace.raise_now(TypeError(f"{name}() should be called on dataclass instances"))


def _check_known(trace: Staging, obj: Any, name: str) -> None:
    """Refuse what may or may not be an instance of a dataclass."""
    found = options(obj.graph_value.type) if isinstance(obj, Tracer) else ()
    if any(isinstance(kind, AnyType) or isinstance(kind, ObjectType) and dataclasses.is_dataclass(kind.cls)
           for kind in found):  # fmt: skip
        trace.refuse(
            f"Whether {name}() is given a dataclass is known only when the graph runs.",
            fix=f"call {name}() where it is known, on the path that makes the object",
        )


@answers(dataclasses.is_dataclass)
def _is_dataclass(trace: Staging, obj: Any) -> bool:
    if record_class(obj) is None:
        _check_known(trace, obj, "is_dataclass")
    return record_class(obj) is not None or dataclasses.is_dataclass(unwrap(obj))


@answers(dataclasses.replace)
def _dataclass_replace(trace: Staging, obj: Any, /, **changes: Any) -> Any:
    cls = _class_of_record(trace, obj, "replace")
    for field in cls.__dataclass_fields__.values():
        if field._field_type is OF_CLASS:
            continue
        if not field.init:
            if field.name in changes:
                trace.raise_now(
                    ValueError(
                        f"field {field.name} is declared with init=False, it cannot be specified with replace()"
                    )
                )
        elif field.name not in changes:
            if field._field_type is INIT_ONLY and field.default is dataclasses.MISSING:
                trace.raise_now(ValueError(f"InitVar {field.name!r} must be specified with replace()"))
            changes[field.name] = getattr(obj, field.name)
    return trace.call(cls, **changes)


@answers(dataclasses.asdict)
def _asdict_of(trace: Staging, obj: Any, *, dict_factory: Any = dict) -> Any:
    _class_of_record(trace, obj, "asdict")

    def combined(record: Any) -> Any:
        pairs = [(field.name, _inside(trace, getattr(record, field.name), combined)) for field in trace.fields(record)]
        if unwrap(dict_factory) is dict:
            return trace.new_dict(*pairs)
        return trace.call(dict_factory, trace.new_list(*pairs))

    return combined(obj)


@answers(dataclasses.astuple)
def _astuple_of(trace: Staging, obj: Any, *, tuple_factory: Any = tuple) -> Any:
    _class_of_record(trace, obj, "astuple")

    def combined(record: Any) -> Any:
        items = [_inside(trace, getattr(record, field.name), combined) for field in trace.fields(record)]
        return tuple(items) if unwrap(tuple_factory) is tuple else trace.call(tuple_factory, trace.new_list(*items))

    return combined(obj)


def _inside(trace: Staging, value: Any, combined: Callable[[Any], Any]) -> Any:
    """A field as ``asdict`` and ``astuple`` give it: records inside are taken apart, all else is copied."""
    if record_class(value) is not None:
        return combined(value)
    cls = trace.named_class(value)
    if cls is not None:
        return trace.named_tuple(cls, [_inside(trace, item, combined) for item in trace.fields_of(value)])
    if type(value) is tuple:
        return tuple([_inside(trace, item, combined) for item in value])
    if isinstance(value, Tracer) and any(map(_holds_records, _parts_of(trace, value))):
        if trace.container_class(value) is None and not isinstance(type_of(value), ObjectType):
            return _copied_list(trace, value, combined)
        trace.refuse(
            "asdict() and astuple() of records inside of other objects are not supported.",
            fix="write the fields out one by one",
        )
    return trace.call(copy.deepcopy, value)


def _parts_of(trace: Staging, value: Tracer) -> list[Type]:
    keys, items = trace.contents(value)
    return [*options(type_of(value)), *options(keys.type), *options(items.type)]


def _holds_records(type_: Type) -> bool:
    if isinstance(type_, TupleType):
        return any(_holds_records(option) for item in type_.items for option in options(item))
    return isinstance(type_, ObjectType) and dataclasses.is_dataclass(type_.cls)


def _copied_list(trace: Staging, value: Tracer, combined: Callable[[Any], Any]) -> Any:
    """A list or dict of records."""
    known = trace.known_items(value)
    is_dict = hasattr(type_of(value), "key")
    if known is not None and not is_dict:
        return trace.new_list(*[_inside(trace, item, combined) for item in known])
    made = trace.new_dict() if is_dict else trace.new_list()

    def body(item: Any) -> tuple[()]:
        if is_dict:
            trace.set_item(made, item, _inside(trace, trace.get_item(value, item), combined))
        else:
            trace.call_method(made, "append", _inside(trace, item, combined))
        return ()

    trace.for_(value, body, (), ())
    return made


# -- objects


@answers(object.__setattr__)
def _object_setattr(trace: Staging, obj: Any, name: Any, value: Any) -> None:
    trace.store_plain(obj, name, value)


@answers(object.__new__)
def _object_new(trace: Staging, cls: Any, *args: Any, **kwargs: Any) -> Any:
    return trace.allocate(unwrap(cls))


@answers(object.__init__)
def _object_init(trace: Staging, obj: Any) -> None:
    return None


@answers(hash)
def _hash(trace: Staging, value: Any) -> Any:
    return trace.hash_of(value) if trace.is_own_key(value) else trace.apply(TABLE.meaning(hash), value)

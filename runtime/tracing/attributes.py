"""Attributes and variables that outlive a scope: of objects, modules, closures and the boxed variables of a call.

What such a variable holds when the call begins is an input of the graph; a write is a node, at its place in the
order of effects.
"""

from __future__ import annotations

import inspect
import io
import random
import types
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from ..ir.type_text import describe_type
from ..ir.types import (
    NEVER,
    NONE,
    STR,
    UNBOUND,
    AnyType,
    ArrayType,
    ConstantType,
    DictType,
    IntType,
    ListType,
    ObjectType,
    PythonType,
    RangeType,
    ScalarType,
    SetType,
    TupleType,
    Type,
    UnboundType,
    UnionType,
    join,
    options,
)
from ..ops import TABLE
from ..ops.attributes import FLAGS
from ..ops.callbacks import PythonFunction
from ..ops.closures import is_record
from ..ops.containers import BYTES_METHODS, METHODS, STRING_METHODS
from ..ops.effects import (
    DELETE,
    EXPECTED,
    LOAD,
    LOAD_OWN,
    LOAD_VARIABLE,
    NARROWED,
    SET_SHAPE,
    STORE,
    VARIABLES,
    Variables,
)
from ..ops.op import Result
from ..ops.stand_ins import CACHED
from .classes import class_attribute, class_name, has_user_method
from .current import current
from .descriptors import computed, is_computed, missing_part, stored_by
from .heap import Loadable, State, attribute, bound_part, fitting, joined, loadable, may_be_unbound
from .keys import is_graph_function
from .library_values import library_attribute, library_class
from .methods import Methods
from .trace import is_user_namespace
from .tracer import BoundMethod, Namespace, Tracer, UserMethod

CALLING_NOTHING = (io.StringIO, random.Random.__base__)  # none of whose methods calls another
NOT_CALLED = ("__init__", "__new__", "__init_subclass__")  # by any method
NAMES_OF_CLASSES = ("__name__", "__qualname__", "__module__")
STATIC_ATTRIBUTES: dict[str, Callable[[Any], Any]] = {"ndim": lambda type: type.rank, "dtype": lambda type: type.dtype}


class SharedVariables:
    """The variables of one call that inner functions share, as generated code sees them."""

    __slots__ = ("graph_trace", "graph_tracer")

    def __init__(self, trace: Any, tracer: Tracer) -> None:
        object.__setattr__(self, "graph_trace", trace)
        object.__setattr__(self, "graph_tracer", tracer)

    def __getattr__(self, name: str) -> Any:
        return self.graph_trace.read_variable(self.graph_tracer, name, False)

    def free(self, name: str) -> Any:
        """The variable as an inner function reads it."""
        return self.graph_trace.read_variable(self.graph_tracer, name, True)

    def __setattr__(self, name: str, value: Any) -> None:
        self.graph_trace.set_attribute(self.graph_tracer, name, value)

    def __delattr__(self, name: str) -> None:
        self.graph_trace.read_variable(self.graph_tracer, name, False)
        self.graph_trace.delete_attribute(self.graph_tracer, name)

    def set(self, name: str, value: Any) -> Any:
        """Assign as an expression."""
        setattr(self, name, value)
        return value


class Attributes(Methods):
    """The part of a trace that reads and writes attributes and outer variables."""

    function_attribute: Callable[..., Any]  # see closures, logic, calls, asking
    if_: Callable[..., Any]
    in_: Callable[..., Any]
    narrowed: Callable[..., Any]
    is_answered: Callable[[Any], bool]
    check_order: Callable[..., None]

    def scope(self) -> SharedVariables:
        thing = self.new_object("object", State(), Variables, "variables")
        return SharedVariables(self, self.apply(VARIABLES, refs=frozenset((thing,))))

    def read_variable(self, variables: Tracer, name: str, free: bool) -> Any:
        """A variable of the call; ``free`` where an inner function reads it."""
        item = self.attribute_of(variables, name)
        if isinstance(item, Loadable) and may_be_unbound(item.type):
            return self.loaded(LOAD_VARIABLE, Loadable(bound_part(item.type), item.refs), variables, name, free)
        return self.held_attribute(variables, name, item)

    # -- objects

    def attribute_of(self, tracer: Tracer, name: str) -> Any:
        """What the heap says an attribute holds, over all objects that ``tracer`` may be."""
        found = [attribute(thing, self.heap[thing], name) for thing in tracer.graph_refs]
        if not found:
            return Loadable(AnyType())
        first = found[0]
        return (
            first
            if len(found) == 1
            else Loadable(
                join(*(loadable(item).type for item in found)),
                frozenset().union(*(loadable(item).refs for item in found)),
            )
        )

    def held_attribute(self, tracer: Tracer, name: str, item: Any) -> Any:
        """The attribute, of which the heap says that it holds ``item``."""
        if not isinstance(item, Loadable):
            return item
        result = self.loaded(LOAD, item, tracer, name)
        if len(tracer.graph_refs) == 1:
            (thing,) = tracer.graph_refs
            if thing not in self.heap.summaries:
                self._set_known(thing, name, result)
        return result

    def _set_known(self, thing: Any, name: str, item: Any) -> None:
        state = self.heap[thing]
        self.heap = self.heap.with_state(thing, replace(state, known={**(state.known or {}), name: item}))

    def get_attribute(self, tracer: Tracer, name: str) -> Any:
        if name == "keys" and isinstance(tracer.graph_value.type, ObjectType) and self.places.is_spreading():
            self._check_spread(tracer)
        type_ = tracer.graph_value.type
        if isinstance(type_, TupleType) and name in getattr(type_.cls, "_fields", ()):
            return self.get_item(tracer, type_.cls._fields.index(name))
        if isinstance(type_, ObjectType):
            if is_record(type_):
                return self.function_attribute(tracer, name)
            return self._object_attribute(tracer, type_.cls, name)
        found = options(type_)
        if len(found) > 1 and all(isinstance(option, ObjectType) for option in found):
            if all(has_user_method(option, name) or _is_op(option, name) for option in found):
                return BoundMethod(tracer, name)
            return self.by_class(tracer, lambda one: self.get_attribute(one, name))
        if len(found) > 1 and any(isinstance(option, ObjectType) for option in found):
            return self.get_attribute(self._expected(tracer, name, False), name)
        if isinstance(type_, ArrayType) and name in STATIC_ATTRIBUTES:
            return STATIC_ATTRIBUTES[name](type_)
        if isinstance(type_, ScalarType) and name in ("ndim", "dtype"):
            if name == "ndim":
                return 0
            # how long a text is in an array is not how long it is
            return self.apply(LOAD, tracer, name, type=AnyType()) if type_.dtype.kind in "SUV" else type_.dtype
        cls = library_class(type_)
        found_there = None if cls is None else library_attribute(self, tracer, cls, name)
        if found_there is not None:
            return found_there[0]
        op = TABLE.by_name.get(f"attribute.{name}")
        if op is not None and not isinstance(type_, (ListType, DictType, SetType)) and type_ != STR:
            return self.apply(op, tracer)
        if self._has_method(type_, name):
            if all(not isinstance(option, AnyType) and self.may_have(option, name) for option in found):
                return BoundMethod(tracer, name)
            self.apply(EXPECTED, tracer, (), name)    # what is behind the call, as its arguments, comes after the error
            return BoundMethod(tracer, name, self.block.nodes[-1])
        if name in NAMES_OF_CLASSES and any(isinstance(option, AnyType) for option in found):
            return self.apply(LOAD, tracer, name, type=AnyType())
        if all(not self.may_have(option, name) for option in found):
            if name == "keys" and len(found) == 1 and self.places.is_spreading():
                self.no_mapping = class_name(type_)
                raise AttributeError(name)    # of ``f(**value)``, for which Python says what it must be
            return self.apply(EXPECTED, tracer, (), name, type=NEVER)
        return self.refuse(
            f"The attribute '{name}' is not supported.",
            [("its object", describe_type(type_))],
            fix="read it before the call, and pass it as an argument",
        )

    def _check_spread(self, tracer: Tracer) -> None:
        """Refuse ``**obj`` of an object that is a mapping; raise what says that one is none to Python."""
        type_ = tracer.graph_value.type
        assert isinstance(type_, ObjectType)
        if has_user_method(type_, "keys"):
            self.refuse(
                "What '**' takes apart here is an object with a method 'keys' of the program's own.",
                fix="make a dict of it first: **dict(value)",
            )
        state = self.only_state(tracer)
        is_known = state is not None and state.known is not None and "keys" not in state.known
        if is_known and not hasattr(type_.cls, "keys") and not has_user_method(type_, "__getattr__"):
            self.no_mapping = class_name(type_)
            raise AttributeError("keys")

    def _has_method(self, type_: Type, name: str) -> bool:
        match type_:
            case ListType():
                return name in METHODS and hasattr(list, name)
            case DictType():
                return name in METHODS and hasattr(dict, name)
            case SetType():
                return name in METHODS and hasattr(set, name)
            case PythonType(cls) if cls is str:
                return name in STRING_METHODS
            case PythonType(cls) if cls is bytes:
                return name in BYTES_METHODS
            case ArrayType() | ScalarType() | PythonType() | IntType():
                return name in TABLE.by_method and self.may_have(type_, name)
            case RangeType():
                return name in ("index", "count")
            case UnionType() | AnyType():
                return name in TABLE.by_method or name in METHODS or name in STRING_METHODS
        return False

    @staticmethod
    def may_have(type_: Type, name: str) -> bool:
        """Whether values of ``type_`` have such an attribute in Python."""
        match type_:
            case ArrayType():
                return hasattr(np.ndarray, name)
            case ScalarType(dtype):
                return hasattr(dtype.type, name)
            case IntType():
                return hasattr(int, name)
            case PythonType(cls):
                return hasattr(cls, name)
            case ListType():
                return hasattr(list, name)
            case DictType():
                return hasattr(dict, name)
            case SetType():
                return hasattr(set, name)
            case ConstantType(value):
                return hasattr(value, name)
            case UnboundType():
                return False
        return True

    def _object_attribute(self, tracer: Tracer, cls: type, name: str) -> Any:
        found, kind = class_attribute(cls, name)
        if is_computed(found):
            return computed(current(), tracer, cls, name)
        if isinstance(found, types.MemberDescriptorType) and is_user_namespace(kind):
            kind = None  # a slot, in which the object itself holds what there is
        if _op_of(cls, name) is not None:
            return UserMethod(found, tracer)
        item = self.attribute_of(tracer, name)
        bound = [option for option in options(loadable(item).type) if option != UNBOUND]
        if not isinstance(item, Loadable) or len(bound) == len(options(item.type)):
            return self.held_attribute(tracer, name, item)
        if not bound and kind is not None:
            return self._class_value(tracer, cls, found, kind, name)
        if kind is not None:
            default = self.storable(self._class_value(tracer, cls, found, kind, name))
            own = Loadable(join(*bound), loadable(item).refs)
            return self.loaded(LOAD_OWN, joined([own, default]), tracer, name, default)
        return self.loaded(LOAD, Loadable(join(*bound) if bound else NEVER, loadable(item).refs), tracer, name)

    def check_calls_nothing(self, cls: type, found: Any, kind: type) -> None:
        """Refuse ``found``, a method of the library's class ``kind``, if it may call others that ``cls`` replaces."""
        if TABLE.of_callable(found) is None or getattr(found, "__objclass__", None) in CALLING_NOTHING:
            return
        for base in cls.__mro__[: cls.__mro__.index(kind)]:
            for name, own in vars(base).items() if is_user_namespace(base) else ():
                if callable(own) and hasattr(kind, name) and name not in (found.__name__, *NOT_CALLED):
                    self.refuse(
                        f"'{kind.__name__}.{found.__name__}' may call '{base.__name__}.{name}', a method of the "
                        "program's own.",
                        fix="ask it in a loop or expression of your own, and use what it returns",
                    )

    def _class_value(self, tracer: Tracer, cls: type, found: Any, kind: type, name: str) -> Any:
        self.check_calls_nothing(cls, found, kind)
        if isinstance(found, staticmethod):
            return found.__func__
        if isinstance(found, classmethod):
            return UserMethod(found.__func__, Namespace(cls))
        if isinstance(found, (types.FunctionType, CACHED)):
            return UserMethod(found, tracer)
        if is_graph_function(found):
            return UserMethod(found if isinstance(found, PythonFunction) else found.eager, tracer)
        if self.is_answered(found) or TABLE.of_callable(found) is not None:
            return UserMethod(found, tracer)
        if inspect.ismethoddescriptor(found) and callable(found):
            self.refuse(
                f"'{cls.__name__}.{name}' is built in, and is not supported in a graph.",
                fix="do this before the call and pass the result, or use a list, a dict, a set or an array",
            )
        if hasattr(type(found), "__get__"):
            return self.apply(LOAD, tracer, name, type=AnyType())
        return self.read_namespace(kind, name)

    def _expected(self, tracer: Tracer, name: str, writes: bool) -> Tracer:
        """``tracer`` as the object it has to be, since nothing else that it may be has the attribute."""
        found = options(tracer.graph_value.type)
        objects = [option for option in found if isinstance(option, ObjectType)]
        if any(self.may_have(option, name) for option in found if not isinstance(option, ObjectType)):
            self.refuse(
                f"The attribute '{name}' is used of what may be an object or something else that has it.",
                [("it may be", describe_type(tracer.graph_value.type))],
                fix="test with isinstance() first",
            )
        classes = tuple(option.cls for option in objects)
        value = self.apply(EXPECTED, tracer, classes, name, writes, type=join(*objects), refs=tracer.graph_refs)
        return Tracer(value.graph_value, fitting(tracer.graph_refs, join(*objects)))

    def set_attribute(self, tracer: Tracer, name: str, value: Any) -> None:
        type_ = tracer.graph_value.type
        found = options(type_)
        value = self.storable(value)
        if len(found) > 1 and any(isinstance(option, ObjectType) for option in found):
            if any(not isinstance(option, ObjectType) for option in found):
                tracer = self._expected(tracer, name, True)
            if len(options(tracer.graph_value.type)) > 1:
                self.by_class(tracer, lambda one: self.set_attribute(one, name, value))
                return
            type_ = tracer.graph_value.type
        if not isinstance(type_, ObjectType):
            if name == "shape" and isinstance(type_, ArrayType):
                self._set_shape(tracer, value)
                return
            setter = TABLE.by_name.get(f"set_attribute.{name}")
            if setter is not None:
                self.apply(setter, tracer, value)
                return
            if library_class(type_) is not None and not name.startswith("_"):
                self.apply(EXPECTED, tracer, (), name, True, type=NEVER)
            if type_ == PythonType(FLAGS) or all(not self.may_have(option, name) for option in options(type_)):
                self.apply(EXPECTED, tracer, (), name, True, type=NEVER)
            self.refuse(
                f"Assigning to the attribute '{name}' is not supported.",
                [("its object", describe_type(type_))],
                fix="make a new array: x.view(...), x.astype(...) or x.copy()",
            )
        found, _ = class_attribute(type_.cls, name)
        if isinstance(found, property):
            if found.fset is None:
                self.raise_now(missing_part(found, type_.cls, property.__set__, None))
            self.call(found.fset, tracer, value)
            return
        setter = stored_by(current(), tracer, type_.cls, name, "__set__")
        if setter is not None:
            self.call(setter, tracer, value)
            return
        custom, owner = class_attribute(type_.cls, "__setattr__")
        if isinstance(custom, types.FunctionType) and owner is not object:
            self.call(UserMethod(custom, tracer), name, value)
            return
        if any(thing.initial is not None for thing in tracer.graph_refs):
            self.check_outlives(value, f"kept in '{name}'")
        self.apply(STORE, tracer, name, value)
        self._store_known(tracer, name, value)

    def _may_have_aliases(self, array: Tracer) -> bool:
        """Whether another value of the trace may be the same array: it was not made here, or not for itself alone."""
        value = array.graph_value
        if value in self.root.inputs:
            type_ = value.type
            others = [other.type for other in self.root.inputs if other is not value]
            return not isinstance(type_, ArrayType) or any(
                isinstance(other, ArrayType) and other.dtype == type_.dtype for other in others
            )
        maker = next((node for node in self.block.nodes if value in node.outputs), None)
        return maker is None or maker.op.result is not Result.FRESH and maker.op not in (SET_SHAPE, NARROWED)

    def _set_shape(self, array: Tracer, shape: Any) -> None:
        """``array.shape = shape``: the array stays, its type changes for all that comes after."""
        held = any(
            isinstance(item, Loadable) and any(isinstance(option, ArrayType) for option in options(item.type))
            for state in self.heap.states.values()
            for item in (state.item, *(state.known or {}).values())
        )
        if not self.block.owns(array.graph_value) or held or self._may_have_aliases(array):
            self.refuse(
                "The shape of an array is set where another reference to it may be used.",
                fix="write x = x.reshape(...)",
            )
        type_ = self.infer(TABLE.by_method["reshape"], ((array, shape), {}))
        self.apply(SET_SHAPE, array, shape, type=NONE if type_ != NEVER else NEVER)
        object.__setattr__(array, "graph_value", self.emit(NARROWED, *self.arranged(array), type_))

    def _store_known(self, tracer: Tracer, name: str, value: Any) -> None:
        for thing in tracer.graph_refs:
            if len(tracer.graph_refs) == 1 and thing not in self.heap.summaries:
                self._set_known(thing, name, value)
            else:
                before = loadable(attribute(thing, self.heap[thing], name))
                after = loadable(value)
                self._set_known(thing, name, Loadable(join(before.type, after.type), before.refs | after.refs))

    def delete_attribute(self, tracer: Tracer, name: str) -> None:
        if not isinstance(tracer.graph_value.type, ObjectType):
            self.refuse(
                f"The attribute '{name}' is deleted.",
                [("its object", describe_type(tracer.graph_value.type))],
                fix="test with isinstance() first that it is an object of your class",
            )
        cls = tracer.graph_value.type.cls
        custom, owner = class_attribute(cls, "__delattr__")
        if isinstance(custom, types.FunctionType) and owner is not object:
            self.call(UserMethod(custom, tracer), name)
            return
        found, _ = class_attribute(cls, name)
        deleter = stored_by(current(), tracer, cls, name, "__delete__")
        if isinstance(found, property):
            if found.fdel is None:
                self.raise_now(missing_part(found, cls, property.__delete__))
            deleter = UserMethod(found.fdel, tracer)
        if deleter is not None:
            self.call(deleter, *([tracer] if deleter.receiver is not tracer else []))
            return
        self.apply(DELETE, tracer, name, type=NONE)
        self._store_known(tracer, name, Loadable(UNBOUND))

    def aug_attr(self, obj: Any, name: str, symbol: str, value: Callable[[], Any]) -> None:
        setattr(obj, name, self.in_place(symbol, getattr(obj, name), value()))

def _is_op(type_: Type, name: str) -> bool:
    """Whether a method of a built-in class is an op; its objects have no attributes of their own."""
    return isinstance(type_, ObjectType) and _op_of(type_.cls, name) is not None


def _op_of(cls: type, name: str) -> Any:
    found, _ = class_attribute(cls, name)
    holds_nothing = not cls.__dictoffset__ or cls is random.Random
    return found if TABLE.of_callable(found) is not None and holds_nothing else None

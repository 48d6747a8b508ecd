"""Attributes and variables that outlive a scope: of objects, modules, closures and the boxed variables of a call.

What such a variable holds when the call begins is an input of the graph; a write is a node, at its place in the
order of effects.
"""

from __future__ import annotations

import inspect
import operator
import random
import types
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..ir.type_text import describe_type
from ..ir.types import (
    BOOL,
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
from ..ops.containers import ANY_LIST, BYTES_METHODS, METHODS, STRING_METHODS
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
from .classes import class_attribute, has_user_method, is_function
from .current import current
from .descriptors import computed, is_computed, missing_part, stored_by
from .heap import (
    Loadable,
    State,
    appended,
    attribute,
    bound_part,
    fitting,
    held,
    joined,
    loadable,
    may_be_unbound,
    type_of,
)
from .items import IN_PLACE
from .keys import is_graph_function
from .methods import Methods
from .protocols import check_given, meets_array
from .trace import is_user_namespace
from .tracer import BoundMethod, Namespace, Tracer, UserMethod

NAMES_OF_CLASSES = ("__name__", "__qualname__", "__module__")
NOT_IMPLEMENTED = type_of(NotImplemented)
REFLECTED = {"lt": "gt", "gt": "lt", "le": "ge", "ge": "le", "eq": "eq", "ne": "ne"}
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
    narrowed: Callable[..., Any]
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
        op = TABLE.by_name.get(f"attribute.{name}")
        if op is not None and not isinstance(type_, (ListType, DictType, SetType)) and type_ != STR:
            return self.apply(op, tracer)
        if self._has_method(type_, name):
            return BoundMethod(tracer, name)
        if name in NAMES_OF_CLASSES and any(isinstance(option, AnyType) for option in found):
            return self.apply(LOAD, tracer, name, type=AnyType())
        if all(not self.may_have(option, name) for option in found):
            return self.apply(EXPECTED, tracer, (), name, type=NEVER)
        return self.refuse(
            f"The attribute '{name}' is not supported.",
            [("its object", describe_type(type_))],
            fix="read it before the call, and pass it as an argument",
        )

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

    def _class_value(self, tracer: Tracer, cls: type, found: Any, kind: type, name: str) -> Any:
        if isinstance(found, staticmethod):
            return found.__func__
        if isinstance(found, classmethod):
            return UserMethod(found.__func__, Namespace(cls))
        if isinstance(found, types.FunctionType):
            return UserMethod(found, tracer)
        if is_graph_function(found):
            return UserMethod(found if isinstance(found, PythonFunction) else found.eager, tracer)
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
        setattr(obj, name, IN_PLACE[symbol](getattr(obj, name), value()))

    # -- operators

    def operate(self, name: str, *operands: Any) -> Any:
        """An operator on tracers; what a user's class defines for it comes first."""
        several = next((i for i, operand in enumerate(operands) if _may_be_asked(name, operand)), None)
        if several is not None:
            before, after = operands[:several], operands[several + 1 :]
            return self.by_class(operands[several], lambda one: self.operate(name, *before, one, *after))
        return self._first_answer(_candidates(name, *operands), name, operands)

    def _first_answer(self, candidates: Sequence[tuple[Any, ...]], name: str, operands: Sequence[Any]) -> Any:
        """What the first of the methods gives that does not return ``NotImplemented``, else the operator itself."""
        if not candidates:
            return self._plain_operator(name, *operands)
        (receiver, special, *others), *rest = candidates
        cls = receiver.graph_value.type.cls
        found, _ = class_attribute(cls, special)
        negated = special == "__ne__" and found is object.__ne__ and has_user_method(type_of(receiver), "__eq__")
        if negated:
            found, _ = class_attribute(cls, "__eq__")
        if not isinstance(found, types.FunctionType):
            return self._first_answer(rest, name, operands)
        result = self.call(found, receiver, *others)
        kinds = [option for option in options(type_of(result)) if option != NOT_IMPLEMENTED]
        if kinds and len(kinds) == len(options(type_of(result))):
            return self.not_(result) if negated else result
        self.check_order(special, operands)
        if not kinds:
            return self._first_answer(rest, name, operands)

        def answer() -> Any:
            known = self.narrowed(result, join(*kinds))
            return self.not_(known) if negated else known

        flag = self.is_(result, NotImplemented)
        return self.if_(flag, lambda: self._first_answer(rest, name, operands), answer, (), ())

    def _plain_operator(self, name: str, *operands: Any) -> Any:
        if name == "divmod":
            return self.apply(TABLE.meaning(divmod), *operands)
        if name == "abs":
            return self.apply(TABLE.meaning(abs), *operands)
        function = getattr(operator, name if hasattr(operator, name) else f"{name}_")
        if meets_array(operands):
            check_given(self, "An operator of arrays", operands)
        elif name in ("eq", "ne") and any(has_user_method(type_of(operand), "__eq__") for operand in operands):
            return self.is_(*operands) if name == "eq" else self.is_not(*operands)
        if name in ("eq", "ne") and all(map(is_function, operands)):
            return self.apply(TABLE.meaning(function), *map(self.storable, operands), type=BOOL)
        if name == "add" and all(isinstance(type_of(operand), ListType) for operand in operands):
            return self._joined_lists(*operands)
        return self.apply(TABLE.meaning(function), *operands)

    def _joined_lists(self, a: Tracer, b: Tracer) -> Any:
        """``a + b`` of two lists."""
        op, items = TABLE.meaning(operator.add), []
        for state in (self.only_state(a), self.only_state(b)):
            if state is None or state.known is None:
                return self.apply(op, a, b)
            items += state.known.values()
        return self.made(op, (a, b), ANY_LIST, "list", State(dict(enumerate(items))))

    def operate_in_place(self, name: str, target: Tracer, other: Any) -> Any:
        type_ = target.graph_value.type
        if isinstance(type_, ObjectType):
            found, _ = class_attribute(type_.cls, f"__i{name}__")
            if found is not None:
                return self.call(found, target, other)
            asked = [class_attribute(receiver.graph_value.type.cls, method)[0]
                     for receiver, method, *_ in _candidates(name, target, other)]
            if hasattr(type_.cls, f"__{name}__") or any(isinstance(method, types.FunctionType) for method in asked):
                return self.operate(name, target, other)
        op = TABLE.meaning(getattr(operator, f"i{name}"))
        if isinstance(type_, ListType) and name == "add":
            known = self.known_items(other)
            item = self.iterated(other)
            self.apply(op, target, other, type=type_, refs=target.graph_refs)
            self.change(target, lambda state: _extended(state, known, item), lambda state: _extended(state, None, item))
            return target
        if isinstance(type_, ListType | SetType | DictType):
            self.apply(op, target, other, type=type_, refs=target.graph_refs)
            if isinstance(type_, DictType):
                self.havoc(target, self.merged(other))
            elif isinstance(type_, SetType):
                self.havoc(target, [self.iterated(other)])
            return target
        result = self.apply(op, target, self.spelled(other))
        if isinstance(type_, ArrayType) and isinstance(type_of(result), ArrayType):
            return target
        if target.graph_refs and not isinstance(type_, ArrayType):
            self.havoc(target, [self.iterated(other)])
        return result


def _may_be_asked(name: str, operand: Any) -> bool:
    """Whether ``operand`` may be an object of one of several classes, of which one says what an operator gives."""
    found = options(type_of(operand)) if isinstance(operand, Tracer) else ()
    methods = [f"__{name}__", f"__{REFLECTED.get(name, f'r{name}')}__", *(["__eq__"] if name == "ne" else [])]
    return len(found) > 1 and any(has_user_method(option, method) for option in found for method in methods)


def _is_op(type_: Type, name: str) -> bool:
    """Whether a method of a built-in class is an op; its objects have no attributes of their own."""
    return isinstance(type_, ObjectType) and _op_of(type_.cls, name) is not None


def _op_of(cls: type, name: str) -> Any:
    found, _ = class_attribute(cls, name)
    holds_nothing = not cls.__dictoffset__ or cls is random.Random
    return found if TABLE.of_callable(found) is not None and holds_nothing else None


def _candidates(name: str, first: Any, *second: Any) -> list[tuple[Any, ...]]:
    """The objects whose class may say what an operator gives: each with its method and the method's arguments."""
    special, reflected = f"__{name}__", f"__{REFLECTED.get(name, f'r{name}')}__"
    a = first.graph_value.type if isinstance(first, Tracer) else None
    candidates: list[tuple[Any, ...]] = [(first, special, *second)] if isinstance(a, ObjectType) else []
    for other in second:
        b = other.graph_value.type if isinstance(other, Tracer) else None
        if not isinstance(b, ObjectType) or isinstance(a, ArrayType | ScalarType) and not _steps_back(b.cls):
            continue
        if a == b and name not in REFLECTED:
            continue
        candidates.append((other, reflected, first))
        if isinstance(a, ObjectType) and a != b and issubclass(b.cls, a.cls):
            candidates.reverse()
    return candidates


def _steps_back(cls: type) -> bool:
    """Whether NumPy leaves its operators to ``cls`` instead of taking an object of it as an array of objects."""
    value, owner = class_attribute(cls, "__array_ufunc__")
    return owner is not None and value is None or getattr(cls, "__array_priority__", 0) > 0


def _extended(state: State, known: Any, item: Loadable) -> State:
    return held(state, [item]) if known is None else appended(state, known)

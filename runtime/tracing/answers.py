"""Calls that are answered by what the trace knows: of types and attributes, containers and iterators.

``ANSWERS`` maps a callable to its rule, which is given the trace and the arguments of the call.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ..ir.types import (
    ANY,
    INT,
    AnyType,
    ArrayType,
    ConstantType,
    DictType,
    IntType,
    IteratorType,
    ListType,
    ObjectType,
    PythonType,
    ScalarType,
    TupleType,
    Type,
    join,
    options,
    scalar_of,
)
from ..ops import TABLE
from ..ops.closures import CALLABLE
from ..ops.containers import ANY_DICT, ANY_LIST, ITERATOR, JOINED_LIST, JOINED_TUPLE, MERGED_DICT, NEXT
from ..ops.effects import NEW
from . import library
from .classes import class_attribute, class_name, class_of, has_user_method, is_sequence, says_truth
from .heap import NOTHING, Loadable, State, joined, refs_of, type_of
from .items import DictView, Star
from .misfits import check_iterator, special
from .overriding import mapping_given
from .tracer import Namespace, Tracer, UserMethod, unwrap, with_facts

if TYPE_CHECKING:
    from .staging import Staging


ANSWERS: dict[Any, Callable[..., Any]] = {}
NAMED: dict[str, Callable[..., Any]] = {}   # by module and name, of modules that few import


def answers(*functions: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Let the decorated rule answer calls of ``functions``."""

    def register(rule: Callable[..., Any]) -> Callable[..., Any]:
        for function in functions:
            ANSWERS[function] = rule
        return rule

    return register


class Super:
    """``super(cls, receiver)``: attributes of the classes after ``cls`` in the receiver's order."""

    __slots__ = ("_super_class", "_super_receiver", "_super_trace")

    def __init__(self, trace: Staging, cls: type, receiver: Any) -> None:
        self._super_trace, self._super_class, self._super_receiver = trace, cls, receiver

    def __getattribute__(self, name: str) -> Any:
        if name.startswith("_super_") or name == "__class__":
            return object.__getattribute__(self, name)
        return self._super_trace.read_super(self._super_class, self._super_receiver, name)


def _no_instance(kind: str, cls: str) -> str:
    """What Python says of ``super(cls, obj)`` where ``obj`` is of the class ``kind``."""
    if sys.version_info >= (3, 13):
        return f"super(type, obj): obj (instance of {kind}) is not an instance or subtype of type ({cls})."
    return "super(type, obj): obj must be an instance or subtype of type"


@answers(super)
def _super(trace: Staging, cls: Any, receiver: Any) -> Any:
    found = options(type_of(receiver)) if isinstance(receiver, Tracer) else ()
    fitting = [option for option in found if issubclass(class_of(option) or unwrap(cls), unwrap(cls))]
    for option in found:
        if option in fitting:
            continue
        error = TypeError(_no_instance(class_name(option), unwrap(cls).__name__))
        if not fitting:
            trace.raise_now(error)
        is_that = trace.is_(trace.call(type, receiver), class_of(option))
        trace.if_(is_that, functools.partial(trace.raise_now, error), lambda: None, (), ())
    if len(fitting) < len(found):
        receiver = trace.narrowed(receiver, join(*fitting))
    return Super(trace, unwrap(cls), receiver)


@answers(type)
def _type(trace: Staging, value: Any, *parts: Any, **keywords: Any) -> Any:
    if len(parts) == 1:
        trace.raise_now(TypeError("type() takes 1 or 3 arguments"))
    if parts:
        return trace.class_by_call(type.__new__, type, value, *parts, **keywords)
    found = options(type_of(value))
    cls = class_of(found[0]) if len(found) == 1 else None
    if cls is None or any(not thing.is_exact for thing in refs_of(value)):
        refers = {"refs": NOTHING} if all(_is_of_a_module(class_of(option)) for option in found) else {}
        return trace.apply(TABLE.by_name["type"], value, **refers)
    return Namespace(cls) if isinstance(found[0], ObjectType) else cls


def _is_of_a_module(cls: type | None) -> bool:
    """Whether a class is what a module calls by its name: then it was not made in the call."""
    return cls is not None and getattr(sys.modules.get(cls.__module__), cls.__qualname__, None) is cls


@answers(bool)
def _bool(trace: Staging, *value: Any) -> Any:
    is_asked = len(value) == 1 and (isinstance(type_of(value[0]), ObjectType) or says_truth(type_of(value[0])))
    return trace.truth(*value) if is_asked else trace.apply(TABLE.meaning(bool), *value)


@answers(callable)
def _callable(trace: Staging, value: Any) -> Any:
    if not isinstance(value, Tracer):
        return callable(unwrap(value)) or isinstance(value, UserMethod)
    parts: dict[bool, list[Type]] = {True: [], False: []}
    for option in options(value.graph_value.type):
        if isinstance(option, AnyType):
            return trace.apply(CALLABLE, value)
        is_one = isinstance(option, ObjectType) and class_attribute(option.cls, "__call__")[0] is not None
        parts[is_one or isinstance(option, ConstantType) and callable(option.value)].append(option)
    if not all(parts.values()):
        return bool(parts[True])
    return with_facts(trace.apply(CALLABLE, value), (value, join(*parts[True]), join(*parts[False])))


@answers(len)
def _len(trace: Staging, value: Any) -> Any:
    if isinstance(value, DictView):
        value = value.mapping
    if type(value) in (tuple, dict):
        return len(value)
    asked = trace.of_metaclass(value, "__len__")
    if asked is not None:
        return trace.counted(trace.call(asked))
    if isinstance(value, Tracer) and isinstance(value.graph_value.type, ObjectType):
        return trace.counted(trace.call(special(trace, value, "__len__")))
    if isinstance(value, Tracer) and isinstance(value.graph_value.type, (ListType, DictType)):
        state = trace.only_state(value)
        if state is not None and state.known is not None:
            return len(state.known)
    return trace.apply(TABLE.meaning(len), value)


@answers(list)
def _list(trace: Staging, *iterable: Any) -> Any:
    if not iterable:
        return trace.new_list()
    if isinstance(type_of(iterable[0]), ObjectType):
        return _collected(trace, iterable[0])
    known = trace.known_items(iterable[0])
    item = trace.iterated(iterable[0])
    state = State(dict(enumerate(known))) if known is not None else State(None, item=item)
    source = trace.materialised(iterable[0]) if isinstance(iterable[0], DictView) else iterable[0]
    return trace.made(JOINED_LIST, [source], ANY_LIST, "list", state)


@answers(tuple)
def _tuple(trace: Staging, *iterable: Any) -> Any:
    if not iterable:
        return ()
    if isinstance(type_of(iterable[0]), ObjectType):
        return _tuple(trace, _collected(trace, iterable[0]))
    known = trace.known_items(iterable[0])
    if known is not None:
        return known
    source = trace.materialised(iterable[0]) if isinstance(iterable[0], DictView) else iterable[0]
    item = trace.iterated(iterable[0])
    return trace.apply(JOINED_TUPLE, source, type=ANY, refs=item.refs)


@answers(set)
def _set(trace: Staging, *iterable: Any) -> Any:
    if not iterable:
        return trace.new_set()
    is_object = isinstance(type_of(iterable[0]), ObjectType)
    return trace.new_set(Star(_collected(trace, iterable[0]) if is_object else iterable[0]))


def _collected(trace: Staging, iterable: Any) -> Any:
    """The items of an object of the user's as a list."""
    items = trace.new_list()

    def body(item: Any) -> tuple[()]:
        trace.call_method(items, "append", item)
        return ()

    trace.for_(iterable, body, (), ())
    return items


@answers(dict)
def _dict(trace: Staging, *mapping: Any, **items: Any) -> Any:
    pairs = tuple(items.items())
    if not mapping:
        return trace.new_dict(*pairs)
    mapping = (mapping_given(trace, mapping[0]),)
    cls = trace.container_class(mapping[0], "keys")
    if isinstance(type_of(mapping[0]), DictType) or cls is not None and issubclass(cls, dict):
        return trace.new_dict(Star(mapping[0]), *pairs)
    known = trace.known_items(mapping[0])
    if known is not None:
        return trace.new_dict(*[trace.unpack(pair, 2) for pair in known], *pairs)
    item = trace.iterated(mapping[0])
    parts = options(item.type)
    key, value = (
        (Loadable(p, item.refs) for p in parts[0].items)
        if len(parts) == 1 and isinstance(parts[0], TupleType)
        else (Loadable(ANY, item.refs),) * 2
    )
    return trace.made(
        MERGED_DICT, [mapping[0], dict(pairs)], ANY_DICT, "dict", State(None, joined([key]), joined([value]))
    )


@answers(enumerate)
def _enumerate(trace: Staging, iterable: Any, start: Any = 0) -> Any:
    return _iterator(trace, TABLE.meaning(enumerate), [iterable], (INT, *_items(trace, [iterable])), start=start)


@answers(zip)
def _zip(trace: Staging, *iterables: Any, strict: bool = False) -> Any:
    return _iterator(trace, TABLE.meaning(zip), iterables, _items(trace, iterables), strict=strict)


@answers(reversed)
def _reversed(trace: Staging, iterable: Any) -> Any:
    if isinstance(iterable, Tracer):
        if has_user_method(type_of(iterable), "__reversed__"):
            return trace.call(trace.get_attribute(iterable, "__reversed__"))
        if has_user_method(type_of(iterable), "__getitem__"):
            return trace.call(library.Backwards, iterable)
    return _iterator(trace, TABLE.meaning(reversed), [iterable], _items(trace, [iterable])[0])


@answers(iter)
def _iter(trace: Staging, iterable: Any) -> Any:
    asked = trace.of_metaclass(iterable, "__iter__")
    if asked is not None:
        return check_iterator(trace, trace.call(asked))
    if isinstance(iterable, Tracer) and has_user_method(type_of(iterable), "__iter__"):
        return check_iterator(trace, trace.call(trace.get_attribute(iterable, "__iter__")))
    if isinstance(iterable, Tracer) and is_sequence(type_of(iterable)):
        return trace.call(library.Forwards, iterable)
    return _iterator(trace, ITERATOR, [iterable], _items(trace, [iterable])[0])


def _items(trace: Staging, iterables: Any) -> tuple[Type, ...]:
    if any(has_user_method(type_of(iterable), "__next__") for iterable in iterables):
        trace.refuse(
            "An iterator of the program's own is combined with others.", fix="collect its items first: list(iterator)"
        )
    return tuple(trace.iterated(iterable).type for iterable in iterables)


def _iterator(trace: Staging, op: Any, iterables: Any, item: Any, **keywords: Any) -> Any:
    refs = frozenset().union(*(refs_of(i.mapping if isinstance(i, DictView) else i) for i in iterables))
    values = [trace.materialised(i) if isinstance(i, DictView) else i for i in iterables]
    type_ = TupleType(item) if type(item) is tuple else item
    keywords = {k: v for k, v in keywords.items() if v is not False}
    made = trace.apply(op, *values, type=IteratorType(type_), refs=refs, **keywords)
    trace.made_of[made.graph_value] = op.name, iterables, keywords
    return made


@answers(next)
def _next(trace: Staging, iterator: Any, *default: Any) -> Any:
    if has_user_method(type_of(iterator), "__next__"):
        advance = trace.get_attribute(iterator, "__next__")
        return _or_default(trace, lambda: trace.call(advance), default[0]) if default else trace.call(advance)
    if not default:
        trace.check_may_stop()
    found = joined([trace.iterated(iterator), *default])
    return trace.loaded(NEXT, found, iterator, *default)


def _or_default(trace: Staging, next_item: Callable[[], Any], default: Any) -> Any:
    found = trace.scope()

    def fetch() -> None:
        found.item = trace.caught(next_item)

    def stop(error: Any) -> None:
        found.item = default

    trace.try_(fetch, ((lambda: StopIteration, stop),))
    return found.item


@answers(np.ndindex)
def _ndindex(trace: Staging, *shape: Any) -> Any:
    sizes = shape[0] if len(shape) == 1 and type(shape[0]) is tuple else shape
    return trace.apply(NEW, np.ndindex, *sizes, type=IteratorType(TupleType((INT,) * len(sizes))))


@answers(np.ndenumerate)
def _ndenumerate(trace: Staging, array: Any) -> Any:
    array = array if isinstance(type_of(array), ArrayType) else trace.call(np.asarray, array)
    type_ = type_of(array)
    item = (ANY, ANY)
    if isinstance(type_, ArrayType):
        item = (TupleType((INT,) * type_.rank), scalar_of(type_.dtype))
    return trace.apply(NEW, np.ndenumerate, array, type=IteratorType(TupleType(item)))


@answers(map)
def _map(trace: Staging, function: Any, iterable: Any, *others: Any) -> Any:
    """``map`` as a list: converted code uses it up at once or not at all."""
    items = trace.new_list()

    def body(item: Any) -> tuple[()]:
        arguments = item if others else (item,)
        trace.call_method(items, "append", trace.call(function, *arguments))
        return ()

    trace.for_(_zip(trace, iterable, *others) if others else iterable, body, (), ())
    return items


@answers(filter)
def _filter(trace: Staging, function: Any, iterable: Any) -> Any:
    items = trace.new_list()

    def keep(item: Any) -> tuple[()]:
        trace.call_method(items, "append", item)
        return ()

    def body(item: Any) -> tuple[()]:
        flag = trace.truth(item if function is None else trace.call(function, item))
        return trace.if_(flag, lambda: keep(item), lambda: (), (), ())

    trace.for_(iterable, body, (), ())
    return items


@answers(functools.reduce)
def _reduce(trace: Staging, function: Any, iterable: Any, *initial: Any) -> Any:
    if initial:
        return trace.for_(iterable, lambda item, total: (trace.call(function, total, item),), initial, ("total",))[0]
    known = trace.known_items(iterable)
    iterator = _iter(trace, iterable)
    first = trace.call(next, iterator) if known else trace.call(library.first_of, iterator)
    return trace.for_(iterator, lambda item, total: (trace.call(function, total, item),), (first,), ("total",))[0]


@answers(np.isscalar)
def _isscalar(trace: Staging, value: Any) -> Any:
    found = {_is_scalar(option) for option in options(type_of(value))}
    is_known = len(found) == 1 and None not in found
    return found.pop() if is_known else trace.apply(TABLE.meaning(np.isscalar), value)


def _is_scalar(type_: Type) -> bool | None:
    match type_:
        case IntType() | ScalarType():
            return True
        case PythonType(cls):
            return cls in (bool, float, complex, str, bytes)
        case ArrayType() | ListType() | TupleType() | DictType():
            return False
    return None


ANSWERS[functools.wraps] = lambda trace, wrapped: trace.wraps(wrapped)
ANSWERS[functools.partial] = lambda trace, function, /, *args, **kwargs: trace.partial(function, *args, **kwargs)
ANSWERS[slice] = lambda trace, *args: slice(*args)
ANSWERS[id] = lambda trace, value: trace.refuse("id() is not supported in a graph.", fix="compare with 'is'")


def _limits_of(limits: Any) -> Callable[..., Any]:
    """``np.finfo`` or ``np.iinfo`` of a dtype, class or array: what it holds depends on the dtype alone."""

    def rule(trace: Staging, kind: Any) -> Any:
        type_ = type_of(kind)
        match type_:
            case ArrayType() | ScalarType():
                known = type_.dtype
            case PythonType() if type_.cls is float or type_.cls is complex:
                known = type_.cls
            case IntType():
                known = int
            case _:
                known = unwrap(kind)
        if isinstance(known, Tracer):
            trace.refuse(
                f"np.{limits.__name__} of a dtype that is known only when the graph runs.", fix="name the dtype"
            )
        return trace.of_constants(limits, known)

    return rule


ANSWERS[np.finfo] = _limits_of(np.finfo)
ANSWERS[np.iinfo] = _limits_of(np.iinfo)

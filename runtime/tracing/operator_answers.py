"""The functions of ``operator``, methods called as functions of their class, and makers of built-in values.

An operator as a function does what the operator does, so it is traced as that.
"""

from __future__ import annotations

import operator
from collections import _count_elements  # pyright: ignore[reportAttributeAccessIssue]
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..ir.types import ANY, INT, NONE, AnyType, PythonType, SetType, join, options
from ..ops import TABLE
from ..ops.collections import BYTES, FROZEN_SET
from ..ops.containers import ANY_DICT
from ..ops.records import FROM_KEYS, TRANSLATION
from .answers import ANSWERS, answers
from .classes import class_of, has_user_method
from .heap import Loadable, State, loadable, type_of
from .overriding import is_mapping
from .tracer import Tracer, unwrap

if TYPE_CHECKING:
    from .calls import Calls
    from .staging import Staging

GETTERS = (operator.itemgetter, operator.attrgetter, operator.methodcaller)
PLAIN = (
    "add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "lshift", "rshift", "and_", "or_", "xor",
    "neg", "pos", "invert", "abs", "lt", "le", "gt", "ge", "concat",
    "iadd", "isub", "imul", "itruediv", "ifloordiv", "imod", "ipow", "imatmul", "ilshift", "irshift", "iand", "ior",
    "ixor", "iconcat",
)  # fmt: skip


def _written(function: Callable[..., Any]) -> Callable[..., Any]:
    """The operator itself, of what the trace sees."""
    return lambda trace, *operands: trace.of_constants(function, *operands)


for _name in PLAIN:
    ANSWERS[getattr(operator, _name)] = _written(getattr(operator, _name))
ANSWERS[operator.concat] = _written(operator.add)
ANSWERS[operator.iconcat] = _written(operator.iadd)
ANSWERS[operator.abs] = lambda trace, value: trace.call(abs, value)
ANSWERS[operator.eq] = lambda trace, a, b: trace.eq(a, b)
ANSWERS[operator.ne] = lambda trace, a, b: trace.ne(a, b)
ANSWERS[operator.is_] = lambda trace, a, b: trace.is_(a, b)
ANSWERS[operator.is_not] = lambda trace, a, b: trace.is_not(a, b)
ANSWERS[operator.not_] = lambda trace, value: trace.not_(value)
ANSWERS[operator.truth] = lambda trace, value: trace.call(bool, value)
ANSWERS[operator.contains] = lambda trace, container, item: trace.in_(item, container)
ANSWERS[operator.getitem] = lambda trace, obj, index: trace.get_item(obj, index)
ANSWERS[operator.setitem] = lambda trace, obj, index, value: trace.set_item(obj, index, value)
ANSWERS[operator.delitem] = lambda trace, obj, index: trace.del_item(obj, index)


# -- getters


def _getter(kind: Any) -> Callable[..., Any]:
    def rule(trace: Staging, *arguments: Any, **keywords: Any) -> Any:
        if any(isinstance(argument, Tracer) for argument in (*arguments, *keywords.values())):
            trace.refuse(
                f"What operator.{kind.__name__}() gets is known only when the graph runs.",
                fix="write a lambda: lambda obj: obj[i]",
            )
        return trace.of_constants(lambda: kind(*map(unwrap, arguments), **keywords))

    return rule


for _kind in GETTERS:
    ANSWERS[_kind] = _getter(_kind)


def got(trace: Calls, getter: Any, obj: Any) -> Any:
    """``getter(obj)``."""
    _, wanted = getter.__reduce__()[:2]
    if isinstance(getter, operator.methodcaller):
        return _called(trace, getter, obj)
    get = _attribute if isinstance(getter, operator.attrgetter) else trace.get_item
    found = tuple([get(obj, key) for key in wanted])
    return found[0] if len(found) == 1 else found


def _attribute(obj: Any, path: str) -> Any:
    for name in path.split("."):
        obj = getattr(obj, name)
    return obj


def _called(trace: Calls, caller: Any, obj: Any) -> Any:
    made, arguments = caller.__reduce__()[:2]
    keywords: Mapping[str, Any] = {}
    if made is not operator.methodcaller:  # a partial object where there are keywords
        keywords, arguments = made.keywords, (*made.args, *arguments)
    name, *rest = arguments
    return trace.call(getattr(obj, name), *rest, **keywords)


# -- methods as functions of their class


def unbound_method(trace: Calls, function: Any, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
    """``function(receiver, ...)`` for a method of a built-in class; None where it is not called of such an object."""
    receiver, *rest = args
    owner = function.__objclass__
    cls = trace.container_class(receiver)
    if cls is not None and issubclass(cls, owner):
        return (trace.container_method(receiver, owner, function.__name__, *rest, **kwargs),)
    found = class_of(type_of(receiver))
    if found is not owner or function.__name__.startswith("__") or TABLE.of_callable(function) is not None:
        return None
    return (trace.call(getattr(receiver, function.__name__), *rest, **kwargs),)


@answers(is_mapping)
def _is_mapping(trace: Staging, value: Any) -> Any:
    """Whether a value has ``keys``; an iterator has none."""
    kinds = options(type_of(value))
    if any(isinstance(kind, AnyType) for kind in kinds):
        return trace.call(hasattr, value, "keys")
    found = {hasattr(class_of(kind) or object, "keys") for kind in kinds}
    return found.pop() if len(found) == 1 else trace.call(hasattr, value, "keys")


ANSWERS[_count_elements] = lambda trace, mapping, iterable: trace.count_elements(mapping, iterable)


# -- classes


@answers(frozenset)
def _frozenset(trace: Staging, *iterable: Any) -> Any:
    given = [trace.given_iterable(item) for item in iterable]
    state = State(None, item=trace.iterated(given[0])) if given else State(None)
    return trace.made(FROZEN_SET, given, SetType(ANY), "set", state)


@answers(bytes)
def _bytes(trace: Staging, *arguments: Any, **keywords: Any) -> Any:
    if len(arguments) == 1:
        (asked,) = arguments
        if has_user_method(type_of(asked), "__bytes__"):
            return _as_it_says(trace, asked)
        says_number = has_user_method(type_of(asked), "__index__")
        arguments = (trace.call(operator.index, asked) if says_number else trace.items_of(asked),)
    given = [trace.given_iterable(argument) for argument in arguments]
    return trace.apply(BYTES, *given, **keywords)


def _as_it_says(trace: Staging, value: Any) -> Any:
    """``bytes(value)`` by the method of the program's own."""
    made = trace.call(trace.get_attribute(value, "__bytes__"))
    if type_of(made) != PythonType(bytes):
        found = class_of(type_of(made))
        if found is None:
            trace.refuse("What '__bytes__' gives is known only when the graph runs.", fix="let it give bytes always")
        trace.raise_now(TypeError(f"__bytes__ returned non-bytes (type {found.__name__})"))
    return made


ANSWERS[object] = lambda trace: trace.allocate(object)


@answers(dict.fromkeys)
def _from_keys(trace: Staging, keys: Any, value: Any = None) -> Any:
    given, value = trace.given_iterable(keys), trace.storable(value)
    known = trace.known_items(given)
    if known is not None and all(type(key) in (str, int) for key in known):
        return trace.new_dict(*[(key, value) for key in known])
    state = State(None, key=trace.iterated(given), item=loadable(value))
    return trace.made(FROM_KEYS, [given, value], ANY_DICT, "dict", state)


@answers(str.maketrans)
def _translation(trace: Staging, first: Any, *others: Any) -> Any:
    """A dict from the numbers of characters to what ``translate`` puts in their place."""
    numbers = Loadable(join(INT, NONE))
    state = State(None, key=Loadable(INT), item=numbers if others else trace.contents(first)[1])
    return trace.made(TRANSLATION, [first, *others], ANY_DICT, "dict", state)

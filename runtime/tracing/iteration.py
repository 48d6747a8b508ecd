"""Calls of ``itertools``, ``heapq`` and ``bisect``, and what puts items in order by a key."""

from __future__ import annotations

import bisect
import functools
import heapq
import itertools
import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..ir.graph import Value
from ..ir.types import ANY, INT, NONE, IntType, IteratorType, ListType, ObjectType, TupleType, Type, covers, join
from ..ops import TABLE
from ..ops.asking import SORT_BY_KEYS, sort_by_keys
from ..ops.containers import ANY_LIST
from ..ops.infer import infer_call
from ..ops.iteration import FROM_ITERABLE, HEAPS, ITERATORS, MERGE, ORDERED, PLACES, SMALLEST, TEE, ordered
from . import consuming, heaps, library
from .answers import ANSWERS, answers
from .classes import has_user_method
from .heap import Loadable, State, forgotten, held, joined, refs_of, type_of
from .items import DictView
from .misfits import is_iterable
from .tracer import Tracer

if TYPE_CHECKING:
    from .staging import Staging

MOST_ROUNDS = 8  # of working out what adding up items gives


def _lazy(trace: Staging, iterable: Any) -> Any:
    """An iterable that a built-in iterator goes over later."""
    if isinstance(iterable, DictView):
        return trace.materialised(iterable)
    type_ = type_of(iterable)
    if isinstance(type_, ObjectType) and trace.container_class(iterable, "__iter__") is None:
        if has_user_method(type_, "__next__"):
            trace.refuse(
                "An iterator of the program's own is combined with others.",
                fix="collect its items first: list(iterator)",
            )
        return _lazy(trace, trace.call(iter, iterable))
    return iterable


def _started(trace: Staging, iterable: Any) -> Any:
    """An object of the user's as the iterator that it gives; anything else as it is."""
    is_own = isinstance(type_of(iterable), ObjectType) and trace.container_class(iterable, "__iter__") is None
    return trace.call(iter, iterable) if is_own else iterable


def _made(trace: Staging, name: str, arguments: list[Any], item: Type, **keywords: Any) -> Any:
    """A new iterator of ``itertools``."""
    refs = frozenset().union(*map(refs_of, arguments), *map(refs_of, keywords.values()))
    return trace.apply(ITERATORS[name], *arguments, type=IteratorType(item), refs=refs, **keywords)


def _item(trace: Staging, iterable: Any) -> Type:
    return trace.iterated(iterable).type


# -- itertools


@answers(itertools.count)
def _count(trace: Staging, *arguments: Any, **keywords: Any) -> Any:
    numbers = [type_of(value) for value in (*arguments, *keywords.values())]
    ints = all(isinstance(number, IntType) for number in numbers)
    found = INT if ints else join(INT, *numbers, *map(_sum_of(trace), numbers, numbers))
    return _made(trace, "count", list(arguments), found if ints or len(numbers) < 2 else ANY, **keywords)


def _sum_of(trace: Staging) -> Callable[[Type, Type], Type]:
    return lambda a, b: infer_call(TABLE.meaning(operator.add), (a, b), {})


@answers(itertools.cycle)
def _cycle(trace: Staging, iterable: Any) -> Any:
    iterable = _lazy(trace, iterable)
    return _made(trace, "cycle", [iterable], _item(trace, iterable))


@answers(itertools.repeat)
def _repeat(trace: Staging, value: Any, *times: Any, **keywords: Any) -> Any:
    return _made(trace, "repeat", [value, *times], type_of(value), **keywords)


@answers(itertools.chain)
def _chain(trace: Staging, *iterables: Any) -> Any:
    if not all(map(is_iterable, iterables)):
        return trace.call(consuming.chained, iterables)    # which raises when it gets there
    given = [_lazy(trace, iterable) for iterable in iterables]
    return _made(trace, "chain", given, join(*(_item(trace, iterable) for iterable in given)))


@answers(itertools.chain.from_iterable)
def _chain_of(trace: Staging, iterables: Any) -> Any:
    known = trace.known_items(iterables)
    if known is not None:
        return _chain(trace, *known)
    given = _lazy(trace, iterables)
    inner = trace.iterated(given)
    item = _within(trace, inner)
    return trace.apply(FROM_ITERABLE, given, type=IteratorType(item.type), refs=refs_of(given) | item.refs)


def _within(trace: Staging, inner: Loadable) -> Loadable:
    """What iterating over a value of which only this is known gives."""
    return trace.iterated(Tracer(Value(inner.type), inner.refs))


@answers(itertools.islice)
def _islice(trace: Staging, iterable: Any, *bounds: Any) -> Any:
    iterable = _lazy(trace, iterable)
    return _made(trace, "islice", [iterable, *bounds], _item(trace, iterable))


@answers(itertools.pairwise)
def _pairwise(trace: Staging, iterable: Any) -> Any:
    iterable = _lazy(trace, iterable)
    return _made(trace, "pairwise", [iterable], TupleType((_item(trace, iterable),) * 2))


@answers(itertools.compress)
def _compress(trace: Staging, data: Any, selectors: Any) -> Any:
    data, selectors = _lazy(trace, data), _lazy(trace, selectors)
    return _made(trace, "compress", [data, selectors], _item(trace, data))


@answers(itertools.zip_longest)
def _zip_longest(trace: Staging, *iterables: Any, fillvalue: Any = None) -> Any:
    given = [_lazy(trace, iterable) for iterable in iterables]
    filled = type_of(fillvalue)
    item = TupleType(tuple(join(_item(trace, iterable), filled) for iterable in given))
    return _made(trace, "zip_longest", given, item, fillvalue=fillvalue)


@answers(itertools.product)
def _product(trace: Staging, *iterables: Any, repeat: Any = 1) -> Any:
    given = [trace.given_iterable(iterable) for iterable in iterables]
    items = tuple(_item(trace, iterable) for iterable in given)
    if repeat == 1 and not isinstance(repeat, Tracer):
        return _made(trace, "product", given, TupleType(items))
    known = isinstance(repeat, int) and repeat >= 0
    return _made(trace, "product", given, TupleType(items * repeat) if known else ANY, repeat=repeat)


def _selections(name: str) -> Callable[..., Any]:
    def rule(trace: Staging, iterable: Any, *length: Any, **keywords: Any) -> Any:
        given = trace.given_iterable(iterable)
        number = next(iter((*length, *keywords.values())), None)
        if number is None:
            known = trace.known_items(given)
            number = len(known) if known is not None else None
        item: Type = ANY
        if isinstance(number, int) and number >= 0:
            item = TupleType((_item(trace, given),) * number)
        return _made(trace, name, [given, *length], item, **keywords)

    return rule


for _name in ("permutations", "combinations", "combinations_with_replacement"):
    ANSWERS[getattr(itertools, _name)] = _selections(_name)


@answers(itertools.tee)
def _tee(trace: Staging, iterable: Any, n: Any = 2) -> Any:
    iterable = _lazy(trace, iterable)
    if not isinstance(n, int):
        trace.refuse("The number of iterators is known only when the graph runs.", fix="write the number")
    item = _item(trace, iterable)
    return trace.apply(TEE, iterable, n, type=TupleType((IteratorType(item),) * n), refs=refs_of(iterable))


@answers(itertools.accumulate)
def _accumulate(trace: Staging, iterable: Any, func: Any = None, *, initial: Any = None) -> Any:
    iterable = _started(trace, iterable)
    is_own = has_user_method(type_of(iterable), "__next__")
    if func is None and (is_own or trace.class_asked(ITERATORS["accumulate"], iterable, initial) is not None):
        func = operator.add
    if func is not None:
        if initial is None:
            return trace.call(library.Accumulate, iterable, func)
        return trace.call(library.AccumulateFrom, iterable, func, initial)
    iterable = _lazy(trace, iterable)
    item = _item(trace, iterable)
    total = join(item if initial is None else type_of(initial))
    add = _sum_of(trace)
    for _ in range(MOST_ROUNDS):
        wider = join(total, add(join(INT, total) if isinstance(total, IntType) else total, item))
        if covers(total, wider):
            break
        total = wider
    else:
        total = ANY
    keywords = {} if initial is None else {"initial": initial}
    return _made(trace, "accumulate", [iterable], INT if isinstance(total, IntType) else total, **keywords)


@answers(itertools.groupby)
def _groupby(trace: Staging, iterable: Any, key: Any = None) -> Any:
    iterable = _started(trace, iterable)
    is_own = has_user_method(type_of(iterable), "__next__")
    if key is not None or is_own or trace.class_asked(ITERATORS["groupby"], iterable) is not None:
        return trace.call(library.GroupBy, iterable, library.itself if key is None else key)
    iterable = _lazy(trace, iterable)
    item = _item(trace, iterable)
    return _made(trace, "groupby", [iterable], TupleType((item, IteratorType(item))))


for _function, _class in (
    (itertools.takewhile, library.TakeWhile),
    (itertools.dropwhile, library.DropWhile),
    (itertools.filterfalse, library.FilterFalse),
    (itertools.starmap, library.StarMap),
):
    ANSWERS[_function] = lambda trace, function, iterable, cls=_class: trace.call(cls, function, iterable)


# -- order


@answers(heapq.merge)
def _merge(trace: Staging, *iterables: Any, key: Any = None, reverse: Any = False) -> Any:
    own = any(isinstance(type_of(iterable), ObjectType) for iterable in iterables)
    if key is None and not own and trace.class_asked(MERGE, *iterables) is None:
        given = [_lazy(trace, iterable) for iterable in iterables]
        item = join(*(_item(trace, iterable) for iterable in given))
        refs = frozenset().union(*map(refs_of, given))
        return trace.apply(MERGE, *given, type=IteratorType(item), refs=refs, reverse=reverse)
    by_key = library.itself if key is None else key
    return trace.call(consuming.merged, iterables, by_key, trace.call(bool, reverse))


@answers(ordered)
def _ordered(trace: Staging, items: Any, keys: Any, reverse: Any) -> Any:
    return trace.made(ORDERED, [items, keys, reverse], ANY_LIST, "list", State(None, item=trace.iterated(items)))


@answers(sort_by_keys)
def _sort_by_keys(trace: Staging, items: Any, taken: Any, keys: Any, reverse: Any) -> None:
    if trace.class_asked(ORDERED, keys) is None:
        trace.apply(SORT_BY_KEYS, items, taken, keys, reverse, type=NONE)
    else:
        trace.put_in_order(items, taken, keys, reverse)
    _kept(trace, items, trace.iterated(taken))


@answers(functools.cmp_to_key)
def _cmp_to_key(trace: Staging, mycmp: Any) -> Any:
    return trace.partial(library.Compared, mycmp)


@answers(sorted)
def _sorted(trace: Staging, iterable: Any, *, key: Any = None, reverse: Any = False) -> Any:
    if key is not None:
        return trace.call(library.sorted_by, iterable, key, reverse)
    given = trace.given_iterable(iterable)
    keywords = {} if reverse is False else {"reverse": reverse}
    if not isinstance(given, Tracer) and type(given) is not tuple:
        return trace.apply(TABLE.meaning(sorted), given, **keywords)
    type_ = trace.infer(TABLE.meaning(sorted), ((trace.spelled(given),), keywords))
    item = joined([trace.iterated(given), Loadable(type_.item)]) if isinstance(type_, ListType) else None
    if item is None:
        return trace.apply(TABLE.meaning(sorted), given, **keywords)
    thing = trace.new_object("list", State(None, item=trace.iterated(given)))
    return trace.apply(TABLE.meaning(sorted), given, type=type_, refs=frozenset((thing,)), **keywords)


def _extreme(function: Any, pick: Any) -> Callable[..., Any]:
    def rule(trace: Staging, *values: Any, key: Any = None, **default: Any) -> Any:
        if key is not None:
            iterable = values[0] if len(values) == 1 else values
            if default:
                return trace.call(library.extreme_or, pick, iterable, key, default["default"])
            return trace.call(library.extreme_of, pick, function.__name__, iterable, key)
        if len(values) == 1:
            values = (trace.given_iterable(values[0]),)
        op = TABLE.meaning(function)
        if trace.class_asked(op, *values, **default) is None:
            values = tuple(map(trace.spelled, values))
        return trace.apply(op, *values, **default)

    return rule


ANSWERS[min] = _extreme(min, library.least_by)
ANSWERS[max] = _extreme(max, library.greatest_by)


def _smallest(name: str, by_key: Any) -> Callable[..., Any]:
    def rule(trace: Staging, n: Any, iterable: Any, key: Any = None) -> Any:
        own = isinstance(type_of(iterable), ObjectType)
        if key is not None or own or trace.class_asked(SMALLEST[name], n, iterable) is not None:
            return trace.call(by_key, n, iterable, library.itself if key is None else key)
        given = trace.given_iterable(iterable)
        state = State(None, item=trace.iterated(given))
        return trace.made(SMALLEST[name], [n, given], ANY_LIST, "list", state)

    return rule


ANSWERS[heapq.nsmallest] = _smallest("nsmallest", heaps.smallest)
ANSWERS[heapq.nlargest] = _smallest("nlargest", heaps.largest)


# -- heaps and ordered lists


def _kept(trace: Staging, items: Any, *values: Any) -> None:
    """Note that a list was put in another order, with ``values`` in it."""
    if isinstance(items, Tracer):
        if any(thing.start is not None for thing in items.graph_refs):
            trace.check_outlives(tuple(values), "kept in a container of the caller's")
        if trace.container_class(items) is not None:
            trace.hold(items, [], values)
        elif values:
            trace.change(items, lambda state: held(state, values), lambda state: held(state, values))
        else:
            trace.change(items, forgotten, forgotten)


@answers(heapq.heappush)
def _heappush(trace: Staging, heap: Any, item: Any) -> None:
    trace.apply(HEAPS["heappush"], heap, item, type=NONE)
    _kept(trace, heap, item)


def _made_heap(name: str) -> Callable[..., Any]:
    def rule(trace: Staging, heap: Any) -> None:
        trace.apply(HEAPS[name], heap, type=NONE)
        _kept(trace, heap)

    return rule


def _popped(name: str) -> Callable[..., Any]:
    def rule(trace: Staging, heap: Any) -> Any:
        result = trace.loaded(HEAPS[name], trace.contents(heap)[1], heap)
        _kept(trace, heap)
        return result

    return rule


def _exchanged(name: str) -> Callable[..., Any]:
    def rule(trace: Staging, heap: Any, item: Any) -> Any:
        result = trace.loaded(HEAPS[name], joined([trace.contents(heap)[1], item]), heap, item)
        _kept(trace, heap, item)
        return result

    return rule


for _rule, _names in (
    (_made_heap, ("heapify", "_heapify_max")),
    (_popped, ("heappop", "_heappop_max")),
    (_exchanged, ("heapreplace", "heappushpop", "_heapreplace_max")),
):
    for _name in _names:
        ANSWERS[getattr(heapq, _name)] = _rule(_name)


def _has_own_items(a: Any) -> bool:
    type_ = type_of(a)
    return isinstance(type_, ObjectType) and has_user_method(type_, "__getitem__")


def _place(name: str, by_key: Any) -> Callable[..., Any]:
    def rule(trace: Staging, a: Any, x: Any, lo: Any = 0, hi: Any = None, *, key: Any = None) -> Any:
        if key is not None or _has_own_items(a):
            return trace.call(by_key, a, x, lo, hi, library.itself if key is None else key)
        inserts = name.startswith("insort")
        result = trace.apply(PLACES[name], a, x, lo, hi, type=NONE if inserts else INT)
        if inserts:
            _kept(trace, a, x)
        return result

    return rule


for _name, _by_key in (
    ("bisect_left", library.place_left),
    ("bisect_right", library.place_right),
    ("insort_left", library.insert_left),
    ("insort_right", library.insert_right),
):
    ANSWERS[getattr(bisect, _name)] = _place(_name, _by_key)

"""What built-in code asks of the program's objects: equality and order are asked in the graph, by methods traced there.

``sorted``, ``heapq``, ``in`` and the like compare what they are given.  Where that means a method of the program's own,
the function is run as questions and answers (``ops.asking``): a loop whose body makes the comparison.  What built-in
code would ask otherwise is refused: a graph runs no code of the user's.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import Enum
from typing import Any, TypeGuard

from ..ir.graph import map_leaves
from ..ir.types import (
    ANY,
    BOOL,
    INT,
    NEVER,
    NONE,
    AnyType,
    ArrayType,
    ConstantType,
    DictType,
    IteratorType,
    ListType,
    ObjectType,
    SetType,
    TupleType,
    Type,
    options,
)
from ..ops import TABLE
from ..ops.asking import ANSWER, LEFT, RESULT
from ..ops.collections import METHODS
from ..ops.iteration import HEAPS, PLACES, SMALLEST
from ..ops.number_methods import OF_STATISTICS
from ..ops.op import Op
from ..records import record
from . import consuming, library
from .class_values import is_asked_by_metaclass, member_in
from .classes import class_name, has_user_method
from .collections import defines
from .conversions import NUMBERS, number_asked
from .dataclass_sources import is_made_for
from .exceptions import Exceptions
from .heap import NOTHING, HeapObject, Loadable, Refs, fitting, joined, loadable, refs_of, type_of
from .regions import Loop, trace_loop
from .tracer import Tracer, unwrap

ORDER = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}
SYMBOLS = {"operator.lt": "<", "operator.le": "<=", "operator.gt": ">", "operator.ge": ">="}
TEXT_METHODS = ("__format__", "__str__", "__repr__")
EQUALITY = ("__eq__", "__ne__")
COMPARISONS = ("__lt__", "__le__", "__gt__", "__ge__", *EQUALITY)
TRUTH = ("__bool__", "__len__")
MADE = (*COMPARISONS, "__hash__")  # what ``dataclasses`` makes of the fields alone
# What built-in code may ask of the objects that it is given, by the name of the op.
ASKS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("text", "print", "logging.log"), TEXT_METHODS),
    "str.format": (*TEXT_METHODS, "__getitem__"),
    "percent": (*TEXT_METHODS, "__getitem__", *NUMBERS),
    "math.dist": NUMBERS,
    "math.fsum": NUMBERS,
    **{name: (*COMPARISONS, *NUMBERS) for name in TABLE.by_name if name.startswith("textwrap.")},
    "str.translate": ("__getitem__",),
    "str.format_map": (*TEXT_METHODS, "__getitem__", "__missing__"),
    **dict.fromkeys(("operator.eq", "operator.ne", "operator.contains"), EQUALITY),
    **dict.fromkeys(("container.index", "container.count", "container.remove"), EQUALITY),
    **dict.fromkeys((*SYMBOLS, "builtins.min", "builtins.max", "builtins.sorted", "container.sort"), COMPARISONS),
    **dict.fromkeys(("set", "joined_set", "container.add", "builtins.hash"), ("__hash__", *EQUALITY)),
    **dict.fromkeys(("ordered", *(f"heapq.{name}" for name in (*HEAPS, *SMALLEST))), COMPARISONS),
    **dict.fromkeys((f"bisect.{name}" for name in PLACES), COMPARISONS),
    **{
        f"{base.__name__}.{name}": EQUALITY
        for base in METHODS
        for name in ("index", "count", "remove", "__contains__", "__eq__", "__ne__")
    },
    **dict.fromkeys(("list.sort", "heapq.merge"), COMPARISONS),
    **dict.fromkeys(("builtins.sum", "itertools.accumulate"), ("__add__", "__radd__")),
    "math.prod": ("__mul__", "__rmul__"),
    **dict.fromkeys(("builtins.any", "builtins.all", "itertools.compress"), TRUTH),
    **dict.fromkeys(("itertools.groupby", "operator.countOf", "operator.indexOf"), EQUALITY),
    **dict.fromkeys((op.name for op in OF_STATISTICS), (*COMPARISONS, "__add__", "__radd__", "__sub__", "__float__")),
    "spread": (*TEXT_METHODS, *COMPARISONS, "__hash__"),
}
HASHING = ("__hash__", "__eq__")
INDEX = ("container.index", "list.index", "deque.index")
# What NumPy may ask of an index of an array, and of what an item of it is given.
BY_ARRAYS = ("__array__", "__len__", "__getitem__", "__iter__", "__index__", "__int__", "__float__", "__complex__")
# Where the argument after a dict or set is a key.
KEYED = (
    "update", "get_item", "delete_item", *(f"container.{name}" for name in ("get", "pop", "setdefault", "discard")),
    *(
        f"{base.__name__}.{name}"
        for base in METHODS
        if issubclass(base, (dict, set, frozenset))
        for name in ("__getitem__", "__setitem__", "get", "pop", "setdefault", "add", "discard")
    ),
)  # fmt: skip


# -- functions that are run as questions and answers


@record
class Questioned:
    """How a built-in function is asked: the op that yields its questions, what each asks, and of what."""

    name: str
    symbol: str
    sides: Callable[..., tuple[Loadable, Loadable]]


def _items_and_one(trace: Asking, items: Any, wanted: Any, *others: Any) -> tuple[Loadable, Loadable]:
    return trace.iterated(items), loadable(wanted)


def _one_and_items(trace: Asking, items: Any, wanted: Any, *others: Any) -> tuple[Loadable, Loadable]:
    return loadable(wanted), trace.iterated(items)


def _among_items(trace: Asking, items: Any, *new: Any, **others: Any) -> tuple[Loadable, Loadable]:
    one = joined([trace.iterated(items), *new])
    return one, one


def _among_keys(trace: Asking, items: Any, keys: Any, reverse: Any) -> tuple[Loadable, Loadable]:
    return _among_items(trace, keys)


def _item_pairs(trace: Asking, a: Any, b: Any) -> tuple[Loadable, Loadable]:
    return trace.contents(a)[1], trace.contents(b)[1]


CONTAINS = Questioned("contains", "==", _items_and_one)
PLACE = Questioned("place", "==", _items_and_one)
COUNT = Questioned("count", "==", _items_and_one)
QUESTIONED = {
    **{f"{owner}.__contains__": CONTAINS for owner in ("list", "deque")},
    **{f"{owner}.count": COUNT for owner in ("container", "list", "deque")},
    **{f"{owner}.remove": Questioned("remove", "==", _items_and_one) for owner in ("container", "list")},
    "operator.contains": CONTAINS,
    "operator.countOf": COUNT,
    "builtins.sorted": Questioned("in_order", "<", lambda trace, items, **reverse: _among_items(trace, items)),
    "ordered": Questioned("in_order_of", "<", _among_keys),
    "heapq.heappush": Questioned("push", "<", _among_items),
    "heapq.heappop": Questioned("pop", "<", _among_items),
    "heapq.heapreplace": Questioned("replace", "<", _among_items),
    "heapq.heappushpop": Questioned("push_and_pop", "<", _among_items),
    "heapq.heapify": Questioned("make_heap", "<", _among_items),
    "heapq._heappop_max": Questioned("pop_greatest_first", "<", _among_items),
    "heapq._heapreplace_max": Questioned("replace_greatest_first", "<", _among_items),
    "heapq._heapify_max": Questioned("make_heap_greatest_first", "<", _among_items),
    "bisect.bisect_left": Questioned("place_left", "<", _items_and_one),
    "bisect.bisect_right": Questioned("place_right", "<", _one_and_items),
    "bisect.insort_left": Questioned("insert_left", "<", _items_and_one),
    "bisect.insort_right": Questioned("insert_right", "<", _one_and_items),
}
SORT = Questioned("sort", "<", lambda trace, items, taken, keys, reverse: _among_items(trace, keys))
LISTS = Questioned("equal_lists", "==", _item_pairs)
DICTS = Questioned("equal_dicts", "==", _item_pairs)
DIFFERENCE = Questioned("first_difference", "==", _item_pairs)
OF_KEYS = ("builtins.sorted", "builtins.min", "builtins.max", "builtins.sum")  # of a dict, they take the keys
TOTALS = {"builtins.sum": (consuming.total, 0), "math.prod": (consuming.product, 1)}
TRUTHS = {"builtins.any": consuming.is_any, "builtins.all": consuming.are_all}
EXTREMES = {"builtins.min": "<", "builtins.max": ">"}
ASKING_TWICE = ("in_order", "in_order_of", "sort", "place_left", "place_right", "insert_left", "insert_right")
OF_LISTS = ("list.", "heapq.", "bisect.insort")  # functions that go past the methods of classes derived from list


class Asking(Exceptions):
    """The part of a trace that asks the program's objects what built-in code asks."""

    eq: Callable[..., Any]  # see staging
    ne: Callable[..., Any]
    get_item: Callable[..., Any]
    is_sorting = False  # by a function that asks twice whether an object is less, where it is told NotImplemented
    kept: Refs = NOTHING  # containers that a function is working on, which nothing may change meanwhile

    def order(self, a: Any, symbol: str, b: Any) -> Any:
        """``a < b``, where both may be tuples."""
        answer = self.operate_on_class(ORDER[symbol].__name__, a, b)
        if answer is not NotImplemented:
            return answer
        a, b = unwrap(a), unwrap(b)
        if isinstance(b, Tracer) and not isinstance(a, Tracer):
            return self.operate(ORDER[symbol].__name__, a, b)
        if type(a) is not tuple or type(b) is not tuple:
            return self.of_constants(ORDER[symbol], a, b)
        return self.apply(TABLE.meaning(ORDER[symbol]), a, b)

    def apply(self, op: Op, *args: Any, **options: Any) -> Any:
        """As in any trace; what built-in code would ask of methods of the program's own is asked here, or refused."""
        asked = number_asked(op, args, options)
        if asked is None and op.name in ("get_item", "update") and isinstance(type_of(args[0]), ArrayType):
            asked = self._class_with(args[1:], BY_ARRAYS)
        if asked is None and op.name in EXTREMES and any(isinstance(type_of(arg), ArrayType) for arg in args):
            asked = self._class_with(args, BY_ARRAYS)
        if asked is not None:
            self._refuse_asking(op, asked)
        if op.name in ASKS:
            asked = self.class_asked(op, *args, **options)
            if asked is not None:
                return self._asked(op, asked, args, options)
            shown = self._class_with(args[1:2], ("__repr__",)) if op.name in INDEX else None
            if shown is not None and not is_made_for(*shown):
                self._refuse_asking(op, shown)    # the error would name what is not there
        elif op.name in KEYED and len(args) > 1 and not isinstance(type_of(args[0]), (ListType, ArrayType)):
            self._check(op, args[1])
        elif op.name == "dict":
            self._check(op, [key for key, _ in args])
        return super().apply(op, *args, **options)

    def _check(self, op: Op, keys: Any) -> None:
        asked = self._class_with(keys, HASHING)
        if asked is not None:
            self._refuse_asking(op, asked)

    def class_asked(self, op: Op, *args: Any, **options: Any) -> tuple[type, str] | None:
        """The class whose method ``op`` would call, and the name of the method, if it is the program's own."""
        if op.name.endswith("contains") and isinstance(type_of(args[0]), DictType):
            return self._class_with([self.contents(args[0])[0], args[1]], HASHING)
        if op.name in OF_KEYS:
            args = tuple([self.contents(arg)[0] if isinstance(type_of(arg), DictType) else arg for arg in args])
        if op.name == "text":   # a member that has a text of its own was asked for it before, see texts
            args = map_leaves(args, lambda item: None if member_in(item) is not None else item)
        if op.name == "itertools.compress":
            args = args[1:]
        asked = self._class_with((args, options), ASKS[op.name])
        if asked is None and op.name in ("percent", "str.format", "str.format_map"):
            return _member_asked(args)
        return asked

    def _refuse_asking(self, op: Op, asked: tuple[type, str]) -> Any:
        shown = {"text": "str", "percent": "%"}.get(op.name, op.name.rpartition(".")[2])
        self.refuse(
            f"'{shown}' would ask '{asked[0].__name__}.{asked[1]}', a method of the program's own.",
            fix="ask it in a loop or expression of your own, and use what it returns",
        )

    # -- questions

    def _asked(self, op: Op, asked: tuple[type, str], args: Sequence[Any], options: Any) -> Any:
        """``op(*args)``, which asks a method of the program's own."""
        given, args = args, [self.as_object(arg) for arg in args]
        if op.name in ("operator.eq", "operator.ne") and any(new is not old for new, old in zip(args, given)):
            return self.eq(*args) if op.name == "operator.eq" else self.ne(*args)
        if issubclass(asked[0], type):
            self._refuse_asking(op, asked)
        if op.name in SYMBOLS or op.name in ("operator.eq", "operator.ne"):
            return self._compared(op, asked, *args)
        if op.name in ("container.sort", "list.sort"):
            return self.call(library.sort, *args, options.get("reverse", False))
        if op.name in PLACES_OF and not isinstance(type_of(args[0]), AnyType):
            return self._placed(op, *args)
        if op.name in EXTREMES:
            return self._extreme(op, args, options)
        items = tuple(args[0]) if type(args[0]) is list else args[0]   # of a list that nobody else has
        if op.name in TRUTHS and len(args) == 1:
            return self.call(TRUTHS[op.name], items)
        if op.name in TOTALS and len(args) < 3:
            function, start = TOTALS[op.name]
            return self.call(function, items, args[1] if len(args) > 1 else options.get("start", start))
        questioned = QUESTIONED.get(op.name)
        if questioned is None or not self._is_known(op, args[0]):
            self._refuse_asking(op, asked)
        assert questioned is not None
        result = {"type": options.pop("type", None), "refs": options.pop("refs", None)}
        if result["type"] is None:
            result["type"] = self.infer(op, (args, options))
        return self.ask(questioned, *args, result=result, **options)

    def _is_known(self, op: Op, items: Any) -> bool:
        """Whether the items of ``items`` are known to be asked as for a list, tuple or iterator."""
        found = options(type_of(items))
        if len(found) != 1 or isinstance(found[0], (AnyType, SetType, DictType)):
            return False
        if isinstance(found[0], ObjectType):
            return self.container_class(items) is not None and op.name.startswith(("list.", "deque.", "heapq."))
        return isinstance(found[0], ListType) or not op.name.startswith(OF_LISTS)

    def ask(self, questioned: Questioned, *args: Any, result: dict[str, Any], **keywords: Any) -> Any:
        """What a function gives whose questions are answered one by one; ``result`` is the type and refs of that."""
        questions = self._questions(questioned, args, keywords)
        with self.keeping(*args):
            self._answer_all(questioned, questions)
        return super().apply(RESULT, questions, **result)

    def _questions(self, questioned: Questioned, args: Sequence[Any], keywords: Any) -> Any:
        sides = questioned.sides(self, *args, **keywords)
        pair = TupleType((sides[0].type, sides[1].type))
        refs = sides[0].refs | sides[1].refs
        op = TABLE.by_name[f"asking.{questioned.name}"]
        return super().apply(op, *args, type=IteratorType(pair), refs=refs, **keywords)

    def _answer_all(self, questioned: Questioned, questions: Tracer) -> None:
        kind: Any = questions.graph_value.type
        pair = Loadable(kind.item, questions.graph_refs)
        is_empty = NEVER in kind.item.items

        def body(pair: Any) -> tuple[()]:
            if is_empty:  # nothing to compare: no question is asked
                return ()
            a, b = pair
            equal = questioned.symbol == "=="
            flag = self.truth(self.eq(a, b) if equal else self.order(a, questioned.symbol, b))
            self.apply(ANSWER, questions, flag, type=NONE)
            return ()

        before, self.is_sorting = self.is_sorting, questioned.name in ASKING_TWICE
        try:
            trace_loop(self, Loop(body, None, (), questions, Loadable(ANY) if is_empty else pair, True), (), None)
        finally:
            self.is_sorting = before

    def put_in_order(self, items: Tracer, taken: Any, keys: Any, reverse: Any) -> None:
        """Fill the list ``items`` with ``taken`` in the order of ``keys``, which are asked."""
        questions = self._questions(SORT, (items, taken, keys, reverse), {})

        def run() -> None:
            with self.keeping(items):
                self._answer_all(SORT, questions)

        self.try_(run, final=lambda: self.apply(LEFT, questions, type=NONE))

    def check_order(self, special: str, operands: Sequence[Any]) -> None:
        """Refuse a ``__lt__`` that may say ``NotImplemented`` of two objects of one class, while these are sorted."""
        kinds: list[Any] = [type_of(operand) for operand in operands]
        if self.is_sorting and special == "__lt__" and kinds[0] == kinds[1]:
            self.refuse(
                f"'{kinds[0].cls.__name__}.__lt__' may return NotImplemented for two objects of the class.",
                fix="let it say which of them comes first",
            )

    def _extreme(self, op: Op, values: Sequence[Any], keywords: dict[str, Any]) -> Any:
        items = values[0] if len(values) == 1 else tuple(values)
        given = [keywords["default"]] if "default" in keywords else []
        found = joined([self.iterated(items), *given])
        sides = lambda trace, name, items, *default: _among_items(trace, items)  # noqa: E731
        questioned = Questioned("extreme", EXTREMES[op.name], sides)
        name = op.name.partition(".")[2]
        return self.ask(questioned, name, items, *given, result={"type": found.type, "refs": found.refs})

    def _placed(self, op: Op, items: Any, wanted: Any, *bounds: Any) -> Any:
        """``items.index(wanted)``, or ``remove`` of a deque."""
        place = self.ask(PLACE, items, wanted, *bounds, result={"type": INT, "refs": NOTHING})
        kind = "tuple" if isinstance(type_of(items), TupleType) else PLACES_OF[op.name]
        place = self.call(library.found, place, wanted, kind)
        if op.name == "deque.remove":
            return super().apply(TABLE.by_name["deque.__delitem__"], items, place, type=NONE)
        return place

    # -- comparisons of what holds objects

    def _compared(self, op: Op, asked: tuple[type, str], a: Any, b: Any) -> Any:
        """A comparison of two tuples, lists or dicts; or of objects whose methods said that they cannot do it."""
        p, q = self._parts(a), self._parts(b)
        if p is not None and q is not None:
            return self._compared_parts(op.name, p, q)
        kinds = [options(type_of(value)) for value in (a, b)]
        if any(len(kind) != 1 for kind in kinds):
            self._refuse_asking(op, asked)
        one, other = kinds[0][0], kinds[1][0]
        if isinstance(one, ListType) and isinstance(other, ListType):
            return self._compared_lists(op, a, b)
        if isinstance(one, DictType) and isinstance(other, DictType) and op.name not in SYMBOLS:
            if self._class_with([self.contents(each)[0] for each in (a, b)], HASHING) is None:
                return self._all_equal(op, DICTS, a, b)
        elif op.name in SYMBOLS and (isinstance(one, ObjectType) or isinstance(other, ObjectType)):
            shown = " and ".join([f"'{class_name(kind)}'" for kind in (one, other)])
            self.raise_now(TypeError(f"'{SYMBOLS[op.name]}' not supported between instances of {shown}"))
        elif type(one) is not type(other) and not isinstance(one, ObjectType) and not isinstance(other, ObjectType):
            return super().apply(op, a, b)  # of different kinds: their items are not asked
        self._refuse_asking(op, asked)

    def _parts(self, value: Any) -> tuple[Any, ...] | None:
        """The items of a tuple."""
        if type(value) is tuple:
            return value
        type_ = type_of(value)
        if not isinstance(value, Tracer) or not isinstance(type_, TupleType):
            return None
        return tuple([self.get_item(value, i) for i in range(len(type_.items))])

    def _compared_parts(self, name: str, a: tuple[Any, ...], b: tuple[Any, ...], i: int = 0) -> Any:
        if i == min(len(a), len(b)):
            return getattr(operator, name.partition(".")[2])(len(a), len(b))

        def unequal() -> Any:
            return self.order(a[i], SYMBOLS[name], b[i]) if name in SYMBOLS else name == "operator.ne"

        return self.if_(
            self._one_or_equal(a[i], b[i]), lambda: self._compared_parts(name, a, b, i + 1), unequal, (), ()
        )

    def _one_or_equal(self, a: Any, b: Any) -> Any:
        """Whether two items are one thing, or else equal."""
        if self._class_with((a, b), EQUALITY) is None:
            return self.apply(TABLE.meaning(operator.eq), (a,), (b,))
        return self.if_(self.is_(a, b), lambda: True, lambda: self.truth(self.eq(a, b)), (), ())

    def _compared_lists(self, op: Op, a: Tracer, b: Tracer) -> Any:
        if op.name not in SYMBOLS:
            return self._all_equal(op, LISTS, a, b)
        symbol = SYMBOLS[op.name]
        place = self.ask(DIFFERENCE, a, b, result={"type": INT, "refs": NOTHING})
        lengths = [self.call(len, each) for each in (a, b)]
        return self.if_(
            self.order(place, "<", self.call(min, *lengths)),
            lambda: self.order(self.get_item(a, place), symbol, self.get_item(b, place)),
            lambda: self.order(lengths[0], symbol, lengths[1]),
            (),
            (),
        )

    def _all_equal(self, op: Op, questioned: Questioned, a: Tracer, b: Tracer) -> Any:
        flag = self.ask(questioned, a, b, result={"type": BOOL, "refs": NOTHING})
        return self.not_(flag) if op.name == "operator.ne" else flag

    # -- what is not changed meanwhile

    @contextmanager
    def keeping(self, *containers: Any) -> Iterator[None]:
        """Refuse what changes one of ``containers`` while this lasts."""
        before = self.kept
        self.kept = before.union(*map(refs_of, containers))
        try:
            yield
        finally:
            self.kept = before

    def change(self, obj: Tracer, *args: Any) -> None:
        self._check_kept_as_it_is(obj)
        super().change(obj, *args)

    def hold(self, obj: Tracer, *args: Any) -> None:
        self._check_kept_as_it_is(obj)
        super().hold(obj, *args)

    def havoc(self, obj: Tracer, *args: Any) -> None:
        self._check_kept_as_it_is(obj)
        super().havoc(obj, *args)

    def _check_kept_as_it_is(self, obj: Tracer) -> None:
        if obj.graph_refs & self.kept:
            self.refuse(
                "A list, deque or dict may be changed while a built-in function works on it.",
                fix="change it afterwards, or let the function work on a copy",
            )

    # -- classes

    def _class_with(self, arguments: Any, methods: Sequence[str]) -> tuple[type, str] | None:
        """A class of objects among ``arguments`` that says by a method of the program's own what one of ``methods``
        does, and the name of that.
        """
        for cls in self._classes_in(arguments):
            for name in methods:
                own = has_user_method(ObjectType(cls), name) and (
                    defines(cls, name) or issubclass(cls, library.Compared))
                if own and not (name in MADE and is_made_for(cls, name)):
                    return cls, name
        return None

    def _classes_in(self, arguments: Any) -> set[type]:
        """The classes of objects among ``arguments`` and in the containers there."""
        classes: set[type] = set()
        waiting: list[HeapObject] = []

        def note(item: Any) -> Any:
            if isinstance(item, (Tracer, Loadable)):
                kinds = options(type_of(item))
                classes.update(option.cls for option in kinds if isinstance(option, ObjectType))
                classes.update(type(option.value) for option in kinds if _is_asked(option))
                waiting.extend(fitting(refs_of(item), type_of(item)))
            elif (member := member_in(item)) is not None:
                classes.add(type(member))
            return item

        map_leaves(arguments, note)
        seen: set[HeapObject] = set()
        while waiting:
            thing = waiting.pop()
            if thing in seen:
                continue
            seen.add(thing)
            state = self.heap.get(thing)
            if thing.kind == "object":
                classes.add(thing.cls)
                waiting.extend(each for held in self.compared_fields(thing) for each in held)
            if state is not None:
                held = [state.key, state.item, *((state.known or {}).values() if thing.kind != "object" else ())]
                kinds = [option for item in held for option in options(type_of(item))]
                classes.update(type(option.value) for option in kinds if _is_asked(option))
                waiting.extend(each for item in held for each in fitting(refs_of(item), type_of(item)))
        return classes


PLACES_OF = {"container.index": "list", "list.index": "list", "deque.index": "deque", "deque.remove": "deque"}


def _is_asked(option: Type) -> TypeGuard[ConstantType]:
    """Whether values of a type are one constant of which a class of the program's may say more."""
    return is_asked_by_metaclass(option) or isinstance(option, ConstantType) and isinstance(option.value, Enum)


def _member_asked(arguments: Any) -> tuple[type, str] | None:
    """The class of a member of an enumeration among ``arguments`` that has a text of its own."""
    classes: list[type] = []

    def note(item: Any) -> Any:
        if isinstance(unwrap(item), Enum):
            classes.append(type(unwrap(item)))
        return item

    map_leaves(arguments, note)
    found = [(cls, name) for cls in classes for name in TEXT_METHODS]
    return next((
        (cls, name) for cls, name in found if has_user_method(ObjectType(cls), name) and defines(cls, name)
    ), None)

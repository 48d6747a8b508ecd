"""What generated code's calls mean while a function is traced: the protocol of the transpiler, staged.

Where everything that decides is known now, the call does what Python does; else it becomes a node.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from enum import EnumType
from typing import Any

from ..ir.graph import Location
from ..ir.type_text import describe_type
from ..ir.types import (
    NEVER,
    UNBOUND,
    ArrayType,
    ConstantType,
    DictType,
    IntType,
    IteratorType,
    ObjectType,
    PythonType,
    RangeType,
    ScalarType,
    TupleType,
    UnboundType,
    join,
    options,
)
from ..ops import TABLE
from ..ops.containers import ADVANCE, ITERATOR
from ..ops.effects import BOUND, IS_BOUND, UNBOUND_VALUE
from ..records import record
from . import attribute_answers as attribute_answers
from . import class_answers as class_answers
from . import class_checks as class_checks
from . import copies as copies  # its answers, and those of the next
from . import iteration as iteration
from . import json_answers as json_answers
from . import library_answers as library_answers
from . import numpy_answers as numpy_answers
from . import pattern_answers as pattern_answers
from . import random_answers as random_answers
from . import warning_answers as warning_answers
from .asking import ORDER
from .classes import class_attribute, has_user_method, says_items
from .heap import (
    Loadable,
    bound_part,
    may_be_unbound,
    type_of,
)
from .items import DictView
from .misfits import check_iterator
from .object_dicts import ObjectDicts, ObjectView
from .regions import Loop, trace_cond, trace_loop
from .sizes import after_first, known_range
from .trace import Front, Specialise
from .tracer import BoundMethod, Tracer, UserMethod, facts_of, unwrap

MOST_COPIES = 32


@record
class Note:
    """What was done with a line, of some kind (``unrolled``, ``peeled``)."""

    kind: str
    text: str
    place: Location | None


class Staging(ObjectDicts):
    """A trace as the control of converted functions.

    A loop over a range or tuple of at most ``unroll`` known items is traced item by item; one over a range only as
    long as that makes no more than ``MOST_COPIES`` of its body, which loops around it and recursion multiply.
    """

    def __init__(self, front: Front, specialised: Mapping[str, int] | None = None, unroll: int = 4) -> None:
        super().__init__(front, specialised)
        self.unroll = unroll
        self.copies = 1
        self.peels = 0
        self.loops_over_names: list[str | None] = []  # the places of those that are being traced
        self.notes: dict[Note, None] = {}

    # -- branches

    def if_(
        self,
        test: Any,
        then: Callable[..., Any],
        otherwise: Callable[..., Any],
        carried: Sequence[Any],
        names: Sequence[str],
    ) -> Any:
        flag = self.truth(test)
        if not isinstance(flag, Tracer):
            return (then if flag else otherwise)(*carried)
        branches = [lambda: then(*carried), lambda: otherwise(*carried)]
        facts = facts_of(test)
        for subject, *types in facts:
            branches = [self.knowing(subject, type_, branch) for type_, branch in zip(types, branches)]
        if not facts:
            return trace_cond(self, flag, *branches)
        returned = []

        def noted(index: int) -> Any:
            value = branches[index]()
            returned.append(index)
            return value

        result = trace_cond(self, flag, lambda: noted(0), lambda: noted(1))
        if len(returned) == 1:
            for subject, *types in facts:
                self.learn(subject, types[returned[0]])
        return result

    def if_expr(self, test: Any, then: Callable[[], Any], otherwise: Callable[[], Any]) -> Any:
        return self.if_(test, then, otherwise, (), ())

    def compare(self, left: Any, *rest: Any) -> Any:
        symbol, right, *more = rest
        value = right()
        answer = self._compare(symbol, left, value)
        return self.and_(answer, lambda: self.compare(value, *more)) if more else answer

    def _compare(self, symbol: str, a: Any, b: Any) -> Any:
        if symbol in ORDER:
            return self.order(a, symbol, b)
        return {
            "==": self.eq,
            "!=": self.ne,
            "in": self.in_,
            "not in": self.not_in,
            "is": self.is_,
            "is not": self.is_not,
        }[symbol](a, b)

    def eq(self, a: Any, b: Any) -> Any:
        return self._equal("eq", a, b)

    def ne(self, a: Any, b: Any) -> Any:
        return self._equal("ne", a, b)

    def _equal(self, name: str, a: Any, b: Any) -> Any:
        a, b = unwrap(a), unwrap(b)
        if isinstance(a, (Tracer, BoundMethod, UserMethod)) or isinstance(b, (Tracer, BoundMethod, UserMethod)):
            return self.operate(name, a, b)
        return self.apply(TABLE.meaning(getattr(operator, name)), a, b)

    def not_in(self, item: Any, container: Any) -> Any:
        return self.not_(self.in_(item, container))

    def is_not(self, a: Any, b: Any) -> Any:
        return self.not_(self.is_(a, b))

    # -- loops

    def while_(
        self, test: Callable[..., Any], body: Callable[..., Any], carried: Sequence[Any], names: Sequence[str]
    ) -> Any:
        def peel() -> Any:
            def once(*variables: Any) -> Any:
                return self.while_(test, body, body(*variables), names)

            return self._peeling(lambda: self.if_(test(*carried), once, lambda *same: tuple(same), carried, names))

        return trace_loop(self, Loop(body, test, names), carried, peel if self.peels < 2 else None)

    def for_(
        self,
        iterable: Any,
        body: Callable[..., Any],
        carried: Sequence[Any],
        names: Sequence[str],
        test: Callable[..., Any] | None = None,
    ) -> Any:
        if self.of_metaclass(iterable, "__iter__") is not None:
            iterable = self.call(iter, iterable)
        iterable, body = self.over_attributes(self.checked(unwrap(iterable)), body)
        if self.is_generator(iterable):
            return self.over_generator(iterable, body, carried, names, test)
        kinds = options(iterable.graph_value.type) if isinstance(iterable, Tracer) else ()
        if len(kinds) > 1 and any(map(says_items, kinds)):
            return self.by_class(iterable, lambda one: self.for_(one, body, carried, names, test))
        few, place = self._few_items(iterable), self._place_of_names(iterable)
        if few is None and place in self.specialised:
            few = [lambda item=item: item for item in iterable]
        if few is not None:
            self.note("unrolled", f"a loop over {len(few)} known items")
            around, self.copies = self.copies, self.copies * max(1, len(few))
            try:
                return self._unrolled(few, body, carried, names, test)
            finally:
                self.copies = around
        if isinstance(iterable, Tracer) and isinstance(iterable.graph_value.type, ObjectType):
            return self._over_object(iterable, body, carried, names, test)
        item = self.iterated(iterable)
        if isinstance(iterable, DictView):
            iterable = self.materialised(iterable)
        if not isinstance(iterable, Tracer):
            iterable = Tracer(self.value_of(iterable), item.refs)
        if iterable.graph_value.type != NEVER and not self._is_iterable(iterable):
            self.apply(ITERATOR, iterable, type=NEVER)

        def peel() -> Any:
            return self._peeling(lambda: self._first_apart(iterable, item, body, carried, names, test))

        self.loops_over_names.append(place)
        try:
            return trace_loop(self, Loop(body, test, names, iterable, item), carried, peel if self.peels < 2 else None)
        finally:
            self.loops_over_names.pop()

    def _over_object(
        self,
        iterable: Tracer,
        body: Callable[..., Any],
        carried: Sequence[Any],
        names: Sequence[str],
        test: Callable[..., Any] | None,
    ) -> Any:
        """A loop over an object, by what its class says of iteration."""
        cls = type_of(iterable)
        assert isinstance(cls, ObjectType)
        if class_attribute(cls.cls, "__iter__")[0] is not None:
            iterator = check_iterator(self, self.call(self.get_attribute(iterable, "__iter__")))
            if not isinstance(type_of(iterator), ObjectType):
                return self.for_(iterator, body, carried, names, test)
            if has_user_method(type_of(iterator), "__next__"):
                advance = self.get_attribute(iterator, "__next__")
                return self._until(StopIteration, lambda: self.call(advance), body, carried, names, test)
            self.refuse(
                "Iterating over this object is not supported in a graph.",
                [("it is", describe_type(type_of(iterator)))],
                fix="let __iter__ return an object with a __next__ in Python, or iter() of a list",
            )
        if not has_user_method(cls, "__getitem__"):
            self.raise_now(TypeError(f"'{cls.cls.__name__}' object is not iterable"))
        place = self.scope()
        place.index = -1

        def next_item() -> Any:
            place.index = place.index + 1
            return self.get_item(iterable, place.index)

        return self._until(IndexError, next_item, body, carried, names, test)

    def _until(
        self,
        end: type[Exception],
        next_item: Callable[[], Any],
        body: Callable[..., Any],
        carried: Sequence[Any],
        names: Sequence[str],
        test: Callable[..., Any] | None,
    ) -> Any:
        """A loop over what ``next_item()`` gives, until that raises ``end``."""
        step = self.scope()

        def fetch() -> None:
            step.item = self.caught(next_item) if end is StopIteration else next_item()
            step.present = True

        def stop(error: Any) -> None:
            step.present = False

        def advance() -> Any:
            self.try_(fetch, ((lambda: end, stop),))
            return step.present

        def more(*variables: Any) -> Any:
            return advance() if test is None else self.if_(test(*variables), advance, lambda: False, (), ())

        return self.while_(more, lambda *variables: body(step.item, *variables), carried, names)

    def _is_iterable(self, iterable: Tracer) -> bool:
        """Whether some value of its type can be iterated over."""
        for option in options(iterable.graph_value.type):
            match option:
                case IntType() | ScalarType() | ConstantType() | UnboundType() | ArrayType(_, ()):
                    continue
                case PythonType(cls) if cls not in (str, bytes):
                    continue
            return True
        return False

    def _few_items(self, iterable: Any) -> list[Callable[[], Any]] | None:
        """Thunks of the items, where they are so few and so well known that the loop is traced item by item."""
        if isinstance(iterable, ObjectView):
            return self.few_attributes(iterable)
        if isinstance(iterable, DictView):
            state = self.only_state(iterable.mapping)
            if state is None or state.known is None or not isinstance(type_of(iterable.mapping), DictType):
                return None
            keys = list(state.known)
            return [lambda key=key: self._view_item(iterable, key) for key in keys]
        if type(iterable) is tuple or isinstance(iterable, (str, bytes, range)):
            kinds = {type(option) for item in iterable for option in options(type_of(item))}
            few = len(iterable) <= self.unroll and (type(iterable) is not range or self._may_copy(len(iterable)))
            if few or ConstantType in kinds or TupleType in kinds:
                return [lambda item=item: item for item in iterable]
            return None
        if isinstance(iterable, EnumType):
            return [lambda member=member: member for member in self.known_items(iterable) or ()]
        if isinstance(iterable, Tracer) and isinstance(iterable.graph_value.type, RangeType):
            known = known_range(iterable.graph_value.type)
            if known is not None and len(known) <= self.unroll and self._may_copy(len(known)):
                return [lambda i=i: i for i in known]
        return None

    def _place_of_names(self, iterable: Any) -> str | None:
        """The place of a loop over a tuple of text, which is traced item by item if it has to be."""
        if type(iterable) is not tuple or not all(isinstance(item, str) for item in iterable):
            return None
        path = self.places.lasting_path()
        return f"the loop of {path}" if self._may_copy(len(iterable)) else None

    def name_is_needed(self) -> None:
        """Where loops over text are being traced, start again with these traced item by item."""
        places = {place: 1 for place in self.loops_over_names if place is not None}
        if places:
            raise Specialise(places, "an attribute is named by an item of a loop")

    def _may_copy(self, number: int) -> bool:
        """Whether a loop may be written out ``number`` times."""
        return self.copies * number <= MOST_COPIES

    def _view_item(self, view: DictView, key: Any) -> Any:
        if view.what == "keys":
            return key
        value = self.get_item(view.mapping, key)
        return value if view.what == "values" else (key, value)

    def _unrolled(
        self,
        items: Sequence[Callable[[], Any]],
        body: Callable[..., Any],
        carried: Sequence[Any],
        names: Sequence[str],
        test: Callable[..., Any] | None,
    ) -> Any:
        if not items:
            return tuple(carried)

        def rest(*variables: Any) -> Any:
            return self._unrolled(items[1:], body, body(items[0](), *variables), names, test)

        if test is None:
            return rest(*carried)
        return self.if_(test(*carried), rest, lambda *same: tuple(same), carried, names)

    def _first_apart(
        self,
        iterable: Tracer,
        item: Loadable,
        body: Callable[..., Any],
        carried: Sequence[Any],
        names: Sequence[str],
        test: Callable[..., Any] | None,
    ) -> Any:
        """A for loop with its first iteration apart."""
        type_ = iterable.graph_value.type
        same = lambda *variables: tuple(variables)  # noqa: E731
        if isinstance(type_, RangeType):

            def first(*variables: Any) -> Any:
                start = self.apply(TABLE.by_name["get_item"], iterable, 0)
                rest = self.apply(TABLE.by_name["get_item"], iterable, slice(1, None), type=after_first(type_))
                return self.for_(rest, body, body(start, *variables), names, test)

            step = lambda *variables: self.if_(iterable, first, same, variables, names)  # noqa: E731
        else:
            refs = iterable.graph_refs | item.refs
            iterator = self.apply(ITERATOR, iterable, type=IteratorType(item.type), refs=refs)

            def begin(*variables: Any) -> Any:
                found = self.apply(ADVANCE, iterator, UNBOUND_VALUE, type=join(item.type, UNBOUND), refs=item.refs)
                present = self.apply(IS_BOUND, found)

                def once(*variables: Any) -> Any:
                    value = self.apply(BOUND, found, "item", type=item.type, refs=item.refs)
                    return self.for_(iterator, body, body(value, *variables), names, test)

                return self.if_(present, once, same, variables, names)

            step = begin
        return step(*carried) if test is None else self.if_(test(*carried), step, same, carried, names)

    def note(self, kind: str, text: str) -> None:
        """Note for people what was done with the line that is traced; once, also where it is traced several times."""
        self.notes[Note(kind, text, self.location())] = None

    def _peeling(self, run: Callable[[], Any]) -> Any:
        self.note("peeled", "the first trip of a loop, since it changes the kind of a variable")
        self.peels += 1
        try:
            return run()
        finally:
            self.peels -= 1

    # -- variables without a value

    def unbound(self, name: str) -> Any:
        return UNBOUND_VALUE

    def bound(self, value: Any, name: str, free: bool = False) -> Any:
        rest = (name, True) if free else (name,)
        if value is UNBOUND_VALUE:
            return self.apply(BOUND, UNBOUND_VALUE, *rest, type=NEVER)
        if isinstance(value, Tracer) and may_be_unbound(value.graph_value.type):
            return self.apply(BOUND, value, *rest, type=bound_part(value.graph_value.type), refs=value.graph_refs)
        return value

    def is_bound(self, value: Any) -> Any:
        if isinstance(value, Tracer) and may_be_unbound(value.graph_value.type):
            return self.apply(IS_BOUND, value)
        return value is not UNBOUND_VALUE

    # -- small words

    def slice_(self, start: Any = None, stop: Any = None, step: Any = None) -> slice:
        return slice(start, stop, step)

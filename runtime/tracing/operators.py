"""Operators: what a class of the user's says of one comes first, in Python's order; then they are ops."""

from __future__ import annotations

import operator
import types
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from ..ir.types import (
    BOOL,
    STR,
    ArrayType,
    DictType,
    IntType,
    ListType,
    ObjectType,
    PythonType,
    ScalarType,
    SetType,
    TupleType,
    Type,
    join,
    options,
)
from ..ops import TABLE
from ..ops.containers import ANY_LIST
from ..ops.infer import RAISED
from ..ops.operators import binary, is_numpy, rank_of
from ..ops.stand_ins import Unknown, stand_in
from .attributes import Attributes
from .classes import class_attribute, has_user_method, is_derived, is_function
from .heap import Loadable, State, appended, held, refs_of, type_of
from .items import DictView
from .protocols import check_given, is_left_to, is_unwrapped, meets_array
from .trace import is_user_namespace
from .tracer import Tracer

NOT_IMPLEMENTED = type_of(NotImplemented)
TEXTS = (STR, PythonType(bytes))    # which format what stands behind '%', whatever that is
REFLECTED = {"lt": "gt", "gt": "lt", "le": "ge", "ge": "le", "eq": "eq", "ne": "ne"}


class Operators(Attributes):
    """The part of a trace that applies operators."""

    def operate(self, name: str, *operands: Any) -> Any:
        """An operator on tracers; what a user's class defines for it comes first."""
        several = next((i for i, operand in enumerate(operands) if _may_be_asked(name, operand)), None)
        if several is not None:
            before, after = operands[:several], operands[several + 1 :]
            return self.by_class(operands[several], lambda one: self.operate(name, *before, one, *after))
        if len(operands) == 2 and is_left_to(type_of(operands[1])):
            operands = (self._as_python_number(operands[0], name), operands[1])
        if isinstance(operands[-1], DictView) and not isinstance(type_of(operands[0]), ObjectType):
            of_view = getattr(operands[-1], f"__r{name}__", None)
            if of_view is not None:
                return of_view(operands[0])
        candidates = _candidates(name, *operands)
        return self._first_answer(candidates, name, operands, lambda: self._plain_operator(name, *operands))

    def _as_python_number(self, number: Any, name: str) -> Any:
        """The Python number that NumPy puts in the place of its scalar beside what it knows nothing of."""
        found = options(type_of(number))
        scalars = (option for option in found if isinstance(option, ScalarType))
        first = next((option for option in scalars if is_unwrapped(option, name)), None)
        if first is None:
            return number
        if len(found) == 1:
            return self.call_method(number, "item") if isinstance(number, Tracer) else number.item()
        others = join(*(option for option in found if option is not first))
        return self.if_(
            self.is_(self.call(type, number), first.dtype.type),
            lambda: self.call_method(self.narrowed(number, first), "item"),
            lambda: self._as_python_number(self.narrowed(number, others), name),
            (),
            (),
        )

    def _first_answer(
        self, candidates: Sequence[tuple[Any, ...]], name: str, operands: Sequence[Any], otherwise: Callable[[], Any]
    ) -> Any:
        """What the first of the methods gives that does not return ``NotImplemented``, else ``otherwise()``."""
        if not candidates:
            return otherwise()
        (receiver, special, *others), *rest = candidates
        cls = receiver.graph_value.type.cls
        found, _ = class_attribute(cls, special)
        negated = special == "__ne__" and found is object.__ne__ and has_user_method(type_of(receiver), "__eq__")
        if negated:
            found, _ = class_attribute(cls, "__eq__")
        if not isinstance(found, types.FunctionType):
            return self._first_answer(rest, name, operands, otherwise)
        result = self.call(found, receiver, *others)
        kinds = [option for option in options(type_of(result)) if option != NOT_IMPLEMENTED]
        if kinds and len(kinds) == len(options(type_of(result))):
            return self.not_(result) if negated else result
        self.check_order(special, operands)
        if not kinds:
            return self._first_answer(rest, name, operands, otherwise)

        def answer() -> Any:
            known = self.narrowed(result, join(*kinds))
            return self.not_(known) if negated else known

        flag = self.is_(result, NotImplemented)
        return self.if_(flag, lambda: self._first_answer(rest, name, operands, otherwise), answer, (), ())

    def _plain_operator(self, name: str, *operands: Any) -> Any:
        if name not in REFLECTED and len(operands) == 2 and _are_of_program(_candidates(name, *operands)):
            self._raise_unfit(name, _function(name), operands)
        if name == "divmod":
            return self.apply(TABLE.meaning(divmod), *operands)
        if name == "abs":
            return self.apply(TABLE.meaning(abs), *operands)
        function = _function(name)
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

    def _raise_unfit(self, name: str, function: Callable[..., Any], operands: Sequence[Any]) -> NoReturn:
        """Raise what ``function`` does of objects whose methods all returned ``NotImplemented``; they are not asked
        again.
        """
        try:
            function(*(_without_methods(name, type_of(operand)) for operand in operands))
        except TypeError as error:
            self.raise_now(error)
        except Unknown:
            pass
        self.refuse(
            f"The methods for '{name}' may all return NotImplemented, and what Python does then is not supported.",
            fix="test with isinstance() first what the operands are",
        )

    def operate_in_place(self, name: str, target: Any, other: Any) -> Any:
        """``target += other``, of which one may be known now."""
        if not isinstance(target, Tracer) and _go_together(name, type_of(target), type_of(other)):
            return self.operate(name, target, other)
        changing = f"__i{name}__"
        if _may_be_asked(name, target, changing):
            return self.by_class(target, lambda one: self.operate_in_place(name, one, other))
        type_ = type_of(target)
        asked_before = isinstance(type_, ObjectType | ListType | SetType) or all(map(_is_immutable, options(type_)))
        if not asked_before:
            return self._plain_in_place(name, target, other)
        if _may_be_asked(name, other):
            return self.by_class(other, lambda one: self.operate_in_place(name, target, one))
        if is_left_to(type_of(other)):
            target = self._as_python_number(target, name)
        candidates = _candidates(name, target, other)
        if isinstance(type_, ObjectType) and (found := class_attribute(type_.cls, changing)[0]) is not None:
            if not isinstance(found, types.FunctionType):
                return self.call(found, target, other)
            candidates.insert(0, (target, changing, other))

        def otherwise() -> Any:
            if _are_of_program(candidates):
                self._raise_unfit(name, getattr(operator, f"i{name}"), (target, other))
            if isinstance(type_, ObjectType) and hasattr(type_.cls, f"__{name}__"):
                return self._plain_operator(name, target, other)
            return self._plain_in_place(name, target, other)

        return self._first_answer(candidates, name, (target, other), otherwise)

    def _plain_in_place(self, name: str, target: Any, other: Any) -> Any:
        type_ = type_of(target)
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
        if refs_of(target) and not isinstance(type_, ArrayType):
            self.havoc(target, [self.iterated(other)])
        return result


def _is_immutable(type_: Type) -> bool:
    """Whether an operator that works in place is the plain operator for values of ``type_``."""
    return isinstance(type_, IntType | PythonType | ScalarType | TupleType)


def _go_together(name: str, constant: Type, other: Type) -> bool:
    """Whether there certainly is such an operator of two numbers, texts or tuples, so that no error names it."""
    are_numbers = [is_numpy(option) or rank_of(option) is not None for option in (constant, *options(other))]
    if not all(are_numbers) and not type(constant) is type(other) is TupleType and not constant == other == STR:
        return False
    try:
        for option in options(other):
            binary(_function(name))(constant, option)
    except RAISED:
        return False
    return True


def _function(name: str) -> Callable[..., Any]:
    """The operator as a function."""
    return divmod if name == "divmod" else getattr(operator, name if hasattr(operator, name) else f"{name}_")


def _without_methods(name: str, type_: Type) -> Any:
    """A small object of ``type_``, of a class of the same name without methods if that is the program's own.

    Raises Unknown where such an object would not do.
    """
    if isinstance(type_, ListType):
        return []
    if not isinstance(type_, ObjectType):
        return () if isinstance(type_, TupleType) and type_.cls is tuple else stand_in(type_)
    methods = {f"__{name}__", f"__r{name}__", f"__i{name}__", "__index__", "__iter__", "__getitem__"}
    if any(methods & vars(base).keys() for base in type_.cls.__mro__ if not is_user_namespace(base)):
        raise Unknown(type_)
    if any(has_user_method(type_, method) for method in ("__index__", "__iter__", "__getitem__")):
        raise Unknown(type_)
    taken_over = {"__array_ufunc__": None} if _steps_back(type_.cls) else {}
    return type(type_.cls.__name__, (), taken_over)()


def _are_of_program(candidates: Sequence[tuple[Any, ...]]) -> bool:
    """Whether one of the methods is a function of the program's."""
    found = (class_attribute(receiver.graph_value.type.cls, special)[0] for receiver, special, *_ in candidates)
    return any(isinstance(method, types.FunctionType) for method in found)


def _may_be_asked(name: str, operand: Any, *more: str) -> bool:
    """Whether ``operand`` may be an object of one of several classes, of which one says what an operator gives."""
    found = options(type_of(operand)) if isinstance(operand, Tracer) else ()
    methods = [f"__{name}__", f"__{REFLECTED.get(name, f'r{name}')}__", *(["__eq__"] if name == "ne" else []), *more]
    return len(found) > 1 and any(has_user_method(option, method) for option in found for method in methods)


def _candidates(name: str, first: Any, *second: Any) -> list[tuple[Any, ...]]:
    """The objects whose class may say what an operator gives: each with its method and the method's arguments."""
    special, reflected = f"__{name}__", f"__{REFLECTED.get(name, f'r{name}')}__"
    a = first.graph_value.type if isinstance(first, Tracer) else None
    candidates: list[tuple[Any, ...]] = [(first, special, *second)] if isinstance(a, ObjectType) else []
    for other in second:
        b = other.graph_value.type if isinstance(other, Tracer) else None
        if not isinstance(b, ObjectType) or isinstance(a, ArrayType | ScalarType) and not _steps_back(b.cls):
            continue
        if a == b and name not in REFLECTED or name == "mod" and type_of(first) in TEXTS:
            continue
        candidates.append((other, reflected, first))
        if isinstance(a, ObjectType) and a != b and is_derived(b.cls, a.cls):
            methods = [class_attribute(cls, reflected)[0] for cls in (a.cls, b.cls)]
            if name in REFLECTED or methods[0] is not methods[1]:
                candidates.reverse()
    return candidates


def _steps_back(cls: type) -> bool:
    """Whether NumPy leaves its operators to ``cls`` instead of taking an object of it as an array of objects."""
    value, owner = class_attribute(cls, "__array_ufunc__")
    return owner is not None and value is None or getattr(cls, "__array_priority__", 0) > 0


def _extended(state: State, known: Any, item: Loadable) -> State:
    return held(state, [item]) if known is None else appended(state, known)

"""Classes as values: what the metaclass of a class, one of the program's own, says of its classes.

Operators, the truth of a class and what a loop over it gives are traced, as for an object.  Built-in code that is given
such a class would ask its metaclass while the graph is made or run, and is refused.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from enum import Enum
from typing import Any, TypeGuard

from ..ir.call import leaves
from ..ir.types import BOOL, ConstantType, DictType, IntType, ListType, ObjectType, PythonType, SetType, Type, options
from ..ops.effects import (
    ANSWER,
    CONSTANT,
    EXPECTED,
    ISINSTANCE,
    ISSUBCLASS,
    LOAD,
    LOAD_OWN,
    LOAD_VARIABLE,
    NARROWED,
    NEW,
    STORE,
)
from ..ops.op import Op
from .class_making import AT_ALL, is_users
from .classes import class_attribute
from .heap import type_of
from .local_classes import LocalClasses
from .operators import NOT_IMPLEMENTED, REFLECTED
from .paths import Path
from .trace import is_user_namespace
from .tracer import Namespace, Tracer, unwrap

# Methods that are called for what the program does with a class, and are traced there; and what every class has.
TRACED = (
    *vars(type("Plain", (), {})), "__new__", "__init__", "__call__", "__prepare__", "__instancecheck__",
    "__subclasscheck__", "__setattr__", "__delattr__", "__getattr__", "__init_subclass__", "__set_name__", "__slots__",
    "__annotations__", "__static_attributes__", "__firstlineno__", "__abstractmethods__", "__classcell__",
    "__orig_bases__", "__parameters__",
)  # fmt: skip
TEXTS = ("__format__", "__str__", "__repr__")
EQUALITY = ("__eq__", "__ne__")
ITERATION = ("__iter__", "__next__", "__getitem__", "__len__", "__length_hint__")
# What some ops ask at most; ``container.index`` and the like of what is looked for.
ASKED = {
    **dict.fromkeys(("operator.eq", "operator.ne", "container.index", "container.count", "container.remove"), EQUALITY),
    **dict.fromkeys(("text", "print", "percent"), TEXTS),
    **dict.fromkeys(("iterator", "builtins.list", "builtins.tuple"), ITERATION),
    "operator.contains": ("__contains__", *ITERATION), "builtins.len": ("__len__",),
}
OF_MAKING = {"__new__", "__init__"}
OF_MEMBERS = (*ITERATION, "__contains__", "__int__", "__float__", "__index__", "__call__")
ON_ITEMS = ("get_item", "update", "delete_item")
# Ops that only pass a class on, make an object of it or compare its identity.
PASSING = {
    *(op.name for op in (CONSTANT, NEW, EXPECTED, ISINSTANCE, ISSUBCLASS)),
    *(op.name for op in (LOAD, LOAD_OWN, LOAD_VARIABLE, NARROWED, STORE)),
    "allocate", "allocate_by", "allocate_plain", "initialise", "raise", "bound", "list", "tuple", "dict", "set", "type",
    "of_class", "has_attribute", "operator.is", "operator.is_not", "named_tuple", "closure", "container.append",
    "container.insert", "is_bound", "misfit", "builtins.callable", "store_plain",
}  # fmt: skip


class ClassValues(LocalClasses):
    """The part of a trace that asks metaclasses of the program's own."""

    counted: Callable[..., Any]  # see instances

    def apply(self, op: Op, *args: Any, **keywords: Any) -> Any:
        if op.name not in PASSING:
            asked = leaves(_asked_among(op, args))
            for item in [*asked, *leaves(keywords)]:
                for cls in _classes_among(item):
                    self._refuse_asking_class(cls, ASKED.get(op.name))
            for item in asked:
                self._check_member(item)
        return super().apply(op, *args, **keywords)

    def _check_member(self, item: Any) -> None:
        """Refuse a member of an enumeration that has a method of its own for what built-in code asks."""
        member = member_in(item)
        for name in OF_MEMBERS if member is not None else ():
            if name in _own_methods(type(member)):
                self.refuse(
                    f"'{type(member).__name__}.{name}' of a member that is written out is not supported.",
                    fix="give it a name without underscores, and call that",
                )

    def _refuse_asking_class(self, cls: type, asked: tuple[str, ...] | None) -> None:
        """Refuse that built-in code asks the metaclass of ``cls`` for one of ``asked``, or for whatever there is."""
        own = next((name for name in _specials(type(cls)) if asked is None or name in asked), None)
        if own is not None:
            self.refuse(
                f"The class '{cls.__name__}' is given to code that may ask its metaclass for '{own}'.",
                fix="make that a class method, and call it",
            )

    def as_object(self, item: Any) -> Any:
        """A member of an enumeration that has methods of its own for operators, as an object of the graph."""
        member = member_in(item)
        if member is None or not _own_methods(type(member)) - OF_MAKING:
            return item
        return self.apply(CONSTANT, member, type=ObjectType(type(member)))

    def truth(self, item: Any) -> Any:
        target = unwrap(item)
        member = member_in(item)
        if member is not None and not _own_methods(type(member)).isdisjoint(("__bool__", "__len__")):
            return self.truth(self.as_object(item))
        if isinstance(target, type) and (asked := self.of_metaclass(target, "__bool__")) is not None:
            answer = self.call(asked)
            return answer if type_of(answer) == BOOL else self.apply(ANSWER, answer)
        if isinstance(target, type) and (asked := self.of_metaclass(target, "__len__")) is not None:
            return super().truth(self.counted(self.call(asked)))
        return super().truth(item)

    def operate(self, name: str, *operands: Any) -> Any:
        operands = tuple(map(self.as_object, operands))
        numbers = options(type_of(operands[0]))
        if _has_own_metaclass(unwrap(operands[-1])) and all(isinstance(each, IntType | PythonType) for each in numbers):
            answer = self.operate_on_class(name, *operands)
            if answer is not NotImplemented:
                return answer
        return super().operate(name, *operands)

    def operate_on_class(self, name: str, *operands: Any, function: Any = None) -> Any:
        """What metaclasses of the program's say of an operator, or NotImplemented; of constants, ``function``."""
        if any(member_in(operand) is not None for operand in operands):
            asking = [self.as_object(operand) for operand in operands]
            if any(new is not old for new, old in zip(asking, operands)):
                return getattr(operator, name)(*asking)
        special, reflected = f"__{name}__", f"__{REFLECTED.get(name, f'r{name}')}__"
        kinds = [type(unwrap(operand)) if isinstance(unwrap(operand), type) else None for operand in operands]
        asked = [(self.of_metaclass(operands[0], special), operands[1:])]
        if len(operands) == 2 and (kinds[0] is not kinds[1] or name in REFLECTED):
            asked.append((self.of_metaclass(operands[1], reflected), operands[:1]))
            if kinds[0] is not None and kinds[1] is not None and kinds[0] in kinds[1].__mro__[1:]:
                asked.reverse()
        answer = self._first_said([(method, *given) for method, given in asked if method is not None])
        if answer is NotImplemented and function is not None and all(map(_is_plain, operands)):
            return self.of_constants(function, *map(unwrap, operands))
        return answer

    def operate_in_place_on_class(self, name: str, target: Any, other: Any) -> Any:
        asked = self.of_metaclass(target, f"__i{name}__")
        if asked is not None:
            return self._first_said([(asked, other)])
        return self.operate_on_class(name, target, other, function=getattr(operator, f"i{name}"))

    def sign_of_class(self, name: str, symbol: str, operand: Any) -> Any:
        """``-operand`` and the like, of a class, a module or a member of an enumeration."""
        asked = self.of_metaclass(operand, f"__{name}__")
        if asked is not None:
            return self.call(asked)
        if f"__{name}__" in _own_methods(type(unwrap(operand))):
            return getattr(operator, name)(self.as_object(operand))
        kind = type(unwrap(operand))
        if hasattr(kind, f"__{name}__"):
            return self.of_constants(getattr(operator, name), unwrap(operand))
        self.raise_now(TypeError(f"bad operand type for unary {symbol}: '{kind.__name__}'"))

    def _first_said(self, asked: list[tuple[Any, ...]]) -> Any:
        """What the first of the methods gives that does not return NotImplemented, where there is one."""
        for method, *given in asked:
            result = self.call(method, *given)
            kinds = options(type_of(result))
            if NOT_IMPLEMENTED not in kinds:
                return result
            if len(kinds) > 1:
                break
        if not asked:
            return NotImplemented
        self.refuse("An operator of a class gives NotImplemented.", fix="make it a class method, and call that")

    def of_namespaces(self, function: Callable[..., Any], *operands: Any) -> Any:
        answer = self.operate_on_class("or", *operands)
        return super().of_namespaces(function, *operands) if answer is NotImplemented else answer

    def take(self, value: Any, name: str, path: Path) -> Any:
        if isinstance(value, type):
            self._check_metaclass(type(value), AT_ALL)
        self.check_reads(type(value))
        return super().take(value, name, path)

    def check_reads(self, cls: type) -> None:
        """Refuse objects of a class that is asked for every attribute, those that Python itself reads among them."""
        found, owner = class_attribute(cls, "__getattribute__")
        if is_users(found) and is_user_namespace(owner):
            self.refuse(
                f"The class '{cls.__name__}' has a '__getattribute__' of its own, which is not supported.",
                fix="write a '__getattr__', which is asked for what is missing, or properties",
            )


def _asked_among(op: Op, args: tuple[Any, ...]) -> tuple[Any, ...]:
    """The arguments that an op does more with than to look for them, to put them into a container or to fetch them."""
    container = type_of(args[0]) if args else None
    if op.name == "operator.contains" and type(args[0]) is tuple:
        return ()
    if op.name == "operator.contains" or isinstance(container, DictType | SetType) and op.name not in ASKED:
        return args[:1]
    return args[:2] if op.name in ON_ITEMS and isinstance(container, ListType) else args


def _specials(metaclass: type) -> list[str]:
    """The special methods that a metaclass of the program's has and that are not traced wherever they are called."""
    found = [name for base in metaclass.__mro__ if is_user_namespace(base) for name in vars(base)]
    return [name for name in found if name.startswith("__") and name.endswith("__") and name not in TRACED]


def member_in(item: Any) -> Enum | None:
    """The member of an enumeration that a value is known to be."""
    type_ = type_of(item)
    return type_.value if isinstance(type_, ConstantType) and isinstance(type_.value, Enum) else None


def _own_methods(enumeration: type) -> set[str]:
    """The special methods of the program's that an enumeration has."""
    return {name for base in enumeration.__mro__ if is_user_namespace(base)
            for name, found in vars(base).items() if name.startswith("__") and is_users(found)}  # fmt: skip


def _is_plain(operand: Any) -> bool:
    """Whether an operand is a constant that says of operators what Python's own classes do."""
    return isinstance(operand, (Namespace, int, float, complex, str, bytes, type(None)))


def is_asked_by_metaclass(type_: Type) -> TypeGuard[ConstantType]:
    """Whether a value of ``type_`` is a class with a metaclass of the program's."""
    return isinstance(type_, ConstantType) and _has_own_metaclass(type_.value)


def _has_own_metaclass(value: Any) -> bool:
    return isinstance(value, type) and is_user_namespace(type(value))


def _classes_among(item: Any) -> list[type]:
    """The classes with a metaclass of the program's that a value of the trace is or may be."""
    if isinstance(item, Tracer):
        return [option.value for option in options(item.graph_value.type) if is_asked_by_metaclass(option)]
    item = unwrap(item)
    return [item] if _has_own_metaclass(item) else []

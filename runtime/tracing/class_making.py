"""How a class of the call comes to be: its metaclass, what is asked for while it is made, and the class itself.

The class is a real one, made while tracing by Python's own metaclasses, so that its order of bases, its fields and its
members are Python's. What the program says of the making is traced like any other call, where Python would call it:
the methods of a metaclass, ``__set_name__`` and ``__init_subclass__``.
"""

from __future__ import annotations

import dataclasses
import enum
import functools
import sys
import types
from abc import ABCMeta
from collections.abc import Callable, Sequence
from enum import EnumType
from typing import Any, NamedTuple, NoReturn

from ..ir import literals
from ..ir.types import ObjectType, options
from ..ops.closures import is_record
from ..ops.effects import UNBOUND_VALUE
from ..records import record
from . import library
from .attributes import SharedVariables
from .classes import class_attribute, class_name, class_of, has_user_method
from .closures import Closures
from .heap import may_be_unbound, type_of
from .items import DictView
from .records import is_named_tuple, maker_of
from .trace import LoopFrame, is_user_namespace
from .tracer import Namespace, Tracer, UserMethod, unwrap
from .typing_types import Auto, constant_of

STATIC = (types.FunctionType, property, staticmethod, classmethod, functools.cached_property, dataclasses.Field)
TO_THE_TOP = "move the class to the top of the file"
NamedTupleMeta = type(types.resolve_bases((NamedTuple,))[0])
AT_ALL = ("__eq__", "__hash__", "__getattribute__")  # methods of a metaclass that are called wherever a class is noted
OF_MEMBERS = ("__new__", "__init__", "_generate_next_value_", "_missing_", "__init_subclass__")  # of enumerations


class Traced:
    """Stands in a class for an attribute that depends on the call."""


@record(eq=False)
class Header:
    """What a class is made of beside its body: bases as they are written and as they are meant, and keywords.

    ``space`` is what the metaclass prepared for the body: a dict of the trace or of Python's own.
    """

    name: Any
    bases: tuple[Any, ...]
    resolved: tuple[Any, ...]
    metaclass: Any
    keywords: dict[str, Any]
    space: Any


@record(eq=False)
class Made:
    """A class of the call: its attributes that are data, and where it is made."""

    variables: SharedVariables
    held: set[str]
    loops: tuple[LoopFrame, ...]
    block: Any


class ClassMaking(Closures):
    """The part of a trace that makes classes."""

    construct: Callable[..., Any]  # see instances
    _spread: Callable[..., tuple[Any, ...]]

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.made_classes: dict[type, Made] = {}

    # -- the statement, and what means the same

    def class_header(self, name: Any, /, *bases: Any, **keywords: Any) -> Header:
        """``class name(*bases, **keywords):``, before the body."""
        given = tuple([self._base(name, base) for base in self._spread(bases)])
        resolved = self.of_constants(types.resolve_bases, given)
        metaclass = unwrap(keywords.pop("metaclass", type(resolved[0]) if resolved else type))
        for base in resolved:
            if not isinstance(base, type):
                self._refuse_base(name, base)
            if isinstance(metaclass, type):
                metaclass = self._more_derived(metaclass, type(base))
        self._check_metaclass(metaclass)
        if isinstance(metaclass, type) and issubclass(metaclass, EnumType) and is_user_namespace(metaclass):
            self._refuse_base(name, metaclass)
        space = None
        prepare = class_attribute(metaclass, "__prepare__")[0] if isinstance(metaclass, type) else None
        if is_users(prepare):
            function = getattr(prepare, "__func__", prepare)
            bound = UserMethod(function, Namespace(metaclass)) if isinstance(prepare, classmethod) else function
            space = self.call(bound, name, self._shown(resolved), **keywords)
            self._known_items(name, space)
        elif not isinstance(metaclass, Tracer):
            space = getattr(metaclass, "__prepare__", lambda *args, **kwargs: {})(name, resolved, **keywords)
        return Header(name, given, resolved, metaclass, keywords, space)

    def class_(self, header: Header, qualified: str, module: str, attributes: Sequence[tuple[str, Any]],
               again: Sequence[str] = (), moved: Sequence[str] = ()) -> Any:  # fmt: skip
        """A ``class`` statement, after its body; see the protocol."""
        body: list[tuple[str, Any]] = [("__module__", module), ("__qualname__", qualified)]
        body += [(key, value) for key, value in attributes if value is not UNBOUND_VALUE]
        self._check_stores(header, dict(body), again, moved)
        if header.resolved is not header.bases:
            body.append(("__orig_bases__", header.bases))
        metaclass, space = header.metaclass, header.space
        if isinstance(metaclass, type) and not is_user_namespace(metaclass) and not isinstance(space, Tracer):
            return self.make_class(metaclass, metaclass, header, body)
        if not isinstance(space, Tracer):
            space = self.new_dict()
        for key, value in body:
            if isinstance(value, Tracer) and may_be_unbound(value.graph_value.type):
                self._refuse_unbound(header.name, key)
            self.set_item(space, key, self._shown(value))
        bases = self._shown(header.resolved)
        return self.call(metaclass, header.name, bases, space, **header.keywords)

    def class_by_call(self, maker: Callable[..., type], metaclass: Any, name: Any, bases: Any, space: Any,
                      /, **keywords: Any) -> Any:  # fmt: skip
        """``type(name, bases, space)``, and the same by a ``__new__`` of Python's that a metaclass calls."""
        wanted = (str, tuple, dict)
        for position, (part, cls) in enumerate(zip((name, bases, space), wanted), 1):
            if not issubclass(class_of(type_of(part)) or cls, cls):
                given = class_name(type_of(part))
                self.raise_now(TypeError(f"type.__new__() argument {position} must be {cls.__name__}, not {given}"))
        if isinstance(bases, Tracer):
            known = self.known_items(bases)
            bases = self._refuse_base(name, bases) if known is None else known
        bases = tuple([self._base(name, base) for base in bases or ()])
        for base in bases:
            if not isinstance(base, type):
                self._refuse_base(name, base)
            if unwrap(metaclass) is type:
                metaclass = self._more_derived(type, type(base))
        body = [*self._known_items(name, space).items()]
        if all(key != "__module__" for key, _ in body):
            body.append(("__module__", self.places.module()))
        header = Header(name, bases, bases, unwrap(metaclass), keywords, None)
        return self.make_class(maker, unwrap(metaclass), header, body)

    def made_by_metaclass(self, metaclass: type, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """A call of a class of classes of the program's."""
        new, init = (class_attribute(metaclass, name)[0] for name in ("__new__", "__init__"))
        if is_users(new):
            made = self.call(getattr(new, "__func__", new), Namespace(metaclass), *args, **kwargs)
        else:
            made = self.class_by_call(new, Namespace(metaclass), *args, **kwargs)
        if is_users(init) and isinstance(unwrap(made), metaclass):
            self.call(UserMethod(init, made), *args, **kwargs)
        return made

    # -- what it is made of

    def _base(self, name: Any, base: Any) -> Any:
        real = unwrap(base)
        is_class = isinstance(real, type)
        if isinstance(real, Tracer) or not is_class and is_user_namespace(type(real)):
            self._refuse_base(name, real)
        self._check_metaclass(type(real))
        own = [special for special in OF_MEMBERS if is_class and is_users(class_attribute(real, special)[0])]
        if isinstance(real, EnumType) and (own or is_user_namespace(type(real))) and real not in self.made_classes:
            self._refuse_base(name, real)
        return real

    def _check_metaclass(self, metaclass: Any, names: Sequence[str] = ("mro", *AT_ALL)) -> None:
        """Refuse a metaclass with a method that cannot be traced where Python calls it."""
        for name in names if isinstance(metaclass, type) and issubclass(metaclass, type) else ():
            if is_users(class_attribute(metaclass, name)[0]):
                self.refuse(
                    f"The metaclass '{metaclass.__name__}' has a '{name}' of its own, which is not supported.",
                    fix="leave it out, or make it a class method",
                )

    def _refuse_base(self, name: Any, base: Any) -> NoReturn:
        shown = getattr(base, "__name__", "this") if not isinstance(base, Tracer) else "this"
        self.refuse(
            f"The class '{name}' is made in the call and derived from {shown}, which is not supported.",
            fix=TO_THE_TOP,
        )

    def _more_derived(self, metaclass: type, other: type) -> type:
        if issubclass(metaclass, other):
            return metaclass
        if not issubclass(other, metaclass):
            self.raise_now(TypeError(
                "metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of the "
                "metaclasses of all its bases"
            ))  # fmt: skip
        return other

    def _shown(self, value: Any) -> Any:
        """``value`` as the program sees it: classes read their attributes through the trace."""
        if type(value) is tuple:
            return tuple(map(self._shown, value))
        return Namespace(value) if is_user_namespace(value) else value

    def _known_items(self, name: Any, space: Any) -> dict[str, Any]:
        """What a dict of the trace holds, all of which must be known."""
        if isinstance(space, DictView):
            space = self.materialised(space)
        if type(space) is dict:
            return space
        state = self.only_state(space) if isinstance(space, Tracer) else None
        if state is None or state.known is None or not all(isinstance(key, str) for key in state.known):
            self.refuse(
                f"What the class '{name}' holds is known only when the graph runs.",
                fix="write the attributes out in the body of the class",
            )
        return {key: self.get_item(space, key) for key in state.known}

    # -- the class

    def make_class(self, maker: Callable[..., Any], metaclass: type, header: Header, body: Any) -> Any:
        """The class that ``maker``, one of Python's metaclasses or the ``__new__`` of one, makes of ``body``."""
        name = header.name
        given, held = self._attributes_given(name, metaclass, body)
        is_hooked = self._is_hooked(header)
        keywords = {key: unwrap(value) for key, value in header.keywords.items()}
        space = header.space if isinstance(header.space, dict) else {}
        cls = self.of_constants(lambda: _made(maker, metaclass, header, space, given, None if is_hooked else keywords))
        if isinstance(cls, EnumType):
            self._check_members(cls)
        cls = unwrap(self._noted(cls, given, held))
        for key, value in held.items():
            self._name_descriptor(cls, key, value)
        if is_hooked:
            hook = next(filter(None, (vars(base).get("__init_subclass__") for base in cls.__mro__[1:])))
            self.call(UserMethod(hook.__func__, Namespace(cls)), **header.keywords)
        return Namespace(cls)

    def _is_hooked(self, header: Header) -> bool:
        """Whether an ``__init_subclass__`` of the program's is told of the class.

        Refused where one of Python's own is told first, which would go on to the program's by itself.
        """
        order = {base: None for cls in reversed(header.resolved) for base in reversed(cls.__mro__)}
        hooks = [vars(base)["__init_subclass__"] for base in reversed(order)
                 if base is not object and "__init_subclass__" in vars(base)]  # fmt: skip
        own = [is_users(hook) for hook in hooks]
        if own != sorted(own, reverse=True):
            self._refuse_base(header.name, header.resolved[0])
        return True in own

    def class_made_by(self, make: Any, name: Any, *args: Any, **kwargs: Any) -> Any:
        """What ``namedtuple``, ``Enum`` and the like make of a name and more; only defaults may depend on data."""
        given = constant_of(self, args)
        named = {key: constant_of(self, value) for key, value in kwargs.items()}
        if is_traced((name, given, *(value for key, value in named.items() if key != "defaults"))):
            self.refuse(
                f"What {make.__name__}() makes is known only when the graph runs.",
                fix="name the parts where it is called",
            )
        cls = self.of_constants(lambda: make(name, *given, **named))
        type.__setattr__(cls, "__module__", self.places.module())
        return self._noted(cls, {}, {})

    def _noted(self, cls: Any, given: dict[str, Any], held: dict[str, Any]) -> Namespace:
        """A new class of the call, of which ``held`` are variables; in a loop, the one of the round before."""
        type.__setattr__(cls, literals.STAND_IN, True)
        if self.loops:
            found = self.loops[-1].again(("class", self.places.path()), cls)
            if found is not cls and found.__bases__ == cls.__bases__ and type(found) is type(cls):
                cls = _renewed(found, cls, given)
        self.made_classes[cls] = made = Made(self.scope(), {*held}, tuple(self.loops), self.block)
        for key, value in held.items():
            setattr(made.variables, key, value)
            if given[key] is Traced:
                type.__setattr__(cls, key, self.stand_in(cls, key, value))
        return Namespace(cls)

    def hold_in_class(self, cls: type, key: str, value: Any) -> None:
        """Let ``value`` be an attribute of a class of the call: a variable of the trace."""
        made = self.made_classes[cls]
        made.held.add(key)
        type.__setattr__(cls, key, self.stand_in(cls, key, value))
        setattr(made.variables, key, value)

    def stand_in(self, cls: type, key: str, value: Any) -> Any:
        """What stands in the class itself: of a descriptor, an object of its class, which says how it is used."""
        if not is_traced(value):
            return _unwrapped(value)
        kind = _descriptor_class(value)
        if kind is None:
            return Traced
        try:
            return object.__new__(kind)
        except TypeError:
            self._refuse_binding(cls.__name__, key)

    def _name_descriptor(self, cls: type, key: str, value: Any) -> None:
        kind = _descriptor_class(value)
        if kind is not None and _is_told_its_name(value):
            tell = UserMethod(class_attribute(kind, "__set_name__")[0], value)
            self.call(library.tell_name, tell, kind.__name__, Namespace(cls), key)

    def _attributes_given(self, name: str, metaclass: type, body: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """What is given to Python to make the class of, and what of it is data."""
        given: dict[str, Any] = {}
        held: dict[str, Any] = {}
        is_enum = issubclass(metaclass, EnumType)
        for key, value in body:
            value = self._class_attribute(name, key, value)
            given[key] = value
            if is_enum and key == "__new__":
                self.refuse(
                    f"The enumeration '{name}' is made in the call and has a '__new__', which is not supported.",
                    fix=TO_THE_TOP,
                )
            if isinstance(value, STATIC) or key in ("__module__", "__qualname__", "__orig_bases__"):
                continue
            if key == "__annotations__" and isinstance(value, Tracer):
                state = self.only_state(value)
                if state is not None and state.known is not None:
                    given[key] = {each: _plain_annotation(self.get_item(value, each)) for each in state.known}
                elif metaclass is type or metaclass is ABCMeta:
                    given[key] = {}
                else:
                    self._known_items(name, value)
                held[key] = value
            elif is_enum and not key.startswith("__"):
                if is_traced(value):
                    self.refuse(
                        f"What '{key}' of the enumeration '{name}' is, is known only when the graph runs.",
                        fix="make it of constants, and compute with their values",
                    )
            elif key == "__slots__" and isinstance(value, Tracer):
                given[key] = constant_of(self, value)
            elif not (metaclass is NamedTupleMeta and key in given.get("__annotations__", ())):
                held[key] = self._shown(value)
                if is_traced(value):
                    given[key] = Traced
        return given, held

    def _class_attribute(self, name: str, key: str, value: Any) -> Any:
        """What stands in the class: of a function itself, not its record."""
        value = self.plain_function(value)
        if isinstance(value, Tracer):
            for option in options(value.graph_value.type):
                if self.kind_of(option) == "function" or len(options(value.graph_value.type)) > 1 and _binds(option):
                    self._refuse_binding(name, key)
        return _unwrapped(value)

    def _check_stores(self, header: Header, body: dict[str, Any], again: Sequence[str], moved: Sequence[str]) -> None:
        """Refuse a body of which the class, or what makes it, could tell how it gave its variables values."""
        name, metaclass = header.name, header.metaclass
        is_enum = isinstance(metaclass, type) and issubclass(metaclass, EnumType)
        twice = [key for key in again if is_enum and _is_counted(name, key)]
        if twice:
            self.refuse(
                f"The enumeration '{name}' gives '{twice[0]}' a value more than once.",
                fix="give each member a name of its own",
            )
        if is_enum:
            seen = [key for key in moved if not isinstance(self.plain_function(body.get(key, print)), STATIC)]
        elif isinstance(header.space, Tracer) or any(
            is_users(class_attribute(metaclass, special)[0]) for special in ("__new__", "__init__")
        ):
            seen = [key for key in moved if key in body]
        else:
            seen = [key for key in moved if _is_told_its_name(body.get(key))]
        if len(seen) > 1:
            first, second, *_ = seen
            self.refuse(
                f"Whether the class '{name}' gets '{first}' before '{second}' is not said by the order of its text.",
                fix="give them their values once, in the same order on every path",
            )

    def _check_members(self, cls: Any) -> None:
        """Refuse members that hold what is known only when the graph runs."""
        for member in cls.__members__.values():
            for key, value in vars(member).items():
                if is_traced(value):
                    self.refuse(
                        f"What '{key}' of the enumeration '{cls.__name__}' is, is known only when the graph runs.",
                        fix="make it of constants, and compute with their values",
                    )

    def _refuse_binding(self, name: str, key: str) -> NoReturn:
        self.refuse(
            f"What '{key}' of the class '{name}' is bound to is known only when the graph runs.",
            fix="define the method in the class, and choose inside of it",
        )

    def _refuse_unbound(self, name: str, key: str) -> NoReturn:
        self.refuse(
            f"Whether the class '{name}' has '{key}' is known only when the graph runs.",
            fix="give it a value in front of the loop or branch, or in both branches",
        )


def is_users(found: Any) -> bool:
    """Whether what a class says of a name is a function of the program's."""
    function = getattr(found, "__func__", found)
    if not isinstance(function, types.FunctionType):
        return False
    return (function.__module__ or "").partition(".")[0] not in sys.stdlib_module_names


def is_traced(value: Any) -> bool:
    """Whether a value is known only when the graph runs, or holds such a one."""
    if type(value) in (tuple, list):
        return any(map(is_traced, value))
    return isinstance(value, Tracer)


def _unwrapped(value: Any) -> Any:
    if type(value) is tuple:
        return tuple(map(_unwrapped, value))
    if isinstance(value, Auto):
        return enum.auto()
    return unwrap(value)


def _binds(option: Any) -> bool:
    """Whether an object of this type may be a descriptor."""
    return isinstance(option, ObjectType) and any(
        class_attribute(option.cls, special)[0] is not None for special in ("__get__", "__set_name__")
    )


def _descriptor_class(value: Any) -> type | None:
    """The class of a descriptor of the program's, or of what else is told its name."""
    kind = type_of(value)
    if not isinstance(value, Tracer) or not isinstance(kind, ObjectType) or is_record(kind):
        return None
    specials = ("__get__", "__set__", "__delete__", "__set_name__")
    return kind.cls if any(has_user_method(kind, special) for special in specials) else None


def _is_told_its_name(value: Any) -> bool:
    """Whether a descriptor is told its name by a method that is traced."""
    kind = _descriptor_class(value)
    return kind is not None and has_user_method(ObjectType(kind), "__set_name__")


def _is_counted(name: str, key: str) -> bool:
    """Whether ``key`` in the body of the enumeration ``name`` is none of its own marks, which may be set again."""
    return not (key.startswith(f"_{name.lstrip('_')}__") or key[0] == key[-1] == "_")


def _made(maker: Any, metaclass: type, header: Header, space: Any, given: dict[str, Any], keywords: Any) -> Any:
    """The class itself; without ``keywords``, past the ``__init_subclass__`` of its bases."""
    for key, value in given.items():
        space[key] = value
    bases = header.resolved if keywords is not None else (_quiet(header.resolved[0]), *header.resolved)
    of_class = () if maker is metaclass else (metaclass,)
    cls = maker(*of_class, header.name, bases, space, **(keywords or {}))
    if keywords is None:
        cls.__bases__ = header.resolved
    return cls


def _quiet(base: type) -> type:
    """A class of the layout of ``base`` that stands in front of it, for as long as Python makes a derived one."""
    slots = {"__dict__": base.__dictoffset__, "__weakref__": base.__weakrefoffset__}
    body = {"__slots__": tuple(name for name, there in slots.items() if there), "__init_subclass__": lambda cls: None}
    return type("quiet", (), body)


def _renewed(found: Any, cls: Any, given: dict[str, Any]) -> Any:
    """``found``, the class of a place in a loop, with what ``cls``, made there in this round, holds."""
    is_enum = isinstance(cls, EnumType)
    if is_enum and repr([*found]) != repr([*cls]):
        return cls
    for key in given:
        if key in vars(cls) and key not in getattr(cls, "_fields", ()) and not (is_enum and key in cls.__members__):
            type.__setattr__(found, key, vars(cls)[key])
    if is_named_tuple(cls):
        maker_of(found).__defaults__ = maker_of(cls).__defaults__
    return found


def _plain_annotation(value: Any) -> Any:
    """An annotation as ``dataclasses`` and the like are given it; one that depends on the call says nothing to them."""
    return object if is_traced(value) else _unwrapped(value)

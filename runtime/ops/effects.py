"""What is seen beyond a result: printing, raising, text, attributes and variables that outlive a scope."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from types import CellType, MemberDescriptorType, SimpleNamespace
from typing import Any

import numpy as np

from ..ir.types import ANY, BOOL, INT, NEVER, NONE, STR, IntType, ObjectType, Type, options
from .op import Op, Result
from .specimens import CUBE, EMPTY, FLOATS, INT_MATRIX, MATRIX, SMALL_INTS, call
from .stand_ins import type_of


class Unbound:
    """Stands at run time for a variable without a value."""

    _instance: Unbound | None = None

    def __new__(cls) -> Unbound:
        if cls._instance is None:
            cls._instance = super().__new__(cls)
        return cls._instance

    def __repr__(self) -> str:
        return "<unbound>"


UNBOUND_VALUE = Unbound()


class Variables(SimpleNamespace):
    """The variables of one call that inner functions share."""


def _raise(exception: Any = None, cause: Any = UNBOUND_VALUE) -> Any:
    if cause is UNBOUND_VALUE:
        raise exception
    raise exception from cause


def _bound(value: Any, name: str, free: bool = False) -> Any:
    if value is UNBOUND_VALUE:
        if free:
            raise NameError(
                f"cannot access free variable '{name}' where it is not associated with a value in enclosing scope",
                name=name,
            )
        raise UnboundLocalError(f"cannot access local variable '{name}' where it is not associated with a value")
    return value


class _Counted:
    """Something with as many items as it was told."""

    def __init__(self, length: Any) -> None:
        self.length = length

    def __len__(self) -> int:
        return self.length


class _Answering:
    """Something whose truth is what it was told."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def __bool__(self) -> bool:
        return self.answer


def _answered(given: Any) -> bool:
    return bool(_Answering(given))


def _answered_type(given: Any) -> Type:
    if isinstance(given, Type) and given not in (BOOL, ANY):
        raise TypeError("__bool__ should return bool")
    return BOOL if isinstance(given, Type) else type_of(_answered(given))


def _result_of_init(given: Any) -> None:
    """Raise what Python raises where an ``__init__`` returns ``given`` and that is not None."""
    type("_Initialised", (), {"__init__": lambda self: given})()


def _length(given: Any) -> int:
    return len(_Counted(given))


def _length_type(given: Any) -> Type:
    if not isinstance(given, Type):
        return type_of(_length(given))
    return given if isinstance(given, IntType) else INT


def _store(target: Any, name: str, value: Any) -> None:
    if isinstance(target, CellType):
        target.cell_contents = value
    elif type(target) is dict:
        target[name] = value
    else:
        setattr(target, name, value)


def _load(target: Any, name: str) -> Any:
    if isinstance(target, CellType):
        try:
            return target.cell_contents
        except ValueError:
            return _bound(UNBOUND_VALUE, name, free=True)
    if type(target) is dict:
        if name not in target:
            raise NameError(f"name '{name}' is not defined", name=name)
        return target[name]
    return getattr(target, name)


def _load_own(target: Any, name: str, default: Any) -> Any:
    """The attribute that an object itself has, or what its class says."""
    held = getattr(target, "__dict__", {})
    if name in held:
        return held[name]
    for base in type(target).__mro__:
        if isinstance(vars(base).get(name), MemberDescriptorType):
            return getattr(target, name, default)
    return default


def _set_shape(array: Any, shape: Any) -> None:
    array.shape = shape


def _of_class(value: Any, classes: tuple[type, ...]) -> bool:
    return type(value) in classes


def _expected(value: Any, classes: tuple[type, ...], name: str, writes: bool = False) -> Any:
    """``value`` if it is an object of one of ``classes``; else what its attribute ``name`` raises."""
    if not isinstance(value, classes):
        setattr(value, name, None) if writes else getattr(value, name)
    return value


def _delete(target: Any, name: str) -> None:
    if isinstance(target, CellType):
        _load(target, name)
        del target.cell_contents
    elif type(target) is dict:
        _load(target, name)
        del target[name]
    else:
        delattr(target, name)


def _load_variable(target: Variables, name: str, free: bool = False) -> Any:
    return _bound(getattr(target, name, UNBOUND_VALUE), name, free)


def _text(*parts: Any) -> str:
    pieces = []
    for part in parts:
        if isinstance(part, str):
            pieces.append(part)
            continue
        value, conversion, spec = part
        if conversion is not None:
            value = {"r": repr, "s": str, "a": ascii}[conversion](value)
        pieces.append(format(value, spec))
    return "".join(pieces)


def _new(cls: type, *args: Any, **kwargs: Any) -> Any:
    return cls(*args, **kwargs)


def _allocate(cls: type, *args: Any, **kwargs: Any) -> Any:
    return cls.__new__(cls, *args, **kwargs)


def _allocate_by(base: type, cls: type, *args: Any, **kwargs: Any) -> Any:
    return base.__new__(cls, *args, **kwargs)


def _initialise(made: Any, base: type, *args: Any, **kwargs: Any) -> None:
    """Let the built-in class ``base`` begin the object ``made``."""
    base.__init__(made, *args, **kwargs)


def _enter(manager: Any) -> Any:
    return type(manager).__enter__(manager)


def _leave(manager: Any, error: BaseException | None = None) -> Any:
    if error is None:
        return type(manager).__exit__(manager, None, None, None)
    return type(manager).__exit__(manager, type(error), error, error.__traceback__)


def _closing(error: BaseException, cause: BaseException | None) -> Iterator[None]:
    try:
        yield
    finally:
        if cause is None:
            raise error
        raise error from cause


def _unraisable(error: BaseException, name: str, cause: BaseException | None = None) -> None:
    """Let Python say that ``error`` was raised in the generator ``name`` while that was deleted."""
    generator: Any = _closing(error, cause)
    generator.__name__, generator.__qualname__ = name.rpartition(".")[2], name
    next(generator)
    del generator


def _type_of_init(given: Any) -> Type:
    return NONE if isinstance(given, Type) and NONE in options(given) else NEVER


def _no_result(*args: Any, **kwargs: Any) -> Type:
    return NONE


def _anything(*args: Any, **kwargs: Any) -> Type:
    return ANY


def _instance(cls: Any, *args: Any, **kwargs: Any) -> Type:
    return ObjectType(cls)


def _numpy(function: Any) -> Any:
    """A kernel that is the same whichever arrays it works on."""
    return lambda xp: function


CONSTANT = Op("constant", _numpy(lambda value: value), _anything, result=Result.IMMUTABLE, total=lambda *a, **k: True)
PRINT = Op("print", _numpy(print), _no_result, captures=(print,), effect=True, result=Result.IMMUTABLE)
RAISE = Op("raise", _numpy(_raise), lambda *a, **k: NEVER, effect=True, result=Result.IMMUTABLE)
TEXT = Op("text", _numpy(_text), lambda *a: STR, result=Result.IMMUTABLE)
PERCENT = Op("percent", _numpy(operator.mod), lambda text, values: type_of(text), result=Result.IMMUTABLE)
NEW = Op("new", _numpy(_new), _instance)
ALLOCATE = Op("allocate", _numpy(_allocate), _instance)
ALLOCATE_BY = Op("allocate_by", _numpy(_allocate_by), lambda base, cls, *args, **kwargs: ObjectType(cls))
INITIALISE = Op("initialise", _numpy(_initialise), _no_result, result=Result.IMMUTABLE, writes=(0,), effect=True)
BOUND = Op("bound", _numpy(_bound), _anything, result=Result.VIEW)
IS_BOUND = Op(
    "is_bound",
    _numpy(lambda value: value is not UNBOUND_VALUE),
    lambda value: BOOL,
    result=Result.IMMUTABLE,
    total=lambda *a, **k: True,
)
NARROWED = Op("narrowed", _numpy(lambda value: value), _anything, result=Result.VIEW, total=lambda *a: True)
ISINSTANCE = Op("isinstance", _numpy(isinstance), lambda *a: BOOL, result=Result.IMMUTABLE)
ISSUBCLASS = Op("issubclass", _numpy(issubclass), lambda *a: BOOL, result=Result.IMMUTABLE)
ANSWER = Op("answer", _numpy(_answered), _answered_type, result=Result.IMMUTABLE)
LENGTH = Op("length", _numpy(_length), _length_type, result=Result.IMMUTABLE)
RESULT_OF_INIT = Op("result_of_init", _numpy(_result_of_init), _type_of_init, result=Result.IMMUTABLE)
HAS_ATTRIBUTE = Op("has_attribute", _numpy(hasattr), lambda *a: BOOL, result=Result.IMMUTABLE)
OF_CLASS = Op("of_class", _numpy(_of_class), lambda *a: BOOL, result=Result.IMMUTABLE, total=lambda *a, **k: True)
TYPE = Op("type", _numpy(type), _anything, result=Result.IMMUTABLE)
EXPECTED = Op("expected", _numpy(_expected), _anything, result=Result.VIEW)
VARIABLES = Op("variables", _numpy(Variables), lambda: ObjectType(Variables), total=lambda: True)
LOAD = Op("load", _numpy(_load), _anything, result=Result.VIEW)
LOAD_OWN = Op("load_own", _numpy(_load_own), _anything, result=Result.VIEW)
LOAD_VARIABLE = Op("load_variable", _numpy(_load_variable), _anything, result=Result.VIEW)
STORE = Op("store", _numpy(_store), _no_result, effect=True, result=Result.IMMUTABLE)
SET_SHAPE = Op(
    "set_attribute.shape", _numpy(_set_shape), _no_result, writes=(0,), effect=True, result=Result.IMMUTABLE,
    samples=(call(np.arange(6.0), (2, 3)), call(MATRIX, -1), call(CUBE, [4, -1]), call(EMPTY, (0, 2)),
             call(SMALL_INTS, 5), call(INT_MATRIX.T, 12), call(FLOATS, (2, 2))),
)
ENTER = Op("enter", _numpy(_enter), _anything, effect=True)
LEAVE = Op("leave", _numpy(_leave), _anything, effect=True)
UNRAISABLE = Op("unraisable", _numpy(_unraisable), _no_result, effect=True, result=Result.IMMUTABLE)
DELETE = Op("delete_attribute", _numpy(_delete), _no_result, effect=True, result=Result.IMMUTABLE)

OPS = (
    CONSTANT,
    PRINT,
    RAISE,
    TEXT,
    PERCENT,
    NEW,
    ALLOCATE,
    ALLOCATE_BY,
    INITIALISE,
    BOUND,
    IS_BOUND,
    NARROWED,
    ISINSTANCE,
    ISSUBCLASS,
    ANSWER,
    LENGTH,
    RESULT_OF_INIT,
    HAS_ATTRIBUTE,
    OF_CLASS,
    EXPECTED,
    TYPE,
    VARIABLES,
    LOAD,
    LOAD_OWN,
    LOAD_VARIABLE,
    STORE,
    SET_SHAPE,
    ENTER,
    LEAVE,
    UNRAISABLE,
    DELETE,
)

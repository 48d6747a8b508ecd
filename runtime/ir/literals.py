"""Constants as text, exactly: what is read back equals what was written in class, value and bits.

Plain values look as in Python; the others are calls (``float32(1.5)``, ``dtype('f8')``, ``slice(None, 2)``,
``array(...)``) or references ``@module:qualified.name`` to functions, classes and other objects that a module holds.
"""

from __future__ import annotations

import cmath
import importlib
import sys
import types
from ast import literal_eval
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timezone
from enum import Enum
from typing import Any

import numpy as np
from numpy.lib.format import descr_to_dtype, dtype_to_descr

from ..errors import UnwritableConstant
from .library_values import BY_NAME, WRITTEN_CLASSES, parts_of, zone_class
from .tokens import Tokens

Leaf = Callable[[Any], str | None]
SINGLETONS = {None: "None", True: "True", False: "False", ...: "...", NotImplemented: "NotImplemented"}
NAMED = {text: value for value, text in SINGLETONS.items()}
LONGEST_DECIMAL = 4000      # digits; Python refuses to print longer ints in base 10
STAND_IN = "__tograph_stand_in__"    # marks a class that stands in for one whose module is not there

_written: ContextVar[dict[str, Any] | None] = ContextVar("written", default=None)
_stand_ins: ContextVar[Mapping[str, Any]] = ContextVar("stand_ins", default=types.MappingProxyType({}))


@contextmanager
def noting_references() -> Iterator[dict[str, Any]]:
    """What is written as a reference inside, by its text."""
    found: dict[str, Any] = {}
    token = _written.set(found)
    try:
        yield found
    finally:
        _written.reset(token)


@contextmanager
def standing_in(stand_ins: Mapping[str, Any]) -> Iterator[None]:
    """Let references that lead nowhere, read inside, lead to ``stand_ins``."""
    token = _stand_ins.set(stand_ins)
    try:
        yield
    finally:
        _stand_ins.reset(token)


def write(value: Any, leaf: Leaf = lambda value: None) -> str:
    """``value`` as text.  ``leaf`` is asked first and gives the text of what it knows, or None.

    Raises UnwritableConstant for objects that no module holds under a name.
    """
    text = leaf(value)
    if text is not None:
        return text
    kind = type(value)
    if kind is bool or value is None or value is ... or value is NotImplemented:
        return SINGLETONS[value]
    if kind is int:
        return str(value) if value.bit_length() < 3 * LONGEST_DECIMAL else hex(value)
    if kind in (float, str, bytes):
        return repr(value)
    if kind is complex:
        return f"complex({value.real!r}, {value.imag!r})"
    if kind is tuple:
        return f"({', '.join(write(item, leaf) for item in value)}{',' * (len(value) == 1)})"
    if kind is list:
        return f"[{', '.join(write(item, leaf) for item in value)}]"
    if kind is dict:
        return f"{{{', '.join(f'{write(key, leaf)}: {write(item, leaf)}' for key, item in value.items())}}}"
    if kind in (set, frozenset):
        return f"{kind.__name__}([{', '.join(sorted(write(item, leaf) for item in value))}])"
    if kind in (slice, range):
        return f"{kind.__name__}({', '.join(write(part, leaf) for part in (value.start, value.stop, value.step))})"
    if isinstance(value, np.dtype):
        return f"dtype({_describe(value)!r})"
    if isinstance(value, np.generic) and not value.dtype.hasobject and kind.__module__ == "numpy":
        return _write_scalar(value)
    if isinstance(value, np.ndarray) and kind is np.ndarray and not value.dtype.hasobject:
        return _write_array(value)
    if kind in WRITTEN_CLASSES and zone_class(value) in (None, timezone):
        return f"{kind.__name__}({', '.join(write(part, leaf) for part in parts_of(value))})"
    return f"@{_reference(value)}"


def read(tokens: Tokens, leaf: Callable[[Tokens], Any]) -> Any:
    """The constant that comes next; ``leaf`` reads what ``%`` and ``$`` begin."""
    if tokens.starts_with("%", "$"):
        return leaf(tokens)
    if tokens.kind == "number":
        return _number(tokens.take())
    if tokens.kind == "string":
        return literal_eval(tokens.take())
    if tokens.kind == "reference":
        return resolve(tokens.take()[1:])
    if tokens.accept("("):
        items = tokens.items(lambda: read(tokens, leaf), ")")
        return tuple(items)
    if tokens.accept("["):
        return tokens.items(lambda: read(tokens, leaf), "]")
    if tokens.accept("{"):
        return dict(tokens.items(lambda: _pair(tokens, leaf), "}"))
    name = tokens.take()
    if name in NAMED:
        return NAMED[name]
    tokens.expect("(")
    return _construct(name, tokens.items(lambda: read(tokens, leaf), ")"), tokens)


def resolve(reference: str) -> Any:
    """The object that ``module:qualified.name`` refers to, or what stands in for it; imports the module."""
    module, _, path = reference.partition(":")
    try:
        value: Any = importlib.import_module(module)
        for name in path.split(".") if path else ():
            value = getattr(value, name)
    except (ImportError, AttributeError):
        stand_ins = _stand_ins.get()
        owner, _, name = reference.rpartition(".")
        if reference in stand_ins:
            return stand_ins[reference]
        if owner in stand_ins:
            return getattr(stand_ins[owner], name)
        raise
    return value


def describe(value: Any) -> str:
    """``value`` for a reader, also where it has no exact text."""
    name = getattr(value, "__qualname__", None)
    return f"<{type(value).__qualname__} {name}>" if isinstance(name, str) else f"<{type(value).__qualname__}>"


def _pair(tokens: Tokens, leaf: Callable[[Tokens], Any]) -> tuple[Any, Any]:
    key = read(tokens, leaf)
    tokens.expect(":")
    return key, read(tokens, leaf)


def _number(text: str) -> int | float:
    if "0x" in text:
        return int(text, 16)
    return int(text) if text.lstrip("-").isdecimal() else float(text)


def _construct(name: str, args: list[Any], tokens: Tokens) -> Any:
    plain: dict[str, Callable[..., Any]] = {
        "complex": complex, "set": set, "frozenset": frozenset, "slice": slice, "range": range,
        "dtype": lambda form: np.dtype(form) if isinstance(form, str) else descr_to_dtype(form),
        "array": _read_array,
        "scalar": lambda dtype, data: np.frombuffer(bytes.fromhex(data), dtype)[0],
    }
    if name in plain:
        return plain[name](*args)
    if name in BY_NAME:
        return BY_NAME[name](*args)
    cls = getattr(np, name, None)
    if isinstance(cls, type) and issubclass(cls, np.generic):
        return cls(*args)
    raise tokens.error(f"{name!r} makes no constant")


def _describe(dtype: np.dtype[Any]) -> Any:
    """What ``np.dtype`` is made of: its name where that is enough."""
    if dtype.names is not None or dtype.subdtype is not None:
        return dtype_to_descr(dtype)
    text = dtype.str.lstrip("<|=" if sys.byteorder == "little" else ">|=")
    return text if np.dtype(text).char == dtype.char or not dtype.isnative else dtype.char


def _write_scalar(value: np.generic) -> str:
    item = value.item()
    name = type(value).__name__
    if type(item) in (int, bool):
        return f"{name}({item})"
    if type(item) in (float, complex) and value.dtype.char not in "gG":
        text = f"{name}({write(item)})"
        if type(value)(item).tobytes() == value.tobytes():
            return text
    return f"scalar({write(value.dtype)}, {value.tobytes().hex()!r})"


def _write_array(array: np.ndarray[Any, Any]) -> str:
    """Data in the array's own order, as numbers where these say it exactly, else as bytes."""
    order = "F" if array.flags.f_contiguous and not array.flags.c_contiguous else "C"
    flat = array.ravel(order)
    exact = array.dtype.kind in "biufc" and array.dtype.char not in "gG" and all(
        cmath.isfinite(item) for item in flat.tolist())
    data = flat.tolist() if exact else flat.tobytes().hex()
    parts = [write(array.dtype), write(array.shape), write(data)]
    return f"array({', '.join(parts + [repr(order)] * (order == 'F'))})"


def _read_array(dtype: np.dtype[Any], shape: tuple[int, ...], data: list[Any] | str, order: Any = "C") -> Any:
    flat = np.frombuffer(bytes.fromhex(data), dtype) if isinstance(data, str) else np.array(data, dtype)
    return flat.reshape(shape, order=order).copy(order)


def _reference(value: Any) -> str:
    """``module:qualified.name`` by which ``value`` can be found again."""
    for candidate in _candidates(value):
        if _leads_to(candidate, value):
            written = _written.get()
            if written is not None:
                written[candidate] = value
            return candidate
    raise UnwritableConstant(
        f"{value!r} cannot be written as text: no module holds it under a name.",
        facts=[("its class", f"{type(value).__module__}.{type(value).__qualname__}")],
        fix="pass it as an argument, or define it at the top level of a module",
    )


def _leads_to(reference: str, value: Any) -> bool:
    if STAND_IN in vars(value if isinstance(value, type) else type(value)):
        return (_written.get() or {}).get(reference, value) is value    # a call may make two classes of one name
    try:
        found = resolve(reference)
    except (ImportError, AttributeError, ValueError):
        return False
    return found is value or (_owner(value) is not None and type(found) is type(value) and found == value)


def _candidates(value: Any) -> list[str]:
    if isinstance(value, types.ModuleType):
        return [value.__name__]
    if isinstance(value, Enum):
        return [f"{type(value).__module__}:{type(value).__qualname__}.{value.name}"]
    name = getattr(value, "__qualname__", None) or getattr(value, "__name__", None)
    module = getattr(value, "__module__", None)
    owner = _owner(value)
    found = []
    if isinstance(module, str) and isinstance(name, str):
        found += [f"{module}:{name}", *_below_decorators(f"{module}:{name}", value)]
    if owner is not None and hasattr(value, "__name__"):
        try:
            found.append(f"{_reference(owner)}.{value.__name__}".replace("..", "."))
        except UnwritableConstant:
            pass
    if isinstance(value, type):
        homes = [types, *filter(None, [sys.modules.get(value.__module__)])]
        found += [f"{home.__name__}:{key}" for home in homes for key, item in vars(home).items() if item is value]
    holder = sys.modules.get(type(value).__module__)
    if holder is not None:
        found += [f"{holder.__name__}:{key}" for key, item in vars(holder).items() if item is value]
    return found


def _below_decorators(reference: str, value: Any) -> list[str]:
    """The reference to the function ``value`` where decorators put what wraps it under its name."""
    if not isinstance(value, types.FunctionType):
        return []
    try:
        found = resolve(reference)
    except (ImportError, AttributeError, ValueError):
        return []
    while found is not value and hasattr(found, "__wrapped__"):
        found, reference = found.__wrapped__, f"{reference}.__wrapped__"
    return [reference]


def _owner(value: Any) -> Any:
    """What a bound method or a method descriptor belongs to; a class belongs to nothing, whatever it says itself."""
    if isinstance(value, type):
        return None
    owner = getattr(value, "__self__", None)
    if owner is None:
        owner = getattr(value, "__objclass__", None)
    return None if isinstance(owner, types.ModuleType) else owner

"""Copies of arguments that keep what is shared: one object stays one object, a view stays a view of the copied
memory.

Arrays are copied by memory: the root is copied once, then every array is rebuilt at its place in the copy, with
its strides, byte order and writeability. All else is left to ``copy.deepcopy``, which is handed the finished
arrays.
"""

from __future__ import annotations

import copy
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from types import FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from . import generators
from .memory import address, bounds, raw_bytes, root

_SEQUENCES = (list, tuple, set, frozenset, deque)
_NOT_USERS = frozenset({"builtins", "numpy", "math", "functools", __name__.partition(".")[0]})


def attributes(value: Any) -> dict[str, Any]:
    """The attributes an instance holds itself, from its ``__dict__`` and its slots."""
    found = dict(getattr(value, "__dict__", {}))
    for kind in type(value).__mro__:
        slots = kind.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if name not in ("__dict__", "__weakref__") and hasattr(value, name):
                found[name] = getattr(value, name)
    return found


def is_user_class(kind: type) -> bool:
    """Whether ``kind`` is neither Python's, nor NumPy's, nor of this package."""
    return not _is_built_in(kind) and kind.__module__.partition(".")[0] not in sys.stdlib_module_names


def _is_built_in(kind: type) -> bool:
    """Whether the state of an instance is known otherwise; one of a class of Python's library has attributes."""
    return kind.__module__.partition(".")[0] in _NOT_USERS


def is_instance_of_user_class(value: Any) -> bool:
    """Whether ``value`` is an object whose state is its attributes."""
    return not _is_built_in(type(value)) and not isinstance(value, type)


def children(value: Any) -> Iterable[Any]:
    """The objects that ``value`` holds directly; functions, classes and modules hold none."""
    if isinstance(value, _SEQUENCES):
        return value
    if isinstance(value, dict):
        return (*value.keys(), *value.values())
    if isinstance(value, np.ndarray):
        return value.ravel().tolist() if value.dtype == object else ()
    if isinstance(value, MethodType):
        return (value.__self__,)
    if isinstance(value, (FunctionType, ModuleType, type)):
        return ()
    if isinstance(value, generators.RANDOM):
        return generators.parts(value)
    return attributes(value).values() if is_instance_of_user_class(value) else ()


def reachable(values: Any, hold: Callable[[Any], Iterable[Any]] = children) -> Iterator[Any]:
    """``values`` and everything inside, each object once."""
    seen: set[int] = set()
    waiting = [values]
    while waiting:
        value = waiting.pop()
        if id(value) not in seen:
            seen.add(id(value))
            yield value
            waiting.extend(hold(value))


def copy_values(values: Any, keep: Iterable[Any] = ()) -> Any:
    """A copy of ``values`` (usually a tuple of arguments); the objects in ``keep`` and modules stay themselves."""
    kept = list(keep)
    kept += [root(value) for value in kept if isinstance(value, np.ndarray)]
    memo: dict[int, Any] = {id(value): value for value in kept}
    found = [value for value in reachable(values) if id(value) not in memo]
    memo.update({id(value): value for value in found if isinstance(value, ModuleType)})
    arrays = [value for value in found if type(value) is np.ndarray]
    owners = {id(owner): owner for owner in map(root, arrays)}
    copies = {key: memo[key] if key in memo else _copy_root(owner) for key, owner in owners.items()}
    for array in arrays:
        owner = root(array)
        memo[id(array)] = copies[id(owner)] if array is owner else _rebuild(array, owner, copies[id(owner)])
    result = copy.deepcopy(values, memo)
    for key, owner in owners.items():
        if owner.dtype == object and copies[key] is not owner:
            for index, element in np.ndenumerate(owner):
                copies[key][index] = copy.deepcopy(element, memo)
        if copies[key] is not owner:
            copies[key].flags.writeable = owner.flags.writeable    # last: views of it may be writable all the same
    return result


def _copy_root(owner: np.ndarray) -> np.ndarray:
    """An array with the strides and the alignment of ``owner``, and its bytes."""
    like = np.empty_like(owner, order="K", subok=False)
    if owner.dtype == object:
        like[...] = owner
    elif owner.flags.owndata and like.strides == owner.strides:
        raw_bytes(like)[...] = raw_bytes(owner)
    else:
        low, high = bounds(owner)
        shift = low % 16    # what malloc gives is a multiple of 16
        memory = np.zeros(shift + high - low, np.uint8)
        memory[shift:] = raw_bytes(owner)
        like = np.ndarray(owner.shape, owner.dtype, memory, shift + address(owner) - low, owner.strides)
    return like


def _rebuild(array: np.ndarray, owner: np.ndarray, copied: np.ndarray) -> np.ndarray:
    """The view of ``copied`` that lies where ``array`` lies in ``owner``."""
    offset = address(array) - bounds(owner)[0] if array.size else 0
    if owner.dtype == object:
        start = np.lib.stride_tricks.as_strided(copied, (copied.size,), (copied.itemsize,))[offset // copied.itemsize :]
        view = np.lib.stride_tricks.as_strided(start, array.shape, array.strides)
    else:
        view = np.ndarray(array.shape, array.dtype, _flat(copied), offset, array.strides)
    if not array.flags.writeable:
        view.flags.writeable = False
    return view


def _flat(array: np.ndarray) -> np.ndarray:
    """The bytes of ``array`` in the order of memory, as a view of it where it has no gaps."""
    axes = sorted(range(array.ndim), key=lambda axis: -array.strides[axis])
    dense = array.transpose(axes)
    if dense.flags.c_contiguous and dense.size:
        return dense.reshape(-1).view(np.uint8)
    return raw_bytes(array)

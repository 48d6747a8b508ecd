"""Arguments to compare on: from specifications such as "f8[n, 3]" or "int", and variations of given ones.

A variation keeps what the program may rely on, the shapes and the dtypes, and changes what an engine may get
wrong: how arrays lie in memory, which arguments are one array, and values at the edge of their dtype.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations
from typing import Any

import numpy as np

from .memory import address
from .snapshot import copy_values

SIZES = (2, 3, 5, 7, 0, 1)    # what one graph must serve, then the sizes with graphs of their own
_SPECIFICATION = re.compile(r"(?P<kind>\w+)(?:\[(?P<shape>[^\]]*)\])?")
_PYTHON = {"int": int, "float": float, "bool": bool, "complex": complex}
Arguments = tuple[Any, ...]


def symbols(specifications: Iterable[str]) -> list[str]:
    """The names of the sizes in ``specifications``, in the order they are met."""
    shapes = [match["shape"] or "" for match in map(_match, specifications)]
    return list(dict.fromkeys(name for shape in shapes for name in re.findall(r"[A-Za-z_]\w*", shape)))


def arguments(specifications: Iterable[str], sizes: Mapping[str, int], seed: int = 0) -> Arguments:
    """One value for each specification: "f8[n, n + 1]" an array, "f8" a NumPy scalar, "int" a Python number.

    Raises ValueError for a specification that is none of these, KeyError for a size that is not given.
    """
    random = np.random.default_rng(seed)
    return tuple(_value(_match(specification), sizes, random) for specification in specifications)


def sized(specifications: Iterable[str], sizes: Iterable[int] = SIZES, seed: int = 0) -> list[Arguments]:
    """Arguments at several sizes: for each size all symbols distinct primes or beside it, then all symbols equal.

    Sizes 0 and 1 are given to all symbols together.
    """
    specifications = list(specifications)
    names = symbols(specifications)
    found = []
    for number, size in enumerate(sizes):
        if size >= 2:
            distinct = {name: size + 2 * place for place, name in enumerate(names)}
            found.append(arguments(specifications, distinct, seed + 2 * number))
        if size < 2 or len(names) > 1:
            found.append(arguments(specifications, dict.fromkeys(names, size), seed + 2 * number + 1))
    return found


def layouts(given: Arguments) -> Iterator[tuple[str, Arguments]]:
    """``given`` with every array laid out in another way; each variation with its name."""
    for name, lay_out in LAYOUTS.items():
        yield name, tuple(lay_out(value) if isinstance(value, np.ndarray) else value for value in copy_values(given))


def _strided(array: np.ndarray) -> np.ndarray:
    if array.ndim == 0:
        return array
    wide = np.repeat(array, 2, axis=-1)
    return wide[..., ::2]


def _reversed(array: np.ndarray) -> np.ndarray:
    every = (slice(None, None, -1),) * array.ndim
    return array[every].copy()[every] if array.ndim else array


def _window(array: np.ndarray) -> np.ndarray:
    return np.pad(array, 1, mode="wrap")[(slice(1, -1),) * array.ndim] if array.ndim and array.size else array


def _read_only(array: np.ndarray) -> np.ndarray:
    array.flags.writeable = False
    return array


def _unaligned(array: np.ndarray) -> np.ndarray:
    memory = np.zeros(array.nbytes + 1, np.uint8)
    moved = np.ndarray(array.shape, array.dtype, memory, 1 if array.nbytes else 0)
    moved[...] = array
    return moved


def _swapped(array: np.ndarray) -> np.ndarray:
    return array.astype(array.dtype.newbyteorder("S"))


def _repeated(array: np.ndarray) -> np.ndarray:
    return np.broadcast_to(array[:1], array.shape) if array.ndim and array.size else array


LAYOUTS = {
    "Fortran order": np.asfortranarray,
    "strided": _strided,
    "negative strides": _reversed,
    "window of a larger array": _window,
    "read-only": _read_only,
    "stride 0, read-only": _repeated,
    "unaligned": _unaligned,
    "swapped bytes": _swapped,
}


def special_values(dtype: np.dtype) -> list[Any]:
    """The values at the edge of ``dtype``: infinities, NaN, both zeros, subnormals, the least and the greatest."""
    if dtype.kind == "f":
        info = np.finfo(dtype)
        edges = [info.max, info.min, info.tiny, info.smallest_subnormal, info.eps]
        return [math.nan, math.inf, -math.inf, -0.0, 0.0, *edges]
    if dtype.kind == "c":
        return [complex(math.nan, 0.0), complex(math.inf, -math.inf), complex(-0.0, -0.0)]
    if dtype.kind in "iu":
        return [np.iinfo(dtype).min, np.iinfo(dtype).max, 0, 1]
    return [True, False] if dtype.kind == "b" else []


def special(given: Arguments, seed: int = 0) -> Arguments:
    """``given`` with about a third of the elements of each array replaced by values at the edge of its dtype."""
    random = np.random.default_rng(seed)
    changed = copy_values(given)
    for array in changed:
        if isinstance(array, np.ndarray) and array.flags.writeable and (edges := special_values(array.dtype)):
            for index in np.ndindex(array.shape):
                if random.random() < 1 / 3:
                    array[index] = edges[random.integers(len(edges))]
    return changed


def aliased(given: Arguments) -> Iterator[tuple[str, Arguments]]:
    """``given`` with two arrays of one dtype and shape made one object, then views of one memory, each pair in turn."""
    places = [place for place, value in enumerate(given) if isinstance(value, np.ndarray)]
    for i, j in combinations(places, 2):
        first, second = given[i], given[j]
        if first.dtype == second.dtype and first.shape == second.shape:
            copied = list(copy_values(given))
            copied[j] = copied[i]
            yield f"arguments {i} and {j} are one array", tuple(copied)
            if first.ndim and first.size:
                copied = list(copy_values(given))
                long = np.concatenate((first, second[-1:]))
                copied[i], copied[j] = long[:-1], long[1:]
                yield f"arguments {i} and {j} overlap", tuple(copied)


def describe(value: Any) -> str:
    """The specification of ``value``, with its layout where it is not the usual one."""
    if not isinstance(value, np.ndarray):
        return type(value).__name__
    text = f"{value.dtype.str.lstrip('<|=')}[{', '.join(map(str, value.shape))}]"
    notes = [
        *(["not contiguous"] if not value.flags.c_contiguous else []),
        *(["read-only"] if not value.flags.writeable else []),
        *(["unaligned"] if value.dtype.itemsize and address(value) % value.dtype.alignment else []),
    ]
    return ", ".join([text, *notes])


def _match(specification: str) -> re.Match[str]:
    match = _SPECIFICATION.fullmatch(specification.replace(" ", ""))
    if match is None or (match["kind"] in _PYTHON and match["shape"] is not None):
        raise ValueError(f"{specification!r} is not like 'f8[n, 3]', 'f8' or 'int'")
    return match


def _value(match: re.Match[str], sizes: Mapping[str, int], random: np.random.Generator) -> Any:
    if match["kind"] in _PYTHON:
        return _PYTHON[match["kind"]](_elements(np.dtype(_PYTHON[match["kind"]]), 1, random)[0])
    dtype = np.dtype(match["kind"])
    if match["shape"] is None:
        return _elements(dtype, 1, random)[0]
    shape = tuple(_size(ast.parse(part, mode="eval").body, sizes) for part in match["shape"].split(",") if part)
    return _elements(dtype, math.prod(shape), random).reshape(shape)


def _size(node: ast.expr, sizes: Mapping[str, int]) -> int:
    match node:
        case ast.Constant(value=int(value)):
            return value
        case ast.Name(id=name):
            return sizes[name]
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() | ast.Mult() as operation, right=right):
            a, b = _size(left, sizes), _size(right, sizes)
            return {ast.Add: a + b, ast.Sub: a - b, ast.Mult: a * b}[type(operation)]
    raise ValueError(f"a size may be a number, a name, or a sum or product of them, not {ast.unparse(node)!r}")


def _elements(dtype: np.dtype, count: int, random: np.random.Generator) -> np.ndarray:
    if dtype.kind == "b":
        return random.random(count) < 0.5
    if dtype.kind in "iu":
        return random.integers(0 if dtype.kind == "u" else -4, 8, count).astype(dtype)
    if dtype.kind in "fc":
        real = random.integers(-8, 9, count) / 2 + random.random(count) / 8
        return (real + 1j * random.standard_normal(count) if dtype.kind == "c" else real).astype(dtype)
    raise ValueError(f"there are no elements for the dtype {dtype}")

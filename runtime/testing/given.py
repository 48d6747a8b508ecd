"""Arguments named in text, such as ``x`` as ``f8[n, 3]`` and ``n`` as ``5``, and the groups of inputs made from them.

A parameter that nothing is said about takes its default, or a number where its annotation is ``int``, ``float`` or so.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .inputs import SIZES, Arguments, aliased, arguments, describe, layouts, sized, special, symbols

NUMBERS = (int, float, bool, complex)
FIRST_SIZE = SIZES[1]    # not the size of an axis given as a number by most people, and not 2
_MISSING = inspect.Parameter.empty


class BadArgument(ValueError):
    """An argument that was asked for and cannot be made; the text is one line."""


@dataclass(frozen=True)
class Specification:
    """Text that stands for any value of a type, ``f8[n, 3]`` or ``int``."""

    text: str


@dataclass(frozen=True)
class Given:
    """The values of the leading parameters, each a ``Specification`` or the value itself."""

    names: tuple[str, ...]
    values: tuple[Any, ...]

    def filled(self, made: Iterable[Any]) -> Arguments:
        """The arguments, with the values ``made`` in place of the specifications."""
        source = iter(made)
        return tuple(next(source) if isinstance(value, Specification) else value for value in self.values)

    @property
    def specifications(self) -> list[str]:
        return [value.text for value in self.values if isinstance(value, Specification)]

    def __str__(self) -> str:
        texts = [value.text if isinstance(value, Specification) else _shown(value) for value in self.values]
        return ", ".join(f"{name}={text}" for name, text in zip(self.names, texts))


def _shown(value: Any) -> str:
    return describe(value) if isinstance(value, np.ndarray) else repr(value)


def given_for(function: Callable[..., Any], texts: Mapping[str, str], values: Mapping[str, Any]) -> Given:
    """What to call ``function`` with: ``texts`` by parameter, then ``values``, annotations and defaults.

    Raises BadArgument for a name that is no parameter, a text that says no value, and a parameter without any.
    """
    parameters = inspect.signature(function).parameters
    for name in texts:
        if name not in parameters:
            known = ", ".join(parameters) or "none"
            raise BadArgument(f"{function.__name__} has no parameter {name!r}; it has {known}")
    found: list[tuple[str, Any]] = []
    needed = 0
    for name, parameter in parameters.items():
        positional = parameter.kind in (parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD)
        said = name in texts or name in values
        if not positional:
            if said or (parameter.kind is parameter.KEYWORD_ONLY and parameter.default is _MISSING):
                raise BadArgument(f"{name!r} cannot be given by position, and other ways to give it are not supported")
            continue
        if name in texts:
            value = _read(name, texts[name])
        elif name in values:
            value = values[name]
        elif parameter.default is not _MISSING:
            value = parameter.default
        else:
            value = _annotated(name, parameter.annotation)
        found.append((name, value))
        if said or parameter.default is _MISSING:
            needed = len(found)
    return Given(tuple(name for name, _ in found[:needed]), tuple(value for _, value in found[:needed]))


def _read(name: str, text: str) -> Any:
    try:
        return ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, TypeError, MemoryError):
        pass
    try:
        arguments([text], dict.fromkeys(symbols([text]), 1))
    except MemoryError:
        raise BadArgument(f"{name}={text} is too large to make") from None
    except (ValueError, TypeError, SyntaxError, OverflowError):
        message = f"{name}={text} is neither a Python value nor a type like 'f8[n, 3]', 'f8' or 'int'"
        raise BadArgument(message) from None
    return Specification(text.strip())


def _annotated(name: str, annotation: Any) -> Specification:
    for number in NUMBERS:
        if annotation in (number, number.__name__):
            return Specification(number.__name__)
    if isinstance(annotation, type) and issubclass(annotation, np.generic) and np.dtype(annotation).kind in "biufc":
        return Specification(np.dtype(annotation).str.lstrip("<|="))
    raise BadArgument(f"nothing says what {name!r} is: give for example --arg {name}='f8[n]' or --arg {name}=5")


def groups(given: Given, edges: bool = False) -> Iterator[tuple[str, list[Arguments]]]:
    """Named lists of inputs: several sizes, memory layouts, arguments that share memory, with ``edges`` extreme values.

    Groups that have nothing to vary are left out.
    """
    specifications = given.specifications
    names = symbols(specifications)
    if names:
        yield "sizes", [given.filled(made) for made in sized(specifications)]
        sizes = {name: FIRST_SIZE + 2 * place for place, name in enumerate(names)}
    else:
        sizes = {}
        seeds = range(4 if specifications else 1)
        yield "values", [given.filled(arguments(specifications, {}, seed)) for seed in seeds]
    base = given.filled(arguments(specifications, sizes))
    equal = given.filled(arguments(specifications, dict.fromkeys(names, FIRST_SIZE)))
    if any(isinstance(value, np.ndarray) for value in base):
        yield "memory layouts", [changed for _, changed in layouts(base)]
    if shared := [changed for _, changed in aliased(equal)]:
        yield "shared memory", shared
    if edges and any(isinstance(value, np.ndarray) for value in base):
        yield "edge values", [special(base, seed) for seed in range(4)]

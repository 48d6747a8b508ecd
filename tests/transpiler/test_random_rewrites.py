"""Random programs do the same before and after the rewriting."""

from __future__ import annotations

import linecache
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, note, settings

from fixtures.random_programs import programs
from tograph.runtime.testing.compare import compare
from tograph.runtime.testing.observe import Observation, observe
from tograph.transpiler.convert import convert, transpile
from tograph.transpiler.protocol import PlainControl

STEPS = 60
INPUTS = ((0, 1, 2, [1, 0]), (3, -1, 0, []), (1, 2, 5, [2, 3, 1]))


class Manager:
    """Says when it is entered and left; swallows a ValueError if its number is even."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __enter__(self) -> int:
        print("enter", self.number)
        return self.number

    def __exit__(self, kind: type | None, error: Any, trace: Any) -> bool:
        print("exit", self.number, kind, error)
        return kind is ValueError and self.number % 2 == 0


def defined(text: str) -> tuple[Callable[..., Any], Callable[[], None]]:
    """The function that ``text`` defines, whose source can be found, and what gives it steps again."""
    steps = 0

    def step() -> None:
        nonlocal steps
        steps += 1
        if steps > STEPS:
            raise RuntimeError("too many steps")

    def start() -> None:
        nonlocal steps
        steps = 0

    def log(tag: object, value: Any) -> Any:
        print(tag, value)
        return value

    filename = f"<random {hash(text)}>"
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    names: dict[str, Any] = {"log": log, "step": step, "Manager": Manager}
    exec(compile(text, filename, "exec"), names)
    return names["f"], start


def assert_same(text: str) -> None:
    function, start = defined(text)
    generated = transpile(function, PlainControl())
    note(f"{text}\n{convert(function).source}")
    for arguments in INPUTS:
        expected, actual = (observed(each, start, arguments) for each in (function, generated))
        assert compare(expected, actual) == [], arguments


def observed(function: Callable[..., Any], start: Callable[[], None], arguments: tuple[Any, ...]) -> Observation:
    """What a call does.  Python 3.12 runs a comprehension as part of its function, and so words its errors."""
    def worded(*arguments: Any) -> Any:
        try:
            return function(*arguments)
        except NameError as error:
            raise UnboundLocalError(as_local(str(error))) from None

    start()
    seen = observe(worded, (*arguments[:3], list(arguments[3])))
    return replace(seen, printed=as_local(seen.printed))


def as_local(text: str) -> str:
    return text.replace("free variable", "local variable").replace(" in enclosing scope", "")


slowly = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@settings(slowly, max_examples=200, derandomize=True)
@given(programs())
def test_random_programs(text):
    assert_same(text)


@pytest.mark.fuzz
@settings(slowly, max_examples=5000)
@given(programs(size=25))
def test_more_random_programs(text):
    assert_same(text)

"""Built-in functions that would call methods of the program's own to compare: run step by step, with answers given.

A node ``asking.NAME`` makes an iterator over the pairs of values that the function wants compared.  A loop over it
makes each comparison and answers it; then the function goes on, and in the end ``asking.result`` has what it returns.
So the comparisons are nodes, and come in the order in which the built-in function makes them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..ir.types import ANY, NONE, IteratorType, Type
from . import comparing
from .merge_sort import Asked
from .op import Op, Result


class Questions:
    """An iterator over the pairs of values that ``asked`` wants compared; each has to be answered."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.answer: Any = None
        self.result: Any = None

    def __iter__(self) -> Questions:
        return self

    def __next__(self) -> tuple[Any, Any]:
        try:
            return self.asked.send(self.answer)
        except StopIteration as end:
            self.result = end.value
            raise StopIteration from None


def _answer(questions: Questions, answer: bool) -> None:
    questions.answer = answer


def _result(questions: Questions) -> Any:
    return questions.result


def _left(questions: Questions) -> None:
    """Let a function that is not asked any further leave what it works on as the built-in one does."""
    questions.asked.close()


def sort_by_keys(items: Any, taken: Any, keys: Any, reverse: Any) -> None:
    """Put ``taken`` back into the list ``items`` in the order of plain ``keys``, or in the order that was reached."""
    order = [*range(len(taken))]
    try:
        order.sort(key=keys.__getitem__, reverse=reverse)
    finally:
        list.__setitem__(items, slice(None), [taken[i] for i in order])


def _op(name: str, function: Callable[..., Any], type: Type) -> Op:
    return Op(name, lambda xp: function, lambda *args, **kwargs: type, result=Result.VIEW, writes=(0,), effect=True)


def asking_op(function: Callable[..., Asked]) -> Op:
    """The op that begins to ask the questions of ``function``."""
    return _op(
        f"asking.{function.__name__}", lambda *args, **kwargs: Questions(function(*args, **kwargs)), IteratorType(ANY)
    )


ASKING = {
    function.__name__: asking_op(function)
    for function in (
        comparing.contains, comparing.place, comparing.count, comparing.remove, comparing.first_difference,
        comparing.equal_lists, comparing.equal_dicts, comparing.in_order, comparing.in_order_of, comparing.sort,
        comparing.extreme, comparing.place_left, comparing.place_right, comparing.insert_left, comparing.insert_right,
        comparing.push, comparing.pop, comparing.replace, comparing.push_and_pop, comparing.make_heap,
        *map(comparing.greatest_first, (comparing.pop, comparing.replace, comparing.make_heap)),
    )
}  # fmt: skip
ANSWER = _op("asking.answer", _answer, NONE)
RESULT = _op("asking.result", _result, ANY)
LEFT = _op("asking.left", _left, NONE)
SORT_BY_KEYS = _op("sort_by_keys", sort_by_keys, NONE)

OPS = (*ASKING.values(), ANSWER, RESULT, LEFT, SORT_BY_KEYS)

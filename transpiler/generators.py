"""What a generator is: an object that goes on from item to item, made of converted code.

``Generator`` is ordinary Python, and is traced like a class of the user's where there is a graph; what it says of
sending, throwing and closing therefore stands here alone.  Its ``resume`` takes the number of the place to go on from
and a function that gives what is sent there; it returns the number of the next place, -1 at the end, and a tuple of
the item, at the end of what the generator returns, if it does.
``run`` hands all items to a consumer instead, where nothing else advances the generator; see
``rewrites/generators.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NoReturn

Thunk = Callable[[], Any]


class Unbound:
    """What stands for a variable without a value where values are carried."""

    __slots__ = ("name",)

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"<no value for {self.name!r}>"


def returned(value: Any) -> Any:
    """``value``, which a function returned."""
    return value


def cannot_go_on() -> NoReturn:
    """Say that there is no code that goes on where the generator stopped."""
    raise NotImplementedError("this generator can only be run from its start to its end")


def goes_on(generator: Any) -> None:
    """Say that ``generator`` goes on to its next item."""


def left_early(generator: Any) -> NoReturn:
    """Say that a loop over the generator was left, so that nobody knows where it would go on."""
    raise NotImplementedError("this generator was left by a loop")


def nothing() -> None:
    """What ``next`` sends."""
    return None


def thrown_as(kind: Any, value: Any) -> Any:
    """The exception of the class ``kind`` that is thrown with ``value``.  Raises TypeError if there is none."""
    if isinstance(kind, BaseException):
        raise TypeError("instance exception may not have a separate value")
    if not (isinstance(kind, type) and issubclass(kind, BaseException)):
        name = type(kind).__name__
        raise TypeError(f"exceptions must be classes or instances deriving from BaseException, not {name}")
    if isinstance(value, kind):
        return value
    return kind(*value) if isinstance(value, tuple) else kind(value)


class Generator:
    """A generator that goes on by ``resume``; ``run(consumer, state, *arguments)`` does all of it at once.

    ``position`` is where it goes on: 0 before its start, -1 when it has ended or runs, None when that is not known.
    An exception that leaves it ends it, unless it ``survives`` as iterators of the library do.
    """

    def __init__(
        self, run: Any, arguments: tuple[Any, ...], resume: Any, raises: bool, survives: bool = False
    ) -> None:
        self.run = run
        self.arguments = arguments
        self.resume = resume
        self.raises = raises
        self.survives = survives
        self.position = 0
        self.result = None

    def __iter__(self) -> Any:
        return self

    def __next__(self) -> Any:
        return self.advance(nothing)

    def send(self, value: Any) -> Any:
        """Go on with ``value`` as what ``yield`` gives.  Raises StopIteration at the end."""
        if self.position == 0 and value is not None:
            raise TypeError("can't send non-None value to a just-started generator")
        return self.advance(lambda: value)

    def throw(self, error: Any, value: Any = None, traceback: Any = None) -> Any:
        """Go on with an exception raised at the ``yield``, which may be given as class, value and traceback.

        Raises StopIteration at the end.
        """
        thrown = error if value is None else thrown_as(error, value)
        if traceback is not None:
            thrown = thrown.with_traceback(traceback)
        if self.position is None:
            left_early(self)
        if self.position <= 0:
            self.position = -1
            raise thrown

        def receive() -> None:
            raise thrown

        return self.advance(receive)

    def close(self) -> None:
        """End it where it waits.  Raises RuntimeError if it goes on."""
        if self.position is None:
            left_early(self)
        if self.position <= 0:
            self.position = -1
            return

        def receive() -> None:
            raise GeneratorExit

        try:
            item = self.step(receive)
        except GeneratorExit:
            item = ()
        if item:
            raise RuntimeError("generator ignored GeneratorExit")
        self.position = -1

    def advance(self, receive: Any) -> Any:
        """Return the next item.  Raises StopIteration at the end."""
        item = self.step(receive)
        if item:
            return item[0]
        result, self.result = self.result, None
        if result is None:
            raise StopIteration
        raise StopIteration(result)

    def step(self, receive: Any = nothing) -> Any:
        """Return the next item in a tuple, which is empty at the end; then ``result`` is what was returned."""
        here = self.position
        if here is None:
            left_early(self)
        if here < 0:
            return ()
        if self.resume is None:
            cannot_go_on()
        goes_on(self)
        self.position = here if self.survives else -1
        try:
            position, item = returned(self.resume(here, receive))
        except StopIteration as error:
            raise RuntimeError("generator raised StopIteration") from error
        self.position = position
        if position < 0:
            if item:
                self.result = item[0]
            return ()
        return item


# What Python calls it, in its errors too.
Generator.__name__ = Generator.__qualname__ = "generator"
generator = Generator


def pass_on(items: Any, receive: Any) -> Any:
    """Step with what ``receive`` gives to the generator around ``items``: what is sent or thrown goes on to them."""
    try:
        value = receive()
    except GeneratorExit:
        items.close()
        raise
    except BaseException as error:
        thrown = error

        def throw() -> None:
            raise thrown

        return items.step(throw)
    return items.step(lambda: value)


class PlainGenerator(Generator):
    """A generator in ordinary Python; ``is_unused``: nothing of it was run, and no variable refers to it."""

    def __init__(
        self, run: Callable[..., tuple[Any, Any]], arguments: tuple[Any, ...], frame: Callable[..., Any] | None
    ) -> None:
        super().__init__(run, arguments, frame and frame(*arguments), False)
        self.is_unused = True

    def step(self, receive: Any = nothing) -> Any:
        """The next item, as in any generator."""
        self.is_unused = False
        return super().step(receive)

    def push(self, take: Callable[[Any, Any], Any], is_enough: Callable[[Any], bool], state: Any) -> tuple[Any, Any]:
        """Hand every item to ``take(state, item)``, which gives the next state, until ``is_enough(state)``.

        Returns the last state and what the generator returns.  What ``take`` raises ends the generator as well.
        """
        self.is_unused, self.position = False, -1
        consumer = Consumer(take, is_enough, state)
        value = None
        try:
            _, value = self.run(consumer, (), *self.arguments)
        except BaseException as error:
            if isinstance(error, StopIteration) and not consumer.has_enough:
                raise RuntimeError("generator raised StopIteration") from error
            if not consumer.has_enough:
                raise
        if consumer.error is not None:
            raise consumer.error
        return consumer.state, value

    def __del__(self) -> None:
        self.close()


class Consumer:
    """What takes the items of a generator; it keeps the state itself."""

    def __init__(self, take: Callable[[Any, Any], Any], is_enough: Callable[[Any], bool], state: Any) -> None:
        self.state = state
        self.has_enough = False
        self.error: BaseException | None = None
        self._take = take
        self._is_enough = is_enough

    def give(self, item: Any) -> None:
        """Take one item.  Raises RuntimeError if the generator goes on where it was to end."""
        if self.has_enough:
            raise RuntimeError("generator ignored GeneratorExit")
        try:
            self.state = self._take(self.state, item)
        except BaseException as error:   # noqa: BLE001 - raised again when the generator has ended
            self.error = error
        self.has_enough = self.error is not None or self._is_enough(self.state)


class Items:
    """The items of a loop or ``yield from`` that are no converted generator."""

    def __init__(self, iterator: Iterator[Any]) -> None:
        self.result: Any = None   # of a generator that has ended
        self._iterator: Any = iterator

    def close(self) -> None:
        """End what is gone over, if it can be ended."""
        if hasattr(self._iterator, "close"):
            self._iterator.close()

    def step(self, receive: Thunk = nothing) -> Any:
        """Return the next item in a tuple, which is empty at the end."""
        try:
            return (self._next(receive),)
        except StopIteration as stop:
            self.result = stop.value
            return ()

    def _next(self, receive: Thunk) -> Any:
        try:
            value = receive()
        except BaseException as error:
            if not hasattr(self._iterator, "throw"):
                raise
            return self._iterator.throw(error)
        return next(self._iterator) if value is None else self._iterator.send(value)

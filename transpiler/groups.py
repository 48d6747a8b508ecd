"""What ``except*`` does with an exception: its handlers take parts of it, and what remains is raised again.

The rules are those of PEP 654.  What a handler raises again by a bare ``raise`` goes back to its place in the group;
anything else stands apart.  CPython tells the two apart by their tracebacks, and so does ``Handling``.
"""

from __future__ import annotations

from types import CodeType, TracebackType
from typing import Any, NoReturn

RAISING: set[CodeType] = set()    # the code of statements that raise an exception they name, and of calls

Parts = tuple[BaseExceptionGroup[Any] | None, BaseException | None]


class Handling:
    """An exception while the handlers of an ``except*`` are gone through; ``rest`` is what none has taken yet."""

    def __init__(self, error: BaseException) -> None:
        self._error = error
        self._kept: list[BaseException] = []
        self._met = _traces(error)
        self._part: BaseExceptionGroup[Any] | None = None
        self._part_met: TracebackType | None = None
        self._handled = error
        self.rest: BaseException | None = error

    def take(self, types: Any, parts: Parts | None = None) -> BaseExceptionGroup[Any] | None:
        """Return the part of the rest that is of ``types``, as a group.  Raises TypeError for what is no such class.

        ``parts`` are what the rest consists of, where that is known; else it is divided here.
        """
        if (wrong := _wrong(types)) is not None:
            wrong.__context__ = self._handled
            raise_as_it_is(wrong)
        wanted = types if isinstance(types, tuple) else (types,)
        rest, self._part = self.rest, None
        if rest is None:
            return None
        if any(kind in type(rest).__mro__ for kind in wanted):
            self._part = rest if isinstance(rest, BaseExceptionGroup) else BaseExceptionGroup("", (rest,))
            self.rest = None
        elif isinstance(rest, BaseExceptionGroup):
            self._part, self.rest = parts or rest.split(types)
        if self._part is not None:
            self._handled, self._part_met = self._part, self._part.__traceback__
        return self._part

    def begin(self) -> None:
        """Let the part that was raised for its handler be what it was."""
        assert self._part is not None
        self._part.__traceback__ = self._part_met

    def keep(self, error: BaseException) -> None:
        """Note what a handler raised."""
        self._kept.append(error)

    def end(self, group: BaseExceptionGroup[Any] | None = None) -> None:
        """Raise what remains, if something does; ``group`` is the part of ``again()``, where that is known."""
        left = self._left(group)
        if left is not None:
            raise_as_it_is(left)

    def again(self) -> tuple[BaseException, set[int]]:
        """Return the exception, and the ids of what is raised again of it if it is a group."""
        leaves = {id(leaf) for error in self._all_kept() if self._is_same(error) for leaf in _leaves(error)}
        return self._error, leaves if isinstance(self._error, BaseExceptionGroup) else set()

    def _all_kept(self) -> list[BaseException]:
        return [*self._kept, *([] if self.rest is None else [self.rest])]

    def _left(self, group: BaseExceptionGroup[Any] | None) -> BaseException | None:
        kept = self._all_kept()
        if not isinstance(self._error, BaseExceptionGroup):
            return kept[-1] if kept else None
        apart = [error for error in kept if not self._is_same(error)]
        leaves = self.again()[1]
        if group is None and leaves:
            group = self._error.subgroup(lambda error: id(error) in leaves)
        if group is not None:
            apart.append(group)
        if len(apart) > 1:
            return BaseExceptionGroup("", apart)
        return apart[0] if apart else None

    def _is_same(self, error: BaseException) -> bool:
        """Whether ``error`` was raised again as it was, and so is a part of the exception that is handled."""
        traceback, context, cause = _traces(error)
        first, *others = self._met
        while traceback is not first:
            if traceback is None or traceback.tb_frame.f_code in RAISING:
                return False
            traceback = traceback.tb_next
        return context is others[0] and cause is others[1]


def raise_as_it_is(error: BaseException) -> NoReturn:
    """Raise ``error`` without the context that ``raise`` gives it."""
    context = error.__context__
    try:
        raise error
    finally:
        error.__context__ = context


def _traces(error: BaseException) -> tuple[TracebackType | None, BaseException | None, BaseException | None]:
    return error.__traceback__, error.__context__, error.__cause__


def _leaves(error: BaseException) -> list[BaseException]:
    if not isinstance(error, BaseExceptionGroup):
        return [error]
    return [leaf for each in error.exceptions for leaf in _leaves(each)]


def _wrong(types: Any) -> TypeError | None:
    """Return what CPython says of ``types`` behind ``except*``, if they cannot stand there."""
    kinds = types if isinstance(types, tuple) else (types,)
    if not all(isinstance(kind, type) and issubclass(kind, BaseException) for kind in kinds):
        return TypeError("catching classes that do not inherit from BaseException is not allowed")
    if any(issubclass(kind, BaseExceptionGroup) for kind in kinds):
        return TypeError("catching ExceptionGroup with except* is not allowed. Use except instead.")
    return None

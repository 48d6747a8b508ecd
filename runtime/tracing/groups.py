"""Groups of exceptions: ``except*``, and ``split``, ``subgroup`` and ``derive``.

Python divides a group when the graph runs.  Where that asks code of the user's - the function that says what is wanted,
or a ``derive`` of the group's class - it is done as questions and answers (``ops.asking``): a loop answers them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from types import FunctionType
from typing import TYPE_CHECKING, Any

from ..ir.types import ANY, BOOL, NEVER, NONE, ListType, ObjectType, TupleType, join
from ..ops.asking import ANSWER, RESULT
from ..ops.groups import (
    BEGIN,
    DERIVE,
    DIVIDE,
    DIVIDE_AT_END,
    DIVIDE_FOR,
    END,
    GROUP,
    HANDLE,
    KEEP,
    PART,
    RAISE_PART,
    SPLIT,
    SUBGROUP,
    TAKE,
    says_how_derived,
)
from . import library
from .answers import answers
from .classes import class_attribute
from .exceptions import Exceptions
from .heap import Loadable, Refs, refs_of, type_of
from .regions import Loop, trace_loop
from .tracer import BoundMethod, Tracer, UserMethod

if TYPE_CHECKING:
    from .staging import Staging


class Groups(Exceptions):
    """The part of a trace that handles and divides groups of exceptions."""

    kind_of: Callable[..., str]
    if_expr: Callable[..., Any]

    def try_star(
        self,
        body: Callable[[], Any],
        handlers: Sequence[tuple[Callable[[], Any], Callable[[Any], Any]]],
        otherwise: Callable[[], Any] | None = None,
        final: Callable[[], Any] | None = None,
    ) -> None:
        number = len(self.raised)

        def caught(error: Any) -> None:
            raised = self.raised[number:]
            refs = self.reachable_from(error)
            own = own_groups(refs)
            handling = self.apply(HANDLE, error, type=ANY, refs=refs)
            for classes, handler in handlers:
                types = classes()
                asked: list[Any] = []
                if own:
                    refs |= self.divided(asked, DIVIDE_FOR, refs, own, handling, types)
                part = self.apply(TAKE, handling, types, *asked, type=PART, refs=refs)
                self.if_(
                    self.is_not(part, None),
                    lambda part=part, handler=handler: self._handle_part(handling, part, handler, raised),
                    lambda: None,
                    (),
                    (),
                )
            asked = []
            if own:
                self.divided(asked, DIVIDE_AT_END, refs, own, handling)
            self.apply(END, handling, *asked, type=NONE)

        self.try_(body, ((lambda: BaseException, caught),), otherwise, final)

    def _handle_part(
        self, handling: Tracer, part: Tracer, handler: Callable[[Any], Any], raised: Sequence[Any]
    ) -> None:
        """Let a handler of ``except*`` run while its part is handled, and note what it raises."""

        def throw() -> None:
            self.raised.extend(raised)
            self.apply(RAISE_PART, part, type=NEVER)

        def begin(group: Any) -> None:
            self.apply(BEGIN, handling, type=NONE)
            handler(group)

        self.try_(
            lambda: self.try_(throw, ((lambda: BaseExceptionGroup, begin),)),
            ((lambda: BaseException, lambda error: self.apply(KEEP, handling, error, type=NONE)),),
        )

    def raise_again(self) -> None:
        self._pass_on(self.handled[-1])

    def divided(
        self, asked: list[Any], op: Any, refs: Refs, own: Sequence[type], *args: Any, is_wanted: Any = None
    ) -> Refs:
        """Answer what dividing a group asks: the questions are put into ``asked``; gives what parts are made of.

        ``own`` are classes that make parts themselves, ``is_wanted`` the function that is asked what is wanted.
        """
        made = self.call(list)    # what else the parts are made of

        def derive(group: Tracer, errors: Tracer) -> Any:
            part = self.by_class(group, lambda one: self._derived(one, errors))
            self.call(self.get_attribute(made, "append"), part)
            return part

        def answer(question: Any) -> tuple[()]:
            asks_derive, (error, errors) = question
            group = self.narrowed(error, join(*map(ObjectType, own))) if own else error
            if is_wanted is None:
                found = derive(group, errors)
            elif not own:
                found = self.truth(self.call(is_wanted, error))
            else:
                found = self.if_expr(
                    asks_derive, lambda: derive(group, errors), lambda: self.truth(self.call(is_wanted, error))
                )
            self.apply(ANSWER, questions, found, type=NONE)
            return ()

        questions = self.apply(op, *args, tuple(own), refs=refs)
        asked.append(questions)
        question = TupleType((BOOL, TupleType((ObjectType(BaseException), ListType(ANY)))))
        trace_loop(self, Loop(answer, None, (), questions, Loadable(question, refs), True), (), None)
        return self.reachable_from(made) - made.graph_refs

    def _derived(self, group: Tracer, errors: Tracer) -> Any:
        """What the class of ``group``, which is the program's own, makes of ``errors``."""
        type_ = type_of(group)
        assert isinstance(type_, ObjectType)
        known = Tracer(group.graph_value, frozenset(thing for thing in group.graph_refs if thing.cls is type_.cls))
        return self.call(UserMethod(class_attribute(type_.cls, "derive")[0], known), errors)


def own_groups(refs: Refs) -> list[type]:
    """The classes of groups that make the parts of one by code of their own."""
    classes = {thing.cls: None for thing in refs if issubclass(thing.cls, BaseExceptionGroup)}
    return sorted(filter(says_how_derived, classes), key=lambda cls: cls.__qualname__)


def _is_asked(trace: Groups, wanted: Any) -> bool:
    """Whether a group that is divided calls ``wanted`` for each exception; else it is a class or tuple of these."""
    kind = trace.kind_of(type_of(wanted)) if isinstance(wanted, Tracer) else ""
    if sys.version_info >= (3, 13):
        return bool(kind) or isinstance(wanted, (FunctionType, BoundMethod, UserMethod))
    return kind == "function" or isinstance(wanted, FunctionType)


def _divide(trace: Staging, group: Tracer, wanted: Any, with_rest: bool) -> Any:
    """``group.split(wanted)``; without the rest ``group.subgroup(wanted)``."""
    refs = trace.reachable_from(group) | {trace.unknown_exception(BaseExceptionGroup)}
    own = own_groups(refs)
    is_asked = _is_asked(trace, wanted)
    if not own and not is_asked:
        return trace.apply(SPLIT if with_rest else SUBGROUP, group, wanted, refs=refs)
    asked: list[Any] = []
    types, is_wanted = (None, wanted) if is_asked else (wanted, None)
    refs |= trace.divided(asked, DIVIDE, refs, own, group, types, with_rest, is_wanted=is_wanted)
    parts = trace.apply(RESULT, *asked, type=TupleType((PART, PART)), refs=refs)
    return parts if with_rest else trace.get_item(parts, 0)


@answers(BaseExceptionGroup.split)
def _split(trace: Staging, group: Tracer, condition: Any) -> Any:
    return _divide(trace, group, condition, True)


@answers(BaseExceptionGroup.subgroup)
def _subgroup(trace: Staging, group: Tracer, condition: Any) -> Any:
    return _divide(trace, group, condition, False)


@answers(BaseExceptionGroup.derive)
def _derive(trace: Staging, group: Tracer, excs: Any) -> Any:
    refs = trace.reachable_from(group) | refs_of(excs) | {trace.unknown_exception(BaseExceptionGroup)}
    return trace.apply(DERIVE, group, excs, type=GROUP, refs=refs)


@answers(BaseException.add_note)
def _add_note(trace: Staging, error: Tracer, note: Any) -> None:
    trace.call(library.add_note, error, note)

"""Exceptions: raising, handlers, ``finally`` and ``with``.

What fails may be left at any moment, so a handler begins with what was true at some moment of the body. The body and
the handlers are bodies of one node; an exception is an object, known where it was made in view of the trace.
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

import numpy as np

from ..errors import InternalError
from ..ir.build import Scope, merged_captures
from ..ir.graph import Call
from ..ir.type_text import describe_type
from ..ir.types import ANY, NEVER, NONE, AnyType, ConstantType, ObjectType, Type, join, options
from ..ops.control import TRY_EXCEPT, TRY_FINALLY, WITH
from ..ops.effects import ENTER, LEAVE, RAISE
from ..ops.groups import RAISE_AGAIN
from ..ops.library_values import CONTEXT, LocalContext
from ..ops.warning_filters import Recording
from .calls import Calls
from .classes import class_attribute
from .heap import UNSET, Heap, HeapObject, Loadable, State, differing, join_heaps, loadable, refs_of, type_of
from .regions import Region, trace_region, trace_value
from .trace import Front, Raised, is_user_namespace
from .tracer import Tracer, UserMethod, unwrap
from .warning_answers import check_recorded, recorded

ABSENT: Any = object()  # an argument that was not written
THAT_LET_PASS = (  # the managers of NumPy and ``contextlib`` that never drop an exception
    np.errstate,
    contextlib.nullcontext,
    LocalContext,
    warnings.catch_warnings,
)
MODULES = ("numpy", "contextlib", "warnings")  # whose managers run no code of the program's


class Exceptions(Calls):
    """The part of a trace that raises and handles exceptions."""

    if_: Callable[..., Any]

    def __init__(self, front: Front, specialised: Mapping[str, int] | None = None) -> None:
        super().__init__(front, specialised)
        self.handled: list[Any] = []  # by the handlers that are being traced, innermost last
        self.raised: list[Any] = []  # by code traced so far
        self.filtered: list[tuple[Scope, list[str]]] = []  # for each 'with', the filters of warnings set in it

    def assert_(self, test: Any, message: Callable[[], Any] | None = None) -> None:
        def fail() -> None:
            self.raise_(self.call(AssertionError, *([] if message is None else [message()])))

        self.if_(test, lambda: None, fail, (), ())

    def raise_(self, exception: Any = ABSENT, cause: Any = ABSENT) -> None:
        if exception is ABSENT:
            if not self.handled:
                self.raise_now(RuntimeError("No active exception to reraise"))
            exception = self.handled[-1]
        exception = self._instance(exception)
        self.check_raised(exception)
        self.raised.append(exception)
        if cause is ABSENT:
            self.apply(RAISE, exception, type=NEVER)
        else:
            what = "exception causes must derive from BaseException"
            self.apply(RAISE, exception, self._instance(cause, what) if cause is not None else None, type=NEVER)
        raise InternalError("a raise came back")

    def _instance(self, exception: Any, must: str = "exceptions must derive from BaseException") -> Any:
        exception = unwrap(exception)
        if isinstance(exception, type) and issubclass(exception, BaseException):
            return self.call(exception)
        if isinstance(exception, Tracer) and all(
            isinstance(option, ConstantType) for option in options(exception.graph_value.type)
        ):
            return self.call(exception)
        if isinstance(exception, BaseException) or isinstance(exception, Tracer) and any(
            isinstance(option, (AnyType, ConstantType, ObjectType)) for option in options(exception.graph_value.type)
        ):
            return exception
        return self.raise_now(TypeError(must))

    def with_(self, manager: Any, body: Callable[[Any], Any]) -> None:
        if self._is_librarys(manager):
            self._library_manager(manager, body)
            return
        leave = self._exit_of(manager)
        value = self.enter(manager)

        def handle(error: Any) -> None:
            swallowed = self.call(leave, self.call(type, error), error, None)
            self.if_(swallowed, lambda: None, lambda: self._pass_on(error), (), ())

        self.try_(
            lambda: body(value), ((lambda: BaseException, handle),), lambda: self.call(leave, None, None, None), None
        )

    def _pass_on(self, error: Any) -> NoReturn:
        """Let ``error`` go on its way as if it had not been caught."""
        self.raised.append(error)
        self.apply(RAISE_AGAIN, error, type=NEVER)
        raise InternalError("a raise came back")

    def enter(self, manager: Any) -> Any:
        if self._is_librarys(manager):
            entered = self._entered(manager)
            return self.apply(ENTER, manager, type=entered.type, refs=entered.refs)
        self._exit_of(manager)
        return self.call(UserMethod(class_attribute(_class_of(manager), "__enter__")[0], manager))

    def leave(self, manager: Any, error: Any = None) -> Any:
        if self._is_librarys(manager):
            drops = self.apply(LEAVE, manager, *([] if error is None else [error]))
            return None if issubclass(_class_of(manager), THAT_LET_PASS) else drops
        kind = None if error is None else self.call(type, error)
        return self.call(self._exit_of(manager), kind, error, None)

    def _is_librarys(self, manager: Any) -> bool:
        """Whether a context manager is one of NumPy's or ``contextlib``'s; else it is of a class of the program."""
        if not isinstance(manager, Tracer) or not isinstance(manager.graph_value.type, ObjectType):
            self.refuse(
                "This context manager is not supported in a graph.",
                [("it is", describe_type(type_of(manager)))],
                fix="enter it before the call, or use an object of a class with __enter__ and __exit__",
            )
        cls = manager.graph_value.type.cls
        return cls in (LocalContext, Recording) or cls.__module__.partition(".")[0] in MODULES

    def _entered(self, manager: Tracer) -> Loadable:
        """What a manager of Python's or NumPy's gives to ``as``."""
        cls = _class_of(manager)
        if cls is Recording:
            return recorded(self)
        if cls is LocalContext:
            return Loadable(CONTEXT, self.reachable_from(manager))
        if issubclass(cls, (np.errstate, contextlib.suppress)):
            return Loadable(NONE)
        if cls is contextlib.nullcontext:
            given = self.attribute_of(manager, "args")
            if type(given) is tuple:
                return loadable(given[0]) if given else Loadable(NONE)
        return Loadable(ANY, self.reachable_from(manager))

    def _exit_of(self, manager: Tracer) -> UserMethod:
        """The ``__exit__`` of a manager; raises as ``with`` does where there is none, or no ``__enter__``."""
        cls = _class_of(manager)
        enter, leave = (class_attribute(cls, name)[0] for name in ("__enter__", "__exit__"))
        if enter is None or leave is None:
            missed = " (missed __exit__ method)" if enter is not None else ""
            self.raise_now(TypeError(f"'{cls.__name__}' object does not support the context manager protocol{missed}"))
        return UserMethod(leave, manager)

    def _library_manager(self, manager: Tracer, body: Callable[[Any], Any]) -> None:
        scope = Scope(self.block)
        entered = self._entered(manager)
        value = scope.input(entered.type)

        def run() -> Any:
            return body(Tracer(value, entered.refs))

        self.filtered.append((scope, []))
        region, heaps = self._watched(lambda: trace_region(self, run, scope))
        _, filters = self.filtered.pop()
        if _class_of(manager) is Recording:
            check_recorded(self, manager, filters)
        captures = merged_captures([scope])
        graph = scope.finish([], captures)
        swallows = not issubclass(_class_of(manager), THAT_LET_PASS)
        returns = region.returns or swallows
        self.emit_all(WITH, Call(), [manager.graph_value, *captures], [] if returns else [NEVER], [graph])
        if not returns:
            raise Raised
        self.heap = join_heaps(region.heap, heaps) if swallows else region.heap

    def try_(
        self,
        body: Callable[[], Any],
        handlers: Sequence[tuple[Callable[[], Any], Callable[[Any], Any]]] = (),
        otherwise: Callable[[], Any] | None = None,
        final: Callable[[], Any] | None = None,
    ) -> None:
        if final is not None:
            inner = body if not handlers and otherwise is None else lambda: self._try_except(body, handlers, otherwise)
            self._try_finally(inner, final)
        else:
            self._try_except(body, handlers, otherwise)

    def _try_finally(self, body: Callable[[], Any], final: Callable[[], Any]) -> None:
        """``final`` may return a true value: then an exception on its way out is dropped."""
        region, during = self._watched(lambda: trace_region(self, body))
        before, self.heap = self.heap, during
        last = trace_region(self, lambda: self.truth(final()))
        self.heap = before
        drops = [trace_value(self, last.scope, last.result)] if last.returns and last.result is not False else []
        captures = merged_captures([region.scope, last.scope])
        graphs = [region.scope.finish([], captures), last.scope.finish(drops, captures)]
        returns = last.returns and (region.returns or bool(drops))
        self.emit_all(TRY_FINALLY, Call(), captures, [] if returns else [NEVER], graphs)
        self.heap = _behind(last.heap, during, region.heap) if region.returns and not drops else last.heap
        if not returns:
            raise Raised

    def _try_except(
        self,
        body: Callable[[], Any],
        handlers: Sequence[tuple[Callable[[], Any], Callable[[Any], Any]]],
        otherwise: Callable[[], Any] | None,
    ) -> None:
        number = len(self.raised)
        region, during = self._watched(lambda: trace_region(self, body))
        raised = self.raised[number:]
        before = self.heap
        self.heap = region.heap
        after = trace_region(self, otherwise or (lambda: None)) if region.returns else None
        empty = trace_region(self, lambda: None)
        pairs = []
        for classes, handler in handlers:
            self.heap = during
            scope = Scope(self.block)
            found = trace_region(self, classes, scope)
            during = found.heap if found.returns else during
            wanted = unwrap(found.result)
            found_value = trace_value(self, scope, wanted if type(wanted) is not tuple else tuple(map(unwrap, wanted)))
            self.heap = during
            handled = self._handler(wanted, handler, raised)
            pairs.append((found.scope, found_value, handled))
        self.heap = before
        scopes = [
            region.scope,
            (after or empty).scope,
            *(scope for found, _, handled in pairs for scope in (found, handled.scope)),
        ]
        captures = merged_captures(scopes)
        graphs = [region.scope.finish([], captures), (after or empty).scope.finish([], captures)]
        for found, found_value, handled in pairs:
            graphs += [found.finish([found_value], captures), handled.scope.finish([], captures)]
        ends = [end for end in ([after] if after else []) + [handled for _, _, handled in pairs] if end.returns]
        self.emit_all(TRY_EXCEPT, Call(), captures, [] if ends else [NEVER], graphs)
        if not ends:
            raise Raised
        heap = ends[0].heap
        for end in ends[1:]:
            heap = join_heaps(heap, end.heap)
        self.heap = heap

    def _handler(self, wanted: Any, handler: Callable[[Any], Any], raised: Sequence[Any]) -> Region:
        """``handler`` of an exception of the class ``wanted``: one of ``raised``, or one that a node raises.

        One of a user's class comes from the user's code alone, and is among ``raised``.
        """
        cls = wanted if isinstance(wanted, type) else BaseException
        caught = [
            thing
            for error in raised
            for thing in refs_of(error)
            if issubclass(thing.cls, cls) or not thing.is_exact and issubclass(cls, thing.cls)
        ]
        type_: Type = ObjectType(cls)
        if is_user_namespace(cls) and caught and all(thing.is_exact for thing in caught):
            type_ = join(*(ObjectType(thing.cls) for thing in caught))
        else:
            caught.append(self.unknown_exception(cls))
        scope = Scope(self.block)
        error = Tracer(scope.input(type_, "error"), frozenset(caught))
        self.handled.append(error)
        try:
            return trace_region(self, lambda: handler(error), scope)
        finally:
            self.handled.pop()

    def unknown_exception(self, cls: type) -> HeapObject:
        """An exception of ``cls`` or a class derived from it that is met here, which may hold anything."""
        unknown = _unknown_exception(cls)
        key = ("exception", cls, self.places.path())
        return self.loops[-1].again(key, unknown) if self.loops else unknown

    def _watched(self, run: Callable[[], Region]) -> tuple[Region, Heap]:
        """``run()`` and a heap that covers every moment of it, since it may be left at any."""
        before, self.moments = self.moments, [self.heap]
        try:
            region = run()
            moments = self.moments
        finally:
            self.moments = before
        heap = self.heap_through(moments)
        if self.moments is not None:
            self.moments.append(heap)
        return region, heap


def _behind(last: Heap, during: Heap, body: Heap) -> Heap:
    """The heap behind a ``finally`` that ends in ``last``: what it left as it was ``during`` the body is as after that.

    Nobody comes there by an exception, which goes on behind the ``finally``.
    """
    states = {
        thing: body[thing]
        for thing in differing(during, body)
        if thing not in last.summaries and last.get(thing) is during.get(thing) and body.get(thing) is not None
    }
    return last.with_states(states)


def _class_of(manager: Tracer) -> type:
    type_ = type_of(manager)
    assert isinstance(type_, ObjectType)
    return type_.cls


def _unknown_exception(cls: type) -> HeapObject:
    """An exception of ``cls`` or a class derived from it, which may hold anything."""

    def initial(name: str) -> Any:
        found, owner = class_attribute(cls, name)
        return UNSET if owner is not None and not hasattr(type(found), "__set__") else Loadable(ANY)

    return HeapObject("object", cls, "exception", initial, State(), is_exact=False)

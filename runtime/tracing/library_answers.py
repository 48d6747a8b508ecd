"""Calls of Python's library that are answered by what the trace knows: warnings, attributes by name, bytes as ints."""

from __future__ import annotations

import contextlib
import sys
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..ir.graph import Location
from ..ir.types import ANY, STR, ObjectType
from ..ir.types import options as options_of
from ..ops.clock import WARN, WARN_CALLER
from ..ops.logs import GET_LOGGER, IS_ENABLED, LEVELS, LOG
from ..ops.number_methods import FROM_BYTES, FROM_HEX
from . import managers
from .answers import NAMED, answers
from .calls import Calls
from .classes import class_attribute
from .heap import UNSET, HeapObject, Loadable, State, type_of
from .places import WRITTEN_OUT
from .tracer import unwrap

if TYPE_CHECKING:
    from .staging import Staging


@answers(warnings.warn)
def _warn(
    trace: Staging, message: Any, category: Any = None, stacklevel: Any = 1, source: Any = None, **options: Any
) -> None:
    message, category = unwrap(message), unwrap(category)
    type_ = type_of(message)
    if isinstance(type_, ObjectType) and issubclass(type_.cls, Warning):
        category = type_.cls
    elif type_ != STR:
        trace.refuse("warnings.warn() with this message is not supported in a graph.", fix="give it a text")
    category = UserWarning if category is None else category
    kinds = [getattr(option, "value", None) for option in options_of(type_of(category))]
    if not all(isinstance(kind, type) and issubclass(kind, Warning) for kind in kinds):
        trace.refuse("warnings.warn() with this category is not supported.", fix="give it a class of warnings")
    if options or source is not None or not isinstance(stacklevel, int):
        trace.refuse(
            "warnings.warn() with these options is not supported in a graph.", fix="give it text, category, stacklevel"
        )
    place = _called_at(trace, max(stacklevel, 1), "warnings.warn()")
    if isinstance(place, int):
        trace.apply(WARN_CALLER, message, category, place)
    else:
        trace.apply(WARN, message, category, place[0].filename, place[0].line, place[1])


def _called_at(trace: Staging, level: int, shown: str) -> tuple[Location, str] | int:
    """The line and module of the call that is ``level`` calls out, or how far out of the graph function that is."""
    calls = trace.places.calls(Calls.inline.__code__)
    if level > 1 and (len(calls) != len(trace.active) or any(place.filename in WRITTEN_OUT for place, _ in calls)):
        trace.refuse(
            f"{shown} with a stacklevel is not supported where built-in code or a generator is among the callers.",
            fix="leave the stacklevel out, or collect the items first: list(generator)",
        )
    return calls[level - 1] if level <= len(calls) else level - len(calls)


SHOWING, NOTHING_SHOWN = ("exc_info", "stack_info"), (None, False)  # what shows the lines that run, if not told so


def _logged(level: int | None, is_method: bool) -> Callable[..., None]:
    """The rule of a method of loggers, or of the function of that name; ``level`` None: it is the first argument."""

    def rule(trace: Staging, *args: Any, stacklevel: Any = 1, **options: Any) -> None:
        logging: Any = sys.modules["logging"]
        logger: Any = args[0] if is_method else None
        args = args[is_method:]
        if level is not None:
            args = (level, *args)
        classes = [kind.cls for kind in options_of(type_of(logger)) if isinstance(kind, ObjectType)]
        if any(class_attribute(cls, name)[0] is not getattr(logging.Logger, name)
               for cls in classes for name in ("_log", "findCaller")):
            trace.refuse("This logger is of a class that says itself how it logs.", fix="call it before, or print")
        options = {name: value for name, value in options.items() if name not in SHOWING or value not in NOTHING_SHOWN}
        if options.keys() - {"extra"} or not isinstance(stacklevel, int):
            trace.refuse(
                "Logging with exc_info or stack_info is not supported in a graph: it shows the lines that run.",
                fix="log the exception itself: logger.error('%s', error)",
            )
        if len(args) < 2:
            trace.refuse("Logging without a message is not supported in a graph.", fix="give it a text")
        place = _called_at(trace, max(stacklevel, 1), "Logging")
        if isinstance(place, int):
            trace.refuse(
                "Logging with this stacklevel is not supported in a graph: it names the caller of the graph function.",
                fix="leave the stacklevel out",
            )
        trace.check_outlives((*args, *options.values()), "logged")
        line = place[0]
        if isinstance(logger, logging.Logger) and logger is logging.root.manager.loggerDict.get(logger.name):
            logger = _get_logger(trace, logger.name)   # which has a meaning in a file as well
        trace.apply(LOG, line.filename, line.line, line.function, logger, *args, **options)

    return rule


def _get_logger(trace: Staging, name: Any = None) -> Any:
    """A logger of a class of ``logging``, of whose attributes nothing is known."""
    cls = sys.modules["logging"].Logger

    def initial(attribute: str) -> Any:
        return UNSET if class_attribute(cls, attribute)[1] is not None else Loadable(ANY)

    logger = HeapObject("object", cls, "logger", initial, State(), is_exact=False)
    return trace.apply(GET_LOGGER, name, refs=frozenset((logger,)))


_RULES = {"log": None, **LEVELS}
NAMED.update({
    **{f"logging.{name}": _logged(level, False) for name, level in _RULES.items()},
    **{f"logging.Logger.{name}": _logged(level, True) for name, level in _RULES.items()},
    "logging.Logger.isEnabledFor": lambda trace, logger, level: trace.apply(IS_ENABLED, logger, level),
    "logging.getLogger": _get_logger,
})


@answers(sys.exit)
def _exit(trace: Staging, status: Any = None) -> None:
    trace.raise_(trace.call(SystemExit, *([] if status is None else [status])))


@answers(delattr)
def _delattr(trace: Staging, obj: Any, name: Any) -> None:
    if not isinstance(name, str):
        trace.refuse(
            "The name of an attribute is known only when the graph runs.", fix="write an 'if' for each name it may be"
        )
    trace.of_constants(delattr, obj, name)


@answers(int.from_bytes)
def _from_bytes(trace: Staging, *args: Any, **kwargs: Any) -> Any:
    return trace.apply(FROM_BYTES, *args, **kwargs)


@answers(float.fromhex)
def _from_hex(trace: Staging, text: Any) -> Any:
    return trace.apply(FROM_HEX, text)


@answers(contextlib.contextmanager)
def _context_manager(trace: Staging, function: Any) -> Any:
    return trace.call(managers.context_manager, function)


def _written_out(manager: type, meaning: type) -> None:
    @answers(manager)
    def _manager(trace: Staging, *args: Any, **kwargs: Any) -> Any:
        return trace.call(meaning, *args, **kwargs)


_written_out(contextlib.closing, managers.Closing)
_written_out(contextlib.redirect_stdout, managers.RedirectStdout)
_written_out(contextlib.redirect_stderr, managers.RedirectStderr)

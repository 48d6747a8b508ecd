"""Filters of warnings in a trace, and what ``warnings.catch_warnings`` records.

A recorded warning does not say where it was given: NumPy warns of the line of the graph that runs.  For the same reason
warnings are recorded only where a filter treats those of all lines alike.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ..ir.types import ANY, ObjectType
from ..ops.containers import ANY_LIST
from ..ops.warning_filters import CATCHING, FILTERS, RECORDING, Recording
from .answers import answers
from .classes import class_attribute
from .heap import UNSET, HeapObject, Loadable, State
from .misfits import fits, misfit
from .tracer import Tracer, unwrap

if TYPE_CHECKING:
    from .exceptions import Exceptions
    from .staging import Staging

OF_ALL_LINES = ("always", "error", "ignore", "once")
OTHER = "other"
PLACE = ("filename", "lineno", "line", "file")


@answers(warnings.catch_warnings)
def _catch_warnings(trace: Staging, *, record: Any = False, module: Any = None, **settings: Any) -> Any:
    if module is not None or isinstance(record, Tracer):
        trace.refuse(
            "warnings.catch_warnings() with these arguments is not supported in a graph.",
            fix="write record=True or leave it out",
        )
    if not record:
        return trace.apply(CATCHING, **settings)
    if not fits(_is_of_all_lines, **settings):
        misfit(trace, warnings.catch_warnings, (), {"record": record, **settings})
    name = "filtered" if _is_of_all_lines(**settings) else ""
    thing = trace.new_object("object", State(), Recording, name)
    return trace.apply(RECORDING, type=ObjectType(Recording), refs=frozenset((thing,)), **settings)


def _is_of_all_lines(action: Any = None, category: Any = Warning, lineno: Any = 0, append: Any = False) -> bool:
    return action in OF_ALL_LINES and unwrap(category) is Warning and not append


@answers(warnings.simplefilter)
def _simple_filter(trace: Staging, action: Any, *settings: Any, **named: Any) -> None:
    trace.apply(FILTERS[warnings.simplefilter], action, *settings, **named)
    if trace.filtered and trace.filtered[-1][0] is trace.block:
        is_same = not settings and isinstance(action, str) and _is_of_all_lines(action, **named)
        trace.filtered[-1][1].append(OF_ALL_LINES[0] if is_same else OTHER)


@answers(warnings.filterwarnings)
def _filter_warnings(trace: Staging, *settings: Any, **named: Any) -> None:
    trace.apply(FILTERS[warnings.filterwarnings], *settings, **named)


@answers(warnings.resetwarnings)
def _reset_warnings(trace: Staging) -> None:
    trace.apply(FILTERS[warnings.resetwarnings])
    if trace.filtered:
        trace.filtered[-1][1].append(OTHER)


def recorded(trace: Exceptions) -> Loadable:
    """The list that a recording manager gives: it grows whenever something is warned of."""

    def initial(name: str) -> Any:
        if name in PLACE:
            trace.refuse(
                f"The attribute '{name}' of a recorded warning is not supported: NumPy warns of lines of the graph.",
                fix="look at its message and category",
            )
        if class_attribute(warnings.WarningMessage, name)[1] is not None:
            return UNSET
        known = name == "message"
        refs = frozenset((trace.unknown_exception(Warning),)) if known else frozenset()
        return Loadable(ObjectType(Warning) if known else ANY, refs)

    message = HeapObject("object", warnings.WarningMessage, "warning", initial, State())
    kind = ObjectType(warnings.WarningMessage)
    thing = trace.new_object("list", State(None, item=Loadable(kind, frozenset((message,)))))
    return Loadable(ANY_LIST, frozenset((thing,)))


def check_recorded(trace: Exceptions, manager: Tracer, filters: Sequence[str]) -> None:
    """Refuse a recording that does not begin with a filter that treats all lines alike."""
    if OTHER in filters or not filters and not all(thing.name == "filtered" for thing in manager.graph_refs):
        trace.refuse(
            "Warnings are recorded where each line may warn only once: a graph has other lines.",
            fix="call warnings.simplefilter('always') first in the 'with'",
        )

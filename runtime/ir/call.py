"""How a node's operands and constants are arranged: templates with an ``Operand`` wherever a value goes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from typing import Any

from ..records import record


@record
class Operand:
    """Stands for ``node.inputs[index]`` in the arguments of a call."""

    index: int


@record
class Call:
    """How operands and constants are arranged: ``op(*args, **kwargs)`` with an ``Operand`` wherever a value goes.

    Operands may stand inside tuples, lists, slices and dicts: ``get_item(Operand(0), (slice(None, Operand(1)), 0))``.
    """

    args: tuple[Any, ...] = ()
    kwargs: Mapping[str, Any] = field(default_factory=dict)


NO_ARGUMENTS = Call()


def arrange(template: Any, operands: Sequence[Any]) -> Any:
    """``template`` with each ``Operand`` replaced by what stands for it in ``operands``."""
    return map_leaves(template, lambda leaf: operands[leaf.index] if isinstance(leaf, Operand) else leaf)


NESTED = frozenset({tuple, list, slice, dict})


def map_leaves(template: Any, function: Callable[[Any], Any]) -> Any:
    """``template`` with ``function`` applied to what is not a tuple, list, slice or dict."""
    kind = type(template)
    if kind is tuple or kind is list:
        return kind([map_leaves(item, function) if type(item) in NESTED else function(item) for item in template])
    if kind is slice:
        return slice(*(map_leaves(part, function) for part in (template.start, template.stop, template.step)))
    if kind is dict:
        return {key: map_leaves(item, function) for key, item in template.items()}
    return function(template)


def leaves(template: Any) -> list[Any]:
    """What in ``template`` is not a tuple, list, slice or dict, in order; keys of dicts are left out."""
    kind = type(template)
    if kind not in NESTED:
        return [template]
    if kind is slice:
        template = template.start, template.stop, template.step
    found: list[Any] = []
    for item in template.values() if kind is dict else template:
        if type(item) in NESTED:
            found += leaves(item)
        else:
            found.append(item)
    return found

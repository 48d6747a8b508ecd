"""``json``, as long as it calls no functions and makes no objects of the program's own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from ..ops import TABLE
from .answers import answers

if TYPE_CHECKING:
    from .staging import Staging

HOOKS = ("cls", "default", "object_hook", "object_pairs_hook", "parse_float", "parse_int", "parse_constant")


def _without_hooks(function: Any) -> None:
    """Let a function of ``json`` be called without functions and classes of the program's own."""

    @answers(function)
    def _called(trace: Staging, value: Any, *args: Any, **options: Any) -> Any:
        hook = next((name for name in HOOKS if options.get(name) is not None), None)
        if hook is not None:
            trace.refuse(f"json.{function.__name__}() with '{hook}' is not supported in a graph.", fix="leave it out")
        return trace.apply(TABLE.meaning(function), trace.whole(value), *args, **options)


for _function in (json.dumps, json.loads):
    _without_hooks(_function)

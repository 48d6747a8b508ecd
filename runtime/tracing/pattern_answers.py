"""``re.sub`` with a function: what each match is replaced by is asked of it in the graph."""

from __future__ import annotations

import re
import sys
import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..ir.types import STR
from ..ops.op import Op
from ..ops.regular_expressions import FUNCTIONS, METHODS, TEXTS
from . import library
from .answers import answers
from .heap import type_of

if TYPE_CHECKING:
    from .staging import Staging


def _substitution(name: str, function: Any, ops: Mapping[str, Op]) -> None:
    """Let ``function``, of the module or of patterns, ask a function of the program's for what is put in."""

    @answers(function)
    def _substituted(trace: Staging, pattern: Any, repl: Any, string: Any, *limits: Any, **options: Any) -> Any:
        if type_of(repl) in TEXTS or isinstance(repl, (str, bytes)):
            return trace.apply(ops[name], pattern, repl, string, *limits, **options)
        if limits and ops is FUNCTIONS and sys.version_info >= (3, 13):
            trace.call(warnings.warn, "'count' is passed as positional argument", DeprecationWarning)
        count, *flags = limits or (options.pop("count", 0),)
        if type_of(string) != STR and not isinstance(string, str):
            trace.refuse(f"re.{name}() with a function, of what may be no text.", fix="give it a str")
        found = trace.apply(ops["finditer"], pattern, string, *flags, **options)
        text, number = trace.call(library.substituted, found, string, repl, count)
        return text if name == "sub" else (text, number)


for _name in ("sub", "subn"):
    _substitution(_name, getattr(re, _name), FUNCTIONS)
    _substitution(_name, getattr(re.Pattern, _name), METHODS)

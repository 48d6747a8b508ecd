"""The names in what is made of a code object."""

from __future__ import annotations

import types
from collections import defaultdict

from ..protocol import CALLS
from ..source import nested_codes


class Names:
    """The names in what is made of a code object: none is one of the user's."""

    def __init__(self, code: types.CodeType) -> None:
        self._taken = {
            name
            for each in nested_codes(code)
            for name in (*each.co_names, *each.co_varnames, *each.co_cellvars, *each.co_freevars)
        }
        self._counts: defaultdict[str, int] = defaultdict(int)
        self._printed = {name: self.fresh(name) for name in CALLS}
        self.protocol: dict[str, str] = {}
        self.codes: dict[str, types.CodeType] = {}
        self.outermost = code

    def call(self, name: str) -> str:
        """How the call ``name`` of the protocol is printed."""
        printed = self._printed[name]
        self.protocol[printed] = name
        return printed

    def fresh(self, base: str) -> str:
        """A name for ``base`` that was not given before, with a number if it is one of the user's."""
        name = base
        while not name.isidentifier() or name in self._taken:
            self._counts[base] += 1
            name = f"{base}_{self._counts[base]}" if base.isidentifier() else f"part_{self._counts[base]}"
        self._taken.add(name)
        return name

    def temporary(self) -> str:
        """A name for an intermediate result."""
        self._counts[""] += 1
        return self.fresh(f"t{self._counts['']}")

    def function(self, code: types.CodeType) -> str:
        """A name for the function that ``code`` is translated to."""
        name = self.fresh(code.co_name if code.co_name.isidentifier() else code.co_name.strip("<>") + "_")
        self.codes[name] = code
        return name

"""Names for what is generated: none is a name of the user's, and each call of the protocol has one.

A name keeps its plain form (``body``, ``call``) unless the user's function uses it; then it gets a number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count, islice
from typing import Any

import gast

from .protocol import CALLS

SCOPE_METHODS = frozenset({"set", "free"})   # of the object that holds boxed variables


class Names:
    """The names in one converted function, inner functions included.

    ``protocol`` maps the printed names of the calls that were asked for to their names in the protocol.
    """

    def __init__(self, tree: gast.FunctionDef) -> None:
        self._users = frozenset(_identifiers(tree))
        self._printed: dict[str, str] = {}
        self._fresh: set[str] = set()
        self._scopes: set[str] = set()
        self.protocol: dict[str, str] = {}
        self.own_parts: set[str] = set()   # functions that are made of the code of the function around them
        self.renamed: dict[str, str] = {}   # what the user calls a function that has another name here
        for name in CALLS:
            self._printed[name] = next(_numbered(name, self._users.__contains__))
        self._taken = self._users | {*self._printed.values()}

    def is_users(self, name: str) -> bool:
        """Say whether the user's function contains ``name``."""
        return name in self._users

    def call(self, name: str) -> str:
        """Return how the call ``name`` of the protocol is printed."""
        printed = self._printed[name]
        self.protocol[printed] = name
        return printed

    def is_call(self, node: Any) -> bool:
        """Say whether an expression is a call that was generated."""
        match node:
            case gast.Call(func=gast.Name(id=name)):
                return name in self.protocol
            case gast.Call(func=gast.Attribute(value=gast.Name(id=name), attr=method)):
                return name in self._scopes and method in SCOPE_METHODS
        return False

    def is_check(self, node: Any) -> bool:
        """Say whether a generated call is one of ``bound``."""
        return isinstance(node.func, gast.Name) and self.protocol[node.func.id] == "bound"

    def is_check_of_class(self, node: Any) -> bool:
        """Say whether a call was generated for the body of a class, which reads a variable of its function."""
        return isinstance(node.func, gast.Name) and self.is_call(node) and self.is_check(node) and len(node.args) == 3

    def reused(self, base: str, depth: int = 0) -> str:
        """Return the name for ``base``, the same at each request; nested ones that must differ have another depth."""
        return next(islice(_numbered(base, self._taken.__contains__), depth, None))

    def fresh(self, base: str) -> str:
        """Return a name for ``base`` that was not given before."""
        name = next(_numbered(base, lambda name: name in self._taken or name in self._fresh))
        self._fresh.add(name)
        return name

    def scope(self) -> str:
        """Return the name of a further object that holds boxed variables."""
        name = self.fresh("outer")
        self._scopes.add(name)
        return name

    def is_boxed(self, node: Any) -> bool:
        """Say whether an expression is a boxed variable."""
        match node:
            case gast.Attribute(value=gast.Name(id=name)):
                return name in self._scopes
        return False


def _numbered(base: str, is_taken: Callable[[str], bool]) -> Iterator[str]:
    if not is_taken(base):
        yield base
    for number in count(1):
        if not is_taken(name := f"{base}_{number}"):
            yield name


def _identifiers(tree: Any) -> Iterator[str]:
    for node in gast.walk(tree):
        match node:
            case gast.Name(id=name) | gast.FunctionDef(name=name) | gast.ClassDef(name=name):
                yield name
            case gast.Global(names=names) | gast.Nonlocal(names=names):
                yield from names
            case gast.alias(name=name, asname=asname):
                yield asname or name.partition(".")[0]
            case gast.MatchAs(name=name) | gast.MatchStar(name=name) | gast.MatchMapping(rest=name) if name is not None:
                yield name

"""Assignments of one value to one target, or to a tuple of plain targets.

    a, (b, c) = f()             (a, part) = unpack(f(), 2)
                                (b, c) = unpack(part, 2)
    a = b[0] = f()              a = f()
                                b[0] = a
    for a, b in pairs:          for item in pairs:
        A                           (a, b) = unpack(item, 2)
                                    A
    from m import n             from m import n
                                n = imported(n, "m", "", "n")
"""

from __future__ import annotations

from typing import Any

import gast

from ..analysis.scopes import alias_name, declared, uses
from ..names import Names
from ..template import assign, call, constant, load, located, store, tuple_of
from .blocks import rewrite_block


def simplify_assignments(function: gast.FunctionDef, names: Names) -> None:
    """Leave assignments, loops and ``with`` one target each, ``with`` one manager, ``del`` one target."""
    elsewhere = declared(function, gast.Global) | declared(function, gast.Nonlocal)
    rewrite_block(function.body, _Assignments(names, elsewhere).statement)


class _Assignments:
    def __init__(self, names: Names, elsewhere: set[str]) -> None:
        self._names = names
        self._elsewhere = elsewhere

    def statement(self, node: Any) -> list[Any]:
        match node:
            case gast.AnnAssign() if node.value is not None:
                return self.assign(node.target, node.value, node)
            case gast.Assign(targets=[target]):
                return self.assign(target, node.value, node)
            case gast.Assign():
                return self.chain(node)
            case gast.For():
                node.target, first = self.named(node.target, self._names.reused("item"))
                node.body = [*first, *node.body]
            case gast.With():
                return [self.with_(node)]
            case gast.Delete():
                return [located(gast.Delete([target]), target) for each in node.targets for target in _flat(each)]
            case gast.FunctionDef() if node.decorator_list:
                return self.decorated(node)
            case gast.Import() | gast.ImportFrom():
                return [node, *(self.imported(alias, node) for alias in node.names)]
        return [node]

    def imported(self, alias: Any, node: Any) -> Any:
        bound = alias_name(alias)
        source: list[Any] = []
        if isinstance(node, gast.ImportFrom):
            module = "." * node.level + (node.module or "")
            package = load("__package__", node) if node.level else constant("", node)
            source = [constant(module, node), package, constant(alias.name, node)]
        value = call(load(self._names.call("imported"), node), [load(bound, node), *source], node)
        return assign(store(bound, node), value, node)

    def assign(self, target: Any, value: Any, at: Any) -> list[Any]:
        if isinstance(target, gast.Tuple | gast.List):
            return self.unpack(target, value, at)
        return [assign(target, value, at)]

    def unpack(self, target: Any, value: Any, at: Any) -> list[Any]:
        targets: list[Any] = []
        later: list[Any] = []
        starred = None
        for index, element in enumerate(target.elts):
            if isinstance(element, gast.Starred):
                starred, element = index, element.value
            if not later and self._is_plain(element):
                targets.append(element)
            else:
                part = self._names.fresh("part")
                targets.append(store(part, element))
                later += self.assign(element, load(part, element), at)
        return [assign(tuple_of(targets, target, gast.Store), self.unpacked(value, len(targets), starred), at), *later]

    def unpacked(self, value: Any, count: int, starred: int | None) -> Any:
        if starred is not None:
            sizes = [constant(starred, value), constant(count - starred - 1, value)]
            return call(load(self._names.call("unpack_starred"), value), [value, *sizes], value)
        match value:
            case gast.Tuple() if len(value.elts) == count and not any(isinstance(e, gast.Starred) for e in value.elts):
                return value   # a, b = b, a
        return call(load(self._names.call("unpack"), value), [value, constant(count, value)], value)

    def chain(self, node: Any) -> list[Any]:
        first, *others = node.targets
        reassigned = {use.name for target in others for use in uses(target) if use.kind == "store"}
        if isinstance(node.value, gast.Constant):
            return [made for each in node.targets for made in self.assign(each, _again(node.value), node)]
        if isinstance(first, gast.Name) and first.id not in reassigned | self._elsewhere:
            name, targets = first.id, others
        else:
            name, targets = self._names.fresh("source"), node.targets
        made = [assign(store(name, first), node.value, node)]
        return made + [each for target in targets for each in self.assign(target, load(name, target), node)]

    def named(self, target: Any, name: str) -> tuple[Any, list[Any]]:
        """Return a plain target: ``target``, or ``name`` and the statements that assign that to ``target``."""
        if isinstance(target, gast.Name) and target.id not in self._elsewhere:
            return target, []
        return store(name, target), self.assign(target, load(name, target), target)

    def with_(self, node: Any) -> Any:
        body = node.body
        for item in reversed(node.items):
            if item.optional_vars is not None:
                item.optional_vars, first = self.named(item.optional_vars, self._names.reused("value"))
                body = [*first, *body]
            inner = located(gast.With([item], body, None), node)
            body = [inner]
        return body[0]

    def decorated(self, node: Any) -> list[Any]:
        """Decorators are evaluated before the definition and applied after it, the last one first."""
        made: list[Any] = []
        value = load(node.name, node)
        wrap = []
        for decorator in node.decorator_list:
            name = self._names.fresh("decorator")
            made.append(assign(store(name, decorator), decorator, decorator))
            wrap.append(load(name, decorator))
        for decorator in reversed(wrap):
            value = located(gast.Call(decorator, [value], []), decorator)
        node.decorator_list = []
        return [*made, node, assign(store(node.name, node), value, node)]

    def _is_plain(self, target: Any) -> bool:
        return isinstance(target, gast.Attribute) or (
            isinstance(target, gast.Name) and target.id not in self._elsewhere
        )


def _again(value: Any) -> Any:
    return constant(value.value, value)


def _flat(target: Any) -> list[Any]:
    if isinstance(target, gast.Tuple | gast.List):
        return [each for element in target.elts for each in _flat(element)]
    return [target]

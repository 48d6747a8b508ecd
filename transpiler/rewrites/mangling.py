"""Private names of a class, as CPython compiles them: ``__x`` inside ``class C`` is ``_C__x``."""

from __future__ import annotations

from typing import Any

import gast


def mangle_private_names(tree: gast.FunctionDef, class_name: str | None) -> None:
    """Rename every private name in a method of ``class_name``; generated code is compiled outside the class."""
    _mangle(tree, (class_name or "").lstrip("_"))


def _mangle(node: Any, stem: str) -> None:
    def mangled(name: str | None) -> str | None:
        if not stem or name is None or not name.startswith("__") or name.endswith("__") or "." in name:
            return name
        return f"_{stem}{name}"

    match node:
        case gast.Name():
            node.id = mangled(node.id)
        case gast.Attribute():
            node.attr = mangled(node.attr)
        case gast.FunctionDef() | gast.MatchAs() | gast.MatchStar():
            node.name = mangled(node.name)
        case gast.MatchMapping():
            node.rest = mangled(node.rest)
        case gast.alias():
            node.name, node.asname = mangled(node.name), mangled(node.asname)
        case gast.Global() | gast.Nonlocal():
            node.names = list(map(mangled, node.names))
        case gast.ClassDef():
            own = node.name.lstrip("_")
            node.name = mangled(node.name)
            for each in node.body:
                _mangle(each, own)
            for each in (*node.bases, *node.keywords, *node.decorator_list):
                _mangle(each, stem)
            return
    for each in gast.iter_child_nodes(node):
        _mangle(each, stem)

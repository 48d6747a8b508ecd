"""Private names of a class, as CPython compiles them: ``__x`` inside ``class C`` is ``_C__x``."""

from __future__ import annotations

import gast


def mangle_private_names(tree: gast.FunctionDef, class_name: str | None) -> None:
    """Rename every private name in a method of ``class_name``; generated code is compiled outside the class."""
    stem = (class_name or "").lstrip("_")
    if not stem:
        return

    def mangled(name: str | None) -> str | None:
        if name is None or not name.startswith("__") or name.endswith("__") or "." in name:
            return name
        return f"_{stem}{name}"

    for node in gast.walk(tree):
        match node:
            case gast.Name():
                node.id = mangled(node.id)
            case gast.Attribute():
                node.attr = mangled(node.attr)
            case gast.FunctionDef():
                node.name = mangled(node.name)
            case gast.alias():
                node.name, node.asname = mangled(node.name), mangled(node.asname)
            case gast.Global() | gast.Nonlocal():
                node.names = list(map(mangled, node.names))
            case gast.MatchAs() | gast.MatchStar():
                node.name = mangled(node.name)
            case gast.MatchMapping():
                node.rest = mangled(node.rest)

"""Modules made of text, whose source ``inspect`` finds."""

from __future__ import annotations

import hashlib
import linecache
import sys
from types import ModuleType


def module_of(text: str, name: str) -> ModuleType:
    """The module ``name`` that ``text`` defines; it stands in ``sys.modules`` until the next of that name."""
    filename = f"<{name} {hashlib.sha1(text.encode()).hexdigest()[:12]}>"
    linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
    module = ModuleType(name)
    sys.modules[name] = module
    exec(compile(text, filename, "exec", dont_inherit=True), module.__dict__)
    return module

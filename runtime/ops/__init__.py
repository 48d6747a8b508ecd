"""The ops, each defined in one place: what it means, its type rule, its kernel, its samples."""

from __future__ import annotations

from . import builtins, elementwise, functions, mathematics, operators
from .op import TABLE as TABLE

MODULES = (operators, elementwise, functions, builtins, mathematics)

for _module in MODULES:
    TABLE.add_all(_module.OPS)

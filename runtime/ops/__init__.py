"""The ops, each defined in one place: what it means, its type rule, its kernel, its samples."""

from __future__ import annotations

from . import (
    attributes,
    builtins,
    containers,
    control,
    effects,
    elementwise,
    functions,
    indexing,
    layout,
    mathematics,
    operators,
    reduce,
    sorting,
)
from .op import TABLE as TABLE

MODULES = (operators, elementwise, functions, builtins, mathematics, reduce, sorting, indexing, layout, attributes,
           containers, control, effects)

for _module in MODULES:
    TABLE.add_all(_module.OPS)

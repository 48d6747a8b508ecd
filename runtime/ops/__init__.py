"""The ops, each defined in one place: what it means, its type rule, its kernel, its samples."""

from __future__ import annotations

from . import (
    attributes,
    builtins,
    containers,
    control,
    conversion,
    creation,
    effects,
    elementwise,
    functions,
    grids,
    indexing,
    layout,
    mathematics,
    operators,
    reduce,
    sorting,
)
from .op import TABLE as TABLE

MODULES = (
    operators, elementwise, functions, builtins, mathematics, conversion, creation, grids,
    reduce, sorting, indexing, layout, attributes, containers, control, effects,
)

for _module in MODULES:
    TABLE.add_all(_module.OPS)

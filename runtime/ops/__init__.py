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
    linalg,
    mathematics,
    operators,
    questions,
    reduce,
    sorting,
)
from .op import TABLE as TABLE

MODULES = (
    operators, elementwise, functions, builtins, mathematics, conversion, creation, grids, questions,
    reduce, sorting, indexing, layout, linalg, attributes, containers, control, effects,
)

for _module in MODULES:
    TABLE.add_all(_module.OPS)

"""The ops, each defined in one place: what it means, its type rule, its kernel, its samples."""

from __future__ import annotations

from . import (
    array_iteration,
    asking,
    attributes,
    bits,
    builtins,
    caches,
    callbacks,
    clock,
    closures,
    collections,
    containers,
    contractions,
    control,
    conversion,
    creation,
    dtypes,
    effects,
    elementwise,
    functions,
    grids,
    groups,
    hashing,
    indexing,
    iteration,
    keywords,
    layout,
    library_functions,
    library_values,
    linalg,
    logs,
    mathematics,
    number_methods,
    operators,
    patterns,
    polynomials,
    python_random,
    questions,
    random_numbers,
    records,
    reduce,
    regular_expressions,
    sets,
    settings,
    sorting,
    striding,
    text_streams,
    vectorizing,
    waiting,
    warning_filters,
)
from .op import TABLE as TABLE

MODULES = (
    operators, elementwise, functions, builtins, mathematics, conversion, creation, grids, questions,
    dtypes, reduce, sorting, sets, bits, indexing, layout, striding, linalg, contractions, polynomials, attributes,
    number_methods, clock, logs, containers, closures, collections, iteration, records, patterns, control, effects,
    groups, settings, array_iteration, asking, hashing, vectorizing, random_numbers, python_random, callbacks,
    regular_expressions, library_functions, library_values, caches, keywords, warning_filters, text_streams,
    waiting,
)

for _module in MODULES:
    TABLE.add_all(_module.OPS)

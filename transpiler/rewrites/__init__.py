"""Rewrites a function into one without control flow of its own: every construct is a call of the protocol.

The steps for a function stand in ``_convert``; an inner function goes through the same steps once the variables it
shares with the function around it are boxed.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from functools import partial

import gast

from ..analysis.assignment import definite_assignment
from ..analysis.liveness import liveness
from ..analysis.scopes import GuardedFor, RaiseAgain, StarredTry, all_arguments, local_names
from ..names import Names
from .assignments import simplify_assignments
from .binding import check_bound
from .boxing import box_variables
from .branches import lower_if
from .classes import write_out_classes
from .declarations import assign_outer_variables
from .endings import end_held, held_generators
from .exits import single_exits
from .expressions import Expressions
from .functions import lower_function
from .generators import write_out_generators
from .loops import lower_for, lower_while
from .lowering import Construct, Lowering
from .mangling import mangle_private_names
from .matching import write_out_matches
from .protected import lower_try, lower_with
from .starred import write_out_starred
from .statements import (
    lower_annotated,
    lower_assert,
    lower_assign,
    lower_augmented,
    lower_delete,
    lower_import,
    lower_raise,
    lower_raise_again,
    lower_value,
)  # fmt: skip
from .supers import write_out_super

CONSTRUCTS: Mapping[type, Construct] = {
    gast.If: lower_if,
    gast.While: lower_while,
    gast.For: lower_for,
    GuardedFor: lower_for,
    gast.With: lower_with,
    gast.Try: lower_try,
    StarredTry: lower_try,
    gast.FunctionDef: lower_function,
    gast.Assign: lower_assign,
    gast.AnnAssign: lower_annotated,
    gast.AugAssign: lower_augmented,
    gast.Delete: lower_delete,
    gast.Assert: lower_assert,
    gast.Raise: lower_raise,
    RaiseAgain: lower_raise_again,
    gast.Import: lower_import,
    gast.ImportFrom: lower_import,
    gast.Expr: lower_value,
    gast.Return: lower_value,
}


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A generated function, the protocol's name for each call as it is printed, the user's for renamed functions."""

    tree: gast.FunctionDef
    protocol: Mapping[str, str]
    renamed: Mapping[str, str]


def rewrite(
    tree: gast.FunctionDef,
    *,
    mangle_class: str | None,
    first_argument: str | None,
    qualified: str | None = None,
    outer_variables: Set[str] = frozenset(),
    written_annotations: bool = False,
) -> Rewritten:
    """Return what generated code stands for the function ``tree``, which is changed.

    ``mangle_class`` is the class whose private names are mangled, ``first_argument`` the one that ``super()`` takes,
    ``qualified`` the function's name with those around it, ``outer_variables`` its free variables;
    ``written_annotations`` says that annotations are kept as they are written.
    Raises UnsupportedSyntax.
    """
    write_out_starred(tree)
    if mangle_class is not None:
        write_out_super(tree, first_argument)
    mangle_private_names(tree, mangle_class)
    names = Names(tree)
    write_out_classes(tree, names, qualified or tree.name, outer_variables, written_annotations)
    write_out_matches(tree, names)
    converted = _convert(tree, frozenset(), names)
    converted.body = [each for each in converted.body if not isinstance(each, gast.Global)] or [gast.Pass()]
    return Rewritten(converted, names.protocol, names.renamed)


def _convert(function: gast.FunctionDef, stored_outside: Set[str], names: Names) -> gast.FunctionDef:
    held = held_generators(function)
    write_out_generators(function, names, stored_outside)
    simplify_assignments(function, names)
    assign_outer_variables(function, names)
    # What the user's own control flow proves, before exits add paths that are never gone.
    local = local_names(function)
    arguments = [each.id for each in all_arguments(function.args)]
    assignment = definite_assignment(function.body, arguments, local)
    single_exits(function, names)
    end_held(function, held, names)
    local = list(dict.fromkeys([*local, *local_names(function)]))
    box_variables(function, names, local, assignment)
    check_bound(function, names, assignment)
    stored = stored_outside - {*local} | {*arguments}
    lowering = Lowering(
        names, liveness(function.body), CONSTRUCTS, Expressions, partial(_convert, names=names), stored
    )
    function.body = lowering.block(function.body) or [gast.copy_location(gast.Pass(), function)]
    return function

"""Comparing graph functions with eager NumPy, for users too; the work is done in ``runtime/testing/``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Unpack

from .runtime.function import run_eagerly, to_graph
from .runtime.testing import equivalence
from .runtime.testing.compare import compare
from .runtime.testing.equivalence import Different, Engine, Inputs, Options
from .runtime.testing.mutant_verdicts import Verdict, verdict
from .runtime.testing.mutation import Mutant, mutant_of, mutate
from .runtime.testing.observe import Observation, observe
from .runtime.testing.report import Report
from .runtime.testing.snapshot import copy_values
from .transpiler.errors import TographError

__all__ = [
    "ENGINES",
    "Different",
    "Mutant",
    "Observation",
    "Report",
    "Verdict",
    "assert_equivalent",
    "check",
    "compare",
    "copy_values",
    "judge",
    "mutant_of",
    "mutate",
    "observe",
]


def _reference(function: Callable[..., Any]) -> Any:
    return to_graph(function, backend="reference")


ENGINES: Mapping[str, Engine] = {"reference": _reference}


@contextmanager
def _eagerly() -> Iterator[None]:
    run_eagerly(True)
    try:
        yield
    finally:
        run_eagerly(False)


def assert_equivalent(
    function: Callable[..., Any], inputs: Inputs, *, engines: Mapping[str, Engine] = ENGINES, **options: Unpack[Options]
) -> Report:
    """Compare ``function`` with the graph functions that ``engines`` make of it, on every input.

    ``inputs`` are argument tuples, a function that gives fresh ones, or specifications such as ``("f8[n, 3]", "int")``;
    a graph function stands for its plain function.  The report, printed as a table, says what was compared.
    Raises ``Different``; a refusal is a difference too.  ``options`` are those of ``Options``.
    """
    return equivalence.assert_equivalent(function, inputs, engines=engines, **_defaults(options))


def check(
    function: Callable[..., Any], inputs: Inputs, *, engines: Mapping[str, Engine] = ENGINES, **options: Unpack[Options]
) -> Report:
    """As ``assert_equivalent``, but differences are only reported."""
    return equivalence.check(function, inputs, engines=engines, **_defaults(options))


def judge(mutant: Mutant, **options: Unpack[Options]) -> Verdict:
    """What becomes of a random program of ``mutate`` as a graph; ``options`` are those of ``Options``."""
    return verdict(mutant, _reference, **_defaults(options))


def _defaults(options: Options) -> Options:
    return {"refusals": (TographError,), "eagerly": _eagerly, **options}

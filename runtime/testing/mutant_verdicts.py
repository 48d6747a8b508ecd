"""What becomes of a mutant as a graph: the same as eagerly, a refusal, or something else.

Whatever a change of a text gives may be asked here: texts that are no program, programs that do not end or do not
do the same twice are left out.
"""

from __future__ import annotations

import contextlib
import io
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Unpack

import numpy as np

from .bounded import LINES, TooLong, bounded
from .compare import compare
from .equivalence import Engine, Options, check
from .mutation import Mutant
from .observe import Observation, observe
from .snapshot import copy_values
from .world import World

Kind = Literal["same", "refused", "different", "left out"]
CALLS = 3
_UNCERTAIN = (RecursionError, MemoryError)    # how deep and how large is too much is no matter of the program


@dataclass(frozen=True)
class Verdict:
    """How a mutant fared; ``text`` says what differed, was refused, or is no program."""

    kind: Kind
    text: str = ""


def verdict(mutant: Mutant, engine: Engine, lines: int = LINES, **options: Unpack[Options]) -> Verdict:
    """Compare ``mutant`` with what ``engine`` makes of it, on its first arguments; ``options`` as for ``check``.

    What it does to NumPy's settings, even where it is stopped, ends with it.
    """
    with np.errstate(), np.printoptions():
        return _verdict(mutant, engine, lines, options)


def _verdict(mutant: Mutant, engine: Engine, lines: int, options: Options) -> Verdict:
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        try:
            with bounded(lines):
                program, arguments = mutant.load()
        except (Exception, TooLong) as error:  # noqa: BLE001 - a module that cannot be loaded is no program
            return Verdict("left out", f"{type(error).__name__}: {error}")
    given = [each for each in arguments[:CALLS] if isinstance(each, tuple)]
    if not callable(program) or not given:
        return Verdict("left out", "there is nothing to call it with")
    try:
        reason = next((found for each in given if (found := _unfit(program, each, lines))), "")
    except Exception as error:  # noqa: BLE001 - its own code raises where the state is put back
        reason = f"{type(error).__name__}: {error}"
    if reason:
        return Verdict("left out", reason)
    report = check(program, given, engines={"graph": engine}, **{**options, "without_nodes": True})
    details = [detail for difference in report.differences for detail in difference.details]
    different = [detail for detail in details if not detail.startswith("refused: ")]
    if different:
        return Verdict("different", "\n".join(different))
    return Verdict("refused", details[0]) if details else Verdict("same")


def _unfit(program: Callable[..., Any], arguments: tuple[Any, ...], lines: int) -> str:
    """Why nothing can be compared with this call; empty if it ends, and does the same a second time."""
    world = World(program)
    put_back = world.save()
    seen: list[Observation] = []
    for _ in range(2):
        try:
            given = copy_values(arguments, world.objects())
        except TypeError as error:    # a generator, for one
            return f"arguments that cannot be copied: {error}"
        try:
            with bounded(lines):
                seen.append(observe(program, given, world))
        except TooLong as error:
            return str(error)
        finally:
            put_back()
        if isinstance(seen[-1].error, _UNCERTAIN):
            return str(seen[-1].raised)
    different = compare(seen[0], seen[1])
    return f"not the same twice: {different[0]}" if different else ""

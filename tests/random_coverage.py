"""How much of tracing and rewriting random programs reach: branch coverage by grammar programs and by mutants.

    python tests/random_coverage.py --grammar 1500 --mutants 3000 --workers 2

The seeds are fixed, so the figures are the same each time.  Needs coverage.py (the extra ``dev``).  A program counts
whatever becomes of it: what differs is for ``tests/fuzz`` to find.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import sys
import tempfile
import warnings
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from random import Random

import conftest as conftest  # makes the fixtures importable
import coverage

FOLDERS = ("transpiler/rewrites", "runtime/tracing")
LEAST = 85.0
SECONDS = 60
STACK = 512 * 2**20   # bytes
FIRST_GRAMMAR, FIRST_MUTANT = 900_000, 2_000_000
EXCLUDED = ["pragma: no cover", "if TYPE_CHECKING:", "raise NotImplementedError", r"^\s*\.\.\.$"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--grammar", type=int, default=1500, help="how many programs of the grammar (1500)")
    parser.add_argument("--mutants", type=int, default=3000, help="how many mutants of the fixtures (3000)")
    parser.add_argument("--workers", type=int, default=2, help="how many processes (2)")
    parser.add_argument("--missing", action="store_true", help="show the lines and branches that were not reached")
    options = parser.parse_args()
    # A mutant may recurse as deep as it can; what is started from here gets a stack for that.
    resource.setrlimit(resource.RLIMIT_STACK, (STACK, resource.getrlimit(resource.RLIMIT_STACK)[1]))
    with tempfile.TemporaryDirectory() as folder:
        with ProcessPoolExecutor(options.workers, multiprocessing.get_context("spawn")) as pool:
            jobs = [
                pool.submit(measured, folder, options.grammar, options.mutants, part, options.workers)
                for part in range(options.workers)
            ]
            for counts in (job.result() for job in jobs):
                print(", ".join(f"{number} {kind}" for kind, number in sorted(counts.items())))
        whole = coverage.Coverage(data_file=f"{folder}/whole", branch=True, config_file=False)
        whole.set_option("report:exclude_lines", EXCLUDED)
        whole.combine([f"{folder}/part.{part}" for part in range(options.workers)])
        return report(whole, options.missing)


def report(whole: coverage.Coverage, missing: bool) -> int:
    """Print a table for each folder; 1 if one is reached too little."""
    totals = {}
    for folder in FOLDERS:
        print(f"\n{folder}")
        totals[folder] = whole.report(include=[f"{root()}/{folder}/*"], show_missing=missing, skip_covered=True)
    print("\n" + "\n".join(f"{folder}: {total:.1f} %" for folder, total in totals.items()))
    return int(min(totals.values()) < LEAST)


def root() -> Path:
    """The folder of the package that is measured."""
    import tograph  # after coverage has begun: what an import runs counts too

    return Path(tograph.__file__).parent


def measured(folder: str, grammar: int, mutants: int, part: int, parts: int) -> dict[str, int]:
    """Run every program whose number leaves ``part``; what became of them."""
    measuring = coverage.Coverage(data_file=f"{folder}/part.{part}", branch=True, config_file=False,
                                  include=[f"*/{each}/*" for each in FOLDERS])  # fmt: skip
    measuring.start()
    try:
        return run(range(FIRST_GRAMMAR + part, FIRST_GRAMMAR + grammar, parts),
                   range(FIRST_MUTANT + part, FIRST_MUTANT + mutants, parts))
    finally:
        measuring.stop()
        measuring.save()


def run(grammar: range, mutants: range) -> dict[str, int]:
    """Compare the programs of these seeds."""
    from fixtures.corpus import corpus
    from tograph.runtime.testing.bounded import limit_memory
    from tograph.runtime.testing.generate import write
    from tograph.testing import check, judge, mutant_of

    def grammar_kind(seed: int) -> str:
        program = write(Random(seed))
        found = check(program.load(), program.inputs, without_nodes=True, frames=False).differences
        return "same" if not found else "refused" if "refused" in str(found[0]) else "different"

    def mutant_kind(seed: int) -> str:
        return judge(mutant_of(corpus(), seed), frames=False).kind

    warnings.simplefilter("ignore")
    sys.setrecursionlimit(20_000)
    limit_memory()
    counts: dict[str, int] = {}
    for kind_of, seeds in ((grammar_kind, grammar), (mutant_kind, mutants)):
        for seed in seeds:
            kind = ended(kind_of, seed)
            counts[kind] = counts.get(kind, 0) + 1
    return counts


def ended(kind_of: Callable[[int], str], seed: int) -> str:
    """What became of a program, which may take too long."""
    from tograph.runtime.testing.bounded import TooLong, timed
    from tograph.runtime.tracing.trace import Raised

    try:
        with timed(SECONDS):
            return kind_of(seed)
    except TooLong:
        return "too long"
    except (Exception, Raised) as error:  # noqa: BLE001 - a crash is told, and does not end the measurement
        print(f"{kind_of.__name__} {seed}: {type(error).__name__}: {error}", flush=True)
        return "crashed"


if __name__ == "__main__":
    sys.exit(main())

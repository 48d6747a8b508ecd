"""Mutants of the fixture programs do as graphs what they do eagerly, or are refused.

A normal run takes a fixed set; ``pytest -m fuzz`` takes TOGRAPH_MUTANTS of them with other seeds.  A mutant that
differs is made smaller before it is shown.
"""

import os

import pytest

from fixtures.corpus import corpus
from tograph.runtime.testing.bounded import timed
from tograph.runtime.testing.shrink_text import minimise_text
from tograph.testing import Mutant, judge, mutant_of

COUNT = 240
PARTS = 20
MANY = int(os.environ.get("TOGRAPH_MUTANTS", "3000"))
FIRST_OF_MANY = 1_000_000
SECONDS = 60


def judged(made):
    with timed(SECONDS):
        return judge(made, frames="repeated")


def differs(text):
    return judged(Mutant(text)).kind == "different"


def check(seeds):
    kinds = []
    for seed in seeds:
        made = mutant_of(corpus(), seed)
        found = judged(made)
        kinds.append(found.kind)
        if found.kind == "different":
            smallest = minimise_text(made.source, differs)
            pytest.fail(f"mutant {seed} differs: {found.text}\n\nmade smaller:\n{smallest}")
    return kinds


@pytest.mark.parametrize("part", range(PARTS))
def test_graphs_do_what_mutants_do(part):
    kinds = check(range(part, COUNT, PARTS))
    assert kinds.count("same") > kinds.count("refused") and "same" in kinds


@pytest.mark.fuzz
@pytest.mark.parametrize("part", range(PARTS))
def test_graphs_do_what_many_mutants_do(part):
    check(range(FIRST_OF_MANY + part, FIRST_OF_MANY + MANY, PARTS))

"""What the catalogue says of the functions that are no ops: the ones are answered, the others refused by name."""

from __future__ import annotations

import linecache
from typing import Any

import numpy as np
import pytest

from tograph import TographError, to_graph
from tograph.runtime.ops.refused import ANSWERED, missing, reasons
from tograph.runtime.tracing.answers import ANSWERS

MISSING = tuple(missing())


def calling(path: str) -> Any:
    """A function that calls the one of this path without arguments."""
    text = f"def program(x):\n    return {path}()\n"
    name = f"<{path}>"
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    namespace = {"np": np, "__name__": "calling"}
    exec(compile(text, name, "exec", dont_inherit=True), namespace)
    return namespace["program"]


@pytest.mark.parametrize("path", MISSING)
def test_is_refused_by_name(path: str) -> None:
    with pytest.raises(TographError) as refused:
        to_graph(calling(path))(np.ones(2))
    assert path.rpartition(".")[2] in str(refused.value).splitlines()[0]


def test_has_one_reason() -> None:
    given = [name for _, names in reasons() for name in names]
    assert sorted(given) == sorted(MISSING)


def test_is_answered_while_tracing() -> None:
    managers = {np.errstate}        # made when the graph runs, as a class
    assert all(function in ANSWERS for function in ANSWERED if function not in managers)

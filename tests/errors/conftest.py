"""Runs the wrong uses of ``fixtures/errors``."""

from __future__ import annotations

import linecache
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from fixtures.errors.row import Refusal
from tograph import TographError, save_graph, to_graph
from tograph.runtime.ir.writing import _keyword
from tograph.runtime.tracing.answers import ANSWERS
from tograph.transpiler import transpile


def foreign(*arguments: Any) -> Any:
    """Stands for compiled code, which a trace would have to hand its values to."""
    raise AssertionError("it is answered by the trace")


@pytest.fixture
def provoke(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Refusal], TographError]]:
    """Give the error of a wrong use; a second time, in the same file and with the same function."""
    monkeypatch.chdir(tmp_path)
    worlds: dict[str, dict[str, Any]] = {}

    def load(refusal: Refusal) -> dict[str, Any]:
        file = tmp_path / "model.py"
        file.write_text(refusal.program, encoding="utf-8")
        linecache.cache.pop(str(file), None)
        world: dict[str, Any] = {
            "__name__": "model",
            "np": np,
            "x": np.array([1.0, -2.0, 3.0]),
            "to_graph": to_graph,
            "save_graph": save_graph,
            "transpile": transpile,
            "keyword_text": _keyword,
            "foreign": foreign,
        }
        exec(compile(refusal.program, str(file), "exec"), world)
        if refusal.edit is not None:
            file.write_text(refusal.program.replace(*refusal.edit), encoding="utf-8")
        return world

    def run(refusal: Refusal) -> TographError:
        if refusal.title not in worlds:
            worlds[refusal.title] = load(refusal)
        use = refusal.foreign
        if use is not None:
            monkeypatch.setitem(ANSWERS, foreign, lambda trace, value, use=use: use(value))
        with pytest.raises(TographError) as caught:
            eval(refusal.use, worlds[refusal.title])
        return caught.value

    yield run
    linecache.cache.pop(str(tmp_path / "model.py"), None)

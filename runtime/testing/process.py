"""A saved graph, run in a new process that has only the file: the program's source is neither imported nor on its
path.

Arguments travel with what they share: an array is sent as a window of its memory, and a memory once.
"""

from __future__ import annotations

import io
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .compare import EXACT, Rules, compare, same_start
from .memory import address, bounds, raw_bytes, root
from .observe import Observation, observe

SECONDS = 120
_SCRIPT = """
import sys, tograph
from tograph.runtime.testing import process
process.serve(tograph.load_graph(sys.argv[1]), *sys.argv[2:])
"""


class SourceFound(AssertionError):
    """The new process imported the program whose graph it was to run without."""


class _Packer(pickle.Pickler):
    """Pickles arrays as windows; ``_memories`` keeps one object for each memory, so that it is sent once."""

    def __init__(self, file: io.BytesIO):
        super().__init__(file, pickle.HIGHEST_PROTOCOL)
        self._memories: dict[int, tuple[np.ndarray, bytearray]] = {}

    def reducer_override(self, value: Any) -> Any:
        if type(value) is not np.ndarray or value.dtype == object:
            return NotImplemented
        owner = root(value)
        if id(owner) not in self._memories:
            self._memories[id(owner)] = (owner, bytearray(raw_bytes(owner)))
        _, memory = self._memories[id(owner)]
        offset = address(value) - bounds(owner)[0] if value.size else 0
        return _window, (memory, value.shape, value.dtype, offset, value.strides, value.flags.writeable)


def _window(
    memory: bytearray, shape: tuple[int, ...], dtype: np.dtype, offset: int, strides: tuple[int, ...], writeable: bool
) -> np.ndarray:
    view = np.ndarray(shape, dtype, memory, offset, strides)
    view.flags.writeable = writeable
    return view


def pack(values: Any) -> bytes:
    """``values`` as bytes, with what they share; ``unpack`` gives them back.  Raises what pickling raises."""
    file = io.BytesIO()
    _Packer(file).dump(values)
    return file.getvalue()


def unpack(data: bytes) -> Any:
    """New values from ``pack``."""
    return pickle.loads(data)


def run_elsewhere(path: str | Path, calls: Iterable[Sequence[Any]], avoid: str = "") -> list[Observation]:
    """What the graph saved at ``path`` does when it is loaded and called, for each of ``calls``, in a new process.

    Raises SourceFound if that process imported the file ``avoid``, CalledProcessError if it did not end well.
    """
    with tempfile.TemporaryDirectory() as folder:
        sent, received = Path(folder, "calls"), Path(folder, "observations")
        sent.write_bytes(pack([pack(tuple(arguments)) for arguments in calls]))
        command = [sys.executable, "-I", "-c", _SCRIPT, str(Path(path).resolve()), str(sent), str(received)]
        subprocess.run(command, check=True, cwd=folder, timeout=SECONDS)
        observations, files = unpack(received.read_bytes())
    if avoid in files:
        raise SourceFound(f"{avoid} was imported where the graph was to run without it")
    return observations


def serve(function: Callable[..., Any], sent: str, received: str) -> None:
    """The work of the new process: make the calls, write what was observed and which files were imported."""
    observations = [observe(function, unpack(arguments)) for arguments in unpack(Path(sent).read_bytes())]
    files = {getattr(module, "__file__", None) for module in list(sys.modules.values())}
    Path(received).write_bytes(pack((observations, files)))


def compare_elsewhere(
    function: Callable[..., Any], path: str | Path, calls: Iterable[Sequence[Any]], rules: Rules = EXACT
) -> list[str]:
    """What differs between plain calls of ``function`` here and calls of its saved graph in a new process."""
    calls = [tuple(arguments) for arguments in calls]
    code = getattr(function, "__code__", None)
    found = []
    observations = run_elsewhere(path, calls, code.co_filename if code else "")
    for number, (arguments, actual) in enumerate(zip(calls, observations)):
        expected = observe(function, unpack(pack(arguments)))
        differences = same_start(expected, actual) + compare(expected, actual, rules)
        found += [f"call {number}: {difference}" for difference in differences]
    return found

"""A saved graph, run in a new process that has only the file: the program's source is neither imported nor on its
path.

Arguments travel with what they share: an array is sent as a window of its memory, and a memory once.  A class of the
program travels as its name, bases and members: there is no module there that has it.
"""

from __future__ import annotations

import collections
import enum
import io
import pickle
import subprocess
import sys
import tempfile
import types
from collections.abc import Callable, Collection, Iterable, Sequence
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
process.serve(tograph.load_graph, *sys.argv[1:])
"""


class SourceFound(AssertionError):
    """The new process imported the program whose graph it was to run without."""


class LoadingFailed(RuntimeError):
    """The new process could not load the graph or an argument of a call."""


class _Packer(pickle.Pickler):
    """Pickles arrays as windows; ``_memories`` keeps one object for each memory, so that it is sent once.

    The classes of modules in files that are to be avoided are pickled as descriptions.
    """

    def __init__(self, file: io.BytesIO, avoid: Collection[str]):
        super().__init__(file, pickle.HIGHEST_PROTOCOL)
        self._memories: dict[int, tuple[np.ndarray, bytearray]] = {}
        self._avoid = avoid

    def reducer_override(self, value: Any) -> Any:
        if isinstance(value, type):
            file = getattr(sys.modules.get(value.__module__), "__file__", None)
            return (_stand_in, _description(value)) if file in self._avoid else NotImplemented
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


def _description(cls: type) -> tuple[str, str, tuple[type, ...], dict[str, Any] | None, tuple[str, ...] | None]:
    members = {member.name: member.value for member in cls} if issubclass(cls, enum.Enum) else None
    fields = getattr(cls, "_fields", None) if issubclass(cls, tuple) else None
    return cls.__module__, cls.__qualname__, cls.__bases__, members, fields


def _stand_in(
    module: str, name: str, bases: tuple[type, ...], members: dict[str, Any] | None, fields: tuple[str, ...] | None
) -> type:
    """The class of that name in ``module``: the one that is there, or a new one without methods."""
    path = module.split(".")
    for end in range(1, len(path) + 1):     # pickling the class there looks for the packages too
        part = ".".join(path[:end])
        sys.modules.setdefault(part, types.ModuleType(part))
    home = sys.modules[module]
    if not hasattr(home, name):
        if members:
            made = enum.Enum(name, members, type=bases[0])  # pyright: ignore[reportArgumentType,reportCallIssue]
        else:
            made = collections.namedtuple(name, fields) if fields else type(name, bases, {})  # noqa: PYI024
        made.__module__, made.__qualname__ = module, name
        setattr(home, name, made)
    return getattr(home, name)


def pack(values: Any, avoid: Collection[str] = ()) -> bytes:
    """``values`` as bytes, with what they share; ``unpack`` gives them back.  Raises what pickling raises.

    Unpacking them imports no module whose file is one of ``avoid``.
    """
    file = io.BytesIO()
    _Packer(file, avoid).dump(values)
    return file.getvalue()


def unpack(data: bytes) -> Any:
    """New values from ``pack``."""
    return pickle.loads(data)


def run_elsewhere(path: str | Path, calls: Iterable[Sequence[Any]], avoid: str = "") -> list[Observation]:
    """What the graph saved at ``path`` does when it is loaded and called, for each of ``calls``, in a new process.

    Raises SourceFound if that process imported the file ``avoid``, LoadingFailed if it could not load the graph or an
    argument, CalledProcessError if it did not end well.
    """
    (outcome,) = run_all_elsewhere([(path, calls)], [avoid])
    if isinstance(outcome, str):
        raise LoadingFailed(outcome)
    return outcome


def run_all_elsewhere(
    jobs: Iterable[tuple[str | Path, Iterable[Sequence[Any]]]], avoid: Collection[str] = ()
) -> list[list[Observation] | str]:
    """As ``run_elsewhere`` for many saved graphs and their calls, one after the other in one new process.

    Where a graph or its arguments cannot be loaded there, the error's class and text stand for the observations.
    """
    with tempfile.TemporaryDirectory() as folder:
        sent, received = Path(folder, "jobs"), Path(folder, "outcomes")
        packed = [(str(Path(path).resolve()), [pack(tuple(call), avoid) for call in calls]) for path, calls in jobs]
        sent.write_bytes(pack(packed))
        command = [sys.executable, "-I", "-c", _SCRIPT, str(sent), str(received)]
        subprocess.run(command, check=True, cwd=folder, timeout=SECONDS)
        outcomes, files = unpack(received.read_bytes())
    found = sorted(set(avoid) & files)
    if found:
        raise SourceFound(f"{', '.join(found)} was imported where the graph was to run without it")
    return outcomes


def serve(load: Callable[[str], Callable[..., Any]], sent: str, received: str) -> None:
    """The work of the new process: make the calls, write what was observed and which files were imported."""
    outcomes = [_outcome(load, path, calls) for path, calls in unpack(Path(sent).read_bytes())]
    files = {file for module in list(sys.modules.values()) if (file := getattr(module, "__file__", None))}
    Path(received).write_bytes(pack((outcomes, files)))


def _outcome(load: Callable[[str], Callable[..., Any]], path: str, calls: list[bytes]) -> list[Observation] | str:
    try:
        function = load(path)
        arguments = [unpack(call) for call in calls]
    except Exception as error:  # noqa: BLE001 - told to the process that asked
        return f"{type(error).__name__}: {error}"
    return [observe(function, values) for values in arguments]


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

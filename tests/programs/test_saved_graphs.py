"""Saved graphs run where their programs are not: each theme's graphs are loaded and called in one new process.

A graph that holds what only the program's module has cannot; the tables say which, and why.
"""

import importlib
import pkgutil

import pytest

import fixtures.programs
from tograph.runtime.errors import UnwritableConstant
from tograph.runtime.function import to_graph
from tograph.runtime.save import save_graph
from tograph.runtime.testing.compare import compare, same_start
from tograph.runtime.testing.observe import observe
from tograph.runtime.testing.process import pack, run_all_elsewhere, unpack

THEMES = sorted(module.name for module in pkgutil.iter_modules(fixtures.programs.__path__))
MODULES = {theme: importlib.import_module(f"fixtures.programs.{theme}") for theme in THEMES}
FILES = [str(module.__file__) for module in MODULES.values()]

MISSING = "ModuleNotFoundError: No module named 'fixtures'"
NEEDS_ITS_MODULE = {                             # a class or a function whose objects the graph makes or reads
    "iterate or raise": "class Diverged",
    "scopes of one's own": "class Scope",
    "thermostat with hysteresis": "class Thermostat",
    "house that remembers": "object HOUSE",
    "welford over the finite": "class Welford",
    "measures through super": "classes Shape, Square",
    "vault with a mangled name": "class Vault",
    "callable filters": "class LowPass",
    "widest gap of a gauge": "class Gauge",
    "particles that bounce": "class Particle",
    "star arguments and options": "the defaults of combine",
    "smooth with default arguments": "the defaults of smooth",
    "records kept in a mutable default": "the defaults of remember",
}
HAS_NO_TEXT = {
    "late binding of lambdas": "<lambda>",       # made by the call
    "decorated helper": "<function surplus",     # hidden by its decorator
}
GAPS = {
    "drive a global field": "two globals that share memory are saved as two arrays",
    "log in a global list": "a global that was None is not there when it is read",
}


@pytest.mark.parametrize("theme", THEMES)
def test_runs_without_its_program(theme, tmp_path):
    saved, wrong = [], []
    for number, program in enumerate(MODULES[theme].PROGRAMS):
        put_back = program.reset or (lambda: None)
        put_back()
        function, path = to_graph(program.function), tmp_path / f"{number}.graph"
        arguments = function.bind(program.inputs()[0], {})     # a loaded graph takes every argument
        try:
            save_graph(function, path, *arguments)
        except UnwritableConstant as error:
            if HAS_NO_TEXT.get(program.title, "nothing") not in str(error):
                wrong.append(f"{program.title} was not saved: {error}")
        else:
            saved.append((program.title, path, arguments, observe(program.function, unpack(pack(arguments)))))
        put_back()
    outcomes = run_all_elsewhere([(path, [arguments]) for _, path, arguments, _ in saved], avoid=FILES)
    for (title, _, _, eager), outcome in zip(saved, outcomes):
        wrong += [f"{title}: {difference}" for difference in differences(title, eager, outcome)]
    assert not wrong, "\n".join(wrong)


def differences(title, eager, outcome):
    """What is not as it should be with the outcome of one program elsewhere."""
    if title in NEEDS_ITS_MODULE:
        return [] if outcome == MISSING else ["runs without its module, which was not expected"]
    if title in HAS_NO_TEXT:
        return ["was saved, which was not expected"]
    if isinstance(outcome, str):
        return [outcome]
    (there,) = outcome
    found = same_start(eager, there) + compare(eager, there)
    if title in GAPS:
        return [] if found else [f"works, although {GAPS[title]}"]
    return found

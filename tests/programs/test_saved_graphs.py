"""Saved graphs run where their programs are not: each theme's graphs are loaded and called in one new process.

A graph that holds a function made by the call cannot be saved; the table says which.
"""

import importlib
import pkgutil

import pytest

import fixtures.programs
from tograph.runtime.errors import UnwritableConstant
from tograph.runtime.function import to_graph
from tograph.runtime.save import load_graph, save_graph
from tograph.runtime.testing.compare import compare, same_start
from tograph.runtime.testing.observe import observe
from tograph.runtime.testing.process import pack, run_all_elsewhere, unpack

THEMES = sorted(module.name for module in pkgutil.iter_modules(fixtures.programs.__path__))
MODULES = {theme: importlib.import_module(f"fixtures.programs.{theme}") for theme in THEMES}
FILES = [str(module.__file__) for module in MODULES.values()]

HAS_NO_TEXT = {
    "classes of a factory": "Scale",             # two of one name
    **dict.fromkeys([program.title for program in MODULES["callbacks"].PROGRAMS], "py_func"),
    **dict.fromkeys([program.title for program in MODULES["caches_used"].PROGRAMS], "has a cache"),
    **dict.fromkeys(("names of attributes", "names of attributes before and after"), "dir()"),
    "a generator of the module": "Generator",
    "generators of Python's in objects": "random.Random",
    **dict.fromkeys(("numbers in a text", "groups with names", "text rewritten by functions"), "re.Pattern"),
    **dict.fromkeys(("cached properties in a loop", "cached properties computed before",
                     "a cached property that is stored"), "functools.cached_property"),
    "element by element": "vectorize",
}
# Methods of the keys are called by what hands the arguments over, and what is returned is described by.
NEEDS_ITS_CLASSES = {"a dict and a set of objects that are given", "dicts and sets of objects that are returned"}


@pytest.mark.parametrize("theme", THEMES)
def test_runs_without_its_program(theme, tmp_path):
    saved, wrong = [], []
    for number, program in enumerate(MODULES[theme].PROGRAMS):
        put_back = program.reset or (lambda: None)
        put_back()
        function, path = to_graph(program.function), tmp_path / f"{number}.graph"
        arguments = program.inputs()[0]
        try:
            save_graph(function, path, *arguments)
        except UnwritableConstant as error:
            if HAS_NO_TEXT.get(program.title, "nothing") not in str(error):
                wrong.append(f"{program.title} was not saved: {error}")
        else:
            eager = observe(program.function, unpack(pack(arguments)))
            if program.title in NEEDS_ITS_CLASSES:
                here = observe(load_graph(path), unpack(pack(arguments)))
                wrong += [f"{program.title}: {difference}" for difference in differences(program.title, eager, [here])]
            else:
                saved.append((program.title, path, arguments, eager))
        put_back()
    outcomes = run_all_elsewhere([(path, [arguments]) for _, path, arguments, _ in saved], avoid=FILES)
    for (title, _, _, eager), outcome in zip(saved, outcomes):
        wrong += [f"{title}: {difference}" for difference in differences(title, eager, outcome)]
    assert not wrong, "\n".join(wrong)


def differences(title, eager, outcome):
    """What is not as it should be with the outcome of one program elsewhere."""
    if title in HAS_NO_TEXT:
        return ["was saved, which was not expected"]
    if isinstance(outcome, str):
        return [outcome]
    (there,) = outcome
    return same_start(eager, there) + compare(eager, there)

"""The layout: the root is the package, each module is loaded once, all folders are listed, imports run one way."""

import ast
import importlib
import re
import subprocess
import sys
import tomllib
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import tograph

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
SOURCES = sorted([*ROOT.glob("*.py"), *(ROOT / "transpiler").rglob("*.py"), *(ROOT / "runtime").rglob("*.py")])
IMPORTED = Path(tograph.__file__ or "").resolve().parent

# From the top down: a module may import from its own layer and those below it.
LAYERS = (
    ("__main__",),
    ("cli",),
    ("runtime.demo", "runtime.bench"),
    ("__init__", "testing"),
    ("runtime.terminal",),
    ("runtime.save",),
    ("runtime.saving",),
    ("runtime.function",),
    ("runtime.traces",),
    ("runtime.explanation",),
    ("runtime.cache",),
    ("runtime.quick",),
    ("runtime.execute", "runtime.testing", "runtime.native", "runtime.autodiff"),
    ("runtime.passes",),
    ("runtime.tracing",),
    ("runtime.ops",),
    ("runtime.ir",),
    ("runtime.calls", "runtime.courses", "runtime.errors", "runtime.generators", "runtime.log", "runtime.naming",
     "runtime"),
    ("transpiler",),
)
TRANSPILER_LAYERS = (
    ("transpiler",),
    ("transpiler.convert",),
    ("transpiler.subset", "transpiler.rewrites", "transpiler.bytecode", "transpiler.emit"),
    ("transpiler.source",),
    ("transpiler.analysis",),
    ("transpiler.names", "transpiler.template"),
    ("transpiler.errors",),
    ("transpiler.location", "transpiler.protocol"),
    ("transpiler.calls", "transpiler.courses", "transpiler.generators", "transpiler.groups", "transpiler.scope",
     "transpiler.statements"),
)
FACE = {"__init__", "cli", "testing", "runtime.bench.__main__"}
MAY_IMPORT_THE_TRANSPILER = FACE | {"runtime.traces", "runtime.explanation", "runtime.cache", "runtime.errors",
                                    "runtime.calls", "runtime.courses", "runtime.generators", "runtime.groups"}
# Left for the few who need them: ``import tograph`` must stay cheap.
NOT_IMPORTED = ("argparse", "cupy", "hypothesis", "llvmlite", "logging", "numpy.testing", "optree", "pytest", "rich",
                "scipy", "unittest")
LOADED = {"", ".runtime", ".runtime.function", ".runtime.ir", ".runtime.ir.drawing", ".runtime.ir.drawing.markup",
          ".runtime.graph_functions", ".runtime.log", ".runtime.naming", ".runtime.tracing", ".runtime.tracing.current"}
OWN = {"tograph", "runtime", "transpiler", "tests", "fixtures"}
LATE = {"rich", "llvmlite", "cupy", "cuda", "logging"}    # optional, or left for those who use them


def test_the_imported_sources_are_the_checkouts():
    assert [path for path in SOURCES if (IMPORTED / path.relative_to(ROOT)).read_bytes() != path.read_bytes()] == []


def test_every_package_folder_is_listed():
    listed = PROJECT["tool"]["setuptools"]["packages"]
    folders = {_name(path).replace(".__init__", "") for path in SOURCES if path.name == "__init__.py"}
    assert set(listed) == {"tograph"} | {f"tograph.{folder}" for folder in folders - {"__init__"}}
    assert len(listed) == len(set(listed))


def test_every_folder_with_modules_is_a_package():
    assert {path.parent for path in SOURCES if not (path.parent / "__init__.py").exists()} == set()


def test_the_version_is_the_projects():
    assert tograph.__version__ == PROJECT["project"]["version"]


def test_the_face_is_what_it_says():
    assert sorted(tograph.__all__) == tograph.__all__
    assert all(hasattr(tograph, name) for name in tograph.__all__)
    assert issubclass(tograph.TographError, Exception)


def test_the_command_is_an_entry_point():
    assert PROJECT["project"]["scripts"] == {"tograph": "tograph.cli:main"}


def test_the_root_is_not_importable_as_loose_folders():
    with pytest.raises(ImportError):
        importlib.import_module("runtime")


def test_no_module_is_loaded_twice():
    importlib.import_module("fixtures.program")
    files: dict[str, list[str]] = {}
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file and Path(file).resolve().is_relative_to(IMPORTED):
            files.setdefault(str(Path(file).resolve()), []).append(name)
    assert {file: names for file, names in files.items() if len(names) > 1} == {}


def test_importing_tograph_imports_nothing_costly():
    command = [sys.executable, "-P", "-c", "import numpy, sys; before = set(sys.modules); import tograph; "
               "print(*sorted(set(sys.modules) - before))"]
    imported = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    assert [name for name in imported if name.startswith(NOT_IMPORTED)] == []
    assert {name.removeprefix("tograph") for name in imported if name.startswith("tograph")} == LOADED


# -- imports run one way


def _name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _executed_imports(path: Path) -> list[ast.ImportFrom | ast.Import]:
    """The import statements of a file but those that only type checkers read."""
    nodes = list(ast.walk(_tree(path)))
    for_types = [node for node in nodes if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"]
    hidden = {id(inner) for node in for_types for statement in node.body for inner in ast.walk(statement)}
    return [node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom) and id(node) not in hidden]


def _late_imports(path: Path) -> list[ast.ImportFrom]:
    """``import_module(".module", __package__)`` and the modules in a dict ``LATER``, as statements."""
    modules = []
    for node in ast.walk(_tree(path)):
        match node:
            case ast.Assign([ast.Name("LATER")], ast.Dict(values=values)):
                modules += [ast.literal_eval(value) for value in values]
            case ast.Call(ast.Name("import_module"), [ast.Constant(str(module)), ast.Name("__package__")]):
                modules.append(module.removeprefix("."))
    return [ast.ImportFrom(parent, [ast.alias(name)], 1)
            for parent, _, name in [module.rpartition(".") for module in modules]]


def _targets(path: Path, node: ast.ImportFrom) -> set[str]:
    """The modules of the package that a relative import names."""
    package = path.relative_to(ROOT).parent.parts
    start = [*package[: len(package) - (node.level - 1)], *(node.module or "").split(".")]
    base = ROOT.joinpath(*filter(None, start))
    found = set()
    for alias in node.names:
        named = base / alias.name
        files = (named.with_suffix(".py"), named / "__init__.py", base.with_suffix(".py"), base / "__init__.py")
        found.update(_name(file) for file in [file for file in files if file.exists() and file != path][:1])
    return found


@cache
def _graph() -> dict[str, set[str]]:
    graph: dict[str, set[str]] = {}
    for path in SOURCES:
        relative = [node for node in _executed_imports(path) if isinstance(node, ast.ImportFrom) and node.level]
        graph[_name(path)] = set().union(*[_targets(path, node) for node in (*relative, *_late_imports(path))])
    return graph


def _layer(module: str, layers: tuple[tuple[str, ...], ...]) -> int:
    """The number of the layer whose longest prefix ``module`` has, counted from the top."""
    parts = module.removesuffix(".__init__").split(".")
    for length in range(len(parts), 0, -1):
        for number, layer in enumerate(layers):
            if ".".join(parts[:length]) in layer:
                return number
    raise AssertionError(f"{module} is in no layer")


def test_imports_run_one_way():
    graph = _graph()
    folders: dict[str, set[str]] = {}
    for module, targets in graph.items():
        folder = module.rpartition(".")[0] or module
        folders.setdefault(folder, set()).update(target.rpartition(".")[0] or target for target in targets)
    for folder, targets in sorted(folders.items()):
        print(f"{folder} -> {', '.join(sorted(targets - {folder})) or '-'}")
    upwards = [
        f"{module} -> {target}"
        for module, targets in sorted(graph.items())
        for target in sorted(targets)
        for layers in (LAYERS, TRANSPILER_LAYERS)
        if layers is LAYERS or module.startswith("transpiler") and target.startswith("transpiler")
        if _layer(module, layers) > _layer(target, layers)
    ]
    assert upwards == []


def test_siblings_above_the_core_do_not_import_each_other():
    parallel = {"runtime.execute", "runtime.testing", "runtime.native", "runtime.autodiff"}

    def part(module: str) -> str:
        return ".".join(module.split(".")[:2])

    assert [
        f"{module} -> {target}"
        for module, targets in _graph().items()
        for target in targets
        if part(module) in parallel and part(target) in parallel and part(module) != part(target)
    ] == []


def test_there_are_no_import_cycles():
    TopologicalSorter(_graph()).prepare()


def test_few_import_the_transpiler():
    graph = _graph().items()
    importers = [name for name, targets in graph if any(target.startswith("transpiler") for target in targets)]
    outside = {name for name in importers if not name.startswith("transpiler")}
    assert outside <= MAY_IMPORT_THE_TRANSPILER


@pytest.mark.parametrize("path", SOURCES, ids=_name)
def test_imports_stand_at_the_top_and_are_relative_inside(path: Path):
    top = {id(node) for node in _tree(path).body}
    for node in _executed_imports(path):
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
        roots = {name.split(".")[0] for name in names}
        absolute = not (isinstance(node, ast.ImportFrom) and node.level)
        assert not (absolute and roots & OWN), f"line {node.lineno}"
        assert id(node) in top or roots <= LATE, f"line {node.lineno}: an import inside of something"


def test_few_import_late():
    users = {_name(path) for path in SOURCES for node in _executed_imports(path)
             if "import_module" in [alias.name for alias in node.names]}
    assert users == {"__init__", "runtime.function", "runtime.testing.graph_faults", "transpiler.convert"}
    assert [target for path in SOURCES if _name(path) in ("__init__", "runtime.function")
            for node in _late_imports(path) for target in sorted(_targets(path, node))] == [
        "transpiler.__init__", "runtime.save", "runtime.tracing.callbacks", "runtime.save", "runtime.traces"]


# -- what no file may hold

PRIVATE = re.compile(r"/(?:work|tmp|root|home|Users)/|C:\\Users")


def _tracked() -> list[Path]:
    """The files of the project: those of its folders, without what tools leave there."""
    top = [path for path in ROOT.iterdir() if path.is_file() and path.name != ".coverage"]
    folders = [ROOT / name for name in ("transpiler", "runtime", "tests", "fixtures", "docs", ".ci")]
    inside = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return [path for path in (*top, *inside) if path.suffix not in (".npz", ".pyc")]


def test_no_file_names_a_machines_folders():
    found = []
    for path in _tracked():
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if PRIVATE.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()}")
    assert found == []

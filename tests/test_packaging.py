"""The layout: the root is the package, each of its modules is loaded once, the list of packages is complete."""

import importlib
import sys
import tomllib
from pathlib import Path

import pytest

import tograph

ROOT = Path(__file__).resolve().parent.parent


def test_the_imported_sources_are_the_checkouts():
    assert Path(tograph.__file__ or "").resolve() == ROOT / "__init__.py"


def test_every_package_folder_is_listed():
    listed = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
    folders = {
        ".".join(("tograph", *file.parent.relative_to(ROOT).parts))
        for top in ("transpiler", "runtime")
        for file in (ROOT / top).rglob("__init__.py")
    }
    assert set(listed) == folders | {"tograph"}
    assert len(listed) == len(set(listed))


def test_the_root_is_not_importable_as_loose_folders():
    with pytest.raises(ImportError):
        importlib.import_module("runtime")


def test_no_module_is_loaded_twice():
    importlib.import_module("fixtures.program")
    files: dict[str, list[str]] = {}
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file and Path(file).resolve().is_relative_to(ROOT):
            files.setdefault(str(Path(file).resolve()), []).append(name)
    assert {file: names for file, names in files.items() if len(names) > 1} == {}

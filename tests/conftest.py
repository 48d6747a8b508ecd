"""Makes the folder ``fixtures/`` importable as ``fixtures``.

The repository root stays off ``sys.path``: from there ``import runtime`` would load a second copy of the package.
"""

import importlib.util
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "fixtures"


def _load_fixtures() -> None:
    spec = ModuleSpec("fixtures", loader=None, is_package=True)
    spec.submodule_search_locations = [str(FOLDER)]
    sys.modules["fixtures"] = importlib.util.module_from_spec(spec)


_load_fixtures()

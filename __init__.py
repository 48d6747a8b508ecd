"""Plain NumPy with native control flow, run as a graph.

``to_graph`` is the decorator; ``tograph.testing`` compares graph functions with eager NumPy.  The names in ``LATER``
are imported when they are asked for: importing tograph must cost little.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from .runtime.function import clear_caches, run_eagerly, to_graph

if TYPE_CHECKING:
    from .runtime.save import load_graph, save_graph
    from .runtime.tracing.callbacks import py_func
    from .transpiler import TographError

__all__ = ["TographError", "__version__", "clear_caches", "load_graph", "py_func", "run_eagerly", "save_graph",
           "to_graph"]

__version__ = "0.1.0"

LATER = {"TographError": "transpiler", "load_graph": "runtime.save", "py_func": "runtime.tracing.callbacks",
         "save_graph": "runtime.save"}


def __getattr__(name: str) -> Any:
    if name not in LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f".{LATER[name]}", __name__), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})

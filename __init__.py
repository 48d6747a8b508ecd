"""Plain NumPy with native control flow, run as a graph.

``to_graph`` is the decorator; ``tograph.testing`` compares graph functions with eager NumPy.
"""

from .runtime.function import clear_caches, run_eagerly, to_graph
from .runtime.save import load_graph, save_graph
from .runtime.tracing.callbacks import py_func
from .transpiler import TographError

__all__ = ["TographError", "__version__", "clear_caches", "load_graph", "py_func", "run_eagerly", "save_graph",
           "to_graph"]

__version__ = "0.1.0"

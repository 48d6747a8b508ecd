"""Comparing graph functions with eager NumPy, for users too; the work is done in ``runtime/testing/``."""

from .runtime.testing.compare import compare
from .runtime.testing.equivalence import Different, assert_equivalent, check
from .runtime.testing.observe import Observation, observe
from .runtime.testing.report import Report
from .runtime.testing.snapshot import copy_values

__all__ = ["Different", "Observation", "Report", "assert_equivalent", "check", "compare", "copy_values", "observe"]

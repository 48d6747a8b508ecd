"""Which dtypes arrays and scalars of a graph have: those of numbers, and records of numbers.

Arrays of Python objects call the operators of whatever is in them.  The dtype of text says how long it is, and that of
dates in which unit, so neither is known before the graph runs.
"""

from __future__ import annotations

from typing import Any

import numpy as np

OF_NUMBERS = "biufc"
NAMES = {"O": "Python objects", "S": "text", "U": "text", "T": "text", "M": "dates", "m": "spans of time",
         "V": "raw bytes"}


def unsupported(dtype: np.dtype[Any]) -> str | None:
    """What items of ``dtype`` are if they are no numbers, in words; None where they are, also in the fields of records.
    """
    if dtype.kind in OF_NUMBERS:
        return None
    if dtype.fields is not None:
        found = [unsupported(field[0].base) for field in dtype.fields.values()]
        return next((f"records with {kind}" for kind in found if kind is not None), None)
    return NAMES[dtype.kind]


def fix_of(dtype: np.dtype[Any]) -> str:
    """What to write instead of an array or scalar of ``dtype``."""
    if dtype.kind in "mM":
        return "make it one of integers before the call: x.astype(np.int64)"
    if dtype.kind in "SUT":
        return "use str and bytes of Python, or a list of them"
    return "use arrays of numbers, or a list"

"""The data and program behind `tograph demo`: handwritten digits, grouped by k-means."""

from __future__ import annotations

from importlib.resources import files

import numpy as np
from numpy.typing import NDArray


def load_digits() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Images uint8 [1797, 8, 8] of handwritten digits with ink from 0 to 16, and their classes uint8 [1797].

    Source: UCI Optical Recognition of Handwritten Digits; see SOURCES.md.
    """
    with (files(__name__) / "digits.npz").open("rb") as file, np.load(file) as arrays:
        return arrays["images"], arrays["labels"]

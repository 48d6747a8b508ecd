"""Packages other than NumPy whose arrays graphs work on, such as CuPy.

A package counts if it does as CuPy does: its array class is called ``ndarray``, ``asarray`` brings an array of NumPy's
to it and ``asnumpy`` back, and its functions and methods have the names of NumPy's.
"""

from __future__ import annotations

import sys
from functools import lru_cache
from types import ModuleType
from typing import Any

import numpy as np


@lru_cache(maxsize=256)
def package_of(kind: type) -> ModuleType | None:
    """The package of which ``kind`` is the array class, NumPy included; None for any other class."""
    if kind is np.ndarray:
        return np
    path = kind.__module__
    while path and isinstance(path, str):  # a class may say anything of its module
        package = sys.modules.get(path)
        if package is not None and vars(package).get("ndarray") is kind:
            return package if {"asarray", "asnumpy"} <= vars(package).keys() else None
        path = path.rpartition(".")[0]
    return None


def belongs_to_package(function: Any) -> bool:
    """Whether ``function`` is one of another package's own."""
    module = getattr(function, "__module__", None) or type(function).__module__
    package = sys.modules.get(module.partition(".")[0])
    return package is not np and package is not None and {"ndarray", "asarray", "asnumpy"} <= vars(package).keys()


def is_other_array(kind: type) -> bool:
    """Whether ``kind`` is an array class of a package other than NumPy, known or not."""
    if kind is np.ndarray:
        return False
    return any(hasattr(kind, name) for name in ("__array_namespace__", "__cuda_array_interface__"))

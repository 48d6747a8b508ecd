"""Programs on arrays of 1e5 elements and more: what a graph adds to a call must not show here, in time or memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ..demo import load_digits
from ..demo.kmeans import kmeans

LENGTH = 200_000
SIDE = 400


def smooth(x: np.ndarray, rounds: int) -> np.ndarray:
    """Average neighbours; two buffers change places in every round."""
    a, b = x.copy(), x.copy()
    for _ in range(rounds):
        b[1:-1] = 0.5 * (a[:-2] + a[2:])
        a, b = b, a
    return a


def heat(plate: np.ndarray, rounds: int) -> np.ndarray:
    """A round of the five-point stencil is one expression that makes a new array."""
    u = plate
    for _ in range(rounds):
        inner = u[1:-1, 1:-1]
        change = u[:-2, 1:-1] + u[2:, 1:-1] + u[1:-1, :-2] + u[1:-1, 2:] - 4.0 * inner
        u = u.copy()
        u[1:-1, 1:-1] = inner + 0.2 * change
    return u


def scale_in_branches(x: np.ndarray, rounds: int) -> np.ndarray:
    """A variable is bound anew in a branch of a loop, so what it was must not be kept."""
    y = x
    for _ in range(rounds):
        y = y * 1.5 + np.abs(x)
        if y.max() > 10.0:
            y = y / 4.0
            y = y - y.mean()
        else:
            y = np.sqrt(np.abs(y))
    return y


def root(a: np.ndarray, tolerance: float) -> np.ndarray:
    """Newton's iteration until all elements are near."""
    x = a.copy()
    while np.max(np.abs(x * x - a)) > tolerance:
        x = 0.5 * (x + a / x)
    return x


def normalise(x: np.ndarray) -> np.ndarray:
    """One long line of operators."""
    return ((x - x.mean()) / (x.std() + 1e-9) * 2.0 + 1.0).clip(-1.0, 1.0) ** 2


def dominant(a: np.ndarray, rounds: int) -> tuple[float, np.ndarray]:
    """Power iteration: products of a matrix and a vector."""
    v = np.ones(len(a))
    size = 0.0
    for _ in range(rounds):
        w = a @ v
        size = float(np.sqrt(w @ w))
        v = w / size
    return size, v


def programs() -> list[tuple[Callable[..., Any], tuple[Any, ...]]]:
    """Each with its arguments."""
    random = np.random.default_rng(0)
    line, plate = random.random(LENGTH) + 1.0, random.random((SIDE, SIDE))
    points = load_digits()[0].reshape(1797, -1).astype(np.float64)
    return [
        (smooth, (line, 10)),
        (heat, (plate, 10)),
        (scale_in_branches, (line, 10)),
        (root, (line, 1e-9)),
        (normalise, (line,)),
        (dominant, (plate, 20)),
        (kmeans, (points, points[:10].copy(), 0.0, 5)),
    ]

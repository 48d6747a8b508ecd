"""K-means in plain NumPy: Lloyd's rounds until the centers stand still.

The number of rounds and the size of each cluster depend on the data; an empty cluster takes the worst placed point.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def kmeans(
    points: NDArray[np.float64], centers: NDArray[np.float64], tolerance: float, limit: int
) -> tuple[NDArray[np.float64], NDArray[np.int64], int]:
    """Group ``points`` [n, d] around as many centers as ``centers`` [k, d] holds; neither argument is changed.

    Returns the centers [k, d], the cluster of each point [n], and the rounds taken: at most ``limit``, fewer once no
    center moves farther than ``tolerance``.
    Source: Lloyd (1982), Least squares quantization in PCM.
    """
    centers = centers.copy()
    distances = np.empty((len(centers), len(points)))
    labels = np.zeros(len(points), dtype=np.int64)
    rounds = 0
    while rounds < limit:
        rounds += 1
        for k in range(len(centers)):
            distances[k] = np.sum((points - centers[k]) ** 2, axis=1)
        labels = np.argmin(distances, axis=0)
        nearest = np.min(distances, axis=0)

        moved = 0.0
        for k in range(len(centers)):
            members = labels == k
            size = np.count_nonzero(members)
            if size > 0:
                mean = np.sum(points[members], axis=0) / size
            else:
                farthest = np.argmax(nearest)
                nearest[farthest] = 0.0
                mean = points[farthest]
            shift = np.sqrt(np.sum((mean - centers[k]) ** 2))
            if shift > moved:
                moved = shift
            centers[k] = mean

        if moved <= tolerance:
            break
    return centers, labels, rounds

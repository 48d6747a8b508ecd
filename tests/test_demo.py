"""The shipped digits and the k-means program, run eagerly, against SciPy's."""

import numpy as np
from scipy.cluster.vq import kmeans2, vq

from tograph.runtime.demo import load_digits
from tograph.runtime.demo.kmeans import kmeans


def test_digits_are_the_published_ones():
    images, labels = load_digits()
    assert images.shape == (1797, 8, 8) and images.dtype == labels.dtype == np.uint8
    assert np.bincount(labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert images.max() == 16
    assert images[0, 0].tolist() == [0, 0, 5, 13, 9, 1, 0, 0]


def test_kmeans_on_the_digits_agrees_with_scipy():
    images, labels = load_digits()
    points = images.reshape(len(images), -1).astype(np.float64)
    start = np.array([points[labels == digit][0] for digit in range(10)])
    centers, clusters, rounds = kmeans(points, start, 0.0, 100)
    assert 5 < rounds < 100
    expected, found = kmeans2(points, start, iter=rounds, minit="matrix")
    np.testing.assert_allclose(centers, expected)
    assert np.array_equal(clusters, found)
    pure = sum(np.bincount(labels[clusters == k]).max() for k in range(10))
    assert pure / len(labels) > 0.7


def test_kmeans_stops_early_with_a_tolerance_and_at_the_limit():
    points = np.random.default_rng(1).standard_normal((60, 2))
    full = kmeans(points, points[:5], 0.0, 100)[2]
    assert kmeans(points, points[:5], 0.2, 100)[2] < full
    assert kmeans(points, points[:5], 0.0, 2)[2] == 2


def test_an_empty_cluster_takes_the_worst_placed_point():
    points = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [5.0, 5.0]])
    start = np.array([[0.0, 0.0], [90.0, 90.0]])
    centers, clusters, _ = kmeans(points, start, 0.0, 20)
    assert clusters.tolist() == vq(points, centers)[0].tolist() == [0, 0, 0, 1]
    np.testing.assert_allclose(centers, [[1 / 3, 1 / 3], [5.0, 5.0]])
    assert start[1, 0] == 90.0

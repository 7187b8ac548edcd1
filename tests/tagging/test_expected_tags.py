"""What the photos of clusters are expected to show."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from clustertags.names.cluster_names import ExpectedTags
from clustertags.tagging.expected_tags import ExpectedSums
from tests.made.clusters import clusters_of

CLUSTERS = clusters_of([0, 0, 0, 0, 1, 1, -1, -1])
SCORES = np.array([[0.9, 0.3], [0.4, 0.2], [0.2, 0.2], [0.2, 0.0], [0.1, 0.1], [0.3, 0.1], [0.9, 0.9], [0.0, 0.0]])
KNOWN = np.array([0.9, 0.6, 0.5, 0.3, 0.2, 0.4, 0.9, 0.1])


def expected(
    labelled: list[int], matrix: list[list[bool]], chunks: list[list[int]], stated: list[list[bool]] | None = None
) -> ExpectedTags:
    given = np.array(matrix, bool).reshape(len(labelled), 2)
    said = np.ones_like(given) if stated is None else np.array(stated, bool)
    model = SimpleNamespace(photos=np.array(labelled, np.int32), matrix=given, n_tags=2, stated=said)
    sums = ExpectedSums(CLUSTERS, cast(Any, model))
    for rows in map(np.array, chunks):
        sums.add(rows, SCORES[rows].astype(np.float32), KNOWN[rows].astype(np.float32))
    return sums.means()


@pytest.mark.parametrize("chunks", [[list(range(8))], [[0, 1, 2], [3, 4, 5], [6, 7]]])
def test_they_are_the_means_over_a_clusters_photos_with_the_labels_of_labelled_ones(chunks: list[list[int]]) -> None:
    found = expected([1, 6], [[False, True], [True, False]], chunks)
    np.testing.assert_allclose(found.shares, [[1.3 / 4, 1.5 / 4], [0.2, 0.1]], atol=1e-6)
    np.testing.assert_allclose(found.known, [2.7 / 4, 0.3], atol=1e-6)


def test_unknown_labels_of_a_labelled_photo_are_predicted() -> None:
    found = expected([1], [[False, True]], [list(range(8))], stated=[[False, True]])
    np.testing.assert_allclose(found.shares[0], [1.7 / 4, 1.5 / 4], atol=1e-6)


def test_labels_are_compared_with_their_number_among_all_photos_that_show_a_tag() -> None:
    found = expected([1, 6], [[False, True], [True, False]], [list(range(8))])
    # 0.9 + 1 + 0.5 + 0.3 + 0.2 + 0.4 + 1 + 0.1 = 4.4 photos show a tag, of which 2 are labelled
    np.testing.assert_allclose(found.known_by_labels, [1 / (2 / 4.4) / 4, 0.0], atol=1e-6)
    crowded = expected([4, 5], [[True, False]] * 2, [list(range(8))])
    assert crowded.known_by_labels.tolist() == [0.0, 1.0]


def test_some_of_the_tags() -> None:
    found = expected([1], [[True, False]], [list(range(8))]).take_tags(np.array([False, True]))
    assert found.shares.shape == (2, 1)
    assert found.shows_none(0) == pytest.approx(1.0 - max(found.known[0], found.known_by_labels[0]))

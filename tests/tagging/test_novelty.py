"""Novelty: the usual is not flagged, the strange is, and nothing breaks where there is nothing to compare."""

from __future__ import annotations

import numpy as np

from clustertags.tagging.novelty import fit_novelty, mean_closeness
from clustertags.types import Neighbours


def neighbours(closeness: np.ndarray) -> Neighbours:
    n = len(closeness)
    return Neighbours(np.zeros((n, 3), np.int32), np.repeat(closeness[:, None], 3, axis=1).astype(np.float32))


def test_farther_photos_are_more_novel_and_only_the_strange_abstain() -> None:
    random = np.random.default_rng(0)
    novelty = fit_novelty(neighbours(random.normal(0.7, 0.05, 1000)))
    asked = np.array([0.9, 0.7, 0.6, 0.2])
    scores = novelty.scores(asked)
    assert (np.diff(scores) > 0).all()
    assert scores[0] == 0.0
    assert scores[-1] == 1.0
    assert novelty.is_novel(asked).tolist() == [False, False, False, True]
    assert novelty.is_novel(mean_closeness(neighbours(random.normal(0.7, 0.05, 1000)))).mean() < 0.005


def test_one_photo_has_nothing_to_be_compared_with() -> None:
    alone = fit_novelty(Neighbours(np.zeros((1, 0), np.int32), np.zeros((1, 0), np.float32)))
    assert not alone.is_novel(np.array([-1.0])).any()
    assert alone.scores(np.array([-1.0])).tolist() == [0.0]

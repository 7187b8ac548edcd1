"""The four generators: what they make is recognised by a classifier that saw real features alone."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from sklearn.linear_model import LogisticRegression

from clustertags.benchmark.method_building_blocks.feature_generation import MEDIAN_SQUARED_DISTANCE, GenerativeZeroShot
from clustertags.benchmark.method_interface import Task
from clustertags.benchmark.methods.ac_gan import ACGAN
from clustertags.benchmark.methods.adversarial_autoencoder import AdversarialAutoencoder
from clustertags.benchmark.methods.denoising_autoencoder import DenoisingAutoencoder
from clustertags.benchmark.methods.gmmn import GMMN, WIDTHS, discrepancy
from tests.benchmark.methods.made_names import MadeWords, photos_like_their_names

NAMES = tuple(f"thing {i}" for i in range(12))
UNSEEN = tuple(f"other {i}" for i in range(4))
GENERATORS = [GMMN, ACGAN, DenoisingAutoencoder, AdversarialAutoencoder]


@pytest.mark.parametrize("method", GENERATORS)
def test_a_classifier_of_real_features_recognises_generated_ones(method: type[GenerativeZeroShot]) -> None:
    words = MadeWords()
    photos, tags = photos_like_their_names(words, NAMES, 10)
    fitted = method(n_rounds=4, steps_a_round=50, n_hidden=64).fit(photos, tags, Task(NAMES, encoder=words))
    real = LogisticRegression(max_iter=500).fit(fitted.project(photos), tags.argmax(axis=1))
    made = fitted.generate(NAMES, 20)
    right = (real.predict(made) == np.arange(len(NAMES)).repeat(20)).mean()
    assert right > 0.6  # chance: 0.08
    assert made.std(axis=0).mean() > 0.1
    scores = fitted.predict_candidates(photos, NAMES)
    assert tags[np.arange(len(tags)), scores.argmax(axis=1)].mean() > 0.8
    both = fitted.predict_candidates(photos, (*UNSEEN, *NAMES))
    assert both.shape == (len(photos), len(UNSEEN) + len(NAMES))
    assert np.isfinite(both).all()


def test_the_same_seed_gives_the_same_scores_whatever_torch_did_before() -> None:
    words = MadeWords()
    photos, tags = photos_like_their_names(words, NAMES[:4], 5)
    runs = []
    for other in (1, 2):
        torch.manual_seed(other)
        fitted = GMMN(n_rounds=1, steps_a_round=5).fit(photos, tags, Task(NAMES[:4], encoder=words, random_state=7))
        runs.append(fitted.predict_candidates(photos, UNSEEN))
    np.testing.assert_array_equal(*runs)


def test_discrepancy_by_hand() -> None:
    real, made = torch.tensor([[0.0, 0.0]]), torch.tensor([[3.0, 4.0]])
    by_hand = sum(2 - 2 * np.exp(-25 / (2 * width)) for width in WIDTHS)
    assert float(discrepancy(real, made)) == pytest.approx(by_hand, rel=1e-5)
    assert float(discrepancy(real, real)) == pytest.approx(0, abs=1e-6)


def test_half_of_all_squared_distances_are_below_the_median_asked_for() -> None:
    photos, tags = photos_like_their_names(MadeWords(), NAMES, 5)
    fitted = GMMN(n_rounds=1, steps_a_round=1).fit(photos, tags, Task(NAMES, encoder=MadeWords()))
    placed = fitted.project(photos)
    squared = ((placed[:, None] - placed[None]) ** 2).sum(axis=2)
    assert np.median(squared[squared > 0]) == pytest.approx(MEDIAN_SQUARED_DISTANCE, rel=0.01)

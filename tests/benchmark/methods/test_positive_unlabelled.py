"""Methods for libraries in which most photos show none of the tags: shares, risks, and unknown kinds that score low."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from clustertags.benchmark.method_building_blocks.non_negative_risk import PositiveUnlabelled
from clustertags.benchmark.method_building_blocks.positive_unlabelled import LabelledClassifier, best_bin_share
from clustertags.benchmark.method_interface import Method, PhotoSample, Task
from clustertags.benchmark.methods.elkan_noto import ElkanNoto
from clustertags.benchmark.methods.nearest_neighbour_rejection import NearestNeighbourRejection
from clustertags.benchmark.methods.nnpu import NonNegativePU
from tests.benchmark.methods.samples import sample_of, task_for

N_KNOWN = 3
LABELS_A_TAG = 8


def open_library(
    share_known: float = 0.4, n_photos: int = 300, *, several: bool = False
) -> tuple[PhotoSample, np.ndarray, Task, np.ndarray]:
    """Labelled photos with their tags, the task with the unlabelled photos, and these photos' tags.

    Photos are around one of six points, of which three are known tags; with `several`, those of the first tag have
    another one as well.
    """
    random = np.random.default_rng(0)
    shares = np.append(np.full(N_KNOWN, share_known / N_KNOWN), np.full(N_KNOWN, (1 - share_known) / N_KNOWN))
    kinds = np.concatenate([np.repeat(np.arange(N_KNOWN), LABELS_A_TAG), random.choice(6, n_photos, p=shares)])
    values = np.eye(6, 24)[kinds] + random.normal(0, 0.12, (len(kinds), 24))
    tags = np.eye(6, dtype=bool)[kinds][:, :N_KNOWN]
    if several:
        tags = np.column_stack([tags, kinds == 0])
    n = N_KNOWN * LABELS_A_TAG
    return sample_of(values[:n]), tags[:n], task_for(tags, sample_of(values[n:])), tags[n:]


@pytest.mark.parametrize("several", [False, True], ids=["one tag a photo", "several"])
@pytest.mark.parametrize("method", [ElkanNoto, NonNegativePU, NearestNeighbourRejection], ids=lambda item: item.name)
def test_known_photos_get_their_tag_and_unknown_ones_score_lower(method: type[Method], several: bool) -> None:
    photos, tags, task, truth = open_library(several=several)
    assert task.unlabelled is not None
    scores = method().fit(photos, tags, task).predict_scores(task.unlabelled)
    best, known = scores.max(axis=1), truth.any(axis=1)
    assert scores.min() >= 0
    assert scores.max() <= 1
    assert truth[np.arange(len(truth)), scores.argmax(axis=1)][known].mean() > 0.95
    assert roc_auc_score(known, best) > 0.95


@pytest.mark.parametrize("method", [ElkanNoto, NonNegativePU], ids=lambda item: item.name)
def test_a_half_tells_known_from_unknown_photos(method: type[Method]) -> None:
    """Elkan-Noto's tags share the half, as probabilities of a few labels are far from 1."""
    photos, tags, task, truth = open_library()
    assert task.unlabelled is not None
    known = truth.any(axis=1)
    best = method().fit(photos, tags, task).predict_scores(task.unlabelled).max(axis=1)
    assert (best[~known] >= 0.5).mean() < 0.05
    assert (best[known] >= 0.5).mean() > 0.5


def test_elkan_noto_is_the_classifier_of_labelled_photos_over_its_mean_of_held_out_ones() -> None:
    photos, tags, task, _ = open_library()
    assert task.unlabelled is not None
    method = ElkanNoto().fit(photos, tags, task)
    own, rest = photos.features.values, task.unlabelled.features.values
    both, is_labelled = np.concatenate([own, rest]), np.arange(len(own) + len(rest)) < len(own)
    labelled = LogisticRegression(C=10, max_iter=1000).fit(both, is_labelled).predict_proba(rest)[:, 1]
    tag = LogisticRegression(C=10, max_iter=1000).fit(own, tags.argmax(axis=1)).predict_proba(rest)
    assert method.labelled_ is not None
    frequency = method.labelled_.positives.mean()
    expected = np.minimum(labelled / frequency, 1)[:, None] * tag
    np.testing.assert_allclose(method.predict_scores(task.unlabelled), expected, atol=1e-6)
    # Three in ten of the photos that show a tag are labelled: 24 of them, next to 0.4 of 300.
    n_known = len(own) + 0.4 * len(rest)
    assert frequency == pytest.approx(len(own) / n_known, rel=0.35)


def test_held_out_scores_are_of_classifiers_that_did_not_see_the_photo() -> None:
    """Labels without meaning: photos that a classifier was fitted on score apart, held-out ones do not."""
    random = np.random.default_rng(0)
    noise = [sample_of(random.normal(size=(40, 80))) for _ in range(2)]
    found = LabelledClassifier.fit(noise[0], noise[1], 100.0, 0)
    assert found is not None
    assert found.scores(noise[0].features.values).min() > found.scores(noise[1].features.values).max()
    auroc = roc_auc_score(np.repeat([1, 0], 40), np.concatenate([found.positives, found.unlabelled]))
    assert 0.3 < auroc < 0.7
    assert LabelledClassifier.fit(noise[0], None, 1.0, 0) is None


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_the_best_bin_finds_the_share_of_positives(share: float) -> None:
    random = np.random.default_rng(1)
    positives = random.beta(6, 2, 400)
    is_positive = random.random(2000) < share
    unlabelled = np.where(is_positive, random.beta(6, 2, 2000), random.beta(2, 6, 2000))
    assert best_bin_share(positives, unlabelled) == pytest.approx(share, abs=0.08)


def test_a_best_bin_worked_by_hand() -> None:
    """Above 0.9 all positives and two of ten; above 0.95, half of the positives and one: the former is surer."""
    positives = np.array([0.9, 0.9, 0.95, 0.95])
    unlabelled = np.array([0.97, 0.92, *np.linspace(0.1, 0.8, 8)])
    assert best_bin_share(positives, unlabelled) == pytest.approx(0.2)


EXAMPLES = PositiveUnlabelled(np.eye(4, dtype=np.float32), np.array([[1, 0], [0, 1]], bool), np.array([0.25, 0.5]))


def test_the_risks_are_those_of_their_formula() -> None:
    """All log odds 0: every loss is log 2. Of the first tag 1/4 log 2 and 3/4 log 2, of the second halves."""
    zero = np.zeros((4, 2))
    np.testing.assert_allclose(EXAMPLES.positive_risk(zero), np.log(2) * np.array([0.25, 0.5]))
    np.testing.assert_allclose(EXAMPLES.negative_risk(zero), np.log(2) * np.array([0.75, 0.5]))
    # The positive far up and the rest far down: as negatives, the positive alone has a loss, 20 of one in four.
    apart = np.full((4, 2), -20.0)
    apart[0, 0] = apart[1, 1] = 20.0
    np.testing.assert_allclose(EXAMPLES.negative_risk(apart), [20 / 4 - 0.25 * 20, 20 / 4 - 0.5 * 20], atol=1e-6)


def test_a_step_descends_both_risks_or_raises_the_negative_one() -> None:
    random = np.random.default_rng(0)
    log_odds = random.normal(size=(4, 2))
    log_odds[1, 1] = 8.0  # overfitted: pi R_p(-1) is larger than R_u(-1)
    overfitted = EXAMPLES.negative_risk(log_odds) < 0
    np.testing.assert_array_equal(overfitted, [False, True])

    def followed(at: np.ndarray) -> np.ndarray:
        negative = EXAMPLES.negative_risk(at)
        return np.where(overfitted, -negative, EXAMPLES.positive_risk(at) + negative)

    slopes = EXAMPLES.slopes(log_odds)
    for row, column in np.ndindex(4, 2):
        moved = log_odds.copy()
        moved[row, column] += 1e-6
        rise = (followed(moved)[column] - followed(log_odds)[column]) / 1e-6
        assert slopes[row, column] == pytest.approx(rise, abs=1e-5)


def test_the_shares_of_tags_are_estimated_from_the_library() -> None:
    photos, tags, task, truth = open_library(share_known=0.4)
    method = NonNegativePU(n_steps=1).fit(photos, tags, task)
    assert method.known_share_ == pytest.approx(truth.any(axis=1).mean(), abs=0.12)
    true = np.concatenate([tags, truth]).mean(axis=0)
    np.testing.assert_allclose(method.shares_, true, atol=0.06)


def test_rejection_is_the_rank_of_the_nearest_labelled_photo_in_the_library() -> None:
    """Angles to the labelled photos of 10, 20, 30 and 40 degrees in the library; of 25, two are no nearer."""

    def at(degrees: list[float]) -> PhotoSample:
        radians = np.radians(degrees)
        return sample_of(np.column_stack([np.cos(radians), np.sin(radians)]))

    labelled, tags = at([0, 180]), np.eye(2, dtype=bool)
    method = NearestNeighbourRejection().fit(labelled, tags, task_for(tags, at([10, 20, 30, 140])))
    scores = method.predict_scores(at([25, 5, 90, 175]))
    np.testing.assert_allclose(scores.max(axis=1), [3 / 5, 5 / 5, 1 / 5, 5 / 5])
    np.testing.assert_array_equal(scores.argmax(axis=1)[[0, 1, 3]], [0, 0, 1])

"""Known against unknown kinds of photos, worked by hand."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from clustertags.evaluation.intervals import Bootstrap, wilson
from clustertags.evaluation.predictions import BestTags
from clustertags.evaluation.results import Estimate, UnknownKinds
from clustertags.evaluation.unknown_kinds import area_under_curve, count_scores, unknown_kind_metrics


def best_tags(rows: list[tuple[float, bool, bool]], **changes: object) -> BestTags:
    """Of (score, correct, known) rows, each photo a unit of its own and scored by one model."""
    scores, correct, known = (np.array(column) for column in zip(*rows, strict=True))
    n = len(rows)
    values: dict[str, object] = {
        "scores": scores.astype(np.float32),
        "correct": correct,
        "is_known": known,
        "units": np.arange(n, dtype=np.int32),
        "models": np.zeros(n, np.int32),
    }
    return BestTags(**{**values, **changes})  # type: ignore[arg-type]


ROWS = [
    (0.95, True, True),
    (0.65, False, True),
    (0.55, True, True),
    (0.15, True, True),
    (0.85, False, False),
    (0.15, False, False),
]


def measured(best: BestTags) -> UnknownKinds:
    made = unknown_kind_metrics(best, n_draws=200)
    assert made is not None
    return made


def test_a_case_by_hand() -> None:
    made = measured(best_tags(ROWS))
    assert (made.n_known, made.n_unknown) == (4, 2)
    assert made.known_share == pytest.approx(4 / 6)
    # 0.95 outscores both unknown ones, 0.65 and 0.55 one each, 0.15 ties with one
    assert made.auroc.value == pytest.approx((2 + 1 + 1 + 0.5) / 8)
    half, high = made.at_score
    assert (half.min_score, high.min_score) == (0.5, 0.8)
    assert half.unknown_tagged.value == high.unknown_tagged.value == 1 / 2
    assert (half.known_correct.value, high.known_correct.value) == (2 / 4, 1 / 4)
    assert (half.precision.value, high.precision.value) == (2 / 4, 1 / 2)
    # bins of a fifteenth: 0.95 alone, 0.65 alone, 0.55 alone, 0.85 alone, both 0.15 together
    assert made.calibration.error.value == pytest.approx((0.05 + 0.65 + 0.45 + 0.85 + abs(1 - 0.3)) / 6)


def test_known_kinds_are_weighted_by_their_share_of_the_library() -> None:
    made = measured(best_tags(ROWS, known_share=0.2))
    known, unknown = 0.2 / 4, 0.8 / 2
    assert made.known_share == pytest.approx(0.2)
    half, high = made.at_score
    assert half.precision.value == pytest.approx(2 * known / (3 * known + unknown))
    assert high.precision.value == pytest.approx(known / (known + unknown))
    gaps = known * (0.05 + 0.65 + 0.45) + unknown * 0.85 + abs(known - 0.15 * (known + unknown))
    assert made.calibration.error.value == pytest.approx(gaps)
    assert sum(entry.n for entry in made.calibration.bins) == 6
    low = made.calibration.bins[0]
    assert low.share_correct == pytest.approx(known / (known + unknown))
    unweighted = measured(best_tags(ROWS))
    assert made.auroc == unweighted.auroc
    assert half.unknown_tagged == unweighted.at_score[0].unknown_tagged


def test_photos_are_ranked_against_those_of_the_same_model_alone() -> None:
    """All scores of the second model are low: the two models saw different shares of known photos."""
    rows = [(0.9, True, True), (0.8, False, False), (0.3, True, True), (0.2, False, False)]
    apart = best_tags(rows, models=np.array([0, 0, 1, 1], np.int32))
    assert measured(apart).auroc.value == 1
    assert measured(best_tags(rows)).auroc.value == 3 / 4
    nothing = best_tags(rows, models=np.arange(4, dtype=np.int32))
    assert measured(nothing).auroc == Estimate(None)


def test_the_area_is_that_of_scikit_learn() -> None:
    random = np.random.default_rng(3)
    scores = np.round(random.random(200), 1).astype(np.float32)
    known = random.random(200) < 0.3 + 0.4 * scores
    found = area_under_curve(scores, known, np.zeros(200, np.int32), Bootstrap(200, n_draws=300))
    assert found.value == pytest.approx(roc_auc_score(known, scores))
    assert found.low is not None and found.value is not None and found.high is not None
    assert found.value - 0.12 < found.low < found.value < found.high < found.value + 0.12


def test_intervals_are_over_units_not_over_photos() -> None:
    """Two kinds of twenty unknown photos, one always tagged and one never: their mean is as uncertain as two are."""
    rows = [(0.9, False, False)] * 20 + [(0.1, False, False)] * 20 + [(0.7, True, True)] * 2
    units = np.repeat([0, 1, 2], [20, 20, 2]).astype(np.int32)
    wide = measured(best_tags(rows, units=units)).at_score[0].unknown_tagged
    narrow = measured(best_tags(rows)).at_score[0].unknown_tagged
    assert wide.value == narrow.value == 0.5
    assert (wide.low, wide.high) == (0, 1)
    assert narrow.low is not None and narrow.low > 0.2


def test_none_of_a_few_units_is_not_certainly_none_of_all() -> None:
    rows = [(0.1, False, False)] * 40 + [(0.9, True, True)] * 3
    units = np.append(np.arange(40) % 4, [9, 9, 9]).astype(np.int32)
    level = measured(best_tags(rows, units=units)).at_score[0]
    assert level.unknown_tagged == wilson(0, 4)
    assert level.known_correct == level.precision == wilson(1, 1)
    assert measured(best_tags([(0.1, False, False), (0.2, True, True)])).at_score[0].precision == Estimate(None)


def test_the_histogram_counts_every_photo_once() -> None:
    scores = np.array([0.0, 0.1, 0.3, 0.7, 0.699999, 1.0], np.float32)
    counted = count_scores(scores, np.array([True, True, False, False, True, True]))
    assert [(row.n_known, row.n_unknown) for row in counted] == [
        (1, 0), (1, 0), (0, 0), (0, 1), (0, 0), (0, 0), (1, 0), (0, 1), (0, 0), (1, 0)
    ]  # fmt: skip
    assert (counted[0].low, counted[-1].high) == (0, 1)


def test_without_photos_there_are_no_metrics() -> None:
    assert unknown_kind_metrics(BestTags.none("one tag")) is None
    with pytest.raises(ValueError, match="of known and of unknown kinds"):
        best_tags([(0.5, True, True)])
    with pytest.raises(ValueError, match="no tag of the model is correct"):
        best_tags([(0.5, True, True), (0.5, True, False)])

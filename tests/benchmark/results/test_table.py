"""The table by hand: means, spreads, paired differences, the verdict, and its sentences."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from clustertags.benchmark.datasets.harrison import HarrisonLists
from clustertags.benchmark.execution.cells import Cell
from clustertags.benchmark.report.curve_plots import Series, curve_plot
from clustertags.benchmark.results.calibrated_evaluation import map_to_probabilities
from clustertags.benchmark.results.cluster_agreement import agreement, matched_accuracy
from clustertags.benchmark.results.paired_bootstrap import PairedDifference
from clustertags.benchmark.results.popularity_baseline import score_popularity
from clustertags.benchmark.results.table import BEHIND, FIRST, WITHIN, Comparison
from clustertags.benchmark.results.table_builder import compare
from clustertags.benchmark.results.verdict import is_first_or_within, verdict
from clustertags.evaluation.per_photo_metrics import per_photo_metrics, per_tag_average_precision
from tests.benchmark.made_sets import Frequent, Means, made_set, small_split

LABELLED = made_set()
N_TEST = 24


def cell(method: str, budget: int, number: int, values: np.ndarray) -> Cell:
    figures = dict.fromkeys(("MiAP", "P@1", "R@5", "A@5", "NDCG"), values)
    return Cell(method, budget, number, 4, 1.0 + number, 0.5, 100 + number, 50, figures, np.array([0.2, np.nan, 0.4]))


def table(ours: dict[int, list[float]], theirs: dict[int, list[float]], spread: float = 0.0) -> Comparison:
    """Each photo of draw i has the i-th value, ours a little up and down by turns."""
    wave = spread * np.where(np.arange(N_TEST) % 2, 1, -1)
    cells = {
        "clustertags": [
            cell("clustertags", b, i, value + wave) for b, vs in ours.items() for i, value in enumerate(vs)
        ],
        "frequent": [cell("frequent", b, i, np.full(N_TEST, v)) for b, vs in theirs.items() for i, v in enumerate(vs)],
    }
    return compare([Means, Frequent], cells, small_split(LABELLED), {"frequent": ("why",)})


def test_the_figures_of_a_photo_by_hand() -> None:
    truth = np.array([[True, False, True], [False, True, False]])
    scores = np.array([[0.9, 0.5, 0.1], [0.9, 0.5, 0.1]])
    figures = per_photo_metrics(truth, scores)
    assert figures["P@1"].tolist() == [1, 0]
    assert figures["MiAP"] == pytest.approx([(1 + 2 / 3) / 2, 1 / 2])
    assert figures["R@5"].tolist() == [1, 1]
    assert "top-1 accuracy" not in figures
    assert per_photo_metrics(truth[1:], scores[1:])["top-5 accuracy"].tolist() == [1]
    assert np.isnan(per_tag_average_precision(truth[1:], scores[1:])).tolist() == [True, False, True]


def test_means_and_spreads_over_draws() -> None:
    found = table({1: [0.5, 0.7]}, {1: [0.4, 0.4]}).rows[0].at(1)
    assert found is not None
    assert found.figures["MiAP"].mean == pytest.approx(0.6)
    assert found.figures["MiAP"].deviation == pytest.approx(np.std([0.5, 0.7], ddof=1))
    assert found.figures["MAP"].mean == pytest.approx(0.3)
    assert (found.fit_seconds, found.peak_bytes, found.before_bytes) == (1.5, 101, 50)
    assert found.difference["MiAP"].value == pytest.approx(0.2)  # type: ignore[union-attr]


def test_a_budget_with_a_missing_draw_has_no_figures() -> None:
    row = table({1: [0.5, 0.7], 2: [0.9]}, {1: [0.4, 0.4]}).rows[0]
    assert row.at(1) is not None
    assert row.at(2) is None


@pytest.mark.parametrize(
    ("ours", "spread", "expected"), [(0.7, 0.1, FIRST), (0.49, 0.1, WITHIN), (0.3, 0.01, BEHIND), (0.5, 0.0, FIRST)]
)
def test_the_standing_of_ours(ours: float, spread: float, expected: str) -> None:
    comparison = table({1: [ours, ours]}, {1: [0.5, 0.5]}, spread)
    assert [item.verdict for item in comparison.standings] == [expected, expected]
    assert is_first_or_within(comparison) is (expected != BEHIND)
    sentence = verdict(comparison, small_split(LABELLED))[0]
    told = {FIRST: "is first", WITHIN: "within the interval of the first", BEHIND: "is not first"}
    assert told[expected] in sentence
    if expected == BEHIND:
        assert "0.300 against 0.500 of frequent (-0.200" in sentence


def test_without_clustertags_there_is_no_rank() -> None:
    cells = {"frequent": [cell("frequent", 1, i, np.full(N_TEST, 0.5)) for i in range(2)]}
    comparison = compare([Frequent], cells, small_split(LABELLED), {})
    assert "is not among the rows" in verdict(comparison, small_split(LABELLED))[0]
    assert not is_first_or_within(comparison)


def test_a_paired_interval_is_narrow_where_the_photos_agree() -> None:
    rng = np.random.default_rng(0)
    hard = rng.random((3, 400))
    paired = PairedDifference(400)
    same = paired.between(hard + 0.1, hard)
    assert (same.value, same.low, same.high) == pytest.approx((0.1, 0.1, 0.1))
    mixed = paired.between(rng.random((3, 400)), rng.random((3, 400)))
    assert mixed.low is not None
    assert mixed.high is not None
    assert mixed.low < 0 < mixed.high
    assert 0.03 < mixed.high - mixed.low < 0.2


def test_an_interval_covers_draws_as_well_as_photos() -> None:
    """Photos agree within a draw, and draws differ: other labels would give another difference."""
    gaps = np.repeat([[0.0], [0.2], [0.4]], 400, axis=1)
    found = PairedDifference(400).between(gaps, np.zeros_like(gaps))
    assert found.low == pytest.approx(0.0, abs=0.07)
    assert found.high == pytest.approx(0.4, abs=0.07)


def test_the_map_to_probabilities_rises_and_keeps_the_ranking() -> None:
    rng = np.random.default_rng(0)
    known = rng.normal(0, 5, (200, 5)).astype(np.float32)
    right = rng.random((200, 5)) < 1 / (1 + np.exp(-known))
    scores = rng.normal(0, 5, (50, 5)).astype(np.float32)
    mapped = map_to_probabilities(known, right, scores)
    assert mapped.min() >= 0
    assert mapped.max() <= 1
    order = scores.ravel().argsort()
    assert (np.diff(mapped.ravel()[order]) >= 0).all()
    assert np.array_equal(mapped.argmax(axis=1), scores.argmax(axis=1))
    assert np.abs(mapped - 1 / (1 + np.exp(-scores))).mean() < 0.05


def test_clusters_against_tags_by_hand() -> None:
    tags = np.eye(2, dtype=bool)[[0, 0, 0, 1, 1, 1]]
    labels = np.array([0, 0, 1, 1, 1, -1], np.int32)
    found = agreement("all", tags, labels, labels >= 0)
    assert (found.share, found.purity, found.accuracy) == pytest.approx((5 / 6, 4 / 5, 4 / 5))
    perfect = agreement("all", tags, np.array([1, 1, 1, 0, 0, 0], np.int32), np.ones(6, bool))
    assert (perfect.ami, perfect.nmi, perfect.ari, perfect.accuracy) == pytest.approx((1, 1, 1, 1))
    assert agreement("several", tags | True, labels, labels >= 0).ami is None
    assert matched_accuracy(np.array([[3, 2], [4, 0]])) == pytest.approx(6 / 9)


def test_popularity_on_lists_of_tags() -> None:
    lists = HarrisonLists(("a",) * 46, (("love", "sea"),) * 23 + (("love", "dog"),) * 23, ("dog", "love", "sea"))
    found = score_popularity(lists, n_splits=3)
    assert (found.n_training, found.n_test) == (42, 4)
    assert found.first_tags[0] == "love"
    assert found.figures["P@1"].mean == found.figures["R@5"].mean == found.figures["A@5"].mean == 1


def test_curves_stay_within_their_plot() -> None:
    plot = curve_plot(
        (Series("ours", "line", (0.31, 0.5, None)), Series("other", "other", (0.1, 0.42, 0.77))), ("1", "5", "10")
    )
    assert [line.kind for line in plot.lines] == ["other", "line"]
    marks = [(dot.x, dot.y) for line in plot.lines for dot in line.dots]
    assert len(marks) == 5
    assert all(40 <= x <= 350 and 10 <= y <= 280 for x, y in marks)
    assert [tick.text for tick in plot.across] == ["1", "5", "10"]


def test_a_row_keeps_its_reasons() -> None:
    comparison = table({1: [0.5, 0.5]}, {})
    assert comparison.rows[1].reasons == ("why",)
    assert comparison.standings == ()
    assert verdict(replace(comparison, standings=()), small_split(LABELLED))[0].endswith(
        "choose more methods to compare it with."
    )

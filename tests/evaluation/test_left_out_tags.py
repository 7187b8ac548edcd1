"""Tags left out in turn: labels left out are not in the fit, and each photo is of the kind that the fit sees."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

from clustertags.evaluation.left_out_tags import group_tags, leave_tags_out
from clustertags.evaluation.refitting import Refitting
from clustertags.library.library_features import LibraryFeatures
from clustertags.tagging.model import TagModel, TagScores
from tests.evaluation.test_cross_validation import labelled
from tests.made.kinds import make_library


@dataclass
class Fit:
    """What one fit was given, and which rows of the labelled photos it scored."""

    labels: np.ndarray
    all_known: bool
    scored: np.ndarray


@pytest.fixture
def fits(monkeypatch: pytest.MonkeyPatch) -> list[Fit]:
    """The fits from now on, with the rows that each scored."""
    seen: list[Fit] = []
    fit, predict = Refitting.fit, Refitting.predict

    def watched_fit(self: Refitting, labels: np.ndarray, *, all_known: bool) -> tuple[TagModel, np.ndarray]:
        seen.append(Fit(labels.copy(), all_known, np.zeros(0, int)))
        return fit(self, labels, all_known=all_known)

    def watched_predict(self: Refitting, model: TagModel, photos: np.ndarray) -> TagScores:
        seen[-1].scored = np.searchsorted(self.labelled.library.seeds.photos, photos)
        return predict(self, model, photos)

    monkeypatch.setattr(Refitting, "fit", watched_fit)
    monkeypatch.setattr(Refitting, "predict", watched_predict)
    return seen


def some(n_labelled: int = 60, n_kinds: int = 6, *, several: bool = False) -> LibraryFeatures:
    made = make_library(n=240, n_new=2, n_kinds=n_kinds, several=several)
    return labelled(made.features, made.truth, made.clusters, n_labelled)


def folds_of(library: LibraryFeatures, n_folds: int = 3) -> np.ndarray:
    return (np.arange(library.library.seeds.n_labelled) % n_folds).astype(np.int32)


@pytest.mark.parametrize("several", [False, True])
def test_no_photo_is_scored_by_a_fit_that_has_its_labels(fits: list[Fit], several: bool) -> None:
    library = some(several=several)
    folds = folds_of(library)
    best = leave_tags_out(library, folds)
    matrix = library.library.seeds.matrix
    assert len(fits) == 3
    for number, fit in enumerate(fits):
        assert not fit.all_known, "the library is one in which most photos may show none of the tags"
        assert not fit.labels[fit.scored].any()
        assert not (fit.labels & ~matrix).any()
        columns = fit.labels.any(axis=0)
        unknown = ~matrix[:, columns].any(axis=1)
        np.testing.assert_array_equal(fit.scored, np.flatnonzero(unknown | (folds == number)))
        others = ~unknown & (folds != number)
        np.testing.assert_array_equal(fit.labels[others], matrix[others] & columns, "the other labels stay")
    left_out = np.array([~fit.labels.any(axis=0) for fit in fits])
    assert left_out.any(axis=0).all(), "each tag is left out"
    assert best.is_known.any()
    assert not best.is_known.all()
    assert best.known_share is not None and 0 < best.known_share < 1
    assert not best.correct[~best.is_known].any()


def test_photos_of_kinds_that_are_left_out_score_lower() -> None:
    made = make_library(n=400, n_new=2, n_kinds=6, spread=1.0)
    library = labelled(made.features, made.truth, made.clusters, 120)
    best = leave_tags_out(library, folds_of(library))
    assert best.scores[best.is_known].mean() > best.scores[~best.is_known].mean() + 0.2
    assert best.correct[best.is_known].mean() > 0.8
    again = leave_tags_out(library, folds_of(library))
    np.testing.assert_array_equal(best.scores, again.scores)
    other = leave_tags_out(library, folds_of(library), random_state=4)
    assert other.scores.tolist() != best.scores.tolist()


def test_a_photo_with_a_tag_left_is_of_a_known_kind(fits: list[Fit]) -> None:
    """Every photo has a second tag that all share: none of them is of an unknown kind."""
    made = make_library(n=120, n_new=2, n_kinds=4)
    everywhere = np.concatenate([made.truth, np.ones((120, 1), bool)], axis=1)
    library = labelled(made.features, everywhere, made.clusters, 40)
    best = leave_tags_out(library, folds_of(library, 5))
    assert "of unknown kinds" in best.missing
    without = [fit for fit in fits if not fit.labels[:, -1].any()]
    assert len(without) == 1
    assert without[0].labels.any(), "photos without the common tag keep their others"


def test_few_tags_or_photos_say_why() -> None:
    one = leave_tags_out(some(n_kinds=1), folds_of(some(n_kinds=1)))
    assert one.missing == "the library has 1 tag, and one must be left when another is left out"
    assert len(one.scores) == 0
    few = some(n_labelled=4)
    why = leave_tags_out(few, folds_of(few, 2)).missing
    assert "of unknown kinds" in why and "tag more" in why


def test_two_tags_are_enough() -> None:
    library = some(n_kinds=2)
    best = leave_tags_out(library, folds_of(library, 5))
    assert not best.missing
    assert (~best.is_known).sum() == 60, "each photo is of an unknown kind once"


def test_progress_runs_to_its_end() -> None:
    steps: list[tuple[str, int, int]] = []
    library = some(n_labelled=30)
    leave_tags_out(library, folds_of(library), progress=lambda *step: steps.append(step))
    assert steps == [("Leaving out tags", done, 3) for done in range(4)]


def test_groups_of_tags_are_even_in_labels_where_a_photo_has_one_tag() -> None:
    kinds = np.repeat(np.arange(10), [40, 30, 20, 10, 9, 8, 7, 6, 5, 4])
    matrix = np.eye(10, dtype=bool)[kinds]
    groups = group_tags(matrix, 5, 0)
    assert np.bincount(groups).tolist() == [2] * 5
    sizes = [int(matrix[:, groups == group].sum()) for group in range(5)]
    assert sizes == [44, 35, 26, 17, 17], "the commonest tag is with the rarest"


def test_tags_that_go_together_are_left_out_together() -> None:
    pairs = np.repeat(np.eye(4, dtype=bool), 6, axis=0)
    matrix = np.concatenate([pairs, pairs], axis=1)
    for seed in range(5):
        groups = group_tags(matrix, 4, seed)
        assert np.bincount(groups).tolist() == [2, 2, 2, 2]
        np.testing.assert_array_equal(groups[:4], groups[4:])
    three_pairs = group_tags(matrix[:18][:, [0, 1, 2, 4, 5, 6]], 4, 0)
    assert sorted(set(three_pairs.tolist())) == [0, 1, 2], "no group is empty"

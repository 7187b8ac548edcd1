"""How likely a photo shows any of the tags."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from clustertags.tagging.known import KnownPhotos, fit_known, trust_in_labels
from clustertags.tagging.model import TagModel
from clustertags.tagging.model_fit import fit_tag_model
from clustertags.tagging.representation import unit_rows
from clustertags.types import Assignment, Bool, SeedTags
from tests.made.clusters import clusters_of
from tests.made.kinds import MadeLibrary, make_library, nearest


@pytest.fixture(scope="module")
def library() -> MadeLibrary:
    return make_library(n=480, n_kinds=8, spread=0.9)


def some_of(library: MadeLibrary, kinds: list[int], per_kind: int, seed: int = 0) -> SeedTags:
    """Labels of photos of these kinds alone, drawn at random."""
    random = np.random.default_rng(seed)
    photos = [random.permutation(np.flatnonzero(library.truth[:, kind]))[:per_kind] for kind in kinds]
    chosen = np.sort(np.concatenate(photos)).astype(np.int32)
    return SeedTags(tuple(f"kind{kind}" for kind in kinds), chosen, library.truth[chosen][:, kinds])


def fit(library: MadeLibrary, labels: SeedTags) -> KnownPhotos:
    space = unit_rows(library.features.values.astype(np.float64))
    return fit_known(library.neighbours, space, library.clusters, labels, np.ones(labels.n_labelled, bool))


def shows(library: MadeLibrary, kinds: list[int]) -> Bool:
    return np.asarray(library.truth[:, kinds].any(axis=1))


def test_photos_of_unknown_kinds_are_less_likely_known(library: MadeLibrary) -> None:
    known = fit(library, some_of(library, [0, 1, 2, 3], 10))
    inside, outside = known.probabilities(library.neighbours), known.probabilities(library.new_neighbours)
    truth, new_truth = shows(library, [0, 1, 2, 3]), np.asarray(library.new_truth[:, [0, 1, 2, 3]].any(axis=1))
    assert inside[truth].mean() > inside[~truth].mean() + 0.4
    assert outside[new_truth].mean() > outside[~new_truth].mean() + 0.4
    assert abs(known.share - truth.mean()) < 0.15
    assert abs(inside.mean() - known.share) < 0.1


def test_where_every_kind_is_labelled_most_photos_are_known(library: MadeLibrary) -> None:
    known = fit(library, some_of(library, list(range(8)), 10))
    assert known.share > 0.8
    assert np.median(known.probabilities(library.neighbours)) > 0.8


def test_a_photo_depends_on_no_other_photo_asked(library: MadeLibrary) -> None:
    known = fit(library, some_of(library, [0, 1], 5))
    together = known.probabilities(library.new_neighbours)
    alone = [known.probabilities(library.new_neighbours.take(np.array([row])))[0] for row in range(20)]
    np.testing.assert_array_equal(together[:20], alone)


def test_labels_next_to_one_another_are_trusted_less(library: MadeLibrary) -> None:
    space = unit_rows(library.features.values.astype(np.float64))
    kinds, photos = [0, 1, 2, 3], []
    for kind in kinds:
        of_kind = np.flatnonzero(library.truth[:, kind] & (library.clusters.labels >= 0))
        photos.append(of_kind[np.argsort(-(space[of_kind] @ space[of_kind[0]]), kind="stable")[:5]])
    burst = np.sort(np.concatenate(photos)).astype(np.int32)
    nearest_tag = np.minimum(library.truth.argmax(axis=1), 3)
    near = trust_in_labels(space, library.clusters, burst, library.truth[burst][:, kinds], nearest_tag)
    drawn = some_of(library, kinds, 5)
    assert trust_in_labels(space, library.clusters, drawn.photos, drawn.matrix, nearest_tag) > near + 0.2


@pytest.mark.parametrize(("kinds", "per_kind"), [([0], 1), ([0], 20), ([0, 1, 2], 1), (list(range(8)), 100)], ids=str)
def test_few_or_all_labels_give_probabilities(library: MadeLibrary, kinds: list[int], per_kind: int) -> None:
    known = fit(library, some_of(library, kinds, per_kind))
    found = known.probabilities(library.neighbours)
    assert np.isfinite(found).all()
    assert ((found >= 0) & (found <= 1)).all()
    assert 0 <= known.low <= known.high <= 1
    assert 0 <= known.share <= 1
    assert (np.diff(known.curve) >= -1e-6).all(), "more evidence is never less likely"


def test_one_label_is_no_constant(library: MadeLibrary) -> None:
    labels = some_of(library, [0], 1)
    found = fit(library, labels).probabilities(library.neighbours)
    assert np.ptp(found) > 0.3
    assert found[shows(library, [0])].mean() > found[~shows(library, [0])].mean()


def test_all_photos_labelled(library: MadeLibrary) -> None:
    labels = SeedTags(tuple("abcdefgh"), np.arange(480, dtype=np.int32), library.truth)
    assert fit(library, labels).probabilities(library.neighbours).min() > 0.5


def model_of(library: MadeLibrary, labels: SeedTags, *, all_known: bool = False) -> TagModel:
    return fit_tag_model(
        library.features, library.classifier, library.neighbours, library.clusters, labels, all_known=all_known
    )


def test_the_model_gives_few_photos_of_unknown_kinds_a_sure_tag(library: MadeLibrary) -> None:
    labels = some_of(library, [0, 1, 2, 3], 10)
    model, closed = model_of(library, labels), model_of(library, labels, all_known=True)
    unknown = np.flatnonzero(~library.new_truth[:, [0, 1, 2, 3]].any(axis=1))
    args = (library.new_features, library.new_neighbours, library.new_places)
    best, best_closed = model.predict(*args).scores.max(axis=1), closed.predict(*args).scores.max(axis=1)
    assert (best[unknown] >= 0.5).mean() < 0.05
    assert (best_closed[unknown] >= 0.5).mean() > 0.5, "what it is there for"
    order, order_closed = (np.argsort(-item.predict(*args).scores, axis=1, kind="stable") for item in (model, closed))
    assert (order[:, 0] == order_closed[:, 0]).mean() > 0.99, "the order of a photo's tags stays"


def test_it_is_saved_and_read(library: MadeLibrary) -> None:
    model = model_of(library, some_of(library, [0, 1, 2], 5))
    again = TagModel.from_saved(model.to_tensors(), json.loads(json.dumps(model.to_json())))
    args = (library.new_features, library.new_neighbours, library.new_places)
    np.testing.assert_array_equal(again.predict(*args).scores, model.predict(*args).scores)


def test_a_model_of_an_earlier_version_has_none(library: MadeLibrary) -> None:
    model = replace(model_of(library, some_of(library, [0, 1, 2], 5)), known=None)
    saved = {name: value for name, value in model.to_json().items() if name != "known"}
    again = TagModel.from_saved(model.to_tensors(), saved)
    assert again.known is None
    args = (library.new_features, library.new_neighbours, library.new_places)
    np.testing.assert_array_equal(again.predict(*args).scores, model.predict(*args).scores)


def test_photos_of_none_of_the_tags_teach_more_than_their_number(library: MadeLibrary) -> None:
    labels = some_of(library, [0, 1, 2, 3, 4, 5], 3)
    truth = shows(library, [0, 1, 2, 3, 4, 5])
    unknown = np.flatnonzero(library.truth[:, 6])[:3].astype(np.int32)
    before, after = fit(library, labels), fit(library, replace(labels, none=np.sort(unknown)))
    of_its_kind = library.truth[:, 6] & ~np.isin(np.arange(len(truth)), unknown)
    was, now = before.probabilities(library.neighbours), after.probabilities(library.neighbours)
    assert now[of_its_kind].mean() < 0.7 * was[of_its_kind].mean(), "its whole kind is doubted, not it alone"
    assert now[truth].mean() > now[~truth].mean() + 0.3
    new, kind = library.new_neighbours, np.asarray(library.new_truth[:, 6])
    assert after.probabilities(new)[kind].mean() < 0.7 * before.probabilities(new)[kind].mean()


def test_one_photo_of_none_of_the_tags_refutes_that_all_are_known(library: MadeLibrary) -> None:
    labels = some_of(library, list(range(8)), 10)
    left = np.setdiff1d(np.arange(480), labels.photos)[:1].astype(np.int32)
    assert fit(library, replace(labels, none=left)).high < 1.0 <= fit(library, labels).high


def test_a_model_saved_without_such_photos_is_read(library: MadeLibrary) -> None:
    known = fit(library, some_of(library, [0, 1], 5))
    tensors = known.to_tensors()
    del tensors["known.none_mass"]
    read = KnownPhotos.from_saved(tensors, known.to_json())
    np.testing.assert_array_equal(read.probabilities(library.neighbours), known.probabilities(library.neighbours))


def best_of(library: MadeLibrary, labels: SeedTags) -> tuple[np.ndarray, np.ndarray]:
    """The best tag of every photo, a column, and its score."""
    model = fit_tag_model(library.features, library.classifier, library.neighbours, library.clusters, labels)
    assignment = Assignment(library.clusters.labels, library.clusters.probabilities)
    scores = model.predict(library.features, library.neighbours, assignment).scores
    return scores.argmax(axis=1), scores.max(axis=1)


def test_a_rare_kind_is_found_whole_and_nothing_else_with_it() -> None:
    made = make_library(n=1000, n_kinds=8, spread=0.9)
    kinds = made.truth.argmax(axis=1)
    kept = np.sort(np.concatenate([np.flatnonzero(kinds != 7), np.flatnonzero(kinds == 7)[:20]]))
    features = made.features.take(kept)
    library = replace(
        made,
        features=features,
        neighbours=nearest(features, features, 15, same=True),
        clusters=clusters_of(made.clusters.labels[kept]),
        truth=made.truth[kept],
    )
    labels = some_of(library, list(range(8)), 4)
    best, score = best_of(library, labels)
    given, members = np.flatnonzero((best == 7) & (score >= 0.5)), np.flatnonzero(library.truth[:, 7])
    assert given.tolist() == members.tolist()


def test_some_wrong_labels_leave_scores_true() -> None:
    library = make_library(n=900, n_kinds=8, spread=0.9)
    labels = some_of(library, list(range(8)), 10)
    matrix, random = labels.matrix.copy(), np.random.default_rng(1)
    for row in random.permutation(labels.n_labelled)[:12]:  # 15 %
        matrix[row] = np.roll(matrix[row], 1)
    best, score = best_of(library, replace(labels, matrix=matrix))
    others = np.setdiff1d(np.arange(900), labels.photos)
    right = library.truth[others, best[others]]
    assert right.mean() > 0.95
    assert score[others].mean() > 0.7, "as sure as labels of which 15 % are wrong allow"

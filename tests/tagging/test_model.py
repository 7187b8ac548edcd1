"""The tag model as its users rely on it: right, steady, small to save, and at home with little."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
from sklearn.metrics import label_ranking_average_precision_score

from clustertags.tagging.model import TagModel, TagScores
from clustertags.tagging.model_fit import fit_tag_model
from clustertags.types import UNCLUSTERED, Assignment, Features, Neighbours, SeedTags
from tests.made.clusters import clusters_of
from tests.made.kinds import MadeLibrary, columns, label_some, make_library, nearest, seeds_of


@pytest.fixture(scope="module")
def single() -> MadeLibrary:
    return make_library()


@pytest.fixture(scope="module")
def several() -> MadeLibrary:
    return make_library(several=True, seed=3)


def fit(library: MadeLibrary, seeds: SeedTags) -> TagModel:
    return fit_tag_model(library.features, library.classifier, library.neighbours, library.clusters, seeds)


def predict(model: TagModel, library: MadeLibrary) -> TagScores:
    return model.predict(library.new_features, library.new_neighbours, library.new_places)


def quality(scores: np.ndarray, library: MadeLibrary, seeds: SeedTags) -> float:
    everything = np.full(library.new_truth.shape, -np.inf)
    everything[:, columns(seeds)] = scores
    return float(label_ranking_average_precision_score(library.new_truth, np.nan_to_num(everything, neginf=-1e9)))


@pytest.mark.parametrize(("n_labelled", "least"), [(8, 0.5), (40, 0.8), (200, 0.9)])
def test_more_labels_give_better_tags_and_no_part_alone_beats_them(
    single: MadeLibrary, n_labelled: int, least: float
) -> None:
    fused, parts = [], []
    for draw in range(4):
        seeds = label_some(single, n_labelled, seed=draw)
        model = fit(single, seeds)
        fused.append(quality(predict(model, single).scores, single, seeds))
        said = model.component_scores(single.new_features, single.new_neighbours, single.new_places.labels)
        parts.append([quality(part, single, seeds) for part in said])
    assert np.mean(fused) > least
    assert np.mean(fused) > np.mean(parts, axis=0).max() - 0.01


def test_scores_are_right_as_often_as_they_say(several: MadeLibrary) -> None:
    seeds = label_some(several, 150)
    scores = predict(fit(several, seeds), several).scores
    truth = several.new_truth[:, columns(seeds)]
    bins = np.minimum((scores * 10).astype(int), 9)
    error = sum((bins == b).mean() * abs(scores[bins == b].mean() - truth[bins == b].mean()) for b in np.unique(bins))
    assert error < 0.05
    assert truth[scores > 0.8].mean() > 0.8
    assert (scores > 0.8).sum() > 100


@pytest.mark.parametrize("precision", [0.8, 0.9])
def test_the_precision_asked_for_is_got(several: MadeLibrary, precision: float) -> None:
    seeds = label_some(several, 200)
    model = fit(several, seeds)
    shown = predict(model, several).scores >= model.thresholds(precision)
    got = several.new_truth[:, columns(seeds)][shown].mean()
    assert precision - 0.05 < got
    assert shown.any(axis=1).mean() > 0.5
    assert (model.thresholds(precision) >= model.thresholds(0.5)).all()


def test_a_photo_has_the_same_tags_alone_in_a_batch_and_shuffled(several: MadeLibrary) -> None:
    model = fit(several, label_some(several, 60))
    together = predict(model, several)
    order = np.random.default_rng(0).permutation(len(several.new_features))
    shuffled = ask(model, several, order)
    assert np.array_equal(shuffled.scores, together.scores[order])
    for row in (0, 7, 150):
        alone = ask(model, several, np.array([row]))
        assert np.array_equal(alone.scores[0], together.scores[row])
        assert np.array_equal(alone.novelty[0], together.novelty[row])


def ask(model: TagModel, library: MadeLibrary, rows: np.ndarray) -> TagScores:
    near, places = library.new_neighbours, library.new_places
    return model.predict(
        library.new_features.take(rows),
        Neighbours(near.indices[rows], near.similarities[rows]),
        Assignment(places.labels[rows], places.scores[rows]),
    )


def test_two_fits_agree(single: MadeLibrary) -> None:
    seeds = label_some(single, 30)
    assert np.array_equal(predict(fit(single, seeds), single).scores, predict(fit(single, seeds), single).scores)


def test_a_saved_model_gives_the_same_answer(several: MadeLibrary) -> None:
    model = fit(several, label_some(several, 60))
    tensors = {name: value.copy() for name, value in model.to_tensors().items()}
    again = TagModel.from_saved(tensors, json.loads(json.dumps(model.to_json())))
    before, after = predict(model, several), predict(again, several)
    assert np.array_equal(before.scores, after.scores)
    assert np.array_equal(before.contributions, after.contributions)
    assert np.array_equal(model.thresholds(0.85), again.thresholds(0.85))
    assert all(value.dtype != object for value in tensors.values())


def test_parts_add_up_to_the_order_of_the_scores(several: MadeLibrary) -> None:
    answer = predict(fit(several, label_some(several, 60)), several)
    fused = answer.contributions.sum(axis=0)
    best = fused.argmax(axis=1)
    assert (answer.scores[np.arange(len(best)), best] >= answer.scores.max(axis=1) - 2e-6).all()
    assert answer.contributions.shape == (len(answer.component_names), *answer.scores.shape)


def test_one_photo_with_one_tag_is_enough(single: MadeLibrary) -> None:
    seeds = seeds_of(np.array([5]), np.ones((1, 1), bool))
    answer = predict(fit(single, seeds), single)
    assert answer.scores.shape == (len(single.new_features), 1)
    assert np.isfinite(answer.scores).all()


def test_one_tag_on_some_photos_is_told_from_none(single: MadeLibrary) -> None:
    photos = np.arange(60)
    seeds = SeedTags(("first",), photos.astype(np.int32), single.truth[photos, :1])
    scores = predict(fit(single, seeds), single).scores[:, 0]
    carries = single.new_truth[:, 0]
    assert scores[carries].mean() > scores[~carries].mean() + 0.2


def test_many_tags_all_on_one_photo(single: MadeLibrary) -> None:
    answer = predict(fit(single, seeds_of(np.array([3]), np.ones((1, 40), bool))), single)
    assert np.isfinite(answer.scores).all()
    assert ((answer.scores >= 0) & (answer.scores <= 1)).all()


def test_labels_work_where_no_photo_is_in_a_cluster(single: MadeLibrary) -> None:
    nowhere = clusters_of(np.full(len(single.features), UNCLUSTERED))
    seeds = label_some(single, 40)
    model = fit_tag_model(single.features, single.classifier, single.neighbours, nowhere, seeds)
    places = Assignment(np.full(len(single.new_features), UNCLUSTERED, np.int32), single.new_places.scores)
    scores = model.predict(single.new_features, single.new_neighbours, places).scores
    assert quality(scores, single, seeds) > 0.75


def test_a_backbone_without_a_classifier_and_with_negative_features(single: MadeLibrary) -> None:
    seeds = label_some(single, 40)
    centre = single.features.values.mean(axis=0)
    values = single.features.values - centre
    features = Features(values / np.linalg.norm(values, axis=1, keepdims=True), single.features.norms)
    new = single.new_features.values - centre
    asked = Features(new / np.linalg.norm(new, axis=1, keepdims=True), single.new_features.norms)
    model = fit_tag_model(features, None, single.neighbours, single.clusters, seeds)
    assert quality(model.predict(asked, single.new_neighbours, single.new_places).scores, single, seeds) > 0.75


@pytest.mark.parametrize("n", [1, 2, 5])
def test_a_library_of_a_few_photos(single: MadeLibrary, n: int) -> None:
    features = single.features.take(np.arange(n))
    near = nearest(features, features, 15, same=True)
    seeds = seeds_of(np.array([0]), np.ones((1, 2), bool))
    model = fit_tag_model(features, single.classifier, near, clusters_of(np.full(n, UNCLUSTERED)), seeds)
    answer = model.predict(
        single.new_features, nearest(single.new_features, features, min(15, n)), single.new_places_nowhere()
    )
    assert np.isfinite(answer.scores).all()


def test_no_photo_to_tag(single: MadeLibrary) -> None:
    answer = ask(fit(single, label_some(single, 20)), single, np.array([], dtype=np.intp))
    assert answer.scores.shape[0] == 0
    assert answer.reasons == ()


def test_a_photo_unlike_all_others_abstains_and_says_why(single: MadeLibrary) -> None:
    model = fit(single, label_some(single, 40))
    strange = np.zeros((1, single.features.values.shape[1]), np.float32)
    strange[0, ::9] = 1.0
    stranger = Features(strange / np.linalg.norm(strange), np.ones(1, np.float32))
    answer = model.predict(
        stranger, nearest(stranger, single.features, 15), Assignment(np.array([-1], np.int32), np.zeros(1, np.float32))
    )
    assert answer.abstained[0]
    assert "unlike" in answer.reasons[0]
    assert answer.novelty[0] == 1.0
    usual = predict(model, single)
    assert usual.abstained.mean() < 0.02
    assert set(usual.reasons) <= {"", answer.reasons[0]}


def test_a_thousand_tags_stay_small(single: MadeLibrary) -> None:
    random = np.random.default_rng(0)
    photos = np.arange(200)
    matrix = random.random((200, 1000)) < 0.01
    matrix[np.arange(1000) % 200, np.arange(1000)] = True
    seeds = SeedTags(tuple(f"t{i:04d}" for i in range(1000)), photos.astype(np.int32), matrix)
    model = fit(single, seeds)
    per_photo = model.spread.tags.nbytes + model.spread.shares.nbytes + model.representation.codes.nbytes
    assert per_photo / len(single.features) < 1024
    assert np.isfinite(predict(model, single).scores).all()


def test_predicting_loads_numpy_alone() -> None:
    code = (
        "import sys, clustertags.tagging.model, clustertags.tagging.evidence;"
        "print([m for m in ('torch', 'scipy', 'sklearn', 'umap', 'hdbscan', 'numba') if m in sys.modules])"
    )
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"

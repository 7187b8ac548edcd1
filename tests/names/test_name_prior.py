"""The name prior: its weight is fitted on labelled photos, and names that predict nothing do no harm."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import label_ranking_average_precision_score

from clustertags.names.name_prior import SLOPE_SHARE, NamePrior, TagNames, conse_vectors, fit_name_prior
from clustertags.tagging.model import TagModel, TagScores
from clustertags.tagging.model_fit import fit_tag_model
from clustertags.types import Classifier, SeedTags
from tests.made.kinds import MadeLibrary, columns, label_some, make_library


@pytest.fixture(scope="module")
def library() -> MadeLibrary:
    """Its network knows classes that are like the kinds of photos, as ImageNet's are like what people tag."""
    made = make_library(spread=3.0, several=True, seed=1)
    means = made.truth.T @ made.features.values / made.truth.sum(axis=0)[:, None]
    weight = 3.0 * (means - made.features.values.mean(axis=0))
    return replace(made, classifier=Classifier(weight.astype(np.float32), np.zeros(len(weight), np.float32)))


def predictive_names(library: MadeLibrary, seeds: SeedTags) -> TagNames:
    """Each tag stands among the classes where the photos that carry it do, as a good name does."""
    seen = library.classifier.probabilities(library.features).astype(np.float64)
    carry = library.truth[:, columns(seeds)].astype(np.float64)
    vectors = carry.T @ (seen - seen.mean(axis=0))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    n_classes = seen.shape[1]
    return TagNames.from_vectors(np.eye(n_classes), vectors, np.zeros((len(vectors), n_classes), bool))


def random_names(library: MadeLibrary, seeds: SeedTags) -> TagNames:
    """Each tag stands anywhere, as one without a meaning does."""
    n_classes = len(library.classifier.bias)
    vectors = np.random.default_rng(0).standard_normal((len(seeds.vocabulary), n_classes))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return TagNames.from_vectors(np.eye(n_classes), vectors, np.zeros(vectors.shape, bool))


def fit(library: MadeLibrary, seeds: SeedTags, named: TagNames | None) -> TagModel:
    return fit_tag_model(
        library.features, library.classifier, library.neighbours, library.clusters, seeds, tag_names=named
    )


def predict(model: TagModel, library: MadeLibrary) -> TagScores:
    return model.predict(library.new_features, library.new_neighbours, library.new_places)


def quality(library: MadeLibrary, seeds: SeedTags, named: TagNames | None) -> float:
    truth = library.new_truth[:, columns(seeds)]
    return float(label_ranking_average_precision_score(truth, predict(fit(library, seeds, named), library).scores))


def test_scores_are_standardised_cosines_and_the_share_of_the_tags_classes() -> None:
    """By hand: two classes at right angles, a tag at the first."""
    named = TagNames.from_vectors(np.eye(2), np.array([[1.0, 0.0]]), np.array([[True, False]]))
    assert (named.centre.tolist(), named.scale.tolist()) == ([0.5], [0.5])
    rows = np.array([[1.0, 0.0], [0.5, 0.5]], np.float32)
    np.testing.assert_allclose(named.scores(rows)[:, 0], [1 + 8, (np.sqrt(0.5) - 0.5) / 0.5 + 4])


def test_one_likeliest_class_is_that_classs_own_vector() -> None:
    classes = np.array([[0.6, 0.8], [1.0, 0.0], [0.0, 1.0]])
    np.testing.assert_allclose(conse_vectors(np.array([[0.2, 0.5, 0.3]], np.float32), classes, 1), classes[1:2])


def test_the_weight_is_the_slope_within_tags() -> None:
    """By hand: cosines of 1 and -1 with a tag, right where it is 1; the sample's mean is 0."""
    named = TagNames(
        np.eye(2)[:1], np.array([[1.0, 0.0], [-1.0, 0.0]]), np.zeros(1), np.ones(1), np.zeros((1, 2), bool)
    )
    labelled, matrix = np.eye(2), np.array([[True], [False]])
    prior = fit_name_prior(named, labelled, labelled, matrix)
    assert (prior.mean_scores.tolist(), prior.weight) == ([0.0], pytest.approx(SLOPE_SHARE * 0.5))
    np.testing.assert_allclose(prior.expected(labelled), [[SLOPE_SHARE * 0.5], [-SLOPE_SHARE * 0.5]])
    assert fit_name_prior(named, labelled, labelled, ~matrix).weight == 0.0


def test_names_that_fit_a_few_photos_by_chance_have_no_say() -> None:
    """Random scores of seven photos mostly have no weight; those of 200 photos that are right keep theirs."""
    random = np.random.default_rng(0)
    named = TagNames(np.eye(7), np.eye(7), np.zeros(7), np.ones(7), np.zeros((7, 7), bool))
    sample, matrix = np.full((50, 7), 1 / 7), np.eye(7, dtype=bool)
    weights = []
    for _ in range(60):
        probabilities = random.dirichlet(np.full(7, 0.2), 7)
        weights.append(fit_name_prior(named, sample, probabilities, matrix).weight)
    right = fit_name_prior(named, sample, np.tile(np.eye(7), (29, 1)), np.tile(matrix, (29, 1))).weight
    assert np.mean(np.array(weights) > 0.1 * right) < 0.2
    assert right > 0.5 * SLOPE_SHARE


def test_predictive_names_help_most_where_labels_are_few(library: MadeLibrary) -> None:
    gains = {}
    for n_labelled in (8, 200):
        draws = [label_some(library, n_labelled, seed=draw) for draw in range(4)]
        gains[n_labelled] = np.mean(
            [
                quality(library, seeds, predictive_names(library, seeds)) - quality(library, seeds, None)
                for seeds in draws
            ]
        )
    assert gains[8] > 0.05
    assert gains[8] > gains[200] > -0.02


def test_random_names_do_no_harm(library: MadeLibrary) -> None:
    draws = [label_some(library, 40, seed=draw) for draw in range(4)]
    losses = [quality(library, seeds, None) - quality(library, seeds, random_names(library, seeds)) for seeds in draws]
    assert np.mean(losses) < 0.01


def test_a_saved_model_has_the_same_name_prior(library: MadeLibrary) -> None:
    seeds = label_some(library, 20)
    model = fit(library, seeds, predictive_names(library, seeds))
    again = TagModel.from_saved(model.to_tensors(), json.loads(json.dumps(model.to_json())))
    before, after = predict(model, library), predict(again, library)
    assert np.abs(before.contributions[before.component_names.index("name")]).max() > 0
    np.testing.assert_array_equal(before.scores, after.scores)
    np.testing.assert_array_equal(before.contributions, after.contributions)


def test_a_model_from_before_the_name_prior_is_read(library: MadeLibrary) -> None:
    model = fit(library, label_some(library, 40), None)
    tensors = {name: array for name, array in model.to_tensors().items() if name != "head.stretch"}
    for name in ("centre", "scale", "weight"):
        tensors[f"fusion.{name}"] = tensors[f"fusion.{name}"][:4]
    settings = {name: value for name, value in model.to_json().items() if name != "names"}
    again = predict(TagModel.from_saved(tensors, settings), library)
    np.testing.assert_array_equal(again.scores, predict(model, library).scores)
    assert not again.contributions[again.component_names.index("name")].any()


def test_without_a_classifier_there_is_no_name_prior(library: MadeLibrary) -> None:
    seeds = label_some(library, 40)
    named = predictive_names(library, seeds)
    model = fit_tag_model(library.features, None, library.neighbours, library.clusters, seeds, tag_names=named)
    assert model.name_prior is None
    assert np.isfinite(predict(model, library).scores).all()


def test_expectations_rise_with_the_score() -> None:
    named = TagNames.from_vectors(np.eye(3), np.eye(3)[:2], np.zeros((2, 3), bool))
    sure = np.array([[0.9, 0.05, 0.05], [0.05, 0.9, 0.05]])
    expected = NamePrior(named, np.zeros(2), 0.1).expected(sure)
    assert (expected.argmax(axis=1) == [0, 1]).all()


def shared_space() -> TagNames:
    """Three classes along the axes; a tag next to the first, which it denotes, and one between the other two."""
    vectors = np.array([[0.9, 0.1, 0.1], [0.0, 0.6, 0.8]])
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    members = np.array([[True, False, False], [False, False, False]])
    return TagNames.from_vectors(np.eye(3), vectors, members, logit_scale=20.0)


def test_names_of_an_image_text_network_are_compared_with_the_photo_itself() -> None:
    named, images = shared_space(), np.array([[1.0, 0, 0], [0, 0.6, 0.8]])
    misleading = np.full((2, 3), 1 / 3)
    scores = named.scores(misleading, images)
    for photo, tag in ((0, 0), (0, 1), (1, 0), (1, 1)):
        of_classes, of_tag = images[photo], float(images[photo] @ named.vectors[tag])
        rivals = np.exp(20 * of_classes)[~named.members[tag]].sum()
        own = np.exp(20 * of_tag)
        expected = (of_tag - of_classes.mean()) / of_classes.std() + 8 * own / (own + rivals)
        assert scores[photo, tag] == pytest.approx(expected, rel=1e-5)
    assert (scores.argmax(axis=1) == [0, 1]).all()
    with pytest.raises(ValueError, match="features of photos"):
        named.scores(misleading)


def test_a_shared_space_is_saved_and_others_have_none() -> None:
    named, images = shared_space(), np.eye(3)
    loaded = TagNames.from_tensors(named.to_tensors())
    assert loaded.logit_scale == 20.0
    np.testing.assert_array_equal(loaded.scores(images, images), named.scores(images, images))
    plain = TagNames.from_vectors(named.classes, named.vectors, named.members)
    assert "names.logit_scale" not in plain.to_tensors()
    assert TagNames.from_tensors(plain.to_tensors()).logit_scale == 0.0


def test_the_prior_of_a_shared_space_is_fitted_on_the_photos_themselves() -> None:
    named = shared_space()
    images = np.float32([[1, 0, 0], [0.9, 0.1, 0.1], [0, 0.6, 0.8], [0, 0.5, 0.9]])
    misleading, matrix = np.full((4, 3), 1 / 3), np.array([[1, 0], [1, 0], [0, 1], [0, 1]], bool)
    prior = fit_name_prior(named, misleading, misleading, matrix, sample_images=images, labelled_images=images)
    assert prior.weight > 0
    expected = prior.expected(misleading, images)
    assert (expected[:2, 0] > expected[2:, 0]).all()
    assert (expected[2:, 1] > expected[:2, 1]).all()

"""Nearest photos, TagVote, TagProp and label spreading against cases worked by hand and against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.semi_supervised import LabelSpreading as Reference

from clustertags.benchmark.method_building_blocks import tag_prop
from clustertags.benchmark.method_building_blocks.neighbour_voting import LabelledPhotos, choose_k
from clustertags.benchmark.method_building_blocks.tag_prop_likelihood import (
    Likelihood,
    Share,
    Sigmoid,
    Step,
    climb,
    onto_simplex,
)
from clustertags.benchmark.methods.label_spreading import LabelSpreading
from clustertags.benchmark.methods.nearest_photos import NearestPhotos
from clustertags.benchmark.methods.popularity import Popularity
from clustertags.benchmark.methods.random_order import RandomOrder
from clustertags.benchmark.methods.tag_prop import (
    TagPropDistance,
    TagPropDistanceSigmoid,
    TagPropRank,
    TagPropRankSigmoid,
)
from clustertags.benchmark.methods.tag_vote import TagVote
from tests.benchmark.methods.samples import make, sample_of, task_for

# Four labelled photos in a plane, by falling cosine to (1, 0): 0, 1, 2, 3.
PLANE = np.array([[1, 0.1], [1, 0.4], [1, 0.9], [0, 1]])
TAGS = np.array([[1, 0, 0], [1, 1, 0], [0, 1, 0], [0, 1, 1]], bool)
QUERY = sample_of(np.array([[1.0, 0.0]]))


def test_popularity_counts_photos() -> None:
    scores = Popularity().fit(sample_of(PLANE), TAGS, task_for(TAGS)).predict_scores(QUERY)
    np.testing.assert_allclose(scores, [[0.5, 0.75, 0.25]])


def test_random_depends_on_the_seed_and_favours_no_tag() -> None:
    asked = sample_of(np.random.default_rng(0).normal(size=(600, 2)))
    draws = [
        RandomOrder().fit(sample_of(PLANE), TAGS, task_for(TAGS, seed=seed)).predict_scores(asked) for seed in (0, 1)
    ]
    assert (draws[0] != draws[1]).all()
    np.testing.assert_allclose(np.bincount(draws[0].argmax(axis=1), minlength=3) / 600, 1 / 3, atol=0.07)


def test_the_three_nearest_photos_vote_and_the_nearer_carrier_wins_a_tie() -> None:
    scores = NearestPhotos(k=3).fit(sample_of(PLANE), TAGS, task_for(TAGS)).predict_scores(QUERY)
    np.testing.assert_allclose(scores, [[2, 2, 0]], atol=1e-5)
    assert scores[0, 0] > scores[0, 1]


def test_tag_vote_takes_off_what_chance_would_give() -> None:
    """3 neighbours: votes 2, 2, 0; frequencies 2, 3, 1 of 4."""
    scores = TagVote(k=3).fit(sample_of(PLANE), TAGS, task_for(TAGS)).predict_scores(QUERY)
    np.testing.assert_allclose(scores, [[2 - 3 * 2 / 4, 2 - 3 * 3 / 4, 0 - 3 * 1 / 4]], atol=1e-5)


def test_a_user_has_one_vote_for_a_tag() -> None:
    """Photos 0 and 1 are one user's: their two votes for the first tag count once."""
    labelled = sample_of(PLANE, users=np.array([7, 7, 8, 9], np.int32))
    scores = TagVote(k=3).fit(labelled, TAGS, task_for(TAGS)).predict_scores(QUERY)
    np.testing.assert_allclose(scores, [[1 - 3 * 2 / 4, 2 - 3 * 3 / 4, 0 - 3 * 1 / 4]], atol=1e-5)


def test_the_number_of_voters_is_the_one_that_ranks_left_out_photos_best() -> None:
    """Each photo's nearest is wrong and the next two are right: three voters are needed."""
    angles = np.radians([0, 1, 10, 11, 20, 21, 90, 91, 100, 101, 110, 111])
    tags = np.zeros((12, 2), bool)
    tags[:6, 0] = tags[6:, 1] = True
    tags[[1, 8]] = tags[[8, 1]]
    labelled = LabelledPhotos(sample_of(np.column_stack([np.cos(angles), np.sin(angles)])).features.values, tags)
    assert choose_k(labelled, (1, 3), prior=False) == 3
    assert choose_k(LabelledPhotos(labelled.values[:2], np.eye(2, dtype=bool)), (1, 3), prior=False) == 1


@pytest.mark.parametrize("method", [TagPropRank, TagPropRankSigmoid, TagPropDistance, TagPropDistanceSigmoid])
def test_the_likelihood_of_tag_prop_rises_with_every_step(method: type[TagPropRank]) -> None:
    made = make(n_labelled=60, several=True)
    trace = method(k=20).fit(made.labelled, made.tags, made.task).log_likelihoods_
    assert len(trace) > 2
    assert (np.diff(trace) >= 0).all()
    assert trace[-1] > trace[0] + 0.01 * abs(trace[0])


def test_a_step_without_the_search_would_fall(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the search is for: the same slope with a fixed stride overshoots."""
    made = make(n_labelled=60, several=True)

    def fixed(step: Step, slope: np.ndarray, value: object, project: object) -> Step:
        point = project(step.point + 100 * slope)
        return Step(point, value(point), step.stride)

    monkeypatch.setattr(tag_prop, "climb", fixed)
    monkeypatch.setattr(tag_prop, "_CONVERGED", -np.inf)
    trace = TagPropRankSigmoid(k=20, n_steps=20).fit(made.labelled, made.tags, made.task).log_likelihoods_
    assert (np.diff(trace) < 0).any()


def test_tag_prop_by_rank_finds_which_neighbour_to_believe() -> None:
    """Second neighbours always agree, first ones never: all weight goes to the second."""
    tags = np.array([[1, 0], [0, 1]] * 4, bool)
    carried = np.stack([~tags, tags], axis=1).astype(float)
    likelihood = Likelihood.of(tags, carried)
    step = Step(np.array([0.5, 0.5]), -np.inf)
    for _ in range(50):
        pi = np.tile(step.point, (8, 1))
        slope = likelihood.slope_by_weights(likelihood.shares(pi), Share()).sum(axis=0)
        step = climb(
            Step(step.point, likelihood.value(likelihood.shares(pi), Share()), step.stride),
            slope,
            lambda point: likelihood.value(likelihood.shares(np.tile(point, (8, 1))), Share()),
            onto_simplex,
        )
    np.testing.assert_allclose(step.point, [0, 1], atol=1e-6)


@pytest.mark.parametrize("link", [Share(), Sigmoid(np.array([3.0, 1.0]), np.array([-1.0, 0.5]))])
def test_the_slope_is_that_of_the_likelihood(link: Share | Sigmoid) -> None:
    random = np.random.default_rng(0)
    tags = random.random((6, 2)) < 0.5
    likelihood = Likelihood.of(tags, random.random((6, 3, 2)))
    x, step = random.uniform(0.2, 0.8, (6, 2)), 1e-6
    for at in np.ndindex(6, 2):
        moved = x.copy()
        moved[at] += step
        rise = (likelihood.value(moved, link) - likelihood.value(x, link)) / step
        assert likelihood.slope(x, link)[at] == pytest.approx(rise, rel=1e-3, abs=1e-6)


def test_the_simplex_is_met_at_its_nearest_point() -> None:
    np.testing.assert_allclose(onto_simplex(np.array([0.6, 0.6, -1.0])), [0.5, 0.5, 0])
    np.testing.assert_allclose(onto_simplex(np.array([5.0, 0.0])), [1, 0])


def dense(method: LabelSpreading) -> np.ndarray:
    return method.graph_.toarray()


def test_label_spreading_is_its_closed_form() -> None:
    made = make(several=True)
    method = LabelSpreading(k=5, alpha=0.8).fit(made.labelled, made.tags, made.task)
    graph = dense(method)
    sources = np.zeros((len(graph), made.tags.shape[1]))
    sources[: len(made.tags)] = made.tags
    expected = 0.2 * np.linalg.solve(np.eye(len(graph)) - 0.8 * graph, sources)
    np.testing.assert_allclose(method.spread_, expected, atol=1e-7)
    np.testing.assert_allclose(graph, graph.T)
    assert np.diag(graph).max() == 0


def test_label_spreading_agrees_with_scikit_learn() -> None:
    """Fed the same weights between photos, scikit-learn's iteration ends at the same shares."""
    made = make()
    method = LabelSpreading(k=5, alpha=0.8).fit(made.labelled, made.tags, made.task)
    n = len(method.values_)
    labels = np.full(n, -1)
    labels[: len(made.tags)] = made.tags.argmax(axis=1)
    # The normalised graph in place of the kernel: its own degrees are 1 after one more normalisation only where they
    # are equal, so the unnormalised weights are rebuilt from the kernel's definition.
    cosines = method.values_ @ method.values_.T
    weights = np.where(dense(method) > 0, np.exp(-(2 - 2 * cosines) / (2 * method.width_)), 0)
    reference = Reference(kernel=lambda first, second: weights, alpha=0.8, max_iter=5000, tol=1e-10)
    shares = reference.fit(method.values_, labels).label_distributions_
    own = method.spread_ / method.spread_.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(own, shares, atol=1e-4)


def test_unlabelled_photos_carry_a_label_along() -> None:
    """A row of photos leads from the first label to the query, which the second label is nearer to by itself."""
    angles = np.radians(np.arange(0, 61, 15))
    chain = np.column_stack([np.cos(angles), np.sin(angles), np.zeros(len(angles))])
    labelled = sample_of(np.array([chain[0], [0.35, 0.6, 1.05]]))
    tags = np.eye(2, dtype=bool)
    query = sample_of(chain[-1:])
    with_chain = LabelSpreading(k=2).fit(labelled, tags, task_for(tags, sample_of(chain[1:])))
    alone = LabelSpreading(k=2).fit(labelled, tags, task_for(tags))
    assert with_chain.predict_scores(query).argmax() == 0
    assert alone.predict_scores(query).argmax() == 1

"""The rows of the program itself are what the program answers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from clustertags.benchmark.method_building_blocks import clustertags_pipeline
from clustertags.benchmark.method_interface import PhotoSample
from clustertags.benchmark.methods.clustertags import (
    ClusterTagsAlone,
    Fused,
    GraphAlone,
    HeadAlone,
    NeighboursAlone,
    WithoutNames,
)
from clustertags.clustering.reduction import reduce_features
from clustertags.clustering.selection import cluster_photos
from clustertags.clustering.settings import ClusteringSettings
from clustertags.names.encoder import sentence_encoder
from clustertags.names.hierarchy import load_hierarchy
from clustertags.neighbours import N_VOTERS, assign, nearest
from clustertags.tagging.fusion import WEIGHTED_COMPONENTS
from clustertags.tagging.model_fit import fit_tag_model
from clustertags.types import Classifier, Features, SeedTags
from tests.benchmark.methods.samples import make


def in_order_of_content(features: Features) -> np.ndarray:
    fitted = clustertags_pipeline._in_order(features, None)
    return fitted[0]


def test_fused_is_the_recipe_of_a_fit_and_of_tag() -> None:
    made = make(several=True)
    assert made.task.unlabelled is not None
    both = Features(
        np.concatenate([made.labelled.features.values, made.task.unlabelled.features.values]),
        np.concatenate([made.labelled.features.norms, made.task.unlabelled.features.norms]),
    )
    order = in_order_of_content(both)
    photos = np.flatnonzero(order < len(made.labelled)).astype(np.int32)
    features = both.take(order)
    seeds = SeedTags(made.task.names, photos, made.tags[order[photos]])
    reduction = reduce_features(features, ClusteringSettings(), seed=0)
    clusters = cluster_photos(reduction, ClusteringSettings(), seed=0, seed_tags=seeds)
    near = nearest(reduction.space, reduction.space, N_VOTERS, exclude_self=True)
    model = fit_tag_model(features, made.task.classifier, near, clusters, seeds, random_state=0)
    new_near = nearest(reduction.space, reduction.projection.project(made.new.features.values), N_VOTERS)
    place = assign(new_near, clusters)
    expected = model.predict(made.new.features, new_near, place).scores
    np.testing.assert_array_equal(Fused().fit(made.labelled, made.tags, made.task).predict_scores(made.new), expected)
    parts = model.component_scores(made.new.features, new_near, place.labels)
    for method, part in ((ClusterTagsAlone, 0), (HeadAlone, 1), (NeighboursAlone, 2), (GraphAlone, 3)):
        alone = method().fit(made.labelled, made.tags, made.task)
        assert WEIGHTED_COMPONENTS[part] == alone.component
        np.testing.assert_array_equal(alone.predict_scores(made.new), parts[part])


def test_names_are_read_but_where_a_row_says_otherwise() -> None:
    made = make(several=True)
    classes = np.arange(made.tags.shape[1]) * 37 + 8
    weight = np.zeros((1000, made.labelled.features.values.shape[1]), np.float32)
    for tag, row in enumerate(classes):  # a network that knows the tags, which are called as its classes are
        weight[row] = 8 * made.labelled.features.values[made.tags[:, tag]].mean(axis=0)
    names = tuple(load_hierarchy().lemmas[row] for row in classes)
    unnamed = replace(made.task, names=names, classifier=Classifier(weight, np.zeros(1000, np.float32)))
    named = replace(unnamed, encoder=sentence_encoder())
    blind = Fused().fit(made.labelled, made.tags, unnamed).predict_scores(made.new)
    reading = Fused().fit(made.labelled, made.tags, named)
    assert reading.fitted_ is not None
    assert reading.fitted_.model.name_prior is not None
    assert reading.fitted_.model.name_prior.weight > 0
    assert np.abs(reading.predict_scores(made.new) - blind).max() > 1e-4
    turned = replace(named, names=names[::-1])
    assert Fused().fit(made.labelled, made.tags, turned).fitted_.model is not reading.fitted_.model
    np.testing.assert_array_equal(WithoutNames().fit(made.labelled, made.tags, named).predict_scores(made.new), blind)


def test_rows_and_draws_of_the_same_photos_share_one_layout() -> None:
    """Which photos are labelled changes neither the layout nor, where tags do not decide the level, the clusters."""
    made = make(n_labelled=20, n_unlabelled=20)
    assert made.task.unlabelled is not None
    unlabelled = made.task.unlabelled
    first = Fused().fit(made.labelled, made.tags, made.task)
    head = HeadAlone().fit(made.labelled, made.tags, made.task)
    assert first.fitted_ is not None
    assert head.fitted_ is not None
    assert head.fitted_.model is first.fitted_.model
    assert head.reused_seconds_ > 0
    swapped = Fused().fit(
        PhotoSample(unlabelled.features), made.tags, replace(made.task, unlabelled=PhotoSample(made.labelled.features))
    )
    assert swapped.fitted_ is not None
    assert swapped.fitted_.reduction is first.fitted_.reduction
    assert swapped.fitted_.model is not first.fitted_.model


def test_another_seed_of_the_layout_or_other_photos_are_another_layout() -> None:
    made = make(n_labelled=20, n_unlabelled=20)
    first = Fused().fit(made.labelled, made.tags, made.task).fitted_
    seeded = Fused(layout_random_state=1).fit(made.labelled, made.tags, made.task).fitted_
    fewer = Fused().fit(made.labelled, made.tags, replace(made.task, unlabelled=None)).fitted_
    assert first is not None
    assert seeded is not None
    assert fewer is not None
    assert seeded.reduction is not first.reduction
    assert len(fewer.reduction.space) == 20

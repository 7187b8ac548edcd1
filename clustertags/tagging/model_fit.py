"""Fitting the tag model: its components, then fusion, calibration and thresholds on their leave-one-out scores."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from clustertags.names.name_prior import TagNames, fit_name_prior
from clustertags.tagging.calibration import Calibration, fit_calibration
from clustertags.tagging.cluster_tags import count_cluster_tags, leave_one_out_shares
from clustertags.tagging.fusion import COMPONENTS, Fusion, default_weights, fit_fusion
from clustertags.tagging.head import fit_head
from clustertags.tagging.known import fit_known
from clustertags.tagging.label_spreading import spread_tags
from clustertags.tagging.labelled_neighbours import leave_one_out_votes
from clustertags.tagging.labelled_twins import without_twins
from clustertags.tagging.model import TagModel, expected_from_names
from clustertags.tagging.novelty import fit_novelty
from clustertags.tagging.partial_labels import expected_labels
from clustertags.tagging.representation import fit_representation, unit_rows
from clustertags.tagging.thresholds import PRECISIONS, threshold_table
from clustertags.types import (
    Bool,
    Classifier,
    Clusters,
    Features,
    Float64,
    Int32,
    Neighbours,
    Progress,
    SeedTags,
    no_progress,
)

SAMPLE_PHOTOS = 1000
TESTED_PHOTOS = 400
LIKELY = 0.5
"""An unknown label of this probability is not evaluated by the fusion; a less likely one ranks below those given."""
_STAGE = "Fitting tags"


def fit_tag_model(
    features: Features,
    classifier: Classifier | None,
    neighbours: Neighbours,
    clusters: Clusters,
    seed_tags: SeedTags,
    *,
    tag_names: TagNames | None = None,
    uninformative: Bool | None = None,
    all_known: bool = False,
    random_state: int = 0,
    progress: Progress = no_progress,
) -> TagModel:
    """Fit the components on the seed tags, then weights and calibration on leave-one-out scores.

    `features` are of all fitted photos; `neighbours` each one's nearest others in the PCA space; `seed_tags` of at
    least one photo; `tag_names` of their vocabulary, unused without a `classifier`; `uninformative`: see `TagModel`.
    With `all_known`, every photo shows one of the tags, and scores are given that. `random_state` seeds the samples for
    scales and leave-one-out scores.
    """
    random = np.random.default_rng(random_state)
    photos, matrix = seed_tags.photos, seed_tags.matrix
    labels = clusters.labels[photos]
    progress(_STAGE, 0, 3)
    representation = fit_representation(features, classifier, random_state=random_state)
    labelled = representation.feature_blocks(features.take(photos), neighbours.take(photos))
    distinct = without_twins(features, neighbours, seed_tags)
    tested = np.sort(random.permutation(np.flatnonzero(distinct))[:TESTED_PHOTOS])
    sample = _sample(len(features), photos, random)
    names = None
    if tag_names is not None and classifier is not None:
        sampled = representation.class_probabilities(features.take(sample))
        images = {"sample_images": features.values[sample], "labelled_images": features.values[photos]}
        names = fit_name_prior(tag_names, sampled, labelled.class_probabilities, matrix, **images)
    expected = expected_from_names(names, labelled.class_probabilities, matrix.shape[1], features.values[photos])
    stated = seed_tags.stated
    unknown = None if stated is None else expected_labels(labelled, seed_tags, stated, expected)
    targets: Bool | Float64 = matrix if unknown is None else unknown
    head = fit_head(labelled, targets, expected)
    progress(_STAGE, 1, 3)
    spreading = spread_tags(neighbours, photos, targets, tested)
    counted = count_cluster_tags(labels, clusters.n_clusters, matrix, unknown)
    progress(_STAGE, 2, 3)
    loo_scores = np.stack(
        [
            leave_one_out_shares(labels, targets, counted)[tested],
            head.loo_scores[tested],
            leave_one_out_votes(labelled.codes, targets)[tested],
            spreading.loo_shares,
            (expected * head.head.scale)[tested],
        ]
    )
    codes = unit_rows(representation.codes.astype(np.float64))
    # Fusion, calibration and thresholds are fitted on its scores of a sample, and replaced below.
    model = TagModel(
        representation=representation,
        name_prior=names,
        head=head.head,
        spread=spreading.spread,
        clusters=counted,
        photos=photos,
        matrix=matrix,
        fusion=Fusion(np.zeros(len(COMPONENTS)), np.ones(len(COMPONENTS)), np.ones(len(COMPONENTS))),
        calibration=Calibration(1.0, 0.0, 0.0),
        novelty=fit_novelty(neighbours),
        table=np.zeros((0, 0), np.float32),
        known=None if all_known else fit_known(neighbours, codes, clusters, seed_tags, distinct),
        uninformative=uninformative if uninformative is not None and uninformative.any() else None,
        expected_labels=unknown,
    )
    sample_scores = model.component_scores(features.take(sample), neighbours.take(sample), clusters.labels[sample])
    fitted = _with_fusion(model, sample_scores, loo_scores, tested, neighbours.take(sample))
    progress(_STAGE, 3, 3)
    return fitted


def _with_fusion(
    model: TagModel, sample: Float64, loo_scores: Float64, tested: NDArray[np.intp], sample_neighbours: Neighbours
) -> TagModel:
    """The model with its fusion, calibration and thresholds fitted; scores are (n_components, n, n_tags), the
    leave-one-out ones of the rows `tested` of the labelled photos.
    """
    counts = model.matrix.sum(axis=0)
    targets = model.matrix[tested].astype(np.float64)
    targets[(targets == 1) & (counts < 2)] = np.nan  # a tag with one example has no leave-one-out evidence
    stated, expected = model.stated[tested], model.labels[tested]
    ranked = np.where(stated, targets, np.where(expected < LIKELY, 0.0, np.nan))
    targets = np.where(stated, targets, expected)
    tags_per_photo = float(model.labels.sum(axis=1).mean())
    n_labelled = len(model.photos)
    weights = default_weights((len(model.representation.codes) - n_labelled) / n_labelled, tags_per_photo)
    fusion = fit_fusion(sample, loo_scores, ranked, weights)
    fused, unlabelled = fusion.contributions(loo_scores).sum(axis=0), fusion.contributions(sample).sum(axis=0)
    trust = 1.0 if model.known is None else model.known.trust
    calibration = fit_calibration(fused, targets, tags_per_photo, trust=trust, scale=fusion.total_weight)
    weighed = replace(model, fusion=fusion, calibration=calibration)
    table = threshold_table(weighed.probabilities(unlabelled, sample_neighbours))
    if model.uninformative is not None:  # such a score is the expected precision of the tag itself
        table[:, model.uninformative] = PRECISIONS[:, None]
    return replace(weighed, table=table)


def _sample(n: int, photos: Int32, random: np.random.Generator) -> NDArray[np.intp]:
    """Fitted photos to estimate scales on: unlabelled ones, or any where these are too few."""
    unlabelled = np.setdiff1d(np.arange(n), photos)
    drawn = unlabelled if len(unlabelled) >= 20 else np.arange(n)
    return np.sort(random.permutation(drawn)[:SAMPLE_PHOTOS])

"""Cross-validation on the labelled photos of a library: out-of-fold predictions of the tag model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from clustertags.errors import NotFittedError
from clustertags.evaluation.folds import make_folds, near_duplicate_groups
from clustertags.evaluation.predictions import CROSS_VALIDATION, Predictions, demoted_note
from clustertags.labels.rules import ancestor_columns, raise_parents
from clustertags.library.library_features import LibraryFeatures
from clustertags.names.encoder import sentence_encoder
from clustertags.names.tag_names import encode_vocabulary
from clustertags.neighbours import N_VOTERS, nearest
from clustertags.tagging.model import TagModel, fit_tag_model
from clustertags.types import (
    Assignment,
    Neighbours,
    Progress,
    SeedTags,
    no_progress,
)

N_FOLDS = 5

_TRANSDUCTIVE = (
    "Only the tag model was refitted for each fold: the clusters and the layout were computed from all photos of the "
    "library, the held-out ones among them, without their tags; where tags helped to choose how fine the clusters are, "
    "the held-out tags were among them."
)


def cross_validate(
    labelled: LibraryFeatures,
    precisions: Sequence[float],
    *,
    n_folds: int = N_FOLDS,
    random_state: int = 0,
    progress: Progress = no_progress,
) -> Predictions:
    """Predict every labelled photo by a tag model fitted without it and without its near-duplicates.

    Raises `NotFittedError` where no photo is labelled, `PhotosError` where there are too few for two folds.
    """
    seed_tags = labelled.library.seeds
    if not seed_tags.n_labelled:
        raise NotFittedError("no photo of the library is labelled: fit with --tags, or give true tags with --tags here")
    groups = near_duplicate_groups(labelled.features.values[seed_tags.photos])
    folds = make_folds(groups, n_folds, random_state)
    n_used = int(folds.max()) + 1
    space = labelled.library.space
    neighbours = nearest(space, space, N_VOTERS, exclude_self=True)
    scores = np.zeros(seed_tags.matrix.shape, np.float32)
    abstained = np.zeros(seed_tags.n_labelled, bool)
    thresholds = np.full((len(precisions), n_used, len(seed_tags.vocabulary)), np.inf, np.float32)
    n_unlearnable = 0
    for fold in range(n_used):
        progress("Cross-validating tags", fold, n_used)
        held_out = folds == fold
        known = np.flatnonzero(seed_tags.matrix[~held_out].any(axis=0))
        model = _fit_without(labelled, neighbours, held_out, known, random_state)
        photos = seed_tags.photos[held_out]
        clusters = labelled.library.clusters
        near = neighbours.take(photos)
        place = Assignment(clusters.labels[photos], clusters.probabilities[photos])
        predictions = model.predict(labelled.features.take(photos), near, place)
        scores[np.ix_(held_out, known)] = predictions.scores
        abstained[held_out] = predictions.abstained
        for at, precision in enumerate(precisions):
            thresholds[at, fold, known] = model.thresholds(precision)
        n_unlearnable += int(seed_tags.matrix[held_out].sum() - seed_tags.matrix[np.ix_(held_out, known)].sum())
    progress("Cross-validating tags", n_used, n_used)
    notes = _notes(groups, n_used, n_unlearnable, int(seed_tags.matrix.sum()))
    return Predictions(
        CROSS_VALIDATION,
        seed_tags.vocabulary,
        seed_tags.matrix,
        raise_parents(scores, ancestor_columns(seed_tags.vocabulary, labelled.library.rules)),
        abstained,
        folds.astype(np.int32),
        tuple(precisions),
        thresholds,
        (*notes, *demoted_note(labelled.library.demoted)),
        demoted=tuple(labelled.library.demoted),
    )


def _fit_without(
    labelled: LibraryFeatures,
    neighbours: Neighbours,
    held_out: NDArray[np.bool_],
    known: NDArray[np.intp],
    random_state: int,
) -> TagModel:
    """The tag model of the other labelled photos and their tags."""
    seed_tags = labelled.library.seeds
    vocabulary = tuple(seed_tags.vocabulary[tag] for tag in known)
    training = SeedTags(vocabulary, seed_tags.photos[~held_out], seed_tags.matrix[~held_out][:, known])
    clusters = labelled.library.clusters
    read = labelled.library.name_vectors()
    named = encode_vocabulary(vocabulary, labelled.classifier, sentence_encoder(), known=read)
    return fit_tag_model(
        labelled.features,
        labelled.classifier,
        neighbours,
        clusters,
        training,
        tag_names=named,
        all_known=True,
        random_state=random_state,
    )


def _notes(groups: NDArray[np.intp], n_folds: int, n_unlearnable: int, n_true: int) -> tuple[str, ...]:
    n, n_groups = len(groups), len(np.unique(groups))
    notes = [f"Cross-validation over the library's {n:,} labelled photos in {n_folds} folds.", _TRANSDUCTIVE]
    if n_groups < n:
        notes.append(f"Near-duplicates were kept in one fold: the {n:,} photos form {n_groups:,} groups.")
    if n_unlearnable:
        share = f"{n_unlearnable:,} of {n_true:,}"
        notes.append(f"{share} true tags could not be learnt: no photo outside their fold has them.")
    return tuple(notes)

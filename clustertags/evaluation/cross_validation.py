"""Cross-validation on the labelled photos of a library: refit the tag model without some, ask it for those."""

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
    "Only the tag model was fitted anew for each fold: the clusters and the layout had seen the photos held out, "
    "without their tags, as they have seen every photo of the library; where tags helped to choose how fine the "
    "clusters are, the tags held out were among them."
)


def cross_validate(
    labelled: LibraryFeatures,
    precisions: Sequence[float],
    *,
    n_folds: int = N_FOLDS,
    seed: int = 0,
    progress: Progress = no_progress,
) -> Predictions:
    """Predict every labelled photo by a tag model that was fitted without it and without its near-duplicates.

    Raises `NotFittedError` where no photo is labelled, `PhotosError` where there are too few to hold any out.
    """
    seeds = labelled.library.seeds
    if not seeds.n_labelled:
        raise NotFittedError("no photo of the library is labelled: fit with --tags, or give a truth with --tags here")
    groups = near_duplicate_groups(labelled.features.values[seeds.photos])
    folds = make_folds(groups, n_folds, seed)
    used = int(folds.max()) + 1
    space = labelled.library.space
    neighbours = nearest(space, space, N_VOTERS, exclude_self=True)
    scores = np.zeros(seeds.matrix.shape, np.float32)
    abstained = np.zeros(seeds.n_labelled, bool)
    thresholds = np.full((len(precisions), used, len(seeds.vocabulary)), np.inf, np.float32)
    n_untaught = 0
    for fold in range(used):
        progress("Cross-validating tags", fold, used)
        out = folds == fold
        known = np.flatnonzero(seeds.matrix[~out].any(axis=0))
        model = _fit_without(labelled, neighbours, out, known, seed)
        photos = seeds.photos[out]
        clusters = labelled.library.clusters
        near = neighbours.take(photos)
        place = Assignment(clusters.labels[photos], clusters.probabilities[photos])
        answers = model.predict(labelled.features.take(photos), near, place)
        scores[np.ix_(out, known)] = answers.scores
        abstained[out] = answers.abstained
        for at, precision in enumerate(precisions):
            thresholds[at, fold, known] = model.thresholds(precision)
        n_untaught += int(seeds.matrix[out].sum() - seeds.matrix[np.ix_(out, known)].sum())
    progress("Cross-validating tags", used, used)
    notes = _notes(groups, used, n_untaught, int(seeds.matrix.sum()))
    return Predictions(
        CROSS_VALIDATION,
        seeds.vocabulary,
        seeds.matrix,
        raise_parents(scores, ancestor_columns(seeds.vocabulary, labelled.library.rules)),
        abstained,
        folds.astype(np.int32),
        tuple(precisions),
        thresholds,
        (*notes, *demoted_note(labelled.library.demoted)),
        demoted=tuple(labelled.library.demoted),
    )


def _fit_without(
    labelled: LibraryFeatures, neighbours: Neighbours, out: NDArray[np.bool_], known: NDArray[np.intp], seed: int
) -> TagModel:
    """The tag model of the other labelled photos, for the tags that they carry."""
    seeds = labelled.library.seeds
    vocabulary = tuple(seeds.vocabulary[tag] for tag in known)
    rest = SeedTags(vocabulary, seeds.photos[~out], seeds.matrix[~out][:, known])
    clusters = labelled.library.clusters
    read = labelled.library.name_vectors()
    named = encode_vocabulary(vocabulary, labelled.classifier, sentence_encoder(), known=read)
    return fit_tag_model(
        labelled.features, labelled.classifier, neighbours, clusters, rest, tag_names=named, random_state=seed
    )


def _notes(groups: NDArray[np.intp], n_folds: int, n_untaught: int, n_true: int) -> tuple[str, ...]:
    n, n_groups = len(groups), len(np.unique(groups))
    notes = [f"Cross-validation over the library's {n:,} labelled photos in {n_folds} folds.", _TRANSDUCTIVE]
    if n_groups < n:
        notes.append(f"Near-duplicates were kept in one fold: the {n:,} photos are {n_groups:,} different ones.")
    if n_untaught:
        share = f"{n_untaught:,} of {n_true:,}"
        notes.append(f"{share} true tags could not be learnt: no photo outside their fold carries them.")
    return tuple(notes)

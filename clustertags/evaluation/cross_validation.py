"""Cross-validation on the labelled photos of a library: out-of-fold predictions of the tag model."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from clustertags.errors import NotFittedError
from clustertags.evaluation.folds import make_folds
from clustertags.evaluation.predictions import CROSS_VALIDATION, GIVEN_KNOWN, Predictions, demoted_note
from clustertags.evaluation.refitting import Refitting
from clustertags.library.library_features import LibraryFeatures
from clustertags.near_duplicates.by_features import near_duplicate_groups
from clustertags.support.counts import plural
from clustertags.types import Int32, Progress, no_progress

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
    """Predict every photo that is labelled in full by a tag model fitted without it and without its near-duplicates.

    Raises `NotFittedError` where no photo is labelled in full, `PhotosError` where too few are labelled for two folds.
    """
    seed_tags = labelled.library.seeds
    if not seed_tags.n_labelled:
        raise NotFittedError("no photo of the library is labelled: fit with --tags, or give true tags with --tags here")
    if not seed_tags.in_full.any():
        raise NotFittedError(
            "every labelled photo is labelled in part, so that no prediction is known to be wrong: say of some photos "
            "that these are all their tags, or give true tags with --tags here"
        )
    groups, folds = labelled_folds(labelled, n_folds, random_state)
    n_used, scored = int(folds.max()) + 1, seed_tags.in_full
    refitting = Refitting.of(labelled, random_state)
    scores = np.zeros(seed_tags.matrix.shape, np.float32)
    abstained = np.zeros(seed_tags.n_labelled, bool)
    thresholds = np.full((len(precisions), n_used, len(seed_tags.vocabulary)), np.inf, np.float32)
    n_unlearnable = 0
    for fold in range(n_used):
        progress("Cross-validating tags", fold, n_used)
        held_out = (folds == fold) & scored
        model, known = refitting.fit(seed_tags.matrix & (folds != fold)[:, None], all_known=True)
        predictions = refitting.predict(model, seed_tags.photos[held_out])
        scores[np.ix_(held_out, known)] = predictions.scores
        abstained[held_out] = predictions.abstained
        for at, precision in enumerate(precisions):
            thresholds[at, fold, known] = model.thresholds(precision)
        n_unlearnable += int(seed_tags.matrix[held_out].sum() - seed_tags.matrix[np.ix_(held_out, known)].sum())
    progress("Cross-validating tags", n_used, n_used)
    notes = _notes(groups, n_used, n_unlearnable, int(seed_tags.matrix[scored].sum()), int((~scored).sum()))
    return Predictions(
        CROSS_VALIDATION,
        seed_tags.vocabulary,
        seed_tags.matrix[scored],
        refitting.raise_parents(scores, np.arange(len(seed_tags.vocabulary)))[scored],
        abstained[scored],
        folds[scored],
        tuple(precisions),
        thresholds,
        (*notes, *demoted_note(labelled.library.demoted)),
        condition=GIVEN_KNOWN,
    )


def labelled_folds(labelled: LibraryFeatures, n_folds: int, random_state: int) -> tuple[NDArray[np.intp], Int32]:
    """The group of near-duplicates and the fold of each labelled photo, (n_labelled,) both."""
    groups = near_duplicate_groups(labelled.features.values[labelled.library.seeds.photos])
    return groups, make_folds(groups, n_folds, random_state).astype(np.int32)


def _notes(groups: NDArray[np.intp], n_folds: int, n_unlearnable: int, n_true: int, n_partial: int) -> tuple[str, ...]:
    n, n_groups = len(groups), len(np.unique(groups))
    notes = [f"Cross-validation over the library's {n:,} labelled photos in {n_folds} folds.", _TRANSDUCTIVE]
    if n_partial:
        who = plural(n_partial, "photo is", "photos are")
        notes.append(f"{who} labelled in part and not scored: whether another tag would be wrong is not known.")
    if n_groups < n:
        notes.append(f"Near-duplicates were kept in one fold: the {n:,} photos form {n_groups:,} groups.")
    if n_unlearnable:
        share = f"{n_unlearnable:,} of {n_true:,}"
        notes.append(f"{share} true tags could not be learnt: no photo outside their fold has them.")
    return tuple(notes)

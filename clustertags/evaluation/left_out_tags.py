"""Best tags of photos of known and of unknown kinds, from the labelled photos alone: tags are left out in turn.

In each of a few fits a group of tags and a fold of photos lose their labels. Photos whose tags the fit does not know
stand for photos of an unknown kind; photos of the fold with a tag that it knows are of a known kind. Both are scored as
any other photo of the library.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from clustertags.evaluation.predictions import BestTags
from clustertags.evaluation.refitting import Refitting
from clustertags.library.library_features import LibraryFeatures
from clustertags.support.counts import plural
from clustertags.tagging.top_tags import ranked
from clustertags.types import Bool, Int32, Progress, no_progress

MIN_PHOTOS = 5
"""Photos of each kind below which there are no figures: an interval would cover nearly everything."""


def leave_tags_out(
    labelled: LibraryFeatures, folds: Int32, *, random_state: int = 0, progress: Progress = no_progress
) -> BestTags:
    """The best tags of the photos labelled in full as photos of a known and of an unknown kind, at most once each.

    `folds`: (n_labelled,) int32, the fold of each photo, near-duplicates in one. Fit f leaves out the photos of fold f
    and the tags of a group, each tag at least once; that takes as long as a cross-validation. With fewer than two tags
    or too few photos there are no rows, and the reason.
    """
    seed_tags = labelled.library.seeds
    n_fits, n_tags = int(folds.max()) + 1, len(seed_tags.vocabulary)
    if n_tags < 2:
        return BestTags.none(f"the library has {plural(n_tags, 'tag')}, and one must be left when another is left out")
    groups = group_tags(seed_tags.matrix, min(n_fits, n_tags), random_state)
    n_groups = int(groups.max()) + 1
    refitting = Refitting.of(labelled, random_state)
    scores = np.full((2, seed_tags.n_labelled), np.nan, np.float32)
    correct, models = np.zeros(scores.shape, bool), np.zeros(scores.shape, np.int32)
    shares = []
    for fit in range(n_fits):
        progress("Leaving out tags", fit, n_fits)
        left = seed_tags.matrix & np.outer(folds != fit, groups != fit % n_groups)
        if not left.any():
            continue
        model, columns = refitting.fit(left, all_known=False)
        is_known = np.asarray(seed_tags.matrix[:, columns].any(axis=1))
        rows = np.flatnonzero((~is_known | (folds == fit)) & seed_tags.in_full)
        predicted = refitting.predict(model, seed_tags.photos[rows])
        raised = refitting.raise_parents(predicted.scores, columns)
        best = ranked(raised)[:, 0]
        kind = is_known[rows].astype(np.intp)
        scores[kind, rows] = np.where(predicted.abstained, 0, raised[np.arange(len(rows)), best])
        correct[kind, rows] = seed_tags.matrix[rows, columns[best]]
        models[kind, rows] = fit
        shares.append(model.known.share if model.known else 1.0)
    progress("Leaving out tags", n_fits, n_fits)
    scored = ~np.isnan(scores)
    n_unknown, n_known = scored.sum(axis=1).tolist()
    if min(n_unknown, n_known) < MIN_PHOTOS:
        counts = f"{plural(n_known, 'photo')} of known and {n_unknown:,} of unknown kinds"
        return BestTags.none(f"leaving tags out in turn gives {counts}, and {MIN_PHOTOS} of each are needed: tag more")
    kind, photo = np.nonzero(scored)
    rarest = np.where(seed_tags.matrix, seed_tags.matrix.sum(axis=0), np.inf).argmin(axis=1).astype(np.int32)
    return BestTags(
        scores[scored],
        correct[scored],
        kind == 1,
        rarest[photo],
        models[scored],
        float(np.mean(shares)),
        how=f"{plural(n_tags, 'tag')} left out in turn, in {n_groups} groups: photos that lose all of their tags stand "
        "for unknown kinds, held-out photos with a tag left for known kinds.",
    )


def group_tags(matrix: Bool, n_groups: int, random_state: int) -> NDArray[np.intp]:
    """(n_tags,) the group of each tag, from 0 up, at most `n_groups` groups of n_tags / n_groups tags, rounded up.

    Tags that go together more often than by chance are in one group, as only photos that lose all of their tags are of
    an unknown kind; otherwise a tag joins the group with the fewest labels. `matrix`: (n_labelled, n_tags) bool.
    """
    n_photos, n_tags = matrix.shape
    counts = np.maximum(matrix.sum(axis=0), 1).astype(np.float64)
    expected = np.outer(counts, counts)
    association = (matrix.T.astype(np.float64) @ matrix - expected / n_photos) / np.sqrt(expected)
    shuffled = np.random.default_rng(random_state).permutation(n_tags)
    members: list[list[int]] = [[] for _ in range(n_groups)]
    for tag in shuffled[np.argsort(-counts[shuffled], kind="stable")].tolist():

        def preference(own: list[int], tag: int = tag) -> tuple[float, float]:
            return -max(float(association[tag, own].mean()), 0.0) if own else 0.0, float(counts[own].sum())

        min((own for own in members if len(own) < -(-n_tags // n_groups)), key=preference).append(tag)
    groups = np.empty(n_tags, np.intp)
    for group, own in enumerate(filter(None, members)):
        groups[own] = group
    return groups

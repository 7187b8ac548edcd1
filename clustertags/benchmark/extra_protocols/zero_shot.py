"""Zero-shot and generalised zero-shot evaluation: prediction of tags without training photos.

Tags are split into seen and unseen ones. Photos without an unseen tag are split into training photos and test photos
of the seen tags; photos with an unseen tag are test photos only. Every tag of a test photo is a query of its own: the
photo's other tags, which are correct too, are removed from the ranking, and the prediction is correct where the queried
tag is ranked first. So a photo of one tag counts as in the literature, and photos of several tags can be used.

The scores are those of Xian et al. 2017 ("Zero-shot learning: the good, the bad and the ugly"): means over tags of the
share of queries predicted correctly. `zero_shot` ranks the unseen tags alone; S and U rank all tags, for queries of
seen and of unseen tags; H = 2US / (U + S).
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from clustertags.benchmark.method_interface import PhotoSample, Task, ZeroShotMethod
from clustertags.errors import UsageError
from clustertags.types import Bool, freeze

UNSEEN_SHARE = 0.3
TEST_SHARE = 0.3
MIN_PHOTOS = 2


@dataclass(frozen=True, slots=True)
class ZeroShotSplit:
    """`seen`, `unseen`: columns of the tags; `train`, `test_seen`, `test_unseen`: rows of the photos, all ascending."""

    seen: NDArray[np.intp]
    unseen: NDArray[np.intp]
    train: NDArray[np.intp]
    test_seen: NDArray[np.intp]
    test_unseen: NDArray[np.intp]

    def __post_init__(self) -> None:
        freeze(self)


@dataclass(frozen=True, slots=True)
class ZeroShotScores:
    """A method on one split: class-mean top-1 in 0..1, `zero_shot` over unseen tags alone, the rest over all tags.

    `fit_seconds` and `predict_seconds` are of wall time.
    """

    method: str
    title: str
    zero_shot: float
    unseen: float
    seen: float
    fit_seconds: float
    predict_seconds: float

    @property
    def harmonic(self) -> float:
        total = self.seen + self.unseen
        return 2 * self.seen * self.unseen / total if total else 0.0


def split_tags(
    tags: Bool, random_state: int, unseen_share: float = UNSEEN_SHARE, labels_a_tag: int | None = None
) -> ZeroShotSplit:
    """Split photos by their (n, n_tags) tags; `labels_a_tag`: the most training photos of a seen tag.

    Tags of fewer than `MIN_PHOTOS` photos are excluded, and so are seen tags whose photos all have an unseen tag.
    Raises `UsageError` where fewer than 2 tags are left on either side.
    """
    generator = np.random.default_rng(random_state)
    usable = np.flatnonzero(tags.sum(axis=0) >= MIN_PHOTOS)
    shuffled = generator.permutation(usable)
    n_unseen = max(2, round(unseen_share * len(usable)))
    unseen, seen = np.sort(shuffled[:n_unseen]), np.sort(shuffled[n_unseen:])
    has_unseen = tags[:, unseen].any(axis=1)
    free = generator.permutation(np.flatnonzero(~has_unseen & tags[:, seen].any(axis=1)))
    n_test = round(TEST_SHARE * len(free))
    train = free[n_test:] if labels_a_tag is None else few_a_tag(tags[:, seen], free[n_test:], labels_a_tag)
    seen = seen[tags[train][:, seen].any(axis=0)]
    if len(unseen) < 2 or len(seen) < 2:
        raise UsageError("zero-shot scores need at least 2 tags with photos to learn from and 2 without: label more")
    return ZeroShotSplit(seen, unseen, np.sort(train), np.sort(free[:n_test]), np.flatnonzero(has_unseen))


def score_zero_shot(
    method: ZeroShotMethod, photos: PhotoSample, tags: Bool, split: ZeroShotSplit, task: Task
) -> ZeroShotScores:
    """Fit on the split's training photos and predict the others.

    `photos`: all n of them; `tags`: (n, len(task.names)). `fit` gets the names of the seen tags only.
    """
    started = time.perf_counter()
    seen = tuple(task.names[at] for at in split.seen)
    unseen = tuple(task.names[at] for at in split.unseen)
    method.fit(take(photos, split.train), tags[split.train][:, split.seen], replace(task, names=seen))
    fitted = time.perf_counter()
    unseen_scores = method.predict_candidates(take(photos, split.test_unseen), unseen)
    tested = np.concatenate([split.test_unseen, split.test_seen])
    scores = method.predict_candidates(take(photos, tested), (*seen, *unseen))
    finished = time.perf_counter()
    both = np.concatenate([split.seen, split.unseen])
    truth, n = tags[tested][:, both], len(split.test_unseen)
    is_unseen = np.arange(len(both)) >= len(seen)
    return ZeroShotScores(
        method.name,
        method.title,
        top_one(unseen_scores, tags[split.test_unseen][:, split.unseen]),
        top_one(scores[:n], truth[:n], is_unseen),
        top_one(scores[n:], truth[n:], ~is_unseen),
        fitted - started,
        finished - fitted,
    )


def top_one(scores: NDArray[np.floating], truth: Bool, queried: Bool | None = None) -> float:
    """Class-mean top-1 of (n, n_tags) scores over the queried tags that photos have; 0 where there are none.

    Ties go to the first column.
    """
    if scores.shape != truth.shape:
        raise ValueError("one score a photo and tag")
    if not np.isfinite(scores).all():
        raise ValueError("scores must be finite")
    shares = []
    for column in np.flatnonzero(truth.any(axis=0) if queried is None else truth.any(axis=0) & queried):
        rows = np.flatnonzero(truth[:, column])
        others = truth[rows].copy()
        others[:, column] = False
        ranked = np.where(others, -np.inf, scores[rows])
        shares.append(float((ranked.argmax(axis=1) == column).mean()))
    return float(np.mean(shares)) if shares else 0.0


def take(photos: PhotoSample, rows: NDArray[np.intp]) -> PhotoSample:
    """The photos of these rows, without their pictures, which no zero-shot method uses."""
    return PhotoSample(
        photos.features.take(rows),
        None if photos.outputs is None else photos.outputs[rows],
        None,
        None if photos.users is None else photos.users[rows],
    )


def few_a_tag(tags: Bool, photos: NDArray[np.intp], most: int) -> NDArray[np.intp]:
    """Photos in order, while one of their tags has fewer than `most`."""
    counts = np.zeros(tags.shape[1], np.intp)
    kept = []
    for photo in photos.tolist():
        if (counts[tags[photo]] < most).any():
            kept.append(photo)
            counts += tags[photo]
    return np.array(kept, np.intp)

"""A labelled set without photos, and three small methods to run on it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import ClassVar, Self

import numpy as np

from clustertags.benchmark.datasets.labelled_set import LabelledSet
from clustertags.benchmark.datasets.lazy_pictures import FolderPictures
from clustertags.benchmark.datasets.splits import Split, SplitSettings, make_split
from clustertags.benchmark.method_interface import Family, Need, PhotoSample, Task
from clustertags.errors import WeightsError
from clustertags.types import Bool, Features


def made_set(n_tags: int = 4, n_each: int = 12, *, several: bool = False, names: tuple[str, ...] = ()) -> LabelledSet:
    """Photos around one point a tag; with `several`, every third photo carries the next tag as well."""
    rng = np.random.default_rng(0)
    kinds = np.tile(np.arange(n_tags), n_each)
    n = len(kinds)
    values = np.eye(n_tags, 16)[kinds] + rng.normal(0, 0.35, (n, 16))
    values /= np.linalg.norm(values, axis=1, keepdims=True)
    tags = np.eye(n_tags, dtype=bool)[kinds]
    if several:
        tags[::3] |= np.roll(tags[::3], 1, axis=1)
    return LabelledSet(
        "made",
        names or tuple(f"tag{at}" for at in range(n_tags)),
        tags,
        tuple(f"{at:064x}" for at in range(n)),
        Features(values.astype(np.float32), np.ones(n, np.float32)),
        FolderPictures(tuple(Path(f"missing-{at}.jpg") for at in range(n)), tuple(map(str, range(n)))),
        None,
        "made-network",
    )


def small_split(labelled: LabelledSet) -> Split:
    return make_split(labelled, SplitSettings(budgets=(1, 2), n_draws=2))


class _Row:
    family: ClassVar[Family] = Family.BASELINE
    needs: ClassVar[tuple[Need, ...]] = (Need.LABELS,)
    paper: ClassVar[str] = "made for a test"


class Means(_Row):
    """The cosine to the mean of a tag's labelled photos, as a row called ours."""

    name: ClassVar[str] = "clustertags"
    title: ClassVar[str] = "Class means"
    family: ClassVar[Family] = Family.CLUSTERTAGS

    def fit(self, photos: PhotoSample, tags: Bool, task: Task) -> Self:
        self.means_ = np.stack([photos.features.values[column].sum(axis=0) for column in tags.T])
        return self

    def predict_scores(self, photos: PhotoSample) -> np.ndarray:
        return photos.features.values @ self.means_.T


class Frequent(_Row):
    """The frequency of each tag, in 0..1."""

    name: ClassVar[str] = "frequent"
    title: ClassVar[str] = "Frequency"

    def fit(self, photos: PhotoSample, tags: Bool, task: Task) -> Self:
        self.shares_ = tags.mean(axis=0)
        return self

    def predict_scores(self, photos: PhotoSample) -> np.ndarray:
        return np.tile(self.shares_, (len(photos), 1))


class Lacking(_Row):
    """Lacks its weights, as long as the environment says so."""

    name: ClassVar[str] = "lacking"
    title: ClassVar[str] = "<script>alert(1)</script>"
    needs: ClassVar[tuple[Need, ...]] = (Need.WEIGHTS,)

    def fit(self, photos: PhotoSample, tags: Bool, task: Task) -> Self:
        raise WeightsError("the weights of lacking are not here: <b>get them</b>")

    def predict_scores(self, photos: PhotoSample) -> np.ndarray:
        raise AssertionError


class Dying(Frequent):
    """Takes its process with it at the first draw of the larger budget."""

    name: ClassVar[str] = "dying"

    def fit(self, photos: PhotoSample, tags: Bool, task: Task) -> Self:
        if task.random_state == 0 and len(photos) > 4:
            os._exit(7)
        return super().fit(photos, tags, task)


class Unsound(Frequent):
    """Answers what is no number."""

    name: ClassVar[str] = "unsound"

    def predict_scores(self, photos: PhotoSample) -> np.ndarray:
        return np.full((len(photos), len(self.shares_)), np.nan)


class Personal(Frequent):
    """Wants users."""

    name: ClassVar[str] = "personal"
    family: ClassVar[Family] = Family.USERS
    needs: ClassVar[tuple[Need, ...]] = (Need.USERS,)

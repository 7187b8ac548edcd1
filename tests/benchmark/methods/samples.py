"""Photos made for the tests of methods: features of a few kinds, pictures that show the kind, tags that follow it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from clustertags.benchmark.method_interface import PhotoSample, Task
from clustertags.types import Classifier
from tests.made.features import as_features

N_FEATURES = 48


@dataclass(frozen=True)
class MadePictures:
    """Decoded pictures."""

    all: tuple[Image.Image, ...]

    def __len__(self) -> int:
        return len(self.all)

    def __getitem__(self, index: int) -> Image.Image:
        return self.all[index]


@dataclass(frozen=True)
class Made:
    labelled: PhotoSample
    tags: np.ndarray
    task: Task
    new: PhotoSample
    new_tags: np.ndarray


def sample_of(values: np.ndarray, users: np.ndarray | None = None) -> PhotoSample:
    """Photos with nothing but features."""
    return PhotoSample(as_features(np.asarray(values, np.float64)), users=users)


def task_for(tags: np.ndarray, unlabelled: PhotoSample | None = None, seed: int = 0) -> Task:
    return Task(tuple(f"tag{column}" for column in range(tags.shape[1])), unlabelled, random_state=seed)


def made_picture(kind: int, random: np.random.Generator) -> Image.Image:
    """Stripes of the kind's direction and colour, with corners for a keypoint detector to find."""
    across, down = np.meshgrid(np.arange(96), np.arange(96))
    angle = np.pi * kind / 5
    waves = np.sin((across * np.cos(angle) + down * np.sin(angle)) / (2 + kind))
    checks = np.sign(np.sin(across / 7 + random.random()) * np.sin(down / 9))
    base = np.array([[200, 60, 60], [60, 200, 60], [60, 60, 200], [180, 180, 40]])[kind % 4]
    pixels = base + 50 * waves[:, :, None] + 20 * checks[:, :, None] + random.normal(0, 6, (96, 96, 3))
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def make(
    n_labelled: int = 24, n_unlabelled: int = 30, n_new: int = 20, n_kinds: int = 3, *, several: bool = False
) -> Made:
    """`several`: every photo of an even kind carries one more tag."""
    random = np.random.default_rng(0)
    n = n_labelled + n_unlabelled + n_new
    kinds = np.arange(n) % n_kinds
    values = np.maximum(random.gamma(1, 1, (n_kinds, N_FEATURES))[kinds] + 0.4 * random.normal(size=(n, N_FEATURES)), 0)
    tags = np.eye(n_kinds, dtype=bool)[kinds]
    if several:
        tags = np.column_stack([tags, kinds % 2 == 0])
    pictures = tuple(made_picture(kind, random) for kind in kinds)
    features = as_features(values + 1e-3)
    classifier = Classifier(random.normal(size=(1000, N_FEATURES)).astype(np.float32) * 0.3, np.zeros(1000, np.float32))
    parts = np.split(np.arange(n), [n_labelled, n_labelled + n_unlabelled])
    samples = [
        PhotoSample(
            features.take(rows),
            classifier.probabilities(features.take(rows)),
            MadePictures(tuple(pictures[row] for row in rows)),
            (rows % 4).astype(np.int32),
        )
        for rows in parts
    ]
    task = replace(task_for(tags, samples[1]), classifier=classifier)
    return Made(samples[0], tags[parts[0]], task, samples[2], tags[parts[2]])


def first(photos: PhotoSample, n: int) -> PhotoSample:
    """The first n photos."""
    return PhotoSample(
        photos.features.take(np.arange(n)),
        None if photos.outputs is None else photos.outputs[:n],
        None if photos.pictures is None else MadePictures(tuple(photos.pictures[row] for row in range(n))),
        None if photos.users is None else photos.users[:n],
    )


def share_right(scores: np.ndarray, tags: np.ndarray) -> float:
    """P@1."""
    return float(tags[np.arange(len(tags)), scores.argmax(axis=1)].mean())

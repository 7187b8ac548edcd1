"""The interface of methods: their inputs and outputs, the same for all rows of the table.

A method is a scikit-learn estimator: its constructor only assigns, fitted attributes end in an underscore. It never
gets a path, a file name or an order of lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Protocol, Self, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from clustertags.names.name_vectors import Encoder
from clustertags.types import Bool, Classifier, Features, Float32, Int32


class Need(StrEnum):
    """What a method needs besides the features and tags of the labelled photos."""

    LABELS = "labels only"
    UNLABELLED = "unlabelled photos"
    PICTURES = "the pictures"
    OUTPUTS = "classifier outputs"
    ATTRIBUTES = "attributes"
    WORD_VECTORS = "word vectors"
    USERS = "users"
    WEIGHTS = "downloaded weights"


class Family(StrEnum):
    """The groups of the table's rows, in display order."""

    BASELINE = "baselines"
    CLUSTERTAGS = "clustertags"
    PROPAGATION = "tag propagation"
    SUPERVISED = "supervised"
    DEEP = "fine-tuned networks"
    ZERO_SHOT = "zero-shot"
    GENERATOR = "zero-shot by generated features"
    USERS = "user-conditional"


class Pictures(Protocol):
    """Photos that are decoded on access."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> Image.Image:
        """The photo as RGB, upright."""
        ...


@dataclass(frozen=True, slots=True)
class PhotoSample:
    """n photos. `features`: n rows; `outputs`: (n, n_classes) float32, the backbone's softmax over its own classes,
    where it has any; `pictures`: the photos themselves; `users`: (n,) int32, the user of each photo.
    """

    features: Features
    outputs: Float32 | None = None
    pictures: Pictures | None = None
    users: Int32 | None = None

    def __len__(self) -> int:
        return len(self.features)


@dataclass(frozen=True, slots=True)
class Task:
    """The context of a fit. `names`: the tags, one a column; `unlabelled`: the other training photos; `classifier`: the
    backbone's own, with the classes of `outputs`; `encoder`: of names to vectors.
    """

    names: tuple[str, ...]
    unlabelled: PhotoSample | None = None
    classifier: Classifier | None = None
    encoder: Encoder | None = None
    random_state: int = 0


@runtime_checkable
class Method(Protocol):
    """One row of the table.

    `name`: on the command line; `title`: in the table; `paper`: the reference.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    family: ClassVar[Family]
    needs: ClassVar[tuple[Need, ...]]
    paper: ClassVar[str]

    def fit(self, photos: PhotoSample, tags: Bool, task: Task) -> Self:
        """Learn from n labelled photos and their tags, (n, n_tags) bool."""
        ...

    def predict_scores(self, photos: PhotoSample) -> NDArray[np.floating]:
        """(n, n_tags) scores to rank the tags of each photo by; finite, in any unit, higher is better."""
        ...


@runtime_checkable
class ZeroShotMethod(Method, Protocol):
    """A method that also ranks tags without training photos."""

    def predict_candidates(self, photos: PhotoSample, candidates: Sequence[str]) -> NDArray[np.floating]:
        """(n, n_candidates) scores; candidates may be seen tags (generalised zero-shot) or not."""
        ...

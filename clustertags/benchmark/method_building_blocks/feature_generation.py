"""Zero-shot by generated features: a generator maps names to features, and a classifier is trained on them.

Bucher, Herbin and Jurie 2017, "Generating visual representations for zero-shot classification". G(s + z) gives features
for the vector s of a name and noise z ~ N(0, I_15); a linear softmax learns from generated features of the unseen tags,
in the generalised setting with real ones of the seen. The number of rounds is chosen on held-out seen tags.

The features are first projected on their principal axes, at most as many as labelled photos, and scaled so that the
median of all squared distances is 40, within the widths of the paper's kernels. Both are lossless, and a step takes a
fifth of the time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Self

import numpy as np

from clustertags.benchmark.method_building_blocks.zero_shot_semantics import (
    class_mean_accuracy,
    held_out_classes,
    pairs,
    require_encoder,
    vectors_of,
)
from clustertags.benchmark.method_interface import PhotoSample, Task
from clustertags.types import Bool, Float32, Float64

if TYPE_CHECKING:
    from torch import Tensor

N_NOISE = 15
N_AXES = 256
MEDIAN_SQUARED_DISTANCE = 40.0
VALIDATION_SHARE = 0.2
N_GENERATED = 50
SOFTMAX_STEPS = 100


@dataclass(frozen=True, slots=True)
class Examples:
    """`features`: (n, n_axes) and `classes` (n,) int64 of the training photos, one row a photo and tag; `vectors`:
    (n_classes, n_dimensions) of the names. Tensors.
    """

    features: Tensor
    classes: Tensor
    vectors: Tensor

    @property
    def n_classes(self) -> int:
        return len(self.vectors)


Generate = Callable[["Tensor"], "Tensor"]
"""Vectors of names (n, n_dimensions) to random features (n, n_axes)."""


class GenerativeZeroShot:
    """Base class of the four generators; subclasses implement the training in `_rounds`."""

    def __init__(self, n_rounds: int = 8, steps_a_round: int = 60, n_hidden: int = 256, batch_size: int = 64) -> None:
        self.n_rounds = n_rounds
        self.steps_a_round = steps_a_round
        self.n_hidden = n_hidden
        self.batch_size = batch_size

    def _rounds(self, examples: Examples) -> Iterator[Generate]:
        """Train indefinitely; yield the generator after every `steps_a_round` steps."""
        raise NotImplementedError

    def fit(self, photos: PhotoSample, tags: Bool, task: Task) -> Self:
        import torch  # noqa: PLC0415

        self.encoder_, self.names_, self.random_state_ = require_encoder(task), task.names, task.random_state
        self._fit_axes(photos.features.values)
        features, vectors = self.project(photos), self._vectors(task.names)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(task.random_state)
            self.rounds_ = self._choose_rounds(features, tags, vectors)
            self.real_ = _examples(features, tags, vectors)
            self.generate_ = next(islice(self._rounds(self.real_), self.rounds_ - 1, None))
        return self

    def project(self, photos: PhotoSample) -> Float32:
        """(n, n_axes) float32: features on the generator's axes."""
        return np.asarray((photos.features.values - self.mean_) @ self.axes_, np.float32)

    def generate(self, names: Sequence[str], n: int = N_GENERATED) -> Float32:
        """(len(names) * n, n_axes) float32: `n` rows of features for each name, name after name."""
        import torch  # noqa: PLC0415

        vectors = torch.from_numpy(self._vectors(names))
        with torch.random.fork_rng(devices=[]), torch.no_grad():
            torch.manual_seed(self.random_state_)
            made: Float32 = self.generate_(vectors.repeat_interleave(n, dim=0)).numpy()
        return made

    def predict_scores(self, photos: PhotoSample) -> Float64:
        return self.predict_candidates(photos, self.names_)

    def predict_candidates(self, photos: PhotoSample, candidates: Sequence[str]) -> Float64:
        """Logits of a softmax trained on real features of seen candidates and generated ones of the others."""
        column = {name: at for at, name in enumerate(candidates)}
        known = np.array([column.get(name, -1) for name in self.names_])
        labels = known[self.real_.classes.numpy()]
        unseen = [name for name in candidates if name not in set(self.names_)]
        made = self.generate(unseen) if unseen else np.zeros((0, self.axes_.shape[1]), np.float32)
        rows = np.concatenate([self.real_.features.numpy()[labels >= 0], made])
        targets = np.concatenate([labels[labels >= 0], np.repeat([column[name] for name in unseen], N_GENERATED)])
        return softmax_scores(rows, targets.astype(np.int64), self.project(photos), len(candidates), self.random_state_)

    def _vectors(self, names: Sequence[str]) -> Float32:
        """Vectors of names with the norm of the noise: shorter ones are lost in it, longer ones lead to overfitting."""
        return np.asarray(vectors_of(self.encoder_, names) * np.sqrt(N_NOISE), np.float32)

    def _fit_axes(self, values: Float32) -> None:
        self.mean_ = values.mean(axis=0)
        _, spread, axes = np.linalg.svd(values - self.mean_, full_matrices=False)
        kept = axes[:N_AXES][spread[:N_AXES] > 1e-6 * max(float(spread[0]), 1e-12)] if len(spread) else axes
        placed = (values - self.mean_) @ kept.T
        squared = ((placed[:200, None] - placed[None, :200]) ** 2).sum(axis=2)
        median = float(np.median(squared[squared > 0])) if (squared > 0).any() else 1.0
        self.axes_ = np.asarray(kept.T * np.sqrt(MEDIAN_SQUARED_DISTANCE / median), np.float32)

    def _choose_rounds(self, features: Float32, tags: Bool, vectors: Float32) -> int:
        """The number of rounds with the best accuracy on held-out tags; all rounds where too few tags are seen."""
        import torch  # noqa: PLC0415

        held_out = held_out_classes(tags, VALIDATION_SHARE, self.random_state_)
        tested = tags[:, held_out].any(axis=1)
        if not held_out.any() or tested.all():
            return self.n_rounds
        examples = _examples(features[~tested], tags[~tested][:, ~held_out], vectors[~held_out])
        query_vectors = torch.from_numpy(vectors[held_out]).repeat_interleave(N_GENERATED, dim=0)
        targets = np.repeat(np.arange(int(held_out.sum())), N_GENERATED)
        accuracies = []
        for generate in islice(self._rounds(examples), self.n_rounds):
            with torch.no_grad():
                made = generate(query_vectors).numpy()
            scores = softmax_scores(made, targets, features[tested], int(held_out.sum()), self.random_state_)
            accuracies.append(class_mean_accuracy(scores, tags[tested][:, held_out]))
        return int(np.argmax(accuracies)) + 1


def softmax_scores(rows: Float32, targets: np.ndarray, queries: Float32, n_classes: int, random_state: int) -> Float64:
    """Logits (n_queries, n_classes) of a linear softmax fitted on `rows` with balanced class weights."""
    import torch  # noqa: PLC0415

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(random_state)
        layer = torch.nn.Linear(rows.shape[1], n_classes)
        weights = 1.0 / np.maximum(np.bincount(targets, minlength=n_classes), 1)
        loss = torch.nn.CrossEntropyLoss(torch.from_numpy(weights.astype(np.float32)))
        optimiser = torch.optim.Adam(layer.parameters(), lr=0.02, weight_decay=1e-4)
        inputs, labels = torch.from_numpy(rows), torch.from_numpy(targets)
        for _ in range(SOFTMAX_STEPS):
            optimiser.zero_grad()
            loss(layer(inputs), labels).backward()
            optimiser.step()
        with torch.no_grad():
            logits: Float64 = layer(torch.from_numpy(queries)).double().numpy()
    return logits


def _examples(features: Float32, tags: Bool, vectors: Float32) -> Examples:
    import torch  # noqa: PLC0415

    rows, columns = pairs(tags)
    return Examples(torch.from_numpy(features[rows]), torch.from_numpy(columns), torch.from_numpy(vectors))

"""What a tag's name says of a photo, by the classes of ImageNet that the network sees in it.

ConSE (Norouzi et al. 2014, "Zero-shot learning by convex combination of semantic embeddings") places a photo among the
vectors of names: f = sum of p(y) s(y) over its 10 likeliest classes. Two changes, measured in
docs/results/zero-shot.md, make its cosines comparable from tag to tag: a tag's cosine is standardised by its cosines
with all 1,000 classes, since broad names are near to everything; and where the tag names classes itself, or what they
are kinds of, their probability is added. Neither looks at another photo or another tag, so a score never depends on
what else is asked.

How much such a score is worth differs from library to library: `dress` says what is seen, `tbt` does not. So the head
starts from what names foretell by a regression on the labelled photos, and learns what they leave open.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clustertags.support.numbers import as_saved
from clustertags.types import Bool, Float64

N_LIKELIEST = 10
MEMBER_WEIGHT = 8.0
LEAST_DEVIATION = 1e-6
TRUST = 0.6
"""The share of the regression's slope that is used: names and features err together, as both come from one network."""
_REAL = ("vectors", "classes", "centre", "scale")


@dataclass(frozen=True, slots=True)
class NamedTags:
    """Names of tags among those of ImageNet's classes.

    `vectors` (n_tags, n_dimensions) of the tags and `classes` (1000, n_dimensions) of the classes, unit rows; `centre`
    and `scale` (n_tags,) of the tags' cosines with the classes, all float64 holding float32 numbers, as they are saved;
    `members` (n_tags, 1000), the classes that are what the name says.
    """

    vectors: Float64
    classes: Float64
    centre: Float64
    scale: Float64
    members: Bool

    @classmethod
    def among(cls, classes: Float64, vectors: Float64, members: Bool) -> NamedTags:
        """With the cosines' means and deviations."""
        vectors, classes = as_saved(vectors), as_saved(classes)
        cosines = classes @ vectors.T
        scale = np.maximum(cosines.std(axis=0), LEAST_DEVIATION)
        return cls(vectors, classes, as_saved(cosines.mean(axis=0)), as_saved(scale), members)

    def scores(self, probabilities: NDArray[np.floating]) -> Float64:
        """(n, 1000) class probabilities to (n, n_tags), in standard deviations above the mean class."""
        placed = place(probabilities, self.classes, N_LIKELIEST)
        standard = (placed @ self.vectors.T - self.centre) / self.scale
        result: Float64 = standard + MEMBER_WEIGHT * (probabilities.astype(np.float64) @ self.members.T)
        return result

    def to_tensors(self) -> dict[str, NDArray[np.generic]]:
        real = {f"names.{name}": getattr(self, name).astype(np.float32) for name in _REAL}
        return {**real, "names.members": self.members.astype(np.uint8)}

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, NDArray[np.generic]]) -> NamedTags:
        real = {name: np.asarray(tensors[f"names.{name}"], np.float64) for name in _REAL}
        return cls(members=np.asarray(tensors["names.members"]).astype(np.bool_), **real)


def place(probabilities: NDArray[np.floating], classes: Float64, n_likeliest: int) -> Float64:
    """ConSE: (n, n_classes) to (n, n_dimensions) unit rows, the mean vector of the likeliest classes."""
    kept = np.argsort(-probabilities, axis=1, kind="stable")[:, :n_likeliest]
    weights = np.take_along_axis(probabilities, kept, axis=1).astype(np.float64)
    placed = np.einsum("nk,nkd->nd", weights, classes[kept])
    lengths = np.linalg.norm(placed, axis=1, keepdims=True)
    result: Float64 = placed / np.maximum(lengths, 1e-12)
    return result


@dataclass(frozen=True, slots=True)
class NamePrior:
    """What is expected of a tag, above its share of all photos, from its name: `weight` times its score less its
    `usual` one, (n_tags,), on the scale of tags that are 0 or 1.
    """

    named: NamedTags
    usual: Float64
    weight: float

    def expected(self, seen: Float64) -> Float64:
        """(n, 1000) class probabilities to (n, n_tags)."""
        return self.weight * (self.named.scores(seen) - self.usual)

    def to_tensors(self) -> dict[str, NDArray[np.generic]]:
        return {**self.named.to_tensors(), "names.usual": self.usual.astype(np.float32)}

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, NDArray[np.generic]], weight: float) -> NamePrior:
        return cls(NamedTags.from_tensors(tensors), np.asarray(tensors["names.usual"], np.float64), weight)


def fit_name_prior(named: NamedTags, sample: Float64, labelled: Float64, matrix: Bool) -> NamePrior:
    """Measure on the labelled photos what a name that fits is worth.

    `sample` (n_sample, 1000) and `labelled` (n_labelled, 1000): class probabilities of photos of the library and of the
    labelled ones; `matrix` (n_labelled, n_tags) their tags. Tags on scores is a least-squares regression within tags,
    one slope for all, as a tag with one photo tells nothing alone; names that tell nothing get a slope of about 0, and
    names that mislead are not turned round.
    """
    usual = as_saved(named.scores(sample).mean(axis=0))
    scores = named.scores(labelled) - usual
    targets = matrix - matrix.mean(axis=0)
    slope = float((targets * scores).sum() / max(float((scores**2).sum()), 1e-12))
    return NamePrior(named, usual, TRUST * max(slope, 0.0))

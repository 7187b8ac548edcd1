"""The name prior: tags of a photo predicted from their names and the network's probabilities of ImageNet's classes.

ConSE (Norouzi et al. 2014, "Zero-shot learning by convex combination of semantic embeddings") gives a photo a vector
among those of names: f = sum of p(y) s(y) over its 10 likeliest classes. Two changes make its cosines comparable
between tags (measured in docs/results/zero-shot.md). A tag's cosine is standardised by its cosines with all 1,000
classes, since broad names are near to everything. And where the name is that of classes, or of a hypernym of classes,
their probability is added. Neither depends on other photos or tags, so scores do not depend on the rest of a request.

An image-text network (Radford et al. 2021, "Learning transferable visual models from natural language supervision")
has names and photos in one space, so that no class stands between them: a tag's cosine with the photo is standardised
by the photo's cosines with all classes, and the tag's probability next to the classes is added, in the place of theirs.
This too depends on no other photo or tag.

How well names predict tags differs from library to library: `dress` is visible, `tbt` is not. A regression on the
labelled photos therefore scales the scores to the prior mean of the head, which is fitted to the residual.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clustertags.support.numbers import as_saved
from clustertags.types import Bool, Float32, Float64

N_LIKELIEST = 10
MEMBER_WEIGHT = 8.0
LEAST_DEVIATION = 1e-6
SLOPE_SHARE = 0.6
"""Shrinkage of the regression's slope: the errors of names and head are correlated, as both come from one network."""
_REAL = ("vectors", "classes", "centre", "scale")


@dataclass(frozen=True, slots=True)
class TagNames:
    """Names of tags, and what compares them with ImageNet's classes.

    `vectors` (n_tags, n_dimensions) of the tags and `classes` (1000, n_dimensions) of the classes, unit rows; `centre`
    and `scale` (n_tags,): mean and deviation of each tag's cosines with the classes. All are float64 arrays of float32
    numbers, as they are saved. `members` (n_tags, 1000): the classes that the name denotes. `logit_scale`: the factor
    of cosines in the softmax of an image-text network, whose photos share the space of the vectors; 0 for others.
    """

    vectors: Float64
    classes: Float64
    centre: Float64
    scale: Float64
    members: Bool
    logit_scale: float = 0.0

    @classmethod
    def from_vectors(cls, classes: Float64, vectors: Float64, members: Bool, logit_scale: float = 0.0) -> TagNames:
        """Compute the centre and scale of the cosines."""
        vectors, classes = as_saved(vectors), as_saved(classes)
        cosines = classes @ vectors.T
        scale = np.maximum(cosines.std(axis=0), LEAST_DEVIATION)
        saved = float(np.float32(logit_scale))
        return cls(vectors, classes, as_saved(cosines.mean(axis=0)), as_saved(scale), members, saved)

    def scores(self, probabilities: NDArray[np.floating], images: NDArray[np.floating] | None = None) -> Float64:
        """(n, 1000) class probabilities to (n, n_tags), in standard deviations above the mean class.

        `images` (n, n_features): the photos' features, unit rows. Names of an image-text network are compared with them
        and not with the probabilities; raises `ValueError` where they are missing then.
        """
        if not self.logit_scale:
            return self.conse_scores(conse_vectors(probabilities, self.classes, N_LIKELIEST), probabilities)
        if images is None:
            raise ValueError("names of an image-text network are compared with the features of photos")
        return self._image_scores(images.astype(np.float64))

    def conse_scores(self, photos: NDArray[np.floating], probabilities: NDArray[np.floating]) -> Float64:
        """The scores of photos from their `conse_vectors`, (n, n_dimensions)."""
        standardised = (photos @ self.vectors.T - self.centre) / self.scale
        result: Float64 = standardised + MEMBER_WEIGHT * (probabilities.astype(np.float64) @ self.members.T)
        return result

    def _image_scores(self, images: Float64) -> Float64:
        of_classes, of_tags = images @ self.classes.T, images @ self.vectors.T
        deviation = np.maximum(of_classes.std(axis=1, keepdims=True), LEAST_DEVIATION)
        standardised = (of_tags - of_classes.mean(axis=1, keepdims=True)) / deviation
        best = of_classes.max(axis=1, keepdims=True)
        rivals, own = np.exp(self.logit_scale * (of_classes - best)), np.exp(self.logit_scale * (of_tags - best))
        others = rivals.sum(axis=1, keepdims=True) - rivals @ self.members.T  # less the classes that the tag denotes
        result: Float64 = standardised + MEMBER_WEIGHT * own / (own + np.maximum(others, 0.0))
        return result

    def to_tensors(self) -> dict[str, NDArray[np.generic]]:
        real = {f"names.{name}": getattr(self, name).astype(np.float32) for name in _REAL}
        shared = {"names.logit_scale": np.array([self.logit_scale], np.float32)} if self.logit_scale else {}
        return {**real, **shared, "names.members": self.members.astype(np.uint8)}

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, NDArray[np.generic]]) -> TagNames:
        real = {name: np.asarray(tensors[f"names.{name}"], np.float64) for name in _REAL}
        scale = float(tensors["names.logit_scale"][0]) if "names.logit_scale" in tensors else 0.0
        return cls(members=np.asarray(tensors["names.members"]).astype(np.bool_), logit_scale=scale, **real)


def conse_vectors(probabilities: NDArray[np.floating], classes: Float64, n_likeliest: int) -> Float64:
    """ConSE: (n, n_classes) to (n, n_dimensions) unit rows, the weighted mean vector of the likeliest classes."""
    kept = np.argsort(-probabilities, axis=1, kind="stable")[:, :n_likeliest]
    weights = np.take_along_axis(probabilities, kept, axis=1).astype(np.float64)
    means = np.einsum("nk,nkd->nd", weights, classes[kept])
    lengths = np.linalg.norm(means, axis=1, keepdims=True)
    result: Float64 = means / np.maximum(lengths, 1e-12)
    return result


@dataclass(frozen=True, slots=True)
class NamePrior:
    """The expectation of a tag's 0/1 label from its name, less the tag's share of all photos: `weight` times the score
    less `mean_scores` (n_tags,).
    """

    tag_names: TagNames
    mean_scores: Float64
    weight: float

    def expected(self, class_probabilities: Float64, images: Float32 | None = None) -> Float64:
        """(n, 1000) to (n, n_tags); `images` as in `TagNames.scores`."""
        return self.weight * (self.tag_names.scores(class_probabilities, images) - self.mean_scores)

    def to_tensors(self) -> dict[str, NDArray[np.generic]]:
        return {**self.tag_names.to_tensors(), "names.usual": self.mean_scores.astype(np.float32)}

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, NDArray[np.generic]], weight: float) -> NamePrior:
        return cls(TagNames.from_tensors(tensors), np.asarray(tensors["names.usual"], np.float64), weight)


def fit_name_prior(
    tag_names: TagNames,
    sample: Float64,
    labelled: Float64,
    matrix: Bool,
    *,
    sample_images: Float32 | None = None,
    labelled_images: Float32 | None = None,
) -> NamePrior:
    """Fit the weight of names on the labelled photos.

    `sample` (n_sample, 1000) and `labelled` (n_labelled, 1000): class probabilities of photos of the library and of the
    labelled ones; `sample_images` and `labelled_images`: their features, as in `TagNames.scores`; `matrix` (n_labelled,
    n_tags): the tags of the labelled ones. A least-squares regression of labels on scores, centred
    within tags; all tags share the slope, as one photo of a tag does not determine its own. It is shrunk by its own
    uncertainty (see `_certain_slope`), so that names which fit a handful of photos by chance have no say.
    """
    mean_scores = as_saved(tag_names.scores(sample, sample_images).mean(axis=0))
    scores = tag_names.scores(labelled, labelled_images) - mean_scores
    targets = matrix - matrix.mean(axis=0)
    return NamePrior(tag_names, mean_scores, SLOPE_SHARE * _certain_slope(scores, targets))


def _certain_slope(scores: Float64, targets: Float64) -> float:
    """The least-squares slope through the origin, times max(0, 1 - (standard error / slope)^2), the positive part of
    James and Stein's (1961) estimator; 0 for a negative one.
    """
    squares = max(float((scores**2).sum()), 1e-12)
    slope = float((targets * scores).sum()) / squares
    if slope <= 0:
        return 0.0
    variance = float(((targets - slope * scores) ** 2).mean()) / squares
    return slope * max(0.0, 1.0 - variance / slope**2)

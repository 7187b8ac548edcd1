"""The head's input: three feature blocks of each photo, rows of unit length.

`own`      the signed square root of the features, centred (the Hellinger map; Arandjelovic and Zisserman 2012,
           "Three things everyone should know to improve object retrieval"), so that no single channel dominates.
`around`   the mean of the principal components of `own` over the nearest fitted photos, weighted by closeness: one
           step of graph smoothing (Wu et al. 2019, "Simplifying graph convolutional networks"), which makes use of
           unlabelled photos.
`outputs`  the square root of the backbone's softened class probabilities, centred: it helps where photos hold
           several objects, and is empty where the backbone has no classifier.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clustertags.types import Classifier, Features, Float32, Float64, Neighbours

N_CODES = 128
"""Principal components of `own` kept for every fitted photo: 64 lost 0.006 of MiAP, 256 gained nothing."""
CLOSENESS_POWER = 4.0
SOFTENING = 0.5
MEAN_SAMPLE = 1000
AXES_SAMPLE = 5000
SUBSPACE_STEPS = 3
SAVED_AS = {
    "mean": np.float32,
    "axes": np.float32,
    "codes": np.float16,
    "weight": np.float16,
    "bias": np.float32,
    "output_mean": np.float32,
}


def unit_rows(values: Float64) -> Float64:
    """Each row over its Euclidean length; a row of zeros stays as it is."""
    lengths = np.sqrt(np.einsum("ij,ij->i", values, values))
    result: Float64 = values / np.maximum(lengths, 1e-12)[:, None]
    return result


def closeness(neighbours: Neighbours) -> Float64:
    """(n, k) float64: weights of a photo's neighbours, cosine to the fourth power, each row summing to 1 (or to 0)."""
    weights = np.where(neighbours.indices >= 0, np.maximum(neighbours.similarities.astype(np.float64), 0.0), 0.0)
    weights **= CLOSENESS_POWER
    totals = weights.sum(axis=1, keepdims=True)
    result: Float64 = np.divide(weights, totals, out=np.zeros_like(weights), where=totals > 1e-12)
    return result


@dataclass(frozen=True, slots=True)
class FeatureBlocks:
    """`own` (n, n_features), `codes` (n, n_codes) its principal components, `around` (n, n_codes), `outputs`
    (n, n_classes or 0), all float64; rows of `own`, `around` and `outputs` of unit length. `class_probabilities`
    (n, n_classes or 0): the backbone's, not softened.
    """

    own: Float64
    codes: Float64
    around: Float64
    outputs: Float64
    class_probabilities: Float64

    @property
    def all(self) -> tuple[Float64, Float64, Float64]:
        """Those that the head is trained on."""
        return self.own, self.around, self.outputs


@dataclass(frozen=True, slots=True)
class Representation:
    """Fitted means and axes.

    `mean`: (n_features,) of the square roots; `axes`: (n_features, n_codes); `codes`: (n_fitted, n_codes) float16 of
    the fitted photos; `weight` (n_classes, n_features) and `bias` (n_classes,) of the classifier, `output_mean`
    (n_classes,); the last three have 0 classes where there is no classifier. All but the codes are float64 arrays of
    float32 numbers, `weight` of float16 numbers, as they are saved.
    """

    mean: Float64
    axes: Float64
    codes: NDArray[np.float16]
    weight: Float64
    bias: Float64
    output_mean: Float64

    def own(self, features: Features) -> Float64:
        values = features.values.astype(np.float64)
        roots = np.sign(values) * np.sqrt(np.abs(values))
        return unit_rows(unit_rows(roots) - self.mean)

    def class_probabilities(self, features: Features) -> Float64:
        """(n, n_classes or 0) float64: the backbone's class probabilities."""
        return _sharpened(self._roots(features))

    def _roots(self, features: Features) -> Float64:
        if not len(self.bias):
            return np.zeros((len(features), 0))
        return output_roots(features, self.weight, self.bias)

    def feature_blocks(self, features: Features, neighbours: Neighbours) -> FeatureBlocks:
        """The blocks of photos with the given `neighbours` among the fitted ones; rows are independent."""
        own = self.own(features)
        around = np.zeros((len(features), self.codes.shape[1]))
        if neighbours.indices.shape[1]:
            near = self.codes[np.maximum(neighbours.indices, 0)].astype(np.float64)
            around = np.einsum("ik,ikd->id", closeness(neighbours), near)
        roots = self._roots(features)
        outputs = unit_rows(roots - self.output_mean)
        return FeatureBlocks(own, own @ self.axes, unit_rows(around), outputs, _sharpened(roots))

    def to_tensors(self) -> dict[str, NDArray[np.generic]]:
        return {f"representation.{name}": getattr(self, name).astype(kind) for name, kind in SAVED_AS.items()}

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, NDArray[np.generic]]) -> Representation:
        loaded = {name: np.asarray(tensors[f"representation.{name}"]) for name in SAVED_AS}
        double = {name: _double(value) for name, value in loaded.items() if name != "codes"}
        return cls(codes=loaded["codes"], **double)


def output_roots(features: Features, weight: Float64, bias: Float64) -> Float64:
    """Square roots of the softened class probabilities, (n, n_classes) float64; logits are halved before the softmax,
    because the backbone is overconfident in one class where a photo holds several objects.
    """
    inputs = features.values.astype(np.float64) * features.norms.astype(np.float64)[:, None]
    logits = (inputs @ weight.T + bias) * SOFTENING
    logits -= logits.max(axis=1, keepdims=True)
    probabilities = np.exp(logits)
    result: Float64 = np.sqrt(probabilities / probabilities.sum(axis=1, keepdims=True))
    return result


def _sharpened(roots: Float64) -> Float64:
    """From `output_roots` to the probabilities before softening: (n, n_classes) float64, rows summing to 1."""
    probabilities = roots ** (2.0 / SOFTENING)
    result: Float64 = probabilities / np.maximum(probabilities.sum(axis=1, keepdims=True), 1e-300)
    return result


def fit_representation(features: Features, classifier: Classifier | None, *, random_state: int = 0) -> Representation:
    """Means and principal axes over all fitted photos, labelled or not; `random_state` seeds the samples."""
    n, n_features = features.values.shape
    roots = np.sign(features.values) * np.sqrt(np.abs(features.values))
    roots /= np.maximum(np.linalg.norm(roots, axis=1, keepdims=True), 1e-12)
    mean = roots.mean(axis=0, dtype=np.float64).astype(np.float32)
    roots -= mean
    roots /= np.maximum(np.linalg.norm(roots, axis=1, keepdims=True), 1e-12)
    drawn = np.sort(np.random.default_rng(random_state).permutation(n)[:AXES_SAMPLE])
    axes = _principal_axes(roots[drawn], min(N_CODES, n_features), random_state)
    codes = (roots @ axes).astype(np.float16)
    if classifier is None:
        weight, bias, output_mean = np.zeros((0, n_features)), np.zeros(0), np.zeros(0)
    else:
        weight = classifier.weight.astype(np.float16).astype(np.float64)
        bias = classifier.bias.astype(np.float64)
        rows = np.sort(np.random.default_rng(random_state).permutation(n)[:MEAN_SAMPLE])
        output_mean = output_roots(features.take(rows), weight, bias).mean(axis=0).astype(np.float32)
    return Representation(_double(mean), _double(axes), codes, weight, bias, _double(output_mean))


def _double(values: NDArray[Any]) -> Float64:
    return values.astype(np.float64)


def _principal_axes(centred: Float32, n_axes: int, random_state: int) -> Float32:
    """(n_features, n_axes) float32, orthonormal: the leading eigenvectors of the uncentred covariance.

    Subspace iteration from a random start (Halko et al. 2011, algorithm 4.4), as all 1,280 eigenvectors cost a second.
    """
    n_features = centred.shape[1]
    start = np.random.default_rng(random_state).standard_normal((n_features, min(n_axes + 16, n_features)))
    basis = _orthonormal(start)
    for _ in range(SUBSPACE_STEPS):
        basis = _orthonormal(_double(centred.T @ (centred @ basis.astype(np.float32))))
    projected = _double(centred @ basis.astype(np.float32))
    _, rotation = np.linalg.eigh(projected.T @ projected)
    return np.asarray(basis @ rotation[:, ::-1][:, :n_axes], np.float32)


def _orthonormal(vectors: Float64) -> Float64:
    """An orthonormal basis of the columns' span from their small Gram matrix; LAPACK's QR of tall matrices is slow."""
    lengths = np.sqrt(np.einsum("ij,ij->j", vectors, vectors))
    vectors = vectors / np.maximum(lengths, 1e-300)
    values, rotation = np.linalg.eigh(vectors.T @ vectors)
    result: Float64 = (vectors @ rotation) / np.sqrt(np.maximum(values, 1e-12))
    return result

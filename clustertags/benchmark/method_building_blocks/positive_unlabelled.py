"""Labelled photos as positive examples of "shows one of the tags", the other photos of the library as unlabelled ones.

A classifier of labelled against unlabelled photos ranks photos by how likely they show a tag at all (Elkan and Noto
2008, "Learning classifiers from only positive and unlabeled data"). Its scores of held-out photos tell how large the
share of such photos is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from clustertags.benchmark.method_interface import PhotoSample
from clustertags.types import Float32, Float64

N_FOLDS = 5
CONFIDENCE = 0.1
"""1 minus the probability that the bounds of `best_bin_share` hold; as in the paper."""


@dataclass(frozen=True, slots=True)
class LabelledClassifier:
    """Logistic regression of labelled against unlabelled photos; its scores are probabilities of being labelled.

    `positives` (n_labelled,) and `unlabelled` (n_unlabelled,) float64 in 0..1: out-of-fold scores.
    """

    fitted: Any
    positives: Float64
    unlabelled: Float64

    @classmethod
    def fit(
        cls, labelled: PhotoSample, unlabelled: PhotoSample | None, strength: float, random_state: int
    ) -> LabelledClassifier | None:
        """`strength`: scikit-learn's C. None where there are fewer than two photos of either sort."""
        from sklearn.linear_model import LogisticRegression  # noqa: PLC0415
        from sklearn.model_selection import StratifiedKFold, cross_val_predict  # noqa: PLC0415

        n_folds = min(N_FOLDS, len(labelled), 0 if unlabelled is None else len(unlabelled))
        if unlabelled is None or n_folds < 2:
            return None
        values = np.concatenate([labelled.features.values, unlabelled.features.values])
        is_labelled = np.arange(len(values)) < len(labelled)
        classifier = LogisticRegression(C=strength, max_iter=1000)
        folds = StratifiedKFold(n_folds, shuffle=True, random_state=random_state)
        held_out = cross_val_predict(classifier, values, is_labelled, cv=folds, method="predict_proba")[:, 1]
        held_out = np.asarray(held_out, np.float64)
        return cls(classifier.fit(values, is_labelled), held_out[is_labelled], held_out[~is_labelled])

    def scores(self, values: Float32) -> Float64:
        """(n,) float64 in 0..1 of photos with these features."""
        return np.asarray(self.fitted.predict_proba(values)[:, 1], np.float64)


def best_bin_share(positives: Float64, unlabelled: Float64) -> float:
    """The share of positives among unlabelled examples, from held-out scores of both.

    Garg et al. 2021, "Mixture Proportion Estimation and PU Learning: A Modern Approach": q_p and q_u are the shares of
    positives and of unlabelled examples above a threshold; q_u / q_p bounds the share from above, and is taken at the
    threshold with the lowest upper confidence bound.
    """
    thresholds = np.unique(positives)
    above_p = 1.0 - np.searchsorted(np.sort(positives), thresholds) / len(positives)
    above_u = 1.0 - np.searchsorted(np.sort(unlabelled), thresholds) / len(unlabelled)
    log_term = np.log(4.0 / CONFIDENCE) / 2.0
    width = np.sqrt(log_term / len(unlabelled)) + np.sqrt(log_term / len(positives))
    best = int(np.argmin((above_u + 1.01 * width) / above_p))
    return float(min(above_u[best] / above_p[best], 1.0))

"""Classifiers of scikit-learn as rankers of tags.

Where every labelled photo carries one tag, one classifier chooses among the tags; else each tag has a classifier of its
own, with the tag or without it. A tag that the labelled photos cannot teach stands first or last, see `taught_tags`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clustertags.benchmark.method_building_blocks.learnable_tags import TaughtTags, one_tag_each
from clustertags.types import Bool, Float64


@dataclass(frozen=True, slots=True)
class TagClassifiers:
    """`fitted`: one classifier over `taught.columns`, or one for each of them. `score`: (classifier, inputs) to
    (n, n_classes) float64, or (n,) for two classes, higher for the later class.
    """

    taught: TaughtTags
    fitted: tuple[Any, ...]
    score: Callable[[Any, NDArray[Any]], Float64]
    chooses: bool

    @classmethod
    def fit(
        cls, make: Callable[[], Any], score: Callable[[Any, NDArray[Any]], Float64], inputs: NDArray[Any], tags: Bool
    ) -> TagClassifiers:
        """Fit what `make` gives on (n, n_inputs) and (n, n_tags) bool."""
        taught = TaughtTags.of(tags)
        kept = tags[:, taught.columns]
        with warnings.catch_warnings():
            # scikit-learn takes many tags with a photo or two each for a regression by mistake.
            warnings.filterwarnings("ignore", "The number of unique classes", UserWarning)
            if one_tag_each(tags) and len(taught.columns) >= 2:
                return cls(taught, (make().fit(inputs, kept.argmax(axis=1)),), score, chooses=True)
            return cls(taught, tuple(make().fit(inputs, column) for column in kept.T), score, chooses=False)

    def predict_scores(self, inputs: NDArray[Any]) -> Float64:
        """(n, n_tags) float64."""
        if self.chooses:
            scores = self.score(self.fitted[0], inputs)
            scores = np.stack([-scores, scores], axis=1) if scores.ndim == 1 else scores
        else:
            columns = [self.score(classifier, inputs) for classifier in self.fitted]
            scores = np.stack(columns, axis=1) if columns else np.zeros((len(inputs), 0))
        return self.taught.place(scores, len(inputs))


def decision(classifier: Any, inputs: NDArray[Any]) -> Float64:
    """The distance from the separating plane, or the log odds."""
    return np.asarray(classifier.decision_function(inputs), np.float64)


def log_odds(classifier: Any, inputs: NDArray[Any]) -> Float64:
    """The joint log probability with each class, or of two classes the log odds."""
    joint = np.asarray(classifier.predict_joint_log_proba(inputs), np.float64)
    return joint[:, 1] - joint[:, 0] if joint.shape[1] == 2 else joint


def support_vectors(strength: float, seed: int) -> Any:
    """An unfitted linear support vector machine, scikit-learn's `LinearSVC`; `strength` is its C."""
    from sklearn.svm import LinearSVC  # noqa: PLC0415

    return LinearSVC(C=strength, random_state=seed)

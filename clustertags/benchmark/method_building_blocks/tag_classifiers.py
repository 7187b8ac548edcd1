"""Rank tags by classifiers of scikit-learn.

Where every labelled photo has one tag, a multiclass classifier is fitted; else one binary classifier for each tag. Tags
that cannot be learnt are ranked first or last, see `learnable_tags`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clustertags.benchmark.method_building_blocks.learnable_tags import LearnableTags, one_tag_each
from clustertags.types import Bool, Float64


@dataclass(frozen=True, slots=True)
class TagClassifiers:
    """`fitted`: one classifier over `learnable.columns`, or one for each of them. `score`: (classifier, inputs) to
    (n, n_classes) float64, or (n,) for two classes, higher for the later class.
    """

    learnable: LearnableTags
    fitted: tuple[Any, ...]
    score: Callable[[Any, NDArray[Any]], Float64]
    multiclass: bool

    @classmethod
    def fit(
        cls, make: Callable[[], Any], score: Callable[[Any, NDArray[Any]], Float64], inputs: NDArray[Any], tags: Bool
    ) -> TagClassifiers:
        """Fit the estimators of `make` on (n, n_inputs) and (n, n_tags) bool."""
        learnable = LearnableTags.two_class(tags)
        kept = tags[:, learnable.columns]
        with warnings.catch_warnings():
            # scikit-learn warns that many tags with a photo or two each look like a regression.
            warnings.filterwarnings("ignore", "The number of unique classes", UserWarning)
            if one_tag_each(tags) and len(learnable.columns) >= 2:
                return cls(learnable, (make().fit(inputs, kept.argmax(axis=1)),), score, multiclass=True)
            return cls(learnable, tuple(make().fit(inputs, column) for column in kept.T), score, multiclass=False)

    def predict_scores(self, inputs: NDArray[Any]) -> Float64:
        """(n, n_tags) float64."""
        if self.multiclass:
            scores = self.score(self.fitted[0], inputs)
            scores = np.stack([-scores, scores], axis=1) if scores.ndim == 1 else scores
        else:
            columns = [self.score(classifier, inputs) for classifier in self.fitted]
            scores = np.stack(columns, axis=1) if columns else np.zeros((len(inputs), 0))
        return self.learnable.expand(scores, len(inputs))


def decision(classifier: Any, inputs: NDArray[Any]) -> Float64:
    """The distance from the separating plane, or the log odds."""
    return np.asarray(classifier.decision_function(inputs), np.float64)


def log_odds(classifier: Any, inputs: NDArray[Any]) -> Float64:
    """The joint log probability with each class, or of two classes the log odds."""
    joint = np.asarray(classifier.predict_joint_log_proba(inputs), np.float64)
    return joint[:, 1] - joint[:, 0] if joint.shape[1] == 2 else joint


def support_vectors(strength: float, random_state: int) -> Any:
    """An unfitted linear support vector machine, scikit-learn's `LinearSVC`; `strength` is its C."""
    from sklearn.svm import LinearSVC  # noqa: PLC0415

    return LinearSVC(C=strength, random_state=random_state)


@dataclass(frozen=True, slots=True)
class TagProbabilities:
    """Logistic regression of tags: multinomial where each labelled photo has one tag, else one a tag."""

    classifiers: TagClassifiers

    @classmethod
    def fit(cls, inputs: NDArray[Any], tags: Bool, strength: float) -> TagProbabilities:
        """On (n, n_inputs) and (n, n_tags) bool; `strength` is scikit-learn's C."""
        from sklearn.linear_model import LogisticRegression  # noqa: PLC0415

        return cls(
            TagClassifiers.fit(lambda: LogisticRegression(C=strength, max_iter=1000), _probabilities, inputs, tags)
        )

    def predict(self, inputs: NDArray[Any]) -> Float64:
        """(n, n_tags) float64 in 0..1: P(tag | inputs); a tag of all labelled photos has 1, one of none 0."""
        return np.clip(self.classifiers.predict_scores(inputs), 0.0, 1.0)


def _probabilities(classifier: Any, inputs: NDArray[Any]) -> Float64:
    """(n, n_classes), or (n,) of True for a classifier of one tag."""
    found = np.asarray(classifier.predict_proba(inputs), np.float64)
    return found[:, 1] if classifier.classes_.dtype == np.bool_ else found

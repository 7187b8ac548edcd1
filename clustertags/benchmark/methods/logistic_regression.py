"""Logistic regression on the network's features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from clustertags.benchmark.method_building_blocks.tag_classifiers import TagClassifiers, decision
from clustertags.benchmark.method_interface import Family, Need, PhotoSample, Task
from clustertags.benchmark.method_registry import register
from clustertags.types import Bool, Float64


@register
@dataclass(eq=False)
class LogisticRegression:
    """scikit-learn's `LogisticRegression` on the features of unit length.

    Multinomial where every labelled photo has one tag, else one a tag. `strength`: its C. 10, because features of unit
    length are small; standardising them instead is less accurate on training photos, the more so the fewer.
    """

    strength: float = 10.0

    name: ClassVar[str] = "logistic-regression"
    title: ClassVar[str] = "Logistic regression"
    family: ClassVar[Family] = Family.SUPERVISED
    needs: ClassVar[tuple[Need, ...]] = (Need.LABELS,)
    paper: ClassVar[str] = "Berkson 1944; scikit-learn's LogisticRegression"

    def fit(self, photos: PhotoSample, tags: Bool, task: Task) -> Self:
        self.classifiers_ = TagClassifiers.fit(self._make, decision, photos.features.values, tags)
        return self

    def predict_scores(self, photos: PhotoSample) -> Float64:
        """(n, n_tags) float64: log odds, in the multinomial case up to a constant for each photo."""
        return self.classifiers_.predict_scores(photos.features.values)

    def _make(self) -> Any:
        from sklearn.linear_model import LogisticRegression as Regression  # noqa: PLC0415

        return Regression(C=self.strength, max_iter=1000)

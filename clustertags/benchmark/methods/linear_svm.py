"""A linear support vector machine on the network's features."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from clustertags.benchmark.methods.contract import Family, Need, PhotoSample, Task
from clustertags.benchmark.methods.registry import register
from clustertags.benchmark.methods.tag_classifiers import TagClassifiers, decision
from clustertags.benchmark.methods.taught_tags import Float64
from clustertags.types import Bool


@register
@dataclass(eq=False)
class LinearSvm:
    """scikit-learn's `LinearSVC`, one tag against the rest, on the features of unit length. `strength`: its C."""

    strength: float = 1.0

    name: ClassVar[str] = "linear-svm"
    title: ClassVar[str] = "Linear SVM"
    family: ClassVar[Family] = Family.SUPERVISED
    needs: ClassVar[tuple[Need, ...]] = (Need.LABELS,)
    paper: ClassVar[str] = "Razavian et al. 2014, CNN features off-the-shelf; Fan et al. 2008, LIBLINEAR"

    def fit(self, photos: PhotoSample, tags: Bool, task: Task) -> Self:
        self.classifiers_ = TagClassifiers.fit(lambda: self._make(task.seed), decision, photos.features.values, tags)
        return self

    def predict_scores(self, photos: PhotoSample) -> Float64:
        """(n, n_tags) float64: the distance from each tag's plane, in margins."""
        return self.classifiers_.predict_scores(photos.features.values)

    def _make(self, seed: int) -> Any:
        from sklearn.svm import LinearSVC  # noqa: PLC0415

        return LinearSVC(C=self.strength, random_state=seed)

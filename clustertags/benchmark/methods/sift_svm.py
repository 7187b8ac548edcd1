"""A linear support vector machine on SIFT visual words, without a network."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import ClassVar, Self

import numpy as np

from clustertags.benchmark.method_building_blocks.bag_of_visual_words import count_words, descriptors, fit_codebook
from clustertags.benchmark.method_building_blocks.picture_cache import pictures_of
from clustertags.benchmark.method_building_blocks.tag_classifiers import TagClassifiers, decision, support_vectors
from clustertags.benchmark.method_interface import Family, Need, PhotoSample, Task
from clustertags.benchmark.method_registry import register
from clustertags.types import Bool, Float64


@register
@dataclass(eq=False)
class SiftSvm:
    """`n_words` words from the labelled photos' descriptors; a photo is its histogram of words, square-rooted.

    With the square root a linear kernel is the Hellinger kernel (Arandjelovic, Zisserman 2012).
    scikit-learn's `LinearSVC`, one tag against the rest; `strength` is its C.
    """

    n_words: int = 100
    strength: float = 1.0

    name: ClassVar[str] = "sift-svm"
    title: ClassVar[str] = "SVM on SIFT visual words"
    family: ClassVar[Family] = Family.SUPERVISED
    needs: ClassVar[tuple[Need, ...]] = (Need.LABELS, Need.PICTURES)
    paper: ClassVar[str] = "Csurka et al. 2004, Visual categorization with bags of keypoints; 100 words"

    def fit(self, photos: PhotoSample, tags: Bool, task: Task) -> Self:
        described = descriptors(pictures_of(photos, self.name))
        self.codebook_ = fit_codebook(described, self.n_words, task.random_state)
        words = np.sqrt(count_words(described, self.codebook_))
        self.classifiers_ = TagClassifiers.fit(
            partial(support_vectors, self.strength, task.random_state), decision, words, tags
        )
        return self

    def predict_scores(self, photos: PhotoSample) -> Float64:
        """(n, n_tags) float64: the signed distance to each tag's hyperplane, in margins."""
        described = descriptors(pictures_of(photos, self.name))
        return self.classifiers_.predict_scores(np.sqrt(count_words(described, self.codebook_)))

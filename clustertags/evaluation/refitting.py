"""Tag models of a library fitted again with fewer of its labels; clusters and layout stay as they are."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from clustertags.labels.demotion import demoted_columns
from clustertags.labels.rules import ancestor_columns, raise_parents
from clustertags.library.library_features import LibraryFeatures
from clustertags.names.tag_names import encode_vocabulary
from clustertags.neighbours import N_VOTERS, nearest
from clustertags.tagging.model import TagModel, TagScores
from clustertags.tagging.model_fit import fit_tag_model
from clustertags.types import Assignment, Bool, Float32, Int32, Neighbours


@dataclass(frozen=True, slots=True)
class Refitting:
    """`neighbours`: the nearest others of every photo of the library."""

    labelled: LibraryFeatures
    neighbours: Neighbours
    random_state: int

    @classmethod
    def of(cls, labelled: LibraryFeatures, random_state: int) -> Refitting:
        space = labelled.library.space
        neighbours = labelled.library.neighbours or nearest(space, space, N_VOTERS, exclude_self=True)
        return cls(labelled, neighbours, random_state)

    def fit(self, labels: Bool, *, all_known: bool) -> tuple[TagModel, NDArray[np.intp]]:
        """Fit on `labels` (n_labelled, n_tags) bool, the seed tags with some set to False; those photos that are left
        with none count as unlabelled. The model, and the columns of its tags. `all_known`: see `fit_tag_model`.
        """
        seed_tags, clusters = self.labelled.library.seeds, self.labelled.library.clusters
        rows, columns = labels.any(axis=1), np.flatnonzero(labels.any(axis=0))
        training = replace(seed_tags.take(rows, columns), matrix=labels[rows][:, columns])
        vocabulary = training.vocabulary
        classifier, read = self.labelled.classifier, self.labelled.library.name_vectors()
        model = fit_tag_model(
            self.labelled.features,
            classifier,
            self.neighbours,
            clusters,
            training,
            tag_names=encode_vocabulary(vocabulary, classifier, self.labelled.encoder, known=read),
            uninformative=demoted_columns(vocabulary, self.labelled.library.demoted),
            all_known=all_known,
            random_state=self.random_state,
        )
        return model, columns

    def predict(self, model: TagModel, photos: Int32) -> TagScores:
        """Scores of fitted photos."""
        clusters = self.labelled.library.clusters
        place = Assignment(clusters.labels[photos], clusters.probabilities[photos])
        return model.predict(self.labelled.features.take(photos), self.neighbours.take(photos), place)

    def raise_parents(self, scores: Float32, columns: NDArray[np.intp]) -> Float32:
        """Scores of the tags `columns` in which no tag is below any of its descendants."""
        library = self.labelled.library
        return raise_parents(scores, ancestor_columns([library.seeds.vocabulary[at] for at in columns], library.rules))

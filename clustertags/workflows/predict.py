"""From a photo's features to its tags: the recipe, and what a version saved for it.

features -> nearest fitted photos -> cluster by their vote -> scores -> candidates -> rules -> predictions
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from clustertags.features.conversion import COMPILED_FILE, DESCRIPTION_FILE, MODEL_FILE, PARAMETERS_FILE, read_converted
from clustertags.features.extracted_file import Content, ExtractedFile
from clustertags.library.artifacts import Version
from clustertags.library.fitted_photos import FittedPhotos
from clustertags.library.saving import (
    CLUSTERS_FILE,
    DESCRIPTIONS_FILE,
    PHOTOS_FILE,
    TAG_MODEL_FILE,
    TAGS_FILE,
    load_demoted,
    load_descriptions,
    load_none,
    load_rejected,
    load_rules,
    load_tag_model,
    read_json,
    reading,
)
from clustertags.tagging.model import TagScores
from clustertags.tagging.photo_tags import ClusterPrediction, PhotoTags
from clustertags.tagging.predictions import (
    JoinedScores,
    PredictionBuilder,
    TagOptions,
    predict_blank,
    predict_by_cluster,
)
from clustertags.tagging.score_rules import ScoreRules
from clustertags.types import UNCLUSTERED, Assignment, Features

if TYPE_CHECKING:
    from clustertags.tagging.candidates import Candidates
    from clustertags.tagging.evidence import Evidence

NEEDED_FILES = (
    CLUSTERS_FILE,
    DESCRIPTIONS_FILE,
    TAGS_FILE,
    TAG_MODEL_FILE,
    MODEL_FILE,
    PARAMETERS_FILE,
    COMPILED_FILE,
    DESCRIPTION_FILE,
)
"""Of a version, to tag photos."""


class Predictor:
    """A version's tags and clusters, ready to predict. Raises `DamagedError` where they cannot be read.

    `vocabulary`: the tags that it can predict; `fitted`: the fitted photos; `model`: None if it was fitted without
    tags.
    """

    def __init__(self, version: Version) -> None:
        self._version = version
        with reading(version):
            self.fitted = FittedPhotos.load(version)
            self._descriptions = load_descriptions(version)
            tags_json = read_json(version, TAGS_FILE)
            self.vocabulary: tuple[str, ...] = tuple(tags_json["vocabulary"])
            self.model = load_tag_model(version, tags_json)
            self._demoted = load_demoted(tags_json)
            self._rules = load_rules(tags_json)
            self._score_rules = ScoreRules.of(
                self.vocabulary, self._rules, load_rejected(tags_json), load_none(tags_json)
            )
        self._prepared: dict[tuple[str, ...], Candidates | None] = {}

    def predict(self, read: Sequence[ExtractedFile], options: TagOptions) -> Iterator[PhotoTags]:
        """The prediction for each photo that was read, in order."""
        features = features_of([outcome.content for outcome in read if outcome.content])
        hashes = [outcome.content_hash for outcome in read]
        indices = self.fitted.indices(hashes)
        neighbours = self.fitted.neighbours(features, indices)
        assignment = self.fitted.assign(neighbours, indices)
        clusters = [
            self._cluster(label, score, is_fitted=index >= 0)
            for label, score, index in zip(
                assignment.labels.tolist(), assignment.scores.tolist(), indices.tolist(), strict=True
            )
        ]
        blank = self._blank(read, clusters, indices)
        candidates = self.candidates(options)
        if self.model is None and candidates is None:
            for row, (outcome, cluster) in enumerate(zip(read, clusters, strict=True)):
                path = outcome.file.path
                yield blank.get(row) or predict_by_cluster(path, cluster, self._descriptions, options)
            return
        learnt = self.model.predict(features, neighbours, assignment) if self.model else TagScores.none(len(read))
        joined = JoinedScores(learnt)
        if candidates:
            keep_learnt = options.precision is not None
            joined = candidates.join(learnt, features, keep_learnt=keep_learnt, explain=options.explain)
        scores = self._score_rules.apply(joined.scores, hashes, indices)
        builder = PredictionBuilder(
            (*self.vocabulary, *joined.names),
            scores,
            options.least_scores(self.model, len(joined.names)),
            options,
            self._evidence(features, assignment) if options.explain else None,
            self._demoted,
            n_by_name=len(joined.names),
            name_reasons=joined.reasons,
        )
        for row, (outcome, cluster) in enumerate(zip(read, clusters, strict=True)):
            yield blank.get(row) or builder.build(row, outcome.file.path, cluster)

    def _blank(
        self,
        read: Sequence[ExtractedFile],
        clusters: Sequence[ClusterPrediction | None],
        indices: NDArray[np.intp],
    ) -> dict[int, PhotoTags]:
        """The predictions, by row, of photos in which there is nothing to see and which no person labelled. A fitted
        one keeps its cluster, a new one has none.
        """
        predictions = {}
        for row, (outcome, photo) in enumerate(zip(read, indices.tolist(), strict=True)):
            labelled = self.model is not None and bool((self.model.photos == photo).any())
            if outcome.content and outcome.content.blank and not labelled:
                cluster = clusters[row] if photo >= 0 else None
                predictions[row] = predict_blank(outcome.file.path, cluster, outcome.content.blank)
        return predictions

    def candidates(self, options: TagOptions) -> Candidates | None:
        """The candidates of the options, encoded once; None if all of them are learnt tags."""
        if not options.candidates:
            return None
        if options.candidates not in self._prepared:
            from clustertags.tagging.candidates import prepare  # noqa: PLC0415

            with reading(self._version):
                backbone = read_converted(self._version.folder)
                self._version.verify([name for name in backbone.files if name not in NEEDED_FILES])
            self._prepared[options.candidates] = prepare(
                options.candidates, self.vocabulary, self.model, self._rules, backbone
            )
        return self._prepared[options.candidates]

    def _cluster(self, label: int, score: float, *, is_fitted: bool) -> ClusterPrediction | None:
        if label == UNCLUSTERED:
            return None
        described, n_photos = self._descriptions[label], int(self._cluster_sizes[label])
        return ClusterPrediction(label, described.name, round(score, 6), n_photos - is_fitted, described.n_labelled)

    @cached_property
    def _cluster_sizes(self) -> NDArray[np.intp]:
        return self.fitted.clusters.sizes()

    def _evidence(self, features: Features, assignment: Assignment) -> Evidence | None:
        if self.model is None:
            return None
        from clustertags.tagging.evidence import gather_evidence  # noqa: PLC0415

        names = [description.name for description in self._descriptions]
        return gather_evidence(self.model, features, assignment.labels.tolist(), names, self.photo_names.__getitem__)

    @cached_property
    def photo_names(self) -> list[str]:
        self._version.verify([PHOTOS_FILE])
        return [first for _, first, *_ in read_json(self._version, PHOTOS_FILE)["photos"]]

    def nearest_labelled(self, features: Features) -> tuple[tuple[int, float], ...]:
        if self.model is None:
            return ()
        voters = self.model.nearest_labelled(features)
        return tuple(zip(self.model.photos[voters.rows[0]].tolist(), voters.cosines[0].tolist(), strict=True))


def features_of(contents: Sequence[Content]) -> Features:
    return Features(
        np.stack([content.values for content in contents]).astype(np.float32),
        np.array([content.norm for content in contents], np.float32),
    )

"""The tag model: it predicts calibrated tags of fitted and new photos. `model_fit` fits it.

    name prior + head on feature blocks \\
    nearest labelled photos              > weighted sum -> probabilities -> thresholds
    neighbour graph, cluster            /

Prediction needs NumPy alone. Rows are independent and results are rounded, so that a photo has the same tags alone as
in a batch.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clustertags.names.name_prior import NamePrior
from clustertags.tagging.calibration import Calibration
from clustertags.tagging.cluster_tags import ClusterTags
from clustertags.tagging.fusion import COMPONENTS, Fusion, with_name_prior
from clustertags.tagging.head import Head
from clustertags.tagging.known import KnownPhotos
from clustertags.tagging.label_spreading import SpreadTags
from clustertags.tagging.labelled_neighbours import Voters, find_voters, tag_vote_shares
from clustertags.tagging.novelty import Novelty, mean_closeness
from clustertags.tagging.representation import Representation
from clustertags.tagging.thresholds import thresholds_at
from clustertags.types import Assignment, Bool, Features, Float32, Float64, Int32, Neighbours

CHUNK_PHOTOS = 512
UNLIKE = "unlike every photo of the library"


@dataclass(frozen=True, slots=True)
class TagScores:
    """A model's scores of n photos.

    `scores`: (n, n_tags) float32 in 0..1, calibrated; `contributions`: (n_components, n, n_tags) float32, the term of
    each component in the fused score, in nats; `component_names`: one each; `novelty`: (n,) float32 in 0..1, higher for
    photos less like the fitted ones; `abstained`: (n,) bool, whether too novel to tag; `reasons`: a sentence for each
    photo that abstained, else "". `known`: (n,) float32 in 0..1, how likely a photo shows any of the tags; None where
    every photo does.
    """

    scores: Float32
    component_names: tuple[str, ...]
    contributions: Float32
    novelty: Float32
    abstained: Bool
    reasons: tuple[str, ...]
    known: Float32 | None = None

    @classmethod
    def none(cls, n_photos: int) -> TagScores:
        """Scores of no tag, for a library without tags; no photo abstains."""
        empty, zeros = np.zeros((n_photos, 0), np.float32), np.zeros(n_photos, np.float32)
        contributions = np.zeros((len(COMPONENTS), n_photos, 0), np.float32)
        return cls(empty, COMPONENTS, contributions, zeros, zeros > 0, ("",) * n_photos)


@dataclass(frozen=True, slots=True)
class TagModel:
    """A fitted tag model.

    `photos` (n_labelled,) int32 and `matrix` (n_labelled, n_tags) bool are the seed tags; `table` (n_precisions,
    n_tags) float32 the thresholds; `name_prior` is None where the backbone has no classes to compare names with.
    `known`: how likely a photo shows any of the tags; None where every photo does. `uninformative`: (n_tags,) bool,
    tags that the picture does not predict, whose score is their share of the labelled photos; None for none.
    `expected_labels`: (n_labelled, n_tags) float64 in 0..1 of float32 numbers, see `partial_labels`; None where every
    label is known.
    """

    representation: Representation
    name_prior: NamePrior | None
    head: Head
    spread: SpreadTags
    clusters: ClusterTags
    photos: Int32
    matrix: Bool
    fusion: Fusion
    calibration: Calibration
    novelty: Novelty
    table: Float32
    known: KnownPhotos | None = None
    uninformative: Bool | None = None
    expected_labels: Float64 | None = None

    @property
    def n_tags(self) -> int:
        return int(self.matrix.shape[1])

    @property
    def labels(self) -> Bool | Float64:
        """(n_labelled, n_tags): the seed tags, with expectations in 0..1 where they are not known."""
        return self.matrix if self.expected_labels is None else self.expected_labels

    @property
    def stated(self) -> Bool:
        """(n_labelled, n_tags) bool: the labels that are known."""
        return np.asarray((self.labels == 0) | (self.labels == 1))

    def predict(self, features: Features, neighbours: Neighbours, assignment: Assignment) -> TagScores:
        """Scores of photos from their features, their nearest fitted photos and their clusters, one row a photo."""
        n = len(features)
        scores = np.empty((n, self.n_tags), np.float32)
        contributions = np.empty((len(COMPONENTS), n, self.n_tags), np.float32)
        for start in range(0, n, CHUNK_PHOTOS):
            rows = np.arange(start, min(start + CHUNK_PHOTOS, n))
            near = neighbours.take(rows)
            terms = self.fusion.contributions(self.component_scores(features.take(rows), near, assignment.labels[rows]))
            scores[rows] = np.round(self.probabilities(terms.sum(axis=0), near), 6)
            contributions[:, rows] = np.round(terms, 6)
        if self.uninformative is not None:
            contributions[:, :, self.uninformative] = 0.0
        closeness = mean_closeness(neighbours)
        novel = self.novelty.is_novel(closeness)
        reasons = tuple(UNLIKE if flag else "" for flag in novel)
        known = np.round(self.known.probabilities(neighbours), 6).astype(np.float32) if self.known else None
        return TagScores(scores, COMPONENTS, contributions, self.novelty.scores(closeness), novel, reasons, known)

    def probabilities(self, fused: Float64, neighbours: Neighbours) -> Float64:
        """(n, n_tags) float64 in 0..1 from fused scores: P(known | photo) * P(tag | known, photo), where the latter is
        P(tag | known) for an uninformative tag.
        """
        given_known = self.calibration.probabilities(fused)
        if self.uninformative is not None:
            given_known[:, self.uninformative] = self.labels[:, self.uninformative].mean(axis=0)
        if self.known is None:
            return given_known
        return self.known.probabilities(neighbours)[:, None] * given_known

    def component_scores(self, features: Features, neighbours: Neighbours, labels: Int32) -> Float64:
        """(n_components, n, n_tags) float64, before scaling and weighting."""
        blocks = self.representation.feature_blocks(features, neighbours)
        prior = self.spread.prior.astype(np.float64)
        return np.stack(
            [
                self.clusters.shares()[labels],
                self.head.scores(blocks),
                tag_vote_shares(self.voters(blocks.codes), self.labels, prior),
                self.spread.look_up(neighbours),
                expected_from_names(self.name_prior, blocks.class_probabilities, self.n_tags, features.values)
                * self.head.scale,
            ]
        )

    def nearest_labelled(self, features: Features) -> Voters:
        """The labelled photos nearest to each photo, by their own features."""
        return self.voters(self.representation.own(features) @ self.representation.axes)

    def voters(self, codes: Float64) -> Voters:
        """The labelled photos nearest to photos with these codes, (n, n_axes) float64."""
        return find_voters(codes, self.representation.codes[self.photos].astype(np.float64))

    def thresholds(self, precision: float) -> Float32:
        """(n_tags,) float32: the lowest score of each tag with at least the expected `precision`."""
        return thresholds_at(self.table, precision)

    def to_tensors(self) -> dict[str, NDArray[Any]]:
        """Arrays to save, by name."""
        fusion = {f"fusion.{name}": getattr(self.fusion, name) for name in ("centre", "scale", "weight")}
        return {
            **self.representation.to_tensors(),
            **(self.name_prior.to_tensors() if self.name_prior else {}),
            **self.head.to_tensors(),
            **self.spread.to_tensors(),
            **fusion,
            **self.clusters.to_tensors(),
            "seeds.photos": self.photos,
            "seeds.matrix": self.matrix.astype(np.uint8),
            "novelty.quantiles": self.novelty.quantiles,
            "thresholds": self.table,
            **({} if self.uninformative is None else {"uninformative": self.uninformative.astype(np.uint8)}),
            **({} if self.expected_labels is None else {"seeds.expected": self.expected_labels.astype(np.float32)}),
            **(self.known.to_tensors() if self.known else {}),
        }

    def to_json(self) -> dict[str, Any]:
        """Settings to save, readable by a person: weights, the head's setting, the calibration."""
        setting = self.head.setting
        return {
            "parts": list(COMPONENTS),
            "weights": [round(float(weight), 6) for weight in self.fusion.weight],
            "names": {"weight": self.name_prior.weight} if self.name_prior else None,
            "head": {"blocks": list(setting.block_weights), "penalty": setting.penalty},
            "calibration": self.calibration.to_json(),
            "known": self.known.to_json() if self.known else None,
            "novelty_limit": None if np.isinf(self.novelty.limit) else round(self.novelty.limit, 6),
        }

    @classmethod
    def from_saved(cls, tensors: Mapping[str, NDArray[Any]], settings: Mapping[str, Any]) -> TagModel:
        """The model that `to_tensors` and `to_json` saved; early versions had four components, without the name."""
        head, names, known = settings["head"], settings.get("names"), settings.get("known")
        fusion = Fusion(*(tensors[f"fusion.{name}"] for name in ("centre", "scale", "weight")))
        return cls(
            representation=Representation.from_tensors(tensors),
            name_prior=NamePrior.from_tensors(tensors, names["weight"]) if names else None,
            head=Head.from_saved(tensors, head["blocks"], head["penalty"]),
            spread=SpreadTags.from_tensors(tensors),
            clusters=ClusterTags.from_tensors(tensors),
            photos=tensors["seeds.photos"],
            matrix=np.asarray(tensors["seeds.matrix"]).astype(bool),
            fusion=fusion if len(fusion.weight) == len(COMPONENTS) else with_name_prior(fusion),
            calibration=Calibration.from_json(settings["calibration"]),
            novelty=Novelty(tensors["novelty.quantiles"]),
            table=tensors["thresholds"],
            known=KnownPhotos.from_saved(tensors, known) if known else None,
            uninformative=tensors["uninformative"].astype(bool) if "uninformative" in tensors else None,
            expected_labels=tensors["seeds.expected"].astype(np.float64) if "seeds.expected" in tensors else None,
        )


def expected_from_names(
    name_prior: NamePrior | None, class_probabilities: Float64, n_tags: int, images: Float32
) -> Float64:
    """(n, n_tags) float64: the name prior of photos with these class probabilities and features `images`, 0 without
    one.
    """
    if name_prior is None:
        return np.zeros((len(class_probabilities), n_tags))
    return name_prior.expected(class_probabilities, images)

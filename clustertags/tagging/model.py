"""The tag model: fitted on a library and its seed tags, it gives every photo, old or new, calibrated tags.

    views of the photo -> head \\
    labelled photos nearby      > weighted sum -> probabilities -> thresholds
    neighbour graph, cluster   /

Predicting needs NumPy alone, works row by row in effect and rounds, so that a photo has the same tags alone as in a
batch. SciPy is imported while fitting.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clustertags.tagging.calibration import Calibration, fit_calibration
from clustertags.tagging.cluster_tags import ClusterTags, count_cluster_tags, leave_one_out_shares
from clustertags.tagging.fusion import PARTS, Fusion, default_weights, fit_fusion
from clustertags.tagging.head import Head, fit_head
from clustertags.tagging.neighbours import Voters, find_voters, vote_shares
from clustertags.tagging.novelty import Novelty, fit_novelty, mean_closeness
from clustertags.tagging.propagation import SpreadTags, spread_tags
from clustertags.tagging.representation import Representation, Views, fit_representation
from clustertags.tagging.thresholds import threshold_table, thresholds_at
from clustertags.types import (
    Assignment,
    Bool,
    Classifier,
    Clusters,
    Features,
    Float32,
    Float64,
    Int32,
    Neighbours,
    Progress,
    SeedTags,
    no_progress,
)

CHUNK_PHOTOS = 512
SAMPLE_PHOTOS = 1000
TESTED_PHOTOS = 400
UNLIKE = "unlike every photo of the library"


@dataclass(frozen=True, slots=True)
class TagScores:
    """What a model says of n photos.

    `scores`: (n, n_tags) float32 in 0..1, calibrated; `part_names`: the parts; `parts`: (n_parts, n, n_tags) float32,
    what each adds to the fused score; `novelty`: (n,) float32 in 0..1, how unlike the fitted photos a photo is;
    `abstained`: (n,) bool; `reasons`: a sentence for each photo that abstained, else "".
    """

    scores: Float32
    part_names: tuple[str, ...]
    parts: Float32
    novelty: Float32
    abstained: Bool
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TagModel:
    """Everything that predicting needs; `photos` (n_labelled,) int32 and `matrix` (n_labelled, n_tags) bool are the
    seeds, `table` (n_precisions, n_tags) float32 the thresholds.
    """

    representation: Representation
    head: Head
    spread: SpreadTags
    clusters: ClusterTags
    photos: Int32
    matrix: Bool
    fusion: Fusion
    calibration: Calibration
    novelty: Novelty
    table: Float32

    @property
    def n_tags(self) -> int:
        return int(self.matrix.shape[1])

    def predict(self, features: Features, neighbours: Neighbours, assignment: Assignment) -> TagScores:
        """Tags of photos from their features, their nearest fitted photos and their cluster, one row a photo."""
        n = len(features)
        scores = np.empty((n, self.n_tags), np.float32)
        parts = np.empty((len(PARTS), n, self.n_tags), np.float32)
        for start in range(0, n, CHUNK_PHOTOS):
            rows = np.arange(start, min(start + CHUNK_PHOTOS, n))
            near = Neighbours(neighbours.indices[rows], neighbours.similarities[rows])
            added = self.fusion.contributions(self.part_scores(features.take(rows), near, assignment.labels[rows]))
            scores[rows] = np.round(self.calibration.probabilities(added.sum(axis=0)), 6)
            parts[:, rows] = np.round(added, 6)
        near_by = mean_closeness(neighbours)
        unlike = self.novelty.unlike(near_by)
        reasons = tuple(UNLIKE if flag else "" for flag in unlike)
        return TagScores(scores, PARTS, parts, self.novelty.scores(near_by), unlike, reasons)

    def part_scores(self, features: Features, neighbours: Neighbours, labels: Int32) -> Float64:
        """(n_parts, n, n_tags) float64: what each part says, before it is scaled and weighed."""
        views = self.representation.views(features, neighbours)
        prior = self.spread.prior.astype(np.float64)
        return np.stack(
            [
                self.clusters.shares()[labels],
                self.head.scores(views),
                vote_shares(self.voters(views.codes), self.matrix, prior),
                self.spread.look_up(neighbours),
            ]
        )

    def nearest_labelled(self, features: Features) -> Voters:
        """The labelled photos that are most like each of some photos, by their own features."""
        return self.voters(self.representation.own(features) @ self.representation.axes)

    def voters(self, codes: Float64) -> Voters:
        """The labelled photos that are most like photos with these codes, (n, n_axes) float64."""
        return find_voters(codes, self.representation.codes[self.photos].astype(np.float64))

    def thresholds(self, precision: float) -> Float32:
        """(n_tags,) float32: the lowest score of each tag at which the wanted precision is to be expected."""
        return thresholds_at(self.table, precision)

    def to_tensors(self) -> dict[str, NDArray[Any]]:
        """Arrays to save, by name."""
        fusion = {f"fusion.{name}": getattr(self.fusion, name) for name in ("centre", "scale", "weight")}
        return {
            **self.representation.to_tensors(),
            **self.head.to_tensors(),
            **self.spread.to_tensors(),
            **fusion,
            "clusters.counts": self.clusters.counts,
            "clusters.n_labelled": self.clusters.n_labelled,
            "clusters.prior": self.clusters.prior,
            "seeds.photos": self.photos,
            "seeds.matrix": self.matrix.astype(np.uint8),
            "novelty.quantiles": self.novelty.quantiles,
            "thresholds": self.table,
        }

    def to_json(self) -> dict[str, Any]:
        """Settings to save, and to read: weights of the parts, the head's setting, the calibration."""
        setting = self.head.setting
        return {
            "parts": list(PARTS),
            "weights": [round(float(weight), 6) for weight in self.fusion.weight],
            "head": {"blocks": list(setting.blocks), "penalty": setting.penalty},
            "calibration": self.calibration.to_json(),
            "novelty_limit": None if np.isinf(self.novelty.limit) else round(self.novelty.limit, 6),
        }

    @classmethod
    def from_saved(cls, tensors: Mapping[str, NDArray[Any]], settings: Mapping[str, Any]) -> TagModel:
        """The model that `to_tensors` and `to_json` saved."""
        head = settings["head"]
        return cls(
            representation=Representation.from_tensors(tensors),
            head=Head.from_saved(tensors, head["blocks"], head["penalty"]),
            spread=SpreadTags.from_tensors(tensors),
            clusters=ClusterTags(*(tensors[f"clusters.{name}"] for name in ("counts", "n_labelled", "prior"))),
            photos=tensors["seeds.photos"],
            matrix=np.asarray(tensors["seeds.matrix"]).astype(bool),
            fusion=Fusion(*(tensors[f"fusion.{name}"] for name in ("centre", "scale", "weight"))),
            calibration=Calibration.from_json(settings["calibration"]),
            novelty=Novelty(tensors["novelty.quantiles"]),
            table=tensors["thresholds"],
        )


def fit_tag_model(
    features: Features,
    classifier: Classifier | None,
    neighbours: Neighbours,
    clusters: Clusters,
    seeds: SeedTags,
    *,
    seed: int = 0,
    progress: Progress = no_progress,
) -> TagModel:
    """Fit all parts on the seeds, weigh them by what they say of labelled photos that they did not see, calibrate.

    `features` are of all fitted photos; `neighbours` each one's nearest others in the PCA space; `seeds` hold at
    least one labelled photo. `seed` draws the samples on which scales are measured.
    """
    random = np.random.default_rng(seed)
    photos, matrix = seeds.photos, seeds.matrix
    labels = clusters.labels[photos]
    progress("fitting tags", 0, 3)
    representation = fit_representation(features, classifier, seed=seed)
    labelled = representation.views(features.take(photos), _rows(neighbours, photos))
    head = fit_head(labelled, matrix)
    progress("fitting tags", 1, 3)
    tested = np.sort(random.permutation(len(photos))[:TESTED_PHOTOS])
    spreading = spread_tags(neighbours, photos, matrix, tested)
    counted = count_cluster_tags(labels, clusters.n_clusters, matrix)
    progress("fitting tags", 2, 3)
    left_out = np.stack(
        [
            leave_one_out_shares(labels, matrix, counted)[tested],
            head.left_out[tested],
            _left_out_votes(labelled, matrix)[tested],
            spreading.left_out,
        ]
    )
    model = TagModel(
        representation=representation,
        head=head.head,
        spread=spreading.spread,
        clusters=counted,
        photos=photos,
        matrix=matrix,
        fusion=Fusion(np.zeros(len(PARTS)), np.ones(len(PARTS)), np.ones(len(PARTS))),
        calibration=Calibration(1.0, 0.0, 0.0),
        novelty=fit_novelty(neighbours),
        table=np.zeros((0, 0), np.float32),
    )
    sample = _sample(len(features), photos, random)
    said = model.part_scores(features.take(sample), _rows(neighbours, sample), clusters.labels[sample])
    fitted = _weighed(model, said, left_out, matrix[tested])
    progress("fitting tags", 3, 3)
    return fitted


def _weighed(model: TagModel, sample: Float64, left_out: Float64, tested: Bool) -> TagModel:
    """The model with its fusion, calibration and thresholds fitted."""
    counts = model.matrix.sum(axis=0)
    targets = tested.astype(np.float64)
    targets[(targets == 1) & (counts < 2)] = np.nan
    tags_per_photo = float(model.matrix.sum(axis=1).mean())
    fusion = fit_fusion(sample, left_out, targets, default_weights(float(counts.mean()), tags_per_photo))
    fused, unlabelled = fusion.contributions(left_out).sum(axis=0), fusion.contributions(sample).sum(axis=0)
    calibration = fit_calibration(fused, targets, tags_per_photo)
    table = threshold_table(calibration.probabilities(unlabelled))
    return TagModel(
        representation=model.representation,
        head=model.head,
        spread=model.spread,
        clusters=model.clusters,
        photos=model.photos,
        matrix=model.matrix,
        fusion=fusion,
        calibration=calibration,
        novelty=model.novelty,
        table=table,
    )


def _left_out_votes(labelled: Views, matrix: Bool) -> Float64:
    voters = find_voters(labelled.codes, labelled.codes, leave_self_out=True)
    own = matrix.astype(np.float64)
    priors = (own.sum(axis=0) - own) / max(len(own) - 1, 1)
    return vote_shares(voters, matrix, priors)


def _rows(neighbours: Neighbours, rows: NDArray[Any]) -> Neighbours:
    return Neighbours(neighbours.indices[rows], neighbours.similarities[rows])


def _sample(n: int, photos: Int32, random: np.random.Generator) -> NDArray[np.intp]:
    """Fitted photos to measure scales on: unlabelled ones, unless there are too few of them to tell."""
    unlabelled = np.setdiff1d(np.arange(n), photos)
    drawn = unlabelled if len(unlabelled) >= 20 else np.arange(n)
    return np.sort(random.permutation(drawn)[:SAMPLE_PHOTOS])

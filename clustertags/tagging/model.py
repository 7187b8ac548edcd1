"""The tag model: fitted on a library and its seed tags, it gives every photo, old or new, calibrated tags.

    names of tags + head on the photo's views \\
    labelled photos nearby                     > weighted sum -> probabilities -> thresholds
    neighbour graph, cluster                  /

Predicting needs NumPy alone, works row by row in effect and rounds, so that a photo has the same tags alone as in a
batch. SciPy is imported while fitting.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clustertags.names.name_prior import NamedTags, NamePrior, fit_name_prior
from clustertags.tagging.calibration import Calibration, fit_calibration
from clustertags.tagging.cluster_tags import ClusterTags, count_cluster_tags, leave_one_out_shares
from clustertags.tagging.fusion import PARTS, Fusion, default_weights, fit_fusion, voices
from clustertags.tagging.head import Head, fit_head
from clustertags.tagging.labelled_neighbours import Voters, find_voters, vote_shares
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
_STAGE = "Fitting tags"


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

    @classmethod
    def none(cls, n_photos: int) -> TagScores:
        """What a library without tags says of photos: nothing, and no photo abstains for being unlike it."""
        empty, zeros = np.zeros((n_photos, 0), np.float32), np.zeros(n_photos, np.float32)
        parts = np.zeros((len(PARTS), n_photos, 0), np.float32)
        return cls(empty, PARTS, parts, zeros, zeros > 0, ("",) * n_photos)


@dataclass(frozen=True, slots=True)
class TagModel:
    """Everything that predicting needs; `photos` (n_labelled,) int32 and `matrix` (n_labelled, n_tags) bool are the
    seeds, `table` (n_precisions, n_tags) float32 the thresholds. `names` is None where nothing is known of names.
    """

    representation: Representation
    names: NamePrior | None
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
            near = neighbours.take(rows)
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
                foretold(self.names, views.seen, self.n_tags) * self.head.stretch,
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
            **(self.names.to_tensors() if self.names else {}),
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
        """Settings to save, and to read: weights of the parts, of names, the head's setting, the calibration."""
        setting = self.head.setting
        return {
            "parts": list(PARTS),
            "weights": [round(float(weight), 6) for weight in self.fusion.weight],
            "names": {"weight": self.names.weight} if self.names else None,
            "head": {"blocks": list(setting.blocks), "penalty": setting.penalty},
            "calibration": self.calibration.to_json(),
            "novelty_limit": None if np.isinf(self.novelty.limit) else round(self.novelty.limit, 6),
        }

    @classmethod
    def from_saved(cls, tensors: Mapping[str, NDArray[Any]], settings: Mapping[str, Any]) -> TagModel:
        """The model that `to_tensors` and `to_json` saved. One from before names were heard knows four parts."""
        head, names = settings["head"], settings.get("names")
        fusion = Fusion(*(tensors[f"fusion.{name}"] for name in ("centre", "scale", "weight")))
        return cls(
            representation=Representation.from_tensors(tensors),
            names=NamePrior.from_tensors(tensors, names["weight"]) if names else None,
            head=Head.from_saved(tensors, head["blocks"], head["penalty"]),
            spread=SpreadTags.from_tensors(tensors),
            clusters=ClusterTags(*(tensors[f"clusters.{name}"] for name in ("counts", "n_labelled", "prior"))),
            photos=tensors["seeds.photos"],
            matrix=np.asarray(tensors["seeds.matrix"]).astype(bool),
            fusion=fusion if len(fusion.weight) == len(PARTS) else fusion.of_parts(),
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
    named: NamedTags | None = None,
    seed: int = 0,
    progress: Progress = no_progress,
) -> TagModel:
    """Fit all parts on the seeds, weigh them by what they say of labelled photos that they did not see, calibrate.

    `features` are of all fitted photos; `neighbours` each one's nearest others in the PCA space; `seeds` hold at
    least one labelled photo; `named`, their vocabulary among the names of the `classifier`'s classes, is of no use
    without one. `seed` draws the samples on which scales are measured.
    """
    random = np.random.default_rng(seed)
    photos, matrix = seeds.photos, seeds.matrix
    labels = clusters.labels[photos]
    progress(_STAGE, 0, 3)
    representation = fit_representation(features, classifier, seed=seed)
    labelled = representation.views(features.take(photos), _rows(neighbours, photos))
    tested = np.sort(random.permutation(len(photos))[:TESTED_PHOTOS])
    sample = _sample(len(features), photos, random)
    names = None
    if named is not None and classifier is not None:
        names = fit_name_prior(named, representation.seen(features.take(sample)), labelled.seen, matrix)
    expected = foretold(names, labelled.seen, matrix.shape[1])
    head = fit_head(labelled, matrix, expected)
    progress(_STAGE, 1, 3)
    spreading = spread_tags(neighbours, photos, matrix, tested)
    counted = count_cluster_tags(labels, clusters.n_clusters, matrix)
    progress(_STAGE, 2, 3)
    left_out = np.stack(
        [
            leave_one_out_shares(labels, matrix, counted)[tested],
            head.left_out[tested],
            _left_out_votes(labelled, matrix)[tested],
            spreading.left_out,
            (expected * head.head.stretch)[tested],
        ]
    )
    model = TagModel(
        representation=representation,
        names=names,
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
    said = model.part_scores(features.take(sample), _rows(neighbours, sample), clusters.labels[sample])
    fitted = _weighed(model, said, left_out, matrix[tested])
    progress(_STAGE, 3, 3)
    return fitted


def _weighed(model: TagModel, sample: Float64, left_out: Float64, tested: Bool) -> TagModel:
    """The model with its fusion, calibration and thresholds fitted; scores are (n_parts, n, n_tags)."""
    counts = model.matrix.sum(axis=0)
    targets = tested.astype(np.float64)
    targets[(targets == 1) & (counts < 2)] = np.nan
    tags_per_photo = float(model.matrix.sum(axis=1).mean())
    weights = default_weights(float(counts.mean()), tags_per_photo)
    fusion = fit_fusion(voices(sample), voices(left_out), targets, weights).of_parts()
    fused, unlabelled = fusion.contributions(left_out).sum(axis=0), fusion.contributions(sample).sum(axis=0)
    calibration = fit_calibration(fused, targets, tags_per_photo)
    table = threshold_table(calibration.probabilities(unlabelled))
    return replace(model, fusion=fusion, calibration=calibration, table=table)


def foretold(names: NamePrior | None, seen: Float64, n_tags: int) -> Float64:
    """(n, n_tags) float64: what names foretell of photos with these class probabilities; nothing without names."""
    return names.expected(seen) if names else np.zeros((len(seen), n_tags))


def _left_out_votes(labelled: Views, matrix: Bool) -> Float64:
    voters = find_voters(labelled.codes, labelled.codes, leave_self_out=True)
    own = matrix.astype(np.float64)
    priors = (own.sum(axis=0) - own) / max(len(own) - 1, 1)
    return vote_shares(voters, matrix, priors)


def _rows(neighbours: Neighbours, rows: NDArray[Any]) -> Neighbours:
    return neighbours.take(rows)


def _sample(n: int, photos: Int32, random: np.random.Generator) -> NDArray[np.intp]:
    """Fitted photos to measure scales on: unlabelled ones, unless there are too few of them to tell."""
    unlabelled = np.setdiff1d(np.arange(n), photos)
    drawn = unlabelled if len(unlabelled) >= 20 else np.arange(n)
    return np.sort(random.permutation(drawn)[:SAMPLE_PHOTOS])

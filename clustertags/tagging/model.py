"""The tag model: fitted on a library and its seed tags, it predicts calibrated tags of fitted and new photos.

    name prior + head on feature blocks \\
    nearest labelled photos              > weighted sum -> probabilities -> thresholds
    neighbour graph, cluster            /

Prediction needs NumPy alone. Rows are independent and results are rounded, so that a photo has the same tags alone as
in a batch. SciPy is imported while fitting.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clustertags.names.name_prior import NamePrior, TagNames, fit_name_prior
from clustertags.tagging.calibration import Calibration, fit_calibration
from clustertags.tagging.cluster_tags import ClusterTags, count_cluster_tags, leave_one_out_shares
from clustertags.tagging.fusion import COMPONENTS, Fusion, default_weights, fit_fusion, with_name_prior
from clustertags.tagging.head import Head, fit_head
from clustertags.tagging.known import KnownPhotos, fit_known
from clustertags.tagging.label_spreading import SpreadTags, spread_tags
from clustertags.tagging.labelled_neighbours import Voters, find_voters, tag_vote_shares
from clustertags.tagging.labelled_twins import without_twins
from clustertags.tagging.novelty import Novelty, fit_novelty, mean_closeness
from clustertags.tagging.partial_labels import expected_labels
from clustertags.tagging.representation import FeatureBlocks, Representation, fit_representation, unit_rows
from clustertags.tagging.thresholds import PRECISIONS, threshold_table, thresholds_at
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
LIKELY = 0.5
"""An unknown label of this probability is not evaluated by the fusion; a less likely one ranks below those given."""
_STAGE = "Fitting tags"


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


def fit_tag_model(
    features: Features,
    classifier: Classifier | None,
    neighbours: Neighbours,
    clusters: Clusters,
    seed_tags: SeedTags,
    *,
    tag_names: TagNames | None = None,
    uninformative: Bool | None = None,
    all_known: bool = False,
    random_state: int = 0,
    progress: Progress = no_progress,
) -> TagModel:
    """Fit the components on the seed tags, then weights and calibration on leave-one-out scores.

    `features` are of all fitted photos; `neighbours` each one's nearest others in the PCA space; `seed_tags` of at
    least one photo; `tag_names` of their vocabulary, unused without a `classifier`; `uninformative`: see `TagModel`.
    With `all_known`, every photo shows one of the tags, and scores are given that. `random_state` seeds the samples for
    scales and leave-one-out scores.
    """
    random = np.random.default_rng(random_state)
    photos, matrix = seed_tags.photos, seed_tags.matrix
    labels = clusters.labels[photos]
    progress(_STAGE, 0, 3)
    representation = fit_representation(features, classifier, random_state=random_state)
    labelled = representation.feature_blocks(features.take(photos), neighbours.take(photos))
    distinct = without_twins(features, neighbours, seed_tags)
    tested = np.sort(random.permutation(np.flatnonzero(distinct))[:TESTED_PHOTOS])
    sample = _sample(len(features), photos, random)
    name_prior = None
    if tag_names is not None and classifier is not None:
        sampled = representation.class_probabilities(features.take(sample))
        images = {"sample_images": features.values[sample], "labelled_images": features.values[photos]}
        name_prior = fit_name_prior(tag_names, sampled, labelled.class_probabilities, matrix, **images)
    expected = expected_from_names(name_prior, labelled.class_probabilities, matrix.shape[1], features.values[photos])
    stated = seed_tags.stated
    unknown = None if stated is None else expected_labels(labelled, seed_tags, stated, expected)
    targets: Bool | Float64 = matrix if unknown is None else unknown
    head = fit_head(labelled, targets, expected)
    progress(_STAGE, 1, 3)
    spreading = spread_tags(neighbours, photos, targets, tested)
    counted = count_cluster_tags(labels, clusters.n_clusters, matrix, unknown)
    progress(_STAGE, 2, 3)
    loo_scores = np.stack(
        [
            leave_one_out_shares(labels, targets, counted)[tested],
            head.loo_scores[tested],
            _leave_one_out_votes(labelled, targets)[tested],
            spreading.loo_shares,
            (expected * head.head.scale)[tested],
        ]
    )
    codes = unit_rows(representation.codes.astype(np.float64))
    # Fusion, calibration and thresholds are fitted on its scores of a sample, and replaced below.
    model = TagModel(
        representation=representation,
        name_prior=name_prior,
        head=head.head,
        spread=spreading.spread,
        clusters=counted,
        photos=photos,
        matrix=matrix,
        fusion=Fusion(np.zeros(len(COMPONENTS)), np.ones(len(COMPONENTS)), np.ones(len(COMPONENTS))),
        calibration=Calibration(1.0, 0.0, 0.0),
        novelty=fit_novelty(neighbours),
        table=np.zeros((0, 0), np.float32),
        known=None if all_known else fit_known(neighbours, codes, clusters, seed_tags, distinct),
        uninformative=uninformative if uninformative is not None and uninformative.any() else None,
        expected_labels=unknown,
    )
    sample_scores = model.component_scores(features.take(sample), neighbours.take(sample), clusters.labels[sample])
    fitted = _with_fusion(model, sample_scores, loo_scores, tested, neighbours.take(sample))
    progress(_STAGE, 3, 3)
    return fitted


def _with_fusion(
    model: TagModel, sample: Float64, loo_scores: Float64, tested: NDArray[np.intp], sample_neighbours: Neighbours
) -> TagModel:
    """The model with its fusion, calibration and thresholds fitted; scores are (n_components, n, n_tags), the
    leave-one-out ones of the rows `tested` of the labelled photos.
    """
    counts = model.matrix.sum(axis=0)
    targets = model.matrix[tested].astype(np.float64)
    targets[(targets == 1) & (counts < 2)] = np.nan  # a tag with one example has no leave-one-out evidence
    stated, expected = model.stated[tested], model.labels[tested]
    ranked = np.where(stated, targets, np.where(expected < LIKELY, 0.0, np.nan))
    targets = np.where(stated, targets, expected)
    tags_per_photo = float(model.labels.sum(axis=1).mean())
    n_labelled = len(model.photos)
    weights = default_weights((len(model.representation.codes) - n_labelled) / n_labelled, tags_per_photo)
    fusion = fit_fusion(sample, loo_scores, ranked, weights)
    fused, unlabelled = fusion.contributions(loo_scores).sum(axis=0), fusion.contributions(sample).sum(axis=0)
    trust = 1.0 if model.known is None else model.known.trust
    calibration = fit_calibration(fused, targets, tags_per_photo, trust=trust, scale=fusion.total_weight)
    weighed = replace(model, fusion=fusion, calibration=calibration)
    table = threshold_table(weighed.probabilities(unlabelled, sample_neighbours))
    if model.uninformative is not None:  # such a score is the expected precision of the tag itself
        table[:, model.uninformative] = PRECISIONS[:, None]
    return replace(weighed, table=table)


def expected_from_names(
    name_prior: NamePrior | None, class_probabilities: Float64, n_tags: int, images: Float32
) -> Float64:
    """(n, n_tags) float64: the name prior of photos with these class probabilities and features `images`, 0 without
    one.
    """
    if name_prior is None:
        return np.zeros((len(class_probabilities), n_tags))
    return name_prior.expected(class_probabilities, images)


def _leave_one_out_votes(labelled: FeatureBlocks, matrix: Bool | Float64) -> Float64:
    voters = find_voters(labelled.codes, labelled.codes, exclude_self=True)
    own = matrix.astype(np.float64)
    priors = (own.sum(axis=0) - own) / max(len(own) - 1, 1)
    return tag_vote_shares(voters, matrix, priors)


def _sample(n: int, photos: Int32, random: np.random.Generator) -> NDArray[np.intp]:
    """Fitted photos to estimate scales on: unlabelled ones, or any where these are too few."""
    unlabelled = np.setdiff1d(np.arange(n), photos)
    drawn = unlabelled if len(unlabelled) >= 20 else np.arange(n)
    return np.sort(random.permutation(drawn)[:SAMPLE_PHOTOS])

"""Response models of the evaluation report and of the reach of each tag.

The models from `Estimate` to `Evaluation` describe the JSON of `clustertags evaluate --format json`.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from clustertags.web.schemas.base import Count, ResponseModel, Share


class Estimate(ResponseModel):
    """A metric with its 95 % confidence interval."""

    value: float | None = Field(description="the value; null where it is undefined")
    low: float | None = Field(description="lower bound of the interval; null where there is none")
    high: float | None = Field(description="upper bound of the interval; null where there is none")


class PrecisionTarget(ResponseModel):
    """What requesting a precision gives."""

    asked: Share = Field(description="the requested precision")
    precision: Estimate = Field(description="the precision reached")
    photos_covered: Estimate = Field(description="share of photos that get any tag")
    tags_found: Estimate = Field(description="share of true tags that are given (recall)")


class TagMetrics(ResponseModel):
    """Metrics of one tag at the score threshold."""

    tag: str = Field(description="the tag")
    n_photos: Count = Field(description="photos that truly have it")
    tp: Count = Field(description="true positives")
    fp: Count = Field(description="false positives")
    fn: Count = Field(description="false negatives")
    tn: Count = Field(description="true negatives")
    precision: Estimate = Field(description="precision, with a Wilson interval")
    recall: Estimate = Field(description="recall, with a Wilson interval")
    average_precision: float | None = Field(description="average precision over photos; null where none has the tag")


class Confusion(ResponseModel):
    """Confusion matrix of the best-ranked tag."""

    tags: list[str] = Field(description="names of rows and columns")
    counts: list[list[int]] = Field(description="photos by true tag (row) and predicted tag (column)")


class ReliabilityBin(ResponseModel):
    """Predictions with a score between two bounds."""

    low: float = Field(description="lower bound of the score")
    high: float = Field(description="upper bound of the score")
    n: Count = Field(description="number of predictions")
    said: float = Field(description="their mean score")
    found: float = Field(description="share of them that is right")


class Reliability(ResponseModel):
    """Calibration of the scores of some predictions."""

    error: Estimate = Field(description="expected calibration error")
    bins: list[ReliabilityBin] = Field(description="bins that are not empty")


class Calibration(ResponseModel):
    """Calibration of the scores."""

    all_pairs: Reliability = Field(description="over all pairs of photo and tag")
    best_tag: Reliability = Field(description="over the best tag of each photo")


class CurvePoint(ResponseModel):
    """What one score threshold gives."""

    least_score: float = Field(description="the threshold")
    precision: float = Field(description="share of the given tags that is right")
    photos_covered: float = Field(description="share of photos that get any tag")
    tags_found: float = Field(description="share of true tags that are given (recall)")


class ScoreLevel(ResponseModel):
    """Best tags from one score on."""

    least_score: float = Field(description="the score")
    unknown_tagged: Estimate = Field(description="share of photos of unknown kinds that reach it")
    known_correct: Estimate = Field(description="share of photos of known kinds that reach it with a correct tag")
    precision: Estimate = Field(description="share of all photos that reach it whose tag is correct")


class KindCounts(ResponseModel):
    """Photos whose best tag scores between two bounds."""

    low: float = Field(description="lower bound of the score")
    high: float = Field(description="upper bound of the score")
    n_known: Count = Field(description="photos of known kinds")
    n_unknown: Count = Field(description="photos of unknown kinds")


class UnknownKinds(ResponseModel):
    """Photos of known kinds next to photos of unknown kinds, which show none of the tags."""

    how: str = Field(description="which photos these are, a sentence")
    n_known: Count = Field(description="photos of known kinds")
    n_unknown: Count = Field(description="photos of unknown kinds")
    known_share: Share = Field(description="the weight of known kinds in precisions and calibration")
    auroc: Estimate = Field(description="area under the ROC curve of the best tag's score, known against unknown kinds")
    at_score: list[ScoreLevel] = Field(description="results from a score on")
    calibration: Reliability = Field(description="calibration of the best tag over both kinds")
    best_scores: list[KindCounts] = Field(description="numbers of photos by the score of their best tag")


class Evaluation(ResponseModel):
    """The object that `clustertags evaluate --format json` prints."""

    protocol: str = Field(description="how photos were split")
    notes: list[str] = Field(description="remarks on the evaluation, one sentence each")
    n_photos: Count = Field(description="photos evaluated")
    n_tags: Count = Field(description="tags in the vocabulary")
    n_unreadable: Count = Field(description="photos that could not be read")
    tags_a_photo: float = Field(description="mean number of true tags per photo")
    least_score: float = Field(description="score threshold of the metrics per tag")
    overall: dict[str, Estimate] = Field(description="metrics over all tags, by name")
    at_precision: list[PrecisionTarget] = Field(description="results at the requested precisions")
    tags: list[TagMetrics] = Field(description="metrics per tag, in the order of the vocabulary")
    confusion: Confusion | None = Field(description="confusion matrix; null where photos have several tags")
    calibration: Calibration = Field(description="calibration of the scores")
    curve: list[CurvePoint] = Field(description="precision and coverage over score thresholds")
    condition: str = Field(description="what the scores are given, a sentence; empty for nothing")
    unknown_kinds: UnknownKinds | None = Field(description="known and unknown kinds of photos; null where not measured")
    unknown_kinds_missing: str = Field(description="why they are not measured; empty where they are or need not be")


Phase = Literal["none", "working", "ready", "failed"]


class ReportStatus(ResponseModel):
    """Response of `GET /api/report`."""

    phase: Phase = Field(description="`none`: not requested for this version of the library yet")
    step: str = Field(description="the step in progress")
    done: Count = Field(description="completed part of the step")
    total: Count = Field(description="size of the step; 0 where it is not known")
    error: str = Field(description="why the evaluation failed; empty where it did not")
    evaluation: Evaluation | None = Field(description="the evaluation; null until it is ready")


class ReportStarted(ResponseModel):
    """Response of `POST /api/report`."""

    phase: Phase = Field(description="the phase of the evaluation now")


class TagReach(ResponseModel):
    """How many photos and clusters have a tag."""

    tag: str = Field(description="the tag")
    n_own: Count = Field(description="photos that the user gave it")
    n_photos: Count = Field(description="photos with a score of 0.5 or more, or that the user gave it")
    n_best: Count = Field(description="photos whose best predicted tag it is; 0 for a demoted tag")
    n_clusters: Count = Field(description="clusters that have it among their tags")
    demoted: str = Field(description="why it is demoted, as the picture does not tell; else empty")

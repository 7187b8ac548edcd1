"""All metrics of an evaluation, computed from predictions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.metrics import average_precision_score

from clustertags.evaluation.calibration import reliability, squared_errors
from clustertags.evaluation.intervals import N_DRAWS, Bootstrap
from clustertags.evaluation.predictions import Predictions
from clustertags.evaluation.ranking_metrics import Ranking, drawn_average_precision, list_diversity, rank
from clustertags.evaluation.results import Estimate, Evaluation
from clustertags.evaluation.threshold_metrics import at_precision, confusion, coverage_curve, tag_metrics
from clustertags.evaluation.unknown_kinds import unknown_kind_metrics
from clustertags.tagging.predictions import DEFAULT_OPTIONS

TOP_K = 5
TOP_ACCURACIES = (1, 5, 10)


@dataclass(frozen=True, slots=True)
class MetricSettings:
    """`top_k`: the length of a list of tags; `min_score`: the score from which a tag counts as predicted;
    `random_state` and `n_draws`: of the bootstrap.
    """

    top_k: int = TOP_K
    min_score: float = DEFAULT_OPTIONS.min_score
    random_state: int = 0
    n_draws: int = N_DRAWS


DEFAULT_SETTINGS = MetricSettings()


def evaluate(predictions: Predictions, settings: MetricSettings = DEFAULT_SETTINGS) -> Evaluation:
    """Score the predictions; an undefined metric (a precision where nothing is predicted) is None.

    Ranking metrics use all tags whatever their scores, for photos that abstain too; threshold metrics are computed at
    `settings.min_score` and at each of `predictions.precisions`. Intervals are over photos.
    """
    bootstrap = Bootstrap(predictions.n_photos, random_state=settings.random_state, n_draws=settings.n_draws)
    truth, scores = predictions.truth, predictions.scores
    ranking = rank(truth, predictions.scores)
    top = ranking.order[:, 0].astype(np.int32)
    all_pairs = reliability(truth, scores, bootstrap)
    best_tag = reliability(ranking.hits[:, :1], np.take_along_axis(scores, top[:, None], axis=1), bootstrap)
    overall = {
        **_ranking_metrics(predictions, ranking, settings, bootstrap),
        "ECE": all_pairs.error,
        "ECE of the best tag": best_tag.error,
        "Brier score": bootstrap.mean(squared_errors(truth, scores)),
        **_threshold_metrics(predictions, settings, bootstrap),
    }
    unknown_kinds = None
    if predictions.best_tags is not None:
        drawing = {"random_state": settings.random_state, "n_draws": settings.n_draws}
        unknown_kinds = unknown_kind_metrics(predictions.best_tags, **drawing)
    return Evaluation(
        protocol=predictions.protocol,
        notes=predictions.notes,
        n_photos=predictions.n_photos,
        vocabulary=predictions.vocabulary,
        tags_a_photo=float(truth.sum(axis=1).mean()),
        n_unreadable=predictions.n_unreadable,
        min_score=settings.min_score,
        overall=overall,
        at_precision=tuple(
            at_precision(target, truth, predictions.predicted_at(at), bootstrap)
            for at, target in enumerate(predictions.precisions)
        ),
        tags=tag_metrics(predictions, settings.min_score),
        confusion=confusion(predictions, top),
        all_pairs=all_pairs,
        best_tag=best_tag,
        curve=coverage_curve(predictions),
        condition=predictions.condition,
        unknown_kinds=unknown_kinds,
        unknown_kinds_missing=predictions.best_tags.missing if predictions.best_tags else "",
    )


def _ranking_metrics(
    predictions: Predictions, ranking: Ranking, settings: MetricSettings, bootstrap: Bootstrap
) -> dict[str, Estimate]:
    """Metrics of the order of the tags alone."""
    truth, scores = predictions.truth, predictions.scores
    metrics: dict[str, Estimate] = {}
    for k in sorted({1, TOP_K, settings.top_k}):
        metrics[f"P@{k}"] = bootstrap.mean(ranking.precision(k))
        metrics[f"R@{k}"] = bootstrap.mean(ranking.recall(k))
        metrics[f"A@{k}"] = bootstrap.mean(ranking.accuracy(k))
    metrics["MiAP"] = bootstrap.mean(ranking.average_precision())
    used = truth.any(axis=0)
    mean_precision = float(average_precision_score(truth[:, used], scores[:, used], average="macro"))
    # Bootstrap draws miss the rarest tags, which are the hardest.
    drawn = drawn_average_precision(truth, scores, bootstrap)
    metrics["MAP"] = bootstrap.estimate(mean_precision, drawn, biased=True)
    metrics["NDCG"] = bootstrap.mean(ranking.ndcg())
    metrics["coverage error"] = bootstrap.mean(ranking.depth())
    if predictions.one_tag_a_photo:
        for k in TOP_ACCURACIES:
            metrics[f"top-{k} accuracy"] = bootstrap.mean(ranking.accuracy(k))
    listed = np.unique(ranking.order[:, : settings.top_k])
    metrics["catalogue coverage"] = Estimate(len(listed) / len(predictions.vocabulary))
    diversity = list_diversity(truth, ranking.order, settings.top_k)
    metrics["list diversity"] = Estimate(None) if diversity is None else bootstrap.mean(diversity)
    return metrics


def _threshold_metrics(predictions: Predictions, settings: MetricSettings, bootstrap: Bootstrap) -> dict[str, Estimate]:
    """Metrics of the tags predicted at the minimum score in use."""
    predicted = predictions.predicted_from(settings.min_score)
    found = at_precision(0.0, predictions.truth, predicted, bootstrap)
    return {
        "precision of given tags": found.precision,
        "true tags found": found.tags_found,
        "photos without a tag": bootstrap.mean(np.asarray(~predicted.any(axis=1), np.float64)),
        "photos unlike all others": bootstrap.mean(predictions.abstained.astype(np.float64)),
    }

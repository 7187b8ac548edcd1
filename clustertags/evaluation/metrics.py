"""All figures of an evaluation from the predictions that it scores."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.metrics import average_precision_score

from clustertags.evaluation.calibration import reliability, squared_errors
from clustertags.evaluation.intervals import N_DRAWS, Bootstrap
from clustertags.evaluation.predictions import Predictions
from clustertags.evaluation.ranking_metrics import Ranking, drawn_average_precision, list_diversity, rank
from clustertags.evaluation.results import Evaluation, Figure
from clustertags.evaluation.threshold_metrics import at_precision, confusion, coverage_curve, tag_figures
from clustertags.tagging.predictions import DEFAULT_OPTIONS

TOP_K = 5
TOP_ACCURACIES = (1, 5, 10)


@dataclass(frozen=True, slots=True)
class MetricSettings:
    """`top_k`: the length of a list of tags; `least_score`: the score from which a tag counts as given; `seed` and
    `n_draws` of the bootstrap.
    """

    top_k: int = TOP_K
    least_score: float = DEFAULT_OPTIONS.min_score
    seed: int = 0
    n_draws: int = N_DRAWS


DEFAULT_SETTINGS = MetricSettings()


def evaluate(predictions: Predictions, settings: MetricSettings = DEFAULT_SETTINGS) -> Evaluation:
    """Score the predictions; a figure that is not defined (a precision where nothing is given) is None.

    Rankings are of all tags, whatever their scores, also of photos that abstain; what is given, and what it costs, is
    told at `settings.least_score` and at each of `predictions.precisions`. Intervals are over photos.
    """
    bootstrap = Bootstrap(predictions.n_photos, seed=settings.seed, n_draws=settings.n_draws)
    truth, scores = predictions.truth, predictions.scores
    ranking = rank(truth, predictions.ranking_scores())
    best = ranking.order[:, 0].astype(np.int32)
    all_pairs = reliability(truth, scores, bootstrap)
    best_tag = reliability(ranking.hits[:, :1], np.take_along_axis(scores, best[:, None], axis=1), bootstrap)
    overall = {
        **_ranked_figures(predictions, ranking, settings, bootstrap),
        "ECE": all_pairs.error,
        "ECE of the best tag": best_tag.error,
        "Brier score": bootstrap.mean(squared_errors(truth, scores)),
        **_given_figures(predictions, settings, bootstrap),
    }
    return Evaluation(
        protocol=predictions.protocol,
        notes=predictions.notes,
        n_photos=predictions.n_photos,
        vocabulary=predictions.vocabulary,
        tags_a_photo=float(truth.sum(axis=1).mean()),
        n_unreadable=predictions.n_unreadable,
        least_score=settings.least_score,
        overall=overall,
        at_precision=tuple(
            at_precision(asked, truth, predictions.given_at(at), bootstrap)
            for at, asked in enumerate(predictions.precisions)
        ),
        tags=tag_figures(predictions, settings.least_score),
        confusion=confusion(predictions, best),
        all_pairs=all_pairs,
        best_tag=best_tag,
        curve=coverage_curve(predictions),
    )


def _ranked_figures(
    predictions: Predictions, ranking: Ranking, settings: MetricSettings, bootstrap: Bootstrap
) -> dict[str, Figure]:
    """What can be told from the order of the tags alone."""
    truth, scores = predictions.truth, predictions.scores
    figures: dict[str, Figure] = {}
    for k in sorted({1, TOP_K, settings.top_k}):
        figures[f"P@{k}"] = bootstrap.mean(ranking.precision(k))
        figures[f"R@{k}"] = bootstrap.mean(ranking.recall(k))
        figures[f"A@{k}"] = bootstrap.mean(ranking.accuracy(k))
    figures["MiAP"] = bootstrap.mean(ranking.average_precision())
    used = truth.any(axis=0)
    mean_precision = float(average_precision_score(truth[:, used], scores[:, used], average="macro"))
    # Draws miss the rarest tags, which are the hardest.
    drawn = drawn_average_precision(truth, scores, bootstrap)
    figures["MAP"] = bootstrap.figure(mean_precision, drawn, shifted=True)
    figures["NDCG"] = bootstrap.mean(ranking.ndcg())
    figures["coverage error"] = bootstrap.mean(ranking.depth())
    if predictions.one_tag_a_photo:
        for k in TOP_ACCURACIES:
            figures[f"top-{k} accuracy"] = bootstrap.mean(ranking.accuracy(k))
    listed = np.unique(ranking.order[:, : settings.top_k])
    figures["catalogue coverage"] = Figure(len(listed) / len(predictions.vocabulary))
    diversity = list_diversity(truth, ranking.order, settings.top_k)
    figures["list diversity"] = Figure(None) if diversity is None else bootstrap.mean(diversity)
    return figures


def _given_figures(predictions: Predictions, settings: MetricSettings, bootstrap: Bootstrap) -> dict[str, Figure]:
    """What the tags given at the least score in use are worth."""
    given = predictions.given_from(settings.least_score)
    worth = at_precision(0.0, predictions.truth, given, bootstrap)
    return {
        "precision of given tags": worth.precision,
        "true tags found": worth.tags_found,
        "photos without a tag": bootstrap.mean(np.asarray(~given.any(axis=1), np.float64)),
        "photos unlike all others": bootstrap.mean(predictions.abstained.astype(np.float64)),
    }

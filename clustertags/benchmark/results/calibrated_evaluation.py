"""Scores of any unit as probabilities, and all that an evaluation tells of them.

A method ranks; whether its scores can be read as probabilities is another matter. Those in 0..1 are judged
as they are. Besides, one rising map for all tags is fitted (isotonic regression, Zadrozny and Elkan 2002) on training
photos that the method was given without their tags, never on test photos; it leaves the ranking as it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clustertags.benchmark.datasets.labelled_set import LabelledSet
from clustertags.benchmark.datasets.splits import Split
from clustertags.benchmark.execution.cells import Cell
from clustertags.benchmark.execution.worker import spare_rows
from clustertags.evaluation.calibration import reliability, squared_errors
from clustertags.evaluation.intervals import Bootstrap
from clustertags.evaluation.metrics import MetricSettings, evaluate
from clustertags.evaluation.predictions import DEFAULT_PRECISIONS, Predictions
from clustertags.evaluation.results import Evaluation, Figure, Reliability
from clustertags.types import Bool, Float32

LEAST_SCORE = 0.5
N_BOOTSTRAP = 200
MAPPED = "scores after the map to probabilities"
AS_THEY_ARE = "scores as they are"

_KEPT_ORDER = 1e-5  # how much of a mapped score tells photos of one step of the map apart


@dataclass(frozen=True, slots=True)
class Judged:
    """One method on one draw. `as_given`, `brier_as_given`: of scores in 0..1 as they are, else None; `evaluation`: of
    the mapped scores, or of those as given where there was no photo to fit a map on; `kind` says which.
    """

    name: str
    budget: int
    kind: str
    n_mapped_on: int
    as_given: Reliability | None
    brier_as_given: Figure | None
    evaluation: Evaluation


def judge(cell: Cell, labelled: LabelledSet, split: Split) -> Judged | None:
    """Judge the answers that the cell kept; None where it kept none, or they can be no probabilities."""
    draw = next(item for item in split.draws if (item.budget, item.number) == (cell.budget, cell.number))
    if cell.scores is None:
        return None
    truth = labelled.tags[split.test]
    given = cell.scores if cell.scores.min() >= 0 and cell.scores.max() <= 1 else None
    bootstrap = Bootstrap(len(truth), seed=split.seed, n_draws=N_BOOTSTRAP)
    spare = spare_rows(split.unlabelled(draw))
    scores, n_mapped_on = given, 0
    if cell.spare_scores is not None:
        scores = as_probabilities(cell.spare_scores, labelled.tags[spare], cell.scores)
        n_mapped_on = len(spare)
    if scores is None:
        return None
    n_tags = len(labelled.names)
    predictions = Predictions(
        "benchmark",
        labelled.names,
        truth,
        scores,
        np.zeros(len(truth), np.bool_),
        np.zeros(len(truth), np.int32),
        DEFAULT_PRECISIONS,
        np.stack([np.full((1, n_tags), least, np.float32) for least in DEFAULT_PRECISIONS]),
    )
    settings = MetricSettings(least_score=LEAST_SCORE, seed=split.seed, n_draws=N_BOOTSTRAP)
    return Judged(
        cell.method,
        cell.budget,
        MAPPED if n_mapped_on else AS_THEY_ARE,
        n_mapped_on,
        reliability(truth, given, bootstrap) if given is not None else None,
        bootstrap.mean(squared_errors(truth, given)) if given is not None else None,
        evaluate(predictions, settings),
    )


def as_probabilities(known: Float32, right: Bool, scores: Float32) -> Float32:
    """(n, n_tags) float32 in 0..1: `scores` by the map fitted on the `known` ones, of which some are `right`."""
    from sklearn.isotonic import IsotonicRegression  # noqa: PLC0415

    rising = IsotonicRegression(y_min=0, y_max=1, out_of_bounds="clip")
    rising.fit(known.ravel().astype(np.float64), right.ravel().astype(np.float64))
    mapped = rising.predict(scores.ravel().astype(np.float64))
    _, places = np.unique(scores.ravel(), return_inverse=True)
    place: NDArray[np.float64] = places / max(int(places.max()), 1)
    return np.asarray(((1 - _KEPT_ORDER) * mapped + _KEPT_ORDER * place).reshape(scores.shape), np.float32)

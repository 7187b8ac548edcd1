"""Evaluation of scores of any unit, mapped to probabilities.

Scores in 0..1 are also evaluated as given. One monotone map for all tags is fitted (isotonic regression, Zadrozny and
Elkan 2002) on training photos that the method got without their tags, never on test photos; it keeps the ranking.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clustertags.benchmark.datasets.labelled_set import LabelledSet
from clustertags.benchmark.datasets.splits import Split
from clustertags.benchmark.execution.cells import Cell
from clustertags.benchmark.execution.worker import calibration_rows
from clustertags.evaluation.calibration import reliability, squared_errors
from clustertags.evaluation.intervals import Bootstrap
from clustertags.evaluation.metrics import MetricSettings, evaluate
from clustertags.evaluation.predictions import DEFAULT_PRECISIONS, Predictions
from clustertags.evaluation.probability_map import map_to_probabilities
from clustertags.evaluation.results import Estimate, Evaluation, Reliability
from clustertags.tagging.minimum_score import MIN_SCORE

N_BOOTSTRAP = 200
MAPPED = "scores after the map to probabilities"
AS_THEY_ARE = "scores as they are"


@dataclass(frozen=True, slots=True)
class MethodEvaluation:
    """One method on one draw. `as_given`, `brier_as_given`: of scores in 0..1 as they are, else None; `evaluation`: of
    the mapped scores, or of those as given where there were no photos to fit the map on; `kind`: which of the two.
    """

    name: str
    budget: int
    kind: str
    n_mapped_on: int
    as_given: Reliability | None
    brier_as_given: Estimate | None
    evaluation: Evaluation


def evaluate_cell(cell: Cell, labelled: LabelledSet, split: Split) -> MethodEvaluation | None:
    """Evaluate the scores of the cell; None where it has none, or they cannot be mapped to 0..1."""
    draw = next(item for item in split.draws if (item.budget, item.number) == (cell.budget, cell.number))
    if cell.scores is None:
        return None
    truth = labelled.tags[split.test]
    given = cell.scores if cell.scores.min() >= 0 and cell.scores.max() <= 1 else None
    bootstrap = Bootstrap(len(truth), random_state=split.random_state, n_draws=N_BOOTSTRAP)
    rows = calibration_rows(split.unlabelled(draw))
    scores, n_mapped_on = given, 0
    if cell.calibration_scores is not None:
        scores = map_to_probabilities(cell.calibration_scores, labelled.tags[rows], cell.scores)
        n_mapped_on = len(rows)
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
        np.stack([np.full((1, n_tags), min_score, np.float32) for min_score in DEFAULT_PRECISIONS]),
    )
    settings = MetricSettings(min_score=MIN_SCORE, random_state=split.random_state, n_draws=N_BOOTSTRAP)
    return MethodEvaluation(
        cell.method,
        cell.budget,
        MAPPED if n_mapped_on else AS_THEY_ARE,
        n_mapped_on,
        reliability(truth, given, bootstrap) if given is not None else None,
        bootstrap.mean(squared_errors(truth, given)) if given is not None else None,
        evaluate(predictions, settings),
    )

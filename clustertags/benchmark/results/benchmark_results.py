"""All results of a benchmark on one set, and their JSON."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from clustertags.benchmark.datasets.labelled_set import LabelledSet
from clustertags.benchmark.datasets.splits import Split
from clustertags.benchmark.extra_protocols.section import Section
from clustertags.benchmark.results.calibrated_evaluation import MethodEvaluation
from clustertags.benchmark.results.cluster_agreement import ClusterScores
from clustertags.benchmark.results.example_predictions import Example
from clustertags.benchmark.results.open_results import OpenResults
from clustertags.benchmark.results.popularity_baseline import PopularityResult
from clustertags.benchmark.results.published_figures import PUBLISHED_RESULTS
from clustertags.benchmark.results.table import Comparison, MethodRow
from clustertags.benchmark.results.verdict import is_first_or_within, verdict
from clustertags.evaluation.results import to_json_value
from clustertags.support.cores import usable_cores
from clustertags.support.version import __version__

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class BenchmarkResults:
    """`evaluations`: by method, at the largest budget that it has; `detailed`: the methods shown in detail,
    clustertags first; `examples`: of the first of them. `popularity`: results on tag lists without photos, if read;
    `open_results`: of the open protocol, if asked for.
    """

    labelled: LabelledSet
    split: Split
    comparison: Comparison
    evaluations: Mapping[str, MethodEvaluation]
    detailed: tuple[str, ...]
    clusters: ClusterScores | None
    examples: tuple[Example, ...]
    sections: tuple[Section, ...] = ()
    popularity: PopularityResult | None = None
    n_computed: int = 0
    open_results: OpenResults | None = None

    def to_json(self) -> dict[str, Any]:
        """The document that `results.json` holds; other programs rely on its keys."""
        labelled, split, comparison = self.labelled, self.split, self.comparison
        return {
            "schema_version": SCHEMA_VERSION,
            "program": {"version": __version__, "python": platform.python_version(), "cores": usable_cores()},
            "set": {
                "title": labelled.title,
                "n_photos": len(labelled),
                "n_tags": len(labelled.names),
                "tags_a_photo": round(float(labelled.tags.sum(axis=1).mean()), 4),
                "one_tag_a_photo": labelled.one_tag_a_photo,
                "n_unreadable": labelled.n_unreadable,
                "backbone": labelled.backbone,
                "notes": list(labelled.notes),
            },
            "split": {
                "digest": split.digest,
                "seed": split.random_state,
                "n_training": len(split.training),
                "n_test": len(split.test),
                "n_groups": split.n_groups,
                "budgets": [{"budget": budget, "name": split.budget_name(budget)} for budget in split.budgets],
                "n_draws": split.n_draws,
            },
            "ours_first_or_within": is_first_or_within(comparison),
            "verdict": list(verdict(comparison, split)),
            "figures": list(comparison.figures),
            "best_baseline": {str(budget): name for budget, name in comparison.best_baseline.items()},
            "standings": to_json_value(comparison.standings),
            "methods": [_row_json(row, self.evaluations.get(row.name)) for row in comparison.rows],
            "in_full": {
                name: self.evaluations[name].evaluation.to_json() for name in self.detailed if name in self.evaluations
            },
            "clusters": to_json_value(self.clusters) if self.clusters else None,
            "sections": to_json_value(self.sections),
            "open": to_json_value(self.open_results) if self.open_results else None,
            "tag_only": to_json_value(self.popularity) if self.popularity else None,
            "quoted": to_json_value(PUBLISHED_RESULTS),
        }


def _row_json(row: MethodRow, found: MethodEvaluation | None) -> dict[str, Any]:
    document: dict[str, Any] = to_json_value(row)
    document["judged"] = None
    if found is not None:
        evaluation = found.evaluation
        document["judged"] = {
            "budget": found.budget,
            "kind": found.kind,
            "n_mapped_on": found.n_mapped_on,
            "error_as_given": to_json_value(found.as_given.error) if found.as_given else None,
            "brier_as_given": to_json_value(found.brier_as_given) if found.brier_as_given else None,
            "error": to_json_value(evaluation.all_pairs.error),
            "brier": to_json_value(evaluation.overall["Brier score"]),
            "least_score": evaluation.min_score,
            **decision_counts(found),
            "curve": to_json_value(evaluation.curve),
        }
    return document


def decision_counts(found: MethodEvaluation) -> dict[str, int]:
    """TP, FP, FN and TN over all photos and tags, at the minimum score."""
    tags = found.evaluation.tags
    return {name: sum(getattr(item, name) for item in tags) for name in ("tp", "fp", "fn", "tn")}

"""All that a benchmark found on one set, and the JSON that other programs can rely on."""

from __future__ import annotations

import platform
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from clustertags.benchmark.datasets.labelled_set import LabelledSet
from clustertags.benchmark.datasets.splits import Split
from clustertags.benchmark.extra_protocols.section import Section
from clustertags.benchmark.results.calibrated_evaluation import Judged
from clustertags.benchmark.results.cluster_agreement import ClusterScores
from clustertags.benchmark.results.example_predictions import Example
from clustertags.benchmark.results.popularity_baseline import TagOnly
from clustertags.benchmark.results.published_figures import QUOTED
from clustertags.benchmark.results.table import Comparison, MethodRow
from clustertags.benchmark.results.verdict import holds, verdict
from clustertags.evaluation.results import plain
from clustertags.support.cores import usable_cores
from clustertags.support.version import __version__

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class Results:
    """`judged`: by method, at the largest budget that it has; `shown`: the methods told in full, ours first;
    `examples` are those of the first of them. `tag_only`: rows from lists alone, where they were read.
    """

    labelled: LabelledSet
    split: Split
    comparison: Comparison
    judged: Mapping[str, Judged]
    shown: tuple[str, ...]
    clusters: ClusterScores | None
    examples: tuple[Example, ...]
    sections: tuple[Section, ...] = ()
    tag_only: TagOnly | None = None
    n_computed: int = 0

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
                "seed": split.seed,
                "n_training": len(split.training),
                "n_test": len(split.test),
                "n_groups": split.n_groups,
                "budgets": [{"budget": budget, "name": split.budget_name(budget)} for budget in split.budgets],
                "n_draws": split.n_draws,
            },
            "ours_first_or_within": holds(comparison),
            "verdict": list(verdict(comparison, split)),
            "figures": list(comparison.figures),
            "best_baseline": {str(budget): name for budget, name in comparison.best_baseline.items()},
            "standings": plain(comparison.standings),
            "methods": [_row_json(row, self.judged.get(row.name)) for row in comparison.rows],
            "in_full": {name: self.judged[name].evaluation.to_json() for name in self.shown if name in self.judged},
            "clusters": plain(self.clusters) if self.clusters else None,
            "sections": plain(self.sections),
            "tag_only": plain(self.tag_only) if self.tag_only else None,
            "quoted": plain(QUOTED),
        }


def _row_json(row: MethodRow, judged: Judged | None) -> dict[str, Any]:
    document: dict[str, Any] = plain(row)
    document["judged"] = None
    if judged is not None:
        evaluation = judged.evaluation
        document["judged"] = {
            "budget": judged.budget,
            "kind": judged.kind,
            "n_mapped_on": judged.n_mapped_on,
            "error_as_given": plain(judged.as_given.error) if judged.as_given else None,
            "brier_as_given": plain(judged.brier_as_given) if judged.brier_as_given else None,
            "error": plain(evaluation.all_pairs.error),
            "brier": plain(evaluation.overall["Brier score"]),
            "least_score": evaluation.least_score,
            **decided(judged),
            "curve": plain(evaluation.curve),
        }
    return document


def decided(judged: Judged) -> dict[str, int]:
    """TP, FP, FN and TN over all photos and tags, at the least score."""
    tags = judged.evaluation.tags
    return {name: sum(getattr(item, name) for item in tags) for name in ("tp", "fp", "fn", "tn")}

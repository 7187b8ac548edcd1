"""Run a benchmark: load the set, split it, run every method, compare, write the results.

DIR/
    cache/          features and the converted network, by content
    cells/          the results of each method on each draw
    split.json      the training, labelled and test photos
    results.json    all metrics
    report.html     the same as a page
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from clustertags.benchmark.datasets.labelled_set import LabelledSet, LabelledSetRequest, load_labelled_set
from clustertags.benchmark.datasets.splits import Split, SplitSettings, make_split, read_split, write_split
from clustertags.benchmark.execution.cells import Cell, CellStore
from clustertags.benchmark.execution.runner import RunCallbacks, RunSummary, first_reasons, run_methods
from clustertags.benchmark.extra_protocols.open_draws import OpenSettings
from clustertags.benchmark.extra_protocols.open_scoring import score_open_libraries
from clustertags.benchmark.extra_protocols.protocol_tables import EXTRA_FAMILIES, extra_sections
from clustertags.benchmark.extra_protocols.section import Section
from clustertags.benchmark.method_interface import Method
from clustertags.benchmark.report.html_report import write_comparison
from clustertags.benchmark.results.benchmark_results import BenchmarkResults
from clustertags.benchmark.results.calibrated_evaluation import MethodEvaluation, evaluate_cell
from clustertags.benchmark.results.cluster_agreement import Agreement, ClusterScores, score_clusters
from clustertags.benchmark.results.example_predictions import example_predictions
from clustertags.benchmark.results.open_results import OpenResults, summarise_open
from clustertags.benchmark.results.popularity_baseline import PopularityResult
from clustertags.benchmark.results.table import CLUSTERTAGS, Comparison
from clustertags.benchmark.results.table_builder import compare
from clustertags.evaluation.results import to_json_value
from clustertags.library.storage import storage_errors, write_atomically
from clustertags.support.version import __version__
from clustertags.types import Progress

SPLIT_FILE = "split.json"
RESULTS_FILE = "results.json"
REPORT_FILE = "report.html"
CACHE_FOLDER = "cache"
CELLS_FOLDER = "cells"


@dataclass(frozen=True, slots=True)
class BenchmarkRequest:
    """`split_file`: a split to use instead of drawing one; `popularity`: results on tag lists without photos;
    `open_settings`: of the open protocol, None to leave it out.
    """

    photos: LabelledSetRequest
    output: Path
    methods: tuple[type[Method], ...]
    split: SplitSettings = field(default_factory=SplitSettings)
    split_file: Path | None = None
    popularity: PopularityResult | None = None
    open_settings: OpenSettings | None = None

    def ranked(self) -> tuple[type[Method], ...]:
        """The methods of the main table: those without a table of their own, or all methods if there are no others."""
        return tuple(method for method in self.methods if method.family not in EXTRA_FAMILIES) or self.methods


@dataclass(frozen=True, slots=True)
class RunOutputs:
    """The cells by method, the failures, the clusters' scores, and the results of other protocols."""

    cells: Mapping[str, Sequence[Cell]]
    summary: RunSummary
    clusters: ClusterScores | None
    sections: tuple[Section, ...] = ()
    open_results: OpenResults | None = None


def run_benchmark(request: BenchmarkRequest, callbacks: RunCallbacks | None = None) -> BenchmarkResults:
    """Compare the methods on the set and write everything below `request.output`. Raises `ClusterTagsError`."""
    callbacks = callbacks or RunCallbacks()
    output = request.output
    with storage_errors(output):
        output.mkdir(parents=True, exist_ok=True)
    labelled = load_labelled_set(request.photos, callbacks.progress)
    split = read_split(request.split_file, labelled) if request.split_file else make_split(labelled, request.split)
    write_split(split, labelled, output / SPLIT_FILE)
    store = CellStore(output / CELLS_FOLDER, split)
    ranked = request.ranked()
    summary = run_methods(labelled, store, ranked, callbacks=callbacks)
    cells = {method.name: _cells(store, method, split) for method in ranked}
    clusters = _clusters(store, labelled, callbacks.progress)
    sections = extra_sections(labelled, request.methods, store.folder, split.random_state, callbacks)
    found_open = _open_results(request, labelled, store.folder, callbacks)
    outputs = RunOutputs(cells, summary, clusters, sections, found_open)
    results = build_results(request, labelled, split, outputs)
    with storage_errors(output):
        write_atomically(output / RESULTS_FILE, json.dumps(results.to_json(), indent=1).encode())
    write_comparison(results, output / REPORT_FILE)
    return results


def build_results(
    request: BenchmarkRequest, labelled: LabelledSet, split: Split, outputs: RunOutputs
) -> BenchmarkResults:
    """Compare and evaluate the cells."""
    reasons = {name: first_reasons(failures) for name, failures in outputs.summary.failures.items()}
    cells = outputs.cells
    comparison = compare(request.ranked(), cells, split, reasons)
    evaluations = {
        name: evaluation for name, items in cells.items() if (evaluation := _evaluate_last(items, labelled, split))
    }
    detailed = _detailed_methods(comparison, split)
    with_scores = [cell for cell in cells.get(detailed[0], ()) if cell.scores is not None] if detailed else []
    return BenchmarkResults(
        labelled,
        split,
        comparison,
        evaluations,
        detailed,
        outputs.clusters,
        example_predictions(with_scores[-1], labelled, split) if with_scores else (),
        (*outputs.sections, *(outputs.open_results.sections() if outputs.open_results else ())),
        request.popularity,
        outputs.summary.n_computed,
        outputs.open_results,
    )


def _open_results(
    request: BenchmarkRequest, labelled: LabelledSet, folder: Path, callbacks: RunCallbacks
) -> OpenResults | None:
    """The open protocol of the methods of the main table, where it is asked for."""
    settings = request.open_settings
    if settings is None:
        return None
    scores = score_open_libraries(labelled, request.ranked(), settings, folder, callbacks)
    return summarise_open(labelled, settings, scores)


def _cells(store: CellStore, method: type[Method], split: Split) -> list[Cell]:
    return [cell for draw in split.draws if (cell := store.read(method, draw)) is not None]


def _evaluate_last(cells: Sequence[Cell], labelled: LabelledSet, split: Split) -> MethodEvaluation | None:
    with_scores = [cell for cell in cells if cell.scores is not None]
    return evaluate_cell(with_scores[-1], labelled, split) if with_scores else None


def _detailed_methods(comparison: Comparison, split: Split) -> tuple[str, ...]:
    """clustertags, and the best baseline at the largest budget with results."""
    own = [row.name for row in comparison.rows if row.name == CLUSTERTAGS and row.budgets]
    baselines = [
        comparison.best_baseline[budget] for budget in reversed(split.budgets) if budget in comparison.best_baseline
    ]
    return (*own, *baselines[:1])


def _clusters(store: CellStore, labelled: LabelledSet, progress: Progress) -> ClusterScores | None:
    """The clusters' scores on the training photos, cached next to the cells."""
    split = store.split
    key = hashlib.sha256(repr((split.digest, __version__, 1)).encode()).hexdigest()[:16]
    path = store.folder / f"clusters-{key}.json"
    try:
        document: dict[str, Any] = json.loads(path.read_bytes())
        agreements = tuple(Agreement(**item) for item in document.pop("agreements"))
        return ClusterScores(agreements=agreements, **document)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        scores = score_clusters(labelled, split.training, random_state=split.random_state, progress=progress)
    if scores is not None:
        with storage_errors(store.folder):
            store.folder.mkdir(parents=True, exist_ok=True)
            write_atomically(path, json.dumps(to_json_value(scores)).encode())
    return scores

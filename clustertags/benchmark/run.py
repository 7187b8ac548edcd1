"""The recipe of a benchmark: gather, split, run every method, compare, write.

DIR/
    cache/          features and the converted network, by content
    cells/          what each method did with each draw
    split.json      which photos were trained on, labelled and tested
    results.json    every figure
    report.html     the same to look at
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from clustertags.benchmark.datasets.labelled_set import LabelledSet, SetRequest, gather
from clustertags.benchmark.datasets.splits import Split, SplitSettings, make_split, read_split, write_split
from clustertags.benchmark.execution.cells import Cell, CellStore
from clustertags.benchmark.execution.runner import Ran, Watch, first_reasons, run_methods
from clustertags.benchmark.extra_protocols.protocol_tables import FAMILIES_APART, other_sections
from clustertags.benchmark.extra_protocols.section import Section
from clustertags.benchmark.method_interface import Method
from clustertags.benchmark.report.html_report import write_comparison
from clustertags.benchmark.results.benchmark_results import Results
from clustertags.benchmark.results.calibrated_evaluation import Judged, judge
from clustertags.benchmark.results.cluster_agreement import Agreement, ClusterScores, score_clusters
from clustertags.benchmark.results.example_predictions import examples
from clustertags.benchmark.results.popularity_baseline import TagOnly
from clustertags.benchmark.results.table import OURS, Comparison
from clustertags.benchmark.results.table_builder import compare
from clustertags.evaluation.results import plain
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
    """`split_file`: a split to use instead of drawing one; `tag_only`: rows from lists alone."""

    photos: SetRequest
    output: Path
    methods: tuple[type[Method], ...]
    split: SplitSettings = field(default_factory=SplitSettings)
    split_file: Path | None = None
    tag_only: TagOnly | None = None

    def ranked(self) -> tuple[type[Method], ...]:
        """The methods of the main table: those without a table of their own, or all where there are no others."""
        return tuple(method for method in self.methods if method.family not in FAMILIES_APART) or self.methods


@dataclass(frozen=True, slots=True)
class Found:
    """What a run made: the cells by method, what failed, the clusters' scores, tables of other protocols."""

    cells: Mapping[str, Sequence[Cell]]
    ran: Ran
    clusters: ClusterScores | None
    sections: tuple[Section, ...] = ()


def run_benchmark(request: BenchmarkRequest, watch: Watch | None = None) -> Results:
    """Compare the methods on the set and write everything below `request.output`. Raises `ClusterTagsError`."""
    watch = watch or Watch()
    output = request.output
    with storage_errors(output):
        output.mkdir(parents=True, exist_ok=True)
    labelled = gather(request.photos, watch.progress)
    split = read_split(request.split_file, labelled) if request.split_file else make_split(labelled, request.split)
    write_split(split, labelled, output / SPLIT_FILE)
    store = CellStore(output / CELLS_FOLDER, split)
    ranked = request.ranked()
    ran = run_methods(labelled, store, ranked, watch=watch)
    cells = {method.name: _cells(store, method, split) for method in ranked}
    clusters = _clusters(store, labelled, watch.progress)
    sections = other_sections(labelled, request.methods, store.folder, split.seed, watch)
    found = Found(cells, ran, clusters, sections)
    results = assemble(request, labelled, split, found)
    with storage_errors(output):
        write_atomically(output / RESULTS_FILE, json.dumps(results.to_json(), indent=1).encode())
    write_comparison(results, output / REPORT_FILE)
    return results


def assemble(request: BenchmarkRequest, labelled: LabelledSet, split: Split, found: Found) -> Results:
    """Everything that is told of the cells."""
    reasons = {name: first_reasons(failures) for name, failures in found.ran.failures.items()}
    cells = found.cells
    comparison = compare(request.ranked(), cells, split, reasons)
    judged = {name: told for name, items in cells.items() if (told := _judge_last(items, labelled, split))}
    shown = _in_full(comparison, split)
    kept = [cell for cell in cells.get(shown[0], ()) if cell.scores is not None] if shown else []
    return Results(
        labelled,
        split,
        comparison,
        judged,
        shown,
        found.clusters,
        examples(kept[-1], labelled, split) if kept else (),
        found.sections,
        request.tag_only,
        found.ran.n_computed,
    )


def _cells(store: CellStore, method: type[Method], split: Split) -> list[Cell]:
    return [cell for draw in split.draws if (cell := store.read(method, draw)) is not None]


def _judge_last(cells: Sequence[Cell], labelled: LabelledSet, split: Split) -> Judged | None:
    kept = [cell for cell in cells if cell.scores is not None]
    return judge(kept[-1], labelled, split) if kept else None


def _in_full(comparison: Comparison, split: Split) -> tuple[str, ...]:
    """Ours and the best baseline at the largest budget that there are figures for."""
    there = [row.name for row in comparison.rows if row.name == OURS and row.budgets]
    rivals = [
        comparison.best_baseline[budget] for budget in reversed(split.budgets) if budget in comparison.best_baseline
    ]
    return (*there, *rivals[:1])


def _clusters(store: CellStore, labelled: LabelledSet, progress: Progress) -> ClusterScores | None:
    """The clusters' scores on the training photos, kept beside the cells."""
    split = store.split
    key = hashlib.sha256(repr((split.digest, __version__, 1)).encode()).hexdigest()[:16]
    path = store.folder / f"clusters-{key}.json"
    try:
        document: dict[str, Any] = json.loads(path.read_bytes())
        agreements = tuple(Agreement(**item) for item in document.pop("agreements"))
        return ClusterScores(agreements=agreements, **document)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        scores = score_clusters(labelled, split.training, seed=split.seed, progress=progress)
    if scores is not None:
        with storage_errors(store.folder):
            store.folder.mkdir(parents=True, exist_ok=True)
            write_atomically(path, json.dumps(plain(scores)).encode())
    return scores

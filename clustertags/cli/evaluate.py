"""`clustertags evaluate`."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from clustertags.cli import console
from clustertags.cli.parameters import DEFAULT_ARTIFACTS, ArtifactsOption, SeedOption
from clustertags.errors import UsageError
from clustertags.support.counts import plural
from clustertags.support.printable import printable
from clustertags.tagging.minimum_score import MIN_SCORE

if TYPE_CHECKING:
    from clustertags.evaluation.predictions import Predictions


def evaluate(
    photos: Annotated[
        Path | None, typer.Argument(help="The folder of the photos of --tags; without it, the fitted folder.")
    ] = None,
    tags: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="The truth: CSV, JSON lines or `folders`, as for `fit`. Without it: cross-validation on the labelled "
            "photos of the library.",
        ),
    ] = None,
    artifacts: ArtifactsOption = DEFAULT_ARTIFACTS,
    output_format: Annotated[
        Literal["table", "json"], typer.Option("--format", "-f", help="How to print it.")
    ] = "table",
    report: Annotated[Path | None, typer.Option(metavar="FILE", help="Write an HTML page with plots here.")] = None,
    precision: Annotated[
        list[float] | None,
        typer.Option(min=0, max=1, metavar="P", help="Also report coverage at this precision; may be repeated."),
    ] = None,
    top_k: Annotated[
        int, typer.Option("--top-k", "-k", min=1, help="The K of P@K, R@K and A@K, in addition to 1 and 5.")
    ] = 5,
    min_score: Annotated[
        float, typer.Option(min=0, max=1, metavar="P", help="A tag with at least this score counts as predicted.")
    ] = MIN_SCORE,
    with_seeds: Annotated[
        bool, typer.Option("--with-seeds", help="Score the photos that the library was fitted on too.")
    ] = False,
    folds: Annotated[
        int, typer.Option(min=2, help="Folds of the cross-validation, and the most groups of tags left out.")
    ] = 5,
    seed: SeedOption = 0,
) -> None:
    """Print how accurate the tags are, and how well their scores are calibrated.

    With a truth, photos are tagged as by `tag`; those that the library was fitted on are excluded. Without a truth,
    each labelled photo is tagged by a model that was fitted without it.

    \b
    clustertags evaluate
    clustertags evaluate ./new-photos --tags truth.csv
    clustertags evaluate --tags truth.csv --precision 0.95 --report report.html
    """
    from clustertags.cli.evaluation import evaluation_table  # noqa: PLC0415
    from clustertags.evaluation import metrics  # noqa: PLC0415
    from clustertags.evaluation.predictions import DEFAULT_PRECISIONS  # noqa: PLC0415
    from clustertags.library.storage import check_output  # noqa: PLC0415

    if photos is not None and tags is None:
        raise UsageError(f"the tags of {printable(photos)} are not known: name a file of them with --tags")
    if report is not None and (report.is_dir() or not report.absolute().parent.is_dir()):
        raise UsageError(f"{printable(report)} cannot be written: name a file in a folder that exists")
    if report is not None:
        check_output(report)
    precisions = tuple(dict.fromkeys(precision or DEFAULT_PRECISIONS))
    if tags is None:
        predictions = _cross_validated(artifacts, precisions, folds, seed)
    else:
        predictions = _against_truth(artifacts, tags, photos, with_seeds, precisions)
    evaluation = metrics.evaluate(predictions, metrics.MetricSettings(top_k, min_score, seed))
    if report is not None:
        from clustertags.evaluation.report import write_report  # noqa: PLC0415

        write_report(evaluation, _source(artifacts, tags), report)
        console.notice(f"report: {printable(report)}")
    if output_format == "json":
        console.result(json.dumps(evaluation.to_json()))
    else:
        console.result(evaluation_table(evaluation, shutil.get_terminal_size().columns))
    if evaluation.n_unreadable:
        console.notice(f"{plural(evaluation.n_unreadable, 'photo')} could not be read")
        raise typer.Exit(console.EXIT_SOME_UNREADABLE)


def _cross_validated(artifacts: Path, precisions: tuple[float, ...], folds: int, seed: int) -> Predictions:
    from clustertags.workflows.evaluate import cross_validate_library  # noqa: PLC0415

    with console.progress() as progress:
        return cross_validate_library(artifacts, precisions, n_folds=folds, random_state=seed, progress=progress)


def _against_truth(
    artifacts: Path, tags: str, photos: Path | None, with_seeds: bool, precisions: tuple[float, ...]
) -> Predictions:
    from clustertags.workflows.evaluate import TruthRequest, score_truth  # noqa: PLC0415

    with console.progress() as progress:
        return score_truth(TruthRequest(artifacts, tags, photos, with_seeds), precisions, progress)


def _source(artifacts: Path, tags: str | None) -> str:
    """The title of the report: names without paths."""
    truth = "cross-validation" if tags is None else Path(tags).name
    return f"{Path(os.path.realpath(artifacts)).name} · {truth}"

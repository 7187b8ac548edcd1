"""`clustertags benchmark`."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from clustertags.cli import console
from clustertags.cli.parameters import SeedOption
from clustertags.errors import UsageError
from clustertags.support.counts import plural
from clustertags.support.printable import printable

if TYPE_CHECKING:
    from clustertags.benchmark.datasets.label_formats import LabelFormat
    from clustertags.benchmark.datasets.labelled_set import LabelledSetRequest
    from clustertags.benchmark.datasets.splits import SplitSettings
    from clustertags.benchmark.extra_protocols.open_draws import OpenSettings
    from clustertags.benchmark.results.popularity_baseline import PopularityResult
    from clustertags.benchmark.run import BenchmarkRequest

_ALL = "all"


# Longer than 60 lines: it is the list of the command's options.
def benchmark(
    photos: Annotated[
        Path | None, typer.Argument(help="The folder of the labelled photos; not needed for HARRISON's lists alone.")
    ] = None,
    tags: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="The labels: CSV, JSON lines, `folders`, COCO's instances_*.json, Flickr8k.token.txt, or the folder "
            "of HARRISON's lists. Without it: tags.csv or labels.csv in PHOTOS, else the names of its folders.",
        ),
    ] = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", help="Where features, results and the report are kept.")
    ] = Path("benchmark"),
    layout: Annotated[
        Literal["folders", "csv", "harrison", "coco", "flickr8k"] | None,
        typer.Option("--layout", help="How the labels are written; recognised by the name of FILE if not given."),
    ] = None,
    methods: Annotated[
        str | None,
        typer.Option(
            metavar="NAMES",
            help="Rows of the table, separated by commas; see --list. Without it, all that download nothing.",
        ),
    ] = None,
    budgets: Annotated[
        str | None,
        typer.Option(
            metavar="NUMBERS",
            help="Labelled photos a tag where photos have one tag (1,5,10), else labelled photos (50,100,200); `all` "
            "for every training photo. With --open-share also the labels of each known tag (5,10).",
        ),
    ] = None,
    draws: Annotated[int, typer.Option(min=1, max=1000, help="Draws of labelled photos a budget.")] = 5,
    test_share: Annotated[
        float | None, typer.Option(min=0.01, max=0.99, metavar="P", help="Of the photos, kept for the test: 0.5.")
    ] = None,
    split: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A split.json of an earlier run, to be used again.")
    ] = None,
    min_photos: Annotated[
        int, typer.Option("--least-photos", min=2, metavar="N", help="Skip tags with fewer photos.")
    ] = 4,
    backbone: Annotated[str, typer.Option(help="The network, as for `fit`.")] = "efficientnet-lite0",
    weights: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Parameters of the network, as for `fit`.")
    ] = None,
    open_share: Annotated[
        float | None,
        typer.Option(
            min=0.01,
            max=0.99,
            metavar="P",
            help="Score libraries with photos of none of the tags, too: this share of the tags is known, such as 0.5.",
        ),
    ] = None,
    output_format: Annotated[
        Literal["table", "json"], typer.Option("--format", "-f", help="How to print it.")
    ] = "table",
    list_methods: Annotated[bool, typer.Option("--list", help="Print one method a line with what it needs.")] = False,
    seed: SeedOption = 0,
) -> None:
    """Compare this program with the methods of the field, on the same photos, features and splits.

    Half of the photos are the test, and nothing that is fitted sees them; near-duplicates stay on one side. What is
    done is kept in DIR, so that a run that was interrupted goes on, and a new method adds its own rows alone.

    \b
    clustertags benchmark ./photos --tags labels.csv
    clustertags benchmark ./photos --methods clustertags,tag-vote,popularity --budgets 1,5 --draws 3
    clustertags benchmark ./photos --methods clustertags,elkan-noto,nnpu --open-share 0.5
    clustertags benchmark --list
    """
    if list_methods:
        from clustertags.cli.comparison import method_lines  # noqa: PLC0415

        console.result(method_lines())
        return
    from clustertags.benchmark.datasets.label_formats import LabelFormat  # noqa: PLC0415
    from clustertags.benchmark.datasets.labelled_set import LabelledSetRequest  # noqa: PLC0415
    from clustertags.benchmark.execution.runner import RunCallbacks  # noqa: PLC0415
    from clustertags.benchmark.run import CACHE_FOLDER, REPORT_FILE, run_benchmark  # noqa: PLC0415
    from clustertags.cli.comparison import comparison_table, popularity_lines  # noqa: PLC0415

    if split is not None and not split.is_file():
        raise UsageError(f"{printable(split)} is not a file: name a split.json of a benchmark")
    chosen = LabelFormat(layout) if layout else None
    lists = _harrison_folder(tags, chosen)
    if photos is None:
        if lists is None:
            raise UsageError("name the folder of the labelled photos, or HARRISON's lists with --tags")
        found = _popularity(lists, seed)
        console.result(json.dumps(_tag_only_json(found)) if output_format == "json" else popularity_lines(found))
        return
    settings = _split_settings(budgets, draws, test_share, seed, harrison=lists is not None)
    request = _request(
        LabelledSetRequest(photos, output / CACHE_FOLDER, tags, chosen, backbone, weights, min_photos=min_photos),
        output,
        methods,
        settings,
        split,
        lists,
        _open_settings(open_share, settings),
    )
    with console.progress() as progress:
        results = run_benchmark(request, RunCallbacks(progress, console.notice))
    console.notice(f"report: {printable(output / REPORT_FILE)}")
    if output_format == "json":
        console.result(json.dumps(results.to_json()))
    else:
        console.result(comparison_table(results, shutil.get_terminal_size().columns))
    if results.labelled.n_unreadable:
        console.notice(f"{plural(results.labelled.n_unreadable, 'photo')} could not be read")
        raise typer.Exit(console.EXIT_SOME_UNREADABLE)


def _request(
    photos: LabelledSetRequest,
    output: Path,
    methods: str | None,
    settings: SplitSettings,
    split: Path | None,
    lists: Path | None,
    open_settings: OpenSettings | None,
) -> BenchmarkRequest:
    from clustertags.benchmark.method_registry import find_methods, usual_methods  # noqa: PLC0415
    from clustertags.benchmark.run import BenchmarkRequest  # noqa: PLC0415

    named = [name.strip() for name in (methods or "").split(",") if name.strip()]
    chosen = find_methods(list(dict.fromkeys(named))) if named else usual_methods()
    if not chosen:
        raise UsageError("no method is registered: install this package whole")
    popularity = _popularity(lists, settings.random_state) if lists is not None else None
    return BenchmarkRequest(photos, output, tuple(chosen), settings, split, popularity, open_settings)


def _split_settings(
    budgets: str | None, draws: int, test_share: float | None, seed: int, *, harrison: bool
) -> SplitSettings:
    from clustertags.benchmark.datasets.harrison import N_PHOTOS, N_TEST  # noqa: PLC0415
    from clustertags.benchmark.datasets.splits import TEST_SHARE, SplitSettings  # noqa: PLC0415

    usual = N_TEST / N_PHOTOS if harrison else TEST_SHARE
    return SplitSettings(_numbers(budgets), draws, test_share or usual, seed)


def _open_settings(share: float | None, settings: SplitSettings) -> OpenSettings | None:
    """The run's draws and seed, and its budgets as labels a known tag."""
    from clustertags.benchmark.datasets.splits import ALL  # noqa: PLC0415
    from clustertags.benchmark.extra_protocols.open_draws import LABELS_A_TAG, OpenSettings  # noqa: PLC0415

    if share is None:
        return None
    labels = LABELS_A_TAG if settings.budgets is None else settings.budgets
    if ALL in labels:
        raise UsageError("--open-share needs photos without labels: give --budgets in numbers, such as 5,10")
    return OpenSettings(share, labels, settings.n_draws, random_state=settings.random_state)


def _numbers(budgets: str | None) -> tuple[int, ...] | None:
    from clustertags.benchmark.datasets.splits import ALL  # noqa: PLC0415

    if budgets is None:
        return None
    words = [word.strip() for word in budgets.split(",") if word.strip()]
    if not words or not all(word == _ALL or (word.isdecimal() and 0 < int(word) < 10**9) for word in words):
        raise UsageError(
            f"--budgets takes whole numbers from 1 and `all`, such as 1,5,10, not {printable(budgets, 40)}"
        )
    return tuple(ALL if word == _ALL else int(word) for word in words)


def _harrison_folder(tags: str | None, layout: LabelFormat | None) -> Path | None:
    from clustertags.benchmark.datasets.label_formats import LabelFormat, guess_label_format  # noqa: PLC0415

    if tags is None or tags == "folders":
        return None
    return Path(tags) if (layout or guess_label_format(Path(tags))) is LabelFormat.HARRISON else None


def _popularity(lists: Path, seed: int) -> PopularityResult:
    from clustertags.benchmark.datasets.harrison import read_harrison  # noqa: PLC0415
    from clustertags.benchmark.results.popularity_baseline import score_popularity  # noqa: PLC0415

    return score_popularity(read_harrison(lists), random_state=seed)


def _tag_only_json(found: PopularityResult) -> object:
    from clustertags.evaluation.results import to_json_value  # noqa: PLC0415

    return {"schema_version": 1, "tag_only": to_json_value(found)}

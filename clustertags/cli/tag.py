"""`clustertags tag`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from clustertags.cli import console
from clustertags.cli.parameters import DEFAULT_ARTIFACTS, ArtifactsOption, JobsOption
from clustertags.support.counts import plural
from clustertags.support.printable import printable
from clustertags.tagging.minimum_score import MIN_SCORE

if TYPE_CHECKING:
    from collections.abc import Iterator


def tag(
    photos: Annotated[list[str], typer.Argument(metavar="IMAGE_OR_FOLDER...", help="Photos, or folders of them.")],
    artifacts: ArtifactsOption = DEFAULT_ARTIFACTS,
    top_k: Annotated[int, typer.Option("--top-k", "-k", min=1, help="The most tags per photo.")] = 10,
    min_score: Annotated[
        float, typer.Option(min=0, max=1, metavar="P", help="Only tags with at least this probability.")
    ] = MIN_SCORE,
    precision: Annotated[
        float | None,
        typer.Option(
            min=0, max=1, metavar="P", help="Instead: a threshold per tag, so that tags are right this often."
        ),
    ] = None,
    candidates: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Further tags to consider, one a line, also without any labelled photo."),
    ] = None,
    output_format: Annotated[
        Literal["table", "json", "jsonl", "csv"], typer.Option("--format", "-f", help="How to print them.")
    ] = "table",
    explain: Annotated[bool, typer.Option("--explain", help="Print the reasons of each tag.")] = False,
    jobs: JobsOption = None,
) -> None:
    """Print the tags of photos with their probabilities, and their clusters.

    \b
    clustertags tag new.jpg
    clustertags tag new.jpg --explain
    clustertags tag ./holiday --precision 0.9 --format jsonl > tags.jsonl
    clustertags tag new.jpg --candidates tags.txt
    """
    from clustertags.cli.formats import write_predictions  # noqa: PLC0415
    from clustertags.tagging.predictions import TagOptions  # noqa: PLC0415
    from clustertags.workflows.tag import Tagger  # noqa: PLC0415

    further_tags: tuple[str, ...] = ()
    if candidates is not None:
        from clustertags.labels.candidates_file import read_candidates  # noqa: PLC0415

        further_tags = read_candidates(candidates)
    options = TagOptions(top_k, min_score, precision, explain, further_tags)
    tagger = Tagger(artifacts, jobs=jobs)
    tagger.prepare(options)
    links: list[str] = []
    left_out: list[str] = []
    paths = list(_photos(photos, links, left_out))
    if left_out:
        which = plural(len(left_out), "hidden folder or file", "hidden folders or files")
        console.notice(f"{which} left out, such as {printable(left_out[0], 80)}; name one to tag what is in it")
    if not paths:
        console.notice(f"no photos in {', '.join(printable(name) for name in photos)}")
    if links:
        which = f"{plural(len(links), 'link')}, such as {printable(links[0], 80)}"
        console.notice(f"{which}, {'is' if len(links) == 1 else 'are'} not followed")
    # On a terminal the printed predictions show the progress.
    with console.progress(enabled=not console.is_terminal()) as progress:
        predictions = tagger.tag_all(paths, options, progress)
        n_unreadable = write_predictions(predictions, output_format, explain=explain)
    if links and not paths:
        raise typer.Exit(console.EXIT_SOME_UNREADABLE)
    if n_unreadable:
        console.notice(f"{plural(n_unreadable, 'photo')} could not be read")
        raise typer.Exit(1 if n_unreadable == len(paths) == 1 else console.EXIT_SOME_UNREADABLE)


def _photos(given: list[str], links: list[str], left_out: list[str]) -> Iterator[str]:
    """The given files, and the photos below the given folders; to `links` are added those there that name a photo, to
    `left_out` the hidden folders and files and other programs' own.
    """
    for name in given:
        if not os.path.isdir(name):  # noqa: PTH112 - `Path.is_dir` raises for a name that is too long
            yield name
            continue
        from clustertags.photos.discovery import LINK, discover  # noqa: PLC0415
        from clustertags.photos.files import DecodeLimits, has_photo_suffix, may_be_photo  # noqa: PLC0415
        from clustertags.photos.left_out_folders import LEFT_OUT  # noqa: PLC0415
        from clustertags.photos.pairs import listed_photos  # noqa: PLC0415

        found = discover(Path(name), DecodeLimits())
        photos = listed_photos(file.path for file in found.files if may_be_photo(Path(name) / file.path))
        paths = [photo.path for photo in photos]
        paths += [file.path for file in found.skipped if file.is_photo]
        left_out += [file.path for file in found.skipped if file.reason == LEFT_OUT]
        links += [file.path for file in found.skipped if file.reason == LINK and has_photo_suffix(file.path)]
        yield from (str(Path(name) / path) for path in sorted(paths))

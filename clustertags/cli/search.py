"""`clustertags search`."""

from __future__ import annotations

import json
from typing import Annotated, Literal

import typer

from clustertags.cli import console
from clustertags.cli.parameters import DEFAULT_ARTIFACTS, ArtifactsOption
from clustertags.support.printable import printable


def search(
    words: Annotated[list[str], typer.Argument(metavar="WORDS...", help="What the photos show, in English.")],
    artifacts: ArtifactsOption = DEFAULT_ARTIFACTS,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, max=1000, help="The most photos.")] = 20,
    output_format: Annotated[
        Literal["table", "jsonl"], typer.Option("--format", "-f", help="How to print them.")
    ] = "table",
) -> None:
    """List the photos of the library that match words best, each with its score.

    With a `clip:` network, words and photos are compared in one space, and the score is their cosine. Any other network
    knows photos by ImageNet's 1,000 classes: the words are compared with the names of these, and with your tags where
    they name some. The score then only orders the photos.

    \b
    clustertags search "a dog on a beach"
    clustertags search sunset --limit 5 --format jsonl
    """
    from clustertags.browsing.word_search import explain, explain_unknown  # noqa: PLC0415
    from clustertags.workflows.search import search_by_words  # noqa: PLC0415

    found = search_by_words(" ".join(words), artifacts, limit)
    result = found.result
    for sentence in (explain(result, found.backbone), explain_unknown(result)):
        if sentence:
            console.notice(printable(sentence, 600))
    for item in result.found.items:
        path = found.library.photos[item.photo].path
        if output_format == "jsonl":
            line = {"path": path, "score": item.score, "own": item.own, "basis": result.basis, "tags": result.tags}
            console.result(json.dumps({**line, "added": found.library.is_added(item.photo)}))
        else:
            marks = "  (yours)" if item.own else ""
            marks += "  (added)" if found.library.is_added(item.photo) else ""
            console.result(f"{item.score:.3f}  {printable(path, 100)}{marks}")

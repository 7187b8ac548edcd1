"""The summary that `clustertags add` prints."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from clustertags.cli import console
from clustertags.cli.unreadable import print_unreadable
from clustertags.support.counts import plural
from clustertags.support.printable import printable

if TYPE_CHECKING:
    from clustertags.workflows.add import AddSummary
    from clustertags.workflows.added_photos import AddedPhotos

_NAMES_SHOWN = 5


def print_summary(summary: AddSummary, artifacts: Path) -> None:
    """Print what joined, where, and whether a refit is worthwhile."""
    console.result(joined_line(summary))
    for text in _other_files(summary):
        console.result(text)
    print_unreadable(summary.unreadable)
    if summary.library.n_added:
        console.result(added_line(summary.added))
    total = sum(summary.seconds.values())
    console.result(f"model {summary.version} in {printable(artifacts)}, {total:.1f} s")
    parts = ", ".join(f"{name} {seconds:.2f}" for name, seconds in summary.seconds.items() if seconds >= 0.005)
    console.detail(f"seconds: {parts}")
    if summary.workers:
        console.detail(f"decoded by {summary.workers}")
    if summary.n_joined:
        console.notice("note: tags given to these photos count at the next fit, or with `clustertags suggest --take`")


def joined_line(summary: AddSummary) -> str:
    """Such as `12 photos joined: beach (7), dog (3); 2 fit nowhere`."""
    if not summary.n_joined:
        return "no new photo"
    shown = [f"{printable(name, 40)} ({n:,})" for name, n in list(summary.clusters.items())[:_NAMES_SHOWN]]
    more = len(summary.clusters) - len(shown)
    parts = [", ".join(shown) + (f" and {more:,} more" if more else "")] if shown else []
    if summary.n_nowhere:
        parts.append(f"{summary.n_nowhere:,} {'fits' if summary.n_nowhere == 1 else 'fit'} nowhere")
    return f"{plural(summary.n_joined, 'photo')} joined" + (f": {'; '.join(parts)}" if parts else "")


def added_line(added: AddedPhotos) -> str:
    """Such as `30 photos added since the fit, 4 of them fit nowhere (13%; 8% of the fit's own would): ...`."""
    if not added.n_added:
        return "0 photos added since the fit"
    share = added.n_nowhere / added.n_added
    line = (
        f"{plural(added.n_added, 'photo')} added since the fit, {added.n_nowhere:,} of them fit nowhere ({share:.0%}; "
        f"{added.usual_share:.0%} of the fit's own would)"
    )
    return f"{line}: `clustertags fit` again, to group them" if added.refit else line


def _other_files(summary: AddSummary) -> list[str]:
    counts = [
        (summary.n_copies, "file has the content of a known photo", "files have the content of known photos"),
        (summary.n_moved, "known photo is at another place now", "known photos are at another place now"),
        (summary.n_known, "file was known", "files were known"),
    ]
    lines = [f"{count:,} {one if count == 1 else many}" for count, one, many in counts if count]
    if summary.n_changed:
        changed = plural(summary.n_changed, "file of the library has", "files of the library have")
        lines.append(f"{changed} other content than at the fit: `clustertags fit` takes it in")
    return lines

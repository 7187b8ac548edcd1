"""The summary that `clustertags fit` prints."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from clustertags.cli import console
from clustertags.cli.next_steps import next_steps
from clustertags.cli.unreadable import print_unreadable
from clustertags.photos.left_out_folders import left_out_line
from clustertags.photos.pairs import is_raw
from clustertags.support.counts import plural
from clustertags.support.printable import printable

if TYPE_CHECKING:
    from clustertags.editing.succession import ClusterChanges
    from clustertags.library.model import FittedLibrary
    from clustertags.workflows.fit import FitSummary

_NAMES_SHOWN = 8
_UNNAMED_SHOWN = 5
_CHANGES_SHOWN = 3
_LEAST_TRUST = 0.3


def print_summary(summary: FitSummary, photos: Path, artifacts: Path) -> None:
    """Print the counts as results; problems and the next commands as notices.

    `photos` and `artifacts`: the folders as the user gave them.
    """
    library = summary.library
    _print_files(library, summary.n_decoded)
    augment = library.settings["views"]
    if augment > 1:
        seconds = summary.seconds["extract features"]
        work = f"{augment} times the network's work"
        console.result(f"features averaged over {augment} augmentations, {work}: {seconds:.1f} s")
    _print_clusters(library)
    if summary.changes:
        _print_changes(summary.changes)
    _print_tags(library)
    for text in (*library.edit_notices, *summary.notices):
        console.notice(f"note: {text}")
    print_unreadable(library.unreadable, listed="by `clustertags info --skipped` and in the gallery")
    total = sum(summary.seconds.values())
    console.result(f"model {summary.version} in {printable(artifacts)}, {total:.1f} s")
    parts = ", ".join(f"{name} {seconds:.1f}" for name, seconds in summary.seconds.items() if seconds >= 0.05)
    console.detail(f"seconds: {parts}")
    if summary.workers:
        console.detail(f"decoded by {summary.workers}")
    console.notice("next:")
    for command in next_steps(library, photos, artifacts):
        console.notice(f"  {command}")


def _print_files(library: FittedLibrary, n_decoded: int) -> None:
    copies = library.n_used - library.n_photos
    same = f" ({plural(copies, 'file')} with the same content as another)" if copies else ""
    console.result(
        f"{plural(library.n_files, 'file')}: {plural(library.n_used, 'photo')} used{same}, "
        f"{len(library.skipped):,} skipped; {plural(n_decoded, 'photo')} decoded"
    )
    for text in companion_summary(library):
        console.result(text)


def companion_summary(library: FittedLibrary) -> list[str]:
    """Lines on files that are no photos of their own: `9 RAW files and 2 videos go with a photo of the same name`."""
    companions = [path for photo in library.photos for path in photo.companions]
    n_raw = sum(is_raw(path) for path in companions)
    counts = [(n_raw, "RAW file"), (len(companions) - n_raw, "video")]
    parts = [plural(count, noun) for count, noun in counts if count]
    go = "goes" if len(companions) == 1 else "go"
    lines = [f"{' and '.join(parts)} {go} with a photo of the same name"] if parts else []
    if left_out := left_out_line(library.n_left_out):
        lines.append(f"{left_out}; --include-hidden takes them in")
    if library.n_videos:
        lines.append(f"{plural(library.n_videos, 'video')} {'is' if library.n_videos == 1 else 'are'} left alone")
    return lines


def _print_clusters(library: FittedLibrary) -> None:
    clusters = library.clusters
    share = library.n_unclustered / library.n_photos
    hidden = f", {len(library.hidden):,} hidden" if len(library.hidden) else ""
    console.result(
        f"{plural(clusters.n_clusters, 'cluster')}, {library.n_unclustered:,} photos unclustered ({share:.0%}){hidden}"
    )
    names = [printable(description.name, 40) for description in library.descriptions]
    if names:
        more = len(names) - _NAMES_SHOWN
        console.result(f"largest: {'; '.join(names[:_NAMES_SHOWN])}" + (f" and {more:,} more" if more > 0 else ""))


def _print_changes(changes: ClusterChanges) -> None:
    """Such as `since the fit before: 12 clusters kept, 1 merged (cat into pet)`; all with --verbose."""
    kinds = [
        ("merged", [f"{printable(old, 40)} into {printable(into, 40)}" for old, into in changes.merged]),
        ("split off", [f"{printable(new, 40)} from {printable(source, 40)}" for new, source in changes.split]),
        ("vanished", [printable(name, 40) for name in changes.vanished]),
        ("new", [printable(name, 40) for name in changes.new]),
    ]
    parts = [f"{plural(len(changes.kept), 'cluster')} kept"]
    for kind, names in kinds:
        if names:
            more = len(names) - _CHANGES_SHOWN
            shown = ", ".join(names[:_CHANGES_SHOWN]) + (f" and {more:,} more" if more > 0 else "")
            parts.append(f"{len(names):,} {kind} ({shown})")
    console.result(f"since the fit before: {'; '.join(parts)}")
    for kind, names in [("kept", [printable(name, 40) for name in changes.kept]), *kinds]:
        for name in names:
            console.detail(f"  {kind}: {name}")


def _print_tags(library: FittedLibrary) -> None:
    seeds = library.seeds
    if seeds.n_labelled:
        tags, photos = plural(len(seeds.vocabulary), "tag"), plural(seeds.n_labelled, "labelled photo")
        none = f", {len(seeds.none):,} more said to show none of them" if len(seeds.none) else ""
        n_partial = int((~seeds.in_full).sum())
        partial = f" ({n_partial:,} of them in part)" if n_partial else ""
        console.result(f"{tags} learnt from {photos}{partial}{none}")
        for text in unnamed_summary(library):
            console.result(text)
    else:
        console.result("no tags given: clusters are named by ImageNet classes; tag a few photos and fit again")
    n_blank = int(library.without_content().sum())
    if n_blank:
        console.result(f"{plural(n_blank, 'photo')} left without tags: nothing to see (one colour, noise, few pixels)")
    if advice := label_advice(library):
        console.notice(f"note: {advice}")
    for text in seeds.notices:
        console.notice(f"note: {text}")


def unnamed_summary(library: FittedLibrary) -> list[str]:
    """Lines on which share of the photos shows none of the tags, as far as the labelled ones tell, and where they are:
    `largest clusters without a tag: geyser (212 photos), sail (94)`.
    """
    from clustertags.browsing.unnamed_kinds import unnamed_clusters  # noqa: PLC0415

    known = library.tag_model.known if library.tag_model else None
    if known is None:
        return ["scores suppose that every photo shows one of the tags"]
    share = (
        f"about {1.0 - known.share:.0%} of the photos show none of these tags "
        f"({1.0 - known.high:.0%} to {1.0 - known.low:.0%})"
    )
    found = unnamed_clusters(library)
    if not found:
        return [share]
    first, *others = found[:_UNNAMED_SHOWN]
    shown = [f"{printable(first.name, 40)} ({plural(first.n_photos, 'photo')})"]
    shown += [f"{printable(item.name, 40)} ({item.n_photos:,})" for item in others]
    more = len(found) - len(shown)
    return [share, f"largest clusters without a tag: {', '.join(shown)}" + (f" and {more:,} more" if more else "")]


def label_advice(library: FittedLibrary) -> str:
    """Which labels would help, where those given are one another's nearest photos; "" where they are not."""
    known = library.tag_model.known if library.tag_model else None
    if known is None or known.trust >= _LEAST_TRUST:
        return ""
    return (
        "the labelled photos of a tag are much alike, so scores stay cautious: "
        "label some that look different, which `clustertags suggest` names"
    )

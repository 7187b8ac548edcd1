"""Edits in words, on one printable line each."""

from __future__ import annotations

from collections.abc import Sequence

from clustertags.editing.anchors import ClusterAnchor
from clustertags.editing.edits import (
    Answer,
    Edit,
    Gather,
    GiveTags,
    Hide,
    Merge,
    Move,
    RejectTags,
    Rename,
    Show,
    Split,
    WithdrawTags,
)
from clustertags.support.counts import plural
from clustertags.support.printable import printable

_SHOWN = 4


def describe_edit(edit: Edit) -> str:
    """Such as `dog renamed to Rex`, or `3 photos moved to cat`."""
    match edit:
        case Rename(cluster, name):
            said = f"{_name(cluster)} renamed to {printable(name, 60)}" if name else f"{_name(cluster)} named by itself"
        case Merge(clusters, name):
            said = f"{' and '.join(map(_name, clusters))} merged" + (f" into {printable(name, 60)}" if name else "")
        case Split(cluster, parts):
            said = f"{_name(cluster)} split into {len(parts)} ({', '.join(f'{len(part):,}' for part in parts)} photos)"
        case Move(photos, cluster):
            whose = "its cluster" if len(photos) == 1 else "their clusters"
            said = _photos(photos) + (f" moved to {_name(cluster)}" if cluster else f" taken out of {whose}")
        case Gather(photos, name):
            said = f"{_photos(photos)} made a cluster" + (f" called {printable(name, 60)}" if name else "")
        case Hide(photos, cluster):
            said = f"{_name(cluster) + ', ' if cluster else ''}{_photos(photos)} set as not wanted"
        case Show(photos):
            said = f"{_photos(photos)} wanted again"
        case GiveTags(photos, tags):
            said = f"{_photos(photos)} tagged {_tags(tags)}"
        case RejectTags(photos, tags):
            said = f"{_tags(tags)} rejected for {_photos(photos)}"
        case WithdrawTags(photos, tags):
            said = f"{_tags(tags)} withdrawn from {_photos(photos)}"
        case Answer(answers):
            names = list(dict.fromkeys(tag for _, given in answers for tag in given))
            said = f"{plural(len(answers), 'answer')} taken: {_tags(names)}"
    return said


def _photos(photos: Sequence[str]) -> str:
    return plural(len(photos), "photo")


def _name(anchor: ClusterAnchor) -> str:
    return printable(anchor.name, 60)


def _tags(tags: Sequence[str]) -> str:
    shown = ", ".join(printable(tag, 40) for tag in tags[:_SHOWN])
    return f"{shown} and {len(tags) - _SHOWN:,} more" if len(tags) > _SHOWN else shown

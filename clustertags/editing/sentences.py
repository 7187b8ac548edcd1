"""Descriptions of edits, on one printable line."""

from __future__ import annotations

from collections.abc import Sequence

from clustertags.editing.anchors import ClusterAnchor
from clustertags.editing.edits import (
    CompleteTags,
    Edit,
    Gather,
    GiveTags,
    Hide,
    LabelPhotos,
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
    """For example `dog renamed to Rex`, or `3 photos moved to cat`."""
    match edit:
        case Rename(cluster, name):
            text = (
                f"{_name(cluster)} renamed to {printable(name, 60)}"
                if name
                else f"{_name(cluster)} named automatically"
            )
        case Merge(clusters, name):
            text = f"{' and '.join(map(_name, clusters))} merged" + (f" into {printable(name, 60)}" if name else "")
        case Split(cluster, parts):
            text = f"{_name(cluster)} split into {len(parts)} ({', '.join(f'{len(part):,}' for part in parts)} photos)"
        case Move(photos, cluster):
            whose = "its cluster" if len(photos) == 1 else "their clusters"
            text = _photos(photos) + (f" moved to {_name(cluster)}" if cluster else f" removed from {whose}")
        case Gather(photos, name):
            text = f"{_photos(photos)} made a cluster" + (f" called {printable(name, 60)}" if name else "")
        case Hide(photos, cluster):
            text = f"{_name(cluster) + ', ' if cluster else ''}{_photos(photos)} hidden"
        case Show(photos):
            text = f"{_photos(photos)} shown again"
        case GiveTags(photos, tags):
            text = f"{_photos(photos)} tagged {_tags(tags)}"
        case RejectTags(photos, tags):
            text = f"{_tags(tags)} rejected for {_photos(photos)}"
        case WithdrawTags(photos, tags):
            text = f"{_tags(tags)} withdrawn from {_photos(photos)}"
        case CompleteTags(photos):
            text = f"{_photos(photos)} {'has' if len(photos) == 1 else 'have'} no other tags"
        case LabelPhotos(labels):
            text = _labelled(labels)
    return text


def _labelled(labels: Sequence[tuple[str, Sequence[str]]]) -> str:
    names = list(dict.fromkeys(tag for _, tags in labels for tag in tags))
    n_none = sum(not tags for _, tags in labels)
    texts = [f"{plural(len(labels) - n_none, 'photo')} labelled: {_tags(names)}"] if names else []
    if n_none:
        texts.append(f"{plural(n_none, 'photo')} labelled as none of the tags")
    return ", ".join(texts)


def _photos(photos: Sequence[str]) -> str:
    return plural(len(photos), "photo")


def _name(anchor: ClusterAnchor) -> str:
    return printable(anchor.name, 60)


def _tags(tags: Sequence[str]) -> str:
    shown = ", ".join(printable(tag, 40) for tag in tags[:_SHOWN])
    return f"{shown} and {len(tags) - _SHOWN:,} more" if len(tags) > _SHOWN else shown

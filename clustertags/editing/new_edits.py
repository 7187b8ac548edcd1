"""New edits, validated: from a cluster's number and photos' indices to an edit that identifies them across refits.

Each raises `UsageError`: an unknown cluster or photo, a name or tag that is empty, too long or with control characters.
`library`: the edited one, `Editor.library`.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from clustertags.editing.anchors import ClusterAnchor, anchor_of
from clustertags.editing.edits import (
    CompleteTags,
    Gather,
    GiveTags,
    Hashes,
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
from clustertags.editing.splitting import split_photos
from clustertags.errors import UsageError
from clustertags.labels.normalisation import MAX_TAG_CHARACTERS, normalise_tag
from clustertags.library.model import FittedLibrary
from clustertags.support.printable import printable
from clustertags.types import Progress, no_progress

MAX_NAME_CHARACTERS = 100
MAX_PHOTO_TAGS = 100

# Joiners are parts of emoji and of Persian and Indic words, as in tags.
_ALLOWED_FORMAT = frozenset("\u200c\u200d") | frozenset(map(chr, range(0xE0020, 0xE0080)))
_REFUSED = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})


def rename(library: FittedLibrary, cluster: int, name: str) -> Rename:
    """`name` must not be another cluster's; "" restores the automatic name."""
    anchor = _anchor(library, cluster)
    return Rename(anchor, _new_name(library, name, {cluster}) if name else "")


def merge(library: FittedLibrary, clusters: Sequence[int], name: str = "") -> Merge:
    """Two clusters or more, the first of which keeps its number in size, its key and the name that was given to it."""
    distinct = list(dict.fromkeys(clusters))
    anchors = tuple(_anchor(library, cluster) for cluster in distinct)
    if len(distinct) < 2:
        raise UsageError("a merge takes two clusters or more: name others after the first")
    return Merge(anchors, _new_name(library, name, set(distinct)) if name else "")


def split(
    library: FittedLibrary, cluster: int, *, n_parts: int | None = None, seed: int = 0, progress: Progress = no_progress
) -> Split:
    """Cluster the cluster's photos anew, see `split_photos`: about a second for 1,000."""
    anchor = _anchor(library, cluster)
    members = library.clusters.members(cluster)
    if len(members) < 2:
        raise UsageError(f"{printable(anchor.name, 60)} has one photo: there is nothing to split")
    parts = split_photos(library.space[members], n_parts=n_parts, seed=seed, progress=progress)
    groups = (members[parts == part] for part in range(int(parts.max()) + 1))
    return Split(anchor, tuple(_hashes(library, group.tolist()) for group in groups))


def move(library: FittedLibrary, photos: Sequence[int], cluster: int | None) -> Move:
    """To a cluster, or to none."""
    return Move(_hashes(library, photos), None if cluster is None else _anchor(library, cluster))


def gather(library: FittedLibrary, photos: Sequence[int], name: str = "") -> Gather:
    """Make photos a cluster of their own."""
    return Gather(_hashes(library, photos), _new_name(library, name, set()) if name else "")


def hide_cluster(library: FittedLibrary, cluster: int) -> Hide:
    """Hide the photos of a cluster, and those that a refit adds to it."""
    anchor = _anchor(library, cluster)
    return Hide(_hashes(library, library.clusters.members(cluster).tolist()), anchor)


def hide_photos(library: FittedLibrary, photos: Sequence[int]) -> Hide:
    return Hide(_hashes(library, photos))


def show_photos(library: FittedLibrary, photos: Sequence[int]) -> Show:
    """Refused for photos that are not hidden."""
    shown = [photo for photo in photos if photo not in set(library.hidden.tolist())]
    if shown:
        names = ", ".join(printable(library.photos[photo].path, 60) for photo in shown[:3] if _is_photo(library, photo))
        raise UsageError(f"{names or 'what was named'} is not hidden: name hidden photos alone")
    return Show(_hashes(library, photos))


def give_tags(library: FittedLibrary, photos: Sequence[int], tags: Sequence[str]) -> GiveTags:
    return GiveTags(_hashes(library, photos), _tags(tags))


def reject_tags(library: FittedLibrary, photos: Sequence[int], tags: Sequence[str]) -> RejectTags:
    return RejectTags(_hashes(library, photos), _tags(tags))


def withdraw_tags(library: FittedLibrary, photos: Sequence[int], tags: Sequence[str]) -> WithdrawTags:
    return WithdrawTags(_hashes(library, photos), _tags(tags))


def complete_tags(library: FittedLibrary, photos: Sequence[int]) -> CompleteTags:
    """Photos that the person gave no tag are left out; refused where no other is left."""
    _hashes(library, photos)
    tagged = [photo for photo in photos if library.seed_tags_of(photo)]
    if not tagged:
        raise UsageError("none of these photos has a tag of yours: give them tags, or say that they show none of them")
    return CompleteTags(_hashes(library, tagged))


def label_photos(library: FittedLibrary, labels: Mapping[int, Sequence[str]]) -> LabelPhotos:
    """Label photos, by index; the tags replace those that an earlier `LabelPhotos` gave them. Photos without a tag show
    none of the tags.
    """
    _hashes(library, list(labels))
    return LabelPhotos(
        tuple((library.photos[photo].content_hash, _tags(tags) if tags else ()) for photo, tags in labels.items())
    )


def _anchor(library: FittedLibrary, cluster: int) -> ClusterAnchor:
    n = library.clusters.n_clusters
    if not 0 <= cluster < n:
        known = f"clusters are numbered 0 to {n - 1:,}" if n else "there are no clusters"
        raise UsageError(f"there is no cluster {cluster}: {known}")
    members = (library.photos[photo].content_hash for photo in library.clusters.members(cluster).tolist())
    return anchor_of(library.descriptions[cluster].name, members)


def _is_photo(library: FittedLibrary, photo: int) -> bool:
    return 0 <= photo < library.n_photos


def _hashes(library: FittedLibrary, photos: Iterable[int]) -> Hashes:
    distinct = list(dict.fromkeys(photos))
    if not distinct:
        raise UsageError("no photo is named: name one or more")
    for photo in distinct:
        if not _is_photo(library, photo):
            raise UsageError(f"there is no photo {photo}: photos are numbered 0 to {library.n_photos - 1:,}")
    return tuple(library.photos[photo].content_hash for photo in distinct)


def _new_name(library: FittedLibrary, name: str, own: set[int]) -> str:
    checked = check_name(name)
    for cluster, description in enumerate(library.descriptions):
        if description.name.casefold() == checked.casefold() and cluster not in own:
            raise UsageError(
                f"cluster {cluster} is called {printable(checked, 60)} already: merge them, or choose another"
            )
    return checked


def check_name(name: str) -> str:
    """The name on one line, in Unicode's NFC, white space trimmed. Raises `UsageError`."""
    if any(unicodedata.category(char) in _REFUSED and char not in _ALLOWED_FORMAT for char in name):
        raise UsageError(f"the name {printable(name, 60)} holds control or invisible characters: remove them")
    checked = " ".join(unicodedata.normalize("NFC", name).split())
    if not checked:
        raise UsageError("the name is empty: give one or more letters")
    if len(checked) > MAX_NAME_CHARACTERS:
        raise UsageError(f"the name has {len(checked):,} characters: a name has at most {MAX_NAME_CHARACTERS}")
    return checked


def _tags(tags: Sequence[str]) -> tuple[str, ...]:
    distinct: dict[str, str] = {}
    for tag in tags:
        if any(unicodedata.category(char) in {"Cc", "Cs"} for char in tag):
            raise UsageError(f"the tag {printable(tag, 60)} holds control characters: remove them")
        normalised = normalise_tag(tag)
        if not normalised:
            empty = f"a tag has 1 to {MAX_TAG_CHARACTERS} characters"
            raise UsageError(f"{printable(tag, 60) or 'an empty text'} is no tag: {empty}")
        distinct.setdefault(normalised, tag.strip())
    if not distinct:
        raise UsageError("no tag is named: name one or more")
    if len(distinct) > MAX_PHOTO_TAGS:
        raise UsageError(f"{len(distinct):,} tags at once: name at most {MAX_PHOTO_TAGS}")
    return tuple(distinct.values())

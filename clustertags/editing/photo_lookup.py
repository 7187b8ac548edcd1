"""Look up clusters and photos by number, name, path or hash."""

from __future__ import annotations

from collections.abc import Sequence

from clustertags.editing.edited_clusters import KEY_CHARACTERS
from clustertags.errors import UsageError
from clustertags.labels.photo_names import PhotoNames
from clustertags.library.model import FittedLibrary
from clustertags.support.printable import printable
from clustertags.types import PhotoSet

_HASH_CHARACTERS = 64


def find_cluster(library: FittedLibrary, text: str) -> int:
    """A cluster by its number, its key, or its name, in which letter case makes no difference. Raises `UsageError`."""
    n = library.clusters.n_clusters
    names = {description.name.casefold(): cluster for cluster, description in enumerate(library.descriptions)}
    if text.casefold() in names:
        return names[text.casefold()]
    if text.isascii() and text.isdigit() and len(text) < KEY_CHARACTERS and int(text) < n:
        return int(text)
    if text in library.cluster_keys:
        return library.cluster_keys.index(text)
    known = f"numbers are 0 to {n - 1:,}, and `clustertags clusters list` shows the names" if n else "there is none"
    raise UsageError(f"there is no cluster {printable(text, 60)}: {known}")


def find_photos(library: FittedLibrary, texts: Sequence[str]) -> tuple[int, ...]:
    """Photos by their paths, relative to the library's folder or absolute within it, or by their content hashes.

    Raises `UsageError` naming the first unknown one.
    """
    names = PhotoNames(PhotoSet(library.root, library.photos, library.skipped))
    by_hash = {photo.content_hash: at for at, photo in enumerate(library.photos)}
    found = []
    for text in texts:
        photo = by_hash.get(text) if len(text) == _HASH_CHARACTERS else None
        photo = names.find(text) if photo is None else photo
        if photo is None:
            raise UsageError(f"{printable(text, 100)} is no photo of the library in {printable(library.root)}")
        found.append(photo)
    return tuple(dict.fromkeys(found))

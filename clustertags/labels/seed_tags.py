"""Read the seed tags: from a file, from folder names, or from keywords inside the photos."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from clustertags.errors import SeedsError
from clustertags.labels.normalisation import MAX_TAG_CHARACTERS, normalise_tag, shown_spelling, split_tags
from clustertags.labels.photo_names import PhotoNames
from clustertags.labels.tags_file import TagRow, read_tags_file
from clustertags.support.counts import plural
from clustertags.support.printable import printable
from clustertags.types import PhotoSet, SeedTags

FOLDERS = "folders"
DEFAULT_FILE = "tags.csv"
NONE_OF_THE_TAGS = "-"
"""In place of tags, says that a photo shows none of them."""
_NAMES_SHOWN = 3


@dataclass(slots=True)
class _Collected:
    """Tags collected photo by photo, the photos in `none` without any, and notices of problems. `complete`: photos
    that show no other tags.
    """

    tags: dict[int, set[str]] = field(default_factory=dict)
    none: set[int] = field(default_factory=set)
    complete: set[int] = field(default_factory=set)
    spellings: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    too_long: int = 0
    notices: list[str] = field(default_factory=list)

    def add(self, photo: int, texts: Iterable[str], *, complete: bool = True) -> bool:
        """Add tags to a photo, `complete` where it shows no other; false where none of the texts is a tag."""
        normalised = {text: normalise_tag(text) for text in texts}
        self.too_long += sum(not tag and len(text.strip()) > MAX_TAG_CHARACTERS for text, tag in normalised.items())
        tags = {tag for tag in normalised.values() if tag}
        for text, tag in normalised.items():
            if tag:
                self.spellings[tag][shown_spelling(text)] += 1
        if tags:
            self.tags.setdefault(photo, set()).update(tags)
            if complete:
                self.complete.add(photo)
        return bool(tags)

    def result(self) -> SeedTags:
        if self.too_long:
            self.notices.append(f"{plural(self.too_long, 'tag')} of more than {MAX_TAG_CHARACTERS} characters skipped.")
        distinct = sorted(self.spellings)
        column = {tag: at for at, tag in enumerate(distinct)}
        vocabulary = tuple(self._usual_spelling(tag) for tag in distinct)
        photos = np.array(sorted(self.tags), dtype=np.int32)
        matrix = np.zeros((len(photos), len(vocabulary)), dtype=np.bool_)
        for row, photo in enumerate(photos.tolist()):
            matrix[row, [column[tag] for tag in self.tags[photo]]] = True
        none = np.array(sorted(self.none - self.tags.keys()), dtype=np.int32)
        partial = ~np.isin(photos, sorted(self.complete))
        return SeedTags(
            vocabulary, photos, matrix, tuple(self.notices), none, partial=partial if partial.any() else None
        )

    def _usual_spelling(self, tag: str) -> str:
        """The most frequent spelling, on ties the normalised one."""
        spellings = self.spellings[tag]
        return min(spellings, key=lambda spelling: (-spellings[spelling], spelling != tag, spelling))


def check_source(source: str | Path | None) -> None:
    """Check the format of a file of seed tags, so that an error in it is reported before hours of work.

    Raises `SeedsError` where the file is missing or malformed. `read_seed_tags` checks that it names the photos.
    """
    if source is not None and not (source == FOLDERS and isinstance(source, str)):
        read_tags_file(Path(source))


def read_seed_tags(
    photos: PhotoSet, source: str | Path | None, *, embedded: Mapping[str, tuple[str, ...]] | None = None
) -> SeedTags:
    """Read the seed tags of the photos of a folder.

    `source` is the path of a CSV (`image,tags`, tags separated by `|`) or of JSON lines, whose images are paths
    relative to the photo folder or absolute ones within it; or the text "folders": the name of every folder between
    the photo folder and the photo is a tag (a file of that name is `./folders`, or a `Path`). Without a source,
    `tags.csv` in the photo folder is used, else `embedded`: keywords found inside the photos or their sidecars, by
    content hash. Spellings of one tag (`normalise_tag`) are merged under the most frequent one; rows for one photo,
    or for files of one content, are merged too. A row with an empty list of tags, or with `-` alone, says that the
    photo shows none of the tags (`SeedTags.none`). Where the column `complete` is `no`, the photo may show other tags
    than those of its row (`SeedTags.partial`), unless another row says otherwise. `SeedTags.notices` reports images
    that are not in the folder and the like.

    Raises `SeedsError` where the file is malformed, names none of the photos, or no photo is in a folder.
    """
    if source == FOLDERS and isinstance(source, str):
        return _from_folders(photos)
    if source is not None:
        return tags_of_rows(photos, read_tags_file(Path(source)), Path(source))
    collected = _Collected()
    default = photos.root / DEFAULT_FILE
    if default.is_file():
        if default.resolve().is_relative_to(photos.root.resolve()):
            return tags_of_rows(photos, read_tags_file(default), default)
        collected.notices.append(f"{DEFAULT_FILE} is a link out of the folder and was not read: name it with --tags.")
    for at, photo in enumerate(photos.photos):
        texts = (embedded or {}).get(photo.content_hash, ())
        collected.add(at, (tag for text in texts for tag in split_tags(text)))
    return collected.result()


def _from_folders(photos: PhotoSet) -> SeedTags:
    collected = _Collected()
    for at, photo in enumerate(photos.photos):
        parts = {part for path in photo.paths for part in path.split("/")[:-1]}
        collected.add(at, (tag for part in sorted(parts) for tag in split_tags(part)))
    if photos.photos and not collected.tags:
        raise SeedsError(f"{printable(photos.root)}: no photo is in a folder whose name could be its tag")
    return collected.result()


def tags_of_rows(photos: PhotoSet, rows: Iterable[TagRow], source: Path) -> SeedTags:
    """Seed tags from rows read from `source`. Raises `SeedsError` where they name none of the photos."""
    names = PhotoNames(photos)
    collected = _Collected()
    unknown: list[str] = []
    skipped: list[str] = []
    empty: list[str] = []
    untold: list[str] = []
    n_rows = 0
    for row in rows:
        n_rows += 1
        photo = names.find(row.image)
        if photo is None:
            (skipped if names.is_skipped(row.image) else unknown).append(row.image)
        elif says_none(row) and row.complete:
            collected.none.add(photo)
        elif says_none(row):
            untold.append(row.image)
        elif not collected.add(photo, row.tags, complete=row.complete):
            empty.append(row.image)
    if none := sorted(collected.none - collected.tags.keys()):
        rows_named = plural(len(none), "photo has", "photos have")
        verb = "it counts" if len(none) == 1 else "they count"
        named = _some([photos.photos[photo].path for photo in none])
        collected.notices.append(
            f"{rows_named} no tag in {printable(source.name)}: {verb} as showing none of the tags ({named})."
        )
    if len(unknown) == n_rows:
        raise SeedsError(
            f"{printable(source)}: none of its images ({_some(unknown)}) is in {printable(photos.root)}; "
            "their paths must be relative to that folder"
        )
    for images, what in (
        (unknown, "not in the folder"),
        (skipped, "skipped as unreadable"),
        (empty, "whose text is no tag, and ignored"),
        (untold, "with no tag yet and `complete` as no, and ignored"),
    ):
        if images:
            verb = "is" if len(images) == 1 else "are"
            rows_named = f"{plural(len(images), 'row')} of {printable(source.name)}"
            collected.notices.append(f"{rows_named} {verb} for images {what}: {_some(images)}.")
    return collected.result()


def says_none(row: TagRow) -> bool:
    """Whether a row says that its photo shows none of the tags."""
    return all(text.strip() in ("", NONE_OF_THE_TAGS) for text in row.tags)


def _some(names: list[str]) -> str:
    distinct = list(dict.fromkeys(names))
    shown = ", ".join(printable(name, 60) or '""' for name in distinct[:_NAMES_SHOWN])
    return f"{shown}, ..." if len(distinct) > _NAMES_SHOWN else shown

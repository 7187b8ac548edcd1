"""Read the seed tags: from a file, from folder names, or from keywords inside the photos."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from clustertags.errors import SeedsError
from clustertags.labels.collected_tags import CollectedTags
from clustertags.labels.left_out_keywords import LeftOutKeywords
from clustertags.labels.loose_names import FoundNames, find_names
from clustertags.labels.normalisation import split_tags
from clustertags.labels.tags_file import TagRow, read_tags_file
from clustertags.photos.xmp_keywords import LEVEL
from clustertags.support.counts import plural
from clustertags.support.files import lies_within
from clustertags.support.printable import printable
from clustertags.types import PhotoSet, SeedTags

FOLDERS = "folders"
DEFAULT_FILE = "tags.csv"
NONE_OF_THE_TAGS = "-"
"""In place of tags, says that a photo shows none of them."""
_NAMES_SHOWN = 3
_LOOKS_LIKE_SEVERAL = re.compile(r"[^\W\d][,;]\s*[^\W\d]")  # `cat, dog`, not `1,000`


def check_source(source: str | Path | None) -> None:
    """Check the format of a file of seed tags, so that an error in it is reported before hours of work.

    Raises `SeedsError` where the file is missing or malformed. `read_seed_tags` checks that it names the photos.
    """
    if source is not None and not (source == FOLDERS and isinstance(source, str)):
        read_tags_file(Path(source))


@dataclass(frozen=True, slots=True)
class GivenTags:
    """Seed tags, and the keywords of each photo that they come from: with a `|` where they have parents."""

    seeds: SeedTags
    keywords: tuple[tuple[str, ...], ...] = ()


def read_seed_tags(
    photos: PhotoSet, source: str | Path | None, *, embedded: Mapping[str, tuple[str, ...]] | None = None
) -> SeedTags:
    """Read the seed tags of the photos of a folder.

    `source` is the path of a CSV (`image,tags`, tags separated by `|`) or of JSON lines, or a list of another program
    that `read_tags_file` reads, whose images are paths relative to the photo folder or absolute ones within it, or are
    found as `find_names` does; or the text "folders": the name of every folder between
    the photo folder and the photo is a tag (a file of that name is `./folders`, or a `Path`). Without a source,
    `tags.csv` in the photo folder is used, else `embedded`: keywords found inside the photos or their sidecars, by
    content hash. Spellings of one tag (`normalise_tag`) are merged under the most frequent one; rows for one photo,
    or for files of one content, are merged too. A row with an empty list of tags, or with `-` alone, says that the
    photo shows none of the tags (`SeedTags.none`). Where the column `complete` is `no`, the photo may show other tags
    than those of its row (`SeedTags.partial`), unless another row says otherwise. `SeedTags.notices` reports images
    that are not in the folder and the like.

    Raises `SeedsError` where the file is malformed, names none of the photos, or no photo is in a folder.
    """
    return read_given_tags(photos, source, embedded=embedded).seeds


def read_given_tags(
    photos: PhotoSet,
    source: str | Path | None,
    *,
    embedded: Mapping[str, tuple[str, ...]] | None = None,
    left_out: LeftOutKeywords | None = None,
    separator: str = "",
) -> GivenTags:
    """The same with the keywords that the tags come from.

    `left_out`: keywords of a list that are no tags; `separator`: what stands between two tags of a file, beside `|`.
    """
    if source == FOLDERS and isinstance(source, str):
        return GivenTags(_from_folders(photos))
    if file := seeds_file(photos.root, source):
        read = read_tags_file(file)
        rows = [_split_at(separator, row) for row in read.rows] if separator else read.rows
        return _given_by_rows(photos, rows, file, read.notices, left_out or LeftOutKeywords())
    collected = CollectedTags()
    if source is None and (photos.root / DEFAULT_FILE).is_file():
        collected.notices.append(f"{DEFAULT_FILE} is a link out of the folder and was not read: name it with --tags.")
    for at, photo in enumerate(photos.photos):
        texts = (embedded or {}).get(photo.content_hash, ())
        collected.add(at, (tag for text in texts for tag in split_tags(text)))
    return GivenTags(collected.result(), tuple((embedded or {}).values()))


def tags_like_several(source: str | Path | None) -> tuple[list[str], str]:
    """Tags of a file that look like several, as `cat, dog` does, and what seems to separate them.

    Raises `SeedsError`, as `check_source` does.
    """
    if source is None or (source == FOLDERS and isinstance(source, str)):
        return [], ""
    found = [tag for row in read_tags_file(Path(source)).rows for tag in row.tags if _LOOKS_LIKE_SEVERAL.search(tag)]
    return found, max(",;", key="".join(found).count)


def _split_at(separator: str, row: TagRow) -> TagRow:
    return row if row.keywords else replace(row, tags=tuple(part for tag in row.tags for part in tag.split(separator)))


def seeds_file(root: Path, source: str | Path | None) -> Path | None:
    """The file of seed tags: the given one, or `tags.csv` in the photo folder, unless that links out of it.

    None where there is none: then keywords are the tags, or with the source "folders" the names of folders.
    """
    if source is not None:
        return None if source == FOLDERS and isinstance(source, str) else Path(source)
    default = root / DEFAULT_FILE
    return default if default.is_file() and lies_within(default, root) else None


def _from_folders(photos: PhotoSet) -> SeedTags:
    collected = CollectedTags()
    for at, photo in enumerate(photos.photos):
        parts = {part for path in photo.paths for part in path.split("/")[:-1]}
        collected.add(at, (tag for part in sorted(parts) for tag in split_tags(part)))
    if photos.photos and not collected.tags:
        raise SeedsError(f"{printable(photos.root)}: no photo is in a folder whose name could be its tag")
    return collected.result()


def tags_of_rows(photos: PhotoSet, rows: Iterable[TagRow], source: Path, *, notices: Sequence[str] = ()) -> SeedTags:
    """Seed tags from rows read from `source`. Raises `SeedsError` where they name none of the photos."""
    return _given_by_rows(photos, tuple(rows), source, notices, LeftOutKeywords()).seeds


def _given_by_rows(
    photos: PhotoSet, rows: Sequence[TagRow], source: Path, notices: Sequence[str], left_out: LeftOutKeywords
) -> GivenTags:
    found = find_names(photos, (row.image for row in rows))
    if len(found.unknown) + len(found.several) == len({row.image for row in rows}):
        raise SeedsError(
            f"{printable(source)}: none of its images ({_some([row.image for row in rows])}) is in "
            f"{printable(photos.root)}; their paths must be relative to that folder"
        )
    collected = CollectedTags(notices=[*notices])
    keywords: list[tuple[str, ...]] = []
    for row in rows:
        photo, tags = found.photos.get(row.image), row.tags
        if photo is None:
            continue
        if row.keywords:
            keywords.append(left_out.kept(row.keywords))
            tags = tuple(part for keyword in keywords[-1] for part in keyword.split(LEVEL))
            if not tags:
                continue
        if says_none(tags) and row.complete:
            collected.none.add(photo)
        elif says_none(tags):
            collected.untold.append(row.image)
        elif not collected.add(photo, tags, complete=row.complete):
            collected.empty.append(row.image)
    collected.notices += _row_notices(photos, rows, printable(source.name), collected, found)
    return GivenTags(collected.result(), tuple(keywords))


def _row_notices(
    photos: PhotoSet, rows: Sequence[TagRow], name: str, collected: CollectedTags, found: FoundNames
) -> Iterator[str]:
    """What a person should know of the rows of the file `name`."""
    if none := sorted(collected.none - collected.tags.keys()):
        rows_named = plural(len(none), "photo has", "photos have")
        verb = "it counts" if len(none) == 1 else "they count"
        named = _some([photos.photos[photo].path for photo in none])
        yield f"{rows_named} no tag in {name}: {verb} as showing none of the tags ({named})."
    n_rows = Counter(row.image for row in rows)
    if found.how:
        ways = (f"{sum(n_rows[image] for image in images):,} {how}" for how, images in found.how.items())
        matched = sum(n_rows[image] for images in found.how.values() for image in images)
        example = printable(next(iter(found.how.values()))[0], 60)
        yield f"{plural(matched, 'row')} of {name} matched to photos of other paths: {', '.join(ways)} ({example})."
    for images, what in (
        (_rows_of(found.unknown, n_rows), "not in the folder"),
        (_rows_of(found.several, n_rows), "not in the folder as written, where several could be meant"),
        (_rows_of(found.skipped, n_rows), "skipped as unreadable"),
        (collected.empty, "whose text is no tag, and ignored"),
        (collected.untold, "with no tag yet and `complete` as no, and ignored"),
    ):
        if images:
            n = len(images)
            yield f"{plural(n, 'row')} of {name} {'is' if n == 1 else 'are'} for images {what}: {_some(images)}."
    lists = [tag for row in rows if row.image in found.photos for tag in row.tags if _LOOKS_LIKE_SEVERAL.search(tag)]
    if lists:
        looks = f"{plural(len(lists), 'tag')} of {name} {'looks' if len(lists) == 1 else 'look'} like several"
        yield f"{looks}: {_some(lists)}. If so, put | between tags or use --tag-separator."


def _rows_of(images: Iterable[str], n_rows: Mapping[str, int]) -> list[str]:
    """The image of each row, where `n_rows` are of one image."""
    return [image for image in images for _ in range(n_rows[image])]


def says_none(tags: Iterable[str]) -> bool:
    """Whether the tags of a row say that its photo shows none."""
    return all(text.strip() in ("", NONE_OF_THE_TAGS) for text in tags)


def _some(names: list[str]) -> str:
    distinct = list(dict.fromkeys(names))
    shown = ", ".join(printable(name, 60) or '""' for name in distinct[:_NAMES_SHOWN])
    return f"{shown}, ..." if len(distinct) > _NAMES_SHOWN else shown

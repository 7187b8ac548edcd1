"""Take labels of suggested photos (`suggest --take`): record them as an edit, learn from them, keep the layout.

labels -> journal -> seed tags and labels -> tag model -> tags of every photo -> a new version
"""

from __future__ import annotations

import operator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from clustertags.editing.edits import LabelPhotos
from clustertags.errors import UsageError
from clustertags.labels.seed_tags import NONE_OF_THE_TAGS, tags_of_rows
from clustertags.labels.tags_file import read_tags_file
from clustertags.library.artifacts import DEFAULT_FOLDER
from clustertags.library.model import FittedLibrary
from clustertags.support.counts import plural
from clustertags.support.printable import printable
from clustertags.types import PhotoSet, Progress, SeedTags, no_progress
from clustertags.workflows.edit import Editor


@dataclass(frozen=True, slots=True)
class LabelsTaken:
    """The effect of new labels. `n_taken`: photos labelled by the file, `n_none` of them as none of the tags; `before`
    and `after`: photos with labelled tags; `n_changed`: photos with another best tag; `new_tags`: tags new to the
    vocabulary.
    """

    version: str
    n_taken: int
    n_none: int
    before: int
    after: int
    n_tags: int
    new_tags: tuple[str, ...]
    n_changed: int
    n_photos: int
    notices: tuple[str, ...]


def take_labels(source: Path, folder: Path = DEFAULT_FOLDER, progress: Progress = no_progress) -> LabelsTaken:
    """Record the tags in `source` (a CSV or JSON lines, see `read_seed_tags`) as one edit, learn from them and publish.

    Rows that are not filled in are ignored: `-` says that a photo shows none of the tags. The tags of a row are all
    that the photo shows, unless its column `complete` says no. Labels replace those taken earlier for the same photo.
    Raises `SeedsError` or `UsageError` if the file is malformed or has no tag; then nothing is recorded. Recorded
    labels stay if learning fails.
    """
    editor = Editor(folder)
    labels = _read_labels(editor.library, source)
    before = editor.library
    partial = (before.photos[photo].content_hash for photo in labels.photos[~labels.in_full].tolist())
    edit = LabelPhotos(tuple(labels_by_content(before, labels).items()), tuple(partial))
    after = editor.commit(lambda open_editor: open_editor.do(edit), progress).library
    changed = map(operator.ne, before.best_tags(), after.best_tags())
    return LabelsTaken(
        editor.version.name,
        len(labels.reviewed),
        len(labels.none),
        before.seeds.n_labelled,
        after.seeds.n_labelled,
        len(after.seeds.vocabulary),
        tuple(tag for tag in after.seeds.vocabulary if tag not in before.seeds.vocabulary),
        sum(changed),
        after.n_photos,
        (*labels.notices, *after.seeds.notices, *after.edit_notices),
    )


def labels_by_content(library: FittedLibrary, labels: SeedTags) -> dict[str, tuple[str, ...]]:
    """The tags of each labelled photo by its content hash, as the journal keeps them."""
    tagged = {
        library.photos[photo].content_hash: tuple(labels.vocabulary[at] for at in np.flatnonzero(row))
        for photo, row in zip(labels.photos.tolist(), labels.matrix, strict=True)
    }
    return tagged | {library.photos[photo].content_hash: () for photo in labels.none.tolist()}


def _read_labels(library: FittedLibrary, source: Path) -> SeedTags:
    file = read_tags_file(source)
    rows = file.rows
    filled = [row for row in rows if any(text.strip() for text in row.tags)]
    unfilled = (
        f"{printable(source)} holds no tag yet: fill in its column tags, with | between two tags, "
        f"or {NONE_OF_THE_TAGS} where a photo shows none of them"
    )
    if not filled:
        raise UsageError(unfilled)
    labels = tags_of_rows(PhotoSet(library.root, library.photos, library.skipped), filled, source, notices=file.notices)
    if not len(labels.reviewed):
        raise UsageError(unfilled)
    if len(filled) == len(rows):
        return labels
    n_left = len(rows) - len(filled)
    ignored = f"{plural(n_left, 'row')} of {printable(source.name)} {'is' if n_left == 1 else 'are'} not filled in"
    return replace(labels, notices=(*labels.notices, f"{ignored} and ignored."))

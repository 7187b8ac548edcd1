"""Take labels of suggested photos (`suggest --take`): record them as an edit, learn from them, keep the layout.

labels -> journal -> seed tags and labels -> tag model -> tags of every photo -> a new version
"""

from __future__ import annotations

import operator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from clustertags.editing.edits import LabelPhotos
from clustertags.errors import UsageError
from clustertags.labels.seed_tags import read_seed_tags
from clustertags.library.artifacts import DEFAULT_FOLDER
from clustertags.library.model import FittedLibrary
from clustertags.support.printable import printable
from clustertags.types import PhotoSet, Progress, SeedTags, no_progress
from clustertags.workflows.edit import Editor


@dataclass(frozen=True, slots=True)
class LabelsTaken:
    """The effect of new labels. `n_taken`: photos in the file; `before` and `after`: labelled photos; `n_changed`:
    photos with another best tag; `new_tags`: tags new to the vocabulary.
    """

    version: str
    n_taken: int
    before: int
    after: int
    n_tags: int
    new_tags: tuple[str, ...]
    n_changed: int
    n_photos: int
    notices: tuple[str, ...]


def take_labels(source: Path, folder: Path = DEFAULT_FOLDER, progress: Progress = no_progress) -> LabelsTaken:
    """Record the tags in `source` (a CSV or JSON lines, see `read_seed_tags`) as one edit, learn from them and publish.

    Labels replace those taken earlier for the same photo. Raises `SeedsError` or `UsageError` if the file is malformed
    or has no tag; then nothing is recorded. Recorded labels stay if learning fails.
    """
    editor = Editor(folder)
    labels = _read_labels(editor.library, source)
    before = editor.library
    edit = LabelPhotos(tuple(labels_by_content(before, labels).items()))
    after = editor.commit(lambda open_editor: open_editor.do(edit), progress).library
    changed = map(operator.ne, before.best_tags(), after.best_tags())
    return LabelsTaken(
        editor.version.name,
        labels.n_labelled,
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
    return {
        library.photos[photo].content_hash: tuple(labels.vocabulary[at] for at in np.flatnonzero(row))
        for photo, row in zip(labels.photos.tolist(), labels.matrix, strict=True)
    }


def _read_labels(library: FittedLibrary, source: Path) -> SeedTags:
    labels = read_seed_tags(PhotoSet(library.root, library.photos, library.skipped), source)
    if not labels.n_labelled:
        raise UsageError(f"{printable(source)} holds no tag yet: fill in its column tags, with | between two tags")
    return labels

"""Answers to suggestions come back: recorded for good, learnt at once on the layout that is there, put in use.

answers -> journal -> seeds and answers -> tag model -> tags of every photo -> a new version
"""

from __future__ import annotations

import operator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from clustertags.editing.edits import Answer
from clustertags.errors import UsageError
from clustertags.labels.seed_tags import read_seed_tags
from clustertags.library.artifacts import DEFAULT_FOLDER
from clustertags.library.model import FittedLibrary
from clustertags.support.printable import printable
from clustertags.types import PhotoSet, Progress, SeedTags, no_progress
from clustertags.workflows.edit import Editor


@dataclass(frozen=True, slots=True)
class Retagging:
    """What some answers changed. `n_answers`: photos answered; `before` and `after`: labelled photos; `n_changed`: how
    many photos have another best tag; `new_tags`: tags that were not known before.
    """

    version: str
    n_answers: int
    before: int
    after: int
    n_tags: int
    new_tags: tuple[str, ...]
    n_changed: int
    n_photos: int
    notices: tuple[str, ...]


def take_answers(source: Path, folder: Path = DEFAULT_FOLDER, progress: Progress = no_progress) -> Retagging:
    """Record the tags in `source` (a CSV or JSON lines, see `read_seed_tags`) as one edit, learn from them and publish.

    An answer takes the place of an earlier answer for the same photo. Raises `SeedsError` or `UsageError` where the
    file is malformed or holds no tag; then nothing is recorded. What is recorded stays, should the rest fail.
    """
    editor = Editor(folder)
    answers = _read_answers(editor.library, source)
    before = editor.library
    edit = Answer(tuple(answers_by_content(before, answers).items()))
    after = editor.commit(lambda open_editor: open_editor.do(edit), progress).library
    changed = map(operator.ne, before.best_tags(), after.best_tags())
    return Retagging(
        editor.version.name,
        answers.n_labelled,
        before.seeds.n_labelled,
        after.seeds.n_labelled,
        len(after.seeds.vocabulary),
        tuple(tag for tag in after.seeds.vocabulary if tag not in before.seeds.vocabulary),
        sum(changed),
        after.n_photos,
        (*answers.notices, *after.seeds.notices, *after.edit_notices),
    )


def answers_by_content(library: FittedLibrary, answers: SeedTags) -> dict[str, tuple[str, ...]]:
    """The tags of each answered photo by its content hash, as the journal keeps them."""
    return {
        library.photos[photo].content_hash: tuple(answers.vocabulary[at] for at in np.flatnonzero(row))
        for photo, row in zip(answers.photos.tolist(), answers.matrix, strict=True)
    }


def _read_answers(library: FittedLibrary, source: Path) -> SeedTags:
    answers = read_seed_tags(PhotoSet(library.root, library.photos, library.skipped), source)
    if not answers.n_labelled:
        raise UsageError(f"{printable(source)} holds no tag yet: fill in its column tags, with | between two tags")
    return answers

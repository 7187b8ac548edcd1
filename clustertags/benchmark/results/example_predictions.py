"""Example predictions: the most confident correct and wrong ones, with thumbnails."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clustertags.benchmark.datasets.labelled_set import LabelledSet
from clustertags.benchmark.datasets.splits import Split
from clustertags.benchmark.execution.cells import Cell
from clustertags.errors import UnreadablePhotoError
from clustertags.types import Float32

N_EACH = 6
THUMBNAIL_PIXELS = 160
_TOP_K = 3


@dataclass(frozen=True, slots=True)
class Example:
    """A test photo: its `thumbnail` as JPEG bytes, its true tags, and the predicted tags, best first."""

    thumbnail: bytes
    true: tuple[str, ...]
    predicted: tuple[str, ...]
    correct: bool

    def data_uri(self) -> str:
        return "data:image/jpeg;base64," + base64.b64encode(self.thumbnail).decode("ascii")


def example_predictions(cell: Cell, labelled: LabelledSet, split: Split, n_each: int = N_EACH) -> tuple[Example, ...]:
    """The photos with the largest margin of the top tag over the second, correct and wrong; empty without scores."""
    if cell.scores is None:
        return ()
    top = cell.scores.argmax(axis=1)
    correct = labelled.tags[split.test][np.arange(len(top)), top]
    order = np.argsort(-_margin(cell.scores), kind="stable")
    chosen = [*order[correct[order]][:n_each], *order[~correct[order]][:n_each]]
    return tuple(
        made for at in chosen if (made := _example(cell.scores[at], labelled, int(split.test[at]))) is not None
    )


def _margin(scores: Float32) -> NDArray[np.float32]:
    best = np.partition(scores, -2, axis=1)[:, -2:]
    return np.asarray(best[:, 1] - best[:, 0], np.float32)


def _example(scores: Float32, labelled: LabelledSet, row: int) -> Example | None:
    """None where the file has been removed since its features were computed."""
    try:
        picture = labelled.pictures[row]
    except UnreadablePhotoError:
        return None
    picture.thumbnail((THUMBNAIL_PIXELS, THUMBNAIL_PIXELS))
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=80)
    best = np.argsort(-scores, kind="stable")[:_TOP_K]
    names, tags = labelled.names, labelled.tags[row]
    true = tuple(name for name, has in zip(names, tags, strict=True) if has)
    return Example(file.getvalue(), true, tuple(names[at] for at in best), bool(tags[best[0]]))

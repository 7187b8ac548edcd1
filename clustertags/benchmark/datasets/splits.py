"""The split that all methods share: a test part, and draws of labelled photos from the training part.

It is stored as content hashes next to the results, and can be read back.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clustertags.benchmark.datasets.labelled_set import LabelledSet
from clustertags.errors import UsageError
from clustertags.library.storage import storage_errors, write_atomically
from clustertags.near_duplicates.by_features import near_duplicate_groups
from clustertags.support.printable import printable

SCHEMA_VERSION = 1
ALL = 0
"""The budget of every training photo."""
BUDGETS_A_TAG = (1, 5, 10)
BUDGETS_OF_PHOTOS = (50, 100, 200)
N_DRAWS = 5
TEST_SHARE = 0.5
MAX_BYTES = 2**28


@dataclass(frozen=True, slots=True)
class SplitSettings:
    """`budgets`: labelled photos a tag where each photo has one tag, else labelled photos; None for the defaults."""

    budgets: tuple[int, ...] | None = None
    n_draws: int = N_DRAWS
    test_share: float = TEST_SHARE
    random_state: int = 0


@dataclass(frozen=True, slots=True)
class Draw:
    """The labelled photos of a cell: `number`: of the draw within its budget, from 0; `labelled`: rows of the set."""

    budget: int
    number: int
    labelled: NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Split:
    """`training` and `test`: ascending rows of the set; `a_tag`: whether budgets count photos a tag."""

    training: NDArray[np.intp]
    test: NDArray[np.intp]
    draws: tuple[Draw, ...]
    a_tag: bool
    random_state: int
    digest: str
    n_groups: int

    @property
    def budgets(self) -> tuple[int, ...]:
        return tuple(dict.fromkeys(draw.budget for draw in self.draws))

    @property
    def n_draws(self) -> int:
        """The largest number of draws of a budget."""
        return max(draw.number for draw in self.draws) + 1

    def unlabelled(self, draw: Draw) -> NDArray[np.intp]:
        """The training photos that a draw does not label."""
        return np.setdiff1d(self.training, draw.labelled)

    def budget_name(self, budget: int) -> str:
        if budget == ALL:
            return "all training photos"
        noun = "photo" if budget == 1 else "photos"
        return f"{budget:,} {noun} a tag" if self.a_tag else f"{budget:,} {noun}"


def make_split(labelled: LabelledSet, settings: SplitSettings) -> Split:
    """Draw the split: near-duplicates are kept in one part, and every tag is in both parts if possible.

    Draws are nested: the labelled photos of a smaller budget are a subset of those of a larger one of the same draw.
    Raises `UsageError` where no budget can be met.
    """
    generator = np.random.default_rng(settings.random_state)
    groups = near_duplicate_groups(labelled.features.values)
    in_test = _assign_to_test(labelled, groups, settings.test_share, generator)
    training, test = np.flatnonzero(~in_test), np.flatnonzero(in_test)
    if not len(training) or not len(test):
        raise UsageError("all photos are near-duplicates of one another: nothing can be held out for the test")
    a_tag = labelled.one_tag_a_photo
    budgets = _feasible_budgets(labelled, training, settings.budgets, a_tag=a_tag)
    draws = []
    for number in range(settings.n_draws):
        order = generator.permutation(training)
        draws += [Draw(budget, number, _labelled(labelled, order, budget, a_tag=a_tag)) for budget in budgets]
    ordered = tuple(sorted(draws, key=lambda draw: (budgets.index(draw.budget), draw.number)))
    n_groups = len(np.unique(groups))
    return Split(training, test, ordered, a_tag, settings.random_state, _digest(labelled, training, ordered), n_groups)


def write_split(split: Split, labelled: LabelledSet, path: Path) -> None:
    """Write the split as JSON. Raises `StorageError`."""
    hashes = labelled.hashes
    document = {
        "schema_version": SCHEMA_VERSION,
        "digest": split.digest,
        "seed": split.random_state,
        "a_tag": split.a_tag,
        "n_groups": split.n_groups,
        "training": [hashes[row] for row in split.training],
        "test": [hashes[row] for row in split.test],
        "draws": [
            {"budget": draw.budget, "draw": draw.number, "labelled": [hashes[row] for row in draw.labelled]}
            for draw in split.draws
        ],
    }
    with storage_errors(path.parent):
        write_atomically(path, json.dumps(document, indent=1).encode())


def read_split(path: Path, labelled: LabelledSet) -> Split:
    """Read a split back. Raises `UsageError` where it is malformed, or was made for other photos, tags or features."""
    row_of = {content: row for row, content in enumerate(labelled.hashes)}

    def rows(names: Sequence[str]) -> NDArray[np.intp]:
        return np.array([row_of[name] for name in names], np.intp)

    try:
        if not path.is_file():
            raise UsageError(f"{printable(path)} is not a file: name a split.json of a benchmark")
        if path.stat().st_size > MAX_BYTES:
            raise UsageError(f"{printable(path)} is larger than {MAX_BYTES >> 20} MiB: it is no split")
        document: dict[str, Any] = json.loads(path.read_bytes())
        if document["schema_version"] != SCHEMA_VERSION:
            raise UsageError(f"{printable(path)} was written by another version of clustertags: draw it anew")
        draws = tuple(
            Draw(int(item["budget"]), int(item["draw"]), rows(item["labelled"])) for item in document["draws"]
        )
        training, test = rows(document["training"]), rows(document["test"])
        n_groups, random_state, a_tag = int(document["n_groups"]), int(document["seed"]), bool(document["a_tag"])
    except KeyError as error:
        what = f"{error.args[0]}" if error.args else ""
        raise UsageError(
            f"{printable(path)} does not fit these photos (it names {printable(what, 70)}): draw a split anew"
        ) from error
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise UsageError(f"{printable(path)} cannot be read as a split: name a split.json of a benchmark") from error
    _check_parts(path, labelled, training, test, draws)
    digest = _digest(labelled, training, draws)
    if digest != document.get("digest"):
        raise UsageError(f"{printable(path)} was made for other photos, tags or features: draw a split anew")
    return Split(training, test, draws, a_tag, random_state, digest, n_groups)


def _check_parts(
    path: Path, labelled: LabelledSet, training: NDArray[np.intp], test: NDArray[np.intp], draws: Sequence[Draw]
) -> None:
    whole = np.sort(np.concatenate([training, test]))
    inside = all(len(draw.labelled) and np.isin(draw.labelled, training).all() for draw in draws)
    if not draws or not len(test) or not np.array_equal(whole, np.arange(len(labelled))) or not inside:
        raise UsageError(
            f"{printable(path)} is no split of these photos: each must be in one part, labelled ones in training"
        )


def _assign_to_test(
    labelled: LabelledSet, groups: NDArray[np.intp], test_share: float, generator: np.random.Generator
) -> NDArray[np.bool_]:
    """(n,) whether each photo is in the test part; groups with the rarest tags are assigned first (Sechidis 2011)."""
    members = [np.flatnonzero(groups == group) for group in range(int(groups.max()) + 1)]
    group_tags = np.stack([labelled.tags[rows].sum(axis=0) for rows in members])
    total = labelled.tags.sum(axis=0)
    rarest = np.array([np.flatnonzero(row)[np.argmin(total[row > 0])] for row in group_tags])
    shuffled = generator.permutation(len(members))
    order = shuffled[np.argsort(total[rarest[shuffled]], kind="stable")]
    share = np.array([1 - test_share, test_share])
    tags, photos = np.zeros((2, len(total))), np.zeros(2)
    in_test = np.zeros(len(labelled), np.bool_)
    for group in order:
        tag = rarest[group]
        lacking = share * total[tag] - tags[:, tag]
        overall = share * len(labelled) - photos
        better = lacking if not np.isclose(lacking[0], lacking[1]) else overall
        side = int(better[1] > better[0])
        tags[side] += group_tags[group]
        photos[side] += len(members[group])
        in_test[members[group]] = bool(side)
    return in_test


def _feasible_budgets(
    labelled: LabelledSet, training: NDArray[np.intp], wanted: tuple[int, ...] | None, *, a_tag: bool
) -> tuple[int, ...]:
    """The budgets that some tag, or the training part, has enough photos for."""
    most = int(labelled.tags[training].sum(axis=0).max()) if a_tag else len(training)
    budgets = wanted or (BUDGETS_A_TAG if a_tag else BUDGETS_OF_PHOTOS)
    kept = tuple(dict.fromkeys(budget for budget in budgets if budget == ALL or 0 < budget <= most))
    if kept or wanted is None:
        return kept or (most,)
    raise UsageError(f"the smallest budget is {min(budgets)} and there are {most} training photos: lower --budgets")


def _labelled(labelled: LabelledSet, order: NDArray[np.intp], budget: int, *, a_tag: bool) -> NDArray[np.intp]:
    """Ascending rows: the first `budget` of the order, or of each tag."""
    if budget == ALL:
        return np.sort(order)
    if not a_tag:
        return np.sort(order[:budget])
    tags = labelled.tags[order].argmax(axis=1)
    return np.sort(np.concatenate([order[tags == tag][:budget] for tag in range(len(labelled.names))]))


def _digest(labelled: LabelledSet, training: NDArray[np.intp], draws: Sequence[Draw]) -> str:
    made = hashlib.sha256(labelled.digest().encode())
    for part in (training, *(draw.labelled for draw in draws)):
        made.update(np.asarray(part, "<i8").tobytes() + b";")
    made.update(repr([(draw.budget, draw.number) for draw in draws]).encode())
    return made.hexdigest()

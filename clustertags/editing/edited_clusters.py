"""Edits of clusters, replayed one by one on the clusters of a fit."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clustertags.clustering.representatives import closeness, nearest_mean
from clustertags.editing.anchors import ClusterAnchor
from clustertags.editing.edits import Edit, Gather, Hide, Merge, Move, Rename, Show, Split
from clustertags.editing.journal import Entry
from clustertags.editing.matching import LEAST_WITHIN, PhotoTable
from clustertags.editing.sentences import describe_edit
from clustertags.neighbours import N_VOTERS, nearest, vote
from clustertags.support.counts import plural
from clustertags.support.printable import printable
from clustertags.types import UNCLUSTERED, Bool, Clusters, Float32, Int32, Photo

KEY_CHARACTERS = 12

Indices = NDArray[np.intp]


@dataclass(slots=True)
class Slot:
    """A cluster under edits. `name`: given by the user, or ""."""

    key: str
    stability: float
    name: str = ""


class ClusterReplay:
    """The clusters while edits are applied. `slot_of`: (n_photos,) int32 into `slots`, `UNCLUSTERED` for none;
    `hidden` and `placed`: (n_photos,) bool, hidden photos, and photos moved by the user; `notices`: a line for each
    edit, or part of one, that could not be applied; `probabilities`: (n_photos,) float32, of the photos' clusters.
    `keys`: of the clusters, see `initial_keys`. The last `n_added` photos joined after the
    fit.
    """

    def __init__(
        self,
        photos: Sequence[Photo],
        space: Float32,
        clusters: Clusters,
        table: PhotoTable,
        *,
        keys: Sequence[str] = (),
        n_added: int = 0,
    ) -> None:
        self._photos, self._space, self._table = photos, space, table
        self.n_fitted = len(photos) - n_added
        self._fitted_labels = clusters.labels[: self.n_fitted]
        self.probabilities: Float32 = clusters.probabilities
        self.slot_of: Int32 = clusters.labels.copy()
        self.hidden: Bool = np.zeros(len(photos), np.bool_)
        self.placed: Bool = np.zeros(len(photos), np.bool_)
        self.slots: list[Slot] = []
        self.notices: list[str] = []
        initial = initial_keys(photos, clusters.medoids, keys)
        self._keys: set[str] = set(initial)
        for key, stability in zip(initial, clusters.stability.tolist(), strict=True):
            self.slots.append(Slot(key, stability))

    def labels(self) -> Int32:
        """(n_photos,) int32 slots, `UNCLUSTERED` for hidden photos."""
        return np.where(self.hidden, np.int32(UNCLUSTERED), self.slot_of)

    def apply(self, entry: Entry) -> None:
        """Apply an edit of clusters; other edits are ignored."""
        edit = entry.edit
        match edit:
            case Rename(cluster, name):
                slot = self._find(cluster, entry)
                if slot is not None:
                    self.slots[slot].name = name
            case Merge():
                self._merge(edit, entry)
            case Split():
                self._split(edit, entry)
            case Move(photos, cluster):
                target = UNCLUSTERED if cluster is None else self._find(cluster, entry)
                if target is not None:
                    self._place(self._present(photos, entry), target)
            case Gather(photos, name):
                members = self._present(photos, entry)
                if len(members):
                    self._place(members, self._new_slot(entry, 0, 1.0, name))
            case Hide():
                self._hide(edit, entry)
            case Show(photos):
                self.hidden[self._present(photos, entry)] = False
            case _:
                pass

    def _merge(self, edit: Merge, entry: Entry) -> None:
        labels, found = self.labels(), list[int]()
        within = np.zeros(len(self.slots))
        for anchor in edit.clusters:
            shares = self._table.shares(anchor, entry.number, labels, len(self.slots))
            within += shares.within()
            best = shares.best()
            if best is None and not (shares.within() > 0).any():
                self._report(entry, f"{anchor.name} is no longer there")
            found += [] if best is None else [best]
        found = list(dict.fromkeys([*found, *np.flatnonzero(within > LEAST_WITHIN).tolist()]))
        if not found:
            self._report(entry, "none of its clusters is there any more")
            return
        kept = self.slots[found[0]]
        sizes = np.array([(labels == slot).sum() for slot in found], np.float64)
        stability = np.array([self.slots[slot].stability for slot in found])
        kept.stability = float((sizes * stability).sum() / max(sizes.sum(), 1))
        kept.name = edit.name or kept.name
        if len(found) > 1:
            self.slot_of[np.isin(self.slot_of, found)] = found[0]

    def _split(self, edit: Split, entry: Entry) -> None:
        shares = self._table.shares(edit.cluster, entry.number, self.labels(), len(self.slots))
        best = shares.best()
        own = np.flatnonzero(shares.within() > LEAST_WITHIN).tolist()
        found = list(dict.fromkeys([*([] if best is None else [best]), *own]))
        together = np.isin(self.slot_of, found)
        groups = [self._table.find(part) for part in edit.parts]
        groups = [group[(group >= 0) & together[group]] for group in groups]
        groups = [group for group in groups if len(group)]
        if len(groups) < 2:
            self._report(entry, "its photos are not in one cluster any more")
            return
        first = self.slots[found[0]]
        part_of = np.full(len(self._photos), -1)
        for part, group in enumerate(groups):
            part_of[group] = part
        rest = np.flatnonzero(together & (part_of < 0))
        part_of[rest] = nearest_mean(self._space, rest, groups)
        # The largest part keeps the cluster's key, and none its given name, which was that of the whole.
        first.name = ""
        for part in range(len(groups)):
            members = np.flatnonzero(part_of == part)
            self.slot_of[members] = found[0] if part == 0 else self._new_slot(entry, part, first.stability)

    def _hide(self, edit: Hide, entry: Entry) -> None:
        labels = self.labels()
        if edit.cluster:
            shares = self._table.shares(edit.cluster, entry.number, labels, len(self.slots))
            slots = np.flatnonzero(shares.within() > LEAST_WITHIN)
            self.hidden |= np.isin(labels, slots) & ~self._table.known_at(entry.number)
        self.hidden[self._present(edit.photos, entry)] = True

    def place_added(self) -> None:
        """Where edits changed the clusters, let added photos join them by the vote of their nearest fitted photos, as
        new ones do. Those that an edit placed stay.
        """
        n, labels = self.n_fitted, self.labels()[: self.n_fitted]
        free = np.flatnonzero(~self.placed[n:]) + n
        if not len(free) or np.array_equal(labels, self._fitted_labels):
            return
        voted = vote(nearest(self._space[:n], self._space[free], N_VOTERS), labels, len(self.slots))
        self.slot_of[free] = voted.labels
        self.probabilities = self.probabilities.copy()
        self.probabilities[free] = voted.scores

    def _place(self, photos: Indices, slot: int) -> None:
        self.slot_of[photos] = slot
        self.placed[photos] = True

    def _new_slot(self, entry: Entry, part: int, stability: float, name: str = "") -> int:
        """A cluster that an edit made; its key is the edit's, the same in every fit."""
        made = hashlib.sha256(f"{entry.number}/{part}".encode()).hexdigest()
        self.slots.append(Slot(_unused(made[:KEY_CHARACTERS], self._keys), stability, name))
        return len(self.slots) - 1

    def medoid(self, members: Indices) -> int:
        """The photo nearest to the others, of the fit's where there are any: an added one changes no cluster's."""
        fitted = members[members < self.n_fitted]
        among = fitted if len(fitted) else members
        return int(among[closeness(self._space, among).argmax()])

    def _find(self, anchor: ClusterAnchor, entry: Entry) -> int | None:
        slot = self._table.shares(anchor, entry.number, self.labels(), len(self.slots)).best()
        if slot is None:
            self._report(entry, "no cluster is like it now")
        return slot

    def _present(self, photos: Sequence[str], entry: Entry) -> Indices:
        found = self._table.find(photos)
        missing = int((found < 0).sum())
        if missing:
            self._report(entry, missing_photos(missing))
        return found[found >= 0]

    def _report(self, entry: Entry, why: str) -> None:
        self.notices.append(unapplied_edit(entry.number, entry.edit, why))


def initial_keys(photos: Sequence[Photo], medoids: Int32, kept: Sequence[str] = ()) -> list[str]:
    """A key for each cluster of a fit: that in `kept`, of the same cluster of an earlier fit, or from its medoid."""
    keys = list(kept) or [""] * len(medoids)
    used = set(keys)
    for cluster, medoid in enumerate(medoids.tolist()):
        keys[cluster] = keys[cluster] or _unused(photos[medoid].content_hash[:KEY_CHARACTERS], used)
    return keys


def _unused(start: str, used: set[str]) -> str:
    """`start`, with a number where it is used; it is now."""
    key, number = start, 2
    while key in used:
        key, number = f"{start}-{number}", number + 1
    used.add(key)
    return key


def missing_photos(number: int) -> str:
    return f"{plural(number, 'photo is', 'photos are')} not in the library"


def unapplied_edit(number: int, edit: Edit, why: str) -> str:
    """A line on an edit that could not be applied in full."""
    return f"edit {number} ({describe_edit(edit)}) does not hold as it was made: {printable(why)}"

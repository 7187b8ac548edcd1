"""Names from the ImageNet hierarchy, for clusters without labelled photos.

A photo's probabilities of the 1,000 ImageNet classes are summed over WordNet's hypernyms; the share of a synset is the
mean probability, over a cluster's photos, of the classes that are kinds of it. The information of a synset is
share * log(share / base), where base is the share of all classes that are kinds of it: its term of the Kullback-Leibler
divergence (1951) of the cluster from a uniform distribution. It is low for broad synsets, whose base is high, and for
narrow ones with a small share. Jargon is excluded.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import numpy as np

from clustertags.names.distinct_names import NameCandidate
from clustertags.names.jargon import JARGON
from clustertags.types import Bool, Float32

N_CLASSES = 1000
TABLE = "imagenet_hierarchy.json"
SCHEMA_VERSION = 1

_MIN_NAME_SHARE = 0.15  # below it even the best synset is a guess
_MIN_TAG_SHARE = 0.08
_MIN_TAG_LIFT = 1.5  # over the base share
_MIN_COVER = 0.75  # of a group's photos that its hypernym has to fit
_MAX_CANDIDATES = 12
_MAX_TAGS = 5


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """The 1,000 classes and their hypernyms, as arrays over all synsets, classes first.

    `lemmas`: the first lemma of each. `members`: (n_synsets, 1000) float32, 1 for each class that is a kind of it,
    else 0. `base`: (n_synsets,) float32 in 0..1, the share of such classes. `nameable`: (n_synsets,) bool, false for
    jargon.
    """

    lemmas: tuple[str, ...]
    members: Float32
    base: Float32
    nameable: Bool

    def shares(self, probabilities: Float32) -> Float32:
        """One distribution over the classes, (1000,), summed over the hypernyms: (n_synsets,) float32 in 0..1."""
        return (self.members @ probabilities.astype(np.float32)).astype(np.float32, copy=False)

    def rank(self, shares: Float32) -> list[int]:
        """Synsets by falling information, without those of low share or lift and those that repeat a better one."""
        lift = shares / self.base
        eligible = np.flatnonzero(self.nameable & (shares >= _MIN_TAG_SHARE) & (lift >= _MIN_TAG_LIFT))
        information = shares[eligible] * np.log(lift[eligible])
        ranked: list[int] = []
        for synset in eligible[np.argsort(-information, kind="stable")].tolist():
            if len(ranked) < _MAX_CANDIDATES and not any(self._repeats(synset, better, shares) for better in ranked):
                ranked.append(synset)
        return ranked

    def is_above(self, synset: int, other: int) -> bool:
        """Whether every class of the other is a kind of this one."""
        return bool((self.members[synset] >= self.members[other]).all())

    def _repeats(self, synset: int, better: int, shares: Float32) -> bool:
        """Whether a synset has the better one's words, or is above or below it with nearly the same share."""
        if self.lemmas[synset] == self.lemmas[better]:
            return True
        alike = abs(shares[synset] - shares[better]) <= 0.05 * shares[better]
        return bool(alike) and (self.is_above(synset, better) or self.is_above(better, synset))


@dataclass(frozen=True, slots=True)
class HierarchyName:
    """`name` is empty where every share is too small; `tags`: lemmas with their share in 0..1, by falling information;
    `candidates`: qualifiers that can distinguish the cluster from another of the same name.
    """

    name: str
    tags: tuple[tuple[str, float], ...]
    candidates: tuple[NameCandidate, ...]


@lru_cache(maxsize=1)
def load_hierarchy() -> Hierarchy:
    """Read the table that `scripts/build_hierarchy.py` makes."""
    text = resources.files("clustertags.names").joinpath(TABLE).read_text(encoding="ascii")
    table = json.loads(text)
    if table["schema_version"] != SCHEMA_VERSION or table["n_classes"] != N_CLASSES:
        raise ValueError(f"{TABLE} is of another version than this program")
    lemmas, parents = table["lemmas"], table["parents"]
    members = np.zeros((len(lemmas), N_CLASSES), dtype=np.float32)
    np.fill_diagonal(members, 1)
    for synset, above in enumerate(parents):  # parents follow their children
        for parent in above:
            np.maximum(members[parent], members[synset], out=members[parent])
    nameable = np.array([lemma not in JARGON for lemma in lemmas], dtype=np.bool_)
    nameable[:N_CLASSES] = True
    return Hierarchy(tuple(lemmas), members, members.mean(axis=1), nameable)


def name_from_hierarchy(probabilities: Float32) -> HierarchyName:
    """Name one cluster from its photos' class probabilities, (n_photos, 1000) float32 in 0..1, at least one row."""
    hierarchy = load_hierarchy()
    if probabilities.ndim != 2 or probabilities.shape[1] != N_CLASSES or not len(probabilities):
        raise ValueError(f"expected probabilities of at least one photo over {N_CLASSES} classes")
    shares = hierarchy.shares(probabilities.mean(axis=0))
    ranked = hierarchy.rank(shares)
    named = next((synset for synset in ranked if shares[synset] >= _MIN_NAME_SHARE), None)
    candidates = tuple(
        NameCandidate(hierarchy.lemmas[synset], float(shares[synset]), float(-np.log(hierarchy.base[synset])))
        for synset in ranked
        if named in (None, synset) or not hierarchy.is_above(synset, named)  # "dalmatian, dog" adds nothing
    )
    name = "" if named is None else hierarchy.lemmas[named]
    tags = tuple((hierarchy.lemmas[synset], float(shares[synset])) for synset in ranked[:_MAX_TAGS])
    return HierarchyName(name, tags, candidates)


def covering_name(words: Sequence[str], sizes: Sequence[float]) -> str:
    """The hypernym of `words` with the most information, for a group in which `sizes` photos show each.

    Words that are no lemma of the table are ignored. "" where no hypernym covers three quarters of the photos.
    """
    hierarchy = load_hierarchy()
    synsets = {lemma.casefold(): at for at, lemma in reversed(list(enumerate(hierarchy.lemmas)))}
    probabilities = np.zeros(N_CLASSES, np.float32)
    for word, size in zip(words, sizes, strict=True):
        synset = synsets.get(word.casefold())
        if synset is not None:
            members = hierarchy.members[synset]
            probabilities += members / members.sum() * (size / sum(sizes))
    shares = hierarchy.shares(probabilities)
    covers = np.flatnonzero(hierarchy.nameable & (shares >= _MIN_COVER) & (shares >= _MIN_TAG_LIFT * hierarchy.base))
    if not len(covers):
        return ""
    information = shares[covers] * np.log(shares[covers] / hierarchy.base[covers])
    return hierarchy.lemmas[int(covers[information.argmax()])]

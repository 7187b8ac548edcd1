"""The names of ImageNet's classes and of their hypernyms, and the synsets that a tag names.

A tag is linked to every synset that has its name, unchanged or in the singular: `crane` is a bird and a machine.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import numpy as np

from clustertags.names.hierarchy import N_CLASSES, TABLE, load_hierarchy
from clustertags.types import Bool

LEMMAS = "imagenet_lemmas.json"
SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class Synsets:
    """The 1,000 classes and their hypernyms, classes first, in the rows of `names.hierarchy`.

    `names`: all names of each, the usual one first. `parents`: the synset above each, the first where there are
    several, -1 at the root. `above`: (n_synsets, n_synsets) bool, whether the second is the first or a hypernym of it.
    `members`: (n_synsets, 1000) bool, whether a class is a kind of the synset. `by_name`: the synsets of each name.
    """

    names: tuple[tuple[str, ...], ...]
    parents: tuple[int, ...]
    above: Bool
    members: Bool
    by_name: dict[str, tuple[int, ...]]

    def chain(self, synset: int, n: int) -> list[int]:
        """The synset and those above it along its first parents, `n` at most."""
        found = [synset]
        while len(found) < n and self.parents[found[-1]] >= 0:
            found.append(self.parents[found[-1]])
        return found

    def link(self, tag: str) -> tuple[int, ...]:
        """The synsets that the tag names."""
        linked: list[int] = []
        for spelling in singulars(plain_name(tag)):
            linked += [synset for synset in self.by_name.get(spelling, ()) if synset not in linked]
        return tuple(linked)

    def classes_of(self, tag: str) -> Bool:
        """(1000,) bool: the classes that the tag names, or whose hypernym it names."""
        return np.asarray(self.members[list(self.link(tag))].any(axis=0))


def plain_name(text: str) -> str:
    """The name as it is compared: `T-shirt` and `t_shirt` are `t shirt`."""
    return " ".join(text.casefold().replace("_", " ").replace("-", " ").split())


def singulars(name: str) -> tuple[str, ...]:
    """The name and what may be its singular by WordNet's rules of detachment for nouns (morphy)."""
    endings = (("ies", "y"), ("ches", "ch"), ("shes", "sh"), ("xes", "x"), ("ses", "s"), ("men", "man"), ("s", ""))
    found = [name]
    found += [name[: -len(end)] + to for end, to in endings if name.endswith(end) and not name.endswith("ss")]
    return tuple(dict.fromkeys(item for item in found if item))


@lru_cache(maxsize=1)
def load_synsets() -> Synsets:
    """Read the tables that `scripts/build_hierarchy.py` and `scripts/build_lemmas.py` make."""
    hierarchy = load_hierarchy()
    above_file = resources.files("clustertags.names").joinpath(TABLE)
    parents = json.loads(above_file.read_text(encoding="ascii"))["parents"]
    table = json.loads(resources.files("clustertags.names").joinpath(LEMMAS).read_text(encoding="ascii"))
    names = tuple(tuple(row) for row in table["lemmas"])
    if table["schema_version"] != SCHEMA_VERSION or tuple(row[0] for row in names) != hierarchy.lemmas:
        raise ValueError(f"{LEMMAS} does not go with {TABLE}")
    above = np.eye(len(names), dtype=np.bool_)
    for synset in reversed(range(N_CLASSES, len(names))):  # parents follow their children
        above[synset] |= above[parents[synset]].any(axis=0)
    above[:N_CLASSES] = hierarchy.members.T > 0
    by_name: dict[str, tuple[int, ...]] = {}
    for synset, row in enumerate(names):
        for name in dict.fromkeys(map(plain_name, row)):
            by_name[name] = (*by_name.get(name, ()), synset)
    firsts = tuple(row[0] if row else -1 for row in parents)
    return Synsets(names, firsts, above, hierarchy.members > 0, by_name)

"""The person's rules for tags, and what they make of the seed tags: aliases, parents, a block list, tags to keep."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clustertags.labels.vocabulary import normalise_tag
from clustertags.support.counts import plural
from clustertags.support.printable import printable
from clustertags.types import Bool, Float32, SeedTags

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Rules:
    """Rules over normalised tags. `aliases`: tag to the tag it counts as, settled, so that no value is an alias.

    `parents`: tag to its direct parents; `blocked`: never suggested; `kept`: never demoted; `spellings`: how the file
    writes each tag. All of them name tags by what they count as.
    """

    aliases: Mapping[str, str] = field(default_factory=dict)
    parents: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    blocked: frozenset[str] = frozenset()
    kept: frozenset[str] = frozenset()
    spellings: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.aliases or self.parents or self.blocked or self.kept)

    def ancestors(self, tag: str) -> tuple[str, ...]:
        """All tags that the normalised tag brings, sorted, itself not among them."""
        found: set[str] = set()
        waiting = list(self.parents.get(tag, ()))
        while waiting:
            parent = waiting.pop()
            if parent not in found:
                found.add(parent)
                waiting += self.parents.get(parent, ())
        return tuple(sorted(found))

    def spelling(self, tag: str) -> str:
        """The normalised tag as the file writes it, or as it is where the file does not."""
        return self.spellings.get(tag, tag)

    def to_json(self) -> dict[str, Any]:
        return {
            "aliases": dict(self.aliases),
            "parents": {child: list(parents) for child, parents in self.parents.items()},
            "blocked": sorted(self.blocked),
            "kept": sorted(self.kept),
            "spellings": dict(self.spellings),
        }

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Rules:
        """The rules that `to_json` gave."""
        parents = {child: tuple(parents) for child, parents in saved["parents"].items()}
        return cls(saved["aliases"], parents, frozenset(saved["blocked"]), frozenset(saved["kept"]), saved["spellings"])


NO_RULES = Rules()


def apply_rules(seeds: SeedTags, rules: Rules) -> SeedTags:
    """Seed tags with aliases united, parents brought and blocked tags gone; `notices` say what was done and how often.

    A tag keeps the person's spelling, one that only the rules know has theirs. Photos that are left without a tag
    count as not labelled.
    """
    if not rules:
        return seeds
    columns: dict[str, Bool] = {}
    spellings: dict[str, str] = {}
    aliased, blocked = [], []
    for at, spelling in enumerate(seeds.vocabulary):
        tag, carried = normalise_tag(spelling), seeds.matrix[:, at]
        target = rules.aliases.get(tag, tag)
        if target == tag:
            spellings[tag] = spelling
        else:
            aliased.append(f"{printable(spelling, 40)} as {printable(rules.spelling(target), 40)} {_times(carried)}")
        if target in rules.blocked:
            blocked.append(f"{printable(spelling, 40)} {_times(carried)}")
        columns[target] = columns.get(target, np.zeros_like(carried)) | carried
    brought = _bring_parents(columns, rules)
    tags = sorted(columns.keys() - rules.blocked)
    matrix = np.stack([columns[tag] for tag in tags], axis=1) if tags else np.zeros((seeds.n_labelled, 0), np.bool_)
    labelled = matrix.any(axis=1)
    notices = [*seeds.notices]
    for what, done in (("Counted", aliased), ("Brought", brought), ("Blocked", blocked)):
        if done:
            notices.append(f"{what} by the rules for tags: {_some(done)}.")
    if lost := int((~labelled).sum()):
        notices.append(f"{plural(lost, 'photo')} left without a tag by the rules for tags: not counted as labelled.")
    vocabulary = tuple(spellings.get(tag) or rules.spelling(tag) for tag in tags)
    return SeedTags(vocabulary, seeds.photos[labelled], matrix[labelled], tuple(notices))


def _bring_parents(columns: dict[str, Bool], rules: Rules) -> list[str]:
    """Add to `columns` the ancestors of every tag in it; what was brought, in words."""
    brought = []
    for tag, carried in sorted(columns.items()):
        for parent in rules.ancestors(tag):
            before = columns.get(parent, np.zeros_like(carried))
            new = carried & ~before
            columns[parent] = before | carried
            if new.any() and parent not in rules.blocked:
                names = f"{printable(rules.spelling(parent), 40)} by {printable(rules.spelling(tag), 40)}"
                brought.append(f"{names} {_times(new)}")
    return brought


def ancestor_columns(vocabulary: Sequence[str], rules: Rules) -> NDArray[np.intp]:
    """(n_pairs, 2) columns of the vocabulary: a tag, and a tag that it brings."""
    column = {normalise_tag(tag): at for at, tag in enumerate(vocabulary)} if rules.parents else {}
    pairs = [(at, column[parent]) for tag, at in column.items() for parent in rules.ancestors(tag) if parent in column]
    return np.array(pairs, dtype=np.intp).reshape(-1, 2)


def raise_parents(scores: Float32, pairs: NDArray[np.intp]) -> Float32:
    """(n, n_tags) scores in which no tag is less likely than one that brings it; `pairs` are of `ancestor_columns`."""
    if not len(pairs):
        return scores
    raised = scores.copy()
    np.maximum.at(raised.T, pairs[:, 1], scores.T[pairs[:, 0]])
    return raised


def _times(carried: Bool) -> str:
    return f"on {plural(int(carried.sum()), 'photo')}"


def _some(done: Collection[str]) -> str:
    more = len(done) - _SHOWN
    return ", ".join([*done][:_SHOWN]) + (f" and {more:,} more" if more > 0 else "")

"""The person's rules for tags, and their application to seed tags: aliases, parents, blocked tags, tags to keep."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clustertags.labels.normalisation import normalise_tag
from clustertags.support.counts import plural
from clustertags.support.printable import printable
from clustertags.types import Bool, Float32, SeedTags

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Rules:
    """Rules over normalised tags. `aliases`: tag to its target, resolved, so that no target is an alias.

    `parents`: tag to its direct parents; `blocked`: never suggested; `kept`: never demoted; `spellings`: each tag as
    the file spells it. All but the aliases contain targets only. `derived`: those of the `parents` that are not the
    person's but from the hierarchies of keywords, see `labels.keyword_parents`.
    """

    aliases: Mapping[str, str] = field(default_factory=dict)
    parents: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    blocked: frozenset[str] = frozenset()
    kept: frozenset[str] = frozenset()
    spellings: Mapping[str, str] = field(default_factory=dict)
    derived: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.aliases or self.parents or self.blocked or self.kept)

    def ancestors(self, tag: str) -> tuple[str, ...]:
        """All ancestors of the normalised tag, sorted."""
        found: set[str] = set()
        waiting = list(self.parents.get(tag, ()))
        while waiting:
            parent = waiting.pop()
            if parent not in found:
                found.add(parent)
                waiting += self.parents.get(parent, ())
        return tuple(sorted(found))

    def spelling(self, tag: str) -> str:
        """The normalised tag as the file spells it, unchanged where the file lacks it."""
        return self.spellings.get(tag, tag)

    def of_person(self) -> Rules:
        """The rules without the parents from keywords."""
        own = {child: tuple(set(above) - {*self.derived.get(child, ())}) for child, above in self.parents.items()}
        parents = {child: tuple(sorted(above)) for child, above in own.items() if above}
        named = {*self.aliases, *self.aliases.values(), *parents, *self.blocked, *self.kept}.union(*parents.values())
        spellings = {tag: text for tag, text in self.spellings.items() if tag in named}
        return replace(self, parents=parents, spellings=spellings, derived={})

    def to_json(self) -> dict[str, Any]:
        return {
            "aliases": dict(self.aliases),
            "parents": {child: list(parents) for child, parents in self.parents.items()},
            "blocked": sorted(self.blocked),
            "kept": sorted(self.kept),
            "spellings": dict(self.spellings),
            "derived": {child: list(parents) for child, parents in self.derived.items()},
        }

    @classmethod
    def from_json(cls, saved: Mapping[str, Any]) -> Rules:
        """The rules that `to_json` saved."""
        parents, derived = (
            {child: tuple(above) for child, above in saved.get(name, {}).items()} for name in ("parents", "derived")
        )
        blocked, kept = frozenset(saved["blocked"]), frozenset(saved["kept"])
        return cls(saved["aliases"], parents, blocked, kept, saved["spellings"], derived)


NO_RULES = Rules()


def apply_rules(seed_tags: SeedTags, rules: Rules) -> SeedTags:
    """Seed tags with aliases merged, parents added and blocked tags removed; `notices` report each change.

    A tag keeps the person's spelling; one that only the rules contain has theirs. Photos that are left without a tag
    are unlabelled. Rejected tags come after the rules, see `recorded_labels.add_rejections`.
    """
    if not rules:
        return seed_tags
    columns: dict[str, Bool] = {}
    spellings: dict[str, str] = {}
    aliased, blocked = [], []
    for at, spelling in enumerate(seed_tags.vocabulary):
        tag, carried = normalise_tag(spelling), seed_tags.matrix[:, at]
        target = rules.aliases.get(tag, tag)
        if target == tag:
            spellings[tag] = spelling
        else:
            aliased.append(f"{printable(spelling, 40)} as {printable(rules.spelling(target), 40)} {_times(carried)}")
        if target in rules.blocked:
            blocked.append(f"{printable(spelling, 40)} {_times(carried)}")
        columns[target] = columns.get(target, np.zeros_like(carried)) | carried
    added = _add_parents(columns, rules)
    tags = sorted(columns.keys() - rules.blocked)
    matrix = np.stack([columns[tag] for tag in tags], axis=1) if tags else np.zeros((seed_tags.n_labelled, 0), np.bool_)
    labelled = matrix.any(axis=1)
    notices = [*seed_tags.notices]
    for what, done in (("Counted", aliased), ("Added", added), ("Blocked", blocked)):
        if done:
            notices.append(f"{what} by the rules for tags: {_some(done)}.")
    if lost := int((~labelled).sum()):
        notices.append(f"{plural(lost, 'photo')} left without a tag by the rules for tags: not counted as labelled.")
    vocabulary = tuple(spellings.get(tag) or rules.spelling(tag) for tag in tags)
    partial = None if seed_tags.partial is None else seed_tags.partial[labelled]
    return SeedTags(vocabulary, seed_tags.photos[labelled], matrix[labelled], tuple(notices), seed_tags.none, partial)


def _add_parents(columns: dict[str, Bool], rules: Rules) -> list[str]:
    """Add to `columns` the ancestors of every tag in it; the additions, in words."""
    added = []
    for tag, carried in sorted(columns.items()):
        for parent in rules.ancestors(tag):
            before = columns.get(parent, np.zeros_like(carried))
            new = carried & ~before
            columns[parent] = before | carried
            if new.any() and parent not in rules.blocked:
                names = f"{printable(rules.spelling(parent), 40)} by {printable(rules.spelling(tag), 40)}"
                added.append(f"{names} {_times(new)}")
    return added


def ancestor_columns(vocabulary: Sequence[str], rules: Rules) -> NDArray[np.intp]:
    """(n_pairs, 2) columns of the vocabulary: a tag and one of its ancestors."""
    column = {normalise_tag(tag): at for at, tag in enumerate(vocabulary)} if rules.parents else {}
    pairs = [(at, column[parent]) for tag, at in column.items() for parent in rules.ancestors(tag) if parent in column]
    return np.array(pairs, dtype=np.intp).reshape(-1, 2)


def raise_parents(scores: Float32, pairs: NDArray[np.intp]) -> Float32:
    """(n, n_tags) scores in which no tag is below any of its descendants; `pairs` are of `ancestor_columns`."""
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

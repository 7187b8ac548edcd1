"""Distinct names for clusters with the same name: `dog, retriever` and `dog, terrier`; at worst `dog` and `dog 2`."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

_MIN_SHARE = 0.15
_MIN_CONTRAST = 0.1


@dataclass(frozen=True, slots=True)
class NameCandidate:
    """A word for a cluster: the share of its photos that it fits, in 0..1, and its information in nats."""

    text: str
    share: float
    information: float


def distinct_names(names: Sequence[str], candidates: Sequence[Sequence[NameCandidate]]) -> tuple[str, ...]:
    """The names, with a qualifier where several clusters have the same; letter case is ignored. Deterministic.

    The qualifier is the candidate that fits the cluster best and the others of its name least; where there is none, a
    number from 2 on.
    """
    groups: defaultdict[str, list[int]] = defaultdict(list)
    for at, name in enumerate(names):
        groups[name.casefold()].append(at)
    result = list(names)
    for group in groups.values():
        if len(group) > 1:
            for at, qualifier in _qualifiers(group, names, candidates).items():
                result[at] = f"{names[at]}, {qualifier}"
    return _numbered(result)


def _qualifiers(
    group: list[int], names: Sequence[str], candidates: Sequence[Sequence[NameCandidate]]
) -> dict[int, str]:
    """Distinct qualifiers, assigned greedily by falling contrast times information."""
    shares = {at: {item.text.casefold(): item.share for item in candidates[at]} for at in group}
    offers: list[tuple[float, int, str]] = []
    for at in group:
        for item in candidates[at]:
            key = item.text.casefold()
            elsewhere = [shares[other].get(key, 0.0) for other in group if other != at]
            contrast = item.share - sum(elsewhere) / len(elsewhere)
            if key != names[at].casefold() and item.share >= _MIN_SHARE and contrast >= _MIN_CONTRAST:
                offers.append((-contrast * item.information, at, item.text))
    given: dict[int, str] = {}
    taken: set[str] = set()
    for _, at, text in sorted(offers):
        if at not in given and text.casefold() not in taken:
            given[at] = text
            taken.add(text.casefold())
    return given


def _numbered(names: list[str]) -> tuple[str, ...]:
    used = {name.casefold() for name in names}
    seen: set[str] = set()
    result: list[str] = []
    for name in names:
        chosen, number = name, 2
        while chosen.casefold() in seen or (chosen != name and chosen.casefold() in used):
            chosen, number = f"{name} {number}", number + 1
        seen.add(chosen.casefold())
        result.append(chosen)
    return tuple(result)

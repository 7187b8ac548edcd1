"""Parents of tags from keywords that stand in a hierarchy: `animal|dog` makes animal the parent of dog."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from clustertags.labels.normalisation import normalise_tag, shown_spelling
from clustertags.labels.rules import Rules
from clustertags.photos.xmp_keywords import LEVEL
from clustertags.support.printable import printable

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class KeywordParents:
    """`links`: (child, parent), normalised, those of most photos first; `torn`: tags below different parents with
    these; `spellings`: each tag as it is usually written.
    """

    links: tuple[tuple[str, str], ...]
    torn: Mapping[str, tuple[str, ...]]
    spellings: Mapping[str, str]


def keyword_parents(photos: Iterable[Sequence[str]]) -> KeywordParents:
    """The parents by the keywords of each photo, of which those with a `|` are paths.

    A tag has a parent where all photos on which it has any agree on it: `turkey` under `food` on one photo and under
    `places` on another has none, as neither follows from it.
    """
    common: dict[str, set[str]] = {}
    every: dict[str, set[str]] = defaultdict(set)
    counts: Counter[tuple[str, str]] = Counter()
    spellings: dict[str, Counter[str]] = defaultdict(Counter)
    for keywords in photos:
        own: dict[str, set[str]] = defaultdict(set)
        for path in keywords:
            tags = {tag: part for part in path.split(LEVEL) if (tag := normalise_tag(part))} if LEVEL in path else {}
            for tag, part in tags.items():
                spellings[tag][shown_spelling(part)] += 1
            for parent, child in pairwise(tags):
                own[child].add(parent)
        for child, parents in own.items():
            common[child] = common.get(child, parents) & parents
            every[child] |= parents
            counts.update((child, parent) for parent in parents)
    links = [(child, parent) for child, parents in common.items() for parent in parents]
    return KeywordParents(
        tuple(sorted(links, key=lambda link: (-counts[link], link))),
        {child: tuple(sorted(every[child])) for child in sorted(every) if not common[child]},
        {tag: min(found, key=lambda text: (-found[text], text)) for tag, found in spellings.items()},
    )


def add_keyword_parents(rules: Rules, found: KeywordParents) -> tuple[Rules, tuple[str, ...]]:
    """The person's rules with parents from keywords, and notices of what was added and what was not.

    The person's rules win: aliases replace tags, and a link that would make a tag its own ancestor is dropped, among
    links from keywords the one of fewer photos.
    """
    parents = dict(rules.parents)
    grown = replace(rules, parents=parents)
    derived: dict[str, list[str]] = defaultdict(list)
    dropped: list[tuple[str, str]] = []
    for link in found.links:
        child, parent = (rules.aliases.get(tag, tag) for tag in link)
        if child == parent or parent in parents.get(child, ()):
            continue
        if child in grown.ancestors(parent):
            dropped.append((child, parent))
            continue
        parents[child] = tuple(sorted((*parents.get(child, ()), parent)))
        derived[child].append(parent)
    merged = replace(
        rules,
        parents=dict(sorted(parents.items())),
        spellings={**found.spellings, **rules.spellings} if derived else rules.spellings,
        derived={child: tuple(sorted(above)) for child, above in sorted(derived.items())},
    )
    return merged, tuple(_notices(merged, dropped, found))


def _notices(rules: Rules, dropped: list[tuple[str, str]], found: KeywordParents) -> Iterable[str]:
    def shown(tag: str) -> str:
        return printable(rules.spellings.get(tag) or found.spellings.get(tag, tag), 40)

    if rules.derived:
        yield f"Parents from the keywords of the photos: {_some(sorted(_chains(rules, shown)))}."
    if dropped:
        links = _some([f"{shown(parent)} > {shown(child)}" for child, parent in dropped])
        yield f"Keywords make tags their own ancestors; not taken for parents: {links}."
    if found.torn:
        torn = _some(
            [f"{shown(tag)} ({printable(' or '.join(map(shown, above)), 100)})" for tag, above in found.torn.items()]
        )
        yield f"Keywords put tags under different parents, so none follows from them: {torn}."


def _chains(rules: Rules, shown: Callable[[str], str]) -> Iterable[str]:
    """Each derived leaf below its ancestors, as the file of rules writes them: `animal > dog > collie`."""
    inner = {parent for above in rules.derived.values() for parent in above}
    for leaf in rules.derived.keys() - inner:
        chain = [leaf]
        while above := rules.derived.get(chain[-1]):
            chain.append(above[0])
        yield printable(" > ".join(map(shown, reversed(chain))), 100)


def _some(items: list[str]) -> str:
    more = len(items) - _SHOWN
    return ", ".join(items[:_SHOWN]) + (f" and {more:,} more" if more > 0 else "")

"""Tags with their parents, as photo programs write hierarchical keywords."""

from __future__ import annotations

from clustertags.labels.normalisation import normalise_tag
from clustertags.labels.rules import Rules

_MOST_PATHS = 20


def tag_paths(rules: Rules, tag: str, under: str = "") -> tuple[tuple[str, ...], ...]:
    """Each path from a root to the tag, root first, by the parents of the rules; below `under` where that is given.

    A tag of several parents has several paths, at most 20.
    """
    found: list[tuple[str, ...]] = []
    waiting: list[tuple[str, tuple[str, ...]]] = [(normalise_tag(tag), (tag,))]
    while waiting and len(found) < _MOST_PATHS:
        top, path = waiting.pop(0)
        parents = [parent for parent in rules.parents.get(top, ()) if rules.spelling(parent) not in path]
        if parents:
            waiting += [(parent, (rules.spelling(parent), *path)) for parent in parents]
        else:
            found.append(path)
    return tuple((under, *path) if under else path for path in found)

"""The tags of a library that stand in a text: `a dog on a beach` names `dog` and `beach`."""

from __future__ import annotations

from dataclasses import dataclass

from clustertags.labels.normalisation import normalise_tag
from clustertags.library.model import FittedLibrary

_FILLERS = frozenset(
    ("a", "an", "and", "at", "by", "for", "from", "in", "my", "of", "on", "or", "our", "the", "to", "with")
)


@dataclass(frozen=True, slots=True)
class NamedTags:
    """`columns` in the library's vocabulary; `are_all`: whether they are all that the text says, fillers apart."""

    columns: tuple[int, ...]
    are_all: bool


def find_named_tags(library: FittedLibrary, text: str) -> NamedTags:
    """The longest tags first, so that `hot dog` does not name `dog`; aliases count as their targets, demoted tags do
    not count, unless one is the whole text.
    """
    known = _columns(library)
    if (whole := known.get(normalise_tag(text))) is not None:
        return NamedTags((whole,), are_all=True)
    known = {tag: at for tag, at in known.items() if library.seeds.vocabulary[at] not in library.demoted}
    words = [normalise_tag(word) for word in text.split()]
    free, found = [bool(word) for word in words], []
    for length in range(len(words), 0, -1):
        for start in range(len(words) - length + 1):
            part = slice(start, start + length)
            if all(free[part]) and (at := known.get(" ".join(words[part]))) is not None:
                free[part] = [False] * length
                found.append(at)
    rest = {word for word, is_free in zip(words, free, strict=True) if is_free}
    return NamedTags(tuple(dict.fromkeys(found)), are_all=bool(found) and rest <= _FILLERS)


def _columns(library: FittedLibrary) -> dict[str, int]:
    columns = {normalise_tag(tag): at for at, tag in enumerate(library.seeds.vocabulary)}
    aliases = {alias: columns[target] for alias, target in library.rules.aliases.items() if target in columns}
    return aliases | columns

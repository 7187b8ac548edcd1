"""Tags as the keyword lists of XMP hold them: which lists there are, how each spells a hierarchy, what each lacks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from clustertags.labels.normalisation import normalise_tag, shown_spelling
from clustertags.photos.own_keywords import SLASH_IN_NAME

TagPath = tuple[str, ...]
"""The names of a tag from the root down: `("animal", "dog")`."""

DC = "http://purl.org/dc/elements/1.1/"
LIGHTROOM = "http://ns.adobe.com/lightroom/1.0/"
DIGIKAM = "http://www.digikam.org/ns/1.0/"
MICROSOFT = "http://ns.microsoft.com/photo/1.0/"

SUBJECT, HIERARCHICAL, TAGS_LIST = "dc:subject", "lr:hierarchicalSubject", "digiKam:TagsList"
_LAST_KEYWORD = "MicrosoftPhoto:LastKeywordXMP"

# Characters that XML 1.0 cannot hold (its section 2.2).
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class KeywordList:
    """A list of keywords: its namespace and local name, the container that programs write, what separates names."""

    namespace: str
    local: str
    container: str
    separator: str

    @property
    def name(self) -> str:
        return f"{self.namespace} {self.local}"

    def path(self, text: str) -> TagPath:
        """The names of a keyword of this list."""
        return tuple(name for part in text.split(self.separator) if (name := part.strip("| ")))

    def text(self, path: TagPath) -> str:
        """The keyword of this list for a path; a separator inside a name makes no hierarchy."""
        if self.separator == "/":
            return "/".join(_without_bars(name).replace("/", SLASH_IN_NAME) for name in path)
        return "|".join(_without_bars(name) for name in path)


# `dc:subject` is flat; the few keywords with "|" in it were hierarchies in the program that wrote them.
WRITTEN = {
    SUBJECT: KeywordList(DC, "subject", "Bag", "|"),
    HIERARCHICAL: KeywordList(LIGHTROOM, "hierarchicalSubject", "Bag", "|"),
    TAGS_LIST: KeywordList(DIGIKAM, "TagsList", "Seq", "/"),
}
READ = {**WRITTEN, _LAST_KEYWORD: KeywordList(MICROSOFT, "LastKeywordXMP", "Bag", "/")}

Key = tuple[str, ...]


def key_of(path: TagPath) -> Key:
    """A path for comparison, name by name; a caption, which is no tag, is compared as it is."""
    return tuple(normalise_tag(name) or name for name in path)


def _without_bars(name: str) -> str:
    return " ".join(name.replace("|", " ").split()) if "|" in name else name


def own_path(path: TagPath) -> TagPath:
    """A path of this library as XMP can hold it: no characters that XML lacks, no `|` inside a name, no empty names."""
    return tuple(name for part in path if (name := _NOT_XML.sub("", shown_spelling(part)).strip()))


def embedded_path(keyword: str) -> TagPath:
    """The path of a keyword that stands in a photo: `animal|dog` is a hierarchy."""
    return tuple(name for part in keyword.split("|") if (name := " ".join(_NOT_XML.sub(" ", part).split())))


class Held:
    """What a list holds, as keys: whole paths and single names."""

    def __init__(self, paths: Iterable[TagPath]) -> None:
        self.paths: set[Key] = set()
        self.names: set[str] = set()
        for path in paths:
            self.add(path)

    def add(self, path: TagPath) -> None:
        key = key_of(path)
        self.paths.add(key)
        self.names.update(key)

    def lacks(self, path: TagPath) -> bool:
        """A single name is held by any path that it is part of, a longer path by itself alone."""
        key = key_of(path)
        return bool(key) and (key[0] not in self.names if len(key) == 1 else key not in self.paths)


def missing_from_hierarchies(held: Held, paths: Sequence[TagPath]) -> list[TagPath]:
    """Which `paths` a list of hierarchies lacks, in their order within longer and single ones; `held` takes them up."""
    missing = []
    for path in (*(path for path in paths if len(path) > 1), *(path for path in paths if len(path) == 1)):
        if held.lacks(path):
            held.add(path)
            missing.append(path)
    return missing


def missing_words(held: Held, words: Iterable[str]) -> list[TagPath]:
    """Which `words` a flat list lacks; `held` takes them up."""
    missing: list[TagPath] = []
    for word in words:
        if held.lacks((word,)):
            held.add((word,))
            missing.append((word,))
    return missing

"""Add keywords to an XMP document and take them away again, all else byte for byte as it is.

New lists and the record of what was written stand in an `rdf:Description` of their own, after the last one; keywords
are appended to lists that exist. Only what changes is touched, so other namespaces, comments and the encoding stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from clustertags.export.xmp_insertion import has_list, insertions, lists_of
from clustertags.export.xmp_keywords import (
    READ,
    SUBJECT,
    WRITTEN,
    Held,
    KeywordList,
    TagPath,
    embedded_path,
    key_of,
    missing_from_hierarchies,
    missing_words,
    own_path,
)
from clustertags.export.xmp_record import (
    EXTENSION,
    PHOTOSHOP,
    SIDECAR,
    Record,
    item_texts,
    read_record,
)
from clustertags.export.xmp_source import RDF, NotEditableError, Source
from clustertags.library.sidecar_rows import Kind

MAX_KEYWORDS = 2_000

_NEW = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n<x:xmpmeta xmlns:x="adobe:ns:meta/">\n'
    f' <rdf:RDF xmlns:rdf="{RDF}">\n </rdf:RDF>\n</x:xmpmeta>\n<?xpacket end="w"?>\n'
)


@dataclass(frozen=True, slots=True)
class Additions:
    """What a sidecar is to hold besides what it holds.

    `embedded`: keywords in the photo itself; `mine`: tags that the person gave in this library; `predicted`: tags with
    their scores; `extension`: the one that a sidecar of a name without it belongs to (`NEF`), or "".
    """

    embedded: tuple[str, ...] = ()
    mine: tuple[TagPath, ...] = ()
    predicted: tuple[tuple[TagPath, float], ...] = ()
    model: str = ""
    extension: str = ""


@dataclass(frozen=True, slots=True)
class Merged:
    """A document with its additions, and the record of these alone; `data` is the one given where nothing is missing.

    `kinds`: by list and text, whether a keyword is `mine`, `predicted`, a `parent`, or a `copy` of one of another list;
    `scores`: of the predictions among them.
    """

    data: bytes
    added: Record
    kinds: Mapping[tuple[str, str], Kind]
    scores: Mapping[tuple[str, str], float]


@dataclass(frozen=True, slots=True)
class _Paths:
    """The paths that a document should hold: a person's (of the document and the photo), and those of this library."""

    theirs: list[TagPath]
    mine: list[TagPath]
    predicted: dict[TagPath, float]
    removed: set[tuple[str, ...]]

    def names_of_a_person(self) -> set[tuple[str, ...]]:
        """Keys of what a person gave: each name of their own hierarchies, but only the last of what is given here."""
        keys = {key_of((name,)) for path in self.theirs for name in path} | {key_of(path) for path in self.theirs}
        return keys | {key_of(path[-1:]) for path in self.mine} | {key_of(path) for path in self.mine}


def keywords(source: Source, keyword_list: KeywordList) -> tuple[str, ...]:
    """The keywords of a list in their order, in whatever form the document has them."""
    texts = []
    for description in source.descriptions:
        texts += [item.value for item in source.attributes(description) if item.name == keyword_list.name]
        for element in lists_of(description, keyword_list):
            texts += item_texts(element) if element.children else [element.text.strip()]
    return tuple(text for text in texts if text)


def merged(data: bytes | None, additions: Additions, written: str) -> Merged:
    """The document `data`, or a new one, in which each list holds all keywords of the document, the photo and ours.

    `written`: the time, recorded where anything is written. A keyword that we wrote earlier and that a person has
    removed since is not written again. Raises `NotEditableError`.
    """
    source = Source(_NEW.encode() if data is None else data)
    found = {name: keywords(source, keyword_list) for name, keyword_list in READ.items()}
    if sum(text.count(READ[name].separator) + 1 for name, texts in found.items() for text in texts) > MAX_KEYWORDS:
        raise NotEditableError(f"it has more than {MAX_KEYWORDS} keywords")
    earlier = read_record(source) or Record()
    paths = _wanted(found, earlier, additions)
    missing = {name: _missing(name, found[name], paths) for name in WRITTEN}
    record = _recorded(earlier, paths, missing, additions, written)
    if not any(missing.values()) and set(record.derived) == set(earlier.derived):
        return Merged(source.edited([]) if data is None else data, Record(), {}, {})
    created = {name for name in WRITTEN if missing[name] and not has_list(source, WRITTEN[name])}
    if data is None:
        created |= {SIDECAR, *([EXTENSION] if additions.extension else [])}
    now = Record(missing, frozenset(created), record.predicted, record.derived, additions.model, written)
    whole = replace(now, added=earlier.with_added(now).added, created=earlier.created | now.created)
    edits = insertions(source, missing, whole, additions.extension)
    return Merged(source.edited(edits), now, *_origins(paths, missing))


def _origins(
    paths: _Paths, missing: dict[str, tuple[str, ...]]
) -> tuple[dict[tuple[str, str], Kind], dict[tuple[str, str], float]]:
    kinds: dict[tuple[str, ...], Kind] = {}
    groups: dict[Kind, Iterable[TagPath]] = {"predicted": paths.predicted, "mine": paths.mine, "copy": paths.theirs}
    for kind, group in groups.items():
        kinds |= {key: kind for path in group for key in (key_of(path[-1:]), key_of(path))}
    scores = {key: score for path, score in paths.predicted.items() for key in (key_of(path[-1:]), key_of(path))}
    keys = {(name, text): key_of(WRITTEN[name].path(text)) for name, texts in missing.items() for text in texts}
    found = {at: kinds.get(key, "parent") for at, key in keys.items()}
    return found, {at: scores[keys[at]] for at, kind in found.items() if kind == "predicted"}


def extension_of(data: bytes) -> str:
    """`photoshop:SidecarForExtension` of a document, "" where it has none. Raises `NotEditableError`."""
    source = Source(data)
    name = f"{PHOTOSHOP} {EXTENSION.partition(':')[2]}"
    texts = [item.value for d in source.descriptions for item in source.attributes(d) if item.name == name]
    texts += [child.text for d in source.descriptions for child in d.children if child.name == name]
    return next((text.strip() for text in texts if text.strip()), "")


def _wanted(found: dict[str, tuple[str, ...]], earlier: Record, additions: Additions) -> _Paths:
    theirs = [
        READ[name].path(text)
        for name, texts in found.items()
        for text in texts
        if text not in earlier.added.get(name, ())
    ]
    theirs += [embedded_path(text) for text in additions.embedded]
    persons = {key_of((name,)) for path in theirs for name in path} | {key_of(path) for path in theirs}
    removed = _removed_since(found, earlier) - persons

    def kept(path: TagPath) -> bool:
        return bool(path) and key_of(path) not in removed and key_of(path[-1:]) not in removed

    mine = [path for path in map(own_path, additions.mine) if kept(path)]
    predicted = {path: score for given, score in additions.predicted if kept(path := own_path(given))}
    mine_keys = {key_of(path) for path in mine}
    return _Paths(
        [path for path in theirs if path],
        mine,
        {path: score for path, score in predicted.items() if key_of(path) not in mine_keys},
        removed,
    )


def _removed_since(found: dict[str, tuple[str, ...]], earlier: Record) -> set[tuple[str, ...]]:
    """Keys of what we wrote and a person removed: gone from `dc:subject`, or from another list that is still there."""
    return {
        key_of(READ[name].path(text))
        for name, texts in earlier.added.items()
        for text in texts
        if text not in found[name] and (found[name] or name == SUBJECT)
    }


def _missing(name: str, found: Sequence[str], paths: _Paths) -> tuple[str, ...]:
    """The texts that the list lacks. A flat list gets the last name of a person's own hierarchy, all names of ours."""
    keyword_list = WRITTEN[name]
    held = Held(keyword_list.path(text) for text in found)
    ours = [*paths.mine, *paths.predicted]
    if name == SUBJECT:
        words = [*(path[-1] for path in paths.theirs), *(word for path in ours for word in reversed(path))]
        lacking = missing_words(held, words)
    else:
        lacking = missing_from_hierarchies(held, [*paths.theirs, *ours])
    return tuple(keyword_list.text(path) for path in lacking if key_of(path) not in paths.removed)


def _recorded(
    earlier: Record, paths: _Paths, missing: dict[str, tuple[str, ...]], additions: Additions, written: str
) -> Record:
    """What the document is to say of predictions and of words that no person gave."""
    persons = paths.names_of_a_person()
    added = {key_of(WRITTEN[name].path(text)) for name, texts in missing.items() for text in texts}
    predicted, derived = dict(earlier.predicted), dict.fromkeys(earlier.derived)
    for path in (*paths.mine, *paths.predicted):
        words = [WRITTEN[SUBJECT].text((word,)) for word in path]
        derived |= dict.fromkeys(text for text in (*words, "|".join(path)) if key_of(tuple(text.split("|"))) in added)
    for path, score in paths.predicted.items():
        if key_of(path) in added:
            predicted["|".join(path)] = f"{score:.2f}"
    return Record(
        predicted={text: score for text, score in predicted.items() if key_of(tuple(text.split("|"))) not in persons},
        derived=tuple(text for text in derived if key_of(tuple(text.split("|"))) not in persons),
        model=additions.model,
        written=written,
    )

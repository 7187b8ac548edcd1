"""Add keywords to an XMP document and take them away again, all else byte for byte as it is.

New lists and the record of what was written stand in an `rdf:Description` of their own, after the last one; keywords are
appended to lists that exist. Only what changes is touched, so other namespaces, comments and the encoding stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

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
    PREFIX,
    SIDECAR,
    Record,
    is_own,
    item_texts,
    list_element,
    read_record,
)
from clustertags.export.xmp_source import RDF, Edit, Element, NotEditableError, Source
from clustertags.photos.own_keywords import NAMESPACE

ABOUT = frozenset({f"{RDF} about", "about"})
MAX_KEYWORDS = 5_000

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
    """A document with its additions, and the record of these alone; `data` is the one given where nothing is missing."""

    data: bytes
    added: Record


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
        for element in _lists(description, keyword_list):
            texts += item_texts(element) if element.children else [element.text.strip()]
    return tuple(text for text in texts if text)


def merged(data: bytes | None, additions: Additions, written: str) -> Merged:
    """The document `data`, or a new one, in which each list holds all keywords of the document, the photo and ours.

    `written`: the time, recorded where anything is written. A keyword that we wrote earlier and that a person has
    removed since is not written again. Raises `NotEditableError`.
    """
    source = Source(_NEW.encode() if data is None else data)
    found = {name: keywords(source, keyword_list) for name, keyword_list in READ.items()}
    if sum(map(len, found.values())) > MAX_KEYWORDS:
        raise NotEditableError(f"it has more than {MAX_KEYWORDS} keywords")
    earlier = read_record(source) or Record()
    paths = _wanted(found, earlier, additions)
    missing = {name: _missing(name, found[name], paths) for name in WRITTEN}
    record = _recorded(earlier, paths, missing, additions, written)
    if not any(missing.values()) and set(record.derived) == set(earlier.derived):
        return Merged(source.edited([]) if data is None else data, Record())
    created = {name for name in WRITTEN if missing[name] and not _exists(source, WRITTEN[name])}
    if data is None:
        created |= {SIDECAR, *([EXTENSION] if additions.extension else [])}
    now = Record(missing, frozenset(created), record.predicted, record.derived, additions.model, written)
    whole = Record(
        earlier.with_added(now).added, earlier.created | now.created, record.predicted, record.derived,
        now.model, written,
    )  # fmt: skip
    return Merged(source.edited(_insertions(source, missing, whole, additions)), now)


def _wanted(found: dict[str, tuple[str, ...]], earlier: Record, additions: Additions) -> _Paths:
    theirs = [
        READ[name].path(text) for name, texts in found.items() for text in texts
        if text not in earlier.added.get(name, ())
    ]  # fmt: skip
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


def _exists(source: Source, keyword_list: KeywordList) -> bool:
    return any(
        _lists(description, keyword_list)
        or any(item.name == keyword_list.name for item in source.attributes(description))
        for description in source.descriptions
    )


def _lists(description: Element, keyword_list: KeywordList) -> list[Element]:
    return [child for child in description.children if child.name == keyword_list.name]


def _insertions(
    source: Source, missing: dict[str, tuple[str, ...]], record: Record, additions: Additions
) -> list[Edit]:
    edits: list[Edit] = []
    properties: list[str] = []
    if EXTENSION in record.created and additions.extension:
        properties.append(f"<{EXTENSION}>{escape(additions.extension)}</{EXTENSION}>")
    for name, texts in missing.items():
        if not texts:
            continue
        container = _container(source, WRITTEN[name])
        if container is not None:
            edits.append(_appended(source, container, texts))
        else:
            removed, values = _odd_forms(source, WRITTEN[name])
            edits += removed
            properties.append(list_element(name, WRITTEN[name].container, (*values, *texts)))
    return [*edits, *_own_description(source, properties, record)]


def _container(source: Source, keyword_list: KeywordList) -> Element | None:
    """The list's container to append to, None where there is none with room for items."""
    for description in source.descriptions:
        for element in _lists(description, keyword_list):
            container = element.child(f"{RDF} Bag", f"{RDF} Seq", f"{RDF} Alt")
            if container is not None and container.end != container.open_end:
                return container
            if element.children and container is None:
                raise NotEditableError(f"its {keyword_list.local} has a form that is not known")
    return None


def _appended(source: Source, container: Element, texts: Sequence[str]) -> Edit:
    items = [child for child in container.children if child.name == f"{RDF} li"]
    at = items[-1].end if items else container.open_end
    space = source.line_before(items[-1].start) if items else ""
    item = f"{source.prefix(container)}li"
    return Edit(at, at, "".join(f"{space}<{item}>{escape(text)}</{item}>" for text in texts))


def _odd_forms(source: Source, keyword_list: KeywordList) -> tuple[list[Edit], list[str]]:
    """Take away attributes, plain text and empty elements that stand for the list; their values."""
    edits, values = [], []
    for description in source.descriptions:
        for attribute in source.attributes(description):
            if attribute.name == keyword_list.name:
                edits.append(Edit(attribute.start, attribute.end, ""))
                values.append(attribute.value.strip())
        for element in _lists(description, keyword_list):
            edits.append(without_element(source, element))
            values += item_texts(element) if element.children else [element.text.strip()]
    return edits, [value for value in values if value]


def _own_description(source: Source, properties: list[str], record: Record) -> list[Edit]:
    """Replace our record, or add a description for it; `properties` stand before it."""
    own = [(d, child) for d in source.descriptions for child in d.children if is_own(child.name)]
    if own and not properties:
        description, first = own[0]
        space = source.line_before(first.start)
        declared = _shadowed(source, description, {PREFIX: NAMESPACE, "rdf": RDF})
        text = "".join(space + _declaring(text, declared) for text in record.properties())
        replaced = Edit(source.space_before(first.start), first.end, text)
        others = [without_element(source, child) for _, child in own[1:]]
        return [replaced, *others, *(edit for d in source.descriptions for edit in _own_attributes(source, d))]
    edits = []
    for d in source.descriptions:
        if d.children and all(is_own(child.name) for child in d.children) and not _says_more(source, d):
            edits.append(without_element(source, d))
        else:
            edits += [without_element(source, child) for child in d.children if is_own(child.name)]
            edits += _own_attributes(source, d)
    return [*edits, _new_description(source, [*properties, *record.properties()])]


def _own_attributes(source: Source, description: Element) -> list[Edit]:
    return [Edit(item.start, item.end, "") for item in source.attributes(description) if is_own(item.name)]


def _says_more(source: Source, description: Element) -> bool:
    """Whether a description has attributes other than ours and the name of its resource."""
    return any(item.name not in ABOUT and not is_own(item.name) for item in source.attributes(description))


def _shadowed(source: Source, description: Element, needed: dict[str, str]) -> dict[str, str]:
    """Which of the `needed` prefixes are not surely declared so where the description's content stands."""
    known = {item.name: item.value for item in source.declarations(description)}
    if source.prefix(source.rdf) == "rdf:":
        known.setdefault("rdf", RDF)
    return {prefix: address for prefix, address in needed.items() if known.get(prefix) != address}


def _declaring(element: str, declared: dict[str, str]) -> str:
    name, _, rest = element.partition(">")
    return name + "".join(f' xmlns:{prefix}="{address}"' for prefix, address in declared.items()) + ">" + rest


def _new_description(source: Source, properties: list[str]) -> Edit:
    """A description after the last one; it names the same resource, as all of a document must."""
    descriptions = source.descriptions
    line = source.line_before(descriptions[0].start) if descriptions else f"{source.newline}  "
    about = next(
        (item.value for d in descriptions for item in source.attributes(d) if item.name in ABOUT),
        "",
    )
    prefixes = {"rdf": RDF} if source.prefix(source.rdf) != "rdf:" else {}
    prefixes |= {name: WRITTEN[key].namespace for key in WRITTEN if _uses(properties, name := key.partition(":")[0])}
    prefixes |= {"photoshop": PHOTOSHOP} if _uses(properties, "photoshop") else {}
    prefixes[PREFIX] = NAMESPACE
    space = f"{line} " if line else ""
    declared = "".join(f' xmlns:{prefix}="{address}"' for prefix, address in prefixes.items())
    body = "".join(space + text for text in properties)
    text = f"{line}<rdf:Description rdf:about={quoteattr(about)}{declared}>{body}{line}</rdf:Description>"
    if descriptions:
        return Edit(descriptions[-1].end, descriptions[-1].end, text)
    if source.rdf.end == source.rdf.open_end:
        start_tag = source.body[source.rdf.start : source.rdf.open_end - 2].decode().rstrip()
        closing = f"</{source.qualified_name(source.rdf)}>"
        return Edit(source.rdf.start, source.rdf.end, f"{start_tag}>{text}{closing}")
    return Edit(source.rdf.open_end, source.rdf.open_end, text)


def _uses(properties: list[str], prefix: str) -> bool:
    return any(text.startswith(f"<{prefix}:") for text in properties)


def without_element(source: Source, element: Element) -> Edit:
    """Remove an element with the white space before it."""
    return Edit(source.space_before(element.start), element.end, "")

"""Take away from an XMP document what this program wrote into it, and nothing else, whoever rewrote it since."""

from __future__ import annotations

from collections import Counter

from clustertags.export.xmp_insertion import ABOUT, without_element
from clustertags.export.xmp_keywords import WRITTEN
from clustertags.export.xmp_record import EXTENSION, PHOTOSHOP, SIDECAR, Record, is_own, items_of, read_record
from clustertags.export.xmp_source import Edit, Element, Source
from clustertags.photos.own_keywords import NAMESPACE

_EXTENSION = f"{PHOTOSHOP} {EXTENSION.partition(':')[2]}"


def recorded(data: bytes) -> Record | None:
    """What the document says that this program wrote into it. Raises `NotEditableError`."""
    return read_record(Source(data))


def without(data: bytes, known: Record | None = None) -> bytes | None:
    """The document without what this program wrote, None where nothing is left of a file that it made.

    `known`: what the catalogue recorded, besides what the document itself says. Only keywords that are still as they
    were written go, lists that were made for them where they are empty now, and our namespace. A document that another
    program rewrote keeps that program's form. Raises `NotEditableError`.
    """
    source = Source(data)
    record = (known or Record()).with_added(read_record(source) or Record())
    source, touched = _without_items(source, record)
    source = _without_empty_lists(source, record, touched)
    source = _without_declarations(source, record, touched)
    descriptions = source.descriptions
    empty = [at for at in touched if _is_empty(source, descriptions[at])]
    if SIDECAR in record.created and all(
        at in empty or _is_empty(source, description) for at, description in enumerate(descriptions)
    ):
        return None
    return source.edited(without_element(source, descriptions[at]) for at in empty)


def _without_items(source: Source, record: Record) -> tuple[Source, set[int]]:
    """Without our items and our own properties; the descriptions by number that they stood in."""
    left = Counter((name, text) for name, texts in record.added.items() for text in texts)
    edits: list[Edit] = []
    touched: set[int] = set()
    for at, description in reversed(list(enumerate(source.descriptions))):
        here = [*_own_properties(source, description), *_extension(source, description, record)]
        for name, keyword_list in WRITTEN.items():
            for element in description.children:
                if element.name != keyword_list.name:
                    continue
                for item in reversed(items_of(element)):
                    if left[name, item.text.strip()] > 0:
                        left[name, item.text.strip()] -= 1
                        here.append(without_element(source, item))
        if here:
            touched.add(at)
            edits += here
    return _edited(source, edits), touched


def _own_properties(source: Source, description: Element) -> list[Edit]:
    return [
        *(without_element(source, child) for child in description.children if is_own(child.name)),
        *(Edit(item.start, item.end, "") for item in source.attributes(description) if is_own(item.name)),
    ]


def _extension(source: Source, description: Element, record: Record) -> list[Edit]:
    if EXTENSION not in record.created:
        return []
    return [
        *(without_element(source, child) for child in description.children if child.name == _EXTENSION),
        *(Edit(item.start, item.end, "") for item in source.attributes(description) if item.name == _EXTENSION),
    ]


def _without_empty_lists(source: Source, record: Record, touched: set[int]) -> Source:
    created = {WRITTEN[name].name for name in record.created if name in WRITTEN}
    descriptions = source.descriptions
    empty = [
        child
        for at in touched
        for child in descriptions[at].children
        if child.name in created and not items_of(child) and not child.text.strip()
    ]
    return _edited(source, [without_element(source, child) for child in empty])


def _without_declarations(source: Source, record: Record, touched: set[int]) -> Source:
    """Without declarations of namespaces that nothing uses, in those of these descriptions that declare ours too."""
    ours = {NAMESPACE} | {WRITTEN[name].namespace for name in record.created if name in WRITTEN}
    descriptions = source.descriptions
    ours |= {PHOTOSHOP} if EXTENSION in record.created else set()
    edits = [
        Edit(item.start, item.end, "")
        for at in touched
        if not _is_empty(source, descriptions[at])
        and any(item.value == NAMESPACE for item in source.declarations(descriptions[at]))
        for item in source.declarations(descriptions[at])
        if item.value in ours and not source.uses.get(item.value)
    ]
    return _edited(source, edits)


def _edited(source: Source, edits: list[Edit]) -> Source:
    return Source(source.edited(edits)) if edits else source


def _is_empty(source: Source, description: Element) -> bool:
    return not description.children and all(item.name in ABOUT for item in source.attributes(description))

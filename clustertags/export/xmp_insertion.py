"""Where keywords and the record of them go in an XMP document, as edits of its text."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from clustertags.export.xmp_keywords import WRITTEN, KeywordList
from clustertags.export.xmp_record import EXTENSION, PHOTOSHOP, PREFIX, Record, is_own, item_texts, list_element
from clustertags.export.xmp_source import RDF, Edit, Element, NotEditableError, Source
from clustertags.photos.own_keywords import NAMESPACE

ABOUT = frozenset({f"{RDF} about", "about"})


def has_list(source: Source, keyword_list: KeywordList) -> bool:
    return any(
        lists_of(description, keyword_list)
        or any(item.name == keyword_list.name for item in source.attributes(description))
        for description in source.descriptions
    )


def lists_of(description: Element, keyword_list: KeywordList) -> list[Element]:
    return [child for child in description.children if child.name == keyword_list.name]


def insertions(source: Source, missing: dict[str, tuple[str, ...]], record: Record, extension: str) -> list[Edit]:
    edits: list[Edit] = []
    properties: list[str] = []
    if EXTENSION in record.created and extension:
        properties.append(f"<{EXTENSION}>{escape(extension)}</{EXTENSION}>")
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
        for element in lists_of(description, keyword_list):
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
        for element in lists_of(description, keyword_list):
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

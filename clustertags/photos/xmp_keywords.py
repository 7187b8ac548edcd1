"""Keywords in an XMP packet, flat and with their parents, as photo programs write them.

Packets are untrusted: a document type, broken XML or more than `MAX_XMP_BYTES` make a packet unreadable.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

MAX_XMP_BYTES = 2**20
LEVEL = "|"
"""Stands between a keyword and its parents: `animal|dog`."""

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_VALUE = f"{_RDF}value"
_ITEM = re.compile(re.escape(_RDF) + r"(li|_\d+)")
# XMP specification part 1, section 8.2 (ISO 16684-1), and the programs' own additions.
_SUBJECT = "{http://purl.org/dc/elements/1.1/}subject"
_SEPARATORS = {  # of a keyword and its parents
    _SUBJECT: LEVEL,
    "{http://ns.adobe.com/lightroom/1.0/}hierarchicalSubject": LEVEL,
    "{http://www.digikam.org/ns/1.0/}TagsList": "/",
    "{http://ns.microsoft.com/photo/1.0}LastKeywordXMP": "/",
    "{http://ns.microsoft.com/photo/1.0/}LastKeywordXMP": "/",
}
_BROKEN_XML = (ParseError, DefusedXmlException, ValueError, LookupError)
_PADDING = b"\0 \t\r\n"
_WIDE = (  # first bytes of text that is not one byte a character, without and with a byte order mark
    (b"\xff\xfe\0\0", "utf-32"),
    (b"\0\0\xfe\xff", "utf-32"),
    (b"<\0\0\0", "utf-32-le"),
    (b"\0\0\0<", "utf-32-be"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
    (b"<\0", "utf-16-le"),
    (b"\0<", "utf-16-be"),
)


def xmp_keywords(packet: bytes) -> list[str] | None:
    """The keywords of a packet as written, those of `dc:subject` first; None where it cannot be read.

    A keyword with parents is a path, `animal|dog`, whatever its program writes between the two. Words that stand in
    `dc:subject` as they are, such as `AC/DC`, are no paths.
    """
    root = parse_packet(packet)
    if root is None:
        return None
    found: dict[str, list[str]] = {name: [] for name in _SEPARATORS}
    for element in root.iter():
        for name in _SEPARATORS.keys() & element.attrib.keys():
            found[name].append(element.attrib[name])
        if element.tag in found:
            found[element.tag] += _values(element)
    flat = set(found[_SUBJECT])
    return [
        text if text in flat else text.replace(separator, LEVEL)
        for name, separator in _SEPARATORS.items()
        for text in found[name]
    ]


def parse_packet(packet: bytes) -> Element | None:
    """The root of a packet in any encoding; None where it cannot be read."""
    if len(packet) > MAX_XMP_BYTES:
        return None
    try:
        # Entity bombs and references to other files need a document type; XMP has none.
        root: Element = fromstring(_decoded(packet), forbid_dtd=True)
    except _BROKEN_XML:
        return None
    return root


def _decoded(packet: bytes) -> str | bytes:
    """Wide text decoded, as its declaration may say something else or nothing; other text is the parser's to decode."""
    for start, encoding in _WIDE:
        if packet.startswith(start):
            return packet.decode(encoding).strip("\0 \t\r\n\ufeff")
    return packet.strip(_PADDING)


def _values(element: Element) -> Iterator[str]:
    """The text of each item of a list, or of the element itself where it holds no list."""
    holders = list(element)
    if not holders and element.text:
        yield element.text
    for holder in holders:
        for item in (holder,) if _ITEM.fullmatch(holder.tag) else holder:
            if _ITEM.fullmatch(item.tag):
                yield from _texts(item)


def _texts(item: Element) -> Iterator[str]:
    """An item's text, or its `rdf:value` where it has qualifiers: an attribute or element, of the item or within it."""
    if item.text and item.text.strip():
        yield item.text
    for node in (item, *item):
        if node.get(_VALUE):
            yield node.attrib[_VALUE]
        elif node.tag == _VALUE and node.text:
            yield node.text
        elif node is not item:
            yield from (value.text for value in node if value.tag == _VALUE and value.text)

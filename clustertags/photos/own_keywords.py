"""Keywords that this program wrote into a sidecar, told from those that a person gave.

A sidecar says under a namespace of our own which of its words no person gave: predictions and the parents of tags.
Other programs keep that namespace when they rewrite the file.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from xml.etree.ElementTree import Element

from clustertags.photos.xmp_keywords import parse_packet

# Exiv2 appends "/" to the address of a namespace that ends in neither "/" nor "#".
NAMESPACE = "urn:clustertags:xmp:1.0/"
DERIVED = "Derived"
SLASH_IN_NAME = "\uff0f"  # in place of "/" inside a name where "/" separates names; its compatibility form is "/"

_ITEM = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}li"
_HIERARCHIES = {
    "{http://ns.adobe.com/lightroom/1.0/}hierarchicalSubject": "|",
    "{http://www.digikam.org/ns/1.0/}TagsList": "/",
}
_MARKS = tuple(NAMESPACE.encode(encoding) for encoding in ("utf-8", "utf-16-le", "utf-16-be"))


def plain_form(keyword: str) -> str:
    """A keyword for comparison: compatibility forms and letter case folded, white space single."""
    return " ".join(unicodedata.normalize("NFKC", keyword).casefold().split())


def written_by_us(packet: bytes) -> frozenset[str]:
    """The keywords of an XMP packet that this program wrote and no person gave, as `plain_form`.

    Single words, and whole hierarchies as they are written (`animal|dog`, `animal/dog`). A word is a person's where it
    ends a hierarchy that was added since. A packet that cannot be read has none.
    """
    root = parse_packet(packet) if names_our_namespace(packet) else None
    if root is None:
        return frozenset()
    ours = set()
    for text in _items(root, f"{{{NAMESPACE}}}{DERIVED}"):
        ours.add(plain_form(text))
        names = text.split("|")
        if len(names) > 1:
            ours.add(plain_form("/".join(name.replace("/", SLASH_IN_NAME) for name in names)))
    return frozenset(ours - _ends_of_other_hierarchies(root, ours))


def names_our_namespace(packet: bytes) -> bool:
    """Whether a packet, in UTF-8 or UTF-16, may hold anything under our namespace."""
    return any(mark in packet for mark in _MARKS)


def not_ours(keywords: Iterable[str], packet: bytes) -> list[str]:
    """The `keywords` of a packet without those that this program wrote into it."""
    ours = written_by_us(packet)
    return [keyword for keyword in keywords if plain_form(keyword) not in ours]


def _ends_of_other_hierarchies(root: Element, ours: set[str]) -> set[str]:
    ends = set()
    for element, separator in _HIERARCHIES.items():
        for text in _items(root, element):
            names = [plain_form(name) for name in text.split(separator)]
            if plain_form(text) not in ours and len(names) > 1 and not ours.issuperset(names):
                ends.add(names[-1])
    return ends


def _items(root: Element, name: str) -> list[str]:
    return [item.text for element in root.iter(name) for item in element.iter(_ITEM) if item.text]

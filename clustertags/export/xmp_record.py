"""What this program wrote into a sidecar, as the sidecar itself says under our own namespace.

Enough to undo a write where the catalogue is lost. Other programs keep the namespace when they rewrite the file, as
elements or as attributes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from clustertags.export.xmp_keywords import HIERARCHICAL, SUBJECT, TAGS_LIST
from clustertags.export.xmp_source import RDF, Element, Source
from clustertags.photos.own_keywords import DERIVED, NAMESPACE

PREFIX = "clustertags"
SIDECAR = "sidecar"
EXTENSION = "photoshop:SidecarForExtension"
PHOTOSHOP = "http://ns.adobe.com/photoshop/1.0/"

_ADDED = {SUBJECT: "AddedSubject", HIERARCHICAL: "AddedHierarchicalSubject", TAGS_LIST: "AddedTagsList"}
_CREATED, _PREDICTED, _MODEL, _WRITTEN = "Created", "Predicted", "Model", "Written"


@dataclass(frozen=True, slots=True)
class Record:
    """What was written: `added`: by list; `created`: the lists made for it, and `SIDECAR` where the file was.

    `predicted`: score by hierarchy (`animal|dog`), as text with two decimals; `derived`: words and hierarchies that no
    person gave; `model` and `written`: the version that predicted and the time (ISO 8601) of the last write.
    """

    added: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    created: frozenset[str] = frozenset()
    predicted: Mapping[str, str] = field(default_factory=dict)
    derived: tuple[str, ...] = ()
    model: str = ""
    written: str = ""

    def with_added(self, other: Record) -> Record:
        """A record with what `other` adds to this one."""
        added = {name: tuple(dict.fromkeys((*self.added.get(name, ()), *other.added.get(name, ())))) for name in _ADDED}
        return Record(
            {name: texts for name, texts in added.items() if texts},
            self.created | other.created,
            {**self.predicted, **other.predicted},
            tuple(dict.fromkeys((*self.derived, *other.derived))),
            other.model or self.model,
            other.written or self.written,
        )

    def properties(self) -> list[str]:
        """The record as elements of XMP, one a text, in an order that depends on its content alone."""
        simple = [(_MODEL, self.model), (_WRITTEN, self.written)]
        lists = [
            (_CREATED, sorted(self.created)),
            *((element, self.added.get(name, ())) for name, element in _ADDED.items()),
            (_PREDICTED, [f"{score} {path}" for path, score in self.predicted.items()]),
            (DERIVED, self.derived),
        ]
        return [
            *(f"<{PREFIX}:{name}>{escape(text)}</{PREFIX}:{name}>" for name, text in simple if text),
            *(list_element(f"{PREFIX}:{name}", "Bag", texts) for name, texts in lists if texts),
        ]


def list_element(name: str, container: str, texts: Iterable[str]) -> str:
    """A list of XMP on one line, its prefixes taken as declared."""
    items = "".join(f"<rdf:li>{escape(text)}</rdf:li>" for text in texts)
    return f"<{name}><rdf:{container}>{items}</rdf:{container}></{name}>"


def read_record(source: Source) -> Record | None:
    """The record that a document holds, or None."""
    texts: dict[str, list[str]] = {}
    for description in source.descriptions:
        for attribute in source.attributes(description):
            if local := _own_name(attribute.name):
                texts.setdefault(local, []).append(attribute.value)
        for element in description.children:
            if local := _own_name(element.name):
                texts.setdefault(local, []).extend(item_texts(element) if element.children else [element.text])
    if not texts:
        return None
    predicted = (text.partition(" ") for text in texts.get(_PREDICTED, ()))
    return Record(
        {name: tuple(texts[element]) for name, element in _ADDED.items() if element in texts},
        frozenset(texts.get(_CREATED, ())),
        {path: score for score, _, path in predicted},
        tuple(texts.get(DERIVED, ())),
        " ".join(texts.get(_MODEL, ())),
        " ".join(texts.get(_WRITTEN, ())),
    )


def is_own(name: str) -> bool:
    """Whether `name`, `uri local`, is of our namespace."""
    return bool(_own_name(name))


def items_of(element: Element) -> list[Element]:
    """The items of a list element."""
    return [item for container in element.children for item in container.children if item.name == f"{RDF} li"]


def item_texts(element: Element) -> list[str]:
    return [text for item in items_of(element) if (text := item.text.strip())]


def _own_name(name: str) -> str:
    address, _, local = name.rpartition(" ")
    return local if address == NAMESPACE else ""

"""The text of an XMP document with the place of everything in it, so that an edit leaves all other bytes alone."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from xml.parsers.expat import ExpatError, ParserCreate  # the handlers below forbid what defusedxml forbids

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
MAX_BYTES = 2**20
MAX_ELEMENTS = 20_000
MAX_DEPTH = 200
MAX_ATTRIBUTES = 2_000
"""Of one element; and the namespaces and descriptions of a document. Lightroom writes some 200."""

_LEVELS = 4  # below rdf:RDF: description, property, list, item
_TAG_END = re.compile(rb"""(?:[^>"']++|"[^"]*+"|'[^']*+')*+>""")
_ATTRIBUTE = re.compile(rb"""\s+([^\s=/>]+)\s*=\s*("[^"]*+"|'[^']*+')""")
_NAME = re.compile(rb"<([^\s/>]+)")
_DECLARED = re.compile(rb"""<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_PADDING = "\0 \t\r\n"
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CODECS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "utf-16": "utf-8",  # declared, but written in single bytes
    "us-ascii": "ascii",
    "iso-8859-1": "latin-1",
    "windows-1252": "cp1252",
}


class NotEditableError(ValueError):
    """The document cannot be edited; `str(error)` is the reason, to be read after the name of the file."""


@dataclass(slots=True)
class Attribute:
    """An attribute of an element: `name` is `uri local`; `start` and `end` include the white space before it."""

    name: str
    value: str
    start: int
    end: int


@dataclass(slots=True)
class Element:
    """An element at bytes `start` to `end`, its content at `open_end` to `close_start`; `name` is `uri local`."""

    name: str
    start: int
    open_end: int
    values: list[str]
    close_start: int = 0
    end: int = 0
    text: str = ""
    has_deeper: bool = False
    children: list[Element] = field(default_factory=list)

    def child(self, *names: str) -> Element | None:
        return next((child for child in self.children if child.name in names), None)


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the bytes `start` to `end` by `text`."""

    start: int
    end: int
    text: str


class Source:
    """An XMP document: `body` is its text as UTF-8 without byte order mark and padding at the end.

    Raises `NotEditableError` where it is too large, broken, hostile, or has no `rdf:RDF`.
    """

    def __init__(self, data: bytes) -> None:
        if len(data) > MAX_BYTES:
            raise NotEditableError(f"it is larger than {MAX_BYTES // 2**20} MiB")
        self._mark, self._codec = _encoding(data)
        try:
            text = data[len(self._mark) :].decode(self._codec)
        except UnicodeDecodeError:
            raise NotEditableError(f"its text is not {self._codec}") from None
        body = text.rstrip(_PADDING)
        self._padding = text[len(body) :]
        self.body = body.encode()
        scan = _Scan(self.body)
        self.rdf = scan.rdf
        self.uses: dict[str, int] = scan.uses

    @property
    def descriptions(self) -> list[Element]:
        return [child for child in self.rdf.children if child.name == f"{RDF} Description"]

    @cached_property
    def newline(self) -> str:
        return "\r\n" if b"\r\n" in self.body else "\n"

    def edited(self, edits: Iterable[Edit]) -> bytes:
        """The document with these edits, in its own encoding; edits do not overlap."""
        parts, at = [], 0
        for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
            parts += [self.body[at : edit.start], edit.text.encode()]
            at = edit.end
        body = b"".join([*parts, self.body[at:]]).decode()
        return self._mark + (body + self._padding).encode(self._codec, "xmlcharrefreplace")

    def space_before(self, at: int) -> int:
        """Where the white space that ends at `at` begins."""
        while at and self.body[at - 1] in b" \t\r\n":
            at -= 1
        return at

    def line_before(self, at: int) -> str:
        """The white space before `at`, where it holds the end of a line."""
        space = self.body[self.space_before(at) : at].decode()
        return space if "\n" in space else ""

    def prefix(self, element: Element) -> str:
        """The prefix of the element with its colon, "" where the namespace is the default one."""
        qualified = self.qualified_name(element)
        return qualified[: qualified.find(":") + 1]

    def qualified_name(self, element: Element) -> str:
        matched = _NAME.match(self.body, element.start)
        return matched[1].decode() if matched else ""

    def attributes(self, element: Element) -> list[Attribute]:
        """The attributes of an element that declare no namespace."""
        raw = [found for found in self._raw_attributes(element) if not _declares(found[1])]
        names, values = element.values[::2], element.values[1::2]
        return [
            Attribute(name, value, found.start(), found.end())
            for name, value, found in zip(names, values, raw, strict=True)
        ]

    def declarations(self, element: Element) -> list[Attribute]:
        """The namespaces that the element declares: `name` is the prefix, `value` the address."""
        return [
            Attribute(found[1].decode().partition(":")[2], found[2][1:-1].decode(), found.start(), found.end())
            for found in self._raw_attributes(element)
            if _declares(found[1])
        ]

    def _raw_attributes(self, element: Element) -> list[re.Match[bytes]]:
        name = _NAME.match(self.body, element.start)
        return list(_ATTRIBUTE.finditer(self.body, name.end() if name else element.start, element.open_end))


class _Scan:
    """One pass of the parser: `rdf` with its four levels, and how often each namespace is used."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._open: list[Element | None] = []
        self._within: list[Element] = []
        self._found: Element | None = None
        self._n_elements = self._n_declared = 0
        self.uses: dict[str, int] = {}
        self._parser = parser = ParserCreate("utf-8", " ")
        parser.ordered_attributes = True
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.StartNamespaceDeclHandler = self._declared
        parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = parser.ExternalEntityRefHandler = _forbidden
        try:
            parser.Parse(body, True)
        except ExpatError as error:
            raise NotEditableError(f"it is no well-formed XML (line {error.lineno})") from None
        if self._found is None:
            raise NotEditableError("it holds no XMP (no rdf:RDF)")
        self.rdf: Element = self._found
        if len(self.rdf.children) > MAX_ATTRIBUTES:
            raise _too_many("descriptions")

    def _start(self, name: str, values: list[str]) -> None:
        self._n_elements += 1
        if self._n_elements > MAX_ELEMENTS or len(self._open) >= MAX_DEPTH:
            raise NotEditableError(f"it has more than {MAX_ELEMENTS} elements, or {MAX_DEPTH} in one another")
        if len(values) > 2 * MAX_ATTRIBUTES:
            raise _too_many("attributes in one element")
        for used in (name, *values[::2]):
            address = used.rpartition(" ")[0]
            self.uses[address] = self.uses.get(address, 0) + 1
        element = None
        if (name == f"{RDF} RDF" and self._found is None) or 0 < len(self._within) <= _LEVELS:
            start = self._parser.CurrentByteIndex
            end = _TAG_END.match(self._body, start)
            if end is None:  # the parser has accepted the tag
                raise NotEditableError("it is no well-formed XML")
            element = Element(name, start, end.end(), values)
            if self._within:
                self._within[-1].children.append(element)
            else:
                self._found = element
            self._within.append(element)
        elif self._within:
            self._within[-1].has_deeper = True
        self._open.append(element)

    def _declared(self, prefix: str | None, address: str | None) -> None:
        self._n_declared += 1
        if self._n_declared > MAX_ATTRIBUTES:
            raise _too_many("namespaces")
        if address and "}" in address:  # readers that name elements `{address}name`, ours among them, refuse it
            raise NotEditableError("the address of a namespace has a brace in it")

    def _end(self, name: str) -> None:
        element = self._open.pop()
        if element is None:
            return
        self._within.pop()
        if self._body.endswith(b"/>", element.start, element.open_end):
            element.close_start = element.end = element.open_end
        else:
            element.close_start = self._parser.CurrentByteIndex
            element.end = self._body.index(b">", element.close_start) + 1

    def _text(self, text: str) -> None:
        if len(self._within) > 2 and self._open[-1] is not None:
            self._within[-1].text += text


def shown_text(data: bytes) -> str:
    """The text of a document for a person to read; nothing is refused."""
    try:
        mark, codec = _encoding(data)
    except NotEditableError:
        mark, codec = b"", "utf-8"
    return data[len(mark) :].decode(codec, "replace")


def _encoding(data: bytes) -> tuple[bytes, str]:
    """The byte order mark, if any, and Python's name of the encoding."""
    if not data.strip(b"\0 \t\r\n"):
        raise NotEditableError("it is empty")
    for mark, codec in _BYTE_ORDER_MARKS:
        if data.startswith(mark):
            return mark, codec
    if data.startswith((b"<\0", b"\0<")):
        return b"", "utf-16-le" if data[0] else "utf-16-be"
    declared = _DECLARED.match(data[:200])
    name = declared[1].decode().lower() if declared else "utf-8"
    if name not in _CODECS:
        raise NotEditableError(f"its encoding, {name}, is not one of UTF-8, UTF-16, ISO-8859-1 and Windows-1252")
    return b"", _CODECS[name]


def _too_many(what: str) -> NotEditableError:
    return NotEditableError(f"it has more than {MAX_ATTRIBUTES} {what}")


def _declares(name: bytes) -> bool:
    return name == b"xmlns" or name.startswith(b"xmlns:")


def _forbidden(*_: object) -> int:
    raise NotEditableError("it has a document type or entities, which XMP has not")

"""Whether a built site can be read without a network and every link inside it leads somewhere.

    python scripts/check_site.py build/docs

Prints what is wrong, one line each, and then exits with status 1.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

_IN_STYLES = re.compile(r"""url\(\s*['"]?([^'")]+)|@import\s+['"]([^'"]+)""")
_LOADED = {"src", "srcset", "poster", "data"}  # attributes whose address a browser loads by itself


class _Page(HTMLParser):
    """The addresses of a page: those that a browser loads, those that a reader may follow, and its anchors."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in {"id", "name"} and value:
                self.anchors.add(value)
            elif name == "href" and value:
                (self.links if tag == "a" else self.loaded).append(value)
            elif name in _LOADED and value:
                self.loaded.append(value)
            elif name == "style" and value:
                self.loaded += addresses_in_styles(value)


def main() -> None:
    faults = list(faults_of(Path(sys.argv[1])))
    print("\n".join(faults) or f"{sys.argv[1]}: every link leads somewhere, and nothing is loaded from elsewhere")
    sys.exit(1 if faults else 0)


def faults_of(site: Path) -> Iterator[str]:
    """What is wrong with the site, one sentence each."""
    pages = {path.resolve(): _Page(path.read_text(encoding="utf-8")) for path in sorted(site.rglob("*.html"))}
    if not pages:
        yield f"{site} holds no page"
    for path, page in pages.items():
        for address in page.loaded:
            if not _is_local(address):
                yield f"{path.name} loads {address}"
            elif not _target(path, address).exists():
                yield f"{path.name} loads {address}, which is not there"
        for address in filter(_is_local, page.links):
            target, anchor = _target(path, address), unquote(urlsplit(address).fragment)
            if not target.exists():
                yield f"{path.name} links to {address}, which is not there"
            elif anchor and target in pages and anchor not in pages[target].anchors:
                yield f"{path.name} links to {address}, which has no such place"
    for path in sorted(site.rglob("*.css")):
        for address in addresses_in_styles(path.read_text(encoding="utf-8")):
            if not _is_local(address):
                yield f"{path.name} loads {address}"


def addresses_in_styles(text: str) -> list[str]:
    """The addresses that a style sheet loads."""
    return [first or second for first, second in _IN_STYLES.findall(text)]


def _is_local(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme == "data" or not (parts.scheme or parts.netloc)


def _target(page: Path, address: str) -> Path:
    path = unquote(urlsplit(address).path)
    if not path or address.startswith("data:"):
        return page
    target = (page.parent / path).resolve()
    return target / "index.html" if target.is_dir() else target


if __name__ == "__main__":
    main()

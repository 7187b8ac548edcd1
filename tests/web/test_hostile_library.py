"""A folder whose names, keywords and EXIF are all meant to run a script: served and static, in Chromium."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest
from PIL import Image

import clustertags
from clustertags.gallery.site import write_gallery
from clustertags.library.artifacts import Artifacts
from clustertags.library.saving import load_library
from tests.chromium import hover_a_photo
from tests.conftest import Library
from tests.made.photos import made_photo
from tests.web.conftest import HOSTILE
from tests.web.serving import PATHS, opened, serving, settled

pytestmark = pytest.mark.slow

N_TAGS = 50
SHAPES = (
    "<img src=x onerror=globalThis.ran={n}>",
    '"><svg/onload=globalThis.ran={n}>',
    "'-globalThis.ran={n}-'",
    "</script><script>globalThis.ran={n}</script>",
    "</title><iframe srcdoc='<script>top.ran={n}</script>'>",
    "javascript:globalThis.ran={n}",
    "</style><link rel=stylesheet href=//evil.example/{n}>",
    "{{{{globalThis.ran={n}}}}}${{globalThis.ran={n}}}",
    "\u202e\u2066<b onmouseover=globalThis.ran={n}>",
    "tag {n}]]>--><math><mtext><script>globalThis.ran={n}</script>",
)
TAGS = tuple(dict.fromkeys([*HOSTILE, *(SHAPES[n % len(SHAPES)].format(n=n) for n in range(N_TAGS))]))[:N_TAGS]
XMP = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:subject><rdf:Bag>{}</rdf:Bag></dc:subject>'
    "<dc:title><rdf:Alt><rdf:li>{}</rdf:li></rdf:Alt></dc:title></rdf:Description></rdf:RDF></x:xmpmeta>"
)
FOUND = """() => ({
  ran: globalThis.ran,
  handlers: [...document.querySelectorAll("*")].flatMap((item) => item.getAttributeNames())
    .filter((name) => name.startsWith("on")),
  inline: [...document.scripts].filter((script) => !script.src).length,
  foreign: [...document.querySelectorAll("[src], [href], [action]")]
    .map((item) => item.getAttribute("src") || item.getAttribute("href") || item.getAttribute("action"))
    .filter((at) => /^\\s*((javascript|vbscript|data):|(https?:)?\\/\\/)/i.test(at)),
  strange: document.querySelectorAll("iframe, object, embed, math, style, base, img[src='x'], b").length,
})"""
NOTHING = {"ran": None, "handlers": [], "inline": 0, "foreign": [], "strange": 0}


def hostile_photo(number: int, tags: tuple[str, ...]) -> bytes:
    """A JPEG in whose EXIF, XMP and comment the tags stand."""
    exif = Image.Exif()
    for field in (0x010E, 0x010F, 0x0110, 0x0131, 0x013B, 0x8298, 0x9C9B, 0x9C9E):
        text = tags[0]
        exif[field] = text.encode("utf-16-le") if field >= 0x9C9B else text.encode("ascii", "replace").decode()
    xmp = XMP.format("".join(f"<rdf:li>{escape(tag)}</rdf:li>" for tag in tags), escape(tags[0])).encode()
    buffer = io.BytesIO()
    made_photo(number, kind=number % 5).save(buffer, "JPEG", exif=exif, xmp=xmp, comment=tags[0].encode())
    return buffer.getvalue()


@pytest.fixture(scope="module")
def library(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """The made folder, fitted; its tags are the keywords inside the photos."""
    folder = tmp_path_factory.mktemp("hostile-folder")
    photos, artifacts = folder / "photos", folder / "artifacts"
    script = shared / "tools" / "make_hostile_names.py"
    subprocess.run([sys.executable, str(script), str(photos)], check=True, capture_output=True)
    for number, tag in enumerate(TAGS):
        name = tag.replace("/", "\u2215").encode()[:200].decode(errors="ignore")
        (photos / f"{name}.{number}.jpg").write_bytes(hostile_photo(number, (tag, TAGS[number % 10])))
    clustertags.fit(photos, artifacts=artifacts)
    yield Library(photos, folder / "none.csv", artifacts, {})
    (photos / "sparse.png").unlink()


def test_served(browser: Any, library: Library) -> None:
    fitted = load_library(Artifacts(library.artifacts).current())
    assert len(fitted.seeds.vocabulary) >= N_TAGS - 5  # some are one tag once they are normalised
    with serving(library.artifacts) as address, opened(browser, address, allowed=("404", "415", "422")) as page:
        page.goto("/")
        paths = [*PATHS.values(), *page.locator(".card h3 a").evaluate_all("links => links.map((a) => a.href)")]
        paths += [f"/photos/{photo.content_hash}" for photo in fitted.photos[::12]]
        words = ""
        for path in paths:
            page.goto(path)
            settled(page)
            assert page.evaluate(FOUND) == NOTHING, path
            words += page.inner_text("body")
        for tag in TAGS[::7]:
            page.goto("/search")
            page.fill("#q", tag)
            page.get_by_role("button", name="Search", exact=True).click()
            page.wait_for_load_state()
            assert page.evaluate(FOUND) == NOTHING, tag
        assert "<img src=x onerror=" in words
        assert "<script>" in words
        page.goto("/map")
        settled(page)
        page.locator("#map-canvas").press("+")
        page.wait_for_timeout(300)
        assert page.evaluate(FOUND) == NOTHING


def test_uploaded(browser: Any, library: Library) -> None:
    uploads: Any = [
        {"name": f"{tag}.jpg", "mimeType": "image/jpeg", "buffer": hostile_photo(100 + number, (tag,))}
        for number, tag in enumerate(TAGS[::5])
    ]
    junk = {"name": "<img src=x onerror=alert(1)>", "mimeType": "text/html", "buffer": b"<script>alert(1)</script>"}
    with serving(library.artifacts) as address, opened(browser, address, allowed=("404", "415")) as page:
        page.goto("/try")
        page.set_input_files("#files", [*uploads, junk])
        page.wait_for_function("() => !document.querySelector('.look[aria-busy]')")
        assert page.locator(".look-found:not([hidden])").count() == len(uploads)
        for reasons in page.locator(".reasons summary").all()[:5]:
            reasons.click()
        page.locator(".judged button[data-judge='accept']").first.click()
        page.locator("#said:not(:empty)").wait_for()
        assert page.evaluate(FOUND) == NOTHING
        assert "<img src=x onerror=" in page.inner_text("#looks")


def test_static(browser: Any, library: Library, tmp_path: Path) -> None:
    write_gallery(load_library(Artifacts(library.artifacts).current()), tmp_path / "site")
    pages = sorted((tmp_path / "site").rglob("*.html"))
    assert len(pages) >= 5
    with opened(browser, f"file://{tmp_path}") as page:
        words = ""
        for path in pages:
            page.goto(path.as_uri())
            if path.name == "map.html":
                hover_a_photo(page)
            assert page.evaluate(FOUND) == NOTHING, path.name
            words += page.inner_text("body")
        assert "<img src=x onerror=" in words
        assert "<script>" in words

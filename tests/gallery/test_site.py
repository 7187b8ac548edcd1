"""What is written: pages, thumbnails, and what happens when a write is cut short."""

from __future__ import annotations

import os
import re
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from clustertags.errors import LockedError, StorageError, UsageError
from clustertags.gallery import site as site_module
from clustertags.gallery.folder_swap import MARKER, replaced_folder
from clustertags.gallery.site import write_gallery
from clustertags.library.model import FittedLibrary
from clustertags.types import SkippedFile
from tests.made.coloured import Build

HOSTILE = (
    "<img src=x onerror=alert(1)>",
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    "{{7*7}}",
    "{% raw %}",
    "--><script>alert(1)<!--",
    "</script><script>alert(1)</script>",
    "\u202egnp.exe",
    "new\nline",
    "\x1b[31mred",
    "\u2028ls",
    "&lt;b&gt;",
    "javascript:alert(1)",
    "__proto__",
    "\udcff\udcfe-notutf8",
)


class Elements(HTMLParser):
    """Counts every element with its attributes' names, and keeps the texts and the addresses."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: Counter[tuple[str, tuple[str, ...]]] = Counter()
        self.addresses: list[str] = []
        self.ids: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements[tag, tuple(name for name, _ in attrs)] += 1
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src")]
        self.ids += [value or "" for name, value in attrs if name == "id"]

    def handle_data(self, data: str) -> None:
        self.text += data


def pages_of(site: Path) -> dict[str, str]:
    return {page.relative_to(site).as_posix(): page.read_text("utf-8") for page in site.rglob("*.html")}


def test_the_pages_and_the_summary(library: FittedLibrary, tmp_path: Path) -> None:
    steps: list[tuple[str, int, int]] = []
    summary = write_gallery(library, tmp_path / "site", progress=lambda *step: steps.append(step))
    pages = pages_of(tmp_path / "site")
    assert summary.index == tmp_path / "site" / "index.html"
    assert summary.n_pages == len(pages) == 7
    assert (summary.n_thumbnails_made, summary.n_thumbnails_reused, summary.without_thumbnail) == (15, 0, ())
    assert steps[-1] == ("Writing pages", 7, 7)
    assert ("Making thumbnails", 15, 15) in steps
    assert {entry.name for entry in (tmp_path / "site").iterdir()} == {
        *site_module.TOP_ENTRIES,
        MARKER,
    }
    assert [entry.name for entry in tmp_path.iterdir() if entry.name.startswith(".")] == []


def test_every_address_leads_to_a_file_of_the_site(library: FittedLibrary, tmp_path: Path) -> None:
    site = tmp_path / "site"
    write_gallery(library, site)
    for name, text in pages_of(site).items():
        page = Elements(text)
        assert len(page.ids) == len(set(page.ids)), name
        for address in page.addresses:
            path, _, fragment = address.partition("#")
            assert not re.match(r"[a-z]+:|/", path), address
            assert path == "" or ((site / name).parent / path).resolve().is_file(), (name, address)
            assert path or fragment in page.ids
        assert ("h1", ()) in page.elements or ("h1", ("class",)) in page.elements


def test_no_absolute_path_and_no_metadata(library: FittedLibrary, tmp_path: Path) -> None:
    write_gallery(library, tmp_path / "site")
    for file in (tmp_path / "site").rglob("*"):
        if file.is_file():
            content = file.read_bytes()
            assert str(tmp_path).encode() not in content, file
            assert b"secret" not in content, file
    thumbnails = list((tmp_path / "site" / "thumbs").rglob("*.webp"))
    assert len(thumbnails) == 15
    for thumbnail in thumbnails:
        assert re.fullmatch(r"[0-9a-f]{64}\.webp", thumbnail.name)
        assert thumbnail.parent.name == thumbnail.name[:2]
        assert thumbnail.read_bytes()[12:16] == b"VP8 "  # the simple format, which has no room for metadata
        with Image.open(thumbnail) as image:
            assert not {"exif", "icc_profile", "xmp"} & set(image.info)


def test_large_photos_get_thumbnails_of_256_pixels(build: Build, tmp_path: Path) -> None:
    library = build(sizes=(1,), n_unclustered=0, copies=(), side_pixels=600)
    write_gallery(library, tmp_path / "site")
    (thumbnail,) = (tmp_path / "site" / "thumbs").rglob("*.webp")
    with Image.open(thumbnail) as image:
        assert image.size == (256, 171)
    page = (tmp_path / "site" / "clusters" / "0000-1.html").read_text("utf-8")
    assert 'width="256" height="171"' in page


def test_a_hostile_name_makes_no_element_and_no_attribute(build: Build, tmp_path: Path) -> None:
    tame = tuple("abcdefghijklmno")
    written = {}
    for which, texts in (("tame", tame), ("hostile", HOSTILE)):
        recipe = {
            "names": texts,
            "cluster_names": texts[:3],
            "vocabulary": tuple(sorted(texts)),
            "skipped": tuple(SkippedFile(text, f"because {text}", is_photo=True) for text in texts),
            "copies": ((1, texts[6]),),
        }
        library = replace(build(**recipe, write=False), root=tmp_path / "photos")
        write_gallery(library, tmp_path / which)
        written[which] = pages_of(tmp_path / which)
    assert written["tame"].keys() == written["hostile"].keys()
    for name, page in written["hostile"].items():
        hostile, expected = Elements(page), Elements(written["tame"][name])
        assert hostile.elements == expected.elements, name
        assert hostile.addresses == expected.addresses, name
        assert not set(page) & set("\u202e\u2028\x1b\udcff")
    skipped = Elements(written["hostile"]["skipped-1.html"]).text
    assert "<img src=x onerror=alert(1)>" in skipped
    assert "{{7*7}}" in skipped
    assert "\\u202egnp.exe" in skipped
    assert "\\xff\\xfe-notutf8" in skipped


def test_every_page_forbids_what_it_does_not_need(library: FittedLibrary, tmp_path: Path) -> None:
    write_gallery(library, tmp_path / "site")
    for page in pages_of(tmp_path / "site").values():
        assert "default-src 'none'; img-src 'self' data:; style-src 'self'; script-src 'self'" in page
        assert "style=" not in page
        assert all("src" in names for tag, names in Elements(page).elements if tag == "script")


def test_a_second_gallery_reuses_thumbnails_and_drops_what_is_stale(build: Build, tmp_path: Path) -> None:
    site = tmp_path / "site"
    write_gallery(build(), site)
    before = {path: path.stat().st_ino for path in site.rglob("*.webp")}
    smaller = build(sizes=(6,), n_unclustered=0, labelled=(0,))
    summary = write_gallery(smaller, site)
    assert (summary.n_thumbnails_made, summary.n_thumbnails_reused) == (0, 6)
    after = {path: path.stat().st_ino for path in site.rglob("*.webp")}
    assert len(after) == 6
    assert after.items() <= before.items()
    assert [page.name for page in (site / "clusters").iterdir()] == ["0000-1.html"]


def test_a_damaged_thumbnail_is_made_again(library: FittedLibrary, tmp_path: Path) -> None:
    write_gallery(library, tmp_path / "site")
    damaged = next((tmp_path / "site").rglob("*.webp"))
    damaged.write_bytes(b"")
    summary = write_gallery(library, tmp_path / "site")
    assert (summary.n_thumbnails_made, summary.n_thumbnails_reused) == (1, 14)
    assert damaged.stat().st_size > 0


def test_a_photo_that_is_gone_gets_a_placeholder(library: FittedLibrary, tmp_path: Path) -> None:
    (library.root / "003.jpg").unlink()
    (library.root / "004.jpg").write_bytes(b"no longer a photo")
    summary = write_gallery(library, tmp_path / "site")
    assert summary.without_thumbnail == ("003.jpg", "004.jpg")
    page = (tmp_path / "site" / "clusters" / "0000-1.html").read_text("utf-8")
    assert page.count('<span class="no-picture" role="img"') == 2


def test_a_copy_stands_in_for_a_photo_that_is_gone(library: FittedLibrary, tmp_path: Path) -> None:
    (library.root / "again").mkdir()
    (library.root / "001.jpg").rename(library.root / "again" / "one.jpg")
    assert write_gallery(library, tmp_path / "site").without_thumbnail == ()


def test_an_interrupted_write_leaves_the_old_gallery(
    build: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path / "site"
    write_gallery(build(), site)
    before = {path: path.read_bytes() for path in site.rglob("*") if path.is_file()}

    def interrupt(stage: str, done: int, total: int) -> None:
        if (stage, done) == ("Writing pages", 3):
            raise KeyboardInterrupt

    bigger = build(sizes=(6, 4, 3, 2))
    with pytest.raises(KeyboardInterrupt):
        write_gallery(bigger, site, progress=interrupt)
    assert {path: path.read_bytes() for path in site.rglob("*") if path.is_file()} == before
    monkeypatch.setattr("clustertags.pages.thumbnails.decode_thumbnail", None)  # what was made is not made again
    assert write_gallery(bigger, site).n_thumbnails_reused == 17


def test_a_write_killed_between_the_renames_is_put_right(library: FittedLibrary, tmp_path: Path) -> None:
    site = tmp_path / "site"
    write_gallery(library, site)
    site.rename(tmp_path / ".site.old")
    assert write_gallery(library, site).n_thumbnails_reused == 15
    assert not (tmp_path / ".site.old").exists()


def test_a_folder_of_somebody_else_is_refused(library: FittedLibrary, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not a gallery"):
        write_gallery(library, library.root)
    write_gallery(library, tmp_path / "site")
    (tmp_path / "site" / "letter.txt").write_text("mine")
    with pytest.raises(UsageError, match=r"letter\.txt is not part"):
        write_gallery(library, tmp_path / "site")
    (tmp_path / "file").write_text("")
    with pytest.raises(UsageError, match="is a file"):
        write_gallery(library, tmp_path / "file")


def test_two_writers_at_once(library: FittedLibrary, tmp_path: Path) -> None:
    with (
        replaced_folder(tmp_path / "site", site_module.TOP_ENTRIES, "thumbs"),
        pytest.raises(LockedError, match="another process"),
    ):
        write_gallery(library, tmp_path / "site")


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write anywhere")
def test_a_place_that_cannot_be_written(library: FittedLibrary, tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    with pytest.raises(StorageError, match="cannot write the gallery"):
        write_gallery(library, closed / "site")


def test_a_full_disk_is_one_clear_error(
    library: FittedLibrary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("clustertags.pages.thumbnails.write_thumbnail", full)
    with pytest.raises(StorageError, match="No space left on device"):
        write_gallery(library, tmp_path / "site")
    assert not (tmp_path / "site").exists()


@pytest.mark.parametrize(
    ("recipe", "says"),
    [
        ({"sizes": (), "n_unclustered": 0, "skipped": ()}, "There is no photo"),
        ({"sizes": (), "n_unclustered": 2, "skipped": (), "copies": ()}, "too few photos, or they are too different"),
        ({"n_unclustered": 0, "skipped": ()}, "Every photo is in a cluster"),
        ({"skipped": ()}, "Every file was read"),
        ({"vocabulary": ()}, "Not named yet"),
    ],
)
def test_empty_states_say_so(build: Build, tmp_path: Path, recipe: dict[str, Any], says: str) -> None:
    write_gallery(build(**recipe), tmp_path / "site")
    assert any(says in page for page in pages_of(tmp_path / "site").values())

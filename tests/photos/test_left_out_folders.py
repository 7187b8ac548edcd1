"""Rubbish, previews and libraries of other systems and programs: left out as a whole unless they are asked for."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from clustertags.photos.discovery import discover
from clustertags.photos.files import DecodeLimits
from clustertags.photos.left_out_folders import LEFT_OUT, is_left_out, left_out_line

LIMITS = DecodeLimits()
RUBBISH = [
    "@eaDir", "@EADIR", "@tmp", "#recycle", "#snapshot", "@Recycle", "@Recently-Snapshot", ".@__thumb",
    "$RECYCLE.BIN", "$Recycle.Bin", "RECYCLER", "Recycled", "System Volume Information", "FOUND.000", "found.017",
    ".Trash-1000", ".Trashes", ".Trash", ".thumbnails", ".AppleDouble", ".dtrash", ".picasaoriginals", ".git",
    "lost+found", "__MACOSX", "Network Trash Folder", "Temporary Items", "iPod Photo Cache",
    "Lightroom Catalog Previews.lrdata", "Lightroom Catalog Smart Previews.LRDATA", "Catalog.lrcat-data",
]  # fmt: skip
PHOTOS = [
    "Originals", "originals", "Masters", "Thumbs", "Previews", "Cache", "Recycling plant", "recycle", "eaDir", "tmp",
    "found.0", "found.0001", "lost and found", "Trash", "lrdata", "2024-05-01", "@home", "#1", "Profile", "thumbs",
    unicodedata.normalize("NFC", "Übersicht"), unicodedata.normalize("NFD", "Übersicht"), "desktop", "Photos Library",
]  # fmt: skip


def made(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(b"x")


def found(root: Path, **options: bool) -> list[str]:
    return [file.path for file in discover(root, LIMITS, **options).files]


def test_rubbish_is_left_out_at_any_depth_and_counted_by_folder(tmp_path: Path) -> None:
    made(tmp_path, "a.jpg", *(f"trip/{name}/{photo}.jpg" for name in RUBBISH for photo in "ab"))
    on_one_case = len({path.name for path in (tmp_path / "trip").iterdir()})
    listing = discover(tmp_path, LIMITS)
    assert [file.path for file in listing.files] == ["a.jpg"]
    assert [file.reason for file in listing.skipped] == [LEFT_OUT] * on_one_case
    assert not any(file.is_photo for file in listing.skipped)
    assert len(found(tmp_path, include_hidden=True)) == 1 + 2 * on_one_case


def test_folders_of_similar_names_are_photos(tmp_path: Path) -> None:
    made(tmp_path, *(f"{name}/a.jpg" for name in PHOTOS))
    assert len(found(tmp_path)) == len(list(tmp_path.iterdir()))


def test_files_of_systems_are_left_out(tmp_path: Path) -> None:
    rubbish = ["._a.jpg", "Thumbs.db", "thumbs.db", "ehthumbs.db", "Desktop.ini", ".DS_Store", ".a.jpg"]
    made(tmp_path, "a.jpg", "thumbs.jpg", *rubbish)
    listing = discover(tmp_path, LIMITS)
    assert [file.path for file in listing.files] == ["a.jpg", "thumbs.jpg"]
    assert {file.reason for file in listing.skipped} == {LEFT_OUT}


def test_names_with_line_ends_are_no_way_around() -> None:
    assert is_left_out("a\nb.lrdata")
    assert not is_left_out("a.lrdata\n")


@pytest.mark.parametrize("name", ["@eaDir", ".thumbnails", "Previews.lrdata", "lost+found"])
def test_a_folder_that_is_named_is_looked_into(tmp_path: Path, name: str) -> None:
    made(tmp_path, f"{name}/a.jpg", f"{name}/b/c.jpg", f"{name}/@eaDir/d.jpg")
    assert found(tmp_path / name) == ["a.jpg", "b/c.jpg"]


@pytest.mark.parametrize("name", ["Photos Library.photoslibrary", "iPhoto.PHOTOLIBRARY", "A.aplibrary"])
def test_of_an_apple_library_the_originals_are_photos(tmp_path: Path, name: str) -> None:
    originals = "originals" if name.startswith("Photos") else "Masters"
    made(
        tmp_path / name, f"{originals}/0/a.jpg", f"{originals}/resources/b.jpg", "resources/derivatives/0/c.jpeg",
        "Thumbnails/d.jpg", "Previews/e.jpg", "database/f.jpg", "g.jpg",
    )  # fmt: skip
    inside = [f"{originals}/0/a.jpg", f"{originals}/resources/b.jpg"]
    assert found(tmp_path) == [f"{name}/{path}" for path in inside]
    assert found(tmp_path / name) == inside, "also where it is the folder of photos itself"


def test_other_programs_libraries_are_known_by_what_lies_in_them(tmp_path: Path) -> None:
    made(
        tmp_path, "a.jpg", "own/library.sqlite", "own/CURRENT", "own/b.jpg", "site/gallery.json", "site/index.html",
        "site/b.webp", "storage/.ppstorage", "storage/cache/b.jpg", "immich/thumbs/.immich", "immich/thumbs/x/b.webp",
        "immich/upload/.immich", "immich/upload/c.jpg", "CaptureOne/Cache/Proxies/b.cop", "CaptureOne/d.jpg",
    )  # fmt: skip
    listing = discover(tmp_path, LIMITS)
    assert [file.path for file in listing.files] == ["CaptureOne/d.jpg", "a.jpg", "immich/upload/c.jpg"]
    skipped = {file.path for file in listing.skipped}
    assert skipped == {"own", "site", "storage", "immich/thumbs", "immich/upload/.immich", "CaptureOne/Cache"}
    assert found(tmp_path / "site") == ["b.webp", "gallery.json", "index.html"], "named, it is looked into"


def test_one_line_says_how_many() -> None:
    assert left_out_line(0) is None
    assert left_out_line(1) == "1 hidden folder or file left out"
    assert left_out_line(2_000) == "2,000 hidden folders or files left out"

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from clustertags.photos.pairs import companions_of, listed_photos, photo_beside


@pytest.mark.parametrize(
    ("companion", "photo"),
    [
        ("IMG_1.CR2", "IMG_1.JPG"),
        ("img_1.cr2", "IMG_1.JPG"),
        ("a/IMG_1.dng", "a/IMG_1.HEIC"),
        ("IMG_1.MOV", "IMG_1.HEIC"),
        ("PXL.MP4", "PXL.jpg"),
        (unicodedata.normalize("NFD", "café.nef"), unicodedata.normalize("NFC", "café.jpg")),
    ],
)
def test_files_of_one_name_are_one_photo(companion: str, photo: str) -> None:
    assert companions_of([companion, photo, "other.jpg"]) == {companion: photo}


@pytest.mark.parametrize(
    "names",
    [
        ("a/IMG_1.CR2", "b/IMG_1.JPG"),
        ("A/IMG_1.CR2", "a/IMG_1.JPG"),
        ("IMG_1.CR2", "IMG_2.JPG"),
        ("IMG_1.CR2", "IMG_1.DNG"),
        ("IMG_1.CR2", "IMG_1.png"),
        ("IMG_1.MOV", "IMG_1.CR2"),
        ("IMG_1.avi", "IMG_1.JPG"),
        ("IMG_1.JPG", "IMG_1.HEIC"),
        ("IMG_1.CR2.JPG", "IMG_1.CR2"),
    ],
)
def test_other_files_are_on_their_own(names: tuple[str, ...]) -> None:
    assert companions_of(names) == {}


def test_of_two_photos_the_jpeg_has_the_companions() -> None:
    names = ["IMG_1.HEIC", "IMG_1.JPG", "IMG_1.DNG", "IMG_1.MOV"]
    for order in (names, names[::-1]):
        assert companions_of(order) == {"IMG_1.DNG": "IMG_1.JPG", "IMG_1.MOV": "IMG_1.JPG"}


def test_listed_photos_have_their_companions() -> None:
    photos = listed_photos(["b.jpg", "a.CR2", "a.jpg", "c.nef"])
    assert [photo.files for photo in photos] == [("b.jpg",), ("a.jpg", "a.CR2"), ("c.nef",)]


def test_the_photo_beside_a_raw_file_is_found_on_the_disk(tmp_path: Path) -> None:
    for name in ("a.CR2", "a.JPG", "b.nef", "c.jpg", "c.mov"):
        (tmp_path / name).write_bytes(b"x")
    assert photo_beside(tmp_path / "a.CR2") == tmp_path / "a.JPG"
    for name in ("b.nef", "c.jpg", "c.mov", "missing.dng"):
        assert photo_beside(tmp_path / name) is None

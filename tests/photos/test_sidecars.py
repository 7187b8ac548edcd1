"""Sidecars are found whatever the case of their names, and only regular files of a moderate size are opened."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from clustertags.photos.sidecars import Sidecars, is_sidecar, read_sidecar
from clustertags.photos.xmp_keywords import MAX_XMP_BYTES


@pytest.mark.parametrize(
    ("photo", "sidecar"),
    [
        ("p14.jpg", "P14.XMP"),
        ("p00.jpg", "P00.jpg.xmp"),
        ("p02.jpg", "p02.JPG.XMP"),
        ("P02.JPG", "p02.xmp"),
        ("sub/a.jpg", "sub/a.jpg.xmp"),
        ("Caf\u00e9.jpg", "cafe\u0301.xmp"),
        ("a.b.jpg", "a.b.xmp"),
    ],
)
def test_a_sidecar_is_found(photo: str, sidecar: str) -> None:
    assert Sidecars([photo], [sidecar, "other.xmp", "sub/other.xmp"]).beside(photo) == [sidecar]


def test_the_full_name_comes_first_and_the_photos_own_case() -> None:
    files = ["A.XMP", "a.xmp", "A.jpg.xmp", "a.jpg.xmp", "a.txt"]
    assert Sidecars(["a.jpg"], files).beside("a.jpg") == ["a.jpg.xmp", "A.jpg.xmp", "a.xmp", "A.XMP"]


def test_a_photos_own_sidecar_is_not_another_photos_in_another_case() -> None:
    sidecars = Sidecars(["IMG.jpg", "img.jpg"], ["IMG.jpg.xmp"])
    assert (sidecars.beside("IMG.jpg"), sidecars.beside("img.jpg")) == (["IMG.jpg.xmp"], [])


def test_a_second_version_and_another_folder_are_not_this_photos() -> None:
    sidecars = Sidecars(["a.jpg", "sub/b.jpg"], ["a_01.jpg.xmp", "sub/a.xmp", "b.xmp"])
    assert sidecars.beside("a.jpg") == sidecars.beside("sub/b.jpg") == []
    assert not Sidecars(["a.jpg"], ["a.jpg", "xmp"])
    assert is_sidecar("a.XmP") and not is_sidecar("a.xmp.jpg")


def test_what_is_not_opened(tmp_path: Path) -> None:
    (tmp_path / "fine.xmp").write_bytes(b"x" * MAX_XMP_BYTES)
    assert read_sidecar(tmp_path / "fine.xmp") == b"x" * MAX_XMP_BYTES
    (tmp_path / "link.xmp").symlink_to(tmp_path / "fine.xmp")
    (tmp_path / "folder.xmp").mkdir()
    (tmp_path / "large.xmp").write_bytes(b" " * (MAX_XMP_BYTES + 1))
    os.mkfifo(tmp_path / "pipe.xmp")
    for name in ("link", "folder", "large", "pipe", "none", "n" * 300, "nul\0"):
        assert read_sidecar(tmp_path / f"{name}.xmp") is None

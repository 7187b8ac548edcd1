from __future__ import annotations

import os
from pathlib import Path

import pytest

from clustertags.errors import PhotosError
from clustertags.photos.discovery import discover
from clustertags.photos.files import DecodeLimits

LIMITS = DecodeLimits(max_file_bytes=1000)


def write(path: Path, data: bytes = b"x") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def test_every_entry_is_a_file_or_skipped_with_a_reason(tmp_path: Path) -> None:
    root = tmp_path / "photos"
    for name in ("b.jpg", "a/c.png", ".hidden", "a/b/d"):
        write(root / name)
    write(root / "empty.png", b"")
    write(root / "large.png", b"x" * 1001)
    write(root / "large.txt", b"x" * 1001)
    write(tmp_path / "outside.png")
    (root / "link.png").symlink_to(tmp_path / "outside.png")
    (root / "loop").symlink_to(root)
    (root / "dangling.png").symlink_to(root / "nowhere")
    os.mkfifo(root / "pipe.png")

    found = discover(root, LIMITS)

    assert [file.path for file in found.files] == ["a/b/d", "a/c.png", "b.jpg"]
    reasons = {file.path: file.reason for file in found.skipped}
    assert set(reasons) == {
        ".hidden", "empty.png", "large.png", "large.txt", "link.png", "loop", "dangling.png", "pipe.png",
    }  # fmt: skip
    assert "hidden" in reasons[".hidden"]
    assert discover(root, LIMITS, include_hidden=True).files[0].path == ".hidden"
    assert "empty" in reasons["empty.png"]
    assert "--max-file-size" in reasons["large.png"]
    assert all("link" in reasons[name] for name in ("link.png", "loop", "dangling.png"))
    assert "pipe" in reasons["pipe.png"]
    assert {file.path for file in found.skipped if file.is_photo} == {"empty.png", "large.png"}


def test_a_change_of_size_or_time_shows(tmp_path: Path) -> None:
    write(tmp_path / "a.jpg", b"1")
    before = discover(tmp_path, LIMITS).files
    assert discover(tmp_path, LIMITS).files == before
    write(tmp_path / "a.jpg", b"22")
    assert discover(tmp_path, LIMITS).files != before


def test_artifacts_inside_and_excluded_files_are_left_out(tmp_path: Path) -> None:
    for name in ("a.jpg", "work/models/x.jpg", "thumbs/1.jpg", "[a].jpg", "thumbs/2.png"):
        write(tmp_path / name)
    found = discover(tmp_path, LIMITS, excluded_folder=tmp_path / "work", exclude=("thumbs/*.jpg", "[a].jpg"))
    assert [file.path for file in found.files] == ["a.jpg", "thumbs/2.png"]
    assert [(file.path, file.reason) for file in found.skipped] == [
        ("[a].jpg", "excluded"),
        ("thumbs/1.jpg", "excluded"),
    ]


def test_names_that_are_not_utf8_survive(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9.png")
    write(tmp_path / name)
    assert [file.path for file in discover(tmp_path, LIMITS).files] == [name]


@pytest.mark.parametrize("name", ["missing", "a-file"])
def test_no_folder_is_one_clear_error(tmp_path: Path, name: str) -> None:
    write(tmp_path / "a-file")
    with pytest.raises(PhotosError, match=name):
        discover(tmp_path / name, LIMITS)

"""Keywords inside photos and in the sidecars next to them become tags of the same photo."""

from __future__ import annotations

from pathlib import Path

import pytest

from clustertags.labels import keywords
from clustertags.labels.keywords import gather_keywords
from clustertags.labels.left_out_keywords import LeftOutKeywords
from clustertags.photos.discovery import EXCLUDED
from clustertags.types import Photo, PhotoSet, SkippedFile
from tests.made.keywords import xmp


def photo_set(root: Path, photos: dict[str, tuple[str, ...]], sidecars: dict[str, str]) -> PhotoSet:
    """Photos by their hash, and sidecars by their path, which are written, keywords apart by spaces."""
    for path, words in sidecars.items():
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_bytes(xmp(*words.split()))
    return PhotoSet(
        root,
        tuple(Photo(content_hash, paths) for content_hash, paths in photos.items()),
        tuple(SkippedFile(path, "not a photo", False) for path in sidecars),
    )


def test_a_sidecars_keywords_come_before_those_inside_and_none_twice(tmp_path: Path) -> None:
    photos = photo_set(tmp_path, {"h1": ("a.jpg",), "h2": ("b.jpg",), "h3": ("c.jpg",)}, {"a.xmp": "sea dog"})
    inside = {"h1": ("dog", "sun"), "h2": ("cat",)}
    assert gather_keywords(photos, inside).by_content == {"h1": ("sea", "dog", "sun"), "h2": ("cat",)}
    assert inside == {"h1": ("dog", "sun"), "h2": ("cat",)}, "what was given is as it was"


@pytest.mark.parametrize("name", ["sub/a.xmp", "sub/a.jpg.xmp"])
def test_a_sidecar_is_named_after_the_photo_with_or_without_its_ending(tmp_path: Path, name: str) -> None:
    photos = photo_set(tmp_path, {"h1": ("sub/a.jpg",), "h2": ("a.jpg",)}, {name: "sea"})
    assert gather_keywords(photos, {}).by_content == {"h1": ("sea",)}


def test_the_sidecars_of_all_copies_count(tmp_path: Path) -> None:
    photos = photo_set(tmp_path, {"h1": ("a.jpg", "sub/b.jpg")}, {"a.xmp": "sea", "sub/b.jpg.xmp": "dog sea"})
    found = gather_keywords(photos, {"h1": ("sun",)}).by_content["h1"]
    assert sorted(found) == ["dog", "sea", "sun"]


def test_a_sidecar_without_keywords_changes_nothing(tmp_path: Path) -> None:
    photos = photo_set(tmp_path, {"h1": ("a.jpg",)}, {"a.xmp": ""})
    found = gather_keywords(photos, {})
    assert not found.by_content.get("h1")
    assert found.notices() == ()


def test_sidecars_that_cannot_be_read_are_named_and_the_next_one_is_used(tmp_path: Path) -> None:
    names = [f"{at}.jpg" for at in range(6)]
    photos = photo_set(
        tmp_path, {name: (name,) for name in names}, {f"{name}.xmp": "x" for name in names} | {"0.xmp": "sea"}
    )
    for name in names[:5]:
        (tmp_path / f"{name}.xmp").write_bytes(xmp("cut")[:-60])
    found = gather_keywords(photos, {"1.jpg": ("cat",)})
    assert found.by_content == {"0.jpg": ("sea",), "1.jpg": ("cat",), "5.jpg": ("x",)}
    assert found.unread == tuple(f"{name}.xmp" for name in names[:5])
    (line,) = found.notices()
    assert "5 sidecars" in line and "0.jpg.xmp, 1.jpg.xmp, 2.jpg.xmp, ..." in line


def test_an_excluded_sidecar_is_not_read(tmp_path: Path) -> None:
    photos = photo_set(tmp_path, {"h1": ("a.jpg",)}, {"a.xmp": "sea"})
    excluded = PhotoSet(tmp_path, photos.photos, (SkippedFile("a.xmp", EXCLUDED, False),))
    assert gather_keywords(excluded, {}).by_content == {}


def test_keywords_of_programs_go_with_the_flat_ones_that_they_brought(tmp_path: Path) -> None:
    photos = photo_set(tmp_path, {"h1": ("a.jpg",)}, {"a.xmp": "darktable|format|nef nef sea auto|dog dog animal|dog"})
    left_out = LeftOutKeywords()
    found = gather_keywords(photos, {"h1": ("format", "sun")}, left_out)
    assert found.by_content["h1"] == ("sea", "dog", "animal|dog", "format", "sun"), "what is the person's own stays"
    (line,) = left_out.notices()
    assert "2 keywords on 1 photo" in line and "darktable|format|nef" in line and "--ignore-keywords" in line


def test_without_sidecars_no_file_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keywords, "read_sidecar", lambda *_: pytest.fail("a sidecar was sought"))
    photos = photo_set(tmp_path, {"h1": ("a.jpg",), "h2": ("b.jpg",)}, {})
    assert gather_keywords(photos, {"h1": ("cat",)}).by_content == {"h1": ("cat",)}
    others = PhotoSet(tmp_path, photos.photos, (SkippedFile("other.xmp", "not a photo", False),))
    assert gather_keywords(others, {}).by_content == {}

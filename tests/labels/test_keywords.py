"""Keywords inside photos and in the sidecars next to them become tags of the same photo."""

from __future__ import annotations

from pathlib import Path

import pytest

from clustertags.labels import keywords
from clustertags.labels.keywords import gather_keywords
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
    assert gather_keywords(photos, inside) == {"h1": ("sea", "dog", "sun"), "h2": ("cat",)}
    assert inside == {"h1": ("dog", "sun"), "h2": ("cat",)}, "what was given is as it was"


@pytest.mark.parametrize("name", ["sub/a.xmp", "sub/a.jpg.xmp"])
def test_a_sidecar_is_named_after_the_photo_with_or_without_its_ending(tmp_path: Path, name: str) -> None:
    photos = photo_set(tmp_path, {"h1": ("sub/a.jpg",), "h2": ("a.jpg",)}, {name: "sea"})
    assert gather_keywords(photos, {}) == {"h1": ("sea",)}


def test_the_sidecars_of_all_copies_count(tmp_path: Path) -> None:
    photos = photo_set(tmp_path, {"h1": ("a.jpg", "sub/b.jpg")}, {"a.xmp": "sea", "sub/b.jpg.xmp": "dog sea"})
    assert set(gather_keywords(photos, {"h1": ("sun",)})["h1"]) == {"sea", "dog", "sun"}
    assert len(gather_keywords(photos, {"h1": ("sun",)})["h1"]) == 3


def test_a_broken_or_empty_sidecar_changes_nothing(tmp_path: Path) -> None:
    photos = photo_set(tmp_path, {"h1": ("a.jpg",), "h2": ("b.jpg",)}, {"a.xmp": "", "b.xmp": "sea"})
    (tmp_path / "b.xmp").write_text("<x:xmpmeta")
    assert gather_keywords(photos, {"h2": ("cat",)}).get("h2") == ("cat",)
    assert not gather_keywords(photos, {}).get("h1")


def test_without_sidecars_no_file_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keywords, "read_sidecar", lambda *_: pytest.fail("a sidecar was sought"))
    photos = photo_set(tmp_path, {"h1": ("a.jpg",), "h2": ("b.jpg",)}, {})
    assert gather_keywords(photos, {"h1": ("cat",)}) == {"h1": ("cat",)}
    others = PhotoSet(tmp_path, photos.photos, (SkippedFile("other.xmp", "not a photo", False),))
    assert gather_keywords(others, {}) == {}

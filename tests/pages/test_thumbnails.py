"""Thumbnails: made once a content, without metadata, from the first file that can be read."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from clustertags.library.model import FittedLibrary
from clustertags.pages.thumbnails import (
    SIDE_PIXELS,
    encode,
    make_thumbnails,
    remove_stale_thumbnails,
    thumbnail_href,
)
from clustertags.types import Photo


def test_only_a_content_hash_names_a_file() -> None:
    assert thumbnail_href("ab" * 32) == f"thumbs/ab/{'ab' * 32}.webp"
    for wrong in ("", "ab", "../" * 6, "AB" * 32, "ab" * 31 + "/."):
        with pytest.raises(ValueError, match="not a content hash"):
            thumbnail_href(wrong)


def test_they_are_made_once_kept_and_taken_from_an_earlier_gallery(library: FittedLibrary, tmp_path: Path) -> None:
    steps: list[tuple[str, int, int]] = []
    site, earlier = tmp_path / "site", tmp_path / "earlier"
    made = make_thumbnails(library.photos, library.root, earlier, site, progress=lambda *step: steps.append(step))
    assert (made.n_made, made.n_reused) == (15, 0)
    assert [step[1:] for step in steps] == [(done, 15) for done in range(1, 16)]
    for photo, thumbnail in zip(library.photos, made.thumbnails, strict=True):
        assert thumbnail is not None
        assert thumbnail.href == thumbnail_href(photo.content_hash)
        with Image.open(earlier / thumbnail.href) as image:
            assert (image.format, image.size) == ("WEBP", (thumbnail.width, thumbnail.height))
            assert max(image.size) <= SIDE_PIXELS
    linked = make_thumbnails(library.photos, tmp_path / "gone", site, earlier)
    assert (linked.n_made, linked.n_reused, linked.thumbnails) == (0, 15, made.thumbnails)


def test_what_cannot_be_read_has_none_unless_a_copy_can(library: FittedLibrary, tmp_path: Path) -> None:
    (library.root / "003.jpg").write_bytes(b"no longer a photo")
    photos = (*library.photos[:3], Photo(library.photos[3].content_hash, ("gone.jpg", "003.jpg", "004.jpg")))
    site = tmp_path / "site"
    made = make_thumbnails(photos, library.root, site, site)
    assert (made.n_made, made.thumbnails.count(None)) == (4, 0)
    lost = make_thumbnails([Photo("ab" * 32, ("gone.jpg",))], library.root, site, site)
    assert (lost.thumbnails, lost.n_made, lost.n_reused) == ((None,), 0, 0)


def test_those_of_no_photo_are_removed(library: FittedLibrary, tmp_path: Path) -> None:
    site = tmp_path / "site"
    make_thumbnails(library.photos, library.root, site, site)
    remove_stale_thumbnails(library.photos[:2], site)
    left = {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()}
    assert left == {thumbnail_href(photo.content_hash) for photo in library.photos[:2]}
    assert {path.name for path in (site / "thumbs").iterdir()} == {
        photo.content_hash[:2] for photo in library.photos[:2]
    }


def test_no_metadata_goes_along(library: FittedLibrary) -> None:
    with Image.open(library.root / "000.jpg") as image:
        assert b"secret" in (library.root / "000.jpg").read_bytes()
        assert b"secret" not in encode(image)

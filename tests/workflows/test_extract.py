"""Extraction: photos in a fixed order with their own features, nothing decoded twice, and one error where none is."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from clustertags.errors import PhotosError
from clustertags.library.artifacts import Artifacts
from clustertags.library.catalogue import Catalogue
from clustertags.photos.blank import ONE_COLOUR
from clustertags.photos.decoding import decode_augmentations, open_photo
from clustertags.photos.files import DecodeLimits, read_file
from tests.made.features import ColourHistogram
from tests.made.photos import made_photo, write_photos
from tests.made.published import extract_folder, use_histogram
from tests.made.raw_files import cr2, jpeg


@pytest.fixture(autouse=True)
def histogram(monkeypatch: pytest.MonkeyPatch) -> ColourHistogram:
    return use_histogram(monkeypatch)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    write_photos(tmp_path / "photos", n_kinds=3, n_each=4)
    return tmp_path / "photos"


def expected(path: Path) -> np.ndarray:
    """The direction of a picture's colours, which its features are."""
    from tests.made.features import PREPROCESS as STEPS

    image = open_photo(path.read_bytes(), DecodeLimits())
    row = ColourHistogram().infer(
        decode_augmentations(image, STEPS.resize_pixels, STEPS.crop_pixels, STEPS.interpolation, 1)
    )[0]
    return row / np.linalg.norm(row)


def test_photos_come_by_path_with_their_own_features(photos: Path, tmp_path: Path) -> None:
    (photos / "sub").mkdir()
    made_photo(9, 1).save(photos / "sub" / "a.jpg")
    (photos / "broken.jpg").write_bytes(b"\xff\xd8\xff broken")
    (photos / "notes.txt").write_text("text")
    steps: list[tuple[str, int, int]] = []
    found = extract_folder(photos, tmp_path / "artifacts", progress=lambda *step: steps.append(step))
    paths = [photo.path for photo in found.photos.photos]
    assert paths == sorted(paths)
    assert len(paths) == len(found.features) == found.n_decoded == 13
    for row, photo in zip(found.features.values, found.photos.photos, strict=True):
        assert photo.content_hash == hashlib.sha256((photos / photo.path).read_bytes()).hexdigest()
        np.testing.assert_allclose(row, expected(photos / photo.path), atol=1e-3)
    assert [(file.path, file.is_photo) for file in found.photos.skipped] == [("broken.jpg", True), ("notes.txt", False)]
    assert found.classifier is None, "a histogram has no classes"
    assert steps[-1][1:] == (15, 15)
    assert [done for _, done, _ in steps] == list(range(16))


def test_nothing_is_decoded_twice(photos: Path, tmp_path: Path, histogram: ColourHistogram) -> None:
    first = extract_folder(photos, tmp_path / "artifacts")
    assert (first.n_decoded, histogram.n_inferred) == (12, 12)
    again = extract_folder(photos, tmp_path / "artifacts")
    assert (again.n_decoded, histogram.n_inferred) == (0, 12)
    assert again.photos == first.photos
    np.testing.assert_array_equal(again.features.values, first.features.values)
    (photos / "000-0.jpg").rename(photos / "zzz.jpg")
    os.utime(photos / "001-0.jpg", (1, 1))
    (photos / "copy.jpg").write_bytes((photos / "002-0.jpg").read_bytes())
    made_photo(50, 2).save(photos / "new.jpg")
    moved = extract_folder(photos, tmp_path / "artifacts")
    assert (moved.n_decoded, histogram.n_inferred) == (1, 13), "the new one alone"
    paths = [photo.paths for photo in moved.photos.photos]
    assert ("002-0.jpg", "copy.jpg") in paths
    assert paths[-1] == ("zzz.jpg",)
    by_hash = dict(zip((photo.content_hash for photo in first.photos.photos), first.features.values, strict=True))
    for photo, row in zip(moved.photos.photos, moved.features.values, strict=True):
        if photo.path != "new.jpg":
            np.testing.assert_array_equal(row, by_hash[photo.content_hash])


def test_blank_photos_are_known_again_without_decoding(
    photos: Path, tmp_path: Path, histogram: ColourHistogram
) -> None:
    Image.new("RGB", (300, 200)).save(photos / "black.jpg")
    first = extract_folder(photos, tmp_path / "artifacts")
    black = hashlib.sha256((photos / "black.jpg").read_bytes()).hexdigest()
    assert first.blank == {black: ONE_COLOUR}
    again = extract_folder(photos, tmp_path / "artifacts")
    assert (again.n_decoded, histogram.n_inferred) == (0, 13)
    assert again.blank == first.blank
    catalogue = sqlite3.connect(Artifacts(tmp_path / "artifacts").catalogue)
    catalogue.execute("DROP TABLE blank")
    catalogue.execute("PRAGMA user_version = 2")
    catalogue.commit()
    catalogue.close()
    old = extract_folder(photos, tmp_path / "artifacts")
    assert (old.n_decoded, histogram.n_inferred, old.blank) == (0, 13, {}), "a catalogue of before this was judged"


def test_a_photo_that_changes_while_it_is_read_is_read_again(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, histogram: ColourHistogram
) -> None:
    def read_and_change(path: Path, *limits: DecodeLimits, **options: bool) -> bytes:
        data = read_file(path, *limits, **options)
        if path.name == "000-0.jpg":
            made_photo(70, 2).save(path)
        return data

    monkeypatch.setattr("clustertags.features.photo_reading.read_file", read_and_change)
    first = extract_folder(photos, tmp_path / "artifacts")
    monkeypatch.setattr("clustertags.features.photo_reading.read_file", read_file)
    again = extract_folder(photos, tmp_path / "artifacts")
    assert (first.n_decoded, again.n_decoded) == (12, 1)
    changed = next(photo for photo in again.photos.photos if photo.path == "000-0.jpg")
    assert changed.content_hash == hashlib.sha256((photos / "000-0.jpg").read_bytes()).hexdigest()


def test_a_raw_file_skipped_by_an_earlier_reader_is_read(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (photos / "raw.cr2").write_bytes(cr2(jpeg(made_photo(1, 1))))
    with monkeypatch.context() as earlier:
        earlier.setattr("clustertags.library.scan.READER", "1/pillow")
        earlier.setattr("clustertags.photos.decoding.find_preview", lambda _: None)
        assert len(extract_folder(photos, tmp_path / "artifacts").features) == 12
    assert len(extract_folder(photos, tmp_path / "artifacts").features) == 13


def test_what_an_interrupt_left_is_kept(photos: Path, tmp_path: Path, histogram: ColourHistogram) -> None:
    def stop(stage: str, done: int, total: int) -> None:
        if done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        extract_folder(photos, tmp_path / "artifacts", progress=stop)
    left = extract_folder(photos, tmp_path / "artifacts")
    assert left.n_decoded == 12 - 5
    whole = extract_folder(photos, tmp_path / "other")
    assert left.photos == whole.photos
    np.testing.assert_array_equal(left.features.values, whole.features.values)


def test_no_readable_photo_is_one_error_that_names_one_and_why(tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    photos.mkdir()
    (photos / "a notes.txt").write_text("text")
    (photos / "b\nbroken.jpg").write_bytes(b"\xff\xd8\xff broken")
    with pytest.raises(PhotosError) as refusal:
        extract_folder(photos, tmp_path / "artifacts")
    told = str(refusal.value)
    assert f"{photos} holds no readable photo among its 2 files: b\\x0abroken.jpg is skipped (" in told
    assert "\n" not in told
    (photos / "b\nbroken.jpg").unlink()
    with pytest.raises(PhotosError, match=r"among its 1 files: a notes\.txt is skipped \("):
        extract_folder(photos, tmp_path / "artifacts")


def test_an_empty_folder_is_said_plainly(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    with pytest.raises(PhotosError, match=r"holds no readable photo among its 0 files$"):
        extract_folder(tmp_path / "photos", tmp_path / "artifacts")


def test_an_earlier_librarys_keywords_are_read_again_without_decoding(
    photos: Path, tmp_path: Path, histogram: ColourHistogram
) -> None:
    exif = Image.Exif()
    exif[0x9C9E] = "beach;sea".encode("utf-16-le")
    made_photo(20, 1).save(photos / "windows.jpg", exif=exif)
    made_photo(21, 1).save(photos / "moved.jpg", exif=exif)
    extract_folder(photos, tmp_path / "artifacts")
    keys = [hashlib.sha256((photos / name).read_bytes()).hexdigest() for name in ("windows.jpg", "moved.jpg")]
    path = Artifacts(tmp_path / "artifacts").catalogue
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE files SET reader = '1/pillow-9'")
        connection.execute("PRAGMA user_version = 4")  # as that program left it, without checksums
        connection.execute("UPDATE contents SET keywords = '[]'")
        connection.execute("UPDATE contents SET keywords = '[\"leaf\"]' WHERE content_hash = ?", (keys[0],))
    (photos / "moved.jpg").rename(photos / "elsewhere.jpg")
    steps: list[str] = []
    again = extract_folder(photos, tmp_path / "artifacts", progress=lambda stage, *_: steps.append(stage))
    assert (again.n_decoded, histogram.n_inferred) == (0, 14)
    with Catalogue(path) as catalogue:
        assert catalogue.keywords(keys) == {keys[0]: ("beach", "sea", "leaf"), keys[1]: ("beach", "sea")}
    assert "Reading keywords" in steps
    steps.clear()
    extract_folder(photos, tmp_path / "artifacts", progress=lambda stage, *_: steps.append(stage))
    assert "Reading keywords" not in steps, "once"

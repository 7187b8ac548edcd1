"""The set that methods are given: by content, copies united, pictures decoded when they are asked for."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from clustertags.benchmark.datasets.labelled_set import LabelledSetRequest, load_labelled_set
from clustertags.benchmark.datasets.lazy_pictures import FolderPictures
from clustertags.errors import PhotosError, SeedsError, UnreadablePhotoError
from tests.made.photos import made_photo, write_photos


def test_a_folder_becomes_a_set_ordered_by_content(tmp_path: Path, cache: Path) -> None:
    photos = tmp_path / "holiday" / "images"
    kinds = write_photos(photos, n_kinds=2, n_each=5)
    shutil.copyfile(photos / "000-0.jpg", photos / "copy.jpg")
    rows = [f"{name},{kind}" for name, kind in kinds.items()]
    (photos / "labels.csv").write_text("\n".join(["image,tags", *rows, "copy.jpg,again|kind0", "gone.jpg,kind1"]))
    request = LabelledSetRequest(photos, tmp_path / "cache")
    made = load_labelled_set(request)
    assert (made.title, len(made), made.names) == ("holiday", 10, ("kind0", "kind1"))
    assert list(made.hashes) == sorted(made.hashes)
    assert made.tags.sum(axis=0).tolist() == [5, 5]
    assert made.features.values.shape == (10, 1280)
    assert any("gone.jpg" in note for note in made.notes)
    assert any("tags on fewer than 4 photos" in note for note in made.notes)

    sample = made.sample(np.array([3, 1]))
    assert sample.outputs is not None
    assert sample.outputs.sum(axis=1) == pytest.approx([1, 1], abs=1e-4)
    assert sample.pictures is not None
    assert sample.pictures[0].size == (96, 96)
    assert not any(name in repr(sample.features) for name in kinds)

    stamps = {path: path.stat().st_mtime_ns for path in cache.rglob("*")}
    assert stamps
    again = load_labelled_set(request)
    assert again.digest() == made.digest()
    assert stamps == {path: path.stat().st_mtime_ns for path in cache.rglob("*")}
    assert not (tmp_path / "cache" / "backbones").exists()
    (photos / "000-1.jpg").unlink()
    with pytest.raises(UnreadablePhotoError):
        [made.pictures[row] for row in range(10)]


def test_labels_of_other_photos_and_too_few_labels_are_told(tmp_path: Path) -> None:
    write_photos(tmp_path / "photos", n_kinds=2, n_each=2)
    labels = tmp_path / "labels.csv"
    labels.write_text("image,tags\nother.jpg,sea\n")
    with pytest.raises(SeedsError, match=r"none of its images \(other.jpg\)"):
        load_labelled_set(LabelledSetRequest(tmp_path / "photos", tmp_path / "cache", str(labels)))
    labels.write_text("image,tags\n000-0.jpg,sea\n000-1.jpg,sky\n")
    with pytest.raises(PhotosError, match="lower --least-photos"):
        load_labelled_set(LabelledSetRequest(tmp_path / "photos", tmp_path / "cache", str(labels)))


def test_pictures_are_small_upright_and_named_by_content(tmp_path: Path) -> None:
    made_photo(1, side=600).save(tmp_path / "a.png")
    made_photo(2, side=50).save(tmp_path / "b.png")
    pictures = FolderPictures((tmp_path / "a.png", tmp_path / "b.png"), ("aa", "bb"), side_pixels=100)
    assert [pictures[at].size for at in range(2)] == [(100, 100), (50, 50)]
    assert pictures.take([1]).digest(0) == "bb-100"

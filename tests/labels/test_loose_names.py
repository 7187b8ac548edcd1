"""Photos of a list whose paths are written otherwise are found where that is unambiguous, and never another one."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clustertags.labels.loose_names import CASE, END, FOLDER, NAME, URL, find_names
from clustertags.types import Photo, PhotoSet, SkippedFile


def folder(*paths: str, skipped: tuple[str, ...] = (), root: str = "/data/photos") -> PhotoSet:
    return PhotoSet(
        Path(root),
        tuple(Photo(path, (path,)) for path in paths),
        tuple(SkippedFile(path, "damaged", True) for path in skipped),
    )


@pytest.mark.parametrize(
    ("photo", "image", "how"),
    [
        ("a b.jpg", "a%20b.jpg", URL),
        ("p00.jpg", "photos/p00.jpg", FOLDER),
        ("p00.jpg", "./Photos/p00.jpg", FOLDER),
        ("sub/a.jpg", "C:\\Users\\me\\photos\\sub\\a.jpg", FOLDER),
        ("a b.jpg", "file:///home/me/photos/a%20b.jpg", FOLDER),
        ("p00.jpg", "P00.JPG", CASE),
        ("p00.jpg", "photos/P00.JPG", CASE),
        ("sub/p00.jpg", "Sub\\p00.jpg", CASE),
        ("sub/p00.jpg", "p00.jpg", NAME),
        ("2019/sub/p00.jpg", "sub/p00.jpg", END),
        ("p00.jpg", "elsewhere/p00.jpg", NAME),
    ],
)
def test_a_name_is_found_and_the_way_is_told(photo: str, image: str, how: str) -> None:
    found = find_names(folder(photo, "other.jpg"), [image])
    assert (found.photos, dict(found.how)) == ({image: 0}, {how: [image]})


def test_what_stands_as_written_comes_first() -> None:
    photos = folder("a%20b.jpg", "a b.jpg", "photos/a.jpg", "a.jpg", "A.JPG")
    images = ["a%20b.jpg", "a b.jpg", "photos/a.jpg", "a.jpg", "A.JPG"]
    found = find_names(photos, images)
    assert found.photos == {image: at for at, image in enumerate(images)}
    assert not found.how


@pytest.mark.parametrize(
    ("paths", "images"),
    [
        (("a.jpg", "A.jpg"), ["A.JPG"]),
        (("x/a.jpg", "y/a.jpg"), ["a.jpg"]),
        (("x/1/a.jpg", "y/1/a.jpg"), ["1/a.jpg"]),
        (("x/a.jpg",), ["a.jpg", "A.jpg"]),
        (("x/a.jpg",), ["a.jpg", "photos/x/a.jpg"]),
    ],
)
def test_where_several_could_be_meant_none_is(paths: tuple[str, ...], images: list[str]) -> None:
    found = find_names(folder(*paths), images)
    assert "a.jpg" not in found.photos and images[0] not in found.photos
    assert images[0] in found.several


def test_a_file_that_is_skipped_is_not_another_photo_of_its_name() -> None:
    found = find_names(folder("sub/bad.jpg", skipped=("bad.jpg",)), ["bad.jpg", "photos/bad.jpg", "BAD.JPG"])
    assert not found.photos
    assert found.skipped == ["bad.jpg", "photos/bad.jpg", "BAD.JPG"]


def test_folders_of_a_list_are_matched_as_a_whole() -> None:
    photos = folder("a.jpg", "b.jpg", "c.jpg")
    assert find_names(photos, ["D:/export/a.jpg", "D:/export/b.jpg"]).photos.keys() == {
        "D:/export/a.jpg",
        "D:/export/b.jpg",
    }
    few = find_names(photos, ["x/a.jpg", "x/1.jpg", "x/2.jpg"])
    assert (few.photos, len(few.unknown)) == ({}, 3)
    two = find_names(photos, ["2019/a.jpg", "2020/b.jpg"])
    assert (two.photos, two.unknown) == ({}, ["2019/a.jpg", "2020/b.jpg"])
    named = find_names(photos, ["b.jpg", "2019/a.jpg"])
    assert (named.photos, named.unknown) == ({"b.jpg": 1}, ["2019/a.jpg"])


NAMES = st.text(st.sampled_from("aAb/\\%2 ."), min_size=1, max_size=8)


@given(st.lists(NAMES, min_size=1, max_size=4, unique=True), st.lists(NAMES, max_size=6))
def test_every_image_is_accounted_for_once(paths: list[str], images: list[str]) -> None:
    found = find_names(folder(*paths), images)
    told = [*found.photos, *found.several, *found.skipped, *found.unknown]
    assert sorted(told) == sorted(set(images))
    for image in set(images) & set(paths):
        assert paths[found.photos[image]] == image

"""Lists as other programs write them: exiftool, Hugging Face, Excel, Lightroom; what was guessed is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from clustertags.errors import SeedsError
from clustertags.labels.left_out_keywords import LeftOutKeywords
from clustertags.labels.seed_tags import check_source, read_given_tags, read_seed_tags, tags_like_several
from clustertags.types import PhotoSet, SeedTags
from tests.labels.test_seed_tags import photo_set, tags_of


@pytest.fixture
def photos(tmp_path: Path) -> PhotoSet:
    (tmp_path / "photos").mkdir()
    return photo_set(tmp_path / "photos", "a.jpg", "b.jpg", "café.jpg", "d.jpg")


def read(photos: PhotoSet, content: str | bytes, name: str = "list.csv") -> SeedTags:
    path = photos.root.parent / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_seed_tags(photos, path)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('SourceFile,Keywords\n./a.jpg,"cat, New York"\n./b.jpg,dog\n', {0: {"cat", "New York"}, 1: {"dog"}}),
        ("SourceFile,Subject\na.jpg,cat\nb.jpg,\n", {0: {"cat"}}),
        (
            'SourceFile,XMP-dc:Subject,IPTC:Keywords\na.jpg,"cat, sea",cat\nb.jpg,,dog\n',
            {0: {"cat", "sea"}, 1: {"dog"}},
        ),
        ('SourceFile,HierarchicalSubject\na.jpg,"animal|cat, sea"\n', {0: {"animal", "cat", "sea"}}),
        ("SourceFile,TagsList,XPKeywords\na.jpg,animal/cat,sea;sun\nb.jpg,-,-\n", {0: {"animal", "cat", "sea", "sun"}}),
        ("SourceFile,Keywords\na.jpg,cat|dog\n", {0: {"cat", "dog"}}),
    ],
)
def test_exiftools_csv(photos: PhotoSet, content: str, expected: dict[int, set[str]]) -> None:
    seeds = read(photos, content)
    assert tags_of(seeds) == expected
    assert len(seeds.none) == 0, "a photo without keywords may show anything"


def test_photos_without_keywords_in_exiftools_csv_are_counted(photos: PhotoSet) -> None:
    seeds = read(photos, "SourceFile,Keywords\na.jpg,cat\nb.jpg,\nd.jpg,\n")
    assert any("2 rows" in line and "no keyword" in line for line in seeds.notices)
    with pytest.raises(SeedsError, match="no keyword or label in any row"):
        read(photos, "SourceFile,Keywords\na.jpg,\n")


def test_hierarchies_in_a_list_keep_their_parents(photos: PhotoSet) -> None:
    path = photos.root.parent / "list.csv"
    path.write_text('SourceFile,HierarchicalSubject\na.jpg,"animal|cat, auto|pet"\nb.jpg,darktable|x\n')
    left_out = LeftOutKeywords()
    given = read_given_tags(photos, path, left_out=left_out)
    assert given.keywords == (("animal|cat",), ())
    assert tags_of(given.seeds) == {0: {"animal", "cat"}}
    assert "2 keywords on 2 photos" in left_out.notices()[0]


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("metadata.csv", "file_name,tags\na.jpg,cat|sea\nb.jpg,dog\n", {0: {"cat", "sea"}, 1: {"dog"}}),
        ("metadata.csv", "file_name,label\na.jpg,cat\nb.jpg,\n", {0: {"cat"}}),
        ("metadata.csv", "file_name,text,labels\na.jpg,a cat,\"['cat', 'sea']\"\n", {0: {"cat", "sea"}}),
        ("metadata.csv", 'file_name,tags\na.jpg,"[""cat"", ""sea""]"\n', {0: {"cat", "sea"}}),
        ("metadata.csv", "file_name,tags\na.jpg,[draft] cat\n", {0: {"[draft] cat"}}),
        ("metadata.csv", "file_name,tags\na.jpg," + "[" * 50_000 + "\nb.jpg,cat\n", {1: {"cat"}}),
    ],
)
def test_hugging_faces_csv(photos: PhotoSet, name: str, content: str, expected: dict[int, set[str]]) -> None:
    assert tags_of(read(photos, content, name)) == expected


def test_hugging_faces_json_lines(photos: PhotoSet) -> None:
    rows = [
        {"file_name": "a.jpg", "tags": ["cat", "sea"]},
        {"file_name": "b.jpg", "label": "dog"},
        {"file_name": "café.jpg", "labels": [3, "sun"]},
        {"file_name": "d.jpg", "label": None},
    ]
    seeds = read(photos, "\n".join(map(json.dumps, rows)), "metadata.jsonl")
    assert tags_of(seeds) == {0: {"cat", "sea"}, 1: {"dog"}, 2: {"3", "sun"}}
    with pytest.raises(SeedsError, match="line 1"):
        read(photos, '{"file_name": "a.jpg", "labels": {"x": 1}}', "metadata.jsonl")
    with pytest.raises(SeedsError, match="label"):
        read(photos, "file_name,text\na.jpg,a cat\n", "metadata.csv")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_excels_unicode_text(photos: PhotoSet, encoding: str) -> None:
    seeds = read(photos, "image\ttags\r\na.jpg\tchat|été\r\ncafé.jpg\t犬\r\n".encode(encoding), "seeds.txt")
    assert tags_of(seeds) == {0: {"chat", "été"}, 2: {"犬"}}
    assert seeds.notices == ()


def test_latin1_is_read_with_a_notice(photos: PhotoSet) -> None:
    seeds = read(photos, "image;tags\na.jpg;été – €\ncafé.jpg;x\n".encode("cp1252"))
    assert tags_of(seeds) == {0: {"été – €"}, 2: {"x"}}
    assert "Latin-1" in seeds.notices[0] and "list.csv" in seeds.notices[0]
    assert tags_of(read(photos, b"image,tags\na.jpg,\xe9\x81\n")) == {0: {"é"}}


def test_a_list_of_keywords_alone_is_told_where_it_belongs(photos: PhotoSet) -> None:
    path = photos.root.parent / "keywords.txt"
    path.write_text("Animals\n\tDog\n\t\tCollie\n")
    with pytest.raises(SeedsError, match=r"list of keywords.*--vocabulary"):
        check_source(path)


def test_how_paths_were_matched_is_one_line(photos: PhotoSet) -> None:
    seeds = read(photos, "image,tags\nphotos/a.jpg,x\nphotos/a.jpg,z\nB.JPG,y\nd.jpg,x\n")
    assert tags_of(seeds) == {0: {"x", "z"}, 1: {"y"}, 3: {"x"}}
    (line,) = seeds.notices
    assert line == (
        "3 rows of list.csv matched to photos of other paths: 2 with the folder's name in front, "
        "1 in another letter case (photos/a.jpg)."
    )


def test_rows_that_could_mean_several_photos_are_told(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    photos = photo_set(tmp_path / "photos", "x/a.jpg", "y/a.jpg", "b.jpg")
    seeds = read(photos, "image,tags\na.jpg,cat\nb.jpg,dog\n")
    assert tags_of(seeds) == {2: {"dog"}}
    assert any("several could be meant: a.jpg" in line for line in seeds.notices)


@pytest.mark.parametrize(
    ("tags", "told"),
    [("cat, dog", True), ("cat;dog", True), ("1,000", False), ("cat|dog", False), ("dog, 1990", False)],
)
def test_a_tag_that_looks_like_several_is_told_once(photos: PhotoSet, tags: str, told: bool) -> None:
    seeds = read(photos, f'image,tags\na.jpg,"{tags}"\nb.jpg,"{tags}"\n')
    lines = [line for line in seeds.notices if "like several" in line]
    assert len(lines) == told
    assert not told or ("2 tags" in lines[0] and tags in lines[0] and "--tag-separator" in lines[0])


def test_a_file_may_have_another_separator(photos: PhotoSet) -> None:
    path = photos.root.parent / "list.csv"
    path.write_text('image,tags\na.jpg,"cat, dog|sea"\nb.jpg,\n')
    given = read_given_tags(photos, path, separator=",").seeds
    assert tags_of(given) == {0: {"cat", "dog", "sea"}}
    assert given.none.tolist() == [1]
    assert tags_like_several(path) == (["cat, dog"], ",")
    assert tags_like_several("folders") == tags_like_several(None) == ([], "")

"""Tags from files, folders and keywords; every malformed file gives one clear sentence."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from clustertags.errors import SeedsError
from clustertags.labels import tags_file
from clustertags.labels.seed_tags import read_seed_tags
from clustertags.types import Photo, PhotoSet, SeedTags, SkippedFile


def photo_set(root: Path, *names: str | tuple[str, ...], skipped: tuple[str, ...] = ()) -> PhotoSet:
    """Photos by name; several names are files with one content."""
    paths = [(name,) if isinstance(name, str) else name for name in names]
    return PhotoSet(
        root,
        tuple(Photo(f"hash{at}", path) for at, path in enumerate(paths)),
        tuple(SkippedFile(path, "broken", True) for path in skipped),
    )


def tags_of(seeds: SeedTags) -> dict[int, set[str]]:
    return {
        int(photo): {tag for tag, has in zip(seeds.vocabulary, row, strict=True) if has}
        for photo, row in zip(seeds.photos, seeds.matrix, strict=True)
    }


def read(tmp_path: Path, photos: PhotoSet, content: str | bytes, name: str = "seeds.csv") -> SeedTags:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_seed_tags(photos, path)


@pytest.fixture
def photos(tmp_path: Path) -> PhotoSet:
    root = tmp_path / "photos"
    root.mkdir()
    return photo_set(
        root, "a.jpg", "sub/b c.jpg", "caf\u00e9.jpg", ("d.jpg", "sub/copy of d.jpg"), skipped=("bad.jpg",)
    )


@pytest.mark.parametrize(
    "content",
    [
        "image,tags\na.jpg,cat|#dog\nsub/b c.jpg,Dog \n",
        "\ufeffimage,tags\r\na.jpg,cat|dog\r\nsub/b c.jpg,dog\r\n",
        "Tags , IMAGE,note\ncat|dog,a.jpg,x\ndog,sub/b c.jpg,\n",
        'image,tags\n"a.jpg","cat|dog"\n\n./sub//b c.jpg,dog|DOG||',
        "image;tags\na.jpg;cat|dog\nsub\\b c.jpg;dog",
        "path\ttags\na.jpg\t#cat #dog\n sub/b c.jpg \tdog\n",
        "image,tags\na.jpg,cat\na.jpg,dog\nsub/b c.jpg,dog\na.jpg,CAT\n",
    ],
)
def test_ways_to_write_the_same_csv(tmp_path: Path, photos: PhotoSet, content: str) -> None:
    seeds = read(tmp_path, photos, content)
    assert seeds.vocabulary == ("cat", "dog")
    assert seeds.photos.tolist() == [0, 1]
    assert seeds.matrix.tolist() == [[True, True], [False, True]]
    assert seeds.notices == ()


def test_json_lines(tmp_path: Path, photos: PhotoSet) -> None:
    lines = [{"image": "a.jpg", "tags": ["Cat", "big|dog"]}, {"path": "sub/b c.jpg", "tags": "cat|dog", "score": 1}]
    seeds = read(tmp_path, photos, "\n".join(map(json.dumps, lines)) + "\n\n", "seeds.ndjson")
    assert tags_of(seeds) == {0: {"cat", "big", "dog"}, 1: {"cat", "dog"}}


def test_absolute_paths_accents_and_copies(tmp_path: Path, photos: PhotoSet) -> None:
    link = tmp_path / "link"
    link.symlink_to(photos.root)
    content = (
        f"image,tags\n{photos.root}/a.jpg,x\n{link}/sub/b c.jpg,y\ncafe\u0301.jpg,z\nd.jpg,1\nsub/copy of d.jpg,2\n"
    )
    linked = PhotoSet(link, photos.photos, photos.skipped)
    assert tags_of(read(tmp_path, linked, content)) == {0: {"x"}, 1: {"y"}, 2: {"z"}, 3: {"1", "2"}}


def test_an_accent_that_could_mean_two_photos_means_none(tmp_path: Path) -> None:
    # U+212B and U+00C5 compose alike; only an exact name tells the two files apart.
    photos = photo_set(tmp_path, "\u212b.jpg", "\u00c5.jpg")
    seeds = read(tmp_path, photos, "image,tags\n\u00c5.jpg,exact\nA\u030a.jpg,either\n")
    assert tags_of(seeds) == {1: {"exact"}}
    assert "not in the folder" in seeds.notices[0]


def test_a_backslash_in_a_name_is_kept_where_the_name_exists(tmp_path: Path) -> None:
    photos = photo_set(tmp_path, "a\\b.jpg", "a/b.jpg")
    assert tags_of(read(tmp_path, photos, "image,tags\na\\b.jpg,cat\n")) == {0: {"cat"}}


def test_hostile_names(tmp_path: Path) -> None:
    names = ["two\nlines.jpg", 'quo"te,comma.jpg', os.fsdecode(b"\xff.jpg")]
    lines = "".join(json.dumps({"image": name, "tags": [f"t{at}"]}) + "\n" for at, name in enumerate(names))
    photos = photo_set(tmp_path, *names)
    assert tags_of(read(tmp_path, photos, lines, "x.jsonl")) == {0: {"t0"}, 1: {"t1"}, 2: {"t2"}}
    csv = 'image,tags\n"two\nlines.jpg",t0\n"quo""te,comma.jpg",t1\n\x1b[2J\u202e.jpg,gone\n'
    seeds = read(tmp_path, photos, csv)
    assert tags_of(seeds) == {0: {"t0"}, 1: {"t1"}}
    assert "\x1b" not in seeds.notices[0]
    assert "\\x1b[2J\\u202e.jpg" in seeds.notices[0]


def test_rows_that_do_not_count_are_told(tmp_path: Path, photos: PhotoSet) -> None:
    unknown = "".join(f"no{at}.jpg,cat\n" for at in range(5))
    seeds = read(
        tmp_path, photos, f"image,tags\na.jpg,cat\nd.jpg, | #\nd.jpg,##\nbad.jpg,dog\n{unknown}a.jpg,{'w' * 150}\n"
    )
    assert tags_of(seeds) == {0: {"cat"}}
    assert seeds.notices == (
        "5 rows of seeds.csv are for images not in the folder: no0.jpg, no1.jpg, no2.jpg, ....",
        "1 row of seeds.csv is for images skipped as unreadable: bad.jpg.",
        "3 rows of seeds.csv are for images whose text is no tag, and ignored: d.jpg, a.jpg.",
        "1 tag of more than 100 characters skipped.",
    )


@pytest.mark.parametrize("nothing", ["", "-", " - ", " | "])
def test_a_row_without_a_tag_says_that_the_photo_shows_none(tmp_path: Path, photos: PhotoSet, nothing: str) -> None:
    seeds = read(tmp_path, photos, f"image,tags\na.jpg,cat\nsub/b c.jpg,{nothing}\nd.jpg,{nothing}\nd.jpg,dog\n")
    assert tags_of(seeds) == {0: {"cat"}, 3: {"dog"}}
    assert seeds.none.tolist() == [1], "a tag in another row wins"
    assert seeds.reviewed.tolist() == [0, 1, 3]
    assert seeds.notices == ("1 photo has no tag in seeds.csv: it counts as showing none of the tags (sub/b c.jpg).",)


def test_an_empty_list_in_json_lines_says_that_the_photo_shows_none(tmp_path: Path, photos: PhotoSet) -> None:
    rows = [{"image": "a.jpg", "tags": ["cat"]}, {"image": "d.jpg", "tags": []}]
    seeds = read(tmp_path, photos, "".join(json.dumps(row) + "\n" for row in rows), "x.jsonl")
    assert (seeds.photos.tolist(), seeds.none.tolist()) == ([0], [3])


def test_empty_tags_alone_are_no_tags(tmp_path: Path, photos: PhotoSet) -> None:
    seeds = read(tmp_path, photos, "image,tags\na.jpg,\n")
    assert seeds.n_labelled == 0
    assert seeds.matrix.shape == (0, 0)
    assert len(seeds.notices) == 1


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("s.csv", b"", ["line 1", '"image"', "image,tags"]),
        ("s.csv", b"image,tags\n\n\r\n", ["no rows"]),
        ("s.csv", b"image,label\na.jpg,cat\n", ["line 1", '"tags"', "image, label", "image,tags"]),
        ("s.csv", b"a.jpg,cat\n", ["line 1", '"image"']),
        ("s.csv", b"image,tags\na.jpg,x\na.jpg,cat,dog\n", ["line 3", "3 cells", "|"]),
        ("s.csv", "image,tags\na.jpg,chat\n".encode("utf-16")[:-1], ["UTF-16", "UTF-8"]),
        ("s.csv", "image,tags\nä.jpg,x\na.jpg,".encode() + b"\xe9\n", ["line 3", "not UTF-8", "save it as UTF-8"]),
        ("s.csv", b"PK\x03\x04\x14\0\x06\0\x08\0\0\0!\0\xe9", ["NUL byte"]),
        ("s.csv", b"image,tags\na.jpg,cat\0dog\n", ["line 2", "NUL"]),
        ("s.csv", b'image,tags\na.jpg,"cat\nb.jpg,dog\n', ["not valid CSV", "quotes"]),
        ("s.csv", b"image,tags\na.jpg," + b"x" * 200_000 + b"\n", ["line 2", "not valid CSV"]),
        ("s.csv", b"image,tags\nother/x.jpg,cat\n", ["other/x.jpg", "relative to that folder"]),
        ("s.jsonl", b"image,tags\n", ["line 1", "not valid JSON"]),
        ("s.jsonl", b"[" * 100_000, ["line 1", "not valid JSON"]),
        ("s.jsonl", b'{"image": "a.jpg", "tags": []}\n[1]\n', ["line 2", "JSON object"]),
        ("s.jsonl", b'{"tags": ["x"]}', ["line 1", '"image"']),
        ("s.jsonl", b'{"image": 3, "tags": ["x"]}', ["line 1", '"image"']),
        ("s.jsonl", b'{"image": "a.jpg"}', ["line 1", '"tags"']),
        ("s.jsonl", b'{"image": "a.jpg", "tags": [1]}', ["line 1", '"tags"']),
        ("s.jsonl", b"\n\n", ["no rows"]),
    ],
)
def test_malformed_files(tmp_path: Path, photos: PhotoSet, name: str, content: bytes, words: list[str]) -> None:
    with pytest.raises(SeedsError) as caught:
        read(tmp_path, photos, content, name)
    message = str(caught.value)
    assert name in message
    assert "\n" not in message
    assert [word for word in words if word not in message] == []


def test_what_is_no_file(tmp_path: Path, photos: PhotoSet, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "large.csv").write_text("image,tags\na.jpg,cat\n")
    monkeypatch.setattr(tags_file, "MAX_FILE_BYTES", 10)
    for source, words in (
        (tmp_path / "no\x1bwhere.csv", "no\\x1bwhere.csv: is not there"),
        (tmp_path, "is a folder"),
        (tmp_path / "pipe", "not a regular file"),
        (tmp_path / "large.csv", "is larger than"),
        ("nul\0.csv", "cannot be read"),
        ("x" * 5000, "cannot be read"),
    ):
        with pytest.raises(SeedsError) as caught:
            read_seed_tags(photos, source)
        assert words in str(caught.value)


def test_a_tag_is_shown_as_it_is_usually_written(tmp_path: Path, photos: PhotoSet) -> None:
    seeds = read(tmp_path, photos, "image,tags\na.jpg,New York|cat\nsub/b c.jpg,#new york|Cat\na.jpg,New  York\n")
    assert seeds.vocabulary == ("cat", "New York")
    assert seeds.matrix.all()


def test_folder_names_are_tags(tmp_path: Path) -> None:
    photos = photo_set(tmp_path, "top.jpg", "Animals/Cats/a.jpg", ("Animals/b.jpg", "best of/b.jpg"))
    seeds = read_seed_tags(photos, "folders")
    assert tags_of(seeds) == {1: {"Animals", "Cats"}, 2: {"Animals", "best of"}}
    with pytest.raises(SeedsError, match="no photo is in a folder"):
        read_seed_tags(photo_set(tmp_path, "top.jpg"), "folders")


def test_a_file_called_folders(tmp_path: Path, photos: PhotoSet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("folders").write_text("image,tags\na.jpg,cat\n")
    assert tags_of(read_seed_tags(photos, "./folders")) == {0: {"cat"}}
    assert tags_of(read_seed_tags(photos, "folders")) == {1: {"sub"}, 3: {"sub"}}


def test_without_a_source(photos: PhotoSet, tmp_path: Path) -> None:
    embedded = {"hash1": ("Sea", "sea ", "#Sun #Sand"), "hash2": (), "elsewhere": ("x",)}
    assert read_seed_tags(photos, None).n_labelled == 0
    assert tags_of(read_seed_tags(photos, None, embedded=embedded)) == {1: {"sea", "Sun", "Sand"}}
    default = photos.root / "tags.csv"
    default.write_text("image,tags\na.jpg,cat\n")
    assert tags_of(read_seed_tags(photos, None, embedded=embedded)) == {0: {"cat"}}
    default.rename(tmp_path / "outside.csv")
    default.symlink_to(tmp_path / "outside.csv")
    seeds = read_seed_tags(photos, None, embedded=embedded)
    assert tags_of(seeds) == {1: {"sea", "Sun", "Sand"}}
    assert "--tags" in seeds.notices[0]


def test_no_photos(tmp_path: Path) -> None:
    assert read_seed_tags(photo_set(tmp_path), "folders").n_labelled == 0
    assert read_seed_tags(photo_set(tmp_path), None).vocabulary == ()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("seeds.csv", "image,tags,complete\na.jpg,cat,no\nsub/b c.jpg,dog,\ncafé.jpg,cat,YES\nd.jpg,dog, No \n"),
        (
            "seeds.jsonl",
            '{"image": "a.jpg", "tags": ["cat"], "complete": "no"}\n{"image": "sub/b c.jpg", "tags": ["dog"]}\n'
            '{"image": "café.jpg", "tags": "cat", "complete": true}\n'
            '{"image": "d.jpg", "tags": "dog", "complete": false}\n',
        ),
    ],
)
def test_a_row_may_say_that_its_tags_are_not_all(tmp_path: Path, photos: PhotoSet, name: str, content: str) -> None:
    seeds = read(tmp_path, photos, content, name)
    assert seeds.in_full.tolist() == [False, True, True, False]
    assert seeds.stated is not None
    assert seeds.stated.tolist() == [[True, False], [True, True], [True, True], [False, True]]
    plain = read(tmp_path, photos, "image,tags,complete\na.jpg,cat,yes\n")
    assert plain.partial is None and plain.stated is None


def test_rows_of_one_photo_are_complete_where_one_of_them_is(tmp_path: Path, photos: PhotoSet) -> None:
    rows = "d.jpg,cat,no\nsub/copy of d.jpg,dog,yes\na.jpg,cat,no\na.jpg,dog,no\n"
    seeds = read(tmp_path, photos, f"image,tags,complete\n{rows}")
    assert tags_of(seeds) == {0: {"cat", "dog"}, 3: {"cat", "dog"}}
    assert seeds.in_full.tolist() == [False, True]


def test_a_row_without_tags_that_is_not_complete_says_nothing(tmp_path: Path, photos: PhotoSet) -> None:
    seeds = read(tmp_path, photos, "image,tags,complete\na.jpg,cat,\nd.jpg,,no\n")
    assert len(seeds.none) == 0
    assert any("d.jpg" in notice and "ignored" in notice for notice in seeds.notices)


@pytest.mark.parametrize(
    ("name", "content", "found"),
    [
        ("seeds.csv", "image,tags,complete\na.jpg,cat,yes\nd.jpg,dog,maybe\n", "maybe"),
        ("seeds.jsonl", '{"image": "a.jpg", "tags": []}\n{"image": "d.jpg", "tags": [], "complete": 1}\n', "1"),
    ],
)
def test_another_word_than_yes_or_no_is_an_error(
    tmp_path: Path, photos: PhotoSet, name: str, content: str, found: str
) -> None:
    with pytest.raises(SeedsError) as error:
        read(tmp_path, photos, content, name)
    assert all(part in str(error.value) for part in (name, "line 2" if "jsonl" in name else "line 3", found))
    assert "write yes" in str(error.value) and "no where" in str(error.value)

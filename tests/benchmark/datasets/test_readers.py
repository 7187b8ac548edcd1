"""Labels as others write them: what is read, and which file and line a fault is in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from clustertags.benchmark.datasets.coco import read_coco
from clustertags.benchmark.datasets.flickr8k import read_flickr8k
from clustertags.benchmark.datasets.harrison import read_harrison, resolve_paths
from clustertags.benchmark.datasets.label_files import read_labels_text
from clustertags.benchmark.datasets.label_formats import LabelFormat, find_labels, guess_label_format, read_labels
from clustertags.errors import SeedsError, UsageError
from clustertags.types import Photo, PhotoSet


def harrison(
    folder: Path,
    data: str = "set/sea/a.jpg\nset/sky/b.jpg\n",
    tags: str = "sea sun \nsky sea\n",
    vocabulary: str = "sea 0\nsun 1\nsky 2\n",
) -> Path:
    (folder / "data_list.txt").write_text(data)
    (folder / "tag_list.txt").write_text(tags)
    (folder / "vocab_index.txt").write_text(vocabulary)
    return folder


def photo_set(root: Path, *paths: str) -> PhotoSet:
    return PhotoSet(root, tuple(Photo("", (path,)) for path in paths), ())


def test_harrisons_lists_go_line_by_line(tmp_path: Path) -> None:
    lists = read_harrison(harrison(tmp_path))
    assert lists.paths == ("set/sea/a.jpg", "set/sky/b.jpg")
    assert lists.tags == (("sea", "sun"), ("sky", "sea"))
    assert lists.vocabulary == ("sea", "sun", "sky")


def test_harrisons_photos_are_found_with_their_first_folder_or_without_it(tmp_path: Path) -> None:
    paths = ("set/sea/a.jpg", "set/sky/b.jpg")
    assert resolve_paths(tmp_path, paths) == ("sea/a.jpg", "sky/b.jpg")
    (tmp_path / "set").mkdir()
    assert resolve_paths(tmp_path, paths) == paths


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"tags": "sea\n"}, "tag_list.txt: has 1 lines and data_list.txt 2"),
        ({"tags": "sea\nsnow\n"}, "tag_list.txt, line 2: snow is not in vocab_index.txt"),
        ({"vocabulary": "sea 0\nsun 2\n"}, "vocab_index.txt, line 2: must hold a tag of its own and the number 1"),
        ({"vocabulary": "sea 0\nsea 1\n"}, "vocab_index.txt, line 2"),
        ({"data": "set/a.jpg\n../../etc/passwd\n"}, "data_list.txt, line 2: .*does not name a file below"),
        ({"data": "set/a.jpg\n/etc/passwd\n"}, "data_list.txt, line 2"),
        ({"data": "set/a.jpg\nC:\\b.jpg\n"}, "data_list.txt, line 2"),
        ({"data": "\n\n"}, "data_list.txt, line 1: an empty name"),
        ({"data": ""}, "data_list.txt: is empty"),
        ({"data": "a\0b\nc\n"}, "data_list.txt, line 1: holds a NUL"),
    ],
)
def test_a_fault_in_harrisons_lists_names_the_file_and_line(
    tmp_path: Path, changed: dict[str, str], message: str
) -> None:
    with pytest.raises(SeedsError, match=message):
        read_harrison(harrison(tmp_path, **changed))


def test_a_missing_list_is_named(tmp_path: Path) -> None:
    with pytest.raises(SeedsError, match=r"vocab_index\.txt: is not there"):
        read_harrison(tmp_path)


COCO = {
    "images": [{"id": 7, "file_name": "a.jpg"}, {"id": 8, "file_name": "b.jpg"}, {"id": 9, "file_name": "c.jpg"}],
    "annotations": [
        {"image_id": 8, "category_id": 1, "bbox": [0, 0, 1, 1]},
        {"image_id": 7, "category_id": 2},
        {"image_id": 7, "category_id": 1},
        {"image_id": 7, "category_id": 2},
    ],
    "categories": [{"id": 1, "name": "person"}, {"id": 2, "name": "dog"}],
}


def test_cocos_categories_are_tags_once_a_photo(tmp_path: Path) -> None:
    path = tmp_path / "instances.json"
    path.write_text(json.dumps(COCO))
    assert [(row.image, row.tags) for row in read_coco(path)] == [("a.jpg", ("dog", "person")), ("b.jpg", ("person",))]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"images": [\n{"id": }]}', "line 2: is not valid JSON"),
        ("[]", "is no JSON object"),
        ("[" * 100_000, "nested too deeply|not valid JSON"),
        (json.dumps({**COCO, "images": 3}), 'has no list "images"'),
        (json.dumps({**COCO, "images": [{"id": "x", "file_name": "a.jpg"}]}), r'images\[0\] has no "id"'),
        (json.dumps({**COCO, "images": [{"id": 7, "file_name": 5}]}), r'images\[0\] has no "file_name"'),
        (json.dumps({**COCO, "annotations": [{"image_id": 99, "category_id": 1}]}), r"annotations\[0\] names"),
        (json.dumps({**COCO, "annotations": ["x"]}), r'annotations\[0\] has no "image_id"'),
        (json.dumps({**COCO, "annotations": []}), "annotates no image"),
        (json.dumps(COCO).replace("a.jpg", "../a.jpg"), "does not name a file below"),
    ],
)
def test_a_fault_in_cocos_file_says_where(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "instances.json"
    path.write_text(text)
    with pytest.raises(SeedsError, match=message):
        read_coco(path)


def test_flickr8ks_tags_are_the_words_that_two_captions_share(tmp_path: Path) -> None:
    path = tmp_path / "Flickr8k.token.txt"
    path.write_text(
        "a.jpg#0\tA dog runs on the beach .\na.jpg#1\tThe Dog and the dog play\na.jpg#2\tA ball on a beach\n"
        "b.jpg#0\tA cat\nb.jpg#1\tA bird\n"
    )
    assert [(row.line, row.image, row.tags) for row in read_flickr8k(path)] == [(1, "a.jpg", ("beach", "dog"))]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("no tab here", "line 2: must read"),
        ("../b.jpg#0\tA dog", "line 2: .*does not name a file below"),
        ("x" * 200_000, "line 2: has more than"),
    ],
)
def test_a_fault_in_the_captions_names_the_line(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "Flickr8k.token.txt"
    path.write_text(f"a.jpg#0\tA dog\n{line}\n")
    with pytest.raises(SeedsError, match=message):
        read_flickr8k(path)


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "labels"
    path.write_bytes(b"x" * (2 * 2**20))
    with pytest.raises(SeedsError, match="larger than 1 MiB"):
        read_labels_text(path, 2**20)


def test_a_file_that_is_no_utf_8_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "labels"
    path.write_bytes(b"fine\ncaf\xe9\n")
    with pytest.raises(SeedsError, match="line 2: is not UTF-8"):
        read_labels_text(path)


def test_the_layout_is_told_by_the_name(tmp_path: Path) -> None:
    assert guess_label_format("folders") is LabelFormat.FOLDERS
    assert guess_label_format(Path("instances_val2017.json")) is LabelFormat.COCO
    assert guess_label_format(Path("Flickr8k.token.txt")) is LabelFormat.FLICKR8K
    assert guess_label_format(Path("labels.csv")) is LabelFormat.CSV
    assert guess_label_format(harrison(tmp_path)) is LabelFormat.HARRISON


def test_labels_in_the_folder_are_found_before_its_folders(tmp_path: Path) -> None:
    assert find_labels(tmp_path, None) == "folders"
    (tmp_path / "labels.csv").write_text("image,tags\n")
    assert find_labels(tmp_path, None) == tmp_path / "labels.csv"
    assert find_labels(tmp_path, "folders") == "folders"


def test_every_layout_gives_the_photos_their_tags(tmp_path: Path) -> None:
    photos = photo_set(tmp_path, "sea/a.jpg", "sky/b.jpg")
    named = read_labels(photos, harrison(tmp_path), LabelFormat.HARRISON)
    assert (named.vocabulary, named.matrix.tolist()) == (
        ("sea", "sky", "sun"),
        [[True, False, True], [True, True, False]],
    )
    folders = read_labels(photos, "folders", LabelFormat.FOLDERS)
    assert (folders.vocabulary, folders.matrix.tolist()) == (("sea", "sky"), [[True, False], [False, True]])
    with pytest.raises(UsageError, match="no folder: --tags takes the folder of HARRISON"):
        read_labels(photos, tmp_path / "labels.csv", LabelFormat.HARRISON)

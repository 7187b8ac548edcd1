from __future__ import annotations

from pathlib import Path

import pytest

from clustertags.errors import UsageError
from clustertags.export.folders import sort_into_folders
from clustertags.export.records import Predicted, Record
from tests.made.photos import write_photos


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write_photos(tmp_path / "photos", 1, 3)
    return tmp_path / "photos"


def as_records(root: Path, *tags: tuple[str, ...]) -> list[Record]:
    paths = sorted(path.name for path in root.iterdir())
    return [
        Record(at, path, given[:1], tuple(Predicted(tag, 0.9) for tag in given[1:]), (at % 2, "dog: a/b"))
        for at, (path, given) in enumerate(zip(paths, tags, strict=False))
    ]


def test_each_tag_has_a_folder_of_links_and_photos_stay_where_they_are(root: Path) -> None:
    before = sorted(root.iterdir())
    records = as_records(root, ("dog", "beach"), ("dog",), ())
    done = sort_into_folders(records, root, root.parent / "by", "tags")
    assert (done.n_folders, done.n_files, done.missing) == (2, 3, ())
    links = sorted((root.parent / "by" / "dog").iterdir())
    assert [link.name for link in links] == [record.path for record in records[:2]]
    assert all(link.is_symlink() and link.resolve() == root / link.name for link in links)
    assert sorted(root.iterdir()) == before


def test_clusters_have_folders_whose_names_any_system_takes(root: Path) -> None:
    sort_into_folders(as_records(root, (), (), ()), root, root.parent / "by", "clusters", copy=True)
    assert sorted(folder.name for folder in (root.parent / "by").iterdir()) == ["000 dog_ a_b", "001 dog_ a_b"]
    copied = next((root.parent / "by" / "001 dog_ a_b").iterdir())
    assert not copied.is_symlink()
    assert copied.read_bytes() == (root / copied.name).read_bytes()


def test_hostile_tags_stay_in_the_folder(root: Path) -> None:
    tags = ("../../up", "..", "CON", "a\x1b[2J", "Dog", "dog", "x" * 300)
    sort_into_folders(as_records(root, tags), root, root.parent / "by", "tags")
    names = {folder.name for folder in (root.parent / "by").iterdir()}
    assert {path.name for path in root.parent.iterdir()} == {"photos", "by"}
    assert names >= {"_.._up", "_", "_CON", "Dog", "dog (2)"}
    assert all(len(name.encode()) < 255 and name.isprintable() for name in names)
    assert len(names) == len(tags)


def test_photos_of_one_name_are_numbered(root: Path) -> None:
    name = min(path.name for path in root.iterdir())
    (root / "sub").mkdir()
    (root / name).rename(root / "sub" / name)
    write_photos(root, 1, 1)
    records = [Record(0, f"sub/{name}", ("dog",), (), None), Record(1, name, ("dog",), (), None)]
    sort_into_folders(records, root, root.parent / "by", "tags")
    stem, _, suffix = name.rpartition(".")
    assert {link.name for link in (root.parent / "by" / "dog").iterdir()} == {name, f"{stem} (2).{suffix}"}


def test_a_missing_photo_is_reported(root: Path) -> None:
    records = [Record(0, "gone.jpg", ("dog",), (), None), *as_records(root, ("dog",))]
    done = sort_into_folders(records, root, root.parent / "by", "tags")
    assert (done.n_files, done.missing) == (1, ("gone.jpg",))


def test_nothing_is_replaced_and_nothing_is_written_among_the_photos(root: Path) -> None:
    records = as_records(root, ("dog",))
    (root.parent / "by").mkdir()
    with pytest.raises(UsageError, match="exists already"):
        sort_into_folders(records, root, root.parent / "by", "tags")
    with pytest.raises(UsageError, match="among the photos"):
        sort_into_folders(records, root, root / "by", "tags")
    assert not list((root.parent / "by").iterdir())
    assert len(list(root.iterdir())) == 3


def test_an_error_leaves_no_half_made_folder(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Path, target: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "symlink_to", full)
    with pytest.raises(OSError, match="No space"):
        sort_into_folders(as_records(root, ("dog",)), root, root.parent / "by", "tags")
    assert [path.name for path in root.parent.iterdir()] == ["photos"]

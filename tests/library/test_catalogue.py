from __future__ import annotations

import os
import sqlite3
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from clustertags.errors import DamagedError, LockedError, SchemaVersionError, StorageError
from clustertags.features.extracted_file import Content, ExtractedFile
from clustertags.library.catalogue import Catalogue
from clustertags.library.schema import SCHEMA_VERSION
from clustertags.library.sidecar_rows import SidecarRow, WrittenTag
from clustertags.photos.discovery import FoundFile
from clustertags.types import SkippedFile

ROOT = Path("/photos")


def content(number: float, keywords: tuple[str, ...] = ()) -> Content:
    return Content(np.array([number, 1, -1], np.float16), number * 2, 40, 30, keywords)


def used(path: str, content_hash: str, what: Content | None) -> ExtractedFile:
    return ExtractedFile(FoundFile(path, 10, 123456789), content_hash, what)


def test_what_is_recorded_is_read_back(tmp_path: Path) -> None:
    name = os.fsdecode(b"caf\xe9\n'.jpg")
    skipped = SkippedFile("bad.jpg", "damaged", is_photo=True)
    with Catalogue(tmp_path / "library.sqlite") as catalogue:
        catalogue.record(
            ROOT,
            [
                used(name, "aa", content(0.5, ("sea", "été"))),
                used("b.jpg", "bb", content(0.25)),
                ExtractedFile(FoundFile("bad.jpg", 5, 6), skipped=skipped),
            ],
            "net",
            "reader",
        )
    with Catalogue(tmp_path / "library.sqlite") as catalogue:
        known = catalogue.known_files(ROOT, "reader")
        assert {path: file.content_hash for path, file in known.items()} == {name: "aa", "b.jpg": "bb", "bad.jpg": None}
        assert known["bad.jpg"].skipped == skipped
        assert known[name].file == FoundFile(name, 10, 123456789)
        assert catalogue.extracted_hashes("net") == {"aa", "bb"}
        assert catalogue.extracted_hashes("another net") == set()
        features = catalogue.features(["bb", "aa"], "net", 3)
        np.testing.assert_array_equal(features.values, np.array([[0.25, 1, -1], [0.5, 1, -1]], np.float32))
        np.testing.assert_array_equal(features.norms, np.array([0.5, 1.0], np.float32))
        assert catalogue.keywords(["aa", "bb"]) == {"aa": ("sea", "été")}


def test_another_reader_tries_skipped_files_again(tmp_path: Path) -> None:
    with Catalogue(tmp_path / "library.sqlite") as catalogue:
        skipped = ExtractedFile(FoundFile("bad.jpg", 5, 6), skipped=SkippedFile("bad.jpg", "damaged", is_photo=True))
        catalogue.record(ROOT, [skipped, used("a.jpg", "aa", content(1))], "net", "old")
        assert set(catalogue.known_files(ROOT, "new")) == {"a.jpg"}


def test_pictures_are_kept_by_backbone(tmp_path: Path) -> None:
    picture = np.arange(1024).astype(np.uint8).reshape(32, 32)
    with Catalogue(tmp_path / "library.sqlite") as catalogue:
        pictured = replace(content(1), picture=picture)
        catalogue.record(ROOT, [used("a.jpg", "aa", pictured), used("b.jpg", "bb", content(1))], "net", "r")
        found = catalogue.pictures(["bb", "aa"], "net")
    assert found.shape == (2, 32, 32)
    assert not found[0].any()
    np.testing.assert_array_equal(found[1], picture)


def test_files_that_are_gone_are_forgotten_and_their_features_kept(tmp_path: Path) -> None:
    with Catalogue(tmp_path / "library.sqlite") as catalogue:
        catalogue.record(ROOT, [used("a.jpg", "aa", content(1)), used("b.jpg", "bb", content(1))], "net", "r")
        catalogue.record(Path("/other"), [used("a.jpg", "aa", None)], "net", "r")
        catalogue.forget_missing(ROOT, ["b.jpg"])
        assert set(catalogue.known_files(ROOT, "r")) == {"b.jpg"}
        assert set(catalogue.known_files(Path("/other"), "r")) == {"a.jpg"}
        assert catalogue.extracted_hashes("net") == {"aa", "bb"}


def test_missing_features_are_damage(tmp_path: Path) -> None:
    with Catalogue(tmp_path / "library.sqlite") as catalogue, pytest.raises(DamagedError, match=r"library\.sqlite"):
        catalogue.features(["aa"], "net", 3)


def test_an_error_inside_a_batch_records_nothing_of_it(tmp_path: Path) -> None:
    broken = ExtractedFile(FoundFile("b.jpg", None, 0), "bb", content(1))  # type: ignore[arg-type]
    with Catalogue(tmp_path / "library.sqlite") as catalogue:
        with pytest.raises(DamagedError):
            catalogue.record(ROOT, [used("a.jpg", "aa", content(1)), broken], "net", "r")
        assert catalogue.known_files(ROOT, "r") == {}
        assert catalogue.extracted_hashes("net") == set()


@pytest.mark.parametrize(("version", "age"), [(SCHEMA_VERSION + 1, "newer"), (0, "older")])
def test_a_catalogue_of_another_version_is_refused_and_left_alone(tmp_path: Path, version: int, age: str) -> None:
    path = tmp_path / "library.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE theirs (x)")
    connection.execute(f"PRAGMA user_version = {version}")
    connection.commit()
    connection.close()
    with pytest.raises(SchemaVersionError, match=age):
        Catalogue(path)
    connection = sqlite3.connect(path)
    assert connection.execute("SELECT count(*) FROM theirs").fetchone() == (0,)
    connection.close()


def test_a_damaged_catalogue_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "library.sqlite").write_bytes(b"not a database" * 100)
    with pytest.raises(DamagedError, match="verify --repair"):
        Catalogue(tmp_path / "library.sqlite")


def test_a_folder_that_is_not_there_is_a_storage_error(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="--artifacts"):
        Catalogue(tmp_path / "missing" / "library.sqlite")


def test_the_journal_only_grows(tmp_path: Path) -> None:
    path = tmp_path / "library.sqlite"
    with Catalogue(path) as catalogue:
        assert catalogue.last_edit() == 0
        first = catalogue.append_edit("Rename", {"name": "été"})
        assert catalogue.append_edit("undo", {}, after=first.number).number == 2
        with pytest.raises(LockedError, match="another process"):
            catalogue.append_edit("undo", {}, after=first.number)
    connection = sqlite3.connect(path)
    for statement in ("DELETE FROM edits", "UPDATE edits SET kind = 'x'"):
        with pytest.raises(sqlite3.IntegrityError, match="never"):
            connection.execute(statement)
    connection.close()
    with Catalogue(path) as catalogue:
        assert [(row.number, row.kind) for row in catalogue.edit_rows()] == [(1, "Rename"), (2, "undo")]


def test_when_a_photo_joined_is_kept_once(tmp_path: Path) -> None:
    with Catalogue(tmp_path / "library.sqlite") as catalogue:
        catalogue.note_joined(["aa"], if_none=True)
        catalogue.append_edit("Show", {})
        catalogue.note_joined(["bb"], if_none=True)
        assert catalogue.joined() == {}, "photos were noted before"
        catalogue.note_joined(["aa", "bb"])
        catalogue.append_edit("Show", {})
        catalogue.note_joined(["aa", "bb", "cc"])
        assert catalogue.joined() == {"bb": 1, "cc": 2}


def test_sharpness_is_kept(tmp_path: Path) -> None:
    with Catalogue(tmp_path / "library.sqlite") as catalogue:
        catalogue.record_sharpness({"aa": 1.5, "bb": 2})
        catalogue.record_sharpness({"aa": 3.0})
    with Catalogue(tmp_path / "library.sqlite") as catalogue:
        assert catalogue.sharpness() == {"aa": 3.0, "bb": 2.0}


def test_why_a_photo_is_blank_is_kept_until_it_is_found_to_be_something(tmp_path: Path) -> None:
    black = replace(content(1), blank="nothing to see: one colour")
    with Catalogue(tmp_path / "library.sqlite") as catalogue:
        catalogue.record(ROOT, [used("a.jpg", "aa", black), used("b.jpg", "bb", content(1))], "net", "r")
        catalogue.record(ROOT, [used("copy.jpg", "aa", None)], "net", "r")
        assert catalogue.blank(["aa", "bb"]) == {"aa": "nothing to see: one colour"}
        assert catalogue.blank(["bb"]) == {}
        catalogue.record(ROOT, [used("a.jpg", "aa", content(1))], "another net", "r")
        assert catalogue.blank(["aa", "bb"]) == {}


def test_the_catalogue_of_the_last_version_opens_with_all_that_it_holds(tmp_path: Path) -> None:
    path = tmp_path / "library.sqlite"
    with Catalogue(path) as catalogue:
        catalogue.record(ROOT, [used("a.jpg", "aa", content(1, ("sea",)))], "net", "r")
        edit = catalogue.append_edit("Show", {})
        catalogue.record_sharpness({"aa": 1.5})
    old = sqlite3.connect(path)
    old.execute("DROP TABLE blank")
    old.execute("PRAGMA user_version = 2")
    old.commit()
    old.close()
    for _ in range(2):
        with Catalogue(path) as catalogue:
            assert "aa" in catalogue.extracted_hashes("net")
            assert catalogue.keywords(["aa"]) == {"aa": ("sea",)}
            assert catalogue.edit_rows() == (edit,)
            assert catalogue.sharpness() == {"aa": 1.5}
            assert catalogue.blank(["aa"]) == {}, "photos of that time are taken to show something"
            catalogue.record(ROOT, [used("b.jpg", "bb", replace(content(2), blank="noise"))], "net", "r")
            assert catalogue.blank(["aa", "bb"]) == {"bb": "noise"}


def test_a_catalogue_of_version_3_opens_and_keeps_what_was_written_into_sidecars(tmp_path: Path) -> None:
    path = tmp_path / "library.sqlite"
    with Catalogue(path) as catalogue:
        catalogue.record(ROOT, [used("a.jpg", "aa", content(1, ("sea",)))], "net", "r")
    old = sqlite3.connect(path)
    old.execute("DROP TABLE sidecars")
    old.execute("PRAGMA user_version = 3")
    old.commit()
    old.close()
    tag = WrittenTag("dc:subject", "snow", "predicted", 0.9, "0007", "2026-01-02")
    name = os.fsdecode(b"caf\xe9.jpg.xmp")
    row = SidecarRow(name, "a.jpg", "aa", "2026-01-02", "0007", "", "ff", ("sidecar",), (tag,), b"original")
    for _ in range(2):
        with Catalogue(path) as catalogue:
            assert catalogue.keywords(["aa"]) == {"aa": ("sea",)}
            catalogue.sidecars.intend(ROOT, [row], "writing")
            assert catalogue.sidecars.pending(ROOT, "writing") == (row,)
            catalogue.sidecars.settle(ROOT, [name], [])
        with Catalogue(path) as catalogue:
            assert catalogue.sidecars.written(ROOT) == {name: row}
            assert catalogue.sidecars.written(Path("/other")) == {}
            assert catalogue.sidecars.pending(ROOT, "writing") == ()


def test_what_was_intended_for_a_sidecar_and_not_done_leaves_what_was_written_before(tmp_path: Path) -> None:
    row = SidecarRow("a.xmp", "a.jpg", "aa", "2026-01-02", "0007", "", "ff", (), ())
    with Catalogue(tmp_path / "library.sqlite") as catalogue:
        catalogue.sidecars.intend(ROOT, [row], "writing")
        catalogue.sidecars.settle(ROOT, [row.path], [])
        catalogue.sidecars.intend(ROOT, [replace(row, after_hash="ee")], "writing")
        catalogue.sidecars.settle(ROOT, [], [row.path])
        assert catalogue.sidecars.written(ROOT) == {"a.xmp": row}
        catalogue.sidecars.intend(ROOT, [replace(row, after_hash="")], "undoing")
        catalogue.sidecars.settle(ROOT, [row.path], [])
        assert catalogue.sidecars.written(ROOT) == {}
        assert catalogue.sidecars.pending(ROOT, "undoing") == ()


def test_a_catalogue_that_another_process_holds_is_busy_and_not_damaged(tmp_path: Path) -> None:
    path = tmp_path / "library.sqlite"
    with Catalogue(path, wait_seconds=0.1) as catalogue:
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(LockedError, match="wait"):
            catalogue.append_edit("Show", {})
        other.execute("ROLLBACK")
        other.close()
        assert catalogue.append_edit("Show", {}).number == 1

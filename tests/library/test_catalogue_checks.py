"""The catalogue is checked as it lies there: nothing beside it changes, and damage has a name and a remedy."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from clustertags.errors import DamagedError
from clustertags.features.extracted_file import Content, ExtractedFile
from clustertags.library.artifacts import Artifacts
from clustertags.library.catalogue import Catalogue
from clustertags.library.catalogue_checks import check_catalogue, check_features, reading_only
from clustertags.library.verification import Check
from clustertags.photos.discovery import FoundFile
from tests.made.folders import digests


@pytest.fixture
def artifacts(tmp_path: Path) -> Artifacts:
    places = Artifacts(tmp_path / "artifacts")
    places.folder.mkdir()
    with Catalogue(places.catalogue) as catalogue:
        content = Content(np.array([0.5, 1, -1], np.float16), 2.0, 40, 30, ("sea",))
        catalogue.record(Path("/photos"), [ExtractedFile(FoundFile("a.jpg", 1, 2), "aa", content)], "net", "r")
        catalogue.append_edit("Rename", {"name": "harbour"})
    return places


def only(artifacts: Artifacts) -> Check:
    (check,) = check_catalogue(artifacts)
    return check


def execute(artifacts: Artifacts, *statements: str) -> None:
    connection = sqlite3.connect(artifacts.catalogue)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def test_a_whole_catalogue_is_right_and_is_only_read(artifacts: Artifacts) -> None:
    before = digests(artifacts.folder)
    assert only(artifacts).status == "right"
    assert check_features(artifacts, ["aa"], "net", 3).status == "right"
    assert digests(artifacts.folder) == before


def test_what_is_in_sqlites_log_is_read_and_left_there(artifacts: Artifacts, tmp_path: Path) -> None:
    with Catalogue(artifacts.catalogue) as catalogue:
        catalogue.append_edit("Rename", {"name": "in the log"})
        killed = Artifacts(Path(shutil.copytree(artifacts.folder, tmp_path / "killed")))
    (killed.folder / "library.sqlite-shm").unlink()
    before = digests(killed.folder)
    with reading_only(killed.catalogue) as connection:
        assert connection.execute("SELECT count(*) FROM edits").fetchone() == (2,)
    assert only(killed).status == "right"
    assert digests(killed.folder) == before


def test_an_older_catalogue_is_right_and_stays_one(artifacts: Artifacts) -> None:
    execute(artifacts, "DROP TABLE checksums", "PRAGMA user_version = 4")
    before = digests(artifacts.folder)
    assert only(artifacts).status == "right"
    assert "schema 4" in only(artifacts).found
    assert digests(artifacts.folder) == before


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ("UPDATE contents SET keywords = '[\"see\"]'", "1 row of contents"),
        ("UPDATE features SET norm = 2.5", "1 row of features"),
        ("DELETE FROM files", "1 row of files"),
        ("DELETE FROM checksums WHERE source = 'edits'", "1 row of edits"),
    ],
)
def test_a_row_that_is_not_as_written_or_gone_is_damage(artifacts: Artifacts, statement: str, found: str) -> None:
    execute(artifacts, statement)
    check = only(artifacts)
    assert (check.status, check.remedy) == ("wrong", "run `clustertags verify --repair`")
    assert found in check.found


def test_a_damaged_row_is_not_given_a_new_checksum_by_a_write(artifacts: Artifacts) -> None:
    execute(artifacts, "UPDATE contents SET keywords = '[\"see\"]'")
    with Catalogue(artifacts.catalogue) as catalogue, pytest.raises(DamagedError, match="not as it was written"):
        copy = ExtractedFile(FoundFile("b.jpg", 1, 2), "aa", None, keywords=("beach",))
        catalogue.record(Path("/photos"), [copy], "net", "r")
    assert only(artifacts).status == "wrong"


def test_photos_without_sound_features_are_counted(artifacts: Artifacts) -> None:
    assert "1 photo without usable features" in check_features(artifacts, ["aa", "bb"], "net", 3).found
    assert "1 photo without usable features" in check_features(artifacts, ["aa"], "net", 4).found
    execute(artifacts, "UPDATE features SET norm = 9e999")
    assert check_features(artifacts, ["aa"], "net", 3).status == "wrong"
    execute(artifacts, "UPDATE features SET norm = 1.0", "DELETE FROM contents")
    assert "without size and keywords" in check_features(artifacts, ["aa"], "net", 3).found


def test_without_a_catalogue_it_says_what_is_lost(artifacts: Artifacts) -> None:
    artifacts.catalogue.unlink()
    assert "edits" in only(artifacts).remedy
    assert not artifacts.catalogue.exists()

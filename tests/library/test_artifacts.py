from __future__ import annotations

import errno
import json
import subprocess
import sys
from pathlib import Path

import pytest

from clustertags.errors import DamagedError, LockedError, NotFittedError, SchemaVersionError, StorageError
from clustertags.library import storage
from clustertags.library.artifacts import SCHEMA_VERSION, Artifacts, Version
from clustertags.library.manifests import MANIFEST_FILE
from clustertags.library.storage import storage_errors, write_atomically


def publish(artifacts: Artifacts, text: str) -> Version:
    with artifacts.writing(), artifacts.staging() as staged:
        (staged / "data.json").write_text(text)
        return artifacts.publish(staged, {"counts": {}})


def test_a_published_version_is_the_current_one(tmp_path: Path) -> None:
    artifacts = Artifacts(tmp_path / "artifacts")
    publish(artifacts, "first")
    second = publish(artifacts, "second")
    current = artifacts.current()
    assert (current.name, second.name) == ("0002", "0002")
    assert (current.folder / "data.json").read_text() == "second"
    current.verify()


def test_everything_is_where_the_documents_say(tmp_path: Path) -> None:
    artifacts = Artifacts(tmp_path / "missing" / "folder")
    version = publish(artifacts, "first")
    assert version.folder == artifacts.folder / "models" / "0001"
    assert (artifacts.folder / "CURRENT").read_text() == "0001\n"
    manifest = json.loads((version.folder / "manifest.json").read_text())
    assert manifest == {**version.manifest, "version": "0001", "schema_version": SCHEMA_VERSION, "counts": {}}
    places = (artifacts.catalogue, artifacts.gallery, artifacts.backbones)
    assert places == tuple(artifacts.folder / name for name in ("library.sqlite", "gallery", "backbones"))
    assert Artifacts().folder == Path("artifacts")


def test_an_interrupted_version_leaves_the_earlier_one_in_use(tmp_path: Path) -> None:
    artifacts = Artifacts(tmp_path)
    publish(artifacts, "first")
    with pytest.raises(KeyboardInterrupt), artifacts.writing(), artifacts.staging() as staged:
        (staged / "data.json").write_text("half")
        raise KeyboardInterrupt
    assert (artifacts.current().folder / "data.json").read_text() == "first"
    assert [path.name for path in (tmp_path / "models").iterdir()] == ["0001"]


def test_what_a_killed_process_left_is_cleared_away(tmp_path: Path) -> None:
    artifacts = Artifacts(tmp_path)
    (tmp_path / "models" / ".staging-killed").mkdir(parents=True)
    publish(artifacts, "first")
    assert [path.name for path in (tmp_path / "models").iterdir()] == ["0001"]


def test_only_the_last_versions_are_kept(tmp_path: Path) -> None:
    artifacts = Artifacts(tmp_path)
    for number in range(5):
        publish(artifacts, str(number))
    assert sorted(path.name for path in (tmp_path / "models").iterdir()) == ["0003", "0004", "0005"]


def test_nothing_fitted_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(NotFittedError, match="clustertags fit"):
        Artifacts(tmp_path / "nowhere").current()
    assert Artifacts(tmp_path / "nowhere").current_or_none() is None
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("text", ["", "../../etc", "0001x", "latest"])
def test_current_must_name_a_version(tmp_path: Path, text: str) -> None:
    (tmp_path / "CURRENT").write_text(text)
    with pytest.raises(DamagedError, match="CURRENT"):
        Artifacts(tmp_path).current()


@pytest.mark.parametrize(("version", "age"), [(SCHEMA_VERSION + 1, "newer"), (0, "older")])
def test_another_schema_version_is_refused(tmp_path: Path, version: int, age: str) -> None:
    folder = publish(Artifacts(tmp_path), "x").folder
    manifest = json.loads((folder / MANIFEST_FILE).read_text())
    (folder / MANIFEST_FILE).write_text(json.dumps({**manifest, "schema_version": version}))
    with pytest.raises(SchemaVersionError, match=age):
        Artifacts(tmp_path).current()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema_version": 1, "files": []}'])
def test_a_damaged_manifest_is_one_clear_error(tmp_path: Path, text: str) -> None:
    folder = publish(Artifacts(tmp_path), "x").folder
    (folder / MANIFEST_FILE).write_text(text)
    with pytest.raises(DamagedError, match="fit again"):
        Artifacts(tmp_path).current()


def test_a_manifest_that_says_anything_else_is_damaged_and_an_older_one_opens(tmp_path: Path) -> None:
    path = publish(Artifacts(tmp_path), "x").folder / MANIFEST_FILE
    manifest = json.loads(path.read_text())
    path.write_text(json.dumps({**manifest, "counts": {"photos": 3}}))
    with pytest.raises(DamagedError, match=r"manifest\.json is damaged"):
        Artifacts(tmp_path).current()
    del manifest["manifest_sha256"]
    path.write_text(json.dumps(manifest))
    assert Artifacts(tmp_path).current().name == "0001"


def test_a_flipped_bit_in_current_never_names_another_version(tmp_path: Path) -> None:
    artifacts = Artifacts(tmp_path)
    for number in range(3):
        publish(artifacts, str(number))
    (tmp_path / "CURRENT").write_text("0002\n")
    assert artifacts.current().name == "0003", "its check says so"
    assert not artifacts.is_current_as_written
    (tmp_path / "CURRENT.check").write_text("0001 " + "0" * 64)
    assert artifacts.current().name == "0002", "a damaged check says nothing"
    (tmp_path / "CURRENT.check").unlink()
    assert artifacts.current().name == "0002", "an earlier program wrote no check"
    assert artifacts.is_current_as_written


@pytest.mark.parametrize("writes", range(2))
def test_a_process_killed_while_a_version_is_put_in_use_leaves_the_old_or_the_new(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, writes: int
) -> None:
    artifacts = Artifacts(tmp_path)
    publish(artifacts, "old")
    publish(artifacts, "new")
    left = iter(range(writes))

    def killed(path: Path, data: bytes) -> None:
        if next(left, None) is None:
            raise KeyboardInterrupt
        write_atomically(path, data)

    monkeypatch.setattr("clustertags.library.artifacts.write_atomically", killed)
    with pytest.raises(KeyboardInterrupt):
        artifacts.put_in_use("0001")
    assert artifacts.current().name == ("0001" if writes else "0002")


def test_a_changed_or_missing_file_is_found(tmp_path: Path) -> None:
    version = publish(Artifacts(tmp_path), "x")
    (version.folder / "data.json").write_text("y")
    with pytest.raises(DamagedError, match=r"data\.json is damaged"):
        version.verify()
    (version.folder / "data.json").unlink()
    with pytest.raises(DamagedError, match=r"data\.json is missing"):
        version.verify(["data.json"])
    with pytest.raises(DamagedError, match=r"other\.json"):
        version.verify(["other.json"])


HOLD = """
import sys
from pathlib import Path
from clustertags.library.artifacts import Artifacts
with Artifacts(Path(sys.argv[1])).writing():
    print("held", flush=True)
    sys.stdin.read()
"""


def test_two_writers_do_not_meet_and_a_killed_one_lets_go(tmp_path: Path) -> None:
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(LockedError, match="another clustertags"), Artifacts(tmp_path).writing():
            raise AssertionError("both hold the lock")
        other.kill()
    with Artifacts(tmp_path).writing():
        assert (tmp_path / ".lock").exists()


def test_a_full_disk_is_one_clear_error_and_the_old_file_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "CURRENT"
    write_atomically(target, b"old")

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(storage.os, "fsync", full)
    with pytest.raises(StorageError, match="make room"), storage_errors(tmp_path):
        write_atomically(target, b"new")
    assert target.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["CURRENT"]


def test_a_place_that_cannot_be_written_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(StorageError, match="name a folder"), Artifacts(tmp_path / "file").writing():
        raise AssertionError("a file became a folder")


def test_files_of_another_form_are_one_clear_error(tmp_path: Path) -> None:
    from clustertags.library.saving import load_library

    version = publish(Artifacts(tmp_path), "whole, but not what a fit writes")
    with pytest.raises(DamagedError):
        load_library(version)

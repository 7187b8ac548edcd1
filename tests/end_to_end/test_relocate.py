"""A library whose photo folder was moved or renamed."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from clustertags.cli.relocate import moved_notice
from clustertags.library.artifacts import Artifacts
from clustertags.library.saving import load_library
from clustertags.workflows.relocate import relocate
from tests.conftest import Library, Ran
from tests.made.folders import digests
from tests.made.photos import made_photo

Run = Callable[..., Ran]


@pytest.fixture
def moved(own_library: Library, tmp_path: Path) -> Path:
    """The photos at a new place, of a library that names an old one, which is gone."""
    new = Path(shutil.copytree(own_library.photos, tmp_path / "moved"))
    gone = tmp_path / "gone"
    gone.symlink_to(new)
    relocate(gone, own_library.artifacts)
    gone.unlink()
    return new


def root_of(artifacts: Path) -> Path:
    return load_library(Artifacts(artifacts).current()).root


def test_the_library_finds_its_photos_again(run: Run, own_library: Library, moved: Path) -> None:
    artifacts = own_library.artifacts
    before = digests(moved)
    ran = run("gallery", "--artifacts", artifacts)
    assert ran.status == 3
    assert "clustertags relocate NEW" in ran.err
    assert str(root_of(artifacts)) in moved_notice(artifacts), "what `serve` says"
    ran = run("relocate", moved, "--artifacts", artifacts)
    assert (ran.status, ran.out) == (0, f"48 of 48 photos found below {moved}\n")
    assert root_of(artifacts) == moved
    assert moved_notice(artifacts) == ""
    assert run("gallery", "--artifacts", artifacts).status == 0
    again = run("fit", moved, "--artifacts", artifacts, "--tags", own_library.seeds)
    assert "48 photos used, 0 skipped; 0 photos decoded" in again.out
    assert digests(moved) == before


def test_only_the_folder_changes_and_back_again(run: Run, own_library: Library, tmp_path: Path) -> None:
    artifacts = own_library.artifacts
    new = Path(shutil.copytree(own_library.photos, tmp_path / "new"))
    before = Artifacts(artifacts).current()
    run("relocate", new, "--artifacts", artifacts)
    after = Artifacts(artifacts).current()
    differing = {name for name, digest in before.manifest["files"].items() if after.manifest["files"][name] != digest}
    assert differing == {"photos.json"}
    after.verify()
    assert run("relocate", own_library.photos, "--artifacts", artifacts).status == 0
    back = Artifacts(artifacts).current()
    assert back.manifest["made_by"] == "relocate"
    own = {"version", "made_by", "made_of", "published", "manifest_sha256"}
    kept = before.manifest.keys() - own
    assert {key: back.manifest[key] for key in back.manifest.keys() - own} == {
        key: before.manifest[key] for key in kept
    }
    again = run("relocate", own_library.photos, "--artifacts", artifacts)
    assert "where the library had them" in again.out
    assert Artifacts(artifacts).current().name == back.name


def test_edits_and_tags_stay(run: Run, own_library: Library, moved: Path) -> None:
    artifacts = own_library.artifacts
    assert run("clusters", "rename", "0", "Beach", "--artifacts", artifacts).status == 0
    tagged = run("tag", moved / "000-0.jpg", "--artifacts", artifacts, "--format", "jsonl").out
    run("relocate", moved, "--artifacts", artifacts)
    assert run("tag", moved / "000-0.jpg", "--artifacts", artifacts, "--format", "jsonl").out == tagged
    assert "Beach" in run("clusters", "list", "--artifacts", artifacts).out


def test_a_folder_without_the_photos_is_refused(run: Run, own_library: Library, tmp_path: Path) -> None:
    artifacts, other = own_library.artifacts, tmp_path / "other"
    other.mkdir()
    for number in range(4):
        shutil.copy(own_library.photos / f"00{number}-0.jpg", other)
    before = digests(artifacts)
    ran = run("relocate", other, "--artifacts", artifacts)
    assert ran.status == 1
    assert f"{other} holds 4 of the 48 photos" in ran.err
    for wrong in (tmp_path / "missing", own_library.seeds):
        ran = run("relocate", wrong, "--artifacts", artifacts)
        assert ran.status == 1
        assert wrong.name in ran.err
    assert {name: digest for name, digest in digests(artifacts).items() if "sqlite-" not in name} == {
        name: digest for name, digest in before.items() if "sqlite-" not in name
    }


def test_other_photos_of_the_same_names_and_sizes_are_refused(run: Run, own_library: Library, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    for name in own_library.kinds:
        size = (own_library.photos / name).stat().st_size
        (other / name).write_bytes(os.urandom(size))
    ran = run("relocate", other, "--artifacts", own_library.artifacts)
    assert ran.status == 1
    assert "of 24 that were read 0 have the same content" in ran.err


def test_photos_that_are_gone_are_named(run: Run, own_library: Library, tmp_path: Path) -> None:
    new = Path(shutil.copytree(own_library.photos, tmp_path / "new"))
    (new / "001-2.jpg").unlink()
    made_photo(500, 9).save(new / "002-3.jpg")
    ran = run("relocate", new, "--artifacts", own_library.artifacts)
    assert ran.status == 3
    assert "46 of 48 photos found" in ran.out
    assert "001-2.jpg" in ran.err
    assert "002-3.jpg" in ran.err


def test_the_next_fit_of_a_moved_folder_decodes_nothing(run: Run, own_library: Library, tmp_path: Path) -> None:
    new = Path(shutil.copytree(own_library.photos, tmp_path / "new"))
    ran = run("fit", new, "--artifacts", own_library.artifacts, "--tags", own_library.seeds)
    assert "48 photos used, 0 skipped; 0 photos decoded" in ran.out
    assert root_of(own_library.artifacts) == new


def test_after_relocating_the_next_fit_reads_no_file(
    run: Run, own_library: Library, moved: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("relocate", moved, "--artifacts", own_library.artifacts)

    def refuse(*_: object, **__: object) -> bytes:
        raise AssertionError("a photo was read")

    monkeypatch.setattr("clustertags.features.photo_reading.read_file", refuse)
    ran = run("fit", moved, "--artifacts", own_library.artifacts, "--tags", own_library.seeds)
    assert "48 photos used" in ran.out
    shown = json.loads(run("info", "--json", "--artifacts", own_library.artifacts).out)
    assert shown["root"] == str(moved)

"""`clustertags verify`: what is sound is called so and left alone, damage is named, and what can be rebuilt is."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

import clustertags
from clustertags.editing.new_edits import rename
from clustertags.features.conversion import PARAMETERS_FILE
from clustertags.library.artifacts import Artifacts
from clustertags.library.backbone_cache import CACHE_VARIABLE
from clustertags.library.catalogue import Catalogue
from clustertags.library.manifests import MANIFEST_FILE
from clustertags.library.publishing import publish_moved
from clustertags.library.row_checks import fill_in
from clustertags.workflows.edit import Editor
from clustertags.workflows.relocate import relocate
from tests.conftest import Library, Ran
from tests.made.folders import digests

Run = Callable[..., Ran]


def flip(path: Path, at: int) -> None:
    """Flip a bit of one file, not of those that share it."""
    data = bytearray(path.read_bytes())
    data[at] ^= 4
    path.unlink()
    path.write_bytes(data)


def wrong(ran: Ran) -> list[str]:
    return [line for line in ran.out.splitlines() if line.startswith("wrong")]


def test_a_sound_library_is_called_sound_and_nothing_is_written(run: Run, fitted: Library) -> None:
    before = digests(fitted.artifacts)
    ran = run("verify", "--artifacts", fitted.artifacts)
    assert (ran.status, wrong(ran), ran.err) == (0, [], "")
    assert "16 photos of 48 extracted again: the same features" in ran.out
    assert "48 of 48 photos there as fitted, 0 changed, 0 missing" in ran.out
    assert ran.out.splitlines()[-1].startswith("sound: ")
    found = json.loads(run("verify", "--artifacts", fitted.artifacts, "--format", "json").out)
    assert (found["sound"], found["repairs"]) == (True, [])
    assert {check["status"] for check in found["checks"]} == {"right", "note"}
    assert digests(fitted.artifacts) == before


def test_where_nothing_was_fitted_it_says_so(run: Run, artifacts: Path) -> None:
    for options in ((), ("--repair",)):
        ran = run("verify", "--artifacts", artifacts, *options)
        assert ran.status == 1
        assert "run `clustertags fit PHOTOS" in ran.err
        assert not artifacts.exists()


@pytest.mark.slow
def test_a_version_is_put_right_from_copies_or_an_older_one_is_used(run: Run, own_library: Library) -> None:
    artifacts = own_library.artifacts
    places = Artifacts(artifacts)
    with places.writing():
        publish_moved(places, places.current(), own_library.photos)
    assert places.current_name() == "0002"
    flip(artifacts / "models" / "0001" / PARAMETERS_FILE, 5000)
    flip(artifacts / "models" / "0002" / MANIFEST_FILE, 50)
    (artifacts / "CURRENT").unlink()
    before = digests(artifacts)
    ran = run("verify", "--artifacts", artifacts, "--format", "json")
    assert ran.status == 1
    files = [Path(check["file"]).name for check in json.loads(ran.out)["checks"] if check["status"] == "wrong"]
    assert files == ["CURRENT", PARAMETERS_FILE, MANIFEST_FILE]
    assert digests(artifacts) == before, "nothing is written unasked"
    ran = run("verify", "--artifacts", artifacts, "--repair")
    assert (ran.status, wrong(ran)) == (0, [])
    assert f"{PARAMETERS_FILE}: put back from a whole copy" in ran.out
    assert places.current_name() == "0001"
    assert (artifacts / "models" / "damaged-0002-1" / MANIFEST_FILE).is_file(), "what was in use is not thrown away"
    assert run("tag", own_library.photos / "000-0.jpg", "--artifacts", artifacts).status == 0
    after = digests(artifacts)
    assert run("verify", "--artifacts", artifacts, "--repair").status == 0
    assert digests(artifacts) == after, "a second repair has nothing to do"


@pytest.mark.slow
def test_a_damaged_catalogue_keeps_the_edits_and_the_next_fit_extracts_the_rest(run: Run, own_library: Library) -> None:
    artifacts = own_library.artifacts
    editor = Editor(artifacts)
    editor.do(rename(editor.library, 0, "Harbour"))
    path = artifacts / "library.sqlite"
    data = path.read_bytes()
    with sqlite3.connect(path) as connection:
        (vector,) = connection.execute("SELECT vector FROM features WHERE id = 3").fetchone()
    connection.close()
    at = data.find(vector[:64])
    path.write_bytes(b"\0" * 16 + data[16 : at + 10] + bytes([data[at + 10] ^ 128]) + data[at + 11 :])
    refused = run("fit", own_library.photos, "--tags", own_library.seeds, "--artifacts", artifacts)
    assert refused.status == 1
    assert "clustertags verify --repair" in refused.err
    ran = run("verify", "--artifacts", artifacts)
    assert (ran.status, len(wrong(ran))) == (1, 1)
    ran = run("verify", "--artifacts", artifacts, "--repair")
    assert "1 row of edits" in ran.out
    assert "lost: 1 of features" in ran.out
    assert "1 photo without usable features" in ran.out
    assert (artifacts / "library.sqlite.damaged-1").is_file()
    again = run("fit", own_library.photos, "--tags", own_library.seeds, "--artifacts", artifacts)
    assert "48 photos used, 0 skipped; 1 photo decoded" in again.out
    assert "Harbour" in run("info", "--artifacts", artifacts).out


def test_features_that_are_not_those_of_the_photo_are_found_and_extracted_again(own_library: Library) -> None:
    places = Artifacts(own_library.artifacts)
    path = places.catalogue
    connection = sqlite3.connect(path)
    connection.execute("UPDATE features SET vector = (SELECT vector FROM features WHERE id = 40) WHERE id != 40")
    fill_in(connection)  # as a fault of the program would leave it, not of the disk
    connection.commit()
    connection.close()
    found = clustertags.verify(own_library.artifacts)
    assert [check.subject for check in found.wrong] == ["answers"]
    repaired = clustertags.verify(own_library.artifacts, repair=True)
    assert any("the next fit extracts them again" in done for done in repaired.repairs)
    assert [check.subject for check in repaired.wrong] == ["features"]
    with Catalogue(path) as catalogue:
        assert 0 < len(catalogue.extracted_hashes(places.current().manifest["backbone"]["key"])) < 48


def test_a_damaged_network_in_the_cache_is_found_and_removed(
    own_library: Library, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(cache, tmp_path / "cache")
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    key = Artifacts(own_library.artifacts).current().manifest["backbone"]["key"]
    entries = sorted((tmp_path / "cache" / "backbones").glob(f"{key}-*"))
    flip(entries[0] / "hashes.json", 40)
    found = clustertags.verify(own_library.artifacts)
    assert [check.file for check in found.wrong] == [entries[0]]
    assert clustertags.verify(own_library.artifacts, repair=True).is_sound
    assert [entry.exists() for entry in entries] == [False, *(True for _ in entries[1:])]


def test_photos_that_are_gone_are_counted_and_are_no_damage(own_library: Library, tmp_path: Path) -> None:
    photos = tmp_path / "gone"
    photos.symlink_to(own_library.photos)
    relocate(photos, own_library.artifacts)
    photos.unlink()
    found = clustertags.verify(own_library.artifacts)
    assert found.is_sound
    assert [check.found for check in found.checks if check.subject == "photos"] == [
        "0 of 48 photos there as fitted, 0 changed, 48 missing"
    ]

"""Old versions: how many are kept, the list of them, and one brought back, with what becomes of edits."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from clustertags.editing import new_edits
from clustertags.errors import LockedError, NotFittedError, UsageError
from clustertags.features.conversion import read_converted
from clustertags.library.artifacts import Artifacts
from clustertags.library.manifests import MANIFEST_FILE
from clustertags.library.model import FittedLibrary
from clustertags.library.publishing import publish
from clustertags.library.saving import load_library
from clustertags.workflows.edit import Editor
from clustertags.workflows.fit import FitSettings, _saved_settings
from clustertags.workflows.relocate import library_root
from clustertags.workflows.restore import KeptVersion, list_versions, restore
from tests.conftest import Ran
from tests.made.folders import digests
from tests.made.published import LAYOUT


def rename(folder: Path, name: str, cluster: int = 0) -> Editor:
    editor = Editor(folder)
    editor.commit(lambda opened: opened.do(new_edits.rename(opened.library, cluster, name)))
    return editor


def fit_again(folder: Path, **settings: object) -> FittedLibrary:
    """Publish what is in use, as a fit does."""
    artifacts = Artifacts(folder)
    with artifacts.writing():
        version = artifacts.current()
        library = load_library(version)
        library = replace(library, settings={**library.settings, **settings})
        publish(artifacts, library, library.space, read_converted(version.folder), LAYOUT)
    return library


def names(folder: Path) -> list[str]:
    return [item.name for item in list_versions(folder).kept]


def cluster_names(library: FittedLibrary) -> list[str]:
    return [item.name for item in library.descriptions]


def test_edits_push_no_fit_out(folder: Path) -> None:
    for number in range(5):
        rename(folder, f"Name {number}")
    assert names(folder) == ["0001", "0004", "0005", "0006"]
    for _ in range(3):
        fit_again(folder)
    assert names(folder) == ["0004", "0005", "0006", "0007", "0008", "0009"], "the last three of each"


def test_the_number_is_kept_with_the_library(folder: Path) -> None:
    artifacts = Artifacts(folder)
    assert _saved_settings(FitSettings(Path("photos")), artifacts)["keep_versions"] == 3
    fit_again(folder, keep_versions=1)
    assert names(folder) == ["0002"]
    for number in range(2):
        rename(folder, f"Name {number}")
    assert names(folder) == ["0002", "0004"]
    assert _saved_settings(FitSettings(Path("photos")), artifacts)["keep_versions"] == 1, "as before"
    assert _saved_settings(FitSettings(Path("photos"), keep_versions=8), artifacts)["keep_versions"] == 8


def test_the_list_says_what_each_is(folder: Path) -> None:
    editor = Editor(folder)
    editor.do(new_edits.rename(editor.library, 0, "Once"))
    rename(folder, "Twice", 1)
    rename(folder, "Third", 2)
    restore("1", folder)
    kept = {item.name: item for item in list_versions(folder).kept}
    assert {name: (item.made_by, item.made_of) for name, item in kept.items()} == {
        "0001": ("fit", ""),
        "0002": ("edits", "2 edits"),
        "0003": ("edits", kept["0003"].made_of),
        "0004": ("restore", "0001"),
    }
    assert kept["0003"].made_of.endswith("renamed to Third")
    assert [name for name, item in kept.items() if item.in_use] == ["0004"]
    assert {item.counts["photos"] for item in kept.values()} == {65}
    assert all(item.published and item.program.startswith("clustertags ") for item in kept.values())


def test_sizes_are_those_of_files_of_ones_own(folder: Path) -> None:
    before = list_versions(folder)
    restore(rename(folder, "Beach").version.name, folder)
    restore("1", folder)
    after = list_versions(folder)
    sizes = {item.name: item.own_bytes for item in after.kept}
    manifest = ((Artifacts(folder).models / "0003") / MANIFEST_FILE).stat().st_size
    assert sizes["0003"] == manifest, "the rest is shared with the first"
    files = {path.stat().st_ino: path.stat().st_size for path in (folder / "models").rglob("*") if path.is_file()}
    assert after.total_bytes == sum(files.values())
    assert after.total_bytes < 2 * before.total_bytes + 2 * manifest


def test_a_version_comes_back_and_nothing_is_lost(folder: Path) -> None:
    before = load_library(Artifacts(folder).current())
    rename(folder, "Beach")
    models = {name: digests(Artifacts(folder).models / name) for name in names(folder)}
    done = restore("1", folder)
    assert (done.version, done.restored, done.changed) == ("0003", "0001", True)
    assert {name: digests(Artifacts(folder).models / name) for name in models} == models
    now = Artifacts(folder).current()
    now.verify()
    assert now.name == "0003"
    assert cluster_names(load_library(now)) == cluster_names(before)
    assert restore("0002", folder).version == "0004"
    assert cluster_names(load_library(Artifacts(folder).current()))[0] == "Beach"


def test_edits_made_since_stay_in_force_and_can_be_undone(folder: Path) -> None:
    before = cluster_names(Editor(folder).library)
    rename(folder, "Beach")
    rename(folder, "Sea", 1)
    done = restore("2", folder)
    assert (done.n_edits_since, done.n_edits_undone) == (1, 0)
    assert restore("1", folder).n_edits_since == 2
    editor = Editor(folder)
    assert cluster_names(editor.published) == before, "as it was fitted"
    assert cluster_names(editor.library)[:2] == ["Beach", "Sea"], "what is shown"
    assert not editor.is_published
    for _ in range(2):
        editor.commit(lambda opened: opened.undo())
    assert cluster_names(Editor(folder).published) == before
    done = restore("6", folder)  # between the two
    assert (done.n_edits_since, done.n_edits_undone) == (0, 1)
    assert cluster_names(Editor(folder).library) == before


def test_a_running_editor_picks_it_up(folder: Path) -> None:
    rename(folder, "Beach")
    editor = Editor(folder)
    restore("1", folder)
    assert editor.reload()
    assert editor.version.name == "0003"


def test_the_version_in_use_stays_as_it_is(folder: Path) -> None:
    before = digests(folder)
    assert not restore("1", folder).changed
    assert digests(folder) == before


def test_a_lost_pointer_to_the_version_in_use_is_mended(folder: Path) -> None:
    (folder / "CURRENT").write_text("0007\n")
    restore("1", folder)
    assert Artifacts(folder).current().name == "0002"


@pytest.mark.parametrize("what", ["flipped", "gone", "manifest", "older"])
def test_a_damaged_version_is_refused_in_one_line(run: Callable[..., Ran], folder: Path, what: str) -> None:
    rename(folder, "Beach")
    damaged = Artifacts(folder).models / "0001"
    if what == "flipped":
        data = bytearray((damaged / "clusters.json").read_bytes())
        data[10] ^= 1
        (damaged / "clusters.json").write_bytes(data)
    elif what == "gone":
        (damaged / "tags.json").unlink()
    elif what == "manifest":
        (damaged / MANIFEST_FILE).write_text("{")
    else:
        manifest = json.loads((damaged / MANIFEST_FILE).read_text())
        (damaged / MANIFEST_FILE).write_text(json.dumps({**manifest, "schema_version": 0}))
    before = digests(folder)
    ran = run("restore", "1", "--artifacts", folder)
    assert (ran.status, ran.out, ran.err.count("\n")) == (1, "", 1)
    assert str(damaged) in ran.err
    assert digests(folder) == before
    listed = run("versions", "--artifacts", folder)
    assert listed.status == 0
    first = listed.out.splitlines()[0]
    assert ("damaged" in first or "cannot be used" in first) == (what != "flipped"), first


def test_a_library_of_earlier_programs_is_listed_and_restored(folder: Path) -> None:
    version = Artifacts(folder).current()
    manifest = {
        key: value
        for key, value in version.manifest.items()
        if key not in {"made_by", "made_of", "published", "settings", "manifest_sha256"}
    }
    (version.folder / MANIFEST_FILE).write_text(json.dumps(manifest))
    [kept] = list_versions(folder).kept
    assert (kept.made_by, kept.published) == ("fit", manifest["created"])
    rename(folder, "Beach")
    assert restore("1", folder).n_edits_since == 1


def test_a_locked_library_and_a_wrong_number_are_refused(folder: Path, artifacts: Path) -> None:
    with Artifacts(folder).writing(), pytest.raises(LockedError):
        restore("1", folder)
    for wrong in ("9", "CURRENT", "../0001", "-1"):
        with pytest.raises(UsageError, match="kept are 0001"):
            restore(wrong, folder)
    with pytest.raises(NotFittedError):
        restore("1", artifacts / "none")
    with pytest.raises(NotFittedError):
        list_versions(artifacts / "none")


def test_the_commands_say_it(run: Callable[..., Ran], folder: Path) -> None:
    rename(folder, "Beach")
    listed = run("versions", "--artifacts", folder)
    assert [line[:4] for line in listed.out.splitlines()] == ["0001", "0002"]
    assert listed.out.splitlines()[1].endswith("in use")
    assert "renamed to Beach" in listed.out
    chosen = run("restore", "--artifacts", folder)
    assert chosen.out == listed.out
    assert "clustertags restore VERSION" in chosen.err
    ran = run("restore", "1", "--artifacts", folder)
    assert ran.status == 0
    assert ran.out.startswith(f"model 0003 in {folder} is 0001 again: 65 photos, 3 clusters")
    assert "1 edit made since is not in it" in ran.err
    assert "clustertags clusters undo" in ran.err
    assert f"{library_root(folder)} is gone" in ran.err
    found = json.loads(run("versions", "--artifacts", folder, "--format", "json").out)
    assert [item["version"] for item in found["versions"]] == ["0001", "0002", "0003"]
    assert [item["in_use"] for item in found["versions"]] == [False, False, True]
    assert set(found["versions"][0]) >= {"published", "made_by", "made_of", "own_bytes", "photos", "damage"}
    assert found["bytes"] > 0
    assert isinstance(list_versions(folder).kept[0], KeptVersion)

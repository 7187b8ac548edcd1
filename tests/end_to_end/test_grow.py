"""A library that grows: `add`, `watch`, and the refit that comes after."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

import clustertags
from clustertags.library.artifacts import Artifacts
from clustertags.library.saving import load_library
from clustertags.workflows import fit as fit_workflow
from clustertags.workflows.relocate import relocate
from tests.conftest import Library, Ran
from tests.made.labels import write_seeds
from tests.made.photos import made_photo

Run = Callable[..., Ran]


@pytest.fixture
def growing(own_library: Library, tmp_path: Path) -> Library:
    """The fitted library, with photos of its own."""
    photos = Path(shutil.copytree(own_library.photos, tmp_path / "photos"))
    relocate(photos, own_library.artifacts)
    return replace(own_library, photos=photos)


def write_new(folder: Path, kind: int, n: int, first: int = 50) -> None:
    folder.mkdir(exist_ok=True)
    for number in range(first, first + n):
        made_photo(number, kind).save(folder / f"new{number}-{kind}.jpg", quality=90)


def test_added_photos_are_shown_as_such_everywhere(run: Run, growing: Library, tmp_path: Path) -> None:
    write_new(growing.photos / "october", 1, 3)
    where = ("--artifacts", growing.artifacts)
    ran = run("add", growing.photos / "october", *where)
    assert ran.status == 0
    assert ran.out.splitlines()[0] == "3 photos joined: kind1 (3)"
    assert "count at the next fit" in ran.err
    assert "3 photos added since the fit, 0 of them fit nowhere" in run("info", *where).out
    assert json.loads(run("info", "--json", *where).out)["counts"]["added"] == 3
    exported = run("export", "--format", "jsonl", *where).answers
    added = [item for item in exported if item["added"]]
    assert [item["path"] for item in added] == [f"october/new{n}-1.jpg" for n in (50, 51, 52)]
    assert all(item["predicted"][0]["tag"] == "kind1" and item["cluster"]["name"] == "kind1" for item in added)
    found = run("search", "kind1", "--limit", "60", *where, "--format", "jsonl").answers
    assert {item["path"] for item in found if item["added"]} == {item["path"] for item in added}
    assert run("gallery", *where, "--output", tmp_path / "site").status == 0
    pages = "".join(page.read_text() for page in (tmp_path / "site").rglob("*.html"))
    assert pages.count("added since the fit</p>") >= 3
    assert "3 photos added since the fit" in (tmp_path / "site" / "index.html").read_text()


def test_a_photo_that_cannot_be_read_and_one_outside_have_their_statuses(
    run: Run, growing: Library, tmp_path: Path
) -> None:
    where = ("--artifacts", growing.artifacts)
    write_new(growing.photos / "new", 0, 1)
    (growing.photos / "new" / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 nothing more")
    ran = run("add", growing.photos / "new", *where)
    assert ran.status == 3
    assert ran.out.startswith("1 photo joined: kind0 (1)\n")
    assert "1 photo could not be read:\n  new/broken.jpg: " in ran.err
    write_new(tmp_path / "elsewhere", 0, 1)
    ran = run("add", tmp_path / "elsewhere", *where)
    assert (ran.status, ran.out) == (1, "")
    assert "move or copy it there first" in ran.err
    assert run("add", *where).status == 2


@pytest.mark.slow
def test_a_refit_keeps_the_clusters_and_takes_in_what_fitted_nowhere(run: Run, growing: Library) -> None:
    artifacts, where = growing.artifacts, ("--artifacts", growing.artifacts)
    run("clusters", "rename", "kind1", "Rex", *where)
    before = load_library(Artifacts(artifacts).current())
    keys = {item.name: key for item, key in zip(before.descriptions, before.cluster_keys, strict=True)}
    write_new(growing.photos / "a", 1, 8)
    write_new(growing.photos / "b", 9, 14)
    run("add", growing.photos, *where)
    ran = run("fit", growing.photos, "--tags", growing.seeds, *where)
    assert ran.status == 0
    assert ", 0 skipped; 0 photos decoded" in ran.out
    assert "since the fit before: 4 clusters kept; 1 split off (" in ran.out, "they had joined the likest"
    after = load_library(Artifacts(artifacts).current())
    assert after.n_added == 0
    now = {item.name: key for item, key in zip(after.descriptions, after.cluster_keys, strict=True)}
    assert {name: now[name] for name in keys} == keys
    assert [photo.path for photo in after.photos] == sorted(photo.path for photo in after.photos)


@pytest.mark.slow
def test_photos_join_as_they_arrive_until_ctrl_c(growing: Library, heeded_interrupts: None) -> None:
    command = [sys.executable, "-m", "clustertags", "watch", growing.photos, "--artifacts", growing.artifacts]
    with subprocess.Popen(
        [*command, "--settle", "1"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        write_new(growing.photos / "first", 1, 2)
        assert process.stdout.readline()[10:] == "2 photos joined: kind1 (2)\n"
        moved = growing.photos.parent / "moved"
        write_new(moved, 2, 3)
        os.utime(moved / "new50-2.jpg", (1e9, 1e9))
        moved.rename(growing.photos / "moved")
        assert process.stdout.readline()[10:] == "3 photos joined: kind2 (3)\n"
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert "interrupted" in err
    assert "Traceback" not in err


@pytest.mark.slow
def test_no_stage_is_done_twice(growing: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted: what is decoded and whether the photos are laid out, after new tags, moved photos, and new photos."""
    laid_out = []
    real = fit_workflow.reduce_features
    monkeypatch.setattr(
        fit_workflow, "reduce_features", lambda *given, **more: laid_out.append(1) or real(*given, **more)
    )
    first = clustertags.fit(growing.photos, tags=growing.seeds, artifacts=growing.artifacts)
    other = write_seeds(tmp_path / "other.csv", growing.kinds, per_kind=2)
    again = clustertags.fit(growing.photos, tags=other, artifacts=growing.artifacts)
    assert (first.n_decoded, again.n_decoded, laid_out) == (0, 0, [])
    assert (first.library.seeds.n_labelled, again.library.seeds.n_labelled) == (16, 8)
    (growing.photos / "sub").mkdir()
    (growing.photos / "000-0.jpg").rename(growing.photos / "sub" / "moved.jpg")
    (growing.photos / "001-0.jpg").rename(growing.photos / "001-0 renamed.jpg")
    write_new(growing.photos / "new", 2, 2)
    grown = clustertags.fit(growing.photos, tags=other, artifacts=growing.artifacts)
    assert (grown.n_decoded, len(laid_out)) == (2, 1)
    assert grown.changes is not None
    assert len(grown.changes.kept) == 4

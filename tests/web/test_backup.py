"""A backup is a copy of the folder, also one that is made while the app runs and edits are made."""

from __future__ import annotations

import shutil
import sqlite3
import threading
import time
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from clustertags.library.artifacts import Artifacts
from clustertags.library.saving import load_library
from clustertags.support.digests import file_sha256
from clustertags.web.app import create_app
from clustertags.web.settings import WebSettings
from clustertags.workflows.edit import Editor

N_COPIES = 4


@pytest.fixture
def artifacts(own_artifacts: Path) -> Path:
    return own_artifacts


def client_of(artifacts: Path) -> TestClient:
    return TestClient(create_app(WebSettings(artifacts)), base_url="http://127.0.0.1:8017")


def rename(client: TestClient, number: int) -> None:
    key = client.get("/api/clusters").json()["clusters"][0]["key"]
    answer = client.post("/api/edits", json={"kind": "rename", "cluster": key, "name": f"Name {number}"})
    assert answer.status_code == 200, answer.text


def copied(folder: Path, target: Path) -> Path:
    """A copy as `cp -r` makes it: files that vanish meanwhile are passed over."""
    try:
        shutil.copytree(folder, target)
    except shutil.Error as error:
        assert all("No such file" in reason for _, _, reason in error.args[0])
    return target


def check_copy(copy: Path, n_edits: int) -> str:
    """The copy opens with all edits that had been made when it was begun; the version in use in it."""
    connection = sqlite3.connect(copy / "library.sqlite")
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()
    editor = Editor(copy)
    assert len(editor.journal.applied) >= n_edits
    if editor.journal.applied:
        names = {item.name for item in editor.library.descriptions}
        assert f"Name {len(editor.journal.applied) - 1}" in names, "what is shown is what the journal says"
    editor.version.verify()
    return editor.version.name


def test_edits_do_not_touch_the_file_while_the_app_runs(artifacts: Path, tmp_path: Path) -> None:
    path, log = artifacts / "library.sqlite", artifacts / "library.sqlite-wal"
    with client_of(artifacts) as client:
        rename(client, 0)
        before = file_sha256(path)
        first = log.read_bytes()
        for number in range(1, 4):
            rename(client, number)
        assert file_sha256(path) == before
        assert log.read_bytes()[: len(first)] == first, "the log only grows"
        assert len(log.read_bytes()) > len(first)
        whole = copied(artifacts, tmp_path / "whole")
        check_copy(whole, 4)
        for length in range(0, len(log.read_bytes()), 1500):  # wherever the copy of the log was made
            part = tmp_path / f"part-{length}.sqlite"
            shutil.copyfile(path, part)
            part.with_name(f"{part.name}-wal").write_bytes(log.read_bytes()[:length])
            connection = sqlite3.connect(part)
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert connection.execute("SELECT count(*) FROM edits").fetchone()[0] <= 4
            connection.close()
    assert not log.exists(), "the app that ends writes its log into the file"
    check_copy(copied(artifacts, tmp_path / "afterwards"), 4)


def wait_for_version(artifacts: Path, *, after: int) -> None:
    """Wait until so many versions were learnt."""
    while int(Artifacts(artifacts).current().name) <= after:
        time.sleep(0.02)


@pytest.mark.slow
def test_every_copy_that_is_made_while_edits_are_made_opens(artifacts: Path, tmp_path: Path) -> None:
    made, stopped = [0], threading.Event()
    with client_of(artifacts) as client:

        def edit() -> None:
            while not stopped.wait(0.05):
                rename(client, made[0])
                made[0] += 1

        thread = threading.Thread(target=edit)
        thread.start()
        try:
            counts = []
            for number in range(N_COPIES):
                counts.append(made[0])
                copied(artifacts, tmp_path / f"copy-{number}")
                wait_for_version(artifacts, after=number)
        finally:
            stopped.set()
            thread.join()
    used = {check_copy(tmp_path / f"copy-{number}", counts[number]) for number in range(N_COPIES)}
    assert len(used) > 1, "versions came meanwhile"


def test_a_copy_without_the_version_that_was_in_use_takes_the_last_one(artifacts: Path) -> None:
    editor = Editor(artifacts)
    (artifacts / "CURRENT").write_text("0009\n")
    assert Artifacts(artifacts).current().name == editor.version.name
    assert load_library(Artifacts(artifacts).current()).n_photos == 48

"""A library on a read-only disk: all that only reads works, all that writes says in one line why it cannot."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from clustertags.editing import new_edits
from clustertags.library.artifacts import Artifacts
from clustertags.library.catalogue import Catalogue
from clustertags.workflows.edit import Editor
from tests.conftest import Library, Ran
from tests.made.folders import digests
from tests.made.read_only import run_read_only

READS = (
    "info",
    "clusters list",
    "clusters log",
    "suggest",
    "suggest --output {out}/to-tag",
    "gallery --output {out}/gallery",
    "export",
    "export --format csv --output {out}/tags.csv",
    "export --folders clusters --output {out}/folders",
    "export --sidecars --dry-run",
    "export --sidecars --undo --dry-run",
    "evaluate",
    "search kind1",
    "tag {photo}",
    "vocabulary",
    "versions",
    "restore",
)
WRITES = (
    "fit {photos}",
    "clusters rename 0 Name",
    "clusters undo",
    "suggest --take {answers}",
    "gallery",
    "export --sidecars",
    "relocate {photos}",
    "restore 1",
    "vocabulary --write",
)


def edited(artifacts: Path) -> int:
    """Rename a cluster, without learning it; the number of edits."""
    editor = Editor(artifacts)
    editor.do(new_edits.rename(editor.library, 0, "Renamed"))
    return len(editor.journal.applied)


def with_old_schema(artifacts: Path) -> None:
    with sqlite3.connect(artifacts / "library.sqlite") as connection:
        connection.execute("DROP TABLE sidecars")
        connection.execute("PRAGMA user_version = 3")
    connection.close()


def with_log_left(artifacts: Path, tmp_path: Path) -> Path:
    """A copy that a kill would leave: what was edited last is in SQLite's log alone."""
    with Catalogue(Artifacts(artifacts).catalogue):
        edited(artifacts)
        copy = Path(shutil.copytree(artifacts, tmp_path / "disk" / "log", ignore=shutil.ignore_patterns("*-shm")))
    assert (copy / "library.sqlite-wal").stat().st_size
    return copy


@pytest.fixture(scope="module")
def ran(fitted: Library, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Ran]:
    """Every command, run in one process where the libraries are read-only."""
    folder = tmp_path_factory.mktemp("read-only")
    disk, out = folder / "disk", folder / "out"
    out.mkdir()
    library = Path(shutil.copytree(fitted.artifacts, disk / "library"))
    edited(library)
    old = Path(shutil.copytree(fitted.artifacts, disk / "old"))
    edited(old)
    with_old_schema(old)
    log = with_log_left(Path(shutil.copytree(fitted.artifacts, folder / "log")), folder)
    (folder / "answers.csv").write_text("image,tags\n003-1.jpg,kind1\n")
    words = {"out": out, "photo": fitted.photos / "000-0.jpg", "photos": fitted.photos}
    lines = {text: text.format(**words, answers=folder / "answers.csv").split() for text in (*READS, *WRITES)}
    commands = [[*line, "--artifacts", library] for line in lines.values()]
    photo = Editor(library).library.photos[0].content_hash
    special = {
        "serve": ["serve", library, photo],
        "old": ["clusters", "log", "--json", "--artifacts", old],
        "log": ["clusters", "log", "--json", "--artifacts", log],
    }
    before = digests(disk)
    results = run_read_only(disk, [*commands, *special.values()])
    assert digests(disk) == before
    return dict(zip((*lines, *special), results, strict=True))


@pytest.mark.parametrize("command", READS)
def test_what_only_reads_works(ran: dict[str, Ran], command: str) -> None:
    done = ran[command]
    assert done.status == 0, done.err
    assert done.out or "--undo" in command


@pytest.mark.parametrize("command", WRITES)
def test_what_writes_says_why_it_cannot(ran: dict[str, Ran], command: str) -> None:
    done = ran[command]
    assert done.status == 1
    assert not done.out or command.startswith("vocabulary")
    assert done.err.count("\n") == 1
    assert "cannot be written" in done.err
    assert "permissions" in done.err


def test_edits_are_shown(ran: dict[str, Ran]) -> None:
    assert "Renamed" in ran["clusters list"].out
    assert "Renamed" in ran["clusters log"].out


@pytest.mark.parametrize("state", ["old", "log"])
def test_an_older_schema_and_a_log_that_a_kill_left_are_read(ran: dict[str, Ran], state: str) -> None:
    done = ran[state]
    assert done.status == 0, done.err
    assert len(json.loads(done.out)["edits"]) == 1


def test_the_app_shows_the_library_and_refuses_edits(ran: dict[str, Ran]) -> None:
    told = json.loads(ran["serve"].out)
    assert set(told["statuses"].values()) == {200}, told["statuses"]
    assert told["edit"] >= 400
    assert "cannot be written" in told["said"]

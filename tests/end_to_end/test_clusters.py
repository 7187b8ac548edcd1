"""Clusters put right on the command line: the edits hold, are learnt, survive refits and kills, and can be undone."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from clustertags.editing import new_edits
from clustertags.library.artifacts import Artifacts
from clustertags.library.saving import load_library
from clustertags.names.encoder import SentenceEncoder, sentence_encoder
from clustertags.workflows.edit import Editor
from tests.conftest import Library, Ran
from tests.made.photos import made_photo

Run = Callable[..., Ran]


@pytest.fixture
def library(own_library: Library) -> Library:
    return own_library


@pytest.fixture
def command(run: Run, library: Library) -> Run:
    """Run `clustertags clusters` on the library."""
    return lambda *arguments: run("clusters", *arguments, "--artifacts", library.artifacts)


def listed(command: Run) -> dict[str, dict[str, Any]]:
    rows = json.loads(command("list", "--json").out)["clusters"]
    return {row["name"]: row for row in rows}


def seen(artifacts: Path) -> dict[str, Any]:
    """What the version in use says: each photo's cluster by name, and tags."""
    fitted = load_library(Artifacts(artifacts).current())
    names = [item.name for item in fitted.descriptions] + [""]
    return {
        photo.path: (names[int(label)], fitted.tags_of(at), fitted.seed_tags_of(at))
        for at, (photo, label) in enumerate(zip(fitted.photos, fitted.clusters.labels, strict=True))
    }


def test_the_whole_journey(run: Run, command: Run, library: Library, tmp_path: Path) -> None:
    start = listed(command)
    before = seen(library.artifacts)
    assert len(start) == 4
    first, second, third, _ = start
    renamed = command("rename", first, "Red & <b>loud</b>")
    assert renamed.status == 0, renamed.err
    assert renamed.out.splitlines()[0] == f"{first} renamed to Red & <b>loud</b>"
    assert "clustertags clusters undo" in renamed.err
    merged = command("merge", start[second]["key"], third, "--name", "Both", "--json")
    assert json.loads(merged.out)["clusters"] == 3
    now = listed(command)
    assert now["Both"]["photos"] == start[second]["photos"] + start[third]["photos"]
    assert (now["Both"]["named_by"], now["Both"]["labelled"]) == ("person", 8)
    after = seen(library.artifacts)
    both = [path for path, (name, *_) in after.items() if name == "Both"]
    assert len(both) == 24
    assert any(after[path][1] != before[path][1] for path in both), "the tags are learnt anew"
    tagged = run("tag", library.photos / both[0], "--artifacts", library.artifacts, "--format", "jsonl")
    assert tagged.answers[0]["cluster"]["name"] == "Both"
    moved = command("move", both[0], both[1], "--to", "red & <B>LOUD</B>")
    assert moved.status == 0, moved.err
    assert seen(library.artifacts)[both[0]][0] == "Red & <b>loud</b>"
    assert command("hide", "--photos", both[2]).status == 0
    site = run("gallery", "--artifacts", library.artifacts, "--output", tmp_path / "site")
    pages = "".join(path.read_text() for path in (tmp_path / "site").rglob("*.html"))
    assert site.status == 0
    assert "Red &amp; &lt;b&gt;loud&lt;/b&gt;" in pages
    assert "<b>loud" not in pages
    assert both[2] not in pages + (tmp_path / "site" / "map-data.js").read_text()
    assert len(list((tmp_path / "site").rglob("*.webp"))) == 47, "nor is its picture sent to anyone"
    log = command("log").out.splitlines()
    assert [line.split()[0] for line in log] == ["4", "3", "2", "1"]
    for _ in range(4):
        assert command("undo").status == 0
    assert seen(library.artifacts) == before
    nothing = command("undo")
    assert (nothing.status, len(nothing.err.splitlines())) == (2, 1)
    assert command("redo").out.startswith(f"done again: {first} renamed")
    assert seen(library.artifacts)["000-0.jpg"][1:] == before["000-0.jpg"][1:]
    assert command("hide", start[second]["key"]).status == 0
    assert command("redo").status == 2, "a new edit ends what can be redone"
    states = {item["edit"]: item["state"] for item in json.loads(command("log", "--json").out)["edits"]}
    assert (states[1], states[2]) == ("applied", "dropped")


def test_a_split_apart_and_together_again(command: Run, library: Library) -> None:
    start = listed(command)
    first, second, *_ = start
    assert command("merge", first, second, "--name", "Mixed").status == 0
    ran = command("split", "Mixed")
    assert ran.status == 0, ran.err
    kinds: dict[str, set[str]] = {}
    for path, (name, *_) in seen(library.artifacts).items():
        kinds.setdefault(name, set()).add(library.kinds[path])
    assert all(len(found) == 1 for found in kinds.values()), "the parts are the kinds"
    assert "Mixed" not in listed(command)


def test_edits_are_there_after_another_fit_of_more_photos(
    run: Run, command: Run, library: Library, tmp_path: Path
) -> None:
    first, second, third, _ = listed(command)
    for arguments in (
        ("rename", first, "Rex"),
        ("merge", second, third, "--name", "Both"),
        ("hide", "--photos", "003-3.jpg"),
    ):
        assert command(*arguments).status == 0
    before = seen(library.artifacts)
    photos = Path(shutil.copytree(library.photos, tmp_path / "photos"))
    for number in range(20, 26):
        for kind in range(4):
            made_photo(number, kind).save(photos / f"{number:03d}-{kind}.jpg", quality=90)
    (photos / "004-3.jpg").unlink()
    arguments = ("--tags", library.seeds, "--artifacts", library.artifacts, "--seed", 7)
    fit = run("fit", photos, *arguments)
    assert fit.status == 0, fit.err
    assert "does not hold" not in fit.err
    after = seen(library.artifacts)
    assert {after[path][0] for path, (name, *_) in before.items() if name == "Rex" and path in after} == {"Rex"}
    assert {after[path][0] for path, (name, *_) in before.items() if name == "Both" and path in after} == {"Both"}
    assert after["003-3.jpg"][:2] == ("", ())
    assert sum(name == "Both" for name, *_ in after.values()) > sum(name == "Both" for name, *_ in before.values())
    for path in list(photos.glob("*.jpg")):
        if after[path.name][0] == "Rex":
            path.unlink()
    gone = run("fit", photos, *arguments)
    notes = [line for line in gone.err.splitlines() if "does not hold" in line]
    assert len(notes) == 1
    assert f"{first} renamed to Rex" in notes[0]


def test_a_rejected_tag_is_not_said_again(run: Run, library: Library) -> None:
    editor = Editor(library.artifacts)
    photo = next(at for at, item in enumerate(editor.library.photos) if item.path == "009-0.jpg")
    best = editor.library.tags_of(photo)[0][0]
    other = next(at for at, item in enumerate(editor.library.photos) if item.path == "010-0.jpg")
    editor.do(new_edits.reject_tags(editor.library, [photo], [best.upper()]))
    editor.do(new_edits.give_tags(editor.library, [other], ["sunset"]))
    assert best not in dict(editor.library.tags_of(photo))
    assert editor.library.seed_tags_of(other) == ("sunset",)
    assert not editor.is_published
    editor.publish()
    assert editor.is_published
    fitted = load_library(Artifacts(library.artifacts).current())
    assert best not in dict(fitted.tags_of(photo))
    assert "sunset" in dict(fitted.tags_of(other))
    answers = run("tag", library.photos / "009-0.jpg", "--artifacts", library.artifacts, "--format", "jsonl").answers
    assert best not in {tag["tag"] for tag in answers[0]["tags"]}
    editor.undo()
    editor.undo()
    editor.publish()
    assert dict(editor.library.tags_of(photo))[best] > 0.5


def test_refusals_are_one_line_and_record_nothing(command: Run, library: Library) -> None:
    for arguments, told in (
        (("rename", "99", "x"), "there is no cluster 99"),
        (("rename", "nobody\x1b[31m", "x"), "there is no cluster nobody\\x1b[31m"),
        (("rename", "0", " "), "empty"),
        (("rename", "0", "y" * 101), "at most 100"),
        (("rename", "0", "a\x07b"), "control"),
        (("merge", "0"), "two clusters or more"),
        (("move", "none.jpg", "--out"), "none.jpg is no photo"),
        (("move", "000-0.jpg"), "--to CLUSTER"),
        (("hide", "--show", "000-0.jpg"), "not hidden"),
        (("split", "0", "--parts", "1"), "1 parts"),
    ):
        ran = command(*arguments)
        assert (ran.status, ran.out, len(ran.err.splitlines())) == (2, "", 1), arguments
        assert told in ran.err
    assert Editor(library.artifacts).journal.last == 0
    assert (library.artifacts / "CURRENT").read_text() == "0001\n"


KILLED = """
import sys
from pathlib import Path
from clustertags.editing import new_edits
from clustertags.workflows.edit import Editor
editor = Editor(Path(sys.argv[1]))
print("open", flush=True)
editor.commit(lambda editor: editor.do(new_edits.merge(editor.library, [0, 1], "Both")))
"""


@pytest.mark.slow
def test_killed_at_any_moment_the_journal_is_whole_and_the_model_old_or_new(library: Library, tmp_path: Path) -> None:
    whole = Path(shutil.copytree(library.artifacts, tmp_path / "whole"))
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", KILLED, whole], check=True, capture_output=True)
    seconds = time.perf_counter() - started
    old, new = seen(library.artifacts), seen(whole)
    outcomes = set()
    for moment in range(8):
        artifacts = Path(shutil.copytree(library.artifacts, tmp_path / f"killed{moment}"))
        with subprocess.Popen([sys.executable, "-c", KILLED, artifacts], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"open\n"
            time.sleep(seconds * moment / 20)
            process.send_signal(signal.SIGKILL)
        assert seen(artifacts) in (old, new)
        editor = Editor(artifacts)
        assert editor.journal.last in {0, 1}
        named = "Both" in {item.name for item in editor.library.descriptions}
        assert named == (editor.journal.last == 1), "what is in the journal is seen"
        outcomes.add((editor.journal.last, editor.is_published))
        editor.publish()
        assert seen(artifacts) == (new if named else old)
    assert (1, False) in outcomes or len(outcomes) > 1, "some were killed on the way"


@pytest.fixture
def no_name_is_read(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(SentenceEncoder, "_infer", lambda *_: pytest.fail("a name was read"))
    sentence_encoder.cache_clear()
    yield
    sentence_encoder.cache_clear()


@pytest.mark.usefixtures("no_name_is_read")
def test_an_edit_reads_no_tags_name_anew(command: Run, library: Library) -> None:
    """The model keeps what the fit has read: with thousands of tags, reading them would take most of the time."""
    first, second, *_ = listed(command)
    assert command("merge", first, second, "--name", "Both").status == 0
    model = load_library(Artifacts(library.artifacts).current()).tag_model
    assert model is not None
    assert model.name_prior is not None

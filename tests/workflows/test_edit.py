"""The editor: edits are recorded for good, seen at once, learnt when they are published, and never lost."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from clustertags.editing import new_edits
from clustertags.errors import DamagedError, LockedError, NotFittedError, UsageError
from clustertags.library.artifacts import Artifacts
from clustertags.library.saving import LAYOUT_FILE, load_library
from clustertags.workflows.edit import Editor, load_edited
from tests.made.fitted import made_library, names, simple_library
from tests.made.published import publish_made


def versions(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "models").iterdir() if path.is_dir())


def one_sentence(error: pytest.ExceptionInfo[Exception]) -> str:
    text = str(error.value)
    assert "\n" not in text
    return text


def test_an_edit_is_recorded_and_seen_at_once(folder: Path) -> None:
    editor = Editor(folder)
    (before, *_) = names(editor.library)
    change = editor.do(new_edits.rename(editor.library, 0, "Rex"))
    assert change.sentence == f"{before} renamed to Rex"
    assert (change.entry.number, change.entry.state, change.is_undo, change.notices) == (1, "applied", False, ())
    assert change.library is editor.library
    assert names(editor.library)[0] == "Rex"
    assert not editor.is_published
    assert editor.version.name == "0001"
    assert names(load_library(editor.version))[0] == before, "the version in use is as it was"
    assert names(Editor(folder).library)[0] == names(load_edited(folder))[0] == "Rex", "others see it too"


def test_an_edit_is_learnt_with_publish(folder: Path) -> None:
    editor = Editor(folder)
    given = [5, 6, 7, 8]
    editor.do(new_edits.give_tags(editor.library, given, ["sunset"]))
    assert editor.library.seed_tags_of(5) == ("sunset",)
    assert not any("sunset" in dict(editor.library.tags_of(photo)) for photo in range(65)), "seen, and not yet learnt"
    steps: list[tuple[str, int, int]] = []
    made = editor.publish(lambda *step: steps.append(step))
    assert made.name == editor.version.name == "0002"
    assert editor.is_published
    assert steps[-1][1:] == (65, 65)
    stored = load_library(Artifacts(folder).current())
    for library in (editor.library, stored):
        assert all(dict(library.tags_of(photo))["sunset"] > 0 for photo in range(65))
        assert np.mean([dict(library.tags_of(at))["sunset"] for at in given]) > 3 * dict(library.tags_of(40))["sunset"]
    assert stored.edits == editor.journal.digest


def test_merged_clusters_are_learnt_as_one_and_none_of_it_stays_after_undo(folder: Path) -> None:
    editor = Editor(folder)
    start = load_library(editor.version)
    editor.do(new_edits.merge(editor.library, [0, 1], "Both"))
    assert editor.library.cluster_sizes().tolist() == [50, 10]
    editor.publish()
    learnt = load_library(editor.version)
    assert {tag for tag, _ in learnt.descriptions[0].tags} == {"kind0", "kind1"}
    assert learnt.descriptions[0].n_labelled == 4
    assert not np.array_equal(learnt.top_tags.scores, start.top_tags.scores)
    editor.undo()
    editor.publish()
    again = load_library(editor.version)
    assert names(again) == names(start)
    np.testing.assert_array_equal(again.top_tags.scores, start.top_tags.scores)
    np.testing.assert_array_equal(again.clusters.labels, start.clusters.labels)


def test_undo_and_redo_go_step_by_step_and_say_so(folder: Path) -> None:
    editor = Editor(folder)
    start = names(editor.library)
    editor.do(new_edits.rename(editor.library, 0, "Rex"))
    editor.do(new_edits.rename(editor.library, 1, "Max"))
    undone = editor.undo()
    assert (undone.sentence, undone.is_undo) == (f"undone: {start[1]} renamed to Max", True)
    assert names(undone.library) == names(editor.library) == ["Rex", *start[1:]]
    editor.undo()
    assert names(editor.library) == start
    assert editor.is_published, "nothing is in force, as when it was fitted"
    done = editor.redo()
    assert (done.sentence, done.is_undo) == (f"done again: {start[0]} renamed to Rex", False)
    assert names(editor.library) == ["Rex", *start[1:]]
    editor.do(new_edits.rename(editor.library, 2, "Ben"))
    with pytest.raises(UsageError, match="nothing to redo"):
        editor.redo()
    assert names(editor.library) == ["Rex", start[1], "Ben"], "what is refused changes nothing"
    assert [entry.state for entry in editor.journal.entries] == ["applied", "dropped", "applied"]


def test_there_is_nothing_to_undo_or_redo_at_first(folder: Path) -> None:
    editor = Editor(folder)
    for refused in (editor.undo, editor.redo):
        with pytest.raises(UsageError, match="there is nothing to"):
            refused()
    assert editor.journal.last == 0


def test_publish_without_edits_makes_no_version(folder: Path) -> None:
    editor = Editor(folder)
    assert editor.is_published
    assert editor.publish(lambda *_: pytest.fail("it learnt")).name == "0001"
    editor.do(new_edits.rename(editor.library, 0, "Rex"))
    editor.undo()
    assert editor.publish(lambda *_: pytest.fail("it learnt")).name == "0001"
    assert versions(folder) == ["0001"]


def test_a_name_alone_is_published_without_learning(folder: Path) -> None:
    editor = Editor(folder)
    before = load_library(editor.version)
    editor.do(new_edits.rename(editor.library, 0, "Rex"))
    assert editor.publish(lambda *_: pytest.fail("it learnt")).name == "0002"
    stored = load_library(Artifacts(folder).current())
    assert names(stored)[0] == "Rex"
    np.testing.assert_array_equal(stored.top_tags.scores, before.top_tags.scores)
    assert editor.is_published


def test_commit_makes_a_change_and_publishes_it(folder: Path) -> None:
    other, editor = Editor(folder), Editor(folder)
    other.do(new_edits.rename(other.library, 2, "Ben"))
    change = editor.commit(lambda own: own.do(new_edits.merge(own.library, [0, 1], "Both")))
    assert change.library is editor.library
    assert names(change.library) == names(load_library(Artifacts(folder).current())) == ["Both", "Ben"]
    assert editor.is_published
    assert editor.version.name == "0002"


def test_while_another_writes_nothing_is_published_and_edits_go_on(folder: Path) -> None:
    editor = Editor(folder)
    with Artifacts(folder).writing():
        change = editor.do(new_edits.rename(editor.library, 0, "Rex"))
        assert names(change.library)[0] == "Rex"
        with pytest.raises(LockedError, match="another clustertags") as refusal:
            editor.publish()
        one_sentence(refusal)
        with pytest.raises(LockedError):
            editor.commit(lambda own: own.do(new_edits.rename(own.library, 1, "Max")))
    assert [entry.number for entry in editor.journal.entries] == [1], "a commit that is refused records nothing"
    assert names(Editor(folder).library).count("Max") == 0
    assert versions(folder) == ["0001"]
    assert editor.publish().name == "0002"


def test_two_editors_and_a_writer(folder: Path) -> None:
    one, two = Editor(folder), Editor(folder)
    one.do(new_edits.rename(one.library, 0, "Rex"))
    assert two.reload()
    assert not two.reload()
    assert two.library.descriptions[0].name == "Rex"
    with Artifacts(folder).writing():
        with pytest.raises(LockedError, match="another clustertags"):
            two.publish()
        with pytest.raises(LockedError):
            two.commit(lambda editor: editor.undo())
        two.do(new_edits.rename(two.library, 1, "Max"))
    assert one.undo().sentence.endswith("renamed to Max"), "the journal decides, not what an editor has seen"
    one.publish()
    two.reload()
    assert two.is_published
    assert two.version.name == "0002"
    with pytest.raises(UsageError, match="nothing to undo"):
        for _ in range(3):
            two.undo()


def test_reload_takes_in_another_fit(folder: Path) -> None:
    editor = Editor(folder)
    editor.do(new_edits.rename(editor.library, 0, "Rex"))
    publish_made(made_library(np.repeat([0, 1], [35, 30]), kinds=np.repeat([0, 1], [35, 30])), folder)
    assert editor.reload()
    assert editor.version.name == "0002"
    assert editor.library.cluster_sizes().tolist() == [35, 30]
    assert names(editor.library)[0] == "Rex", "edits of before are made to what is there now"
    assert not editor.is_published


def test_an_edit_while_another_is_learnt_is_kept_and_seen(folder: Path) -> None:
    editor = Editor(folder)
    editor.do(new_edits.merge(editor.library, [0, 1]))
    learning = threading.Event()
    thread = threading.Thread(target=lambda: editor.publish(lambda *_: learning.set()))
    thread.start()
    assert learning.wait(60)
    editor.do(new_edits.rename(editor.library, 0, "Rex"))
    thread.join()
    assert editor.library.descriptions[0].name == "Rex"
    assert not editor.is_published
    editor.publish()
    assert load_library(editor.version).descriptions[0].name == "Rex"


def test_edits_that_do_not_hold_are_told(folder: Path) -> None:
    editor = Editor(folder)
    elsewhere = made_library(np.zeros(20, int), numbers=np.arange(1000, 1020))
    change = editor.do(new_edits.rename(elsewhere, 0, "Rex"))
    (notice,) = change.notices
    assert "does not hold" in notice
    assert "renamed to Rex" in notice
    assert change.library.edit_notices == change.notices
    assert "Rex" not in names(change.library)
    assert editor.do(new_edits.rename(editor.library, 0, "Max")).notices == change.notices, "it stays told"
    editor.publish()
    assert load_library(editor.version).edit_notices == change.notices
    editor.undo()
    assert editor.undo().notices == ()


EDITS = """
import sys
from pathlib import Path
from clustertags.editing import new_edits
from clustertags.workflows.edit import Editor
editor = Editor(Path(sys.argv[1]))
for number in range(15):
    editor.do(new_edits.give_tags(editor.library, [number], [f"{sys.argv[2]}{number}"]))
"""


def test_two_processes_lose_no_edit(folder: Path) -> None:
    started = [subprocess.Popen([sys.executable, "-c", EDITS, folder, who]) for who in ("a", "b")]
    assert [process.wait(timeout=120) for process in started] == [0, 0]
    editor = Editor(folder)
    assert [entry.number for entry in editor.journal.entries] == list(range(1, 31))
    for photo in range(15):
        assert {f"a{photo}", f"b{photo}"} <= set(editor.library.seed_tags_of(photo))


def test_two_threads_lose_no_edit(folder: Path) -> None:
    editor = Editor(folder)

    def give(who: str) -> None:
        for number in range(10):
            editor.do(new_edits.give_tags(editor.library, [number], [f"{who}{number}"]))

    threads = [threading.Thread(target=give, args=(who,)) for who in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert editor.journal.last == 20
    for photo in range(10):
        assert {f"a{photo}", f"b{photo}"} <= set(editor.library.seed_tags_of(photo))


def test_a_missing_catalogue_is_one_clear_error(folder: Path) -> None:
    editor = Editor(folder)
    editor.do(new_edits.rename(editor.library, 0, "Rex"))
    editor.publish()
    Artifacts(folder).catalogue.unlink()
    with pytest.raises(DamagedError, match=r"library\.sqlite is missing: run `clustertags fit` again") as refusal:
        Editor(folder)
    one_sentence(refusal)
    with pytest.raises(DamagedError, match=r"library\.sqlite is missing"):
        editor.do(new_edits.rename(editor.library, 1, "Max"))
    assert not Artifacts(folder).catalogue.exists(), "an empty one is no remedy"
    assert names(load_edited(folder))[0] == "Rex", "what was learnt can be looked at all the same"


def test_a_damaged_layout_is_one_clear_error_and_the_edits_stay(folder: Path) -> None:
    editor = Editor(folder)
    layout = editor.version.folder / LAYOUT_FILE
    whole = layout.read_bytes()
    editor.do(new_edits.rename(editor.library, 0, "Rex"))
    for damage in (lambda: layout.write_bytes(whole[:-1]), layout.unlink):
        damage()
        with pytest.raises(DamagedError, match="lacks its layout: fit again, the edits are recorded") as refusal:
            editor.publish()
        assert "0001" in one_sentence(refusal)
    assert (editor.journal.last, versions(folder)) == (1, ["0001"])
    layout.write_bytes(whole)
    editor.publish()
    assert names(load_library(editor.version))[0] == "Rex"


def test_without_a_fit_there_is_nothing_to_edit(tmp_path: Path) -> None:
    for opened in (Editor, load_edited):
        with pytest.raises(NotFittedError, match="clustertags fit"):
            opened(tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()


def test_the_library_in_use_is_the_one_that_was_made(folder: Path) -> None:
    """What the other tests stand on."""
    library = Editor(folder).library
    assert library.photos == simple_library().photos
    assert library.cluster_sizes().tolist() == [30, 20, 10]
    assert names(library) == ["kind0", "kind1", "kind2"]
    assert all(library.tags_of(photo)[0][0] == "kind0" for photo in range(30))


def test_what_is_known_of_a_photo_outlasts_saving_and_undo(folder: Path) -> None:
    editor = Editor(folder)
    editor.do(new_edits.give_tags(editor.library, [5, 6], ["kind1"]))
    editor.do(new_edits.reject_tags(editor.library, [5], ["kind2"]))
    editor.publish()
    stored = load_library(Artifacts(folder).current())
    for name in ("partial", "rejected", "stated"):
        np.testing.assert_array_equal(getattr(stored.seeds, name), getattr(editor.library.seeds, name))
    assert [stored.labelled_in_full(photo) for photo in (0, 5, 6, 7)] == [True, False, False, None]
    assert stored.tag_model is not None and not stored.tag_model.stated.all()
    change = editor.do(new_edits.complete_tags(editor.library, [5, 6]))
    assert change.sentence == "2 photos have no other tags"
    editor.publish()
    learnt = load_library(Artifacts(folder).current())
    assert learnt.labelled_in_full(5) is True
    assert learnt.tag_model is not None and learnt.tag_model.stated.all(), "it was learnt again"
    editor.undo()
    assert editor.library.labelled_in_full(5) is False

"""Labels taken back from a file: recorded as one edit, learnt at once, and told in figures."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from clustertags.editing import new_edits
from clustertags.errors import LockedError, SeedsError, UsageError
from clustertags.library.artifacts import Artifacts
from clustertags.library.model import FittedLibrary
from clustertags.library.saving import load_library
from clustertags.workflows.edit import Editor
from clustertags.workflows.take_labels import labels_by_content, take_labels
from tests.made.fitted import content, simple_library
from tests.made.labels import seed_tags, write_labels


def in_use(folder: Path) -> FittedLibrary:
    return load_library(Artifacts(folder).current())


def labelled(path: Path, tags: dict[int, str]) -> Path:
    return write_labels(path, {f"{photo:05d}.jpg": text for photo, text in tags.items()})


def test_labels_are_recorded_learnt_and_put_in_use(folder: Path, tmp_path: Path) -> None:
    before = in_use(folder)
    source = labelled(tmp_path / "labels.csv", {60: "sunset", 61: "sunset", 62: "sunset|kind1", 2: "kind0"})
    steps: list[tuple[str, int, int]] = []
    taken = take_labels(source, folder, lambda *step: steps.append(step))
    after = in_use(folder)
    assert (taken.version, taken.n_taken, taken.before, taken.after) == ("0002", 4, 6, 10)
    assert (taken.n_tags, taken.new_tags, taken.n_photos) == (4, ("sunset",), 65)
    (notice,) = taken.notices
    assert "4 photos" in notice, "those that count in addition to the tags of the fit"
    assert taken.n_changed == sum(a != b for a, b in zip(before.best_tags(), after.best_tags(), strict=True))
    assert taken.n_changed >= 1
    assert after.seed_tags_of(62) == ("kind1", "sunset")
    assert "sunset" in dict(after.tags_of(63)), "learnt, not only recorded"
    assert steps[-1][1:] == (65, 65)
    (entry,) = Editor(folder).journal.entries
    assert dict(entry.edit.labels) == {  # type: ignore[union-attr]
        content(60): ("sunset",),
        content(61): ("sunset",),
        content(62): ("kind1", "sunset"),
        content(2): ("kind0",),
    }


def test_a_label_takes_the_place_of_the_earlier_one(folder: Path, tmp_path: Path) -> None:
    take_labels(labelled(tmp_path / "first.csv", {60: "wrong", 61: "sunset"}), folder)
    taken = take_labels(labelled(tmp_path / "second.csv", {60: "right"}), folder)
    assert (taken.n_taken, taken.before, taken.after, taken.new_tags) == (1, 8, 8, ("right",))
    after = in_use(folder)
    assert after.seed_tags_of(60) == ("right",)
    assert after.seed_tags_of(61) == ("sunset",), "other photos keep theirs"
    assert "wrong" not in after.seeds.vocabulary
    editor = Editor(folder)
    editor.undo()
    assert editor.library.seed_tags_of(60) == ("wrong",)


def test_json_lines_and_rows_left_empty(folder: Path, tmp_path: Path) -> None:
    source = tmp_path / "labels.jsonl"
    rows = [{"image": "00060.jpg", "tags": ["sunset"]}, {"image": "00061.jpg", "tags": []}]
    source.write_text("".join(json.dumps(row) + "\n" for row in rows))
    taken = take_labels(source, folder)
    assert (taken.n_taken, taken.after) == (1, 7)
    assert any("1 row" in notice for notice in taken.notices), "told, and no mistake"


def test_none_of_the_tags_is_a_label(folder: Path, tmp_path: Path) -> None:
    rows = {3: "-", 4: "-", 60: "kind0", 61: "", 2: "-"}
    taken = take_labels(labelled(tmp_path / "labels.csv", rows), folder)
    assert (taken.n_taken, taken.n_none) == (4, 3)
    after = in_use(folder)
    assert after.seeds.none.tolist() == [2, 3, 4], "also where other tags were recorded before"
    assert after.tags_of(3) == ()
    assert after.seed_tags_of(2) == ()
    assert after.n_unlabelled == after.n_photos - len(after.seeds.reviewed)
    editor = Editor(folder)
    editor.do(new_edits.give_tags(editor.library, [3], ["kind2"]))
    assert editor.library.seeds.none.tolist() == [2, 4], "until it is given a tag"
    assert editor.library.seed_tags_of(3) == ("kind2",)
    take_labels(labelled(tmp_path / "again.csv", {4: "kind1"}), folder)
    assert in_use(folder).seeds.none.tolist() == [2]
    editor.reload()
    editor.undo()
    editor.undo()
    assert editor.library.seeds.none.tolist() == [2, 3, 4]


def test_none_of_the_tags_outdoes_the_tags_of_the_fit(folder: Path, tmp_path: Path) -> None:
    before = in_use(folder)
    photo = int(before.seeds.photos[0])
    taken = take_labels(labelled(tmp_path / "labels.csv", {photo: "-"}), folder)
    after = in_use(folder)
    assert (taken.before, taken.after) == (before.seeds.n_labelled, before.seeds.n_labelled - 1)
    assert (after.seed_tags_of(photo), after.seeds.none.tolist()) == ((), [photo])


def test_what_earlier_edits_left_is_told_too(folder: Path, tmp_path: Path) -> None:
    editor = Editor(folder)
    editor.do(new_edits.hide_photos(editor.library, [60]))
    taken = take_labels(labelled(tmp_path / "labels.csv", {61: "sunset"}), folder)
    assert (taken.before, taken.after) == (6, 7)
    assert in_use(folder).hidden.tolist() == [60], "what waited is learnt with it"


@pytest.mark.parametrize(
    ("text", "error", "told"),
    [
        ("", SeedsError, "image"),
        ("image,tags\n", SeedsError, "no rows"),
        ("image,tags\n00060.jpg,\n", UsageError, "holds no tag yet: fill in its column tags, with | between two tags"),
        ("image,tags\nelsewhere.jpg,cat\n", SeedsError, r"elsewhere\.jpg"),
    ],
)
def test_a_file_without_labels_changes_nothing(
    folder: Path, tmp_path: Path, text: str, error: type[Exception], told: str
) -> None:
    source = tmp_path / "labels.csv"
    source.write_text(text)
    with pytest.raises(error, match=told) as refusal:
        take_labels(source, folder)
    assert "labels.csv" in str(refusal.value)
    assert Editor(folder).journal.last == 0
    assert Artifacts(folder).current().name == "0001"


def test_while_another_writes_no_label_is_recorded(folder: Path, tmp_path: Path) -> None:
    source = labelled(tmp_path / "labels.csv", {60: "sunset"})
    with Artifacts(folder).writing(), pytest.raises(LockedError):
        take_labels(source, folder)
    assert Editor(folder).journal.last == 0
    assert take_labels(source, folder).version == "0002"


def test_labels_go_by_content_not_by_name() -> None:
    library = simple_library()
    found = labels_by_content(library, seed_tags({5: "dog cat", 60: "sun"}))
    assert found == {content(5): ("cat", "dog"), content(60): ("sun",)}
    assert labels_by_content(library, seed_tags({})) == {}
    assert np.array_equal(library.seeds.photos, simple_library().seeds.photos)


def test_labels_that_are_not_all_are_taken_as_such(folder: Path, tmp_path: Path) -> None:
    source = tmp_path / "labels.csv"
    source.write_text("image,tags,complete\n00060.jpg,sunset,no\n00061.jpg,sunset,\n")
    take_labels(source, folder)
    after = in_use(folder)
    assert (after.labelled_in_full(60), after.labelled_in_full(61)) == (False, True)

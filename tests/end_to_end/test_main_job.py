"""Fit, tag, info: what a person does first."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import Library, Ran
from tests.made.keywords import xmp
from tests.made.labels import write_labels
from tests.made.photos import made_photo, write_photos

Run = Callable[..., Ran]


def state_of(folder: Path) -> dict[str, tuple[object, ...]]:
    """Every entry's bytes, times and modes."""
    entries = {}
    for path in sorted(folder.rglob("*")):
        status = path.lstat()
        data = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        entries[str(path)] = (data, status.st_mtime_ns, status.st_ctime_ns, status.st_mode, status.st_size)
    return entries


def new_photos(folder: Path) -> dict[str, str]:
    folder.mkdir()
    kinds = {f"new{kind}-{number}.jpg": kind for kind in range(4) for number in range(3)}
    for name, kind in kinds.items():
        made_photo(100 + int(name[-5]), kind).save(folder / name, quality=90)
    return {name: f"kind{kind}" for name, kind in kinds.items()}


def test_new_photos_get_the_tag_of_their_kind(run: Run, fitted: Library, tmp_path: Path) -> None:
    truth = new_photos(tmp_path / "new")
    ran = run("tag", tmp_path / "new", "--artifacts", fitted.artifacts, "--format", "jsonl", "--min-score", "0")
    assert ran.status == 0
    assert ran.err == "", "quiet in a pipe"
    answers = {Path(answer["path"]).name: answer for answer in ran.answers}
    assert set(answers) == set(truth)
    right = [answers[name]["tags"][0]["tag"] == kind for name, kind in truth.items()]
    assert np.mean(right) >= 0.9


def test_the_json_lines_have_the_promised_shape(run: Run, fitted: Library) -> None:
    photo = fitted.photos / "003-1.jpg"
    (answer,) = run(
        "tag", photo, "--artifacts", fitted.artifacts, "--format", "jsonl", "--top-k", "2", "--min-score", "0"
    ).answers
    assert list(answer) == ["path", "tags", "cluster", "abstained", "reason"]
    assert answer["path"] == str(photo)
    assert len(answer["tags"]) == 2
    assert [set(tag) for tag in answer["tags"]] == [{"tag", "score"}] * 2
    scores = [tag["score"] for tag in answer["tags"]]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    assert answer["cluster"] is None or set(answer["cluster"]) == {"id", "name", "score"}
    assert answer["abstained"] is False


def test_the_same_photo_gets_the_same_tags_in_any_company(run: Run, fitted: Library, tmp_path: Path) -> None:
    truth = new_photos(tmp_path / "new")
    options = ("--artifacts", fitted.artifacts, "--format", "jsonl", "--min-score", "0")
    together = {answer["path"]: answer for answer in run("tag", tmp_path / "new", *options).answers}
    shuffled = [tmp_path / "new" / name for name in truth]
    random.Random(0).shuffle(shuffled)
    assert {answer["path"]: answer for answer in run("tag", *shuffled, *options).answers} == together
    alone = run("tag", shuffled[0], *options).answers[0]
    assert alone == together[str(shuffled[0])]
    core = min(os.sched_getaffinity(0))
    command = [sys.executable, "-m", "clustertags", "tag", str(shuffled[0]), *map(str, options)]
    on_one_core = f"import os, sys; os.sched_setaffinity(0, [{core}]); os.execv(sys.argv[1], sys.argv[1:])"
    limited = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    output = subprocess.run(
        [sys.executable, "-c", on_one_core, *command], capture_output=True, check=True, env=limited
    ).stdout
    assert json.loads(output) == alone


def test_a_fitted_photo_keeps_its_cluster_and_its_tags(run: Run, fitted: Library) -> None:
    from clustertags.library.artifacts import Artifacts
    from clustertags.library.saving import load_library

    library = load_library(Artifacts(fitted.artifacts).current())
    answers = run(
        "tag", fitted.photos, "--artifacts", fitted.artifacts, "--format", "jsonl", "--min-score", "0", "--top-k", "99"
    ).answers
    assert len(answers) == library.n_photos
    for index, answer in enumerate(answers):
        assert Path(answer["path"]).name == library.photos[index].path
        assert (answer["cluster"] or {"id": -1})["id"] == library.clusters.labels[index]
        assert {tag["tag"]: pytest.approx(tag["score"], abs=1e-5) for tag in answer["tags"]} == dict(
            library.tags_of(index)
        )


def test_explain_says_where_each_tag_comes_from(run: Run, fitted: Library, tmp_path: Path) -> None:
    new_photos(tmp_path / "new")
    photo = tmp_path / "new" / "new2-0.jpg"
    (answer,) = run("tag", photo, "--artifacts", fitted.artifacts, "--format", "jsonl", "--explain").answers
    parts = answer["tags"][0]["parts"]
    assert sum(part["share"] for part in parts) == pytest.approx(1, abs=0.01)
    assert any("-2.jpg" in part["detail"] for part in parts), "the labelled photos of its kind are named"
    assert answer["withheld"]
    table = run("tag", photo, "--artifacts", fitted.artifacts, "--explain").out
    assert "kind2" in table
    assert "cluster" in table


def test_abstaining_says_why(run: Run, fitted: Library) -> None:
    photo = fitted.photos / "009-1.jpg"
    options = ("--artifacts", fitted.artifacts, "--format", "jsonl")
    (answer,) = run("tag", photo, *options, "--min-score", "1").answers
    assert answer["abstained"] is True
    assert answer["tags"] == []
    assert "less than the 1.00 required" in answer["reason"]


def test_every_format_prints_every_photo(run: Run, fitted: Library, tmp_path: Path) -> None:
    truth = new_photos(tmp_path / "new")
    options = ("--artifacts", fitted.artifacts, "--min-score", "0")
    as_json = json.loads(run("tag", tmp_path / "new", *options, "--format", "json").out)
    lines = run("tag", tmp_path / "new", *options, "--format", "jsonl").answers
    assert as_json == lines
    rows = list(csv.DictReader(io.StringIO(run("tag", tmp_path / "new", *options, "--format", "csv").out)))
    assert [row["image"] for row in rows] == [answer["path"] for answer in lines]
    assert [row["tags"].split("|") for row in rows] == [[tag["tag"] for tag in answer["tags"]] for answer in lines]
    table = run("tag", tmp_path / "new", *options, "--format", "table").out
    assert all(name in table for name in truth)


def test_an_unreadable_photo_among_others_is_an_answer(run: Run, fitted: Library, tmp_path: Path) -> None:
    (tmp_path / "broken.jpg").write_bytes((fitted.photos / "000-0.jpg").read_bytes()[:400])
    photos = (fitted.photos / "000-0.jpg", tmp_path / "broken.jpg", fitted.photos / "001-1.jpg")
    ran = run("tag", *photos, "--artifacts", fitted.artifacts, "--format", "jsonl")
    assert ran.status == 3
    assert [answer["path"] for answer in ran.answers] == [str(path) for path in photos]
    assert ran.answers[1]["abstained"] is True
    assert "damaged JPEG" in ran.answers[1]["reason"]
    assert run("tag", tmp_path / "missing.jpg", "--artifacts", fitted.artifacts).status == 1


def test_a_photo_in_a_folder_that_cannot_be_read_is_an_answer_too(run: Run, fitted: Library, tmp_path: Path) -> None:
    made_photo(1).save(tmp_path / "b.jpg")
    (tmp_path / "a.jpg").write_bytes(b"")
    (tmp_path / "notes.txt").write_text("no photo")
    ran = run("tag", tmp_path, "--artifacts", fitted.artifacts, "--format", "jsonl")
    assert ran.status == 3
    assert [Path(answer["path"]).name for answer in ran.answers] == ["a.jpg", "b.jpg"]
    assert "empty" in ran.answers[0]["reason"]


def test_info_shows_what_is_fitted(run: Run, fitted: Library) -> None:
    text = run("info", "--artifacts", fitted.artifacts).out
    assert "48 photos" in text
    assert "16 labelled photos" in text
    shown = json.loads(run("info", "--artifacts", fitted.artifacts, "--json").out)
    assert shown["counts"]["photos"] == 48
    assert sum(cluster["photos"] for cluster in shown["clusters"]) + shown["counts"]["unclustered"] == 48


def test_a_second_fit_decodes_nothing_and_follows_changes(run: Run, artifacts: Path, tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    write_photos(photos, 3, 8)
    shutil.copy(photos / "000-0.jpg", photos / "copy.jpg")
    first = run("fit", photos, "--artifacts", artifacts)
    assert "25 files: 25 photos used (1 file with the same content as another), 0 skipped" in first.out
    assert "0 photos decoded" in run("fit", photos, "--artifacts", artifacts).out

    (photos / "sub").mkdir()
    (photos / "000-1.jpg").rename(photos / "sub" / "renamed.jpg")
    (photos / "002-2.jpg").unlink()
    made_photo(50, 1).save(photos / "new.jpg")
    changed = run("fit", photos, "--artifacts", artifacts)
    assert "25 files: 25 photos used" in changed.out
    assert "1 photo decoded" in changed.out
    listed = json.loads((artifacts / "models" / "0003" / "photos.json").read_text())
    paths = {path for _, *names in listed["photos"] for path in names}
    assert {"sub/renamed.jpg", "new.jpg", "copy.jpg"} <= paths
    assert not {"000-1.jpg", "002-2.jpg"} & paths


def test_the_photo_folder_is_left_alone(run: Run, artifacts: Path, tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    kinds = write_photos(photos, 3, 8)
    (photos / "notes.txt").write_text("mine")
    write_labels(photos / "tags.csv", kinds)
    before = state_of(photos)
    assert run("fit", photos, "--artifacts", artifacts).status == 0
    assert run("tag", photos, "--artifacts", artifacts).status == 0
    assert run("gallery", "--artifacts", artifacts).status == 0
    assert state_of(photos) == before


def test_artifacts_inside_the_photo_folder_are_no_photos(run: Run, tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    write_photos(photos, 2, 8)
    artifacts = photos / "artifacts"
    for _ in range(2):
        assert "16 files: 16 photos used" in run("fit", photos, "--artifacts", artifacts).out


def test_tags_from_keywords_sidecars_folders_and_the_default_file(run: Run, artifacts: Path, tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    write_photos(photos / "sea", 1, 6)
    made_photo(1, 2).save(photos / "inside.jpg", xmp=xmp("within"))
    made_photo(2, 2).save(photos / "beside.jpg")
    (photos / "beside.jpg.xmp").write_bytes(xmp("sidecar"))

    def tags() -> list[str]:
        return json.loads(
            (artifacts / "models" / (artifacts / "CURRENT").read_text().strip() / "tags.json").read_text()
        )["vocabulary"]

    assert run("fit", photos, "--artifacts", artifacts).status == 0
    assert tags() == ["sidecar", "within"]
    assert run("fit", photos, "--artifacts", artifacts, "--tags", "folders").status == 0
    assert tags() == ["sea"]
    (photos / "tags.csv").write_text("image,tags\ninside.jpg,one|two\n")
    assert run("fit", photos, "--artifacts", artifacts).status == 0
    assert tags() == ["one", "two"]


def test_without_tags_clusters_have_names_and_photos_get_them(run: Run, artifacts: Path, tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    write_photos(photos, 3, 10)
    ran = run("fit", photos, "--artifacts", artifacts)
    assert ran.status == 0
    assert "no tags given" in ran.out
    answers = run("tag", photos, "--artifacts", artifacts, "--format", "jsonl", "--min-score", "0").answers
    assert all(answer["tags"] or answer["abstained"] for answer in answers)
    assert len({answer["cluster"]["name"] for answer in answers if answer["cluster"]}) >= 2


def test_the_python_interface_does_the_same(run: Run, fitted: Library) -> None:
    import clustertags
    from clustertags.errors import UnreadablePhotoError
    from clustertags.tagging.predictions import TagOptions

    photo = fitted.photos / "005-2.jpg"
    (answer,) = run("tag", photo, "--artifacts", fitted.artifacts, "--format", "jsonl").answers
    tagger = clustertags.load(fitted.artifacts)
    tagged = tagger.tag(photo, TagOptions())
    assert [(tag.tag, tag.score) for tag in tagged.tags] == [(tag["tag"], tag["score"]) for tag in answer["tags"]]
    with pytest.raises(UnreadablePhotoError, match=r"seeds\.csv"):
        tagger.tag(fitted.seeds)


@pytest.mark.slow
def test_augmented_features_are_kept_apart_and_used_by_tag_too(run: Run, artifacts: Path, tmp_path: Path) -> None:
    photos = tmp_path / "photos"
    write_photos(photos, 2, 8)
    (photos / "tags.csv").write_text("image,tags\n000-0.jpg,zero\n001-0.jpg,one\n")
    assert run("fit", photos, "--artifacts", artifacts).status == 0
    plain = run("tag", photos, "--artifacts", artifacts, "--format", "jsonl", "--min-score", "0").answers
    augmented = run("fit", photos, "--artifacts", artifacts, "--augment", "3")
    assert "16 photos decoded" in augmented.out
    assert "features averaged over 3 augmentations, 3 times the network's work" in augmented.out
    several = run("tag", photos, "--artifacts", artifacts, "--format", "jsonl", "--min-score", "0").answers
    assert [line["path"] for line in several] == [line["path"] for line in plain]
    assert [line["tags"] for line in several] != [line["tags"] for line in plain]
    copied = tmp_path / "000-0.jpg"
    copied.write_bytes((photos / "000-0.jpg").read_bytes())
    (alone,) = run("tag", copied, "--artifacts", artifacts, "--format", "jsonl", "--min-score", "0").answers
    assert alone["tags"] == next(line["tags"] for line in several if line["path"].endswith("000-0.jpg"))
    stored = json.loads((artifacts / "models" / "0002" / "backbone.json").read_bytes())
    assert stored["preprocess"]["views"] == 3, "the name in files of earlier versions"
    again = run("fit", photos, "--artifacts", artifacts, "--views", "3")
    assert "0 photos decoded" in again.out

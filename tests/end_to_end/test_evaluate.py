"""`clustertags evaluate` from the command line."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import clustertags
from tests.conftest import Library, Ran
from tests.made.labels import write_labels, write_seeds
from tests.made.photos import made_photo, write_photos

Run = Callable[..., Ran]


def evaluated(ran: Ran) -> dict[str, Any]:
    assert ran.status == 0, ran.err
    made: dict[str, Any] = json.loads(ran.out)
    return made


@pytest.fixture
def truth(fitted: Library, tmp_path: Path) -> Path:
    return write_labels(tmp_path / "truth.csv", fitted.kinds)


def test_the_fitted_folder_is_scored_without_its_seeds(run: Run, fitted: Library, truth: Path) -> None:
    made = evaluated(run("evaluate", "--tags", truth, "--artifacts", fitted.artifacts, "--format", "json"))
    assert made["protocol"] == "given truth"
    assert (made["condition"], made["unknown_kinds"], made["unknown_kinds_missing"]) == ("", None, "")
    assert made["n_photos"] == 48 - 16
    assert any("16 photos are excluded, labelled in the fit" in note for note in made["notes"])
    assert made["overall"]["P@1"]["value"] > 0.9
    assert made["overall"]["P@1"]["low"] <= made["overall"]["P@1"]["value"] <= made["overall"]["P@1"]["high"]
    assert [item["asked"] for item in made["at_precision"]] == [0.5, 0.8, 0.9]
    assert sum(item["n_photos"] for item in made["tags"]) == 32
    assert sum(map(sum, made["confusion"]["counts"])) == 32
    everything = evaluated(
        run("evaluate", "--tags", truth, "--artifacts", fitted.artifacts, "--format", "json", "--with-seeds")
    )
    assert everything["n_photos"] == 48
    assert any("16 photos are scored though labelled in the fit" in note for note in everything["notes"])


def test_the_figures_are_those_of_what_tag_prints(run: Run, fitted: Library, tmp_path: Path) -> None:
    folder = tmp_path / "new"
    folder.mkdir()
    for number in range(3):
        for kind in range(4):
            made_photo(200 + number, kind).save(folder / f"{number}-{kind}.jpg", quality=90)
    names = {f"{number}-{kind}.jpg": f"kind{kind}" for number in range(3) for kind in range(4)}
    names["0-0.jpg"] = "kind3"  # one that must count as wrong
    truth = write_labels(tmp_path / "truth.csv", names)
    options = ("--artifacts", fitted.artifacts)
    made = evaluated(run("evaluate", folder, "--tags", truth, *options, "--format", "json", "-k", "2"))
    answers = run("tag", folder, *options, "--format", "jsonl", "--min-score", "0").answers
    right = [answer["tags"][0]["tag"] == names[Path(answer["path"]).name] for answer in answers]
    assert made["overall"]["P@1"]["value"] == pytest.approx(sum(right) / 12, abs=1e-6)
    assert made["overall"]["A@2"]["value"] >= made["overall"]["P@1"]["value"]
    for asked in made["at_precision"]:
        precision = str(asked["asked"])
        given = run("tag", folder, *options, "--format", "jsonl", "--precision", precision).answers
        covered = sum(bool(answer["tags"]) for answer in given) / 12
        assert asked["photos_covered"]["value"] == pytest.approx(covered, abs=1e-6)


def test_spellings_unknown_tags_copies_and_unreadable_photos(run: Run, fitted: Library, tmp_path: Path) -> None:
    folder = tmp_path / "new"
    folder.mkdir()
    made_photo(300, 0).save(folder / "a.jpg")
    made_photo(301, 1).save(folder / "b.jpg")
    made_photo(302, 2).save(folder / "c.jpg")
    shutil.copy(folder / "a.jpg", folder / "copy.jpg")
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0 no picture")
    tags = {"a.jpg": "#KIND0|zebra", "b.jpg": "kind1", "c.jpg": "zebra", "copy.jpg": "kind0", "broken.jpg": "kind1"}
    truth = write_labels(tmp_path / "truth.csv", tags)
    ran = run("evaluate", folder, "--tags", truth, "--artifacts", fitted.artifacts, "--format", "json")
    assert ran.status == 3
    assert "1 photo could not be read" in ran.err
    made = json.loads(ran.out)
    assert (made["n_photos"], made["n_unreadable"]) == (2, 1)
    notes = " ".join(made["notes"])
    assert "1 true tag is not in the library and not scored (zebra; 2 uses)" in notes
    assert "1 photo is of kinds that no tag of the library names: scored apart" in notes
    assert (made["unknown_kinds"]["n_known"], made["unknown_kinds"]["n_unknown"]) == (2, 1)
    assert "1 photo is excluded, copies of another" in notes
    assert "1 photo is excluded, unreadable" in notes


def test_the_rules_for_tags_hold_for_the_truth_too(run: Run, artifacts: Path, tmp_path: Path) -> None:
    kinds = write_photos(tmp_path / "photos", n_kinds=3, n_each=8)
    write_seeds(tmp_path / "seeds.csv", kinds, per_kind=3)
    artifacts.mkdir()
    (artifacts / "vocabulary.txt").write_text("stripes = kind0\nthing > kind1\n")
    clustertags.fit(tmp_path / "photos", tags=tmp_path / "seeds.csv", artifacts=artifacts)
    truth = write_labels(tmp_path / "truth.csv", {n: "stripes" if k == "kind0" else k for n, k in kinds.items()})
    made = evaluated(run("evaluate", "--tags", truth, "--artifacts", artifacts, "--format", "json"))
    assert {item["tag"]: item["n_photos"] for item in made["tags"]} == {"kind0": 5, "kind1": 5, "kind2": 5, "thing": 5}
    assert made["n_photos"] == 15


def test_cross_validation_notes_what_was_computed_from_its_photos(run: Run, artifacts: Path, tmp_path: Path) -> None:
    kinds = write_photos(tmp_path / "photos", n_kinds=3, n_each=10)
    # Photos of one kind are near-duplicates of one another here: tags that several kinds share can be predicted.
    tags = {name: "even" if kind in {"kind0", "kind2"} else "odd" for name, kind in kinds.items()}
    clustertags.fit(tmp_path / "photos", tags=write_labels(tmp_path / "seeds.csv", tags), artifacts=artifacts)
    options = ("--artifacts", artifacts, "--format", "json", "--folds", "2")
    made = evaluated(run("evaluate", *options))
    assert made["protocol"] == "cross-validation"
    assert made["n_photos"] == 30
    assert "the clusters and the layout were computed from all photos" in " ".join(made["notes"])
    assert "given that a photo shows one of the tags" in made["condition"]
    assert made == evaluated(run("evaluate", *options))
    table = run("evaluate", *options[:2])
    assert made["condition"] in table.out.splitlines()
    assert "known and unknown kinds of photos" in table.out


def test_the_table_and_the_report(run: Run, fitted: Library, truth: Path, tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    ran = run("evaluate", "--tags", truth, "--artifacts", fitted.artifacts, "--precision", "0.7", "--report", report)
    assert ran.status == 0
    assert "32 photos scored, 4 tags, 1.0 a photo" in ran.out
    for words in ("P@1", "MiAP", "ECE of the best tag", "target precision", "\n0.7 ", "kind2"):
        assert words in ran.out
    page = report.read_text(encoding="utf-8")
    assert "kind2" in page
    assert str(tmp_path) not in page
    assert str(fitted.photos) not in page


@pytest.mark.parametrize("n_labelled", [0, 1])
def test_too_few_labelled_photos_are_one_clear_line(run: Run, artifacts: Path, tmp_path: Path, n_labelled: int) -> None:
    kinds = write_photos(tmp_path / "photos", n_kinds=2, n_each=3)
    seeds = None
    if n_labelled:
        write_seeds(tmp_path / "seeds.csv", {"000-0.jpg": kinds["000-0.jpg"]}, per_kind=1)
        seeds = tmp_path / "seeds.csv"
    clustertags.fit(tmp_path / "photos", tags=seeds, artifacts=artifacts)
    ran = run("evaluate", "--artifacts", artifacts)
    assert (ran.status, ran.out) == (1, "")
    assert len(ran.err.splitlines()) == 1
    assert "--tags" in ran.err
    truth = write_labels(tmp_path / "truth.csv", kinds)
    against = run("evaluate", "--tags", truth, "--artifacts", artifacts)
    assert against.status == (0 if n_labelled else 1)
    assert ("was fitted without tags" in against.err) == (not n_labelled)


def test_a_truth_that_leaves_nothing_to_score(run: Run, fitted: Library, tmp_path: Path) -> None:
    unknown = write_labels(tmp_path / "unknown.csv", dict.fromkeys(fitted.kinds, "zebra"))
    ran = run("evaluate", "--tags", unknown, "--artifacts", fitted.artifacts)
    assert (ran.status, ran.out) == (1, "")
    assert len(ran.err.splitlines()) == 1
    assert "zebra" in ran.err
    ran = run("evaluate", "--tags", fitted.seeds, "--artifacts", fitted.artifacts)
    assert (ran.status, ran.out) == (1, "")
    assert "labelled in the fit" in ran.err


def test_wrong_use(run: Run, fitted: Library, truth: Path, tmp_path: Path) -> None:
    options = ("--artifacts", fitted.artifacts)
    for arguments, words in (
        ((fitted.photos,), "--tags"),
        (("--tags", tmp_path / "nowhere.csv"), "nowhere.csv"),
        (("--tags", truth, "--report", tmp_path / "nowhere" / "report.html"), "report.html"),
        (("--tags", truth, "--report", tmp_path), "cannot be written: name a file"),
    ):
        ran = run("evaluate", *arguments, *options)
        assert (ran.status, ran.out) == (2, ""), arguments
        assert words in ran.err
    assert run("evaluate", "--artifacts", tmp_path / "nothing").status == 1
    assert run("evaluate", tmp_path / "nowhere", "--tags", truth, *options).status == 1

"""`clustertags benchmark` from photos to the page."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from clustertags.benchmark import method_registry
from tests.benchmark.made_sets import Frequent, Lacking, Means
from tests.conftest import Ran
from tests.made.labels import write_labels
from tests.made.photos import made_photo, write_photos

Run = Callable[..., Ran]


@pytest.fixture
def methods(monkeypatch: pytest.MonkeyPatch) -> None:
    """Three small methods in the place of all others."""
    method_registry.all_methods()
    monkeypatch.setattr(method_registry, "_METHODS", {method.name: method for method in (Means, Frequent, Lacking)})


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """32 photos of four kinds, tagged in a file beside them; one is a copy, and one is no photo."""
    folder = tmp_path / "photos"
    kinds = write_photos(folder, n_kinds=4, n_each=8)
    shutil.copyfile(folder / "000-0.jpg", folder / "copy.jpg")
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff nothing")
    rows = [f"{name},{kind}" for name, kind in kinds.items()] + ["copy.jpg,kind0", "broken.jpg,kind1"]
    (tmp_path / "labels.csv").write_text("image,tags\n" + "\n".join(rows) + "\n")
    return folder


@pytest.fixture
def output(tmp_path: Path) -> Path:
    """A place for results."""
    return tmp_path / "results"


@pytest.mark.slow
@pytest.mark.usefixtures("methods")
def test_photos_become_a_table_a_page_and_figures_and_a_second_run_does_nothing_twice(
    run: Run, photos: Path, output: Path
) -> None:
    command = ("benchmark", photos, "--tags", photos.parent / "labels.csv", "--output", output)
    # Named, as what lacks weights is left out otherwise.
    options = ("--budgets", "1,2", "--draws", "2", "--seed", "1", "--methods", ",".join(method_registry.all_methods()))
    first = run(*command, *options, "--format", "json")
    assert first.status == 3
    assert "1 photo could not be read" in first.err
    document = json.loads(first.out)
    assert document["set"]["n_photos"] == 32
    assert document["set"]["n_tags"] == 4
    rows = {row["name"]: row for row in document["methods"]}
    assert rows["clustertags"]["budgets"][1]["figures"]["P@1"]["mean"] > 0.9
    assert rows["lacking"]["reasons"] == ["the weights of lacking are not here: <b>get them</b>"]
    assert document == json.loads((output / "results.json").read_text())
    page = (output / "report.html").read_text(encoding="utf-8")
    assert "clustertags is first at every budget" in page
    assert page.count("data:image/jpeg") >= 6
    assert "000-0.jpg" not in page

    made = {path: path.stat().st_mtime_ns for path in (output / "cells").rglob("*") if path.is_file()}
    again = run(*command, *options)
    assert "first at every budget" in again.out
    assert "frequent" in again.out
    assert "of 4 cells" not in again.err.replace("0 of 4 cells", "")
    assert made == {path: path.stat().st_mtime_ns for path in (output / "cells").rglob("*") if path.is_file()}

    other = run(*command, "--split", output / "split.json", "--methods", "frequent", "--format", "json")
    assert json.loads(other.out)["split"] == document["split"]
    assert [row["name"] for row in json.loads(other.out)["methods"]] == ["frequent"]
    assert made == {path: path.stat().st_mtime_ns for path in (output / "cells").rglob("*") if path.is_file()}


@pytest.mark.usefixtures("methods")
def test_names_of_files_and_folders_never_reach_a_method(run: Run, tmp_path: Path, output: Path) -> None:
    """Photos stand in the order of their contents: renamed files give the same split and the same figures."""
    kinds = write_photos(tmp_path / "a", n_kinds=3, n_each=6)
    for at, (name, kind) in enumerate(kinds.items()):
        folder = tmp_path / "b" / kind
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(tmp_path / "a" / name, folder / f"{7 * at % 18:03d}.jpg")
    write_labels(tmp_path / "a" / "tags.csv", kinds)
    options = ("--methods", "clustertags", "--budgets", "1", "--draws", "1", "--format", "json", "--output")
    first = json.loads(run("benchmark", tmp_path / "a", *options, output).out)
    shutil.copytree(output / "cache", tmp_path / "again" / "cache")
    second = json.loads(run("benchmark", tmp_path / "b", *options, tmp_path / "again").out)
    assert first["split"] == second["split"]
    figures = [document["methods"][0]["budgets"][0]["figures"] for document in (first, second)]
    assert figures[0] == figures[1]


@pytest.mark.slow
@pytest.mark.usefixtures("methods")
def test_photos_of_no_known_tag_are_scored_where_asked_for(run: Run, tmp_path: Path, output: Path) -> None:
    kinds = write_photos(tmp_path / "photos", n_kinds=4, n_each=12)
    write_labels(tmp_path / "photos" / "tags.csv", kinds)
    command = ("benchmark", tmp_path / "photos", "--output", output, "--methods", "clustertags,frequent,lacking")
    options = ("--budgets", "2", "--draws", "2", "--open-share", "0.5")
    document = json.loads(run(*command, *options, "--format", "json").out)
    found = document["open"]
    assert (found["n_tags"], found["n_known"], found["labels_a_tag"], found["n_draws"]) == (4, 2, [2], 2)
    inside, outside = found["libraries"]
    assert inside["n_labelled"] <= 4  # photos of a kind are near-duplicates here, and outside together
    assert inside["n_labelled"] + inside["n_photos"] + outside["n_photos"] == 48
    rows = {(row["name"], row["place"], row["kind"]): row["figures"] for row in found["methods"]}
    assert rows["clustertags", "library", "mapped"]["auroc"]["mean"] > 0.8
    assert rows["clustertags", "outside", "mapped"]["ece"]["mean"] < 0.5
    assert rows["frequent", "library", "as given"]["auroc"]["mean"] == 0.5
    assert [item["name"] for item in found["failures"]] == ["lacking"]
    assert [item["name"] for item in document["sections"]] == ["open-2-library", "open-2-outside"]
    page = (output / "report.html").read_text(encoding="utf-8")
    assert "Open library, 2 labels a tag: photos outside it" in page
    made = {path: path.stat().st_mtime_ns for path in (output / "cells").glob("open-*")}
    assert len(made) == 4

    again = run(*command, *options)
    assert made == {path: path.stat().st_mtime_ns for path in (output / "cells").glob("open-*")}
    table = again.out[again.out.index("Open library, 2 labels a tag: photos of the library") :].splitlines()
    assert table[1].split()[:4] == ["Method", "Scores", "AUROC", "ECE"]
    assert any(line.startswith("Class means") and "mapped" in line for line in table[2:6])
    plain = run(*command, *options[:4], "--format", "json")
    assert json.loads(plain.out)["open"] is None
    assert json.loads(plain.out)["sections"] == []


@pytest.mark.usefixtures("methods")
def test_list_says_one_method_a_line_with_what_it_needs(run: Run) -> None:
    listed = run("benchmark", "--list")
    assert listed.status == 0
    lines = [line.split("  ") for line in listed.out.splitlines()]
    assert [line[0].strip() for line in lines] == ["frequent", "lacking", "clustertags"]
    assert listed.out.splitlines()[1].endswith("downloaded weights")


def test_every_registered_method_is_listed(run: Run) -> None:
    names = {line.split()[0] for line in run("benchmark", "--list").out.splitlines()}
    assert set(method_registry.all_methods()) <= names | {"no"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "name the folder of the labelled photos"),
        (("PHOTOS", "--methods", "nonsense"), "no method is called nonsense: choose among frequent"),
        (("PHOTOS", "--budgets", "1,many"), "--budgets takes whole numbers"),
        (("PHOTOS", "--budgets", "0"), "--budgets takes whole numbers"),
        (("PHOTOS", "--budgets", "5,all", "--open-share", "0.5"), "--open-share needs photos without labels"),
        (("PHOTOS", "--layout", "harrison"), "labels of the format harrison are in a file"),
        (("PHOTOS", "--tags", "nowhere.csv"), "nowhere.csv: is not there"),
    ],
)
@pytest.mark.usefixtures("methods")
def test_wrong_use_is_told_in_one_line(run: Run, tmp_path: Path, arguments: tuple[str, ...], message: str) -> None:
    (tmp_path / "photos" / "x").mkdir(parents=True)
    made_photo(0).save(tmp_path / "photos" / "x" / "a.jpg")
    given = [tmp_path / "photos" if word == "PHOTOS" else word for word in arguments]
    ran = run("benchmark", *given, "--output", tmp_path / "out")
    assert ran.status == 2
    assert message in ran.err
    assert not (tmp_path / "out").exists() or "--budgets" not in arguments


def test_popularity_on_the_lists_alone_agrees_with_what_is_published(run: Run, shared: Path) -> None:
    ran = run("benchmark", "--tags", shared / "harrison", "--format", "json")
    found = json.loads(ran.out)["tag_only"]
    assert (found["n_training"], found["n_test"]) == (52_383, 5_000)
    for name, published in (("P@1", 0.113), ("R@5", 0.084), ("A@5", 0.284)):
        assert found["splits"][0][name] == pytest.approx(published, abs=0.01)
        # What is published is one random split; that many of them are a little lower is how it fell.
        spread = found["figures"][name]
        assert abs(spread["mean"] - published) < 3 * spread["deviation"]

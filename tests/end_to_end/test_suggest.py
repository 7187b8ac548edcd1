"""From photos without tags to photos with them: suggest, fill in, take, and fit again."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from clustertags.gallery.sheet import render, sheet_of, write_sheet
from clustertags.library.artifacts import Artifacts
from clustertags.library.catalogue import Catalogue
from clustertags.library.saving import load_library
from clustertags.workflows.edit import Editor
from clustertags.workflows.suggest import suggest
from tests.chromium import watched
from tests.conftest import Library, Ran
from tests.made.labels import write_labels
from tests.made.photos import made_photo

Run = Callable[..., Ran]
AWKWARD = ('a, "b".jpg', "=1+2.jpg", "two\nlines.jpg", " space.jpg", "<img src=x onerror=alert(1)>.jpg")


@pytest.fixture
def library(own_library: Library) -> Library:
    return own_library


@pytest.fixture(scope="module")
def awkward(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Artifacts of photos with names that a CSV, a page or a terminal could stumble over, fitted without tags."""
    import clustertags

    folder = tmp_path_factory.mktemp("awkward")
    (folder / "photos").mkdir()
    for at, name in enumerate((*AWKWARD, *(f"{number}.jpg" for number in range(7)))):
        made_photo(at, at % 3).save(folder / "photos" / name, "JPEG")
    made_photo(12, 0).save(folder / "photos" / os.fsdecode(b"\xff.jpg"), "JPEG")
    artifacts = folder / "artifacts"
    clustertags.fit(folder / "photos", artifacts=artifacts)
    return artifacts


def answers(run: Run, artifacts: Path, *options: object) -> list[dict[str, Any]]:
    ran = run("suggest", "--artifacts", artifacts, "--format", "json", *options)
    assert ran.status == 0, ran.err
    return list(json.loads(ran.out))


def best_tags(run: Run, library: Library) -> dict[str, str]:
    options = ("--artifacts", library.artifacts, "--format", "jsonl", "--min-score", "0")
    return {
        Path(answer["path"]).name: answer["tags"][0]["tag"] for answer in run("tag", library.photos, *options).answers
    }


def test_it_names_untagged_photos_and_what_they_pay(run: Run, library: Library) -> None:
    found = answers(run, library.artifacts, "-n", 5)
    tagged = {row["image"] for row in csv.DictReader(io.StringIO(library.seeds.read_text()))}
    assert len({item["path"] for item in found}) == 5
    assert not {item["path"] for item in found} & tagged
    assert all(set(item) >= {"speaks_for", "sureness", "reason", "cluster", "tags"} for item in found)
    assert all("whose best tag is now" in item["reason"] for item in found)
    table = run("suggest", "-n", 5, "--artifacts", library.artifacts)
    assert all(item["path"] in table.out and item["reason"] in table.out for item in found)
    assert answers(run, library.artifacts, "-n", 5) == found, "the same every time"


def test_answers_change_the_tags_and_outlast_a_later_fit(run: Run, library: Library, tmp_path: Path) -> None:
    before = best_tags(run, library)
    file = tmp_path / "answers.csv"
    assert run("suggest", "-n", 40, "--artifacts", library.artifacts, "--output", file).status == 0
    rows = list(csv.DictReader(io.StringIO(file.read_text())))
    assert [row["tags"] for row in rows] == [""] * 32, "all that are not tagged yet"
    filled = [f"{row['image']},{'Blue' if library.kinds[row['image']] == 'kind0' else ''}\n" for row in rows]
    file.write_text("image,tags\n" + "".join(filled))
    taken = run("suggest", "--take", file, "--artifacts", library.artifacts)
    assert taken.status == 0, taken.err
    after = best_tags(run, library)
    n_changed = sum(before[name] != after[name] for name in before)
    assert n_changed >= 5
    assert "8 photos labelled: 16 labelled photos before, 24 now" in taken.out
    assert "5 tags, new: Blue" in taken.out
    assert f"{n_changed} of 48 photos have another best tag" in taken.out
    assert "24 rows of answers.csv" in taken.err, "the rows left empty are told"
    assert not {row["image"] for row in rows if library.kinds[row["image"]] == "kind0"} & {
        item["path"] for item in answers(run, library.artifacts, "-n", 48)
    }
    fit = run("fit", library.photos, "--tags", library.seeds, "--artifacts", library.artifacts)
    assert "8 photos" in fit.err, "a notice that the recorded answers count"
    assert load_library(Artifacts(library.artifacts).current()).seeds.n_labelled == 24
    again = best_tags(run, library)
    assert [name for name in again if again[name] == "Blue"] == [name for name in after if after[name] == "Blue"]


def test_a_new_answer_takes_the_place_of_the_old(run: Run, library: Library, tmp_path: Path) -> None:
    (first, *_) = answers(run, library.artifacts, "-n", 1)
    for tag in ("wrong", "right"):
        (tmp_path / "a.jsonl").write_text(json.dumps({"image": first["path"], "tags": [tag]}))
        assert run("suggest", "--take", tmp_path / "a.jsonl", "--artifacts", library.artifacts).status == 0
    fitted = load_library(Artifacts(library.artifacts).current())
    assert "right" in fitted.seeds.vocabulary
    assert "wrong" not in fitted.seeds.vocabulary


def test_none_of_my_tags_is_an_answer_that_holds(run: Run, library: Library, tmp_path: Path) -> None:
    first, second, third = answers(run, library.artifacts, "-n", 3)
    rows = f"image,tags\n{first['path']},-\n{second['path']},{library.kinds[second['path']]}\n{third['path']},\n"
    (tmp_path / "a.csv").write_text(rows)
    taken = run("suggest", "--take", tmp_path / "a.csv", "--artifacts", library.artifacts)
    assert "2 photos labelled (1 as none of the tags): 16 labelled photos before, 17 now" in taken.out
    options = ("--artifacts", library.artifacts, "--format", "jsonl")
    (answer,) = run("tag", library.photos / first["path"], *options).answers
    assert (answer["tags"], answer["abstained"]) == ([], True)
    assert answer["reason"] == "you said that it shows none of the tags"
    assert first["path"] not in {item["path"] for item in answers(run, library.artifacts, "-n", 48)}
    fit = run("fit", library.photos, "--tags", library.seeds, "--artifacts", library.artifacts)
    assert "1 more said to show none of them" in fit.out
    (again,) = run("tag", library.photos / first["path"], *options).answers
    assert again == answer


def test_malformed_answers_are_one_line_and_change_nothing(run: Run, library: Library, tmp_path: Path) -> None:
    file = tmp_path / "answers.csv"
    current = (library.artifacts / "CURRENT").read_text()
    for text, told in (
        ("", "image"),
        ("image,tags\n", "no rows"),
        ("image,tags\n000-0.jpg,\n", "no tag"),
        ("image,tags\nelsewhere.jpg,cat\n", "elsewhere.jpg"),
        ('image,tags\n"000-0.jpg,cat\n', "CSV"),
    ):
        file.write_text(text)
        ran = run("suggest", "--take", file, "--artifacts", library.artifacts)
        assert ran.status == 2
        assert told in ran.err
        assert len(ran.err.splitlines()) == 1
    assert run("suggest", "--take", tmp_path / "none.csv", "--artifacts", library.artifacts).status == 2
    assert (library.artifacts / "CURRENT").read_text() == current
    with Catalogue(library.artifacts / "library.sqlite") as catalogue:
        assert catalogue.edit_rows() == ()


def test_a_filled_file_is_not_overwritten(run: Run, library: Library, tmp_path: Path) -> None:
    file = tmp_path / "answers.csv"
    file.write_text("image,tags\n000-0.jpg,mine\n")
    ran = run("suggest", "--artifacts", library.artifacts, "--output", file)
    assert (ran.status, file.read_text()) == (2, "image,tags\n000-0.jpg,mine\n")
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "letter.txt").write_text("mine")
    assert run("suggest", "--artifacts", library.artifacts, "--output", tmp_path / "own").status == 2
    assert [path.name for path in (tmp_path / "own").iterdir()] == ["letter.txt"]


def test_everything_labelled_says_so(run: Run, library: Library, tmp_path: Path) -> None:
    write_labels(tmp_path / "all.csv", library.kinds)
    assert run("suggest", "--take", tmp_path / "all.csv", "--artifacts", library.artifacts).status == 0
    ran = run("suggest", "--artifacts", library.artifacts)
    assert (ran.status, ran.out) == (0, "")
    assert "every photo is labelled" in ran.err


def test_the_answers_of_an_older_catalogue_are_edits(run: Run, library: Library) -> None:
    connection = sqlite3.connect(library.artifacts / "library.sqlite")
    (first,) = connection.execute("SELECT min(content_hash) FROM contents").fetchone()
    for table in ("edits", "joined", "sharpness", "blank"):
        connection.execute(f"DROP TABLE {table}")
    connection.execute("CREATE TABLE labels (content_hash TEXT PRIMARY KEY, tags TEXT, answered_at TEXT) WITHOUT ROWID")
    rows = [
        (first, '["Cat", "a, b"]', "2026-01-02"),
        ("ab" * 32, '["x"]', "2026-01-01"),
        ("cd" * 32, '["y"]', "2026-01-01"),
    ]
    connection.executemany("INSERT INTO labels VALUES (?, ?, ?)", rows)
    connection.execute("PRAGMA user_version = 1")
    connection.commit()
    connection.close()
    with Catalogue(library.artifacts / "library.sqlite") as catalogue:
        older, newer = catalogue.edit_rows()
        assert (older.kind, older.made_at, newer.number) == ("Answer", "2026-01-01", 2)
        assert json.loads(newer.payload) == {"answers": [[first, ["Cat", "a, b"]]]}
    editor = Editor(library.artifacts)
    (photo,) = (at for at, item in enumerate(editor.library.photos) if item.content_hash == first)
    assert {"Cat", "a, b"} <= set(editor.library.seed_tags_of(photo))
    assert len(editor.library.edit_notices) == 1, "the other two are not in this library"


def test_awkward_names_come_back_as_they_were(run: Run, awkward: Path, tmp_path: Path) -> None:
    artifacts = Path(shutil.copytree(awkward, tmp_path / "artifacts"))
    printed = run("suggest", "-n", 12, "--artifacts", artifacts, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(printed.out, newline="")))
    assert len(rows) == 12, "without any tag at all, every photo may be suggested"
    assert "1 photo is left out: a name that is not UTF-8 cannot stand in a file of tags" in printed.err
    assert not any(row["image"].startswith(("=", " ")) for row in rows)
    file = tmp_path / "answers.csv"
    with file.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("image", "tags"))
        writer.writerows((row["image"], f'{at}, "quoted"|#all') for at, row in enumerate(rows))
    ran = run("suggest", "--take", file, "--artifacts", artifacts)
    assert ran.status == 0, ran.err
    fitted = load_library(Artifacts(artifacts).current())
    for at, row in enumerate(rows):
        (photo,) = (i for i, item in enumerate(fitted.photos) if item.path == row["image"].removeprefix("./"))
        assert set(fitted.seed_tags_of(photo)) == {f'{at}, "quoted"', "all"}


def test_hostile_names_and_tags_stay_text_on_the_page(awkward: Path, tmp_path: Path) -> None:
    suggestions = suggest(awkward, 12)
    page = write_sheet(suggestions, tmp_path / "to-tag").read_text()
    assert "<img src=x" not in page
    assert "&lt;img src=x onerror=alert(1)&gt;.jpg" in page
    assert "<script>" not in page
    assert str(tmp_path) not in page
    assert page.count("thumbs/") == 12
    hostile = '"><script>alert(1)</script>'
    library = replace(suggestions.library, seeds=replace(suggestions.library.seeds))
    sheet = sheet_of(replace(suggestions, library=library), [None] * 12, "")
    rows = tuple(replace(row, cluster=hostile, tags=((hostile, "1%"),)) for row in sheet.rows)
    assert "<script>" not in render(replace(sheet, vocabulary=(hostile,), rows=rows, title=hostile))


@pytest.mark.parametrize("target", ["to-tag", "to-tag.html"])
def test_the_page_in_a_browser_saves_what_take_reads(
    run: Run, browser: Any, awkward: Path, tmp_path: Path, target: str
) -> None:
    artifacts = Path(shutil.copytree(awkward, tmp_path / "artifacts"))
    page_file = run("suggest", "-n", 12, "--artifacts", artifacts, "--output", tmp_path / target).out.strip()
    with watched(browser, ("file:", "data:", "blob:")) as page:
        page.goto(Path(page_file).as_uri())
        assert page.evaluate("Array.from(document.images).every((image) => image.decode && image.src)")
        page.focus("#tags-1")
        for at in range(12):
            page.keyboard.type(f"{'even' if at % 2 == 0 else 'odd'}, all")
            page.keyboard.press("Enter")
        page.locator("#tags-12").locator("xpath=..").get_by_role("button", name="None of my tags").click()
        assert page.input_value("#tags-12") == "-"
        with page.expect_download() as download:
            page.click("#save")
        download.value.save_as(tmp_path / "answers.csv")
    ran = run("suggest", "--take", tmp_path / "answers.csv", "--artifacts", artifacts)
    assert ran.status == 0, ran.err
    assert "12 photos labelled (1 as none of the tags): 0 labelled photos before, 11 now" in ran.out
    assert "all, even, odd" in ran.out

"""The forms that other programs read, each as that program documents it."""

from __future__ import annotations

import csv
import io
import json
import shutil
import subprocess
from pathlib import Path

import pytest

from clustertags.export.formats import FORMATS, SEPARATOR, About
from clustertags.export.records import Predicted, Record
from clustertags.export.tag_paths import tag_paths
from clustertags.labels.normalisation import split_tags
from clustertags.labels.rules import Rules
from clustertags.labels.tags_file import read_tags_file
from tests.made.photos import write_photos

RULES = Rules(
    parents={"dog": ("animal",), "collie": ("dog",), "bat": ("animal", "mammal")}, spellings={"animal": "Animal"}
)
RECORDS = (
    Record(0, "a.jpg", ("Dog", "new york"), (Predicted("beach", 0.81), Predicted("collie", 0.6)), (3, "dog")),
    Record(1, "sub/b c.jpg", (), (Predicted("beach", 0.7),), None),
    Record(2, "sub/d.png", (), (), (0, "=HYPERLINK(1)")),
)
ABOUT = About(("beach", "collie", "Dog", "new york"), "clustertags 1, model 0002", RULES)


def lines(name: str, about: About = ABOUT, records: tuple[Record, ...] = RECORDS) -> list[str]:
    return list(FORMATS[name](records, about))


def rows(name: str, about: About = ABOUT, records: tuple[Record, ...] = RECORDS) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO("\n".join(lines(name, about, records)))))


def test_json_lines_keep_own_and_predicted_tags_apart() -> None:
    assert [json.loads(line) for line in lines("jsonl")] == [
        {
            "path": "a.jpg",
            "mine": ["Dog", "new york"],
            "predicted": [{"tag": "beach", "score": 0.81}, {"tag": "collie", "score": 0.6}],
            "cluster": {"id": 3, "name": "dog"},
            "added": False,
        },
        {
            "path": "sub/b c.jpg",
            "mine": [],
            "predicted": [{"tag": "beach", "score": 0.7}],
            "cluster": None,
            "added": False,
        },
        {
            "path": "sub/d.png",
            "mine": [],
            "predicted": [],
            "cluster": {"id": 0, "name": "=HYPERLINK(1)"},
            "added": False,
        },
    ]


def test_a_table_is_a_file_of_seed_tags_and_no_formula(tmp_path: Path) -> None:
    table = rows("csv")
    assert table[0]["predicted"] == "beach|collie"
    assert table[0]["scores"] == "0.8100|0.6000"
    assert table[2]["cluster"] == "'=HYPERLINK(1)"
    formulas = (Record(0, "=1.jpg", ("+x",), (Predicted("@y", 0.6),), None),)
    assert list(rows("csv", records=formulas)[0].values())[:3] == ["./=1.jpg", "'+x", "'@y"]
    (tmp_path / "tags.csv").write_text("\n".join(lines("csv")))
    read = read_tags_file(tmp_path / "tags.csv").rows
    assert [(row.image, row.tags) for row in read[:1]] == [("a.jpg", ("Dog", "new york"))]


@pytest.mark.parametrize("tag", ["=1+1", "'=1+1", "''-x", "'tis", "@home", "+1", "-", "-x", "plain", "a=b"])
def test_a_tag_of_a_table_is_read_back_as_it_is(tmp_path: Path, tag: str) -> None:
    for tags in ((tag,), (tag, "other"), ("other", tag)):
        (tmp_path / "tags.csv").write_text("\n".join(lines("csv", records=(Record(0, "a.jpg", tags, (), None),))))
        assert read_tags_file(tmp_path / "tags.csv").rows[0].tags == tags


def test_hugging_face_finds_each_file_by_its_name() -> None:
    first, second, _ = map(json.loads, lines("huggingface"))
    assert (first["file_name"], first["tags"], first["predicted"]) == (
        "a.jpg",
        ["Dog", "new york"],
        ["beach", "collie"],
    )
    assert second["file_name"] == "sub/b c.jpg"
    assert {*first} == {*second}  # a table needs the same columns in each line


def test_fiftyone_has_confidences_of_predictions_alone() -> None:
    (text,) = lines("fiftyone")
    found = json.loads(text)
    assert found["classes"] == list(ABOUT.vocabulary)
    assert found["labels"]["a"] == [
        {"label": "beach", "confidence": 0.81},
        {"label": "collie", "confidence": 0.6},
        {"label": "Dog"},
        {"label": "new york"},
    ]
    assert found["labels"]["sub/d"] is None


def test_label_studio_tasks_have_predictions_and_annotations() -> None:
    tasks = json.loads("".join(lines("labelstudio")))
    assert tasks[0]["data"]["image"] == "/data/local-files/?d=a.jpg"
    assert tasks[1]["data"]["image"] == "/data/local-files/?d=sub/b%20c.jpg"
    (prediction,) = tasks[0]["predictions"]
    assert (prediction["model_version"], prediction["score"]) == ("clustertags 1, model 0002", 0.6)
    (result,) = prediction["result"]
    assert result == {
        "from_name": "tags",
        "to_name": "image",
        "type": "choices",
        "value": {"choices": ["beach", "collie"]},
    }
    assert tasks[0]["annotations"][0]["result"][0]["value"]["choices"] == ["Dog", "new york"]
    assert "predictions" not in tasks[2]
    assert json.loads("".join(lines("labelstudio", records=()))) == []


def test_parents_come_first_in_a_path() -> None:
    assert tag_paths(RULES, "collie") == (("Animal", "dog", "collie"),)
    assert tag_paths(RULES, "Bat", "auto") == (("auto", "Animal", "Bat"), ("auto", "mammal", "Bat"))
    assert tag_paths(Rules(), "beach") == (("beach",),)


def test_exiftool_is_given_new_keywords_with_their_parents() -> None:
    under = About(ABOUT.vocabulary, ABOUT.model, RULES, "auto")
    first, second, third = rows("exiftool", under)
    assert first["SourceFile"] == "./a.jpg"
    assert first["XMP-dc:Subject"].split(SEPARATOR) == ["Animal", "Dog", "new york", "beach", "dog", "collie"]
    assert "auto|Animal|dog|collie" in first["XMP-lr:HierarchicalSubject"].split(SEPARATOR)
    assert second["XMP-dc:Subject"] == "beach"
    assert [*third.values()] == ["./sub/d.png", "", ""]
    known = (Record(0, "a.jpg", ("Dog", "lake"), (), None, ("Animal|Dog",)),)
    assert [*rows("exiftool", records=known)[0].values()] == ["./a.jpg", "lake", "lake"]


@pytest.mark.skipif(shutil.which("exiftool") is None, reason="exiftool is not installed")
def test_exiftool_takes_the_file(tmp_path: Path) -> None:
    write_photos(tmp_path / "photos", 1, 2)
    names = sorted(path.name for path in (tmp_path / "photos").iterdir())
    records = (Record(0, names[0], ("Dog", "a##b", "été, chaud"), (), None), Record(1, names[1], (), (), None))
    (tmp_path / "tags.csv").write_text("\n".join(lines("exiftool", records=records)) + "\n", encoding="utf-8")
    command = ["exiftool", f"-csv+={tmp_path / 'tags.csv'}", "-sep", SEPARATOR, "-r", "."]
    ran = subprocess.run(command, cwd=tmp_path / "photos", capture_output=True, text=True, check=True)
    assert "No SourceFile" not in ran.stderr
    read = subprocess.run(
        ["exiftool", "-json", "-Subject", "-HierarchicalSubject", names[0]],
        cwd=tmp_path / "photos", capture_output=True, text=True, check=True,
    )  # fmt: skip
    (found,) = json.loads(read.stdout)
    assert found["Subject"] == ["Animal", "Dog", "a#b", "été, chaud"]
    assert found["HierarchicalSubject"] == ["Animal|Dog", "a#b", "été, chaud"]


def test_a_cell_of_tags_splits_as_seed_tags_do() -> None:
    assert split_tags(rows("csv")[0]["tags"]) == ("Dog", "new york")

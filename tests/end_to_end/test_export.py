from __future__ import annotations

import csv
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from clustertags.labels.tags_file import read_tags_file
from clustertags.tagging.minimum_score import MIN_SCORE
from tests.conftest import Library, Ran

Run = Callable[..., Ran]


def test_the_default_is_a_json_line_for_each_photo(run: Run, fitted: Library) -> None:
    ran = run("export", "--artifacts", fitted.artifacts)
    assert ran.status == 0
    own = {row.image: sorted(row.tags) for row in read_tags_file(fitted.seeds).rows}
    assert [item["path"] for item in ran.answers] == sorted(fitted.kinds)
    for item in ran.answers:
        assert set(item) == {"path", "mine", "predicted", "cluster", "added"}
        assert item["mine"] == own.get(item["path"], [])
        assert all(tag["score"] >= MIN_SCORE and tag["tag"] not in item["mine"] for tag in item["predicted"])
    right = [item["predicted"][0]["tag"] == fitted.kinds[item["path"]] for item in ran.answers if item["predicted"]]
    assert len(right) > 20
    assert sum(right) / len(right) > 0.9


def test_predicted_tags_are_those_that_tag_gives(run: Run, fitted: Library) -> None:
    for options in ((), ("--precision", "0.9")):
        exported = {item["path"]: item for item in run("export", "--artifacts", fitted.artifacts, *options).answers}
        tagged = run("tag", fitted.photos, "--artifacts", fitted.artifacts, "--format", "jsonl", *options)
        for item in tagged.answers:
            record = exported[Path(item["path"]).name]
            given = {tag["tag"] for tag in item["tags"]}
            assert given - set(record["mine"]) == {tag["tag"] for tag in record["predicted"]}


def test_own_and_predicted_tags_can_be_had_alone(run: Run, fitted: Library) -> None:
    mine = run("export", "--mine", "--artifacts", fitted.artifacts).answers
    predicted = run("export", "--predicted", "--artifacts", fitted.artifacts).answers
    assert any(item["mine"] for item in mine)
    assert not any(item["predicted"] for item in mine)
    assert any(item["predicted"] for item in predicted)
    assert not any(item["mine"] for item in predicted)


@pytest.mark.parametrize("form", ["csv", "jsonl", "parquet", "huggingface", "fiftyone", "labelstudio", "exiftool"])
def test_each_form_is_written_whole(run: Run, fitted: Library, tmp_path: Path, form: str) -> None:
    target = tmp_path / "new" / "tags.out"
    ran = run("export", "--format", form, "--output", target, "--artifacts", fitted.artifacts)
    assert (ran.status, ran.out.strip()) == (0, str(target))
    assert [path.name for path in target.parent.iterdir()] == ["tags.out"]
    assert "48 files" in ran.err
    if form != "parquet":
        printed = run("export", "--format", form, "--artifacts", fitted.artifacts)
        assert printed.out == target.read_text(encoding="utf-8")


def test_parquet_has_lists_the_map_and_the_features(run: Run, fitted: Library, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    target = tmp_path / "tags.parquet"
    run("export", "-f", "parquet", "--features", "-o", target, "--artifacts", fitted.artifacts)
    table = parquet.read_table(target).to_pydict()
    lines = run("export", "--artifacts", fitted.artifacts).answers
    assert table["path"] == [item["path"] for item in lines]
    assert table["mine"] == [item["mine"] for item in lines]
    assert table["predicted"] == [[tag["tag"] for tag in item["predicted"]] for item in lines]
    assert table["cluster"] == [item["cluster"] and item["cluster"]["name"] for item in lines]
    assert {len(row) for row in table["features"]} == {1280}
    assert len({*zip(table["x"], table["y"], strict=True)}) == len(lines)


def test_exiftool_gets_own_tags_alone_unless_predicted_ones_are_asked_for(run: Run, fitted: Library) -> None:
    def tagged(*options: str) -> int:
        text = run("export", "-f", "exiftool", *options, "--artifacts", fitted.artifacts).out
        return sum(bool(row["XMP-dc:Subject"]) for row in csv.DictReader(io.StringIO(text)))

    assert tagged() == len(read_tags_file(fitted.seeds).rows)
    assert tagged("--mine", "--predicted") > tagged()
    assert "exiftool -csv+=FILE -sep '##' -r ." in run("export", "-f", "exiftool", "--artifacts", fitted.artifacts).err


def test_folders_of_links(run: Run, fitted: Library, tmp_path: Path) -> None:
    ran = run("export", "--folders", "tags", "-o", tmp_path / "by", "--artifacts", fitted.artifacts)
    assert (ran.status, ran.out.strip()) == (0, str(tmp_path / "by"))
    assert {folder.name for folder in (tmp_path / "by").iterdir()} == set(fitted.kinds.values())


def test_edits_that_are_not_learnt_yet_are_exported(run: Run, fitted: Library, tmp_path: Path) -> None:
    shutil.copytree(fitted.artifacts, tmp_path / "artifacts")
    before = run("export", "--artifacts", tmp_path / "artifacts").answers
    cluster = before[0]["cluster"]
    run("clusters", "rename", str(cluster["id"]), "Mine alone", "--artifacts", tmp_path / "artifacts")
    after = run("export", "--artifacts", tmp_path / "artifacts").answers
    assert after[0]["cluster"] == {"id": cluster["id"], "name": "Mine alone"}


def test_a_link_is_written_through_and_a_device_is_no_file(run: Run, fitted: Library, tmp_path: Path) -> None:
    (tmp_path / "real.jsonl").write_text("old")
    (tmp_path / "link.jsonl").symlink_to(tmp_path / "real.jsonl")
    run("export", "-o", tmp_path / "link.jsonl", "--artifacts", fitted.artifacts)
    assert (tmp_path / "link.jsonl").is_symlink()
    assert json.loads((tmp_path / "real.jsonl").read_text().splitlines()[0])["path"] == min(fitted.kinds)
    assert run("export", "-o", "/dev/null", "--artifacts", fitted.artifacts).status == 0
    assert not Path("/dev/null").is_file()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--folders", "tags", "--format", "csv", "-o", "x"), "exclude one another"),
        (("--folders", "tags"), "--output"),
        (("--copy",), "--folders"),
        (("--features",), "parquet"),
        (("--output", "."), "is a folder"),
        (("--under", "a|b"), "one name"),
    ],
)
def test_what_does_not_go_together_is_said(run: Run, fitted: Library, arguments: tuple[str, ...], said: str) -> None:
    ran = run("export", *arguments, "--artifacts", fitted.artifacts)
    assert ran.status == 2
    assert said in ran.err
    assert len(ran.err.splitlines()) == 1


def test_parquet_without_pyarrow_names_the_remedy(
    run: Run, fitted: Library, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "pyarrow", None)
    ran = run("export", "-f", "parquet", "-o", tmp_path / "x", "--artifacts", fitted.artifacts)
    assert ran.status == 2
    assert "pip install 'clustertags[parquet]'" in ran.err

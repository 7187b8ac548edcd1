"""Rules for tags from the file to the answer, and the command that suggests them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from clustertags.library.manifests import write_manifest
from tests.conftest import Library, Ran
from tests.made.photos import write_photos

Run = Callable[..., Ran]


@pytest.fixture(scope="module")
def tagged(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """All photos labelled: their kind, a plural of one on every second photo, and `tbt` dealt out blindly."""
    import clustertags

    folder = tmp_path_factory.mktemp("tagged")
    kinds = write_photos(folder / "photos", n_kinds=4, n_each=24)
    random = np.random.default_rng(3)
    words = {"kind0": "beach", "kind1": "dog", "kind2": "tree", "kind3": "street"}
    rows = ["image,tags"]
    for at, (name, kind) in enumerate(sorted(kinds.items())):
        tags = ["beaches" if words[kind] == "beach" and at % 3 == 0 else words[kind]]
        rows.append(f"{name},{'|'.join([*tags, *['tbt'] * int(random.random() < 0.5)])}")
    (folder / "seeds.csv").write_text("\n".join(rows) + "\n")
    artifacts = folder / "artifacts"
    clustertags.fit(folder / "photos", tags=folder / "seeds.csv", artifacts=artifacts)
    return Library(folder / "photos", folder / "seeds.csv", artifacts, kinds)


@pytest.fixture
def own(tagged: Library, tmp_path: Path) -> Library:
    artifacts = Path(shutil.copytree(tagged.artifacts, tmp_path / "artifacts"))
    return Library(tagged.photos, tagged.seeds, artifacts, tagged.kinds)


def test_a_blind_tag_is_listed_by_its_score_with_the_reason_everywhere(run: Run, tagged: Library) -> None:
    shown = json.loads(run("vocabulary", "--artifacts", tagged.artifacts, "--json").out)
    states = {tag["tag"]: tag for tag in shown["tags"]}
    assert states["tbt"]["state"] == "demoted"
    assert "in all clusters alike" in states["tbt"]["reason"]
    assert {tag["state"] for name, tag in states.items() if name != "tbt"} == {"used"}
    assert "demoted: on" in run("vocabulary", "--artifacts", tagged.artifacts).out
    options = ("--artifacts", tagged.artifacts, "--min-score", "0")
    answers = run("tag", tagged.photos, *options, "--format", "jsonl").answers
    for answer in answers:
        scores = [tag["score"] for tag in answer["tags"]]
        assert scores == sorted(scores, reverse=True)
        assert {tag["tag"]: tag.get("demoted") for tag in answer["tags"] if "demoted" in tag} == {
            "tbt": states["tbt"]["reason"]
        }
        (tbt,) = (tag["score"] for tag in answer["tags"] if tag["tag"] == "tbt")
        assert 0 < tbt <= round(states["tbt"]["count"] / states["tbt"]["labelled"], 6)
    assert "(demoted: " in run("tag", tagged.photos / "000-0.jpg", *options).out
    clusters = json.loads(run("info", "--artifacts", tagged.artifacts, "--json").out)["clusters"]
    assert not any("tbt" in cluster["tags"] for cluster in clusters), "it names no cluster"


def test_the_fit_says_what_it_demotes(run: Run, own: Library) -> None:
    ran = run("fit", own.photos, "--tags", own.seeds, "--artifacts", own.artifacts)
    assert ran.status == 0
    assert "note: tbt is demoted: on" in ran.err


def test_a_suggestion_is_written_uncommented_and_applied(run: Run, own: Library) -> None:
    listed = run("vocabulary", "--artifacts", own.artifacts)
    assert "possible synonym: beaches = beach" in listed.out
    assert "--write" in listed.err
    rules = own.artifacts / "vocabulary.txt"
    assert not rules.exists()
    assert run("vocabulary", "--artifacts", own.artifacts, "--write").status == 0
    written = rules.read_text()
    assert run("vocabulary", "--artifacts", own.artifacts, "--write").status == 0
    assert rules.read_text() == written, "nothing is written twice"
    rules.write_text(written.replace("# beaches", "beaches").replace("# - tbt", "+ tbt") + "plant > tree\n- street\n")
    assert "fit again" in run("vocabulary", "--artifacts", own.artifacts).err

    fitted = run("fit", own.photos, "--tags", own.seeds, "--artifacts", own.artifacts)
    assert fitted.status == 0
    for words in ("beaches as beach on 8 photos", "plant by tree on 24 photos", "street on 24 photos"):
        assert words in fitted.err
    ran = run("vocabulary", "--artifacts", own.artifacts, "--json")
    assert ran.err == ""
    states = {tag["tag"]: tag["state"] for tag in json.loads(ran.out)["tags"]}
    assert states == {"beach": "used", "dog": "used", "plant": "used", "tbt": "kept", "tree": "used"}
    options = ("--artifacts", own.artifacts, "--min-score", "0", "--format", "jsonl")
    for answer in run("tag", own.photos, *options).answers:
        scores = {tag["tag"]: tag["score"] for tag in answer["tags"]}
        assert scores["plant"] >= scores["tree"]
        assert not {"street", "beaches"} & set(scores)


def test_a_named_file_is_used_and_a_faulty_one_stops_before_any_work(run: Run, own: Library, tmp_path: Path) -> None:
    rules = tmp_path / "mine.txt"
    options = ("--tags", own.seeds, "--artifacts", own.artifacts, "--vocabulary", rules)
    ran = run("fit", own.photos, *options)
    assert ran.status == 2
    assert "is not there" in ran.err
    rules.write_text("kitty=cat\n")
    ran = run("fit", own.photos, *options)
    assert ran.status == 2
    assert ran.err.count("\n") == 1
    assert "line 1" in ran.err
    rules.write_text("".join(f"- {tag}\n" for tag in ("beach", "beaches", "dog", "tree", "street", "tbt")))
    ran = run("fit", own.photos, *options)
    assert ran.status == 0
    assert "no tags given" in ran.out


def test_a_faulty_file_is_not_written_to(run: Run, own: Library) -> None:
    rules = own.artifacts / "vocabulary.txt"
    rules.write_bytes(b"mine\n")
    ran = run("vocabulary", "--artifacts", own.artifacts, "--write")
    assert ran.status == 2
    assert "vocabulary.txt, line 1" in ran.err
    assert rules.read_bytes() == b"mine\n"


def test_a_version_from_before_there_were_rules_still_works(run: Run, own: Library) -> None:
    import hashlib

    (folder,) = (own.artifacts / "models").glob("0*")
    words = json.loads((folder / "tags.json").read_text())
    del words["demoted"], words["rules"]
    (folder / "tags.json").write_text(json.dumps(words))
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"]["tags.json"] = hashlib.sha256((folder / "tags.json").read_bytes()).hexdigest()
    write_manifest(folder, manifest)
    (answer,) = run(
        "tag", own.photos / "000-0.jpg", "--artifacts", own.artifacts, "--min-score", "0", "--format", "jsonl"
    ).answers
    assert not any("demoted" in tag for tag in answer["tags"])
    assert run("vocabulary", "--artifacts", own.artifacts).status == 0


def test_without_tags_or_a_fit_the_command_says_so(run: Run, artifacts: Path, tmp_path: Path) -> None:
    assert run("vocabulary", "--artifacts", tmp_path / "none").status == 1
    write_photos(tmp_path / "photos", 2, 8)
    assert run("fit", tmp_path / "photos", "--artifacts", artifacts).status == 0
    ran = run("vocabulary", "--artifacts", artifacts, "--write")
    assert ran.status == 0
    assert "no tags were given" in ran.out

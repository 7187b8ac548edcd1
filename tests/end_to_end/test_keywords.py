"""Keywords of other programs from the folder to the rules, and what the summary of `fit` says of them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from clustertags.library.artifacts import Artifacts
from clustertags.library.model import FittedLibrary
from clustertags.library.saving import load_library
from tests.conftest import Ran
from tests.made.keywords import HIERARCHY, SUBJECT, xmp
from tests.made.photos import write_photos

Run = Callable[..., Ran]

LISTS_AND_KEYWORDS = (
    "windows-keywords",
    "hierarchy",
    "sidecar-names",
    "sidecar-utf16",
    "sidecar-broken",
    "list-prefix",
    "list-case",
    "list-imagefolder",
    "list-exiftool",
)


def fitted(artifacts: Path) -> FittedLibrary:
    return load_library(Artifacts(artifacts).current())


def labels(library: FittedLibrary) -> dict[str, list[str]]:
    return {
        library.photos[photo].path: sorted(library.seeds.vocabulary[at] for at in np.flatnonzero(row))
        for photo, row in zip(library.seeds.photos.tolist(), library.seeds.matrix, strict=True)
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Twelve photos, of which three have sidecars with parents, programs' own keywords and people."""
    photos = tmp_path / "photos"
    write_photos(photos, n_kinds=3, n_each=4)
    hierarchies = HIERARCHY.replace("{}", "<rdf:li>Animal|Dog|Collie</rdf:li><rdf:li>People|Anna</rdf:li>")
    (photos / "000-0.jpg.xmp").write_bytes(xmp("Collie", "Anna", "sea", form=SUBJECT + hierarchies))
    (photos / "000-1.XMP").write_bytes(xmp("Animal|Cat", "auto|pet", "darktable|exported", form=HIERARCHY))
    (photos / "000-2.xmp").write_bytes(xmp("Dog"))
    (photos / "001-2.xmp").write_bytes(xmp("cut")[:-60])
    return photos


def test_keywords_with_their_parents_become_tags_and_rules(run: Run, folder: Path, tmp_path: Path) -> None:
    artifacts = tmp_path / "artifacts"
    ran = run("fit", folder, "--artifacts", artifacts, "--ignore-keywords", "People|*")
    assert ran.status == 0
    library = fitted(artifacts)
    assert labels(library) == {
        "000-0.jpg": ["Animal", "Collie", "Dog", "sea"],
        "000-1.jpg": ["Animal", "Cat"],
        "000-2.jpg": ["Animal", "Dog"],
    }, "a flat dog is an animal by the rule"
    assert library.rules.derived == {"cat": ("animal",), "collie": ("dog",), "dog": ("animal",)}
    assert library.settings["ignore_keywords"] == ["People|*"]
    assert "Animal > Dog > Collie" in ran.err
    assert "1 sidecar could not be read" in ran.err and "001-2.xmp" in ran.err
    assert "2 keywords on 1 photo (auto|pet, darktable|exported)" in ran.err
    assert "1 keyword on 1 photo (People|Anna)" in ran.err
    shown = run("vocabulary", "--artifacts", artifacts)
    assert "parent: Dog > Collie  (from keywords)" in shown.out
    rules = json.loads(run("vocabulary", "--artifacts", artifacts, "--json").out)["rules"]
    assert rules["derived"]["collie"] == ["dog"]
    run("vocabulary", "--artifacts", artifacts, "--write")
    assert "not those of the last fit" not in run("vocabulary", "--artifacts", artifacts).err, (
        "derived ones are no change"
    )


def test_a_file_of_tags_and_the_persons_rules_win(run: Run, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "seeds.csv").write_text("image,tags\n000-0.jpg,collie\n000-1.jpg,cat\n")
    artifacts = tmp_path / "artifacts"
    ran = run("fit", folder, "--artifacts", artifacts, "--tags", tmp_path / "seeds.csv")
    assert labels(fitted(artifacts)) == {"000-0.jpg": ["collie"], "000-1.jpg": ["cat"]}
    assert "sidecar" not in ran.err
    (tmp_path / "rules.txt").write_text("Collie > Animal\n- Cat\n")
    run("fit", folder, "--artifacts", artifacts, "--vocabulary", tmp_path / "rules.txt")
    library = fitted(artifacts)
    assert library.rules.parents["animal"] == ("collie",)
    assert "collie" not in library.rules.ancestors("collie")
    assert "Cat" not in library.seeds.vocabulary


def test_lightrooms_list_of_keywords_is_a_file_of_rules(run: Run, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "seeds.csv").write_text("image,tags\n000-0.jpg,poodle\n000-1.jpg,sea\n")
    (tmp_path / "keywords.txt").write_text("animal\n\tdog\n\t\tpoodle\n")
    artifacts = tmp_path / "artifacts"
    refused = run("fit", folder, "--artifacts", artifacts, "--tags", tmp_path / "keywords.txt")
    assert refused.status == 2 and "--vocabulary" in refused.err
    options = ("--tags", tmp_path / "seeds.csv", "--vocabulary", tmp_path / "keywords.txt")
    assert run("fit", folder, "--artifacts", artifacts, *options).status == 0
    assert labels(fitted(artifacts))["000-0.jpg"] == ["animal", "dog", "poodle"]


@pytest.mark.parametrize(("terminal", "answer", "tags"), [(True, "y", ["cat", "dog"]), (False, "y", ["cat, dog"])])
def test_a_tag_that_looks_like_several_is_asked_about_at_a_terminal_alone(
    run: Run,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    terminal: bool,
    answer: str,
    tags: list[str],
) -> None:
    (tmp_path / "seeds.csv").write_text('image,tags\n000-0.jpg,"cat, dog"\n000-1.jpg,sea\n')
    asked: list[str] = []
    monkeypatch.setattr("clustertags.cli.console.can_ask", lambda: terminal)
    monkeypatch.setattr("typer.confirm", lambda question, **_: asked.append(question) or answer == "y")
    ran = run("fit", folder, "--artifacts", tmp_path / "artifacts", "--tags", tmp_path / "seeds.csv")
    assert ran.status == 0
    assert labels(fitted(tmp_path / "artifacts"))["000-0.jpg"] == tags
    assert len(asked) == terminal
    assert ("--tag-separator" in ran.err) is not terminal


@pytest.mark.shared
@pytest.mark.slow
def test_small_inputs_after_public_reports(run: Run, shared: Path, tmp_path: Path) -> None:
    make = shared / "cases" / "make_cases.py"
    if not make.is_file():
        pytest.skip("the maker of the cases is not there")
    images = shared / "photos" / "flickr8k" / "images"
    subprocess.run([sys.executable, make, images, tmp_path], check=True, capture_output=True)
    expected = json.loads((tmp_path / "expected.json").read_text(encoding="utf-8"))
    for name in LISTS_AND_KEYWORDS:
        case, seeds, artifacts = expected[name], tmp_path / name / "seeds.csv", tmp_path / name / "artifacts"
        tags = ("--tags", seeds) if seeds.exists() else ()
        ran = run("fit", tmp_path / name / "photos", "--artifacts", artifacts, *tags)
        assert ran.status == 0, (name, ran.err)
        library = fitted(artifacts)
        assert labels(library) == {photo: sorted(own) for photo, own in case["tags"].items()}, name
        assert [word for word in case.get("named", ()) if word not in ran.err] == []
        for chain in case.get("parents", ()):
            leaf, *above = chain.split(" > ")
            assert sorted(library.rules.ancestors(leaf)) == sorted(above)

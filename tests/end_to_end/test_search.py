"""`clustertags search`, with the packaged network and with one that reads words itself; and what else rests on that."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from clustertags.editing import new_edits
from clustertags.features.conversion import TEXT_FILE
from clustertags.library.artifacts import Artifacts
from clustertags.library.saving import load_library
from clustertags.workflows.edit import Editor
from tests.conftest import Library, Ran
from tests.made.image_text import BACKBONE, N_FEATURES

Run = Callable[..., Ran]


def test_photos_are_listed_best_first(run: Run, fitted: Library) -> None:
    found = run("search", "kind1", "--artifacts", fitted.artifacts, "--limit", 6)
    assert found.status == 0
    lines = found.out.splitlines()
    assert len(lines) == 6
    assert all(line.endswith("(yours)") for line in lines[:4]), "the labelled ones"
    assert {fitted.kinds[line.split()[1]] for line in lines} == {"kind1"}
    assert "your tags alone: kind1" in found.err


def test_json_lines_have_their_keys(run: Run, fitted: Library) -> None:
    found = run("search", "a", "striped", "cloth", "--artifacts", fitted.artifacts, "-n", 3, "--format", "jsonl")
    assert [set(line) for line in found.answers] == [{"path", "score", "own", "basis", "tags", "added"}] * 3
    assert {line["basis"] for line in found.answers} == {"classes"}
    assert "1,000 classes" in found.err


def test_words_that_nothing_knows_are_one_sentence(run: Run, fitted: Library) -> None:
    found = run("search", "qzxv", "--artifacts", fitted.artifacts)
    assert (found.status, found.out) == (0, "")
    assert "None of the words is known" in found.err


@pytest.mark.parametrize("words", ["", " ", "\x1b\x00", "x" * 1000])
def test_no_words_and_too_many_are_wrong_use(run: Run, fitted: Library, words: str) -> None:
    found = run("search", words, "--artifacts", fitted.artifacts)
    assert found.status == 2
    assert found.out == ""
    assert len(found.err.splitlines()) == 1


def test_words_are_printed_without_control_sequences(run: Run, own_library: Library) -> None:
    editor = Editor(own_library.artifacts)
    editor.do(new_edits.give_tags(editor.library, [0], ["a\u202eb"]))
    found = run("search", "a\u202eb \x1b[31m", "--artifacts", own_library.artifacts)
    assert not {"\u202e", "\x1b"} & set(found.out + found.err)


def test_an_unfitted_folder_names_the_remedy(run: Run, tmp_path: Path) -> None:
    found = run("search", "dog", "--artifacts", tmp_path)
    assert found.status == 1
    assert "clustertags fit" in found.err


def test_an_image_text_network_serves_every_command(run: Run, image_text: Library, tmp_path: Path) -> None:
    """Nothing but the library is needed: neither open_clip nor the weights."""
    artifacts, photo = image_text.artifacts, image_text.photos / "000-1.jpg"
    manifest = json.loads((Artifacts(artifacts).current().folder / "manifest.json").read_text())
    assert manifest["backbone"]["name"] == BACKBONE
    found = run("search", "a dog on a beach", "--artifacts", artifacts, "--format", "jsonl")
    assert len(found.answers) == 20
    assert {line["basis"] for line in found.answers} == {"image-text"}
    assert f"{BACKBONE} matches the words" in found.err
    (tags,) = run("tag", photo, "--artifacts", artifacts, "--min-score", 0, "--format", "jsonl").answers
    assert {item["tag"] for item in tags["tags"]} == {"kind0", "kind1", "kind2"}
    (tmp_path / "tags.txt").write_text("sunset\nchessboard\n")
    options = ("--candidates", tmp_path / "tags.txt", "--min-score", 0, "--explain", "--format", "jsonl")
    (tags,) = run("tag", photo, "--artifacts", artifacts, *options).answers
    assert {item["tag"] for item in tags["tags"] if item.get("by_name")} == {"sunset", "chessboard"}
    script = (
        "import sys; from clustertags.cli.main import main\n"
        f"sys.argv = ['clustertags', 'search', 'a dog', '--artifacts', {str(artifacts)!r}]\n"
        "try: main()\n"
        "except SystemExit as stop: assert not stop.code, stop.code\n"
        "print(sorted({'torch', 'open_clip', 'timm', 'scipy', 'umap'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.splitlines()[-1] == "[]"


def test_names_of_its_tags_are_those_of_its_text_tower(image_text: Library) -> None:
    model = load_library(Artifacts(image_text.artifacts).current()).tag_model
    assert model is not None
    assert model.name_prior is not None
    names = model.name_prior.tag_names
    assert names.vectors.shape == (3, N_FEATURES)
    assert names.logit_scale > 0


def test_new_tags_of_an_edit_are_read_by_the_text_tower(image_text: Library, tmp_path: Path) -> None:
    artifacts = Path(shutil.copytree(image_text.artifacts, tmp_path / "artifacts"))
    editor = Editor(artifacts)
    editor.do(new_edits.give_tags(editor.library, [0, 1, 2], ["sunset"]))
    editor.publish()
    model = load_library(Artifacts(artifacts).current()).tag_model
    assert model is not None
    assert model.name_prior is not None
    assert model.name_prior.tag_names.vectors.shape == (4, N_FEATURES)


def test_a_library_that_lost_its_text_tower_says_so(run: Run, image_text: Library, tmp_path: Path) -> None:
    artifacts = Path(shutil.copytree(image_text.artifacts, tmp_path / "artifacts"))
    (Artifacts(artifacts).current().folder / TEXT_FILE).unlink()
    found = run("search", "a dog", "--artifacts", artifacts)
    assert found.status == 1
    assert TEXT_FILE in found.err
    assert "fit again" in found.err
    assert run("tag", image_text.photos / "000-1.jpg", "--artifacts", artifacts).status == 0, "tagging does not need it"

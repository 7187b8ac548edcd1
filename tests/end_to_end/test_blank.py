"""Photos in which there is nothing to see get no tags: in a library, as new photos, and on every page."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from clustertags.editing import new_edits
from clustertags.library.artifacts import Artifacts
from clustertags.library.model import FittedLibrary
from clustertags.library.saving import load_library
from clustertags.web.app import create_app
from clustertags.web.settings import WebSettings
from clustertags.workflows.edit import Editor, load_edited
from clustertags.workflows.suggest import suggest
from tests.conftest import Library, Ran
from tests.made.labels import write_labels
from tests.made.photos import made_photo, write_photos

Run = Callable[..., Ran]
COLOUR, NOISE = "nothing to see: one colour", "nothing to see: noise"


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """Three kinds of photos, and four blank ones, of which one is labelled."""
    import clustertags

    folder = tmp_path_factory.mktemp("blank")
    photos, seeds = folder / "photos", folder / "seeds.csv"
    kinds = write_photos(photos, 3, 8)
    for name, colour in (("black.png", "black"), ("white.jpg", "white"), ("mine.png", "red")):
        Image.new("RGB", (300, 200), colour).save(photos / name)
    noise(photos / "noise.png")
    write_labels(seeds, {**{name: kind for name, kind in kinds.items() if name < "004"}, "mine.png": "kind1"})
    clustertags.fit(photos, tags=seeds, artifacts=folder / "artifacts")
    return Library(photos, seeds, folder / "artifacts", kinds)


@pytest.fixture
def own(library: Library, tmp_path: Path) -> Library:
    return replace(library, artifacts=Path(shutil.copytree(library.artifacts, tmp_path / "artifacts")))


@pytest.fixture
def client(own: Library) -> Iterator[TestClient]:
    with TestClient(create_app(WebSettings(own.artifacts)), base_url="http://127.0.0.1:8017") as served:
        yield served


def noise(path: Path, seed: int = 0) -> None:
    Image.fromarray(np.random.default_rng(seed).integers(0, 256, (200, 300, 3), np.uint8)).save(path)


def content_hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def tags_by_name(fitted: FittedLibrary) -> dict[str, tuple[tuple[str, float], ...]]:
    return {photo.path: fitted.tags_of(at) for at, photo in enumerate(fitted.photos)}


def check_tags(fitted: FittedLibrary, kinds: dict[str, str]) -> None:
    tags = tags_by_name(fitted)
    assert not any(tags.pop(name) for name in ("black.png", "white.jpg", "noise.png"))
    assert tags.pop("mine.png"), "what a person labelled keeps its tags"
    assert tags.keys() == kinds.keys()
    assert all(tags.values())


def test_a_library_gives_blank_photos_no_tags_in_this_fit_and_the_next(run: Run, own: Library) -> None:
    check_tags(load_library(Artifacts(own.artifacts).current()), own.kinds)
    again = run("fit", own.photos, "--tags", own.seeds, "--artifacts", own.artifacts)
    assert "; 0 photos decoded" in again.out
    assert "3 photos left without tags: nothing to see" in again.out
    check_tags(load_library(Artifacts(own.artifacts).current()), own.kinds)
    suggested = {item.path for item in suggest(own.artifacts, 50).photos}
    assert suggested == {name for name in own.kinds if name >= "004"}


def test_a_label_outdoes_the_pixels_and_edits_keep_blank_photos_untagged(own: Library) -> None:
    editor = Editor(own.artifacts)
    paths = [photo.path for photo in editor.library.photos]
    labelled = new_edits.give_tags(editor.library, [paths.index("black.png")], ["kind2"])
    editor.commit(lambda opened: opened.do(labelled))
    for edited in (editor.library, load_library(Artifacts(own.artifacts).current()), load_edited(own.artifacts)):
        tags = tags_by_name(edited)
        assert "kind2" in dict(tags["black.png"])
        assert not tags["white.jpg"] and not tags["noise.png"]
        assert edited.why_blank(paths.index("black.png")) == ""
        assert edited.why_blank(paths.index("white.jpg")) == COLOUR
    editor.undo()
    assert not tags_by_name(editor.library)["black.png"]


@pytest.mark.parametrize("options", [(), ("--min-score", "0"), ("--explain",), ("--precision", "0.5")])
def test_new_blank_photos_get_no_tag_whatever_is_asked(
    run: Run, library: Library, tmp_path: Path, options: tuple[str, ...]
) -> None:
    Image.new("L", (500, 400), 17).save(tmp_path / "dark.jpg")
    Image.new("RGBA", (50, 50), (0, 0, 0, 0)).save(tmp_path / "clear.png")
    Image.new("RGB", (1, 1), "red").save(tmp_path / "dot.png")
    noise(tmp_path / "noisy.png", seed=1)
    made_photo(300, 1).save(tmp_path / "photo.jpg")
    ran = run("tag", tmp_path, "--artifacts", library.artifacts, "--format", "jsonl", *options)
    answers = {Path(answer["path"]).name: answer for answer in ran.answers}
    photo = answers.pop("photo.jpg")
    assert {name: answer["reason"] for name, answer in answers.items()} == {
        "dark.jpg": COLOUR,
        "clear.png": COLOUR,
        "dot.png": "nothing to see: only 1 x 1 pixels",
        "noisy.png": NOISE,
    }
    for answer in answers.values():
        assert answer.keys() == photo.keys()
        assert (answer["tags"], answer["abstained"], answer["cluster"]) == ([], True, None)
        assert not answer.get("withheld")
    assert not photo["reason"].startswith("nothing to see")


def test_candidates_are_not_seen_in_nothing_either(run: Run, library: Library, tmp_path: Path) -> None:
    Image.new("RGB", (300, 200)).save(tmp_path / "black.jpg")
    (tmp_path / "tags.txt").write_text("lotus\nnight\n")
    options = ("--candidates", tmp_path / "tags.txt", "--min-score", "0", "--format", "jsonl")
    (answer,) = run("tag", tmp_path / "black.jpg", "--artifacts", library.artifacts, *options).answers
    assert (answer["tags"], answer["reason"]) == ([], COLOUR)


def test_tag_agrees_with_the_library_on_its_own_photos(run: Run, library: Library) -> None:
    names = ("black.png", "noise.png", "mine.png")
    paths = [library.photos / name for name in names]
    black, noisy, mine = run("tag", *paths, "--artifacts", library.artifacts, "--format", "jsonl").answers
    assert (black["tags"], black["reason"], noisy["reason"]) == ([], COLOUR, NOISE)
    assert mine["reason"] != COLOUR
    assert COLOUR in run("tag", *paths, "--artifacts", library.artifacts).out


def test_a_library_without_tags_gives_none_to_blank_photos(run: Run, library: Library, artifacts: Path) -> None:
    run("fit", library.photos, "--artifacts", artifacts)
    (answer,) = run("tag", library.photos / "black.png", "--artifacts", artifacts, "--format", "jsonl").answers
    assert (answer["tags"], answer["reason"]) == ([], COLOUR)


def test_pages_say_why(run: Run, client: TestClient, own: Library, tmp_path: Path) -> None:
    page = client.get(f"/photos/{content_hash(own.photos / 'black.png')}").text
    assert f"No tags: {COLOUR}." in page
    assert "No tags" not in client.get(f"/photos/{content_hash(own.photos / 'mine.png')}").text
    noise(tmp_path / "noisy.png", seed=1)
    tried = client.post("/api/look", files={"file": ("x.png", (tmp_path / "noisy.png").read_bytes())}).json()
    assert (tried["answer"]["tags"], tried["answer"]["withheld"], tried["answer"]["reason"]) == ([], [], NOISE)
    run("gallery", "--output", tmp_path / "site", "--artifacts", own.artifacts)
    site = "".join(path.read_text() for path in (tmp_path / "site").rglob("*.html"))
    assert site.count(f"No tags: {COLOUR}") == 2
    assert site.count(f"No tags: {NOISE}") == 1

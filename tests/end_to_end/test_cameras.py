"""A folder as cameras and phones fill it: RAW files alone and next to a JPEG, Live Photos, videos."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from clustertags.library.artifacts import Artifacts
from clustertags.library.manifests import write_manifest
from clustertags.library.model import FittedLibrary
from clustertags.library.saving import load_library
from clustertags.support.digests import file_sha256
from tests.conftest import Ran
from tests.made.folders import digests
from tests.made.keywords import xmp
from tests.made.labels import write_seeds
from tests.made.photos import made_photo, write_photos
from tests.made.raw_files import arw, cr2, dng, jpeg, nef


@pytest.fixture
def camera(tmp_path: Path) -> Path:
    """Twelve JPEGs: the first two with RAW files, the third of a Live Photo; one NEF alone, a broken one, a video."""
    photos = tmp_path / "photos"
    write_photos(photos, n_kinds=3, n_each=4)
    (photos / "000-0.CR2").write_bytes(cr2(jpeg(made_photo(0, 0))))
    (photos / "001-0.arw").write_bytes(arw(jpeg(made_photo(1, 0))))
    (photos / "002-0.MOV").write_bytes(b"\0\0\0\x14ftypqt  \0\0\0\0qt  ")
    (photos / "alone.nef").write_bytes(nef(jpeg(made_photo(9, 1))))
    (photos / "broken.dng").write_bytes(dng(b""))
    (photos / "film.mp4").write_bytes(b"\0\0\0\x14ftypisom\0\0\0\0isom")
    return photos


def library_of(artifacts: Path) -> FittedLibrary:
    return load_library(Artifacts(artifacts).current())


def test_pairs_are_one_photo_and_videos_are_left_alone(run: Callable[..., Ran], camera: Path, artifacts: Path) -> None:
    before = digests(camera)
    ran = run("fit", camera, "--artifacts", artifacts)
    assert ran.status in {0, 3}
    assert "18 files: 13 photos used, 2 skipped; 13 photos decoded" in ran.out
    assert "2 RAW files and 1 video go with a photo of the same name" in ran.out
    assert "1 video is left alone" in ran.out
    assert "1 photo could not be read" in ran.err
    assert "broken.dng: no preview picture inside" in ran.err
    library = library_of(artifacts)
    files = {photo.path: photo.companions for photo in library.photos}
    assert len(files) == 13
    assert {path: names for path, names in files.items() if names} == {
        "000-0.jpg": ("000-0.CR2",),
        "001-0.jpg": ("001-0.arw",),
        "002-0.jpg": ("002-0.MOV",),
    }
    assert "alone.nef" in files
    again = run("fit", camera, "--artifacts", artifacts)
    assert "13 photos used, 2 skipped; 0 photos decoded" in again.out
    assert digests(camera) == before


def test_either_file_of_a_pair_names_the_photo(run: Callable[..., Ran], camera: Path, artifacts: Path) -> None:
    kinds = {path.name: f"kind{path.stem[-1]}" for path in sorted(camera.glob("0*.jpg"))}
    seeds = camera.parent / "seeds.csv"
    write_seeds(seeds, {name: kind for name, kind in kinds.items() if name != "000-0.jpg"}, per_kind=3)
    seeds.write_text(seeds.read_text() + "000-0.CR2,raw-named\n")
    assert run("fit", camera, "--artifacts", artifacts, "--tags", seeds).status in {0, 3}
    library = library_of(artifacts)
    named = next(at for at, photo in enumerate(library.photos) if photo.path == "000-0.jpg")
    assert library.seed_tags_of(named) == ("raw-named",)
    arguments = ("tag", camera / "000-0.jpg", camera / "000-0.CR2", "--artifacts", artifacts, "--format", "jsonl")
    of_jpeg, of_raw = run(*arguments).answers
    assert of_raw["path"].endswith("000-0.CR2")
    assert {**of_raw, "path": ""} == {**of_jpeg, "path": ""}


def test_a_folder_is_tagged_a_photo_at_a_time(run: Callable[..., Ran], camera: Path, artifacts: Path) -> None:
    run("fit", camera, "--artifacts", artifacts)
    ran = run("tag", camera, "--artifacts", artifacts, "--format", "jsonl")
    assert ran.status == 3, "the broken RAW file"
    names = [Path(answer["path"]).name for answer in ran.answers]
    assert len(names) == 14
    assert {"alone.nef", "broken.dng"} < set(names)
    assert not {"000-0.CR2", "001-0.arw", "002-0.MOV", "film.mp4"} & set(names)


def test_a_raw_file_is_read_where_its_jpeg_cannot_be(run: Callable[..., Ran], camera: Path, artifacts: Path) -> None:
    (camera / "000-0.jpg").write_bytes(b"\xff\xd8\xff broken")
    run("fit", camera, "--artifacts", artifacts)
    library = library_of(artifacts)
    assert "000-0.CR2" in {photo.path for photo in library.photos}
    assert "000-0.jpg" in {file.path for file in library.unreadable}
    tagged = run("tag", camera / "000-0.CR2", "--artifacts", artifacts, "--format", "jsonl")
    assert tagged.status == 0


def test_the_sidecar_of_the_raw_file_counts_for_the_photo(
    run: Callable[..., Ran], camera: Path, artifacts: Path
) -> None:
    (camera / "000-0.CR2.xmp").write_bytes(xmp("mountain"))
    (camera / "alone.xmp").write_bytes(xmp("valley"))
    run("fit", camera, "--artifacts", artifacts)
    library = library_of(artifacts)
    labelled = {library.photos[photo].path: library.seed_tags_of(photo) for photo in library.seeds.photos}
    assert labelled == {"000-0.jpg": ("mountain",), "alone.nef": ("valley",)}


def test_the_gallery_names_the_companions(run: Callable[..., Ran], camera: Path, artifacts: Path) -> None:
    run("fit", camera, "--artifacts", artifacts)
    assert run("gallery", "--artifacts", artifacts).status == 0
    pages = "".join(page.read_text() for page in (artifacts / "gallery").rglob("*.html"))
    assert "000-0.CR2" in pages
    assert "002-0.MOV" in pages


def test_a_library_of_before_opens_without_companions(run: Callable[..., Ran], camera: Path, artifacts: Path) -> None:
    run("fit", camera, "--artifacts", artifacts)
    version = Artifacts(artifacts).current()
    listed = json.loads((version.folder / "photos.json").read_bytes())
    assert listed.pop("companions")
    (version.folder / "photos.json").write_text(json.dumps(listed))
    manifest = {**version.manifest, "files": {**version.manifest["files"]}}
    manifest["files"]["photos.json"] = file_sha256(version.folder / "photos.json")
    write_manifest(version.folder, manifest)
    assert all(photo.companions == () for photo in library_of(artifacts).photos)

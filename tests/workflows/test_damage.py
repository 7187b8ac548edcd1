"""Flipped bits and truncations of what a fit leaves: refused with a line, or of no effect; never other tags."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from clustertags.editing.new_edits import give_tags, rename
from clustertags.errors import ClusterTagsError
from clustertags.features.extracted_file import Content, ExtractedFile
from clustertags.library.artifacts import Artifacts
from clustertags.library.catalogue import Catalogue
from clustertags.library.library_features import read_library_features
from clustertags.library.sidecar_rows import SidecarRow, WrittenTag
from clustertags.photos.discovery import FoundFile
from clustertags.tagging.prediction_json import as_json
from clustertags.tagging.predictions import TagOptions
from clustertags.workflows.edit import Editor
from clustertags.workflows.predict import Predictor
from clustertags.workflows.tag import Tagger
from tests.made.fitted import simple_library
from tests.made.published import LAYOUT, publish_made

N_FLIPS, N_TRUNCATIONS = 300, 200


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two versions, edits learnt and not, keywords, a blank photo, a picture, and a sidecar written."""
    folder = tmp_path_factory.mktemp("damaged") / "artifacts"
    publish_made(simple_library(), folder)
    editor = Editor(folder)
    editor.do(give_tags(editor.library, [5, 6, 7], ["sunset"]))
    editor.publish()
    editor.do(rename(editor.library, 0, "Harbour at night"))
    editor.do(give_tags(editor.library, [8], ["lighthouse"]))
    photo = editor.library.photos[0]
    picture = np.arange(1024).astype(np.uint8).reshape(32, 32)
    values = editor.library.space[0].astype(np.float16)
    with Catalogue(folder / "library.sqlite") as catalogue:
        full = Content(values, 1.0, 8, 8, ("harbour", "ship"), "nothing to see: one colour", picture)
        file = ExtractedFile(FoundFile(photo.path, 1, 1), photo.content_hash, full)
        catalogue.record(editor.library.root, [file], LAYOUT, "made")
        catalogue.record_sharpness({photo.content_hash: 1.25})
        tag = WrittenTag("dc:subject", "harbour", "predicted", 0.9, "0002", "2026-01-02")
        row = SidecarRow("a.xmp", photo.path, photo.content_hash, "2026", "0002", "", "ab", (), (tag,), b"<x/>" * 9)
        catalogue.sidecars.intend(editor.library.root, [row], "writing")
        catalogue.sidecars.settle(editor.library.root, ["a.xmp"], [])
    return folder


def outcome(folder: Path) -> Any:
    """All that reaches a person, and all that the next fit or edit learns from; or the line that refuses."""
    try:
        return _answers(folder)
    except ClusterTagsError as error:
        assert "\n" not in str(error)
        return f"refused: {error}"


def _answers(folder: Path) -> tuple[Any, ...]:
    artifacts = Artifacts(folder)
    tagger, editor = Tagger(folder), Editor(folder)
    edited = editor.library
    features = read_library_features(artifacts, editor.version, editor.published).features
    hashes = [photo.content_hash for photo in edited.photos]
    with Catalogue(artifacts.catalogue) as catalogue:
        root = edited.root
        stored = (
            sorted(catalogue.known_files(root, "made").items()),
            catalogue.keywords(hashes),
            catalogue.blank(hashes),
            catalogue.pictures(hashes, LAYOUT).tobytes(),
            catalogue.sharpness(),
            catalogue.joined(),
            catalogue.sidecars.written(root),
        )
    return (
        tagger.version.name,
        [as_json(item) for item in predictions(tagger.version, features, hashes)],
        [edited.tags_of(photo) for photo in range(edited.n_photos)],
        [edited.seed_tags_of(photo) for photo in range(edited.n_photos)],
        [(item.name, item.tags) for item in edited.descriptions],
        (edited.map.tobytes(), edited.clusters.labels.tolist(), str(root), edited.photos, edited.hidden.tolist()),
        (features.values.tobytes(), features.norms.tobytes()),
        (editor.version.manifest["settings"], editor.version.manifest["counts"], editor.version.manifest["layout"]),
        [(entry.number, entry.edit, entry.state) for entry in editor.journal.entries],
        stored,
    )


def predictions(version: Any, features: Any, hashes: list[str]) -> Iterator[Any]:
    read = [
        ExtractedFile(FoundFile(str(at), 1, 1), hashes[at], Content(features.values[at], features.norms[at], 8, 8, ()))
        for at in (0, 20, 40, 60)
    ]
    new = [replace(item, content_hash="00" * 32) for item in read]
    return Predictor(version).predict([*read, *new], TagOptions(min_score=0.0))


def files_of(folder: Path) -> list[Path]:
    return [path for path in sorted(folder.rglob("*")) if path.is_file() and path.stat().st_size]


@contextmanager
def damaged(path: Path, data: bytes) -> Iterator[None]:
    whole = path.read_bytes()
    path.unlink()  # versions share files
    path.write_bytes(data)
    try:
        yield
    finally:
        path.write_bytes(whole)
        for name in ("library.sqlite-wal", "library.sqlite-shm"):
            path.with_name(name).unlink(missing_ok=True)


def flipped(data: bytes, bit: int) -> bytes:
    return data[: bit // 8] + bytes([data[bit // 8] ^ 1 << bit % 8]) + data[bit // 8 + 1 :]


def telling_bits(data: bytes) -> list[int]:
    """Of the catalogue: the text of edits, keywords and sidecars, and the head that SQLite reads first."""
    starts = [
        data.find(text) for text in (b'"sunset"', b'"lighthouse"', b'"harbour"', b"Harbour at night", b"one colour")
    ]
    assert min(starts) > 0
    return [*range(0, 100 * 8, 16), *(bit for start in starts for bit in range(8 * start, 8 * start + 64, 5))]


@pytest.mark.slow
def test_no_flipped_bit_and_no_truncation_gives_other_tags(library: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(library, tmp_path / "artifacts"))
    before, randomly, seen = outcome(folder), random.Random(0), Counter[str]()
    assert not isinstance(before, str), before
    catalogue = folder / "library.sqlite"
    in_use = [folder / "CURRENT", folder / "CURRENT.check", *files_of(folder / "models" / "0002")]
    others = files_of(folder / "models" / "0001")
    telling = telling_bits(catalogue.read_bytes())
    for number in range(N_FLIPS + N_TRUNCATIONS):
        files = others if number % 16 == 1 else in_use
        path = catalogue if number % 4 == 0 else files[number % len(files)]
        data = path.read_bytes()
        if number < N_FLIPS:
            bit = telling[number // 4] if path == catalogue and number % 8 else randomly.randrange(8 * len(data))
            what, changed = f"bit {bit}", flipped(data, bit)
        else:
            what, changed = "cut", data[: randomly.randrange(len(data))]
        with damaged(path, changed):
            after = outcome(folder)
        refused = isinstance(after, str)
        assert refused or after == before, f"{what} of {path.relative_to(folder)} gives other answers"
        seen[f"{path.name} {'refused' if refused else 'no effect'}"] += 1
    assert outcome(folder) == before, "the damage was undone each time"
    assert sum(count for name, count in seen.items() if "refused" in name) > 350

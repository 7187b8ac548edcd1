from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from clustertags.engines.local import LocalEngine
from clustertags.engines.workers import Workers
from clustertags.features.extracted_file import ExtractedFile
from clustertags.features.extraction import Extractor
from clustertags.features.photo_reading import PhotoReader
from clustertags.photos.discovery import discover
from clustertags.photos.files import DecodeLimits
from tests.made.features import PREPROCESS, ColourHistogram
from tests.made.keywords import xmp
from tests.made.photos import made_photo, write_photos


def extract(root: Path, *, batch_size: int = 1, known: frozenset[str] = frozenset()) -> dict[str, ExtractedFile]:
    limits = DecodeLimits()
    extractor = Extractor(ColourHistogram(batch_size), PhotoReader(PREPROCESS, limits, known))
    with LocalEngine(extractor, Workers("threads", 3)) as engine:
        return {outcome.file.path: outcome for outcome in engine.run(root, discover(root, limits).files)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_photos(tmp_path, 4, 5)
    (tmp_path / "broken.jpg").write_bytes((tmp_path / "000-0.jpg").read_bytes()[:500])
    (tmp_path / "notes.txt").write_text("not a photo")
    (tmp_path / "fake.png").write_text("not a photo either")
    (tmp_path / "unnamed").write_bytes((tmp_path / "001-1.jpg").read_bytes()[:300])
    return tmp_path


@pytest.mark.parametrize("batch_size", [1, 7])
def test_a_broken_photo_never_shifts_its_neighbours(folder: Path, batch_size: int) -> None:
    outcomes = extract(folder, batch_size=batch_size)
    assert len(outcomes) == 24
    alone = ColourHistogram()
    for path, outcome in outcomes.items():
        if not outcome.content:
            continue
        assert outcome.content_hash == hashlib.sha256((folder / path).read_bytes()).hexdigest()
        (lonely,) = Extractor(alone, PhotoReader(PREPROCESS, DecodeLimits())).extract(folder, [outcome.file])
        assert lonely.content is not None
        np.testing.assert_array_equal(lonely.content.values, outcome.content.values)
        assert lonely.content.norm == outcome.content.norm
    assert sum(outcome.content is not None for outcome in outcomes.values()) == 20


def test_skipped_files_say_why_and_whether_they_are_photos(folder: Path) -> None:
    skipped = {path: outcome.skipped for path, outcome in extract(folder).items() if outcome.skipped}
    assert {path: item.is_photo for path, item in skipped.items() if item} == {
        "broken.jpg": True,
        "fake.png": True,
        "notes.txt": False,
        "unnamed": True,
    }
    assert all(item and item.reason for item in skipped.values())


def test_features_are_of_unit_length_with_their_norm(folder: Path) -> None:
    content = extract(folder)["000-0.jpg"].content
    assert content is not None
    assert np.linalg.norm(content.values.astype(np.float64)) == pytest.approx(1, abs=1e-3)
    histogram = content.values.astype(np.float64) * content.norm
    assert histogram.sum() == pytest.approx(56 * 56, rel=1e-3)
    assert (content.width, content.height) == (96, 96)


def test_known_contents_are_not_decoded(folder: Path) -> None:
    known = hashlib.sha256((folder / "000-0.jpg").read_bytes()).hexdigest()
    outcome = extract(folder, known=frozenset({known}))["000-0.jpg"]
    assert outcome.content is None
    assert outcome.skipped is None
    assert outcome.content_hash == known


def test_no_files_no_outcomes(tmp_path: Path) -> None:
    assert extract(tmp_path) == {}


def test_keywords_inside_are_read(tmp_path: Path) -> None:
    made_photo(0).save(tmp_path / "a.jpg", xmp=xmp("sea", "dog"))
    content = extract(tmp_path)["a.jpg"].content
    assert content is not None
    assert content.keywords == ("sea", "dog")


@pytest.mark.parametrize("batch_size", [1, 3])
def test_features_over_augmentations_are_their_mean_direction(folder: Path, batch_size: int) -> None:
    files = [file for file in discover(folder, DecodeLimits()).files if file.path.endswith(".jpg")][:3]
    outcomes = {}
    for n_augmentations in (1, 2):
        extractor = Extractor(
            ColourHistogram(batch_size, n_augmentations),
            PhotoReader(replace(PREPROCESS, n_augmentations=n_augmentations), DecodeLimits()),
        )
        outcomes[n_augmentations] = [outcome for file in files for outcome in extractor.extract(folder, [file])]
        together = extractor.extract(folder, files[:batch_size])
        for one, same in zip(together, outcomes[n_augmentations], strict=False):
            assert one.content is not None and same.content is not None
            np.testing.assert_array_equal(one.content.values, same.content.values)
    for one, two in zip(outcomes[1], outcomes[2], strict=True):
        # The second augmentation is the first one's mirror image, whose colours are the same.
        assert one.content is not None and two.content is not None
        np.testing.assert_allclose(one.content.values, two.content.values, atol=1e-3)
        assert two.content.norm == pytest.approx(one.content.norm, rel=1e-3)
        assert np.linalg.norm(two.content.values.astype(float)) == pytest.approx(1, abs=1e-3)

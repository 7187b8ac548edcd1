"""The demo's camera roll: enough real photos, each with what a camera writes, the same ones every time."""

from __future__ import annotations

import csv
import importlib.util
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest
from PIL import Image, ImageOps, ImageStat

from tests.made.folders import digests
from tests.scripts.loading import load_script

FEW = ("cat", "rocket", "moon", "temple")


@pytest.fixture(scope="module")
def script() -> ModuleType:
    return load_script("camera_roll")


def few_subjects(script: ModuleType, monkeypatch: pytest.MonkeyPatch, names: tuple[str, ...] = FEW) -> None:
    """Leave the script a few subjects only, which is quicker."""
    for package in ("skimage", "sklearn"):
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"the pictures of {package} are not installed")
    monkeypatch.setattr(script, "SUBJECTS", tuple(subject for subject in script.SUBJECTS if subject.name in names))


@pytest.fixture(scope="module")
def roll(script: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("camera") / "roll"
    with pytest.MonkeyPatch.context() as monkeypatch:
        few_subjects(script, monkeypatch)
        assert script.assemble(folder) == 16 * len(FEW)
    return folder


def test_the_whole_roll_is_large_and_varied(script: ModuleType) -> None:
    for package in ("skimage", "sklearn", "interior_photos"):
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"the pictures of {package} are not installed")
    shots = list(script.plan(0))
    per_subject = Counter(shot.subject.name for shot in shots)
    without_interiors = [shot for shot in shots if shot.subject.place != script.INTERIORS]
    assert len(per_subject) >= 20
    assert len(shots) - len(per_subject) >= 300
    assert len(without_interiors) - 13 >= 200
    assert min(per_subject.values()) >= 12
    assert all(shot.picture.is_file() for shot in shots)
    assert len({shot.name for shot in shots}) == len(shots)


def test_photos_exif_tags_and_what_is_held_back(roll: Path) -> None:
    paths = sorted(roll.rglob("*.jpg"))
    assert len(paths) == 16 * len(FEW)
    assert sorted(path.stem for path in roll.with_name("roll-held-back").iterdir()) == sorted(FEW)
    assert not list(roll.parent.glob("*.partial"))

    orientations, dates = Counter(), []
    for path in paths:
        with Image.open(path) as image:
            exif = image.getexif()
            assert image.format == "JPEG"
            assert min(image.size) >= 400
        assert exif[0x0110] in {"Canon EOS R10", "Pixel 8"}
        orientations[exif[0x0112]] += 1
        dates.append(exif.get_ifd(0x8769)[0x9003])
        assert path.parent.name == dates[-1][:7].replace(":", "-")
    assert dates == sorted(dates)
    assert len(set(dates)) == len(dates)
    assert len(orientations) >= 3
    assert orientations[1] > len(paths) / 2

    with (roll / "tags.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert {row["tags"] for row in rows} == {"cat|pet", "rocket|space", "temple|travel"}
    assert len(rows) == 6
    assert all((roll / row["image"]).is_file() for row in rows)


def test_an_orientation_flag_shows_the_photo_upright(roll: Path) -> None:
    """The rocket stands before a sky that is darkest above, whichever way the sensor lay."""
    turned = 0
    rockets = [path for path in roll.rglob("*.jpg") if 118 <= int(path.stem.removeprefix("IMG_")) <= 133]
    for path in rockets:
        with Image.open(path) as image:
            turned += image.getexif()[0x0112] != 1
            upright = ImageOps.exif_transpose(image).convert("L")
        wide, high = upright.size
        top, bottom = (upright.crop((0, y, wide, y + high // 5)) for y in (0, high - high // 5))
        assert ImageStat.Stat(top).mean[0] < ImageStat.Stat(bottom).mean[0], path
    assert len(rockets) == 16
    assert turned


def test_the_same_bytes_every_time_and_other_ones_for_another_seed(
    script: ModuleType, roll: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few_subjects(script, monkeypatch)
    script.assemble(tmp_path / "again")
    assert digests(tmp_path / "again") == digests(roll)
    assert digests(tmp_path / "again-held-back") == digests(roll.with_name("roll-held-back"))
    few_subjects(script, monkeypatch, FEW[:1])
    script.assemble(tmp_path / "other", seed=1)
    assert not set(digests(tmp_path / "other").values()) & set(digests(roll).values())


def test_a_folder_with_something_in_it_is_left_alone(
    script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few_subjects(script, monkeypatch, FEW[:1])
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "photo.jpg").write_bytes(b"mine")
    with pytest.raises(SystemExit, match="exists already"):
        script.assemble(tmp_path / "mine")
    assert [path.name for path in tmp_path.rglob("*")] == ["mine", "photo.jpg"]
    (tmp_path / "mine-too").mkdir()
    assert script.assemble(tmp_path / "mine-too") == 16


def test_without_any_package_it_says_so(script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    missing = script.Subject("nothing", ("no_such_package", "data"), ("a.jpg",))
    assert missing.paths() == []
    monkeypatch.setattr(script, "SUBJECTS", (missing,))
    with pytest.raises(SystemExit, match="install scikit-image"):
        script.assemble(tmp_path / "roll")

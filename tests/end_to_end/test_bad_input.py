"""Each fault gives one clear line and the right exit status, and loses nothing that was there."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.conftest import Library, Ran
from tests.made.folders import digests
from tests.made.photos import made_photo, write_photos

Run = Callable[..., Ran]


def one_line(ran: Ran) -> str:
    lines = ran.err.splitlines()
    assert len(lines) == 1, ran.err
    assert lines[0].startswith("clustertags: ")
    return lines[0]


def digest(folder: Path) -> dict[str, str]:
    """Of all but the catalogue, which even reading changes."""
    return {
        name: hash_
        for name, hash_ in digests(folder).items()
        if not Path(name).name.startswith((".lock", "library.sqlite"))
    }


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    write_photos(tmp_path / "photos", 2, 8)
    return tmp_path / "photos"


def test_a_folder_that_is_not_there_or_empty(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for name, words in (("missing", "does not exist"), ("empty", "holds no files")):
        ran = run("fit", tmp_path / name, "--artifacts", tmp_path / "artifacts")
        assert ran.status == 1
        assert words in one_line(ran)
        assert name in ran.err
    assert not (tmp_path / "artifacts").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("fit", "LONG"),
        ("fit", "PHOTOS", "--artifacts", "LONG"),
        ("fit", "PHOTOS", "--tags", "LONG"),
        ("relocate", "LONG", "--artifacts", "FITTED"),
        ("tag", "LONG", "--artifacts", "FITTED", "--format", "csv"),
        ("tag", "LONG.CR2", "--artifacts", "FITTED", "--format", "csv"),
        ("gallery", "--artifacts", "LONG"),
    ],
)
def test_a_name_of_more_than_255_bytes_is_one_line(
    run: Run, photos: Path, fitted: Library, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    long = str(tmp_path / ("é" * 128))
    places = {"LONG": long, "LONG.CR2": f"{long}.CR2", "PHOTOS": photos, "FITTED": fitted.artifacts}
    ran = run(*(places.get(argument, argument) for argument in arguments))
    assert ran.status == (2 if "--tags" in arguments else 1)
    said = ran.out if arguments[0] == "tag" else one_line(ran)
    assert "éé" in said
    assert "name has more bytes than this system allows" in said or "File name too long" in said


def test_no_readable_photo_names_one_and_why(run: Run, artifacts: Path, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").write_bytes(b"\xff\xd8\xff broken")
    (tmp_path / "photos" / "notes.txt").write_text("text")
    ran = run("fit", tmp_path / "photos", "--artifacts", artifacts)
    assert ran.status == 1
    assert "a.jpg" in one_line(ran)
    assert not (artifacts / "CURRENT").exists()


@pytest.mark.parametrize("count", [1, 2, 3])
def test_very_few_photos_can_be_fitted_and_tagged(run: Run, artifacts: Path, tmp_path: Path, count: int) -> None:
    kinds = write_photos(tmp_path / "photos", 1, count)
    (tmp_path / "seeds.csv").write_text(f"image,tags\n{min(kinds)},stripes\n")
    assert run("fit", tmp_path / "photos", "--tags", tmp_path / "seeds.csv", "--artifacts", artifacts).status == 0
    made_photo(99).save(tmp_path / "new.jpg")
    ran = run("tag", tmp_path / "new.jpg", "--artifacts", artifacts, "--format", "jsonl", "--min-score", "0")
    assert ran.status == 0
    assert [tag["tag"] for tag in ran.answers[0]["tags"]] == ["stripes"]
    assert run("gallery", "--artifacts", artifacts).status == 0


def test_photos_that_are_all_the_same(run: Run, artifacts: Path, tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    picture = made_photo(0)
    for number in range(12):  # the same pixels, a different content each
        exif = Image.Exif()
        exif[0x010E] = f"copy {number}"
        picture.save(tmp_path / "photos" / f"{number}.jpg", exif=exif)
    ran = run("fit", tmp_path / "photos", "--artifacts", artifacts)
    assert ran.status == 0
    assert "12 photos used" in ran.out
    assert run("gallery", "--artifacts", artifacts).status == 0


def test_some_unreadable_photos_end_with_status_3(run: Run, artifacts: Path, photos: Path) -> None:
    (photos / "broken.jpg").write_bytes(b"\xff\xd8\xff broken")
    (photos / "notes.txt").write_text("no photo, so no fault")
    ran = run("fit", photos, "--artifacts", artifacts)
    assert ran.status == 3
    assert "18 files: 16 photos used, 2 skipped" in ran.out
    assert "1 photo could not be read" in ran.err
    assert "broken.jpg" in ran.err
    listed = run("info", "--artifacts", artifacts, "--skipped").out
    assert "broken.jpg" in listed
    assert "notes.txt" in listed


@pytest.mark.parametrize(
    ("content", "status", "words"),
    [
        ("image,tags\nnope.jpg,a\n000-0.jpg,b\n", 0, "nope.jpg"),
        (
            "image,tags\n000-0.jpg,\n001-0.jpg,b\n",
            0,
            "1 photo has no tag in seeds.csv: it counts as showing none of the tags",
        ),
        ("image,tags\n000-0.jpg,only\n", 0, ""),
        ("image,tags\n000-0.jpg,a\n000-0.jpg,b\n000-0.jpg,a\n", 0, ""),
        ("image,tags\nnope.jpg,a\n", 2, "nope.jpg"),
        ("name,labels\n000-0.jpg,a\n", 2, "image"),
        ("", 2, "seeds.csv"),
        ("image,tags\n000-0.jpg,caf\xe9\n".encode("latin-1"), 0, "was read as Latin-1"),
        ("image,tags\n000-0.jpg,a\n".encode("utf-16"), 0, ""),
        ("image,tags\n000-0.jpg,a\n".encode("utf-16")[:-1], 2, "UTF-16"),
    ],
)
def test_seed_files(
    run: Run, artifacts: Path, photos: Path, tmp_path: Path, content: str | bytes, status: int, words: str
) -> None:
    seeds = tmp_path / "seeds.csv"
    seeds.write_bytes(content if isinstance(content, bytes) else content.encode())
    ran = run("fit", photos, "--tags", seeds, "--artifacts", artifacts)
    assert ran.status == status, ran.err
    assert words in ran.err
    if status:
        one_line(ran)
        assert not (artifacts / "CURRENT").exists()
    else:
        assert run("tag", photos / "000-1.jpg", "--artifacts", artifacts).status == 0


def test_a_missing_seeds_file_is_seen_before_any_photo_is_read(run: Run, artifacts: Path, photos: Path) -> None:
    ran = run("fit", photos, "--tags", "missing.csv", "--artifacts", artifacts)
    assert ran.status == 2
    assert "missing.csv" in one_line(ran)
    assert not (artifacts / "library.sqlite").exists()


def test_nothing_is_written_among_the_photos_unasked(run: Run, photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(photos)
    before = sorted(photos.iterdir())
    ran = run("fit", ".")
    assert ran.status == 2
    assert "--artifacts" in one_line(ran)
    assert sorted(photos.iterdir()) == before


@pytest.mark.parametrize("command", [("tag", "x.jpg"), ("gallery",), ("info",)])
def test_without_artifacts_the_remedy_is_named(run: Run, tmp_path: Path, command: tuple[str, ...]) -> None:
    ran = run(*command, "--artifacts", tmp_path / "nowhere")
    assert ran.status == 1
    assert "clustertags fit" in one_line(ran)


@pytest.mark.parametrize(
    "name", ["clusters.safetensors", "tags.safetensors", "tags.json", "clusters.json", "backbone.bin", "manifest.json"]
)
@pytest.mark.parametrize("damage", ["cut", "changed", "missing"])
def test_damaged_artifacts_are_one_clear_line(
    run: Run, fitted: Library, own_artifacts: Path, name: str, damage: str
) -> None:
    artifacts = own_artifacts
    path = artifacts / "models" / "0001" / name
    data = path.read_bytes()
    path.unlink()
    if damage != "missing":
        path.write_bytes(
            data[: len(data) // 2] if damage == "cut" else data[:-3] + bytes(255 - byte for byte in data[-3:])
        )
    ran = run("tag", fitted.photos / "000-0.jpg", "--artifacts", artifacts)
    assert ran.status == 1
    assert name in one_line(ran)
    assert run("fit", fitted.photos, "--tags", fitted.seeds, "--artifacts", artifacts).status == 0, "a fit mends it"
    assert run("tag", fitted.photos / "000-0.jpg", "--artifacts", artifacts).status == 0


@pytest.mark.parametrize(("version", "age"), [(99, "newer"), (0, "older")])
def test_artifacts_of_another_version(run: Run, fitted: Library, own_artifacts: Path, version: int, age: str) -> None:
    artifacts = own_artifacts
    path = artifacts / "models" / "0001" / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "schema_version": version}))
    before = digest(artifacts)
    for command in (("tag", fitted.photos / "000-0.jpg"), ("info",), ("gallery",)):
        ran = run(*command, "--artifacts", artifacts)
        assert ran.status == 1
        assert age in one_line(ran)
    assert digest(artifacts) == before


def test_a_damaged_catalogue_is_named_and_the_model_stays(run: Run, fitted: Library, own_artifacts: Path) -> None:
    artifacts = own_artifacts
    for path in artifacts.glob("library.sqlite*"):
        path.unlink()
    (artifacts / "library.sqlite").write_bytes(b"damaged" * 1000)
    before = digest(artifacts)
    ran = run("fit", fitted.photos, "--artifacts", artifacts)
    assert ran.status == 1
    assert "library.sqlite" in one_line(ran)
    assert digest(artifacts) == before
    assert run("tag", fitted.photos / "000-0.jpg", "--artifacts", artifacts).status == 0


def test_a_full_disk_is_one_line_and_the_model_stays(
    run: Run, fitted: Library, own_artifacts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import errno

    from clustertags.library import artifacts as module

    artifacts = own_artifacts
    before = digest(artifacts)

    def full(_: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(module, "sync_files", full)
    ran = run("fit", fitted.photos, "--artifacts", artifacts)
    assert ran.status == 1
    assert "no room left" in one_line(ran)
    assert digest(artifacts) == before


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a Linux mount")
def test_a_really_full_file_system(run: Run, photos: Path, tmp_path: Path) -> None:
    import subprocess

    mount = tmp_path / "small"
    mount.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", mount], capture_output=True, check=False)
    if made.returncode:
        pytest.skip("cannot mount a small file system here")
    try:
        room = shutil.disk_usage(mount).free
        (mount / "ballast").write_bytes(bytes(max(0, room - 100_000)))
        ran = run("fit", photos, "--artifacts", mount / "artifacts")
        assert ran.status == 1
        assert "room" in one_line(ran)
    finally:
        subprocess.run(["umount", mount], check=True)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("fit", "{photos}", "--backbone", "no_such_network"), "efficientnet-lite0"),
        (("fit", "{photos}", "--min-cluster-size", "1"), "at least 2"),
        (("fit", "{photos}", "--weights", "missing.pth"), "missing.pth"),
    ],
)
def test_wrong_settings_are_one_clear_line(
    run: Run, artifacts: Path, photos: Path, arguments: tuple[str, ...], words: str
) -> None:
    ran = run(*(word.format(photos=photos) for word in arguments), "--artifacts", artifacts)
    assert ran.status in {1, 2}
    assert words in one_line(ran)


@pytest.mark.parametrize(
    "arguments", [(), ("fit",), ("nonsense",), ("fit", "x", "--engine", "cluster"), ("tag", "a", "--top-k", "0")]
)
def test_wrong_use_has_status_2(run: Run, arguments: tuple[str, ...]) -> None:
    assert run(*arguments).status == 2

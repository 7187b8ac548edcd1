"""What exiftool and exiv2 read of the sidecars, and what is undone after they rewrote them."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from clustertags.export.sidecar_undo import undo_sidecars
from clustertags.export.sidecars import SidecarTags, write_sidecars
from clustertags.export.xmp_packet import Additions, merged
from clustertags.library.catalogue import Catalogue
from clustertags.photos.keywords import read_keywords
from clustertags.photos.own_keywords import written_by_us
from tests.made.photos import write_photos
from tests.made.sidecars import PROGRAMS, lists

N_PHOTOS = 200
EXIFTOOL, EXIV2 = shutil.which("exiftool"), shutil.which("exiv2")
needs_exiftool = pytest.mark.skipif(EXIFTOOL is None, reason="exiftool is not installed")
needs_exiv2 = pytest.mark.skipif(EXIV2 is None, reason="exiv2 is not installed")
PROGRAM = pytest.mark.parametrize(
    "rewriter", [pytest.param("exiftool", marks=needs_exiftool), pytest.param("exiv2", marks=needs_exiv2)]
)


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue(tmp_path / "library.sqlite") as opened:
        yield opened


def photo_tags(number: int) -> SidecarTags:
    return SidecarTags(
        f"f{number % 3}/{number:03}.jpg",
        f"{number:064x}",
        ("embedded",) if number % 4 else (),
        (("animal", "dog"), ("Müller & Söhne <AG>",)) if number % 2 else (),
        ((("auto", f"tag {number}"), number / N_PHOTOS), (("AC/DC",), 0.75)),
    )


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder of photos; every second has a sidecar of some program."""
    folder = tmp_path / "photos"
    for number in range(N_PHOTOS):
        path = folder / photo_tags(number).path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"a photo")
        if number % 2 == 0:
            text = list(PROGRAMS.values())[number // 2 % len(PROGRAMS)]
            path.with_name(f"{path.name}.xmp").write_text(text, encoding="utf-8")
    return folder


def whole(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def exiftool_lists(paths: list[Path]) -> dict[Path, dict[str, list[str]]]:
    asked = ["-XMP-dc:Subject", "-XMP-lr:HierarchicalSubject", "-XMP-digiKam:TagsList"]
    ran = subprocess.run(["exiftool", "-j", "-struct", "-G1", *asked, "-@", "-"], input="\n".join(map(str, paths)),
                         capture_output=True, text=True, check=True)  # fmt: skip
    names = {"dc:subject": "XMP-dc:Subject", "lr:hierarchicalSubject": "XMP-lr:HierarchicalSubject",
             "digiKam:TagsList": "XMP-digiKam:TagsList"}  # fmt: skip

    def as_list(value: Any) -> list[str]:
        return [str(item) for item in value] if isinstance(value, list) else [str(value)]

    return {
        Path(found["SourceFile"]): {own: as_list(found.get(theirs, [])) for own, theirs in names.items()}
        for found in json.loads(ran.stdout)
    }


def exiv2_lists(path: Path) -> dict[str, set[str]]:
    ran = subprocess.run(["exiv2", "-PXkt", "pr", str(path)], capture_output=True, text=True, check=True)
    found: dict[str, set[str]] = {}
    for line in ran.stdout.splitlines():
        key, _, value = line.partition(" ")
        found[key] = set(value.strip().split(", "))
    return {
        "dc:subject": found["Xmp.dc.subject"],
        "lr:hierarchicalSubject": found["Xmp.lr.hierarchicalSubject"],
        "digiKam:TagsList": found["Xmp.digiKam.TagsList"],
    }


@needs_exiftool
@needs_exiv2
def test_two_hundred_sidecars_are_read_by_both_and_undone_to_the_byte(root: Path, catalogue: Catalogue) -> None:
    before = whole(root)
    report = write_sidecars(root, [photo_tags(n) for n in range(N_PHOTOS)], catalogue, model="0007")
    assert report.n_changed == N_PHOTOS
    sidecars = sorted(root.rglob("*.xmp"))
    assert len(sidecars) == N_PHOTOS
    by_exiftool = exiftool_lists(sidecars)
    for path in sidecars:
        written = lists(path.read_bytes())
        assert by_exiftool[path] == written
        number = int(path.name[:3])
        assert f"auto|tag {number}" in written["lr:hierarchicalSubject"]
        assert f"auto/tag {number}" in written["digiKam:TagsList"]
    for path in sidecars[::10]:
        assert exiv2_lists(path) == {name: set(texts) for name, texts in lists(path.read_bytes()).items()}
    assert undo_sidecars(root, catalogue).n_changed == N_PHOTOS
    assert whole(root) == before


def rewrite(path: Path, rewriter: str) -> None:
    """Let the program set a rating, a keyword of the person's and a hierarchy, as a person would in it."""
    if rewriter == "exiftool":
        changes = ["-XMP:Rating=5", "-XMP-dc:Subject+=theirs", "-XMP-lr:HierarchicalSubject+=their|own"]
        command = ["exiftool", "-q", "-overwrite_original", *changes, str(path)]
    else:
        before = lists(path.read_bytes())
        keywords = [*before["dc:subject"], "theirs"]
        changes = ["-Mdel Xmp.dc.subject", *(f"-Mset Xmp.dc.subject XmpBag {keyword}" for keyword in keywords)]
        command = ["exiv2", "-Mset Xmp.xmp.Rating 5", *changes, str(path)]
    subprocess.run(command, check=True, capture_output=True)


@PROGRAM
@pytest.mark.parametrize("lost", [False, True])
@pytest.mark.parametrize("name", [None, *PROGRAMS])
def test_undo_after_another_program_rewrote_the_file(
    tmp_path: Path, catalogue: Catalogue, rewriter: str, lost: bool, name: str | None
) -> None:
    root = tmp_path / "photos"
    root.mkdir()
    (root / "a.jpg").write_bytes(b"a photo")
    sidecar = root / "a.jpg.xmp"
    own: dict[str, list[str]] = {"dc:subject": [], "lr:hierarchicalSubject": [], "digiKam:TagsList": []}
    if name:
        sidecar.write_text(PROGRAMS[name], encoding="utf-8")
        own = lists(sidecar.read_bytes())
    photo = SidecarTags("a.jpg", "aa", ("embedded",), (("animal", "dog"),), ((("auto", "AC/DC"), 0.9),))
    write_sidecars(root, [photo], catalogue, model="0007")
    as_written = lists(sidecar.read_bytes())
    rewrite(sidecar, rewriter)
    rewritten = sidecar.read_bytes()
    assert set(as_written["digiKam:TagsList"]) == set(lists(rewritten)["digiKam:TagsList"])
    ours = {"ac/dc", "auto", "auto|ac/dc"} | ({"animal"} if name != "digikam" else set())
    assert ours <= written_by_us(rewritten), "digiKam's has a cat, which is an animal too"
    assert "dog" not in written_by_us(rewritten), "the person's own tag"
    expected = [*own["dc:subject"], "theirs"]
    assert set(read_keywords(b"", rewritten)) - {"their|own", "own", "their"} <= {
        *expected,
        "dog",
        "animal|dog",
        "embedded",
    } | {part for text in own["lr:hierarchicalSubject"] for part in (text, *text.split("|"))} | {
        part for text in own["digiKam:TagsList"] for part in (text.replace("/", "|"), *text.split("/"))
    } | {"seaside"}
    again = write_sidecars(root, [photo], catalogue, model="0007")
    if rewriter == "exiv2" and name is None:
        assert "theirs" in lists(sidecar.read_bytes())["digiKam:TagsList"], "the union grows by what the person added"
    assert again.count("changed") == 1
    undo_sidecars(root, None if lost else catalogue)
    left = lists(sidecar.read_bytes())
    assert left["dc:subject"] == expected
    assert left["lr:hierarchicalSubject"] == own["lr:hierarchicalSubject"] + (
        ["their|own"] if rewriter == "exiftool" else []
    )
    assert left["digiKam:TagsList"] == own["digiKam:TagsList"]
    assert b"clustertags" not in sidecar.read_bytes()
    assert b"Rating" in sidecar.read_bytes()


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("darktable-cli") is None, reason="darktable is not installed")
def test_darktable_reads_tags_with_their_parents(tmp_path: Path) -> None:
    write_photos(tmp_path / "photos", 1, 1)
    photo = next((tmp_path / "photos").iterdir())
    sidecar = photo.with_name(f"{photo.name}.xmp")
    tags = Additions(("inside",), (("animal", "dog"), ("beach",)), ((("auto", "sand"), 0.9),), "0007")
    sidecar.write_bytes(merged(None, tags, "t").data)
    before = sidecar.read_bytes()
    command = [
        "darktable-cli", str(photo), str(sidecar), str(tmp_path / "out.jpg"),
        "--core", "--configdir", str(tmp_path / "settings"), "--library", ":memory:",
    ]  # fmt: skip
    ran = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    made = {
        line.partition("creating tag: ")[2]
        for line in (ran.stdout + ran.stderr).splitlines()
        if "creating tag: " in line
    }
    assert made == {"inside", "animal|dog", "beach", "auto|sand"}
    assert sidecar.read_bytes() == before

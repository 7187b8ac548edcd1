"""Sidecars of a folder: which file, what is left alone, what is recorded, and how it is undone."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from clustertags.errors import StorageError
from clustertags.export import sidecar_files
from clustertags.export.sidecar_runs import SidecarOutcome, SidecarReport, digest, settle_interrupted
from clustertags.export.sidecar_undo import undo_sidecars
from clustertags.export.sidecars import SidecarTags, write_sidecars
from clustertags.library.catalogue import Catalogue
from tests.made.sidecars import DARKTABLE, DIGIKAM, LIGHTROOM, lists


@pytest.fixture
def catalogue(tmp_path: Path) -> Iterator[Catalogue]:
    with Catalogue(tmp_path / "library.sqlite") as opened:
        yield opened


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    return folder


def tags(path: str, *predicted: str, embedded: tuple[str, ...] = ()) -> SidecarTags:
    guesses = tuple((tuple(tag.split("|")), 0.9) for tag in predicted or ("snow",))
    return SidecarTags(path, "aa", embedded, (("animal", "dog"),), guesses)


def put(root: Path, *names: str, text: str = "a photo") -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")


def write(root: Path, catalogue: Catalogue, *paths: str, **options: Any) -> SidecarReport:
    return write_sidecars(root, [tags(path) for path in paths], catalogue, model="0007", **options)


def whole(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def only(report: SidecarReport) -> SidecarOutcome:
    (outcome,) = report.outcomes
    return outcome


@pytest.mark.parametrize(
    ("beside", "photo", "asked", "expected"),
    [
        ([], "p.jpg", None, "p.jpg.xmp"),
        ([], "p.jpg", "base", "p.xmp"),
        ([], "p.NEF", None, "p.xmp"),
        ([], "p.NEF", "full", "p.NEF.xmp"),
        ([], "p.dng", None, "p.dng.xmp"),
        (["p.xmp"], "p.jpg", None, "p.xmp"),
        (["P.XMP"], "p.jpg", None, "P.XMP"),
        (["P.JPG.xmp"], "p.jpg", None, "P.JPG.xmp"),
        (["p.jpg.xmp", "p.xmp"], "p.jpg", "base", "p.xmp"),
        (["p.jpg.xmp", "p.xmp"], "p.jpg", None, "p.jpg.xmp"),
        (["p.NEF.xmp"], "p.NEF", None, "p.NEF.xmp"),
        (["p_01.jpg.xmp"], "p.jpg", None, "p.jpg.xmp"),
        (["p.mov"], "p.heic", "base", "p.heic.xmp"),
        (["p.mov", "p.xmp"], "p.heic", "base", "p.heic.xmp"),
        (["P.JPG"], "p.jpg", "base", "p.jpg.xmp"),
        (["P.JPG", "P.JPG.xmp"], "p.jpg", None, "p.jpg.xmp"),
        (["p.jpg"], "p.NEF", None, "p.xmp"),
        (["p.jpg", "p.cr2"], "p.NEF", None, "p.NEF.xmp"),
        (["p.jpg"], "p.jpg.tif", "base", "p.jpg.tif.xmp"),
        (["p.jpg", "p.jpg.xmp"], "p.jpg.tif", "base", "p.jpg.tif.xmp"),
    ],
)
def test_which_sidecar_is_the_photos(
    root: Path, catalogue: Catalogue, beside: list[str], photo: str, asked: Any, expected: str
) -> None:
    put(root, *beside, text=DARKTABLE)
    put(root, photo)
    before = whole(root)
    outcome = only(write(root, catalogue, photo, name=asked))
    assert outcome.sidecar == expected
    assert outcome.action == ("changed" if expected in beside else "created")
    after = whole(root)
    assert {path: after[path] for path in before if path != expected} == {
        path: data for path, data in before.items() if path != expected
    }
    assert "dog" in lists(after[expected])["dc:subject"]


def test_a_base_name_that_two_photos_claim_belongs_to_the_extension_that_it_names(
    root: Path, catalogue: Catalogue
) -> None:
    put(root, "photo.NEF", "photo.jpg")
    put(root, "photo.xmp", text=LIGHTROOM)
    report = write(root, catalogue, "photo.NEF", "photo.jpg", name="base")
    assert {outcome.photo: outcome.sidecar for outcome in report.outcomes} == {
        "photo.NEF": "photo.xmp",
        "photo.jpg": "photo.jpg.xmp",
    }
    (root / "photo.NEF").unlink()
    (root / "photo.jpg.xmp").unlink()
    assert only(write(root, catalogue, "photo.jpg", name="base")).sidecar == "photo.jpg.xmp"


def test_a_new_base_sidecar_beside_a_jpeg_says_that_it_is_the_raw_files(root: Path, catalogue: Catalogue) -> None:
    put(root, "p.NEF", "p.jpg")
    before = whole(root)
    report = write(root, catalogue, "p.NEF", "p.jpg")
    assert [outcome.sidecar for outcome in report.outcomes] == ["p.jpg.xmp", "p.xmp"]
    assert b"<photoshop:SidecarForExtension>NEF<" in (root / "p.xmp").read_bytes()
    assert write(root, catalogue, "p.NEF", "p.jpg").count("unchanged") == 2
    undo_sidecars(root, catalogue)
    assert whole(root) == before


def test_two_spellings_of_one_name_have_each_their_own(root: Path, catalogue: Catalogue) -> None:
    put(root, "a.jpg", "A.JPG")
    report = write(root, catalogue, "a.jpg", "A.JPG", name="base")
    assert {outcome.sidecar for outcome in report.outcomes} == {"a.jpg.xmp", "A.JPG.xmp"}


def test_a_file_that_would_not_change_is_not_written(root: Path, catalogue: Catalogue) -> None:
    put(root, "a.jpg", "b.jpg", "d/c.jpg")
    put(root, "b.jpg.xmp", text=DIGIKAM)
    first = write(root, catalogue, "a.jpg", "b.jpg", "d/c.jpg")
    assert first.n_changed == 3
    times = {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in root.rglob("*.xmp")}
    again = write_sidecars(
        root,
        [tags("a.jpg"), SidecarTags("b.jpg", "x", (), (), ((("snow",), 0.2),)), tags("d/c.jpg")],
        catalogue,
        model="0008",
    )
    assert again.count("unchanged") == 3
    assert {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in root.rglob("*.xmp")} == times


def test_a_photo_without_anything_new_gets_no_sidecar(root: Path, catalogue: Catalogue) -> None:
    put(root, "a.jpg", "b.jpg")
    photos = [
        SidecarTags("a.jpg", "x", ("cat",)),
        SidecarTags("b.jpg", "x", ("Cat", "animal|dog"), (("animal", "dog"), ("cat",))),
    ]
    assert write_sidecars(root, photos, catalogue, model="1").count("unchanged") == 2
    assert not list(root.glob("*.xmp"))


def test_what_was_written_is_recorded_by_photo_and_tag(root: Path, catalogue: Catalogue) -> None:
    put(root, "d/a.jpg")
    photo = SidecarTags("d/a.jpg", "aa", ("embedded",), (("animal", "dog"),), ((("auto", "snow"), 0.934),))
    write_sidecars(root, [photo], catalogue, model="0007")
    row = catalogue.sidecars.written(root)["d/a.jpg.xmp"]
    assert (row.photo, row.content_hash, row.model, row.before_hash) == ("d/a.jpg", "aa", "0007", "")
    assert row.after_hash == digest((root / "d/a.jpg.xmp").read_bytes())
    found = {(tag.property, tag.text): (tag.kind, tag.score) for tag in row.tags}
    assert found["dc:subject", "embedded"] == ("copy", None)
    assert found["dc:subject", "animal"] == ("parent", None)
    assert found["lr:hierarchicalSubject", "animal|dog"] == ("mine", None)
    assert found["digiKam:TagsList", "auto/snow"] == ("predicted", 0.934)
    assert found["dc:subject", "snow"] == ("predicted", 0.934)
    assert {tag.model for tag in row.tags} == {"0007"}
    assert {tag.made_at for tag in row.tags} == {row.made_at}
    undo_sidecars(root, catalogue)
    assert catalogue.sidecars.written(root) == {}


def test_a_dry_run_says_what_a_run_does_and_does_nothing(root: Path, catalogue: Catalogue) -> None:
    put(root, "a.jpg", "b.jpg")
    put(root, "b.jpg.xmp", text=DARKTABLE)
    before = whole(root)
    dry = write(root, catalogue, "a.jpg", "b.jpg", dry_run=True)
    assert whole(root) == before
    assert catalogue.sidecars.written(root) == {}
    assert "+++ a.jpg.xmp\n@@ -0,0 +1," in dry.outcomes[0].difference
    assert dry.outcomes[0].difference.startswith("--- /dev/null\n")
    assert "\n   <lr:hierarchicalSubject>" not in dry.outcomes[1].difference.split("@@")[-1].partition("+")[0]
    assert "\n+     <rdf:li>animal|dog</rdf:li>\n" in dry.outcomes[1].difference
    assert "\n-" not in dry.outcomes[1].difference.partition("\n+++")[2]
    real = write(root, catalogue, "a.jpg", "b.jpg")
    assert [(o.sidecar, o.action, o.n_keywords) for o in real.outcomes] == [
        (o.sidecar, o.action, o.n_keywords) for o in dry.outcomes
    ]
    written = whole(root)
    undoing = undo_sidecars(root, catalogue, dry_run=True)
    assert whole(root) == written
    assert {o.sidecar: o.action for o in undoing.outcomes} == {"a.jpg.xmp": "removed", "b.jpg.xmp": "undone"}
    assert "\n-     <rdf:li>animal|dog</rdf:li>\n" in undoing.outcomes[1].difference
    assert undo_sidecars(root, catalogue).n_changed == 2
    assert whole(root) == before


def test_differences_apply_with_patch(root: Path, catalogue: Catalogue, tmp_path: Path) -> None:
    if shutil.which("patch") is None:
        pytest.skip("patch is not installed")
    import subprocess

    put(root, "b.jpg")
    put(root, "b.jpg.xmp", text=DARKTABLE)
    copy = Path(shutil.copytree(root, tmp_path / "copy"))
    shown: list[SidecarOutcome] = []
    report = write(root, catalogue, "b.jpg", dry_run=True, on_outcome=shown.append)
    assert only(report).difference == ""
    subprocess.run(["patch", "-s", "b.jpg.xmp"], input=shown[0].difference.encode(), check=True, cwd=copy)
    write(root, catalogue, "b.jpg")
    made = lists((root / "b.jpg.xmp").read_bytes())
    assert lists((copy / "b.jpg.xmp").read_bytes()) == made


@pytest.mark.parametrize("lost", [False, True])
def test_undo_gives_the_folder_back(root: Path, catalogue: Catalogue, lost: bool) -> None:
    put(root, "a.jpg", "b.jpg", "d/c.jpg", "d/e.jpg")
    put(root, "b.jpg.xmp", text=DARKTABLE)
    put(root, "d/c.xmp", text=DIGIKAM)
    before = whole(root)
    write(root, catalogue, "a.jpg", "b.jpg", "d/c.jpg")
    write_sidecars(root, [tags("b.jpg", "more", "auto|yet more"), tags("d/e.jpg")], catalogue, model="0008")
    assert len(whole(root)) == len(before) + 2
    report = undo_sidecars(root, None if lost else catalogue)
    assert report.count("removed") == 2
    assert report.count("undone") == 2
    assert whole(root) == before
    assert undo_sidecars(root, catalogue).n_changed == 0
    assert catalogue.sidecars.written(root) == {}


def test_forms_that_no_merge_can_give_back_are_kept_as_they_were(root: Path, catalogue: Catalogue) -> None:
    put(root, "a.jpg")
    text = DARKTABLE.replace('xmp:Rating="3"', 'xmp:Rating="3" digiKam:TagsList="one"').replace(
        "xmlns:lr=", 'xmlns:digiKam="http://www.digikam.org/ns/1.0/" xmlns:lr='
    )
    put(root, "a.jpg.xmp", text=text)
    before = whole(root)
    write(root, catalogue, "a.jpg")
    assert catalogue.sidecars.written(root)["a.jpg.xmp"].original == before["a.jpg.xmp"]
    write_sidecars(root, [tags("a.jpg", "more")], catalogue, model="0008")
    undo_sidecars(root, catalogue)
    assert whole(root) == before


def test_undo_leaves_what_a_person_did_since(root: Path, catalogue: Catalogue) -> None:
    put(root, "a.jpg", "b.jpg", "c.jpg")
    write(root, catalogue, "a.jpg", "b.jpg", "c.jpg")
    edited = (root / "a.jpg.xmp").read_text("utf-8").replace("<rdf:li>dog</rdf:li>", "<rdf:li>their dog</rdf:li>", 1)
    (root / "a.jpg.xmp").write_text(edited, encoding="utf-8")
    (root / "b.jpg.xmp").write_text(DARKTABLE, encoding="utf-8")
    (root / "c.jpg.xmp").unlink()
    report = undo_sidecars(root, catalogue)
    assert [outcome.action for outcome in report.outcomes] == ["undone", "unchanged", "unchanged"]
    assert lists((root / "a.jpg.xmp").read_bytes())["dc:subject"] == ["their dog"]
    assert (root / "b.jpg.xmp").read_text("utf-8") == DARKTABLE
    assert not (root / "c.jpg.xmp").exists()
    assert catalogue.sidecars.written(root) == {}


def test_a_namespace_that_another_program_dropped_is_undone_from_the_catalogue(
    root: Path, catalogue: Catalogue
) -> None:
    put(root, "a.jpg")
    put(root, "a.jpg.xmp", text=DARKTABLE)
    write(root, catalogue, "a.jpg")
    text = (root / "a.jpg.xmp").read_text("utf-8")
    kept = "".join(line for line in text.splitlines(keepends=True) if "<clustertags:" not in line)
    (root / "a.jpg.xmp").write_text(kept.replace(' xmlns:clustertags="urn:clustertags:xmp:1.0/"', ""), "utf-8")
    undo_sidecars(root, catalogue)
    found = lists((root / "a.jpg.xmp").read_bytes())
    assert found["dc:subject"] == ["Paris", "holiday"]
    assert found["digiKam:TagsList"] == []


def test_photos_that_moved_are_undone_by_what_their_sidecars_say(root: Path, catalogue: Catalogue) -> None:
    put(root, "a.jpg")
    write(root, catalogue, "a.jpg")
    (root / "moved").mkdir()
    for name in ("a.jpg", "a.jpg.xmp"):
        (root / name).rename(root / "moved" / name)
    assert undo_sidecars(root, catalogue).count("removed") == 1
    assert whole(root) == {"moved/a.jpg": b"a photo"}
    assert catalogue.sidecars.written(root) == {}


def test_rows_follow_a_library_that_moved(root: Path, catalogue: Catalogue, tmp_path: Path) -> None:
    put(root, "a.jpg")
    write(root, catalogue, "a.jpg")
    new = root.rename(tmp_path / "new")
    catalogue.sidecars.move(root, new)
    assert list(catalogue.sidecars.written(new)) == ["a.jpg.xmp"]
    assert catalogue.sidecars.written(root) == {}


def test_a_write_that_was_interrupted_and_rewritten_by_another_program_counts_where_its_tags_are_there(
    root: Path, catalogue: Catalogue
) -> None:
    put(root, "a.jpg", "b.jpg")
    write(root, catalogue, "a.jpg", "b.jpg")
    rows = catalogue.sidecars.written(root)
    catalogue.sidecars.forget(root, rows)
    catalogue.sidecars.intend(root, rows.values(), "writing")
    rewritten = (root / "a.jpg.xmp").read_text("utf-8").replace("<rdf:li>dog</rdf:li>", "<rdf:li>hound</rdf:li>")
    (root / "a.jpg.xmp").write_text(rewritten, encoding="utf-8")
    (root / "b.jpg.xmp").write_text(DARKTABLE, encoding="utf-8")
    put(root, ".clustertags-12.tmp", text="half")
    settle_interrupted(root, catalogue.sidecars)
    assert list(catalogue.sidecars.written(root)) == ["a.jpg.xmp"]
    assert catalogue.sidecars.pending(root, "writing") == ()
    assert not (root / ".clustertags-12.tmp").exists()


def test_what_is_never_written(root: Path, catalogue: Catalogue, tmp_path: Path) -> None:
    outside = tmp_path / "outside.xmp"
    outside.write_text(DARKTABLE)
    (tmp_path / "elsewhere").mkdir()
    put(tmp_path / "elsewhere", "a.jpg")
    names = ["link", "folder", "pipe", "broken", "hostile", "large", "dangling", "locked", "good"]
    put(root, *(f"{name}.jpg" for name in names))
    (root / "link.jpg.xmp").symlink_to(outside)
    (root / "dangling.jpg.xmp").symlink_to(tmp_path / "nothing")
    (root / "folder.jpg.xmp").mkdir()
    os.mkfifo(root / "pipe.jpg.xmp")
    put(root, "broken.jpg.xmp", text=DARKTABLE[:-40])
    put(root, "hostile.jpg.xmp", text='<!DOCTYPE a [<!ENTITY b "c">]>' + DIGIKAM)
    put(root, "large.jpg.xmp", text=DARKTABLE + " " * 2**20)
    put(root, "locked.jpg.xmp", text=DARKTABLE)
    (root / "locked.jpg.xmp").chmod(0o444)
    (root / "behind").symlink_to(tmp_path / "elsewhere")
    odd = ["../outside.jpg", "/etc/passwd", "gone.jpg", "behind/a.jpg", "nul\0.jpg", "no/folder.jpg", ""]
    before = whole(root)
    report = write(root, catalogue, *(f"{name}.jpg" for name in names), *odd)
    reasons = {outcome.photo: outcome.reason for outcome in report.refused}
    assert set(reasons) == {f"{name}.jpg" for name in names[:-1]} | set(odd)
    assert all(reasons.values())
    assert "link" in reasons["link.jpg"]
    assert "link" in reasons["dangling.jpg"]
    assert "read-only" in reasons["locked.jpg"]
    assert "well-formed" in reasons["broken.jpg"]
    assert report.count("created") == 1
    after = whole(root)
    assert after.pop("good.jpg.xmp")
    assert after == before
    assert outside.read_text() == DARKTABLE
    assert list((tmp_path / "elsewhere").iterdir()) == [tmp_path / "elsewhere" / "a.jpg"]
    assert undo_sidecars(root, catalogue).count("removed") == 1
    assert whole(root) == before


def test_a_name_too_long_for_a_sidecar_is_refused(root: Path, catalogue: Catalogue) -> None:
    name = "n" * 249 + ".jpg"
    put(root, name)
    assert "255" in only(write(root, catalogue, name)).reason


def test_names_that_are_not_utf8(root: Path, catalogue: Catalogue) -> None:
    name = os.fsdecode(b"caf\xe9.jpg")
    put(root, name)
    assert only(write(root, catalogue, name)).action == "created"
    assert only(undo_sidecars(root, catalogue)).action == "removed"
    assert [path.name for path in root.iterdir()] == [name]


def test_permissions_stay_and_no_old_time_comes_back(root: Path, catalogue: Catalogue) -> None:
    put(root, "a.jpg", "b.jpg")
    put(root, "a.jpg.xmp", text=DARKTABLE)
    (root / "a.jpg.xmp").chmod(0o640)
    os.utime(root / "a.jpg.xmp", (1e9, 1e9))
    write(root, catalogue, "a.jpg", "b.jpg")
    assert (root / "a.jpg.xmp").stat().st_mode & 0o777 == 0o640
    assert (root / "a.jpg.xmp").stat().st_mtime > 1e9
    umask = os.umask(0)
    os.umask(umask)
    assert (root / "b.jpg.xmp").stat().st_mode & 0o777 == 0o666 & ~umask
    undo_sidecars(root, catalogue)
    assert (root / "a.jpg.xmp").stat().st_mtime > 1e9


def test_a_read_only_folder_is_named_and_the_others_go_on(
    root: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(root, "locked/a.jpg", "b.jpg")
    really = os.open

    def refusing(path: Any, flags: int, *more: Any, **options: Any) -> int:
        if "locked" in os.fspath(path) and flags & os.O_CREAT:
            raise PermissionError(errno.EACCES, "Permission denied")
        return really(path, flags, *more, **options)

    monkeypatch.setattr(os, "open", refusing)
    report = write(root, catalogue, "locked/a.jpg", "b.jpg")
    assert [(o.photo, "permission" in o.reason) for o in report.refused] == [("locked/a.jpg", True)]
    assert (root / "b.jpg.xmp").exists()
    assert list(catalogue.sidecars.written(root)) == ["b.jpg.xmp"]


def test_a_sidecar_that_another_program_changes_meanwhile_is_left_alone(
    root: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(root, "a.jpg", "b.jpg")
    put(root, "a.jpg.xmp", text=DARKTABLE)
    really = sidecar_files._write

    def interfering(temporary: Path, data: bytes, seen: Any) -> None:
        really(temporary, data, seen)
        (root / "a.jpg.xmp").write_text(DIGIKAM, encoding="utf-8")
        (root / "b.jpg.xmp").write_text(DIGIKAM, encoding="utf-8")

    monkeypatch.setattr(sidecar_files, "_write", interfering)
    report = write(root, catalogue, "a.jpg", "b.jpg")
    assert [outcome.action for outcome in report.outcomes] == ["refused", "refused"]
    assert "another program" in report.outcomes[0].reason
    assert (root / "a.jpg.xmp").read_text("utf-8") == DIGIKAM
    assert (root / "b.jpg.xmp").read_text("utf-8") == DIGIKAM
    assert sorted(path.name for path in root.iterdir()) == ["a.jpg", "a.jpg.xmp", "b.jpg", "b.jpg.xmp"]


@pytest.mark.parametrize("undoing", [False, True])
def test_a_full_disk_at_each_write_leaves_every_sidecar_whole_and_the_catalogue_true(
    root: Path, catalogue: Catalogue, monkeypatch: pytest.MonkeyPatch, undoing: bool
) -> None:
    names = [f"{number}.jpg" for number in range(6)]
    put(root, *names)
    for name in names[::2]:
        put(root, f"{name}.xmp", text=DARKTABLE)
    before = whole(root)
    really = os.fsync
    if undoing:
        write(root, catalogue, *names)
    calls = 0
    for failing_at in range(30):
        calls = 0

        def full(descriptor: int, failing_at: int = failing_at) -> None:
            nonlocal calls
            calls += 1
            if calls > failing_at:
                raise OSError(errno.ENOSPC, "No space left on device")
            really(descriptor)

        monkeypatch.setattr(os, "fsync", full)
        try:
            report = undo_sidecars(root, catalogue) if undoing else write(root, catalogue, *names)
        except StorageError as error:
            assert "no room left" in str(error)
            assert_true_of_the_disk(root, catalogue, before)
        else:
            assert not report.refused
            break
        finally:
            monkeypatch.setattr(os, "fsync", really)
    else:
        pytest.fail("the disk was never large enough")
    undo_sidecars(root, catalogue)
    assert whole(root) == before


def assert_true_of_the_disk(root: Path, catalogue: Catalogue, before: dict[str, bytes]) -> None:
    """Every sidecar is as it was or as it was recorded; nothing else is there."""
    rows = catalogue.sidecars.written(root)
    assert catalogue.sidecars.pending(root, "writing") == ()
    for path, data in whole(root).items():
        assert path in before or path in rows, path
        assert digest(data) == (rows[path].after_hash if path in rows else digest(before[path])), path
    assert set(before) <= set(whole(root))

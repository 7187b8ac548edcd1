"""Most photos of a library are gone at the next fit, as on a disk that is not mounted: nothing is lost."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

import clustertags
from clustertags.errors import MissingPhotosError, PhotosError, UnreadablePhotoError
from clustertags.library.artifacts import Artifacts
from clustertags.library.catalogue import Catalogue
from clustertags.library.earlier_photos import EarlierPhotos, earlier_photos
from clustertags.library.scan import READER
from clustertags.photos.discovery import discover
from clustertags.photos.files import DecodeLimits, read_file
from clustertags.types import PhotoSet
from tests.conftest import Library, Ran
from tests.made.photos import made_photo, write_photos
from tests.made.published import extract_folder, publish_photos, use_histogram


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Library:
    """A library of twelve photos that a test may change."""
    use_histogram(monkeypatch)
    kinds = write_photos(tmp_path / "photos", n_kinds=3, n_each=4)
    publish_photos(tmp_path / "photos", None, kinds, tmp_path / "artifacts")
    return Library(tmp_path / "photos", tmp_path / "none", tmp_path / "artifacts", kinds)


def before(library: Library, *, allow_missing: bool = False) -> EarlierPhotos:
    return earlier_photos(Artifacts(library.artifacts), library.photos, allow_missing=allow_missing)


def check_found(library: Library, **options: object) -> None:
    before(library).check_found(discover(library.photos, DecodeLimits(), **options))  # type: ignore[arg-type]


def move_away(library: Library, number: int) -> None:
    for path in sorted(library.photos.glob("*.jpg"))[:number]:
        path.rename(library.photos.parent / path.name)


def recorded(library: Library) -> set[str]:
    with Catalogue(Artifacts(library.artifacts).catalogue) as catalogue:
        known = catalogue.known_files(library.photos, READER)
    return {path for path, item in known.items() if item.content_hash}


def test_a_fit_stops_and_changes_nothing(
    run: Callable[..., Ran], fitted: Library, own_artifacts: Path, tmp_path: Path
) -> None:
    photos = Path(shutil.copytree(fitted.photos, tmp_path / "photos"))
    assert run("relocate", photos, "--artifacts", own_artifacts).status == 0
    library = Library(photos, fitted.seeds, own_artifacts, fitted.kinds)
    in_use = Artifacts(own_artifacts).current().name
    files = recorded(library)
    move_away(library, 43)
    ran = run("fit", photos, "--artifacts", own_artifacts)
    assert (ran.status, ran.out, ran.err.count("\n")) == (1, "", 1)
    assert f"43 of the 48 photos of the library are gone from {photos}" in ran.err
    assert "--allow-missing" in ran.err
    move_away(library, 5)
    for gone in (False, True):
        if gone:
            photos.rmdir()
        ran = run("fit", photos, "--artifacts", own_artifacts)
        assert (ran.status, ran.out) == (1, "")
        assert "48 of the 48 photos of the library are gone" in ran.err
        assert "relocate NEW" in ran.err
        assert "does not exist" in run("fit", photos, "--artifacts", own_artifacts, "--allow-missing").err or not gone
    assert Artifacts(own_artifacts).current().name == in_use
    assert recorded(library) == files


def test_the_fit_goes_on_where_it_is_told_to_and_says_what_is_gone(
    run: Callable[..., Ran], own_library: Library, tmp_path: Path
) -> None:
    photos = Path(shutil.copytree(own_library.photos, tmp_path / "photos"))
    run("relocate", photos, "--artifacts", own_library.artifacts)
    version = Artifacts(own_library.artifacts).current().name
    move_away(Library(photos, own_library.seeds, own_library.artifacts, {}), 46)
    ran = run("fit", photos, "--artifacts", own_library.artifacts, "--allow-missing")
    assert ran.status == 0
    assert "2 photos used" in ran.out
    assert f"note: 46 of the 48 photos that the library had are gone from {photos}; " in ran.err
    assert f"`clustertags restore {version}`" in ran.err


def test_the_python_interface_has_the_same_check(small: Library) -> None:
    move_away(small, 11)
    with pytest.raises(MissingPhotosError, match="11 of the 12 photos"):
        clustertags.fit(small.photos, artifacts=small.artifacts)


def test_half_may_go(small: Library) -> None:
    move_away(small, 6)
    check_found(small)
    move_away(small, 1)
    with pytest.raises(MissingPhotosError, match="7 of the 12"):
        check_found(small)


def test_photos_under_other_names_are_there_and_told_by_their_content(small: Library) -> None:
    (small.photos / "2024").mkdir()
    for path in small.photos.glob("*.jpg"):
        path.rename(small.photos / "2024" / f"renamed-{path.name}")
    check_found(small)
    assert len(extract_folder(small.photos, small.artifacts, earlier=before(small)).features) == 12
    for path in (small.photos / "2024").iterdir():
        path.write_bytes(bytes(path.stat().st_size))  # of the same size, but no photos
    made_photo(40, 2).save(small.photos / "one.jpg")
    files = recorded(small)
    check_found(small)
    with pytest.raises(MissingPhotosError, match="12 of the 12"):
        extract_folder(small.photos, small.artifacts, earlier=before(small))
    assert recorded(small) >= files - {path for path in files if path.startswith("2024")}


def test_photos_that_were_edited_in_place_are_there(small: Library) -> None:
    for number, path in enumerate(small.photos.glob("*.jpg")):
        made_photo(60, number + 1).save(path)
    check_found(small)
    assert len(extract_folder(small.photos, small.artifacts, earlier=before(small)).features) == 12


def test_photos_that_are_left_out_on_purpose_are_not_gone(small: Library) -> None:
    check_found(small, exclude=("00*",))
    (small.photos / ".hidden").mkdir()
    library = before(small)
    hidden = EarlierPhotos(
        library.root, {item: tuple(f".hidden/{path}" for path in paths) for item, paths in library.paths.items()}
    )
    hidden.check_found(discover(small.photos, DecodeLimits()))


def test_another_folder_is_another_library_which_is_said(small: Library, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    made_photo(90, 1).save(tmp_path / "other" / "a.jpg")
    other = earlier_photos(Artifacts(small.artifacts), tmp_path / "other", allow_missing=False)
    other.check_found(discover(tmp_path / "other", DecodeLimits()))
    [told] = other.notices(PhotoSet(tmp_path / "other", (), ()))
    assert f"the library was of {small.photos} with 12 photos, and is of another folder now" in told
    same = Path(shutil.copytree(small.photos, tmp_path / "same"))
    photos = extract_folder(same, tmp_path / "same-artifacts").photos
    assert earlier_photos(Artifacts(small.artifacts), same, allow_missing=False).notices(photos) == ()


def test_a_link_to_the_folder_is_the_folder(small: Library, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(small.photos)
    move_away(small, 11)
    earlier = earlier_photos(Artifacts(small.artifacts), tmp_path / "link", allow_missing=False)
    with pytest.raises(MissingPhotosError):
        earlier.check_found(discover(tmp_path / "link", DecodeLimits()))


def test_a_damaged_model_does_not_lift_the_check(small: Library) -> None:
    (Artifacts(small.artifacts).current().folder / "photos.json").write_text("{")
    move_away(small, 11)
    with pytest.raises(MissingPhotosError, match="11 of the 12"):
        check_found(small)


@pytest.mark.parametrize("error", [FileNotFoundError(2, "no such file"), OSError(5, "I/O"), OSError(107, "not there")])
def test_a_folder_that_vanishes_while_it_is_read_ends_the_fit(
    small: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: OSError
) -> None:
    artifacts = tmp_path / "new"
    left = [5]

    def vanish(path: Path, *limits: DecodeLimits, **options: bool) -> bytes:
        from clustertags.photos.files import _os_reason

        left[0] -= 1
        if left[0] < 0:
            raise UnreadablePhotoError(_os_reason(error))
        return read_file(path, *limits, **options)

    monkeypatch.setattr("clustertags.features.photo_reading.read_file", vanish)
    with pytest.raises(PhotosError, match=r"7 of 12 files below .* vanished while they were read.*--allow-missing"):
        extract_folder(small.photos, artifacts, earlier=EarlierPhotos())
    monkeypatch.setattr("clustertags.features.photo_reading.read_file", read_file)
    again = extract_folder(small.photos, artifacts, earlier=EarlierPhotos())
    assert (len(again.features), again.n_decoded) == (12, 7), "those that were read are kept, the others read again"

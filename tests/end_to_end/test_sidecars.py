from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from clustertags.library.catalogue import Catalogue
from clustertags.photos.keywords import read_keywords
from tests.conftest import Library, Ran
from tests.made.labels import write_seeds
from tests.made.photos import write_photos

Run = Callable[..., Ran]
LIGHTROOM = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
 <rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"
   xmp:Rating="4"><dc:subject><rdf:Bag><rdf:li>holiday</rdf:li></rdf:Bag></dc:subject></rdf:Description>
</rdf:RDF></x:xmpmeta>
"""


@pytest.fixture
def library(tmp_path: Path) -> Library:
    """A library of its own, as sidecars lie among the photos."""
    import clustertags

    kinds = write_photos(tmp_path / "photos", n_kinds=3, n_each=8)
    write_seeds(tmp_path / "seeds.csv", kinds, per_kind=3)
    clustertags.fit(tmp_path / "photos", tags=tmp_path / "seeds.csv", artifacts=tmp_path / "artifacts")
    return Library(tmp_path / "photos", tmp_path / "seeds.csv", tmp_path / "artifacts", kinds)


def state(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_sidecars_are_shown_written_and_taken_back(run: Run, library: Library) -> None:
    first = min(library.kinds)
    (library.photos / f"{first}.xmp").write_text(LIGHTROOM)
    before = state(library.photos)
    shown = run("export", "--sidecars", "--dry-run", "--artifacts", library.artifacts)
    assert shown.status == 0
    assert state(library.photos) == before
    assert f"+++ {first}.xmp" in shown.out
    assert "--- /dev/null" in shown.out
    written = run("export", "--sidecars", "--artifacts", library.artifacts)
    assert written.status == 0
    after = state(library.photos)
    assert {name: data for name, data in after.items() if not name.endswith(".xmp")} == {
        name: data for name, data in before.items() if not name.endswith(".xmp")
    }
    assert b'xmp:Rating="4"' in after[f"{first}.xmp"]
    assert f"{len(after) - len(before) + 1} sidecars written: {len(after) - len(before)} new, 1 changed" in written.out
    assert "0 sidecars written" in run("export", "--sidecars", "--artifacts", library.artifacts).out
    assert state(library.photos) == after
    assert "would be undone" in run("export", "--sidecars", "--undo", "--dry-run", "--artifacts", library.artifacts).err
    assert state(library.photos) == after
    assert run("export", "--sidecars", "--undo", "--artifacts", library.artifacts).status == 0
    assert state(library.photos) == before


def test_the_tags_are_those_of_the_export_below_the_parent_that_is_asked_for(run: Run, library: Library) -> None:
    exported = run("export", "--artifacts", library.artifacts).answers
    run("export", "--sidecars", "--under", "auto", "--artifacts", library.artifacts)
    for item in exported:
        sidecar = library.photos / f"{item['path']}.xmp"
        assert sidecar.exists() == bool(item["mine"] or item["predicted"])
        if sidecar.exists():
            text = sidecar.read_text()
            assert all(f"<rdf:li>{tag}</rdf:li>" in text for tag in item["mine"])
            assert all(f"<rdf:li>auto|{tag['tag']}</rdf:li>" in text for tag in item["predicted"])


def test_predicted_tags_never_come_back_as_the_persons_own(run: Run, library: Library) -> None:
    predicted = run("export", "--predicted", "--artifacts", library.artifacts).answers
    run("export", "--sidecars", "--predicted", "--artifacts", library.artifacts)
    tagged = [item["path"] for item in predicted if item["predicted"]]
    assert tagged
    for path in tagged:
        assert read_keywords(b"", (library.photos / f"{path}.xmp").read_bytes()) == ()


def test_a_lost_catalogue_still_undoes(run: Run, library: Library) -> None:
    before = state(library.photos)
    run("export", "--sidecars", "--artifacts", library.artifacts)
    for path in library.artifacts.glob("library.sqlite*"):
        path.unlink()
    assert run("export", "--sidecars", "--undo", "--artifacts", library.artifacts).status == 0
    assert state(library.photos) == before


def test_sidecars_of_a_library_that_moved_are_known_and_undone(run: Run, library: Library) -> None:
    before = state(library.photos)
    run("export", "--sidecars", "--artifacts", library.artifacts)
    moved = library.photos.rename(library.photos.with_name("moved"))
    assert run("relocate", moved, "--artifacts", library.artifacts).status == 0
    with Catalogue(library.artifacts / "library.sqlite") as catalogue:
        assert len(catalogue.sidecars.written(moved)) == len(state(moved)) - len(before)
        assert not catalogue.sidecars.written(library.photos)
    assert "0 sidecars written" in run("export", "--sidecars", "--artifacts", library.artifacts).out
    assert run("export", "--sidecars", "--undo", "--artifacts", library.artifacts).status == 0
    assert state(moved) == before


def test_what_is_left_as_it_is_is_named(run: Run, library: Library) -> None:
    first = min(library.kinds)
    (library.photos / f"{first}.xmp").write_text("<broken")
    ran = run("export", "--sidecars", "--artifacts", library.artifacts)
    assert ran.status == 3
    assert f"left as it is: {first}.xmp: " in ran.err
    assert (library.photos / f"{first}.xmp").read_text() == "<broken"


def test_a_disk_that_is_not_there_is_said(run: Run, library: Library) -> None:
    shutil.move(library.photos, library.photos.with_name("elsewhere"))
    for options in ((), ("--undo",)):
        ran = run("export", "--sidecars", *options, "--artifacts", library.artifacts)
        assert ran.status == 1
        assert "is not there" in ran.err


@pytest.mark.parametrize(
    "arguments", [("--dry-run",), ("--undo",), ("--sidecars", "-o", "x"), ("--sidecars", "-f", "csv")]
)
def test_options_of_sidecars_go_with_sidecars(run: Run, fitted: Library, arguments: tuple[str, ...]) -> None:
    assert run("export", *arguments, "--artifacts", fitted.artifacts).status == 2

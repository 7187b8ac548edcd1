"""What is recovered of a damaged catalogue: every row that is as it was written, and nothing that is not."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from clustertags.features.extracted_file import Content, ExtractedFile
from clustertags.library.artifacts import Artifacts
from clustertags.library.catalogue import Catalogue
from clustertags.library.salvage import Salvage, salvage
from clustertags.photos.discovery import FoundFile

N_PHOTOS, N_EDITS, N_FEATURES, PAGE = 60, 40, 1280, 4096
ROOT = Path("/photos")


def content_hash(number: int) -> str:
    return f"{number:064x}"


@pytest.fixture
def artifacts(tmp_path: Path) -> Artifacts:
    """60 photos and 40 edits, of which the last was undone."""
    artifacts = Artifacts(tmp_path / "artifacts")
    artifacts.folder.mkdir()
    vector = np.linspace(-1, 1, N_FEATURES).astype(np.float16)
    with Catalogue(artifacts.catalogue) as catalogue:
        content = Content(vector, 2.0, 40, 30, ("sea", "été"))
        files = [
            ExtractedFile(FoundFile(f"{number}.jpg", 5, 6), content_hash(number), content) for number in range(N_PHOTOS)
        ]
        catalogue.record(ROOT, files, "net", "r")
        catalogue.note_joined([content_hash(0)])
        for number in range(N_EDITS):
            catalogue.append_edit("Rename", {"name": f"name {number} {'x' * 300}"})
        catalogue.append_edit("undo", {"edit": N_EDITS})
    return artifacts


def change(artifacts: Artifacts, edit: Callable[[bytearray], None]) -> None:
    data = bytearray(artifacts.catalogue.read_bytes())
    edit(data)
    artifacts.catalogue.write_bytes(data)


def salvaged(artifacts: Artifacts) -> Salvage:
    with artifacts.writing():
        done = salvage(artifacts)
    connection = sqlite3.connect(artifacts.catalogue)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    connection.close()
    return done


def test_all_rows_of_a_whole_catalogue_are_carried_over(artifacts: Artifacts) -> None:
    with Catalogue(artifacts.catalogue) as catalogue:
        before = (catalogue.edit_rows(), catalogue.known_files(ROOT, "r"), catalogue.extracted_hashes("net"))
    done = salvaged(artifacts)
    assert not any(done.lost.values())
    with Catalogue(artifacts.catalogue) as catalogue:
        assert (catalogue.edit_rows(), catalogue.known_files(ROOT, "r"), catalogue.extracted_hashes("net")) == before
        assert catalogue.keywords([content_hash(7)]) == {content_hash(7): ("sea", "été")}
        assert catalogue.append_edit("Show", {}).number == N_EDITS + 2


def test_without_its_header_a_catalogue_loses_nothing(artifacts: Artifacts) -> None:
    damaged = bytes(16) + artifacts.catalogue.read_bytes()[16:]
    artifacts.catalogue.write_bytes(damaged)
    done = salvaged(artifacts)
    assert not any(done.lost.values())
    assert (done.recovered["edits"], done.recovered["features"]) == (N_EDITS + 1, N_PHOTOS)
    assert done.damaged.name == "library.sqlite.damaged-1"
    assert done.damaged.read_bytes() == damaged, "the damaged one is kept as it was"
    assert salvaged(artifacts).damaged.name == "library.sqlite.damaged-2"


def test_a_changed_edit_is_left_out_with_its_undo_and_its_number_is_not_given_again(artifacts: Artifacts) -> None:
    def other_name(data: bytearray) -> None:
        at = data.find(b"name 39 ")
        data[at : at + 4] = b"gnom"

    change(artifacts, other_name)
    done = salvaged(artifacts)
    assert {name: lost for name, lost in done.lost.items() if lost} == {"edits": 1}
    with Catalogue(artifacts.catalogue) as catalogue:
        assert [row.number for row in catalogue.edit_rows()] == [*range(1, N_EDITS)]
        assert catalogue.append_edit("Show", {}).number == N_EDITS + 2


def test_a_page_that_is_gone_costs_rows_of_one_table_and_leaves_no_wrong_one(artifacts: Artifacts) -> None:
    whole = artifacts.catalogue.read_bytes()
    n_edits = []
    for page in range(2, len(whole) // PAGE, len(whole) // PAGE // 8):
        gone = slice(page * PAGE, (page + 1) * PAGE)
        artifacts.catalogue.write_bytes(whole[: gone.start] + b"\xa5" * PAGE + whole[gone.stop :])
        done = salvaged(artifacts)
        with Catalogue(artifacts.catalogue) as catalogue:
            n_edits.append(len(catalogue.edit_rows()))
            assert all(row.payload.startswith(('{"name":"name ', '{"edit":40}')) for row in catalogue.edit_rows())
            found = catalogue.extracted_hashes("net")
            features = catalogue.features(sorted(found), "net", N_FEATURES)
        assert (features.values == np.linspace(-1, 1, N_FEATURES).astype(np.float16)).all()
        assert done.recovered["edits"] == n_edits[-1] == N_EDITS + 1 - done.lost["edits"]
    assert n_edits.count(N_EDITS + 1) >= 0.7 * len(n_edits)


def test_half_a_catalogue_gives_what_is_in_it(artifacts: Artifacts) -> None:
    change(artifacts, lambda data: data.__delitem__(slice(len(data) // 2 // PAGE * PAGE, None)))
    done = salvaged(artifacts)
    assert sum(done.recovered.values()) > 20
    assert sum(done.lost.values()) > 0


def test_what_is_still_in_sqlites_log_is_recovered(artifacts: Artifacts, tmp_path: Path) -> None:
    with Catalogue(artifacts.catalogue) as catalogue:
        catalogue.append_edit("Rename", {"name": "in the log"})
        killed = Path(shutil.copytree(artifacts.folder, tmp_path / "killed"))
    assert (killed / "library.sqlite-wal").stat().st_size
    done = salvaged(Artifacts(killed))
    with Catalogue(killed / "library.sqlite") as catalogue:
        assert "in the log" in catalogue.edit_rows()[-1].payload
    assert done.damaged.with_name(f"{done.damaged.name}-wal").is_file()


def test_an_older_catalogue_is_brought_up_to_date(artifacts: Artifacts) -> None:
    connection = sqlite3.connect(artifacts.catalogue)
    connection.execute("DROP TABLE checksums")
    connection.execute("PRAGMA user_version = 4")
    connection.commit()
    connection.close()
    assert salvaged(artifacts).recovered["edits"] == N_EDITS + 1

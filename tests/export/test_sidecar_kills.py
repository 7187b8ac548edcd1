"""A process killed at any moment leaves every sidecar whole and the catalogue true of the disk."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from clustertags.export.sidecar_runs import digest, settle_interrupted
from clustertags.export.sidecar_undo import undo_sidecars
from clustertags.export.sidecars import SidecarTags, write_sidecars
from clustertags.export.xmp_undo import without
from clustertags.library.catalogue import Catalogue
from tests.made.sidecars import DARKTABLE, DIGIKAM

pytestmark = pytest.mark.slow

N_PHOTOS, N_KILLS = 120, 40
SCRIPT = """
import os, signal, sys, threading
from pathlib import Path
from clustertags.library.catalogue import Catalogue
from clustertags.export.sidecars import write_sidecars
from clustertags.export.sidecar_undo import undo_sidecars
from tests.export.test_sidecar_kills import photos

what, root, catalogue = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
last, pause = int(sys.argv[4]), float(sys.argv[5])
seen = 0


def count(event, arguments):
    global seen
    if event in {"open", "os.rename", "os.link", "os.remove"} and str(root) in str(arguments[0]):
        seen += 1
        if seen == last:
            threading.Timer(pause, os.kill, (os.getpid(), signal.SIGKILL)).start()


with Catalogue(catalogue) as opened:
    sys.addaudithook(count)
    if what == "write":
        write_sidecars(root, photos(), opened, model="0007")
    else:
        undo_sidecars(root, opened)
print(seen)
os._exit(0)
"""


def photos() -> list[SidecarTags]:
    return [
        SidecarTags(f"f{number % 3}/{number:03}.jpg", "aa", (), (("animal", "dog"),), (((f"tag {number}",), 0.9),))
        for number in range(N_PHOTOS)
    ]


def make_folder(root: Path) -> dict[str, bytes]:
    for number, photo in enumerate(photos()):
        path = root / photo.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"a photo")
        if number % 2:
            path.with_name(f"{path.name}.xmp").write_text(DARKTABLE if number % 4 == 1 else DIGIKAM, encoding="utf-8")
    return whole(root)


def whole(root: Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def run(what: str, root: Path, catalogue: Path, last: int = 0, pause_seconds: float = 0.0) -> int:
    """Write or undo in a process that is killed a moment after it has touched files `last` times; how often a process
    did that came to its end, 0 for one that was killed.
    """
    command = [sys.executable, "-c", SCRIPT, what, str(root), str(catalogue), str(last), str(pause_seconds)]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2], check=False)
    assert ran.returncode in {0, -signal.SIGKILL}, ran.stderr
    return int(ran.stdout or 0)


def check(root: Path, path: Path, before: dict[str, bytes]) -> tuple[int, int]:
    """Compare the disk with the catalogue before and after that is put in order; how many sidecars are written, how
    many are not.
    """
    with Catalogue(path) as catalogue:
        for settled in (False, True):
            if settled:
                settle_interrupted(root, catalogue.sidecars)
            rows = catalogue.sidecars.written(root)
            pending = {
                row.path: row for state in ("writing", "undoing") for row in catalogue.sidecars.pending(root, state)
            }
            assert not settled or not pending
            found = {name: data for name, data in whole(root).items() if not name.endswith(".tmp")}
            assert not settled or found == whole(root), "no file is left over"
            assert found.keys() <= before.keys() | rows.keys() | pending.keys()
            for name in before.keys() | found.keys():
                data = found.get(name)
                if data != before.get(name):
                    assert data is not None
                    assert without(data) == before.get(name), f"{name} is neither old nor new"
                if name in pending:
                    assert digest(data) in {pending[name].before_hash, pending[name].after_hash}
                elif name in rows:
                    assert digest(data) == rows[name].after_hash
                    assert data != before.get(name)
                else:
                    assert data == before.get(name)
        return len(rows), N_PHOTOS - len(rows)


def test_forty_kills_of_writing_and_undoing(tmp_path: Path) -> None:
    root, path = tmp_path / "photos", tmp_path / "library.sqlite"
    before = make_folder(root)
    n_touched = {what: run(what, root, path) for what in ("write", "undo")}
    assert whole(root) == before
    chance = random.Random(5)
    n_killed = n_between = 0
    for number in range(N_KILLS):
        what = ("write", "undo")[number % 2]
        last = chance.randint(1, n_touched[what])
        n_killed += run(what, root, path, last, chance.uniform(0, 0.003)) == 0
        n_written, n_left = check(root, path, before)
        n_between += bool(n_written and n_left)
    assert n_killed >= N_KILLS // 2, "most runs were killed before they were done"
    assert n_between >= 5, "some in the middle of the work"
    with Catalogue(path) as catalogue:
        assert not write_sidecars(root, photos(), catalogue, model="0007").refused
        assert len(catalogue.sidecars.written(root)) == N_PHOTOS
        undo_sidecars(root, catalogue)
        assert catalogue.sidecars.written(root) == {}
    assert whole(root) == before

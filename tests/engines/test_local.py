"""Processes decode what threads decode, bit for bit, and one that dies costs the file that it was at."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from clustertags.engines import decoding_pool, shared_pixels, worker_process
from clustertags.engines import workers as workers_module
from clustertags.engines.local import LocalEngine
from clustertags.engines.workers import Workers, choose_workers
from clustertags.errors import UsageError
from clustertags.features.extracted_file import ExtractedFile
from clustertags.features.extraction import Extractor
from clustertags.features.photo_reading import PhotoReader
from clustertags.photos.discovery import FoundFile, discover
from clustertags.photos.files import DecodeLimits
from tests.made.features import PREPROCESS, ColourHistogram
from tests.made.photos import write_photos


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty photos, and files that are none or cannot be read."""
    folder = tmp_path_factory.mktemp("photos")
    write_photos(folder, 4, 5)
    (folder / "broken.jpg").write_bytes((folder / "000-0.jpg").read_bytes()[:500])
    (folder / "notes.txt").write_text("not a photo")
    with open(os.fsencode(folder) + b"/caf\xe9\n.jpg", "wb") as file:  # noqa: PTH123 - no text has this name
        file.write((folder / "001-1.jpg").read_bytes()[:-1] + b"\0")
    return folder


def extracted(
    folder: Path, workers: Workers, limits: DecodeLimits | None = None, known: frozenset[str] = frozenset()
) -> dict[str, ExtractedFile]:
    limits = limits or DecodeLimits()
    with LocalEngine(Extractor(ColourHistogram(), PhotoReader(PREPROCESS, limits, known)), workers) as engine:
        return {outcome.file.path: outcome for outcome in engine.run(folder, discover(folder, limits).files)}


def as_values(outcomes: dict[str, ExtractedFile]) -> dict[str, object]:
    """All that an outcome holds, comparable."""
    return {
        path: (
            outcome.file,
            outcome.content_hash,
            outcome.skipped,
            outcome.keywords,
            outcome.content
            and (
                outcome.content.values.tobytes(),
                outcome.content.norm,
                outcome.content.width,
                outcome.content.keywords,
                outcome.content.blank,
                outcome.content.picture is not None and outcome.content.picture.tobytes(),
            ),
        )
        for path, outcome in outcomes.items()
    }


@pytest.fixture
def sabotage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Run code in every decoding process before it starts; `read` there reads a photo."""

    def run_first(code: str) -> None:
        prologue = f"""
import json, os, sys, time
from pathlib import Path
sys.path[:] = json.loads(sys.argv[1])
from clustertags.features.photo_reading import PhotoReader
once, read = Path({str(tmp_path / "once")!r}), PhotoReader.read
def sabotaged(self, root, file):
{code}
    return read(self, root, file)
PhotoReader.read = sabotaged
"""
        monkeypatch.setattr(worker_process, "_PROGRAM", prologue + worker_process._PROGRAM)

    return run_first


def test_any_number_of_processes_extracts_what_threads_extract(folder: Path) -> None:
    in_threads = as_values(extracted(folder, Workers("threads", 1)))
    assert len(in_threads) == 23
    for count in (1, 3):
        assert as_values(extracted(folder, Workers("processes", count))) == in_threads


def test_known_contents_are_not_decoded_by_processes(folder: Path) -> None:
    outcomes = extracted(folder, Workers("threads", 1))
    known = frozenset(outcome.content_hash for outcome in outcomes.values() if outcome.content)
    again = extracted(folder, Workers("processes", 1), known=known)
    assert {path for path, outcome in again.items() if outcome.content_hash and outcome.content is None} == {
        path for path, outcome in outcomes.items() if outcome.content
    }


def test_a_photo_that_kills_its_decoder_is_skipped_with_that_reason(
    folder: Path, sabotage: Callable[[str], None]
) -> None:
    expected = as_values(extracted(folder, Workers("threads", 1)))
    sabotage('    if file.path == "001-0.jpg": os.kill(os.getpid(), 11)')
    outcomes = extracted(folder, Workers("processes", 2))
    skipped = outcomes["001-0.jpg"].skipped
    assert skipped and skipped.is_photo and skipped.reason == "its decoder crashes (SIGSEGV)"
    values = as_values(outcomes)
    assert {path: values[path] for path in values if path != "001-0.jpg"} == {
        path: expected[path] for path in expected if path != "001-0.jpg"
    }


def test_a_process_killed_once_costs_nothing(folder: Path, sabotage: Callable[[str], None]) -> None:
    expected = as_values(extracted(folder, Workers("threads", 1)))
    sabotage("    if not once.exists(): once.touch(); os.kill(os.getpid(), 9)")
    assert as_values(extracted(folder, Workers("processes", 2))) == expected


def test_a_photo_that_takes_too_long_is_skipped(
    folder: Path, sabotage: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoding_pool, "_WATCH_SECONDS", 0.05)
    sabotage('    if file.path == "002-1.jpg": time.sleep(3600)')
    outcomes = extracted(folder, Workers("processes", 2), DecodeLimits(max_seconds=2))
    skipped = outcomes["002-1.jpg"].skipped
    assert skipped and skipped.reason == "decoding it takes longer than 2 s, which is the limit"
    assert sum(outcome.content is not None for outcome in outcomes.values()) == 20


def test_processes_that_cannot_start_leave_the_work_to_threads(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = as_values(extracted(folder, Workers("threads", 1)))
    for program in ("raise SystemExit(1)", "print('no such answer')"):
        monkeypatch.setattr(worker_process, "_PROGRAM", program)
        assert as_values(extracted(folder, Workers("processes", 2))) == expected
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    assert as_values(extracted(folder, Workers("processes", 2))) == expected


def test_who_takes_no_more_outcomes_leaves_no_process_and_no_file(
    folder: Path, tmp_path: Path, sabotage: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    places = tmp_path / "temporary"
    places.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(places))
    monkeypatch.setattr(shared_pixels, "_IN_MEMORY", places)
    sabotage('    if file.path != "000-0.jpg": time.sleep(3600)')
    engine = LocalEngine(Extractor(ColourHistogram(), PhotoReader(PREPROCESS, DecodeLimits())), Workers("processes", 2))
    with engine:
        pool = engine._pool
        assert pool is not None
        processes = [worker._process for worker in pool._workers]
        outcomes = engine.run(folder, [FoundFile("000-0.jpg", 0, 0), FoundFile("000-1.jpg", 0, 0)])
        next(outcomes)
        outcomes.close()
    assert all(process.poll() is not None for process in processes)
    assert not list(places.iterdir())


def test_processes_end_with_the_one_that_started_them(folder: Path) -> None:
    program = f"""
import os, time
from pathlib import Path
from clustertags.engines.decoding_pool import DecodingPool
from clustertags.features.photo_reading import PhotoReader
from clustertags.photos.discovery import FoundFile
from clustertags.photos.files import DecodeLimits
from tests.made.features import PREPROCESS
pool = DecodingPool(PhotoReader(PREPROCESS, DecodeLimits()), 2)
assert pool.read(Path({str(folder)!r}), [FoundFile("000-0.jpg", 0, 0)])
print(*[worker._process.pid for worker in pool._workers], flush=True)
time.sleep(3600)
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as started:
        assert started.stdout
        processes = [int(number) for number in started.stdout.readline().split()]
        started.kill()
    assert len(processes) == 2
    deadline = time.monotonic() + 60
    while any(map(is_running, processes)):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def is_running(process: int) -> bool:
    try:
        return " Z " not in Path(f"/proc/{process}/stat").read_text()
    except FileNotFoundError:
        return False


@pytest.mark.parametrize(
    ("cores", "n_files", "jobs", "expected"),
    [
        (2, 100_000, None, Workers("threads", 2)),
        (16, 100_000, None, Workers("processes", 16)),
        (16, 3, None, Workers("threads", 3)),
        (16, 100_000, 2, Workers("threads", 2)),
        (2, 100_000, 6, Workers("processes", 6)),
        (16, 0, None, Workers("threads", 1)),
    ],
)
def test_processes_are_for_many_photos_on_many_cores(
    cores: int, n_files: int, jobs: int | None, expected: Workers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers_module, "usable_cores", lambda: cores)
    assert choose_workers(n_files, jobs) == expected


def test_no_jobs_are_refused() -> None:
    with pytest.raises(UsageError, match="--jobs is 0: it must be at least 1"):
        choose_workers(5, 0)


def test_workers_are_named_for_people() -> None:
    assert [str(Workers("threads", 1)), str(Workers("processes", 1)), str(Workers("processes", 16))] == [
        "1 thread",
        "1 process",
        "16 processes",
    ]

"""How the program behaves when it is stopped, cut off, or asked for nothing."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.conftest import Library, Ran
from tests.made.photos import write_photos

Run = Callable[..., Ran]
PROGRAM = [sys.executable, "-m", "clustertags"]


@pytest.mark.usefixtures("heeded_interrupts", "prepared")
def test_an_interrupt_says_what_is_kept(tmp_path: Path) -> None:
    write_photos(tmp_path / "photos", 4, 60)
    artifacts = tmp_path / "artifacts"
    command = [*PROGRAM, "fit", str(tmp_path / "photos"), "--artifacts", str(artifacts)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 60
        while not (artifacts / "library.sqlite").exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said.splitlines() == ["clustertags: interrupted; what was done is kept, and the same command resumes there"]
    assert not list(artifacts.glob("**/.staging-*"))


@pytest.mark.usefixtures("heeded_interrupts")
def test_an_interrupt_that_breaks_an_import_is_still_an_interrupt(tmp_path: Path) -> None:
    (tmp_path / "modules" / "openvino").mkdir(parents=True)
    (tmp_path / "modules" / "openvino" / "__init__.py").write_text(
        "import os, signal, time\n"
        "try:\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n"
        "    time.sleep(10)\n"
        "except KeyboardInterrupt as interrupt:\n"
        "    raise ImportError('initialization failed') from interrupt\n"
    )
    write_photos(tmp_path / "photos", 2, 4)
    command = [*PROGRAM, "fit", str(tmp_path / "photos"), "--artifacts", str(tmp_path / "artifacts")]
    path = os.pathsep.join([str(tmp_path / "modules"), *sys.path])
    ran = subprocess.run(command, env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=False)
    assert ran.returncode == 130
    assert ran.stderr.splitlines()[-1].startswith("clustertags: interrupted;")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_results_that_cannot_be_written_are_one_clear_line(fitted: Library) -> None:
    for command in (["info"], ["tag", str(fitted.photos), "--format", "csv"]):
        with Path("/dev/full").open("w") as full:
            ran = subprocess.run(
                [*PROGRAM, *command, "--artifacts", str(fitted.artifacts)],
                stdout=full, stderr=subprocess.PIPE, text=True, check=False,
            )  # fmt: skip
        assert ran.returncode == 1
        assert len(ran.stderr.splitlines()) == 1
        assert "cannot be written" in ran.stderr


def test_a_reader_that_has_seen_enough_is_no_error_to_look_at(fitted: Library) -> None:
    command = [*PROGRAM, "tag", str(fitted.photos), "--artifacts", str(fitted.artifacts), "--format", "jsonl"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == b""


def test_a_gallery_of_photos_that_are_gone_says_so(run: Run, tmp_path: Path) -> None:
    write_photos(tmp_path / "photos", 2, 6)
    artifacts = tmp_path / "artifacts"
    assert run("fit", tmp_path / "photos", "--artifacts", artifacts).status == 0
    (tmp_path / "photos").rename(tmp_path / "elsewhere")
    ran = run("gallery", "--artifacts", artifacts)
    assert ran.status == 3
    assert "12 photos could not be read" in ran.err


def test_a_folder_without_photos_is_said(run: Run, fitted: Library, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    ran = run("tag", tmp_path / "empty", "--artifacts", fitted.artifacts, "--format", "json")
    assert (ran.status, ran.out.strip()) == (0, "[]")
    assert "no photos in" in ran.err


def test_permissions_follow_the_umask(run: Run, tmp_path: Path) -> None:
    write_photos(tmp_path / "photos", 2, 6)
    artifacts = tmp_path / "artifacts"
    before = os.umask(0o022)
    try:
        assert run("fit", tmp_path / "photos", "--artifacts", artifacts).status == 0
    finally:
        os.umask(before)
    model = artifacts / "models" / "0001"
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in [model, *model.iterdir()]}
    assert modes.pop("0001") == 0o755
    written_now = {name: mode for name, mode in modes.items() if not name.startswith(("backbone", "classifier"))}
    assert set(written_now.values()) == {0o644}, written_now


@pytest.mark.parametrize("place", ["before", "after"])
def test_quiet_and_verbose_may_stand_before_or_after_the_command(
    run: Run, artifacts: Path, tmp_path: Path, place: str
) -> None:
    write_photos(tmp_path / "photos", 2, 6)
    command = ["fit", tmp_path / "photos", "--artifacts", artifacts]

    def said(option: str) -> str:
        ran = run(option, *command) if place == "before" else run(*command, option)
        assert ran.status == 0
        return ran.err

    assert said("--quiet") == ""
    assert "seconds: " in said("-v")
    assert "seconds: " not in run(*command).err


@pytest.mark.parametrize(
    ("command", "name"),
    [
        (("evaluate", "--report"), "page.html"),
        (("suggest", "--output"), "next.csv"),
        (("export", "--output"), "tags.jsonl"),
    ],
)
def test_what_is_written_goes_through_a_link_and_into_a_pipe(
    run: Run, fitted: Library, tmp_path: Path, command: tuple[str, ...], name: str
) -> None:
    pipe = tmp_path / f"pipe-{name}"
    os.mkfifo(pipe)
    with ThreadPoolExecutor(1) as reader:
        read = reader.submit(pipe.read_bytes)
        ran = run(*command, pipe, "--artifacts", fitted.artifacts)
        assert ran.status == 0, ran.err
        assert stat.S_ISFIFO(pipe.lstat().st_mode)
        assert read.result(timeout=10)
    if "suggest" not in command:  # which never replaces a list that may hold answers
        (tmp_path / f"link-{name}").symlink_to(tmp_path / name)
        (tmp_path / name).write_text("old")
        assert run(*command, tmp_path / f"link-{name}", "--artifacts", fitted.artifacts).status == 0
        assert (tmp_path / f"link-{name}").is_symlink()
        assert (tmp_path / name).read_text() != "old"


def test_a_missing_dev_shm_is_no_warning(tmp_path: Path) -> None:
    script = (
        "import _multiprocessing, sys\n"
        "def semaphore(*_, **__): raise OSError(38, 'Function not implemented')\n"
        "_multiprocessing.SemLock = semaphore\n"
        "sys.argv = ['clustertags', 'info', '--artifacts', sys.argv[1]]\n"
        "from clustertags.cli.main import main\n"
        "try:\n    main()\nfinally:\n    import joblib\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "none")], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 1
    assert len(ran.stderr.splitlines()) == 1
    assert "holds no fitted model" in ran.stderr

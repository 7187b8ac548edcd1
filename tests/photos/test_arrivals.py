"""When a file that arrives is whole."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from clustertags.photos.arrivals import LONGEST_WAIT_SECONDS, Arrivals


@dataclass
class Time:
    """A clock that stands until it is set on."""

    seconds: float = 1_000_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def arrivals(time: Time) -> Arrivals:
    return Arrivals(3, clock=time, now=time)


def write(path: Path, time: Time, data: bytes = b"x", age: float = 0) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)
    os.utime(path, (time() - age, time() - age))
    return path


def names(paths: tuple[Path, ...]) -> list[str]:
    return [path.name for path in paths]


def test_a_file_that_is_written_is_whole_once_it_rests(arrivals: Arrivals, time: Time, tmp_path: Path) -> None:
    path = write(tmp_path / "a.jpg", time)
    arrivals.note(path)
    assert arrivals.whole() == ()
    time.seconds += 2
    write(path, time, b"xy")
    arrivals.note(path)
    assert arrivals.whole() == ()
    time.seconds += 2.9
    assert arrivals.whole() == (), "it grew since"
    time.seconds += 0.1
    assert arrivals.whole() == (path,)
    assert arrivals.whole() == (path,), "until it is taken"
    arrivals.take([path])
    assert arrivals.whole() == ()


def test_a_file_that_is_moved_into_place_is_whole_at_once(arrivals: Arrivals, time: Time, tmp_path: Path) -> None:
    path = write(tmp_path / "a.jpg", time, age=60)
    arrivals.note(path)
    assert arrivals.whole() == (path,)


def test_a_file_whose_time_is_set_while_it_grows_is_not_whole(arrivals: Arrivals, time: Time, tmp_path: Path) -> None:
    path = write(tmp_path / "a.jpg", time, b"")
    arrivals.note(path)
    time.seconds += 100
    assert arrivals.whole() == (), "it is empty"
    write(path, time, b"x")
    write(tmp_path / "a.jpg.part", time)
    time.seconds += 100
    assert arrivals.whole() == (), "a browser still writes beside it"
    (tmp_path / "a.jpg.part").unlink()
    assert arrivals.whole() == (path,)


@pytest.mark.parametrize(
    "name",
    [
        ".a.jpg.Xy12Zq",  # rsync
        ".syncthing.a.jpg.tmp",
        "~syncthing~a.jpg.tmp",
        "a.jpg.part",
        "a.jpg.crdownload",
        ".hidden.jpg",
        "notes.txt",
        "a.jpg.xmp",
    ],
)
def test_unfinished_hidden_and_other_files_are_ignored(
    arrivals: Arrivals, time: Time, tmp_path: Path, name: str
) -> None:
    arrivals.note(write(tmp_path / name, time, age=60))
    assert arrivals.whole() == ()


def test_a_folder_brings_all_its_files(arrivals: Arrivals, time: Time, tmp_path: Path) -> None:
    for name in ("a.jpg", "b.MOV", "c.nef"):
        write(tmp_path / "trip" / name, time, age=60)
    write(tmp_path / "trip" / ".thumbnails" / "t.jpg", time, age=60)
    arrivals.note(tmp_path / "trip")
    assert names(arrivals.whole()) == ["a.jpg", "b.MOV", "c.nef"]


def test_whole_files_wait_for_others_but_not_for_ever(arrivals: Arrivals, time: Time, tmp_path: Path) -> None:
    first = write(tmp_path / "a.jpg", time, age=60)
    arrivals.note(first)
    growing = tmp_path / "b.jpg"
    for step in range(int(LONGEST_WAIT_SECONDS)):
        write(growing, time, b"x" * (step + 1))
        arrivals.note(growing)
        assert arrivals.whole() == ()
        time.seconds += 1
    write(growing, time, b"x" * 100)
    assert arrivals.whole() == (first,)
    arrivals.take([first])
    growing.unlink()
    assert arrivals.whole() == ()
